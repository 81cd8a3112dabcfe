"""Randomness: one stream for each quantity, derived from the seed and the quantity's name."""

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_SMALLEST = 2.0**-54


def uniform(seed: int, name: str, draws: int, first: int = 0) -> NDArray[np.float64]:
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
    first
        Position of the first of them in the stream.

    Returns
    -------
    (draws,) [1], strictly between 0 and 1.

    Examples
    --------
    >>> bool((uniform(0, "work_gap", 3) == uniform(0, "work_gap", 5)[:3]).all())
    True
    >>> bool((uniform(0, "work_gap", 2, first=3) == uniform(0, "work_gap", 5)[3:]).all())
    True
    """
    bits = np.random.PCG64(0)
    bits.state = _at_start(seed, name).state
    bits.advance(first)  # one step for each number
    return np.maximum(np.random.Generator(bits).random(draws), _SMALLEST)


@lru_cache(maxsize=4096)
def _at_start(seed: int, name: str) -> np.random.PCG64:
    """Bits of a stream before its first number; to derive them takes longer than to draw a hundred numbers."""
    words = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype="<u4")
    return np.random.PCG64(np.random.SeedSequence([seed, *words.tolist()]))


def another(seed: int) -> int:
    """A seed whose streams have nothing to do with those of the given one; it depends on that one alone.

    Examples
    --------
    >>> another(0) == another(0) != another(1)
    True
    """
    return int.from_bytes(hashlib.sha256(f"another {seed}".encode()).digest()[:8], "big") >> 1
