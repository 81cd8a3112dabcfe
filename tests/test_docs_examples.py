"""Examples and errors in the documents are as the program has them."""

import ast
import runpy
from pathlib import Path
from typing import Any

import pytest
from pages import EVIDENCE, FILES, README, ROOT, block, code, rows

import autosim
from autosim import cli
from autosim.errors import AutosimError, InputError
from autosim.evidence.tables import read_evidence
from autosim.inputs import document, loading
from autosim.inputs.scenario import Grading
from autosim.inputs.varying import read_variations


def test_the_readmes_python_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = block(README, "python")
    calls = [node for node in ast.walk(ast.parse(example)) if isinstance(node, ast.Call)]
    draws = [keyword.value for node in calls for keyword in node.keywords if keyword.arg == "draws"]
    assert draws, "the example says how many draws"
    assert all(isinstance(value, ast.Constant) and int(str(value.value)) <= 100 for value in draws)
    script = tmp_path / "example.py"
    script.write_text(example, encoding="utf-8")
    runpy.run_path(str(script))
    assert "reliability" in capsys.readouterr().out


def test_the_readmes_scenario_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "cautious.yaml"
    path.write_text(block(README, "yaml", "scenario"), encoding="utf-8")
    scenario = autosim.load(path)
    assert isinstance(scenario, autosim.Scenario)
    assert "our_regressions" in scenario.taxonomy.evaluations


def test_the_readme_shows_an_error_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    right = block(README, "yaml", "scenario")
    Path("cautious.yaml").write_text(right.replace("lognormal", "lognorml", 1), encoding="utf-8")
    assert refusal("cautious.yaml") in README.read_text(encoding="utf-8")


@pytest.fixture
def small_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the small files of the reference; the shipped files are read once only."""
    known: dict[Path, tuple[dict[str, Any], str]] = {}

    def read_once(path: Path, place: str) -> tuple[dict[str, Any], str]:
        if not path.resolve().is_relative_to(ROOT):
            return document.read_document(path, place)
        if path not in known:
            known[path] = document.read_document(path, place)
        return known[path]

    monkeypatch.setattr(loading, "read_document", read_once)
    monkeypatch.chdir(tmp_path)
    write_small_files()
    return tmp_path


def write_small_files(old: str = "", new: str = "") -> None:
    """Write the reference's small files, with one thing changed."""
    Path("mine.yaml").write_text(
        "name: Mine\nextends: baseline\ntasks: tasks.yaml\nevaluations: evaluations.yaml\n", encoding="utf-8"
    )
    for name in ("tasks", "evaluations"):
        Path(f"{name}.yaml").write_text(block(FILES, "yaml", name).replace(old, new, 1), encoding="utf-8")


def refusal(scenario: str, *overrides: str) -> str:
    try:
        autosim.load(scenario, overrides)
    except AutosimError as error:
        return str(error)
    return "no error"


@pytest.mark.usefixtures("small_files")
def test_the_small_tasks_and_evaluations_files_are_valid() -> None:
    scenario = autosim.load("mine.yaml")
    assert isinstance(scenario, autosim.Scenario)
    assert scenario.taxonomy.tasks == ("ideas", "experiments", "analysis")
    assert scenario.taxonomy.evaluations == ("our_suite",)


@pytest.mark.usefixtures("small_files")
def test_the_variations_are_valid() -> None:
    Path("more.yaml").write_text(block(FILES, "yaml", "variations"), encoding="utf-8")
    scenario = loading.load("mine.yaml", variations=read_variations(Path("more.yaml")))
    assert scenario.taxonomy.gradings == {
        "our_suite_in_10_stages": Grading(stages=10),
        "our_suite_every_time": Grading(all_of=10),
    }


@pytest.mark.usefixtures("small_files")
def test_errors_in_a_scenario_are_as_described() -> None:
    described = rows(FILES, "line 3")
    said, got = [], []
    for row in described:
        Path("mine.yaml").write_text(f"name: Mine\nextends: baseline\n{code(row[0])}\n", encoding="utf-8")
        said.append(f"mine.yaml: {code(row[1])}")
        got.append(refusal("mine.yaml"))
    assert said == got


@pytest.mark.usefixtures("small_files")
def test_errors_in_a_whole_file_are_as_described() -> None:
    said, got = [], []
    for row in rows(FILES, "`mine.yaml`"):
        lines = "" if row[0] == "(empty)" else code(row[0]).replace(" ⏎ ", "\n")
        Path("mine.yaml").write_text(f"{lines}\n", encoding="utf-8")
        said.append(f"mine.yaml: {code(row[1])}")
        got.append(refusal("mine.yaml"))
    assert said == got


@pytest.mark.usefixtures("small_files")
def test_errors_in_tasks_and_evaluations_files_are_as_described() -> None:
    said, got = [], []
    for row in rows(FILES, "instead of"):
        old, new = code(row[0]), code(row[1])
        assert any(old in block(FILES, "yaml", name) for name in ("tasks", "evaluations")), old
        write_small_files(old, new)
        said.append(code(row[2]))
        got.append(refusal("mine.yaml"))
    assert said == got


@pytest.mark.usefixtures("small_files")
def test_errors_after_set_are_as_described() -> None:
    described = rows(FILES, "`--set`")
    assert [code(row[1]) for row in described] == [refusal("optimistic", code(row[0])) for row in described]


@pytest.mark.usefixtures("small_files")
def test_errors_on_the_command_line_are_as_described(capsys: pytest.CaptureFixture[str]) -> None:
    Path("notes").mkdir()
    Path("notes/plan.txt").write_text("ours", encoding="utf-8")
    Path("late.yaml").write_text("name: Late\nextends: optimistic\nreference_date: 2025-08-27\n", encoding="utf-8")
    for row in rows(FILES, "command", "On the command line"):
        with pytest.raises(SystemExit) as ended:
            cli.main(code(row[0]).split()[1:])
        assert (capsys.readouterr().err.strip(), ended.value.code) == (code(row[1]), 1)


def test_errors_in_evidence_are_as_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    taxonomy, path = autosim.load("baseline").taxonomy, Path("mine.csv")
    right = block(EVIDENCE, "text", "outcomes")
    path.write_text(right, encoding="utf-8")
    assert len(read_evidence([path], taxonomy).outcomes) == 1
    for old, new, said in rows(EVIDENCE, "instead of"):
        assert code(old) in right
        path.write_text(right.replace(code(old), code(new), 1), encoding="utf-8")
        with pytest.raises(InputError) as refused:
            read_evidence([path], taxonomy)
        assert str(refused.value) == code(said)


def test_the_example_of_a_mapping_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("map.yaml").write_text(block(EVIDENCE, "yaml", "mapping"), encoding="utf-8")
    Path("theirs.csv").write_text(
        "agent,task_id,task_source,human_hours,n_successes,n_runs,release_date,note\n"
        "o3,a/b,RE-Bench,8,1,6,2025-04-16,x\n",
        encoding="utf-8",
    )
    outcomes = autosim.import_evidence("csv", "theirs.csv", mapping="map.yaml").evidence.outcomes
    assert outcomes[["model", "suite", "human_minutes", "frontier"]].to_numpy().tolist() == [
        ["o3", "re_bench", 480.0, True]
    ]
