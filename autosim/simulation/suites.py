"""Evaluations: pass rates, the anchor suite's horizons, and the advance that would solve each."""

import numpy as np
from numpy.typing import NDArray

from autosim.dims import ADVANCES
from autosim.draws import Draws
from autosim.equations.capability import HORIZON_CAP
from autosim.equations.quadrature import trapezoids
from autosim.equations.success import SOLVED_PASS_RATE, evaluation_difficulty
from autosim.simulation import kernels

type Floats = NDArray[np.float64]

ADVANCE_LIMIT = 40.0
"""An advance that solves an evaluation is sought within plus and minus this [doublings] (model §8)."""

HORIZON_TARGETS = (0.5, 0.8)
WIDEST_STEP = 0.7


def success_step(slope: Floats, sd: Floats) -> Floats:
    """Distance between nodes [sd] that integrates success to 1e-7: it is smooth, the more so the shallower its slope.

    A trapezoid errs by exp(-2π d / h), d the distance of the nearest singularity, here π/slope from the real line.

    Parameters
    ----------
    slope
        (draw, bottleneck) [1/doubling].
    sd
        (draw, evaluation) [doublings].

    Examples
    --------
    >>> success_step(np.array([[0.6, 3.0]]), np.array([[2.0]])).round(4).tolist()
    [0.2]
    """
    return np.minimum(1.2 / (slope.max(-1) * sd.max(-1)), WIDEST_STEP)


class Suites:
    """A chunk of draws' evaluations, ready to be taken at given horizons."""

    def __init__(self, draws: Draws, anchor: int) -> None:
        many, residual = draws.indexed, draws.scalars["difficulty_spread"]
        self.severity, self.slope = many["evaluation_severity"], many["slope"]
        self.mean, self.sd = evaluation_difficulty(many["median"], many["spread"], many["contamination"], residual[:, None])
        self.nodes, self.weights = trapezoids(success_step(self.slope, self.sd))
        self.residual, self.contamination = residual, many["contamination"][:, anchor]
        self.anchor_severity = np.ascontiguousarray(self.severity[:, anchor])

    def pass_rates(self, horizons_log2: Floats) -> Floats:
        """Mean success, best of 5 and all of 5 [1], (3, draw, date, evaluation), at horizons (draw, date, bottleneck) [log2 min]."""
        out = np.empty((3, *horizons_log2.shape[:2], self.mean.shape[1]))
        kernels.pass_rates(self.mean, self.sd, self.nodes, self.weights, horizons_log2, self.severity, self.slope, out)
        return out

    def advances(self, horizons_log2: Floats) -> Floats:
        """Advance [doublings] at which each evaluation is solved, (draw, advance, evaluation); NaN if there is none.

        Horizons (draw, bottleneck) [log2 min] are those of the reference date.
        """
        out = np.empty((len(ADVANCES), *self.mean.shape))
        limits = (SOLVED_PASS_RATE, ADVANCE_LIMIT, HORIZON_CAP)
        for way in range(len(ADVANCES)):
            kernels.advances(
                self.mean,
                self.sd,
                self.nodes,
                self.weights,
                horizons_log2,
                self.severity,
                self.slope,
                self.direction(way),
                limits,
                out[way],
            )
        return np.moveaxis(out, 0, 1)

    def direction(self, way: int) -> Floats:
        """Doublings that each bottleneck gains per doubling of an advance [1], (draw, evaluation, bottleneck)."""
        if ADVANCES[way] == "common":
            return np.ones_like(self.severity)
        return self.severity / self.severity.max(axis=-1, keepdims=True)

    def horizons_min(self, horizons_log2: Floats) -> Floats:
        """Length at which the anchor suite's residual-averaged success is 0.5 and 0.8 [min], (target, draw, date).

        Horizons are (draw, date, bottleneck) [log2 min].
        """
        out = np.empty((len(HORIZON_TARGETS), *horizons_log2.shape[:2]))
        for target, lengths in zip(HORIZON_TARGETS, out, strict=True):
            kernels.success_lengths(
                target, self.residual, self.nodes, self.weights, horizons_log2, self.anchor_severity, self.slope, lengths
            )
        return np.exp2(out + self.contamination[:, None])
