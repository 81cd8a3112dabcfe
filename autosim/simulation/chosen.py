"""Draws that stand for a run's draws given observations: which they are, and what is told of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Given:
    """A condition as results tell it.

    ``condition`` is its canonical text; ``sd`` of the observation's error in ``unit``, both None where it is none but
    a bound; ``standard`` says that nobody stated that error.
    """

    condition: str
    sd: float | None
    unit: str | None
    standard: bool


@dataclass(frozen=True, eq=False)
class Chosen:
    """Equally weighted draws from a weighted sample.

    ``positions`` among the ``screened`` draws of the run, (draw,), ascending, each as often as it was chosen;
    ``effective`` is the effective sample size of the weights; ``members`` are the sums of the weights of a pool's
    members, (member,), which sum to 1.
    """

    positions: NDArray[np.int64]
    screened: int
    effective: float
    given: tuple[Given, ...]
    members: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def distinct(self) -> NDArray[np.int64]:
        """Positions without repetitions."""
        return np.unique(self.positions)
