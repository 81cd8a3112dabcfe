"""Posterior files: netCDF as ArviZ has it, and tables of draws."""

import json
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from autosim.errors import InputError, shown
from autosim.inputs.posterior_files import COMMENT, MARK, SAMPLE
from autosim.whole import whole_file

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".nc", ".parquet", ".csv")


def write_posterior(tree: xr.DataTree, path: Path) -> None:
    """Write a posterior whole or not at all: everything as netCDF, or its draws as Parquet or CSV.

    Raises
    ------
    InputError
        If the name ends in something else.
    AutosimError
        If the disk refuses.
    """
    check_target(path)
    with whole_file(path) as fresh:
        put_posterior(tree, fresh)


def put_posterior(tree: xr.DataTree, fresh: Path) -> None:
    """Write a posterior to a path that `autosim.whole.whole_file` yields.

    It is put together in memory and written by Python, because HDF5 does not survive a full disk.
    """
    if fresh.suffix == ".nc":
        content = BytesIO()
        tree.to_netcdf(content, engine="h5netcdf")
        fresh.write_bytes(content.getvalue())
    elif fresh.suffix == ".parquet":
        draws_table(tree).to_parquet(fresh, index=False)
    else:
        with fresh.open("w", encoding="utf-8", newline="") as file:
            file.write(f"{COMMENT}{_attributes(tree)}\n")
            draws_table(tree).to_csv(file, index=False, lineterminator="\n")


def _attributes(tree: xr.DataTree) -> str:
    """What is known of the fit, as a table carries it: Parquet among its metadata, CSV in a comment on top."""
    return json.dumps(dict(tree.attrs), default=lambda value: value.item())


def check_target(path: Path, option: str = "--out") -> None:
    """Refuse a name that no posterior can have; asked before the work starts."""
    if path.suffix not in SUFFIXES or path.is_dir():
        raise InputError(option, "", shown(str(path)), f"a file that ends in {', '.join(SUFFIXES)}")


def draws_table(tree: xr.DataTree) -> "pd.DataFrame":
    """All draws as a table: chain, draw, and a column for each quantity."""
    import pandas as pd

    posterior = tree["posterior"].to_dataset()
    single = {str(name): values for name, values in posterior.data_vars.items() if values.dims == SAMPLE}
    chains, draws = np.meshgrid(posterior["chain"].to_numpy(), posterior["draw"].to_numpy(), indexing="ij")
    columns = {name: values.to_numpy().ravel() for name, values in single.items()}
    table = pd.DataFrame({"chain": chains.ravel(), "draw": draws.ravel(), **columns})
    table.attrs[MARK] = _attributes(tree)
    return table
