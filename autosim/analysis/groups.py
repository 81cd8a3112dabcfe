"""Groups of assumptions: those that ship, and those that users name."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from autosim.analysis.quantities import Quantity
from autosim.errors import InputError, one_of, shown
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Taxonomy
from autosim.inputs.substitution import INPUT_SUBSTITUTION, SUBSTITUTION

CAPABILITY, USEFULNESS, INPUTS = "capability", "usefulness", "inputs"

OUTLOOK = "outlook"
"""Group of a pool: which of its members holds."""

EVALUATIONS = "evaluations"
REST = "everything else"

OF_PARAMETER: dict[str, str] = {
    **dict.fromkeys(
        ("structure.trajectory", "horizon", "horizon_elasticity", "doubling_shrink", "ceiling_doublings"), CAPABILITY
    ),
    **dict.fromkeys(("horizon_offset", "relief"), CAPABILITY),
    "work_gap": "work_gap",
    **dict.fromkeys(("slope", "difficulty_spread", "task_length", "length_spread"), "instances"),
    **dict.fromkeys(("time_share", "role_share", "task_substitution"), "time_use"),
    **dict.fromkeys(("piece_doublings", "assist_gain", "assist_overhead", "specification"), "delegation"),
    **dict.fromkeys(("familiarity", "verification", "rework", "undetected_loss", "agent_price"), "delegation"),
    **dict.fromkeys(("optimism", "optimism_decay", "choice_noise"), "delegation"),
    **dict.fromkeys(("adoption", "adoption_growth"), "adoption"),
    **dict.fromkeys(("agent_compute", "agent_compute_growth", "agent_compute_cap", "compute_wait"), "compute"),
    **dict.fromkeys(("training_compute_growth", "training_compute_growth_after"), "compute"),
    **dict.fromkeys(("experiment_compute_growth", "experiment_compute_growth_after", "slowdown"), "compute"),
    **dict.fromkeys(("structure.feedback", "headcount_growth", "headcount_growth_after", "labour_share"), "research"),
    **dict.fromkeys(("input_substitution", "returns_to_input", "ideas_harder", "software_growth"), "research"),
    **dict.fromkeys(("median", "spread", "contamination"), EVALUATIONS),
}
"""Group of every parameter but the severities, which have a group for each bottleneck."""

CAMPS: dict[str, str] = {
    CAPABILITY: CAPABILITY,
    **dict.fromkeys(("work_gap", "instances", "time_use", "delegation", "adoption", "severity"), USEFULNESS),
    **dict.fromkeys(("compute", "research"), INPUTS),
}
"""What a group is about: how capable AI becomes, how useful that is, or what R&D is given."""

_ALIASES = {f"structure.{SUBSTITUTION}": ".".join(INPUT_SUBSTITUTION)}
"""Structural choices that are drawn as a parameter: the sign of substitution goes wherever the elasticity goes."""

DESCRIPTIONS: dict[str, str] = {
    CAPABILITY: "the trend of time horizons: where it starts, its pace and shape, and how bottlenecks differ",
    "severity": "how fully a bottleneck bears on real tasks",
    "work_gap": "how much messier real work is than benchmarks",
    "instances": "how long tasks are, how much their instances differ, how sharply success falls",
    "time_use": "what researchers spend time on, and how far tasks replace one another",
    "delegation": "what it costs to specify, verify, mend and know, and how people choose",
    "adoption": "in how many hours AI is used at all",
    "compute": "growth of compute, what agents take of it, and waiting for experiments",
    "research": "headcount, how inputs become software progress, and how ideas get harder to find",
    EVALUATIONS: "what the evaluations themselves test",
    OUTLOOK: "which member of the pool holds",
}


@dataclass(frozen=True)
class Group:
    """Assumptions that are varied together.

    ``camp`` is capability, usefulness or inputs if all are about that, else None; ``what`` tells what a shipped one is.
    """

    name: str
    paths: frozenset[Path]
    camp: str | None = None
    what: str = ""


def group_of(path: Path, names: Taxonomy) -> str:
    """Shipped group of a path."""
    if path[0] == "severity":
        return EVALUATIONS if path[1] in names.evaluations else f"severity.{path[2]}"
    return OF_PARAMETER[".".join(path) if path[0] == "structure" else path[0]]


def coarse_group_of(path: Path, names: Taxonomy) -> str:
    """Shipped group of a path, the severities of all bottlenecks being one."""
    return group_of(path, names).partition(".")[0]


def parameter_of(path: Path, names: Taxonomy) -> str:
    """Parameter of a path, as a group of its own."""
    if path[0] == "severity" and path[1] in names.evaluations:
        return EVALUATIONS
    return path[1] if path[0] == "structure" else path[0]


type Dividing = Callable[[Path, Taxonomy], str]

DIVIDINGS: dict[str, Dividing] = {"group": group_of, "parameter": parameter_of}
"""What the shipped groups are: assumptions about one matter, or single parameters of the model."""


def groups(
    quantities: Iterable[Quantity], names: Taxonomy, said: Sequence[str] = (), dividing: Dividing = group_of
) -> list[Group]:
    """Divide quantities into groups.

    Parameters
    ----------
    quantities
        What is divided. A quantity whose numbers fall into several groups joins these.
    names
        Taxonomy of the scenario.
    said
        Groups of the user's, ``NAME=PREFIX,PREFIX`` each; all else falls into one more. None for the shipped ones.
    dividing
        Name of the shipped group that a path belongs to.

    Raises
    ------
    InputError
        If a user's group is not written so, names no quantity, or claims one that another has.
    """
    some = list(quantities)
    assigned = _assigned(said, [path for quantity in some for path in quantity.paths])
    found: dict[str, set[Path]] = {}
    for quantity in some:
        labels = {assigned.get(path, REST) if said else dividing(path, names) for path in quantity.paths}
        joined = [name for name in found if labels & set(name.split(" + "))]
        parts = dict.fromkeys(part for name in joined for part in name.split(" + "))
        whole = " + ".join([*parts, *sorted(labels - set(parts))])
        paths = set(quantity.paths).union(*(found[name] for name in joined))
        if joined == [whole]:
            found[whole] = paths
        else:
            found = {name: kept for name, kept in found.items() if name not in joined} | {whole: paths}
    return [
        Group(name, frozenset(paths), _camp(paths, names), "" if said else DESCRIPTIONS.get(name.partition(".")[0], ""))
        for name, paths in found.items()
    ]


def _camp(paths: Iterable[Path], names: Taxonomy) -> str | None:
    camps = {CAMPS.get(coarse_group_of(path, names)) for path in paths}
    return camps.pop() if len(camps) == 1 else None


def _assigned(said: Sequence[str], paths: Sequence[Path]) -> dict[Path, str]:
    """Group of each path that users' groups claim."""
    found: dict[Path, str] = {}
    for text in said:
        place = f"--group {text}"
        name, equals, prefixes = text.partition("=")
        if not equals or not name.strip() or not prefixes.strip() or " + " in name or name.strip() in (REST, OUTLOOK):
            what = "NAME=PARAMETER,PARAMETER with a name of your own, such as usefulness=work_gap,familiarity"
            raise InputError(place, "", shown(text), what)
        for prefix in (_ALIASES.get(part.strip(), part.strip()) for part in prefixes.split(",")):
            inside = [path for path in paths if f"{'.'.join(path)}.".startswith(f"{prefix}.")]
            if not inside:
                known = sorted({start for path in paths for start in (path[0], ".".join(path))})
                raise InputError(place, "", f"{shown(prefix)}, which is not uncertain here",
                                 one_of(prefix, known, "an uncertain quantity"))  # fmt: skip
            for path in inside:
                if found.setdefault(path, name.strip()) != name.strip():
                    raise InputError(place, "", f"{'.'.join(path)}, which {found[path]} has", "each quantity once")
    return found
