"""What evaluations would tell: the command, its figures, and answers that are known."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import Write
from drawn import refuse_clutter

import autosim
from autosim.analysis.instruments import instruments, questions
from autosim.analysis.summary import Json
from autosim.cli import cli
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.inputs.varying import read_variations
from autosim.plots.implied import implied_rates
from autosim.plots.instruments import informativeness
from autosim.plots.remaining import still_missing
from autosim.plots.solved import evaluations_solved
from autosim.plots.style import house_style
from autosim.plots.varied import what_variations_change
from autosim.simulation.missing import missing
from autosim.simulation.run import simulate
from autosim.words import humanised

DRAWS = 240
MILESTONE = "labour_speedup>=2"


@pytest.fixture(scope="module", params=["optimistic", "interviews"])
def content(request: pytest.FixtureRequest) -> Json:
    return autosim.evaluations(request.param, draws=DRAWS, solve_for=[MILESTONE])


def test_every_evaluation_and_variation_is_answered_whole(content: Json) -> None:
    shipped = set(load(content["scenario"]).taxonomy.evaluations)
    assert shipped < set(content["evaluations"])
    varied = {name for name, entry in content["evaluations"].items() if entry["variation_of"]}
    assert varied == set(content["evaluations"]) - shipped
    for entry in content["evaluations"].values():
        assert {"pass_rate", "date_solved", "if_solved", "if_solved_specific", "observed", "informative"} <= set(entry)
        assert set(entry["implies"]) == {MILESTONE}
        assert (entry["against_base"] is None) == (entry["variation_of"] is None)


def test_hours_are_saved_taken_by_attention_or_blocked(content: Json) -> None:
    for entry in content["evaluations"].values():
        for way in ("if_solved", "if_solved_specific"):
            missing = entry[way]["still_missing"]
            whole = missing["saved"] + missing["attention"] + sum(missing["blocked"].values())
            assert whole == pytest.approx(1.0, abs=1e-5)
            assert missing["leading"] == max(missing["blocked"], key=missing["blocked"].get)
            assert missing["saved"] == pytest.approx(entry[way]["time_saved_share"]["mean"], abs=2e-4)


def test_the_gap_is_that_of_hours_saved(content: Json) -> None:
    entry = content["evaluations"]["swe_bench_verified"]
    assert entry["if_solved_specific"]["unsolvable"] == 0.0
    ways = (entry[way]["time_saved_share"]["mean"] for way in ("if_solved", "if_solved_specific"))
    common, specific = ways
    assert entry["validity_gap"]["estimate"] == pytest.approx(common - specific, abs=2e-4)
    assert entry["validity_gap"]["low"] < entry["validity_gap"]["estimate"] < entry["validity_gap"]["high"]


def test_what_is_solved_by_a_hard_evaluation_implies_more(content: Json) -> None:
    said = content["evaluations"]
    assert said["swaa"]["implies"][MILESTONE]["50%"]["pass_rate"] is None
    curve = said["sparse_attention"]["implies"][MILESTONE]["curve"]
    assert np.all(np.diff(curve["probability"]) >= 0.0)
    assert np.all(np.diff(curve["reached"]) <= 0.0)


@pytest.mark.parametrize("draw", [evaluations_solved, still_missing, informativeness, what_variations_change])
def test_figures_are_clear(content: Json, draw: Any) -> None:
    with house_style():
        refuse_clutter(draw(content))


def test_the_figure_of_implied_rates_is_clear(content: Json) -> None:
    with house_style():
        refuse_clutter(implied_rates(content, MILESTONE))


def test_an_evaluation_that_is_the_work_leaves_nothing_untold(write: Write) -> None:
    """One bottleneck bears on all: specific and common advances are one, and its bottleneck is what is missing."""
    only = "{reliability: 1.0, novelty: 0.0}"
    severity = f"severity: {{planning: {only}, analysis: {only}, debugging: {only}}}"
    evaluations = f"evaluations: {{suite: {{severity: {only}}}, cuda: {{severity: {only}}}}}"
    name = write(f"name: One\nextends: base\n{evaluations}\npriors: {{{severity}}}\n")
    found = autosim.evaluations(name, draws=DRAWS, variations=False)["evaluations"]
    for entry in found.values():
        assert entry["validity_gap"]["estimate"] == pytest.approx(0.0, abs=1e-9)
        assert entry["if_solved"]["still_missing"]["blocked"]["novelty"] == pytest.approx(0.0, abs=1e-9)
        assert entry["if_solved"]["still_missing"]["leading"] == "reliability"


def test_the_same_seed_gives_the_same_answers() -> None:
    one, other = (autosim.evaluations("pessimistic", draws=DRAWS, seed=3, variations=False) for _ in range(2))
    assert one == other


def called(*arguments: str) -> Any:
    result = CliRunner().invoke(cli, ["evaluations", *arguments])
    assert result.exit_code == 0, result.output
    return result


def test_json_of_one_scenario_is_by_evaluation_and_of_several_by_scenario(small_world: Path) -> None:
    options = ("--draws", "32", "--no-plots", "--no-variations", "--json")
    one = json.loads(called("base.yaml", *options).stdout)
    assert set(one) == {"suite", "cuda"}
    (small_world / "other.yaml").write_text("name: Other\nextends: base\n")
    several = json.loads(called("base.yaml", "other.yaml", *options).stdout)
    assert set(several) == {"base.yaml", "other.yaml"}
    assert several["base.yaml"] == one


def test_a_users_variations_are_added(small_world: Path) -> None:
    (small_world / "more.yaml").write_text("evaluations: {cuda_in_steps: {variation_of: cuda, stages: 4}}\n")
    options = ("--draws", "32", "--no-plots", "--variations", "more.yaml", "--json")
    found = json.loads(called("base.yaml", *options).stdout)
    assert found["cuda_in_steps"]["variation_of"] == "cuda"
    assert found["cuda_in_steps"]["grading"]["stages"] == 4
    assert found["cuda_in_steps"]["pass_rate"]["q50"][0] > found["cuda"]["pass_rate"]["q50"][0]
    assert found["cuda_in_steps"]["against_base"]["observed"]["estimate"] > 0.0


def test_the_command_prints_and_writes(small_world: Path) -> None:
    result = called("base.yaml", "--draws", "256", "--solve-for", "labour_speedup>=1.2", "--at", "2025-08")
    said = " ".join(result.stdout.split())
    for title in (
        "What it would tell",
        "What would still be missing",
        "Pass rates that imply labour speedup S_L of 1.2",
    ):
        assert title in said
    folder = small_world / "runs" / "base-evaluations"
    assert json.loads((folder / "evaluations.json").read_text())["base.yaml"]["at"] == "2025-08-27"
    assert {"evaluations_solved.png", "still_missing.png", "informativeness.png", "implied.png"} <= {
        path.name for path in (folder / "figures").iterdir()
    }


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--at", "2026-08-01"), "--at 2026-08-01: got 2026-08-01, expected a date of the monthly grid"),
        (("--target", "hours@2026-08"), "--target hours@2026-08: got the unknown output 'hours'"),
        (("--solve-for", "labour_speedup@2026-08"), "expected NAME>=LEVEL without a date"),
        (("--solve-for", "labor_speedup>=2"), "did you mean 'labour_speedup'?"),
        (("--variations", "none.yaml"), "none.yaml: "),
    ],
)
def test_what_cannot_be_asked_is_refused(small_world: Path, options: tuple[str, ...], told: str) -> None:
    result = CliRunner().invoke(cli, ["evaluations", str(small_world / "base.yaml"), *options], standalone_mode=False)
    assert isinstance(result.exception, InputError)
    assert told in str(result.exception)


def test_the_gap_is_told_as_a_share_of_hours_saved_too(content: Json) -> None:
    entry = content["evaluations"]["swe_bench_verified"]
    common = entry["if_solved"]["time_saved_share"]["mean"]
    assert entry["validity_gap"]["of_common"] == pytest.approx(entry["validity_gap"]["estimate"] / common, abs=2e-3)
    figure = what_variations_change(content)
    told = " ".join(figure.texts[-1].get_text().split())
    assert "as a share of hours saved, too" in told
    drawn = figure.axes[1]
    first = next(iter(name for name, one in content["evaluations"].items() if one["variation_of"]))
    base = content["evaluations"][content["evaluations"][first]["variation_of"]]["validity_gap"]
    marks = [float(np.asarray(line.get_xdata())[0]) for line in drawn.lines if line.get_marker() in ("o", "D")]
    assert marks[:2] == pytest.approx([base["estimate"], base["of_common"]])


def test_an_empty_target_is_refused() -> None:
    with pytest.raises(InputError, match="--target"):
        autosim.evaluations("baseline", draws=2, target="")


def test_what_a_variation_changes_is_told_in_draws_in_which_both_can_be_solved() -> None:
    scenario = load("optimistic", variations=read_variations(None))
    simulation, names = simulate(scenario, DRAWS, 0), scenario.taxonomy
    found = instruments(simulation, questions(scenario))["evaluations"]
    common, specific = np.moveaxis(missing(simulation.parameters(), names).saved[:, :2], 1, 0)
    apart = 0
    for name, base in names.variations.items():
        places = [names.evaluations.index(one) for one in (name, base)]
        both = np.isfinite(common[:, places] - specific[:, places]).all(axis=1)
        gap, whole = ((common - specific)[both][:, places].mean(axis=0), common[both][:, places].mean(axis=0))
        told = found[name]["against_base"]["validity_gap"]
        assert told["estimate"] == pytest.approx(gap[0] - gap[1], abs=1e-6)
        assert told["of_common"] == pytest.approx(gap[0] / whole[0] - gap[1] / whole[1], abs=1e-6)
        alone = found[name]["validity_gap"]["of_common"] - found[base]["validity_gap"]["of_common"]
        apart += abs(alone - told["of_common"]) > 1e-3
    assert apart > 0


def test_dots_of_variations_stand_off_what_they_vary_by_that_change(content: Json) -> None:
    figure, entries = what_variations_change(content), content["evaluations"]
    rows = [(name, entry) for name, entry in entries.items() if entry["variation_of"]]
    best = min(rows, key=lambda row: row[1]["against_base"]["validity_gap"]["estimate"])[0]
    assert f"{humanised(best, long=True)} narrows the gap most" in " ".join(figure.texts[-1].get_text().split())
    for marker, key in (("o", "estimate"), ("D", "of_common")):
        lines = [line for line in figure.axes[1].lines if line.get_marker() == marker]
        seen = sorted(float(np.asarray(line.get_xdata())[0]) for line in lines)
        gaps = {name: entry["validity_gap"][key] for name, entry in entries.items()}
        changed = [gaps[entry["variation_of"]] + entry["against_base"]["validity_gap"][key] for _, entry in rows]
        assert seen == pytest.approx(sorted([*changed, *(gaps[name] for name in {e["variation_of"] for _, e in rows})]))


def test_what_narrows_the_gap_as_a_share_too_is_counted_by_the_change(content: Json) -> None:
    changed = copy.deepcopy(content)
    told = [entry["against_base"]["validity_gap"] for entry in changed["evaluations"].values() if entry["variation_of"]]
    for place, gap in enumerate(told):
        gap |= {"estimate": -0.1, "low": -0.2, "high": -0.05, "of_common": -0.1 if place < 2 else 0.1}
    caption = " ".join(what_variations_change(changed).texts[-1].get_text().split())
    whole = len(told)
    assert f"{whole} of {whole} narrow it, 2 of these as a share of hours saved, too; the others only" in caption
