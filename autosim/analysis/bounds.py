"""Bounds that a run implies: how fast one project could get."""

import numpy as np
from numpy.typing import NDArray

from autosim.simulation.run import Simulation

_SLIGHT = 1e-3
"""A labour speedup no further above 1 says nothing of how projects wait."""


def project_ceiling(simulation: Simulation) -> NDArray[np.float64]:
    r"""Speedup of a project whose work takes no time: it still waits for its experiments.

    .. math:: 1/w, \qquad w = (1/S_P - 1/S_L) / (1/(1 - z) - 1/S_L)

    Parameters
    ----------
    simulation
        Every output of a scenario.

    Returns
    -------
    1 / ``compute_wait`` [1], (draw,), read off the date at which labour is fastest; infinite where labour never is
    faster than without AI, or nothing waits.

    References
    ----------
    Model §6.
    """
    labour, project, compute = (
        np.asarray(simulation.outputs[name], dtype=np.float64)
        for name in ("labour_speedup", "project_speedup", "agent_compute_share")
    )
    fastest = labour.argmax(axis=1)[:, None]
    s, p, z = (np.take_along_axis(values, fastest, axis=1)[:, 0] for values in (labour, project, compute))
    waits = 1.0 / p - 1.0 / s
    known = (s > 1.0 + _SLIGHT) & (waits > 0.0)
    ceiling = np.full(len(s), np.inf)
    np.divide(1.0 / (1.0 - z) - 1.0 / s, waits, out=ceiling, where=known)
    return ceiling
