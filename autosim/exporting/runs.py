"""A run as it is exported: which of its variables, at which dates, under which names."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from autosim.analysis.targets import step_of
from autosim.dims import DATE, DRAW, STATISTIC, YEAR
from autosim.errors import InputError, one_of, shown
from autosim.output import DATASET
from autosim.outputs import OUTPUTS
from autosim.words import inside

RUN = "a folder that autosim run wrote, or its run.nc"
MAX_BYTES = 4_000_000_000
USUAL = tuple(name for name, output in OUTPUTS.items() if output.dims in ((DATE,), ()))
"""Variables that are exported unless told: one number a month, and ceilings."""

NEEDED = ("milestones", "version", "scenario", "reference_date", "seed", "draws", "effective_draws")
"""Attributes by which a run's dataset is known, and which exports tell."""

type Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Variable:
    """One number per draw and date: its name with labels, such as ``pass_rate.sparse_attention``, meaning and unit.

    ``values`` has the axes draw (or statistic) and date, the latter of length 1 if it does not change with time.
    """

    name: str
    meaning: str
    units: str
    values: NDArray[np.float32]

    @property
    def constant(self) -> bool:
        """Whether it does not change with time."""
        return OUTPUTS[self.name.split(".")[0]].dims[:1] not in ((DATE,), (YEAR,))


@dataclass(frozen=True)
class Run:
    """What is exported of a run: variables at dates, and what the run's dataset says of itself.

    ``followed`` are the structures that each draw followed, by name, (draw,); empty if draws were not kept.
    """

    place: str
    dates: tuple[str, ...]
    variables: tuple[Variable, ...]
    followed: Columns
    attributes: dict[str, Any]

    @property
    def milestones(self) -> dict[str, Any]:
        """Milestones as ``summary.json`` has them."""
        found: dict[str, Any] = json.loads(self.attributes["milestones"])
        return found

    def of_draws(self) -> "Run":
        """Itself, if its draws were kept.

        Raises
        ------
        InputError
            If it is one of more than 10,000 draws, of which only statistics were kept.
        """
        if not self.followed:
            got = f"statistics of {int(self.attributes['draws']):,} draws"
            raise InputError(self.place, "", got, "a run whose draws were kept: at most 10,000")
        return self


def read_run(
    run: str | Path | xr.Dataset, variables: Sequence[str] = (), at: Sequence[str] = (), *, monthly: bool = False
) -> Run:
    """Read what is asked of a run.

    Parameters
    ----------
    run
        Folder or ``run.nc`` of ``autosim run``, or the dataset that `autosim.run` returned.
    variables
        Names as in the dataset, such as ``pass_rate`` or, for one label alone, ``pass_rate.sparse_attention``; what is
        one number a month, and ceilings, unless told.
    at
        Dates of the monthly grid, such as ``2029-08-27`` or ``2029-08``; whole years unless told.
    monthly
        Take all dates.

    Raises
    ------
    InputError
        If it is no run, or a variable, a label or a date is unknown.
    """
    if monthly and at:
        raise InputError("--monthly", "", "dates (--at) beside it", "either")
    if isinstance(run, xr.Dataset):
        return _chosen(run, "run", variables, at, monthly=monthly)
    path = Path(run)
    file = path / DATASET if path.is_dir() else path
    if not file.is_file():
        raise InputError(str(run), "", "no such file" if not path.is_dir() else f"a folder without {DATASET}", RUN)
    if file.stat().st_size > MAX_BYTES:
        raise InputError(str(run), "", f"{file.stat().st_size / 1e9:,.1f} GB", f"at most {MAX_BYTES / 1e9:g} GB")
    try:
        opened = xr.open_dataset(file, engine="h5netcdf")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(str(run), "", f"no netCDF-4 file ({error})", RUN) from None
    with opened:
        return _chosen(opened, str(run), variables, at, monthly=monthly)


def _chosen(dataset: xr.Dataset, place: str, variables: Sequence[str], at: Sequence[str], *, monthly: bool) -> Run:
    lacking = [name for name in NEEDED if name not in dataset.attrs]
    if lacking or not {DATE, YEAR} <= set(dataset.coords) or not {DRAW, STATISTIC} & set(dataset.dims):
        raise InputError(place, "", f"a dataset without {lacking[0] if lacking else 'draws and dates'}", RUN)
    days = [value.astype("datetime64[D]").item() for value in dataset[DATE].to_numpy()]
    years = [value.astype("datetime64[D]").item() for value in dataset[YEAR].to_numpy()]
    if at:
        dates = [days[step] for step in sorted({step_of(text, days, "--at") for text in at})]
    else:
        dates = days if monthly else years
    names = tuple(dict.fromkeys(variables)) or USUAL
    found = [one for name in names for one in _variables(dataset, name, dates)]
    followed = {
        str(name): values.to_numpy().astype(str)
        for name, values in dataset.coords.items()
        if values.dims == (DRAW,) and name != DRAW
    }
    return Run(place, tuple(map(str, dates)), tuple(found), followed, dict(dataset.attrs))


def _variables(dataset: xr.Dataset, said: str, dates: Sequence[Any]) -> Iterator[Variable]:
    """A variable by name, or each of its elements."""
    head, *labels = said.split(".")
    if head not in dataset or head not in OUTPUTS:
        known = [name for name in OUTPUTS if name in dataset]
        raise InputError("--variable", "", f"the unknown {shown(head)}", one_of(head, known, "a variable"))
    values, output = dataset[head], OUTPUTS[head]
    axes = [axis for axis in output.dims if axis not in (DATE, YEAR)]
    known_labels = [[str(label) for label in values[axis].to_numpy()] for axis in axes]
    if labels and len(labels) != len(axes):
        got = f"{said}, with {len(labels)} of {len(axes)} labels" if axes else f"{said}, with labels"
        raise InputError("--variable", "", got, f"{head}, or with labels of {' and '.join(axes) or 'none'}")
    for label, axis, known in zip(labels, axes, known_labels, strict=bool(labels)):
        if label not in known:
            raise InputError("--variable", "", f"the unknown {axis} {shown(label)}", one_of(label, known, axis))
    for time in (DATE, YEAR):
        if time in values.dims:
            values = _at(values, time, said, dates)
    first = DRAW if DRAW in values.dims else STATISTIC
    for one in [labels] if labels else product(*known_labels):
        element = values.sel(dict(zip(axes, one, strict=True)))
        array = element.to_numpy().reshape(element.sizes[first], -1)
        meaning = ", ".join([output.long_name, *map(inside, one)])
        yield Variable(".".join((head, *one)), meaning, output.units, array)


def _at(values: xr.DataArray, time: str, said: str, dates: Sequence[Any]) -> xr.DataArray:
    """A variable at dates, of which a yearly one knows only whole years."""
    wanted = np.array(dates, dtype="datetime64[ns]")
    lacking = [day for day, here in zip(dates, np.isin(wanted, values[time].to_numpy()), strict=True) if not here]
    if lacking:
        got = f"{said} at {lacking[0]}"
        raise InputError("--variable", "", got, "dates whole years after the reference date: no others are kept of it")
    return values.sel({time: wanted})
