"""Sampling: No-U-Turn chains through nutpie, the same bits for the same seed."""

import os
import warnings
from collections.abc import Mapping

import numpy as np
import pymc as pm
import xarray as xr
from numpy.typing import NDArray

from autosim.defaults import TARGET_ACCEPT
from autosim.inference.terms import LOG_LIKELIHOOD

type Floats = NDArray[np.float64]

MOST_DOUBLINGS = 5
"""Trajectories have at most 31 steps: with 15 chains go from one shape of the trend to another too seldom."""

KEPT = ("quantity", "role_share", "time_share.", "growth", "trajectory_log_weight", "trend", "wander",
        "lag_spread", "suite_offset", "trial_deviation", "expert_spread", "time_concentration.",
        LOG_LIKELIHOOD)  # fmt: skip
"""Variables of the model that are kept, by the start of their name; the sampler's coordinates are not."""

_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def sample(
    model: pm.Model,
    draws: int,
    tune: int,
    chains: int,
    seed: int,
    cores: int,
    target_accept: float = TARGET_ACCEPT,
    *,
    progress: bool = False,
    keep: tuple[str, ...] = KEPT,
    start: Mapping[str, Floats] | None = None,
) -> xr.DataTree:
    """Sample a model; keep its coordinates, and the variables whose names start with one of ``keep``.

    Chains ``start``, if that is said, near these values of coordinates, as far as the model has them in this shape.
    Steps are adapted to correlations between coordinates, too. The model is
    compiled by JAX, which takes seconds where Numba takes minutes; each chain computes on one thread, so
    that no result depends on how many there are.

    Returns
    -------
    Groups ``posterior`` and ``sample_stats``, dims chain and draw first.
    """
    os.environ.setdefault("XLA_FLAGS", _ONE_THREAD)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import nutpie

        compiled = nutpie.compile_pymc_model(model, backend="jax", gradient_backend="jax", var_names=_kept(model, keep),
                                               initial_points=_fitting(model, start or {}))  # fmt: skip
        tree: xr.DataTree = nutpie.sample(
            compiled,
            draws=draws,
            tune=tune,
            chains=chains,
            cores=min(cores, chains),
            seed=seed,
            target_accept=target_accept,
            maxdepth=MOST_DOUBLINGS,
            adaptation="low_rank",
            progress_bar=progress,
        )
    return tree


def coordinates(model: pm.Model) -> list[str]:
    """Names of what the sampler moves, as the model has them: not what they are transformed to."""
    return [str(variable.name) for variable in model.free_RVs]


def _kept(model: pm.Model, keep: tuple[str, ...]) -> list[str]:
    derived = [str(variable.name) for variable in model.deterministics]
    return [*coordinates(model), *(name for name in derived if name.startswith(keep))]


def _fitting(model: pm.Model, start: Mapping[str, Floats]) -> dict[str, Floats] | None:
    """Starting values of coordinates that the model has, in the shape that it has."""
    shapes = {name: model[name].type.shape for name in coordinates(model)}
    return {name: values for name, values in start.items() if values.shape == shapes.get(name)} or None
