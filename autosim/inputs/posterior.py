"""A posterior as the simulator sees it: joint draws of some quantities, and what a scenario takes of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from autosim import streams
from autosim.equations.capability import TRAJECTORIES

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

TRAJECTORY = "trajectory"
"""Name under which a posterior holds each draw's shape of the capability trajectory."""

SHAPES = "trajectory_weights"
"""Attribute in which a posterior of ours says how forecasts weigh the shapes, and why (JSON)."""

AS_OF = "as_of"
"""Attribute in which a posterior of ours says as of which day its priors and evidence are (ISO date)."""


def shape_column(name: str) -> str:
    """Name under which a posterior of ours holds the probability of a shape in each draw."""
    return f"trajectory_weight.{name}"


@dataclass(frozen=True, eq=False)
class Posterior:
    """Joint draws of quantities, by dotted name.

    Parameters
    ----------
    place
        File from which it was read.
    sha256
        Of that file.
    values
        Draws by dotted name, such as ``horizon_offset.novelty``, (draw,) each, in the parameters' units. Shares come
        whole: all tasks of a role's ``time_share``, all roles.
    trajectory
        Each draw's shape as a position in `autosim.equations.capability.TRAJECTORIES`, or None if it is not known.
    priors
        What each quantity's prior was when it was fitted, as text; a scenario that says something else says so on
        purpose. None for a posterior from elsewhere.
    ess
        Smallest effective sample size of all quantities, or None if it is not known: rows then count as independent.
    """

    place: str
    sha256: str
    values: Mapping[str, Floats]
    trajectory: Integers | None = None
    priors: Mapping[str, str] | None = None
    ess: float | None = None

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))


@dataclass(frozen=True, eq=False)
class Learnt:
    """A posterior at work in a scenario: what is taken from it, and what the scenario says otherwise (dotted names).

    ``weights`` of the trajectory's shapes are the scenario's own where it overrides them, else None. Draws are then
    taken from those of the posterior that have the shape in question, so that shape and quantities stay together.
    ``shapes`` are the weight of each shape and the number of draws that the posterior's are worth for it, where rows
    were drawn anew for such weights (`autosim.inputs.shapes.reweighted`), else None.
    """

    posterior: Posterior
    taken: frozenset[str]
    overridden: tuple[str, ...]
    weights: Mapping[str, float] | None = None
    shapes: Mapping[str, tuple[float, float]] | None = None

    def rows(self, seed: int, positions: Integers) -> Integers:
        """Which of the posterior's draws stand for a run's draws at ``positions``.

        In a run of one scenario with the fitted weights each comes once before any comes again. Depends on the seed
        alone, so that all quantities keep their correlations and more draws begin with the same.
        """
        order = _shuffled(seed, len(self.posterior))
        shapes = self.posterior.trajectory
        if self.weights is None or shapes is None:
            return order[positions % len(order)]
        wanted = shapes_of(self.weights, seed, positions)
        rows = np.empty_like(positions)
        for shape in np.unique(wanted):
            own = order[shapes[order] == shape]
            at = wanted == shape
            rows[at] = own[positions[at] % len(own)]
        return rows


def shapes_of(weights: Mapping[str, float], seed: int, positions: Integers) -> Integers:
    """Shape of the trajectory of a run's draws at ``positions``, by weights: positions in `TRAJECTORIES`."""
    whole = np.cumsum([weights.get(name, 0.0) for name in TRAJECTORIES])
    first, last = int(positions.min()), int(positions.max())
    u = streams.uniform(seed, f"structure.{TRAJECTORY}", last - first + 1, first)[positions - first]
    return np.minimum(np.searchsorted(whole, u, side="right"), len(whole) - 1).astype(np.int64)


@lru_cache(maxsize=8)
def _shuffled(seed: int, size: int) -> Integers:
    order = np.argsort(streams.uniform(seed, "posterior", size), kind="stable").astype(np.int64)
    order.flags.writeable = False
    return order


def prior_texts(priors: Mapping[tuple[str, ...], object]) -> Iterator[tuple[str, str]]:
    """Name and text of every prior, exact enough that equal text is the same prior."""
    for path, prior in priors.items():
        distribution = getattr(prior, "distribution", None) or getattr(prior, "simplex", None)
        yield ".".join(path), repr(distribution)


def weights_text(trajectory: Mapping[str, float]) -> str:
    """Text of the weights of the trajectory's shapes, equal for equal weights."""
    return repr(sorted((name, float(weight)) for name, weight in trajectory.items()))
