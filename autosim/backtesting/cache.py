"""Fits that were made before, kept by the hash of all that they depend on."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

import pandas as pd
import xarray as xr

from autosim.evidence.tables import Evidence
from autosim.inference.files import put_posterior
from autosim.inputs.posterior import prior_texts
from autosim.inputs.scenario import Scenario
from autosim.whole import whole_file

_KEY = "cache_key"
_PACKAGE = Path(__file__).parent.parent
SAMPLING = ("equations", "evidence", "inference", "inputs", "draws.py", "streams.py")
"""Parts of the package that a fit of the model depends on."""

_LIBRARIES = ("jax", "numpy", "nutpie", "pymc", "pytensor", "scipy", "xarray")


def kept(
    folder: Path | None,
    kind: str,
    key: Mapping[str, object],
    make: Callable[[], xr.DataTree],
    code: Sequence[str] = SAMPLING,
) -> xr.DataTree:
    """Take a fit from a folder, or make it and put it there.

    Parameters
    ----------
    folder
        Of fits, made if need be; None to keep nothing.
    kind
        First part of the file's name.
    key
        All that the fit depends on beside the code and its libraries, as JSON has it.
    make
        Makes the fit.
    code
        Parts of the package that it depends on.

    Raises
    ------
    AutosimError
        If the disk refuses; a file that cannot be read is made anew.
    """
    if folder is None:
        return make()
    said = json.dumps({**key, "code": code_sha256(*code), **_versions()}, sort_keys=True)
    digest = hashlib.sha256(said.encode()).hexdigest()
    path = folder / f"{kind}-{digest[:24]}.nc"
    found = _read(path, digest)
    if found is None:
        found = make()
        found.attrs[_KEY] = digest
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(path, "--cache") as fresh:
            put_posterior(found, fresh)
    return found


def _read(path: Path, digest: str) -> xr.DataTree | None:
    if not path.is_file():
        return None
    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            found = tree.load()
    except (OSError, ValueError, KeyError):
        return None
    return found if found.attrs.get(_KEY) == digest else None


def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in _LIBRARIES}


def code_sha256(*parts: str) -> str:
    """SHA-256 of the package's own files, all or some of its folders and files."""
    digest = hashlib.sha256()
    for name, text in code_files(*parts).items():
        digest.update(f"{name} {text}\n".encode())
    return digest.hexdigest()


def code_files(*parts: str) -> dict[str, str]:
    """SHA-256 of each Python file of the package by its path in it."""
    roots = [_PACKAGE / part for part in parts] or [_PACKAGE]
    files = [file for root in roots for file in (sorted(root.rglob("*.py")) if root.is_dir() else [root])]
    return {str(file.relative_to(_PACKAGE)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def evidence_sha256(evidence: Evidence) -> str:
    """SHA-256 of all tables of evidence."""
    return tables_sha256(evidence.tables())


def tables_sha256(tables: Mapping[str, pd.DataFrame]) -> str:
    """SHA-256 of tables by name."""
    texts = [f"{name}\n{table.to_csv(index=False)}" for name, table in tables.items()]
    return hashlib.sha256("".join(texts).encode()).hexdigest()


def scenario_sha256(scenario: Scenario) -> str:
    """SHA-256 of everything in a scenario that numbers depend on: names, structure, priors, correlations, dates."""
    priors = [*prior_texts(scenario.priors), *prior_texts(scenario.shares)]
    streams = [(path, prior.stream) for path, prior in scenario.priors.items()]
    names = scenario.taxonomy
    said = [names.bottlenecks, names.roles, names.tasks, names.kinds, names.evaluations, names.anchor, names.gradings]
    rest = [scenario.trajectory, scenario.substitution, scenario.feedback, scenario.correlations]
    whole = repr((said, rest, str(scenario.header.reference_date), streams, priors))
    return hashlib.sha256(whole.encode()).hexdigest()
