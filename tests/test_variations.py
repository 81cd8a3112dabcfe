"""Variations of evaluations: what they share with what they vary, how they are graded, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import plain
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import autosim
from autosim.draws import draw
from autosim.equations.success import added_difficulty, evaluation_difficulty, mean_all_of, mean_best_of, mean_graded
from autosim.errors import AutosimError, InputError
from autosim.evidence.tables import shipped_evidence
from autosim.inference.model import prepare
from autosim.inputs.loading import load
from autosim.inputs.posterior import Learnt, Posterior
from autosim.inputs.scenario import AnyScenario, Grading, Scenario
from autosim.inputs.varying import read_variations
from autosim.simulation.run import Simulation, simulate
from autosim.simulation.suites import Suites

type Floats = NDArray[np.float64]
type Write = Callable[..., str]

HEAD = "name: Mine\nextends: base\n"


@pytest.fixture(scope="module")
def varied() -> Scenario:
    scenario = load("baseline", variations=read_variations())
    assert isinstance(scenario, Scenario)
    return scenario


@pytest.fixture(scope="module")
def simulated(varied: Scenario) -> Simulation:
    return simulate(varied, 256, 0)


def place(scenario: AnyScenario, name: str) -> int:
    return scenario.taxonomy.evaluations.index(name)


# ----------------------------------------------------------------------------------------------------- equations


@given(p=st.floats(1e-6, 1.0), k=st.integers(1, 50))
def test_the_best_of_attempts_beats_one_and_all_of_them_do_not(p: float, k: int) -> None:
    one = np.array([1.0]), np.array([-np.log(p)])
    best, every = float(mean_graded(k, 1, *one)), float(mean_graded(1, k, *one))
    assert every <= p * (1 + 1e-12)
    assert p <= best * (1 + 1e-9)
    assert best == pytest.approx(float(mean_best_of(k, *one)), rel=1e-9)
    assert every == pytest.approx(float(mean_all_of(k, *one)), rel=1e-9)


def test_attempts_cannot_be_counted_both_ways() -> None:
    with pytest.raises(ValueError, match="best of 2 and all of 3"):
        mean_graded(2, 3, np.array([1.0]), np.array([0.5]))


@given(length=st.floats(1.0, 1e5), stages=st.integers(1, 1000))
def test_a_stage_is_as_hard_as_an_instance_of_its_length(length: float, stages: int) -> None:
    split = evaluation_difficulty(length, 0.5, 0.0, 2.0)[0] + added_difficulty(0.0, stages)
    short, _ = evaluation_difficulty(length / stages, 0.5, 0.0, 2.0)
    assert split == pytest.approx(short, abs=1e-9)


# ------------------------------------------------------------------------------------------------------- kernels


def graded(best_of: int, all_of: int, count: int = 6) -> Suites:
    draws = plain.variant(draw(load("baseline"), 0, count), best_of=float(best_of), all_of=float(all_of))
    return Suites(draws, 0)


def horizons(count: int) -> Floats:
    return np.array([np.linspace(-2.0, 22.0, 5) + np.arange(5)[:, None] * 0.7] * count)


@pytest.mark.parametrize(("best_of", "all_of"), [(2, 1), (10, 1), (1, 7), (1, 10), (1000, 1), (1, 1000)])
def test_graded_pass_rates_are_those_of_the_plain_equations(best_of: int, all_of: int) -> None:
    suites = graded(best_of, all_of)
    at = horizons(6)
    got = suites.pass_rates(at)
    for i, t in np.ndindex(6, 5):
        want = plain.pass_rates(suites, i, at[i, t], plain.same_nodes(suites.grids, i))
        np.testing.assert_allclose(got[:, i, t], want, rtol=3e-4, atol=3e-6)
        step = 0.2 / suites.slope[i].max()
        fine = plain.pass_rates(suites, i, at[i, t], plain.own_nodes(suites.mean[i], suites.sd[i], step))
        np.testing.assert_allclose(got[:, i, t], fine, rtol=0.0, atol=1e-4)


@pytest.mark.parametrize(("best_of", "all_of"), [(10, 1), (1, 10), (100, 1), (1, 100)])
def test_a_graded_evaluation_is_solved_by_its_graded_pass_rate(best_of: int, all_of: int) -> None:
    suites = graded(best_of, all_of, 4)
    at = horizons(4)[:, 2]
    got = suites.advances(at)
    assert np.isfinite(got).any()
    for i, way, e in np.ndindex(got.shape):
        fine = plain.own_nodes(suites.mean[i], suites.sd[i], 0.2 / suites.slope[i].max())
        want = plain.advance(suites, i, way, e, at[i], fine)
        np.testing.assert_allclose(got[i, way, e], want, rtol=0.0, atol=1e-3)


# ---------------------------------------------------------------------------------------------- what is shared


def test_variations_leave_all_others_as_they_were(varied: Scenario, simulated: Simulation) -> None:
    alone = simulate(load("baseline"), 256, 0)
    count = len(alone.taxonomy.evaluations)
    assert varied.taxonomy.evaluations[:count] == alone.taxonomy.evaluations
    for name, values in alone.outputs.items():
        same = simulated.outputs[name]
        if same.shape != values.shape:
            np.testing.assert_allclose(same[..., :count], values, rtol=0.0, atol=1e-4, err_msg=name)
        else:
            np.testing.assert_array_equal(same, values, err_msg=name)


def test_a_variation_differs_by_what_its_block_says_and_by_nothing_else(varied: Scenario) -> None:
    drawn = draw(varied, 3, 200).indexed
    base, novel = place(varied, "sparse_attention"), place(varied, "sparse_attention_in_novel_codebase")
    for name in ("median", "spread", "best_of", "all_of", "added_difficulty"):
        np.testing.assert_array_equal(drawn[name][:, base], drawn[name][:, novel], err_msg=name)
    assert (drawn["contamination"][:, novel] == 0.0).all()
    before, after = drawn["evaluation_severity"][:, base], drawn["evaluation_severity"][:, novel]
    for position, bottleneck in enumerate(varied.taxonomy.bottlenecks):
        changed = bottleneck in ("long_context_reasoning", "novelty")
        assert (before[:, position] == after[:, position]).all() != changed, bottleneck
        order = np.corrcoef(np.argsort(np.argsort(before[:, position])), np.argsort(np.argsort(after[:, position])))
        assert order[0, 1] == pytest.approx(1.0), "what is replaced is drawn from the same random numbers"


def test_every_variation_moves_the_pass_rate_as_its_name_says(varied: Scenario, simulated: Simulation) -> None:
    rates = simulated.outputs["pass_rate"][:, 24].astype(np.float64)
    base = rates[:, place(varied, "sparse_attention")]

    def of(name: str) -> Floats:
        found: Floats = rates[:, place(varied, f"sparse_attention_{name}")]
        return found

    for name in ("harder", "in_novel_codebase", "with_wider_changes", "open_ended", "all_of_10"):
        assert of(name).mean() < base.mean(), name
    for name in ("contaminated", "in_15_stages", "best_of_10"):
        assert of(name).mean() > base.mean(), name
    for name, sign in (("harder", -1), ("all_of_10", -1), ("contaminated", 1), ("in_15_stages", 1), ("best_of_10", 1)):
        assert (sign * (of(name) - base) >= -1e-6).all(), f"{name} in every draw"


def test_stages_are_what_all_lengths_divided_by_them_are() -> None:
    long = load("baseline", ["evaluations.swaa.median=80", "evaluations.swaa.stages=8"])
    short = load("baseline", ["evaluations.swaa.median=10"])
    assert long.taxonomy.gradings == {"swaa": Grading(stages=8)}
    one, other = (Suites(draw(scenario, 0, 5), 0).mean for scenario in (long, short))
    np.testing.assert_allclose(one, other)


def test_what_is_said_later_of_the_base_holds_for_its_variations() -> None:
    scenario = load("baseline", ["median.sparse_attention=100"], variations=read_variations())
    drawn = draw(scenario, 0, 3).indexed["median"]
    assert (drawn[:, place(scenario, "sparse_attention_in_15_stages")] == 100.0).all()


def test_a_variation_of_a_variation_has_the_grading_of_both(write: Write) -> None:
    path = write(
        f"{HEAD}evaluations:\n"
        "  late: {variation_of: staged, best_of: 4}\n"
        "  staged: {variation_of: suite, stages: 15, all_of: 3, severity: {novelty: 0.5}}\n"
        "  other: {variation_of: staged, stages: 2}\n"
    )
    scenario = load(path)
    assert isinstance(scenario, Scenario)
    assert scenario.taxonomy.gradings == {
        "staged": Grading(stages=15, all_of=3),
        "late": Grading(stages=15, best_of=4),
        "other": Grading(stages=2, all_of=3),
    }
    late, staged = scenario.priors["severity", "late", "novelty"], scenario.priors["severity", "staged", "novelty"]
    assert (late.distribution, late.stream) == (staged.distribution, staged.stream)
    assert late.stream == scenario.priors["severity", "suite", "novelty"].stream


def test_a_pools_members_all_get_the_variations() -> None:
    pool = load("interviews", variations=read_variations())
    assert "sparse_attention_in_15_stages" in pool.taxonomy.evaluations


def test_a_scenario_takes_the_shipped_variations_that_suit_it(write: Write) -> None:
    path = write(f"{HEAD}evaluations: {{sparse_attention: {{variation_of: suite}}}}\n")
    scenario = load(path, variations=read_variations())
    harder = "sparse_attention_harder"
    assert harder in scenario.taxonomy.evaluations
    assert "sparse_attention_with_wider_changes" not in scenario.taxonomy.evaluations  # names a bottleneck it lacks
    assert "cuda_debugging_from_outside_training" not in scenario.taxonomy.evaluations


def test_a_posterior_holds_for_variations_too(varied: Scenario) -> None:
    values = {"median.sparse_attention": np.linspace(50.0, 60.0, 100)}
    learnt = Learnt(Posterior("p", "0", values), frozenset(values), ())
    drawn = draw(replace(varied, posterior=learnt), 0, 50).indexed["median"]
    base = drawn[:, place(varied, "sparse_attention")]
    assert ((base >= 50.0) & (base <= 60.0)).all()
    np.testing.assert_array_equal(base, drawn[:, place(varied, "sparse_attention_harder")])


def test_evidence_of_a_graded_evaluation_is_refused() -> None:
    scenario = load("baseline", ["evaluations.metr_hcast.stages=2"])
    assert isinstance(scenario, Scenario)
    with pytest.raises(InputError, match=r"evaluations\.metr_hcast: got horizons of an evaluation with harder, stages"):
        prepare(shipped_evidence(scenario.taxonomy), scenario)


def test_evidence_beside_graded_variations_is_taken(varied: Scenario) -> None:
    assert prepare(shipped_evidence(varied.taxonomy), varied).suites


# ------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("variation_of: siute", "variation_of: got 'siute', expected an evaluation; did you mean 'suite'?"),
        ("variation_of: one", "variation_of: got a circle (one -> one), expected variations that end"),
        ("stages: 0", "stages: got 0, expected a whole number from 1 to 10,000"),
        ("stages: 2.5", "stages: got 2.5, expected a whole number from 1 to 10,000"),
        ("stages: true", "stages: got true, expected a whole number from 1 to 10,000"),
        ("all_of: 1001", "all_of: got 1001, expected a whole number from 1 to 1,000"),
        ("best_of: many", "best_of: got 'many', expected a whole number from 1 to 1,000"),
        ("best_of: 2, all_of: 2", "all_of: got all_of beside best_of, expected one of the two"),
        ("harder: 50", "harder: got 50, expected a number of doublings in [-40, 40]"),
        ("harder: .nan", "harder: got .nan, expected a finite number of doublings in [-40, 40]"),
        ("hrader: 1", "hrader: got the unknown key 'hrader', expected a key; did you mean 'harder'?"),
        ("variation_of: 3", "variation_of: got 3, expected text"),
    ],
)
def test_a_bad_variation_is_refused_in_one_line(write: Write, said: str, error: str) -> None:
    base = "" if "variation_of" in said else "variation_of: suite, "
    path = write(f"{HEAD}evaluations:\n  one: {{{base}{said}}}\n")
    with pytest.raises(AutosimError) as refused:
        load(path)
    assert str(refused.value) == f"mine.yaml: evaluations.one.{error}"


def test_variations_of_one_another_in_a_circle_are_refused(write: Write) -> None:
    path = write(
        f"{HEAD}evaluations: {{one: {{variation_of: two}}, two: {{variation_of: three}}, three: {{variation_of: two}}}}"
    )
    with pytest.raises(AutosimError, match=r"one.variation_of: got a circle \(two -> three -> two\)"):
        load(path)


def test_an_evaluation_with_numbers_of_its_own_becomes_no_variation(write: Write) -> None:
    path = write(f"{HEAD}evaluations: {{suite: {{variation_of: other}}}}\n")
    with pytest.raises(InputError) as refused:
        load(path)
    got = "got 'other' for suite, which has numbers of its own, expected it in a block with a new name"
    assert str(refused.value) == f"mine.yaml: evaluations.suite.variation_of: {got}"


def test_a_users_variations_are_taken_whole_or_refused(write: Write) -> None:
    base = write(HEAD)
    good = write("evaluations: {long: {variation_of: suite, harder: 3}}\n", "long.yaml")
    scenario = autosim.load(base)
    assert "long" not in scenario.taxonomy.evaluations
    more = load(base, variations=read_variations(Path(good)))
    assert more.taxonomy.grading("long") == Grading(harder=3.0)
    assert [file.place for file in more.header.files][-1] == "long.yaml"
    bad = write("evaluations: {long: {variation_of: sparse_attention}}\n", "bad.yaml")
    with pytest.raises(InputError, match=r"bad.yaml: evaluations.long.variation_of: got 'sparse_attention'"):
        load(base, variations=read_variations(Path(bad)))
    with pytest.raises(InputError, match=r"odd.yaml: anchor: got the unknown key 'anchor'"):
        read_variations(Path(write("anchor: suite\nevaluations: {}\n", "odd.yaml")))
