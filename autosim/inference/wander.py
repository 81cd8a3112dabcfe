r"""How the frontier wanders about its trend: ahead of it or behind, for a while (model §10).

.. math:: w_{t + h} = e^{-h / \tau} w_t + \sigma \sqrt{1 - e^{-2 h / \tau}}\, z, \quad w \sim N(0, \sigma)

Models are built on their predecessors, so that the frontier, once ahead of its trend, stays ahead for some time. A
forecast starts from where the frontier is and finds back to the trend. Over decades the progress of 53 technologies was
a random walk about its drift with independent noise besides (Farmer, Lafond 2016, Research Policy 45, 647-665), of
which this is the form that keeps to the trend in the long run.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable

from autosim.inference.capability import DAYS_PER_YEAR

type Floats = NDArray[np.float64]

WANDER_PRIOR = (math.log(0.5), 0.5)
"""Mean and sd of the log of `trend_wander` [doublings], the sd of the wander: as wide as single models scatter, 0.2 to
1.1 at the ends of the 90 % interval (judgement)."""

WANDER_YEARS_PRIOR = (math.log(1.5), 0.5)
"""Mean and sd of the log of `wander_years` [year], the time in which all but 37 % of a lead is lost: a generation of
models or two, half a year to three and a half at the ends of the 90 % interval (judgement)."""

WANDER = "wander"
"""Quantity of a fit: the wander by day, `wander.2024-06-20`."""


def between(left: Any, right: Any, keeps_left: Any, keeps_right: Any) -> tuple[Any, Any]:
    r"""Mean and sd [sd of the wander] of the wander at a day, given what it is on the days before and after it.

    .. math:: \mu = \frac{a (1 - b^2) l + b (1 - a^2) r}{1 - a^2 b^2}, \quad
        s^2 = \frac{(1 - a^2)(1 - b^2)}{1 - a^2 b^2}

    Parameters
    ----------
    left, right
        :math:`l` and :math:`r`, the wander before and after.
    keeps_left, keeps_right
        :math:`a = e^{-h / \tau}` for the time :math:`h` since the day before, and :math:`b` until the day after; 0
        where there is none.

    Examples
    --------
    >>> between(1.0, 9.9, 0.6, 0.0)
    (0.6, 0.8)
    >>> between(1.0, 1.0, 1.0, 0.5)
    (1.0, 0.0)
    """
    rest_left, rest_right = 1.0 - keeps_left**2, 1.0 - keeps_right**2
    whole = 1.0 - keeps_left**2 * keeps_right**2
    mean = (keeps_left * rest_right * left + keeps_right * rest_left * right) / whole
    return mean, (rest_left * rest_right / whole) ** 0.5


def sampled_wander(years: Floats) -> TensorVariable:
    """Sample the wander on some days, (level,) [doublings]; levels of one day share it.

    Its deterministic ``wander`` (day,) holds it for each day once, in their order.
    """
    days, place = np.unique(years, return_inverse=True)
    sd, time = pm.LogNormal("trend_wander", *WANDER_PRIOR), pm.LogNormal("wander_years", *WANDER_YEARS_PRIOR)
    standard = pm.Normal("standard_wander", shape=days.size)
    found = [standard[0]]
    for i, step in enumerate(np.diff(days), start=1):
        mean, apart = between(found[-1], 0.0, pt.exp(-step / time), 0.0)
        found.append(mean + apart * standard[i])
    whole = pm.Deterministic(WANDER, sd * pt.stack(found), dims="day")
    return whole[place]


class _Seen(Protocol):
    """Draws that know the wander of some days."""

    @property
    def beside(self) -> Mapping[str, Floats]: ...
    def normal(self, name: str) -> Floats: ...
    def positive(self, name: str, prior: tuple[float, float]) -> Floats: ...


def wander_on(days: Sequence[date], seen: _Seen) -> Floats:
    """Draw the wander on some days, given those that a fit knows, (draw, day) [doublings].

    Parameters
    ----------
    days
        In any order, and more than once.
    seen
        Draws of a fit, or of priors alone.
    """
    sd, time = seen.positive("trend_wander", WANDER_PRIOR), seen.positive("wander_years", WANDER_YEARS_PRIOR)
    known = _known(seen)
    found: dict[date, Floats] = dict(known)
    for day in sorted({*days} - {*known}):
        before = max((other for other in found if other < day), default=None)
        after = min((other for other in known if other > day), default=None)
        left, keeps_left = _neighbour(found, before, day, time)
        right, keeps_right = _neighbour(found, after, day, time)
        mean, apart = between(left, right, keeps_left, keeps_right)
        found[day] = mean + sd * apart * seen.normal(f"{WANDER}.{day}")
    return np.stack([found[day] for day in days], axis=-1)


def _known(seen: _Seen) -> dict[date, Floats]:
    """Days whose wander a fit knows."""
    own = f"{WANDER}."
    return {date.fromisoformat(name.removeprefix(own)): values for name, values in seen.beside.items()
            if name.startswith(own)}  # fmt: skip


def _neighbour(found: Mapping[date, Floats], other: date | None, day: date, time: Floats) -> tuple[Any, Any]:
    """The wander on another day, and how much of it is kept until this one; 0 for both if there is no such day."""
    if other is None:
        return 0.0, 0.0
    return found[other], np.exp(-abs((day - other).days) / DAYS_PER_YEAR / time)
