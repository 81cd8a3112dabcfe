"""Outlooks scored: exact where a hand can do it, whatever the order, honest about noise, and refused in a line."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn import refuse_clutter
from numpy.typing import NDArray
from posteriors import loaded
from reading import clear
from scipy import special, stats

from autosim.backtesting import outlooks, statements
from autosim.backtesting.outlooks import BATCHES, OutlooksScored, score_outlooks, updated
from autosim.backtesting.outlooks_in_words import in_words, table
from autosim.backtesting.statements import HORIZON, TRIAL, Statement, log_likelihoods
from autosim.errors import InputError, NotANumberError
from autosim.evidence.tables import Evidence, make_evidence
from autosim.inference.foretold import published
from autosim.inference.model import prepare
from autosim.inference.trend import DEGREES, DEVIATION_PRIOR, LAG_PRIOR
from autosim.inference.trials import DEVIATION_PRIOR as TRIAL_DEVIATION_PRIOR
from autosim.inference.trials_ahead import log_time_ratios
from autosim.inference.worlds import drawn_capability, worlds
from autosim.inputs.scenario import Scenario
from autosim.plots.outlooks import outlooks_scored
from autosim.plots.style import house_style

type Floats = NDArray[np.float64]

WEIGHTS = np.array([2.0, 4.0, 2.0])
DRAWS = 200
SAID = {"source": "a test", "published": "2026-03-01"}


def horizon(
    model: str, p50: float, release: str = "2025-06-01", suite: str = "suite", wide: float = 1.5
) -> dict[str, Any]:
    ends = {"p50_lower": p50 / wide, "p50_upper": p50 * wide, "p80_lower": p50 / 6 / wide, "p80_upper": p50 / 6 * wide}
    about = {"model": model, "release_date": release, "frontier": "true", "suite": suite}
    return about | {"p50_horizon_min": p50, "p80_horizon_min": p50 / 6} | ends | SAID


def trial(name: str, ratio: float, published: str = "2026-03-01", day: str = "2025-09-01") -> dict[str, Any]:
    about = {"trial": name, "population": "some", "date": day, "time_ratio": ratio, "standard_error": 0.1}
    return about | {"share.debugging": 0.7, "share.planning": 0.3} | SAID | {"published": published}


def evidence(scenario: Scenario, *rows: dict[str, Any]) -> Evidence:
    kinds = {"horizons": [row for row in rows if "model" in row], "trials": [row for row in rows if "trial" in row]}
    tables = {name: pd.DataFrame(found) for name, found in kinds.items() if found}
    return make_evidence(tables, "test", scenario.taxonomy)


def called(scenario: Scenario, slug: str) -> Scenario:
    return replace(scenario, header=replace(scenario.header, slug=slug))


def outlook(slug: str, **priors: object) -> Scenario:
    return called(loaded("base.yaml", priors), slug)


def toy() -> Floats:
    """Three outlooks, two statements: chances of .5; of .2 or .8, the same for both, in every second draw; of .1."""
    mixed = np.tile([[0.2, 0.2], [0.8, 0.8]], (50, 1))
    return np.log(np.stack([np.full((100, 2), 0.5), mixed, np.full((100, 2), 0.1)]))


def test_weights_of_a_toy_are_those_worked_out_by_hand() -> None:
    made = updated(WEIGHTS, toy())
    np.testing.assert_allclose(np.exp(made.log_density.value), [[0.5, 0.5, 0.1], [0.5, 0.34 / 0.5, 0.1]])
    np.testing.assert_allclose(np.exp(made.joint.value), [0.25, 0.34, 0.01])
    hand = [np.array([2.0, 4.0, 2.0]) / 8.0, np.array([1.0, 2.0, 0.2]) / 3.2, np.array([0.5, 1.36, 0.02]) / 1.88]
    np.testing.assert_allclose(made.weights.value, hand)
    pool = [3.2 / 8.0, 1.88 / 3.2]
    factors = [[0.5 / pool[0], 0.5 / pool[0], 0.1 / pool[0]], [0.5 / pool[1], 0.68 / pool[1], 0.1 / pool[1]]]
    np.testing.assert_allclose(made.factor.value, factors)
    np.testing.assert_allclose(made.effective[:, 1], [100 * 0.25 / 0.34, 100 * 0.34**2 / ((0.2**4 + 0.8**4) / 2)])
    np.testing.assert_allclose(made.effective[:, [0, 2]], 100.0)
    np.testing.assert_allclose(made.weights.error, 0.0, atol=1e-12)  # batches are alike


def noisy(seed: int, draws: int = 500) -> Floats:
    """Log-likelihoods of four statements in draws of three outlooks that share some of their noise."""
    rng = np.random.default_rng(seed)
    shared, own = rng.normal(size=(1, draws, 1)), rng.normal(size=(3, draws, 4))
    return -0.5 * (np.array([0.3, 0.0, -0.4])[:, None, None] + shared + 0.5 * own) ** 2


def test_densities_given_what_was_known_add_up_to_that_of_everything() -> None:
    made = updated(WEIGHTS, noisy(0))
    whole = special.logsumexp(noisy(0).sum(axis=-1), axis=1) - np.log(500)
    np.testing.assert_allclose(made.log_density.value.sum(axis=0), whole, rtol=1e-12)
    np.testing.assert_allclose(made.joint.value, whole, rtol=1e-12)
    np.testing.assert_allclose(WEIGHTS / 8.0 * made.factor.value.prod(axis=0), made.weights.value[-1], rtol=1e-12)


def test_the_order_of_statements_does_not_change_the_last_weights() -> None:
    forwards, backwards = updated(WEIGHTS, noisy(1)), updated(WEIGHTS, noisy(1)[..., ::-1])
    np.testing.assert_allclose(forwards.weights.value[-1], backwards.weights.value[-1], rtol=1e-12)
    assert not np.allclose(forwards.weights.value[1], backwards.weights.value[1])


def test_monte_carlo_errors_are_as_large_as_what_seeds_differ_by() -> None:
    made = [updated(WEIGHTS, noisy(seed)) for seed in range(300)]
    for name in ("weights", "log_density", "log_factor", "joint"):
        found = [getattr(one, name) for one in made]
        spread = np.std([one.value for one in found], axis=0)
        error = np.sqrt(np.mean([one.error**2 for one in found], axis=0))
        moving = spread > 1e-9
        assert moving.any()
        np.testing.assert_allclose(error[moving], spread[moving], rtol=0.2)
        np.testing.assert_allclose(error[~moving], 0.0, atol=1e-9)


@pytest.mark.usefixtures("small_world")
def test_equal_outlooks_keep_their_weights() -> None:
    base = loaded("base.yaml")
    later = evidence(base, horizon("A", 60.0), trial("T", 0.8))
    same = [(weight, called(base, name)) for weight, name in zip(WEIGHTS.tolist(), "abc", strict=True)]
    found = score_outlooks(same, later, DRAWS, 0)
    np.testing.assert_allclose(found.updated.weights.value, np.tile(WEIGHTS / 8.0, (3, 1)), rtol=1e-12)
    np.testing.assert_allclose(found.updated.weights.error, 0.0, atol=1e-12)
    assert "has left the weights of the outlooks as they were" in in_words(found)[0]


@pytest.mark.usefixtures("small_world")
@pytest.mark.parametrize(
    ("row", "favoured"),
    [
        (horizon("A", 2000.0), "fast"),
        (horizon("A", 8.0), "slow"),
        (trial("T", 0.5), "useful"),
        (trial("T", 1.1), "slow"),
    ],
)
def test_a_statement_moves_weight_to_the_outlook_that_it_suits(row: dict[str, Any], favoured: str) -> None:
    slow = outlook("slow", horizon_elasticity=0.1, work_gap=12)
    other = {"fast": {"horizon_elasticity": 1.5, "work_gap": 12}, "useful": {"horizon_elasticity": 0.1, "work_gap": -6}}
    against = outlook("useful", **other["useful"]) if "trial" in row else outlook("fast", **other["fast"])
    found = score_outlooks([(1.0, slow), (1.0, against)], evidence(slow, row), DRAWS, 0)
    at = found.outlooks.index(favoured)
    assert found.updated.weights.value[-1, at] > 0.6
    assert found.outlooks[found.favoured(0)] == favoured
    assert f"the weight of the {favoured} outlook from 50 %" in in_words(found)[0]


@pytest.mark.usefixtures("small_world")
def test_statements_come_in_the_order_in_which_they_became_known_and_their_order_does_not_matter_in_the_end() -> None:
    members = [(1.0, outlook("slow", horizon_elasticity=0.3)), (1.0, outlook("fast", horizon_elasticity=1.0))]
    rows = [horizon("B", 90.0, "2025-08-01"), horizon("A", 60.0, "2025-06-01")]
    told = [trial("T", 0.8, day, "2025-05-01") for day in ("2026-03-01", "2025-07-01")]
    late, early = (evidence(members[0][1], *rows, one) for one in told)
    found, other = (score_outlooks(members, later, DRAWS, 0) for later in (late, early))
    assert [one.about for one in found.statements] == ["A", "B", "T"]
    assert [one.about for one in other.statements] == ["A", "T", "B"]
    assert other.statements[1] == Statement(date(2025, 7, 1), TRIAL, "T")
    np.testing.assert_allclose(found.updated.weights.value[-1], other.updated.weights.value[-1], rtol=1e-9)
    assert not np.allclose(found.updated.weights.value[2], other.updated.weights.value[2])
    assert found.since == members[0][1].header.reference_date


def brute_force(scenario: Scenario, later: Evidence, draws: int, frontier: float) -> Floats:
    """Log density of all horizons of the only model, level and lag on a fine grid, (draw,)."""
    ready, seen = prepare(later, scenario), worlds(scenario, None, draws, 0)
    drawn, trend = drawn_capability(seen, ready.days)
    scale = seen.positive("trend_deviation", DEVIATION_PRIOR)[:, None]
    spread = seen.positive("lag_spread", LAG_PRIOR)[:, None]
    growth = np.tile(np.linspace(-15.0, 35.0, 5001), (draws, 1))
    density = frontier * stats.t.pdf(growth, DEGREES, trend, scale)
    for lag in np.arange(0.01, 8.0, 0.02) if frontier < 1.0 else ():
        density += (
            (1.0 - frontier) * 0.04 * stats.norm.pdf(lag) * stats.t.pdf(growth, DEGREES, trend - spread * lag, scale)
        )
    told = sum(
        one.log_density(*(drawn.length(p, one.suite, growth) for p in (0.5, 0.8))) for one in published(ready, 0)
    )
    whole: Floats = np.log(np.trapezoid(np.exp(told) * density, growth[0], axis=-1))
    return whole


@pytest.mark.usefixtures("small_world")
@pytest.mark.parametrize(("frontier", "within"), [(1.0, 0.005), (0.5, 0.01), (0.0, 0.01)])
@pytest.mark.parametrize("p50", [3.0, 60.0, 5000.0])
def test_horizons_are_as_likely_as_a_fine_grid_says(frontier: float, within: float, p50: float) -> None:
    base = loaded("base.yaml")
    later = evidence(base, horizon("A", p50), horizon("A", 1.3 * p50, suite="cuda", wide=2.0))
    terms = log_likelihoods(statements.statements(later), later, base, 12, 0, frontier=frontier)
    np.testing.assert_allclose(terms.sum(axis=-1), brute_force(base, later, 12, frontier), atol=within)


@pytest.mark.usefixtures("small_world")
def test_a_models_second_suite_is_weighed_given_its_first() -> None:
    base = loaded("base.yaml")
    rows = horizon("A", 400.0, wide=1.2), horizon("A", 400.0, suite="cuda", wide=1.2)
    both, alone = (evidence(base, *some) for some in (rows, rows[1:]))
    said = statements.statements(both)
    assert [one.suite for one in said] == ["cuda", "suite"]
    given = log_likelihoods(said, both, base, DRAWS, 0, frontier=0.5)
    first = log_likelihoods(statements.statements(alone), alone, base, DRAWS, 0, frontier=0.5)
    np.testing.assert_array_equal(given[:, 0], first[:, 0])
    assert np.quantile(given[:, 1], 0.9) > np.quantile(first[:, 0], 0.9) + 0.5  # its level is known by then


@pytest.mark.usefixtures("small_world")
def test_trials_are_normal_about_what_is_modelled() -> None:
    base = loaded("base.yaml")
    rows = [trial("T", 0.7), trial("S", 0.9), trial("U", 0.9, day="2025-11-01")]
    later, seen = evidence(base, *rows), worlds(base, None, DRAWS, 3)
    days = [date(2025, 9, 1), date(2025, 9, 1), date(2025, 11, 1)]
    spread = seen.positive("trend_deviation", DEVIATION_PRIOR)
    own = [seen.student(f"deviation.{day}") for day in days]
    level = drawn_capability(seen, days)[1] + spread[:, None] * np.stack(own, axis=-1)
    sd = np.sqrt(0.1**2 + (TRIAL_DEVIATION_PRIOR * seen.normal("trial_deviation")[:, None]) ** 2)
    wanted = np.asarray(stats.norm.logpdf(np.log([0.7, 0.9, 0.9]), log_time_ratios(later.trials, level, seen), sd))
    said = statements.statements(later)
    assert [one.about for one in said] == ["S", "T", "U"]
    found = log_likelihoods(said, later, base, DRAWS, 3, frontier=0.5)
    np.testing.assert_allclose(found, wanted[:, [1, 0, 2]], rtol=1e-9)


@pytest.mark.usefixtures("small_world")
def test_many_draws_are_weighed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    base = loaded("base.yaml")
    later = evidence(base, horizon("A", 60.0))
    said = statements.statements(later)
    whole = log_likelihoods(said, later, base, DRAWS, 0, frontier=0.5)
    monkeypatch.setattr(statements, "_AT_ONCE", 7)
    np.testing.assert_array_equal(log_likelihoods(said, later, base, DRAWS, 0, frontier=0.5), whole)


def refusal(members: Sequence[tuple[float, Scenario]], later: Evidence, draws: int = DRAWS, **said: Any) -> str:
    with pytest.raises((InputError, NotANumberError)) as caught:
        score_outlooks(members, later, draws, 0, **said)
    return clear(caught.value)


@pytest.mark.usefixtures("small_world")
def test_what_cannot_be_scored_is_refused_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    base = loaded("base.yaml")
    later, one = evidence(base, horizon("A", 60.0)), [(1.0, base)]
    assert refusal(one, evidence(base)) == (
        "later evidence: got 0 horizons and 0 trials, expected at least 1 horizon of a model or 1 trial"
    )
    assert refusal(one, later, 99) == "draws: got 99, expected at least 100"
    assert refusal([], later) == "outlooks: got none, expected at least 1"
    assert refusal([(float("nan"), base)], later) == "outlooks: base: got .nan, expected a weight above 0"
    assert refusal([(0.0, base)], later) == "outlooks: base: got 0.0, expected a weight above 0"
    assert refusal(2 * one, later) == "outlooks: base: got the same outlook twice, expected each once"
    assert refusal(one, later, frontier=float("nan")) == "frontier: got .nan, expected a probability from 0 to 1"
    for bad in (np.nan, np.inf, -np.inf):
        terms = np.zeros((DRAWS, 1))
        terms[5] = bad
        monkeypatch.setattr(outlooks, "log_likelihoods", lambda *_, terms=terms, **__: terms)
        assert refusal(one, later) == "base: the likelihood of A (horizon) came out as NaN or infinite"


def scored(
    terms: Floats, names: Sequence[str], abouts: Sequence[str], suites: Sequence[str] = ("suite",)
) -> OutlooksScored:
    """Statements a month apart, trials where their name says so."""
    days = [date(2024 + (9 + k) // 12, (9 + k) % 12 + 1, 5) for k in range(len(abouts))]
    said = [
        Statement(day, TRIAL, about) if "trial" in about else Statement(day, HORIZON, about, suites[k % len(suites)])
        for k, (day, about) in enumerate(zip(days, abouts, strict=True))
    ]
    made = updated(WEIGHTS[: len(names)], terms)
    return OutlooksScored(tuple(names), tuple(said), made, date(2024, 8, 27), terms.shape[1], 0, 0.5)


NAMES = ("pessimistic", "somewhat_optimistic", "extremely_optimistic")


def test_draws_that_are_worth_too_few_are_marked_from_there_on() -> None:
    terms = np.zeros((3, 100, 3))
    terms[1, :, 1] = np.where(np.arange(100) % 4 == 0, 0.0, -30.0)  # of 100 draws 25 are left
    found = scored(terms, NAMES, ("A", "B", "C"))
    np.testing.assert_allclose(found.updated.effective[:, 1], [100.0, 25.0, 25.0])
    assert found.trusted_until == date(2024, 10, 5)
    assert found.as_json()["trusted_until"] == "2024-10-05"
    said = in_words(found)[-1]
    assert said.startswith("Not to be trusted beyond 5 Oct 2024: after that the 100 draws of the somewhat optimistic")
    assert "as few as 25" in said
    assert in_words(found)[0].endswith(" Not to be trusted beyond 5 Oct 2024: see below.")
    assert scored(terms[..., 1:], NAMES, ("B", "C")).trusted_until == date(2024, 8, 27)
    fine = scored(terms[..., :1], NAMES, ("A",))
    assert fine.trusted_until is None
    assert in_words(fine)[-1].endswith("worth at least 100 throughout.")
    assert "Not to be trusted" not in in_words(fine)[0]


def test_words_say_who_was_favoured_by_what_and_how_much() -> None:
    found = scored(toy(), NAMES, ("A", "trial T"))
    first, *each, _, _ = in_words(found)
    assert first == (
        "What became known from Aug 2024 to Nov 2024 (1 horizon and 1 trial) has moved the weight of the somewhat "
        "optimistic outlook from 50 % to 72.3 % ± 0.1 % (± one standard error), most of all A's horizon (factor 1.25)."
    )
    assert each[0].startswith("Somewhat optimistic: 50 % → 72.3 % ± 0.1 %; for it A's horizon (factor 1.25), the trial")
    assert each[1].startswith(
        "Pessimistic: 25 % → 26.6 % ± 0.1 %; for it A's horizon (factor 1.25); against it the trial"
    )
    assert each[2].endswith("against it the trial “trial T” (factor 0.17), A's horizon (factor 0.25).")
    heads, rows = table(found)
    assert heads == ["known", "statement", "favours", *(name.replace("_", " ") for name in NAMES)]
    assert rows[1][2] == "somewhat optimistic"
    assert rows[1][4] == "1.16"
    assert rows[2] == ["", "weight after all", "", "26.6 % ± 0.1 %", "72.3 % ± 0.1 %", "1.1 % ± 0.1 %"]
    noise = np.random.default_rng(0).normal(size=(3, 100, 1))
    assert in_words(scored(noise, NAMES, ("A",)))[0].endswith(
        "has moved weights by no more than chance in the draws may have; take more of them."
    )
    one = scored(toy()[:1], NAMES[:1], ("A", "B"), ("suite", "cuda"))
    assert table(one)[1][1][1] == "B's horizon on CUDA"
    assert in_words(one)[1] == "Pessimistic: 25 % → 100.0 % ± 0.1 %." or "100 %" in in_words(one)[1]


def test_json_says_everything_with_errors() -> None:
    found = scored(noisy(2), NAMES, ("A", "B", "trial T", "C"))
    said = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert said["trusted_until"] is None
    assert list(said["outlooks"]) == list(NAMES)
    made = found.updated
    assert said["outlooks"]["pessimistic"]["weight_before"] == 0.25
    assert said["outlooks"]["pessimistic"]["weight_after"]["mcse"] == made.weights.error[-1, 0]
    last = said["statements"][2]
    assert (last["kind"], last["about"], last["known"]) == ("trial", "trial T", "2024-12-05")
    assert last["outlooks"]["extremely_optimistic"]["factor"]["value"] == made.factor.value[2, 2]
    assert last["favoured"] == NAMES[int(made.log_density.value[2].argmax())]
    joint = [said["outlooks"][name]["log_density"]["value"] for name in NAMES]
    sums = [sum(one["outlooks"][name]["log_density"]["value"] for one in said["statements"]) for name in NAMES]
    np.testing.assert_allclose(joint, sums)


LONG = "trial of a great many developers, at firms whose names take up more room than a row has, and then some more"
FIGURES = {
    "as usual": lambda: scored(noisy(0), NAMES, ("A", "B (New)", "trial T", "C")),
    "one outlook, one statement": lambda: scored(noisy(0)[:1, :, :1], NAMES[:1], ("A",)),
    "telling beyond measure": lambda: scored(noisy(0) * np.array([1.0, 300.0, 1e5])[:, None, None], NAMES, "ABCD"),
    "telling nothing": lambda: scored(np.zeros((3, 100, 2)), NAMES, ("A", LONG)),
    "two suites": lambda: scored(noisy(0), NAMES, ("A", "B", "C", LONG), ("metr_hcast", "swe_bench_verified")),
    "many statements": lambda: scored(np.tile(noisy(0), 6) / 6.0, NAMES, [f"Model {k} Preview" for k in range(24)]),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_figure_is_clear(name: str) -> None:
    found = FIGURES[name]()
    with house_style():
        refuse_clutter(outlooks_scored(found))


def test_the_figure_shows_weights_and_factors() -> None:
    found = scored(toy(), NAMES, ("A", "trial T"))
    with house_style():
        left, right = outlooks_scored(found).axes
    lines = [line.get_ydata() for line in left.lines if line.get_marker() == "None"]
    np.testing.assert_allclose([line[[0, -1]] for line in np.asarray(lines)], found.updated.weights.value[[0, -1]].T)
    marks = [np.asarray(line.get_xdata()) for line in right.lines if line.get_marker() != "None"]
    np.testing.assert_allclose(marks, found.updated.factor.value.T)
    noise = outlooks_scored(scored(noisy(0), NAMES, "ABCD")).axes[1]
    shown = np.concatenate([np.ravel(lines.get_segments()) for lines in noise.collections])  # type: ignore[attr-defined]
    assert noise.get_xlim()[0] < shown[0::2].min()
    assert [text.get_text() for text in left.get_xticklabels()] == ["Sep 2024", "Oct 2024", "Nov 2024"]
    assert [text.get_text() for text in right.get_yticklabels()] == ["Oct 2024 A", "Nov 2024 trial: trial T"]


def test_batches_are_as_many_as_errors_are_made_from() -> None:
    terms = np.zeros((1, BATCHES, 1))
    terms[0, 0] = 5.0  # one of ten batches of one draw
    made = updated(np.ones(1), terms)
    others = np.array([0.0, *[np.log((8 + np.exp(5.0)) / 9)] * (BATCHES - 1)])
    np.testing.assert_allclose(made.joint.error[0], np.sqrt(9 * np.var(others)), rtol=1e-12)
