"""Mean and quantiles over more draws than can be kept: counts below edges that the first draws set."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim.simulation import kernels
from autosim.simulation.kernels.counting import TILE
from autosim.simulation.statistics import QUANTILES, error_bounds, over_solvable

type Singles = NDArray[np.float32]
type Doubles = NDArray[np.float64]
type Whole = NDArray[np.int32] | NDArray[np.int64]

DEVIATIONS = (-5.0, -3.0, -1.8, -0.8, 0.0, 0.8, 1.8, 3.0, 5.0)
"""Where edges lie around each quantile of the first draws, in standard errors of its probability."""


@dataclass
class Counted:
    """What some draws add: how many, how many lie below each edge (quantity, edge), sums, smallest and largest."""

    draws: int
    below: Whole
    sums: Doubles
    low: Singles
    high: Singles


class Sketch:
    """Mean and quantiles of many quantities at once, without their draws.

    The first draws set edges close around each of the `QUANTILES`; then it is only counted how many draws lie below
    each. Counts at the edges are exact and add up in any order; within a bin a quantile is interpolated. So its error
    in probability is never more than the share of draws in its bin, usually 0.2 (q05, q95) to 0.4 percentage points
    (q50) after 10,000 first draws. Where density is about linear across the bin, the error is that of interpolating
    between draws at random, a tenth or so of the Monte Carlo error of all draws, however many. A value that many draws
    have in common gets a bin of its own, so that quantiles there are exact.

    Parameters
    ----------
    first
        The first draws, (draw, quantity), finite. They are not yet counted.
    """

    def __init__(self, first: Singles) -> None:
        self.edges, self.sd = _edges(first), first.std(axis=0, dtype=np.float64)
        self.total = self.nothing()
        self.total.below = self.total.below.astype(np.int64)

    def nothing(self) -> Counted:
        """Counts of no draws."""
        quantities = len(self.edges)
        return Counted(
            0,
            np.zeros(self.edges.shape, dtype=np.int32),
            np.zeros(quantities),
            np.full(quantities, np.inf, dtype=np.float32),
            np.full(quantities, -np.inf, dtype=np.float32),
        )

    def count(self, values: Singles, into: Counted) -> None:
        """Count draws (draw, quantity) into what was counted before; threads may, as it does not touch the sketch."""
        into.draws += len(values)
        if len(values):
            kernels.count(values, self.edges, into.below, into.sums, into.low, into.high)

    def add(self, counted: Counted) -> None:
        """Add what was counted; sums keep their last digits if this is done in the same order."""
        self.total.draws += counted.draws
        self.total.below += counted.below
        self.total.sums += counted.sums
        np.minimum(self.total.low, counted.low, out=self.total.low)
        np.maximum(self.total.high, counted.high, out=self.total.high)

    def table(self, effective: float) -> Doubles:
        """Mean, quantiles and their errors of all draws added, (statistic, quantity), as `with_errors` has them.

        ``effective`` is how many independent draws they are worth; the error of the mean is that of the first draws'
        standard deviation.
        """
        quantiles, low, high = (
            [self._quantile(share) for share in shares] for shares in (QUANTILES.values(), *error_bounds(effective))
        )
        errors = [0.5 * (upper - lower) for lower, upper in zip(low, high, strict=True)]
        return np.stack([self.total.sums / self.total.draws, *quantiles, self.sd / np.sqrt(effective), *errors])

    def _quantile(self, share: float) -> Doubles:
        """Find the bin that holds the draw of this rank, and interpolate between the middles of its draws' ranks."""
        draws, below, low, high = self.total.draws, self.total.below, self.total.low, self.total.high
        rank = share * (draws - 1)
        at = (below <= int(rank)).sum(axis=1)[:, None]
        ends = np.full_like(at, draws)
        bounds = np.hstack([low[:, None], self.edges, np.nextafter(high, np.float32(np.inf))[:, None]])
        before, upto = _pair(np.hstack([0 * ends, below, ends]).astype(np.float64), at)
        left, right = _pair(bounds, at)
        first = np.maximum(left, low).astype(np.float64)
        last = np.minimum(np.nextafter(right, np.float32(-np.inf)), high).astype(np.float64)
        inside = np.clip((rank - before + 0.5) / (upto - before), 0.0, 1.0)
        value: Doubles = first + inside * (last - first)
        return value


def _pair[T: np.generic](table: NDArray[T], at: NDArray[np.int64]) -> tuple[NDArray[T], NDArray[T]]:
    """Each row's entry at a position, and the next one."""
    return np.take_along_axis(table, at, axis=1)[:, 0], np.take_along_axis(table, at + 1, axis=1)[:, 0]


class AnswerSketch:
    """The same for quantities that some draws have no answer for.

    A quantity's own first answers set its edges, so that few answers among many draws are treated exactly.

    Parameters
    ----------
    quantities
        How many.
    exact
        So many answers of each quantity are kept and treated exactly.
    """

    def __init__(self, quantities: int, exact: int) -> None:
        self.exact = exact
        self.waiting: list[Singles] = []
        self.first = [np.empty(0, dtype=np.float32)] * quantities
        self.sketches: list[Sketch | None] = [None] * quantities

    def add(self, values: Singles) -> None:
        """Add draws, (draw, quantity), NaN where there is no answer; always in the same order."""
        self.waiting.append(values)
        if sum(len(part) for part in self.waiting) >= self.exact:
            self._sort_in()

    def table(self, draws: int, effective: float) -> Doubles:
        """Mean, quantiles and their errors of the answers, (statistic, quantity); all NaN if there is none.

        ``draws`` have been added in all, with or without an answer, and are worth ``effective`` independent ones.
        """
        self._sort_in()
        each = effective / draws
        tables = [
            sketch.table(each * sketch.total.draws)[:, 0] if sketch else over_solvable(first, each * len(first))
            for first, sketch in zip(self.first, self.sketches, strict=True)
        ]
        return np.stack(tables, axis=1)

    def _sort_in(self) -> None:
        if not self.waiting:
            return
        values = np.concatenate(self.waiting)
        self.waiting = []
        for position, column in enumerate(values.T):
            self._add_answers(position, column[np.isfinite(column)])

    def _add_answers(self, position: int, answers: Singles) -> None:
        sketch = self.sketches[position]
        if sketch is None:
            answers = np.concatenate([self.first[position], answers])
            if len(answers) < self.exact:
                self.first[position] = answers
                return
            self.first[position] = answers[:0]
            sketch = self.sketches[position] = Sketch(answers[:, None])
        found = sketch.nothing()
        sketch.count(answers[:, None], found)
        sketch.add(found)


def _edges(first: Singles) -> Singles:
    """Order statistics around each quantile, (quantity, edge), ascending.

    Where one value takes several ranks, the edges after the first are the next larger number: a bin for this value.
    """
    draws, quantities = first.shape
    share = np.array(list(QUANTILES.values()))[:, None]
    wanted = share + np.array(DEVIATIONS) * np.sqrt(share * (1.0 - share) / draws)
    ranks = np.sort(np.rint(np.clip(wanted, 0.0, 1.0) * (draws - 1)).astype(np.int64), axis=None)
    edges = np.empty((quantities, ranks.size), dtype=np.float32)
    for start in range(0, quantities, TILE):
        edges[start : start + TILE] = np.sort(first[:, start : start + TILE].T)[:, ranks]
    again = edges[:, 1:] == edges[:, :-1]
    edges[:, 1:][again] = np.nextafter(edges[:, 1:][again], np.float32(np.inf))
    return edges
