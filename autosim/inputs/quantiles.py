"""The member of a family that has the quantiles somebody stated, truncation included."""

import itertools
import math
import re

import numpy as np
from scipy import optimize

from autosim.errors import InputError
from autosim.inputs.distributions import Continuous, Truncated
from autosim.inputs.families import FAMILIES, Family, Floats, Numbers

QUANTILE = re.compile(r"q(\d{2})")
"""How a quantile is named: ``q05``, ``q50``."""

_WIDER = (1.0, 2.0, 4.0, 0.5)
"""Factors by which starting values are spread, one after the other, until the search succeeds."""

_MET = 1e-8
_LARGEST_LOG = 300.0


def is_quantile(name: str) -> bool:
    """Whether a key names a quantile."""
    return QUANTILE.fullmatch(name) is not None


def from_quantiles(name: str, stated: Numbers, bounds: Numbers, place: str, key: str) -> Continuous | Truncated:
    """Find the member of a family that has the stated quantiles once it is truncated.

    Parameters
    ----------
    name
        Of the family.
    stated
        Quantiles by name; anything else among them is refused.
    bounds
        ``lower`` and ``upper``, where given.
    place, key
        Where it stands, for errors.

    Raises
    ------
    InputError
        If there are too few or too many, they are out of order, or no member of the family has them.
    """
    family = FAMILIES[name]
    asked = _asked(name, stated, place, key)
    text = ", ".join(f"q{round(100 * p):02d} {x:g}" for p, x in asked)
    if any(not 0.0 < p < 1.0 for p, _ in asked):
        raise InputError(place, key, text, "quantiles between q01 and q99")
    if any(x >= y for (_, x), (_, y) in itertools.pairwise(asked)):
        raise InputError(place, key, f"quantiles out of order ({text})", "a larger value at a larger quantile")
    low, high = bounds.get("lower", -math.inf), bounds.get("upper", math.inf)
    if not all(low < x < high for _, x in asked):
        raise InputError(place, key, f"{text} outside [{low:g}, {high:g}]", "quantiles between lower and upper")
    start = _start(family, asked)
    if start is None:
        above = " (numbers above 0)" if family.support(1.0, 2.0)[0] == 0.0 and asked[0][1] <= 0.0 else ""
        raise InputError(place, key, text, f"quantiles that are possible for a {name}{above}")
    found = _search(name, start, bounds, asked)
    if found is None:
        raise InputError(place, key, text, f"quantiles that a {name} can meet{' within its bounds' if bounds else ''}")
    return found


def _asked(name: str, stated: Numbers, place: str, key: str) -> list[tuple[float, float]]:
    """Probabilities and values, refused unless they are as many as settle a member of the family."""
    wanted = 1 if name == "halfnormal" else 2
    asked = sorted((int(k[1:]) / 100.0, value) for k, value in stated.items() if is_quantile(k))
    if name == "triangular":
        raise InputError(
            place, key, ", ".join(stated), "lower, mode and upper for a triangular, which takes no quantiles"
        )
    if len(asked) < len(stated) or len(asked) != wanted:
        number = "one quantile" if wanted == 1 else "two quantiles such as q05 and q95"
        raise InputError(place, key, ", ".join(stated), f"{number}, and no other parameter, for a {name}")
    return asked


def _start(family: Family, asked: list[tuple[float, float]]) -> tuple[float, ...] | None:
    """Natural parameters near the answer, or None where there is no answer."""
    try:
        natural = _half_start(*asked[0]) if family.start is None else family.start(*asked[0], *asked[1])
    except ArithmeticError:
        return None
    if natural is None or not family.possible(natural):
        return None
    return tuple(natural[parameter] for parameter in family.parameters)


def _half_start(p: float, x: float) -> Numbers | None:
    return {"sd": x / float(FAMILIES["halfnormal"].quantile(np.asarray(p), 1.0))} if x > 0.0 else None


def _search(
    name: str, start: tuple[float, ...], bounds: Numbers, asked: list[tuple[float, float]]
) -> Continuous | Truncated | None:
    """Solve for the natural parameters; closed forms, which need no truncation, come back as they are."""
    family = FAMILIES[name]
    probabilities, values = np.array([p for p, _ in asked]), np.array([x for _, x in asked])
    positive = np.array([parameter in family.above_zero for parameter in family.parameters])

    def member(free: Floats) -> Continuous | Truncated:
        natural = np.where(positive, np.exp(np.clip(free, -_LARGEST_LOG, _LARGEST_LOG)), free)
        base = Continuous(name, tuple(float(value) for value in natural))
        return Truncated(base, bounds.get("lower", -math.inf), bounds.get("upper", math.inf)) if bounds else base

    def miss(free: Floats) -> Floats:
        reached = member(free).probability(values)
        missed: Floats = np.where(np.isfinite(reached), reached, -1.0) - probabilities
        return missed

    with np.errstate(all="ignore"):
        near = np.where(positive, np.log(np.maximum(start, 1e-300)), start)
        if np.abs(miss(near)).max() <= 1e-12:
            return member(near)
        for factor in _WIDER:
            free = optimize.root(miss, _spread(name, near, factor), tol=1e-13).x
            found = member(free)
            if np.abs(miss(free)).max() < _MET and (isinstance(found, Continuous) or found.has_mass()):
                return found
    return None


def _spread(name: str, near: Floats, factor: float) -> Floats:
    """Starting values for a member whose spread is ``factor`` times as large; logs stand in for parameters above 0."""
    shift = math.log(factor)
    shifts = {"beta": [-2.0 * shift] * 2, "gamma": [-2.0 * shift] * 2, "halfnormal": [shift]}.get(name, [0.0, shift])
    return near + np.asarray(shifts, dtype=np.float64)
