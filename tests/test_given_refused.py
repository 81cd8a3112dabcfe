"""Conditions that cannot be read, and those that no draws have, or too few, are refused in one line."""

import pytest
from conditions import DISCRETE, P50, SURE, chosen, sure
from conftest import Write

import autosim
from autosim.analysis.conditioning import LEAST_EFFECTIVE
from autosim.analysis.given import parse_conditions
from autosim.errors import InputError
from autosim.inputs.loading import load


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("labor_speedup@2025-08=2", "got the unknown output 'labor_speedup', expected an output; did you mean"),
        ("pass_rate.cud@2025-08=0.5", "got the unknown evaluation 'cud', expected an evaluation; did you mean 'cuda'?"),
        ("p50_horizon_min@2025-08-28=60", "got 2025-08-28, expected a date of the monthly grid; the nearest is 2025"),
        ("p50_horizon_min@2050-08=60", "the nearest is 2029-12-27"),
        ("p50_horizon_min@soon=60", "got 'soon', expected a date such as"),
        ("p50_horizon_min=60", "got no date, expected one, such as p50_horizon_min@"),
        ("labour_ceiling@2025-08=60", "got the date 2025-08, expected no date"),
        ("p50_horizon_min@2025-08=sixty", "got 'sixty', expected a number"),
        ("p50_horizon_min@2025-08=nan", "got 'nan', expected a number"),
        ("p50_horizon_min@2025-08=0", "got 0, expected a value above 0, as the error is counted in doublings"),
        ("p50_horizon_min@2025-08=60+-0", "got an error of 0, expected one above 0"),
        ("p50_horizon_min@2025-08=60±-5", "got an error of -5, expected one above 0"),
        ("p50_horizon_min@2025-08=60+-x", "got 'x', expected a number"),
        ("p50_horizon_min@2025-08=60+-", "got '', expected a number"),
        ("p50_horizon_min@2025-08>=60+-5", "got an error of 5, expected none with >= or <="),
        ("pass_rate.cuda@2025-08=60", "got 60, expected a share between 0 and 1"),
        ("pass_rate.cuda@2025-08<=-0.1", "got -0.1, expected a share between 0 and 1"),
        ("time_saved_share@2025-08=30", "got 30, expected a share at most 1"),
        ("cost.debugging@2025-08>=-1", "got -1, expected a share at least 0"),
        ("p50_horizon_min@2025-08", "expected NAME@DATE=VALUE, NAME@DATE=VALUE+-SD, NAME@DATE>=VALUE or"),
        ("p50_horizon_min@2025-08>60", "expected NAME@DATE=VALUE"),
        ("p50_horizon_min@2025-08==60", "expected NAME@DATE=VALUE"),
        ("labour_speedup>=2@2025-08", "expected NAME@DATE=VALUE"),
        ("", "expected NAME@DATE=VALUE"),
    ],
)
def test_what_cannot_be_read_is_refused(write: Write, said: str, words: str) -> None:
    scenario = load(write("name: A\nextends: base\n"))
    with pytest.raises(InputError) as refused:
        parse_conditions([said], scenario)
    assert str(refused.value).startswith(f"--given {said}".rstrip())
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_observation_twice_is_refused(write: Write) -> None:
    scenario = load(write("name: A\nextends: base\n"))
    with pytest.raises(InputError, match=r"got p50_horizon_min@2025-08-27=60 twice, expected each observation once"):
        parse_conditions(["p50_horizon_min@2025-08=60", "p50_horizon_min@2025-08-27=60.0+-5"], scenario)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            [f"{P50}>=1e6"],
            ["got none of 4,000 draws that comes near, expected at least 100: no draw gets there, and more draws hard"],
        ),
        ([f"{P50}=1e6"], ["got none of 4,000 draws that comes near, expected at least 100: no draw gets there"]),
        ([f"{P50}<=350", f"{P50}>=352"], ["none has all of it", f"--given {P50}<=350, --given {P50}>=352: got none"]),
        ([f"{P50}<=1"], ["(draws have 87 min to 5.9 h, 90 % of them 87 min to 5.9 h)"]),
    ],
)
def test_what_no_draw_has_is_refused(write: Write, said: list[str], words: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        chosen(sure(write), *said)
    assert all(part in str(refused.value) for part in words), refused.value
    assert "\n" not in str(refused.value)


def test_too_few_draws_are_refused_with_the_number_that_would_do() -> None:
    scenario = load("baseline", ["end=2026-08-27"])
    said = "p50_horizon_min@2026-03=720"
    with pytest.raises(InputError) as refused:
        chosen(scenario, said, draws=400)
    text = str(refused.value)
    assert f"effective draws of 400, expected at least {LEAST_EFFECTIVE}: about --draws " in text
    wanted = int(text.partition("--draws ")[2].split()[0])
    assert chosen(scenario, said, draws=wanted).effective > LEAST_EFFECTIVE
    with pytest.raises(InputError, match=r"given p50.*about draws="):
        autosim.simulate(scenario, 400, given=[said])


def test_an_evaluation_that_no_advance_solves(write: Write) -> None:
    scenario = load(write(SURE.replace("HORIZON", DISCRETE).replace("median: 200", "median: 1e12"), "hard.yaml"))
    with pytest.raises(InputError, match=r"got none of 500 draws.*draws have no such value at all"):
        chosen(scenario, "advance_doublings.common.cuda<=3", draws=500)
    with pytest.raises(InputError, match="draws have no such value at all"):
        chosen(scenario, "advance_doublings.common.cuda=3", draws=500)
