"""How likely new evidence is in each draw of a fit, piece by piece; what only it speaks of is drawn on the way.

A new model's level is integrated out and drawn from what its evidence says in that draw; the residuals of instances are
summed over, given what known models did on them; the shapes of the trajectory are summed over, too. So the weight of a
draw is the density of the new evidence given the draw alone, and few draws are enough (sequential importance sampling
with the best proposal: Doucet, Godsill & Andrieu 2000, Stat. Comput. 10, 197-208).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import interpolate, special

from autosim.inference.foretold import LEAST, Seen, far_density, published
from autosim.inference.leaving_out import RESIDUAL_WEIGHTS, RESIDUALS, by_residual, in_parts, of_model
from autosim.inference.model import Prepared
from autosim.inference.names import own_name
from autosim.inference.outcomes import SuiteOutcomes
from autosim.inference.predicting import Drawn
from autosim.inference.worlds import Worlds

type Floats = NDArray[np.float64]

_COARSE = np.arange(-24.0, 13.0, 1.5)
"""Levels, from the trend, at which a model is sought [doublings]."""

_FEW = np.linspace(-6.0, 6.0, 13)
_MANY = np.linspace(-6.0, 6.0, 121)
"""Levels about the one found [1.3 of its sd] at which outcomes are worked out, and at which all is summed."""

_WIDER, _LEAST_SD = 1.3, 0.1
_OUTSIDE = 1e-3
"""Share at the ends of the levels at which a model is sought above which it is not among them."""

_ROUGHLY = np.array([-2.5, -1.25, 0.0, 1.25, 2.5])
"""Residuals [sd] at which outcomes are weighed while a model is sought."""


@dataclass
class News:
    """Draws that are weighed by new evidence.

    ``values`` are quantities by name, (draw,) each; ``log_shape`` the log-probabilities of the shapes, (shape, draw);
    ``log_weight`` the log-density of the evidence so far [nat], (draw,); ``lost`` are models whose level was not found.
    """

    seen: Worlds
    values: dict[str, Floats]
    log_shape: Floats
    log_weight: Floats
    lost: list[str]

    @property
    def drawn(self) -> Drawn:
        """The draws as they are by now."""
        return Drawn(self.values, self.seen.scenario)

    def density(self, growth: Floats, trends: Floats, frontier: float) -> Floats:
        """Density [1/doubling] of levels (draw, ...) about trends (shape, draw), the shapes summed over."""
        wide = (..., *[None] * (growth.ndim - 1))
        scale, lag = self.values["trend_deviation"][wide], self.values["lag_spread"][wide]
        shapes = zip(trends, np.exp(self.log_shape), strict=True)
        each = [far_density(growth - trend[wide], scale, lag, frontier) * weight[wide] for trend, weight in shapes]
        return np.maximum(np.sum(each, axis=0), LEAST)

    def settle(self, name: str, growth: Floats, trends: Floats, frontier: float) -> None:
        """Let a level be known; the shapes are weighed by what they say of it."""
        scale, lag = self.values["trend_deviation"], self.values["lag_spread"]
        each = [np.log(np.maximum(far_density(growth - trend, scale, lag, frontier), LEAST)) for trend in trends]
        self.log_shape = self.log_shape + np.stack(each)
        self.log_shape -= special.logsumexp(self.log_shape, axis=0)
        self.values[name] = growth


class Results:
    """New results of models, horizons and outcomes, beside what was known of the same instances.

    Parameters
    ----------
    old, new
        What was fitted, and the new rows alone, of new and of known models.
    drawn
        Draws that know the levels of known models.
    """

    def __init__(self, old: Prepared, new: Prepared, drawn: Drawn) -> None:
        self.new = new
        self._told = [_told(one, old, drawn) for one in new.outcomes]
        """Log-likelihood of what is known of each suite's instances, (draw, instance, residual)."""

    def log_likelihood(self, place: int, drawn: Drawn) -> Floats:
        """Log-likelihood of a model's results given what is known [nat], (draw,), at its level in ``drawn``."""
        return self._whole(place, drawn, RESIDUALS, self._told)

    def roughly(self, place: int, drawn: Drawn) -> Floats:
        """The same with few residuals, and as if its instances were new."""
        return self._whole(place, drawn, _ROUGHLY, None)

    def add(self, place: int, drawn: Drawn) -> None:
        """Count a model's results among what is known."""
        for one, told in zip(self.new.outcomes, self._told, strict=True):
            for i in np.flatnonzero(one.models == place).tolist():
                for at, part in in_parts(drawn, len(one.instances)):
                    told[at] += of_model(one, i, self.new, part, RESIDUALS)

    def _whole(self, place: int, drawn: Drawn, residuals: Floats, told: list[Floats] | None) -> Floats:
        found = np.zeros(drawn.size)
        growth = drawn(own_name("growth", self.new.models[place]))
        for seen in published(self.new, place):
            found += horizons_log_density(seen, growth, drawn)
        for k, one in enumerate(self.new.outcomes):
            for i in np.flatnonzero(one.models == place).tolist():
                for at, part in in_parts(drawn, len(one.instances)):
                    terms = of_model(one, i, self.new, part, residuals)
                    found[at] += _summed(terms, residuals, None if told is None else told[k][at])
        return found


def horizons_log_density(seen: Seen, growth: Floats, drawn: Drawn) -> Floats:
    """Log-density of a model's published horizons at its level [nat], (draw,)."""
    return seen.log_density(*(drawn.length(target, seen.suite, growth) for target in (0.5, 0.8)))


def _summed(terms: Floats, residuals: Floats, told: Floats | None) -> Floats:
    """Log-likelihood of all instances, residuals summed over given what is known of them, (draw,)."""
    weight = RESIDUAL_WEIGHTS if told is not None else np.exp(-0.5 * residuals**2)
    before = np.zeros((1, 1, residuals.size)) if told is None else told
    whole = special.logsumexp(terms + before, b=weight, axis=-1) - special.logsumexp(before, b=weight, axis=-1)
    found: Floats = whole.sum(-1)
    return found


def _told(one: SuiteOutcomes, old: Prepared, drawn: Drawn) -> Floats:
    """What known models did on a suite's instances, as its log-likelihood, (draw, instance, residual)."""
    found = np.zeros((drawn.size, len(one.instances), RESIDUALS.size))
    known = next((past for past in old.outcomes if past.suite == one.suite), None)
    again = [j for j, name in enumerate(one.instances) if known is not None and name in set(known.instances)]
    if known is None or not again:
        return found
    few = _only(known, [known.instances.index(one.instances[j]) for j in again])
    for at, part in in_parts(drawn, len(again)):
        found[at, again] = by_residual(few, old, part)
    return found


def _only(one: SuiteOutcomes, instances: list[int]) -> SuiteOutcomes:
    """Some of a suite's instances."""
    names = [one.instances[j] for j in instances]
    grids = (one.successes, one.attempts, one.weight, one.severity)
    minutes, *rows = (grid[instances] for grid in (one.log2_minutes, *grids))
    return SuiteOutcomes(one.suite, names, one.models, minutes, *rows)


def weigh_new_model(news: News, results: Results, place: int, trends: Floats) -> None:
    """Weigh draws by a new model's results, and draw its level.

    Parameters
    ----------
    place
        Position of the model among those of the new results.
    trends
        At its release under each shape [doublings], (shape, draw).
    """
    model, frontier = results.new.models[place], float(results.new.frontier[place])
    name, drawn = own_name("growth", model), news.drawn
    middle, sd = _sought(news, lambda at: results.roughly(place, _at(drawn, name, at)), trends, frontier, model)
    width = _WIDER * np.maximum(sd, _LEAST_SD)
    few = middle[:, None] + width[:, None] * _FEW
    log_likelihood = np.stack([results.log_likelihood(place, _at(drawn, name, at)) for at in few.T], axis=-1)
    many = middle[:, None] + width[:, None] * _MANY
    log_density = _through(_FEW, log_likelihood, _MANY) + np.log(news.density(many, trends, frontier))
    whole = special.logsumexp(log_density, axis=-1)
    news.log_weight = news.log_weight + whole + np.log(width * (_MANY[1] - _MANY[0]))
    growth = _picked(np.exp(log_density - whole[:, None]), many, news.seen.uniform(f"new.{model}"))
    news.settle(name, growth, trends, frontier)
    results.add(place, news.drawn)


def weigh_known_model(news: News, results: Results, place: int, dropped: list[Seen]) -> None:
    """Weigh draws by new results of a model whose level they know; horizons that runs stand in for are taken back."""
    drawn = news.drawn
    growth = drawn(own_name("growth", results.new.models[place]))
    before = [horizons_log_density(seen, growth, drawn) for seen in dropped]
    news.log_weight = news.log_weight + results.log_likelihood(place, drawn) - sum(before, start=np.zeros(drawn.size))
    results.add(place, drawn)


def _sought(
    news: News, log_likelihood: Callable[[Floats], Floats], trends: Floats, frontier: float, model: str
) -> tuple[Floats, Floats]:
    """Roughly the mean and sd of a model's level [doublings], (draw,) each."""
    centre = (trends * np.exp(news.log_shape)).sum(axis=0)
    found = np.stack([log_likelihood(centre + step) for step in _COARSE], axis=-1)
    fine = np.linspace(_COARSE[0], _COARSE[-1], 8 * (_COARSE.size - 1) + 1)
    levels = centre[:, None] + fine
    log_density = _through(_COARSE, found, fine) + np.log(news.density(levels, trends, frontier))
    share = np.exp(log_density - special.logsumexp(log_density, axis=-1, keepdims=True))
    if (share[:, [0, -1]].max(axis=-1) > _OUTSIDE).any():
        news.lost.append(model)
    middle = (share * levels).sum(axis=-1)
    return middle, np.sqrt((share * (levels - middle[:, None]) ** 2).sum(axis=-1))


def _at(drawn: Drawn, name: str, growth: Floats) -> Drawn:
    return Drawn({**drawn.values, name: growth}, drawn.scenario)


def _through(few: Floats, values: Floats, many: Floats) -> Floats:
    """Values (draw, few) joined by a cubic spline, (draw, many)."""
    found: Floats = values @ interpolate.CubicSpline(few, np.eye(few.size))(many).T
    return found


def _picked(share: Floats, levels: Floats, u: Floats) -> Floats:
    """A level of each draw, (draw,), from shares that sum to 1 and evenly spaced levels, (draw, level) each."""
    whole = np.cumsum(share, axis=-1)
    place = np.minimum((whole < u[:, None]).sum(axis=-1), share.shape[-1] - 1)
    rows = np.arange(len(u))
    within = (u - whole[rows, place] + share[rows, place]) / share[rows, place]
    step = levels[:, 1] - levels[:, 0]
    found: Floats = levels[rows, place] + (np.clip(within, 0.0, 1.0) - 0.5) * step
    return found
