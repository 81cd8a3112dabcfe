"""Posterior files: netCDF as ArviZ has it, and tables of draws."""

import hashlib
import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from autosim.equations.capability import TRAJECTORIES
from autosim.errors import InputError, one_of, shown
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.posterior import Posterior, prior_texts
from autosim.inputs.scenario import AnyScenario, InputFile, Learnt, Pool, Scenario
from autosim.whole import whole_file

if TYPE_CHECKING:
    import pandas as pd

type Floats = NDArray[np.float64]

MARK = "autosim_posterior"
"""Attribute by which a file is known as ours."""

SAMPLE = ("chain", "draw")
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
        draws_table(tree).to_csv(fresh, index=False, lineterminator="\n")


def check_target(path: Path) -> None:
    """Refuse a name that no posterior can have; asked before the work starts."""
    if path.suffix not in SUFFIXES or path.is_dir():
        raise InputError("--out", "", shown(str(path)), f"a file that ends in {', '.join(SUFFIXES)}")


def draws_table(tree: xr.DataTree) -> "pd.DataFrame":
    """All draws as a table: chain, draw, and a column for each quantity."""
    import pandas as pd

    posterior = tree["posterior"].to_dataset()
    single = {str(name): values for name, values in posterior.data_vars.items() if values.dims == SAMPLE}
    chains, draws = np.meshgrid(posterior["chain"].to_numpy(), posterior["draw"].to_numpy(), indexing="ij")
    columns = {name: values.to_numpy().ravel() for name, values in single.items()}
    return pd.DataFrame({"chain": chains.ravel(), "draw": draws.ravel(), **columns})


def read_posterior(path: Path, *, force: bool = False) -> Posterior:
    """Read a posterior that `autosim fit` wrote: netCDF, or Parquet or CSV made from it.

    Parameters
    ----------
    path
        Of the file.
    force
        Take it even if its diagnostics failed.

    Raises
    ------
    InputError
        If it is none, its diagnostics failed, or a draw is not a finite number inside its parameter's domain.
    """
    place = str(path)
    content = _content(path, place)
    if path.suffix != ".nc":
        return _checked(place, hashlib.sha256(content).hexdigest(), _columns(path, place), None)
    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            attributes, posterior = dict(tree.attrs), tree["posterior"].to_dataset().load()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(place, "", "no netCDF with a group 'posterior'", "a posterior of autosim fit") from error
    if MARK not in attributes:
        raise InputError(
            place, "", "a netCDF that autosim did not write", "a posterior of autosim fit, or map it in a scenario"
        )
    if not force and int(attributes.get("converged", 0)) != 1:
        got = f"a posterior whose diagnostics failed ({attributes.get('diagnosis', 'unknown')})"
        raise InputError(place, "", got, "one that converged, or --force")
    columns = {str(name): v.to_numpy().ravel() for name, v in posterior.data_vars.items() if v.dims == SAMPLE}
    return _checked(place, hashlib.sha256(content).hexdigest(), columns, json.loads(attributes["priors"]))


def _content(path: Path, place: str) -> bytes:
    if path.suffix not in SUFFIXES:
        raise InputError(place, "", shown(path.name), f"a file that ends in {', '.join(SUFFIXES)}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            place, "", f"no file that can be read ({error.strerror})", "a posterior of autosim fit"
        ) from error


def _columns(path: Path, place: str) -> dict[str, Floats]:
    import pandas as pd

    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
        return {str(name): table[name].to_numpy(dtype=np.float64) for name in table if name not in SAMPLE}
    except (ValueError, OSError, TypeError) as error:
        raise InputError(place, "", "no table of numbers", "draws as autosim fit writes them") from error


def _checked(place: str, sha256: str, columns: dict[str, Any], priors: dict[str, str] | None) -> Posterior:
    """Keep the model's quantities, refusing draws that cannot be theirs; nuisances go."""
    shape = columns.pop("trajectory", None)
    values: dict[str, Floats] = {}
    for name, column in columns.items():
        parameter = PARAMETERS.get(name.split(".")[0])
        if parameter is None:
            continue
        wrong = [x for x in column if not (np.isfinite(x) and parameter.domain.holds(float(x)))]
        if wrong:
            raise InputError(place, name, shown(float(wrong[0])), str(parameter.domain))
        values[name] = np.asarray(column, dtype=np.float64)
    if not values:
        raise InputError(place, "", "draws of no quantity of the model", one_of("", PARAMETERS, "some"))
    known = shape is not None and bool(np.isin(shape, range(len(TRAJECTORIES))).all())
    return Posterior(place, sha256, values, np.asarray(shape, dtype=np.int64) if known else None, priors)


def with_posterior(scenario: AnyScenario, posterior: Posterior) -> AnyScenario:
    """Let a posterior stand in for the priors of what it has learnt.

    A scenario overrides it only where it says so: where its prior is not the one that the posterior was learnt
    against, or, for a posterior from elsewhere, where an override names the quantity.

    Raises
    ------
    InputError
        If the posterior knows nothing that the scenario has.
    """
    if isinstance(scenario, Pool):
        members = tuple((weight, _one(member, posterior)) for weight, member in scenario.members)
        return replace(scenario, members=members, header=_noted(scenario, posterior))
    return _one(scenario, posterior)


def _one(scenario: Scenario, posterior: Posterior) -> Scenario:
    now = dict(prior_texts(scenario.priors)) | dict(prior_texts(scenario.shares))
    whole = {
        f"{'.'.join(path)}.{name}": ".".join(path) for path, p in scenario.shares.items() for name in p.simplex.names
    }
    said = [name.partition("=")[0].strip() for name in scenario.header.overrides]

    def overridden(name: str) -> bool:
        prior = whole.get(name, name)
        if posterior.priors is None:
            return any(name == word or name.startswith(f"{word}.") for word in said)
        return posterior.priors.get(prior) != now[prior]

    known = [name for name in posterior.values if whole.get(name, name) in now]
    if not known:
        raise InputError(
            posterior.place, "", "nothing that the scenario has", "a posterior of the same tasks and evaluations"
        )
    against = tuple(sorted({whole.get(name, name) for name in known if overridden(name)}))
    taken = {name for name in known if whole.get(name, name) not in against}
    if posterior.priors is None or posterior.priors.get("trajectory") == repr(sorted(scenario.trajectory.items())):
        taken.add("trajectory")
    else:
        against = (*against, "trajectory")
    learnt = Learnt(posterior, frozenset(taken), against)
    return replace(scenario, posterior=learnt, header=_noted(scenario, posterior))


def _noted(scenario: AnyScenario, posterior: Posterior) -> Any:
    file = InputFile(posterior.place, "", posterior.sha256)
    return replace(scenario.header, files=(*scenario.header.files, file))


def said_of(scenario: AnyScenario) -> str:
    """One line on what a scenario takes from its posterior."""
    first = scenario.members[0][1] if isinstance(scenario, Pool) else scenario
    if first.posterior is None:
        return ""
    taken, against = len(first.posterior.taken), first.posterior.overridden
    but = f"; the scenario's own: {', '.join(against)}" if against else ""
    return f"Posterior {first.posterior.posterior.place}: {taken} quantities learnt{but}"
