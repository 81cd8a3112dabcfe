"""A chunk of draws set up for the equations: grids, weights and costs that do not change with time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim.draws import Draws
from autosim.equations.compute import agent_compute_demand
from autosim.equations.delegation import DelegationTerms
from autosim.equations.labour import mixed_time_share
from autosim.equations.quadrature import shared_grids
from autosim.equations.success import task_difficulty
from autosim.equations.workflow import KINDS, Allocation, LabourState
from autosim.inputs.scenario import Taxonomy
from autosim.simulation import kernels

type Floats = NDArray[np.float64]


def difficulty_step(terms: DelegationTerms, optimism: Floats, slope: Floats) -> Floats:
    """Distance between difficulty nodes that keeps costs and mode shares right to 1e-4 [doublings], (draw,).

    A trapezoid of step h errs by exp(-2π d / h), d the distance of the integrand's singularities from the real line.
    Those of choice lie where two believed costs differ by iπ · choice_noise: the closer, the less noise there is and
    the more steeply belief falls. Optimism makes it steeper: the logit of belief falls by slope · l / (1 - exp(-l)) per
    doubling, l = -ln p, here taken where half a success is believed in, l = softplus(optimism); as optimism decays, it
    counts only where positive. Costs fall with success by rework, and as soon as people trust rather than verify, by
    verification within fewer doublings. Powers and constants are fitted to 1,500 draws of the shipped outlooks at seven
    moments each. Of 3,000 others, the labour speedup of 99 in 100 errs by less than 2e-5 and of none by more than 5e-5.

    Parameters
    ----------
    terms
        Costs, each (draw,).
    optimism
        [logit], (draw,).
    slope
        (draw, bottleneck) [1/doubling].

    Examples
    --------
    >>> terms = DelegationTerms(*([np.array([1.0])] * 8), choice_noise=np.array([0.05]))
    >>> difficulty_step(terms, np.array([0.4]), np.array([[0.8, 0.5]])).round(4).tolist()
    [0.1649]
    """
    logits = np.maximum(optimism, 0.0)
    belief = (np.logaddexp(0.0, logits) * (1.0 + np.exp(-logits))) ** 0.5
    steepness = belief * np.maximum(np.maximum(terms.rework, 4.0 * terms.verification), 0.5) ** 0.9
    typical = np.sqrt(slope.max(-1) * slope.mean(-1))
    step: Floats = 1.0 / (typical * (steepness / (11.3 * terms.choice_noise) + 0.8))
    return step


@dataclass(frozen=True)
class Moment:
    """What holds at one moment for each draw: (draw,) each.

    ``compute_per_head_log2`` is None where compute sets no limit.
    """

    years: float | Floats
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

    Tasks are kept planning first, then interpreting, then work: ``tasks`` are their positions in the taxonomy and
    ``as_listed`` puts them back. ``mean`` and ``sd`` of the difficulty of an hour are (draw, task) [log2 min];
    ``grids`` hold the tasks' difficulties and, shifted, those of their pieces.
    """

    def __init__(self, draws: Draws, names: Taxonomy) -> None:
        one, many = draws.scalars, draws.indexed
        self.draws, self.count = draws, len(draws)
        self.tasks = names.tasks_by_kind()
        self.as_listed = np.argsort(self.tasks)
        kinds = [names.kinds[task] for task in self.tasks]
        self.kind_bounds = np.array(
            [sum(KINDS.index(kind) < bound for kind in kinds) for bound in range(len(KINDS) + 1)]
        )
        self.terms = DelegationTerms(**{name: one[name] for name in DelegationTerms._fields})
        self.role_time_share = many["time_share"][:, :, self.tasks]
        self.time_share = np.ascontiguousarray(mixed_time_share(many["role_share"], self.role_time_share))
        self.mean, self.sd = task_difficulty(
            many["task_length"][:, self.tasks], many["length_spread"][:, self.tasks], one["difficulty_spread"][:, None]
        )
        self.grids = shared_grids(
            self.mean, self.sd, difficulty_step(self.terms, one["optimism"], many["slope"]), one["piece_doublings"]
        )
        self.work = kernels.Work(
            *kernels.in_single(self.grids),
            severity=np.ascontiguousarray(many["severity"][:, self.tasks]),
            slope=np.ascontiguousarray(many["slope"]),
            terms=np.stack(self.terms, axis=-1),
            kinds=self.kind_bounds,
            time_share=self.time_share,
            task_substitution=one["task_substitution"],
            agent_compute_cap=one["agent_compute_cap"],
        )

    def work_horizons(self, horizons_log2: Floats) -> Floats:
        """Horizons in real work [log2 min] from benchmark horizons, (draw, bottleneck)."""
        return np.ascontiguousarray(horizons_log2 - self.draws.scalars["work_gap"][:, None])

    def labour(self, horizons_log2: Floats, moment: Moment) -> Labour:
        """Cost and mode shares of every task, rationed by compute.

        Benchmark horizons are (draw, bottleneck) [log2 min].
        """
        one = self.draws.scalars
        out = np.empty((self.count, len(self.tasks), len(Allocation._fields)))
        states = np.empty((self.count, len(LabourState._fields)))
        limits = moment.optimism, moment.adoption, self._demand(1.0, 1.0, moment)
        kernels.labour(self.work, self.work_horizons(horizons_log2), limits, out, states)
        state = LabourState(*states.T)
        allocation = Allocation(*np.ascontiguousarray(np.moveaxis(out, -1, 0)))
        demand = self._demand(state.labour_speedup, state.delegated_share, moment)
        return Labour(allocation, state, np.minimum(demand, one["agent_compute_cap"]))

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
        out = np.empty_like(self.work.severity)
        kernels.binding(self.work, self.work_horizons(horizons_log2), out)
        return out
