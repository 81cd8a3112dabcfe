"""A chunk of draws through time: capability, work, R&D inputs and software, month by month."""

import numpy as np
from numpy.typing import NDArray

from autosim.draws import Draws
from autosim.equations.capability import horizon_growth, horizon_log2
from autosim.equations.compute import project_speedup
from autosim.equations.delegation import adoption_at, optimism_at
from autosim.equations.labour import labour_speedup
from autosim.equations.progress import input_growth, log2_research_input, progress_multiplier, software_rate
from autosim.simulation.calendar import MONTHS
from autosim.simulation.world import Labour, Moment, World

type Floats = NDArray[np.float64]


class Inputs:
    """Log2 of training compute, R&D compute and headcount since the reference date, (date, draw) [doublings]."""

    def __init__(self, draws: Draws, years: Floats) -> None:
        one = draws.scalars

        def grown(name: str) -> Floats:
            grown: Floats = input_growth(
                one[f"{name}_growth"], one[f"{name}_growth_after"], one["slowdown"], years[:, None]
            )
            return grown

        self.training = grown("training_compute")
        self.compute = grown("experiment_compute")
        self.headcount = grown("headcount")


def horizons_at(draws: Draws, effective_compute_log2: Floats) -> Floats:
    """Benchmark horizons of every bottleneck [log2 min], (draw, bottleneck)."""
    one, many = draws.scalars, draws.indexed
    growth = horizon_growth(
        draws.trajectory,
        effective_compute_log2,
        one["horizon_elasticity"],
        one["doubling_shrink"],
        one["ceiling_doublings"],
    )
    horizons: Floats = horizon_log2(one["horizon"][:, None], many["horizon_offset"], many["relief"], growth[:, None])
    return horizons


def march(world: World, years: Floats, out: dict[str, NDArray[np.float32]]) -> Floats:
    """Integrate software progress and record every output of the work.

    Each month is one step of a second-order predictor-corrector: software is extrapolated (Adams-Bashforth), work is
    evaluated there, and software corrected by the trapezoid. Work enters through effective compute, so that an error of
    the extrapolation touches it only in the third order. Against a quarter of the step, prior draws' software and
    labour's speedup differ by 4e-4 or less; in the month in which a superexponential draw blows up, the speedup differs
    by up to 3e-2.

    Parameters
    ----------
    world
        A chunk of draws.
    years
        Dates [year after the reference date], (date,), equally spaced.
    out
        Arrays to fill by name, each (draw, date or year, ...).

    Returns
    -------
    Benchmark horizons [log2 min], (draw, date, bottleneck).

    References
    ----------
    Model §7; Hairer, Nørsett and Wanner (1993), Solving Ordinary Differential Equations I, §III.1.
    """
    draws, step = world.draws, float(years[1] - years[0]) if len(years) > 1 else 0.0
    inputs = Inputs(draws, years)
    software = np.zeros(world.count)
    rates: list[Floats] = []
    horizons = np.empty((world.count, len(years), draws.indexed["slope"].shape[1]))
    for i, now in enumerate(years):
        extrapolated = _extrapolated(software, rates, step)
        horizons[:, i] = horizons_at(draws, inputs.training[i] + extrapolated)
        labour = world.labour(horizons[:, i], moment_at(draws, float(now), inputs.compute[i] - inputs.headcount[i]))
        with_ai, without_ai = _research_inputs(draws, labour, inputs.headcount[i], inputs.compute[i])
        driving = np.where(draws.feedback, with_ai, without_ai)
        rate = _rate(draws, driving, extrapolated)
        if rates:
            software = software + 0.5 * step * (rates[-1] + rate)
            rate = _rate(draws, driving, software)
        rates = [*rates[-1:], rate]
        multiplier = progress_multiplier(with_ai, without_ai, draws.scalars["returns_to_input"])
        _record(world, labour, i, {"software_log2": software, "progress_multiplier": multiplier}, out)
        if i % MONTHS == 0:
            _record_year(world, labour, horizons[:, i], i // MONTHS, out)
    return horizons


def moment_at(draws: Draws, years: float, compute_per_head_log2: Floats | None) -> Moment:
    """Adoption and optimism ``years`` after the reference date."""
    one = draws.scalars
    return Moment(
        years,
        adoption_at(one["adoption"], one["adoption_growth"], years),
        optimism_at(one["optimism"], one["optimism_decay"], years),
        compute_per_head_log2,
    )


def _extrapolated(software: Floats, rates: list[Floats], step: float) -> Floats:
    match rates:
        case []:
            return software
        case [only]:
            return software + step * only
        case [before, last]:
            return software + step * (1.5 * last - 0.5 * before)
        case _:
            raise AssertionError


def _research_inputs(draws: Draws, labour: Labour, headcount: Floats, compute: Floats) -> tuple[Floats, Floats]:
    """Log2 of R&D inputs with and without AI [doublings], (draw,) each."""
    one = draws.scalars
    shape = one["labour_share"], one["input_substitution"]
    with_ai = log2_research_input(
        headcount + np.log2(labour.state.labour_speedup), compute + np.log2(1.0 - labour.agent_compute_share), *shape
    )
    return with_ai, log2_research_input(headcount, compute, *shape)


def _rate(draws: Draws, driving: Floats, software: Floats) -> Floats:
    one = draws.scalars
    rate: Floats = software_rate(
        one["software_growth"], driving, one["returns_to_input"], software, one["ideas_harder"]
    )
    return rate


def _record(
    world: World, labour: Labour, i: int, progress: dict[str, Floats], out: dict[str, NDArray[np.float32]]
) -> None:
    """Write one month's outputs."""
    one, state = world.draws.scalars, labour.state
    monthly = {
        **state._asdict(),
        **progress,
        "project_speedup": project_speedup(state.labour_speedup, one["compute_wait"], labour.agent_compute_share),
        "agent_compute_share": labour.agent_compute_share,
    }
    for name, values in monthly.items():
        out[name][:, i] = values
    cost = labour.allocation.cost
    out["task_cost"][:, i] = cost[:, world.as_listed]
    out["task_delegated_share"][:, i] = (labour.allocation.verified + labour.allocation.trusted)[:, world.as_listed]
    out["role_labour_speedup"][:, i] = labour_speedup(
        world.role_time_share, cost[:, None, :], one["task_substitution"][:, None]
    )


def _record_year(
    world: World, labour: Labour, horizons: Floats, year: int, out: dict[str, NDArray[np.float32]]
) -> None:
    """Write what is kept once a year: mode shares and what binds, per task."""
    work = labour.allocation
    manual = 1.0 - work.assisted - work.verified - work.trusted
    modes = np.stack([manual, work.assisted, work.verified, work.trusted], axis=-1)
    out["mode_share"][:, year] = modes[:, world.as_listed]
    out["binding"][:, year] = world.binding(horizons)[:, world.as_listed]
