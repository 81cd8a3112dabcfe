"""Capability: one time horizon per bottleneck (model §2)."""

from typing import Any

import numpy as np

from autosim.equations.arrays import Array

HORIZON_CAP = 24.0
"""Highest log2 horizon [log2 min]: 2^24 minutes are about 32 years, longer than any task here."""

_BEYOND_EVERY_CAP = 1e9


def exponential(doublings: Array) -> Array:
    """Trajectory g(y) = y: the horizon doubles at an even pace.

    Parameters
    ----------
    doublings
        :math:`y` [doublings], any shape.

    Returns
    -------
    :math:`g` [doublings], same shape.

    References
    ----------
    Model §2; the trend of Kwa et al. (2025), arXiv 2503.14499.

    Examples
    --------
    >>> exponential(3.0)
    3.0
    """
    return doublings


def superexponential(doublings: Array, doubling_shrink: Array, xp: Any = np) -> Array:
    r"""Trajectory on which each doubling of the horizon takes a share ``doubling_shrink`` less than the one before.

    .. math:: g(y) = \ln(1 - d\,y) / \ln(1 - d), \quad y < 1/d; \text{ beyond every cap past it}

    Parameters
    ----------
    doublings
        :math:`y` [doublings], any shape; below 0 (before the reference date) g(y) = y.
    doubling_shrink
        :math:`d` [1], in (0, 1), broadcast against ``doublings``.

    Returns
    -------
    :math:`g` [doublings], broadcast shape.

    References
    ----------
    Model §2; the shape is that of the AI 2027 time-horizon extension (Lifland, 2025).

    Examples
    --------
    >>> round(float(superexponential(1.0, 0.1)), 6), round(float(superexponential(1.9, 0.1)), 6)
    (1.0, 2.0)
    """
    used_up = doubling_shrink * xp.maximum(doublings, 0.0)
    grown = xp.log1p(-xp.where(used_up < 1.0, used_up, 0.0)) / xp.log1p(-doubling_shrink)
    return xp.where(doublings <= 0.0, doublings, xp.where(used_up < 1.0, grown, _BEYOND_EVERY_CAP))


def saturating(doublings: Array, ceiling_doublings: Array, xp: Any = np) -> Array:
    r"""Trajectory that levels off.

    .. math:: g(y) = c\,(1 - e^{-y/c})

    Parameters
    ----------
    doublings
        :math:`y` [doublings], any shape; below 0 (before the reference date) g(y) = y.
    ceiling_doublings
        :math:`c` [doublings], above 0, broadcast against ``doublings``.

    Returns
    -------
    :math:`g` [doublings], broadcast shape, below :math:`c`.

    References
    ----------
    Model §2.

    Examples
    --------
    >>> round(float(saturating(6.0, 6.0)), 6)
    3.792723
    """
    grown = -ceiling_doublings * xp.expm1(-xp.maximum(doublings, 0.0) / ceiling_doublings)
    return xp.where(doublings <= 0.0, doublings, grown)


TRAJECTORIES = ("exponential", "superexponential", "saturating")
"""The shapes g may take; a draw's shape is its position here."""


def horizon_growth(
    trajectory: Array,
    effective_compute_log2: Array,
    horizon_elasticity: Array,
    doubling_shrink: Array,
    ceiling_doublings: Array,
    xp: Any = np,
) -> Array:
    """Growth of the horizon at the common pace, g(horizon_elasticity · e) [doublings], each draw on its own shape.

    Parameters
    ----------
    trajectory
        Position in ``TRAJECTORIES``, any shape.
    effective_compute_log2
        e [doublings] of effective compute since the reference date.
    horizon_elasticity
        Doublings of the horizon per doubling of effective compute [1].
    doubling_shrink, ceiling_doublings
        See `superexponential` and `saturating`.

    Returns
    -------
    g [doublings], broadcast shape.

    References
    ----------
    Model §2.

    Examples
    --------
    >>> float(horizon_growth(np.array(0), 4.0, 0.5, 0.1, 6.0))
    2.0
    """
    y = horizon_elasticity * effective_compute_log2
    curved = xp.where(trajectory < 2, superexponential(y, doubling_shrink, xp), saturating(y, ceiling_doublings, xp))
    return xp.where(trajectory < 1, exponential(y), curved)


def horizon_log2(horizon: Array, horizon_offset: Array, relief: Array, growth: Array, xp: Any = np) -> Array:
    r"""Log2 of the length at which one bottleneck alone makes AI fail half of its attempts.

    .. math:: \log_2 H_b = \min(\log_2 h + o_b + (1 + \rho_b)\,g,\; 24)

    Parameters
    ----------
    horizon
        :math:`h` [min], the frontier's at the reference date.
    horizon_offset
        :math:`o_b` [doublings], sets the bottleneck apart.
    relief
        :math:`\rho_b` [1], above -1: how much faster (+) or slower (-) than the common pace it is relieved.
    growth
        :math:`g` [doublings], from `horizon_growth`.

    Returns
    -------
    [log2 min], broadcast shape: a benchmark horizon, before any work gap.

    References
    ----------
    Model §2; time horizon as in Kwa et al. (2025), arXiv 2503.14499.

    Examples
    --------
    >>> float(horizon_log2(8.0, 1.0, 0.5, 2.0)), float(horizon_log2(8.0, 0.0, 0.0, 99.0))
    (7.0, 24.0)
    """
    return xp.minimum(xp.log2(horizon) + horizon_offset + (1.0 + relief) * growth, HORIZON_CAP)
