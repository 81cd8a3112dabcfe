"""A chunk of draws through time: capability, work, R&D inputs and software, month by month."""

import numpy as np
from numpy.typing import NDArray

from autosim.draws import Draws
from autosim.equations.capability import HORIZON_CAP, horizon_growth, horizon_log2
from autosim.equations.compute import agent_compute_demand, project_speedup
from autosim.equations.progress import input_growth, log2_research_input, progress_multiplier
from autosim.equations.workflow import Allocation, LabourState
from autosim.simulation import kernels
from autosim.simulation.calendar import yearly, years_of
from autosim.simulation.world import World

type Floats = NDArray[np.float64]
type Outputs = dict[str, NDArray[np.float32]]

LIMITS = kernels.Limits(miss=5e-3, slip=3e-4, ahead=1e-3)
"""Errors at which paths of the priors' draws are right to 1e-4: see docs/performance.md."""


class Inputs:
    """Log2 of training compute, R&D compute and headcount since the reference date, (draw, date) [doublings]."""

    def __init__(self, draws: Draws, years: Floats) -> None:
        one = draws.scalars

        def grown(name: str) -> Floats:
            growth, after = one[f"{name}_growth"][:, None], one[f"{name}_growth_after"][:, None]
            grown: Floats = input_growth(growth, after, one["slowdown"][:, None], years)
            return grown

        self.training = grown("training_compute")
        self.compute = grown("experiment_compute")
        self.headcount = grown("headcount")


def growth_at(draws: Draws, effective_compute_log2: Floats) -> Floats:
    """Growth of horizons at the common pace [doublings], (draw, date)."""
    one = {name: values[:, None] for name, values in draws.scalars.items()}
    growth: Floats = horizon_growth(
        draws.trajectory[:, None],
        effective_compute_log2,
        one["horizon_elasticity"],
        one["doubling_shrink"],
        one["ceiling_doublings"],
    )
    return growth


def horizons_at(draws: Draws, growth: Floats) -> Floats:
    """Benchmark horizons of every bottleneck [log2 min], (draw, date, bottleneck)."""
    horizon, offset, relief = draws.scalars["horizon"], draws.indexed["horizon_offset"], draws.indexed["relief"]
    horizons: Floats = horizon_log2(horizon[:, None, None], offset[:, None], relief[:, None], growth[..., None])
    return horizons


def march(world: World, steps: int, out: Outputs, limits: kernels.Limits = LIMITS) -> Floats:
    """Integrate software progress with feedback, and record every output of the work but what binds it.

    Where work is evaluated, and how its polynomials are integrated and interpolated, is told at `kernels.path`.

    Parameters
    ----------
    world
        A chunk of draws.
    steps
        How many months, the reference date's included.
    out
        Arrays to fill by name, each (draw, date or year, ...).
    limits
        How fine the steps are.

    Returns
    -------
    Growth of benchmark horizons at the common pace [doublings], (draw, date).

    References
    ----------
    Model §7; Hairer, Nørsett and Wanner (1993), Solving Ordinary Differential Equations I, §III.1 and §III.5.
    """
    work, software, _ = walk(world, steps, limits)
    years = years_of(steps)
    record_work(world, years, work, out)
    out["software_log2"][:] = software
    return growth_at(world.draws, Inputs(world.draws, years).training + software)


def record_work(world: World, years: Floats, work: Floats, out: Outputs) -> None:
    """Write what work comes to: labour as a whole, by role and by task, and what compute makes of it.

    Parameters
    ----------
    world
        A chunk of draws.
    years
        After the reference date, (date,) [year].
    work
        The fields of `Allocation`, (draw, date, task, 4), tasks as in `World.tasks`.
    out
        Arrays to fill by name, each (draw, date or year, ...).
    """
    draws = world.draws
    mixes = np.concatenate([world.time_share[:, None], world.role_time_share], axis=1)
    states = np.empty((*mixes.shape[:2], len(years), len(LabourState._fields)))
    kernels.summarise(mixes, work, draws.scalars["task_substitution"], states)
    state = LabourState(*np.moveaxis(states[:, 0], -1, 0))
    _record_progress(draws, years, Inputs(draws, years), state, out)
    for name, values in state._asdict().items():
        out[name][:] = values
    out["role_labour_speedup"][:] = states[:, 1:, :, 0].swapaxes(1, 2)
    _record_tasks(Allocation(*np.moveaxis(work[:, :, world.as_listed], -1, 0)), out)


def record_binding(world: World, growth: Floats, out: Outputs) -> None:
    """Write what binds each task once a year, given the horizons' growth at the common pace, (draw, date)."""
    whole_years = horizons_at(world.draws, growth[:, yearly(growth.shape[1])])
    for year in range(whole_years.shape[1]):
        out["binding"][:, year] = world.binding(whole_years[:, year])[:, world.as_listed]


def walk(world: World, steps: int, limits: kernels.Limits = LIMITS) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Work and log2 of software month by month, and how often work was evaluated.

    Returns
    -------
    (draw, date, task, 4), the last axis as in `Allocation`; (draw, date) [doublings]; (draw,).
    """
    draws = world.draws
    many = {"trajectory": draws.trajectory, "feedback": draws.feedback.astype(np.float64), **draws.indexed}
    known = {**draws.scalars, **many}
    course = kernels.Course(**{name: np.ascontiguousarray(known[name]) for name in kernels.Course._fields})
    work = np.empty((world.count, steps, len(world.tasks), len(Allocation._fields)))
    software, evaluations = np.empty((world.count, steps)), np.zeros(world.count, dtype=np.int64)
    kernels.march(world.work, course, HORIZON_CAP, limits, work, software, evaluations)
    return work, software, evaluations


def _record_progress(draws: Draws, years: Floats, inputs: Inputs, state: LabourState, out: Outputs) -> None:
    """Write what compute makes of labour: agents' share of it, a project's speedup and the progress multiplier."""
    one = {name: values[:, None] for name, values in draws.scalars.items()}
    speedup = state.labour_speedup
    demand = agent_compute_demand(
        one["agent_compute"],
        one["agent_compute_growth"],
        years,
        speedup,
        state.delegated_share,
        inputs.compute - inputs.headcount,
    )
    taken = np.minimum(demand, one["agent_compute_cap"])
    shape = one["labour_share"], one["input_substitution"]
    with_ai = log2_research_input(inputs.headcount + np.log2(speedup), inputs.compute + np.log2(1.0 - taken), *shape)
    without_ai = log2_research_input(inputs.headcount, inputs.compute, *shape)
    out["agent_compute_share"][:] = taken
    out["project_speedup"][:] = project_speedup(speedup, one["compute_wait"], taken)
    out["progress_multiplier"][:] = progress_multiplier(with_ai, without_ai, one["returns_to_input"])


def _record_tasks(work: Allocation, out: Outputs) -> None:
    """Write every task's cost and delegated share, and once a year its mode shares."""
    out["task_cost"][:] = work.cost
    out["task_delegated_share"][:] = work.verified + work.trusted
    manual = 1.0 - work.assisted - work.verified - work.trusted
    modes = np.stack([manual, work.assisted, work.verified, work.trusted], axis=-1)
    out["mode_share"][:] = modes[:, yearly(work.cost.shape[1])]
