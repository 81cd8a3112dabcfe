"""Randomness: one stream for each quantity, derived from the seed and the quantity's name."""

import hashlib

import numpy as np
from numpy.typing import NDArray

_SMALLEST = 2.0**-54


def uniform(seed: int, name: str, draws: int) -> NDArray[np.float64]:
    """Uniform numbers for one quantity.

    A quantity's numbers depend on the seed and its name alone: adding another quantity leaves them unchanged, scenarios
    compare draw by draw, and more draws begin with the same ones.

    Parameters
    ----------
    seed
        At least 0.
    name
        Of the quantity, such as ``severity.debugging.novelty``.
    draws
        How many.

    Returns
    -------
    (draws,) [1], strictly between 0 and 1.

    Examples
    --------
    >>> bool((uniform(0, "work_gap", 3) == uniform(0, "work_gap", 5)[:3]).all())
    True
    """
    words = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype="<u4")
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words.tolist()])))
    return np.maximum(generator.random(draws), _SMALLEST)
