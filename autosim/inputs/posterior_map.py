"""Outside names and units of a posterior's quantities, as ``posterior: {map: …}`` of a scenario states them."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy import special

from autosim.errors import InputError, one_of, shown
from autosim.inputs.parameters import PARAMETERS, Parameter
from autosim.inputs.posterior_files import DrawsFile
from autosim.inputs.schema import check

type Floats = NDArray[np.float64]
type Conversion = Callable[[Floats], Floats]


def _times(factor: float) -> Conversion:
    return lambda x: x * factor


_LN2 = math.log(2.0)
_SHARES: dict[str, Conversion] = {"percent": _times(0.01), "logit": special.expit}

UNITS: dict[str, dict[str, Conversion]] = {
    "min": {
        "minutes": _times(1.0),
        "seconds": _times(1.0 / 60.0),
        "hours": _times(60.0),
        "log2_minutes": np.exp2,
        "log_minutes": np.exp,
        "log2_hours": lambda x: 60.0 * np.exp2(x),
        "log_hours": lambda x: 60.0 * np.exp(x),
    },
    "doublings": {"e-folds": _times(1.0 / _LN2), "orders_of_magnitude": _times(1.0 / math.log10(2.0))},
    "doublings/year": {
        "e-folds/year": _times(1.0 / _LN2),
        "orders_of_magnitude/year": _times(1.0 / math.log10(2.0)),
        "factor/year": np.log2,
        "doubling_time_years": lambda x: 1.0 / x,
        "doubling_time_months": lambda x: 12.0 / x,
        "doubling_time_days": lambda x: 365.25 / x,
    },
    "1/doubling": {"1/e-fold": _times(_LN2)},
    "ln": {"doublings": _times(_LN2), "log10": _times(math.log(10.0))},
    "year": {"years": _times(1.0), "months": _times(1.0 / 12.0)},
    "share": _SHARES,
    "share of manual time": _SHARES,
    "1": _SHARES,
}
"""Units from which a quantity is converted, by the unit that autosim gives it (which may be named, too)."""


class MapEntry(BaseModel):
    """One of ``map:``: a variable of the file, and its unit if it is not ours."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    from_: str = Field(alias="from")
    unit: str | None = None


def mapped(draws: DrawsFile, said: Mapping[str, Any], known: Iterable[str], place: str, key: str) -> dict[str, Floats]:
    """Draws by our names and in our units.

    Parameters
    ----------
    draws
        Of the file.
    said
        Ours → theirs: a variable's name, or ``{from: …, unit: …}``. A name that stands for several quantities, such as
        ``slope`` or ``horizon_offset``, takes the elements ``name[label]`` of theirs, or one variable for all.
    known
        Dotted names of all quantities of the scenario.
    place, key
        Where the mapping stands, for errors.

    Raises
    ------
    InputError
        For the first name or unit that is unknown.
    """
    names, found = list(known), {}
    for ours, told in said.items():
        at = f"{key}.{ours}"
        if not isinstance(told, str | dict):
            raise InputError(place, at, shown(told), "a variable of the file, or {from: …, unit: …}")
        entry = check(MapEntry, {"from": told} if isinstance(told, str) else told, place, at)
        members = [name for name in names if name == ours or name.startswith(f"{ours}.")]
        if not members:
            raise InputError(place, at, shown(ours), one_of(ours, [*names, *PARAMETERS], "a quantity of the scenario"))
        convert = _conversion(PARAMETERS[members[0].split(".")[0]], entry.unit, place, f"{at}.unit")
        for name in members:
            if name in found:
                raise InputError(place, at, f"{name} a second time", "each quantity once")
            with np.errstate(all="ignore"):  # what comes out infinite is refused when it is checked
                found[name] = convert(_theirs(draws, entry.from_, name.removeprefix(ours), place, at))
    return found


def _theirs(draws: DrawsFile, said: str, rest: str, place: str, key: str) -> Floats:
    """The element of theirs that has our labels, or else the variable itself."""
    element = f"{said}[{rest[1:].replace('.', ',')}]"
    for name in (element, said) if rest else (said,):
        if name in draws.columns:
            return draws.columns[name]
    raise InputError(place, f"{key}.from", shown(said), one_of(said, draws.columns, f"a variable of {draws.place}"))


def _conversion(parameter: Parameter, unit: str | None, place: str, key: str) -> Conversion:
    known = UNITS.get(parameter.unit, {})
    if unit is None or unit == parameter.unit:
        return _times(1.0)
    if unit not in known:
        what = f"a unit of {parameter.name} [{parameter.unit}]"
        raise InputError(place, key, shown(unit), one_of(unit, [parameter.unit, *known], what))
    return known[unit]
