"""The families of distributions that a prior may name: each by its quantile function, its distribution function and its bounds."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import special

type Floats = NDArray[np.float64]
type Numbers = dict[str, float]


@dataclass(frozen=True)
class Family:
    """A family of continuous distributions.

    ``parameters`` are its natural ones, those of SciPy and PyMC. ``quantile`` and ``probability`` take them in this order after
    the value. ``allowed`` says what a parameter must satisfy beyond being finite. ``moments`` turn other ways of stating the
    distribution (by the names of what is stated) into natural parameters. ``start`` gives natural parameters near two quantiles,
    from which the exact ones are searched; it is None where two quantiles do not settle the distribution.
    """

    parameters: tuple[str, ...]
    quantile: Callable[..., Floats]
    probability: Callable[..., Floats]
    support: Callable[..., tuple[float, float]]
    above_zero: tuple[str, ...] = ()
    moments: dict[tuple[str, ...], Callable[..., Numbers | None]] = field(default_factory=dict)
    start: Callable[[float, float, float, float], Numbers | None] | None = None


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


def _gamma_start(p: float, x: float, q: float, y: float) -> Numbers | None:
    of_log = _lognormal_start(p, x, q, y)
    if of_log is None:
        return None
    shape = 1.0 / math.expm1(min(of_log["sigma"], 3.0) ** 2)
    return {"shape": shape, "rate": shape / math.exp(of_log["mu"] + of_log["sigma"] ** 2 / 2.0)}


def _uniform_start(p: float, x: float, q: float, y: float) -> Numbers:
    width = (y - x) / (q - p)
    return {"lower": x - p * width, "upper": x + (1.0 - p) * width}


def _loguniform_start(p: float, x: float, q: float, y: float) -> Numbers | None:
    if x <= 0.0:
        return None
    return {name: math.exp(value) for name, value in _uniform_start(p, math.log(x), q, math.log(y)).items()}


def _triangular_quantile(u: Floats, lower: float, mode: float, upper: float) -> Floats:
    width, rise = upper - lower, mode - lower
    left = lower + np.sqrt(u * width * rise)
    right = upper - np.sqrt((1.0 - u) * width * (upper - mode))
    return np.where(u * width < rise, left, right)


def _triangular_probability(x: Floats, lower: float, mode: float, upper: float) -> Floats:
    width, rise, fall = upper - lower, max(mode - lower, 1e-300), max(upper - mode, 1e-300)
    inside = np.clip(x, lower, upper)
    return np.where(inside < mode, (inside - lower) ** 2 / (width * rise), 1.0 - (upper - inside) ** 2 / (width * fall))


FAMILIES: dict[str, Family] = {
    "normal": Family(
        ("mean", "sd"),
        lambda u, mean, sd: mean + sd * special.ndtri(u),
        lambda x, mean, sd: special.ndtr((x - mean) / sd),
        _everywhere,
        above_zero=("sd",),
        start=_normal_start,
    ),
    "lognormal": Family(
        ("mu", "sigma"),
        lambda u, mu, sigma: np.exp(mu + sigma * special.ndtri(u)),
        lambda x, mu, sigma: special.ndtr((np.log(np.maximum(x, 1e-300)) - mu) / sigma),
        _above_zero,
        above_zero=("sigma",),
        moments={("mean", "sd"): _lognormal_moments},
        start=_lognormal_start,
    ),
    "beta": Family(
        ("a", "b"),
        lambda u, a, b: special.betaincinv(a, b, u),
        lambda x, a, b: special.betainc(a, b, np.clip(x, 0.0, 1.0)),
        lambda *_: (0.0, 1.0),
        above_zero=("a", "b"),
        moments={("mean", "concentration"): _beta_concentration, ("mean", "sd"): _beta_moments},
        start=_beta_start,
    ),
    "gamma": Family(
        ("shape", "rate"),
        lambda u, shape, rate: special.gammaincinv(shape, u) / rate,
        lambda x, shape, rate: special.gammainc(shape, np.maximum(x, 0.0) * rate),
        _above_zero,
        above_zero=("shape", "rate"),
        moments={("mean", "sd"): _gamma_moments},
        start=_gamma_start,
    ),
    "uniform": Family(
        ("lower", "upper"),
        lambda u, lower, upper: lower + (upper - lower) * u,
        lambda x, lower, upper: np.clip((x - lower) / (upper - lower), 0.0, 1.0),
        lambda lower, upper: (lower, upper),
        start=_uniform_start,
    ),
    "loguniform": Family(
        ("lower", "upper"),
        lambda u, lower, upper: lower * np.exp(u * math.log(upper / lower)),
        lambda x, lower, upper: np.log(np.clip(x, lower, upper) / lower) / math.log(upper / lower),
        lambda lower, upper: (lower, upper),
        above_zero=("lower", "upper"),
        start=_loguniform_start,
    ),
    "triangular": Family(
        ("lower", "mode", "upper"),
        _triangular_quantile,
        _triangular_probability,
        lambda lower, mode, upper: (lower, upper),  # noqa: ARG005 - takes all natural parameters, as every family does
    ),
    "halfnormal": Family(
        ("sd",),
        lambda u, sd: sd * special.ndtri(0.5 + 0.5 * u),
        lambda x, sd: 2.0 * special.ndtr(np.maximum(x, 0.0) / sd) - 1.0,
        _above_zero,
        above_zero=("sd",),
    ),
}
"""The continuous families; `point`, `categorical`, `mixture` and `dirichlet` are put together elsewhere."""
