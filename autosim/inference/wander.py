r"""How the frontier wanders about its trend: ahead of it or behind, for a while (model §10).

.. math:: w \sim N(0, K), \quad K_{st} = \sigma^2 e^{-|s - t| / \tau}

Models are built on their predecessors, so that the frontier, once ahead of its trend, stays ahead for some time. A
forecast starts from where the frontier is and finds back to the trend. Over decades the progress of 53 technologies was
a random walk about its drift with independent noise besides (Farmer, Lafond 2016, Research Policy 45, 647-665), of
which this is the form that keeps to the trend in the long run.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

import numpy as np
import pymc as pm
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable
from scipy import linalg

from autosim.inference.capability import DAYS_PER_YEAR

type Floats = NDArray[np.float64]

WANDER_SD = 0.5
"""How far the frontier wanders [doublings], one standard deviation: as wide as single models scatter (judgement)."""

WANDER_YEARS = 1.5
"""The time in which all but 37 % of a lead is lost [year]: a generation of models or two (judgement)."""

WANDER = "wander"
"""Quantity of a fit: the wander by day, `wander.2024-06-20`."""


def factor(years: Floats) -> Floats:
    """Lower triangular factor of the wander's covariance on different days [doublings], (day, day).

    The wander of the first days does not depend on how many follow.

    Examples
    --------
    >>> factor(np.array([0.0, 1.5 * np.log(2.0)])).round(3)
    array([[0.5  , 0.   ],
           [0.25 , 0.433]])
    """
    apart = np.abs(years[:, None] - years)
    found: Floats = linalg.cholesky(WANDER_SD**2 * np.exp(-apart / WANDER_YEARS), lower=True)
    return found


def sampled_wander(years: Floats) -> TensorVariable:
    """Sample the wander on some days, (level,) [doublings]; levels of one day share it.

    Its deterministic ``wander`` (day,) holds it for each day once, in their order.
    """
    days, place = np.unique(years, return_inverse=True)
    standard = pm.Normal("standard_wander", shape=days.size)
    return pm.Deterministic(WANDER, factor(days) @ standard, dims="day")[place]


class _Seen(Protocol):
    """Draws that know the wander of some days."""

    @property
    def beside(self) -> Mapping[str, Floats]: ...
    def normal(self, name: str) -> Floats: ...


def wander_on(days: Sequence[date], seen: _Seen) -> Floats:
    """Draw the wander on some days, given those that a fit knows, (draw, day) [doublings].

    Parameters
    ----------
    days
        In any order, and more than once.
    seen
        Draws of a fit, or of priors alone.
    """
    known = _known(seen)
    new = sorted({*days} - {*known})
    every = [*known, *new]
    years = np.array([day.toordinal() for day in every]) / DAYS_PER_YEAR
    whole = factor(years)
    standard = [seen.normal(f"{WANDER}.{day}") for day in new]
    if known:
        own = linalg.solve_triangular(whole[: len(known), : len(known)], np.stack([*known.values()]), lower=True)
        standard = [*own, *standard]
    drawn = dict(zip(every, whole @ np.stack(standard), strict=True)) | known
    return np.stack([drawn[day] for day in days], axis=-1)


def _known(seen: _Seen) -> dict[date, Floats]:
    """Days whose wander a fit knows."""
    own = f"{WANDER}."
    return {date.fromisoformat(name.removeprefix(own)): values for name, values in seen.beside.items()
            if name.startswith(own)}  # fmt: skip
