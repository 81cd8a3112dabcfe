"""Blockers: obstacles that are known beforehand, parts of M that add up, and what a reader is told."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import Write
from numpy.typing import NDArray
from test_cruxes import PESSIMIST, TWO_TASKS
from test_sensitivity import posterior_of

import autosim
from autosim.analysis.blockers import FEW, Study, share_of
from autosim.analysis.blockers_in_words import answer
from autosim.analysis.decomposition import Parts, decompose
from autosim.analysis.obstacles import LIMITS, TOGETHER, obstacles, without
from autosim.analysis.quantities import column
from autosim.analysis.targets import dates_of, parse_target
from autosim.cli import cli
from autosim.draws import draw
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.simulation.asked import Question, ask
from autosim.simulation.held import ask_at

type Json = dict[str, Any]
type Floats = NDArray[np.float64]


@pytest.fixture
def two_tasks(write: Write) -> str:
    """AI does the quick half of all hours for u + price = .55 of its time, and never the endless half: S_L = 1.29."""
    write(TWO_TASKS, "two.yaml")
    write("anchor: suite\nevaluations: {suite: {median: 30, spread: 1, severity: 1.0}}\n", "one.yaml")
    inline = "evaluations: {suite: {median: 30, spread: 1, severity: 1.0}}"
    return write(PESSIMIST.replace(inline, "evaluations: one.yaml"), "two_tasks.yaml")


def blockers(name: str, milestone: str, *said: str, draws: int = 4, at: str | None = None) -> Json:
    return Study(load(name, said), milestone, at, draws).run()


def doing(found: Json, key: str) -> dict[str, float]:
    """Share of every obstacle that is not 0."""
    every = {
        name: numbers[key] for kind in found["obstacles"].values() for name, numbers in kind.items() if numbers[key]
    }
    return {name: share["share"] for name, share in every.items() if share["share"]}


def test_adoption_of_nothing_is_the_only_obstacle(two_tasks: str) -> None:
    """Nobody uses AI, S_L is 1; with AI in use it is 1.29. Nothing else helps, and there is no way round it."""
    found = blockers(two_tasks, "labour_speedup>=1.2", "adoption=0")
    assert found["blocked"]["count"] == 4
    assert doing(found, "sufficient") == {"adoption": 1.0, "everything": 1.0}
    assert doing(found, "necessary") == {"adoption": 1.0}
    assert found["obstacles"][LIMITS]["adoption"]["median"] == pytest.approx(1.0 / 0.775, rel=1e-4)
    assert found["obstacles"][LIMITS]["familiarity"]["median"] == 1.0
    assert found["one_alone"]["share"] == 1.0
    assert [step["name"] for step in found["in_order"]] == ["adoption"]
    assert found["advance"]["q50"] is None
    assert "Taking away adoption alone (AI is used in every hour) would be enough in 100 % of these" in " ".join(
        answer(found)
    )


def test_obstacles_of_two_tasks_by_hand(two_tasks: str) -> None:
    """S_L is 1 / (.5 (u + price) + .5); the endless half, too, costs but u + price if AI never fails at it."""
    found = blockers(two_tasks, "labour_speedup>=1.8", at="2025-08")
    medians = {name: numbers["median"] for kind in found["obstacles"].values() for name, numbers in kind.items()}
    assert medians["familiarity"] == pytest.approx(1.0 / (0.5 * 0.05 + 0.5), rel=1e-3)
    assert medians["agent_price"] == pytest.approx(1.0 / (0.5 * 0.501 + 0.5), rel=1e-3)
    assert medians["endless"] == pytest.approx(1.0 / (0.5 * 0.55 + 0.5 * 0.55), rel=1e-3)
    assert doing(found, "sufficient") == dict.fromkeys(
        ("familiarity", "reliability", "endless", "failures", "attention", "everything"), 1.0
    )
    hard = blockers(two_tasks, "labour_speedup>=2.5", at="2025-08")
    assert doing(hard, "necessary") == dict.fromkeys(
        ("familiarity", "reliability", "endless", "failures", "attention"), 1.0
    )
    assert doing(hard, "sufficient") == {"everything": 1.0}
    assert (hard["one_alone"]["count"], hard["several"]["count"], hard["out_of_reach"]["count"]) == (0, 4, 0)


def test_what_nothing_helps_is_counted_and_named(two_tasks: str) -> None:
    found = blockers(two_tasks, "labour_speedup>=1e6")
    assert found["out_of_reach"]["share"] == 1.0
    assert found["out_of_reach_draws"] == [0, 1, 2, 3]
    assert "In 100 % (4) nothing that is tried here would." in answer(found)
    assert found["obstacles"][TOGETHER]["failures"]["necessary"] is None


def test_draws_are_named_by_their_positions_in_the_run() -> None:
    """Agents cannot take a tenth of compute where they need less of it: no obstacle is in the way of that."""
    scenario = load("baseline")
    found = Study(scenario, "agent_compute_share>=0.1", "2029-08", 128).run()
    target = parse_target("agent_compute_share>=0.1@2029-08", scenario)
    blocked = ask(draw(scenario, 0, 128), scenario.taxonomy, [target], len(dates_of(scenario)))[:, 0] == 0.0
    named = found["out_of_reach_draws"]
    assert 10 < len(named) == found["out_of_reach"]["count"] < blocked.sum() < 128
    assert blocked[named].all()


def test_half_of_the_worlds_get_there_with_the_advance_that_half_need() -> None:
    scenario = load("baseline")
    names, draws, study = scenario.taxonomy, draw(scenario, 0, 256), Study(scenario, draws=256)
    asked = [study.target, *(Question("horizon_log2_min", (b,), 60) for b in range(len(names.bottlenecks)))]
    base = ask(draws, names, asked, len(dates_of(scenario)))
    blocked, advance = np.flatnonzero(base[:, 0] == 0.0), study.run()["advance"]

    def there(doublings: float) -> float:
        horizons = np.minimum(base[blocked, 1:] + doublings, 24.0)
        values = ask_at(draws.part(blocked), names, horizons, 60, [study.value])
        return float((values >= 2.0).mean())

    for share, name in ((0.25, "q25"), (0.5, "q50"), (0.75, "q75")):
        assert there(advance[name]) >= share
        assert there(advance[name] - 0.1) < share


def test_nothing_blocked_is_one_line(two_tasks: str) -> None:
    found = blockers(two_tasks, "labour_speedup>=1.2")
    assert answer(found) == [
        "Nothing stands in the way: every one of 4 draws gets to labour speedup S_L of 1.2 by Aug 2025."
    ]
    assert found["obstacles"] is None
    assert found["at_date"]["blocked"] is None


def test_few_blocked_worlds_are_said_to_be_few() -> None:
    found = blockers("extremely_optimistic", "labour_speedup>=2", draws=32)
    assert 0 < found["blocked"]["count"] < FEW
    assert "say little: mind the intervals" in answer(found)[-1]


def test_a_share_has_wilsons_interval() -> None:
    """Newcombe (1998), Stat. Med. 17, 857-872, Table I, method 3: 81 of 263, and 0 of 20."""
    worlds = np.zeros(263, dtype=np.bool_)
    worlds[:81] = True
    found = share_of(worlds)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    none = share_of(np.zeros(20, dtype=np.bool_))
    assert (none.low, round(none.high, 4)) == (0.0, 0.1611)


@pytest.fixture(scope="module")
def baseline() -> Json:
    return blockers("baseline", "labour_speedup>=2", draws=256)


def test_shares_of_the_baseline_hang_together(baseline: Json) -> None:
    """Whatever one obstacle of several does alone, all of them do; worlds are divided whole."""
    every = {name: numbers for kind in baseline["obstacles"].values() for name, numbers in kind.items()}
    alone = {name: numbers["sufficient"]["count"] for name, numbers in every.items()}
    assert alone["everything"] == max(alone.values())
    for name, some in (("attention", ("specification", "familiarity")), ("failures", ("novelty", "debugging"))):
        assert all(alone[one] <= alone[name] for one in some)
    parts = [baseline[key]["count"] for key in ("one_alone", "several", "out_of_reach")]
    assert sum(parts) == baseline["blocked"]["count"]
    shares = [step["share"] for step in baseline["in_order"]]
    assert shares == sorted(shares)
    for side in ("blocked", "reached"):
        for parts_of_a_whole in baseline["at_date"][side].values():
            assert sum(parts_of_a_whole.values()) == pytest.approx(1.0, abs=1e-4)


def test_blocked_worlds_are_those_of_the_run(baseline: Json) -> None:
    scenario = load("baseline")
    target = parse_target("labour_speedup>=2@2029-08", scenario)
    reached = ask(draw(scenario, 0, 256), scenario.taxonomy, [target], len(dates_of(scenario)))[:, 0]
    assert baseline["blocked"]["count"] == int((reached == 0.0).sum())


def test_held_answers_are_those_of_the_path() -> None:
    """At the horizons of a month, every output of that month comes out as on the path through time."""
    scenario = load("interviews")
    names, draws, month = scenario.taxonomy, draw(scenario, 0, 64), 60
    texts = ("labour_speedup", "progress_multiplier", "project_speedup", "agent_compute_share", "time_saved_share",
             "role_labour_speedup.manager", "cost.debugging", "task_delegated_share.debugging",
             "pass_rate.sparse_attention", "mode_share.debugging.trusted", "binding.debugging.novelty")  # fmt: skip
    asked = [parse_target(f"{text}@2029-08", scenario) for text in texts]
    horizons = [Question("horizon_log2_min", (b,), month) for b in range(len(names.bottlenecks))]
    path = ask(draws, names, [*asked, *horizons], len(dates_of(scenario)))
    held = ask_at(draws, names, path[:, len(asked) :], month, asked)
    assert held == pytest.approx(path[:, : len(asked)], rel=1e-3, abs=1e-5)


def test_without_feedback_an_obstacle_gone_at_the_date_is_one_that_never_was() -> None:
    """The slow twin: the whole path through time in a world that never had the obstacle."""
    scenario = load("baseline", ("structure.feedback=false",))
    names, draws, months = scenario.taxonomy, draw(scenario, 0, 128), len(dates_of(scenario))
    target = parse_target("labour_speedup>=2@2029-08", scenario)
    blocked = ask(draws, names, [target], months)[:, 0] == 0.0
    found = Study(scenario, draws=128).run()
    for obstacle in obstacles(names):
        path = ask(without(draws.part(np.flatnonzero(blocked)), obstacle.paths, names), names, [target], months)
        share = found["obstacles"][obstacle.kind][obstacle.name]["sufficient"]["share"]
        assert share == pytest.approx(path[:, 0].mean(), abs=1.1 / blocked.sum()), obstacle.name


def test_what_is_better_already_stays() -> None:
    scenario = load("baseline", ("work_gap=-1", "agent_price=0"))
    draws = draw(scenario, 0, 4)
    free = without(draws, [("work_gap",), ("agent_price",), ("adoption",)], scenario.taxonomy)
    assert column(free, ("work_gap",), scenario.taxonomy).tolist() == [-1.0] * 4
    assert column(free, ("agent_price",), scenario.taxonomy).tolist() == [0.0] * 4
    assert column(free, ("adoption",), scenario.taxonomy).tolist() == [1.0] * 4


def parts_of(*said: str, draws: int = 32) -> tuple[Parts, Floats]:
    scenario = load("extremely_optimistic", said)
    some, names, steps = draw(scenario, 0, draws), scenario.taxonomy, [0, 36, 84]
    asked = [Question("progress_multiplier", (), step) for step in steps]
    months = len(dates_of(scenario))
    return decompose(some, names, steps, months), np.log2(ask(some, names, asked, months))


def test_terms_add_up_to_the_progress_multiplier_in_every_draw() -> None:
    parts, whole = parts_of()
    assert parts.whole == pytest.approx(whole, abs=1e-12)
    assert parts.labour + parts.compute + parts.feedback == pytest.approx(whole, abs=1e-12)
    for terms in parts:
        assert np.abs(terms).max() > 0.01


def test_a_term_is_zero_where_its_mechanism_is_off() -> None:
    assert not parts_of("structure.feedback=false")[0].feedback.any()
    assert not parts_of("agent_compute=0")[0].agents.any()
    assert np.abs(parts_of("labour_share=1")[0].experiments).max() < 1e-6
    for terms in parts_of("adoption=0")[0]:
        assert np.abs(terms).max() < 1e-6


def test_terms_by_hand(two_tasks: str) -> None:
    """S_L = 1 / .775, Cobb-Douglas with labour's share .5, returns .6: log2 M = .6 · .5 · log2 S_L."""
    scenario = load(two_tasks, ("input_substitution=1",))
    parts = decompose(draw(scenario, 0, 1), scenario.taxonomy, [6], len(dates_of(scenario)))
    log2 = -np.log2(0.775)
    assert [float(terms[0, 0]) for terms in parts] == pytest.approx([0.6 * log2, -0.3 * log2, 0.0, 0.0], abs=1e-5)


def test_the_same_seed_gives_the_same_bits_on_any_number_of_cores() -> None:
    study = Study(load("interviews"), "progress_multiplier>=1.5", draws=600, seed=5)
    found = study.run(cores=1)
    assert found == study.run(cores=2)
    assert found["blocked"]["of"] == 600
    assert found["obstacles"][LIMITS]["experiments"]["sufficient"]["count"] > 0


def test_shares_are_milestones_too() -> None:
    found = blockers("pessimistic", "pass_rate.sparse_attention>=0.5", draws=32, at="2026-08-27")
    alone = {name: numbers["sufficient"]["count"] for name, numbers in found["obstacles"]["bottlenecks"].items()}
    assert max(alone.values()) > 0
    assert found["obstacles"][LIMITS]["work_gap"]["sufficient"]["count"] == 0
    assert found["milestone"]["is_share"]


def test_default_date_is_five_years_on_or_the_end(two_tasks: str) -> None:
    assert Study(load("baseline")).target.text == "labour_speedup>=2@2029-08-27"
    assert Study(load(two_tasks)).target.text == "labour_speedup>=2@2025-08-27"
    assert Study(load("baseline"), "progress_multiplier >= 2 @ 2030-03").target.text == (
        "progress_multiplier>=2@2030-03-27"
    )


def test_python_gives_what_the_command_writes_of_a_posterior_too(small_world: Path) -> None:
    file = posterior_of(small_world / "draws.csv", 0.9)
    said = f"blockers base.yaml --posterior {file.name} --draws 32 --json --no-plots --seed 3"
    result = CliRunner().invoke(cli, said.split())
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found == autosim.blockers(autosim.load("base.yaml", posterior=file.name), draws=32, seed=3)
    assert found["posterior"][0]["learnt"] == ["horizon", "work_gap"]
    assert found["value"] != autosim.blockers("base.yaml", draws=32, seed=3)["value"]


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["blockers", "baseline", *arguments], standalone_mode=False)
    assert isinstance(result.exception, InputError), result.exception
    return str(result.exception)


def test_what_cannot_be_used_is_refused() -> None:
    assert refused("--milestone", "labour_speedup@2029-08") == (
        "--milestone labour_speedup@2029-08: got no level, expected one to reach, such as labour_speedup>=2"
    )
    assert "got a second date beside that of labour_speedup>=2@2029-08, expected one of the two" in refused(
        "--milestone", "labour_speedup>=2@2029-08", "--at", "2030-08"
    )
    assert "--at 2050-01: got 2050-01-27, expected a date of the monthly grid" in refused("--at", "2050-01")
    assert "did you mean 'labour_speedup'" in refused("--milestone", "labour_speedip>=2")
    assert "expected an output that is known month by month" in refused("--milestone", "labour_ceiling>=2")
    assert refused("--milestone", "p50_horizon_min>=480").startswith(
        "--milestone p50_horizon_min>=480: got p50_horizon_min, which is what AI can do, expected what comes of it"
    )
    assert "expected a number" in refused("--milestone", "labour_speedup>=lots")


def test_the_command_prints_an_answer_and_writes_what_it_found(small_world: Path) -> None:
    result = CliRunner().invoke(cli, ["blockers", "base.yaml", "--draws", "64", "--at", "2028-08"])
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "labour speedup S_L of 2 is not reached by Aug 2028" in said
    assert "What M is made of in Aug 2028: terms of log2 M" in said
    folder = small_world / "runs" / "base-blockers"
    content = json.loads((folder / "blockers.json").read_text())
    assert content["milestone"]["text"] == "labour_speedup>=2@2028-08-27"
    assert set(content["obstacles"]["tasks"]) == {"planning", "analysis", "debugging"}
    for name in ("stands_in_the_way", "what_m_is_made_of"):
        assert (folder / "figures" / f"{name}.png").stat().st_size > 10_000


def test_json_is_what_is_written(small_world: Path) -> None:
    arguments = ["blockers", "base.yaml", "--draws", "16", "--no-plots", "--json", "--out", "here"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == json.loads((small_world / "here" / "blockers.json").read_text())
    assert not (small_world / "here" / "figures").exists()
