"""Correlations between quantities: which of them matter, and whether they can all hold."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from autosim.errors import InputError, one_of, shown
from autosim.inputs.as_of import Vintage
from autosim.inputs.distributions import Point
from autosim.inputs.notes import Note
from autosim.inputs.priors import Path, Prior
from autosim.inputs.scenario import Correlation
from autosim.inputs.schema import CorrelationEntry
from autosim.inputs.specification import number

MAX_CORRELATIONS = 500

_SMALLEST_EIGENVALUE = 1e-9


class Correlations:
    """The correlations stated so far, and where; a pair that is stated again is changed."""

    def __init__(self) -> None:
        self._stated: dict[frozenset[str], tuple[Correlation, str, str]] = {}

    def lay(self, said: Sequence[CorrelationEntry], place: str, vintage: Vintage) -> None:
        """Add correlations between quantities, or change those there are; those younger than the vintage do not count.

        Raises
        ------
        InputError
            If an entry does not name two quantities, its correlation is not in (-1, 1), or there are more than 500.
        """
        for position, entry in enumerate(said):
            key = f"correlations.{position}"
            if len(entry.between) != 2 or len(set(entry.between)) != 2:
                raise InputError(
                    place, f"{key}.between", ", ".join(entry.between) or "nothing", "two different quantities"
                )
            rho = number(entry.rho, place, f"{key}.rho")
            if not -1.0 < rho < 1.0:
                raise InputError(place, f"{key}.rho", f"{rho:g}", "a number in (-1, 1)")
            first, second = entry.between
            if not vintage.known(Note(place, entry.source or "", entry.published)):
                continue
            self._stated[frozenset(entry.between)] = (Correlation(first, second, rho), place, key)
            if len(self._stated) > MAX_CORRELATIONS:
                raise InputError(place, key, f"more than {MAX_CORRELATIONS} correlations", "fewer")

    def kept(self, priors: Mapping[Path, Prior]) -> tuple[Correlation, ...]:
        """Those between uncertain quantities.

        Raises
        ------
        InputError
            If a name is not that of a quantity, or no joint distribution has all correlations.
        """
        uncertain = {prior.stream for prior in priors.values() if not isinstance(prior.distribution, Point)}
        kept: list[tuple[Correlation, str, str]] = []
        for correlation, place, key in self._stated.values():
            for name in (correlation.first, correlation.second):
                if name not in uncertain and not _known_exactly(name, priors):
                    what = "a quantity that has one prior"
                    raise InputError(place, f"{key}.between", shown(name), one_of(name, sorted(uncertain), what))
            if {correlation.first, correlation.second} <= uncertain:
                kept.append((correlation, place, key))
        _refuse_contradiction(kept)
        return tuple(correlation for correlation, _, _ in kept)


def _refuse_contradiction(kept: list[tuple[Correlation, str, str]]) -> None:
    """Refuse correlations that no joint distribution has, naming one that cannot be added to those before it."""

    def possible(count: int) -> bool:
        matrix = correlation_matrix(tuple(correlation for correlation, _, _ in kept[:count]))[1]
        return count == 0 or bool(np.linalg.eigvalsh(matrix).min() >= _SMALLEST_EIGENVALUE)

    good, bad = 0, len(kept)
    if possible(bad):
        return
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if possible(middle) else (good, middle)
    last, place, key = kept[bad - 1]
    got = f"{last.rho:g} between {last.first} and {last.second}, which contradicts those before it"
    raise InputError(place, f"{key}.rho", got, "correlations that can all hold; a pair left out counts as 0")


def _known_exactly(name: str, priors: Mapping[Path, Prior]) -> bool:
    start = tuple(name.split("."))
    below = [prior for path, prior in priors.items() if path[: len(start)] == start]
    return bool(below) and all(isinstance(prior.distribution, Point) for prior in below)


def correlation_matrix(correlations: tuple[Correlation, ...]) -> tuple[list[str], NDArray[np.float64]]:
    """Names in order of first mention and their correlation matrix, (quantity, quantity)."""
    names = list(dict.fromkeys(name for c in correlations for name in (c.first, c.second)))
    matrix, position = np.eye(len(names)), {name: i for i, name in enumerate(names)}
    for c in correlations:
        i, j = position[c.first], position[c.second]
        matrix[i, j] = matrix[j, i] = c.rho
    return names, matrix
