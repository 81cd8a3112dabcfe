"""From a scenario's name to a scenario: its parents, its files, and what the command line sets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from autosim.errors import InputError, one_of, shown
from autosim.inputs.assembly import Assembly, checked_dates, input_file
from autosim.inputs.document import parse, read_document
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.scenario import AnyScenario, Header, InputFile, Pool, Scenario
from autosim.inputs.schema import ScenarioFile, StructureEntry, as_day, check
from autosim.inputs.shipped import beside, check_name, find_parent, find_scenario
from autosim.inputs.specification import number, refuse_unknown

MAX_CHAIN = 20
_SETTABLE = ("structure", "evaluations", "reference_date", "end")


class _Layer:
    """One scenario file as it was read."""

    def __init__(self, path: Path, place: str) -> None:
        self.path, self.place = path, place
        said, self.text = read_document(path, place)
        self.file = check(ScenarioFile, said, place)
        check_name(self.file.name, place, "name")


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
    chain = _chain(layer)
    if chain[0].file.pool is not None:
        if len(chain) > 1:
            raise InputError(chain[1].place, "extends", shown(chain[1].file.extends), "a scenario that is not a pool")
        return _pool(layer, overrides, pooled)
    assembly = Assembly()
    files: list[InputFile] = []
    for item in chain:
        files += _apply(assembly, item)
    dates = [next((getattr(item.file, key) for item in reversed(chain) if getattr(item.file, key)), None) for key in ("reference_date", "end")]
    place = layer.place
    for override in overrides:
        place = f"--set {override}"
        dates = _override(assembly, override, place, dates)
    start, end = checked_dates(*dates, place)
    header = Header(layer.path.stem, layer.file.name, " ".join(layer.file.description.split()), start, end, tuple(files), overrides)
    return assembly.finish(header, layer.place)


def _chain(layer: _Layer) -> list[_Layer]:
    """The scenario and its parents, eldest first."""
    chain = [layer]
    while chain[0].file.extends is not None:
        child = chain[0]
        path, place = find_parent(child.file.extends or "", child.path, child.place, "extends")
        if path.resolve() in {item.path.resolve() for item in chain}:
            circle = " -> ".join([item.place for item in reversed(chain)] + [place])
            raise InputError(child.place, "extends", f"a circle ({circle})", "a chain that ends")
        if len(chain) >= MAX_CHAIN:
            raise InputError(child.place, "extends", f"more than {MAX_CHAIN} scenarios in a chain", "a shorter chain")
        chain.insert(0, _Layer(path, place))
    return chain


def _apply(assembly: Assembly, layer: _Layer) -> list[InputFile]:
    """Lay one file over the assembly; return it and the files it names."""
    file, place = layer.file, layer.place
    if file.pool is not None:
        raise InputError(place, "pool", "a pool", "priors, since another scenario extends this one")
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
    if file.correlations is not None:
        assembly.correlate(file.correlations, place)
    return files


def _named_file(said: str, layer: _Layer, key: str) -> tuple[dict[str, Any], InputFile]:
    path = beside(said, layer.path, layer.place, key)
    place = str(Path(layer.place).parent / said)
    document, text = read_document(path, place)
    return document, input_file(place, text)


def _override(assembly: Assembly, override: str, place: str, dates: list[date | None]) -> list[date | None]:
    """Lay one ``NAME=VALUE`` over the assembly; return the dates, perhaps changed."""
    name, equals, text = override.partition("=")
    head, *rest = name.strip().split(".")
    if not equals:
        raise InputError(place, "", shown(override), "NAME=VALUE")
    value = parse(text, place)
    if head not in _SETTABLE and head not in PARAMETERS:
        raise InputError(place, "", f"the unknown name '{name}'", one_of(head, [*_SETTABLE, *PARAMETERS], "a parameter"))
    nested: Any = value
    for part in reversed(rest):
        nested = {part: nested}
    if head == "structure":
        refuse_unknown(rest[:1], ["trajectory", "feedback"], place, "structure")
        assembly.structure(check(StructureEntry, _mapping(nested, place), place, "structure"), place)
    elif head == "evaluations":
        refuse_unknown(rest[:1], assembly.evaluations, place, "evaluations", "an evaluation")
        assembly.lay_evaluations(_mapping(nested, place), place, "evaluations")
    elif head in PARAMETERS:
        assembly.lay_priors({head: nested}, place)
    else:
        day = as_day(value)
        if not isinstance(day, date):
            raise InputError(place, head, shown(value), "a date such as 2036-01-01")
        dates[_SETTABLE.index(head) - 2] = day
    return dates


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(place, "", shown(value), "a dotted name such as structure.feedback")
    return value


def _pool(layer: _Layer, overrides: tuple[str, ...], pooled: tuple[Path, ...]) -> Pool:
    """Load the members of a pool and check that their draws can stand side by side."""
    file, place = layer.file, layer.place
    own = {name for name in ("extends", "tasks", "evaluations", "structure", "priors", "correlations") if getattr(file, name) is not None}
    if own:
        raise InputError(place, min(own), "an entry beside pool", "a pool alone; its members bring the rest")
    if layer.path.resolve() in pooled:
        raise InputError(place, "pool", "a circle", "members that do not pool this scenario")
    members: list[tuple[float, Scenario]] = []
    for name, said in (file.pool or {}).items():
        key = f"pool.{name}"
        weight = number(said, place, key, "a weight above 0")
        if weight <= 0.0:
            raise InputError(place, key, f"{weight:g}", "a weight above 0")
        path, called = find_parent(name, layer.path, place, key)
        member = _load(_Layer(path, called), overrides, (*pooled, layer.path.resolve()))
        if isinstance(member, Pool):
            members += [(weight * part / sum(w for w, _ in member.members), scenario) for part, scenario in member.members]
        else:
            members.append((weight, member))
    if not members:
        raise InputError(place, "pool", "nothing", "scenarios and their weights")
    return _agreeing(layer, members, overrides)


def _agreeing(layer: _Layer, members: list[tuple[float, Scenario]], overrides: tuple[str, ...]) -> Pool:
    first = members[0][1]
    start, end = layer.file.reference_date or first.header.reference_date, layer.file.end or first.header.end
    for _, member in members:
        head, names = member.header, member.taxonomy
        same_dates = (head.reference_date == start or layer.file.reference_date) and (head.end == end or layer.file.end)
        if not same_dates or replace(names, descriptions={}) != replace(first.taxonomy, descriptions={}):
            what = "tasks, roles, bottlenecks and evaluations" if same_dates else "dates"
            raise InputError(layer.place, f"pool.{head.slug}", f"other {what} than {first.header.slug}", f"members with the same {what}")
    checked_dates(start, end, layer.place)
    files = {file.place: file for _, member in members for file in member.header.files}
    header = Header(
        layer.path.stem,
        layer.file.name,
        " ".join(layer.file.description.split()),
        start,
        end,
        (input_file(layer.place, layer.text), *files.values()),
        overrides,
    )
    return Pool(header, tuple(members))
