"""What was known at a cut-off, what came after, and which of the known tables were made later."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from autosim.evidence.tables import Evidence

MEASURED = ("outcomes", "horizons")
"""Tables about models: a row is known once its model is out, since evaluating it takes days to weeks."""

FORECAST = (*MEASURED, "trials")
"""Tables that can be forecast."""


@dataclass(frozen=True)
class Leak:
    """Rows that count as known although their table came out after the cut-off.

    The outcomes they report could have been known; what was settled later could not: human minutes, and which tasks
    belong to the suite.
    """

    table: str
    source: str
    published: date
    rows: int


@dataclass(frozen=True)
class Split:
    """Evidence on both sides of a cut-off. ``known`` may be used in forecasts, ``later`` is what they are scored by."""

    cut_off: date
    known: Evidence
    later: Evidence
    leaks: tuple[Leak, ...]


def split(evidence: Evidence, cut_off: date, *, strict: bool = False) -> Split:
    """Split evidence at a cut-off.

    Rows of outcomes and horizons are known if their model was released on or before the cut-off; all other rows if they
    were published on or before it. Trials, outcomes and horizons that are not known then are what came later.

    Parameters
    ----------
    evidence
        Checked.
    cut_off
        Last day whose evidence may be used.
    strict
        Let outcomes and horizons count as known only if they were published by then, too. Those of earlier models that
        were not are then neither known nor to be forecast.
    """
    last = pd.Timestamp(cut_off)
    known: dict[str, pd.DataFrame] = {}
    later: dict[str, pd.DataFrame] = {}
    leaks: list[Leak] = []
    for name, table in evidence.tables().items():
        before = table["release_date" if name in MEASURED else "published"] <= last
        public = table["published"] <= last
        own = before & public if strict else before
        known[name] = table[own].reset_index(drop=True)
        after = table[~before] if name in FORECAST else table[:0]
        later[name] = after.reset_index(drop=True)
        leaks += _leaks(name, table[own & ~public])
    return Split(cut_off, Evidence(**known), Evidence(**later), tuple(leaks))


def _leaks(name: str, rows: pd.DataFrame) -> list[Leak]:
    return [
        Leak(name, str(source), pd.Timestamp(str(day)).date(), len(part))
        for (source, day), part in rows.groupby(["source", "published"], sort=True)
    ]
