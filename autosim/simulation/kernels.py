"""Compiled twins of the plain equations, for the loops that take all the time.

Each kernel does for a chunk of draws what named functions of `autosim.equations` do for arrays, and is tested against
them. They are all in this one file because Numba's cache notices a change only in the file of the function it compiled.
``grids`` are `quadrature.Grids` of tasks or evaluations. A NaN stays one: nothing assumes that numbers are finite.
Loops run over slices, since otherwise Numba allows for negative indices and does not vectorise.
"""

import importlib
from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]
type Pair = tuple[Floats, Floats]
type Triple = tuple[Floats, Floats, Floats]
type Numbers = tuple[float, float, float]
type Mix = tuple[Integers, Floats, Floats]
type Tasks = tuple[Floats, Integers, Integers, Floats, Integers, Floats]
type Grids = tuple[Floats, Integers, Integers, Integers, Integers, Integers, Floats]

_numba: Any = importlib.import_module("numba")
_FUSED, _REORDERED = frozenset({"contract"}), frozenset({"contract", "reassoc", "arcp", "nsz"})
_LOG2_E = 1.4426950408889634
_ROUNDER = 6755399441055744.0 + 1023.0  # 1.5 · 2^52 and the the exponents' bias: adding it rounds to a whole number
# (2^r - 1)/r on [-1/2, 1/2] within 3e-17, highest power first, and (artanh(z)/z - 1)/z² in z² up to 0.0295 within 5e-18
_EXP2: tuple[float, ...] = (4.455822025014915e-10, 7.074202020682214e-09, 1.0178057064573359e-07)
_EXP2 += (1.3215432492460394e-06, 1.5252733841601815e-05, 0.00015403530463808858, 0.0013333558146406436)
_EXP2 += (0.00961812910758719, 0.055504108664821625, 0.2402265069591016, 0.6931471805599453)
_ARTANH: tuple[float, ...] = (0.07308518774395825, 0.0766583701508393, 0.09091445278347801, 0.1111110555757208)
_ARTANH += (0.14285714313047945, 0.1999999999994962, 0.3333333333333335)


def compiled[**P, R](function: Callable[P, R], flags: frozenset[str] = _REORDERED) -> Callable[P, R]:
    """Compile a function to machine code that runs without the interpreter's lock, once per machine."""
    jit = _numba.njit(nogil=True, cache=True, fastmath=set(flags), error_model="numpy")
    return cast(Callable[P, R], jit(function))


def compiled_in_order[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function whose sums must not be reordered."""
    return compiled(function, _FUSED)


@compiled_in_order
def _power(n: float, r: float) -> tuple[float, float]:
    """2^(n + r) as 2^n and the rest, for a whole number to which `_ROUNDER` was added and r in [-1/2, 1/2]."""
    p = _EXP2[0]
    for c in _EXP2[1:]:
        p = p * r + c
    scale = np.int64(np.float64(n).view(np.int64) << 52).view(np.float64)
    return scale, scale * (p * r)


@compiled_in_order
def exp2(x: float) -> tuple[float, float]:
    """2^x and 1 - 2^x, for x below 1023 (below -1021 it stays there), both right to the last digits."""
    x = max(x, -1021.0)
    n = x + _ROUNDER
    scale, rest = _power(n, x - (n - _ROUNDER))
    return scale + rest, (1.0 - scale) - rest


@compiled_in_order
def softplus(x: float) -> float:
    """Twin of `equations.arrays.softplus`, right to 1e-15: exp by Cody and Waite, log1p as 2 artanh, reduced."""
    y = max(-abs(x), -708.0)
    n = y * _LOG2_E + _ROUNDER
    m = n - _ROUNDER
    scale, rest = _power(n, ((y - m * 0.693147180369123816490) - m * 1.90821492927058770002e-10) * _LOG2_E)
    e = scale + rest
    large = e > 0.41421356237309503
    scaled = (1.0 + e) * 0.7071067811865476 - 1.0 if large else e
    z = scaled / (2.0 + scaled)
    y = z * z
    s = _ARTANH[0]
    for c in _ARTANH[1:]:
        s = s * y + c
    log1p = 2.0 * (z + z * y * s) + (0.34657359027997264 if large else 0.0)
    return max(x, 0.0) + log1p


@compiled
def _tabulate(x: Floats, horizons: Floats, slope: Floats, table: Floats) -> None:
    """Each bottleneck's softplus(slope (x - horizon)), (bottleneck, x)."""
    for b in range(slope.size):
        row, k, h = table[b, : x.size], slope[b], horizons[b]
        for j in range(x.size):
            row[j] = softplus(k * (x[j] - h))


@compiled
def _attempt(table: Floats, severity: Floats, begin: int, end: int, success: Floats, failure: Floats) -> None:
    """Twin of `equations.success.log_failure_weight` and exp(-it): p and 1 - p, both right to the last digits."""
    p, q = success[begin:end], failure[begin:end]
    p[:] = 0.0
    for b in range(severity.size):
        row, r = table[b, begin:end], severity[b] * _LOG2_E
        for j in range(p.size):
            p[j] -= r * row[j]
    for j in range(p.size):
        p[j], q[j] = exp2(p[j])


@compiled
def _look_ahead(
    success: Floats, failure: Floats, places: tuple[int, int, int], optimism: float, terms: Floats, ahead: Floats
) -> None:
    """Twin of `equations.delegation.prospects`, and of `delegated_costs` and `mode_shares` as far as they are fixed.

    ``places`` are where the task's instances and their pieces begin, and how many there are. ``ahead`` (5, node) are
    odds against manual of assisted, verified and trusted, the latter two before handover and agent_price; after the
    first the cost of the assisted and last that of failures of the delegated, both times the odds.
    """
    first, shifted, count = places
    p, q = success[first : first + count], failure[first : first + count]
    piece, no_piece = success[shifted : shifted + count], failure[shifted : shifted + count]
    against = exp2(-min(max(optimism, -300.0), 300.0) * _LOG2_E)[0]
    gain, overhead, rework, loss, per_noise = terms[0], 1.0 + terms[1], terms[5], terms[6], _LOG2_E / terms[8]
    for j in range(count):
        belief, helped = p[j] + q[j] * against, 1.0 + gain * piece[j]
        piece_belief = piece[j] + no_piece[j] * against
        believed = piece_belief + gain * piece[j]
        over_all = 1.0 / (belief * helped * believed)
        ahead[0, j] = overhead * piece_belief * belief * helped * over_all
        ahead[1, j] = overhead * belief * believed * over_all
        ahead[2, j] = q[j] * against * helped * believed * over_all
    for j in range(count):
        doubt = ahead[2, j]
        assisted = exp2((1.0 - ahead[0, j]) * per_noise)[0]
        verified = exp2((1.0 - terms[4] - doubt * rework) * per_noise)[0]
        trusted = exp2((1.0 - doubt * loss) * per_noise)[0]
        ahead[0, j] = assisted
        ahead[1, j] = assisted * ahead[1, j]
        ahead[2, j] = verified
        ahead[3, j] = trusted
        ahead[4, j] = (verified * rework + trusted * loss) * q[j]


@compiled
def _outcome(weights: Floats, ahead: Floats, fade: float, sums: Floats) -> None:
    """Twin of `equations.delegation.expected_outcome` before its costs are put together.

    ``fade`` is what handover and agent_price take off the odds of delegating. ``sums`` are shares manual, assisted,
    verified and trusted, cost of the assisted and cost of failures of the delegated.
    """
    manual = assisted = verified = trusted = paid = failed = 0.0
    for j in range(weights.size):
        each = weights[j] / (1.0 + ahead[0, j] + fade * (ahead[2, j] + ahead[3, j]))
        manual += each
        assisted += each * ahead[0, j]
        paid += each * ahead[1, j]
        verified += each * ahead[2, j]
        trusted += each * ahead[3, j]
        failed += each * ahead[4, j]
    sums[0], sums[1], sums[2], sums[3] = manual, assisted, fade * verified, fade * trusted
    sums[4], sums[5] = paid, fade * failed


@compiled
def _settle(tasks: Tasks, terms: Floats, adoption: float, served: float, known: int, sums: Floats, out: Floats) -> None:
    """Twin of `equations.workflow.allocate` and `share_out`: ``out`` is (task; cost, assisted, verified, trusted).

    ``sums`` (task, 8) are from `_outcome` and, if not all are ``served``, cost and assisted share if nobody delegated.
    Those of the first ``known`` tasks are kept.
    """
    weights, place, length, ahead, kinds, time_share = tasks
    human = np.ones(3)
    for kind in range(3):
        start = terms[2] * human[0] + terms[3] * human[1] + terms[7]
        fade = exp2(-start / terms[8] * _LOG2_E)[0]
        hours = handed_over = 0.0
        for k in range(kinds[kind], kinds[kind + 1]):
            if k >= known:
                _outcome(weights[place[k] : place[k] + length[k]], ahead[k], fade, sums[k])
            manual, assisted, verified, trusted = sums[k, 0], sums[k, 1], sums[k, 2], sums[k, 3]
            paid, failed, alone, alone_assisted = sums[k, 4], sums[k, 5], sums[k, 6], sums[k, 7]
            undelegated, delegated = manual + paid, (start + terms[4]) * verified + start * trusted + failed
            used = undelegated + served * delegated + (1.0 - served) * (alone - undelegated)
            out[k, 0] = 1.0 - adoption + adoption * used
            out[k, 1] = adoption * (assisted + (1.0 - served) * (alone_assisted - assisted))
            out[k, 2], out[k, 3] = adoption * served * verified, adoption * served * trusted
            hours += time_share[k]
            handed_over += time_share[k] * out[k, 3]
        human[kind] = 1.0 - handed_over / hours if hours > 0.0 else 1.0


@compiled
def _summarise(time_share: Floats, work: Floats, substitution: float, state: Floats) -> None:
    """Twin of `equations.workflow.labour_state` for one draw; ``work`` is (task; cost, assisted, verified, trusted)."""
    k, whole, lead, total = 1.0 - substitution, time_share.sum(), -np.inf, 0.0
    geometric = abs(k) < 1e-9
    state[:] = 0.0
    for task in range(time_share.size):
        w = time_share[task] / whole
        state[1] += w * work[task, 0]
        state[2] += w * (work[task, 2] + work[task, 3])
        state[3] += w * work[task, 1]
        state[4] += w * work[task, 3]
        if w != 0.0:
            lead = max(lead, k * np.log(max(work[task, 0], 1e-300)))
    for task in range(time_share.size):
        log_cost = np.log(max(work[task, 0], 1e-300))
        if time_share[task] != 0.0:
            total += time_share[task] / whole * (log_cost if geometric else np.expm1(k * log_cost - lead))
    state[0] = np.exp(-total) if geometric else np.exp(-(lead + np.log1p(total)) / k)
    state[1] = 1.0 - state[1]


@compiled
def labour(
    grids: Grids, horizons: Floats, success: Pair, choice: Triple, mix: Mix, compute: Pair, out: Floats, states: Floats
) -> None:
    """Expected cost and mode shares of every task, rationed by compute, and what they come to (model §4 to §6).

    ``horizons`` (draw, bottleneck) are those of real work. ``success`` holds severity (draw, task, bottleneck) and
    slope (draw, bottleneck); ``choice`` the terms (draw, term) in the order of `DelegationTerms`, optimism and adoption
    (draw,); ``mix`` the bounds of kinds, time_share (draw, task) and task_substitution (draw,); ``compute`` cap and
    scale of demand (draw,), with scale 0 where compute sets no limit. ``out`` (draw, task, 4) are the fields of
    `Allocation`, ``states`` (draw, 5) those of `LabourState`.
    """
    nodes, used, first, shifted, length, place, weights = grids
    (severity, slope), (terms, optimism, adoption), (kinds, time_share, substitution) = success, choice, mix
    table, p, q = np.empty((slope.shape[1], nodes.shape[1])), np.empty(nodes.shape[1]), np.empty(nodes.shape[1])
    ahead = np.empty((first.shape[1], 5, nodes.shape[1]))
    for i in range(used.size):
        _tabulate(nodes[i, : used[i]], horizons[i], slope[i], table)
        for k in range(first.shape[1]):
            a, b, n = first[i, k], shifted[i, k], length[i, k]
            _attempt(table, severity[i, k], min(a, b), max(a, b) + n, p, q)
            _look_ahead(p, q, (a, b, n), optimism[i], terms[i], ahead[k])
        tasks, sums = (weights[i], place[i], length[i], ahead, kinds, time_share[i]), np.zeros((first.shape[1], 8))
        _settle(tasks, terms[i], adoption[i], 1.0, kinds[0], sums, out[i])
        _summarise(time_share[i], out[i], substitution[i], states[i])
        if compute[1][i] * states[i, 0] * states[i, 2] > compute[0][i]:
            ways = adoption[i], substitution[i], compute[0][i] / compute[1][i]
            _ration(tasks, terms[i], ways, sums, out[i], states[i])


@compiled
def _ration(tasks: Tasks, terms: Floats, ways: Numbers, sums: Floats, out: Floats, state: Floats) -> None:
    """Largest served share at which S_L times the delegated share is what compute allows (model §6).

    ``ways`` are adoption, task_substitution and what compute allows. Demand is nearly a power of the served share, so
    inverse quadratic interpolation of their logarithms, kept within a bracket, takes about five steps.
    """
    adoption, substitution, allowed = ways
    weights, place, length, ahead, kinds, time_share = tasks
    alone = np.empty(6)
    for k in range(length.size):
        _outcome(weights[place[k] : place[k] + length[k]], ahead[k], 0.0, alone)
        sums[k, 6], sums[k, 7] = alone[0] + alone[4], alone[1]
    x0, x1, low, high = 0.0, 0.0, -np.inf, 0.0
    y0 = y1 = np.log(state[0] * state[2] / allowed)
    x = -y0
    for step in range(100):
        _settle(tasks, terms, adoption, np.exp(x), kinds[1], sums, out)
        _summarise(time_share, out, substitution, state)
        y = np.log(state[0] * state[2] / allowed)
        if not (abs(y) > 1e-9 and high - low > 1e-9):
            break
        low, high = (low, x) if y > 0.0 else (x, high)
        guess = x - y * (x - x1) / (y - y1)
        if step > 0:
            guess = x0 * y1 * y / ((y0 - y1) * (y0 - y)) + x1 * y0 * y / ((y1 - y0) * (y1 - y))
            guess += x * y0 * y1 / ((y - y0) * (y - y1))
        x0, y0, x1, y1 = x1, y1, x, y
        x = guess if low < guess < high else max(0.5 * (low + high), high - 1.0)


@compiled
def binding(grids: Grids, horizons: Floats, severity: Floats, slope: Floats, out: Floats) -> None:
    """Twin of `equations.success.binding_split`; arguments as in `labour`, ``out`` (draw, task, bottleneck)."""
    nodes, used, first, _, length, place, weights = grids
    table = np.empty((slope.shape[1], nodes.shape[1]))
    for i in range(used.size):
        _tabulate(nodes[i, : used[i]], horizons[i], slope[i], table)
        for k in range(first.shape[1]):
            for b in range(slope.shape[1]):
                total, row, w = 0.0, table[b, first[i, k] : first[i, k] + length[i, k]], weights[i, place[i, k] :]
                for j in range(row.size):
                    total += w[j] * row[j]
                out[i, k, b] = severity[i, k, b] * total
            whole = out[i, k].sum()
            for b in range(slope.shape[1]):
                out[i, k, b] /= whole if whole != 0.0 else 1.0


@compiled
def pass_rates(grids: Grids, horizons: Floats, severity: Floats, slope: Floats, out: Floats) -> None:
    """Twin of `equations.success.mean_success`, `mean_best_of` and `mean_all_of` with k = 5.

    ``grids`` are those of evaluations, ``horizons`` (draw, date, bottleneck), ``severity`` (draw, evaluation,
    bottleneck); ``out`` (draw, evaluation, rate, date) starts from 0. Loops run over dates, as they are many.
    """
    nodes, used, first, _, length, place, weights = grids
    dates = horizons.shape[1]
    table, p, q = np.empty((slope.shape[1], dates)), np.empty(dates), np.empty(dates)
    for i in range(used.size):
        difficulty = -horizons[i].T.copy()
        for j in range(used[i]):
            for b in range(slope.shape[1]):
                _tabulate(difficulty[b], -nodes[i, j : j + 1], slope[i, b : b + 1], table[b : b + 1])
            for e in range(first.shape[1]):
                if first[i, e] <= j < first[i, e] + length[i, e]:
                    _attempt(table, severity[i, e], 0, dates, p, q)
                    _count(weights[i, place[i, e] + j - first[i, e]], p, q, out[i, e])


@compiled
def _count(weight: float, success: Floats, failure: Floats, sums: Floats) -> None:
    """Add instances of one difficulty to mean success, best of 5 and all of 5, (3, date)."""
    for t in range(success.size):
        p, q = success[t], failure[t]
        sums[0, t] += weight * p
        sums[1, t] += weight * (1.0 - q * q * (q * q) * q)
        sums[2, t] += weight * (p * p * (p * p) * p)


@compiled
def _log_odds(
    x: Floats, weights: Floats, horizons: Floats, severity: Floats, slope: Floats, scratch: Triple
) -> tuple[float, float]:
    """Logit of mean success over instances, and E[x p] / (E[p] E[1 - p]), from p or from 1 - p, whichever is small."""
    table, p, q = scratch
    _tabulate(x, horizons, slope, table)
    _attempt(table, severity, 0, x.size, p, q)
    once = never = moment = counter = 0.0
    for j in range(x.size):
        once += weights[j] * p[j]
        never += weights[j] * q[j]
        moment += x[j] * weights[j] * p[j]
        counter += x[j] * weights[j] * q[j]
    return np.log(once / never), (moment if once < never else -counter) / (once * never)


@compiled
def advances(grids: Grids, horizons: Floats, success: Pair, direction: Floats, limits: Numbers, out: Floats) -> None:
    """Advance at which each evaluation's pass rate reaches a target, NaN where none within the limit does (model §8).

    ``success`` holds severity (draw, evaluation, bottleneck) and slope; ``direction`` is like severity; ``limits`` are
    the target's logit, the largest advance and the horizons' cap; ``out`` is (draw, evaluation). By regula falsi.
    """
    nodes, used, first, _, length, place, weights = grids
    (severity, slope), (target, reach, cap) = success, limits
    scratch = np.empty((slope.shape[1], nodes.shape[1])), np.empty(nodes.shape[1]), np.empty(nodes.shape[1])
    for i in range(used.size):
        for e in range(first.shape[1]):
            low, high, f_low, f_high, side = -reach, reach, np.nan, np.nan, 0
            difficulty, w = nodes[i, first[i, e] : first[i, e] + length[i, e]], weights[i, place[i, e] :]
            for step in range(100):
                x = (low, high)[step] if step < 2 else (f_high * low - f_low * high) / (f_high - f_low)
                moved = np.minimum(horizons[i] + x * direction[i, e], cap)
                f = _log_odds(difficulty, w, moved, severity[i, e], slope[i], scratch)[0] - target
                if step == 0 or (step > 1 and f < 0.0):
                    f_high *= 0.5 if side < 0 else 1.0
                    low, f_low, side = x, f, -1
                else:
                    f_low *= 0.5 if side > 0 else 1.0
                    high, f_high, side = x, f, 1
                if step > 0 and (not f_low <= 0.0 <= f_high or abs(f) < 1e-9 or high - low < 1e-9):
                    break
            out[i, e] = x if f_low <= 0.0 <= f_high else np.nan  # x: the last one tried


@compiled
def success_lengths(target: float, grids: Grids, sd: Floats, horizons: Floats, success: Pair, out: Floats) -> None:
    """Difficulty [log2 min] at which the logit of residual-averaged success is ``target``, (draw, date) (model §8).

    ``grids`` are those of a residual of mean 0 and ``sd`` (draw,), ``horizons`` (draw, date, bottleneck), ``success``
    severity and slope (draw, bottleneck). By Newton: E[x p] is sd² times the slope of mean success (Stein's lemma).
    """
    nodes, used, weights, (severity, slope) = grids[0], grids[1], grids[6], success
    scratch = np.empty((slope.shape[1], nodes.shape[1])), np.empty(nodes.shape[1]), np.empty(nodes.shape[1])
    for i in range(used.size):
        x, trend = horizons[i, 0].max(), 0.0
        for t in range(horizons.shape[1]):
            before, low, high = x, -np.inf, np.inf
            moves = horizons[i, t] - horizons[i, max(t - 1, 0)]
            x += min(max(trend, moves.min()), moves.max())
            for _ in range(200):
                moved = horizons[i, t] - x
                f, moment = _log_odds(nodes[i, : used[i]], weights[i], moved, severity[i], slope[i], scratch)
                low, high = (x, high) if f > target else (low, x)
                step = (target - f) * sd[i] ** 2 / moment
                x = 0.5 * (low + high) if x + step < low or x + step > high else x + step
                if not abs(step) > 1e-4:
                    break
            out[i, t], trend = x, x - before
