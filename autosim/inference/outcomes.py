"""Evaluation outcomes: successes per model and instance (model §10)."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable

from autosim.equations.success import log_failure_weight
from autosim.inference.capability import Capability
from autosim.inference.names import own_name
from autosim.inference.quantities import Values
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]

SUITE_OFFSET_PRIOR = (math.log(0.7), 0.6)
"""Mean and sd of the log of `suite_offset_spread` [doublings]: equal minutes of two suites differ by a quarter of a
doubling to two doublings (judgement). Not half-normal: where data pin an offset down, that has a spread near 0 which no
step size suits."""

LEAST = 1e-12
"""Probabilities are kept this far from 0 and 1, so that one impossible outcome does not end the sampling."""


@dataclass(frozen=True)
class SuiteOutcomes:
    """Outcomes on one suite: instances by models.

    ``models`` are positions among the levels; ``log2_minutes`` is (instance,) [log2 min]; ``successes``, ``attempts``
    and ``weight`` are (instance, model), with no attempts where a model was not tried; ``severity`` is (instance,
    bottleneck), NaN where the suite's own holds.
    """

    suite: str
    instances: list[str]
    models: NDArray[np.int64]
    log2_minutes: Floats
    successes: Floats
    attempts: Floats
    weight: Floats
    severity: Floats


def suite_outcomes(outcomes: pd.DataFrame, levels: list[str], bottlenecks: tuple[str, ...]) -> list[SuiteOutcomes]:
    """Arrange checked outcomes by suite; ``levels`` are the names of all models."""
    return [_one_suite(str(suite), table, levels, bottlenecks) for suite, table in outcomes.groupby("suite", sort=True)]


def _one_suite(suite: str, table: pd.DataFrame, levels: list[str], bottlenecks: tuple[str, ...]) -> SuiteOutcomes:
    instances, models = sorted(table["instance"].unique()), [name for name in levels if name in set(table["model"])]
    place = table["instance"].map(instances.index).to_numpy(), table["model"].map(models.index).to_numpy()
    grids = {name: np.zeros((len(instances), len(models))) for name in ("successes", "attempts", "weight")}
    for name, grid in grids.items():
        grid[place] = table[name].to_numpy(dtype=np.float64)
    first = table.drop_duplicates("instance").set_index("instance").loc[instances]
    severity = first[[f"severity.{b}" for b in bottlenecks]].to_numpy(dtype=np.float64)
    positions = np.array([levels.index(name) for name in models], dtype=np.int64)
    minutes = np.log2(first["human_minutes"].to_numpy(dtype=np.float64))
    return SuiteOutcomes(suite, [str(name) for name in instances], positions, minutes, **grids, severity=severity)


def outcome_paths(suites: list[SuiteOutcomes], scenario: Scenario) -> set[Path]:
    """Contamination of the suites, and their severities where instances have none of their own."""
    known = [one for one in suites if one.suite in scenario.taxonomy.evaluations]
    missing = {
        ("severity", one.suite, b)
        for one in known
        for i, b in enumerate(scenario.taxonomy.bottlenecks)
        if np.isnan(one.severity[:, i]).any()
    }
    return missing | {("contamination", one.suite) for one in known}


def add_outcomes(
    suites: list[SuiteOutcomes], scenario: Scenario, values: Values, now: Capability, growth: TensorVariable
) -> None:
    """Add the likelihood of all outcomes to the model at hand.

    An instance's difficulty is its log2 length, less the suite's contamination, plus the suite's offset (0 for the
    anchor suite, which sets the scale) and its own residual. Residuals of instances that some attempts solve and some
    do not are sampled as they are, the others in units of their spread.
    """
    offsets = _offsets(suites, scenario)
    for one in suites:
        residual = _residuals(one, now.difficulty_spread)
        x = one.log2_minutes + offsets[one.suite] + residual
        if one.suite in scenario.taxonomy.evaluations:
            x = x - values("contamination", one.suite)
        horizons = now.horizons_log2(growth)[:, None, one.models]
        severity, slope = _severities(one, scenario, values), now.slope[:, None, None]
        loss = log_failure_weight(x[:, None], [horizons], [severity], [slope], pt).sum(0)
        _binomial(one, loss)


def _binomial(one: SuiteOutcomes, loss: TensorVariable) -> None:
    """Weighted binomial log-likelihood of the successes, straight from -ln p."""
    failure = pt.log(pt.maximum(-pt.expm1(-loss), LEAST))
    terms = one.weight * (-one.successes * loss + (one.attempts - one.successes) * failure)
    pm.Potential(f"outcomes.{one.suite}", terms.sum())


def _offsets(suites: list[SuiteOutcomes], scenario: Scenario) -> dict[str, TensorVariable]:
    others = [one.suite for one in suites if one.suite != scenario.taxonomy.anchor]
    offsets = {scenario.taxonomy.anchor: pt.zeros(())}
    if others:
        spread = pm.LogNormal("suite_offset_spread", *SUITE_OFFSET_PRIOR)
        offsets |= {name: pm.Normal(own_name("suite_offset", name), 0.0, spread) for name in others}
    return offsets


def _residuals(one: SuiteOutcomes, spread: TensorVariable) -> TensorVariable:
    """Residual of each instance [doublings], (instance,), Normal(0, spread)."""
    failures = (one.attempts - one.successes).sum(axis=1)
    telling = (one.successes.sum(axis=1) > 0) & (failures > 0)
    residual = pt.zeros(len(one.instances))
    for chosen, centred in ((telling, True), (~telling, False)):
        if chosen.any():
            scale = spread if centred else 1.0
            name = f"residual{'' if centred else '_standard'}.{one.suite}"
            drawn = pm.Normal(name, 0.0, scale, shape=int(chosen.sum()))
            residual = pt.set_subtensor(residual[np.flatnonzero(chosen)], drawn if centred else drawn * spread)
    return residual


def _severities(one: SuiteOutcomes, scenario: Scenario, values: Values) -> TensorVariable:
    """Severity of each bottleneck, (bottleneck, instance, 1), or (bottleneck, 1, 1) if the suite's holds throughout."""
    rated = one.severity.T[:, :, None]
    missing = np.isnan(rated)
    if not missing.any():
        return pt.as_tensor(rated)
    names = scenario.taxonomy.bottlenecks
    paths = [("severity", one.suite, b) for i, b in enumerate(names) if missing[i].any()]
    places = np.flatnonzero(missing.any(axis=(1, 2)))
    own = pt.set_subtensor(pt.zeros(len(names))[places], values.many(paths))[:, None, None]
    return own if missing.all() else pt.switch(missing, own, np.nan_to_num(rated))
