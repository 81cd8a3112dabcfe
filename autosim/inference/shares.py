"""Shares that sum to 1 in the sampler: time shares of tasks, and roles' shares of hours."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor import TensorConstant, TensorVariable

from autosim.equations.labour import mixed_time_share
from autosim.inputs.distributions import Simplex
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario


@dataclass(frozen=True)
class Mix:
    """Time shares [1] of the tasks by role, (task,) each, and the roles' shares of hours [1], (role,)."""

    role_share: TensorVariable
    time_share: dict[str, TensorVariable]

    def whole(self, order: list[int]) -> TensorVariable:
        """Shares of all hours, (task,), tasks in this order."""
        each = pt.stack(list(self.time_share.values()))[:, np.array(order)]
        mixed: TensorVariable = mixed_time_share(self.role_share, each)
        return mixed


def sampled_shares(needed: Collection[Path], scenario: Scenario) -> Mix:
    """Sample the shares that some likelihood depends on; the others stand at their prior means, unused.

    Roles that were given one distribution together share it, as in the simulator. Shares that are known, and a
    component whose mean is 0, are constants.
    """
    drawn: dict[tuple[str, Simplex], TensorVariable] = {}

    def share(*path: str) -> TensorVariable:
        prior = scenario.shares[path]
        key = (prior.stream, prior.simplex)
        if key not in drawn:
            drawn[key] = _simplex(prior.stream, prior.simplex) if path in needed else pt.as_tensor(prior.simplex.mean)
        known = isinstance(drawn[key], TensorConstant)
        return drawn[key] if known else pm.Deterministic(".".join(path), drawn[key])

    return Mix(share("role_share"), {role: share("time_share", role) for role in scenario.taxonomy.roles})


def _simplex(stream: str, simplex: Simplex) -> TensorVariable:
    mean = np.asarray(simplex.mean)
    open_ended = np.flatnonzero(mean > 0.0)
    if simplex.concentration is None or open_ended.size < 2:
        return pt.as_tensor(mean)
    inside = pm.Dirichlet(f"simplex.{stream}", mean[open_ended] * simplex.concentration)
    return pt.set_subtensor(pt.zeros(mean.size)[open_ended], inside)
