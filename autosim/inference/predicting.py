"""What prior and posterior make of models: draws of capability by name, and models' levels among them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytensor
import pytensor.tensor as pt
import xarray as xr
from numpy.typing import NDArray
from scipy import special

from autosim import streams
from autosim.equations.capability import TRAJECTORIES, horizon_log2
from autosim.equations.lengths import success_length_log2
from autosim.inference.capability import (
    capability,
    capability_paths,
    growth_by_shape,
    in_gauge,
    later_paths,
    shape_names,
    years_after,
)
from autosim.inference.horizons import horizon_paths
from autosim.inference.model import Prepared
from autosim.inference.names import own_name
from autosim.inference.outcomes import SUITE_OFFSET_PRIOR, outcome_paths
from autosim.inference.quantities import Quantities
from autosim.inference.trend import DEGREES, DEVIATION_PRIOR, LAG_PRIOR
from autosim.inference.wander import wander_on
from autosim.inputs.posterior import shapes_of
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]


class Drawn:
    """Draws by dotted name, (draw,) each.

    Beside quantities of the model there are ``growth.<model>``, each model's level, and ``trend.<model>``, what the
    trend has at its release [doublings].
    """

    def __init__(self, values: Mapping[str, Floats], scenario: Scenario) -> None:
        self.values, self.scenario = values, scenario
        self.size = len(next(iter(values.values())))

    def __call__(self, *path: str) -> Floats:
        """One quantity; what no likelihood touches is as it was before."""
        if ".".join(path) in self.values:
            return self.values[".".join(path)]
        prior = self.scenario.priors[path]
        drawn: Floats = prior.distribution.quantile(streams.uniform(0, prior.stream, self.size))
        return drawn

    def by_bottleneck(self, *path: str) -> Floats:
        """(bottleneck, draw)."""
        return np.stack([self(*path, b) for b in self.scenario.taxonomy.bottlenecks])

    def horizons(self, growth: Floats) -> Floats:
        """Benchmark horizons [log2 min] at levels of growth (draw, ...), (bottleneck, draw, ...)."""
        wide = (..., *[None] * (growth.ndim - 1))
        offset, relief = self.by_bottleneck("horizon_offset")[wide], self.by_bottleneck("relief")[wide]
        horizons: Floats = horizon_log2(self("horizon")[wide], offset, relief, growth)
        return horizons

    def length(self, target: float, suite: str, growth: Floats) -> Floats:
        """Length [log2 min] at which success has probability ``target`` at levels of growth, as these (draw, ...)."""
        wide = (..., *[None] * (growth.ndim - 1))
        horizons = self.horizons(growth)
        each = [np.broadcast_to(item[wide], horizons.shape)
                for item in (self.by_bottleneck("severity", suite), self.by_bottleneck("slope"))]  # fmt: skip
        spread = np.broadcast_to(self("difficulty_spread")[wide], growth.shape)
        length: Floats = success_length_log2(np.asarray(target), horizons, each[0], each[1], spread)
        return length + self("contamination", suite)[wide]

    def offset(self, suite: str) -> Floats:
        """How much harder a suite's minutes are than the anchor's [doublings]."""
        return self.values.get(own_name("suite_offset", suite), np.zeros(self.size))


def posterior_draws(tree: xr.DataTree, scenario: Scenario, most: int) -> tuple[Drawn, tuple[int, int]]:
    """At most so many draws of a fit, evenly taken, and how many (chain, draw) these are."""
    posterior = tree["posterior"].to_dataset()
    step = max(1, -(-posterior["draw"].size * posterior["chain"].size // most))
    thin = posterior.isel(draw=slice(None, None, step))
    values = {str(name): item.to_numpy().ravel() for name, item in thin.data_vars.items()}
    if "trend" in tree:
        trend = tree["trend"]["growth"].isel(draw=slice(None, None, step))
        for model in trend["model"].to_numpy():
            values[own_name("trend", model)] = trend.sel(model=model).to_numpy().ravel()
    return Drawn(values, scenario), (thin["chain"].size, thin["draw"].size)


def prior_predictions(ready: Prepared, scenario: Scenario, draws: int, seed: int) -> Drawn:
    """What the priors alone make of the models: through the very functions of the likelihoods, in the same gauge."""
    paths = capability_paths(scenario) | later_paths(scenario)
    paths |= horizon_paths(ready.horizons, scenario) | outcome_paths(ready.outcomes, scenario)
    quantities = Quantities(scenario, paths)
    z = pt.vector("z", shape=(len(quantities.streams),))
    values = quantities.values(z)
    now = capability(values, scenario.taxonomy.bottlenecks)
    years = years_after(scenario.header.reference_date, ready.days)
    trends = pt.stack(growth_by_shape(values, now, shape_names(scenario), years))
    drawn = pytensor.function([z], [in_gauge(quantities.paths, values, now, scenario), trends], mode="JAX")
    normal = np.stack([_normal(seed, name, draws) for name in quantities.streams])
    both = [drawn(column) for column in (quantities.factor @ normal).T]
    made = np.stack([np.asarray(one[0]) for one in both])
    named = {".".join(path): made[:, i] for i, path in enumerate(quantities.paths)}
    shape = shapes_of(scenario.trajectory, seed, np.arange(draws))
    place = np.searchsorted([TRAJECTORIES.index(name) for name in shape_names(scenario)], shape)
    trend = np.stack([np.asarray(one[1])[at] for one, at in zip(both, place, strict=True)])
    return Drawn(named | _levels(ready, trend, seed) | _offsets(ready, scenario, draws, seed), scenario)


def _levels(ready: Prepared, trend: Floats, seed: int) -> dict[str, Floats]:
    """Levels of models about the trend and its wander (draw, model)."""
    draws, checked = len(trend), _Checked(seed, len(trend))
    scale, lag = checked.positive("trend_deviation", DEVIATION_PRIOR), checked.positive("lag_spread", LAG_PRIOR)
    found: dict[str, Floats] = {}
    trend = trend + wander_on(ready.days, checked)
    for i, model in enumerate(ready.models):
        student = special.stdtrit(DEGREES, streams.uniform(seed, f"check.deviation.{model}", draws))
        below = 0.0 if ready.frontier[i] else lag * np.abs(_normal(seed, f"lag.{model}", draws))
        found |= {
            own_name("trend", model): trend[:, i],
            own_name("growth", model): trend[:, i] + scale * student - below,
        }
    return found


@dataclass(frozen=True)
class _Checked:
    """Priors alone, drawn for checks."""

    seed: int
    draws: int

    @property
    def beside(self) -> Mapping[str, Floats]:
        return {}

    def normal(self, name: str) -> Floats:
        return _normal(self.seed, name, self.draws)

    def positive(self, name: str, prior: tuple[float, float]) -> Floats:
        found: Floats = np.exp(prior[0] + prior[1] * self.normal(name))
        return found


def _offsets(ready: Prepared, scenario: Scenario, draws: int, seed: int) -> dict[str, Floats]:
    spread = np.exp(SUITE_OFFSET_PRIOR[0] + SUITE_OFFSET_PRIOR[1] * _normal(seed, "suite_offset_spread", draws))
    others = [one.suite for one in ready.outcomes if one.suite != scenario.taxonomy.anchor]
    return {
        own_name("suite_offset", name): spread * _normal(seed, own_name("suite_offset", name), draws) for name in others
    }


def _normal(seed: int, name: str, draws: int) -> Floats:
    normal: Floats = special.ndtri(streams.uniform(seed, f"check.{name}", draws))
    return normal
