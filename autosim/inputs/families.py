"""The families of distributions that a prior may name, by quantile function, distribution function and bounds."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

type Floats = NDArray[np.float64]
type Numbers = dict[str, float]

_SMALL = 1e-200
_LOG_SHAPES = (-9.0, 25.0)
"""Shapes of a gamma between which two quantiles are looked for, in logs."""


@dataclass(frozen=True)
class Family:
    """A family of continuous distributions.

    ``parameters`` are its natural ones, those of SciPy and PyMC. ``quantile`` and ``probability`` take them in this
    order after the value. ``needs`` says in words which parameters are possible. ``moments`` turn other ways of stating
    the distribution (by the names of what is stated) into natural parameters. ``start`` gives natural parameters near
    two quantiles, from which the exact ones are searched; it is None where two quantiles do not settle the
    distribution.
    """

    parameters: tuple[str, ...]
    quantile: Callable[..., Floats]
    probability: Callable[..., Floats]
    support: Callable[..., tuple[float, float]]
    needs: str
    above_zero: tuple[str, ...] = ()
    moments: dict[tuple[str, ...], Callable[..., Numbers | None]] = field(default_factory=dict)
    start: Callable[[float, float, float, float], Numbers | None] | None = None

    def possible(self, natural: Numbers) -> bool:
        """Whether natural parameters belong to a member of the family."""
        if not all(math.isfinite(value) for value in natural.values()):
            return False
        if any(natural[parameter] <= 0.0 for parameter in self.above_zero):
            return False
        if "upper" in natural and not 0.0 < natural["upper"] - natural["lower"] < math.inf:
            return False
        return "mode" not in natural or natural["lower"] <= natural["mode"] <= natural["upper"]


def _everywhere(*_: float) -> tuple[float, float]:
    return -math.inf, math.inf


def _above_zero(*_: float) -> tuple[float, float]:
    return 0.0, math.inf


def _normal_start(p: float, x: float, q: float, y: float) -> Numbers:
    low, high = float(special.ndtri(p)), float(special.ndtri(q))
    sd = (y - x) / (high - low)
    return {"mean": x - sd * low, "sd": sd}


def _lognormal_start(p: float, x: float, q: float, y: float) -> Numbers | None:
    if x <= 0.0:
        return None
    of_log = _normal_start(p, math.log(x), q, math.log(y))
    return {"mu": of_log["mean"], "sigma": of_log["sd"]}


def _lognormal_moments(mean: float, sd: float) -> Numbers | None:
    if mean <= 0.0 or sd <= 0.0:
        return None
    variance = math.log1p((sd / mean) ** 2)
    return {"mu": math.log(mean) - variance / 2.0, "sigma": math.sqrt(variance)}


def _beta_moments(mean: float, sd: float) -> Numbers | None:
    if not 0.0 < mean < 1.0 or not 0.0 < sd < math.sqrt(mean * (1.0 - mean)):
        return None
    return _beta_concentration(mean, mean * (1.0 - mean) / sd**2 - 1.0)


def _beta_concentration(mean: float, concentration: float) -> Numbers | None:
    if not 0.0 < mean < 1.0 or concentration <= 0.0:
        return None
    return {"a": mean * concentration, "b": (1.0 - mean) * concentration}


def _beta_start(p: float, x: float, q: float, y: float) -> Numbers | None:
    if not 0.0 < x < y < 1.0:
        return None
    of_logit = _normal_start(p, math.log(x / (1.0 - x)), q, math.log(y / (1.0 - y)))
    mean = 1.0 / (1.0 + math.exp(-of_logit["mean"]))
    concentration = 1.0 / (mean * (1.0 - mean) * of_logit["sd"] ** 2)
    return {"a": max(mean * concentration, 0.05), "b": max((1.0 - mean) * concentration, 0.05)}


def _gamma_moments(mean: float, sd: float) -> Numbers | None:
    if mean <= 0.0 or sd <= 0.0:
        return None
    return {"shape": (mean / sd) ** 2, "rate": mean / sd**2}


def log_gamma_quantile(u: Floats, shape: float) -> Floats:
    """Log of the quantile of Gamma(shape, 1), also where the quantile itself is too small for a float."""
    value: Floats = special.gammaincinv(shape, u)
    small: Floats = (np.log(u) + special.gammaln(shape + 1.0)) / shape
    return np.where(value > _SMALL, np.log(np.maximum(value, _SMALL)), small)


def _gamma_start(p: float, x: float, q: float, y: float) -> Numbers | None:
    """Exact: the ratio of two quantiles falls as the shape grows, and then the rate follows from either."""
    if x <= 0.0:
        return None

    def too_far_apart(log_shape: float) -> float:
        low, high = log_gamma_quantile(np.array([p, q]), math.exp(log_shape))
        return float(high - low) - math.log(y / x)

    if too_far_apart(_LOG_SHAPES[0]) <= 0.0 or too_far_apart(_LOG_SHAPES[1]) >= 0.0:
        return None
    shape = math.exp(optimize.brentq(too_far_apart, *_LOG_SHAPES, xtol=1e-14))
    return {"shape": shape, "rate": math.exp(float(log_gamma_quantile(np.array(q), shape)) - math.log(y))}


def _uniform_start(p: float, x: float, q: float, y: float) -> Numbers:
    width = (y - x) / (q - p)
    return {"lower": x - p * width, "upper": x + (1.0 - p) * width}


def _between(value: Floats, lower: float, upper: float) -> Floats:
    """Undo rounding past a bound."""
    return np.clip(value, lower, upper)


def _loguniform_start(p: float, x: float, q: float, y: float) -> Numbers | None:
    if x <= 0.0:
        return None
    return {name: math.exp(value) for name, value in _uniform_start(p, math.log(x), q, math.log(y)).items()}


def _loguniform_quantile(u: Floats, lower: float, upper: float) -> Floats:
    low, high = math.log(lower), math.log(upper)
    return _between(np.exp(low + u * (high - low)), lower, upper)


def _loguniform_probability(x: Floats, lower: float, upper: float) -> Floats:
    low, high = math.log(lower), math.log(upper)
    return (np.log(np.clip(x, lower, upper)) - low) / (high - low)


def _triangular_quantile(u: Floats, lower: float, mode: float, upper: float) -> Floats:
    width, rise = upper - lower, mode - lower
    left = lower + np.sqrt(u * width) * math.sqrt(rise)
    right = upper - np.sqrt((1.0 - u) * width) * math.sqrt(upper - mode)
    return _between(np.where(u * width < rise, left, right), lower, upper)


def _triangular_probability(x: Floats, lower: float, mode: float, upper: float) -> Floats:
    width, inside = upper - lower, np.clip(x, lower, upper)
    below = (inside - lower) / width * (inside - lower) / (mode - lower if mode > lower else width)
    above = (upper - inside) / width * (upper - inside) / (upper - mode if upper > mode else width)
    return np.where(inside < mode, below, 1.0 - above)


FAMILIES: dict[str, Family] = {
    "normal": Family(
        ("mean", "sd"),
        lambda u, mean, sd: mean + sd * special.ndtri(u),
        lambda x, mean, sd: special.ndtr((x - mean) / sd),
        _everywhere,
        "sd above 0",
        above_zero=("sd",),
        start=_normal_start,
    ),
    "lognormal": Family(
        ("mu", "sigma"),
        lambda u, mu, sigma: np.exp(mu + sigma * special.ndtri(u)),
        lambda x, mu, sigma: special.ndtr((np.log(np.maximum(x, 1e-300)) - mu) / sigma),
        _above_zero,
        "sigma, mean and sd above 0",
        above_zero=("sigma",),
        moments={("mean", "sd"): _lognormal_moments},
        start=_lognormal_start,
    ),
    "beta": Family(
        ("a", "b"),
        lambda u, a, b: np.asarray(special.betaincinv(a, b, u)),
        lambda x, a, b: np.asarray(special.betainc(a, b, np.clip(x, 0.0, 1.0))),
        lambda *_: (0.0, 1.0),
        "a, b and concentration above 0, mean in (0, 1), sd small enough for it",
        above_zero=("a", "b"),
        moments={("mean", "concentration"): _beta_concentration, ("mean", "sd"): _beta_moments},
        start=_beta_start,
    ),
    "gamma": Family(
        ("shape", "rate"),
        lambda u, shape, rate: special.gammaincinv(shape, u) / rate,
        lambda x, shape, rate: special.gammainc(shape, np.maximum(x, 0.0) * rate),
        _above_zero,
        "shape, rate, mean and sd above 0",
        above_zero=("shape", "rate"),
        moments={("mean", "sd"): _gamma_moments},
        start=_gamma_start,
    ),
    "uniform": Family(
        ("lower", "upper"),
        lambda u, lower, upper: _between(lower + (upper - lower) * u, lower, upper),
        lambda x, lower, upper: np.clip((x - lower) / (upper - lower), 0.0, 1.0),
        lambda lower, upper: (lower, upper),
        "lower below upper",
        start=_uniform_start,
    ),
    "loguniform": Family(
        ("lower", "upper"),
        _loguniform_quantile,
        _loguniform_probability,
        lambda lower, upper: (lower, upper),
        "0 below lower, lower below upper",
        above_zero=("lower", "upper"),
        start=_loguniform_start,
    ),
    "triangular": Family(
        ("lower", "mode", "upper"),
        _triangular_quantile,
        _triangular_probability,
        lambda *natural: (natural[0], natural[2]),
        "lower below upper, mode between them",
    ),
    "halfnormal": Family(
        ("sd",),
        lambda u, sd: sd * math.sqrt(2.0) * special.erfinv(u),
        lambda x, sd: special.erf(np.maximum(x, 0.0) / (sd * math.sqrt(2.0))),
        _above_zero,
        "sd above 0",
        above_zero=("sd",),
    ),
}
"""The continuous families; `point`, `categorical`, `mixture` and `dirichlet` are put together elsewhere."""
