"""Joint draws of a scenario and its fit, and what they make of models and trials that no fit has seen."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pytensor
import pytensor.tensor as pt
import xarray as xr
from numpy.typing import NDArray
from scipy import special

from autosim import streams
from autosim.dims import BOTTLENECK, EVALUATION, TASK
from autosim.draws import Draws, draw
from autosim.equations.capability import TRAJECTORIES
from autosim.inference.capability import (
    capability,
    capability_paths,
    growth_by_shape,
    in_gauge,
    later_paths,
    shape_names,
    years_after,
)
from autosim.inference.names import own_name
from autosim.inference.outcomes import SUITE_OFFSET_PRIOR
from autosim.inference.predicting import Drawn
from autosim.inference.quantities import Values
from autosim.inference.trend import DEGREES
from autosim.inference.wander import wander_on
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.posterior import SHAPES, TRAJECTORY, Learnt, Posterior, shape_column
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario, Taxonomy
from autosim.inputs.shapes import reweighted

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worlds:
    """Draws of every quantity of a scenario; ``beside`` are the fit's own, such as ``growth.GPT-4o``, by dotted name.

    What a fit has learnt comes from it, jointly; everything else from the priors.
    """

    scenario: Scenario
    seed: int
    draws: Draws
    beside: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.draws)

    def values(self, paths: Sequence[Path]) -> Floats:
        """Draws of single quantities, (draw, path)."""
        return np.stack([_one(self.draws, path, self.scenario.taxonomy) for path in paths], axis=-1)

    def uniform(self, name: str) -> Floats:
        """Uniform numbers of a stream of its own, (draw,)."""
        return streams.uniform(self.seed, f"worlds.{name}", len(self))

    def normal(self, name: str) -> Floats:
        """Standard normal numbers of a stream of its own, (draw,)."""
        found: Floats = special.ndtri(self.uniform(name))
        return found

    def student(self, name: str) -> Floats:
        """Numbers by which frontier models deviate [`trend_deviation`], (draw,)."""
        found: Floats = special.stdtrit(DEGREES, self.uniform(name))
        return found

    def positive(self, name: str, prior: tuple[float, float]) -> Floats:
        """A positive quantity of the fit, or draws of its lognormal prior (mean and sd of the log), (draw,)."""
        if name in self.beside:
            return self.beside[name]
        found: Floats = np.exp(prior[0] + prior[1] * self.normal(name))
        return found


def worlds(scenario: Scenario, tree: xr.DataTree | None, draws: int, seed: int) -> Worlds:
    """Draw a scenario's quantities, as a run does, from a fit of it or from its priors alone.

    Parameters
    ----------
    scenario
        What was fitted.
    tree
        Posterior as `autosim.inference.fit.fit` makes it; None for the priors alone.
    draws, seed
        How many, and from which streams.
    """
    if tree is None:
        return Worlds(scenario, seed, draw(scenario, seed, draws), {})
    return worlds_of(scenario, _weighed(tree), draws, seed)


def worlds_of(scenario: Scenario, posterior: Posterior, draws: int, seed: int) -> Worlds:
    """Draw a scenario's quantities from rows of a posterior, each once before any comes again."""
    owners = {".".join(path) for path in scenario.priors}
    owners |= {f"{'.'.join(path)}.{name}" for path, prior in scenario.shares.items() for name in prior.simplex.names}
    taken = frozenset(name for name in posterior.values if name in owners)
    learnt = Learnt(posterior, taken, ())
    rows = learnt.rows(seed, np.arange(draws))
    beside = {name: column[rows] for name, column in posterior.values.items() if name not in taken}
    return Worlds(scenario, seed, draw(replace(scenario, posterior=learnt), seed, draws), beside)


def _weighed(tree: xr.DataTree) -> Posterior:
    """All draws of a fit, its shapes as often as forecasts weigh them."""
    fitted = tree["posterior"].to_dataset()
    values = {str(name): item.to_numpy().ravel() for name, item in fitted.data_vars.items() if name != TRAJECTORY}
    shapes = fitted[TRAJECTORY].to_numpy().ravel() if TRAJECTORY in fitted else None
    posterior = Posterior("fit", "", values, shapes)
    if SHAPES not in tree.attrs:
        return posterior
    weights = {name: float(one["weight"]) for name, one in json.loads(tree.attrs[SHAPES]).items()}
    return reweighted(posterior, {name: values[shape_column(name)] for name in weights}, weights)


def _one(draws: Draws, path: Path, names: Taxonomy) -> Floats:
    """Draws of one quantity by its path, (draw,)."""
    name, *labels = path
    if not labels:
        return draws.scalars[name]
    axes = {TASK: names.tasks, EVALUATION: names.evaluations, BOTTLENECK: names.bottlenecks}
    if name == "severity":
        tested = labels[0] in names.evaluations
        table, first = ("evaluation_severity", names.evaluations) if tested else ("severity", names.tasks)
        return draws.indexed[table][:, first.index(labels[0]), names.bottlenecks.index(labels[1])]
    found = draws.indexed[name]
    for axis, label in zip(PARAMETERS[name].axes, labels, strict=True):
        found = found[:, axes[axis].index(label)]
    return found


def new_offsets(suites: Sequence[str], seen: Worlds) -> dict[str, Floats]:
    """How much harder minutes of suites are than the anchor's that no fit has seen [doublings], by name, (draw,)."""
    names = [own_name("suite_offset", suite) for suite in suites if suite != seen.scenario.taxonomy.anchor]
    new = [name for name in names if name not in seen.beside]
    return {name: seen.positive("suite_offset_spread", SUITE_OFFSET_PRIOR) * seen.normal(name) for name in new}


def drawn_capability(seen: Worlds, days: Sequence[date]) -> tuple[Drawn, Floats]:
    """Quantities of capability in the gauge of the fit, and where the frontier is on each day under the draw's shape.

    Returns
    -------
    The quantities by name, with all others of the scenario and the fit; and the trend with its wander [doublings],
    (draw, day).
    """
    drawn, trends = capability_by_shape(seen, days)
    place = np.searchsorted([TRAJECTORIES.index(name) for name in shape_names(seen.scenario)], seen.draws.trajectory)
    return drawn, trends[place, np.arange(len(seen))]


def capability_by_shape(seen: Worlds, days: Sequence[date]) -> tuple[Drawn, Floats]:
    """Quantities of capability in the gauge of the fit, and where the frontier is on each day under each shape.

    Through the very functions of the likelihoods: software grows without feedback.

    Returns
    -------
    The quantities by name, with all others of the scenario and the fit; and the trend with its wander [doublings],
    (shape, draw, day), shapes as `autosim.inference.capability.shape_names` has them.
    """
    scenario = seen.scenario
    paths = sorted(capability_paths(scenario) | later_paths(scenario))
    z = pt.vector("z", shape=(len(paths),))
    values = Values(z, {path: i for i, path in enumerate(paths)}, {})
    now = capability(values, scenario.taxonomy.bottlenecks)
    years = years_after(scenario.header.reference_date, days)
    trends = pt.stack(growth_by_shape(values, now, shape_names(scenario), years))
    function = pytensor.function([z], [in_gauge(paths, values, now, scenario), trends], mode="JAX")
    both = [function(row) for row in seen.values(paths)]
    trend = np.stack([np.asarray(one[1]) for one in both], axis=1)
    learnt = np.stack([np.asarray(one[0]) for one in both])
    rated: list[Path] = [
        ("severity", suite, b) for suite in scenario.taxonomy.evaluations for b in scenario.taxonomy.bottlenecks
    ]
    rated += [("contamination", suite) for suite in scenario.taxonomy.evaluations]
    named = {".".join(path): column for path, column in zip(rated, seen.values(rated).T, strict=True)}
    named |= {".".join(path): learnt[:, i] for i, path in enumerate(paths)}
    return Drawn({**seen.beside, **named}, scenario), trend + wander_on(days, seen) if days else trend
