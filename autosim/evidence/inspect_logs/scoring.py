"""Scores of Inspect's scorers as success or failure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autosim.errors import InputError, one_of, shown

WORDS = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
"""What scorers say in words, as Inspect's own ``value_to_float`` reads it: correct, incorrect, partial, no answer."""


@dataclass(frozen=True)
class Rule:
    """How a sample's scores become success or failure.

    ``scorers`` name the score, each with the part of it for scores that are mappings, or "": the first that a sample
    has counts; without any it is the only one there is. From ``threshold`` on it is a success; None means that there
    are but 0 and 1.
    """

    scorers: tuple[tuple[str, str], ...] = ()
    threshold: float | None = None

    def score(self, scores: Mapping[str, Any], place: str) -> float | None:
        """A sample's score, None if it has none; NaN if the scorer said so.

        Raises
        ------
        InputError
            If there are several and nobody has chosen, or it is no number and no word that Inspect knows.
        """
        if not scores:
            return None
        if not self.scorers and len(scores) > 1:
            raise InputError(place, "scores", f"{len(scores)}: {', '.join(scores)}", "one, chosen by --scorer NAME")
        wanted = self.scorers or ((next(iter(scores)), ""),)
        chosen = next(((name, part) for name, part in wanted if name in scores), None)
        if chosen is None:
            return None
        name, part = chosen
        entry = scores[name]
        return _number(entry.get("value") if isinstance(entry, Mapping) else entry, name, part, place)

    def success(self, score: float, place: str) -> bool:
        """Whether a score is a success.

        Raises
        ------
        InputError
            If it lies between failure and success and there is no threshold.
        """
        if self.threshold is None and score not in (0.0, 1.0):
            raise InputError(place, "scores", f"a score of {score:g}", "0 or 1, or --threshold NUMBER")
        return score >= (1.0 if self.threshold is None else self.threshold)


def _number(value: Any, name: str, part: str, place: str) -> float | None:
    """A score's value, or that of its part, as a number."""
    if isinstance(value, Mapping):
        if not part and len(value) != 1:
            got = f"a score of {len(value)} parts: {', '.join(map(str, value))}"
            raise InputError(place, f"scores.{name}", got, f"one, chosen by --scorer {name}.PART")
        part = part or str(next(iter(value)))
        if part not in value:
            raise InputError(place, f"scores.{name}", f"no part {shown(part)}", one_of(part, map(str, value), "a part"))
        name, value = f"{name}.{part}", value[part]
    if value is None:
        return None
    found = _plain(value)
    if found is None:
        raise InputError(place, f"scores.{name}", shown(value), "a number, or a word such as C, I, P or N")
    return found


def rule(scorers: Sequence[str], threshold: str | None) -> Rule:
    """Read ``--scorer NAME`` or ``NAME.PART``, and ``--threshold``.

    Raises
    ------
    InputError
        If the threshold is no number.
    """
    named = tuple((name, part) for name, _, part in (said.partition(".") for said in scorers))
    if threshold is None:
        return Rule(named)
    try:
        least = float(threshold)
    except ValueError:
        least = math.nan
    if not math.isfinite(least):
        raise InputError("--threshold", "", shown(threshold), "a number")
    return Rule(named, least)


def _plain(value: Any) -> float | None:
    match value:
        case bool():
            return float(value)
        case int() | float():
            return float(value)
        case str() if value in WORDS or value.lower() in WORDS:
            return WORDS.get(value, WORDS.get(value.lower()))
        case str():
            try:
                return float(value)
            except ValueError:
                return None
        case _:
            return None


def intermediate(sample: Mapping[str, Any]) -> Iterator[Any]:
    """Values of a sample's intermediate scores, stage by stage, from what happened in it.

    Inspect records them without a scorer's name, in the order in which the solver asked for them.
    """
    for event in sample.get("events") or ():
        if isinstance(event, Mapping) and event.get("event") == "score" and event.get("intermediate"):
            yield event.get("score")
