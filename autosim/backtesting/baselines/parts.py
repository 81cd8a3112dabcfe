"""What baselines share: one suite on both sides of a split, streams turned normal, and columns put together."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from autosim import streams
from autosim.backtesting.forecast import Forecast
from autosim.backtesting.split import Split

type Floats = NDArray[np.float64]

DAYS_PER_YEAR = 365.25

SHORTEST_GAP, LONGEST_GAP = 0.1, 20.0
"""A drawn gap between p50 and p80 is kept within these [doublings], so that no success is a step or a coin flip."""


@dataclass(frozen=True)
class Suite:
    """One suite on both sides of a cut-off.

    ``horizons`` and ``outcomes`` are what was known, in order of release. ``later_horizons`` and ``later_outcomes``
    hold only what a forecaster may read, each indexed by its row in the table of ``later``; ``later_models`` are the
    models of both, once each, with their ``release_date``.
    """

    name: str
    cut_off: pd.Timestamp
    horizons: pd.DataFrame
    outcomes: pd.DataFrame
    later_horizons: pd.DataFrame
    later_outcomes: pd.DataFrame
    later_models: pd.DataFrame

    def years(self, days: pd.Series) -> Floats:
        """Years from the cut-off to days."""
        found: Floats = (days - self.cut_off).dt.days.to_numpy(dtype=np.float64) / DAYS_PER_YEAR
        return found

    def places(self, models: pd.Series) -> NDArray[np.int64]:
        """Where each of these stands among the later models."""
        return np.asarray(pd.Index(self.later_models["model"]).get_indexer(pd.Index(models)), dtype=np.int64)


@dataclass(frozen=True)
class Said:
    """Draws for one suite's later horizons and outcomes, (draw, row); None where nothing is said."""

    p50: Floats | None = None
    p80: Floats | None = None
    outcome: Floats | None = None
    notes: tuple[str, ...] = ()


def suites(both: Split) -> list[Suite]:
    """Suites that there is something to forecast on, by name."""
    horizons = _readable(both.later.horizons, "model", "release_date", "suite")
    outcomes = _readable(both.later.outcomes, "model", "release_date", "suite", "instance", "human_minutes")
    return [_suite(name, both, horizons, outcomes) for name in sorted({*horizons["suite"], *outcomes["suite"]})]


def _readable(later: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return later[[*columns]].reset_index(drop=True)


def _suite(name: str, both: Split, horizons: pd.DataFrame, outcomes: pd.DataFrame) -> Suite:
    known, tried = (
        _on(table, name).sort_values("release_date", kind="stable")
        for table in (both.known.horizons, both.known.outcomes)
    )
    horizons, outcomes = _on(horizons, name), _on(outcomes, name)
    models = pd.concat([table[["model", "release_date"]] for table in (horizons, outcomes)]).drop_duplicates("model")
    models = models.reset_index(drop=True)
    return Suite(name, pd.Timestamp(both.cut_off), known, tried, horizons, outcomes, models)


def _on(table: pd.DataFrame, suite: str) -> pd.DataFrame:
    return table[table["suite"] == suite]


def put_together(
    both: Split, draws: int, say: Callable[[Suite], Said], trial: Floats | None = None, notes: tuple[str, ...] = ()
) -> Forecast:
    """Make one forecast of what is said of each suite; columns of which nothing is said are NaN."""
    later = both.later
    p50, p80, outcome = (np.full((draws, len(t)), np.nan) for t in (later.horizons, later.horizons, later.outcomes))
    for suite in suites(both):
        said = say(suite)
        for columns, drawn, rows in (
            (p50, said.p50, suite.later_horizons.index),
            (p80, said.p80, suite.later_horizons.index),
            (outcome, said.outcome, suite.later_outcomes.index),
        ):
            if drawn is not None:
                columns[:, rows.to_numpy()] = drawn
        notes = (*notes, *said.notes)
    return Forecast(p50, p80, outcome, trial, notes)


def normal(seed: int, name: str, draws: int) -> Floats:
    """Standard normal numbers of a stream, (draws,)."""
    return np.asarray(special.ndtri(streams.uniform(seed, name, draws)), dtype=np.float64)


def normals(seed: int, stem: str, names: pd.Series, draws: int) -> Floats:
    """Standard normal numbers, a stream each for ``<stem>.<name>``, (draws, name)."""
    found = np.empty((draws, len(names)))
    for i, name in enumerate(names):
        found[:, i] = normal(seed, f"{stem}.{name}", draws)
    return found


def log2_points(horizons: pd.DataFrame, level: str) -> Floats:
    """Published horizons at a level, "p50" or "p80" [log2 min]; NaN where there is none."""
    found: Floats = np.log2(horizons[f"{level}_horizon_min"].to_numpy(dtype=np.float64))
    return found


def within_bounds(gap: Floats) -> Floats:
    """Gaps between p50 and p80 [doublings] kept within `SHORTEST_GAP` and `LONGEST_GAP`."""
    return np.clip(gap, SHORTEST_GAP, LONGEST_GAP)
