"""Inputs of equations that their laws are tried on."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from autosim.equations.delegation import DelegationTerms

NEAR = 1e-9
SHARE = st.floats(0, 1)
COST = st.floats(0, 4)
YEARS = st.floats(0, 12)
SMALL = st.floats(0.01, 5)
DOUBLINGS = st.floats(-20, 20)
TWO = st.tuples(SMALL, SMALL).map(sorted)

type Floats = NDArray[np.float64]


def arrays(size: int, numbers: st.SearchStrategy[float]) -> st.SearchStrategy[Floats]:
    return st.lists(numbers, min_size=size, max_size=size).map(np.array)


WEIGHTS = arrays(4, st.floats(0.01, 1)).map(lambda weights: weights / weights.sum())
ORDERS = st.permutations(range(4)).map(list)
COSTS = st.tuples(*[st.floats(0, 3)] * 8, st.floats(0.01, 0.5)).map(
    lambda terms: DelegationTerms(*(np.array([term]) for term in terms))
)


def split(values: Floats, part: float) -> Floats:
    """Cut the last item in two, of which one is ``part``."""
    return np.append(values[:-1], [part * values[-1], (1 - part) * values[-1]])


def again(values: Floats) -> Floats:
    """What is the same for both halves of the last item."""
    return np.append(values, values[-1])
