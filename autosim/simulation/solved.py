"""Two questions outside time: what bounds labour, and what follows if an evaluation were solved (model §5 and §8)."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from autosim.equations.capability import HORIZON_CAP
from autosim.equations.delegation import prospects
from autosim.equations.workflow import Allocation, allocate, labour_state
from autosim.simulation.suites import Suites
from autosim.simulation.world import Labour, Moment, World

type Floats = NDArray[np.float64]


def certain_work(world: World) -> Allocation:
    """Cost and mode shares of every task at p = 1, adoption 1 and free compute, in the order of `World.tasks`."""
    certain = np.zeros((world.count, len(world.tasks), 1))
    ahead = prospects(certain, certain, np.zeros(world.count), world.terms)
    everyone = np.ones(world.count)
    whole = np.ones_like(certain)
    kinds = [slice(*bounds) for bounds in pairwise(world.kind_bounds)]
    return allocate(whole, ahead, world.terms, kinds, world.time_share, everyone, everyone)


def record_ceiling(world: World, out: dict[str, NDArray[np.float32]]) -> None:
    """Speedup and time saved at p = 1, adoption 1 and free compute: what human attention to delegation still leaves.

    No labour speedup exceeds it where ``undetected_loss`` is at least ``rework`` and trusting a sure AI costs no more
    than working beside a sure assistant; elsewhere people who choose with noise may do better beside an unsure AI.

    Parameters
    ----------
    world
        A chunk of draws.
    out
        Arrays (draw,) to fill.

    References
    ----------
    Model §5.
    """
    allocation = certain_work(world)
    state = labour_state(world.time_share, allocation, world.draws.scalars["task_substitution"])
    out["labour_ceiling"][:] = state.labour_speedup
    out["time_saved_ceiling"][:] = state.time_saved_share


def record_if_solved(world: World, suites: Suites, horizons_log2: Floats, out: dict[str, NDArray[np.float32]]) -> None:
    """Advance that solves each evaluation, and the work that such an AI could do; NaN where no advance does.

    Parameters
    ----------
    world, suites
        The same chunk of draws.
    horizons_log2
        Benchmark horizons at the reference date [log2 min], (draw, bottleneck).
    out
        Arrays (draw, advance, evaluation) to fill.

    References
    ----------
    Model §8; what experts expect if an evaluation were solved: Owen (2024), table 4.
    """
    out["advance_doublings"][:] = advances = suites.advances(horizons_log2)
    for way, evaluation, solvable, _, work in if_solved(world, suites, horizons_log2, advances):
        state = work.state
        out["solved_time_saved_share"][:, way, evaluation] = np.where(solvable, state.time_saved_share, np.nan)
        out["solved_labour_speedup"][:, way, evaluation] = np.where(solvable, state.labour_speedup, np.nan)


def if_solved(
    world: World, suites: Suites, horizons_log2: Floats, advances: Floats
) -> Iterator[tuple[int, int, NDArray[np.bool_], Floats, Labour]]:
    """Work at the reference date once each evaluation is solved, in each way.

    Parameters
    ----------
    world, suites
        The same chunk of draws.
    horizons_log2
        Benchmark horizons at the reference date [log2 min], (draw, bottleneck).
    advances
        From `Suites.advances` [doublings], (draw, advance, evaluation).

    Yields
    ------
    Positions of the way and of the evaluation; which draws have such an advance, (draw,), the others being without any;
    advanced benchmark horizons; work at these with adoption 1, optimism as at t = 0, and without compute limits.
    """
    moment = Moment(0.0, np.ones(world.count), world.draws.scalars["optimism"], None)
    for way in range(advances.shape[1]):
        for evaluation in range(advances.shape[2]):
            advance = advances[:, way, evaluation]
            solvable = np.isfinite(advance)
            toward = suites.direction(way)[:, evaluation]
            moved = np.minimum(horizons_log2 + np.where(solvable, advance, 0.0)[:, None] * toward, HORIZON_CAP)
            yield way, evaluation, solvable, moved, world.labour(moved, moment)
