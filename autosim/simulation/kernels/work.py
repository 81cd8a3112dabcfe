"""What people delegate and what it then costs, one draw and moment at a time."""

from typing import NamedTuple

import numpy as np

from autosim.simulation.kernels.compiling import Floats, Integers, Singles, compiled, part
from autosim.simulation.kernels.elementary import LOG2_E, ONE, ZERO, attempt, exp2, scratch, single, tabulate

_FURTHEST = 80.0  # odds of e^80 are as good as certain
_MOST_ODDS = single(120.0)

type Numbers = tuple[float, float, float]
type Logs = tuple[Floats, Floats]


class Work(NamedTuple):
    """What the work of a chunk of draws consists of; the first seven are `quadrature.Grids` of tasks.

    ``severity`` (draw, task, bottleneck); ``slope`` (draw, bottleneck); ``terms`` (draw, term) in the order of
    `DelegationTerms`; ``kinds`` bounds of each kind's tasks (4,); ``time_share`` (draw, task); ``task_substitution``
    and ``agent_compute_cap`` (draw,).
    """

    nodes: Singles
    used: Integers
    first: Integers
    shifted: Integers
    length: Integers
    place: Integers
    weights: Singles
    severity: Floats
    slope: Floats
    terms: Floats
    kinds: Integers
    time_share: Floats
    task_substitution: Floats
    agent_compute_cap: Floats


class Room(NamedTuple):
    """Where a draw's work is laid out: softplus, p and 1 - p by node, the tasks' prospects and sums.

    ``less`` is what rationing last came to: doublings of the served share per doubling of demand beyond what compute
    allows, 1 to begin with. Only how fast rationing is found depends on it.
    """

    table: Singles
    success: Singles
    failure: Singles
    ahead: Singles
    sums: Floats
    alone: Floats
    logs: Floats
    powers: Floats
    human: Floats
    less: Floats


class Terms(NamedTuple):
    """`DelegationTerms` as the loops over nodes take them.

    ``per_noise`` are doublings of odds per unit of cost; all odds are lowered by 2^``damped``, so that those of the
    cheapest mode are a number, and ``alone`` are those of manual then.
    """

    gain: np.float32
    overhead: np.float32
    checked: np.float32
    rework: np.float32
    loss: np.float32
    per_noise: np.float32
    damped: np.float32
    alone: np.float32


@part
def make_room(work: Work) -> Room:
    """Room for any draw of a chunk."""
    tasks, nodes = work.first.shape[1], work.nodes.shape[1]
    table, success, failure = scratch(work.slope.shape[1], nodes)
    ahead = np.empty((tasks, 5, nodes), np.float32)
    sums, alone, logs, powers = np.zeros((tasks, 8)), np.empty(6), np.empty(tasks), np.empty(tasks + 1)
    return Room(table, success, failure, ahead, sums, alone, logs, powers, np.empty(3), np.ones(1))


@part
def _terms(terms: Floats) -> Terms:
    """Those of a draw."""
    per_noise = single(LOG2_E / terms[8])
    damped = max(per_noise - _MOST_ODDS, ZERO)
    gain, overhead, checked = single(terms[0]), single(1.0 + terms[1]), single(1.0 - terms[4])
    return Terms(gain, overhead, checked, single(terms[5]), single(terms[6]), per_noise, damped, exp2(-damped))


@part
def _look_ahead(room: Room, places: tuple[int, int, int], against: np.float32, terms: Terms, ahead: Singles) -> None:
    """Twin of `equations.delegation.prospects`, and of `delegated_costs` and `mode_shares` as far as they are fixed.

    ``places`` are where the task's instances and their pieces begin, and how many there are; ``against`` are odds by
    which failure is believed in too little. ``ahead`` (5, node) are odds of assisted and its cost times them, odds of
    verified and trusted before handover and agent_price, and 1 - p. All odds are against those of manual.
    """
    first, shifted, count = places
    p, q = room.success[first : first + count], room.failure[first : first + count]
    piece, no_piece = room.success[shifted : shifted + count], room.failure[shifted : shifted + count]
    per_noise, damped, overhead = terms.per_noise, terms.damped, terms.overhead
    for j in range(count):
        doubt = q[j] * against / (p[j] + q[j] * against)
        sure, gained = piece[j] + no_piece[j] * against, terms.gain * piece[j]
        assisted = exp2((ONE - overhead * sure / (sure + gained)) * per_noise - damped)
        ahead[0, j] = assisted
        ahead[1, j] = assisted * (overhead / (ONE + gained))
        ahead[2, j] = exp2((terms.checked - doubt * terms.rework) * per_noise - damped)
        ahead[3, j] = exp2((ONE - doubt * terms.loss) * per_noise - damped)
        ahead[4, j] = q[j]


@part
def _outcome(weights: Singles, ahead: Singles, handed: np.float32, terms: Terms, sums: Floats) -> None:
    """Twin of `equations.delegation.expected_outcome` before its costs are put together.

    ``handed`` are odds of paying for handover and agent_price, 0 if nobody delegates. ``sums`` are shares manual,
    assisted, verified and trusted, cost of the assisted and cost of failures of the delegated.
    """
    alone, rework, loss = terms.alone, terms.rework, terms.loss
    manual = assisted = verified = trusted = paid = failed = ZERO
    for j in range(weights.size):
        by_check, by_trust = ahead[2, j] * handed, ahead[3, j] * handed
        each = weights[j] / (alone + ahead[0, j] + by_check + by_trust)
        manual += each
        assisted += each * ahead[0, j]
        paid += each * ahead[1, j]
        verified += each * by_check
        trusted += each * by_trust
        failed += each * (by_check * rework + by_trust * loss) * ahead[4, j]
    manual *= alone
    whole = np.float64(manual + assisted + verified + trusted)  # 1, but for rounding
    sums[0], sums[1], sums[2] = manual / whole, assisted / whole, verified / whole
    sums[3], sums[4], sums[5] = trusted / whole, paid / whole, failed / whole


@part
def _settle(work: Work, i: int, room: Room, adoption: float, served: float, optimism: float, out: Floats) -> None:
    """Twin of `equations.workflow.allocate` and `share_out`: ``out`` is (task; cost, assisted, verified, trusted).

    The room's sums (task, 8) are from `_outcome` and, if not all are ``served``, cost and assisted share if nobody
    delegated. Unless ``optimism`` is NaN the tasks are looked at afresh; else they are known, and the sums of planning
    too, which nobody hands over to.
    """
    costs, time_share, place, length = work.terms[i], work.time_share[i], work.place[i], work.length[i]
    afresh, human, terms = not np.isnan(optimism), room.human, _terms(costs)
    against = single(np.exp(-min(max(optimism, -_FURTHEST), _FURTHEST))) if afresh else ONE
    human[:] = 1.0
    for kind in range(3):
        start = costs[2] * human[0] + costs[3] * human[1] + costs[7]
        handed = single(np.exp(-start / costs[8]))
        hours = handed_over = 0.0
        for k in range(work.kinds[kind], work.kinds[kind + 1]):
            sums = room.sums[k]
            if afresh:
                a, b, n = work.first[i, k], work.shifted[i, k], length[k]
                attempt(room.table, work.severity[i, k], min(a, b), max(a, b) + n, room.success, room.failure)
                _look_ahead(room, (a, b, n), against, terms, room.ahead[k])
            if afresh or kind > 0:
                _outcome(work.weights[i, place[k] : place[k] + length[k]], room.ahead[k], handed, terms, sums)
            manual, assisted, verified, trusted, paid, failed, alone, alone_assisted = sums
            undelegated, delegated = manual + paid, (start + costs[4]) * verified + start * trusted + failed
            used = undelegated + served * delegated + (1.0 - served) * (alone - undelegated)
            out[k, 0] = 1.0 - adoption + adoption * used
            out[k, 1] = adoption * (assisted + (1.0 - served) * (alone_assisted - assisted))
            out[k, 2], out[k, 3] = adoption * served * verified, adoption * served * trusted
            hours += time_share[k]
            handed_over += time_share[k] * out[k, 3]
        human[kind] = 1.0 - handed_over / hours if hours > 0.0 else 1.0


@part
def _log_costs(work: Floats, logs: Floats) -> None:
    for task in range(logs.size):
        logs[task] = np.log(max(work[task, 0], 1e-300))


@part
def _summarise(time_share: Floats, work: Floats, substitution: float, room: Logs, state: Floats) -> None:
    """Twin of `equations.workflow.labour_state` for one draw; ``work`` is (task; cost, assisted, verified, trusted).

    The room's logs are those of costs. Its powers are used again as long as they are of the same lead.
    """
    k, whole, lead, total = 1.0 - substitution, time_share.sum(), -np.inf, 0.0
    logs, powers = room
    state[:] = 0.0
    for task in range(time_share.size):
        w = time_share[task] / whole
        state[1] += w * work[task, 0]
        state[2] += w * (work[task, 2] + work[task, 3])
        state[3] += w * work[task, 1]
        state[4] += w * work[task, 3]
        if w != 0.0:
            lead = max(lead, k * logs[task])
    state[1] = 1.0 - state[1]
    if abs(k) < 1e-9:
        for task in range(time_share.size):
            total += time_share[task] / whole * logs[task]
        state[0] = np.exp(-total)
        return
    if powers[-1] != lead:
        powers[-1] = lead
        for task in range(time_share.size):
            powers[task] = np.expm1(min(k * logs[task] - lead, 0.0))
    for task in range(time_share.size):
        total += time_share[task] / whole * powers[task]
    state[0] = np.exp(-(lead + np.log1p(total)) / k)


@compiled
def summarise(time_share: Floats, work: Floats, substitution: Floats, out: Floats) -> None:
    """What allocations come to for several mixes of tasks.

    ``time_share`` (draw, mix, task); ``work`` (draw, date, task, 4), the fields of `Allocation`; ``substitution``
    (draw,); ``out`` (draw, mix, date, 5), the fields of `LabourState`.
    """
    tasks = time_share.shape[2]
    room = np.empty(tasks), np.empty(tasks + 1)
    for i in range(out.shape[0]):
        for t in range(out.shape[2]):
            _log_costs(work[i, t], room[0])
            room[1][-1] = np.nan
            for mix in range(out.shape[1]):
                _summarise(time_share[i, mix], work[i, t], substitution[i], room, out[i, mix, t])


@part
def _settle_and_summarise(
    work: Work, i: int, room: Room, adoption: float, served: float, optimism: float, out: Floats, state: Floats
) -> None:
    """Both, for the draw's own mix of tasks."""
    _settle(work, i, room, adoption, served, optimism, out)
    _log_costs(out, room.logs)
    room.powers[-1] = np.nan
    _summarise(work.time_share[i], out, work.task_substitution[i], (room.logs, room.powers), state)


@part
def _ration(work: Work, i: int, room: Room, adoption: float, allowed: float, out: Floats, state: Floats) -> None:
    """Largest served share at which S_L times the delegated share is what compute allows (model §6).

    Demand is nearly a power of the served share, which begins as the power that the moment before came to; inverse
    quadratic interpolation of their logarithms, kept within a bracket, then takes about three steps.
    """
    place, length, terms = work.place[i], work.length[i], _terms(work.terms[i])
    for k in range(length.size):
        span = work.weights[i, place[k] : place[k] + length[k]]
        _outcome(span, room.ahead[k], ZERO, terms, room.alone)
        room.sums[k, 6], room.sums[k, 7] = room.alone[0] + room.alone[4], room.alone[1]
    x0, x1, low, high = 0.0, 0.0, -np.inf, 0.0
    y0 = y1 = excess = np.log(state[0] * state[2] / allowed)
    x = -y0 * room.less[0]
    for step in range(100):
        _settle_and_summarise(work, i, room, adoption, np.exp(x), np.nan, out, state)
        y = np.log(state[0] * state[2] / allowed)
        if not (abs(y) > 1e-5 and high - low > 1e-6):
            break
        low, high = (low, x) if y > 0.0 else (x, high)
        guess = x - y * (x - x1) / (y - y1)
        if step > 0:
            guess = x0 * y1 * y / ((y0 - y1) * (y0 - y)) + x1 * y0 * y / ((y1 - y0) * (y1 - y))
            guess += x * y0 * y1 / ((y - y0) * (y - y1))
        x0, y0, x1, y1 = x1, y1, x, y
        x = guess if low < guess < high else max(0.5 * (low + high), high - 1.0)
    room.less[0] = min(max(-x / excess, 0.1), 10.0)


@part
def settle_work(work: Work, i: int, room: Room, horizons: Floats, now: Numbers, out: Floats, state: Floats) -> bool:
    """Draw i's work at one moment: fill allocation (task; cost, assisted, verified, trusted) and state (5,).

    Returns whether compute rations agents.

    ``horizons`` (bottleneck,) are those of real work; ``now`` are optimism, adoption and the scale of agents' demand
    for compute, 0 where that sets no limit.
    """
    optimism, adoption, scale = now
    tabulate(work.nodes[i, : work.used[i]], horizons, work.slope[i], room.table)
    room.sums[:] = 0.0
    _settle_and_summarise(work, i, room, adoption, 1.0, optimism, out, state)
    rationed = bool(scale * state[0] * state[2] > work.agent_compute_cap[i])
    if rationed:
        _ration(work, i, room, adoption, work.agent_compute_cap[i] / scale, out, state)
    return rationed


@compiled
def labour(work: Work, horizons: Floats, moment: tuple[Floats, Floats, Floats], out: Floats, states: Floats) -> None:
    """Expected cost and mode shares of every task, rationed by compute, and what they come to (model §4 to §6).

    ``horizons`` (draw, bottleneck) are those of real work; ``moment`` as in `settle_work`, each (draw,). ``out`` (draw,
    task, 4) are the fields of `Allocation`, ``states`` (draw, 5) those of `LabourState`.
    """
    room, (optimism, adoption, scale) = make_room(work), moment
    for i in range(work.used.size):
        room.less[0] = 1.0
        settle_work(work, i, room, horizons[i], (optimism[i], adoption[i], scale[i]), out[i], states[i])


@compiled
def binding(work: Work, horizons: Floats, out: Floats) -> None:
    """Twin of `equations.success.binding_split`, ``horizons`` as in `labour`; ``out`` (draw, task, bottleneck)."""
    table = np.empty((work.slope.shape[1], work.nodes.shape[1]), np.float32)
    for i in range(work.used.size):
        tabulate(work.nodes[i, : work.used[i]], horizons[i], work.slope[i], table)
        for k in range(work.first.shape[1]):
            n, w = work.length[i, k], work.weights[i, work.place[i, k] :]
            for b in range(work.slope.shape[1]):
                total, row = ZERO, table[b, work.first[i, k] : work.first[i, k] + n]
                for j in range(row.size):
                    total += w[j] * row[j]
                out[i, k, b] = work.severity[i, k, b] * total
            whole = out[i, k].sum()
            for b in range(work.slope.shape[1]):
                out[i, k, b] /= whole if whole != 0.0 else 1.0
