"""Two-parameter-logistic item response with a trend of ability: what is fitted to one suite, and how."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
import xarray as xr
from numpy.typing import NDArray
from scipy import special

from autosim.backtesting.baselines.parts import Suite, log2_points
from autosim.backtesting.baselines.trends import Trend
from autosim.equations.arrays import Array, softplus
from autosim.errors import AutosimError
from autosim.evidence.intervals import WIDTH_95
from autosim.inference.sampling import sample

type Floats = NDArray[np.float64]

LEAST_MODELS = 3
"""Fewer known models on a suite make no trend."""

DEVIATION_PRIOR = (math.log(0.7), 0.6)
"""Mean and sd of the log of the sd of models about the trend [doublings]: 0.3 to 1.9 at the ends of the 90 % interval,
from a few months' growth to two years' (judgement). Like the other spreads it is not half-normal: near 0 no step size
suits."""

DIFFICULTY_PRIOR = (math.log(1.5), 0.5)
"""Mean and sd of the log of the sd of difficulties of equally long instances [doublings]: 0.7 to 3.4; length tells much
of how hard a task is for AI, but far from all (judgement)."""

DISCRIMINATION_PRIOR = (math.log(0.8), 0.5)
"""Mean and sd of the median instance's log discrimination [logit per doubling]: 0.35 to 1.8, so that a chance of 80 %
becomes one of 20 % within one and a half to eight doublings (judgement)."""

DISCRIMINATION_SPREAD_PRIOR = (math.log(0.3), 0.5)
"""Mean and sd of the log of the sd of instances' log discriminations: 0.13 to 0.7, within a factor of two of the median
as a rule (judgement)."""

GAP_SPREAD_PRIOR = (math.log(0.2), 0.5)
"""Mean and sd of the log of the sd of models' log gaps between p50 and p80, error of measurement included: 9 to 46 %
(judgement)."""

_LOGISTIC_AS_NORMAL = 16.0 * math.sqrt(3.0) / (15.0 * math.pi)
"""Scale c of the normal that is nearest a logistic (Johnson, Kotz, Balakrishnan 1995, ch. 23)."""

RESIDUALS = np.tile(np.linspace(-3.0, 3.0, 21), 3)
STEEPNESSES = np.repeat(math.sqrt(3.0) * np.array([-1.0, 0.0, 1.0]), 21)
"""Nodes over which an instance is integrated out: its difficulty, and the log of its discrimination [sd], (node,).

Difficulties lie so near each other that sums are integrals even where fifty attempts pin one down; three nodes of a
normal are exact up to the fifth power (Gauss, Hermite)."""

LOG_WEIGHTS = -(RESIDUALS**2) / 2.0 + np.log(np.repeat([1.0, 4.0, 1.0], 21))
LOG_WEIGHTS -= special.logsumexp(LOG_WEIGHTS)
"""Logarithms of their prior probabilities."""

DRAWS, TUNE, CHAINS, CORES = 300, 300, 4, 2

TARGET_ACCEPT, FINER = 0.9, 0.98
"""Acceptance that steps are adapted to, and what is tried where that is unsound."""

MOST_DIVERGENT, LARGEST_R_HAT = 0.01, 1.05
"""Sampling is called unsound above this share of divergent draws, or this r-hat of any quantity."""


@dataclass(frozen=True)
class Data:
    """What is known of a suite; each model once, with its outcomes if there are any, else its horizon.

    ``years`` of models with outcomes, (model,), from the cut-off; ``instances`` and their ``minutes`` [log2 min],
    (instance,); ``successes`` and ``attempts``, weighted, (instance, model). ``measured_years``, ``measured`` and
    ``measured_sd`` [log2 min] of the others' p50, and ``log_gaps``, logarithms of their gaps to p80 [log doublings].
    """

    years: Floats
    instances: tuple[str, ...]
    minutes: Floats
    successes: Floats
    attempts: Floats
    measured_years: Floats
    measured: Floats
    measured_sd: Floats
    log_gaps: Floats

    @classmethod
    def of(cls, suite: Suite) -> "Data":
        """Arrange what is known of a suite."""
        tried = suite.outcomes
        first, models = tried.drop_duplicates("instance").sort_values("instance"), tried.drop_duplicates("model")
        place = (
            pd.Index(first["instance"]).get_indexer(pd.Index(tried["instance"])),
            pd.Index(models["model"]).get_indexer(pd.Index(tried["model"])),
        )
        counts = np.zeros((2, len(first), len(models)))
        successes, attempts, weight = (
            tried[column].to_numpy(dtype=np.float64) for column in ("successes", "attempts", "weight")
        )
        counts[0][place], counts[1][place] = weight * successes, weight * attempts
        rest = suite.horizons[~suite.horizons["model"].isin(models["model"])]
        upper, lower = (np.log2(rest[f"p50_{end}"].to_numpy(dtype=np.float64)) for end in ("upper", "lower"))
        gaps = log2_points(rest, "p50") - log2_points(rest, "p80")
        return cls(
            suite.years(models["release_date"]),
            tuple(str(name) for name in first["instance"]),
            np.log2(first["human_minutes"].to_numpy(dtype=np.float64)),
            counts[0],
            counts[1],
            suite.years(rest["release_date"]),
            log2_points(rest, "p50"),
            (upper - lower) / WIDTH_95,
            np.log(gaps[~np.isnan(gaps)]),
        )

    @property
    def models(self) -> int:
        """How many models are known."""
        return len(self.years) + len(self.measured)


def gap(discrimination: Array, difficulty: Array) -> Array:
    r"""Doublings between the lengths at which half and 80 % of the attempts at instances of that length succeed.

    .. math:: \ln 4\,\sqrt{1/a^2 + c^2 \sigma_\delta^2}

    It is a published gap, and wider than an instance's own :math:`\ln 4 / a`: residual difficulties flatten a suite's
    curve. The logistic is taken as a normal of scale :math:`c`, which is right within 4 %.

    Parameters
    ----------
    discrimination
        :math:`a` of a median instance [logit per doubling].
    difficulty
        :math:`\sigma_\delta` [doublings].

    Examples
    --------
    >>> round(float(gap(1.0, 0.0)), 3), round(float(gap(1.0, 2.0)), 3)
    (1.386, 2.14)
    """
    return math.log(4.0) * (discrimination**-2.0 + (_LOGISTIC_AS_NORMAL * difficulty) ** 2) ** 0.5


def build(data: Data, trend: Trend) -> pm.Model:
    """Model of one suite; instances, and abilities of models that have only horizons, are integrated out."""
    with pm.Model() as model:
        parameters = {name: pm.Normal(name, *prior) for name, prior in trend.priors.items()}
        spread = pm.LogNormal("deviation_spread", *DEVIATION_PRIOR)
        difficulty = pm.LogNormal("difficulty_spread", *DIFFICULTY_PRIOR)
        discrimination = pm.Normal("log_discrimination", *DISCRIMINATION_PRIOR)
        discrimination_spread = pm.LogNormal("discrimination_spread", *DISCRIMINATION_SPREAD_PRIOR)
        gap_spread = pm.LogNormal("gap_spread", *GAP_SPREAD_PRIOR)
        if len(data.measured):
            sd = pt.sqrt(spread**2 + data.measured_sd**2)
            pm.Normal("measured", trend.at(parameters, data.measured_years, pt), sd, observed=data.measured)
        if len(data.log_gaps):
            expected = pt.log(gap(pt.exp(discrimination), difficulty))
            pm.Normal("log_gaps", expected, gap_spread, observed=data.log_gaps)
        if len(data.years):
            ability = pm.Normal("ability", trend.at(parameters, data.years, pt), spread, shape=len(data.years))
            told = losses(
                ability, data.minutes[:, None, None], data.successes[:, None], data.attempts[:, None],
                difficulty[None], discrimination[None], discrimination_spread[None], pt,
            )  # fmt: skip
            pm.Potential("outcomes", pt.logsumexp(LOG_WEIGHTS - told, axis=-1).sum())
    return model


def losses(
    ability: Array,
    minutes: Array,
    successes: Array,
    attempts: Array,
    difficulty: Array,
    discrimination: Array,
    discrimination_spread: Array,
    xp: Any = np,
) -> Array:
    r"""Negative log-likelihood of all models' attempts at an instance, were it at each node.

    .. math:: \sum_m n_m \ln(1 + e^{\eta_m}) - s_m \eta_m

    Parameters
    ----------
    ability
        [log2 min], (..., 1, model).
    minutes
        Of the instance [log2 min], (..., 1, 1).
    successes, attempts
        :math:`s` and :math:`n`, (..., 1, model).
    difficulty, discrimination, discrimination_spread
        Spread of difficulties [doublings], mean and spread of log discriminations, (..., 1).

    Returns
    -------
    [nat], (..., node).
    """
    steepness, residual = item(difficulty, discrimination, discrimination_spread, xp)
    logit = steepness[..., None] * (ability - minutes - residual[..., None])
    return (attempts * softplus(logit, xp) - successes * logit).sum(axis=-1)


def item(difficulty: Array, discrimination: Array, discrimination_spread: Array, xp: Any = np) -> tuple[Array, Array]:
    """Discrimination [logit per doubling] and residual difficulty [doublings] at each node, (..., node)."""
    return xp.exp(discrimination + discrimination_spread * STEEPNESSES), difficulty * RESIDUALS


def fitted(data: Data, trend: Trend, seed: int) -> xr.DataTree:
    """Sample the model of one suite; where that is unsound, once more with finer steps.

    Returns
    -------
    Groups ``posterior`` and ``sample_stats`` (``diverging`` alone), dims chain and draw first.

    Raises
    ------
    AutosimError
        If sampling broke down.
    """
    model = build(data, trend)
    tree = _sampled(model, seed, TARGET_ACCEPT)
    return _sampled(model, seed, FINER) if unsound(tree) else tree


def _sampled(model: pm.Model, seed: int, target: float) -> xr.DataTree:
    names = tuple(str(variable.name) for variable in (*model.free_RVs, *model.deterministics))
    try:
        tree = sample(model, DRAWS, TUNE, CHAINS, seed, CORES, target, keep=names)
    except (RuntimeError, ValueError) as error:
        raise AutosimError(f"sampling an item-response baseline broke down ({error})") from error
    posterior, statistics = tree["posterior"].to_dataset(), tree["sample_stats"].to_dataset()
    statistics = statistics[["diverging"]].drop_attrs()  # which tell the time
    return xr.DataTree.from_dict({"posterior": posterior.drop_attrs(), "sample_stats": statistics})


def unsound(tree: xr.DataTree) -> str:
    """Why sampling is not to be trusted, in words; empty if it is."""
    import arviz as az

    share = float(tree["sample_stats"]["diverging"].mean())
    r_hats = az.rhat(tree["posterior"].to_dataset())
    largest = max(float(values.max()) for values in r_hats.data_vars.values())
    found = [f"{share:.1%} of draws diverged"] if share > MOST_DIVERGENT else []
    found += [f"r-hat is {largest:.2f}"] if not largest <= LARGEST_R_HAT else []
    return " and ".join(found)
