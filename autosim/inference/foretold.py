"""How well a model is foretold: the density of its evidence under a trend, its own level integrated out."""

import warnings
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import interpolate, special, stats

from autosim.inference.horizons import TARGETS, TOGETHER
from autosim.inference.model import Prepared
from autosim.inference.names import own_name
from autosim.inference.predicting import Drawn
from autosim.inference.trend import DEGREES

type Floats = NDArray[np.float64]

_NODES = np.linspace(-6.0, 6.0, 97)
_FEW = np.linspace(-6.0, 6.0, 7)
_BETWEEN = interpolate.CubicSpline(_FEW, np.eye(_FEW.size))(_NODES).T
"""Spline through the few nodes at which lengths are worked out, (few, node)."""

_LEAST_RISE = 0.05
"""By which a length rises with a doubling of growth, at least: priors may let it hardly rise at all [1]."""

_LAGS = special.ndtri(0.5 + (np.arange(8) + 0.5) / 16.0)
"""Lags [lag_spread]: quantiles of a half-normal in the middle of eighths."""

_MOST_LAG = 6.0
"""Lag [lag_spread] beyond which there is nothing."""

_MANY_LAGS, _WEIGHTS = (0.5 * _MOST_LAG * part for part in np.polynomial.legendre.leggauss(48))
_MANY_LAGS, _WEIGHTS = _MANY_LAGS + 0.5 * _MOST_LAG, _WEIGHTS * 2.0 * stats.norm.pdf(_MANY_LAGS + 0.5 * _MOST_LAG)
"""Lags [lag_spread] and their weights under a half-normal, by Gauss and Legendre."""

LEAST = 1e-300
"""Densities and weights are kept above it."""


@dataclass(frozen=True)
class Seen:
    """Horizons of one model on one suite; ``log2`` and ``sd`` are (target,) for 0.5 and 0.8, NaN where there is none.

    Both are in [log2 min], ``sd`` that of the measurement.
    """

    suite: str
    log2: Floats
    sd: Floats

    def log_density(self, p50: Floats, p80: Floats) -> Floats:
        """Log-density [nat] of what was seen, given the model's horizons [log2 min], any shape."""
        density = np.asarray(stats.norm.logpdf(self.log2[0], p50, self.sd[0]))
        if np.isfinite(self.log2[1]) and np.isfinite(self.sd[1]):
            shift = TOGETHER * self.sd[1] * (self.log2[0] - p50) / self.sd[0]
            density = density + stats.norm.logpdf(self.log2[1], p80 + shift, self.sd[1] * np.sqrt(1.0 - TOGETHER**2))
        return density


def published(ready: Prepared, place: int) -> list[Seen]:
    """Published horizons of the model at ``place`` that are part of a fit."""
    return [
        Seen(one.suite, one.log2[i], one.sd[i])
        for one in ready.horizons
        for i in np.flatnonzero(one.models == place).tolist()
    ]


@dataclass(frozen=True)
class Levels:
    """Levels at which a model's evidence is weighed.

    ``growth`` [doublings] and ``log_likelihood`` [nat], which is that of the evidence, are (draw, node); ``step`` is
    the distance of nodes, (draw,) [doublings].
    """

    growth: Floats
    log_likelihood: Floats
    step: Floats

    def log_density(self, density: Floats) -> Floats:
        """Log-density [nat] of the evidence, (draw,), where levels have this ``density``, (draw, node) [1/doubling]."""
        whole = special.logsumexp(self.log_likelihood, b=density, axis=-1)
        return np.log(self.step) + np.maximum(whole, np.log(LEAST))


def evidence_by_level(seen: list[Seen], model: str, drawn: Drawn) -> Levels:
    """Weigh a model's horizons at levels that reach 6 sd to both sides of the best known of them.

    Lengths are worked out at seven levels and joined by a spline: they bend little.
    """
    best = min(seen, key=lambda one: one.sd[0])
    level = drawn(own_name("growth", model))
    rise = drawn.length(0.5, best.suite, level + 1.0) - drawn.length(0.5, best.suite, level)
    rise = np.maximum(rise, _LEAST_RISE)
    for _ in range(2):  # the middle need not be exact
        level = level + (best.log2[0] - drawn.length(0.5, best.suite, level)) / rise
    width = best.sd[0] / rise
    few = level[:, None] + width[:, None] * _FEW
    whole = np.zeros((drawn.size, _NODES.size))
    for one in seen:
        p50, p80 = (drawn.length(target, one.suite, few) @ _BETWEEN for target in TARGETS)
        whole += one.log_density(p50, p80)
    return Levels(level[:, None] + width[:, None] * _NODES, whole, width * (_NODES[1] - _NODES[0]))


def level_density(growth: Floats, trend: Floats, drawn: Drawn, *, frontier: bool) -> Floats:
    """Density [1/doubling] of a model's level at ``growth``, (draw, node), about the trend at its release, (draw,).

    A Student-t deviation, and for a model behind the frontier a half-normal lag besides, integrated out.
    """
    scale = drawn("trend_deviation")[:, None]
    above = (growth - trend[:, None]) / scale
    if frontier:
        return _student(above) / scale
    behind = drawn("lag_spread")[:, None] / scale
    density: Floats = np.mean([_student(above + behind * lag) for lag in _LAGS], axis=0) / scale
    return density


def far_density(above: Floats, scale: Floats, lag: Floats, frontier: float) -> Floats:
    """Density [1/doubling] of levels so far ``above`` the trend [doublings], any shape.

    The same as `level_density`, which has few lags: enough about levels that a fit has placed, too few where draws lie
    far from what became known.

    Parameters
    ----------
    above, scale, lag
        `trend_deviation` and `lag_spread` [doublings] are broadcast against ``above``.
    frontier
        Probability that the model is at the frontier.
    """
    found: Floats = frontier * _student(above / scale)
    for node, weight in zip(_MANY_LAGS.tolist(), _WEIGHTS.tolist(), strict=True) if frontier < 1.0 else ():
        found += (1.0 - frontier) * weight * _student((above + lag * node) / scale)
    found /= scale
    return found


def _student(deviation: Floats) -> Floats:
    density: Floats = np.exp(-0.5 * (DEGREES + 1.0) * np.log1p(deviation**2 / DEGREES))
    return density * float(stats.t.pdf(0.0, DEGREES))


@dataclass(frozen=True)
class ByShape:
    """Draws of a posterior under every shape of the trajectory at once.

    ``log_weight`` are the log posterior weights of the shapes in each draw, (shape, draw); ``trend`` what each has at
    the models' releases [doublings], (shape, model, draw).
    """

    drawn: Drawn
    log_weight: Floats
    trend: Floats


def left_out(ready: Prepared, places: list[int], draws: ByShape) -> tuple[Floats, Floats]:
    """Leave out each model of ``places`` with all of its evidence, under each shape.

    Returns
    -------
    Expected log predictive density of what was left out [nat], by PSIS, and the Pareto k of that, (shape, model) each.

    References
    ----------
    Vehtari, Gelman & Gabry (2017), Stat. Comput. 27, 1413-1432.
    """
    both = np.array([_left_out(ready, place, draws) for place in places])
    return both[:, 0].T, both[:, 1].T


def placed(ready: Prepared) -> list[int]:
    """Positions of the models that have a published horizon, or outcomes that place them."""
    return [i for i in range(len(ready.models)) if ready.well_known[i] or published(ready, i)]


def _left_out(ready: Prepared, place: int, draws: ByShape) -> tuple[Floats, Floats]:
    """Log predictive density of one model's evidence, and its Pareto k, (shape,) each."""
    seen, seen_k = _seen(ready, place, draws)
    levels = evidence_by_level(seen, ready.models[place], draws.drawn)
    known: list[tuple[Floats, Floats]] = []
    for trend in draws.trend[:, place]:
        same = next((term for other, term in known if np.array_equal(other, trend)), None)
        if same is None:  # shapes differ only after the reference date
            density = level_density(levels.growth, trend, draws.drawn, frontier=bool(ready.frontier[place]))
            same = levels.log_density(density)
        known.append((trend, same))
    terms = np.stack([term for _, term in known])
    weight, k = smoothed(draws.log_weight - terms)
    return special.logsumexp(weight + terms, axis=-1), np.maximum(k, seen_k)


def _seen(ready: Prepared, place: int, draws: ByShape) -> tuple[list[Seen], float]:
    """What evidence says of a model's horizon, and the Pareto k of that if it had to be worked out.

    Outcomes are summarised by the mean and sd of the p50 on the anchor that they give the model, level and capability
    together: its posterior without the trend, whose density at the model's level is divided out.
    """
    if not any(place in one.models for one in ready.outcomes):
        return published(ready, place), 0.0
    drawn, anchor = draws.drawn, draws.drawn.scenario.taxonomy.anchor
    growth = drawn(own_name("growth", ready.models[place]))
    frontier = bool(ready.frontier[place])
    density = [level_density(growth[:, None], trend, drawn, frontier=frontier)[:, 0] for trend in draws.trend[:, place]]
    own = draws.log_weight - np.log(np.maximum(density, LEAST))
    weight, k = smoothed(special.logsumexp(own, axis=0)[None])
    p50, share = drawn.length(0.5, anchor, growth), np.exp(weight[0])
    mean = float(share @ p50)
    sd = float(np.sqrt(share @ (p50 - mean) ** 2))
    return [Seen(anchor, np.array([mean, np.nan]), np.array([sd, np.nan]))], float(k[0])


def smoothed(log_ratio: Floats) -> tuple[Floats, Floats]:
    """Pareto-smoothed log importance weights, which sum to 1 over draws, (piece, draw), and Pareto k, (piece,)."""
    import arviz  # noqa: F401 - which gives arrays their `azstats`

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of, a large k, is part of the answer
        weight, k = xr.DataArray(-log_ratio, dims=("piece", "draw")).azstats.psislw(dim="draw")
    return weight.to_numpy(), k.to_numpy()
