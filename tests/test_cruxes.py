"""Cruxes: parts that add up, by hand where that can be done, and what a reader is told."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import Write
from hypothesis import given
from hypothesis import strategies as st

import autosim
from autosim.analysis.cruxes import FEWEST, MOST, Comparison, Cruxes, differing
from autosim.analysis.groups import coarse_group_of, parameter_of
from autosim.analysis.shapley import attributed, shapley_weights
from autosim.cli import cli
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.plots.cruxes import waterfall
from autosim.plots.style import house_style

TWO_TASKS = """
bottlenecks: {reliability: {}}
roles: {contributor: {}}
role_share: {contributor: 1}
time_share: {quick: 0.5, endless: 0.5}
tasks:
  quick: {kind: planning, task_length: 1, length_spread: 0.1, severity: 1.0}
  endless: {kind: planning, task_length: 1e9, length_spread: 0.1, severity: 1.0}
"""

PESSIMIST = """
name: Pessimist
reference_date: 2024-08-27
end: 2025-08-27
tasks: two.yaml
evaluations: {suite: {median: 30, spread: 1, severity: 1.0}}
structure: {trajectory: exponential, feedback: false}
priors:
  horizon: 1e5
  horizon_offset: 0
  relief: 0
  slope: 1
  work_gap: 0
  adoption: 1
  training_compute_growth: 1
  experiment_compute_growth: 1
  assist_gain: 0
  assist_overhead: 1
  specification: 0
  familiarity: 0.5
  verification: 0.5
  rework: 1
  undetected_loss: 1
  agent_price: 0.05
  optimism: 0
  choice_noise: 0.01
  task_substitution: 0
  agent_compute: 0
  difficulty_spread: 0.1
  horizon_elasticity: 0.8
  doubling_shrink: 0.1
  ceiling_doublings: 20
  piece_doublings: 5
  optimism_decay: 0.1
  adoption_growth: 0
  agent_compute_growth: 0
  agent_compute_cap: 0.3
  compute_wait: 0.3
  labour_share: 0.5
  input_substitution: 0.7
  returns_to_input: 0.6
  ideas_harder: 0.5
  software_growth: 1
  training_compute_growth_after: 1
  experiment_compute_growth_after: 1
  headcount_growth: 0
  headcount_growth_after: 0
  slowdown: 5
"""

OPTIMIST = """
name: Optimist
extends: pessimist
priors: {familiarity: 0.1, time_share: {quick: 0.8, endless: 0.2}}
"""


@pytest.fixture
def two_tasks(write: Write) -> tuple[str, str]:
    """Two scenarios: AI does the quick task for s + u + price = .55 or .15 of its time, and never the endless one."""
    write(TWO_TASKS, "two.yaml")
    evaluations = "anchor: suite\nevaluations: {suite: {median: 30, spread: 1, severity: 1.0}}\n"
    write(evaluations, "one.yaml")
    text = PESSIMIST.replace("evaluations: {suite: {median: 30, spread: 1, severity: 1.0}}", "evaluations: one.yaml")
    return write(text, "pessimist.yaml"), write(OPTIMIST, "optimist.yaml")


def test_a_crux_of_two_tasks_by_hand(two_tasks: tuple[str, str]) -> None:
    """S_L = 1 / (w (u + .05) + 1 - w), with w .5 or .8 of hours and u .5 or .1."""

    def speedup(w: float, u: float) -> float:
        return 1.0 / (w * (u + 0.05) + 1.0 - w)

    neither, hours, costs, both = speedup(0.5, 0.5), speedup(0.8, 0.5), speedup(0.5, 0.1), speedup(0.8, 0.1)
    found = autosim.cruxes(*two_tasks, target="labour_speedup@2025-02", draws=4)
    assert found.answers["median"] == pytest.approx((neither, both), rel=1e-4)
    parts = {crux.name: crux.mean.value for crux in found.groups}
    assert parts == pytest.approx(
        {
            "time_use": 0.5 * (hours - neither + both - costs),
            "delegation": 0.5 * (costs - neither + both - hours),
        },
        rel=1e-3,
    )
    assert found.whole.mean.value == pytest.approx(both - neither, rel=1e-4)
    assert sum(parts.values()) == pytest.approx(found.whole.mean.value, abs=1e-12)
    assert "1.29 against 3.12 (median)" in found.sentence
    assert "Of the difference, delegation 55 %, time use 45 %." in found.sentence


@given(st.lists(st.floats(-5.0, 5.0), min_size=16, max_size=16))
def test_shapley_values_add_up(values: list[float]) -> None:
    v = np.array(values)
    assert (shapley_weights(4) @ v).sum() == pytest.approx(v[-1] - v[0], abs=1e-9)


def test_a_dummy_gets_nothing_and_twins_get_the_same() -> None:
    v = np.empty(8)
    for coalition in range(8):
        first, second, _dummy = (coalition >> player & 1 for player in range(3))
        v[coalition] = (first + second) ** 2 + 3.0
    parts = shapley_weights(3) @ v
    assert parts == pytest.approx([2.0, 2.0, 0.0])


def test_shapley_values_of_a_game_by_hand() -> None:
    """The glove game: one left glove, two right ones; a pair is worth 1 (Shapley 1953's value is 2/3, 1/6, 1/6)."""
    v = [float(coalition & 1 and coalition & 6 > 0) for coalition in range(8)]
    assert shapley_weights(3) @ np.array(v) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_intervals_of_an_attribution_cover_the_truth_at_their_rate() -> None:
    """Two players shift normals by 1 and 2, and by another 3 together; the spread depends on who is there."""
    inside, shift = [], np.array([0.0, 1.0, 2.0, 6.0])[:, None]
    spread = np.array([1.0, 1.5, 2.0, 3.0])[:, None]
    for seed in range(200):
        answers = shift + spread * np.random.default_rng(seed).standard_normal((1, 400))
        found = attributed(answers, np.median, np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]), seed)
        inside.append(
            [part.low <= value <= part.high for part, value in zip(found.parts, (6.0, 2.5, 3.5), strict=True)]
        )
    rates = np.mean(inside, axis=0)
    assert (rates >= 0.90).all()
    assert (rates <= 0.99).all()


def test_only_what_differs_is_a_crux() -> None:
    pessimistic, optimistic, extreme = map(load, ("pessimistic", "optimistic", "extremely_optimistic"))
    names = {group.name for group in differing(pessimistic, extreme, 0, (), coarse_group_of)}
    assert names == {"capability", "work_gap", "delegation", "severity"}
    assert {group.name for group in differing(optimistic, extreme, 0, (), coarse_group_of)} == {"capability"}
    by_parameter = {group.name for group in differing(optimistic, extreme, 0, (), parameter_of)}
    assert by_parameter == {"trajectory", "horizon_elasticity"}


@pytest.fixture(scope="module")
def found() -> Cruxes:
    return autosim.cruxes("pessimistic", "extremely_optimistic", draws=256)


def test_a_difference_is_divided_whole(found: Cruxes) -> None:
    for centre in ("median", "mean"):
        parts, camps = ([getattr(crux, centre).value for crux in some] for some in (found.groups, found.camps))
        first, second = found.answers[centre]
        assert sum(parts) == pytest.approx(second - first, abs=1e-9)
        assert sum(camps) == pytest.approx(second - first, abs=1e-9)
        assert getattr(found.whole, centre).low < second - first < getattr(found.whole, centre).high


def test_the_answers_are_those_of_the_scenarios(found: Cruxes) -> None:
    for position, name in enumerate(found.scenarios):
        speedup = autosim.run(name, draws=256)["labour_speedup"].sel(date="2029-08-27")
        assert found.answers["median"][position] == pytest.approx(float(speedup.median()), rel=1e-3)


def test_pessimists_and_optimists_disagree_about_usefulness_as_owen_2024_found(found: Cruxes) -> None:
    camps = {crux.name: crux.median.value for crux in found.camps if crux.median}
    assert camps["usefulness"] > 3.0 * abs(camps["capability"])
    among_optimists = autosim.cruxes("somewhat_optimistic", "extremely_optimistic", draws=64)
    assert [crux.name for crux in among_optimists.groups] == ["capability"]


def test_the_other_way_round_is_the_negative(found: Cruxes) -> None:
    back = autosim.cruxes("extremely_optimistic", "pessimistic", draws=256)
    there = {crux.name: crux.mean.value for crux in found.groups}
    assert {crux.name: -crux.mean.value for crux in back.groups} == pytest.approx(there, abs=1e-9)


def test_events_have_probabilities_and_dates_have_years() -> None:
    event = autosim.cruxes("pessimistic", "optimistic", "labour_speedup>=2@2029-08", draws=64)
    assert "probability" in event.sentence
    assert "median" not in event.answers
    assert all(crux.median is None for crux in event.groups)
    dated = autosim.cruxes("pessimistic", "optimistic", "labour_speedup>=2", draws=64)
    assert dated.whole.mean.value < 0.0
    assert "date of labour speedup S_L of 2" in dated.sentence


def test_users_groups_and_the_rest() -> None:
    said = ["work=work_gap,familiarity", "ideas=severity.debugging"]
    found = autosim.cruxes("pessimistic", "extremely_optimistic", draws=32, groups=said)
    assert {crux.name for crux in found.groups} == {"work", "ideas", "everything else"}
    assert {crux.name: crux.camp for crux in found.groups} == {
        "work": "usefulness",
        "ideas": "usefulness",
        "everything else": None,
    }
    assert "everything else" in found.sentence  # camps do not cover it


def test_parts_that_cancel_are_told_in_the_targets_unit() -> None:
    found = autosim.cruxes("pessimistic", "somewhat_optimistic", draws=1024)
    told = {crux.name: found.part_in_words(crux) for crux in found.camps}
    assert told["capability"].startswith("−")
    assert told["usefulness"].startswith("+")
    assert "%" not in found.sentence


def test_pools_and_baselines_can_differ_too() -> None:
    found = autosim.cruxes("interviews", "baseline", draws=64)
    assert found.evaluations == 64 * 2 ** len(found.groups)
    assert abs(sum(crux.mean.value for crux in found.groups) - found.whole.mean.value) < 1e-9


def test_draws_are_as_many_as_the_budget_allows() -> None:
    few = Comparison(load("optimistic"), load("extremely_optimistic"))
    assert (few.draws, few.cost) == (MOST, 2 * MOST)
    many = Comparison(load("pessimistic"), load("extremely_optimistic"), dividing=parameter_of)
    assert many.draws == 3 * 2**16 >> 7 > FEWEST


def test_the_same_seed_gives_the_same_bits_on_any_number_of_cores() -> None:
    comparison = Comparison(load("pessimistic"), load("optimistic"), draws=64, seed=5)
    assert comparison.run(cores=1) == comparison.run(cores=2)


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["cruxes", *arguments], standalone_mode=False)
    assert isinstance(result.exception, InputError)
    return str(result.exception)


def test_what_cannot_be_compared_is_refused(small_world: Path) -> None:
    assert refused("optimistic", "optimistic").startswith("optimistic: got the same assumptions as optimistic")
    assert "got other tasks, roles, bottlenecks or evaluations, expected those of optimistic" in refused(
        "optimistic", str(small_world / "base.yaml")
    )
    (small_world / "late.yaml").write_text("name: Late\nextends: optimistic\nreference_date: 2025-08-27\n")
    assert "reference_date: got 2025-08-27, expected those of optimistic" in refused("optimistic", "late.yaml")
    (small_world / "short.yaml").write_text("name: Short\nextends: pessimistic\nend: 2033-01-01\n")
    assert "short: end: got 2033-01-01, expected 2036-01-01, so that dates agree" in refused(
        "optimistic", "short.yaml", "--target", "labour_speedup>=2"
    )
    assert "did you mean 'work_gap'" in refused("pessimistic", "optimistic", "--group", "usefulness=work_gab")
    for said in ("usefulness", "everything else=work_gap"):
        assert "expected NAME=PARAMETER,PARAMETER" in refused("pessimistic", "optimistic", "--group", said)
    assert "expected each quantity once" in refused(
        "pessimistic", "optimistic", "--group", "a=work_gap", "--group", "b=work_gap"
    )
    unsolvable = "--target", "solved_time_saved_share.specific.re_bench", "--draws", "32"
    assert "got no value in" in refused("pessimistic", "optimistic", *unsolvable)


def test_the_command_prints_a_sentence_and_writes_what_it_found(small_world: Path) -> None:
    result = CliRunner().invoke(cli, ["cruxes", "pessimistic", "optimistic", "--draws", "32"])
    assert result.exit_code == 0, result.output
    assert "32 draws: 512 evaluations of the model, about" in result.stderr
    said = " ".join(result.stdout.split())
    assert "Pessimistic and Optimistic differ in labour speedup S_L, Aug 2029" in said
    folder = small_world / "runs" / "pessimistic-optimistic-cruxes"
    content = json.loads((folder / "cruxes.json").read_text())
    assert {crux["name"] for crux in content["groups"]} == {"capability", "work_gap", "delegation", "severity"}
    assert content["target"]["text"] == "labour_speedup@2029-08-27"
    assert (folder / "figures" / "waterfall.png").stat().st_size > 10_000


def test_where_nothing_differs_that_is_said_and_nothing_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    said = ("cruxes", "pessimistic", "baseline", "--draws", "100", "--target", "progress_multiplier>=1000")
    result = CliRunner().invoke(cli, said)
    assert result.exit_code == 0
    what = "date of R&D progress multiplier M of 1000"
    assert f"do not differ in {what}: after Dec 2035 in both" in " ".join(result.stdout.split())
    assert "interval" not in result.stdout
    folder = Path("runs/pessimistic-baseline-cruxes")
    assert sorted(path.name for path in folder.iterdir()) == ["cruxes.json"]


def test_few_draws_are_cautioned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for draws, cautioned in (("99", True), ("100", False)):
        said = ("cruxes", "pessimistic", "baseline", "--draws", draws, "--no-plots")
        result = CliRunner().invoke(cli, said)
        assert ("so few draws hardly tell" in " ".join(result.stdout.split())) is cautioned


def test_a_waterfall_without_height_is_drawn_without_a_warning() -> None:
    found = Comparison(load("pessimistic"), load("baseline"), "labour_speedup>=1000@2029-08", 100).run()
    assert found.nothing
    with house_style(), warnings.catch_warnings():
        warnings.simplefilter("error")
        waterfall(found)
