"""Time use: minutes per person and task (model §10)."""

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor import TensorVariable

from autosim.inference.terms import add_terms

CONCENTRATION_PRIOR = (2.5, 1.0)
"""Mean and sd of the log of a role's `time_concentration`: people's shares scatter as a Dirichlet of 2 to 60 does."""


def add_time_use(table: pd.DataFrame, time_share: dict[str, TensorVariable], tasks: tuple[str, ...]) -> None:
    """Add the likelihood of minutes: Dirichlet-multinomial around the role's time shares, a concentration per role.

    A task that a person's record does not mention was not recorded, so only the mix among the recorded tasks counts:
    the composition among some components of a Dirichlet is a Dirichlet of the same parameters.
    """
    for role, rows in table.groupby("role", sort=True):
        concentration = pm.LogNormal(f"time_concentration.{role}", *CONCENTRATION_PRIOR)
        people = rows.pivot_table(index="person", columns="task", values="minutes", aggfunc="sum")
        minutes = people.reindex(columns=list(tasks)).to_numpy(dtype=np.float64)
        recorded = np.isfinite(minutes)
        n = np.nan_to_num(minutes)
        alpha = pt.maximum(concentration * time_share[str(role)], 1e-9)
        each = pt.switch(recorded, pt.gammaln(n + alpha) - pt.gammaln(alpha), 0.0).sum(axis=1)
        whole = pt.switch(recorded, alpha, 0.0).sum(axis=1)
        terms = pt.gammaln(whole) - pt.gammaln(n.sum(axis=1) + whole) + each
        add_terms(f"time_use.{role}", terms)
