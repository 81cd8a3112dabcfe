"""A simulation split by structure: which alternative each draw follows, and the draws of one of them by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autosim.analysis.conditioning import effective_draws
from autosim.analysis.groups import OUTLOOK
from autosim.draws import members_of
from autosim.equations.capability import TRAJECTORIES
from autosim.errors import InputError, one_of, shown
from autosim.inputs.posterior import TRAJECTORY
from autosim.inputs.scenario import AnyScenario, Pool, Scenario
from autosim.inputs.substitution import SUBSTITUTION, SUBSTITUTIONS
from autosim.simulation.chosen import Chosen
from autosim.simulation.counts import counted
from autosim.simulation.run import MOST_FULL_DRAWS, Simulation

type Integers = NDArray[np.int64]

TOGETHER = "+"
"""Between the names of structures that are split at once, and between those of their alternatives."""

FEWEST = 50
"""Different draws that an alternative must have to be summarised: fewer do not tell where a tenth of it lies."""


@dataclass(frozen=True, eq=False)
class Structure:
    """Alternatives of which every draw follows one: ``of_draw`` holds positions in ``alternatives``, (draw,)."""

    name: str
    alternatives: tuple[str, ...]
    of_draw: Integers

    def draws_of(self, alternative: int) -> Integers:
        """Positions of the draws that follow an alternative, ascending."""
        return np.flatnonzero(self.of_draw == alternative)


def structure_names(scenario: AnyScenario) -> tuple[str, ...]:
    """Structures that a scenario's draws can be split by, one at a time."""
    return (TRAJECTORY, SUBSTITUTION, OUTLOOK) if isinstance(scenario, Pool) else (TRAJECTORY, SUBSTITUTION)


def parse_structures(said: Sequence[str], scenario: AnyScenario, option: str = "--by") -> tuple[str, ...]:
    """Read names of structures, ``trajectory+substitution`` for two at once.

    Parameters
    ----------
    said
        Names.
    scenario
        Whose draws are to be split.
    option
        Where they were said, for errors.

    Raises
    ------
    InputError
        For a name that is unknown, or said twice.
    """
    known = structure_names(scenario)
    for name in said:
        parts = name.split(TOGETHER)
        for part in parts:
            if part not in known:
                raise InputError(f"{option} {name}", "", shown(part), one_of(part, known, "a structure"))
        if len(set(parts)) < len(parts) or list(said).count(name) > 1:
            raise InputError(f"{option} {name}", "", f"{name if len(parts) == 1 else parts[-1]} twice", "each once")
    return tuple(said)


def refuse_unkept(structures: Sequence[str], kept: int, draws: int, option: str = "--by") -> None:
    """Refuse to split draws of which only some are kept one by one.

    Raises
    ------
    InputError
        If something is to be split, and fewer draws are ``kept`` than there are.
    """
    if structures and kept < draws:
        what = f"at most {MOST_FULL_DRAWS:,}: beyond, draws are not kept one by one, and cannot be told apart"
        raise InputError(f"{option} {structures[0]}", "", f"{draws:,} draws", what)


def structure(simulation: Simulation, name: str) -> Structure:
    """Which alternative each of a simulation's kept draws follows.

    Parameters
    ----------
    simulation
        Every output of a scenario.
    name
        As `parse_structures` returns it.

    Returns
    -------
    The alternatives that are possible in the scenario or occur among the draws, in the order of the model, of the pool,
    or, for several structures at once, the first one's first.
    """
    parts = [_single(simulation, part) for part in name.split(TOGETHER)]
    names, place = parts[0].alternatives, parts[0].of_draw
    for part in parts[1:]:
        names = tuple(f"{one}{TOGETHER}{other}" for one in names for other in part.alternatives)
        place = place * len(part.alternatives) + part.of_draw
    return Structure(name, names, place)


def _single(simulation: Simulation, name: str) -> Structure:
    if name == OUTLOOK:
        members = members_of(simulation.scenario)
        known, found = tuple(dict.fromkeys(members)), np.array([members.index(one) for one in members])
        distinct = np.array([known.index(members[at]) for at in found])
        return Structure(name, known, distinct[simulation.member])
    every = TRAJECTORIES if name == TRAJECTORY else SUBSTITUTIONS
    of_draw = simulation.trajectory if name == TRAJECTORY else simulation.substitution
    possible = [weights for member in _scenarios(simulation.scenario) for weights in [getattr(member, name)]]
    kept = [
        position
        for position, one in enumerate(every)
        if any(weights.get(one, 0.0) > 0.0 for weights in possible) or (of_draw == position).any()
    ]
    return Structure(name, tuple(every[position] for position in kept), np.searchsorted(kept, of_draw))


def _scenarios(scenario: AnyScenario) -> list[Scenario]:
    return [member for _, member in scenario.members] if isinstance(scenario, Pool) else [scenario]


def distinct_draws(simulation: Simulation, at: Integers) -> int:
    """How many different draws stand at some positions; given observations a draw may stand at several."""
    return len(at) if simulation.chosen is None else len(np.unique(simulation.chosen.positions[at]))


def part_of(simulation: Simulation, at: Integers) -> Simulation:
    """Some draws of a simulation by themselves, counted anew.

    Parameters
    ----------
    simulation
        One that keeps all of its draws.
    at
        Positions among its draws, ascending, at least one.

    Returns
    -------
    A simulation of these draws, which remembers their places in the whole as ``chosen`` does.
    """
    outputs = {name: values[at] for name, values in simulation.outputs.items()}
    before, member = simulation.chosen, simulation.member[at]
    positions = at if before is None else before.positions[at]
    repeats = np.unique(positions, return_counts=True)[1].astype(np.float64)
    effective = min(effective_draws(repeats), simulation.effective * len(at) / len(simulation))
    members = np.bincount(member, minlength=len(members_of(simulation.scenario))) / len(at)
    given, screened = ((), len(simulation)) if before is None else (before.given, before.screened)
    return replace(
        simulation,
        draws=len(at),
        trajectory=simulation.trajectory[at],
        member=member,
        outputs=outputs,
        counts=counted(outputs, simulation.thresholds),
        substitution=simulation.substitution[at],
        chosen=Chosen(positions, screened, effective, given, members),
    )
