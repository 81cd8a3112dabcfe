"""A chunk of draws set up for the equations: grids, weights and costs that do not change with time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim.draws import Draws
from autosim.equations.compute import agent_compute_demand
from autosim.equations.delegation import DelegationTerms
from autosim.equations.labour import mixed_time_share
from autosim.equations.quadrature import trapezoids
from autosim.equations.success import task_difficulty
from autosim.equations.workflow import KINDS, Allocation, LabourState, labour_state
from autosim.inputs.scenario import Taxonomy
from autosim.simulation import kernels

type Floats = NDArray[np.float64]

COARSEST_STEP, FINEST_STEP = 0.2, 0.1


def difficulty_step(choice_noise: Floats) -> Floats:
    """Distance between difficulty nodes [sd] that keeps costs right to 1e-5: choice with little noise makes near-kinks.

    Examples
    --------
    >>> difficulty_step(np.array([0.01, 0.5])).tolist()
    [0.1, 0.2]
    """
    return np.clip(0.06 + 4.0 * choice_noise, FINEST_STEP, COARSEST_STEP)


@dataclass(frozen=True)
class Moment:
    """What holds at one moment for each draw: (draw,) each.

    ``compute_per_head_log2`` is None where compute sets no limit.
    """

    years: float
    adoption: Floats
    optimism: Floats
    compute_per_head_log2: Floats | None


@dataclass(frozen=True)
class Labour:
    """Outcome of one moment's work; tasks stand in the order of `World.tasks`, the shares of compute are (draw,)."""

    allocation: Allocation
    state: LabourState
    agent_compute_share: Floats


class World:
    """A chunk of draws, ready to be asked what work comes to at given horizons.

    Tasks are kept planning first, then interpreting, then work: ``tasks`` are their positions in the taxonomy and ``as_listed``
    puts them back. ``mean`` and ``sd`` of the difficulty of an hour are (draw, task) [log2 min], ``nodes`` and ``weights`` (draw, node).
    """

    def __init__(self, draws: Draws, names: Taxonomy) -> None:
        one, many = draws.scalars, draws.indexed
        self.draws, self.count = draws, len(draws)
        self.tasks = names.tasks_by_kind()
        self.as_listed = np.argsort(self.tasks)
        kinds = [names.kinds[task] for task in self.tasks]
        self.kind_bounds = np.array([sum(KINDS.index(kind) < bound for kind in kinds) for bound in range(len(KINDS) + 1)])
        self.terms = DelegationTerms(**{name: one[name] for name in DelegationTerms._fields})
        self.role_time_share = many["time_share"][:, :, self.tasks]
        self.time_share = mixed_time_share(many["role_share"], self.role_time_share)
        self.mean, self.sd = task_difficulty(
            many["task_length"][:, self.tasks], many["length_spread"][:, self.tasks], one["difficulty_spread"][:, None]
        )
        self.nodes, self.weights = trapezoids(difficulty_step(one["choice_noise"]))
        self.severity = np.ascontiguousarray(many["severity"][:, self.tasks])
        self.packed_terms = np.stack(self.terms, axis=-1)

    def work_horizons(self, horizons_log2: Floats) -> Floats:
        """Horizons in real work [log2 min] from benchmark horizons, (draw, bottleneck)."""
        return horizons_log2 - self.draws.scalars["work_gap"][:, None]

    def labour(self, horizons_log2: Floats, moment: Moment) -> Labour:
        """Cost and mode shares of every task at given benchmark horizons [log2 min], (draw, bottleneck), rationed by compute."""
        one = self.draws.scalars
        out = np.empty((self.count, len(Allocation._fields), len(self.tasks)))
        kernels.labour(
            (self.mean, self.sd, self.nodes, self.weights),
            self.work_horizons(horizons_log2),
            self.severity,
            self.draws.indexed["slope"],
            one["piece_doublings"],
            self.packed_terms,
            moment.optimism,
            self.kind_bounds,
            self.time_share,
            moment.adoption,
            one["task_substitution"],
            (one["agent_compute_cap"], self._demand(1.0, 1.0, moment)),
            out,
        )
        allocation = Allocation(*np.moveaxis(out, 1, 0))
        state = labour_state(self.time_share, allocation, one["task_substitution"])
        return Labour(allocation, state, self._demand(state.labour_speedup, state.delegated_share, moment))

    def _demand(self, speedup: Floats | float, delegated: Floats | float, moment: Moment) -> Floats:
        """Share of R&D compute that agents take, 0 where compute sets no limit."""
        if moment.compute_per_head_log2 is None:
            return np.zeros(self.count)
        one = self.draws.scalars
        limits = one["agent_compute"], one["agent_compute_growth"], moment.years
        demand: Floats = agent_compute_demand(*limits, speedup, delegated, moment.compute_per_head_log2)
        return demand

    def binding(self, horizons_log2: Floats) -> Floats:
        """Share of the expected -ln p that each bottleneck bears in each task, (draw, task, bottleneck) [1]."""
        out = np.empty_like(self.severity)
        kernels.binding(
            (self.mean, self.sd, self.nodes, self.weights),
            self.work_horizons(horizons_log2),
            self.severity,
            self.draws.indexed["slope"],
            out,
        )
        return out
