"""The model as a forecaster: what it knows of later models, what it learns from known ones, and its fan."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from later import CUT_OFF, SUITE, Row, both_sides, horizon, outcome, trial
from numpy.typing import NDArray
from test_fit import pinned, quick

import autosim
from autosim.backtesting.fan import LEVELS, Fan, fan
from autosim.backtesting.forecast import Forecast
from autosim.backtesting.own import Own
from autosim.backtesting.split import Split
from autosim.draws import draw
from autosim.equations.capability import TRAJECTORIES
from autosim.equations.delegation import optimism_at
from autosim.inference.trials import DEVIATION_PRIOR as TRIAL_DEVIATION_PRIOR
from autosim.inference.trials_ahead import log_time_ratios
from autosim.inference.wander import wander_on
from autosim.inference.worlds import drawn_capability, worlds
from autosim.inputs.posterior import SHAPES
from autosim.inputs.posterior_files import SAMPLE
from autosim.inputs.scenario import Scenario
from autosim.simulation.world import Moment, World

type Floats = NDArray[np.float64]
type Said = tuple[Floats, Floats, Floats, Floats]
"""Draws of p50, p80, outcomes and trials."""

DRAWS = 300
TRIED = ("failed", "new", "solved")
"""Instances that a later model tries: all known models failed on the first and solved the last."""

MEASURED = [f"{level}_{what}" for level in ("p50", "p80") for what in ("horizon_min", "lower", "upper")]

OTHER = "a suite of its own"

TRIALS = [trial(name, "2024-11-01", ratio, 0.1) for name, ratio in (("one", 0.7), ("two", 0.9))]


def rated(row: Row, suite: str, names: tuple[str, ...]) -> Row:
    """An outcome on a suite that the scenario does not know."""
    return {**row, "suite": suite, **{f"severity.{name}": 0.4 for name in names}}


@pytest.fixture(scope="module")
def baseline() -> Scenario:
    loaded = autosim.load("baseline")
    assert isinstance(loaded, Scenario)
    return loaded


@pytest.fixture(scope="module")
def scenario(baseline: Scenario) -> Scenario:
    """One of which next to everything is known; of what is not, nothing in the evidence bears on ``assist_gain``."""
    return pinned(baseline, "horizon", "horizon_elasticity", "assist_gain")


@pytest.fixture(scope="module")
def both(baseline: Scenario) -> Split:
    known = [
        outcome(model, day, instance, successes, 8)
        for model, day, some in (("first", "2023-06-01", 1), ("second", "2024-05-01", 3))
        for instance, successes in (("failed", 0), ("solved", 8), ("between", some))
    ]
    trend = (("2023-03-01", 1.5), ("2023-09-01", 4.0), ("2024-01-01", 7.0), ("2024-06-01", 14.0))
    measured = [horizon(f"of {day}", day, minutes, sd=0.2) for day, minutes in trend]
    tried = [outcome("third", "2024-12-01", instance, 1, 3) for instance in TRIED]
    other = rated(outcome("fourth", "2025-02-01", "x", 2, 3), OTHER, baseline.taxonomy.bottlenecks)
    later = [horizon("third", "2024-12-01", 60.0, p80=9.0), horizon("fifth", "2025-03-10", 90.0, suite="re_bench")]
    return both_sides([*measured, *later], [*known, *tried, other], TRIALS)


@pytest.fixture(scope="module")
def tree(scenario: Scenario, both: Split) -> xr.DataTree:
    return quick(scenario, both.known, draws=150, tune=150).tree


def said(own: Own, both: Split, seed: int = 1, draws: int = DRAWS) -> Said:
    """All that is forecast, which there must be."""
    found = own.forecast(both, draws, seed)
    assert isinstance(found, Forecast)
    p50, p80, chance, ratio = found.p50, found.p80, found.outcome, found.trial
    assert p50 is not None
    assert p80 is not None
    assert chance is not None
    assert ratio is not None
    return p50, p80, chance, ratio


def poisoned(both: Split) -> Split:
    """The same later models, instances and trials, with all that came of them turned round."""
    later = both.later
    outcomes = later.outcomes.assign(
        successes=later.outcomes["attempts"] - later.outcomes["successes"], frontier=~later.outcomes["frontier"]
    )
    measured = {name: later.horizons[name] * 1000.0 for name in MEASURED}
    horizons = later.horizons.assign(**measured, frontier=~later.horizons["frontier"])
    results = ["time_ratio", "believed_ratio", "standard_error"]
    trials = later.trials.assign(**{name: later.trials[name].fillna(1.0) * 7.0 for name in results})
    return replace(both, later=replace(later, outcomes=outcomes, horizons=horizons, trials=trials))


@pytest.fixture(scope="module", params=["priors", "posterior"])
def own(request: pytest.FixtureRequest, scenario: Scenario, tree: xr.DataTree) -> Own:
    return Own(request.param, scenario, tree if request.param == "posterior" else None)


@pytest.fixture(scope="module")
def first(own: Own, both: Split) -> Said:
    return said(own, both)


@pytest.fixture(scope="module")
def each(scenario: Scenario, tree: xr.DataTree, both: Split) -> tuple[Said, Said]:
    """Forecasts of later models from the priors and from the fit."""
    models = without_trials(both)
    return said(Own("priors", scenario), models), said(Own("fit", scenario, tree), models)


def without_trials(both: Split) -> Split:
    return replace(both, later=replace(both.later, trials=both.later.trials[:0]))


def test_what_came_of_later_models_is_not_looked_at(own: Own, both: Split, first: Said) -> None:
    other = poisoned(both)
    assert not other.later.outcomes.equals(both.later.outcomes)
    for one, two in zip(first, said(own, other), strict=True):
        assert np.isfinite(one).all()
        np.testing.assert_array_equal(one, two)


def test_the_same_seed_gives_the_same_forecast_and_another_seed_another(own: Own, both: Split, first: Said) -> None:
    for one, again, other in zip(first, said(own, both), said(own, both, seed=2), strict=True):
        np.testing.assert_array_equal(one, again)
        assert (one != other).any(axis=0).all()


def test_a_forecast_has_a_column_for_every_later_row(first: Said) -> None:
    assert [found.shape for found in first] == [(DRAWS, 2), (DRAWS, 2), (DRAWS, 4), (DRAWS, 2)]


def test_without_later_rows_a_forecast_has_no_columns(scenario: Scenario) -> None:
    assert [found.shape for found in said(Own("priors", scenario), both_sides([], []), draws=5)] == [(5, 0)] * 4


def test_a_task_of_which_eight_in_ten_are_solved_is_no_longer_than_one_of_which_half_are(first: Said) -> None:
    p50, p80, chance, _ = first
    assert (p80 <= p50).all()
    assert (p80 < p50).mean() > 0.9
    assert ((chance >= 0.0) & (chance <= 1.0)).all()


def test_an_instance_is_as_hard_as_known_models_found_it(each: tuple[Said, Said]) -> None:
    alike, (failed, new, solved) = (found[2][:, :3].mean(axis=0) for found in each)
    assert failed < 0.5 * new
    assert solved > 1.5 * new
    assert np.ptp(alike) < 0.1


def test_draws_worked_out_some_at_a_time_are_the_same(
    scenario: Scenario, tree: xr.DataTree, both: Split, each: tuple[Said, Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autosim.inference.leaving_out._CELLS", 2000)
    np.testing.assert_array_equal(said(Own("fit", scenario, tree), without_trials(both))[2], each[1][2])


def test_priors_and_posterior_differ(each: tuple[Said, Said]) -> None:
    prior, fitted = (found[0][:, 0] for found in each)
    assert fitted.mean() > prior.mean() + 0.5
    assert fitted.std() < 0.8 * prior.std()


def test_later_models_are_as_often_at_the_frontier_as_known_ones(
    scenario: Scenario, tree: xr.DataTree, both: Split, each: tuple[Said, Said]
) -> None:
    behind = {name: getattr(both.known, name).assign(frontier=False) for name in ("outcomes", "horizons")}
    never = replace(without_trials(both), known=replace(both.known, **behind))
    lag = each[1][0] - said(Own("fit", scenario, tree), never)[0]
    assert (lag >= 0.0).all()
    assert (lag > 0.0).mean() == pytest.approx(6.5 / 7.0 - 0.5 / 7.0, abs=0.06)


def test_instances_of_an_unknown_suite_are_less_sure_than_those_of_the_anchor(baseline: Scenario) -> None:
    scenario = pinned(baseline)
    alike = outcome("third", "2024-12-01", "x", 1, 3)
    rows = [rated(alike, suite, scenario.taxonomy.bottlenecks) for suite in (SUITE, OTHER)]
    chance = said(Own("priors", scenario), both_sides([], rows), draws=2000)[2]
    logit = np.log(chance) - np.log1p(-chance)
    assert logit[:, 1].std() > 1.02 * logit[:, 0].std()


def test_trials_of_one_day_differ_by_a_deviation_of_their_own(scenario: Scenario, both: Split) -> None:
    ratio = said(Own("priors", scenario), replace(both, later=both_sides([], [], TRIALS).later), draws=2000)[3]
    apart = ratio[:, 0] - ratio[:, 1]
    assert apart.std() == pytest.approx(np.sqrt(2.0) * TRIAL_DEVIATION_PRIOR, rel=0.1)
    assert abs(apart.mean()) < 0.03


def mixed(*days: str) -> pd.DataFrame:
    """Trials with a quarter of the time in debugging, the rest in planning."""
    share = {"share.debugging": 0.25, "share.high_level_planning": 0.75}
    rows = [{**trial(f"trial {i}", day, 0.8, 0.1), **share} for i, day in enumerate(days)]
    return both_sides([], [], rows).later.trials


def test_a_trials_ratio_is_the_simulators_cost_of_its_mix(baseline: Scenario) -> None:
    known = autosim.load("baseline", [*pinned(baseline).header.overrides, "adoption=1", "optimism_decay=0.4"])
    assert isinstance(known, Scenario)
    names, growth, years = known.taxonomy, np.array([[0.0, 5.0, 2.0]]), (0.0, 1.0 / 365.25, 730.0 / 365.25)
    seen = worlds(known, None, 1, 0)
    got = log_time_ratios(mixed("2024-08-27", "2024-08-28", "2026-08-27"), growth, seen)
    world, scalars = World(seen.draws, names), seen.draws.scalars
    place = [names.tasks.index(name) for name in ("debugging", "high_level_planning")]
    for i, year in enumerate(years):
        horizons = np.log2(scalars["horizon"])[:, None] + np.full((1, len(names.bottlenecks)), growth[0, i])
        optimism = optimism_at(scalars["optimism"], scalars["optimism_decay"], np.array([year]))
        cost = world.labour(horizons, Moment(year, np.ones(1), optimism, None)).allocation.cost[0, place]
        assert got[0, i] == pytest.approx(np.log(cost @ [0.25, 0.75]), abs=0.005), i
    assert got[0, 1] < got[0, 2] < got[0, 0]


def test_ai_that_can_do_nothing_leaves_a_trials_time_as_it_was(baseline: Scenario) -> None:
    known = autosim.load("baseline", [*pinned(baseline).header.overrides, "choice_noise=0.01", "optimism=0"])
    assert isinstance(known, Scenario)
    got = log_time_ratios(mixed("2024-08-27"), np.full((1, 1), -60.0), worlds(known, None, 1, 0))
    assert got[0, 0] == pytest.approx(0.0, abs=1e-3)


def seen_fan(found: Fan | None) -> Fan:
    assert found is not None
    return found


def test_a_fan_is_monthly_until_past_the_last_later_model(scenario: Scenario, tree: xr.DataTree, both: Split) -> None:
    found = seen_fan(fan(scenario, tree, both, 50, 1))
    assert found.suite == SUITE
    assert found.days == tuple(date(2024 + month // 12, month % 12 + 1, 1) for month in range(6, 16))
    assert (found.days[0], found.days[-1]) == (CUT_OFF, date(2025, 4, 1))
    assert found.quantiles.shape == (len(LEVELS), len(found.days))
    assert seen_fan(fan(scenario, tree, both, 50, 1)).quantiles.tolist() == found.quantiles.tolist()


def test_a_fan_rises_and_widens_and_is_narrower_for_the_fit(scenario: Scenario, tree: xr.DataTree, both: Split) -> None:
    prior, fitted = (seen_fan(fan(scenario, given, both, 2000, 1)).quantiles for given in (None, tree))
    for levels in (prior, fitted):
        assert (np.diff(levels, axis=0) > 0.0).all()
        assert (np.diff(levels[3]) > 0.0).all()
        for low, high in ((2, 4), (1, 5)):
            assert (np.diff(levels[high] - levels[low])[2:] > 0.0).all()  # after the reference date
    assert (np.ptp(fitted[1:6], axis=0) < np.ptp(prior[1:6], axis=0)).all()


def test_without_later_horizons_there_is_no_fan(scenario: Scenario, both: Split) -> None:
    assert fan(scenario, None, replace(both, later=both_sides([]).later), 10, 1) is None


def test_what_is_learnt_comes_jointly_from_the_fit_and_the_rest_from_the_priors(
    scenario: Scenario, tree: xr.DataTree
) -> None:
    fitted = tree["posterior"].to_dataset()
    rows = fitted["horizon"].size
    seen, prior = worlds(scenario, tree, rows, 3), draw(scenario, 3, rows)
    pairs = {name: fitted[name].to_numpy().ravel() for name in ("horizon", "horizon_elasticity", "growth.first")}
    got = [seen.draws.scalars["horizon"], seen.draws.scalars["horizon_elasticity"], seen.beside["growth.first"]]
    assert sorted(zip(*got, strict=True)) == sorted(zip(*pairs.values(), strict=True))
    assert got[0].mean() != pytest.approx(prior.scalars["horizon"].mean(), rel=0.05)
    np.testing.assert_array_equal(seen.draws.scalars["assist_gain"], prior.scalars["assist_gain"])
    assert np.ptp(prior.scalars["assist_gain"]) > 0.0
    alone = worlds(scenario, None, rows, 3)
    np.testing.assert_array_equal(alone.draws.scalars["horizon"], prior.scalars["horizon"])
    assert (len(seen), len(alone), dict(alone.beside)) == (rows, rows, {})


def test_a_quantity_of_the_fit_is_taken_from_it_and_else_from_its_prior(scenario: Scenario, tree: xr.DataTree) -> None:
    seen, prior = (worlds(scenario, given, 2000, 3).positive("trend_deviation", (0.5, 0.25)) for given in (tree, None))
    assert np.isin(seen, tree["posterior"]["trend_deviation"].to_numpy()).all()
    assert (np.log(prior).mean(), np.log(prior).std()) == pytest.approx((0.5, 0.25), abs=0.02)


def test_a_quantity_is_found_by_its_path() -> None:
    named = {
        "horizon": 7.0,
        "horizon_offset.reliability": 0.5,
        "task_length.debugging": 33.0,
        "severity.debugging.novelty": 0.31,
        "severity.swaa.novelty": 0.62,
        "contamination.swaa": 0.25,
    }
    known = autosim.load("baseline", [f"{name}={value}" for name, value in named.items()])
    assert isinstance(known, Scenario)
    found = worlds(known, None, 2, 0).values([tuple(name.split(".")) for name in named])
    np.testing.assert_array_equal(found, [list(named.values())] * 2)


def test_shapes_come_as_often_as_the_fit_weighs_them_each_with_its_trend(baseline: Scenario) -> None:
    words = [word for word in pinned(baseline).header.overrides if not word.startswith("structure")]
    known = autosim.load("baseline", [*words, "structure.trajectory={exponential: 0.5, superexponential: 0.5}"])
    assert isinstance(known, Scenario)
    shapes = ("exponential", "superexponential")
    columns = {"horizon": np.linspace(5.0, 6.0, 80), "trajectory": np.zeros(80)}
    columns |= {f"trajectory_weight.{name}": np.full(80, 0.5) for name in shapes}
    sampled = xr.Dataset({name: (SAMPLE, column.reshape(2, 40)) for name, column in columns.items()})
    tree = xr.DataTree.from_dict({"posterior": sampled})
    tree.attrs[SHAPES] = json.dumps(
        {name: {"weight": weight} for name, weight in zip(shapes, (0.25, 0.75), strict=True)}
    )
    seen = worlds(known, tree, 80, 0)
    straight = seen.draws.trajectory == TRAJECTORIES.index("exponential")
    assert straight.sum() == 20
    assert (seen.draws.trajectory[~straight] == TRAJECTORIES.index("superexponential")).all()
    year = known.header.reference_date.year
    days = [known.header.reference_date.replace(year=year + after) for after in (0, -1, 1)]
    drawn, frontier = drawn_capability(seen, days)
    trend = frontier - wander_on(days, seen)
    scalars = seen.draws.scalars
    pace = scalars["horizon_elasticity"] * (scalars["software_growth"] + scalars["training_compute_growth"])
    np.testing.assert_allclose(trend[:, 0], 0.0, atol=1e-12)
    np.testing.assert_allclose(trend[:, 1], -366.0 / 365.25 * pace)
    assert (trend[~straight, 2] > trend[straight, 2].max() + 0.01).all()
    np.testing.assert_allclose(drawn("horizon"), scalars["horizon"])
