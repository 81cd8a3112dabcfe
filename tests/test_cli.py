"""The commands as a user types them: output, files, exit codes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import xarray as xr

import autosim
from autosim.cli import COMMANDS, main

RUN = ["--draws", "64", "--seed", "3"]


class Result:
    """What a command printed and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def called(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> "Caller":
    monkeypatch.chdir(tmp_path)
    return Caller(capsys)


class Caller:
    """Calls a command in an empty folder."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: str) -> Result:
        code = 0
        try:
            main(list(words))
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        captured = self.capsys.readouterr()
        return Result(code, captured.out, captured.err)


def test_run_prints_assumption_table_milestones_and_caveat(called: Caller) -> None:
    result = called("run", "optimistic", *RUN, "--no-plots")
    assert result.code == 0
    assert result.err == ""
    for words in (
        "Optimistic: AI is useful where it is capable",
        "Aug 2029",
        "half of work-hours saved",
        "Hours, not value",
    ):
        assert words in result.out


RUN_FIGURES = [
    "evaluation_gap",
    "evaluations_solved",
    "hours_by_mode",
    "hours_by_mode_per_task",
    "milestones",
    "speedups",
    "structure",
    "what_binds",
]


def files_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def figures(names: list[str]) -> list[str]:
    return sorted(f"figures/{name}.{kind}" for name in names for kind in ("png", "svg"))


def test_run_writes_dataset_summary_and_figures(called: Caller) -> None:
    called("run", "optimistic", *RUN)
    folder = Path("runs/optimistic")
    assert files_of(folder) == [*figures(RUN_FIGURES), "run.nc", "summary.json"]
    assert [path.name for path in Path("runs").iterdir()] == ["optimistic"]
    with xr.open_dataset(folder / "run.nc", engine="h5netcdf") as dataset:
        assert dataset.sizes["draw"] == 64
        assert {"draw", "date", "year", "task", "bottleneck", "mode", "role", "evaluation"} <= set(dataset.dims)
        assert all(variable.attrs["units"] and variable.attrs["long_name"] for variable in dataset.data_vars.values())
        assert {"version", "seed", "scenario_text", "input_sha256"} <= set(dataset.attrs)
        xr.testing.assert_identical(dataset.load(), autosim.run("optimistic", draws=64, seed=3))


def test_summary_has_the_promised_shape(called: Caller) -> None:
    summary = json.loads(called("run", "interviews", *RUN, "--no-plots", "--json").out)
    assert summary == json.loads(Path("runs/interviews/summary.json").read_text())
    dates = len(summary["dates"])
    assert (summary["scenario"], summary["seed"], summary["draws"]) == ("interviews", 3, 64)
    assert summary["dates"][:2] == ["2024-08-27", "2024-09-27"]
    for name in ("labour_speedup", "agent_compute_share", "p80_horizon_min", "horizon_log2_min.novelty"):
        assert len(summary["series"][name]["q50"]) == dates
    assert isinstance(summary["series"]["labour_ceiling"]["q50"], float)
    assert len(summary["tasks"]["debugging"]["cost"]["q90"]) == dates
    assert len(summary["roles"]["manager"]["labour_speedup"]["mean"]) == dates
    milestone = summary["milestones"]["labour_speedup>=2"]
    assert set(milestone) == {"probability", "unreachable", "q10", "q50", "q90", "mcse"}
    evaluation = summary["evaluations"]["sparse_attention"]
    assert len(evaluation["all_of_5"]["q05"]) == dates
    assert set(evaluation["date_solved"]) == {"probability", "q10", "q50", "q90", "mcse"}
    assert (
        evaluation["if_solved"]["time_saved_share"]["q50"] > evaluation["if_solved_specific"]["time_saved_share"]["q50"]
    )
    assert not Path("runs/interviews/figures").exists()


def test_quiet_prints_nothing(called: Caller) -> None:
    result = called("run", "optimistic", *RUN, "--no-plots", "--quiet", "--out", "here")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert Path("here/summary.json").is_file()


def test_set_and_structure_change_the_result(called: Caller) -> None:
    pinned = ("--set", "adoption=0", "--structure", "trajectory=saturating", "--set", "structure.feedback=false")
    summary = json.loads(called("run", "optimistic", *RUN, "--no-plots", "--json", *pinned).out)
    assert set(summary["series"]["labour_speedup"]["q95"]) == {1.0}
    with xr.open_dataset("runs/optimistic/run.nc", engine="h5netcdf") as dataset:
        assert set(dataset["trajectory"].values.tolist()) == {"saturating"}
        assert json.loads(dataset.attrs["overrides"])[0] == "adoption=0"


def test_compare_puts_scenarios_side_by_side_on_common_numbers(called: Caller) -> None:
    result = called("compare", "pessimistic", "optimistic", *RUN)
    assert result.code == 0
    folder = Path("runs/comparison")
    assert files_of(folder) == ["comparison.json", *figures(["hours_by_mode", "milestones", "speedups"])]
    for words in ("Pessimistic", "Optimistic", "Labour speedup S_L", "Milestones", "Aug 2029"):
        assert words in result.out
    both = json.loads(called("compare", "pessimistic", "optimistic", *RUN, "--json", "--no-plots").out)
    assert both == json.loads((folder / "comparison.json").read_text())
    assert files_of(folder) == ["comparison.json"]
    alone = json.loads(called("run", "optimistic", *RUN, "--no-plots", "--json").out)
    assert both["optimistic"] == alone


def test_evaluations_prints_a_row_for_each(called: Caller) -> None:
    result = called("evaluations", "somewhat_optimistic", *RUN)
    assert result.code == 0
    for name in (*autosim.load("baseline").taxonomy.evaluations, "specific", "construct validity"):
        assert name in result.out


def test_priors_lists_every_number_with_its_source(called: Caller) -> None:
    result = called("priors", "pessimistic", "--json")
    listed = {row["parameter"]: row for row in json.loads(result.out)}
    assert listed["work_gap"]["q05"] == pytest.approx(4.5)
    assert listed["severity.debugging.novelty"]["distribution"] == "beta(a 5, b 5)"
    assert all(row["source"] and row["published"] and row["unit"] for row in listed.values())
    assert "horizon_elasticity" in called("priors", "interviews").out


def test_priors_are_drawn_on_demand(called: Caller) -> None:
    Path("points.yaml").write_text("name: Points\nextends: baseline\npriors: {horizon: 9}\n")
    listed = called("priors", "points.yaml", "--plot", "--json").out
    folder = Path("runs/points-priors")
    assert json.loads(listed) == json.loads((folder / "priors.json").read_text())
    assert {"figures/delegation.png", "figures/hours.svg", "figures/task_severity.png"} < set(files_of(folder))
    refused = called("priors", "points.yaml", "--out", "elsewhere")
    assert (refused.code, refused.err) == (2, "--out needs --plot; see 'autosim priors --help'\n")


def test_a_run_is_not_replaced_by_a_comparison(called: Caller) -> None:
    called("run", "pessimistic", *RUN, "--no-plots", "--out", "mine")
    result = called("compare", "pessimistic", *RUN, "--no-plots", "--out", "mine")
    assert result.code == 1
    assert "expected a new folder" in result.err


def test_validate_names_each_file_and_fails_if_one_is_wrong(called: Caller) -> None:
    Path("wrong.yaml").write_text("name: Wrong\nextends: baseline\npriors: {work_gab: 2}\n")
    assert called("validate", "optimistic", "interviews").code == 0
    result = called("validate", "optimistic", "wrong.yaml")
    assert result.code == 1
    assert result.out == "optimistic: valid\n"
    assert result.err == (
        "wrong.yaml: priors.work_gab: got the unknown key 'work_gab', expected a parameter; did you mean 'work_gap'?\n"
    )


@pytest.mark.parametrize("command", ["run", "compare", "priors", "evaluations"])
def test_bad_input_is_one_line_and_writes_nothing(called: Caller, command: str) -> None:
    Path("wrong.yaml").write_text("name: Wrong\nextends: baseline\npriors: {compute_wait: 1.5}\n")
    result = called(command, "wrong.yaml")
    assert result.code == 1
    assert result.out == ""
    assert result.err == "wrong.yaml: priors.compute_wait: got 1.5, expected a number in [0, 1]\n"
    assert not Path("runs").exists()


def test_debug_shows_the_traceback(called: Caller) -> None:
    result = called("run", "nowhere", "--debug")
    assert result.code == 1
    assert "Traceback" in result.err


def test_a_bug_is_one_line_too(called: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr("autosim.cli.run.load", broken)
    result = called("run", "optimistic")
    assert result.code == 1
    assert result.err == "this is a bug in autosim (ZeroDivisionError: division by zero); see --debug\n"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (MemoryError("Unable to allocate 728. TiB"), "there is not enough memory; take fewer --draws\n"),
        (OSError(28, "No space left"), "the output: cannot be read or written (No space left)\n"),
        (OSError(5, "Input/output error", "x.nc"), "x.nc: cannot be read or written (Input/output error)\n"),
    ],
)
def test_what_the_machine_refuses_is_no_bug(
    called: Caller, monkeypatch: pytest.MonkeyPatch, error: Exception, line: str
) -> None:
    def refused(*_: object) -> None:
        raise error

    monkeypatch.setattr("autosim.cli.priors.load", refused)
    result = called("priors", "optimistic")
    assert (result.code, result.err) == (1, line)


def test_a_full_disk_behind_stdout_is_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    words = [sys.executable, "-m", "autosim", "validate", "optimistic"]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(words, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "the output: cannot be read or written (No space left on device)\n")


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("run", "optimistic", "--draws", "1000000001"),
        ("run", "optimistic", "--draws", "0"),
        ("run", "optimistic", "--draws", "many"),
        ("rum", "optimistic"),
        ("run", "optimistic", "--sed", "1"),
    ],
)
def test_wrong_usage_exits_with_two(called: Caller, words: tuple[str, ...]) -> None:
    result = called(*words)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1
    assert result.err.endswith("--help'\n")


def test_an_unknown_command_is_told_the_nearest(called: Caller) -> None:
    assert "did you mean 'run'?" in called("rum", "optimistic").err


def test_help_names_every_command(called: Caller) -> None:
    result = called("--help")
    assert result.code == 0
    assert all(name in result.out for name in COMMANDS)
    assert all(called(name, "--help").code == 0 for name in COMMANDS)


def test_a_nan_stops_the_run_and_nothing_is_written(called: Caller) -> None:
    result = called(
        "run", "optimistic", *RUN, "--set", "software_growth=1e308", "--set", "task_length.debugging=1e-300"
    )
    assert result.code == 1
    assert result.err.startswith("draw ")
    assert len(result.err.splitlines()) == 1
    assert not Path("runs").exists()


def test_an_interrupted_run_leaves_the_earlier_one(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "autosim", "run", "optimistic", "--no-plots", "--quiet"]
    subprocess.run([*words, "--draws", "64"], cwd=tmp_path, check=True)
    before = (tmp_path / "runs/optimistic/summary.json").read_bytes()
    started = subprocess.Popen([*words, "--draws", "200000"], cwd=tmp_path, stderr=subprocess.PIPE, env={**os.environ})
    time.sleep(4)
    started.send_signal(signal.SIGINT)
    _, err = started.communicate(timeout=60)
    assert started.returncode == 130
    assert err.decode() == "stopped; nothing is left half-written\n"
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["optimistic"]
    assert (tmp_path / "runs/optimistic/summary.json").read_bytes() == before
