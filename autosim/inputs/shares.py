"""From what a file says of shares that sum to 1 to those shares."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from autosim.errors import InputError, shown
from autosim.inputs.distributions import Simplex
from autosim.inputs.specification import NOTES, number, refuse_unknown

_CONCENTRATIONS = (1e-3, 1e9)
"""Smallest and largest sum of a dirichlet's parameters: beyond, draws are corners or do not differ from the mean."""


def read_simplex(spec: Mapping[str, Any], names: tuple[str, ...], what: str, place: str, key: str) -> Simplex:
    """Turn a dirichlet into shares that sum to 1.

    Parameters
    ----------
    spec
        ``{dist: dirichlet, alpha: {...}}`` or ``{dist: dirichlet, mean: {...}, concentration: c}``.
    names
        All components, in order.
    what
        What a component is, such as "a task".
    place, key
        Where it stands, for errors.

    Raises
    ------
    InputError
        If a component is missing or unknown, or the means do not sum to 1.
    """
    said = {name: value for name, value in spec.items() if name not in NOTES}
    if said.pop("dist", None) != "dirichlet":
        raise InputError(place, f"{key}.dist", shown(spec.get("dist")), "dirichlet, or a number for each share")
    refuse_unknown(said, ["alpha", "mean", "concentration"], place, key)
    if set(said) == {"alpha"}:
        alpha = _components(said["alpha"], names, what, place, f"{key}.alpha")
        for name, value in zip(names, alpha, strict=True):
            if value <= 0.0:
                raise InputError(place, f"{key}.alpha.{name}", f"{value:g}", "a number above 0")
        whole = _concentration(sum(alpha), place, f"{key}.alpha", "a sum of ")
        return Simplex(names, tuple(a / whole for a in alpha), whole)
    if set(said) != {"mean", "concentration"}:
        raise InputError(place, key, ", ".join(said) or "no parameters", "alpha, or mean and concentration")
    mean = _components(said["mean"], names, what, place, f"{key}.mean")
    whole = _concentration(number(said["concentration"], place, f"{key}.concentration"), place, f"{key}.concentration")
    shares = known_shares(dict(zip(names, mean, strict=True)), names, place, f"{key}.mean", whole)
    return whole_simplex(shares, place, f"{key}.mean")


def known_shares(
    shares: Mapping[str, float], names: tuple[str, ...], place: str, key: str, concentration: float | None = None
) -> Simplex:
    """Shares as a simplex, refused unless each lies in [0, 1]; for their sum see `whole_simplex`."""
    for name in names:
        if not 0.0 <= shares[name] <= 1.0:
            raise InputError(place, f"{key}.{name}", f"{shares[name]:g}", "a share in [0, 1]")
    return Simplex(names, tuple(shares[name] for name in names), concentration)


def whole_simplex(simplex: Simplex, place: str, key: str) -> Simplex:
    """Shares divided by their sum, refused unless that is 1 but for rounding."""
    whole = math.fsum(simplex.mean)
    if not math.isclose(whole, 1.0, abs_tol=1e-6):
        raise InputError(place, key, f"shares that sum to {whole:.6g}", "shares that sum to 1")
    return replace(simplex, mean=tuple(share / whole for share in simplex.mean))


def _concentration(value: float, place: str, key: str, what: str = "") -> float:
    low, high = _CONCENTRATIONS
    if not low <= value <= high:
        raise InputError(place, key, f"{what}{value:g}", f"{what}at least {low:g} and at most {high:g}")
    return value


def _components(said: object, names: tuple[str, ...], what: str, place: str, key: str) -> list[float]:
    if not isinstance(said, dict):
        raise InputError(place, key, shown(said), f"a number for each of {', '.join(names)}")
    refuse_unknown(said, names, place, key, what)
    return [number(said.get(name), place, f"{key}.{name}") for name in names]
