"""Compiled twins of the plain equations, for the loops that take all the time.

Each kernel does for a chunk of draws what named functions of `autosim.equations` do for arrays, and is tested against them. They are
all in this one file because Numba's cache notices a change only in the file of the function it compiled.
"""

import importlib
from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

_numba: Any = importlib.import_module("numba")
_FAST = {"reassoc", "contract", "arcp", "nsz"}
_RATIONED = 1e-10
_COSTS = np.array([4, 5, 6, 8])
"""Positions in `DelegationTerms` of verification, rework, undetected_loss and choice_noise."""


def compiled[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function to machine code that runs without the interpreter's lock, once per machine."""
    return cast(Callable[P, R], _numba.njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")(function))


@compiled
def exp(x: float) -> float:
    """Exponential that vectorises: Cody-Waite reduction and a Taylor polynomial, right to 2e-15."""
    x = min(max(x, -708.0), 708.0)
    n = np.floor(x * 1.4426950408889634 + 0.5)
    r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10
    p = 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = (p * r + 1.0) * r + 1.0
    return float(p * np.int64((np.int64(n) + 1023) << 52).view(np.float64))


@compiled
def softplus(x: float) -> float:
    """Twin of `equations.arrays.softplus`; log1p by the series of artanh on a reduced range, right to 1e-15."""
    e = exp(-abs(x))
    large = e > 0.41421356237309503
    scaled = (1.0 + e) * 0.7071067811865476 - 1.0 if large else e
    z = scaled / (2.0 + scaled)
    y = z * z
    s = 1.0 / 19.0
    s = s * y + 1.0 / 17.0
    s = s * y + 1.0 / 15.0
    s = s * y + 1.0 / 13.0
    s = s * y + 1.0 / 11.0
    s = s * y + 1.0 / 9.0
    s = s * y + 1.0 / 7.0
    s = s * y + 0.2
    s = s * y + 1.0 / 3.0
    log1p = 2.0 * (z + z * y * s) + (0.34657359027997264 if large else 0.0)
    return max(x, 0.0) + log1p


@compiled
def _losses(mean: float, sd: float, z: Floats, horizons: Floats, severity: Floats, slope: Floats, out: Floats) -> None:
    """Twin of `equations.success.log_failure_weight` on the nodes mean + sd z."""
    for j in range(z.size):
        out[j] = 0.0
    for b in range(horizons.size):
        if severity[b] != 0.0:
            for j in range(z.size):
                out[j] += severity[b] * softplus(slope[b] * (mean + sd * z[j] - horizons[b]))


@compiled
def _look_ahead(losses: Floats, pieces: Floats, against: float, gain: float, overhead: float, ahead: Floats) -> None:
    """Twin of `equations.delegation.prospects`: ``ahead`` is (field, node); ``against`` is exp(-optimism)."""
    for j in range(losses.size):
        success, piece = exp(-losses[j]), exp(-pieces[j])
        failure = 1.0 - success
        believed = piece / (piece + (1.0 - piece) * against)
        ahead[0, j] = failure
        ahead[1, j] = failure * against / (success + failure * against)
        ahead[2, j] = (1.0 + overhead) / (1.0 + gain * piece)
        ahead[3, j] = (1.0 + overhead) / (1.0 + gain * believed)


@compiled
def _outcome(weights: Floats, ahead: Floats, start: float, costs: Floats, out: Floats) -> None:
    """Twin of `equations.delegation.expected_outcome`; ``costs`` are verification, rework, undetected loss, choice noise."""
    verification, rework, loss, per_noise = costs[0], costs[1], costs[2], 1.0 / costs[3]
    assisted = verified = trusted = undelegated = delegated = fallback = fallback_assisted = 0.0
    for j in range(weights.size):
        odds_a = exp((1.0 - ahead[3, j]) * per_noise)
        odds_v = exp((1.0 - start - verification - ahead[1, j] * rework) * per_noise)
        odds_t = exp((1.0 - start - ahead[1, j] * loss) * per_noise)
        each = weights[j] / (1.0 + odds_a + odds_v + odds_t)
        without = each * (1.0 + odds_a * ahead[2, j])
        refused = (odds_v + odds_t) / (1.0 + odds_a)
        assisted += each * odds_a
        verified += each * odds_v
        trusted += each * odds_t
        undelegated += without
        delegated += each * (
            odds_v * (start + verification + ahead[0, j] * rework) + odds_t * (start + ahead[0, j] * loss)
        )
        fallback += refused * without
        fallback_assisted += refused * each * odds_a
    out[0], out[1], out[2], out[3] = assisted, verified, trusted, undelegated
    out[4], out[5], out[6] = delegated, fallback, fallback_assisted


@compiled
def _allocate(
    weights: Floats, ahead: Floats, kinds: NDArray[np.int64], time_share: Floats, terms: Floats, adoption: float, served: float, out: Floats
) -> None:
    """Twin of `equations.workflow.allocate` for one draw; ``out`` is (cost, assisted, verified, trusted; task)."""
    human_planning, human_interpreting = 1.0, 1.0
    outcome = np.empty(7)
    for kind in range(3):
        start = terms[2] * human_planning + terms[3] * human_interpreting + terms[7]
        whole = trusted = 0.0
        for k in range(kinds[kind], kinds[kind + 1]):
            _outcome(weights, ahead[k], start, terms[_COSTS], outcome)
            used = outcome[3] + served * outcome[4] + (1.0 - served) * outcome[5]
            out[0, k] = 1.0 - adoption + adoption * used
            out[1, k] = adoption * (outcome[0] + (1.0 - served) * outcome[6])
            out[2, k] = adoption * served * outcome[1]
            out[3, k] = adoption * served * outcome[2]
            whole += time_share[k]
            trusted += time_share[k] * out[3, k]
        human = 1.0 - trusted / whole if whole > 0.0 else 1.0
        if kind == 0:
            human_planning = human
        elif kind == 1:
            human_interpreting = human


@compiled
def _demand(time_share: Floats, work: Floats, substitution: float, scale: float) -> float:
    """Twin of `equations.compute.agent_compute_demand`; ``scale`` is all of it that does not depend on labour."""
    whole = delegated = total = 0.0
    k = 1.0 - substitution
    geometric = abs(k) < 1e-9
    for task in range(time_share.size):
        whole += time_share[task]
        delegated += time_share[task] * (work[2, task] + work[3, task])
        logged = np.log(work[0, task])
        total += time_share[task] * (logged if geometric else np.expm1(k * logged))
    mean = total / whole
    speedup = np.exp(-mean) if geometric else np.exp(-np.log1p(mean) / k)
    return float(scale * speedup * delegated / whole)


@compiled
def labour(
    difficulty: tuple[Floats, Floats, Floats, Floats],
    horizons: Floats,
    severity: Floats,
    slope: Floats,
    piece_doublings: Floats,
    terms: Floats,
    optimism: Floats,
    kinds: NDArray[np.int64],
    time_share: Floats,
    adoption: Floats,
    substitution: Floats,
    compute: tuple[Floats, Floats],
    out: Floats,
) -> None:
    """Twin of `World.labour` without the summary: expected cost and mode shares of every task.

    ``difficulty`` holds mean and sd (draw, task), z and weights (draw, node), padded with weight 0; ``horizons`` (draw, bottleneck) are
    those of real work; ``severity`` is (draw, task, bottleneck), ``terms`` (draw, term) in the order of `DelegationTerms`; ``compute`` holds
    cap and scale of demand (draw,), with scale 0 where compute sets no limit; ``out`` is (draw, 4, task).
    """
    mean, sd, nodes, all_weights = difficulty
    cap, scale = compute
    draws, tasks = mean.shape
    losses, pieces = np.empty(nodes.shape[1]), np.empty(nodes.shape[1])
    ahead = np.empty((tasks, 4, nodes.shape[1]))
    for i in range(draws):
        count = _used(all_weights[i])
        z, weights = nodes[i, :count], all_weights[i, :count]
        against = exp(-optimism[i])
        for k in range(tasks):
            _losses(mean[i, k], sd[i, k], z, horizons[i], severity[i, k], slope[i], losses[:count])
            _losses(mean[i, k] - piece_doublings[i], sd[i, k], z, horizons[i], severity[i, k], slope[i], pieces[:count])
            _look_ahead(losses[:count], pieces[:count], against, terms[i, 0], terms[i, 1], ahead[k])
        _allocate(weights, ahead, kinds, time_share[i], terms[i], adoption[i], 1.0, out[i])
        if _demand(time_share[i], out[i], substitution[i], scale[i]) > cap[i]:
            _ration(weights, ahead, kinds, time_share[i], terms[i], adoption[i], substitution[i], cap[i], scale[i], out[i])


@compiled
def _ration(
    weights: Floats,
    ahead: Floats,
    kinds: NDArray[np.int64],
    time_share: Floats,
    terms: Floats,
    adoption: float,
    substitution: float,
    cap: float,
    scale: float,
    out: Floats,
) -> None:
    """Largest served share whose demand stays within the cap (model §6), by regula falsi (Illinois)."""
    low, high, f_low = 0.0, 1.0, -1.0
    f_high = _demand(time_share, out, substitution, scale) / cap - 1.0
    side = 0
    for _ in range(100):
        middle = (f_high * low - f_low * high) / (f_high - f_low)
        _allocate(weights, ahead, kinds, time_share, terms, adoption, middle, out)
        f = _demand(time_share, out, substitution, scale) / cap - 1.0
        if abs(f) < _RATIONED or high - low < _RATIONED:
            break
        if f > 0.0:
            high, f_high = middle, f
            f_low = 0.5 * f_low if side > 0 else f_low
            side = 1
        else:
            low, f_low = middle, f
            f_high = 0.5 * f_high if side < 0 else f_high
            side = -1


@compiled
def binding(difficulty: tuple[Floats, Floats, Floats, Floats], horizons: Floats, severity: Floats, slope: Floats, out: Floats) -> None:
    """Twin of `equations.success.binding_split`; arguments as in `labour`, ``out`` (draw, task, bottleneck)."""
    mean, sd, nodes, weights = difficulty
    for i in range(mean.shape[0]):
        for k in range(mean.shape[1]):
            whole = 0.0
            for b in range(slope.shape[1]):
                total = 0.0
                for j in range(nodes.shape[1]):
                    total += weights[i, j] * softplus(slope[i, b] * (mean[i, k] + sd[i, k] * nodes[i, j] - horizons[i, b]))
                out[i, k, b] = severity[i, k, b] * total
                whole += out[i, k, b]
            for b in range(slope.shape[1]):
                out[i, k, b] /= whole


@compiled
def pass_rates(
    mean: Floats, sd: Floats, nodes: Floats, all_weights: Floats, horizons: Floats, severity: Floats, slope: Floats, out: Floats
) -> None:
    """Twin of `equations.success.mean_success`, `mean_best_of` and `mean_all_of` with k = 5.

    ``mean`` and ``sd`` are (draw, evaluation), ``nodes`` and ``all_weights`` (draw, node), ``horizons`` (draw, date, bottleneck), ``severity``
    (draw, evaluation, bottleneck); ``out`` is (3, draw, date, evaluation).
    """
    for i in range(mean.shape[0]):
        count = _used(all_weights[i])
        z, weights, losses = nodes[i, :count], all_weights[i, :count], np.empty(count)
        for t in range(horizons.shape[1]):
            for e in range(mean.shape[1]):
                _losses(mean[i, e], sd[i, e], z, horizons[i, t], severity[i, e], slope[i], losses)
                once = best = everyone = 0.0
                for j in range(count):
                    p = exp(-losses[j])
                    q, p2, q2 = 1.0 - p, p * p, (1.0 - p) * (1.0 - p)
                    once += weights[j] * p
                    best += weights[j] * (1.0 - q2 * q2 * q)
                    everyone += weights[j] * p2 * p2 * p
                out[0, i, t, e], out[1, i, t, e], out[2, i, t, e] = once, best, everyone


@compiled
def _used(weights: Floats) -> int:
    """Nodes of a draw before its padding."""
    return int((weights > 0.0).sum())


@compiled
def _mean_success(mean: float, sd: float, z: Floats, weights: Floats, horizons: Floats, severity: Floats, slope: Floats, losses: Floats) -> float:
    """Twin of `equations.success.mean_success` for one normal population."""
    _losses(mean, sd, z, horizons, severity, slope, losses)
    total = 0.0
    for j in range(z.size):
        total += weights[j] * exp(-losses[j])
    return total


@compiled
def advances(
    mean: Floats,
    sd: Floats,
    nodes: Floats,
    all_weights: Floats,
    horizons: Floats,
    severity: Floats,
    slope: Floats,
    direction: Floats,
    limits: tuple[float, float, float],
    out: Floats,
) -> None:
    """Advance at which each evaluation's pass rate reaches a target, NaN where none within the limit does.

    ``direction`` is (draw, evaluation, bottleneck), ``limits`` are target, largest advance and the horizons' cap; ``out`` is (draw,
    evaluation) [doublings].
    """
    target, reach, cap = limits
    for i in range(mean.shape[0]):
        count = _used(all_weights[i])
        z, weights, losses = nodes[i, :count], all_weights[i, :count], np.empty(count)
        for e in range(mean.shape[1]):
            low, high, f_low, f_high, side = -reach, reach, np.nan, np.nan, 0
            for step in range(100):
                if step == 0:
                    x = low
                elif step == 1:
                    x = high
                else:
                    x = (f_high * low - f_low * high) / (f_high - f_low)
                moved = np.minimum(horizons[i] + x * direction[i, e], cap)
                rate = _mean_success(mean[i, e], sd[i, e], z, weights, moved, severity[i, e], slope[i], losses)
                f = np.log(max(rate, 1e-300) / target)
                if step == 0:
                    f_low = f
                elif step == 1:
                    f_high = f
                elif f > 0.0:
                    f_low = 0.5 * f_low if side > 0 else f_low
                    high, f_high, side = x, f, 1
                else:
                    f_high = 0.5 * f_high if side < 0 else f_high
                    low, f_low, side = x, f, -1
                if (step == 1 and f_low * f_high > 0.0) or (step > 1 and (abs(f) < 1e-12 or high - low < 1e-10)):
                    break
            out[i, e] = np.nan if f_low * f_high > 0.0 else x


@compiled
def success_lengths(
    target: float, sd: Floats, nodes: Floats, all_weights: Floats, horizons: Floats, severity: Floats, slope: Floats, out: Floats
) -> None:
    """Difficulty [log2 min] at which residual-averaged success is ``target``, for each draw and date: ``out`` (draw, date).

    ``sd`` of the residual is (draw,), ``horizons`` (draw, date, bottleneck), ``severity`` (draw, bottleneck). Each date is first sought between
    the smallest and the largest move of a horizon since the one before.
    """
    for i in range(sd.size):
        count = _used(all_weights[i])
        z, weights, losses = nodes[i, :count], all_weights[i, :count], np.empty(count)
        for t in range(horizons.shape[1]):
            low = high = horizons[i, 0].max()
            if t > 0:
                moves = horizons[i, t] - horizons[i, t - 1]
                low, high = out[i, t - 1] + moves.min(), out[i, t - 1] + moves.max()
            out[i, t] = _length(target, low, high, sd[i], z, weights, horizons[i, t], severity[i], slope[i], losses)


@compiled
def _length(
    target: float,
    low: float,
    high: float,
    sd: float,
    z: Floats,
    weights: Floats,
    horizons: Floats,
    severity: Floats,
    slope: Floats,
    losses: Floats,
) -> float:
    """Difficulty at which mean success is ``target``: widen the bracket, then regula falsi (Illinois)."""
    width, side = 0.25, 0
    f_low = _mean_success(low, sd, z, weights, horizons, severity, slope, losses) - target
    while f_low < 0.0:
        low, width = low - width, 2.0 * width
        f_low = _mean_success(low, sd, z, weights, horizons, severity, slope, losses) - target
    f_high = _mean_success(high, sd, z, weights, horizons, severity, slope, losses) - target
    while f_high > 0.0:
        high, width = high + width, 2.0 * width
        f_high = _mean_success(high, sd, z, weights, horizons, severity, slope, losses) - target
    x = low if f_low == 0.0 else high
    for _ in range(100):
        if high - low < 1e-10 or f_low == f_high:
            break
        x = (f_low * high - f_high * low) / (f_low - f_high)
        f = _mean_success(x, sd, z, weights, horizons, severity, slope, losses) - target
        if abs(f) < 1e-12:
            break
        if f > 0.0:
            f_high = 0.5 * f_high if side > 0 else f_high
            low, f_low, side = x, f, 1
        else:
            f_low = 0.5 * f_low if side < 0 else f_low
            high, f_high, side = x, f, -1
    return x
