"""From what a file says of a distribution to the distribution itself."""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from autosim.errors import InputError, one_of, shown
from autosim.inputs.distributions import Categorical, Continuous, Mixture, Point, Stated, Truncated
from autosim.inputs.families import FAMILIES, Family, Numbers
from autosim.inputs.quantiles import from_quantiles, is_quantile

NOTES = ("source", "published", "before", "unit", "description")
"""Keys that may stand beside a distribution, or on a group of priors, and say where it comes from."""

MAX_COMPONENTS = 100
"""Most components of a mixture, each of which is searched for every draw."""

_BOUNDS = ("lower", "upper")
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
        raise InputError(place, key, f"the date {value}" if isinstance(value, date) else shown(value), expected)
    try:
        as_float = float(value)
    except OverflowError:
        as_float = math.inf
    if not math.isfinite(as_float):
        finite = expected.replace("a number", "a finite number", 1)
        raise InputError(place, key, shown(as_float), finite if finite != expected else f"{expected}, finite")
    return as_float


def refuse_unknown(said: Iterable[str], known: Iterable[str], place: str, key: str, what: str = "a key") -> None:
    """Refuse the first key that is not known, with the nearest known one."""
    names = list(known)
    for name in said:
        if name not in names:
            at = f"{key}.{name}" if key else name
            raise InputError(place, at, f"the unknown key {shown(name)}", one_of(name, names, what))


def weights_that_sum_to_1(weights: Mapping[str, float], place: str, key: str) -> list[float]:
    """Weights, refused unless each is at least 0 and they sum to 1; what rounding left open is divided among them."""
    for name, weight in weights.items():
        if weight < 0.0:
            raise InputError(place, f"{key}.{name}", f"{weight:g}", "a weight of at least 0")
    whole = math.fsum(weights.values())
    if not math.isclose(whole, 1.0, abs_tol=1e-6):
        raise InputError(place, key, f"weights that sum to {whole:.6g}", "weights that sum to 1")
    return [weight / whole for weight in weights.values()]


def read_distribution(spec: Mapping[str, Any], place: str, key: str) -> Stated:
    """Turn ``{dist: lognormal, q05: 0.5, q95: 3}`` and its like into a distribution.

    Parameters
    ----------
    spec
        Family under ``dist``, then natural parameters, moments or any two quantiles, then ``lower`` and ``upper``.
        Quantiles are those of the prior as it is used, after truncation; natural parameters and moments are those of
        the family before it.
    place, key
        Where it stands, for errors.

    Raises
    ------
    InputError
        If the family is unknown, a number is missing, superfluous or impossible, or quantiles are out of order or
        cannot be met.

    Examples
    --------
    >>> prior = read_distribution({"dist": "lognormal", "q05": 1.0, "q95": 4.0}, "mine.yaml", "priors.work_gap")
    >>> print(prior)
    lognormal(mu 0.6931, sigma 0.4214)
    """
    said = {name: value for name, value in spec.items() if name not in NOTES}
    family = said.pop("dist", None)
    match family:
        case "point":
            refuse_unknown(said, ["value"], place, key)
            return Point(number(said.get("value"), place, f"{key}.value"))
        case "categorical":
            return _categorical(said, place, key)
        case "mixture":
            return _mixture(said, place, key)
        case "dirichlet":
            raise InputError(
                place, f"{key}.dist", "'dirichlet'", "a distribution of one number; a dirichlet gives shares"
            )
        case str() if family in FAMILIES:
            return _continuous(family, said, place, key)
        case _:
            wanted = family if isinstance(family, str) else ""
            known = [*FAMILIES, *_KINDS]
            raise InputError(place, f"{key}.dist", shown(family), one_of(wanted, known, "a distribution"))


def _continuous(name: str, said: dict[str, Any], place: str, key: str) -> Stated:
    family = FAMILIES[name]
    known = {parameter for way in (family.parameters, *family.moments) for parameter in way} | {"lower", "upper"}
    what = f"a quantile in two digits such as q05, or a parameter of {name}"
    refuse_unknown((k for k in said if not is_quantile(k)), sorted(known), place, key, what)
    numbers = {k: number(value, place, f"{key}.{k}") for k, value in said.items()}
    bounds: Numbers = {k: numbers.pop(k) for k in _BOUNDS if k in numbers and k not in family.parameters}
    _refuse_empty(bounds, place, key)
    if any(is_quantile(k) for k in numbers):
        return from_quantiles(name, numbers, bounds, place, key)
    return _truncated(Continuous(name, _natural(name, family, numbers, place, key)), bounds, place, key)


def _natural(name: str, family: Family, stated: Numbers, place: str, key: str) -> tuple[float, ...]:
    """Natural parameters from whichever way of stating them was used."""
    natural: Numbers | None = stated
    if set(stated) != set(family.parameters):
        turn = next((turn for way, turn in family.moments.items() if set(way) == set(stated)), None)
        if turn is None:
            ways = " or ".join(", ".join(way) for way in (family.parameters, *family.moments))
            more = "" if family.start is None else ", or two quantiles such as q05 and q95,"
            raise InputError(place, key, ", ".join(stated) or "no parameters", f"{ways}{more} for a {name}")
        try:
            natural = turn(**stated)
        except ArithmeticError:
            natural = None
    if natural is None or not family.possible(natural):
        got = ", ".join(f"{k} {v:g}" for k, v in stated.items())
        raise InputError(place, key, got, f"values that are possible for a {name} ({family.needs})")
    return tuple(natural[parameter] for parameter in family.parameters)


def _refuse_empty(bounds: Numbers, place: str, key: str) -> None:
    lower, upper = bounds.get("lower", -math.inf), bounds.get("upper", math.inf)
    if lower >= upper:
        raise InputError(place, key, f"lower {lower:g} and upper {upper:g}", "lower below upper")


def _truncated(base: Continuous | Mixture, bounds: Numbers, place: str, key: str) -> Continuous | Mixture | Truncated:
    if not bounds:
        return base
    cut = Truncated(base, bounds.get("lower", -math.inf), bounds.get("upper", math.inf))
    if not cut.has_mass():
        got = f"bounds [{cut.lower:g}, {cut.upper:g}] that leave nothing of {base}"
        raise InputError(place, key, got, "bounds where the distribution has mass")
    return cut


def _categorical(said: dict[str, Any], place: str, key: str) -> Categorical:
    refuse_unknown(said, ["values", "probabilities"], place, key)
    lists = [_numbers(said.get(name), place, f"{key}.{name}") for name in ("values", "probabilities")]
    values, probabilities = lists
    if len(values) != len(probabilities):
        got = f"{len(values)} values and {len(probabilities)} probabilities"
        raise InputError(place, key, got, "a probability for each value")
    if len(set(values)) < len(values):
        raise InputError(place, f"{key}.values", "a value twice", "distinct values")
    named = {str(position): p for position, p in enumerate(probabilities)}
    shares = weights_that_sum_to_1(named, place, f"{key}.probabilities")
    pairs = sorted((value, share) for value, share in zip(values, shares, strict=True) if share > 0.0)
    return Categorical(tuple(v for v, _ in pairs), tuple(s for _, s in pairs))


def _numbers(said: object, place: str, key: str) -> list[float]:
    if not isinstance(said, list) or not said:
        raise InputError(place, key, "an empty list" if said == [] else shown(said), "a list of numbers such as [1, 2]")
    return [number(item, place, f"{key}.{position}") for position, item in enumerate(said)]


def _mixture(said: dict[str, Any], place: str, key: str) -> Stated:
    refuse_unknown(said, ["components", "lower", "upper"], place, key)
    components = said.pop("components", None)
    if not isinstance(components, list) or not components:
        got = "an empty list" if components == [] else shown(components)
        raise InputError(place, f"{key}.components", got, "a list of distributions, each with a weight")
    if len(components) > MAX_COMPONENTS:
        raise InputError(place, f"{key}.components", f"{len(components):,} of them", f"at most {MAX_COMPONENTS}")
    read = [_component(part, place, f"{key}.components.{position}") for position, part in enumerate(components)]
    named = {str(position): weight for position, (weight, _) in enumerate(read)}
    weights = weights_that_sum_to_1(named, place, f"{key}.components")
    kept = [(weight, part) for weight, (_, part) in zip(weights, read, strict=True) if weight > 0.0]
    bounds = {k: number(value, place, f"{key}.{k}") for k, value in said.items()}
    _refuse_empty(bounds, place, key)
    mixture = Mixture(tuple(weight for weight, _ in kept), tuple(part for _, part in kept))
    return _truncated(mixture, bounds, place, key)


def _component(said: object, place: str, key: str) -> tuple[float, Continuous | Point | Truncated]:
    if not isinstance(said, dict):
        raise InputError(
            place, key, shown(said), "a distribution with a weight, such as {weight: 0.5, dist: normal, ...}"
        )
    weight = number(said.get("weight"), place, f"{key}.weight", "a weight in [0, 1]")
    part = read_distribution({k: v for k, v in said.items() if k != "weight"}, place, key)
    if isinstance(part, Mixture | Categorical) or (isinstance(part, Truncated) and isinstance(part.base, Mixture)):
        raise InputError(place, f"{key}.dist", shown(said["dist"]), "a continuous distribution or a point")
    return weight, part
