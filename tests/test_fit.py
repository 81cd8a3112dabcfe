"""Fitting: priors mean the same to the sampler, likelihoods call the equations, and what is known is recovered."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytensor
import pytensor.tensor as pt
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import special

import autosim
from autosim.draws import Draws, draw
from autosim.equations.labour import mix_mean
from autosim.equations.lengths import success_length_log2
from autosim.equations.progress import software_without_feedback
from autosim.errors import InputError
from autosim.evidence.tables import Evidence, make_evidence
from autosim.inference import capability, fit
from autosim.inference.capability import effective_compute_log2, later_paths
from autosim.inference.diagnostics import Row, problems
from autosim.inference.files import write_posterior
from autosim.inference.quantities import Quantities, Values
from autosim.inference.reporting import prior_draws
from autosim.inference.standard import curves, is_discrete
from autosim.inference.work import Moments, Work, by_kind, work_paths
from autosim.inputs.scenario import Scenario
from autosim.inputs.specification import read_distribution
from autosim.simulation.suites import Suites
from autosim.simulation.world import Moment, World

type Floats = NDArray[np.float64]

DISTRIBUTIONS: dict[str, dict[str, Any]] = {
    "normal": {"dist": "normal", "mean": 1.0, "sd": 2.0},
    "normal cut": {"dist": "normal", "mean": 0.0, "sd": 1.0, "lower": -0.3, "upper": 2.0},
    "normal cut above": {"dist": "normal", "mean": 0.0, "sd": 1.0, "upper": 0.5},
    "lognormal": {"dist": "lognormal", "q05": 0.5, "q95": 3.0},
    "lognormal cut": {"dist": "lognormal", "q05": 0.5, "q95": 3.0, "upper": 4.0},
    "beta": {"dist": "beta", "mean": 0.05, "concentration": 10.0},
    "gamma": {"dist": "gamma", "mean": 2.0, "sd": 1.0},
    "uniform": {"dist": "uniform", "lower": -1.0, "upper": 3.0},
    "loguniform": {"dist": "loguniform", "lower": 0.1, "upper": 10.0},
    "triangular": {"dist": "triangular", "lower": 0.0, "mode": 1.0, "upper": 4.0},
    "halfnormal": {"dist": "halfnormal", "sd": 0.3},
    "mixture": {
        "dist": "mixture",
        "components": [
            {"weight": 0.4, "dist": "lognormal", "mu": 0.9, "sigma": 0.2},
            {"weight": 0.6, "dist": "lognormal", "mu": -2.0, "sigma": 0.7},
        ],
    },
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_prior_means_the_same_to_the_sampler_and_the_simulator(name: str) -> None:
    distribution = read_distribution(DISTRIBUTIONS[name], "mine.yaml", "priors.x")
    z = np.linspace(-5.0, 5.0, 401)
    at = pt.dvector("at")
    f = pytensor.function([at], curves([distribution]).values(at), mode="FAST_COMPILE")
    got = np.array([f(np.array([value]))[0] for value in z])
    low, high = distribution.support()
    assert ((got >= low) & (got <= high)).all()
    np.testing.assert_allclose(distribution.probability(got), special.ndtr(z), rtol=0.0, atol=2e-5)


def test_a_prior_goes_on_beyond_its_table_with_a_gradient() -> None:
    distribution = read_distribution({"dist": "normal", "mean": 1.0, "sd": 2.0}, "mine.yaml", "priors.x")
    z = pt.vector("z")
    value = curves([distribution]).values(z)
    f = pytensor.function([z], [value, pytensor.grad(value.sum(), z)], mode="FAST_COMPILE")
    for at in (-9.0, 0.3, 12.0):
        got, slope = f(np.array([at]))
        np.testing.assert_allclose([got[0], slope[0]], [1.0 + 2.0 * at, 2.0], rtol=1e-5)


@pytest.fixture(scope="module")
def baseline() -> Scenario:
    loaded = autosim.load("baseline")
    assert isinstance(loaded, Scenario)
    return loaded


def test_what_a_copula_ties_is_sampled_together_and_stays_tied(baseline: Scenario) -> None:
    quantities = Quantities(baseline, {("horizon_elasticity",)}, last=[("horizon_elasticity",)])
    assert set(quantities.streams) >= {"software_growth", "training_compute_growth", "ideas_harder"}
    assert quantities.streams[-1] == "horizon_elasticity"
    implied = quantities.factor @ quantities.factor.T
    place = [quantities.streams.index(name) for name in ("software_growth", "horizon_elasticity")]
    assert implied[place[0], place[1]] == pytest.approx(-0.6)


def test_a_quantity_of_single_values_cannot_be_fitted() -> None:
    loaded = autosim.load("baseline", ["slope={dist: categorical, values: [0.5, 1], probabilities: [0.5, 0.5]}"])
    assert isinstance(loaded, Scenario)
    assert is_discrete(loaded.priors["slope", "novelty"].distribution)
    with pytest.raises(InputError, match=r"slope.*which takes single values, expected a continuous distribution"):
        Quantities(loaded, {("slope", "novelty")})


def test_a_p50_is_the_simulators(baseline: Scenario) -> None:
    drawn = draw(baseline, 3, 2000)
    anchor = baseline.taxonomy.evaluations.index("metr_hcast")
    horizons = np.log2(drawn.scalars["horizon"])[:, None] + drawn.indexed["horizon_offset"]
    wanted = np.log2(Suites(drawn, anchor).horizons_min(horizons[:, None]))[..., 0]
    each = horizons.T, drawn.indexed["evaluation_severity"][:, anchor].T, drawn.indexed["slope"].T
    for target, want in zip((0.5, 0.8), wanted, strict=True):
        got = success_length_log2(np.asarray(target), *each, drawn.scalars["difficulty_spread"])
        got = got + drawn.indexed["contamination"][:, anchor]
        assert np.quantile(np.abs(got - want), 0.90) < 3e-3
        assert np.quantile(np.abs(got - want), 0.99) < 15e-3


def test_a_length_has_the_derivative_that_finite_differences_give() -> None:
    h = pt.dvector("h")
    severity, slope = np.array([[0.5], [0.8]]), np.array([[0.9], [0.7]])
    args = pt.as_tensor(severity), pt.as_tensor(slope), pt.as_tensor([2.0])
    length = success_length_log2(pt.as_tensor(0.5), h[:, None], *args, pt)[0]
    f = pytensor.function([h], [length, pytensor.grad(length, h)], mode="FAST_COMPILE")
    at, step = np.array([4.0, 5.0]), np.array([1e-4, 0.0])
    value, slopes = f(at)
    numpy_value = success_length_log2(np.asarray(0.5), at[:, None], severity, slope, np.array([2.0]))[0]
    assert float(value) == pytest.approx(float(numpy_value), rel=1e-12)
    assert slopes[0] == pytest.approx((f(at + step)[0] - f(at - step)[0]) / 2e-4, rel=1e-4)
    assert slopes.sum() == pytest.approx(1.0, rel=1e-4)


def test_effective_compute_is_that_of_a_run_without_feedback(baseline: Scenario) -> None:
    plain = autosim.load("baseline", [*_medians(baseline), "structure.feedback=false"])
    assert isinstance(plain, Scenario)
    simulated = autosim.run(plain, draws=1)
    years = np.array([-2.0, 0.0, 1.0, 2.0, 5.0])
    values = Quantities(plain, later_paths(plain)).values(pt.zeros(0))
    got = effective_compute_log2(values, years).eval(mode="FAST_COMPILE")
    software = simulated["software_log2"].to_numpy()[0, [0, 12, 24, 60]]
    training = plain.priors["training_compute_growth",].distribution.support()[0]
    np.testing.assert_allclose(got[1:] - training * years[1:], software, atol=5e-3)
    assert got[0] == pytest.approx(-2.0 * (training + plain.priors["software_growth",].distribution.support()[0]))


def test_software_without_feedback_solves_its_equation() -> None:
    growth, harder, step = 1.5, 0.7, 1e-6
    rates = [(software_without_feedback(growth, harder, e + step) - software_without_feedback(growth, harder, e)) / step
             for e in (0.0, 2.0)]  # fmt: skip
    wanted = [growth * 2.0 ** (-harder * software_without_feedback(growth, harder, e)) for e in (0.0, 2.0)]
    np.testing.assert_allclose(rates, wanted, rtol=1e-4)


def _medians(scenario: Scenario) -> list[str]:
    """Every scalar pinned to its prior median, as overrides."""
    scalars = [(path[0], prior) for path, prior in scenario.priors.items() if len(path) == 1]
    return [f"{name}={float(prior.distribution.quantile(np.array([0.5]))[0])!r}" for name, prior in scalars]


SIMPLE = ("horizon_offset=0", "relief=0", "slope=0.8", "severity=0.4", "contamination=0", "task_length=60",
          "length_spread=0.8", "structure.trajectory=exponential")  # fmt: skip


def pinned(baseline: Scenario, *free: str) -> Scenario:
    """The baseline with every number known but those named."""
    known = [word for word in _medians(baseline) if word.partition("=")[0] not in free]
    loaded = autosim.load("baseline", [*known, *SIMPLE])
    assert isinstance(loaded, Scenario)
    return loaded


def evidence(scenario: Scenario, **tables: list[dict[str, object]]) -> Evidence:
    noted = {"source": "made up", "published": "2026-01-01"}
    made = {name: pd.DataFrame([row | noted for row in rows]) for name, rows in tables.items()}
    return make_evidence(made, "made up", scenario.taxonomy)


def a_horizon(p50: float, day: str, model: str = "A") -> dict[str, object]:
    bounds = {"p50_horizon_min": p50, "p50_lower": p50 / 2.0, "p50_upper": p50 * 2.0}
    return {"model": model, "release_date": day, "frontier": True, "suite": "metr_hcast", **bounds}


def a_trial(ratio: float) -> dict[str, object]:
    who = {"trial": "T", "population": "some", "date": "2024-08-27"}
    return {**who, "time_ratio": ratio, "standard_error": 0.05, "share.debugging": 1.0}


def quick(scenario: Scenario, known: Evidence, **settings: int) -> fit.Fit:
    asked = {"draws": 500, "tune": 300, "chains": 2, "seed": 1, "cores": 1} | settings
    return fit.fit(scenario, known, *(asked[name] for name in ("draws", "tune", "chains", "seed", "cores")))


def drawn(made: fit.Fit, name: str) -> Floats:
    values: Floats = made.tree["posterior"][name].to_numpy().ravel()
    return values


def test_one_published_horizon_gives_the_closed_form(baseline: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autosim.inference.trend.DEVIATION_PRIOR", (np.log(0.05), 0.01))
    monkeypatch.setattr("autosim.inference.wander.WANDER_SD", 0.05)
    scenario = pinned(baseline, "horizon")
    low, middle, high = np.log2(scenario.priors["horizon",].distribution.quantile(special.ndtr(np.arange(-1.0, 2.0))))
    whole = np.zeros((5, 1)), np.full((5, 1), 0.4), np.full((5, 1), 0.8)
    spread = scenario.priors["difficulty_spread",].distribution.support()[0]
    above = float(success_length_log2(np.asarray(0.5), *whole, np.array([spread]))[0])
    said = 2.0 ** (middle + above + 0.5)  # near the prior: a far one would be a deviation, whose tails are long
    known = evidence(scenario, horizons=[a_horizon(said, "2024-08-27")])
    made = quick(scenario, known, draws=400, tune=200)
    sd, error = (high - low) / 2.0, 2.0 / (2.0 * special.ndtri(0.975))
    weight = sd**2 / (sd**2 + error**2)
    mean = middle + weight * 0.5
    got = np.log2(drawn(made, "horizon"))
    assert got.mean() == pytest.approx(mean, abs=0.06)
    assert got.std() == pytest.approx(sd * np.sqrt(1.0 - weight), rel=0.12)
    assert [row.name for row in made.table if row.prior_sd > 0.0] == ["horizon"]


def some_outcomes(scenario: Scenario, horizon: float, elasticity: float) -> list[dict[str, object]]:
    """Outcomes of a world in which models lie on the trend."""
    rng = np.random.default_rng(4)
    value = {name: scenario.priors[name,].distribution.support()[0]
             for name in ("training_compute_growth", "software_growth", "difficulty_spread")}  # fmt: skip
    minutes = 2.0 ** rng.uniform(-1.0, 10.0, 50)
    x = np.log2(minutes) + rng.normal(0.0, value["difficulty_spread"], 50)
    rows: list[dict[str, object]] = []
    for k, day in enumerate((date(2022, 8, 27), date(2023, 5, 27), date(2024, 2, 27), date(2024, 8, 27))):
        years = capability.years_after(scenario.header.reference_date, [day])[0]
        growth = elasticity * years * (value["training_compute_growth"] + value["software_growth"])
        p = (1.0 / (1.0 + np.exp(0.8 * (x - np.log2(horizon) - growth)))) ** (5 * 0.4)
        said = {"model": f"M{k}", "release_date": str(day), "frontier": True, "suite": "metr_hcast"}
        rows += [{**said, "instance": str(i), "human_minutes": minutes[i], "successes": int(rng.binomial(20, p[i])),
                  "attempts": 20} for i in range(50)]  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def from_outcomes(baseline: Scenario) -> fit.Fit:
    scenario = pinned(baseline, "horizon", "horizon_elasticity")
    rows = some_outcomes(scenario, horizon=30.0, elasticity=0.7)
    known = evidence(scenario, outcomes=rows, horizons=[a_horizon(1e4, "2024-08-27", "M3")])
    return quick(scenario, known, chains=2, draws=1000, tune=500)


def test_what_made_the_outcomes_is_recovered(from_outcomes: fit.Fit) -> None:
    for name, true in (("horizon", 30.0), ("horizon_elasticity", 0.7)):
        logs = np.log(drawn(from_outcomes, name))
        assert abs(logs.mean() - np.log(true)) < 3.0 * logs.std(), name
    assert {row.name: row.ratio for row in from_outcomes.table}["horizon"] > 0.0


def test_runs_stand_in_for_horizons_of_the_same_model(from_outcomes: fit.Fit) -> None:
    assert from_outcomes.ready.horizons == []
    assert from_outcomes.notes == ["1 published horizons left out: runs of the same model and suite stand in for them"]


def test_a_forecast_draws_jointly_from_the_posterior(from_outcomes: fit.Fit, tmp_path: Path) -> None:
    file, force = tmp_path / "post.nc", not from_outcomes.converged
    write_posterior(from_outcomes.tree, file)
    words = [*from_outcomes.scenario.header.overrides, "structure.feedback=false"]
    scalars = draw(autosim.load("baseline", words, file, force=force), 0, 400).scalars
    horizon, elasticity = scalars["horizon"], scalars["horizon_elasticity"]
    fitted = zip(drawn(from_outcomes, "horizon"), drawn(from_outcomes, "horizon_elasticity"), strict=True)
    assert set(zip(horizon, elasticity, strict=True)) <= set(fitted)
    made = autosim.forecast("baseline", file, 400, set=words, force=force)
    p50 = np.log2(made["p50_horizon_min"].to_numpy()[:, [0, 12]].astype(np.float64))
    assert np.ptp(p50[:, 0] - np.log2(horizon)) < 1e-4  # since all else is known
    assert np.ptp((p50[:, 1] - p50[:, 0]) / elasticity) < 1e-3


def test_problems_name_the_quantity_and_the_reason() -> None:
    good = Row("a", 0.0, 1.0, 0.0, 1.0, 1.001, 900.0, 800.0)
    apart = Row("b", 0.0, 1.0, 0.0, 1.0, 1.2, 10.0, 20.0)
    few = Row("c", 0.0, 1.0, 0.0, 1.0, 1.005, 900.0, 120.0)
    nan = Row("d", 0.0, 1.0, 0.0, 1.0, float("nan"), 900.0, 900.0)
    assert problems([good], 0) == []
    assert problems([good, few, apart], 2) == [
        "2 divergences",
        "b: r-hat 1.200 above 1.01, the chains disagree",
        "c: tail ESS 120 below 400, too few independent draws",
    ]
    assert len(problems([nan], 0)) == 1


@pytest.mark.parametrize(("ratio", "side"), [(0.6, -1.0), (1.4, 1.0)])
def test_a_trial_moves_the_posterior_its_way(baseline: Scenario, ratio: float, side: float) -> None:
    scenario = pinned(baseline, "assist_overhead", "work_gap")
    made = quick(scenario, evidence(scenario, trials=[a_trial(ratio)]), draws=300)
    row = {row.name: row for row in made.table}["assist_overhead"]
    assert side * (row.median - row.prior_median) > 0.0


def test_the_same_seed_gives_the_same_bits(baseline: Scenario) -> None:
    scenario = pinned(baseline, "horizon")
    known = evidence(scenario, horizons=[a_horizon(60.0, "2024-08-27")])
    one, two = (quick(scenario, known, draws=50, tune=50, chains=2, cores=cores) for cores in (1, 2))
    xr.testing.assert_identical(one.tree["posterior"].to_dataset(), two.tree["posterior"].to_dataset())


def test_nothing_to_learn_from_and_pools_are_refused(baseline: Scenario) -> None:
    nothing = evidence(baseline)
    with pytest.raises(InputError, match="no rows, expected at least one row of evidence"):
        fit.fit(baseline, nothing)
    with pytest.raises(InputError, match="several scenarios, expected a single one"):
        fit.fit(autosim.load("interviews"), nothing)


def test_time_use_moves_the_shares_towards_the_record(baseline: Scenario) -> None:
    rows = [{"person": f"P{i}", "role": "manager", "task": task, "minutes": minutes, "date": "2026-01-01"}
            for i in range(30) for task, minutes in (("debugging", 600), ("high_level_planning", 100))]  # fmt: skip
    made = quick(baseline, evidence(baseline, time_use=rows), draws=300)
    share = drawn(made, "time_share.manager.debugging"), drawn(made, "time_share.manager.high_level_planning")
    assert np.median(share[0] / (share[0] + share[1])) == pytest.approx(600 / 700, abs=0.03)
    assert "time_share.individual_contributor.debugging" not in made.tree["posterior"]


@pytest.mark.slow
def test_the_shipped_evidence_gives_a_trend_inside_the_published_intervals(baseline: Scenario) -> None:
    from autosim.evidence.tables import shipped_evidence
    from autosim.inference.checks import check_fit

    known = shipped_evidence(baseline.taxonomy)
    nobody = known.counts.iloc[:0]
    made = fit.fit(baseline, replace(known, counts=nobody, trials=known.trials.iloc[:0]), 300, 400, 2, 0)
    found = check_fit(made)
    assert np.mean([one.holds(one.posterior) for one in found.p50]) > 0.9
    assert np.mean([one.holds(one.trend) for one in found.p50 if one.frontier]) > 0.8
    assert int(made.tree["sample_stats"]["diverging"].sum()) == 0
    offsets = [drawn(made, f"horizon_offset.{b}") for b in baseline.taxonomy.bottlenecks]
    np.testing.assert_allclose(np.sum(offsets, axis=0), 0.0, atol=1e-9)


def test_prior_draws_are_in_no_order_and_in_the_gauge(baseline: Scenario) -> None:
    names = ["severity.metr_hcast.reliability", "severity.metr_hcast.novelty", "horizon"]
    found = prior_draws(xr.Dataset(dict.fromkeys(names, ((), 0.0))), baseline, 0)
    first, second = found[names[0]], found[names[1]]
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.1
    assert np.median(first[:400]) == pytest.approx(np.median(first), abs=0.05)
    offsets = [found[f"horizon_offset.{b}"] for b in baseline.taxonomy.bottlenecks]
    np.testing.assert_allclose(np.sum(offsets, axis=0), 0.0, atol=1e-9)


def test_work_costs_what_the_simulator_says(baseline: Scenario) -> None:
    known = autosim.load("baseline", [*_medians(baseline), *SIMPLE, "adoption=1"])
    assert isinstance(known, Scenario)
    names, growth = known.taxonomy, np.array([0.0, 5.0])
    drawn_once = draw(known, 0, 1)
    world = World(drawn_once, names)
    values = Quantities(known, set()).values(pt.zeros(0))
    now = capability.capability(values, names.bottlenecks)
    share = np.tile(world.time_share, (2, 1))
    horizons = now.horizons_log2(pt.as_tensor(growth))
    moments = Moments(horizons, pt.as_tensor(np.zeros(2)), pt.ones(2), pt.as_tensor(share))
    work = Work(moments, by_kind(names.tasks, names), known, values, now)
    got = np.log(work.actual().cost.eval(mode="FAST_COMPILE"))
    for i, level in enumerate(horizons.eval(mode="FAST_COMPILE").T):
        moment = Moment(0.0, np.ones(1), drawn_once.scalars["optimism"], None)
        want = world.labour(np.ascontiguousarray(level[None]), moment).allocation.cost[0]
        np.testing.assert_allclose(got[i], np.log(want), atol=0.01)


def test_work_at_the_reference_date_is_right_to_004_in_99_of_100_prior_draws(baseline: Scenario) -> None:
    names, draws = baseline.taxonomy, draw(baseline, 0, 400)
    world = World(draws, names)
    paths = sorted(work_paths(names.tasks, baseline) | capability.capability_paths(baseline))
    numbers = np.stack([_of_path(draws, baseline, path) for path in paths], axis=-1)
    one, share = pt.dvector("one"), pt.dmatrix("share")
    values = Values(one, {path: i for i, path in enumerate(paths)}, {})
    now = capability.capability(values, names.bottlenecks)
    moments = Moments(now.horizons_log2(pt.zeros(1)), pt.zeros(1), pt.ones(1), share)
    cost = Work(moments, by_kind(names.tasks, names), baseline, values, now).actual().cost
    f = pytensor.function([one, share], mix_mean(share, cost)[0], mode="FAST_COMPILE")
    got = np.array([f(*each) for each in zip(numbers, world.time_share[:, None], strict=True)])
    horizons = np.log2(draws.scalars["horizon"])[:, None] + draws.indexed["horizon_offset"]
    moment = Moment(0.0, np.ones(400), draws.scalars["optimism"], None)
    want = mix_mean(world.time_share, world.labour(horizons, moment).allocation.cost)
    assert np.quantile(np.abs(np.log(got / want)), 0.99) < 0.004


def _of_path(draws: Draws, scenario: Scenario, path: tuple[str, ...]) -> Floats:
    """One quantity's draws."""
    name, *labels = path
    tasks, bottlenecks = scenario.taxonomy.tasks, scenario.taxonomy.bottlenecks
    if name == "severity":
        return draws.indexed[name][:, tasks.index(labels[0]), bottlenecks.index(labels[1])]
    if not labels:
        return draws.scalars[name]
    axis = bottlenecks if name in {"horizon_offset", "relief", "slope"} else tasks
    return draws.indexed[name][:, axis.index(labels[0])]
