"""A scenario as the model sees it: every choice made, every number with its prior and its source."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from autosim.equations.workflow import KINDS
from autosim.inputs.posterior import Learnt
from autosim.inputs.priors import Note, Path, Prior, SharePrior


@dataclass(frozen=True)
class Taxonomy:
    """Names of everything that can be counted, in the order in which it is shown.

    ``kinds`` gives each task's kind; ``anchor`` is the evaluation whose p50 and p80 horizons are reported;
    ``descriptions`` says what a name means.
    """

    bottlenecks: tuple[str, ...]
    roles: tuple[str, ...]
    tasks: tuple[str, ...]
    kinds: tuple[str, ...]
    evaluations: tuple[str, ...]
    anchor: str
    descriptions: dict[str, str]

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

    ``trajectory`` gives the weight of each shape of the capability trajectory; ``structure_notes`` says where it and
    ``feedback`` come from; ``priors`` and ``shares`` are complete for ``taxonomy``; ``correlations`` have a positive
    definite matrix. What a ``posterior`` has learnt stands in for the priors that it names.
    """

    header: Header
    taxonomy: Taxonomy
    trajectory: dict[str, float]
    feedback: bool
    structure_notes: dict[str, Note]
    priors: dict[Path, Prior]
    shares: dict[Path, SharePrior]
    correlations: tuple[Correlation, ...]
    posterior: Learnt | None = None


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
        }
        for member in members
        if member.posterior is not None
    ]
