"""Milestones that users name: counted, told everywhere, and refused in one line where they cannot be."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawn import collisions, outside, words
from matplotlib.figure import Figure
from test_cli import Caller, called  # noqa: F401 - a fixture

import autosim
import autosim.simulation.run as run_module
from autosim.analysis.summary import Json, summarise
from autosim.analysis.thresholds import thresholds
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.outputs import OUTPUTS
from autosim.plots.comparison import compared_milestones
from autosim.plots.milestones import milestones as milestones_figure
from autosim.plots.speedups import speedups
from autosim.plots.style import house_style
from autosim.simulation.asked import CONSTANT, YEARLY
from autosim.simulation.counts import THRESHOLDS
from autosim.simulation.run import CHUNK, Simulation, simulate
from autosim.words import milestone_label

END = "end=2027-08-27"
OWN = {
    "progress_multiplier>=3": "progress multiplier M of 3",
    "pass_rate.sparse_attention>=0.5": "sparse attention: pass rate of 50 %",
    "role_labour_speedup.manager>=1.1": "manager: labour speedup of 1.1",
    "horizon_log2_min.novelty>=7.25": "novelty: horizon of 7.25 log2 min",
    "cost.debugging>=0.9": "debugging: human time of 90 %",
    "software_log2>=1": "software ahead by 1 doublings",
    "p50_horizon_min>=480": "50 % horizon of 480 min",
    "labour_speedup>=1.05": "labour speedup S_L of 1.05",
    "time_saved_share>=0.055": "5.5 % of work-hours saved",
}
STANDARD = [threshold.name for threshold in THRESHOLDS]


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return autosim.simulate("interviews", 80, 3, [END], milestones=list(OWN))


@pytest.fixture(scope="module")
def summary(simulation: Simulation) -> Json:
    return summarise(simulation)


@pytest.mark.parametrize("text", OWN)
def test_it_is_counted_from_the_draws(simulation: Simulation, summary: Json, text: str) -> None:
    """By hand, from the output itself."""
    name, _, level = text.partition(">=")
    head, *labels = name.split(".")
    values = simulation.outputs[OUTPUTS[head].array]
    names = simulation.taxonomy
    for label in labels:
        axis = next(axis for axis in (names.evaluations, names.roles, names.bottlenecks, names.tasks) if label in axis)
        values = values[:, :, axis.index(label)]
    ever = (values >= np.float32(level)).any(axis=1)
    found = summary["milestones"][text]
    assert found["probability"] == ever.mean()
    ceilings = {"labour_speedup": "labour_ceiling", "time_saved_share": "time_saved_ceiling"}
    if name in ceilings:
        below = simulation.outputs[ceilings[name]] < np.float32(level)
        assert found["unreachable"] == (~ever & below).mean()
    else:
        assert found["unreachable"] is None
    by_half = np.flatnonzero((values >= np.float32(level)).cumsum(axis=1).astype(bool).mean(axis=0) >= 0.5)
    assert found["q50"] == (str(simulation.dates[by_half[0]]) if by_half.size else None)


def test_out_of_reach_is_known_of_a_level_that_is_not_standard() -> None:
    summary = summarise(autosim.simulate("pessimistic", 64, set=[END], milestones=["labour_speedup>=1000"]))
    assert summary["milestones"]["labour_speedup>=1000"]["unreachable"] == 1.0


def test_own_ones_stand_after_the_standard_ones_and_none_twice() -> None:
    scenario = load("baseline")
    said = ["progress_multiplier >= 3", "labour_speedup>=2.0", "progress_multiplier>=3.00", "labour_speedup>=2.000001"]
    found = [threshold.name for threshold in thresholds(said, scenario)]
    assert found == [*STANDARD, "progress_multiplier>=3", "labour_speedup>=2.000001"]


@pytest.mark.parametrize("text", OWN)
def test_it_is_said_in_words(text: str) -> None:
    assert milestone_label(text) == OWN[text]


def test_every_monthly_output_has_words() -> None:
    for output in OUTPUTS.values():
        if output.array not in (*CONSTANT, *YEARLY):
            assert (
                "0.5" in milestone_label(f"{output.name}>=0.5")
                or "50 %" in milestone_label(f"{output.name}>=0.5")
                or (milestone_label(f"{output.name}>=0.5") == "half of work-hours saved")
            )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("labour_speedup>=2@2029-08", "got labour_speedup>=2@2029-08, expected NAME>=LEVEL without a date, such as "),
        ("labour_speedup", "got no date, expected one, such as labour_speedup@2029-08-27"),
        ("labour_ceiling", "got labour_ceiling, expected NAME>=LEVEL without a date"),
        ("labour_ceiling>=2", "got labour_ceiling, expected an output that is known month by month"),
        ("labour_speedup>=much", "got 'much', expected a number"),
        ("labour_speedup>=1e39", "got '1e39', expected a number"),
        (
            "labor_speedup>=2",
            "got the unknown output 'labor_speedup', expected an output; did you mean 'labour_speedup'?",
        ),
        ("pass_rate.sparse>=0.5", "got the unknown evaluation 'sparse', expected an evaluation"),
        ("labour_speedup<=2", "expected NAME, NAME@DATE, NAME>=LEVEL or NAME>=LEVEL@DATE"),
        ("", "expected NAME, NAME@DATE, NAME>=LEVEL or NAME>=LEVEL@DATE"),
    ],
)
def test_what_cannot_be_counted_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        thresholds([text], load("baseline"))
    said = str(refused.value)
    assert said.startswith(f"--milestone {text}".rstrip())
    assert words in said
    assert "\n" not in said


def test_beyond_the_kept_draws_it_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    draws, scenario = 7 * CHUNK + 5, load("interviews", [END])
    own = thresholds(list(OWN), scenario)
    whole = summarise(simulate(scenario, draws, 7, thresholds=own))["milestones"]
    monkeypatch.setattr(run_module, "MOST_FULL_DRAWS", 2 * CHUNK)
    monkeypatch.setattr(run_module, "BLOCK", 2 * CHUNK)
    streamed = simulate(scenario, draws, 7, cores=1, thresholds=own)
    assert len(streamed.trajectory) == 2 * CHUNK
    assert summarise(streamed)["milestones"] == whole


def test_a_run_prints_writes_and_draws_it(called: Caller) -> None:  # noqa: F811
    own = ["--milestone", "progress_multiplier>=3", "--milestone", "pass_rate.sparse_attention>=.5"]
    result = called("run", "optimistic", "--draws", "24", *own, "--out", "r")
    assert (result.code, result.err) == (0, "")
    assert "\nprogress multiplier M of 3 " in result.out
    assert "\nsparse attention: pass rate of 50 % " in result.out
    found = json.loads(Path("r/summary.json").read_text())["milestones"]
    assert list(found) == [*STANDARD, "progress_multiplier>=3", "pass_rate.sparse_attention>=0.5"]
    assert Path("r/figures/milestones.svg").is_file()


def test_a_comparison_has_it_for_every_scenario(called: Caller) -> None:  # noqa: F811
    words = "--draws", "16", "--set", END, "--milestone", "progress_multiplier>=1.01", "--no-plots", "--json"
    result = called("compare", "optimistic", "pessimistic", *words)
    assert (result.code, result.err) == (0, "")
    assert all("progress_multiplier>=1.01" in one["milestones"] for one in json.loads(result.out).values())
    said = called("compare", "optimistic", "--draws", "16", "--milestone", "progress_multiplier>=1.01", "--no-plots")
    assert "\nprogress multiplier M of 1.01 " in said.out


def test_a_refusal_comes_before_the_work(called: Caller) -> None:  # noqa: F811
    for command in ("run", "compare"):
        result = called(command, "optimistic", "--milestone", "progress_multiplyer>=3")
        assert result.code == 1
        assert result.err.count("\n") == 1
        assert "did you mean 'progress_multiplier'?" in result.err
        assert not Path("runs").exists()


def test_in_python() -> None:
    dataset = autosim.run("optimistic", 16, set=[END], milestones=["progress_multiplier>=1.01"])
    assert list(json.loads(dataset.attrs["milestones"])) == [*STANDARD, "progress_multiplier>=1.01"]
    found = autosim.compare(["optimistic"], 16, set=[END], milestones=["progress_multiplier>=1.01"])
    assert "progress_multiplier>=1.01" in found["optimistic"]["milestones"]
    with pytest.raises(TypeError, match="milestones: got 'progress_multiplier>=3', expected a list"):
        autosim.simulate("optimistic", 16, milestones="progress_multiplier>=3")
    with pytest.raises(InputError, match="milestones x>=3: got the unknown output"):
        autosim.simulate("optimistic", 16, milestones=["x>=3"])


@pytest.mark.parametrize(
    "draw",
    [milestones_figure, speedups, lambda _, summary: compared_milestones([summary, summary])],
    ids=["milestones", "speedups", "compared"],
)
def test_figures_have_it_and_stay_clear(
    simulation: Simulation, summary: Json, draw: Callable[[Simulation, Json], Figure]
) -> None:
    with house_style():
        figure = draw(simulation, summary)
        found = words(figure)
        assert not collisions(found)
        assert not outside(figure, found)
        if draw is not speedups:
            assert {label[:1].upper() + label[1:] for label in OWN.values()} <= {word.text.strip() for word in found}
