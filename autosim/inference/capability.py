"""Capability as the sampler sees it: the gauge, effective compute without feedback, the trend in all its shapes."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable

from autosim.equations.capability import (
    TRAJECTORIES,
    exponential,
    horizon_log2,
    saturating,
    superexponential,
)
from autosim.equations.lengths import success_length_log2
from autosim.equations.progress import input_growth, log2_research_input, software_without_feedback
from autosim.inference.quantities import Values
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]

DAYS_PER_YEAR = 365.25

_EFFORT_NODES = 8
"""Gauss-Legendre nodes for the effort accumulated until a date; growth is smooth up to the slowdown."""


def years_after(reference_date: date, days: Sequence[date]) -> Floats:
    """Years from the reference date to each day, negative before it."""
    return np.array([(day - reference_date).days / DAYS_PER_YEAR for day in days])


def capability_paths(scenario: Scenario) -> set[Path]:
    """Everything that benchmark horizons up to the reference date hang on."""
    scalars = ("horizon", "horizon_elasticity", "training_compute_growth", "software_growth", "difficulty_spread")
    each = [(name, b) for name in ("horizon_offset", "relief", "slope") for b in scenario.taxonomy.bottlenecks]
    return {*((name,) for name in scalars), *each}


def later_paths(scenario: Scenario) -> set[Path]:
    """What the trend after the reference date hangs on besides: R&D inputs, and the parameters of its shapes."""
    inputs = [f"{name}_growth{after}" for name in ("training_compute", "experiment_compute", "headcount")
              for after in ("", "_after")]  # fmt: skip
    names = [*inputs, "slowdown", "labour_share", "input_substitution", "returns_to_input", "ideas_harder"]
    shapes = {"superexponential": "doubling_shrink", "saturating": "ceiling_doublings"}
    return {(name,) for name in names} | {(shapes[name],) for name in shape_names(scenario) if name in shapes}


def shape_names(scenario: Scenario) -> tuple[str, ...]:
    """Shapes of the trajectory that have some weight, in the order of `TRAJECTORIES`."""
    return tuple(name for name in TRAJECTORIES if scenario.trajectory.get(name, 0.0) > 0.0)


class Capability(NamedTuple):
    """One draw's capability, in the gauge in which offsets and reliefs sum to 0 over bottlenecks.

    ``horizon`` [min], ``horizon_elasticity`` and ``difficulty_spread`` are scalars; ``horizon_offset``, ``relief`` and
    ``slope`` are (bottleneck,).
    """

    horizon: TensorVariable
    horizon_offset: TensorVariable
    relief: TensorVariable
    horizon_elasticity: TensorVariable
    slope: TensorVariable
    difficulty_spread: TensorVariable

    def horizons_log2(self, growth: TensorVariable) -> TensorVariable:
        """Benchmark horizons [log2 min] at levels of growth (level,) [doublings], (bottleneck, level)."""
        offset, relief = self.horizon_offset[:, None], self.relief[:, None]
        horizons: TensorVariable = horizon_log2(self.horizon, offset, relief, growth, pt)
        return horizons


def capability(values: Values, bottlenecks: Sequence[str]) -> Capability:
    r"""Bring a draw of the priors into the gauge :math:`\sum_b o_b = 0, \sum_b \rho_b = 0`.

    A common offset belongs to the horizon; a common relief belongs to the elasticity:
    :math:`h' = h\,2^{\bar o},\; \epsilon' = \epsilon\,(1 + \bar\rho),\; 1 + \rho_b' = (1 + \rho_b)/(1 + \bar\rho)`.
    Up to the reference date, and after it for the exponential shape, horizons are what they were.
    """
    count = len(bottlenecks)
    offset = pt.specify_shape(values.many([("horizon_offset", b) for b in bottlenecks]), (count,))
    pace = pt.specify_shape(1.0 + values.many([("relief", b) for b in bottlenecks]), (count,))
    return Capability(
        horizon=values("horizon") * pt.exp2(offset.mean()),
        horizon_offset=offset - offset.mean(),
        relief=pace / pace.mean() - 1.0,
        horizon_elasticity=values("horizon_elasticity") * pace.mean(),
        slope=pt.specify_shape(values.many([("slope", b) for b in bottlenecks]), (count,)),
        difficulty_spread=values("difficulty_spread"),
    )


def in_gauge(paths: Sequence[Path], values: Values, now: Capability, scenario: Scenario) -> TensorVariable:
    """All sampled quantities, those of capability in its gauge, (path,).

    A quantity that the gauge moves is reported even if its own prior is a number.
    """
    names = scenario.taxonomy.bottlenecks
    moved: dict[Path, TensorVariable] = {("horizon",): now.horizon, ("horizon_elasticity",): now.horizon_elasticity}
    for b, name in enumerate(names):
        moved["horizon_offset", name] = now.horizon_offset[b]
        moved["relief", name] = now.relief[b]
    whole = values.many(paths)
    places = [i for i, path in enumerate(paths) if path in moved]
    if not places:
        return whole
    return pt.set_subtensor(whole[np.array(places)], pt.stack([moved[paths[i]] for i in places]))


def effective_compute_log2(values: Values, years: Floats) -> TensorVariable:
    """Log2 of effective compute since the reference date without feedback [doublings], (date,).

    Before the reference date e(t) = t (training_compute_growth + software_growth); after it software is integrated
    exactly, with R&D inputs as they would be without AI.
    """
    before = np.minimum(years, 0.0) * (values("training_compute_growth") + values("software_growth"))
    if not (years > 0.0).any():
        return before
    after = np.maximum(years, 0.0)
    nodes, weights = np.polynomial.legendre.leggauss(_EFFORT_NODES)
    effort = after / 2.0 * (_research_pace(values, after[:, None] * (nodes + 1.0) / 2.0) * weights).sum(-1)
    software = software_without_feedback(values("software_growth"), values("ideas_harder"), effort, pt)
    return before + _grown(values, "training_compute", after) + software


def _research_pace(values: Values, years: Floats) -> TensorVariable:
    """R&D input without AI to the power of its returns, 1 at the reference date, in the shape of ``years``."""
    shape = values("labour_share"), values("input_substitution")
    labour, compute = _grown(values, "headcount", years), _grown(values, "experiment_compute", years)
    return pt.exp2(values("returns_to_input") * log2_research_input(labour, compute, *shape, pt))


def _grown(values: Values, name: str, years: Floats) -> TensorVariable:
    rates = values(f"{name}_growth"), values(f"{name}_growth_after"), values("slowdown")
    grown: TensorVariable = input_growth(*rates, pt.as_tensor(years), pt)
    return grown


def growth_by_shape(values: Values, now: Capability, shapes: Sequence[str], years: Floats) -> list[TensorVariable]:
    """Growth of horizons at the common pace g [doublings] by date under each shape, (date,) each."""
    y = now.horizon_elasticity * effective_compute_log2(values, years)
    if not (years > 0.0).any():  # up to the reference date all shapes are one
        return [exponential(y)] * len(shapes)
    curves = {
        "exponential": lambda: exponential(y),
        "superexponential": lambda: superexponential(y, values("doubling_shrink"), pt),
        "saturating": lambda: saturating(y, values("ceiling_doublings"), pt),
    }
    return [curves[name]() for name in shapes]


def length_log2(
    target: float | Floats,
    horizons_log2: TensorVariable,
    severity: TensorVariable,
    slope: TensorVariable,
    spread: TensorVariable,
) -> TensorVariable:
    """Length [log2 min] at which success has probability ``target``, (level,); see `success_length_log2`.

    Horizons are (bottleneck, level), ``severity`` and ``slope`` (bottleneck,) or as the horizons, the target and the sd
    of residuals scalars or (level,).
    """
    rated, slopes = (
        pt.broadcast_to(item if item.ndim > 1 else item[:, None], horizons_log2.shape) for item in (severity, slope)
    )
    wide = pt.broadcast_to(spread, horizons_log2.shape[1:])
    length: TensorVariable = success_length_log2(pt.as_tensor(target), horizons_log2, rated, slopes, wide, pt)
    return length
