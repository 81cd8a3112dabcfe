"""Coordinates for the sampler: what data see well gets a coordinate of its own (model §10)."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.graph.traversal import ancestors
from pytensor.tensor import TensorVariable
from scipy.special import ndtr

from autosim.inference.capability import length_log2
from autosim.inference.quantities import Quantities, Values
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]
type Seen = Callable[[Values], TensorVariable]
"""By how much what the data see exceeds the log2 of the quantity itself, given the other quantities."""

_SLOWEST = 0.05


@dataclass(frozen=True)
class Drawn:
    """Sampled values, and by how much the anchor's p50 exceeds what it is at the priors' medians [doublings]."""

    values: Values
    p50_deviation: TensorVariable


def seen_by_data(suites: Sequence[str], touched: Collection[Path], scenario: Scenario) -> dict[Path, Seen]:
    """Horizon and elasticity as data on models see them: a suite's p50 at the reference date, and its doublings a year.

    The suite is the anchor, or else the first on which models were measured; without any there is nothing to see. Its
    severities stand at their prior medians where no likelihood touches them, since instances have their own.
    """
    names = scenario.taxonomy
    known = [suite for suite in (names.anchor, *suites) if suite in suites and suite in names.evaluations]
    if not known:
        return {}
    paths = [("severity", known[0], b) for b in names.bottlenecks]
    usual = {path: float(scenario.priors[path].distribution.quantile(np.array([0.5]))[0]) for path in paths}

    def p50(values: Values) -> TensorVariable:
        offset, slope = (values.many([(name, b) for b in names.bottlenecks]) for name in ("horizon_offset", "slope"))
        severity = pt.stack([values(*path) if path in touched else pt.as_tensor(usual[path]) for path in paths])
        return length_log2(0.5, offset[:, None], severity, slope, values("difficulty_spread"))[0]

    def pace(values: Values) -> TensorVariable:
        growth = values("training_compute_growth") + values("software_growth")
        relief = values.many([("relief", b) for b in names.bottlenecks]).mean()
        return pt.log2(pt.maximum(growth, _SLOWEST)) + pt.log2(1.0 + relief)

    return {("horizon",): p50, ("horizon_elasticity",): pace}


def sampled_values(quantities: Quantities, seen: Mapping[Path, Seen], scenario: Scenario) -> Drawn:
    """Sample the standard normals of all quantities.

    Those of ``seen`` come last. Their coordinates are how far what the data see lies from where the priors' medians put
    it [doublings]: given the rest, a shift and a fixed scale of the standard normal. The change of variables has a
    constant Jacobian, and the prior is that of the standard normals, whatever the family.
    """
    centred = [path for path in seen if path in quantities.paths]
    free = len(quantities.streams) - len(centred)
    standard = pm.Normal("standard", shape=free)
    own, tied = standard, _tied(quantities, standard)
    rest = quantities.values(pt.concatenate([tied, np.zeros(len(centred))]))
    deviation: dict[Path, TensorVariable] = {("horizon",): pt.zeros(())}
    for position, path in enumerate(centred, free):
        exceeds = seen[path](rest)
        usual = at_medians(exceeds)
        deviation[path] = pm.Flat(f"{path[0]}_seen")
        z = (deviation[path] - (exceeds - usual)) / _log2_scale(scenario, path)
        row = quantities.factor[position]
        residual = (z - pt.dot(row[:position], own)) / row[position]
        pm.Potential(f"prior.{path[0]}", -0.5 * residual**2)
        own, tied = (pt.concatenate([items, item[None]]) for items, item in ((own, residual), (tied, z)))
    return Drawn(quantities.values(tied), deviation["horizon",])


def at_medians(tensor: TensorVariable) -> Floats:
    """A tensor's value where all that it hangs on lies at its prior median, or at its usual place."""
    sampled = [variable for variable in ancestors([tensor]) if variable in pm.modelcontext(None).free_RVs]
    value: Floats = tensor.eval({rv: np.zeros(rv.type.shape) for rv in sampled}, mode="FAST_COMPILE")
    return value


def _tied(quantities: Quantities, standard: TensorVariable) -> TensorVariable:
    """Give independent standard normals the copula's correlations."""
    size = standard.type.shape[0]
    factor = quantities.factor[:size, :size]
    mixed = np.flatnonzero((factor != np.eye(size)).any(axis=1))
    return pt.set_subtensor(standard[mixed], pt.dot(factor[mixed], standard)) if mixed.size else standard


def _log2_scale(scenario: Scenario, path: Path) -> float:
    """Doublings of a quantity per sd of its prior, near the median."""
    low, high = scenario.priors[path].distribution.quantile(ndtr(np.array([-0.5, 0.5])))
    return math.log2(high / low) if low > 0.0 else 1.0
