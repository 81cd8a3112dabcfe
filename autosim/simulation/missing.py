"""What would still be missing if an evaluation were solved: where the remaining hours go (model §8)."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim.dims import ADVANCES
from autosim.draws import Draws
from autosim.errors import NotANumberError
from autosim.inputs.scenario import Taxonomy
from autosim.simulation.march import horizons_at
from autosim.simulation.run import CHUNK
from autosim.simulation.solved import certain_work, if_solved
from autosim.simulation.suites import Suites
from autosim.simulation.world import World

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Missing:
    """Shares of today's hours; NaN throughout where no advance solves an evaluation.

    ``saved`` and ``attention``, what delegation and assistance take even of people whose AI never fails, are (draw,
    advance, evaluation); ``blocked``, the hours that AI's failures cost, is (draw, advance, evaluation, bottleneck).
    All together are 1.
    """

    saved: Floats
    attention: Floats
    blocked: Floats


def missing(draws: Draws, names: Taxonomy, cores: int | None = None) -> Missing:
    r"""Divide today's hours into what is saved, what attention takes, and what each bottleneck blocks.

    .. math:: b_j = \sum_k w_k \max(\tau_k - \tau_k^*, 0)\, s_{kj}

    Parameters
    ----------
    draws
        Parameters of the draws.
    names
        Taxonomy of their scenario.
    cores
        How many to use; all by default.

    Returns
    -------
    With :math:`\tau_k` the cost of task k once the evaluation is solved, :math:`\tau_k^*` its cost at p = 1 (as in
    `certain_work`), :math:`w_k` its share of hours, and :math:`s_{kj}` the share of its expected -ln p that bottleneck
    j bears.

    Raises
    ------
    NotANumberError
        If an answer is NaN although an advance solves the evaluation.
    """

    def chunk(start: int) -> tuple[Floats, Floats]:
        with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
            return _missing(draws.part(slice(start, start + CHUNK)), names)

    with ThreadPoolExecutor(cores or os.cpu_count() or 1) as pool:
        parts = list(pool.map(chunk, range(0, len(draws), CHUNK)))
    saved, blocked = (np.concatenate([part[i] for part in parts]) for i in range(2))
    wrong = np.isnan(saved) != np.isnan(blocked).any(axis=-1)
    if wrong.any():
        raise NotANumberError(f"draw {np.argwhere(wrong)[0][0]}: what is missing if an evaluation were solved is nan")
    return Missing(saved, 1.0 - saved - blocked.sum(axis=-1), blocked)


def _missing(draws: Draws, names: Taxonomy) -> tuple[Floats, Floats]:
    world, suites = World(draws, names), Suites(draws, names.evaluations.index(names.anchor))
    saved = np.full((len(draws), len(ADVANCES), len(names.evaluations)), np.nan)
    blocked = np.full((*saved.shape, len(names.bottlenecks)), np.nan)
    horizons = horizons_at(draws, np.zeros((len(draws), 1)))[:, 0]
    least = certain_work(world).cost
    for way, evaluation, solvable, moved, work in if_solved(world, suites, horizons, suites.advances(horizons)):
        lost = world.time_share * np.maximum(work.allocation.cost - least, 0.0)
        split = (lost[..., None] * world.binding(moved)).sum(axis=1)
        saved[solvable, way, evaluation] = work.state.time_saved_share[solvable]
        blocked[solvable, way, evaluation] = split[solvable]
    return saved, blocked
