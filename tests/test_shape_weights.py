"""Weights of the trajectory's shapes: the rule, leaving out a model, and how fits and runs use them."""

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from posteriors import learnt, loaded, refusal, write_own
from scipy import stats
from test_fit import a_horizon, evidence, pinned, quick
from test_learning import horizons_of_a_world

import autosim
from autosim.analysis.summary import summarise
from autosim.cli.fit import _print_shapes
from autosim.draws import draw
from autosim.equations.capability import superexponential
from autosim.evidence.tables import Evidence
from autosim.inference.capability import years_after
from autosim.inference.foretold import ByShape, left_out, placed
from autosim.inference.horizons import SuiteHorizons
from autosim.inference.model import Prepared
from autosim.inference.outcomes import SuiteOutcomes
from autosim.inference.predicting import Drawn
from autosim.inference.shape_weights import Shape, ShapeWeights, forecast_weights
from autosim.inputs.scenario import Scenario
from autosim.simulation.run import simulate

type Floats = NDArray[np.float64]

PRIOR = {"exponential": 0.5, "superexponential": 0.3, "saturating": 0.2}


# ------------------------------------------------------------------------------------------------------------- the rule


def test_a_difference_within_its_error_leaves_the_ratio_of_the_prior() -> None:
    best = np.array([-1.0, -2.0, -1.5, -0.5])
    within = best + np.array([1.0, -1.5, 0.5, -0.2])  # sum -0.2, error 2.2
    beyond = best + np.array([-0.5, -0.7, -0.5, -0.7])  # sum -2.4, error 0.23
    found = forecast_weights(PRIOR, dict(zip(PRIOR, (within, best, beyond), strict=True)))
    last = 0.2 * np.exp(-2.4)
    whole = 0.5 + 0.3 + last
    assert [weight for _, _, weight in found.values()] == pytest.approx([0.5 / whole, 0.3 / whole, last / whole])
    assert found["exponential"][2] / found["superexponential"][2] == pytest.approx(0.5 / 0.3, rel=1e-14)
    assert found["superexponential"][:2] == (0.0, 0.0)
    assert found["saturating"][:2] == pytest.approx((-2.4, np.sqrt(4 * 4 * 0.01 / 3)))
    assert found["exponential"][:2] == pytest.approx((-0.2, np.sqrt(4 * (1.05**2 + 1.45**2 + 0.55**2 + 0.15**2) / 3)))


def test_weights_are_the_priors_if_nothing_is_told_apart() -> None:
    noise = np.array([3.0, -3.0, 3.0, -2.5])
    found = forecast_weights(PRIOR, dict(zip(PRIOR, (noise, 0.0 * noise, -noise), strict=True)))
    assert {name: weight for name, (_, _, weight) in found.items()} == PRIOR
    rounded = {name: np.full(4, 1e-14 * i) for i, name in enumerate(PRIOR)}
    assert {name: weight for name, (_, _, weight) in forecast_weights(PRIOR, rounded).items()} == PRIOR


def made(*apart: str, models: int = 5, k: float = 0.3, draws: float = 500.0) -> ShapeWeights:
    """Weights in which these shapes are told apart."""
    shapes = {name: Shape(prior, 0.1, -2.0 if name in apart else -0.5, 1.0, prior, draws)
              for name, prior in PRIOR.items()}  # fmt: skip
    return ShapeWeights(shapes, [f"M{i}" for i in range(models)], [], np.full((3, models), k))


def test_what_follows_is_said() -> None:
    assert made().lines() == ["The data do not tell the shapes apart: every difference is within its standard error; "
                              "weights stay at the prior."]  # fmt: skip
    assert made("saturating").lines() == ["Worse than the best by more than the standard error: saturating. "
                                          "Others keep their prior ratio to the best."]  # fmt: skip
    assert made(models=4).lines()[0] == "4 models to judge the shapes by, fewer than 5: weights stay at the prior."
    assert made(k=0.8).lines()[1] == "Pareto k above 0.7 in 15 of 15 scores, at most 0.80: these are not to be trusted."
    assert "superexponential: draws worth 60, too few for a run; fit with more --draws." in made(draws=60.0).lines()
    out = replace(made(), unplaced=["davinci-002"]).lines()
    assert out[1] == "Not among the models, since runs hardly place them: davinci-002."


def test_the_table_has_differences_with_their_errors(capsys: pytest.CaptureFixture[str]) -> None:
    _print_shapes(made("saturating"))
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["saturating", "20", "%", "10", "%", "-2.0", "±", "1.0", "20", "%"] in rows


# ----------------------------------------------------------------------------------------------- leaving out, by force

TIMES = np.array([-1.5, -0.8, 0.0, 0.6, 1.0, 1.4, 1.8, 2.0])
SEEN = np.array([-1.0, -0.7, 0.4, 1.0, 0.4, 2.4, 3.1, 4.4])  # p50 [log2 min]
SD = np.array([0.5, 0.4, 0.4, 0.5, 0.4, 0.3, 0.4, 0.4])
BEHIND, TRIED, BOTH = 4, 6, 7
"""A model that lags behind the frontier, one whose p50 is known from outcomes, and one with a p80 besides."""

P80, P80_SD = 2.2, 0.5

SCALE, LAG = 0.4, 0.8
STEEP, START = 1.2, 0.3  # of p50 in growth
LEVELS = np.linspace(-8.0, 10.0, 361)
LAGS = stats.halfnorm.ppf((np.arange(20) + 0.5) / 20)
PACES = np.linspace(-1.0, 3.0, 161)


def trends(pace: Floats) -> Floats:
    """Two shapes, one of which bends upwards after the reference date, (shape, model, pace)."""
    straight = TIMES[:, None] * pace
    return np.stack([straight, straight + 0.35 * np.maximum(TIMES, 0.0)[:, None] ** 2])


def likelihood() -> Floats:
    """Of each model's evidence at every level, (model, level)."""
    p50 = START + STEEP * LEVELS
    density: Floats = stats.norm.pdf(SEEN[:, None], p50, SD[:, None])
    error = P80_SD / SD[BOTH] * 0.8 * (SEEN[BOTH] - p50)  # errors have correlation 0.8
    density[BOTH] *= stats.norm.pdf(P80, p50 - 1.5 + error, P80_SD * 0.6)
    return density


def of_level(level: Floats, trend: Floats, lag: Floats | float = 0.0) -> Floats:
    density: Floats = stats.t.pdf((level - trend + LAG * lag) / SCALE, 4) / SCALE
    return density


def evidence_given_pace() -> Floats:
    """Density of each model's evidence with its level integrated out, (shape, model, pace)."""
    found = np.empty((2, len(TIMES), len(PACES)))
    for s, trend in enumerate(trends(PACES)):
        for m, seen in enumerate(likelihood()):
            lags = LAGS if m == BEHIND else np.zeros(1)
            density = np.mean([of_level(LEVELS[:, None], trend[m], lag) for lag in lags], axis=0)
            found[s, m] = (seen[:, None] * density).sum(axis=0) * (LEVELS[1] - LEVELS[0])
    return found


@dataclass(frozen=True)
class World:
    """Draws of pace and levels, where p50 is a straight line in growth."""

    values: dict[str, Floats]

    @property
    def size(self) -> int:
        return len(self.values["trend_deviation"])

    @property
    def scenario(self) -> "World":
        return self

    @property
    def taxonomy(self) -> "World":
        return self

    anchor = "suite"

    def __call__(self, name: str) -> Floats:
        return self.values[name]

    def length(self, target: float, _suite: str, growth: Floats) -> Floats:
        return START + STEEP * growth - (0.0 if target == 0.5 else 1.5)


def chosen(rng: np.random.Generator, mass: Floats) -> NDArray[np.int64]:
    """Positions along the last axis, drawn in proportion to the mass."""
    whole = np.cumsum(mass, axis=-1)
    return (whole < rng.uniform(size=(*mass.shape[:-1], 1)) * whole[..., -1:]).sum(axis=-1)


def sampled(draws: int, prior: Floats) -> ByShape:
    """Draws from the joint posterior of shape, pace, levels and lag, and the weights of the shapes in each."""
    rng = np.random.default_rng(3)
    joint = prior[:, None] * stats.norm.pdf(PACES, 1.0, 0.5) * evidence_given_pace().prod(axis=1)
    at = chosen(rng, np.tile(joint.sum(axis=0), (draws, 1)))
    shape = chosen(rng, joint[:, at].T)
    trend = trends(PACES[at])  # (shape, model, draw)
    values = {"trend_deviation": np.full(draws, SCALE), "lag_spread": np.full(draws, LAG)}
    log_weight = np.tile(np.log(prior)[:, None], (1, draws))
    own = trend[shape, :, np.arange(draws)].T
    for m, seen in enumerate(likelihood()):
        lag = np.zeros(draws)
        if m == BEHIND:
            lag = LAGS[chosen(rng, np.stack([of_level(LEVELS, own[m][:, None], one) @ seen for one in LAGS], axis=-1))]
        level = LEVELS[chosen(rng, of_level(LEVELS, own[m][:, None], lag[:, None]) * seen)]
        values[f"growth.M{m}"] = level
        log_weight += np.log(of_level(level, trend[:, m], lag))
    return ByShape(cast(Drawn, World(values)), log_weight - np.logaddexp(*log_weight), trend)


def prepared() -> Prepared:
    """Every model has a published p50 but the one with outcomes."""
    told = np.array([m for m in range(len(TIMES)) if m != TRIED])
    log2, sd = (np.stack([column[told], np.where(told == BOTH, second, np.nan)], axis=1)
                for column, second in ((SEEN, P80), (SD, P80_SD)))  # fmt: skip
    nothing = np.zeros((1, 1))
    outcomes = SuiteOutcomes("suite", ["a"], np.array([TRIED]), np.zeros(1), nothing, nothing, nothing, nothing)
    names, frontier = [f"M{m}" for m in range(len(TIMES))], np.arange(len(TIMES)) != BEHIND
    known = np.ones(len(TIMES), dtype=np.bool_)
    return Prepared(cast(Evidence, None), [outcomes], [SuiteHorizons("suite", told, log2, sd)], names,
                    [date(2024, 1, 1)] * len(TIMES), frontier, known, [])  # fmt: skip


@pytest.mark.parametrize("prior", [(0.5, 0.5), (0.95, 0.05)])
def test_leaving_out_a_model_agrees_with_the_posterior_without_it(prior: tuple[float, float]) -> None:
    given_pace, before = evidence_given_pace(), stats.norm.pdf(PACES, 1.0, 0.5)
    want = np.empty((2, len(TIMES)))
    for s, each in enumerate(given_pace):
        for m, own in enumerate(each):
            without = before * np.delete(each, m, axis=0).prod(axis=0)
            want[s, m] = np.log(without @ own / without.sum())
    ready, draws = prepared(), sampled(2000, np.array(prior))
    assert placed(ready) == list(range(len(TIMES)))
    elpd, k = left_out(ready, placed(ready), draws)
    np.testing.assert_allclose(elpd, want, atol=0.06)
    assert (np.abs(want[1] - want[0]) > 0.5).sum() == 2  # so that there is something to get right
    assert k.shape == elpd.shape
    assert k.max() < 0.7


def test_a_model_that_outcomes_hardly_place_is_not_among_them() -> None:
    ready = prepared()
    vague = np.arange(len(TIMES)) != TRIED
    assert placed(replace(ready, well_known=vague)) == [m for m in range(len(TIMES)) if m != TRIED]
    told = replace(ready.horizons[0], suite="other")  # which places it all the same
    whole = replace(told, models=np.arange(len(TIMES))[:7])
    assert placed(replace(ready, horizons=[whole], well_known=vague))[TRIED] == TRIED


# ----------------------------------------------------------------------------------------------------------------- fits


@pytest.fixture(scope="module")
def either_shape() -> Scenario:
    baseline = autosim.load("baseline")
    assert isinstance(baseline, Scenario)
    words = [*pinned(baseline, "horizon", "horizon_elasticity").header.overrides, "doubling_shrink=0.15",
             "structure.trajectory={exponential: 0.7, superexponential: 0.3}"]  # fmt: skip
    scenario = autosim.load("baseline", words)
    assert isinstance(scenario, Scenario)
    return scenario


def accelerating(scenario: Scenario, days: list[date], scatter: float = 0.0) -> list[dict[str, object]]:
    """Published horizons, within 5 %, on a superexponential trend or scattered about it [doublings]."""
    rng = np.random.default_rng(0)
    rows = horizons_of_a_world(scenario, 30.0, 0.7, tuple(days))
    growth = sum(scenario.priors[name,].distribution.support()[0]
                 for name in ("training_compute_growth", "software_growth"))  # fmt: skip
    for row, years in zip(rows, years_after(scenario.header.reference_date, days), strict=True):
        y = 0.7 * years * growth
        faster = 2.0 ** (float(superexponential(y, 0.15) - y) + rng.normal(0.0, scatter))
        row |= {key: float(cast(float, row[key])) * faster for key in row if str(key).startswith("p50")}
    return rows


LONG = [date(2023, 1, 27), date(2023, 8, 27), date(2024, 2, 27), date(2024, 8, 27), date(2024, 12, 27),
        date(2025, 4, 27), date(2025, 8, 27), date(2025, 12, 27), date(2026, 2, 27)]  # fmt: skip


def test_data_that_accelerate_move_weight_to_the_superexponential_shape(either_shape: Scenario) -> None:
    fitted = quick(either_shape, evidence(either_shape, horizons=accelerating(either_shape, LONG)), draws=400)
    assert fitted.shapes is not None
    one = fitted.shapes.shapes["exponential"]
    assert one.difference < -one.error < 0.0
    assert one.weight == pytest.approx(0.7 * np.exp(one.difference) / (0.7 * np.exp(one.difference) + 0.3))
    assert one.weight < 0.5
    assert fitted.shapes.moved == ["exponential"]
    told = json.loads(fitted.tree.attrs["trajectory_weights"])
    assert told["exponential"]["weight"] == one.weight
    assert told["exponential"]["bayes"] == float(fitted.tree["posterior"]["trajectory_weight.exponential"].mean())


def test_data_of_a_short_span_hardly_move_the_prior(either_shape: Scenario) -> None:
    short = [date(2023, 12, 27), date(2024, 3, 27), date(2024, 6, 27), date(2024, 9, 27), date(2024, 11, 27)]
    fitted = quick(either_shape, evidence(either_shape, horizons=accelerating(either_shape, short, 0.5)), draws=300)
    assert fitted.shapes is not None
    for name, one in fitted.shapes.shapes.items():
        assert one.weight == pytest.approx(either_shape.trajectory[name], abs=0.01)


def test_data_of_before_the_shapes_part_leave_the_prior(either_shape: Scenario) -> None:
    before = [date(2023, 8, 27), date(2023, 12, 27), date(2024, 3, 27), date(2024, 6, 27), date(2024, 8, 20)]
    fitted = quick(either_shape, evidence(either_shape, horizons=accelerating(either_shape, before)), draws=100)
    assert fitted.shapes is not None
    assert {name: one.weight for name, one in fitted.shapes.shapes.items()} == either_shape.trajectory
    assert fitted.shapes.lines()[0].startswith("The data do not tell the shapes apart")


def test_few_models_leave_the_prior(either_shape: Scenario) -> None:
    rows = [a_horizon(60.0, "2024-08-27"), a_horizon(300.0, "2025-08-27", "B")]
    fitted = quick(either_shape, evidence(either_shape, horizons=rows), draws=50, tune=100)
    assert fitted.shapes is not None
    assert {name: one.weight for name, one in fitted.shapes.shapes.items()} == either_shape.trajectory
    assert json.loads(fitted.tree.attrs["trajectory_weights"])["exponential"]["difference"] is None
    assert fitted.shapes.lines()[0] == "2 models to judge the shapes by, fewer than 5: weights stay at the prior."


# ----------------------------------------------------------------------------------------------------------------- runs

ROWS = 4000
RARE = np.random.default_rng(1).beta(0.05, 2.45, ROWS).reshape(2, -1)
"""Probability of the saturating shape in each draw: 2 % on average, most of it in few."""


def weighed(file: str, saturating: float = 0.25, **attributes: object) -> str:
    """A posterior of ours in which the saturating shape has 2 % by Bayes; quantities tell the row."""
    told = {"exponential": {"weight": 1.0 - saturating}, "saturating": {"weight": saturating}}
    said = {"trajectory_weights": json.dumps(told)} | attributes
    columns = {"trajectory_weight.exponential": 1.0 - RARE, "trajectory_weight.saturating": RARE}
    return write_own({"exponential": ROWS - 80, "saturating": 80}, file, columns, **said)


@pytest.mark.usefixtures("small_world")
@pytest.mark.parametrize("suffix", [".nc", ".csv", ".parquet"])
def test_a_run_has_the_weights_that_the_fit_says_and_each_shapes_own_draws(suffix: str) -> None:
    scenario = loaded("base.yaml", {}, weighed(f"own{suffix}"))
    draws = draw(scenario, 0, ROWS)
    assert np.bincount(draws.trajectory).tolist() == [3000, 0, 1000]
    row = draws.scalars["work_gap"] * ROWS  # as write_own numbers them
    np.testing.assert_allclose(draws.scalars["horizon"] % 1.0, draws.scalars["work_gap"] / 2.0, atol=1e-9)  # together
    weight, numbers = RARE.ravel(), np.arange(ROWS)
    for shape, share in ((0, 1.0 - weight), (2, weight)):
        mean = share @ numbers / share.sum()
        error = float(np.sqrt(share**2 @ (numbers - mean) ** 2) / share.sum())
        assert row[draws.trajectory == shape].mean() == pytest.approx(mean, abs=0.1 * error)
    counts = np.bincount(np.rint(row[draws.trajectory == 2]).astype(int), minlength=ROWS)
    np.testing.assert_allclose(counts, 1000 * weight / weight.sum(), atol=1.0 + 1e-9)


@pytest.mark.usefixtures("small_world")
def test_what_draws_are_worth_is_told() -> None:
    scenario = loaded("base.yaml", {}, weighed("own.nc"))
    told = summarise(simulate(scenario, 8, 0))["posterior"][0]["trajectory"]
    assert told["saturating"] == {"weight": 0.25, "worth": pytest.approx(RARE.sum() ** 2 / (RARE**2).sum())}
    assert 100.0 < told["saturating"]["worth"] < 400.0
    assert learnt(scenario).overridden == ()


@pytest.mark.usefixtures("small_world")
def test_weights_of_a_scenario_go_before_those_of_the_fit() -> None:
    file = weighed("own.nc")
    said = {"structure.trajectory": {"exponential": 0.1, "saturating": 0.9}}
    scenario = loaded("base.yaml", said, file)
    draws = draw(scenario, 0, 4000)
    assert learnt(scenario).overridden == ("trajectory",)
    told = learnt(scenario).shapes
    assert told is not None
    assert {name: weight for name, (weight, _) in told.items()} == said["structure.trajectory"]
    np.testing.assert_array_equal(draws.trajectory, draw(loaded("base.yaml", said), 0, 4000).trajectory)
    row, mean = draws.scalars["work_gap"] * ROWS, RARE.ravel() @ np.arange(ROWS) / RARE.sum()
    assert row[draws.trajectory == 2].mean() == pytest.approx(mean, rel=0.02)
    assert len(np.unique(row[draws.trajectory == 2])) > 200  # though only 80 rows have that shape


@pytest.mark.usefixtures("small_world")
def test_a_file_that_says_nothing_of_weights_keeps_those_of_bayes() -> None:
    file = write_own({"exponential": 180, "saturating": 60})
    scenario = loaded("base.yaml", {}, file)
    assert learnt(scenario).shapes is None
    assert np.bincount(draw(scenario, 0, 240).trajectory).tolist() == [180, 0, 60]


@pytest.mark.usefixtures("small_world")
def test_a_shape_that_no_draw_speaks_for_is_refused() -> None:
    columns = {"trajectory_weight.exponential": np.full((2, 200), 0.999)}
    columns["trajectory_weight.saturating"] = 1e-9 + np.eye(1, 400).reshape(2, 200)
    told = json.dumps({"exponential": {"weight": 0.5}, "saturating": {"weight": 0.5}})
    file = write_own({"exponential": 400}, "own.nc", columns, trajectory_weights=told)
    said = refusal("base.yaml", {}, file)
    assert said.startswith(
        "own.nc: trajectory: got draws worth 1 of the shape saturating, expected 100 or more, as its"
    )
    assert autosim.load("base.yaml", {}, file, force=True)


BAD = {
    "no JSON": "{",
    "no mapping": "[1]",
    "no weight": '{"exponential": {"prior": 1}}',
    "a sum of 2": '{"exponential": {"weight": 1}, "saturating": {"weight": 1}}',
    "an unknown shape": '{"cubic": {"weight": 1}}',
    "null": '{"exponential": {"weight": null}}',
    "NaN": '{"exponential": {"weight": NaN}}',
}


@pytest.mark.usefixtures("small_world")
@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_weights_that_are_none_are_refused(text: str) -> None:
    said = refusal("base.yaml", {}, weighed("own.nc", trajectory_weights=text))
    assert said.startswith("own.nc: trajectory_weights: got ")
    assert said.endswith("expected a weight of each shape, which sum to 1, as autosim fit writes them")


@pytest.mark.usefixtures("small_world")
def test_probabilities_that_are_none_are_refused() -> None:
    columns = {"trajectory_weight.exponential": np.full((2, 200), 1.5)}
    file = write_own({"exponential": 400}, "own.nc", columns, trajectory_weights='{"exponential": {"weight": 1}}')
    assert refusal("base.yaml", {}, file) == "own.nc: trajectory_weight.exponential: got 1.5, expected a probability"
