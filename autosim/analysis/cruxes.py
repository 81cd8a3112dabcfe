"""Cruxes: which assumptions make two scenarios' answers differ, and by how much each does."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autosim.analysis.effects import Estimate
from autosim.analysis.groups import Dividing, Group, coarse_group_of, groups
from autosim.analysis.quantities import Quantity, all_paths, column, exchanged
from autosim.analysis.shapley import attributed
from autosim.analysis.targets import Target, dates_of, default_target, parse_target
from autosim.draws import Draws, draw
from autosim.errors import InputError
from autosim.inputs.scenario import AnyScenario
from autosim.simulation.asked import ask
from autosim.words import percent

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]
type Progress = Callable[[int], None]

MOST_GROUPS = 10
"""Groups whose combinations are all tried: 2 to that power."""

BUDGET = 3 * 2**16
"""Evaluations that are made unless a number of draws is said."""

FEWEST, MOST = 512, 12_288
"""Draws that the budget may come to."""

WHOLE = "whole"
_CANCELLING = 2.0
"""Parts that are so many times as large as the difference are not told in percent of it."""
PROBED = 256
COMPARED = 512
"""Draws that tell whether scenarios differ in an assumption."""


@dataclass(frozen=True)
class Crux:
    """What a group, or a camp, contributes to the difference of the medians and of the means, in the target's unit.

    ``what`` says what a shipped group is; ``median`` is None of an event, whose answers are 1 and 0.
    """

    name: str
    camp: str | None
    what: str
    median: Estimate | None
    mean: Estimate


_ROUNDING = 1e-9
"""Parts that add up to nothing are off by less, in any unit."""


@dataclass(frozen=True)
class Cruxes:
    """The difference between two scenarios' answers, attributed.

    ``groups`` add up to the difference ``whole`` exactly, as do the ``camps`` if every group belongs to one; both are
    ranked. ``answers`` are medians and means of the two scenarios. ``errors`` are, for each of these, the largest
    standard error of a group's contribution, or of the whole, as a share of the difference; None where there is none.
    """

    scenarios: tuple[str, str]
    titles: tuple[str, str]
    target: Target
    draws: int
    seed: int
    evaluations: int
    answers: dict[str, tuple[float, float]]
    whole: Crux
    groups: list[Crux]
    camps: list[Crux]
    errors: dict[str, float | None]

    @property
    def nothing(self) -> bool:
        """Whether no assumption makes any difference to medians and means."""
        parts = [part for crux in (self.whole, *self.groups) for part in (crux.median, crux.mean) if part]
        return all(abs(part.value) < _ROUNDING for part in parts)

    @property
    def sentence(self) -> str:
        """The answer in words: how far apart, and who makes the difference."""
        centre = "median" if "median" in self.answers else "mean"
        first, second = (self.target.said(value) for value in self.answers[centre])
        if self.nothing:
            both = f"{self.titles[0]} and {self.titles[1]}"
            return f"{both} do not differ in {self.target.label}: {first} in both, whoever has which assumptions."
        what = "probability" if self.target.is_event else centre
        label = self.target.label
        begins = f"{self.titles[0]} and {self.titles[1]} differ in {label}: {first} against {second} ({what})."
        if self.errors[centre] is None:
            return begins
        by_camp = len(self.camps) > 1 and all(crux.camp for crux in self.groups)
        parts = self.camps if by_camp else self.groups
        told = [f"{crux.name.replace('_', ' ')} {self.part_in_words(crux)}" for crux in parts]
        whole = _size(self.whole)
        largest = max(self.groups, key=lambda crux: _size(crux) / whole)
        most = f"; the largest single part is {largest.name.replace('_', ' ')}" if by_camp else ""
        return f"{begins} Of the difference, {', '.join(told)}{most}."

    def part_in_words(self, crux: Crux) -> str:
        """A part in percent of the difference, or in the target's unit where parts are much larger than their sum."""
        whole = _size(self.whole)
        if max(abs(_size(one)) for one in (*self.groups, *self.camps)) > _CANCELLING * abs(whole):
            return self.target.said_between(_size(crux))
        return percent(_size(crux) / whole).replace("-", "−")

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        said = {name: getattr(self.target, name) for name in ("text", "label", "unit")}
        return asdict(self) | {"target": said}


class Comparison:
    """Two scenarios whose difference is to be attributed: what that costs is known before it starts.

    Parameters
    ----------
    first, second
        With the same reference date and taxonomy.
    target
        As `parse_target` reads it; labour speedup five years after the reference date if nothing is said.
    draws
        Of each combination; as many as 196,608 evaluations allow, within 512 and 12,288, if nothing is said.
    seed
        The same seed gives the same bits.
    said, dividing
        Groups, as `autosim.analysis.groups.groups` reads them; severities of all bottlenecks are one.

    Raises
    ------
    InputError
        If the scenarios have other dates or taxonomies, do not differ, or differ in more than ten groups; or the target
        or a group cannot be used.
    """

    def __init__(
        self,
        first: AnyScenario,
        second: AnyScenario,
        target: str | None = None,
        draws: int | None = None,
        seed: int = 0,
        said: Sequence[str] = (),
        dividing: Dividing = coarse_group_of,
    ) -> None:
        _refuse_unlike(first, second)
        self.scenarios, self.names, self.seed = (first, second), first.taxonomy, seed
        self.target = parse_target(default_target(first) if target is None else target, first)
        if self.target.is_date and first.header.end != second.header.end:
            raise InputError(
                second.header.slug, "end", str(second.header.end), f"{first.header.end}, so that dates agree"
            )
        parse_target(self.target.text, second)
        self.months = min(len(dates_of(first)), len(dates_of(second)))
        self.groups = differing(first, second, seed, said, dividing)
        if not self.groups:
            raise InputError(
                second.header.slug, "", f"the same assumptions as {first.header.slug}", "other assumptions"
            )
        if len(self.groups) > MOST_GROUPS:
            named = ", ".join(group.name for group in self.groups)
            got = f"{len(self.groups)} groups that differ ({named})"
            raise InputError("--by", "", got, f"at most {MOST_GROUPS}; put some together by --group NAME=PARAMETER,…")
        self.draws = draws or min(max(BUDGET >> len(self.groups), FEWEST), MOST)

    @property
    def cost(self) -> int:
        """Evaluations of the model: one is a draw simulated as far as the target needs."""
        return self.draws << len(self.groups)

    def probe(self) -> int:
        """Make a few of the evaluations, to see how long they take; their number."""
        draws = draw(self.scenarios[1], self.seed, PROBED)
        ask(draws, self.names, [self.target], self.months)
        return len(draws)

    def run(self, progress: Progress | None = None, cores: int | None = None) -> Cruxes:
        """Evaluate every combination of the two scenarios' assumptions, on common random numbers, and attribute.

        Parameters
        ----------
        progress
            Called with the number of evaluations that have just been made.
        cores
            How many to use; all by default.

        Raises
        ------
        InputError
            If the answer has no value in some draw.
        """
        one, other = (draw(scenario, self.seed, self.draws) for scenario in self.scenarios)
        answers = np.stack(
            [
                self._asked(self.mixed(one, other, coalition), progress, cores)
                for coalition in range(1 << len(self.groups))
            ]
        )
        return self._attributed(answers)

    def mixed(self, one: Draws, other: Draws, coalition: int) -> Draws:
        """The first scenario's draws with the groups of a coalition from the second's."""
        paths = [
            path for position, group in enumerate(self.groups) if coalition >> position & 1 for path in group.paths
        ]
        return exchanged(one, other, paths, self.names)

    def _asked(self, draws: Draws, progress: Progress | None, cores: int | None) -> Floats:
        found = ask(draws, self.names, [self.target], self.months, progress, cores)[:, 0]
        if not np.isfinite(found).all():
            got = (
                f"no value in {np.mean(~np.isfinite(found)):.0%} of some draws, where no advance solves the evaluation"
            )
            raise InputError(f"--target {self.target.text}", "", got, "an output with a value in every draw")
        return found

    def _attributed(self, answers: Floats) -> Cruxes:
        """Shapley values of the medians and of the means, with their errors from resampled draws."""
        camps = list(dict.fromkeys(group.camp for group in self.groups if group.camp))
        single = [[group is other for other in self.groups] for group in self.groups]
        sums = [[True] * len(self.groups), *single, *([group.camp == camp for group in self.groups] for camp in camps)]
        named: list[tuple[str, str | None, str]] = [(WHOLE, None, "")]
        named += [(group.name, group.camp, group.what) for group in self.groups]
        named += [(camp, camp, "") for camp in camps]
        matrix = np.array(sums, dtype=np.float64)
        means = attributed(answers, np.mean, matrix, self.seed)
        medians = None if self.target.is_event else attributed(answers, np.median, matrix, self.seed)
        cruxes = [Crux(*one, medians.parts[i] if medians else None, means.parts[i]) for i, one in enumerate(named)]
        ends = {"mean": _pair(map(float, answers[[0, -1]].mean(axis=1)))}
        if medians:
            ends["median"] = _pair(map(float, np.median(answers[[0, -1]], axis=1)))
        return Cruxes(
            _pair(scenario.header.slug for scenario in self.scenarios),
            _pair(scenario.header.name for scenario in self.scenarios),
            self.target,
            self.draws,
            self.seed,
            answers.size,
            ends,
            cruxes[0],
            _ranked(cruxes[1 : 1 + len(single)]),
            _ranked(cruxes[1 + len(single) :]),
            {"mean": means.error} | ({"median": medians.error} if medians else {}),
        )


def differing(
    first: AnyScenario, second: AnyScenario, seed: int, said: Sequence[str], dividing: Dividing
) -> list[Group]:
    """Groups of assumptions whose numbers differ between two scenarios in some of their first draws."""
    one, other = (draw(scenario, seed, COMPARED) for scenario in (first, second))
    names = first.taxonomy
    paths = [
        path for path in all_paths(first) if not np.array_equal(column(one, path, names), column(other, path, names))
    ]
    return groups([Quantity(".".join(path), (path,)) for path in paths], names, said, dividing)


def _refuse_unlike(first: AnyScenario, second: AnyScenario) -> None:
    for name in ("reference_date", "taxonomy"):
        mine, theirs = (getattr(s.header if name == "reference_date" else s, name) for s in (first, second))
        if name == "taxonomy":
            mine, theirs = (replace(taxonomy, descriptions={}) for taxonomy in (mine, theirs))
        if mine != theirs:
            got = str(theirs) if name == "reference_date" else "other tasks, roles, bottlenecks or evaluations"
            raise InputError(second.header.slug, name, got, f"those of {first.header.slug}")


def _pair[T](values: Iterable[T]) -> tuple[T, T]:
    first, second = values
    return first, second


def _size(crux: Crux) -> float:
    return (crux.median or crux.mean).value


def _ranked(cruxes: list[Crux]) -> list[Crux]:
    return sorted(cruxes, key=lambda crux: -abs(_size(crux)))
