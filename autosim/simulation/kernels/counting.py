"""How many draws lie below each of many values: quantiles of more draws than fit in memory."""

import numpy as np
from numpy.typing import NDArray

from autosim.simulation.kernels.compiling import Floats, Singles, compiled

type Counts = NDArray[np.int32] | NDArray[np.int64]

TILE = 16
"""Quantities whose draws are gathered together: a cache line of single precision."""


@compiled
def count(values: Singles, edges: Singles, below: Counts, sums: Floats, low: Singles, high: Singles) -> None:
    """Add to the fields of `Counted`. Vector units compare every draw with every edge in less time than a search."""
    draws, quantities = values.shape
    columns = np.empty((TILE, draws), dtype=np.float32)
    for start in range(0, quantities, TILE):
        width = min(TILE, quantities - start)
        for i in range(draws):
            for k in range(width):
                columns[k, i] = values[i, start + k]
        for k in range(width):
            column, total, smallest, largest = columns[k], 0.0, columns[k, 0], columns[k, 0]
            for e in range(edges.shape[1]):
                edge, count = edges[start + k, e], 0
                for i in range(draws):
                    count += column[i] < edge
                below[start + k, e] += count
            for i in range(draws):
                total += column[i]
                smallest, largest = min(smallest, column[i]), max(largest, column[i])
            sums[start + k] += total
            low[start + k], high[start + k] = min(low[start + k], smallest), max(high[start + k], largest)
