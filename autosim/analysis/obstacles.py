"""Obstacles to a milestone: what may stand in the way, and what the world would be without it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim.analysis.quantities import column, laid
from autosim.draws import Draws
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Taxonomy
from autosim.words import inside

type Floats = NDArray[np.float64]

BOTTLENECKS, TASKS, LIMITS, TOGETHER = "bottlenecks", "tasks", "limits", "together"
KINDS = (BOTTLENECKS, TASKS, LIMITS, TOGETHER)
"""What AI fails for, what it fails at, what limits its use besides, and several of these at once."""

LEAST_PRICE = 1e-3
"""What running agents takes where it is not in the way [share of manual time]; at 0 speedups would be infinite."""

FREE: dict[str, float] = {
    "work_gap": 0.0,
    "specification": 0.0,
    "familiarity": 0.0,
    "verification": 0.0,
    "agent_price": LEAST_PRICE,
    "adoption": 1.0,
    "agent_compute": 0.0,
    "labour_share": 1.0,
    "compute_wait": 0.0,
}
"""Parameters that limit what AI is good for, and what they are where they do not; one that is better already stays."""

_AT_BEST = ("adoption", "labour_share")
"""Parameters of which more is better."""

PARAMETERS_OF: dict[str, tuple[str, ...]] = {
    "work_gap": ("work_gap",),
    "adoption": ("adoption",),
    "specification": ("specification",),
    "familiarity": ("familiarity",),
    "verification": ("verification",),
    "agent_price": ("agent_price",),
    "agent_compute": ("agent_compute",),
    "experiments": ("labour_share", "compute_wait"),
}
"""Each limit's parameters."""

LABELS: dict[str, str] = {
    "work_gap": "the work gap",
    "agent_price": "running agents",
    "agent_compute": "agents' compute",
    "failures": "all failures of AI",
    "attention": "all of people's attention",
    "compute": "all of compute",
    "everything": "everything",
}
"""What obstacles are called where their names do not say it."""

DESCRIPTIONS: dict[str, str] = {
    "work_gap": "real work is no messier than benchmarks",
    "adoption": "AI is used in every hour",
    "specification": "saying what is wanted takes no time",
    "familiarity": "knowing the implementation takes no time",
    "verification": "inspecting what agents did takes no time",
    "agent_price": "running agents takes a thousandth of the time",
    "agent_compute": "agents take no compute that experiments need",
    "experiments": "research needs labour alone: no experiment to wait for, no compute for it",
    "failures": "AI never fails, at any task and in any evaluation",
    "attention": "specification, familiarity, verification and running agents at once",
    "compute": "agents' compute and experiments at once",
    "everything": "none of the failures and none of the limits",
}
"""What the world is like without a limit, or without several obstacles at once."""

ATTENTION = ("specification", "familiarity", "verification", "agent_price")
COMPUTE = ("agent_compute", "experiments")

MOOT = ("work_gap",)
"""Obstacles that do not matter to AI that never fails, so that with all others gone they are never in the way."""


@dataclass(frozen=True)
class Obstacle:
    """Something that may stand in the way: numbers of a draw that would be others without it."""

    kind: str
    name: str
    paths: tuple[Path, ...]

    @property
    def moot(self) -> bool:
        """Whether it never stands in the way where nothing else does."""
        return self.kind == LIMITS and self.name in MOOT

    @property
    def single(self) -> bool:
        """Whether it is one obstacle, not several."""
        return self.kind != TOGETHER


def obstacles(names: Taxonomy) -> list[Obstacle]:
    """Every obstacle, kind after kind.

    Bottlenecks and tasks divide one thing in two ways, the failures of AI: a bottleneck takes with it all failures for
    one reason, a task all failures at one kind of work. What AI that never fails still costs is the limits'.
    """
    rated = (*names.tasks, *names.evaluations)
    of_bottleneck = {b: tuple(("severity", rating, b) for rating in rated) for b in names.bottlenecks}
    of_task = {k: tuple(("severity", k, b) for b in names.bottlenecks) for k in names.tasks}
    limits: dict[str, tuple[Path, ...]] = {
        name: tuple((parameter,) for parameter in parameters) for name, parameters in PARAMETERS_OF.items()
    }
    failures = tuple(path for paths in of_bottleneck.values() for path in paths)
    together = {
        "failures": failures,
        "attention": tuple(path for name in ATTENTION for path in limits[name]),
        "compute": tuple(path for name in COMPUTE for path in limits[name]),
        "everything": (*failures, *(path for paths in limits.values() for path in paths)),
    }
    found: Mapping[str, Mapping[str, tuple[Path, ...]]] = {
        BOTTLENECKS: of_bottleneck,
        TASKS: of_task,
        LIMITS: limits,
        TOGETHER: together,
    }
    return [Obstacle(kind, name, paths) for kind, some in found.items() for name, paths in some.items()]


def label(kind: str, name: str) -> str:
    """What an obstacle is called within a sentence.

    Examples
    --------
    >>> label("limits", "work_gap"), label("bottlenecks", "open_ended_planning"), label("limits", "agent_price")
    ('the work gap', 'open-ended planning', 'running agents')
    """
    return inside(name) if kind in (BOTTLENECKS, TASKS) else LABELS.get(name, name.replace("_", " "))


def without(draws: Draws, paths: Iterable[Path], names: Taxonomy) -> Draws:
    """The same draws without what some paths do: no failures, no limits."""
    columns = {}
    for path in paths:
        values = column(draws, path, names)
        if path[0] == "severity":
            columns[path] = np.zeros_like(values)
        else:
            better = np.maximum if path[0] in _AT_BEST else np.minimum
            columns[path] = np.asarray(better(values, FREE[path[0]]), dtype=np.float64)
    return laid(draws, columns, names)
