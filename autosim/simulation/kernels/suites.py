"""Evaluations: pass rates, the advances that solve them, and the lengths at which success is a half or so."""

import numpy as np

from autosim.simulation.kernels.compiling import Floats, Integers, Singles, compiled, part
from autosim.simulation.kernels.elementary import ONE, ZERO, Scratch, attempt, scratch, tabulate, weigh

_CLOSE = 2e-3
"""A Newton step so short [doublings] leaves 1e-6 or so, as what is left falls with its square."""

type Pair = tuple[Floats, Floats]
type Numbers = tuple[float, float, float]
type Grids = tuple[Singles, Integers, Integers, Integers, Integers, Integers, Singles]


@compiled
def pass_rates(
    grids: Grids, horizons: Floats, count: Integers, success: Pair, attempts: Integers, out: Singles
) -> None:
    """Twin of `equations.success.mean_graded`, and of `mean_best_of` and `mean_all_of` with k = 5.

    ``grids`` are those of evaluations, ``horizons`` (draw, date, bottleneck), ``success`` severity (draw, evaluation,
    bottleneck) and slope; ``attempts`` (draw, evaluation, 2) are best of how many, all of how many; ``out`` (draw,
    evaluation, rate, date) starts from 0 and is filled for the first ``count`` (draw,) of the dates. Loops run over
    dates, as they are many.
    """
    nodes, used, first, _, length, place, weights = grids
    severity, slope = success
    table, p, q = scratch(slope.shape[1], horizons.shape[1])
    for i in range(used.size):
        dates = count[i]
        difficulty, x = (-horizons[i, :dates].T).astype(np.float32), -nodes[i].astype(np.float64)
        for j in range(used[i]):
            for b in range(slope.shape[1]):
                tabulate(difficulty[b], x[j : j + 1], slope[i, b : b + 1], table[b : b + 1])
            for e in range(first.shape[1]):
                if first[i, e] <= j < first[i, e] + length[i, e]:
                    attempt(table, severity[i, e], 0, dates, p, q)
                    weight = weights[i, place[i, e] + j - first[i, e]]
                    if attempts[i, e].max() > 1:
                        _count_graded(weight, attempts[i, e], p[:dates], q[:dates], out[i, e])
                    else:
                        _count(weight, p[:dates], q[:dates], out[i, e])


@part
def _count(weight: np.float32, success: Singles, failure: Singles, sums: Singles) -> None:
    """Add instances of one difficulty to mean success, best of 5 and all of 5, (3, date)."""
    for t in range(success.size):
        p, q = success[t], failure[t]
        sums[0, t] += weight * p
        sums[1, t] += weight * (ONE - q * q * (q * q) * q)
        sums[2, t] += weight * (p * p * (p * p) * p)


@part
def _count_graded(weight: np.float32, attempts: Integers, success: Singles, failure: Singles, sums: Singles) -> None:
    """As `_count`, with what is graded by several attempts in place of mean success."""
    for t in range(success.size):
        p, q = success[t], failure[t]
        sums[1, t] += weight * (ONE - q * q * (q * q) * q)
        sums[2, t] += weight * (p * p * (p * p) * p)
    _grade(attempts, success, failure)
    for t in range(success.size):
        sums[0, t] += weight * success[t]


@part
def _grade(attempts: Integers, success: Singles, failure: Singles) -> None:
    """Turn p and 1 - p of one attempt into those of the best of k, or of all of k; both keep all their digits."""
    if attempts[0] > 1:
        _repeat(attempts[0], failure, success)
    if attempts[1] > 1:
        _repeat(attempts[1], success, failure)


@part
def _repeat(times: int, chance: Singles, other: Singles) -> None:
    """Chance that something happens ``times`` times, and that it does not, in place.

    From m times to 2 m, and to 2 m + 1: that it does not is 1 - c + c (1 - c') for chances c and c' of the two halves.
    """
    for j in range(chance.size):
        c, d, whole, rest, left = chance[j], other[j], ONE, ZERO, times
        while left > 0:
            if left % 2 == 1:
                rest += whole * d
                whole *= c
            d += c * d
            c *= c
            left //= 2
        chance[j], other[j] = whole, rest


@part
def _log_odds(
    x: Singles, weights: Singles, horizons: Floats, success: Pair, attempts: Integers, room: Scratch
) -> tuple[float, float]:
    """Logit of the pass rate over instances, and E[x p] / (E[p] E[1 - p]), from p or from 1 - p, whichever is small."""
    (table, p, q), (severity, slope) = room, success
    tabulate(x, horizons, slope, table)
    attempt(table, severity, 0, x.size, p, q)
    _grade(attempts, p[: x.size], q[: x.size])
    once = never = moment = counter = ZERO
    for j in range(x.size):
        once += weights[j] * p[j]
        never += weights[j] * q[j]
        moment += x[j] * weights[j] * p[j]
        counter += x[j] * weights[j] * q[j]
    odds = np.float64(once) / never
    return np.log(odds), (moment if once < never else -counter) / (np.float64(once) * never)


@compiled
def advances(
    grids: Grids,
    horizons: Floats,
    success: Pair,
    direction: Floats,
    attempts: Integers,
    limits: Numbers,
    out: Floats,
) -> None:
    """Advance at which each evaluation's pass rate reaches a target, NaN where none within the limit does (model §8).

    ``success`` holds severity (draw, evaluation, bottleneck) and slope; ``direction`` is like severity; ``attempts`` as
    in `pass_rates`; ``limits`` are the target's logit, the largest advance and the horizons' cap; ``out`` is (draw,
    evaluation). By secants within a bracket, whose ends are tried only when a secant points beyond them. What is solved
    at the lowest end stays there.
    """
    nodes, used, first, _, length, place, weights = grids
    (severity, slope), (target, reach, cap) = success, limits
    room = scratch(slope.shape[1], nodes.shape[1])
    for i in range(used.size):
        for e in range(first.shape[1]):
            low, high, x, before, f_before, f = -reach, reach, 0.0, 0.0, 0.0, np.nan
            difficulty, w = nodes[i, first[i, e] : first[i, e] + length[i, e]], weights[i, place[i, e] :]
            for step in range(100):
                moved = np.minimum(horizons[i] + x * direction[i, e], cap)
                f = _log_odds(difficulty, w, moved, (severity[i, e], slope[i]), attempts[i, e], room)[0] - target
                low, high = (x, high) if f < 0.0 else (low, x)
                if not abs(f) > 1e-6 or high - low < 1e-6:
                    break
                guess = x - (f * (x - before) / (f - f_before) if step else f / slope[i].max())
                before, f_before = x, f
                beyond = (guess <= low == -reach) or (guess >= high == reach)
                x = min(max(guess, low), high) if beyond or low < guess < high else 0.5 * (low + high)
            out[i, e] = x if f > -1e-5 else np.nan


@compiled
def success_lengths(target: float, grids: Grids, sd: Floats, horizons: Floats, success: Pair, out: Floats) -> None:
    """Difficulty [log2 min] at which the logit of residual-averaged success is ``target``, (draw, date) (model §8).

    ``grids`` are those of a residual of mean 0 and ``sd`` (draw,), ``horizons`` (draw, date, bottleneck), ``success``
    severity and slope (draw, bottleneck). By Newton: E[x p] is sd² times the slope of mean success (Stein's lemma).
    """
    nodes, used, weights, (severity, slope) = grids[0], grids[1], grids[6], success
    room, once = scratch(slope.shape[1], nodes.shape[1]), np.ones(2, np.int64)
    for i in range(used.size):
        x, trend = horizons[i, 0].max(), 0.0
        for t in range(horizons.shape[1]):
            before, low, high = x, -np.inf, np.inf
            moves = horizons[i, t] - horizons[i, max(t - 1, 0)]
            x += min(max(trend, moves.min()), moves.max())
            for _ in range(200):
                moved = horizons[i, t] - x
                f, moment = _log_odds(nodes[i, : used[i]], weights[i], moved, (severity[i], slope[i]), once, room)
                low, high = (x, high) if f > target else (low, x)
                step = (target - f) * sd[i] ** 2 / moment
                x = 0.5 * (low + high) if x + step < low or x + step > high else x + step
                if not abs(step) > _CLOSE:
                    break
            out[i, t], trend = x, x - before


@compiled
def resample(start: Floats, spacing: Floats, values: Singles, at: Floats, out: Floats) -> None:
    """Interpolate equally spaced values by polynomials of fifth degree.

    Those of draw i stand at ``start[i] + j * spacing[i]``; ``values`` (draw, item, node), ``at`` (draw, date), ``out``
    (draw, date, item).
    """
    weights, nodes = np.empty(6), np.arange(6.0)
    for i in range(start.size):
        for t in range(at.shape[1]):
            place = (at[i, t] - start[i]) / spacing[i]
            low = min(max(int(place) - 2, 0), values.shape[2] - 6) if np.isfinite(place) else 0
            weigh(nodes, place - low, weights)
            for item in range(values.shape[1]):
                total = 0.0
                for j in range(6):
                    total += weights[j] * values[i, item, low + j]
                out[i, t, item] = total
