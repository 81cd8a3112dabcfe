"""Made-up evidence on both sides of a cut-off, and scored targets."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

import autosim
from autosim.backtesting.split import Split, split
from autosim.evidence.tables import make_evidence
from autosim.inputs.scenario import Taxonomy

type Row = dict[str, Any]

CUT_OFF = date(2024, 7, 1)
SUITE = "metr_hcast"
_Z = 1.959963984540054


@cache
def taxonomy() -> Taxonomy:
    return autosim.load("baseline").taxonomy


def _of_model(model: str, day: str, suite: str) -> Row:
    row: Row = {"model": model, "release_date": day, "frontier": True, "suite": suite}
    return {**row, "source": "made up", "published": day}


def horizon(model: str, day: str, p50: float, sd: float = 0.5, p80: float | None = None, suite: str = SUITE) -> Row:
    """A published horizon [min] whose error is so many doublings."""
    row = _of_model(model, day, suite)
    for level, value in (("p50", p50), ("p80", p80)):
        if value is not None:
            row[f"{level}_horizon_min"] = value
            row[f"{level}_lower"], row[f"{level}_upper"] = value * 2.0 ** (-_Z * sd), value * 2.0 ** (_Z * sd)
    return row


def outcome(model: str, day: str, instance: str, successes: int, attempts: int) -> Row:
    """Attempts of a model at one task of half an hour."""
    counted: Row = {"instance": instance, "human_minutes": 30.0, "successes": successes, "attempts": attempts}
    return {**_of_model(model, day, SUITE), **counted}


def trial(name: str, day: str, ratio: float, error: float) -> Row:
    """A trial published on its day, with time in debugging alone."""
    row = {"trial": name, "population": "engineers", "date": day, "time_ratio": ratio, "standard_error": error}
    return {**row, "share.debugging": 1.0, "source": "made up", "published": day}


def both_sides(
    horizons: Sequence[Row] = (), outcomes: Sequence[Row] = (), trials: Sequence[Row] = (), cut_off: date = CUT_OFF
) -> Split:
    """Split made-up evidence."""
    given: Mapping[str, Sequence[Row]] = {"horizons": horizons, "outcomes": outcomes, "trials": trials}
    tables = {name: pd.DataFrame(rows) for name, rows in given.items() if rows}
    return split(make_evidence(tables, "made up", taxonomy()), cut_off)


def scored(kind: str, *rows: tuple[str, float], suite: str = SUITE) -> pd.DataFrame:
    """Scored targets of one kind, each its cluster and its score by either measure."""
    return pd.DataFrame(
        {
            "kind": kind,
            "suite": suite,
            "cluster": [cluster for cluster, _ in rows],
            "item": [f"item {place}" for place in range(len(rows))],
            "crps": [score for _, score in rows],
            "log_score": [score for _, score in rows],
        }
    )
