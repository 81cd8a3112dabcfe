"""Trends of ability in release date that item-response baselines may have."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autosim.equations.arrays import Array, softplus

_LN2 = math.log(2.0)

LEVEL_PRIOR = (4.0, 5.0)
"""Normal prior of the ability at the cut-off [log2 min]: from a second to ten weeks at the ends of the 95 % interval
(weak, judgement)."""

RATE_PRIOR = (0.0, 3.0)
"""Normal prior of the growth at the cut-off [doublings/year]: the ends of the 90 % interval double, or halve, every two
and a half months (weak; centred on no growth, so that no later estimate of it comes in)."""

BEND_PRIOR = (0.0, 0.5)
"""Normal prior of the change of the rate [doublings/year²]: within five years the rate changes by up to four doublings
a year either way (weak, judgement)."""

LOG_HEADROOM_PRIOR = (math.log(6.0), 1.0)
"""Normal prior of the log of the doublings from the cut-off's level to the ceiling: 90 % between 1 and 31, from little
that is left to so much that none can be told from a straight line (weak, judgement)."""


@dataclass(frozen=True)
class Trend:
    """A curve of ability [log2 min] in years from the cut-off.

    ``priors`` are means and sds of its parameters' normal priors; ``at(parameters, years, xp)`` is the curve, whose
    parameters and years broadcast, in NumPy or another namespace.
    """

    name: str
    priors: Mapping[str, tuple[float, float]]
    at: Callable[[Mapping[str, Array], Array, Any], Array]


def linear(parameters: Mapping[str, Array], years: Array, _: Any = np) -> Array:
    r"""Even growth, :math:`\theta = l + r t`.

    Examples
    --------
    >>> linear({"level": 4.0, "rate": 2.0}, 1.5)
    7.0
    """
    return parameters["level"] + parameters["rate"] * years


def quadratic(parameters: Mapping[str, Array], years: Array, xp: Any = np) -> Array:
    r"""Growth that itself changes evenly, :math:`\theta = l + r t + b t^2 / 2`.

    Examples
    --------
    >>> quadratic({"level": 4.0, "rate": 2.0, "bend": 0.5}, 2.0)
    9.0
    """
    return linear(parameters, years, xp) + 0.5 * parameters["bend"] * years**2


def saturating(parameters: Mapping[str, Array], years: Array, xp: Any = np) -> Array:
    r"""Log2 of a horizon that grows logistically, :math:`h = C / (1 + (C / h_0 - 1)\,2^{-k t})`.

    It is :math:`l` at the cut-off and levels off a headroom :math:`c = \log_2 C / h_0` above:

    .. math:: \theta = l + c - \log_2 (1 + (2^c - 1)\,2^{-k t})

    ``rate`` is the growth at the cut-off, :math:`r = k\,(1 - 2^{-c})`; long before it was :math:`k`.

    References
    ----------
    Verhulst (1838), Correspondance mathématique et physique 10, 113-121.

    Examples
    --------
    >>> told = {"level": 4.0, "rate": 1.0, "log_headroom": 0.0}
    >>> round(float(saturating(told, 0.0)), 6), round(float(saturating(told, 100.0)), 6)
    (4.0, 5.0)
    >>> round(float(saturating(told, -10.0) - saturating(told, -11.0)), 2)
    2.0
    """
    headroom = _LN2 * xp.exp(parameters["log_headroom"])
    left = -xp.expm1(-headroom)
    early = parameters["rate"] * _LN2 / left
    return parameters["level"] + (headroom - softplus(headroom + xp.log(left) - early * years, xp)) / _LN2


LINEAR = Trend("linear", {"level": LEVEL_PRIOR, "rate": RATE_PRIOR}, linear)
QUADRATIC = Trend("quadratic", {**LINEAR.priors, "bend": BEND_PRIOR}, quadratic)
SATURATING = Trend("saturating", {**LINEAR.priors, "log_headroom": LOG_HEADROOM_PRIOR}, saturating)
TRENDS = (LINEAR, QUADRATIC, SATURATING)
"""In the order in which tables show them."""
