"""A fit as its file has it: its scenario, draws and evidence, and where a later fit may start."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from autosim.errors import InputError, shown
from autosim.inference.fit import EVIDENCE, SAMPLING, START
from autosim.inputs.loading import load
from autosim.inputs.posterior import AS_OF, TRAJECTORY, Posterior
from autosim.inputs.posterior_files import ESS, DrawsFile, read_draws
from autosim.inputs.scenario import Scenario
from autosim.inputs.schema import as_day
from autosim.inputs.shipped import shipped_scenarios

type Floats = NDArray[np.float64]

_OURS = "a .nc file that autosim fit wrote, with its evidence in it; fit again if it is older than autosim update"


@dataclass(frozen=True)
class Fitted:
    """What a posterior file of ours holds.

    ``evidence`` is CSV by kind of table; ``start`` the mean of each of the sampler's coordinates; ``sampling`` the
    number of draws and chains, and how much the steps were to be accepted; ``ess`` how many independent draws the
    posterior is worth; ``diagnosis`` what is wrong with it, empty if nothing is.
    """

    place: str
    scenario: Scenario
    posterior: Posterior
    evidence: Mapping[str, str]
    start: Mapping[str, Floats]
    sampling: Mapping[str, float]
    ess: float
    seed: int
    diagnosis: str


def read_fitted(path: Path, scenario: str | None = None, *, force: bool = False) -> Fitted:
    """Read a posterior file with the scenario that was fitted.

    Parameters
    ----------
    path
        As `autosim fit` writes it, .nc.
    scenario
        Where the scenario is; None if the file says so.
    force
        Take it even if its diagnostics failed.

    Raises
    ------
    InputError
        If the file is none of ours or has no evidence in it, did not converge, or the scenario is not what was fitted.
    """
    place = str(path)
    if path.suffix != ".nc":
        raise InputError(place, "", shown(path.name), _OURS)
    draws = read_draws(path, place)
    if not draws.ours:
        raise InputError(place, "", "draws from elsewhere", _OURS)
    converged = str(draws.attributes.get("converged")) == "1"
    if not force and not converged:
        got = f"a posterior whose diagnostics failed ({draws.attributes.get('diagnosis', 'unknown')})"
        raise InputError(place, "", got, "one that converged, or --force")
    said = _Said(draws)
    values = {name: column for name, column in draws.columns.items() if name != TRAJECTORY}
    shapes = draws.columns.get(TRAJECTORY)
    posterior = Posterior(place, draws.sha256, values, None if shapes is None else shapes.astype(np.int64))
    evidence = {name: str(item.item()) for name, item in _group(path, EVIDENCE).items() if not item.dims}
    if not evidence:
        raise InputError(place, EVIDENCE, "none", _OURS)
    start = {name: item.to_numpy() for name, item in _group(path, START).items() if item.dtype.kind == "f"}
    for name, column in draws.columns.items():
        if not np.isfinite(column).all():
            raise InputError(place, name, "a draw that is no finite number", "finite draws")
    known, seed = _scenario(said, scenario), int(said.number("seed"))
    wrong = "" if converged else said.text("diagnosis")
    return Fitted(place, known, posterior, evidence, start, said.numbers(SAMPLING), said.number(ESS), seed, wrong)


@dataclass(frozen=True)
class _Said:
    """Attributes of a file, each checked when it is asked for."""

    draws: DrawsFile

    def _refused(self, name: str) -> InputError:
        return InputError(self.draws.place, name, shown(self.draws.attributes.get(name)), _OURS)

    def text(self, name: str) -> str:
        found = self.draws.attributes.get(name)
        if not isinstance(found, str):
            raise self._refused(name)
        return found

    def number(self, name: str) -> float:
        try:
            found = float(self.draws.attributes[name])
        except (KeyError, TypeError, ValueError):
            raise self._refused(name) from None
        if not (np.isfinite(found) and found >= 0.0):
            raise self._refused(name)
        return found

    def mapping(self, name: str) -> dict[str, object]:
        try:
            found = json.loads(self.text(name))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise self._refused(name)
        return found

    def numbers(self, name: str) -> dict[str, float]:
        found = self.mapping(name)
        if not all(isinstance(value, int | float) for value in found.values()):
            raise self._refused(name)
        return {key: float(str(value)) for key, value in found.items()}

    def words(self, name: str) -> list[str]:
        try:
            found = json.loads(self.text(name))
        except (ValueError, RecursionError):
            found = None
        if not (isinstance(found, list) and all(isinstance(word, str) for word in found)):
            raise self._refused(name)
        return found

    def day(self) -> date | None:
        if AS_OF not in self.draws.attributes:
            return None
        found = as_day(self.draws.attributes[AS_OF])
        if not isinstance(found, date):
            raise self._refused(AS_OF)
        return found


def _group(path: Path, name: str) -> Mapping[str, xr.DataArray]:
    """Variables of a group, loaded; none if there is no such group."""
    try:
        with xr.open_dataset(path, group=name, engine="h5netcdf", decode_timedelta=False) as group:
            return {str(key): item.load() for key, item in group.data_vars.items()}
    except (OSError, ValueError, KeyError, RuntimeError):
        return {}


def _scenario(said: _Said, scenario: str | None) -> Scenario:
    """The scenario that was fitted, with every file as it was then."""
    place, slug, files = said.draws.place, said.text("scenario"), said.mapping("input_sha256")
    if scenario is None:
        own = [name for name in files if Path(name).stem == slug and name.endswith((".yaml", ".yml"))]
        scenario = slug if slug in shipped_scenarios() and slug in files else next(iter(own), slug)
    found = load(scenario, said.words("overrides"), as_of=said.day())
    if not isinstance(found, Scenario):
        raise InputError(place, "scenario", "several scenarios", "a single one, as was fitted")
    now = {file.place: file.sha256 for file in found.header.files}
    if sorted(map(str, files.values())) != sorted(now.values()):
        changed = sorted({name for name in now if files.get(name) != now[name]} | (set(files) - set(now)))
        expected = "the scenario as it was fitted: name it with --scenario, or fit again"
        raise InputError(place, "scenario", f"{', '.join(changed[:3])}, which is not what was fitted", expected)
    return found
