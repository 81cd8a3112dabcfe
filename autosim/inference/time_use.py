"""Time use: minutes per person and task (model §10)."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable

from autosim.equations.arrays import Array
from autosim.inference.terms import add_terms

type Floats = NDArray[np.float64]

CONCENTRATION_PRIOR = (2.5, 1.0)
"""Mean and sd of the log of a role's `time_concentration`: people's shares scatter as a Dirichlet of 2 to 60 does."""

LEAST_PARAMETER = 1e-9
"""Least parameter of a Dirichlet, of a task that a role has no time for."""


def add_time_use(table: pd.DataFrame, time_share: dict[str, TensorVariable], tasks: tuple[str, ...]) -> None:
    """Add the likelihood of minutes: Dirichlet-multinomial around the role's time shares, a concentration per role.

    A task that a person's record does not mention was not recorded, so only the mix among the recorded tasks counts:
    the composition among some components of a Dirichlet is a Dirichlet of the same parameters.
    """
    for role, rows in table.groupby("role", sort=True):
        concentration = pm.LogNormal(f"time_concentration.{role}", *CONCENTRATION_PRIOR)
        minutes = recorded_minutes(rows, tasks)
        alpha = pt.maximum(concentration * time_share[str(role)], LEAST_PARAMETER)
        add_terms(f"time_use.{role}", log_likelihood(minutes, alpha, pt.gammaln))


def recorded_minutes(rows: pd.DataFrame, tasks: Sequence[str]) -> Floats:
    """Minutes of each person on each task [min], (person, task), NaN where it was not recorded."""
    people = rows.pivot_table(index="person", columns="task", values="minutes", aggfunc="sum")
    minutes: Floats = people.reindex(columns=list(tasks)).to_numpy(dtype=np.float64)
    return minutes


def log_likelihood(minutes: Floats, alpha: Array, gammaln: Callable[[Array], Array]) -> Array:
    """Log-probability of each person's mix [nat], a Dirichlet-multinomial without the constant, (..., person).

    Parameters
    ----------
    minutes
        (person, task) [min], NaN where a task was not recorded.
    alpha
        Concentration times time shares, above 0, (task,) or (..., 1, task).
    gammaln
        Of the namespace at hand.
    """
    recorded, n = np.isfinite(minutes).astype(np.float64), np.nan_to_num(minutes)
    each = (recorded * (gammaln(n + alpha) - gammaln(alpha))).sum(-1)
    whole = (recorded * alpha).sum(-1)
    return gammaln(whole) - gammaln(n.sum(-1) + whole) + each
