"""Variations of evaluations, and how evaluations are graded: what a block adds to, or changes in, another one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autosim.errors import InputError, one_of, shown
from autosim.inputs.priors import Path, Prior
from autosim.inputs.scenario import Grading
from autosim.inputs.specification import number

PARAMETERS = ("median", "spread", "contamination", "severity")
"""What an evaluation has a prior of."""

MOST = {"stages": 10_000, "best_of": 1_000, "all_of": 1_000}
"""Most steps of an instance, and most attempts at it."""

MOST_HARDER = 40.0
"""Most doublings by which a variation may be harder or easier."""


@dataclass
class Design:
    """What blocks have said of one evaluation beside its priors: what it varies, and how it is graded."""

    base: str | None = None
    place: str = ""
    key: str = ""
    grading: dict[str, float] = field(default_factory=dict)


class Designs:
    """The designs stated so far, by evaluation; `complete` and `gradings` follow variations to what they vary."""

    def __init__(self) -> None:
        self._said: dict[str, Design] = {}

    def clear(self) -> None:
        """Forget all."""
        self._said.clear()

    def lay(self, name: str, said: Mapping[str, Any], place: str, key: str, *, known: bool) -> None:
        """Take ``variation_of``, ``harder``, ``stages``, ``best_of`` and ``all_of`` from an evaluation's block.

        ``known`` says whether there is an evaluation of this name already.

        Raises
        ------
        InputError
            If a number is impossible, best_of and all_of come together, or an evaluation with numbers of its own is to
            become a variation.
        """
        design = self._said.get(name, Design())
        base = said.get("variation_of")
        if base is not None:
            if known and design.base is None:
                got = f"{shown(base)} for {name}, which has numbers of its own"
                raise InputError(place, f"{key}.variation_of", got, "it in a block with a new name")
            design = replace(design, base=base, place=place, key=f"{key}.variation_of")
        stated = dict(_grading(said, place, key))
        if {"best_of", "all_of"} <= set(stated):
            raise InputError(place, f"{key}.all_of", "all_of beside best_of", "one of the two")
        if stated or base is not None:
            self._said[name] = replace(design, grading=_over(design.grading, stated))

    def is_variation(self, name: str) -> bool:
        """Whether an evaluation was said to be a variation of another."""
        return name in self._said and self._said[name].base is not None

    def bases(self) -> dict[str, str]:
        """What each variation varies."""
        return {name: design.base for name, design in self._said.items() if design.base is not None}

    def gradings(self) -> dict[str, Grading]:
        """How each evaluation is graded that is not graded by single attempts at whole instances of its own length."""
        found = {}
        for name in self._said:
            said: dict[str, float] = {}
            for design in reversed([self._said[one] for one in self._line(name) if one in self._said]):
                said = _over(said, design.grading)
            counts = {key: int(said.get(key, 1)) for key in MOST}
            grading = Grading(harder=said.get("harder", 0.0), **counts)
            if grading != Grading():
                found[name] = grading
        return found

    def complete(self, priors: dict[Path, Prior], evaluations: tuple[str, ...]) -> None:
        """Give every variation the priors that its block does not state: those of what it varies, as they are now.

        They are the same quantities, drawn once. What a block does state is drawn from the same random numbers as what
        it replaces, so that a variation differs from its base by what was said and by nothing else.

        Raises
        ------
        InputError
            If there is no such evaluation, or variations vary one another in a circle.
        """
        for name in self.bases():
            *between, root = self._line(name)
            if root in between:
                design = self._said[name]
                circle = " -> ".join([*between[between.index(root) :], root])
                raise InputError(design.place, design.key, f"a circle ({circle})", "variations that end")
            for one in between:
                self._refuse_unknown(self._said[one], evaluations)
        for name in sorted(self.bases(), key=lambda one: len(self._line(one))):
            _copy(priors, str(self._said[name].base), name)

    def _refuse_unknown(self, design: Design, evaluations: tuple[str, ...]) -> None:
        if design.base not in evaluations:
            base = str(design.base)
            raise InputError(design.place, design.key, shown(base), one_of(base, evaluations, "an evaluation"))

    def _line(self, name: str) -> list[str]:
        """An evaluation, what it varies, what that varies, and so on; ends with a repetition if it is a circle."""
        line = [name]
        while self.is_variation(line[-1]) and line.count(line[-1]) == 1:
            line.append(str(self._said[line[-1]].base))
        return line


def _over(before: Mapping[str, float], said: Mapping[str, float]) -> dict[str, float]:
    """Lay a grading over another; counting attempts in one way ends counting them in the other."""
    attempts = {"best_of", "all_of"}
    kept = {key: value for key, value in before.items() if not (key in attempts and attempts & set(said))}
    return kept | dict(said)


def _grading(said: Mapping[str, Any], place: str, key: str) -> Iterator[tuple[str, float]]:
    harder = said.get("harder")
    if harder is not None:
        what = f"a number of doublings in [{-MOST_HARDER:g}, {MOST_HARDER:g}]"
        value = number(harder, place, f"{key}.harder", what)
        if abs(value) > MOST_HARDER:
            raise InputError(place, f"{key}.harder", f"{value:g}", what)
        yield "harder", value
    for name, most in MOST.items():
        count = said.get(name)
        if count is None:
            continue
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= most:
            raise InputError(place, f"{key}.{name}", shown(count), f"a whole number from 1 to {most:,}")
        yield name, count


def _copy(priors: dict[Path, Prior], base: str, name: str) -> None:
    for path, prior in list(priors.items()):
        if path[0] not in PARAMETERS or path[1] != base:
            continue
        mine = (path[0], name, *path[2:])
        if mine not in priors:
            priors[mine] = replace(prior, copy_of=prior.copy_of or path)
        else:
            priors[mine] = replace(priors[mine], stream=_stream(priors[mine], mine, prior, base))


def _stream(own: Prior, path: Path, of_base: Prior, base: str) -> str:
    """Random numbers of what is replaced; those of the base's group if it was stated for a whole group."""
    if own.stream == ".".join(path):
        return of_base.stream
    parameter, *labels = own.stream.split(".")
    return ".".join([parameter, base, *labels[1:]]) if labels else own.stream
