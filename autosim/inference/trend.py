"""The trend that models follow: each model's level, how it deviates, and what the shapes make of it (model §10)."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable
from scipy import special

from autosim.inference.coordinates import Drawn, at_medians
from autosim.inference.standard import curves
from autosim.inference.wander import sampled_wander

type Floats = NDArray[np.float64]

DEGREES = 4.0
"""Of freedom of the Student-t by which frontier models deviate from the trend."""

DEVIATION_PRIOR = (math.log(0.5), 0.5)
"""Mean and sd of the log of `trend_deviation` [doublings]: the best models scatter by about half a doubling about any
trend, and by 0.2 or 1.1 at the ends of the 90 % interval (judgement)."""

LAG_PRIOR = (math.log(1.0), 0.7)
"""Mean and sd of the log of `lag_spread` [doublings]: typical lags of a month to a year and a half (judgement)."""


class _Dated(Protocol):
    @property
    def frontier(self) -> NDArray[np.bool_]: ...
    @property
    def well_known(self) -> NDArray[np.bool_]: ...


class _StudentT:
    """The deviations' distribution as `curves` takes one."""

    @staticmethod
    def quantile(u: Floats) -> Floats:
        found: Floats = special.stdtrit(DEGREES, u)
        return found

    @staticmethod
    def support() -> tuple[float, float]:
        return -math.inf, math.inf


@dataclass(frozen=True)
class Levels:
    """Growth [doublings] of models, then of the AI at the dates of trials, (level,).

    ``log_density`` is that of all levels under each shape of the trend, (shape,); ``trends`` [doublings] are the trends
    with their wander, which levels scatter about, (level,) for each shape.
    """

    growth: TensorVariable
    log_density: TensorVariable
    trends: list[TensorVariable]


def sampled_levels(models: _Dated, trends: list[TensorVariable], years: Floats, drawn: Drawn) -> Levels:
    """Sample the level of every model and of the AI at each date of a trial; ``years`` are their dates.

    The frontier wanders about the trend, the same under every shape. Frontier models deviate from where it is by a
    Student-t(4), the others lie below it by a further half-normal lag. A
    level moves all horizons as the trend does: a model ahead of its time has what the trend has later.

    The coordinate of a model that data place well is its growth and the anchor's p50 together, which is what runs and
    horizons show: the trend enters through the density of the levels. Of a model that hardly ever succeeds or fails,
    and of a trial's AI, the trend says more than the data: their coordinate is the deviation itself, as a standard
    normal, about the first shape; the others enter by their density relative to that. So the shapes can be summed over,
    and the likelihoods need not know them.
    """
    count, size = len(models.frontier), trends[0].type.shape[0]
    wander = sampled_wander(years)
    trends = [trend + wander for trend in trends]
    scale = pm.LogNormal("trend_deviation", *DEVIATION_PRIOR)
    below = pt.concatenate([_lags(models.frontier), np.zeros(size - count)])
    known = np.append(models.well_known, np.zeros(size - count, dtype=np.bool_))
    placed, vague = np.flatnonzero(known), np.flatnonzero(~known)
    growth, drawn_density = pt.zeros(size), pt.zeros(size)
    if placed.size:
        start = at_medians(trends[0])[placed] - drawn.p50_deviation
        growth = pt.set_subtensor(growth[placed], start + pm.Flat("level_seen", shape=placed.size))
    if vague.size:
        student, standard = _StudentT(), pm.Normal("level_standard", shape=vague.size)
        deviation = curves([student] * vague.size).values(standard)
        growth = pt.set_subtensor(growth[vague], (trends[0] - below)[vague] + scale * deviation)
        own = pm.logp(pm.StudentT.dist(nu=DEGREES), deviation) - pt.log(scale)
        drawn_density = pt.set_subtensor(drawn_density[vague], own)
    each = [pm.logp(pm.StudentT.dist(nu=DEGREES, mu=trend - below, sigma=scale), growth) for trend in trends]
    return Levels(growth, pt.stack([(density - drawn_density).sum() for density in each]), trends)


def _lags(frontier: NDArray[np.bool_]) -> TensorVariable:
    """How far each model lags behind the frontier's trend [doublings], 0 on the frontier."""
    behind = np.flatnonzero(~frontier)
    if not behind.size:
        return pt.zeros(len(frontier))
    spread = pm.LogNormal("lag_spread", *LAG_PRIOR)
    return pt.set_subtensor(pt.zeros(len(frontier))[behind], spread * pm.HalfNormal("lag", 1.0, shape=behind.size))
