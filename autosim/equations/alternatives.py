"""Alternatives of peers to model §7: how inputs grow, how ideas get harder, what halved compute does."""

from typing import Any

import numpy as np

from autosim.equations.arrays import Array
from autosim.equations.success import LN2


def tapering_growth(factor: Array, factor_after: Array, start: Array, end: Array, years: Array, xp: Any = np) -> Array:
    r"""Log2 of an input whose yearly growth factor falls along a straight line, as it has grown since time 0.

    .. math:: \log_2 C(t) = \int_0^t \log_2 F(s)\,ds, \quad
              F = F_0 \text{ until } t_0,\; F_1 \text{ from } t_1,\; \text{linear between}

    Parameters
    ----------
    factor, factor_after
        :math:`F_0, F_1 > 0` [1/year].
    start, end
        :math:`t_0 < t_1` [year].
    years
        :math:`t` [year].

    Returns
    -------
    [doublings], broadcast shape.

    References
    ----------
    Kwa (2026), A simpler AI timelines model, whose compute grows so from 2030 to 2058.

    Examples
    --------
    >>> float(tapering_growth(2.0, 1.0, 4.0, 5.0, 4.0)), round(float(tapering_growth(2.0, 1.0, 4.0, 5.0, 9.0)), 4)
    (4.0, 4.5573)
    """
    fall = (factor - factor_after) / (end - start)
    now = factor - fall * (xp.clip(years, start, end) - start)
    level = xp.abs(fall) < 1e-9
    falling = (_antiderivative(factor, xp) - _antiderivative(now, xp)) / xp.where(level, 1.0, fall)
    during = xp.where(level, (xp.clip(years, start, end) - start) * xp.log2(factor), falling)
    before, after = xp.minimum(years, start), xp.maximum(years - end, 0.0)
    return before * xp.log2(factor) + during + after * xp.log2(factor_after)


def _antiderivative(factor: Array, xp: Any) -> Array:
    """Of log2."""
    return factor * xp.log2(factor) - factor / LN2


def declining_returns_log2(
    software_log2: Array, labour_exponent: Array, initial_returns: Array, software_limit: Array, xp: Any = np
) -> Array:
    r"""Log2 by which software progress slows as software nears its limit: returns fall along a straight line to 0.

    .. math:: \int_0^a \frac{p}{r(x)}\,dx, \quad r(x) = r_0 (1 - x/L)
              \quad\Rightarrow\quad -\frac{p}{r_0} L \ln(1 - a/L)

    For :math:`L \to \infty` it is :math:`(p/r_0)\,a`, the constant elasticity of model §7 with ideas_harder
    :math:`p/r_0`.

    Parameters
    ----------
    software_log2
        :math:`a` [doublings].
    labour_exponent
        :math:`p` [1], exponent of labour in progress, above 0.
    initial_returns
        :math:`r_0` [1]: doublings of software per doubling of cumulative research labour at the start, above 0.
    software_limit
        :math:`L` [doublings], above 0.

    Returns
    -------
    [doublings], broadcast shape; infinite from the limit on.

    References
    ----------
    Davidson and Houlden (2025), How quick and big would a software intelligence explosion be? There r falls from
    doubling to doubling; this is the limit of small steps.

    Examples
    --------
    >>> round(float(declining_returns_log2(1.0, 0.3, 1.2, 1e9)), 6)
    0.25
    >>> float(declining_returns_log2(8.0, 0.3, 1.2, 8.0))
    inf
    """
    left = 1.0 - software_log2 / software_limit
    slowed = -labour_exponent / initial_returns * software_limit * xp.log(xp.where(left > 0.0, left, 1.0))
    return xp.where(left > 0.0, slowed, np.inf)


def log2_with_half_the_compute(speedup_log2: Array, xp: Any = np) -> Array:
    r"""Log2 of a multiplier on algorithmic progress once compute grows half as fast.

    .. math:: v' = \sqrt{v/2 \cdot (v - 1/2)}

    Parameters
    ----------
    speedup_log2
        :math:`\log_2 v` [doublings], :math:`v` above 1/2.

    Returns
    -------
    [doublings], same shape.

    References
    ----------
    Lifland (2025), AI 2027 timelines forecast, time-horizon extension: from 2029 on.

    Examples
    --------
    >>> round(float(log2_with_half_the_compute(0.0)), 6)
    -1.0
    """
    return 0.5 * (speedup_log2 - 1.0 + xp.log2(xp.exp2(speedup_log2) - 0.5))
