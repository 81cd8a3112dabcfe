"""A draw's path through time: effective compute, work and software, with as few evaluations of work as accuracy allows.

Work is evaluated at moments chosen by the path itself and interpolated to months between them. A path is made of
smooth segments: a new one begins where growth of inputs slows down and where work has a kink, and no polynomial reaches
across.
"""

from typing import NamedTuple

import numpy as np

from autosim.simulation.kernels.compiling import Floats, Integers, compiled, part, part_in_order
from autosim.simulation.kernels.elementary import weigh
from autosim.simulation.kernels.work import Room, Work, make_room, settle_work

MONTHS = 12.0
ORDER = 6
"""Points of an interpolating polynomial."""

SHORTEST, LONGEST = 1.0 / 16.0, 18.0
"""Steps [month]."""


LOST = 0.5
"""A shortest step that foresees software by so much amiss [doublings] has lost its path: all that follows
is NaN, which is an error."""


class Limits(NamedTuple):
    """Largest errors of a step: what is beyond makes it shorter.

    ``miss`` of work foreseen from the steps before, a mean over tasks by hours [1], binds steps longer than a month;
    ``slip`` of effective compute at which work was evaluated, or of the horizons' common growth [doublings], before
    work is corrected for it; ``ahead`` of software foreseen [doublings].
    """

    miss: float
    slip: float
    ahead: float


class Course(NamedTuple):
    """What moves a chunk of draws through time, each (draw,) but what belongs to bottlenecks: (draw, bottleneck)."""

    trajectory: Integers
    feedback: Floats
    horizon_offset: Floats
    relief: Floats
    horizon: Floats
    horizon_elasticity: Floats
    doubling_shrink: Floats
    ceiling_doublings: Floats
    work_gap: Floats
    adoption: Floats
    adoption_growth: Floats
    optimism: Floats
    optimism_decay: Floats
    agent_compute: Floats
    agent_compute_growth: Floats
    training_compute_growth: Floats
    training_compute_growth_after: Floats
    experiment_compute_growth: Floats
    experiment_compute_growth_after: Floats
    headcount_growth: Floats
    headcount_growth_after: Floats
    slowdown: Floats
    labour_share: Floats
    input_substitution: Floats
    returns_to_input: Floats
    software_growth: Floats
    ideas_harder: Floats


class Steps(NamedTuple):
    """One draw's moments so far: time [month], log2 A, its rate, work, where its segment begins, which limits hold.

    ``work`` (moment, item * task) are logs of the tasks' costs, then their shares assisted, verified and trusted.
    """

    time: Floats
    software: Floats
    rate: Floats
    work: Floats
    segment: Integers
    limits: Integers


class Desk(NamedTuple):
    """Where a moment is laid out: room for work, horizons' cap, what `settle_work`, `weigh`, `_mix` fill, a tally."""

    room: Room
    cap: float
    horizons: Floats
    allocation: Floats
    state: Floats
    weights: Floats
    mixed: Floats
    evaluations: Integers


@part_in_order
def _grown(growth: float, after: float, slowdown: float, years: float) -> float:
    """Twin of `equations.progress.input_growth`."""
    return growth * min(years, slowdown) + after * max(years - slowdown, 0.0)


@part_in_order
def _common_growth(course: Course, i: int, effective_compute: float) -> float:
    """Twin of `equations.capability.horizon_growth`."""
    y = course.horizon_elasticity[i] * effective_compute
    if course.trajectory[i] == 0 or y <= 0.0:
        return float(y)
    if course.trajectory[i] == 2:
        return float(-course.ceiling_doublings[i] * np.expm1(-y / course.ceiling_doublings[i]))
    used_up = course.doubling_shrink[i] * y
    return float(np.log1p(-used_up) / np.log1p(-course.doubling_shrink[i])) if used_up < 1.0 else 1e6


@part_in_order
def _work_horizons(course: Course, i: int, effective_compute: float, cap: float, out: Floats) -> None:
    """Twin of `equations.capability.horizon_log2`, less the work gap."""
    growth = _common_growth(course, i, effective_compute)
    for b in range(out.size):
        log2_h = np.log2(course.horizon[i]) + course.horizon_offset[i, b] + (1.0 + course.relief[i, b]) * growth
        out[b] = min(log2_h, cap) - course.work_gap[i]


@part_in_order
def _log2_input(labour: float, compute: float, share: float, substitution: float) -> float:
    """Twin of `equations.progress.log2_research_input`."""
    gap, rho = (labour - compute) * np.log(2.0), (substitution - 1.0) / substitution
    if abs(rho) < 1e-6:
        return float(compute + (share * gap + 0.5 * rho * share * (1.0 - share) * gap**2) / np.log(2.0))
    one = (np.log(max(share, 1e-300)) if share > 0.0 else -1e12) + rho * gap
    other = np.log(max(1.0 - share, 1e-300)) if share < 1.0 else -1e12
    return float(compute + (max(one, other) + np.log1p(np.exp(-abs(one - other)))) / rho / np.log(2.0))


@part_in_order
def _integral(time: Floats, rate: Floats, low: float, high: float, weights: Floats) -> float:
    """Integral of the polynomial through rates per year, times in months: Gauss and Legendre, exact to degree 5."""
    total, middle, half = 0.0, 0.5 * (low + high), 0.5 * (high - low)
    for node, weight in ((-0.7745966692414834, 5.0 / 9.0), (0.0, 8.0 / 9.0), (0.7745966692414834, 5.0 / 9.0)):
        weigh(time, middle + half * node, weights[: time.size])
        for j in range(time.size):
            total += weight * weights[j] * rate[j]
    return float(total * half / MONTHS)


@part_in_order
def _next_time(now: float, step: float, last: float, slowdown: float) -> float:
    """Where a step ends [month]: on a whole month where it is that long, and not beyond the slowdown."""
    ahead = np.floor(now + 1e-9) + max(np.floor(step), 1.0)
    later = min(ahead, last) if step >= 1.0 else min(now + step, np.floor(now + 1e-9) + 1.0, last)
    return slowdown if now + 1e-6 < slowdown < later - 1e-6 else later


@part_in_order
def _rate(course: Course, i: int, driving: float, software: float) -> float:
    """Twin of `equations.progress.software_rate`."""
    doublings = course.returns_to_input[i] * driving - course.ideas_harder[i] * software
    return float(course.software_growth[i] * 2.0**doublings)


@part_in_order
def _training(course: Course, i: int, month: float) -> float:
    """Log2 of training compute since the reference date."""
    growth, after = course.training_compute_growth[i], course.training_compute_growth_after[i]
    return _grown(growth, after, course.slowdown[i], month / MONTHS)


@part
def _evaluate(work: Work, course: Course, i: int, desk: Desk, month: float, software: float) -> tuple[float, int]:
    """Lay work at one moment on the desk; log2 of the R&D input that drives software, and which limits hold.

    Where a limit, a horizon's cap or that of agents' compute, begins or ceases to hold, work has a kink.
    """
    years, slowdown = month / MONTHS, course.slowdown[i]
    _work_horizons(course, i, _training(course, i, month) + software, desk.cap, desk.horizons)
    headcount = _grown(course.headcount_growth[i], course.headcount_growth_after[i], slowdown, years)
    growth, after = course.experiment_compute_growth[i], course.experiment_compute_growth_after[i]
    compute = _grown(growth, after, slowdown, years)
    odds = np.exp(-course.adoption_growth[i] * years)
    adoption = course.adoption[i] / (course.adoption[i] + (1.0 - course.adoption[i]) * odds)
    optimism = course.optimism[i] * np.exp(-course.optimism_decay[i] * years)
    scale = course.agent_compute[i] * 2.0 ** (course.agent_compute_growth[i] * years - compute + headcount)
    desk.evaluations[i] += 1
    now = optimism, adoption, scale
    limits = 100 * int(settle_work(work, i, desk.room, desk.horizons, now, desk.allocation, desk.state))
    for b in range(desk.horizons.size):
        limits += desk.horizons[b] == desk.cap - course.work_gap[i]
    mix = course.labour_share[i], course.input_substitution[i]
    if course.feedback[i] == 0.0:
        return _log2_input(headcount, compute, mix[0], mix[1]), limits
    taken = min(scale * desk.state[0] * desk.state[2], work.agent_compute_cap[i])
    return _log2_input(headcount + np.log2(desk.state[0]), compute + np.log2(1.0 - taken), mix[0], mix[1]), limits


@part
def _note(steps: Steps, n: int, allocation: Floats) -> None:
    """Keep a moment's work: log cost and shares, task by task."""
    tasks, items = allocation.shape
    for k in range(tasks):
        steps.work[n, k] = np.log(max(allocation[k, 0], 1e-300))
        for item in range(1, items):
            steps.work[n, item * tasks + k] = allocation[k, item]


@part_in_order
def _mix(moments: Floats, weights: Floats, out: Floats) -> None:
    """Weighted sum of several moments' work."""
    out[:] = 0.0
    for p in range(moments.shape[0]):
        row, w = moments[p, : out.size], weights[p]
        for j in range(out.size):
            out[j] += w * row[j]


@part_in_order
def _correct(steps: Steps, n: int, off: float, moved: float) -> None:
    """Move moment n's work by what effective compute was off, as it moved since the moment before [doublings]."""
    if abs(off) < 0.1 * abs(moved):
        work, before = steps.work[n], steps.work[n - 1]
        for j in range(work.size):
            work[j] += off / moved * (work[j] - before[j])


@part_in_order
def _miss(time_share: Floats, steps: Steps, low: int, n: int, desk: Desk) -> float:
    """How far moment n's work is from what the moments from ``low`` on foretold, root mean square by hours."""
    weigh(steps.time[low:n], steps.time[n], desk.weights[: n - low])
    _mix(steps.work[low:n], desk.weights, desk.mixed)
    worst, tasks = 0.0, time_share.size
    for first in range(0, desk.mixed.size, tasks):
        total = 0.0
        for k in range(tasks):
            off = desk.mixed[first + k] - steps.work[n, first + k]
            total += time_share[k] * off * off
        worst = max(worst, total)
    return float(np.sqrt(worst / time_share.sum()))


@part_in_order
def _step(
    work: Work, course: Course, i: int, desk: Desk, steps: Steps, low: int, n: int, enough: float
) -> tuple[float, float]:
    """Evaluate moment n, whose time is set, with implicit Adams steps; software foreseen amiss, and still amiss.

    An Adams step integrates the polynomial through the rates of the moments from ``low`` on.
    """
    now, then, before = steps.time[n - 1], steps.time[n], steps.software[n - 1]
    foreseen = before + _integral(steps.time[low:n], steps.rate[low:n], now, then, desk.weights)
    training, found, slip = _training(course, i, then), foreseen, 0.0
    for _ in range(3):
        used = found
        driving, steps.limits[n] = _evaluate(work, course, i, desk, then, used)
        steps.rate[n] = _rate(course, i, driving, used)
        found = before + _integral(steps.time[low : n + 1], steps.rate[low : n + 1], now, then, desk.weights)
        growth = _common_growth(course, i, training + found) - _common_growth(course, i, training + used)
        slip = max(abs(found - used), abs(growth))
        if not slip > enough:
            break
    steps.software[n], steps.rate[n] = found, _rate(course, i, driving, found)
    _note(steps, n, desk.allocation)
    _correct(steps, n, found - used, training + used - _training(course, i, now) - before)
    return abs(found - foreseen), slip


@part_in_order
def _walk(work: Work, course: Course, i: int, desk: Desk, steps: Steps, limits: Limits, last: float) -> int:
    """Draw i's path from the reference date to the ``last`` month; the number of moments."""
    steps.time[0] = steps.software[0] = 0.0
    desk.room.less[0] = 1.0
    steps.segment[0] = 0
    driving, steps.limits[0] = _evaluate(work, course, i, desk, 0.0, 0.0)
    steps.rate[0] = _rate(course, i, driving, 0.0)
    _note(steps, 0, desk.allocation)
    n, first, step, slowdown = 1, 0, 1.0, course.slowdown[i] * MONTHS
    while steps.time[n - 1] < last:
        steps.time[n] = _next_time(steps.time[n - 1], step, last, slowdown)
        length, low = steps.time[n] - steps.time[n - 1], max(first, n - ORDER + 1)
        amiss, slip = _step(work, course, i, desk, steps, low, n, limits.slip)
        miss, points = _miss(work.time_share[i], steps, low, n, desk), n - low
        by_work = 0.8 * (limits.miss / (miss + 1e-12)) ** (1.0 / points) * length
        by_software = 0.8 * (limits.ahead / (amiss + 1e-12)) ** (1.0 / (points + 1)) * length
        if length > 1.01 * SHORTEST and (amiss > limits.ahead or slip > limits.slip):
            step = max(min(0.5 * length, by_software), SHORTEST)
            continue
        kink = steps.limits[n] != steps.limits[n - 1]
        if length > 1.0 and (kink or miss > limits.miss):
            step = max(min(0.5 * length, by_work), 1.0)
            continue
        if kink or (miss > limits.miss and points >= 3):
            first = n  # somewhere within the last month
        if amiss > LOST:
            steps.rate[n] = np.nan
        steps.segment[n] = first
        if steps.time[n] == slowdown:
            first = n
        step = max(min(2.0 * length, max(by_work, 1.0), by_software, LONGEST), SHORTEST)
        n += 1
    return n


@part_in_order
def _month_by_month(steps: Steps, n: int, desk: Desk, work: Floats, software: Floats) -> None:
    """Interpolate the path to whole months: (month, task; cost, assisted, verified, trusted) and (month,)."""
    j, weights = 0, desk.weights
    for month in range(software.size):
        while steps.time[j] < month:
            j += 1
        low = steps.segment[j] if steps.time[j] > month else j
        high = j + 1
        while steps.time[j] > month and high < n and high < j + ORDER and steps.segment[high] == low:
            high += 1
        points = min(ORDER, high - low)
        low = min(max(low, j - points // 2), high - points)
        weigh(steps.time[low : low + points], float(month), weights[:points])
        software[month] = 0.0
        for p in range(points):
            software[month] += weights[p] * steps.software[low + p]
        _mix(steps.work[low : low + points], weights, desk.mixed)
        _lay_out(desk.mixed, work[month])


@part_in_order
def _lay_out(mixed: Floats, work: Floats) -> None:
    """Costs and shares, task by task, from what was interpolated; shares stay within bounds."""
    tasks, items = work.shape
    for k in range(tasks):
        work[k, 0], shares = np.exp(mixed[k]), 0.0
        for item in range(1, items):
            work[k, item] = max(mixed[item * tasks + k], 0.0)
            shares += work[k, item]
        if shares > 1.0:
            for item in range(1, items):
                work[k, item] /= shares


@compiled
def march(
    work: Work, course: Course, cap: float, limits: Limits, out: Floats, software: Floats, evaluations: Integers
) -> None:
    """Walk every draw's path and interpolate it to months.

    ``cap`` is that of horizons; ``out`` (draw, month, task, 4) are the fields of `Allocation`, ``software`` (draw,
    month) log2 A and ``evaluations`` (draw,) how often work was evaluated, added to what is there.
    """
    tasks, bottlenecks, last = work.first.shape[1], work.slope.shape[1], software.shape[1] - 1
    most = int(last / SHORTEST) + 2
    state, allocation, weights = np.empty(5), np.empty((tasks, 4)), np.empty(ORDER + 1)
    mixed = np.empty(allocation.size)
    desk = Desk(make_room(work), cap, np.empty(bottlenecks), allocation, state, weights, mixed, evaluations)
    real, whole = np.empty((3, most)), np.zeros((2, most), np.int64)
    steps = Steps(real[0], real[1], real[2], np.empty((most, mixed.size)), whole[0], whole[1])
    for i in range(work.used.size):
        n = _walk(work, course, i, desk, steps, limits, float(last))
        _month_by_month(steps, n, desk, out[i], software[i])
