"""A scenario as the model sees it: every choice made, every number with its prior and its source."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from autosim.equations.success import added_difficulty
from autosim.equations.workflow import KINDS
from autosim.inputs.as_of import AsOf
from autosim.inputs.notes import Note
from autosim.inputs.posterior import Learnt
from autosim.inputs.priors import Path, Prior, SharePrior


@dataclass(frozen=True)
class Grading:
    """How an evaluation is graded.

    Every instance is ``harder`` by some doublings of length, and split into so many ``stages`` that are graded one by
    one; what is graded counts as solved if the best of ``best_of`` attempts, or all of ``all_of``, succeed.
    """

    harder: float = 0.0
    stages: int = 1
    best_of: int = 1
    all_of: int = 1

    @property
    def added(self) -> float:
        """What it adds to the difficulty of all that is graded [doublings]."""
        return float(added_difficulty(self.harder, self.stages))


@dataclass(frozen=True)
class Taxonomy:
    """Names of everything that can be counted, in the order in which it is shown.

    ``kinds`` gives each task's kind; ``anchor`` is the evaluation whose p50 and p80 horizons are reported;
    ``descriptions`` says what a name means. ``variations`` names what an evaluation is a variation of, ``gradings`` how
    it is graded if not by single attempts at whole instances.
    """

    bottlenecks: tuple[str, ...]
    roles: tuple[str, ...]
    tasks: tuple[str, ...]
    kinds: tuple[str, ...]
    evaluations: tuple[str, ...]
    anchor: str
    descriptions: dict[str, str]
    variations: dict[str, str] = field(default_factory=dict)
    gradings: dict[str, Grading] = field(default_factory=dict)

    def grading(self, evaluation: str) -> Grading:
        """How an evaluation is graded."""
        return self.gradings.get(evaluation, Grading())

    def tasks_by_kind(self) -> list[int]:
        """Positions of the tasks, planning first, then interpreting, then work."""
        return sorted(range(len(self.tasks)), key=lambda task: KINDS.index(self.kinds[task]))


@dataclass(frozen=True)
class Correlation:
    """A Gaussian-copula correlation ``rho`` between two quantities, named by their streams."""

    first: str
    second: str
    rho: float


@dataclass(frozen=True)
class InputFile:
    """A file that was read: what it is called, its text, and the SHA-256 of that."""

    place: str
    text: str
    sha256: str


@dataclass(frozen=True)
class Header:
    """What every scenario says of itself, pooled or not; ``text`` is its own file, ``files`` are all that were read."""

    slug: str
    name: str
    description: str
    reference_date: date
    end: date
    text: str
    files: tuple[InputFile, ...]
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """One view of the world, every number of it uncertain.

    ``trajectory`` gives the weight of each shape of the capability trajectory, ``substitution`` that of labour and
    compute being complements or substitutes, by its own word or by the prior of ``input_substitution``, which has these
    weights either way; ``structure_notes`` says where what is stated of them and of ``feedback`` comes from; ``priors``
    and ``shares`` are complete for ``taxonomy``; ``correlations`` have a positive definite matrix. What a ``posterior``
    has learnt stands in for the priors that it names. ``as_of`` is the day on which all this was known, if one
    was asked for, and what had to be replaced for that.
    """

    header: Header
    taxonomy: Taxonomy
    trajectory: dict[str, float]
    substitution: dict[str, float]
    feedback: bool
    structure_notes: dict[str, Note]
    priors: dict[Path, Prior]
    shares: dict[Path, SharePrior]
    correlations: tuple[Correlation, ...]
    posterior: Learnt | None = None
    as_of: AsOf | None = None


@dataclass(frozen=True)
class Pool:
    """Several scenarios' draws in fixed proportions; they agree on dates and taxonomy."""

    header: Header
    members: tuple[tuple[float, Scenario], ...]

    @property
    def taxonomy(self) -> Taxonomy:
        """What can be counted, the same for all members."""
        return self.members[0][1].taxonomy


type AnyScenario = Scenario | Pool


def posteriors(scenario: AnyScenario) -> list[dict[str, Any]]:
    """What each scenario takes of a posterior, and what it says otherwise, as outputs state it; empty without any."""
    members = [member for _, member in scenario.members] if isinstance(scenario, Pool) else [scenario]
    return [
        {
            "scenario": member.header.slug,
            "file": member.posterior.posterior.place,
            "sha256": member.posterior.posterior.sha256,
            "learnt": sorted(member.posterior.taken),
            "overridden": list(member.posterior.overridden),
            **_shapes(member.posterior),
        }
        for member in members
        if member.posterior is not None
    ]


def known_by(scenario: AnyScenario) -> dict[str, Any] | None:
    """The day of which a scenario's priors are, and by scenario what was replaced for that; None without one."""
    members = [member for _, member in scenario.members] if isinstance(scenario, Pool) else [scenario]
    told = {member.header.slug: member.as_of for member in members if member.as_of is not None}
    if not told:
        return None
    day = next(iter(told.values())).day
    return {"date": str(day), "scenarios": {slug: one.as_json() for slug, one in told.items()}}


def _shapes(learnt: Learnt) -> dict[str, Any]:
    """Weights of the trajectory's shapes, and what the posterior's draws are worth for each; only where it says so."""
    if learnt.shapes is None:
        return {}
    return {"trajectory": {name: {"weight": weight, "worth": worth} for name, (weight, worth) in learnt.shapes.items()}}
