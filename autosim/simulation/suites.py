"""Evaluations: pass rates, the anchor suite's horizons, and the advance that would solve each."""

from math import log

import numpy as np
from numpy.typing import NDArray

from autosim.dims import ADVANCES
from autosim.draws import Draws
from autosim.equations.capability import HORIZON_CAP, horizon_log2
from autosim.equations.quadrature import shared_grids
from autosim.equations.success import SOLVED_PASS_RATE, evaluation_difficulty
from autosim.simulation import kernels

type Floats = NDArray[np.float64]

ADVANCE_LIMIT = 40.0
"""An advance that solves an evaluation is sought within plus and minus this [doublings] (model §8)."""

HORIZON_TARGETS = (0.5, 0.8)

LOGISTIC_SD = 1.6
"""Success falls with difficulty like a normal distribution of about this sd over slope."""

GROWTH_STEP, MOST_GROWTHS, SMALLEST_REACH = 0.2, 1024, 1e-6
"""Distance between growths in widths, at which interpolation errs by 1e-5 or so; how many at most; over how much at
least [doublings]."""

BLOCK = 32
"""The number of growths is a multiple of this, so that loops over them fill a processor's vectors."""


def success_step(slope: Floats) -> Floats:
    """Distance between nodes that integrates success to 1e-6 and best of 5 to 1e-5 or so [doublings], (draw,).

    A trapezoid of step h errs by exp(-2π d / h) times the integrand's size at a distance d from the real line. Success
    is smooth up to π/slope, but grows towards there the more bottlenecks it has; the factor is found by trying.

    Parameters
    ----------
    slope
        (draw, bottleneck) [1/doubling].

    Examples
    --------
    >>> success_step(np.array([[0.6, 3.0]])).tolist()
    [0.3]
    """
    step: Floats = 0.9 / slope.max(-1)
    return step


def logit(share: float) -> float:
    """Log odds of a share inside (0, 1).

    Examples
    --------
    >>> logit(0.5)
    0.0
    """
    return log(share / (1.0 - share))


class Suites:
    """A chunk of draws' evaluations, ready to be taken at given horizons."""

    def __init__(self, draws: Draws, anchor: int) -> None:
        many, residual = draws.indexed, draws.scalars["difficulty_spread"]
        self.severity, self.slope = (np.ascontiguousarray(many[name]) for name in ("evaluation_severity", "slope"))
        mean, self.sd = evaluation_difficulty(many["median"], many["spread"], many["contamination"], residual[:, None])
        self.mean = mean + many["added_difficulty"]
        self.attempts = np.stack([many["best_of"], many["all_of"]], axis=-1).astype(np.int64)
        step, nothing = success_step(self.slope), np.zeros(len(draws))
        self.grids = shared_grids(self.mean, self.sd, step, nothing)
        self.singles = kernels.in_single(self.grids)
        self.residual, self.contamination = residual, many["contamination"][:, anchor]
        self.residual_grids = kernels.in_single(
            shared_grids(np.zeros((len(draws), 1)), residual[:, None], step, nothing)
        )
        self.anchor_severity = np.ascontiguousarray(self.severity[:, anchor])

    def pass_rates(self, horizons_log2: Floats, count: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """Pass rate as graded, best of 5 and all of 5 single attempts [1], (3, draw, date, evaluation).

        Horizons are (draw, date, bottleneck) [log2 min], of which each draw's first ``count`` are wanted.
        """
        out = np.zeros((*self.mean.shape, 3, horizons_log2.shape[1]), dtype=np.float32)
        count = np.full(len(self.mean), horizons_log2.shape[1]) if count is None else count
        kernels.pass_rates(self.singles, horizons_log2, count, (self.severity, self.slope), self.attempts, out)
        return out.transpose(2, 0, 3, 1)

    def record_pass_rates(self, draws: Draws, growth: Floats, out: dict[str, NDArray[np.float32]]) -> None:
        """Fill (draw, date, evaluation) with pass rates at the horizons' common growth (draw, date) [doublings].

        They follow from that growth alone, and smoothly: they are taken at equally spaced growths and interpolated.
        """
        one, many = draws.scalars, draws.indexed
        base, pace = np.log2(one["horizon"])[:, None] + many["horizon_offset"], 1.0 + many["relief"]
        at = np.minimum(growth, ((HORIZON_CAP - base) / pace).max(-1)[:, None])  # beyond, every horizon is at its cap
        start, spacing, count, nodes = self._growths(at, pace.max(-1))
        horizons: Floats = horizon_log2(
            one["horizon"][:, None, None], many["horizon_offset"][:, None], many["relief"][:, None], nodes[..., None]
        )

        for name, rates in zip(("pass_rate", "best_of_5", "all_of_5"), self.pass_rates(horizons, count), strict=True):
            values, found = np.ascontiguousarray(np.swapaxes(rates, 1, 2)), np.empty((*at.shape, rates.shape[2]))
            kernels.resample(start, spacing, values, at, found)
            out[name][:] = np.clip(found, 0.0, 1.0)

    def _growths(self, at: Floats, pace: Floats) -> tuple[Floats, Floats, NDArray[np.int64], Floats]:
        """Equally spaced growths: the first, their distance, how many (draw,), and all (draw, growth).

        Pass rates change within the width of an evaluation's difficulty and of success, over the fastest ``pace``.
        """
        narrowest = np.minimum(self.sd.min(-1), self.residual)
        width = np.hypot(narrowest, LOGISTIC_SD / self.slope.max(-1)) / pace
        reach = np.ptp(at, axis=-1) + SMALLEST_REACH
        wanted = np.clip(np.nan_to_num(reach / (GROWTH_STEP * width)), 0.0, MOST_GROWTHS) + 6.0
        count = BLOCK * np.ceil(wanted / BLOCK)
        spacing = reach / (count - 6.0)
        start = at.min(-1) - 2.0 * spacing
        return start, spacing, count.astype(np.int64), start[:, None] + spacing[:, None] * np.arange(count.max())

    def advances(self, horizons_log2: Floats) -> Floats:
        """Advance [doublings] at which each evaluation is solved, (draw, advance, evaluation); NaN if there is none.

        Horizons (draw, bottleneck) [log2 min] are those of the reference date.
        """
        out = np.empty((len(ADVANCES), *self.mean.shape))
        start = np.ascontiguousarray(horizons_log2)
        success, limits = (self.severity, self.slope), (logit(SOLVED_PASS_RATE), ADVANCE_LIMIT, HORIZON_CAP)
        for way in range(len(ADVANCES)):
            kernels.advances(self.singles, start, success, self.direction(way), self.attempts, limits, out[way])
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
        success = self.anchor_severity, self.slope
        for target, lengths in zip(HORIZON_TARGETS, out, strict=True):
            kernels.success_lengths(logit(target), self.residual_grids, self.residual, horizons_log2, success, lengths)
        return np.exp2(out + self.contamination[:, None])
