"""Weights of the trajectory's shapes in forecasts: what each shape foretells of a model that it has not seen.

The sampler's own weights are those of Bayes, which hang on how wide the priors of each shape's parameters are.
Forecasts take the prior's instead, and move them only by predictions that differ by more than their standard error.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from autosim.inference.capability import shape_names
from autosim.inference.foretold import LEAST, ByShape, left_out, placed
from autosim.inference.leaving_out import LARGEST_PARETO_K
from autosim.inference.model import Prepared
from autosim.inference.predicting import Drawn
from autosim.inputs.posterior import shape_column
from autosim.inputs.posterior_files import SAMPLE
from autosim.inputs.scenario import Scenario
from autosim.inputs.shapes import FEWEST_OF_A_SHAPE, worth

type Floats = NDArray[np.float64]

FEWEST_MODELS = 5
"""With fewer models a standard error of differences means nothing, and weights stay at the prior."""

MOST_DRAWS = 4000

_ROUNDING = 1e-6


@dataclass(frozen=True)
class Shape:
    """A shape of the trajectory: its weights before the fit, by Bayes, and in forecasts, and what these rest on.

    ``difference`` is the expected log predictive density [nat] less that of the best shape, ``error`` the standard
    error of that; both NaN where models were too few. ``draws`` is the number of independent draws that the
    posterior's are worth for this shape, as far as weights go.
    """

    prior: float
    bayes: float
    difference: float
    error: float
    weight: float
    draws: float

    @property
    def compared(self) -> str:
        """The difference and its standard error, as tables have them."""
        return "–" if math.isnan(self.difference) else f"{self.difference:z.1f} ± {self.error:.1f}"


@dataclass(frozen=True)
class ShapeWeights:
    """All shapes, and the models that were left out one by one; ``pareto_k`` is (shape, model).

    ``unplaced`` are models that take no part, since data hardly say where they stand.
    """

    shapes: dict[str, Shape]
    models: list[str]
    unplaced: list[str]
    pareto_k: Floats

    @property
    def moved(self) -> list[str]:
        """Shapes that are worse than the best by more than the standard error."""
        return [name for name, one in self.shapes.items() if told_apart(one.difference, one.error)]

    def lines(self) -> list[str]:
        """What follows, in sentences."""
        found = [self._verdict()]
        if self.unplaced:
            found.append(f"Not among the models, since runs hardly place them: {', '.join(self.unplaced)}.")
        unsound = int((~(self.pareto_k <= LARGEST_PARETO_K)).sum())
        if unsound:
            found.append(f"Pareto k above {LARGEST_PARETO_K} in {unsound} of {self.pareto_k.size} scores, "
                         f"at most {self.pareto_k.max():.2f}: these are not to be trusted.")  # fmt: skip
        found += [f"{name}: draws worth {one.draws:.0f}, too few for a run; fit with more --draws."
                  for name, one in self.shapes.items() if round(one.draws) < FEWEST_OF_A_SHAPE]  # fmt: skip
        return found

    def _verdict(self) -> str:
        if len(self.models) < FEWEST_MODELS:
            count = f"{len(self.models)} models" if len(self.models) != 1 else "1 model"
            return f"{count} to judge the shapes by, fewer than {FEWEST_MODELS}: weights stay at the prior."
        if not self.moved:
            return ("The data do not tell the shapes apart: every difference is within its standard error; "
                    "weights stay at the prior.")  # fmt: skip
        worse = ", ".join(self.moved)
        return (
            f"Worse than the best by more than the standard error: {worse}. Others keep their prior ratio to the best."
        )

    def attribute(self) -> str:
        """All numbers of the shapes as JSON, null for NaN."""
        plain = {name: {key: None if math.isnan(value) else value for key, value in vars(one).items()}
                 for name, one in self.shapes.items()}  # fmt: skip
        return json.dumps(plain)


def told_apart(difference: float, error: float) -> bool:
    """Whether a difference exceeds its standard error, and rounding."""
    return abs(difference) > max(error, _ROUNDING)


def forecast_weights(
    prior: Mapping[str, float], pointwise: Mapping[str, Floats]
) -> dict[str, tuple[float, float, float]]:
    r"""Difference to the best shape, its standard error and the weight, for each shape.

    .. math::
        \Delta_s = \sum_m d_{sm},\quad d_{sm} = \mathrm{elpd}_{sm} - \mathrm{elpd}_{*m},\quad
        \mathrm{se}_s = \sqrt{M\,\mathrm{Var}_m\,d_{sm}},\quad
        w_s \propto \pi_s \cdot (e^{\Delta_s} \text{ if } |\Delta_s| > \mathrm{se}_s, \text{ else } 1)

    Parameters
    ----------
    prior
        :math:`\pi_s` [1], above 0.
    pointwise
        Log predictive density of each model when it is left out [nat], (model,), for the same shapes.

    Returns
    -------
    By shape, :math:`\Delta_s` [nat] and :math:`\mathrm{se}_s` [nat], both 0 for the best, and :math:`w_s` [1].

    References
    ----------
    Vehtari, Gelman & Gabry (2017), Stat. Comput. 27, 1413-1432, for the difference and its error; pseudo-BMA weights
    with prior weights: Yao et al. (2018), Bayesian Analysis 13, 917-1003.

    Examples
    --------
    >>> one, two = np.array([0.0, 0.0, 0.0, 0.0]), np.array([-0.2, -0.3, -0.1, -0.2])
    >>> {name: [round(x, 3) for x in found] for name, found in
    ...  forecast_weights({"exponential": 0.5, "saturating": 0.5}, {"exponential": one, "saturating": two}).items()}
    {'exponential': [0.0, 0.0, 0.69], 'saturating': [-0.8, 0.163, 0.31]}
    """
    best = max(pointwise.values(), key=lambda terms: float(terms.sum()))
    apart = {name: terms - best for name, terms in pointwise.items()}
    judged = {name: (float(d.sum()), float(np.sqrt(d.size * d.var(ddof=1)))) for name, d in apart.items()}
    raw = {name: prior[name] * (math.exp(delta) if told_apart(delta, error) else 1.0)
           for name, (delta, error) in judged.items()}  # fmt: skip
    whole = sum(raw.values())
    return {name: (*judged[name], raw[name] / whole) for name in judged}


def shape_weights(
    ready: Prepared, scenario: Scenario, posterior: xr.Dataset, trend: xr.DataArray | None
) -> ShapeWeights | None:
    """Weigh the shapes by leave-one-model-out predictions.

    Parameters
    ----------
    ready
        The evidence that was fitted.
    scenario
        What it was fitted against.
    posterior
        Draws as `autosim.inference.reporting.reported` names them.
    trend
        What each shape has at each model's release [doublings], dims chain, draw, trajectory and model; None if the
        evidence knows no models.

    Returns
    -------
    None if there is but one shape, or nothing of the evidence depends on the trajectory.
    """
    names = shape_names(scenario)
    if len(names) < 2 or shape_column(names[0]) not in posterior:
        return None
    weight = {name: posterior[shape_column(name)].to_numpy().ravel() for name in names}
    places, elpd, k = placed(ready), np.empty((len(names), 0)), np.empty((len(names), 0))
    prior = {name: scenario.trajectory[name] for name in names}
    found = {name: (math.nan, math.nan, prior[name]) for name in names}
    if trend is not None and len(places) >= FEWEST_MODELS:
        elpd, k = left_out(ready, places, _by_shape(posterior, trend, scenario))
        found = forecast_weights(prior, dict(zip(names, elpd, strict=True)))
    shapes = {name: Shape(prior[name], float(weight[name].mean()), *found[name], worth(weight[name])) for name in names}
    models = [ready.models[i] for i in places]
    return ShapeWeights(shapes, models, [name for name in ready.models if name not in models], k)


def _by_shape(posterior: xr.Dataset, trend: xr.DataArray, scenario: Scenario) -> ByShape:
    """At most so many draws, evenly taken."""
    names = shape_names(scenario)
    step = max(1, -(-posterior["chain"].size * posterior["draw"].size // MOST_DRAWS))
    few = posterior.isel(draw=slice(None, None, step))
    drawn = Drawn({str(name): item.to_numpy().ravel() for name, item in few.data_vars.items()}, scenario)
    log_weight = np.log(np.maximum([drawn(shape_column(name)) for name in names], LEAST))
    trends = trend.isel(draw=slice(None, None, step)).transpose("trajectory", "model", *SAMPLE).to_numpy()
    return ByShape(drawn, log_weight, trends.reshape(*trends.shape[:2], -1))
