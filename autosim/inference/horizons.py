"""Published time horizons, where no runs exist (model §10)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable

from autosim.evidence.intervals import WIDTH_95
from autosim.inference.capability import Capability, length_log2
from autosim.inference.quantities import Values
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]

TOGETHER = 0.8
"""Correlation of the errors of a model's p50 and p80: both come from one curve, whose level errs more than its slope.

Judgement: bootstraps that would tell are not published.
"""

RELIABLE_UP_TO_MIN = 960.0
"""Horizons above 16 h are beyond the suite (METR, 2026-05-08)."""

TARGETS = (0.5, 0.8)


@dataclass(frozen=True)
class SuiteHorizons:
    """Published horizons on one suite; ``models`` are positions among the levels.

    ``log2`` and ``sd`` are (model, target) for the targets 0.5 and 0.8 [log2 min]; NaN where no p80 was published.
    """

    suite: str
    models: NDArray[np.int64]
    log2: Floats
    sd: Floats


def suite_horizons(horizons: pd.DataFrame, levels: list[str]) -> list[SuiteHorizons]:
    """Arrange checked horizons by suite; ``levels`` are the names of all models."""
    return [_one_suite(str(suite), table, levels) for suite, table in horizons.groupby("suite", sort=True)]


def _one_suite(suite: str, table: pd.DataFrame, levels: list[str]) -> SuiteHorizons:
    def column(name: str) -> Floats:
        logs: Floats = np.log2(table[name].to_numpy(dtype=np.float64))
        return logs

    log2 = np.stack([column("p50_horizon_min"), column("p80_horizon_min")], axis=1)
    low = np.stack([column("p50_lower"), column("p80_lower")], axis=1)
    high = np.stack([column("p50_upper"), column("p80_upper")], axis=1)
    models = np.array([levels.index(name) for name in table["model"]], dtype=np.int64)
    return SuiteHorizons(suite, models, log2, (high - low) / WIDTH_95)


def horizon_paths(suites: list[SuiteHorizons], scenario: Scenario) -> set[Path]:
    """Severities and contamination of the suites."""
    each = {("severity", one.suite, b) for one in suites for b in scenario.taxonomy.bottlenecks}
    return each | {("contamination", one.suite) for one in suites}


def add_horizons(
    suites: list[SuiteHorizons], scenario: Scenario, values: Values, now: Capability, growth: TensorVariable
) -> None:
    """Add the likelihood of published horizons: normal on log2 of the modelled p50, and on p80 given p50."""
    for one in suites:
        severity = values.many([("severity", one.suite, b) for b in scenario.taxonomy.bottlenecks])
        reached = now.horizons_log2(growth[one.models])
        count, targets = len(one.models), np.repeat(TARGETS, len(one.models))
        both = length_log2(
            targets, pt.concatenate([reached, reached], axis=1), severity, now.slope, now.difficulty_spread
        )
        p50, p80 = (both[at] + values("contamination", one.suite) for at in (slice(count), slice(count, None)))
        pm.Normal(f"p50.{one.suite}", p50, one.sd[:, 0], observed=one.log2[:, 0])
        known = np.flatnonzero(np.isfinite(one.log2[:, 1]) & np.isfinite(one.sd[:, 1]))
        if known.size:
            shift = TOGETHER * one.sd[known, 1] * ((one.log2[known, 0] - p50[known]) / one.sd[known, 0])
            sd = one.sd[known, 1] * np.sqrt(1.0 - TOGETHER**2)
            pm.Normal(f"p80.{one.suite}", p80[known] + shift, sd, observed=one.log2[known, 1])
