"""The documents say what there is: names, options, examples, errors, links and sources."""

import ast
import importlib
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import BaseModel

import autosim
from autosim import cli
from autosim.dataset import VARIABLES
from autosim.errors import AutosimError, InputError
from autosim.evidence.importing import known_formats
from autosim.evidence.schema import KINDS, Kind
from autosim.evidence.tables import read_evidence
from autosim.inputs import document, loading
from autosim.inputs.families import FAMILIES
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.scenario import Grading
from autosim.inputs.schema import (
    CorrelationEntry,
    EvaluationEntry,
    EvaluationsFile,
    Noted,
    PosteriorEntry,
    ScenarioFile,
    StructureEntry,
    TaskEntry,
    TasksFile,
)
from autosim.inputs.specification import NOTES, read_distribution
from autosim.inputs.varying import read_variations

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)
README, GLOSSARY, FILES = ROOT / "README.md", ROOT / "docs" / "glossary.md", ROOT / "docs" / "scenario-files.md"
EVIDENCE = ROOT / "docs" / "evidence.md"

type Row = list[str]


def rows(page: Path, first: str, section: str = "") -> list[Row]:
    """Rows of a page's tables whose first heading is ``first``, within the section of that title if one is named."""
    text = page.read_text(encoding="utf-8")
    if section:
        text = re.split(r"^#+ ", text.partition(f"# {section}\n")[2], flags=re.MULTILINE)[0]
    found: list[Row] = []
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
        elif inside:
            found.append(cells(line))
        else:
            inside = cells(line)[0] == first
    rules = [row for row in found if not set("".join(row)) <= set("-:")]
    assert rules, f"{page.name} has no table that begins with '{first}'"
    return rules


def cells(line: str) -> Row:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def code(cell: str) -> str:
    """What stands between backticks at the start of a cell."""
    found = re.match(r"`([^`]*)`", cell)
    return found[1] if found else cell


def block(page: Path, language: str, mark: str = "") -> str:
    """First code block of a language, after the HTML comment ``mark`` if one is named."""
    text = page.read_text(encoding="utf-8")
    if mark:
        text = text.partition(f"<!-- {mark} -->")[2].partition(f"<!-- /{mark} -->")[0]
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found, f"{page.name} has no block of {language} {mark}"
    return found[1]


def commands() -> dict[str, click.Command]:
    return {name: importlib.import_module(f"autosim.cli.{name}").command for name in cli.COMMANDS}


def options(command: click.Command) -> set[str]:
    """Options of a command; of one with subcommands, those that all of these have."""
    if isinstance(command, click.Group) and command.commands:
        return set.intersection(*map(options, command.commands.values()))
    return {param.opts[0] for param in command.params if isinstance(param, click.Option)}


def families() -> set[str]:
    """Every distribution that a prior may name, from the error for one that it may not."""
    with pytest.raises(InputError) as refused:
        read_distribution({"dist": "?"}, "mine.yaml", "priors.horizon")
    names = set(str(refused.value).rpartition("one of ")[2].split(", "))
    assert set(FAMILIES) < names
    return names


def test_the_glossary_has_every_parameter_as_the_program_has_it() -> None:
    said = {code(row[0]): [row[2], row[3], row[4], row[5], row[6]] for row in rows(GLOSSARY, "name", "Parameters")}
    known = {
        name: [", ".join(p.axes) or "–", p.unit, str(p.domain), p.meaning, f"§{p.section}"]
        for name, p in PARAMETERS.items()
    }
    assert said == known


def test_the_glossary_has_every_output_variable_as_the_dataset_has_it() -> None:
    said = {code(row[0]): row[1:] for row in rows(GLOSSARY, "name", "Output variables")}
    known = {name: [", ".join(("draw", *dims)), units, text] for name, (dims, units, text) in VARIABLES.items()}
    assert said == known


def test_the_glossary_has_every_axis() -> None:
    said = {code(row[0]) for row in rows(GLOSSARY, "name", "Axes")}
    assert said == {axis for dims, _, _ in VARIABLES.values() for axis in dims} | {"draw", "statistic"}


@pytest.mark.parametrize("name", [*PARAMETERS, *VARIABLES])
def test_the_model_names_every_quantity(name: str) -> None:
    text = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    assert re.search(rf"\b{name}\b", text), f"docs/model.md does not say what {name} is"


def test_the_readme_has_every_command() -> None:
    said = [code(row[0]).split()[1] for row in rows(README, "command", "Commands")]
    assert said == list(cli.COMMANDS)


def test_the_readme_has_every_option_of_every_command() -> None:
    said = {code(row[0]).split()[0]: set(row[1].split(", ")) for row in rows(README, "option", "Commands")}
    known: dict[str, set[str]] = {}
    for name, command in commands().items():
        for option in options(command):
            known.setdefault(option, set()).add(name)
    assert said == known


def test_the_readme_has_the_options_of_the_program_itself() -> None:
    for option in options(cli.cli):
        assert f"`{option}`" in README.read_text(encoding="utf-8")


def test_every_command_explains_itself_and_its_options() -> None:
    for name, command in commands().items():
        assert command.help, name
        for param in command.params:
            assert not isinstance(param, click.Option) or param.help, f"{name} {param.name}"


def test_the_evidence_page_has_every_format_and_its_options() -> None:
    said = {code(row[0]): {code(cell) for cell in row[1].split(", ") if cell} for row in rows(EVIDENCE, "format")}
    known = {name: {option.name for option in entry.options} for name, entry in known_formats().items()}
    assert said == known


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_evidence_page_has_every_column_as_it_is_checked(kind: Kind) -> None:
    columns = [*kind.columns[:-2], *filter(None, [kind.family]), *kind.columns[-2:]]
    said = [[code(row[0]), *row[1:]] for row in rows(EVIDENCE, "column", kind.name)]
    assert said == [[c.name, c.type, c.unit, c.range, c.empty, c.meaning] for c in columns]


def test_the_readme_has_every_shipped_scenario() -> None:
    said = [code(row[0]) for row in rows(README, "name", "The scenarios")]
    assert sorted(said) == sorted(autosim.scenarios())


@pytest.mark.parametrize("page", [README, FILES])
def test_every_distribution_is_described(page: Path) -> None:
    assert {code(row[0]) for row in rows(page, "`dist`")} == families()


@pytest.mark.parametrize(
    ("section", "first", "model"),
    [
        ("Scenario file", "key", ScenarioFile),
        ("structure", "key", StructureEntry),
        ("correlations", "key", CorrelationEntry),
        ("posterior", "key", PosteriorEntry),
        ("Tasks file", "key", TasksFile),
        ("Tasks file", "key of a bottleneck or role", Noted),
        ("Tasks file", "key of a task", TaskEntry),
        ("Evaluations file", "key", EvaluationsFile),
        ("Evaluations file", "key of an evaluation", EvaluationEntry),
    ],
)
def test_every_key_of_the_files_is_described(section: str, first: str, model: type[BaseModel]) -> None:
    assert {code(row[0]) for row in rows(FILES, first, section)} == set(model.model_fields)


def test_every_note_on_a_prior_is_described() -> None:
    assert {code(row[0]) for row in rows(FILES, "key", "Priors")} == set(NOTES)


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in headings(target), f"{page.name}: {link}"


def headings(page: Path) -> set[str]:
    """Anchors of a page, as GitHub forms them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_page_is_linked_from_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    for page in PAGES:
        assert page == README or f"({page.relative_to(ROOT).as_posix()})" in text, page.name


@pytest.mark.parametrize(("section", "first"), [("To run", "package"), ("To develop", "package")])
def test_every_dependency_has_its_reason(section: str, first: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] if section == "To run" else project["dependency-groups"]["dev"]
    names = {re.split(r"[<>=!~\[; ]", entry)[0] for entry in asked}
    described = rows(ROOT / "docs" / "dependencies.md", first, section)
    assert {code(row[0]) for row in described} == names
    assert all(len(row[1]) > 10 for row in described)


@pytest.mark.parametrize("name", autosim.scenarios())
def test_every_prior_of_a_shipped_scenario_has_a_source_and_its_date(name: str) -> None:
    scenario = autosim.load(name)
    members = [scenario] if isinstance(scenario, autosim.Scenario) else [member for _, member in scenario.members]
    for member in members:
        notes = {path: prior.note for path, prior in member.priors.items()}
        notes |= {path: prior.note for path, prior in member.shares.items()}
        for path, note in notes.items():
            assert note.source.strip(), f"{member.header.slug}: {'.'.join(path)} has no source"
            assert note.published is not None, f"{member.header.slug}: {'.'.join(path)} has no date"


def test_the_changelog_has_this_version() -> None:
    assert f"## [{autosim.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
