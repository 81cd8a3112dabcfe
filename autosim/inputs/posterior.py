"""A posterior as the simulator sees it: joint draws of some quantities, and what they were learnt against."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim import streams

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]


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
        purpose. None for a posterior from elsewhere, which only an explicit override outdoes.
    """

    place: str
    sha256: str
    values: Mapping[str, Floats]
    trajectory: Integers | None = None
    priors: Mapping[str, str] | None = None

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def chosen(self, seed: int, positions: Integers) -> Integers:
        """Which of its draws stand for a simulation's draws at ``positions``: each once before any comes again.

        Depends on the seed alone, so that all quantities keep their correlations and more draws begin with the same.
        """
        order = np.argsort(streams.uniform(seed, "posterior", len(self)), kind="stable")
        whole: Integers = order[positions % len(self)].astype(np.int64)
        return whole


def prior_texts(priors: Mapping[tuple[str, ...], object]) -> Iterator[tuple[str, str]]:
    """Name and text of every prior, exact enough that equal text is the same prior."""
    for path, prior in priors.items():
        distribution = getattr(prior, "distribution", None) or getattr(prior, "simplex", None)
        yield ".".join(path), repr(distribution)
