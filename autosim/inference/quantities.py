"""Which quantities a likelihood touches, and how these are sampled: as standard normals, tied by the copula."""

from collections.abc import Collection, Iterable

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable

from autosim.errors import InputError
from autosim.inference.standard import curves, is_discrete
from autosim.inputs.correlations import correlation_matrix
from autosim.inputs.distributions import Distribution, Point
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]


class Quantities:
    """The single quantities that are sampled, and the constants beside them.

    ``streams`` name the standard normals: as in the simulator, priors of one stream share their randomness. A quantity
    that the copula ties to a sampled one is sampled, too, so that what is learnt of one is learnt of the other.
    ``paths`` are all sampled paths in the scenario's order.

    Parameters
    ----------
    scenario
        Complete and checked.
    touched
        Paths of single numbers that some likelihood depends on.
    last
        Paths whose streams are to come last (see `autosim.inference.capability`).

    Raises
    ------
    InputError
        If a touched quantity takes single values only, such as a categorical one.
    """

    def __init__(self, scenario: Scenario, touched: Iterable[Path], last: Collection[Path] = ()) -> None:
        priors, wanted = scenario.priors, _tied(scenario, set(touched))
        self.paths = [path for path in priors if path in wanted and not isinstance(priors[path].distribution, Point)]
        for path in self.paths:
            _refuse_discrete(scenario, path)
        ordered = sorted(self.paths, key=lambda path: path in last)
        self.streams = list(dict.fromkeys(priors[path].stream for path in ordered))
        known: dict[tuple[str, Distribution], int] = {}
        self._place = {
            path: known.setdefault((priors[path].stream, priors[path].distribution), len(known)) for path in self.paths
        }
        self._curves = curves([distribution for _, distribution in known])
        self._stream_of = np.array([self.streams.index(stream) for stream, _ in known], dtype=np.int64)
        self._priors = priors
        self.factor = _factor(scenario, self.streams)

    def stream(self, path: Path) -> int:
        """Position of a sampled path's standard normal."""
        return self.streams.index(self._priors[path].stream)

    def values(self, z: TensorVariable) -> "Values":
        """Every quantity from the tied standard normals, (stream,)."""
        sampled = self._curves.values(z[self._stream_of]) if len(self._stream_of) else pt.zeros(0)
        constants = {path: prior.distribution.value for path, prior in self._priors.items()
                     if isinstance(prior.distribution, Point)}  # fmt: skip
        return Values(sampled, self._place, constants)


class Values:
    """Values of the sampled quantities and of the constants beside them, by path."""

    def __init__(self, sampled: TensorVariable, place: dict[Path, int], constants: dict[Path, float]) -> None:
        self._sampled, self._place, self._constants = sampled, place, constants

    def __call__(self, *path: str) -> TensorVariable:
        """One quantity, a scalar."""
        if path in self._place:
            return self._sampled[self._place[path]]
        return pt.as_tensor(self._constants[path])

    def many(self, paths: Iterable[Path]) -> TensorVariable:
        """Several quantities, (path,)."""
        asked = list(paths)
        if all(path in self._place for path in asked):
            return self._sampled[np.array([self._place[path] for path in asked], dtype=np.int64)]
        return pt.stack([self(*path) for path in asked])


def _tied(scenario: Scenario, touched: set[Path]) -> set[Path]:
    """Touched paths, and those that correlations tie to them, however far."""
    streams = {scenario.priors[path].stream for path in touched}
    pairs = [{correlation.first, correlation.second} for correlation in scenario.correlations]
    tied: set[str] = set()
    while more := {name for pair in pairs if pair & (streams | tied) for name in pair} - tied:
        tied |= more
    return touched | {path for path, prior in scenario.priors.items() if prior.stream in tied}


def _refuse_discrete(scenario: Scenario, path: Path) -> None:
    prior = scenario.priors[path]
    if is_discrete(prior.distribution):
        got = f"{prior.distribution}, which takes single values"
        raise InputError(prior.note.place, ".".join(path), got, "a continuous distribution or a number, to be fitted")


def _factor(scenario: Scenario, streams: list[str]) -> Floats:
    """Lower triangular factor of the copula's correlations, in the order of the streams."""
    matrix = np.eye(len(streams))
    if scenario.correlations:
        names, stated = correlation_matrix(scenario.correlations)
        here = [(streams.index(name), i) for i, name in enumerate(names) if name in streams]
        for row, i in here:
            for column, j in here:
                matrix[row, column] = stated[i, j]
    return np.linalg.cholesky(matrix)
