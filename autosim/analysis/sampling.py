"""Two independent samples of a scenario, and draws between them: some groups of assumptions kept, the rest afresh."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from autosim import streams
from autosim.analysis.dependence import Dependence, dependence
from autosim.analysis.groups import DESCRIPTIONS, OUTLOOK, Dividing, Group, group_of, groups
from autosim.analysis.quantities import exchanged, laid, members, quantities
from autosim.draws import Draws, draw, joined
from autosim.errors import InputError
from autosim.inputs.scenario import AnyScenario

type Integers = NDArray[np.int64]


class Pairs:
    """Two independent samples, first and second, of everything that is uncertain in a scenario or a pool.

    Parameters
    ----------
    scenario
        Complete and checked.
    seed
        Of the first sample, which is that of a run with this seed.
    draws
        In each sample.
    said, dividing
        Groups, as `autosim.analysis.groups.groups` reads them.

    Raises
    ------
    InputError
        If nothing is uncertain, a group cannot be used, or members of a pool differ in what depends on what.
    """

    def __init__(
        self, scenario: AnyScenario, seed: int, draws: int, said: Sequence[str] = (), dividing: Dividing = group_of
    ) -> None:
        self.scenario, self.names, self.draws = scenario, scenario.taxonomy, draws
        self.quantities = quantities(scenario)
        self.groups = groups(self.quantities, self.names, said, dividing)
        weights = np.array([weight for weight, _ in members(scenario)])
        seeds = seed, streams.another(seed)
        if len(weights) > 1:
            self.groups.append(Group(OUTLOOK, frozenset(), what=DESCRIPTIONS[OUTLOOK]))
        if not self.groups:
            raise InputError(
                scenario.header.files[-1].place, "", "nothing that is uncertain", "at least one distribution"
            )
        own = [member for _, member in members(scenario)]
        self.samples = [[draw(member, one, draws) for member in own] for one in seeds]
        self.member = [_members(weights, one, draws) for one in seeds]
        found = [dependence(member, self.groups, seeds, draws) for member in own]
        if len(own) > 1 and not _alike(found):
            got = "members that differ in their correlations, or take from a posterior"
            raise InputError(scenario.header.files[-1].place, "pool", got, "one member at a time")
        self.dependences = found

    @property
    def dependent(self) -> bool:
        """Whether groups depend on one another."""
        return any(found is not None and found.across() for found in self.dependences)

    def first(self) -> Draws:
        """The first sample."""
        return self.between(range(len(self.groups)), len(self.groups), np.arange(self.draws))

    def second(self) -> Draws:
        """The second sample."""
        return self.between(range(len(self.groups)), 0, np.arange(self.draws))

    def between(self, order: Sequence[int], kept: int, rows: Integers) -> Draws:
        """Draws whose first ``kept`` groups in that order are the first sample's, the others new given these.

        Parameters
        ----------
        order
            Positions of all groups.
        kept
            How many.
        rows
            Positions of the draws.
        """
        chosen = {self.groups[position].name for position in order[:kept]}
        member = self.member[0 if OUTLOOK in chosen or len(self.samples[0]) == 1 else 1][rows]
        parts, places = [], []
        for position, found in enumerate(self.dependences):
            at = np.flatnonzero(member == position)
            if at.size:
                parts.append(self._of_member(position, order, kept, rows[at], found))
                places.append(at)
        return parts[0] if len(parts) == 1 else joined(parts).part(np.argsort(np.concatenate(places)))

    def _of_member(
        self, member: int, order: Sequence[int], kept: int, rows: Integers, found: Dependence | None
    ) -> Draws:
        first, second = (self.samples[sample][member].part(rows) for sample in range(2))
        paths = self._paths(order[:kept])
        mixed = exchanged(second, first, paths, self.names)
        if found is not None and 0 < kept < len(order):
            mixed = laid(mixed, found.given(order, kept, rows), self.names)
        return replace(mixed, member=np.full(len(rows), member))

    def _paths(self, chosen: Collection[int]) -> list[tuple[str, ...]]:
        return [path for position in chosen for path in self.groups[position].paths]


def _members(weights: NDArray[np.float64], seed: int, draws: int) -> Integers:
    """Member of a pool that each draw is given to, by chance."""
    whole = np.cumsum(weights) / weights.sum()
    place = np.searchsorted(whole, streams.uniform(seed, OUTLOOK, draws), side="right")
    return np.minimum(place, len(weights) - 1).astype(np.int64)


def _alike(found: Sequence[Dependence | None]) -> bool:
    first = found[0]
    if first is None or any(other is None for other in found):
        return all(other is None for other in found)
    paths = [dimension.paths for dimension in first.dimensions]
    return all(
        other is not None
        and [dimension.paths for dimension in other.dimensions] == paths
        and np.array_equal(other.correlation, first.correlation)
        for other in found
    )
