"""Leave-one-out scores: how well each piece of evidence is foretold by the others (PSIS-LOO).

What only one piece speaks of is integrated out first: a model's own level for its published horizons, an instance's own
residual for its outcomes. Otherwise a piece left out would leave nothing behind to foretell it by.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import special

from autosim.equations.success import log_failure_weight
from autosim.inference.foretold import Seen, evidence_by_level, level_density
from autosim.inference.horizons import SuiteHorizons
from autosim.inference.model import Prepared
from autosim.inference.names import own_name
from autosim.inference.outcomes import LEAST, SuiteOutcomes
from autosim.inference.predicting import Drawn

type Floats = NDArray[np.float64]

LARGEST_PARETO_K = 0.7
"""Above it the estimate for a piece is not to be trusted (Vehtari et al. 2024, JMLR 25(72))."""

RESIDUALS = np.linspace(-4.5, 4.5, 37)
"""Residuals of instances [sd] at which outcomes are weighed."""

_CELLS = 4_000_000
"""Draws, instances and residuals that are worked out together."""

RESIDUAL_WEIGHTS = np.exp(-0.5 * RESIDUALS**2) / np.exp(-0.5 * RESIDUALS**2).sum()
"""Their prior weights."""


@dataclass(frozen=True)
class Score:
    """An estimate of predictive accuracy: elpd and its standard error, pieces of evidence, Pareto k of each."""

    what: str
    elpd: float
    error: float
    pieces: int
    pareto_k: Floats

    @property
    def unsound(self) -> int:
        """Pieces whose Pareto k is too large."""
        return int((self.pareto_k > LARGEST_PARETO_K).sum())


def scored(what: str, terms: Floats) -> Score:
    """Score log-likelihood terms, (chain, draw, piece)."""
    import arviz as az

    cells = xr.DataArray(terms, dims=("chain", "draw", "piece"))
    data = xr.DataTree.from_dict(
        {"log_likelihood": xr.Dataset({"y": cells}), "posterior": xr.Dataset({"unused": cells[..., 0]})}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of, a large k, is part of the score
        found = az.loo(data, pointwise=True)
    k = np.atleast_1d(found.pareto_k.to_numpy()).astype(np.float64)
    return Score(what, float(found.elpd), float(found.se), terms.shape[-1], k)


def horizon_terms(one: SuiteHorizons, ready: Prepared, drawn: Drawn) -> Floats:
    """Log-density of each model's published horizons, its own level integrated out, (draw, model)."""
    return np.stack([_horizon_term(one, i, ready, drawn) for i in range(len(one.models))], axis=-1)


def _horizon_term(one: SuiteHorizons, i: int, ready: Prepared, drawn: Drawn) -> Floats:
    place = int(one.models[i])
    model = ready.models[place]
    levels = evidence_by_level([Seen(one.suite, one.log2[i], one.sd[i])], model, drawn)
    trend, frontier = drawn(own_name("trend", model)), bool(ready.frontier[place])
    return levels.log_density(level_density(levels.growth, trend, drawn, frontier=frontier))


def losses(one: SuiteOutcomes, i: int, ready: Prepared, drawn: Drawn, residuals: Floats) -> Floats:
    """-ln p of one model on every instance at every residual [sd], (draw, instance, residual)."""
    growth = drawn(own_name("growth", ready.models[one.models[i]]))
    own = drawn.by_bottleneck("severity", one.suite) if np.isnan(one.severity).any() else np.zeros((1, 1))
    severity = np.where(np.isnan(one.severity.T)[:, None], own[..., None], np.nan_to_num(one.severity.T)[:, None])
    known = one.suite in drawn.scenario.taxonomy.evaluations
    easier = drawn("contamination", one.suite) if known else np.zeros(drawn.size)
    x = (one.log2_minutes + (drawn.offset(one.suite) - easier)[:, None])[..., None]
    x = x + drawn("difficulty_spread")[:, None, None] * residuals
    parts = [
        [item]
        for item in (
            drawn.horizons(growth)[..., None, None],
            severity[..., None],
            drawn.by_bottleneck("slope")[..., None, None],
        )
    ]
    whole: Floats = log_failure_weight(x, parts[0], parts[1], parts[2]).sum(0)
    return whole


def outcome_terms(one: SuiteOutcomes, ready: Prepared, drawn: Drawn) -> Floats:
    """Log-likelihood of all models' outcomes on each instance, its residual integrated out, (draw, instance)."""
    terms: Floats = special.logsumexp(by_residual(one, ready, drawn), b=RESIDUAL_WEIGHTS, axis=-1)
    return terms


def by_residual(one: SuiteOutcomes, ready: Prepared, drawn: Drawn) -> Floats:
    """Log-likelihood of all models' outcomes on each instance at each of `RESIDUALS`, (draw, instance, residual)."""
    whole = np.zeros((drawn.size, len(one.instances), len(RESIDUALS)))
    for i in range(len(one.models)):
        whole += of_model(one, i, ready, drawn, RESIDUALS)
    return whole


def of_model(one: SuiteOutcomes, i: int, ready: Prepared, drawn: Drawn, residuals: Floats) -> Floats:
    """Log-likelihood of one model's outcomes on each instance at residuals [sd], (draw, instance, residual)."""
    loss = losses(one, i, ready, drawn, residuals)
    failure = np.log(np.maximum(-np.expm1(-loss), LEAST))
    s, n, weight = (grid[:, i, None] for grid in (one.successes, one.attempts, one.weight))
    found: Floats = weight * (-s * loss + (n - s) * failure)
    return found


def in_parts(drawn: Drawn, instances: int) -> Iterator[tuple[slice, Drawn]]:
    """Some draws at a time, so that outcomes on so many instances take bounded memory."""
    size = max(1, _CELLS // (instances * RESIDUALS.size))
    for first in range(0, drawn.size, size):
        at = slice(first, first + size)
        yield at, Drawn({name: column[at] for name, column in drawn.values.items()}, drawn.scenario)
