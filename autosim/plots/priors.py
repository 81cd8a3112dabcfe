"""Figures: every prior of a scenario with its density, unit and source, by subject."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from matplotlib.figure import Figure

from autosim.inputs.distributions import Continuous, Distribution, Point, Simplex
from autosim.inputs.notes import Note
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario
from autosim.plots.prior_page import Column, Layout, Row, own_bounds, pages, prior_page
from autosim.words import humanised, percent

_BY_SECTION = {
    "capability": ("capability and success", (2, 3)),
    "delegation": ("delegation", (4,)),
    "progress": ("labour, compute and progress", (5, 6, 7)),
}
_LISTED = Layout(names=2.5, density=2.0, columns=1)
_HOW = (
    "Hills: densities; those of lognormal and loguniform priors in a list, and of lengths in minutes, on a logarithmic "
    "scale. Lines: central 90 % of a prior, with its median. Sources that begin with “judgement” have no measurement "
    "behind them, only the reason given."
)


def prior_figures(scenario: Scenario) -> Iterator[tuple[str, Figure]]:
    """Draw every prior of a scenario.

    Parameters
    ----------
    scenario
        Complete and checked; a pool is drawn member by member.

    Yields
    ------
    Name of a page and the page: numbers that stand alone, then those of tasks, evaluations and hours.
    """
    for name, (title, sections) in _BY_SECTION.items():
        rows = _as_above(list(_listed(scenario, sections)))
        own = [Column("5 %, median and 95 %, on a scale of its own", "own")]
        yield from _paged(scenario, name, title, own, rows, _LISTED, _structure(scenario, name))
    tasks, evaluations = scenario.taxonomy.tasks, scenario.taxonomy.evaluations
    for name, title, labels, parameters in (
        ("tasks", "length of tasks", tasks, ("task_length", "length_spread")),
        ("evaluations", "length and contamination of evaluations", evaluations, ("median", "spread", "contamination")),
    ):
        paths: list[list[Path]] = [[(parameter, label) for parameter in parameters] for label in labels]
        heads = [f"{humanised(parameter)} [{PARAMETERS[parameter].unit}]" for parameter in parameters]
        yield from _matrix(scenario, name, title, paths, heads)
    for name, title, labels in (
        ("task_severity", "severity of bottlenecks in tasks", tasks),
        ("evaluation_severity", "severity of bottlenecks in evaluations", evaluations),
    ):
        bottlenecks = scenario.taxonomy.bottlenecks
        paths = [[("severity", label, bottleneck) for bottleneck in bottlenecks] for label in labels]
        yield from _matrix(scenario, name, title, paths, [f"{_broken(bottleneck)} [1]" for bottleneck in bottlenecks])
    yield from _hours(scenario)


def _broken(name: str) -> str:
    """A name on two lines."""
    return humanised(name).replace(" ", "\n", 1)


def _listed(scenario: Scenario, sections: Sequence[int]) -> Iterator[Row]:
    """Numbers that stand alone or differ by bottleneck; those that are one quantity are listed once."""
    seen = set()
    for parameter in PARAMETERS.values():
        if parameter.section not in sections or parameter.axes not in ((), ("bottleneck",)):
            continue
        for path, prior in scenario.priors.items():
            if path[0] != parameter.name or prior.stream in seen:
                continue
            seen.add(prior.stream)
            label = f": {humanised(path[1]).lower()}" if prior.stream == ".".join(path) and len(path) > 1 else ""
            alike = ", one for all bottlenecks" if len(path) > 1 and not label else ""
            beneath = f"[{parameter.unit}] {parameter.meaning}{alike}\n{prior.distribution}"
            yield Row(f"{humanised(path[0])}{label}", beneath, (prior.distribution,), _source(prior.note))


def _as_above(rows: list[Row]) -> list[Row]:
    """Say once what several rows in turn have as their source."""
    return [
        replace(row, source="as above") if before and before.source == row.source else row
        for before, row in zip([None, *rows], rows, strict=False)
    ]


def _structure(scenario: Scenario, name: str) -> str:
    """Assumptions that are no single number: the trajectory's shape, feedback, signs and correlations."""
    match name:
        case "capability":
            shapes = ", ".join(f"{shape} {percent(weight)}" for shape, weight in scenario.trajectory.items() if weight)
            return f"Shape of the trajectory: {shapes}."
        case "progress":
            pairs = [
                f"{humanised(pair.first).lower()} and {humanised(pair.second).lower()} {pair.rho:g}"
                for pair in scenario.correlations
            ]
            signs = ", ".join(f"{sign} {percent(weight)}" for sign, weight in scenario.substitution.items() if weight)
            tied = f" Correlated: {', '.join(pairs)}." if pairs else ""
            feeds = "feeds" if scenario.feedback else "does not feed"
            return f"Faster progress {feeds} back into capability. Labour and compute: {signs}.{tied}"
        case _:
            return ""


def _source(note: Note) -> str:
    return f"{note.source} ({note.published})" if note.published else note.source


def _matrix(
    scenario: Scenario, name: str, title: str, paths: list[list[Path]], heads: list[str]
) -> Iterator[tuple[str, Figure]]:
    """One row a task or evaluation, one column a parameter or bottleneck, one scale a column."""
    rows = []
    for row in paths:
        cells = tuple(scenario.priors[path].distribution for path in row)
        notes = {path: _source(scenario.priors[path].note) for path in row}
        rows.append(Row(humanised(row[0][1]), "", cells, _sources(notes)))
    columns = [
        _shared(head, [row.cells[position] for row in rows], PARAMETERS[paths[0][position][0]].unit)
        for position, head in enumerate(heads)
    ]
    layout = Layout(names=1.75, density=0.72 if len(columns) > 3 else 1.0, columns=len(columns))
    yield from _paged(scenario, name, title, columns, rows, layout)


def _sources(notes: dict[Path, str]) -> str:
    """Sources of a row; where they differ each says what it is for."""
    said = list(dict.fromkeys(notes.values()))
    if len(said) == 1:
        return said[0]
    lines = []
    for source in said:
        what = [humanised(path[-1] if len(path) > 2 else path[0]) for path in notes if notes[path] == source]
        lines.append(f"{', '.join(what)}: {source}")
    return "\n".join(lines)


def _shared(head: str, cells: Sequence[Distribution], unit: str) -> Column:
    """A scale that holds nearly all of each distribution: logarithmic for lengths in minutes, else linear."""
    if unit in ("1", "share"):
        return Column(head, "linear", (0.0, 1.0 if unit == "1" else _highest(cells)))
    low = min(own_bounds(cell)[0] for cell in cells)
    return Column(head, "log" if unit == "min" and low > 0.0 else "linear", (low, _highest(cells)))


def _highest(cells: Sequence[Distribution]) -> float:
    return max(own_bounds(cell)[1] for cell in cells)


def _hours(scenario: Scenario) -> Iterator[tuple[str, Figure]]:
    """Shares of hours: of each role, and of each task within a role."""
    roles, tasks = scenario.taxonomy.roles, scenario.taxonomy.tasks
    of_roles = scenario.shares[("role_share",)]
    mixes = [scenario.shares[("time_share", role)] for role in roles]
    rows = [Row("All tasks", "share of all hours", tuple(_margins(of_roles.simplex)), _source(of_roles.note))]
    for task in range(len(tasks)):
        cells = tuple(_margins(mix.simplex)[task] for mix in mixes)
        sources = [f"{humanised(role)}: {_source(mix.note)}" for role, mix in zip(roles, mixes, strict=True)]
        beneath = "share of the role's hours" if task == 0 else ""
        rows.append(Row(humanised(tasks[task]), beneath, cells, "\n".join(sources) if task == 0 else ""))
    columns = [
        _shared(f"{_broken(role)} [share]", [row.cells[position] for row in rows], "share")
        for position, role in enumerate(roles)
    ]
    layout = Layout(names=1.75, density=1.0, columns=len(columns))
    yield from _paged(scenario, "hours", "roles and their hours", columns, rows, layout)


def _margins(simplex: Simplex) -> list[Distribution]:
    """Distribution of each share by itself: a beta, or a point where it is known."""
    whole = simplex.concentration
    if whole is None:
        return [Point(mean) for mean in simplex.mean]
    return [
        Continuous("beta", (mean * whole, (1.0 - mean) * whole)) if 0.0 < mean < 1.0 else Point(mean)
        for mean in simplex.mean
    ]


def _paged(
    scenario: Scenario,
    name: str,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    layout: Layout,
    says: str = "",
) -> Iterator[tuple[str, Figure]]:
    divided = pages(rows, layout)
    for number, some in enumerate(divided, start=1):
        which = f" ({number} of {len(divided)})" if len(divided) > 1 else ""
        heading = f"{scenario.header.name}: priors of {title}{which}"
        suffix = f"_{number}" if len(divided) > 1 else ""
        yield f"{name}{suffix}", prior_page(heading, f"{_HOW} {says}", columns, some, layout)
