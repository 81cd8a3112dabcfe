"""Where to evaluate an integral over normally distributed difficulty: a trapezoid, as model §4 asks."""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

REACH = 7.0
"""Half-width of the trapezoid in standard deviations; ±5 is too short for rare delegation (model §4)."""

MAX_NODES = 2001


def trapezoids(step: Floats) -> tuple[Floats, Floats]:
    """Standardised nodes and weights of one trapezoid per draw, padded with weight 0 to the longest.

    Parameters
    ----------
    step
        Largest distance between nodes [sd], (draw,), above 0.

    Returns
    -------
    Nodes z [sd] and weights [1], both (draw, node); weights sum to 1 over nodes.

    Examples
    --------
    >>> z, weights = trapezoids(np.array([0.25, 0.5]))
    >>> z.shape, (weights * z**2).sum(-1).round(9).tolist()
    ((2, 57), [1.0, 1.0])
    """
    counts = np.minimum(2 * np.ceil(REACH / step).astype(np.int64) + 1, MAX_NODES)
    position = np.arange(counts.max())
    z = REACH * (2.0 * position / (counts[:, None] - 1) - 1.0)
    weights = np.where(position < counts[:, None], np.exp(-0.5 * np.minimum(z**2, REACH**2)), 0.0)
    return z, weights / weights.sum(-1, keepdims=True)
