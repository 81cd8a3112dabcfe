"""Labour: from the cost of each task to the speedup of a whole mix of tasks (model §5)."""

from typing import Any

import numpy as np

from autosim.equations.arrays import Array

_TINY = 1e-300
_UNWEIGHTED = 1e12


def labour_speedup(time_share: Array, cost: Array, task_substitution: Array, xp: Any = np) -> Array:
    r"""Speedup S_L of a mix of tasks, a CES aggregate of their costs.

    .. math:: S_L = \Bigl(\sum_k w_k \tau_k^{1-\sigma}\Bigr)^{-1/(1-\sigma)}

    Parameters
    ----------
    time_share
        :math:`w_k` [1], (..., task), normalised here.
    cost
        :math:`\tau_k`, human time per unit of work relative to doing it by hand [1], (..., task), at least 0.
    task_substitution
        :math:`\sigma`, elasticity of substitution between tasks [1], at least 0, (...). At 0 this is Amdahl's law, at 1
        the weighted geometric mean; worked in logarithms, so that both sides of 1 meet and a large :math:`\sigma` does
        not overflow.

    Returns
    -------
    :math:`S_L` [1], (...).

    References
    ----------
    Model §5; CES: Arrow, Chenery, Minhas and Solow (1961), Rev. Econ. Stat. 43, 225-250.

    Examples
    --------
    >>> shares, costs = np.array([0.5, 0.5]), np.array([0.0, 1.0])
    >>> float(labour_speedup(shares, costs, np.array(0.0)))
    2.0
    """
    w = time_share / time_share.sum(-1)[..., None]
    k = (1.0 - task_substitution)[..., None]
    log_cost = xp.log(xp.maximum(cost, _TINY))
    geometric = xp.abs(k) < 1e-9
    safe = xp.where(geometric, 1.0, k)
    powers = xp.where(w > 0.0, safe * log_cost, -_UNWEIGHTED)
    lead = powers.max(-1)
    ces = (lead + xp.log1p((w * xp.expm1(powers - lead[..., None])).sum(-1))) / safe[..., 0]
    return xp.exp(-xp.where(geometric[..., 0], (w * log_cost).sum(-1), ces))


def mix_mean(time_share: Array, quantity: Array) -> Array:
    """Mean of a per-task quantity over a mix of tasks.

    Parameters
    ----------
    time_share
        w [1], (..., task), normalised here.
    quantity
        Anything per task, (..., task).

    Returns
    -------
    In the quantity's unit, (...).

    References
    ----------
    Model §5.

    Examples
    --------
    >>> float(mix_mean(np.array([1.0, 3.0]), np.array([0.0, 1.0])))
    0.75
    """
    return (time_share * quantity).sum(-1) / time_share.sum(-1)


def mixed_time_share(role_share: Array, time_share: Array) -> Array:
    r"""Time shares of all roles together, :math:`w = \sum_r h_r\,w_r` [1].

    Parameters
    ----------
    role_share
        :math:`h_r`, share of all hours [1], (..., role).
    time_share
        (..., role, task) [1].

    Returns
    -------
    (..., task) [1].

    References
    ----------
    Model §1.

    Examples
    --------
    >>> mixed_time_share(np.array([0.75, 0.25]), np.array([[1.0, 0.0], [0.0, 1.0]])).tolist()
    [0.75, 0.25]
    """
    return (role_share[..., None] * time_share).sum(-2)
