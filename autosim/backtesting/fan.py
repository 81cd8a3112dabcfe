"""Where the model saw the frontier's time horizon go, month by month, beside what was known and what came."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from autosim.backtesting.split import Split
from autosim.inference.trend import DEVIATION_PRIOR
from autosim.inference.worlds import drawn_capability, worlds
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Quantiles of a fan: the central 50, 80 and 95 %, and the median."""


@dataclass(frozen=True)
class Fan:
    """Forecast p50 horizon [log2 min] of a model at the frontier on one suite, (level, day)."""

    suite: str
    days: tuple[date, ...]
    quantiles: Floats


def fan(scenario: Scenario, tree: xr.DataTree | None, both: Split, draws: int, seed: int) -> Fan | None:
    """Forecast the frontier's p50 from the cut-off to the last later model, by month.

    Parameters
    ----------
    scenario
        As of the cut-off.
    tree
        Posterior of a fit to what was known; None for the priors alone.
    both
        Its later horizons say until when.
    draws, seed
        How many, and from which streams.

    Returns
    -------
    None if no later horizons are published.
    """
    later = both.later.horizons
    if not len(later):
        return None
    last = pd.to_datetime(later["release_date"]).max()
    marks = pd.date_range(pd.Timestamp(both.cut_off), last + pd.DateOffset(months=1), freq=pd.DateOffset(months=1))
    days = [day.date() for day in marks]
    seen = worlds(scenario, tree, draws, seed)
    drawn, trend = drawn_capability(seen, days)
    level = trend + (seen.positive("trend_deviation", DEVIATION_PRIOR) * seen.student("deviation.fan"))[:, None]
    suite = str(later["suite"].iloc[0])
    return Fan(suite, tuple(days), np.quantile(drawn.length(0.5, suite, level), LEVELS, axis=0))
