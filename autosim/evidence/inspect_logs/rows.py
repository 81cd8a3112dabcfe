"""Tallies of attempts as rows of evidence: models, suites, human minutes and severities."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from autosim.errors import InputError, one_of, shown
from autosim.evidence.inspect_logs.attempts import Found, Tally
from autosim.evidence.inspect_logs.logs import Head, Record
from autosim.evidence.reading import read_text_table
from autosim.inputs.document import read_document
from autosim.inputs.scenario import Taxonomy
from autosim.inputs.schema import Day, check
from autosim.inputs.shipped import shipped_folder

_MINUTES, _SUITE, _SEVERITY, _PREFIX = "human_minutes", "suite", "severity", "severity."


class ModelEntry(BaseModel):
    """One of ``models:``; ``name`` is how other tables of evidence spell it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    name: str | None = None
    release_date: Day
    frontier: bool


class Settings(BaseModel):
    """The file of ``--settings``."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    models: dict[str, ModelEntry] = {}
    suites: dict[str, str] = {}


@dataclass(frozen=True)
class Known:
    """What is said beside the logs.

    ``release`` and ``frontier`` hold for models that ``settings`` does not know; ``suite`` for tasks of which nobody
    says it; ``samples`` are what the side table says, by task (or "" for any) and sample.
    """

    settings: Settings
    release: date | None
    frontier: bool
    suite: str | None
    samples: Mapping[tuple[str, str], Record]


def read_settings(said: str | None) -> Settings:
    """Read ``--settings``, or what comes with autosim.

    Raises
    ------
    InputError
        If the file cannot be used.
    """
    path = Path(said) if said else shipped_folder("priors") / "import" / "inspect.yaml"
    place = said or "inspect.yaml"
    return check(Settings, read_document(path, place)[0], place)


def read_side_table(said: str | None, taxonomy: Taxonomy) -> dict[tuple[str, str], Record]:
    """Read ``--samples``: what it says by task and sample.

    Raises
    ------
    InputError
        If a column is unknown, or a sample comes twice.
    """
    if said is None:
        return {}
    table = read_text_table(Path(said), said)
    known = ["task", "sample", _MINUTES, _SUITE, *(f"{_PREFIX}{name}" for name in taxonomy.bottlenecks)]
    for name in table.columns:
        if name not in known:
            raise InputError(said, str(name), "an unknown column", one_of(str(name), known, "a column"))
    if "sample" not in table.columns:
        raise InputError(said, "sample", "no such column", "the ids of samples")
    found: dict[tuple[str, str], Record] = {}
    for number, row in enumerate(table.to_dict("records"), 1):
        key = str(row.get("task", "")), str(row["sample"])
        if key in found:
            raise InputError(said, f"row {number}", f"the sample {key[1]} twice", "each once, or once per task")
        told = {str(name): value for name, value in row.items() if name not in ("task", "sample") and value != ""}
        found[key] = {
            name: value if name == _SUITE else _number(value, said, number, name) for name, value in told.items()
        }
    return found


def _number(value: str, place: str, row: int, name: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise InputError(place, f"row {row}, {name}", shown(value), "a number") from None


def outcomes(
    found: Found, known: Known, heads: Sequence[Head], source: str | None, published: date | None
) -> pd.DataFrame:
    """Rows of ``outcomes``, oldest model first; instances are named ``task/sample``.

    Raises
    ------
    InputError
        If a model's release date or an instance's human minutes are unknown.
    """
    rows, lacking = [], []
    for (name, task, instance), (entry, tally) in _by_name(found, known, heads).items():
        told = {
            **_flat(found.metadata[task, instance]),
            **known.samples.get(("", instance), {}),
            **known.samples.get((task, instance), {}),
        }
        if _MINUTES not in told:
            lacking.append(f"{instance} of {task}")
            continue
        rows.append({
            "model": name,
            "release_date": entry.release_date,
            "frontier": entry.frontier,
            "suite": told.get(_SUITE) or known.settings.suites.get(task) or known.suite or task,
            "instance": f"{task}/{instance}",
            _MINUTES: told[_MINUTES],
            "successes": tally.successes,
            "attempts": tally.attempts,
            **{key: value for key, value in told.items() if key.startswith(_PREFIX)},
            "source": source or f"Inspect, {task}",
            "published": published or tally.last,
        })  # fmt: skip
    if lacking:
        got = f"no human_minutes of {len(lacking):,} samples, such as {lacking[0]}"
        expected = "human_minutes in each sample's metadata, or in a column of --samples FILE"
        raise InputError("human_minutes", "", got, expected)
    return pd.DataFrame(rows).sort_values(["release_date", "model", "suite", "instance"]).reset_index(drop=True)


def _by_name(found: Found, known: Known, heads: Sequence[Head]) -> dict[tuple[str, str, str], tuple[ModelEntry, Tally]]:
    """Tallies by the name that evidence gives a model, which logs may call by several."""
    merged: dict[tuple[str, str, str], tuple[ModelEntry, Tally]] = {}
    for (model, task, instance), tally in found.tallies.items():
        entry = _model(model, known, heads)
        whole = merged.setdefault((entry.name or model, task, instance), (entry, Tally()))[1]
        whole.successes += tally.successes
        whole.attempts += tally.attempts
        whole.last = max(whole.last, tally.last)
    return merged


def _model(model: str, known: Known, heads: Sequence[Head]) -> ModelEntry:
    """What is known of a model, by the name that logs give it."""
    if model in known.settings.models:
        return known.settings.models[model]
    if known.release is None:
        place = next(head.place for head in heads if head.model == model)
        expected = one_of(model, known.settings.models, "a model of --settings FILE, or --release-date DATE")
        raise InputError(place, "eval.model", shown(model), expected)
    return ModelEntry(release_date=known.release, frontier=known.frontier)


def _flat(metadata: Record) -> dict[str, Any]:
    """Severities as columns, however metadata nest them."""
    told = {key: value for key, value in metadata.items() if key != _SEVERITY}
    nested = metadata.get(_SEVERITY)
    return told | ({f"{_PREFIX}{key}": value for key, value in nested.items()} if isinstance(nested, Mapping) else {})


def notes(found: Found, known: Known, heads: Sequence[Head]) -> Iterator[str]:
    """What the owner of the logs should know."""
    tried = sum(tally.attempts for tally in found.tallies.values())
    models, tasks = ({key[i] for key in found.tallies} for i in (0, 1))
    yield f"kept {tried:,} attempts; models: {len(models):,}, tasks: {len(tasks):,}, instances: {len(found.metadata):,}"
    for what, count in found.notes.items():
        yield f"{what}: {count:,}"
    settings: defaultdict[str, set[str]] = defaultdict(set)
    for head in heads:
        settings[head.task].add(head.settings)
    for task, several in settings.items():
        if len(several) > 1:
            yield f"{task} was run with {len(several)} sets of arguments or versions, which count as one task"
    guessed = sorted(model for model in models if model not in known.settings.models)
    if guessed:
        where = "at the frontier" if known.frontier else "not at the frontier"
        yield f"taken as released on {known.release} and {where}: {', '.join(guessed)}"
