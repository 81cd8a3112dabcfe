"""Each outlook says what its holders said: the table of model §9, over draws, at August 2029."""

import numpy as np
import pytest

import autosim
from autosim.simulation.run import Simulation

DRAWS = 1000
AUGUST_2029 = 60
OUTLOOKS = ("pessimistic", "somewhat_optimistic", "optimistic", "extremely_optimistic")


@pytest.fixture(scope="module")
def simulated() -> dict[str, Simulation]:
    return {name: autosim.simulate(name, DRAWS) for name in (*OUTLOOKS, "interviews", "baseline")}


def median(simulation: Simulation, name: str) -> float:
    return float(np.median(simulation.outputs[name][:, AUGUST_2029]))


def delegated(simulation: Simulation, task: str) -> float:
    position = simulation.taxonomy.tasks.index(task)
    return float(np.median(simulation.outputs["task_delegated_share"][:, AUGUST_2029, position]))


def saved_if_solved(simulation: Simulation, evaluation: str, way: int) -> float:
    position = simulation.taxonomy.evaluations.index(evaluation)
    return float(np.nanmedian(simulation.outputs["solved_time_saved_share"][:, way, position]))


def test_pessimists_see_at_most_a_modest_improvement(simulated: dict[str, Simulation]) -> None:
    # P1: "at most, in my view, a 20 to 50% improvement, and that's pretty optimistic" (Owen 2024, §5.3)
    assert 1.0 <= median(simulated["pessimistic"], "labour_speedup") <= 1.5
    assert median(simulated["pessimistic"], "delegated_share") < 0.1


@pytest.mark.parametrize("evaluation", ["sparse_attention", "cuda_debugging"])
def test_pessimists_save_little_if_an_evaluation_were_solved(simulated: dict[str, Simulation], evaluation: str) -> None:
    # P8: "hours or days in a multi-month project" (Owen 2024, Table 4)
    assert saved_if_solved(simulated["pessimistic"], evaluation, 1) < 0.15


def test_somewhat_optimistic_see_few_tasks_fully_automated(simulated: dict[str, Simulation]) -> None:
    # "AI assistance will keep improving [...] but few tasks will be fully automated" (Owen 2024, Table 2)
    assert median(simulated["somewhat_optimistic"], "trusted_share") < 0.25


def test_somewhat_optimistic_save_most_hours_if_experiments_were_solved(simulated: dict[str, Simulation]) -> None:
    # P4: "60% of my time would be automated if there was a model that is doing that" (Owen 2024, Table 4)
    assert 0.5 <= saved_if_solved(simulated["somewhat_optimistic"], "sparse_attention", 0) <= 0.75


def test_extremely_optimistic_save_half_or_more(simulated: dict[str, Simulation]) -> None:
    # "this could automate half or more of their current work" (Owen 2024, §1)
    extreme = simulated["extremely_optimistic"]
    assert median(extreme, "time_saved_share") >= 0.5
    assert delegated(extreme, "prototype_engineering") > 0.85
    assert delegated(extreme, "debugging") > 0.85


def test_interviews_pool_the_three_outlooks_two_four_two(simulated: dict[str, Simulation]) -> None:
    pool = simulated["interviews"]
    assert np.bincount(pool.member).tolist() == [DRAWS // 4, DRAWS // 2, DRAWS // 4]
    for position, name in enumerate(("pessimistic", "somewhat_optimistic", "extremely_optimistic")):
        ours = pool.member == position
        assert np.array_equal(pool.outputs["labour_speedup"][ours], simulated[name].outputs["labour_speedup"][ours])


@pytest.mark.parametrize("name", [*OUTLOOKS, "interviews"])
def test_implementation_comes_before_ideas_and_analysis(simulated: dict[str, Simulation], name: str) -> None:
    # unanimous (Owen 2024, §1 and §5.2)
    implementation = min(delegated(simulated[name], task) for task in ("prototype_engineering", "debugging"))
    ideas = max(delegated(simulated[name], task) for task in ("high_level_planning", "analyzing_results"))
    assert implementation > ideas


def test_speedups_are_ordered_across_the_outlooks(simulated: dict[str, Simulation]) -> None:
    speedups = [median(simulated[name], "labour_speedup") for name in OUTLOOKS]
    assert speedups == sorted(speedups)
    assert len(set(speedups)) == len(speedups)


def test_pessimists_share_the_capability_trend(simulated: dict[str, Simulation]) -> None:
    # "compatible with having similar predictions for AI capabilities" (Owen 2024, §5.3): only the feedback differs
    ours, base = (
        simulated[name].outputs["horizon_log2_min"][:, AUGUST_2029, 0] for name in ("pessimistic", "baseline")
    )
    assert abs(np.median(ours) - np.median(base)) < 0.5


@pytest.mark.parametrize("name", [*OUTLOOKS, "interviews", "baseline"])
def test_every_scenario_is_a_distribution(simulated: dict[str, Simulation], name: str) -> None:
    low, high = np.quantile(simulated[name].outputs["labour_speedup"][:, AUGUST_2029], [0.05, 0.95])
    assert high > 1.02 * low
    scenario = autosim.load(name)
    members = [scenario] if isinstance(scenario, autosim.Scenario) else [member for _, member in scenario.members]
    for member in members:
        certain = [
            path
            for path, prior in member.priors.items()
            if prior.distribution.support()[0] == prior.distribution.support()[1]
        ]
        assert certain == []


@pytest.mark.parametrize("name", [*OUTLOOKS, "interviews"])
def test_each_outlook_says_in_its_file_what_it_stands_on(name: str) -> None:
    header = autosim.load(name).header
    assert "Owen 2024" in header.text.partition("name:")[0]
    assert "Owen 2024" in header.description
