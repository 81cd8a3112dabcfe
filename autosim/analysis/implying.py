"""What a pass rate implies: how likely a milestone holds when an evaluation's pass rate first gets so high."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from autosim import streams
from autosim.simulation.counts import Steps

type Floats = NDArray[np.float64]

LEVELS: Floats = np.arange(1, 100) / 100.0
"""Pass rates that are looked at [1]."""

CERTAINTIES = (0.5, 0.9)
"""Probabilities of the milestone for which a pass rate is sought."""

FEWEST = 50
"""Draws that must get to a pass rate before anything is said of it."""

RESAMPLED = 400
"""Samples of the bootstrap."""


@dataclass(frozen=True)
class Rate:
    """Pass rate that implies a milestone, None if no rate does; a 95 % interval; and the share of draws that reach it.

    An end of the interval is None where the rate may well not exist.
    """

    rate: float | None
    low: float | None
    high: float | None
    reached: float | None


@dataclass(frozen=True)
class Implied:
    """What pass rates of one evaluation imply for one milestone.

    ``probability`` of the milestone at the moment when the pass rate first is at each of the ``levels``, made to rise
    with them, and its 95 % interval ``low`` and ``high``, (level,); ``reached``, the share of draws that get there.
    Levels reached by fewer than 50 draws are left out. ``rates`` by `CERTAINTIES`.
    """

    levels: Floats
    probability: Floats
    low: Floats
    high: Floats
    reached: Floats
    rates: dict[float, Rate]


def resampled(draws: int, seed: int) -> NDArray[np.float32]:
    """How often each sample of the bootstrap takes each draw, (sample, draw)."""
    chosen = (streams.uniform(seed, "implied.bootstrap", RESAMPLED * draws) * draws).astype(np.int64)
    rows = chosen.reshape(RESAMPLED, draws)
    return np.array([np.bincount(row, minlength=draws) for row in rows], dtype=np.float32)


def implied(pass_rates: Floats, holds_from: Steps, samples: NDArray[np.float32]) -> Implied:
    """Read off the draws what a pass rate implies.

    A draw counts at a level if its pass rate gets there by the end; what it shows is whether the milestone has been
    reached by the month in which the pass rate first is that high. Levels that are passed at the reference date count
    with that date.

    Parameters
    ----------
    pass_rates
        (draw, date) [1].
    holds_from
        Month at which the milestone is first reached, (draw,); the number of dates where it is not.
    samples
        From `resampled`.
    """
    best = np.maximum.accumulate(pass_rates, axis=1)
    arrived = _arrivals(best)
    there = arrived < best.shape[1]
    enough = there.sum(axis=0) >= FEWEST
    levels, there = LEVELS[enough], there[:, enough]
    held = there & (holds_from[:, None] <= arrived[:, enough])
    probability = _rising(held.sum(axis=0), there.sum(axis=0))
    again = zip(_counts(samples, held), _counts(samples, there), strict=True)
    curves = np.array([_rising(*counts) for counts in again]).reshape(len(samples), len(levels))
    low, high = np.quantile(curves, (0.025, 0.975), axis=0)
    reached = there.mean(axis=0)
    return Implied(
        levels,
        probability,
        low,
        high,
        reached,
        {wanted: _rate(wanted, levels, probability, curves, reached) for wanted in CERTAINTIES},
    )


def _arrivals(best: Floats) -> Steps:
    """Month in which the best pass rate so far gets to each level, (draw, level); past the last if it does not."""
    wanted = LEVELS.astype(best.dtype)
    return np.array([np.searchsorted(row, wanted) for row in best])


def _counts(samples: NDArray[np.float32], flags: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Flagged draws of each sample, (sample, level); whole numbers, and so the same in any order of adding."""
    return samples @ flags.astype(np.float32)


def _rising(held: NDArray[Any], there: NDArray[Any]) -> Floats:
    """Share of draws that hold, made to rise with the level by least squares, (level,).

    References
    ----------
    Barlow et al. (1972), Statistical Inference under Order Restrictions, §1.2.
    """
    if not len(there):
        return np.zeros(0)
    weights = np.maximum(there, 1e-9).astype(np.float64)
    fitted: Floats = optimize.isotonic_regression(held / weights, weights=weights).x
    return fitted


def _rate(wanted: float, levels: Floats, probability: Floats, curves: Floats, reached: Floats) -> Rate:
    found = _crossing(wanted, levels, probability)
    if not np.isfinite(found):
        return Rate(None, None, None, None)
    again = np.array([_crossing(wanted, levels, curve) for curve in curves])
    low, high = (_finite(np.quantile(again, share, method="nearest")) for share in (0.025, 0.975))
    return Rate(found, low, high, float(np.interp(found, levels, reached)))


def _crossing(wanted: float, levels: Floats, probability: Floats) -> float:
    """Lowest level at which the probability is as wanted, between levels by a straight line; infinite if none is."""
    at = int(np.searchsorted(probability, wanted))
    if at == len(levels):
        return np.inf
    if at == 0:
        return float(levels[0])
    below, above = probability[at - 1], probability[at]
    return float(levels[at - 1] + (levels[at] - levels[at - 1]) * (wanted - below) / (above - below))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
