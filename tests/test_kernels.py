"""Each compiled kernel against its slow, obvious twin (`plain`), on draws from the priors and at their edges."""

import functools
from dataclasses import replace

import numpy as np
import plain
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from autosim.draws import Draws, draw
from autosim.equations.arrays import softplus
from autosim.equations.delegation import DelegationTerms
from autosim.inputs.loading import load
from autosim.inputs.scenario import Taxonomy
from autosim.simulation import kernels
from autosim.simulation.march import growth_at, horizons_at
from autosim.simulation.suites import Suites
from autosim.simulation.world import Moment, World

type Floats = NDArray[np.float64]

DRAWS = 16
EQUAL = 1e-5, 2e-6
"""What a kernel, in single precision, may differ by from its twin on the same nodes, relatively or absolutely."""
RATIONED = 1e-5, 3e-6
"""The same where the served share was sought, which stops at 1e-6."""
EXPONENTS = np.concatenate(
    (np.linspace(-120.0, 120.0, 40001), np.linspace(-3.0, 3.0, 20001), [0.0, 1e-30, -1e-30])
).astype(np.float32)


@functools.cache
def baseline() -> tuple[Draws, Taxonomy]:
    scenario = load("baseline")
    return draw(scenario, 0, 64), scenario.taxonomy


def some(count: int = DRAWS, **values: float | Floats) -> Draws:
    """Draws of the baseline's priors, some quantities set to something else."""
    return plain.variant(baseline()[0].part(slice(0, count)), **values)


def moment(draws: Draws, limited: bool, **values: float) -> Moment:
    """What holds at a moment, adoption 1 and optimism as drawn unless told; compute per head is that of the start."""
    one, count = draws.scalars, len(draws)
    adoption, optimism = (np.full(count, values.get(k, np.nan)) for k in ("adoption", "optimism"))
    return Moment(
        values.get("years", 0.0),
        np.where(np.isnan(adoption), 1.0, adoption),
        np.where(np.isnan(optimism), one["optimism"], optimism),
        np.full(count, values.get("compute", 0.0)) if limited else None,
    )


def horizons(draws: Draws, doublings: float) -> Floats:
    growth = growth_at(draws, np.full((len(draws), 1), doublings))
    return horizons_at(draws, growth)[:, 0]


def check_labour(draws: Draws, names: Taxonomy, doublings: float, now: Moment, fine: float = 0.0) -> float:
    """Compare labour with its twin, on the kernel's nodes or, to an error ``fine``, on fine ones; share rationed."""
    world, at = World(draws, names), horizons(draws, doublings)
    got = world.labour(at, now)
    for i in range(len(draws)):
        step = np.minimum(0.8 * draws.scalars["choice_noise"][i], 0.15) / draws.indexed["slope"][i].max()
        nodes = plain.own_nodes(world.mean[i], world.sd[i], step) if fine else plain.same_nodes(world.grids, i)
        allocation, state = plain.labour(world, i, at[i], now, nodes)
        close = (0.0, fine) if fine else EQUAL if now.compute_per_head_log2 is None else RATIONED
        np.testing.assert_allclose([part[i] for part in got.allocation], np.stack(allocation)[:, 0], *close)
        if not fine:
            np.testing.assert_allclose([part[i] for part in got.state], np.stack(state)[:, 0], *close)
    if now.compute_per_head_log2 is None:
        assert not got.agent_compute_share.any()
        return 0.0
    cap = draws.scalars["agent_compute_cap"]
    assert (got.agent_compute_share <= cap).all()
    return float((got.agent_compute_share > cap * (1.0 - 2e-6)).mean())


def test_exp2_is_right_to_the_last_digits_on_both_sides_of_zero() -> None:
    exact = EXPONENTS.astype(np.float64)
    powers = np.array([kernels.exp2_and_rest(each) for each in EXPONENTS])
    np.testing.assert_allclose(powers[:, 0], np.exp2(exact), rtol=1.5e-7)
    np.testing.assert_allclose(powers[:, 1], -np.expm1(exact * np.log(2.0)), rtol=3e-7)
    np.testing.assert_array_equal(powers[:, 0], [kernels.exp2(each) for each in EXPONENTS])
    assert [float(each) for each in kernels.exp2_and_rest(np.float32(0.0))] == [1.0, 0.0]
    assert kernels.exp2(np.float32(-1e5)) == kernels.exp2(np.float32(-np.inf)) == 2.0**-126


def test_softplus_is_right_to_the_last_digits() -> None:
    got = np.array([kernels.softplus(each) for each in EXPONENTS[np.abs(EXPONENTS) < 80.0]])
    exact = EXPONENTS[np.abs(EXPONENTS) < 80.0].astype(np.float64)
    np.testing.assert_allclose(got, softplus(exact), rtol=5e-6)
    np.testing.assert_allclose(got[exact > -10.0], softplus(exact[exact > -10.0]), rtol=1e-6)
    assert kernels.softplus(np.float32(1e5)) == 1e5
    assert 0.0 < kernels.softplus(np.float32(-1e5)) < 1e-37


def test_nan_stays_nan() -> None:
    nan = np.float32(np.nan)
    assert np.isnan([kernels.exp2(nan), *kernels.exp2_and_rest(nan), kernels.softplus(nan)]).all()


@pytest.mark.parametrize("doublings", [0.0, 4.0, 10.0, 18.0])
def test_labour_without_limits(doublings: float) -> None:
    draws = some()
    check_labour(draws, baseline()[1], doublings, moment(draws, limited=False))


@pytest.mark.parametrize(("doublings", "compute"), [(10.0, -3.0), (18.0, -8.0), (18.0, 0.0)])
def test_labour_rationed_by_compute(doublings: float, compute: float) -> None:
    draws = some()
    rationed = check_labour(draws, baseline()[1], doublings, moment(draws, True, compute=compute, years=3.0))
    assert rationed > (0.3 if compute else 0.0)


@pytest.mark.parametrize("adoption", [0.0, 0.37, 1.0])
@pytest.mark.parametrize("limited", [False, True])
def test_labour_at_the_edges_of_adoption(adoption: float, limited: bool) -> None:
    draws = some(6)
    now = moment(draws, limited, adoption=adoption, compute=-6.0)
    check_labour(draws, baseline()[1], 14.0, now)
    if adoption == 0.0:
        state = World(draws, baseline()[1]).labour(horizons(draws, 14.0), now).state
        assert (state.labour_speedup == 1.0).all()
        assert (state.delegated_share == 0.0).all()


@pytest.mark.parametrize("optimism", [-2.0, 0.0, 2.0, 40.0])
def test_labour_of_optimists_and_pessimists(optimism: float) -> None:
    draws = some(6)
    check_labour(draws, baseline()[1], 6.0, moment(draws, False, optimism=optimism))


@pytest.mark.parametrize("doublings", [-300.0, 300.0])
def test_labour_where_success_is_certain_or_out_of_reach(doublings: float) -> None:
    draws = replace(some(6, work_gap=0.0, horizon_offset=0.0, relief=0.0), trajectory=np.zeros(6, dtype=np.int64))
    limited = moment(draws, True, compute=-9.0)
    assert (check_labour(draws, baseline()[1], doublings, limited) == 1.0) == (doublings > 0.0)
    check_labour(draws, baseline()[1], doublings, moment(draws, False))


@pytest.mark.parametrize("substitution", [0.0, 1.0, 1.0 + 1e-8, 3.0, 50.0])
def test_labour_at_any_elasticity_of_substitution(substitution: float) -> None:
    draws = some(4, task_substitution=substitution)
    assert check_labour(draws, baseline()[1], 12.0, moment(draws, True, compute=-6.0)) > 0.0


@pytest.mark.parametrize("kinds", [("work",), ("planning",), ("interpreting", "work"), ("planning", "work")])
def test_labour_where_a_kind_has_no_tasks(kinds: tuple[str, ...]) -> None:
    draws, names = some(4), baseline()[1]
    some_kinds = tuple(kinds[position % len(kinds)] for position in range(len(names.tasks)))
    check_labour(draws, replace(names, kinds=some_kinds), 14.0, moment(draws, True, compute=-4.0))


def test_labour_with_tasks_that_take_no_time_or_have_no_bottleneck() -> None:
    draws = some(4)
    shares, severity = draws.indexed["time_share"].copy(), draws.indexed["severity"].copy()
    shares[:, :, [0, 3]], severity[:, 5], severity[:, :, 2] = 0.0, 0.0, 0.0
    draws = plain.variant(draws, time_share=shares, severity=severity, task_substitution=5.0)
    check_labour(draws, baseline()[1], 14.0, moment(draws, True, compute=-4.0))


@pytest.mark.parametrize("piece", [0.0, 1e-3, 0.2, 30.0, 1e5])
def test_labour_with_pieces_of_any_size(piece: float) -> None:
    draws = some(4, piece_doublings=piece)
    check_labour(draws, baseline()[1], 8.0, moment(draws, limited=False))


@pytest.mark.parametrize("doublings", [0.0, 4.0, 10.0, 18.0])
def test_grids_are_fine_enough_for_the_priors(doublings: float) -> None:
    draws, names = baseline()
    check_labour(draws, names, doublings, moment(draws, limited=False), fine=1e-4)


@pytest.mark.parametrize(
    "values",
    [
        {"choice_noise": 0.01},
        {"choice_noise": 0.01, "slope": 2.0},
        {"choice_noise": 0.5},
        {"slope": 3.0},
        {"undetected_loss": 15.0},
        {"rework": 4.0, "undetected_loss": 4.0},
        {"optimism": 2.0},
        {"difficulty_spread": 0.01, "length_spread": 0.01},
        {"difficulty_spread": 0.01, "length_spread": 0.01, "choice_noise": 0.01, "slope": 3.0},
    ],
)
def test_grids_are_fine_enough_at_the_edges(values: dict[str, float]) -> None:
    draws = some(6, **values)
    check_labour(draws, baseline()[1], 10.0, moment(draws, limited=False), fine=1e-4)


def test_grids_are_fine_enough_where_one_task_is_narrow() -> None:
    spread = some(4).indexed["length_spread"].copy()
    spread[:, 3], spread[:, 7] = 1e-3, 0.1
    draws = some(4, difficulty_spread=1e-3, length_spread=spread)
    check_labour(draws, baseline()[1], 10.0, moment(draws, limited=False), fine=5e-5)


@pytest.mark.parametrize("doublings", [0.0, 12.0])
def test_binding(doublings: float) -> None:
    severity = some().indexed["severity"]
    draws = some(severity=np.where(severity > 0.3, severity, 0.0))
    world, at = World(draws, baseline()[1]), horizons(draws, doublings)
    got = world.binding(at)
    for i in range(len(draws)):
        want = plain.binding(world, i, at[i], plain.same_nodes(world.grids, i))
        fine = plain.binding(world, i, at[i], plain.own_nodes(world.mean[i], world.sd[i], 0.05))
        np.testing.assert_allclose(got[i], want, *EQUAL)
        np.testing.assert_allclose(got[i], fine, rtol=0.0, atol=3e-5)


def suites_of(draws: Draws) -> Suites:
    names = baseline()[1]
    return Suites(draws, names.evaluations.index(names.anchor))


def several_horizons(draws: Draws) -> Floats:
    return np.stack([horizons(draws, doublings) for doublings in (-3.0, 0.0, 7.0, 15.0, 60.0)], axis=1)


@pytest.mark.parametrize("values", [{}, {"slope": 3.0}, {"difficulty_spread": 0.01, "spread": 0.01}])
def test_pass_rates(values: dict[str, float]) -> None:
    draws = some(8, **values)
    suites, at = suites_of(draws), several_horizons(draws)
    got = suites.pass_rates(at)
    assert got.shape == (3, 8, 5, suites.mean.shape[1])
    for i, t in np.ndindex(8, 5):
        want = plain.pass_rates(suites, i, at[i, t], plain.same_nodes(suites.grids, i))
        np.testing.assert_allclose(got[:, i, t], want, *EQUAL)
        step = 0.3 / suites.slope[i].max()
        fine = plain.pass_rates(suites, i, at[i, t], plain.own_nodes(suites.mean[i], suites.sd[i], step))
        np.testing.assert_allclose(got[0, i, t], fine[0], rtol=0.0, atol=1e-6)
        np.testing.assert_allclose(got[:, i, t], fine, rtol=0.0, atol=1e-5)


@pytest.mark.parametrize("slope", [0.6, 3.0])
def test_advances(slope: float) -> None:
    draws = some(4, slope=slope)
    suites, at = suites_of(draws), horizons(draws, 0.0)
    got = suites.advances(at)
    assert np.isfinite(got).any()
    for i, way, e in np.ndindex(got.shape):
        fine = plain.own_nodes(suites.mean[i], suites.sd[i], 0.4 / slope)
        np.testing.assert_allclose(got[i, way, e], plain.advance(suites, i, way, e, at[i], fine), rtol=0.0, atol=2e-5)


def test_an_evaluation_that_no_advance_solves_has_none_and_one_always_solved_the_lowest() -> None:
    median, severity = some().indexed["median"].copy(), some().indexed["evaluation_severity"].copy()
    median[:, 0], median[:, 1], severity[:, 2] = 2.0**30, 2.0**-70, 0.0
    severity[:, 2, 1] = 1e-9
    suites = suites_of(some(median=median, evaluation_severity=severity))
    got = suites.advances(horizons(some(), 0.0))
    assert np.isnan(got[:, :, 0]).all()
    assert (got[:, :, 1:3] == -40.0).all()  # solved however far back
    assert np.isfinite(got[:, :, 3:]).mean() > 0.9


@pytest.mark.parametrize("values", [{}, {"slope": 3.0}, {"difficulty_spread": 0.01}, {"difficulty_spread": 6.0}])
def test_anchor_horizons(values: dict[str, float]) -> None:
    draws = some(4, **values)
    suites, at = suites_of(draws), several_horizons(draws)
    got = suites.horizons_min(at)
    for target, i, t in np.ndindex(got.shape):
        want = plain.length_min(suites, i, at[i, t], (0.5, 0.8)[target])
        np.testing.assert_allclose(got[target, i, t], want, rtol=1e-6)


def test_anchor_horizons_that_stand_still_jump_or_fall() -> None:
    draws = some(3)
    suites = suites_of(draws)
    at = np.stack([horizons(draws, doublings) for doublings in (-3.0, -3.0, 60.0, 60.0, -3.0)], axis=1)
    got = suites.horizons_min(at)
    np.testing.assert_allclose(got[:, :, [1, 4]], got[:, :, [0, 0]], rtol=1e-6)
    np.testing.assert_allclose(got[:, :, 2], got[:, :, 3], rtol=1e-6)
    for i in range(3):
        np.testing.assert_allclose(got[0, i, 2], plain.length_min(suites, i, at[i, 2], 0.5), rtol=1e-6)


@settings(deadline=None, max_examples=30)
@given(start=st.integers(0, 60), count=st.integers(1, 5))
def test_a_draw_owes_nothing_to_the_draws_beside_it(start: int, count: int) -> None:
    """To the last bit, for the whole and for any part; the others hold very fine and very coarse grids."""
    part = slice(start, min(start + count, 64))
    for got, want in zip(everything(mixed().part(part)), everything_mixed(), strict=True):
        np.testing.assert_array_equal(got, want[part])


@functools.cache
def mixed() -> Draws:
    """The baseline's draws, some made to need very fine grids, and some narrow tasks."""
    draws = baseline()[0]
    noise, spread = draws.scalars["choice_noise"].copy(), draws.indexed["length_spread"].copy()
    noise[::17], spread[::13, 4] = 0.01, 0.01
    residual = np.where(np.arange(64) % 13 == 0, 0.01, draws.scalars["difficulty_spread"])
    return plain.variant(draws, choice_noise=noise, length_spread=spread, difficulty_spread=residual)


@functools.cache
def everything_mixed() -> list[Floats]:
    return everything(mixed())


def everything(draws: Draws) -> list[Floats]:
    """Whatever a kernel says of some draws, draw first."""
    world, suites, at = World(draws, baseline()[1]), suites_of(draws), several_horizons(draws)
    work = world.labour(at[:, 3], moment(draws, True, compute=-6.0))
    rates, lengths = suites.pass_rates(at), suites.horizons_min(at)
    parts = [
        *work.allocation,
        *work.state,
        work.agent_compute_share,
        world.binding(at[:, 2]),
        suites.advances(at[:, 1]),
    ]
    return [*parts, np.moveaxis(rates, 0, 1), np.moveaxis(lengths, 0, 1)]


@pytest.mark.parametrize(
    "name", [*DelegationTerms._fields, "work_gap", "slope", "severity", "task_length", "time_share"]
)
def test_labour_passes_a_nan_on(name: str) -> None:
    draws = some(3)
    values = (draws.scalars if name in draws.scalars else draws.indexed)[name].copy()
    values[1] = np.nan
    spoilt = plain.variant(draws, **{name: values})
    got, want = (World(d, baseline()[1]).labour(horizons(d, 8.0), moment(d, True)) for d in (spoilt, draws))
    assert np.isnan(got.state.labour_speedup).tolist() == [False, True, False]
    assert np.isnan(got.state.delegated_share).tolist() == [False, True, False]
    assert got.state.labour_speedup[2] == want.state.labour_speedup[2]


@pytest.mark.parametrize("name", ["slope", "evaluation_severity", "median", "difficulty_spread", "horizon"])
def test_suites_pass_a_nan_on(name: str) -> None:
    draws = some(3)
    values = (draws.scalars if name in draws.scalars else draws.indexed)[name].copy()
    values[1] = np.nan
    spoilt = plain.variant(draws, **{name: values})
    suites, at = suites_of(spoilt), several_horizons(spoilt)
    assert np.isnan(suites.pass_rates(at)).all(axis=(0, 2, 3)).tolist() == [False, True, False]
    assert np.isnan(suites.advances(at[:, 0]))[1].all()
    if name != "median":
        assert np.isnan(suites.horizons_min(at)).all(axis=(0, 2)).tolist() == [False, True, False]


def test_a_chunk_of_fine_grids_stays_within_bounds() -> None:
    """What no prior gives, but a user may: steep success, hardly any noise, lengths over many orders of magnitude."""
    length, spread = some(2).indexed["task_length"].copy(), some(2).indexed["length_spread"].copy()
    length[:, 0], spread[:, 1] = 1e12, 30.0
    draws = some(2, slope=20.0, choice_noise=0.01, task_length=length, length_spread=spread)
    world = World(draws, baseline()[1])
    assert world.grids.length.max() < 20_000
    state = world.labour(horizons(draws, 5.0), moment(draws, limited=False)).state
    assert np.isfinite(state.labour_speedup).all()
