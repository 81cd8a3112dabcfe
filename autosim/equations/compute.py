"""Compute that agents take, and what it means for one project (model §6)."""

from typing import Any

import numpy as np

from autosim.equations.arrays import Array


def agent_compute_demand(
    agent_compute: Array,
    agent_compute_growth: Array,
    years: Array,
    labour_speedup: Array,
    delegated_share: Array,
    compute_per_head_log2: Array,
    xp: Any = np,
) -> Array:
    r"""Share of R&D compute that agents would take.

    .. math:: z = z_0\, 2^{\gamma t}\, S_L\, D / c(t)

    Parameters
    ----------
    agent_compute
        :math:`z_0` [share], what full delegation would take at the reference date.
    agent_compute_growth
        :math:`\gamma` [doublings/year].
    years
        :math:`t` [year].
    labour_speedup, delegated_share
        :math:`S_L` and :math:`D` [1].
    compute_per_head_log2
        :math:`\log_2 c` [doublings] of R&D compute per head since the reference date.

    Returns
    -------
    :math:`z` [share], broadcast shape; may exceed 1, labs cap it.

    References
    ----------
    Model §6.

    Examples
    --------
    >>> round(float(agent_compute_demand(0.05, 0.0, 0.0, 2.0, 0.5, 0.0)), 6)
    0.05
    """
    return (
        agent_compute * xp.exp2(agent_compute_growth * years - compute_per_head_log2) * labour_speedup * delegated_share
    )


def project_speedup(labour_speedup: Array, compute_wait: Array, agent_compute_share: Array) -> Array:
    r"""Speedup S_P of one project's calendar, part of which waits for experiments.

    .. math:: S_P = 1 / \bigl((1 - W)/S_L + W/(1 - z)\bigr)

    Parameters
    ----------
    labour_speedup
        :math:`S_L` [1].
    compute_wait
        :math:`W`, share of the calendar that waits for experiments [share].
    agent_compute_share
        :math:`z`, share of R&D compute that agents take [share], below 1.

    Returns
    -------
    :math:`S_P` [1], never above :math:`1/W`.

    References
    ----------
    Model §6.

    Examples
    --------
    >>> project_speedup(1.0, 0.2, 0.0), round(project_speedup(1e12, 0.2, 0.0), 6)
    (1.0, 5.0)
    """
    return 1.0 / ((1.0 - compute_wait) / labour_speedup + compute_wait / (1.0 - agent_compute_share))
