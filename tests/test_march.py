"""Paths through time against their slow, obvious twin: Heun's method in steps of an eighth of a month."""

import functools

import numpy as np
import plain
import pytest
from numpy.typing import NDArray

from autosim.draws import Draws, draw
from autosim.equations.compute import agent_compute_demand
from autosim.equations.delegation import adoption_at, optimism_at
from autosim.equations.progress import input_growth, log2_research_input, software_rate
from autosim.inputs.loading import load
from autosim.simulation.march import LIMITS, growth_at, horizons_at, walk
from autosim.simulation.world import Moment, World

type Floats = NDArray[np.float64]

DRAWS, MONTHS, STEPS = 16, 48, 8


@functools.cache
def extreme() -> tuple[Draws, World]:
    """Draws of all shapes; some are limited by compute, some slow down within the span, most do neither."""
    scenario = load("extremely_optimistic")
    draws = plain.variant(draw(scenario, 5, DRAWS), slowdown=np.linspace(0.5, 9.0, DRAWS))
    return draws, World(draws, scenario.taxonomy)


def inputs_at(draws: Draws, years: float) -> tuple[Floats, Floats, Floats]:
    """Log2 of training compute, R&D compute and headcount, (draw,)."""
    one = draws.scalars
    names = "training_compute", "experiment_compute", "headcount"
    a, b, c = (
        input_growth(one[f"{name}_growth"], one[f"{name}_growth_after"], one["slowdown"], np.array(years))
        for name in names
    )
    return a, b, c


def rate_of(draws: Draws, world: World, years: float, software: Floats) -> tuple[Floats, Floats]:
    """Growth of software, and the tasks' cost, from the plain equations and one evaluation of labour."""
    one, (training, compute, headcount) = draws.scalars, inputs_at(draws, years)
    adoption = adoption_at(one["adoption"], one["adoption_growth"], np.array(years))
    optimism = optimism_at(one["optimism"], one["optimism_decay"], np.array(years))
    horizons = horizons_at(draws, growth_at(draws, (training + software)[:, None]))[:, 0]
    labour = world.labour(horizons, Moment(years, adoption, optimism, compute - headcount))
    limits = one["agent_compute"], one["agent_compute_growth"], years
    speedup, delegated = labour.state.labour_speedup, labour.state.delegated_share
    taken = np.minimum(agent_compute_demand(*limits, speedup, delegated, compute - headcount), one["agent_compute_cap"])
    shape = one["labour_share"], one["input_substitution"]
    with_ai = log2_research_input(headcount + np.log2(speedup), compute + np.log2(1.0 - taken), *shape)
    driving = np.where(draws.feedback, with_ai, log2_research_input(headcount, compute, *shape))
    growth = software_rate(one["software_growth"], driving, one["returns_to_input"], software, one["ideas_harder"])
    return growth, labour.allocation.cost


@functools.cache
def heun() -> tuple[Floats, Floats]:
    """Software and cost every month, (month, draw) and (month, draw, task)."""
    (draws, world), step = extreme(), 1.0 / (12 * STEPS)
    software, kept, costs = np.zeros(DRAWS), [], []
    for i in range(MONTHS * STEPS + 1):
        rate, cost = rate_of(draws, world, i * step, software)
        if i % STEPS == 0:
            kept.append(software)
            costs.append(cost)
        after, _ = rate_of(draws, world, (i + 1) * step, software + step * rate)
        software = software + 0.5 * step * (rate + after)
    return np.array(kept), np.array(costs)


def test_paths_agree_with_small_steps() -> None:
    draws, world = extreme()
    work, software, evaluations = walk(world, MONTHS + 1)
    want_software, want_cost = heun()
    assert set(draws.trajectory.tolist()) == {0, 1}
    np.testing.assert_allclose(software.T, want_software, rtol=0.0, atol=1e-3)
    np.testing.assert_allclose(work[..., 0].swapaxes(0, 1), want_cost, rtol=5e-3, atol=1e-4)
    off = np.abs(work[..., 0].swapaxes(0, 1) / want_cost - 1.0)
    assert np.quantile(off, 0.99) < 2e-4
    assert evaluations.mean() < 2 * MONTHS


def test_finer_limits_change_little_and_cost_more() -> None:
    _, world = extreme()
    work, _, evaluations = walk(world, MONTHS + 1)
    finer, _, more = walk(world, MONTHS + 1, type(LIMITS)(1e-3, 2e-5, 3e-4))
    assert (more >= evaluations).mean() > 0.9
    assert np.quantile(np.abs(finer[..., 0] / work[..., 0] - 1.0), 0.99) < 2e-4


def test_whole_paths_are_as_right_as_documented() -> None:
    """Without the correction for what effective compute was off, both quantiles are twice as large."""
    scenario = load("extremely_optimistic")
    world = World(draw(scenario, 5, 32), scenario.taxonomy)
    work, finer = (walk(world, 137, limits)[0] for limits in (LIMITS, type(LIMITS)(1e-3, 2e-5, 3e-4)))
    off = np.abs(work[..., 0] / finer[..., 0] - 1.0)
    assert np.quantile(off, 0.90) < 5e-6
    assert np.quantile(off, 0.99) < 2e-5


@pytest.mark.parametrize("months", [1, 2, 3, 14])
def test_short_paths_begin_long_ones(months: int) -> None:
    _, world = extreme()
    short, long = walk(world, months), walk(world, MONTHS + 1)
    np.testing.assert_allclose(short[0], long[0][:, :months], rtol=0.0, atol=3e-4)
    np.testing.assert_allclose(short[1], long[1][:, :months], rtol=0.0, atol=3e-4)


def test_shares_stay_shares() -> None:
    _, world = extreme()
    work = walk(world, MONTHS + 1)[0]
    assert (work >= 0.0).all()
    assert (work[..., 1:].sum(-1) <= 1.0 + 1e-12).all()


def test_a_nan_stays_one() -> None:
    draws, world = extreme()
    growth = draws.scalars["software_growth"].copy()
    growth[3] = np.nan
    spoilt = plain.variant(draws, software_growth=growth)
    software = walk(World(spoilt, load("extremely_optimistic").taxonomy), 14)[1]
    assert np.isnan(software[3, 1:]).all()
    assert np.isfinite(np.delete(software, 3, axis=0)).all()
    np.testing.assert_array_equal(np.delete(software, 3, axis=0), np.delete(walk(world, 14)[1], 3, axis=0))
