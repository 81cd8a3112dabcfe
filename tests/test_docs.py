"""The documents say what there is: names, options, links and sources."""

import importlib
import re
import tomllib
from pathlib import Path

import click
import pytest
from pages import EVIDENCE, FILES, GLOSSARY, PAGES, README, ROOT, code, rows
from pydantic import BaseModel

import autosim
from autosim import cli
from autosim.dataset import VARIABLES
from autosim.errors import InputError
from autosim.evidence.importing import known_formats
from autosim.evidence.schema import KINDS, Kind
from autosim.inputs.families import FAMILIES
from autosim.inputs.parameters import PARAMETERS
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
    groups = project["dependency-groups"]
    asked = project["project"]["dependencies"] if section == "To run" else groups["dev"] + groups["inspect"]
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
