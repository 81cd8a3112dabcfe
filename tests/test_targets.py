"""Targets: what they ask, in words and of draws, and what is refused in one line."""

import numpy as np
import pytest
from conftest import Write

import autosim
from autosim.analysis.targets import FIVE_YEARS, dates_of, default_target, parse_target
from autosim.draws import draw
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.simulation.asked import ask
from autosim.simulation.run import Simulation

DRAWS = 96

SAME = {
    "labour_speedup@2029-08-27": "labour speedup S_L, Aug 2029",
    "project_speedup@2030-01": "speedup of one project's calendar S_P, Jan 2030",
    "progress_multiplier@2029-08": "R&D progress multiplier M, Aug 2029",
    "p80_horizon_min@2026-03": "80 % time horizon on the anchor suite, Mar 2026",
    "pass_rate.sparse_attention@2026-08-27": "pass rate, sparse attention, Aug 2026",
    "all_of_5.metr_hcast@2027-02": "instances solved by all of 5 attempts, METR HCAST, Feb 2027",
    "role_labour_speedup.manager@2029-08": "labour speedup of a role, manager, Aug 2029",
    "cost.debugging@2030-02-27": "human time per unit of a task tau, debugging, Feb 2030",
    "task_delegated_share.debugging@2029-08": "hours of a task delegated to AI, debugging, Aug 2029",
    "mode_share.debugging.trusted@2029-08": "hours of a task by mode, debugging, trusted, Aug 2029",
    "binding.debugging.novelty@2029-08": (
        "share of a task's failures that a bottleneck bears, debugging, novelty, Aug 2029"
    ),
    "horizon_log2_min.novelty@2031-05-27": "benchmark time horizon of a bottleneck, novelty, May 2031",
    "labour_ceiling": "labour speedup at perfect AI, full adoption and free compute",
    "solved_time_saved_share.common.metr_hcast": "hours saved if an evaluation were solved, common, METR HCAST",
    "advance_doublings.specific.swaa": "advance at the reference date that solves an evaluation, specific, SWAA",
    "labour_speedup>=2": "date of labour speedup S_L of 2",
    "pass_rate.re_bench>=0.9": "date of pass rate, RE-Bench of 90 %",
    "time_saved_share>=0.5@2029-08-27": "hours saved of 50 % by Aug 2029",
}
"""Targets and their words; all of them are asked for below."""


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return autosim.simulate("baseline", DRAWS)


@pytest.mark.parametrize("text", SAME)
def test_an_answer_is_that_of_the_whole_simulation(simulation: Simulation, text: str) -> None:
    scenario = simulation.scenario
    target = parse_target(text, scenario)
    assert target.label == SAME[text]
    found = ask(draw(scenario, 0, DRAWS), scenario.taxonomy, [target], len(simulation.dates))[:, 0]
    want = target.answer(simulation.outputs)
    assert np.array_equal(np.isnan(found), np.isnan(want))
    kept = np.isfinite(want)
    assert kept.any()
    near = np.isclose(found[kept], want[kept], rtol=3e-4, atol=1e-5)
    rounds = target.is_event or target.is_date  # to months: rarely a month earlier or later
    assert near.all() or (rounds and near.mean() > 0.97)


def test_several_questions_at_once_are_answered_as_each_alone(simulation: Simulation) -> None:
    scenario, months = simulation.scenario, len(simulation.dates)
    targets = [
        parse_target(text, scenario) for text in ("labour_speedup>=2", "pass_rate.swaa@2025-02", "labour_ceiling")
    ]
    draws = draw(scenario, 0, DRAWS)
    together = ask(draws, scenario.taxonomy, targets, months, cores=1)
    for position, target in enumerate(targets):
        alone = ask(draws, scenario.taxonomy, [target], months, cores=2)[:, 0]
        np.testing.assert_allclose(together[:, position], alone, rtol=1e-4)
    assert np.array_equal(together, ask(draws, scenario.taxonomy, targets, months, cores=2))


def test_a_milestone_is_counted_in_years_and_its_event_by_its_date(simulation: Simulation) -> None:
    scenario, months = simulation.scenario, len(simulation.dates)
    texts = ("labour_speedup>=2", "labour_speedup>=2@2029-08", "labour_speedup@2029-08")
    dates, events, speedups = ask(
        draw(scenario, 0, DRAWS), scenario.taxonomy, [parse_target(text, scenario) for text in texts], months
    ).T
    assert 0 < events.sum() < DRAWS
    assert np.array_equal(events == 1.0, dates <= FIVE_YEARS / 12)
    assert (speedups[events == 0.0] < 2.0).all()
    assert dates.max() <= months / 12
    assert (dates == months / 12).sum() == (simulation.outputs["labour_speedup"].max(axis=1) < 2.0).sum()


def test_the_usual_target_is_five_years_on_or_at_the_end(write: Write) -> None:
    assert default_target(autosim.load("baseline")) == "labour_speedup@2029-08-27"
    short = load(write("name: Short\nextends: base\nend: 2025-01-01\n"))
    assert default_target(short) == f"labour_speedup@{dates_of(short)[-1]}" == "labour_speedup@2024-12-27"


def test_answers_are_said_in_their_unit() -> None:
    scenario = autosim.load("baseline")

    def said(text: str, value: float) -> str:
        return parse_target(text, scenario).said(value)

    assert said("labour_speedup@2029-08", 2.345) == "2.35"
    assert said("time_saved_share@2029-08", 0.31) == said("labour_speedup>=2@2029-08", 0.31) == "31 %"
    assert said("p50_horizon_min@2029-08", 300.0) == "5.0 h"
    assert said("labour_speedup>=2", 5.0) == "Aug 2029"
    assert said("labour_speedup>=2", 137 / 12) == "after Dec 2035"
    assert parse_target("labour_speedup>=2", scenario).said_between(-1.25) == "−1.2 years"
    assert parse_target("pass_rate.swaa@2029-08", scenario).said_between(0.12) == "+12 points"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "labour_spedup@2029-08",
            "the unknown output 'labour_spedup', expected an output; did you mean 'labour_speedup'?",
        ),
        ("hours_saved@2029-08", "the unknown output 'hours_saved', expected an output; did you mean 'time_saved_share"),
        ("labour_speedup@2029-08-01", "2029-08-01, expected a date of the monthly grid; the nearest is 2029-07-27"),
        ("labour_speedup@2099-01", "2099-01-27, expected a date of the monthly grid; the nearest is 2035-12-27"),
        ("labour_speedup@soon", "'soon', expected a date such as 2024-09-27, or 2024-09"),
        ("labour_speedup@", "'', expected a date such as 2024-09-27, or 2024-09"),
        ("labour_speedup", "no date, expected one, such as labour_speedup@2029-08-27"),
        ("labour_ceiling@2029-08", "the date 2029-08, expected no date: labour_ceiling does not change with time"),
        (
            "labour_ceiling>=2",
            "labour_ceiling, expected an output that is known month by month, such as labour_speedup",
        ),
        (
            "mode_share.debugging.trusted@2029-09",
            "2029-09-27, expected a whole year after the reference date; the nearest is 2029-08-27",
        ),
        (
            "pass_rate@2029-08",
            "pass_rate, with 0 of 1 labels, expected an evaluation, as in pass_rate.sparse_attention",
        ),
        (
            "pass_rate.sparse_atention@2029-08",
            "the unknown evaluation 'sparse_atention', expected an evaluation; did you mean 'sparse_attention'?",
        ),
        ("labour_speedup.manager@2029-08", "labour_speedup.manager, with labels, expected none, as in labour_speedup"),
        ("labour_speedup>=x", "'x', expected a number"),
        ("labour_speedup>=nan", "'nan', expected a number"),
        ("labour_speedup>2", "'labour_speedup>2', expected NAME, NAME@DATE, NAME>=LEVEL or NAME>=LEVEL@DATE, such as"),
        ("", "'', expected NAME, NAME@DATE"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(text: str, told: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_target(text, autosim.load("baseline"))
    assert str(refused.value).startswith(f"--target {text}: got {told}".replace("--target :", "--target:"))
    assert "\n" not in str(refused.value)
