"""The kernels' slow, obvious twins: the plain equations put together, draw by draw."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from autosim.draws import Draws
from autosim.equations.capability import HORIZON_CAP
from autosim.equations.compute import agent_compute_demand
from autosim.equations.delegation import DelegationTerms, prospects
from autosim.equations.quadrature import Grids
from autosim.equations.success import (
    binding_split,
    bottleneck_losses,
    log_failure_weight,
    mean_all_of,
    mean_best_of,
    mean_graded,
    mean_success,
)
from autosim.equations.workflow import Allocation, LabourState, allocate, labour_state
from autosim.simulation.suites import Suites
from autosim.simulation.world import Moment, World

type Floats = NDArray[np.float64]
type Nodes = tuple[Floats, Floats]
"""Difficulty [log2 min] and weight of every node, (item, node) each."""


def variant(draws: Draws, **values: float | Floats) -> Draws:
    """The same draws with some quantities set to something else."""
    scalars, indexed = dict(draws.scalars), dict(draws.indexed)
    for name, value in values.items():
        where: dict[str, Any] = scalars if name in scalars else indexed
        where[name] = np.array(np.broadcast_to(value, where[name].shape), dtype=np.float64, order="C")
    return replace(draws, scalars=scalars, indexed=indexed)


def own_nodes(mean: Floats, sd: Floats, step: float, reach: float = 8.0) -> Nodes:
    """A trapezoid of its own for each item; ``step`` in doublings, but never above half an sd."""
    count = 2 * int(np.ceil((reach * np.maximum(sd / step, 2.0)).max())) + 1
    z = np.linspace(-reach, reach, count)
    weights = np.exp(-0.5 * z**2)
    return mean[:, None] + sd[:, None] * z, np.broadcast_to(weights / weights.sum(), (len(mean), count))


def same_nodes(grids: Grids, draw: int) -> Nodes:
    """The nodes and weights that a kernel uses, padded with weight 0."""
    first, length, place = grids.first[draw], grids.length[draw], grids.place[draw]
    x, weights = np.zeros((len(first), length.max())), np.zeros((len(first), length.max()))
    for k, n in enumerate(length):
        x[k, :n] = grids.nodes[draw, first[k] : first[k] + n]
        x[k, n:] = x[k, n - 1]
        weights[k, :n] = grids.weights[draw, place[k] : place[k] + n]
    return x, weights


def losses(x: Floats, horizons: Floats, severity: Floats, slope: Floats) -> Floats:
    """-ln p at difficulties (item, node) with severities (item, bottleneck)."""
    weight: Floats = log_failure_weight(x, horizons, severity.T[..., None], slope)
    return weight


def labour(world: World, draw: int, horizons: Floats, moment: Moment, nodes: Nodes) -> tuple[Allocation, LabourState]:
    """Twin of `World.labour` for one draw, at benchmark horizons (bottleneck,); items (1, task) and (1,)."""
    one = {name: values[draw : draw + 1] for name, values in world.draws.scalars.items()}
    at = slice(draw, draw + 1)
    terms = DelegationTerms(*(term[at] for term in world.terms))
    kinds = [slice(int(low), int(high)) for low, high in pairwise(world.kind_bounds)]
    work, slope, (x, weights) = horizons - one["work_gap"], world.draws.indexed["slope"][draw], nodes
    whole, piece = (
        losses(x - easier, work, world.work.severity[draw], slope) for easier in (0.0, one["piece_doublings"])
    )
    ahead = prospects(whole[None], piece[None], moment.optimism[at], terms)

    def settle(served: float) -> tuple[Allocation, LabourState]:
        shares = moment.adoption[at], np.array([served])
        got = allocate(weights[None], ahead, terms, kinds, world.time_share[at], *shares)
        return got, labour_state(world.time_share[at], got, one["task_substitution"])

    def excess(served: float) -> float:
        state = settle(served)[1]
        assert moment.compute_per_head_log2 is not None
        limits = one["agent_compute"], one["agent_compute_growth"], moment.years
        use = agent_compute_demand(
            *limits, state.labour_speedup, state.delegated_share, moment.compute_per_head_log2[at]
        )
        return float((use / one["agent_compute_cap"])[0]) - 1.0

    if moment.compute_per_head_log2 is None or excess(1.0) <= 0.0:
        return settle(1.0)
    return settle(optimize.brentq(excess, 0.0, 1.0, xtol=1e-14, rtol=1e-14))


def binding(world: World, draw: int, horizons: Floats, nodes: Nodes) -> Floats:
    """Twin of `World.binding` for one draw, (task, bottleneck)."""
    x, weights = nodes
    work, slope = horizons - world.draws.scalars["work_gap"][draw], world.draws.indexed["slope"][draw]
    split: Floats = binding_split(weights, bottleneck_losses(x, work, world.work.severity[draw].T[..., None], slope))
    return split.T


def pass_rates(suites: Suites, draw: int, horizons: Floats, nodes: Nodes) -> Floats:
    """Twin of `Suites.pass_rates` for one draw and date, (3, evaluation)."""
    x, weights = nodes
    each = losses(x, horizons, suites.severity[draw], suites.slope[draw])
    graded = [graded_rate(suites, draw, e, weights[e], loss) for e, loss in enumerate(each)]
    return np.stack([np.stack(graded), mean_best_of(5, weights, each), mean_all_of(5, weights, each)])


def graded_rate(suites: Suites, draw: int, evaluation: int, weights: Floats, each: Floats) -> Floats:
    """Pass rate by the attempts that an evaluation counts, the last axis of -ln p summed away."""
    best_of, all_of = suites.attempts[draw, evaluation].tolist()
    rate: Floats = mean_graded(best_of, all_of, weights, each)
    return rate


def advance(suites: Suites, draw: int, way: int, evaluation: int, horizons: Floats, nodes: Nodes) -> float:
    """Twin of `Suites.advances` for one evaluation."""
    (x, weights), toward = nodes, suites.direction(way)[draw, evaluation]
    severity, slope = suites.severity[draw, evaluation][None], suites.slope[draw]

    def missing(doublings: float) -> float:
        moved = np.minimum(horizons + doublings * toward, HORIZON_CAP)
        each = losses(x[evaluation][None], moved, severity, slope)
        return float(graded_rate(suites, draw, evaluation, weights[evaluation], each)[0]) - 0.9

    return root(missing, -40.0, 40.0)


def length_min(suites: Suites, draw: int, horizons: Floats, target: float) -> float:
    """Twin of `Suites.horizons_min` for one draw and date."""
    x, weights = own_nodes(np.zeros(1), suites.residual[draw : draw + 1], 0.05)
    severity = suites.anchor_severity[draw][None]

    def over(length: float) -> float:
        return float(mean_success(weights, losses(x + length, horizons, severity, suites.slope[draw]))[0]) - target

    return float(2.0 ** (root(over, -500.0, 500.0) + suites.contamination[draw]))


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function changes its sign, NaN if it does not."""
    if function(low) * function(high) > 0.0:
        return float("nan")
    return float(optimize.brentq(function, low, high, xtol=1e-12, rtol=1e-14))
