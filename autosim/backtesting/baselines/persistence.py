"""Baseline: what was known last stays."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from autosim import streams
from autosim.backtesting.baselines.common import LEVELS, by_suite, log2, normal
from autosim.backtesting.comparing import REFERENCE
from autosim.backtesting.forecast import Forecast
from autosim.backtesting.split import Split
from autosim.evidence.intervals import WIDTH_95

type Floats = NDArray[np.float64]

_KNOWS_NOTHING = 0.5
"""Successes and failures that a chance of success starts from (Jeffreys)."""


@dataclass(frozen=True)
class Persistence:
    """The last frontier model stays the measure of all later ones, give or take a usual step.

    Horizons: those of the latest known model at the frontier of the suite; the standard deviation is the root mean
    square of the steps from one frontier model to the next, or the error of measurement if there is but one. All later
    models share the step. Outcomes: what the latest frontier model did on the same instance, Beta(s + ½, n - s + ½);
    one attempt's worth of its share of successes where it was not tried. Trials: the last known ratio, with the root
    mean square of steps, or √2 times its standard error if there is but one.
    """

    name: str = REFERENCE

    def forecast(self, both: Split, draws: int, seed: int) -> Forecast:
        """Draw what comes later."""
        p50, p80 = (_horizons(both, level, draws, seed) for level in LEVELS)
        return Forecast(p50, p80, _outcomes(both, draws, seed), _trials(both, draws, seed), _notes(both))


def _frontier(table: pd.DataFrame, suite: str) -> pd.DataFrame:
    own = table[(table["suite"] == suite) & table["frontier"].astype(bool)]
    return own.sort_values(["release_date", "model"])


def _horizons(both: Split, level: str, draws: int, seed: int) -> Floats:
    later = both.later.horizons
    found = np.full((draws, len(later)), np.nan)
    for suite, rows in by_suite(later):
        known = _frontier(both.known.horizons, suite).dropna(subset=[f"{level}_horizon_min"])
        if known.empty:
            continue
        values = log2(known, level)
        ends = (np.log2(float(known[f"{level}_{end}"].iloc[-1])) for end in ("upper", "lower"))
        high, low = ends
        sd = _usual_step(values, (high - low) / WIDTH_95)
        found[:, rows] = (values[-1] + sd * normal(seed, f"persistence.{suite}", draws))[:, None]
    return found


def _usual_step(values: Floats, otherwise: float) -> float:
    """Root mean square of steps."""
    return float(np.sqrt(np.mean(np.diff(values) ** 2))) if len(values) > 1 else otherwise


def _outcomes(both: Split, draws: int, seed: int) -> Floats:
    later = both.later.outcomes
    found = np.full((draws, len(later)), np.nan)
    for suite, rows in by_suite(later):
        known = _frontier(both.known.outcomes, suite)
        if known.empty:
            continue
        last = known[known["model"] == known["model"].iloc[-1]].set_index("instance")
        share = last["successes"].sum() / last["attempts"].sum()
        for instance, at in pd.Series(rows).groupby(later["instance"].to_numpy()[rows], sort=True):
            tried = instance in last.index
            s = float(last.loc[instance, "successes"]) if tried else share
            n = float(last.loc[instance, "attempts"]) if tried else 1.0
            u = streams.uniform(seed, f"baseline.persistence.{suite}.{instance}", draws)
            found[:, at] = special.betaincinv(s + _KNOWS_NOTHING, n - s + _KNOWS_NOTHING, u)[:, None]
    return found


def _trials(both: Split, draws: int, seed: int) -> Floats | None:
    known = both.known.trials.sort_values(["date", "trial"])
    if known.empty:
        return None
    values = np.log(known["time_ratio"].to_numpy(dtype=np.float64))
    sd = _usual_step(values, float(np.sqrt(2.0) * known["standard_error"].iloc[-1]))
    return np.repeat((values[-1] + sd * normal(seed, "persistence.trial", draws))[:, None], len(both.later.trials), 1)


def _notes(both: Split) -> tuple[str, ...]:
    lacking = sorted(
        {
            suite
            for name in ("horizons", "outcomes")
            for suite, _ in by_suite(getattr(both.later, name))
            if _frontier(getattr(both.known, name), suite).empty
        }
    )
    return tuple(f"no known frontier model on {suite}: nothing forecast there" for suite in lacking)
