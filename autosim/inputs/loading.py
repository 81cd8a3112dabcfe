"""From a scenario's name to a scenario: its parents, its files, and what the command line sets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from autosim.errors import InputError, shown
from autosim.inputs.assembly import Assembly, checked_dates, input_file
from autosim.inputs.document import read_document
from autosim.inputs.overrides import DATES, override, place_of
from autosim.inputs.scenario import AnyScenario, Header, InputFile, Pool, Scenario
from autosim.inputs.schema import ScenarioFile, check
from autosim.inputs.shipped import beside, check_name, find_parent, find_scenario
from autosim.inputs.specification import number

MAX_CHAIN = 20
MAX_MEMBERS = 20


class _Layer:
    """One scenario file as it was read."""

    def __init__(self, path: Path, place: str) -> None:
        self.path, self.place = path, place
        said, self.text = read_document(path, place)
        self.file = check(ScenarioFile, said, place)
        check_name(self.file.name, place, "name")
        check_name(path.stem, place, "")

    def header(self, days: dict[str, date], files: Sequence[InputFile], overrides: tuple[str, ...]) -> Header:
        """What the file says of itself, with what it builds on."""
        description = " ".join(self.file.description.split())
        start, end = (days[name] for name in DATES)
        return Header(self.path.stem, self.file.name, description, start, end, self.text, tuple(files), overrides)


def load(scenario: str | Path, overrides: Sequence[str] = ()) -> AnyScenario:
    """Read a scenario with everything it builds on.

    Parameters
    ----------
    scenario
        A shipped name such as ``optimistic``, or the path of a YAML file.
    overrides
        Assignments such as ``severity.debugging.novelty=0.3`` or ``structure.feedback=false``, laid over the file.

    Returns
    -------
    A `Scenario`, complete and checked, or a `Pool` of them.

    Raises
    ------
    InputError
        For anything that cannot be used: file, key, got, expected.
    """
    path, place = find_scenario(str(scenario))
    return _load(_Layer(path, place), tuple(overrides), ())


def _load(layer: _Layer, overrides: tuple[str, ...], pooled: tuple[Path, ...]) -> AnyScenario:
    if layer.file.pool is not None:
        return _pool(layer, overrides, pooled)
    assembly = Assembly()
    files: list[InputFile] = []
    days: dict[str, date | None] = dict.fromkeys(DATES)
    for item in _chain(layer):
        files += _apply(assembly, item)
        days |= _days(item)
    assembly.refuse_nothing(layer.place)
    place = layer.place
    for assignment in overrides:
        day = override(assembly, assignment)
        if day is not None:
            days[day[0]], place = day[1], place_of(assignment)
    assembly.settle_shares()
    dates = checked_dates(days["reference_date"], days["end"], place)
    return assembly.finish(layer.header(dict(zip(DATES, dates, strict=True)), files, overrides), layer.place)


def _days(layer: _Layer) -> dict[str, date]:
    stated = {"reference_date": layer.file.reference_date, "end": layer.file.end}
    return {name: day for name, day in stated.items() if day is not None}


def _chain(layer: _Layer) -> list[_Layer]:
    """The scenario and its parents, eldest first."""
    chain = [layer]
    while chain[0].file.extends is not None:
        child, said = chain[0], chain[0].file.extends
        path, place = find_parent(said, child.path, child.place, "extends")
        if path.resolve() in {item.path.resolve() for item in chain}:
            circle = " -> ".join([item.place for item in reversed(chain)] + [place])
            raise InputError(child.place, "extends", f"a circle ({circle})", "a chain that ends")
        if len(chain) >= MAX_CHAIN:
            raise InputError(child.place, "extends", f"more than {MAX_CHAIN} scenarios in a chain", "a shorter chain")
        chain.insert(0, _Layer(path, place))
        if chain[0].file.pool is not None:
            raise InputError(child.place, "extends", f"{shown(said)}, which is a pool", "a scenario that is not a pool")
    return chain


def _apply(assembly: Assembly, layer: _Layer) -> list[InputFile]:
    """Lay one file over the assembly; return it and the files it names."""
    file, place = layer.file, layer.place
    files = [input_file(place, layer.text)]
    if file.tasks is not None:
        said, named = _named_file(file.tasks, layer, "tasks")
        assembly.tasks_file(said, named.place)
        files.append(named)
    if isinstance(file.evaluations, str):
        said, named = _named_file(file.evaluations, layer, "evaluations")
        assembly.evaluations_file(said, named.place)
        files.append(named)
    elif file.evaluations is not None:
        assembly.lay_evaluations(file.evaluations, place, "evaluations")
    if file.structure is not None:
        assembly.structure(file.structure, place)
    if file.priors is not None:
        assembly.lay_priors(file.priors, place)
        assembly.settle_shares()
    if file.correlations is not None:
        assembly.correlations.lay(file.correlations, place)
    return files


def _named_file(said: str, layer: _Layer, key: str) -> tuple[dict[str, Any], InputFile]:
    path = beside(said, layer.path, layer.place, key)
    place = str(Path(layer.place).parent / said)
    document, text = read_document(path, place)
    return document, input_file(place, text)


def _pool(layer: _Layer, overrides: tuple[str, ...], pooled: tuple[Path, ...]) -> Pool:
    """Load the members of a pool and check that their draws can stand side by side."""
    file, place = layer.file, layer.place
    for name in ("extends", "tasks", "evaluations", "structure", "priors", "correlations"):
        if getattr(file, name) is not None:
            raise InputError(place, name, "an entry beside pool", "a pool alone; its members bring the rest")
    path = layer.path.resolve()
    if path in pooled:
        raise InputError(place, "pool", "a circle", "members that do not pool this scenario")
    members: list[tuple[float, Scenario]] = []
    for name, said in (file.pool or {}).items():
        members += _member(layer, name, said, overrides, (*pooled, path))
        if len(members) > MAX_MEMBERS:
            raise InputError(place, "pool", f"more than {MAX_MEMBERS} scenarios", "fewer")
    if not members:
        raise InputError(place, "pool", "nothing", "scenarios and their weights")
    return _agreeing(layer, members, overrides)


def _member(
    layer: _Layer, name: str, said: object, overrides: tuple[str, ...], pooled: tuple[Path, ...]
) -> list[tuple[float, Scenario]]:
    """A member with its weight; a pool within a pool divides its weight among its own members."""
    key = f"pool.{name}"
    weight = number(said, layer.place, key, "a weight above 0")
    if weight <= 0.0:
        raise InputError(layer.place, key, f"{weight:g}", "a weight above 0")
    member = _load(_Layer(*find_parent(name, layer.path, layer.place, key)), overrides, pooled)
    if isinstance(member, Scenario):
        return [(weight, member)]
    whole = sum(part for part, _ in member.members)
    return [(weight * part / whole, scenario) for part, scenario in member.members]


def _agreeing(layer: _Layer, members: list[tuple[float, Scenario]], overrides: tuple[str, ...]) -> Pool:
    """A pool whose members have one taxonomy, and one pair of dates unless the pool sets its own."""
    first = members[0][1]
    set_here = {assignment.partition("=")[0].strip() for assignment in overrides}
    days = {name: getattr(first.header, name) for name in DATES}
    days |= {name: day for name, day in _days(layer).items() if name not in set_here}
    for _, member in members:
        same_dates = all(name in _days(layer) or getattr(member.header, name) == days[name] for name in DATES)
        if not same_dates or replace(member.taxonomy, descriptions={}) != replace(first.taxonomy, descriptions={}):
            what = "tasks, roles, bottlenecks and evaluations" if same_dates else "dates"
            got = f"other {what} than {first.header.slug}"
            raise InputError(layer.place, f"pool.{member.header.slug}", got, f"members with the same {what}")
    checked_dates(days["reference_date"], days["end"], layer.place)
    files = {file.place: file for _, member in members for file in member.header.files}
    own = input_file(layer.place, layer.text)
    return Pool(layer.header(days, [own, *files.values()], overrides), tuple(members))
