"""Small files of posterior draws, as others write them and as `autosim fit` does, and what a scenario makes of them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray
from reading import clear

import autosim
from autosim.equations.capability import TRAJECTORIES
from autosim.errors import InputError
from autosim.inference.files import write_posterior
from autosim.inputs.posterior import Learnt, prior_texts, weights_text
from autosim.inputs.posterior_files import MARK, SAMPLE
from autosim.inputs.scenario import Scenario

HEAD = "name: Mine\nextends: base\n"
_RNG = np.random.default_rng(5)
H50 = _RNG.uniform(0.1, 0.5, (2, 120))  # hours, (chain, draw)
GAP = 10.0 * H50  # so that a pair shows whether it comes from one row
THETA = _RNG.normal(size=(2, 120, 2))
WANTED = {
    "horizon": 60.0 * H50.ravel(),
    "work_gap": GAP.ravel(),
    "horizon_offset.reliability": THETA[..., 0].ravel(),
    "horizon_offset.novelty": THETA[..., 1].ravel(),
}
"""What every file of `FORMATS` says, by our names and in our units."""

MAP = "map: {horizon: {from: h50, unit: hours}, work_gap: gap, horizon_offset: theta}"
STAN_MAP = MAP.replace("_offset: theta", "_offset.reliability: 'theta[1]', horizon_offset.novelty: 'theta[2]'")


def arviz() -> xr.DataTree:
    """A posterior as ArviZ has it, with a variable that is transposed, one without chains, and another group."""
    variables = {
        "h50": (SAMPLE, H50, {"units": "hours"}),
        "gap": (SAMPLE, GAP),
        "theta": (("draw", "bottleneck", "chain"), THETA.transpose(1, 2, 0)),
        "per_draw": ("draw", np.arange(120.0)),
    }
    posterior = xr.Dataset(variables, coords={"bottleneck": ["reliability", "novelty"]})
    return xr.DataTree.from_dict({"posterior": posterior, "prior": posterior + 1e3})


def table() -> pd.DataFrame:
    """The same as a plain table."""
    theta = {f"theta[{name}]": WANTED[f"horizon_offset.{name}"] for name in ("reliability", "novelty")}
    return pd.DataFrame({"h50": H50.ravel(), "gap": GAP.ravel(), **theta})


def stan(rows: int = 240) -> str:
    """The same as CmdStan writes it, with three draws of warm-up."""
    text = table().set_axis(["h50", "gap", "theta.1", "theta.2"], axis=1)
    text.insert(0, "lp__", -7.5)
    text.insert(1, "accept_stat__", 0.9)
    header, *draws = text.to_csv(index=False).splitlines()
    adapted = ["# Adaptation terminated", "# Step size = 0.8", "# Diagonal elements of inverse mass matrix:", "# 1, 2"]
    before = ["# method = sample (Default)", header, *["-9,0.1,999,999,999,999"] * 3, *adapted]
    return "\n".join([*before, *draws[:rows], "# ", "#  Elapsed Time: 0.1 seconds (Warm-up)", ""])


FORMATS: dict[str, Callable[[Path], object]] = {
    "arviz.nc": lambda path: arviz().to_netcdf(path, engine="h5netcdf"),
    "arviz.zarr": lambda path: arviz().to_zarr(path, consolidated=False),
    "older.zarr": lambda path: arviz().to_zarr(path, zarr_format=2),
    "stan.csv": lambda path: path.write_text(stan()),
    "plain.csv": lambda path: table().to_csv(path, index=False),
    "plain.parquet": lambda path: table().to_parquet(path),
}
"""Writers of every kind of file, by a name for it."""


def write_own(
    shapes: Mapping[str, int],
    file: str = "own.nc",
    columns: Mapping[str, NDArray[np.float64]] | None = None,
    **attributes: object,
) -> str:
    """Write a posterior as `autosim fit` does, fitted to base.yaml: numbers of draws by shape, told by the horizon.

    ``columns`` are further ones, (chain, draw).
    """
    base = loaded("base.yaml")
    shape = np.repeat([TRAJECTORIES.index(name) for name in shapes], list(shapes.values())).reshape(2, -1)
    numbers = np.arange(shape.size, dtype=np.float64).reshape(2, -1) / shape.size
    values = {"horizon": 10.0 + shape + numbers / 2.0, "work_gap": numbers, "growth.A": numbers, "trajectory": shape}
    values |= columns or {}
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset({name: (SAMPLE, array) for name, array in values.items()})})
    priors = dict(prior_texts(base.priors)) | dict(prior_texts(base.shares))
    priors |= {"trajectory": weights_text(base.trajectory)}
    verdict = {"converged": 1, "diagnosis": "", "reference_date": str(base.header.reference_date)}
    tree.attrs = {MARK: 1, "priors": json.dumps(priors)} | verdict | attributes
    write_posterior(tree, Path(file))
    return file


def loaded(scenario: str, said: Mapping[str, object] | None = None, posterior: str | None = None) -> Scenario:
    """A scenario that is no pool."""
    found = autosim.load(scenario, said or {}, posterior)
    assert isinstance(found, Scenario)
    return found


def learnt(scenario: Scenario) -> Learnt:
    """What it takes from its posterior, which it must have."""
    assert scenario.posterior is not None
    return scenario.posterior


def refusal(scenario: str, *said: Any) -> str:
    """The one clear line in which it is refused."""
    with pytest.raises(InputError) as caught:
        loaded(scenario, *said)
    return clear(caught.value)
