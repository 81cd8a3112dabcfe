"""What a forecast is scored by: everything that came after a cut-off, one row each."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autosim.backtesting.split import Split
from autosim.errors import InputError
from autosim.evidence.intervals import WIDTH_95

type Floats = NDArray[np.float64]

KINDS = ("outcome", "p50", "p80", "trial", "milestone")
"""Kinds of targets, in the order in which tables show them."""

LADDER_MIN = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 960.0)
"""Horizons whose first reaching is a milestone, up to the 16 h beyond which METR's suite does not measure."""

MONTHS_APART = 3
"""Calendar months between the days at which a milestone is asked for."""

LEAST_TARGETS, LEAST_CLUSTERS = 5, 2
"""Fewer targets, or fewer models and trials, tell nothing. Milestones do not count: they follow from the horizons."""

_TYPES = {
    "kind": "str",
    "cluster": "str",
    "suite": "str",
    "item": "str",
    "date": "datetime64[us]",
    "observed": "float64",
    "sd": "float64",
    "attempts": "int64",
    "threshold": "float64",
    "place": "int64",
}
_NOTHING: dict[str, str | float] = {"suite": "", "sd": np.nan, "attempts": 0, "threshold": np.nan, "place": -1}


def targets_of(both: Split, data: str = "evidence") -> pd.DataFrame:
    """Everything that came after a cut-off and can be forecast, one row each.

    Parameters
    ----------
    both
        The later side counts.
    data
        Name of the evidence in a refusal.

    Returns
    -------
    The columns ``kind``; ``cluster`` (the model, the trial, or a milestone's horizon such as "60 min"), whose targets
    are not independent; ``suite`` ("" for trials); ``item`` (the instance, model, trial or milestone); ``date``
    (release, middle of the trial, or the milestone's day); ``observed`` (successes; horizon [log2 min]; natural
    logarithm of the time ratio; whether the milestone was reached, 0 or 1); ``sd`` of measurement, in the same unit
    (NaN where there is none); ``attempts`` (0 where none are counted); ``threshold`` of a milestone [log2 min], else
    NaN; and ``place``, the row in its table of ``later`` (-1 for milestones). A horizon without a p80, or without that
    one's interval, has no target of that kind.

    Raises
    ------
    InputError
        If there are fewer than `LEAST_TARGETS` targets or `LEAST_CLUSTERS` clusters, milestones not counted.
    """
    later = both.later
    horizons = (_horizons(later.horizons, level) for level in ("p50", "p80"))
    measured = [part for part in (_outcomes(later.outcomes), *horizons, _trials(later.trials)) if len(part)]
    count = sum(len(part) for part in measured)
    clusters = len({name for part in measured for name in part["cluster"]})
    if count < LEAST_TARGETS or clusters < LEAST_CLUSTERS:
        got = f"{count} later outcomes, horizons and trials, of {clusters} models and trials"
        raise InputError(
            data, f"cut-off {both.cut_off}", got, f"at least {LEAST_TARGETS}, of at least {LEAST_CLUSTERS}"
        )
    milestones = [part for part in _milestones(both) if len(part)]
    return pd.concat([*measured, *milestones], ignore_index=True)


def _table(kind: str, **columns: object) -> pd.DataFrame:
    """Targets of one kind; columns that are not given hold what stands for nothing."""
    table = pd.DataFrame(columns).assign(kind=kind)
    for name in _NOTHING.keys() - columns.keys():
        table[name] = _NOTHING[name]
    return table[[*_TYPES]].astype(_TYPES)


def _outcomes(table: pd.DataFrame) -> pd.DataFrame:
    return _table(
        "outcome",
        cluster=table["model"],
        suite=table["suite"],
        item=table["instance"],
        date=table["release_date"],
        observed=table["successes"],
        attempts=table["attempts"],
        place=np.arange(len(table)),
    )


def _horizons(table: pd.DataFrame, level: str) -> pd.DataFrame:
    point, low, high = (
        np.log2(table[f"{level}_{end}"].to_numpy(dtype=np.float64)) for end in ("horizon_min", "lower", "upper")
    )
    rows = _table(
        level,
        cluster=table["model"],
        suite=table["suite"],
        item=table["model"],
        date=table["release_date"],
        observed=point,
        sd=(high - low) / WIDTH_95,
        place=np.arange(len(table)),
    )
    return rows.dropna(subset=["observed", "sd"])


def _trials(table: pd.DataFrame) -> pd.DataFrame:
    return _table(
        "trial",
        cluster=table["trial"],
        item=table["trial"],
        date=table["date"],
        observed=np.log(table["time_ratio"].to_numpy(dtype=np.float64)),
        sd=table["standard_error"],
        place=np.arange(len(table)),
    )


def _milestones(both: Split) -> list[pd.DataFrame]:
    """By suite: some model released after the cut-off and by a day has a published p50 of at least so much.

    Asked for every horizon of the ladder above the best known, and every so many months. Days before the first later
    release are left out: nothing could have happened.
    """
    known = both.known.horizons
    parts = []
    for suite, table in both.later.horizons.groupby("suite", sort=True):
        best = known.loc[known["suite"] == suite, "p50_horizon_min"].max()
        above = [horizon for horizon in LADDER_MIN if not horizon <= best]
        released = table["release_date"]
        days = _days(pd.Timestamp(both.cut_off), released.min(), released.max())
        parts.append(_reached(str(suite), table, [(horizon, day) for horizon in above for day in days]))
    return parts


def _reached(suite: str, table: pd.DataFrame, asked: Sequence[tuple[float, pd.Timestamp]]) -> pd.DataFrame:
    """Milestones of one suite, each a horizon [min] and a day."""
    best = [table.loc[table["release_date"] <= day, "p50_horizon_min"].max() for _, day in asked]
    return _table(
        "milestone",
        cluster=[f"{horizon:g} min" for horizon, _ in asked],
        suite=[suite] * len(asked),
        item=[f"{horizon:g} min by {day.date()}" for horizon, day in asked],
        date=[day for _, day in asked],
        observed=[float(reached >= horizon) for reached, (horizon, _) in zip(best, asked, strict=True)],
        threshold=np.log2([horizon for horizon, _ in asked]),
    )


def _days(cut_off: pd.Timestamp, first: pd.Timestamp, last: pd.Timestamp) -> list[pd.Timestamp]:
    """Days so many calendar months apart that lie between two, and the last itself."""
    apart = (cut_off + pd.DateOffset(months=MONTHS_APART * count) for count in itertools.count(1))
    return [*(day for day in itertools.takewhile(lambda day: day < last, apart) if day >= first), last]
