"""What baselines share: streams, dates, horizons in doublings, and how a horizon becomes pass rates."""

import math
from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from autosim import streams
from autosim.backtesting.split import Split
from autosim.inference.capability import DAYS_PER_YEAR

type Floats = NDArray[np.float64]

LEVELS = ("p50", "p80")

LOGIT_80 = math.log(4.0)
"""Logit of 0.8."""

LEAST_GAP = 0.1
"""Doublings that a p80 lies below a p50, at least."""


def normal(seed: int, name: str, draws: int) -> Floats:
    """Standard normal numbers of a baseline's stream, (draws,)."""
    found: Floats = special.ndtri(streams.uniform(seed, f"baseline.{name}", draws))
    return found


def years(days: pd.Series, cut_off: date) -> Floats:
    """Years from the cut-off to dates, negative before it."""
    found: Floats = (pd.to_datetime(days) - pd.Timestamp(cut_off)).dt.days.to_numpy() / DAYS_PER_YEAR
    return found


def log2(table: pd.DataFrame, level: str) -> Floats:
    """Published horizons [log2 min], (row,); NaN where there is none."""
    found: Floats = np.log2(table[f"{level}_horizon_min"].to_numpy(dtype=np.float64))
    return found


def by_suite(table: pd.DataFrame) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Suites of a table of models and the positions of their rows."""
    for suite, rows in table.reset_index(drop=True).groupby("suite", sort=True):
        yield str(suite), rows.index.to_numpy()


def horizon_suite(both: Split, suite: str) -> str:
    """Suite whose known horizons stand for one: itself, or else that of most known horizons.

    METR's horizons are fitted to the tasks of several suites together.
    """
    counts = both.known.horizons["suite"].value_counts()
    return suite if suite in counts.index or counts.empty else str(counts.index[0])


def pass_rate(p50: Floats, p80: Floats, log2_minutes: Floats) -> Floats:
    r"""Chance of success on instances of a length, by the logistic curve through two horizons.

    .. math:: p = \operatorname{logit}^{-1} \frac{\ln 4 \,(\log_2 h_{50} - \log_2 l)}{\log_2 h_{50} - \log_2 h_{80}}

    As METR fits success against the logarithm of length (Kwa et al. 2025, arXiv 2503.14499, §4.1).
    """
    found: Floats = special.expit(LOGIT_80 * (p50 - log2_minutes) / np.maximum(p50 - p80, LEAST_GAP))
    return found
