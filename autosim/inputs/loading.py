"""From a scenario's name to a scenario: its parents, its files, and what the command line sets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from autosim.errors import InputError, shown
from autosim.inputs.as_of import Vintage
from autosim.inputs.assembly import Assembly, checked_dates, input_file
from autosim.inputs.document import read_document
from autosim.inputs.overrides import DATES, override, place_of
from autosim.inputs.scenario import AnyScenario, Header, InputFile, Pool, Scenario
from autosim.inputs.schema import ScenarioFile, check
from autosim.inputs.shipped import beside, check_name, find_parent, find_scenario
from autosim.inputs.specification import number
from autosim.inputs.varying import Variations

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


@dataclass(frozen=True)
class _Asked:
    """What the caller lays over the files."""

    overrides: tuple[str, ...]
    posterior: Path | None
    force: bool
    variations: Variations | None
    as_of: date | None


def load(
    scenario: str | Path,
    overrides: Sequence[str] = (),
    posterior: Path | None = None,
    *,
    force: bool = False,
    variations: Variations | None = None,
    as_of: date | None = None,
) -> AnyScenario:
    """Read a scenario with everything it builds on.

    Parameters
    ----------
    scenario
        A shipped name such as ``optimistic``, or the path of a YAML file.
    overrides
        Assignments such as ``severity.debugging.novelty=0.3`` or ``structure.feedback=false``, laid over the file.
    posterior
        File of draws that stands in for the scenario's priors, instead of the one it names itself, if any.
    force
        Take a posterior even if its diagnostics failed.
    variations
        Evaluations that are added to the scenario's own, before the overrides are laid.
    as_of
        Use nothing that was published later: younger entries give way to their ``before``, or to what they were laid
        over; what has no date stays.

    Returns
    -------
    A `Scenario`, complete and checked, or a `Pool` of them.

    Raises
    ------
    InputError
        For anything that cannot be used: file, key, got, expected.
    """
    path, place = find_scenario(str(scenario))
    return _load(_Layer(path, place), _Asked(tuple(overrides), posterior, force, variations, as_of), ())


def _load(layer: _Layer, asked: _Asked, pooled: tuple[Path, ...]) -> AnyScenario:
    if layer.file.pool is not None:
        return _pool(layer, asked, pooled)
    assembly = Assembly(vintage=Vintage(asked.as_of))
    files: list[InputFile] = []
    days: dict[str, date | None] = dict.fromkeys(DATES)
    chain = _chain(layer)
    for item in chain:
        files += _apply(assembly, item)
        days |= _days(item)
    assembly.refuse_nothing(layer.place)
    if asked.variations is not None:
        files.append(asked.variations.lay(assembly))
    place = layer.place
    for assignment in asked.overrides:
        day = override(assembly, assignment)
        if day is not None:
            days[day[0]], place = day[1], place_of(assignment)
    assembly.settle_shares()
    dates = checked_dates(days["reference_date"], days["end"], place)
    header = layer.header(dict(zip(DATES, dates, strict=True)), files, asked.overrides)
    return _learnt(assembly.finish(header, layer.place), chain, asked)


def _learnt(scenario: Scenario, chain: list[_Layer], asked: _Asked) -> Scenario:
    """Let a posterior stand in for priors: the caller's, or else that of the youngest file that names one."""
    naming = [position for position, layer in enumerate(chain) if layer.file.posterior is not None]
    if not naming and asked.posterior is None:
        return scenario
    from autosim.inputs.learnt import with_posterior

    since = chain[naming[-1] :] if naming else []
    entry, place = (since[0].file.posterior, since[0].place) if since else (None, "")
    explicit = {layer.place for layer in since} | {place_of(assignment) for assignment in asked.overrides}
    path, called = asked.posterior, str(asked.posterior)
    if path is None:
        if entry is None or entry.file is None:
            raise InputError(place, "posterior.file", "nothing", "a file of draws beside this one, or --posterior FILE")
        path, called = beside(entry.file, since[0].path, place, "posterior.file"), str(Path(place).parent / entry.file)
    return with_posterior(scenario, path, called, entry, place, explicit, force=asked.force)


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
        assembly.correlations.lay(file.correlations, place, assembly.vintage)
    return files


def _named_file(said: str, layer: _Layer, key: str) -> tuple[dict[str, Any], InputFile]:
    path = beside(said, layer.path, layer.place, key)
    place = str(Path(layer.place).parent / said)
    document, text = read_document(path, place)
    return document, input_file(place, text)


def _pool(layer: _Layer, asked: _Asked, pooled: tuple[Path, ...]) -> Pool:
    """Load the members of a pool and check that their draws can stand side by side."""
    file, place = layer.file, layer.place
    for name in ("extends", "tasks", "evaluations", "structure", "priors", "correlations", "posterior"):
        if getattr(file, name) is not None:
            raise InputError(place, name, "an entry beside pool", "a pool alone; its members bring the rest")
    path = layer.path.resolve()
    if path in pooled:
        raise InputError(place, "pool", "a circle", "members that do not pool this scenario")
    members: list[tuple[float, Scenario]] = []
    for name, said in (file.pool or {}).items():
        members += _member(layer, name, said, asked, (*pooled, path))
        if len(members) > MAX_MEMBERS:
            raise InputError(place, "pool", f"more than {MAX_MEMBERS} scenarios", "fewer")
    if not members:
        raise InputError(place, "pool", "nothing", "scenarios and their weights")
    return _agreeing(layer, members, asked.overrides)


def _member(
    layer: _Layer, name: str, said: object, asked: _Asked, pooled: tuple[Path, ...]
) -> list[tuple[float, Scenario]]:
    """A member with its weight; a pool within a pool divides its weight among its own members."""
    key = f"pool.{name}"
    weight = number(said, layer.place, key, "a weight above 0")
    if weight <= 0.0:
        raise InputError(layer.place, key, f"{weight:g}", "a weight above 0")
    member = _load(_Layer(*find_parent(name, layer.path, layer.place, key)), asked, pooled)
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
