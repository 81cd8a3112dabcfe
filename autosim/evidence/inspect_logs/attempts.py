"""Attempts: samples of logs, each once, as successes and failures."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from autosim.errors import InputError
from autosim.evidence.inspect_logs.logs import Head, Record, read_samples
from autosim.evidence.inspect_logs.scoring import Rule, intermediate

FAILURE, DROP = "failure", "drop"
"""What becomes of samples that ended in an error."""

_ERROR, _SCORED, _UNSCORED, _UNFINISHED = "error", "scored", "unscored", "unfinished"


@dataclass(frozen=True)
class Choice:
    """What the user has chosen: how scores are read, what becomes of errors (None: refuse), whether stages are kept."""

    rule: Rule
    errors: str | None
    stages: bool


@dataclass
class Tally:
    """What is known of one instance for one model: how often it was tried, and how often it succeeded."""

    successes: int = 0
    attempts: int = 0
    last: str = ""


@dataclass
class Found:
    """Everything that logs come to.

    ``tallies`` are by model, task and instance; ``metadata`` what the samples of an instance say of it, by task and
    instance; ``dropped`` counts what was left out, by reason.
    """

    tallies: dict[tuple[str, str, str], Tally] = field(default_factory=dict)
    metadata: dict[tuple[str, str], Record] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    samples: int = 0


@dataclass(frozen=True)
class _Sample:
    """A sample of one log; ``uuid`` is empty in logs of before 2025-02, ``stages`` are numbers and scores."""

    head: Head
    key: tuple[str, int]
    uuid: str
    state: str
    score: float
    metadata: Record
    stages: tuple[tuple[int, float], ...]


def attempts(heads: Sequence[Head], choice: Choice) -> Found:
    """Count attempts.

    Logs of one ``task_id`` and model are one run: copies, and retries of what had failed. Of a sample that comes
    several times, a scored one counts before one that ended in an error, which counts before an unfinished one.

    Raises
    ------
    InputError
        If a log is damaged, scores cannot be read, two logs claim one sample with different scores, epochs say
        different things of an instance, or samples ended in errors and nobody has said what that means.
    """
    found = Found()
    ordered = sorted(heads, key=lambda head: (head.task_id, head.model, head.created, head.place))
    for _, logs in groupby(ordered, key=lambda head: (head.task_id, head.model)):
        for sample in _each_once(logs, choice, found).values():
            _count(sample, choice, found)
    return found


def _each_once(logs: Iterable[Head], choice: Choice, found: Found) -> dict[tuple[str, int], _Sample]:
    """Samples of one run by id and epoch."""
    kept: dict[tuple[str, int], _Sample] = {}
    for head in logs:
        if not head.finished:
            found.notes["logs of runs that did not finish, whose finished samples count"] += 1
        for record in read_samples(head.path, events=choice.stages):
            found.samples += 1
            sample = _sample(head, record, choice)
            if sample.key[1] > head.epochs:
                found.notes["samples of an epoch beyond those that their log announces"] += 1
            known = kept.get(sample.key)
            if known is None:
                kept[sample.key] = sample
                continue
            found.dropped["samples that other logs of the same run have, too"] += 1
            kept[sample.key] = _better(known, sample)
    return kept


def _sample(head: Head, record: Record, choice: Choice) -> _Sample:
    place = f"{head.place}, {record['id']} epoch {record['epoch']}"
    scores = record.get("scores")
    score = choice.rule.score(scores if isinstance(scores, Mapping) else {}, place)
    if record.get("error") or (score is not None and math.isnan(score)):
        state = _ERROR
    elif score is not None:
        state = _SCORED
    else:
        state = _UNFINISHED if record.get("completed") is False else _UNSCORED
    metadata = record.get("metadata")
    stages = tuple(_stages(record, choice, place)) if choice.stages and state == _SCORED else ()
    return _Sample(
        head,
        (str(record["id"]), record["epoch"]),
        str(record.get("uuid") or ""),
        state,
        math.nan if score is None else score,
        metadata if isinstance(metadata, Mapping) else {},
        stages,
    )


def _stages(record: Record, choice: Choice, place: str) -> Iterator[tuple[int, float]]:
    """Intermediate scores by their number; they have no scorer's name, so that any part named is looked for in them."""
    for number, entry in enumerate(intermediate(record), 1):
        stage = f"stage {number}"
        parts = [part for _, part in choice.rule.scorers if part and isinstance(entry, Mapping) and _has(entry, part)]
        score = Rule(((stage, parts[0] if parts else ""),)).score({stage: entry}, place)
        if score is not None and not math.isnan(score):
            yield number, score


def _has(entry: Record, part: str) -> bool:
    value = entry.get("value")
    return isinstance(value, Mapping) and part in value


def _better(known: _Sample, other: _Sample) -> _Sample:
    """Which of two records of a sample counts."""
    if known.state == other.state == _SCORED and known.score != other.score:
        same = "the same sample, scored anew" if known.uuid and known.uuid == other.uuid else "two samples"
        got = f"{other.score:g}, and {known.score:g} in {known.head.place}: {same}"
        expected = "one log of a run; leave one out"
        raise InputError(other.head.place, f"{other.key[0]} epoch {other.key[1]}", got, expected)
    rank = (_SCORED, _ERROR, _UNSCORED, _UNFINISHED)
    return min(known, other, key=lambda sample: rank.index(sample.state))


def _count(sample: _Sample, choice: Choice, found: Found) -> None:
    """Add a sample to the tallies, or to what was dropped."""
    head, (name, epoch) = sample.head, sample.key
    place = f"{head.place}, {name} epoch {epoch}"
    if sample.state in (_UNSCORED, _UNFINISHED):
        chosen = " by " + " or ".join(name for name, _ in choice.rule.scorers) if choice.rule.scorers else ""
        found.dropped["not finished" if sample.state == _UNFINISHED else f"not scored{chosen}"] += 1
        return
    if sample.state == _ERROR:
        if choice.errors is None:
            expected = "--errors failure or --errors drop, which says what becomes of such samples"
            raise InputError(place, "", "a sample that ended in an error, or a score that is no number", expected)
        if choice.errors == DROP:
            found.dropped["ended in an error"] += 1
            return
        found.notes["samples that ended in an error, counted as failures"] += 1
    success = sample.state == _SCORED and choice.rule.success(sample.score, place)
    _tally(found, head, name, success)
    _same(found, head, name, sample.metadata, place)
    for number, score in sample.stages:
        _tally(found, head, f"{name}/stage {number}", choice.rule.success(score, place))
        _same(found, head, f"{name}/stage {number}", _of_stage(sample.metadata, number), place)


def _tally(found: Found, head: Head, name: str, success: bool) -> None:
    tally = found.tallies.setdefault((head.model, head.task, name), Tally())
    tally.attempts += 1
    tally.successes += success
    tally.last = max(tally.last, head.created[:10])


def _of_stage(metadata: Record, number: int) -> Record:
    """What metadata say of a stage: ``stages``, a list with a mapping for each."""
    stages = metadata.get("stages")
    told = stages[number - 1] if isinstance(stages, list) and len(stages) >= number else {}
    return told if isinstance(told, Mapping) else {}


def _same(found: Found, head: Head, name: str, metadata: Record, place: str) -> None:
    """Keep what matters of an instance's metadata; every epoch and model must say the same."""
    told: dict[str, Any] = {
        key: value
        for key, value in metadata.items()
        if key in ("human_minutes", "suite", "severity") or str(key).startswith("severity.")
    }
    known = found.metadata.setdefault((head.task, name), told)
    if known != told:
        key = next(key for key in {**known, **told} if known.get(key) != told.get(key))
        got = f"{told.get(key)!r}, and {known.get(key)!r} in another epoch or log"
        raise InputError(place, f"metadata.{key}", got, "the same of every epoch of a sample")
