"""What a draw is made of: each uncertain quantity, where it stands among a run's draws, and how it is exchanged."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim.draws import Draws
from autosim.inputs.distributions import Point
from autosim.inputs.priors import Path
from autosim.inputs.scenario import AnyScenario, Pool, Scenario, Taxonomy

type Floats = NDArray[np.float64]

TRAJECTORY: Path = ("structure", "trajectory")
FEEDBACK: Path = ("structure", "feedback")

_AXES = {
    **dict.fromkeys(("horizon_offset", "relief", "slope"), "bottlenecks"),
    **dict.fromkeys(("task_length", "length_spread"), "tasks"),
    **dict.fromkeys(("median", "spread", "contamination"), "evaluations"),
    "time_share": "roles",
}


@dataclass(frozen=True)
class Quantity:
    """Something uncertain: a number, or shares that sum to 1, or the trajectory's shape.

    ``name`` is dotted; ``paths`` are all numbers that are one and the same, because one prior was written for them.
    """

    name: str
    paths: tuple[Path, ...]

    @property
    def is_shares(self) -> bool:
        """Whether it is a set of shares."""
        return self.paths[0][0] in ("time_share", "role_share")

    @property
    def is_shape(self) -> bool:
        """Whether it is the shape of the trajectory."""
        return self.paths[0] == TRAJECTORY


def members(scenario: AnyScenario) -> list[tuple[float, Scenario]]:
    """The scenarios of a pool with their weights; a scenario is its own only member."""
    return list(scenario.members) if isinstance(scenario, Pool) else [(1.0, scenario)]


def quantities(scenario: AnyScenario) -> list[Quantity]:
    """Everything that is uncertain in a scenario, or in some member of a pool, in the order of the model."""
    sharing: dict[Path, set[str]] = defaultdict(set)
    for _, member in members(scenario):
        for path, stream in _uncertain(member).items():
            sharing[path].add(stream)
    found: dict[frozenset[str], list[Path]] = defaultdict(list)
    for path, streams in sharing.items():
        found[frozenset(streams)].append(path)
    return [Quantity(_name(streams, paths), tuple(paths)) for streams, paths in found.items()]


def _name(streams: frozenset[str], paths: list[Path]) -> str:
    return min(streams) if len(streams) == 1 else ".".join(paths[0])


def _uncertain(scenario: Scenario) -> dict[Path, str]:
    """Paths of what is uncertain and the names of their randomness."""
    learnt = scenario.posterior.taken if scenario.posterior else frozenset()
    found: dict[Path, str] = {}
    if sum(weight > 0.0 for weight in scenario.trajectory.values()) > 1:
        found[TRAJECTORY] = ".".join(TRAJECTORY)
    for path, prior in scenario.priors.items():
        dotted = ".".join(path)
        if dotted in learnt:
            found[path] = dotted
        elif not isinstance(prior.distribution, Point):
            found[path] = prior.stream
    for path, shares in scenario.shares.items():
        dotted = ".".join(path)
        if any(name.startswith(f"{dotted}.") for name in learnt):
            found[path] = dotted
        elif shares.simplex.concentration is not None:
            found[path] = shares.stream
    return found


def place(path: Path, names: Taxonomy) -> tuple[str, tuple[int | slice, ...]]:
    """Name of the array of `Draws` that holds a path's numbers, and their position after the draw."""
    name, *labels = path
    if name == "severity":
        rated, array = (names.tasks, name) if labels[0] in names.tasks else (names.evaluations, "evaluation_severity")
        return array, (rated.index(labels[0]), names.bottlenecks.index(labels[1]))
    if name == "structure":
        return labels[0], ()
    return name, tuple(getattr(names, _AXES[name]).index(label) for label in labels)


def column(draws: Draws, path: Path, names: Taxonomy) -> Floats:
    """A path's numbers, (draw,), or (draw, share) for shares; the shape of the trajectory by its position."""
    array, at = place(path, names)
    if array in ("trajectory", "feedback"):
        return np.asarray(getattr(draws, array), dtype=np.float64)
    return draws.scalars[array] if array in draws.scalars else draws.indexed[array][:, *at]


def laid(draws: Draws, columns: Mapping[Path, Floats], names: Taxonomy) -> Draws:
    """The same draws with some paths' numbers replaced; what is replaced is copied first, the rest is shared."""
    scalars, indexed, trajectory, feedback = dict(draws.scalars), dict(draws.indexed), draws.trajectory, draws.feedback
    for path, values in columns.items():
        array, at = place(path, names)
        if path == TRAJECTORY:
            trajectory = values.astype(np.int64)
        elif path == FEEDBACK:
            feedback = values.astype(np.bool_)
        elif array in scalars:
            scalars[array] = np.asarray(values, dtype=np.float64)
        else:
            if indexed[array] is draws.indexed[array]:
                indexed[array] = indexed[array].copy()
            indexed[array][:, *at] = values
    return Draws(scalars, indexed, trajectory, feedback, draws.member)


def exchanged(draws: Draws, others: Draws, paths: Iterable[Path], names: Taxonomy) -> Draws:
    """The same draws with some paths' numbers taken from others, draw by draw."""
    return laid(draws, {path: column(others, path, names) for path in paths}, names)


def all_paths(scenario: AnyScenario) -> list[Path]:
    """Every path of a scenario, uncertain or not."""
    first = members(scenario)[0][1]
    return [TRAJECTORY, FEEDBACK, *first.priors, *first.shares]
