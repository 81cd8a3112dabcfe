"""What a course through time is made of: four laws behind the same interface, whoever wrote them.

Every law works on a chunk of draws: arrays are (draw,), logs are log2, and all growth is counted from the start.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autosim.draws import Draws
from autosim.inputs.scenario import Taxonomy

type Floats = NDArray[np.float64]

PARTS = {
    "inputs": "how training compute, R&D compute and headcount grow",
    "automation": "what AI at a level of effective compute does to labour",
    "research": "what labour and compute do to software progress",
    "returns": "how progress slows as software improves",
}
"""The laws of a course, by name."""


@dataclass(frozen=True)
class Sample:
    """Draws of whoever a law is taken from.

    ``one`` are its parameters by name, (draw,); ``start`` the course's beginning [year], (draw,). autosim's own laws
    also have all parameters of their scenario, its taxonomy, and the year of its reference date.
    """

    one: dict[str, Floats]
    start: Floats
    own: Draws | None = None
    names: Taxonomy | None = None
    reference: float = 0.0

    def __len__(self) -> int:
        return len(self.start)

    def part(self, draws: slice) -> "Sample":
        """Some of the draws."""
        one = {name: values[draws] for name, values in self.one.items()}
        own = None if self.own is None else self.own.part(draws)
        return Sample(one, self.start[draws], own, self.names, self.reference)


class Levels(NamedTuple):
    """Log2 of inputs since the start [doublings]."""

    training: Floats
    compute: Floats
    headcount: Floats


class Help(NamedTuple):
    """What AI does to labour: log2 of its speedup, hours saved [share], and R&D compute that agents take [share]."""

    speedup_log2: Floats
    time_saved_share: Floats
    agent_compute_share: Floats


type Inputs = Callable[[Floats], Levels]
"""Years since the start to levels."""

type Automation = Callable[[Floats, Floats, Levels], Help]
"""Years since the start, log2 of effective compute, and levels, to what AI does to labour."""

type Research = Callable[[Floats, Levels, Help], Floats]
"""Years, levels and AI's help to log2 of software progress [doublings/year] as it would be at the start's software."""

type Returns = Callable[[Floats], Floats]
"""Log2 of software to log2 of by how much progress has slowed for it."""


def no_help(count: int) -> Help:
    """Labour without AI."""
    return Help(np.zeros(count), np.zeros(count), np.zeros(count))


@dataclass(frozen=True)
class Laws:
    """One peer's way of making each law from its draws; research may depend on AI's help at the start."""

    inputs: Callable[[Sample], Inputs]
    automation: Callable[[Sample], Automation]
    research: Callable[[Sample, Help], Research]
    returns: Callable[[Sample], Returns]


@dataclass(frozen=True)
class Course:
    """The laws of a chunk of draws, put together."""

    inputs: Inputs
    automation: Automation
    research: Research
    returns: Returns

    def at(self, years: Floats, software_log2: Floats) -> "State":
        """Everything at one moment of each draw."""
        levels = self.inputs(years)
        effective = levels.training + software_log2
        given = self.automation(years, effective, levels)
        pace = self.research(years, levels, given)
        return State(effective, levels, given, pace, np.exp2(pace - self.returns(software_log2)))

    def multiplier_log2(self, years: Floats, state: "State") -> Floats:
        """Log2 of how much faster progress is than without AI, (draw,)."""
        return state.pace - self.research(years, state.levels, no_help(len(years)))


class State(NamedTuple):
    """One moment of each draw, (draw,).

    Log2 of effective compute, inputs, AI's help, log2 of progress as it would be at the start's software, and software
    progress [doublings/year].
    """

    effective_compute_log2: Floats
    levels: Levels
    given: Help
    pace: Floats
    rate: Floats


def course(parts: dict[str, tuple[Laws, Sample]]) -> Course:
    """Put the laws of a chunk together, each from its own peer and draws, by the names of `PARTS`."""
    inputs = parts["inputs"][0].inputs(parts["inputs"][1])
    automation = parts["automation"][0].automation(parts["automation"][1])
    laws, sample = parts["research"]
    start = np.zeros(len(sample))
    at_start = automation(start, start, inputs(start))
    returns = parts["returns"][0].returns(parts["returns"][1])
    return Course(inputs, automation, laws.research(sample, at_start), returns)
