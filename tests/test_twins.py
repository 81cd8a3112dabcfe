"""Each compiled kernel against a slow, obvious twin put together from the plain equations, on draws from the priors."""

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize

import autosim
from autosim.draws import Draws, draw
from autosim.equations.capability import HORIZON_CAP
from autosim.equations.compute import agent_compute_demand
from autosim.equations.delegation import DelegationTerms, prospects
from autosim.equations.labour import mixed_time_share
from autosim.equations.success import (
    binding_split,
    bottleneck_losses,
    evaluation_difficulty,
    log_failure_weight,
    mean_all_of,
    mean_best_of,
    mean_success,
    task_difficulty,
)
from autosim.equations.workflow import Allocation, LabourState, allocate, labour_state
from autosim.inputs.scenario import Taxonomy
from autosim.simulation import kernels
from autosim.simulation.march import horizons_at, moment_at
from autosim.simulation.suites import Suites
from autosim.simulation.world import Moment, World

type Floats = NDArray[np.float64]

DRAWS = 40
COMPUTE = (0.0, 5.0, 10.0, 18.0)
Z = np.linspace(-8.0, 8.0, 1601)
W = np.exp(-0.5 * Z**2) / np.exp(-0.5 * Z**2).sum()


def drawn(draws: int = DRAWS, over: Mapping[str, object] | None = None) -> tuple[Draws, Taxonomy]:
    scenario = autosim.load("baseline", set=over or {})
    assert isinstance(scenario, autosim.Scenario)
    return draw(scenario, 11, draws), scenario.taxonomy


def plain_labour(
    draws: Draws, names: Taxonomy, horizons: Floats, moment: Moment, served: Floats
) -> tuple[Allocation, LabourState]:
    """Work on a very fine grid of each task's own, from the equations alone."""
    one, many, order = draws.scalars, draws.indexed, names.tasks_by_kind()
    mean, sd = task_difficulty(
        many["task_length"][:, order], many["length_spread"][:, order], one["difficulty_spread"][:, None]
    )
    x = mean[..., None] + sd[..., None] * Z
    at_work = (horizons - one["work_gap"][:, None]).T[:, :, None, None]
    severity = np.moveaxis(many["severity"][:, order], -1, 0)[..., None]
    slope = many["slope"].T[:, :, None, None]
    terms = DelegationTerms(**{name: one[name] for name in DelegationTerms._fields})
    losses = log_failure_weight(x, at_work, severity, slope)
    pieces = log_failure_weight(x - one["piece_doublings"][:, None, None], at_work, severity, slope)
    kinds = [names.kinds[task] for task in order]
    bounds = [kinds.count("planning"), kinds.count("planning") + kinds.count("interpreting"), len(kinds)]
    slices = [slice(a, b) for a, b in zip([0, *bounds], bounds, strict=False)]
    share = mixed_time_share(many["role_share"], many["time_share"][:, :, order])
    ahead = prospects(losses, pieces, moment.optimism, terms)
    allocation = allocate(np.broadcast_to(W, x.shape), ahead, terms, slices, share, moment.adoption, served)
    return allocation, labour_state(share, allocation, one["task_substitution"])


def assert_same(ours: tuple[Floats, ...], theirs: tuple[Floats, ...], error: float) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=error, atol=error)


def test_exponential_and_softplus_to_the_last_digits() -> None:
    x = np.concatenate([np.linspace(-1020, 1020, 4001), [0.0, -0.0, 1e-300, -1e-17]])
    powers = np.array([kernels.exp2(value) for value in x])
    np.testing.assert_allclose(powers[:, 0], np.exp2(x), rtol=4e-16)
    np.testing.assert_allclose(powers[x < 0, 1], -np.expm1(x[x < 0] * np.log(2.0)), rtol=1e-14, atol=1e-300)
    y = np.concatenate([np.linspace(-700, 700, 4001), [0.0, 1e-9]])
    np.testing.assert_allclose([kernels.softplus(value) for value in y], np.logaddexp(0.0, y), rtol=2e-15)
    assert np.isnan(kernels.softplus(np.nan))


@pytest.mark.parametrize("compute", COMPUTE)
@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({}, 2e-5),
        ({"choice_noise": 0.01}, 1e-4),
        ({"slope": 3.0}, 1e-4),
        ({"difficulty_spread": 0.01, "length_spread": 0.01}, 1e-4),
        ({"adoption": 1.0, "optimism": 2.0}, 2e-5),
        ({"piece_doublings": 0.0}, 2e-5),
        ({"work_gap": -30.0}, 1e-9),
        ({"work_gap": 60.0}, 1e-9),
    ],
)
def test_labour_is_that_of_the_plain_equations(over: dict[str, object], error: float, compute: float) -> None:
    draws, names = drawn(over=over)
    moment = moment_at(draws, 1.5, None)
    horizons = horizons_at(draws, np.full(DRAWS, compute))
    ours = World(draws, names).labour(horizons, moment)
    allocation, state = plain_labour(draws, names, horizons, moment, np.ones(DRAWS))
    assert_same(ours.allocation, allocation, error)
    np.testing.assert_allclose(ours.state.labour_speedup, state.labour_speedup, rtol=10 * error)


def test_labour_state_is_that_of_its_own_allocation() -> None:
    for substitution in (0.0, 0.4, 1.0, 3.0):
        draws, names = drawn(over={"task_substitution": substitution})
        world = World(draws, names)
        ours = world.labour(horizons_at(draws, np.full(DRAWS, 9.0)), moment_at(draws, 2.0, None))
        theirs = labour_state(world.time_share, ours.allocation, draws.scalars["task_substitution"])
        assert_same(ours.state, theirs, 1e-13)


def test_rationing_serves_as_many_as_the_cap_allows() -> None:
    draws, names = drawn(over={"agent_compute": {"dist": "uniform", "lower": 0.5, "upper": 5.0}})
    one = draws.scalars
    moment = moment_at(draws, 4.0, np.zeros(DRAWS))
    horizons = horizons_at(draws, np.full(DRAWS, 14.0))
    ours = World(draws, names).labour(horizons, moment)
    cap = one["agent_compute_cap"]

    def demand(served: Floats) -> Floats:
        state = plain_labour(draws, names, horizons, moment, served)[1]
        terms = one["agent_compute"], one["agent_compute_growth"], moment.years
        asked: Floats = agent_compute_demand(*terms, state.labour_speedup, state.delegated_share, np.zeros(DRAWS))
        return asked

    bound = demand(np.ones(DRAWS)) > cap
    assert bound.sum() > DRAWS / 2
    low, high = np.zeros(DRAWS), np.ones(DRAWS)
    for _ in range(40):
        middle = 0.5 * (low + high)
        over = demand(middle) > cap
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    allocation, state = plain_labour(draws, names, horizons, moment, np.where(bound, low, 1.0))
    assert_same(ours.allocation, allocation, 2e-5)
    np.testing.assert_allclose(ours.state.labour_speedup, state.labour_speedup, rtol=2e-4)
    np.testing.assert_allclose(ours.agent_compute_share[bound], cap[bound], rtol=1e-7)


def test_binding_is_that_of_the_plain_equations() -> None:
    draws, names = drawn()
    one, many = draws.scalars, draws.indexed
    horizons = horizons_at(draws, np.full(DRAWS, 7.0))
    mean, sd = task_difficulty(many["task_length"], many["length_spread"], one["difficulty_spread"][:, None])
    x = mean[..., None] + sd[..., None] * Z
    at_work = (horizons - one["work_gap"][:, None]).T[:, :, None, None]
    severity = np.moveaxis(many["severity"], -1, 0)[..., None]
    split = binding_split(W, bottleneck_losses(x, at_work, severity, many["slope"].T[:, :, None, None]))
    world = World(draws, names)
    np.testing.assert_allclose(world.binding(horizons)[:, world.as_listed], np.moveaxis(split, 0, -1), atol=1e-7)


def plain_losses(draws: Draws, horizons: Floats, evaluation: int) -> Floats:
    many = draws.indexed
    mean, sd = evaluation_difficulty(
        many["median"], many["spread"], many["contamination"], draws.scalars["difficulty_spread"][:, None]
    )
    x = mean[:, evaluation, None] + sd[:, evaluation, None] * Z
    severity = many["evaluation_severity"][:, evaluation].T[..., None]
    losses: Floats = log_failure_weight(x, horizons.T[..., None], severity, many["slope"].T[..., None])
    return losses


@pytest.mark.parametrize("slope", [None, 3.0])
def test_pass_rates_are_those_of_the_plain_equations(slope: float | None) -> None:
    draws, names = drawn(over={} if slope is None else {"slope": slope})
    horizons = np.stack([horizons_at(draws, np.full(DRAWS, compute)) for compute in COMPUTE], axis=1)
    ours = Suites(draws, names.evaluations.index(names.anchor)).pass_rates(horizons)
    for position in range(len(names.evaluations)):
        for date in range(len(COMPUTE)):
            losses = plain_losses(draws, horizons[:, date], position)
            for mine, theirs in zip(
                ours[:, :, date, position],
                (mean_success(W, losses), mean_best_of(5, W, losses), mean_all_of(5, W, losses)),
                strict=True,
            ):
                np.testing.assert_allclose(mine, theirs, atol=5e-6)


def test_an_advance_makes_the_pass_rate_nine_tenths_and_is_missing_where_none_does() -> None:
    draws, names = drawn(over={"median.paperbench": 1e9, "severity.paperbench": 1.0})
    suites = Suites(draws, names.evaluations.index(names.anchor))
    horizons = horizons_at(draws, np.zeros(DRAWS))
    advances = suites.advances(horizons)
    for way in range(2):
        direction = suites.direction(way)
        for position in range(len(names.evaluations)):
            found = advances[:, way, position]
            reached = np.isfinite(found)
            moved = horizons + np.where(reached, found, 40.0)[:, None] * direction[:, position]
            rate = mean_success(W, plain_losses(draws, np.minimum(moved, HORIZON_CAP), position))
            np.testing.assert_allclose(rate[reached], 0.9, atol=1e-5)
            assert (rate[~reached] < 0.9).all()
    assert np.isnan(advances[:, :, names.evaluations.index("paperbench")]).all()


def test_horizons_are_the_lengths_at_which_success_is_even_and_four_in_five() -> None:
    draws, names = drawn(12)
    anchor = names.evaluations.index(names.anchor)
    horizons = np.stack([horizons_at(draws, np.full(12, compute)) for compute in COMPUTE], axis=1)
    ours = Suites(draws, anchor).horizons_min(horizons)
    residual, slope = draws.scalars["difficulty_spread"], draws.indexed["slope"]
    severity, leaked = draws.indexed["evaluation_severity"][:, anchor], draws.indexed["contamination"][:, anchor]
    for i in range(12):
        for date in range(len(COMPUTE)):
            for target, mine in zip((0.5, 0.8), ours[:, i, date], strict=True):

                def excess(x: float, i: int = i, date: int = date, target: float = target) -> float:
                    at = x - leaked[i] + residual[i] * Z
                    return (
                        float(mean_success(W, log_failure_weight(at, horizons[i, date], severity[i], slope[i])))
                        - target
                    )

                assert np.log2(mine) == pytest.approx(optimize.brentq(excess, -150.0, 150.0), abs=1e-5)


def test_a_draw_does_not_depend_on_its_neighbours() -> None:
    draws, names = drawn(9)
    moment, horizons = moment_at(draws, 3.0, np.zeros(9)), horizons_at(draws, np.full(9, 8.0))
    together = World(draws, names).labour(horizons, moment)
    for i in range(9):
        one = draws.part(slice(i, i + 1))
        alone = World(one, names).labour(horizons[i : i + 1], moment_at(one, 3.0, np.zeros(1)))
        assert np.array_equal(alone.allocation.cost[0], together.allocation.cost[i])
        assert np.array_equal(alone.state.labour_speedup[0], together.state.labour_speedup[i])
