"""From what a file says of a distribution to the distribution itself."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
from scipy import optimize

from autosim.errors import InputError, one_of, shown
from autosim.inputs.distributions import Categorical, Continuous, Distribution, Mixture, Point, Simplex, Truncated
from autosim.inputs.families import FAMILIES, Family, Numbers

NOTES = ("source", "published", "unit", "description")
"""Keys that may stand beside a distribution, or on a group of priors, and say where it comes from."""

_QUANTILE = re.compile(r"q(\d{2})")
_KINDS = ("point", "categorical", "mixture", "dirichlet")


def number(value: object, place: str, key: str, expected: str = "a number") -> float:
    """Return a finite number, or refuse; a boolean or a date is not one.

    Raises
    ------
    InputError
        For anything else.

    Examples
    --------
    >>> number(3, "mine.yaml", "priors.horizon")
    3.0
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(place, key, shown(value) if not isinstance(value, date) else f"the date {value}", expected)
    try:
        as_float = float(value)
    except OverflowError:
        as_float = math.inf
    if not math.isfinite(as_float):
        raise InputError(place, key, str(as_float), f"{expected} that is finite")
    return as_float


def read_distribution(spec: Mapping[str, Any], place: str, key: str) -> Distribution:
    """Turn ``{dist: lognormal, q05: 0.5, q95: 3}`` and its like into a distribution.

    Parameters
    ----------
    spec
        Family under ``dist``, then natural parameters, moments or any two quantiles, then ``lower`` and ``upper``. Quantiles are those
        of the prior as it is used, after truncation; natural parameters and moments are those of the family before it.
    place, key
        Where it stands, for errors.

    Raises
    ------
    InputError
        If the family is unknown, a number is missing, superfluous or impossible, or quantiles are out of order or cannot be met.

    Examples
    --------
    >>> prior = read_distribution({"dist": "lognormal", "q05": 0.5, "q95": 2.0}, "mine.yaml", "priors.work_gap")
    >>> print(prior)
    lognormal(mu 0, sigma 0.4214)
    """
    said = {name: value for name, value in spec.items() if name not in NOTES}
    family = said.pop("dist", None)
    if not isinstance(family, str) or family not in {*FAMILIES, *_KINDS}:
        raise InputError(place, f"{key}.dist", shown(family), one_of(str(family), [*FAMILIES, *_KINDS], "a distribution"))
    match family:
        case "point":
            refuse_unknown(said, ["value"], place, key)
            return Point(number(said.get("value"), place, f"{key}.value"))
        case "categorical":
            return _categorical(said, place, key)
        case "mixture":
            return _mixture(said, place, key)
        case "dirichlet":
            raise InputError(place, f"{key}.dist", "'dirichlet'", "a distribution of one number; shares that sum to 1 are dirichlet as a whole")
        case _:
            return _continuous(family, said, place, key)


def refuse_unknown(said: Iterable[str], known: Iterable[str], place: str, key: str, what: str = "a key") -> None:
    """Refuse the first key that is not known, with the nearest known one."""
    names = list(known)
    for name in said:
        if name not in names:
            raise InputError(place, f"{key}.{name}" if key else name, f"the unknown key '{name}'", one_of(name, names, what))


def _continuous(name: str, said: dict[str, Any], place: str, key: str) -> Distribution:
    family = FAMILIES[name]
    ways = {way for way in family.moments} | {family.parameters}
    known = {parameter for way in ways for parameter in way} | {"lower", "upper"}
    quantiles = {key_: value for key_, value in said.items() if _QUANTILE.fullmatch(key_)}
    refuse_unknown((k for k in said if k not in quantiles), sorted(known), place, key, f"a parameter or quantile of {name}")
    numbers = {k: number(value, place, f"{key}.{k}") for k, value in said.items()}
    bounds = {k: numbers[k] for k in ("lower", "upper") if k in numbers and k not in family.parameters}
    if quantiles:
        stated = {k: v for k, v in numbers.items() if k not in bounds}
        distribution: Distribution = _from_quantiles(name, stated, bounds, place, key)
    else:
        natural = _natural(name, family, {k: v for k, v in numbers.items() if k not in bounds}, place, key)
        distribution = _truncated(Continuous(name, natural), bounds, place, key)
    return distribution


def _natural(name: str, family: Family, stated: Numbers, place: str, key: str) -> tuple[float, ...]:
    """Natural parameters from whichever way of stating them was used."""
    ways = " or ".join(", ".join(way) for way in (family.parameters, *family.moments))
    if set(stated) == set(family.parameters):
        natural: Numbers | None = stated
    else:
        moments = next((turn for way, turn in family.moments.items() if set(way) == set(stated)), None)
        if moments is None:
            got = ", ".join(stated) or "no parameters"
            raise InputError(place, key, got, f"{ways}{'' if family.start is None else ', or two quantiles such as q05 and q95'}")
        natural = moments(**stated)
    if natural is None or not _possible(family, natural):
        got = ", ".join(f"{k} {v:g}" for k, v in stated.items())
        raise InputError(place, key, got, f"values that are possible for a {name}")
    return tuple(natural[parameter] for parameter in family.parameters)


def _possible(family: Family, natural: Numbers) -> bool:
    if any(natural[parameter] <= 0.0 for parameter in family.above_zero):
        return False
    if "upper" in natural and natural["lower"] >= natural["upper"]:
        return False
    return "mode" not in natural or natural["lower"] <= natural["mode"] <= natural["upper"]


def _truncated(base: Continuous | Mixture, bounds: Numbers, place: str, key: str) -> Continuous | Mixture | Truncated:
    if not bounds:
        return base
    cut = Truncated(base, bounds.get("lower", -math.inf), bounds.get("upper", math.inf))
    if cut.lower >= cut.upper:
        raise InputError(place, key, f"lower {cut.lower:g} and upper {cut.upper:g}", "lower below upper")
    if not cut.has_mass():
        raise InputError(place, key, f"bounds [{cut.lower:g}, {cut.upper:g}] that leave nothing of {base}", "bounds where the distribution has mass")
    return cut


def _from_quantiles(name: str, stated: Numbers, bounds: Numbers, place: str, key: str) -> Distribution:
    """Find the member of a family that has the stated quantiles once it is truncated."""
    family = FAMILIES[name]
    asked = sorted((int(k[1:]) / 100.0, value) for k, value in stated.items() if _QUANTILE.fullmatch(k))
    others = [k for k in stated if not _QUANTILE.fullmatch(k)]
    wanted = 1 if name == "halfnormal" else 2
    if others or len(asked) != wanted or (family.start is None and name != "halfnormal"):
        what = "its parameters" if name == "triangular" else f"{'one quantile' if wanted == 1 else 'two quantiles'} and no other parameter"
        raise InputError(place, key, ", ".join(stated), f"{what} for a {name}")
    text = ", ".join(f"q{round(p * 100):02d} {x:g}" for p, x in asked)
    if any(not 0.0 < p < 1.0 for p, _ in asked):
        raise InputError(place, key, text, "quantiles between q01 and q99")
    if any(x >= y for (_, x), (_, y) in zip(asked, asked[1:], strict=False)):
        raise InputError(place, key, f"quantiles out of order ({text})", "a larger value at a larger quantile")
    low, high = bounds.get("lower", -math.inf), bounds.get("upper", math.inf)
    if not all(low < x < high for _, x in asked):
        raise InputError(place, key, f"{text} outside [{low:g}, {high:g}]", "quantiles between lower and upper")
    start = _half_start(*asked[0]) if family.start is None else family.start(*asked[0], *asked[1])
    if start is None or not _possible(family, start):
        raise InputError(place, key, text, f"quantiles that are possible for a {name}")
    guess = tuple(start[parameter] for parameter in family.parameters)
    fitted = _fit(name, guess, bounds, asked)
    if fitted is None:
        raise InputError(place, key, text, f"quantiles that a {name} can meet{' within its bounds' if bounds else ''}")
    return fitted


def _half_start(p: float, x: float) -> Numbers | None:
    if x <= 0.0:
        return None
    return {"sd": x / float(FAMILIES["halfnormal"].quantile(np.asarray(p), 1.0))}


def _fit(name: str, guess: tuple[float, ...], bounds: Numbers, asked: list[tuple[float, float]]) -> Distribution | None:
    """Solve for the natural parameters; closed-form guesses without truncation come back as they are."""
    family = FAMILIES[name]
    probabilities, values = np.array([p for p, _ in asked]), np.array([x for _, x in asked])
    positive = np.array([parameter in family.above_zero for parameter in family.parameters])

    def member(free: Any) -> Distribution:
        natural = tuple(float(v) for v in np.where(positive, np.exp(np.minimum(free, 300.0)), free))
        base = Continuous(name, natural)
        return Truncated(base, bounds.get("lower", -math.inf), bounds.get("upper", math.inf)) if bounds else base

    def miss(free: Any) -> Any:
        with np.errstate(all="ignore"):
            reached = member(free).probability(values)
        return np.where(np.isfinite(reached), reached, -1.0) - probabilities

    free = np.where(positive, np.log(np.maximum(guess, 1e-300)), guess)
    if np.abs(miss(free)).max() > 1e-12:
        free = optimize.root(miss, free, tol=1e-13).x
    found = member(free)
    met = np.abs(miss(free)).max() < 1e-8 and (not isinstance(found, Truncated) or found.has_mass())
    return found if met else None


def _categorical(said: dict[str, Any], place: str, key: str) -> Categorical:
    refuse_unknown(said, ["values", "probabilities"], place, key)
    lists = [said.get("values"), said.get("probabilities")]
    if not all(isinstance(items, list) and items for items in lists) or len(lists[0]) != len(lists[1]):
        raise InputError(place, key, "no two lists of one length", "values: [...] and probabilities: [...]")
    values, shares = ([number(item, place, f"{key}.{name}") for item in items] for name, items in zip(("values", "probabilities"), lists, strict=True))
    if len(set(values)) < len(values):
        raise InputError(place, f"{key}.values", "a value twice", "distinct values")
    _refuse_no_weights(shares, place, f"{key}.probabilities")
    pairs = sorted(zip(values, shares, strict=True))
    return Categorical(tuple(v for v, _ in pairs), tuple(s for _, s in pairs))


def _mixture(said: dict[str, Any], place: str, key: str) -> Distribution:
    refuse_unknown(said, ["components", "lower", "upper"], place, key)
    components = said.pop("components", None)
    if not isinstance(components, list) or not components:
        raise InputError(place, f"{key}.components", shown(components), "a list of distributions, each with a weight")
    weights, parts = [], []
    for position, component in enumerate(components):
        at = f"{key}.components.{position}"
        if not isinstance(component, dict):
            raise InputError(place, at, shown(component), "a distribution with a weight")
        weights.append(number(component.get("weight"), place, f"{at}.weight"))
        part = read_distribution({k: v for k, v in component.items() if k != "weight"}, place, at)
        if isinstance(part, Mixture | Categorical):
            raise InputError(place, f"{at}.dist", shown(component["dist"]), "a continuous distribution or a point")
        parts.append(part)
    _refuse_no_weights(weights, place, f"{key}.components")
    bounds = {k: number(value, place, f"{key}.{k}") for k, value in said.items()}
    return _truncated(Mixture(tuple(weights), tuple(parts)), bounds, place, key)


def _refuse_no_weights(weights: list[float], place: str, key: str) -> None:
    if min(weights) < 0.0 or not math.isclose(sum(weights), 1.0, abs_tol=1e-6):
        raise InputError(place, key, f"weights that sum to {sum(weights):.6g}", "weights of at least 0 that sum to 1")


def read_simplex(spec: Mapping[str, Any], names: tuple[str, ...], place: str, key: str) -> Simplex:
    """Turn ``{dist: dirichlet, alpha: {...}}`` or ``{dist: dirichlet, mean: {...}, concentration: c}`` into shares that sum to 1.

    Parameters
    ----------
    spec
        As above.
    names
        All components, in order.
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
        alpha = _components(said["alpha"], names, place, f"{key}.alpha")
        whole = sum(alpha)
        if min(alpha) <= 0.0:
            raise InputError(place, f"{key}.alpha", f"{min(alpha):g}", "numbers above 0")
        return Simplex(names, tuple(a / whole for a in alpha), whole)
    if set(said) != {"mean", "concentration"}:
        raise InputError(place, key, ", ".join(said) or "no parameters", "alpha, or mean and concentration")
    mean = _components(said["mean"], names, place, f"{key}.mean")
    concentration = number(said["concentration"], place, f"{key}.concentration")
    if concentration <= 0.0:
        raise InputError(place, f"{key}.concentration", f"{concentration:g}", "a number above 0")
    return known_shares(dict(zip(names, mean, strict=True)), names, place, f"{key}.mean", concentration)


def known_shares(shares: Mapping[str, float], names: tuple[str, ...], place: str, key: str, concentration: float | None = None) -> Simplex:
    """Shares as a simplex, refused unless each lies in [0, 1] and they sum to 1."""
    for name in names:
        if not 0.0 <= shares[name] <= 1.0:
            raise InputError(place, f"{key}.{name}", f"{shares[name]:g}", "a share in [0, 1]")
    whole = math.fsum(shares[name] for name in names)
    if not math.isclose(whole, 1.0, abs_tol=1e-6):
        raise InputError(place, key, f"shares that sum to {whole:.6g}", "shares that sum to 1")
    return Simplex(names, tuple(shares[name] / whole for name in names), concentration)


def _components(said: object, names: tuple[str, ...], place: str, key: str) -> list[float]:
    if not isinstance(said, dict):
        raise InputError(place, key, shown(said), f"a number for each of {', '.join(names)}")
    refuse_unknown(said, names, place, key)
    return [number(said.get(name), place, f"{key}.{name}") for name in names]
