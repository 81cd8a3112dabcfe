"""Files of posterior draws: netCDF and Zarr as ArviZ writes them, Stan's CSV, and plain tables of draws."""

import hashlib
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from os.path import exists, isdir, isfile  # unlike those of Path, they take any path without raising
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autosim.errors import InputError, shown

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

type Floats = NDArray[np.float64]

MARK = "autosim_posterior"
"""Attribute by which a file is known as ours."""

ESS = "ess"
"""Attribute in which a posterior of ours says how many independent draws its rows are worth."""

COMMENT = f"# {MARK} "
"""How the first line of our own CSV starts; the attributes follow as JSON."""

SAMPLE = ("chain", "draw")
SUFFIXES = (".nc", ".zarr", ".parquet", ".csv")
MAX_BYTES = 4_000_000_000

_STAN_ADAPTED = "# Adaptation terminated"
_STAN_INDEX = re.compile(r"(?P<name>.*?[^.])(?P<index>(?:\.\d+)+)")
_EXPECTED = "draws of a posterior"
_NUMBERS = "fiu"  # kinds of dtypes


@dataclass(frozen=True)
class DrawsFile:
    """What a file holds: draws by the names it uses, (draw,) each, and autosim's attributes if it wrote the file.

    An element of an array is named ``name[label]``, by its coordinate's label, or by its position where it has none.
    """

    place: str
    sha256: str
    columns: Mapping[str, Floats]
    attributes: Mapping[str, Any]

    @property
    def ours(self) -> bool:
        """Whether `autosim fit` wrote it."""
        return MARK in self.attributes


def read_draws(path: Path, place: str) -> DrawsFile:
    """Read a file of draws, whoever wrote it.

    Parameters
    ----------
    path
        ``.nc`` or ``.zarr`` with a group ``posterior`` (ArviZ), ``.csv`` of Stan, or ``.csv`` or ``.parquet`` with a
        column for each quantity and a row for each draw.
    place
        What to call it in an error.

    Raises
    ------
    InputError
        If it is none of these, or does not hold numbers.
    """
    if path.suffix not in SUFFIXES:
        raise InputError(place, "", shown(path.name), f"a file that ends in {', '.join(SUFFIXES)}")
    found = isdir(path) if path.suffix == ".zarr" else isfile(path)
    if not found:
        got = "no such file" if not exists(path) else "a folder" if isdir(path) else "a file that is no folder"
        raise InputError(place, "", got, _EXPECTED)
    try:
        sha256 = _digest(path, place)
        columns, attributes = _READERS[path.suffix](path, place)
    except OSError as error:
        raise InputError(place, "", f"a file that cannot be read ({error.strerror or error})", _EXPECTED) from None
    if not columns or not all(len(column) for column in columns.values()):
        raise InputError(place, "", "no draws", "a variable or column of numbers for each quantity")
    return DrawsFile(place, sha256, columns, attributes)


def _digest(path: Path, place: str) -> str:
    """SHA-256 of a file, or of all files of a folder with their names."""
    files = sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
    size = sum(item.stat().st_size for item in files)
    if size > MAX_BYTES:
        raise InputError(place, "", f"{size / 1e9:,.1f} GB", f"at most {MAX_BYTES / 1e9:g} GB")
    whole = hashlib.sha256()
    for item in files:
        with item.open("rb") as content:
            own = hashlib.file_digest(content, "sha256").digest()
        if item == path:
            return own.hex()
        whole.update(str(item.relative_to(path)).encode() + b"\0" + own)
    return whole.hexdigest()


def _netcdf(path: Path, place: str) -> tuple[dict[str, Floats], dict[str, Any]]:
    return _tree(path, place, "netCDF-4 file", engine="h5netcdf")


def _zarr(path: Path, place: str) -> tuple[dict[str, Floats], dict[str, Any]]:
    for item in path.rglob("*"):
        where = str(item.relative_to(path))
        if item.is_symlink():
            raise InputError(place, where, "a link", "a file or a folder")
        if item.name in {"zarr.json", ".zarray", ".zmetadata"} and "pickle" in _plain(item.read_bytes()):
            raise InputError(place, where, "pickled objects", "arrays of numbers")
    return _tree(path, place, "Zarr store", engine="zarr", consolidated=False)


def _plain(content: bytes) -> str:
    """JSON in lower case and without escapes, or nothing if it is no JSON and so will not be read."""
    try:
        return json.dumps(json.loads(content)).lower()
    except (ValueError, RecursionError):
        return ""


def _tree(path: Path, place: str, what: str, **options: Any) -> tuple[dict[str, Floats], dict[str, Any]]:
    """The group ``posterior`` of a tree, opened by name so that nothing else is decoded."""
    import xarray as xr

    options["decode_timedelta"] = False  # or hours would come out as nanoseconds
    try:
        with xr.open_dataset(path, **options) as root:
            attributes = dict(root.attrs) if MARK in root.attrs else {}
        with xr.open_dataset(path, group="posterior", **options) as posterior:
            if posterior.nbytes > MAX_BYTES:
                raise InputError(place, "", f"{posterior.nbytes / 1e9:,.1f} GB", f"at most {MAX_BYTES / 1e9:g} GB")
            return dict(_flat(posterior)), attributes
    except InputError:
        raise
    except Exception as error:  # decoders raise what they like on a damaged file
        raise InputError(place, "", f"no {what} with a group 'posterior'", "draws as ArviZ writes them") from error


def _flat(posterior: "xr.Dataset") -> Iterator[tuple[str, Floats]]:
    """Every number of the posterior by name, chains one after the other."""
    sample = [dim for dim in SAMPLE if dim in posterior.dims]
    for name, values in posterior.data_vars.items():
        if "draw" not in sample or not set(sample) <= set(values.dims) or values.dtype.kind not in _NUMBERS:
            continue
        rest = [dim for dim in values.dims if dim not in SAMPLE]
        array = values.transpose(*sample, *rest).to_numpy().astype(np.float64)
        array = array.reshape(-1, *array.shape[len(sample) :])
        for index in np.ndindex(array.shape[1:]):
            labels = [str(values[dim].to_numpy()[i]) for dim, i in zip(rest, index, strict=True)]
            yield (f"{name}[{','.join(labels)}]" if labels else str(name)), array[:, *index]


def _csv(path: Path, place: str) -> tuple[dict[str, Floats], dict[str, Any]]:
    """A table of draws, ours or anybody's, or Stan's output: there warm-up comes before a line that says it is over."""
    import pandas as pd

    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(place, "", "bytes that are not text", "UTF-8 text") from None
    attributes = _attributes(text.partition("\n")[0].removeprefix(COMMENT), place) if text.startswith(COMMENT) else {}
    lines = text.splitlines()
    adapted = next((i for i, line in enumerate(lines) if line.startswith(_STAN_ADAPTED)), None)
    warm_up = 0 if adapted is None else sum(1 for line in lines[:adapted] if line and not line.startswith("#")) - 1
    try:
        with warnings.catch_warnings(action="error", category=pd.errors.ParserWarning):
            table = pd.read_csv(StringIO(text), comment="#", index_col=False)
    except (ValueError, pd.errors.ParserWarning) as error:
        raise InputError(place, "", f"text that is not a table ({error})", "a table of draws") from None
    header = next((line for line in lines if line and not line.startswith("#")), "").split(",")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise InputError(place, "header", f"the column {shown(twice)} twice", "each column once")
    stan = adapted is not None or "lp__" in table.columns
    return _columns(table.iloc[max(warm_up, 0) :], place, stan=stan), attributes


def _parquet(path: Path, place: str) -> tuple[dict[str, Floats], dict[str, Any]]:
    import pandas as pd

    try:
        table = pd.read_parquet(path)
    except (ValueError, TypeError) as error:
        raise InputError(place, "", "bytes that are not Parquet", "a table of draws") from error
    said = table.attrs.get(MARK)
    return _columns(table, place), _attributes(said, place) if isinstance(said, str) else {}


def _columns(table: "pd.DataFrame", place: str, *, stan: bool = False) -> dict[str, Floats]:
    """Columns as numbers; Stan's ``theta.1.2`` is called ``theta[1,2]``, and its own bookkeeping goes."""
    found: dict[str, Floats] = {}
    if table.empty:
        return found
    for label, column in table.items():
        name = str(label)
        if name in SAMPLE or (stan and name.endswith("__")):
            continue
        called = _STAN_INDEX.fullmatch(name) if stan else None
        new = f"{called['name']}[{called['index'][1:].replace('.', ',')}]" if called else name
        if getattr(column.dtype, "kind", "O") not in _NUMBERS:
            raise InputError(place, name, "a column that is not of numbers", "a number for each draw")
        found[new] = column.to_numpy(dtype=np.float64)
    return found


def _attributes(said: str, place: str) -> dict[str, Any]:
    try:
        made = json.loads(said)
    except (ValueError, RecursionError):
        made = None
    if not isinstance(made, dict):
        raise InputError(place, MARK, "text that is not JSON", "the attributes as autosim fit writes them")
    return {MARK: 1, **made}


_READERS = {".nc": _netcdf, ".zarr": _zarr, ".csv": _csv, ".parquet": _parquet}
