"""Checks of a fit: what prior and posterior would have predicted, and leave-one-out scores (model §10)."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import special, stats

from autosim.equations.capability import exponential, horizon_log2
from autosim.equations.lengths import RESIDUAL_NODES, RESIDUAL_WEIGHTS, success_length_log2
from autosim.equations.success import log_failure_weight
from autosim.inference.capability import years_after
from autosim.inference.fit import Fit, prior_draws
from autosim.inference.horizons import TOGETHER, SuiteHorizons
from autosim.inference.outcomes import SuiteOutcomes
from autosim.inputs.distributions import Point
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]

MOST_DRAWS = 400
BAND = (0.05, 0.5, 0.95)
LARGEST_PARETO_K = 0.7
_LENGTH_BINS = np.arange(-6.0, 14.1, 2.0)
_LEAST = 1e-12


@dataclass(frozen=True)
class P50:
    """A model's p50 on a suite [log2 min]: bands (5, 50, 95 %) of prior and posterior, and what was published.

    ``seen`` is the published value and its 95 % interval, NaN where outcomes stand in for it.
    """

    model: str
    suite: str
    year: float
    prior: Floats
    posterior: Floats
    seen: Floats


@dataclass(frozen=True)
class PassRates:
    """A model's pass rate on a suite by length: the posterior's band (quantile, bin) and what was seen, (bin,)."""

    model: str
    suite: str
    log2_minutes: Floats
    band: Floats
    seen: Floats
    attempts: Floats


@dataclass(frozen=True)
class Score:
    """A leave-one-out estimate of predictive accuracy (PSIS-LOO): elpd, its standard error, the largest Pareto k."""

    what: str
    elpd: float
    error: float
    pareto_k: float


@dataclass(frozen=True)
class Checks:
    """Predictions beside evidence, and scores."""

    p50: list[P50]
    rates: list[PassRates]
    scores: list[Score]

    def as_json(self) -> dict[str, list[dict[str, object]]]:
        """All numbers, as they are written beside the figures; null where there is none."""
        parts = (("p50", self.p50), ("pass_rates", self.rates), ("leave_one_out", self.scores))
        return {name: [{key: _plain(value) for key, value in vars(one).items()} for one in items]
                for name, items in parts}  # fmt: skip

    def lines(self) -> list[str]:
        """The numbers in words."""
        known = [one for one in self.p50 if np.isfinite(one.seen).all()]
        said = []
        for name, bands in (("prior", [one.prior for one in known]), ("posterior", [one.posterior for one in known])):
            hits = sum(one.seen[1] <= band[1] <= one.seen[2] for one, band in zip(known, bands, strict=True))
            said += [f"{name} p50 inside the published 95 % interval: {hits} of {len(known)} models"] if known else []
        attempts = sum(one.attempts.sum() for one in self.rates)
        if attempts:
            far = sum(np.nansum(one.attempts * np.abs(one.band[1] - one.seen)) for one in self.rates) / attempts
            said.append(f"mean gap between predicted and seen pass rates by length: {100.0 * far:.1f} points")
        for score in self.scores:
            sound = "sound" if score.pareto_k <= LARGEST_PARETO_K else f"above {LARGEST_PARETO_K}, read with care"
            elpd = f"elpd {score.elpd:.1f} (se {score.error:.1f})"
            said.append(f"leave-one-out, {score.what}: {elpd}, largest Pareto k {score.pareto_k:.2f} ({sound})")
        return said


def _plain(value: object) -> object:
    """An item as JSON has it."""
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


class _Draws:
    """Draws of capability by name, numbers that are known included."""

    def __init__(self, values: Mapping[str, Floats], scenario: Scenario) -> None:
        self.values, self.scenario = values, scenario
        self.size = len(next(iter(values.values())))

    def __call__(self, *path: str) -> Floats:
        if ".".join(path) in self.values:
            return self.values[".".join(path)]
        known = self.scenario.priors[path].distribution
        return np.full(self.size, known.value if isinstance(known, Point) else np.nan)

    def by_bottleneck(self, *path: str) -> Floats:
        """(bottleneck, draw)."""
        return np.stack([self(*path, b) for b in self.scenario.taxonomy.bottlenecks])

    def horizons(self, growth: Floats) -> Floats:
        """Benchmark horizons [log2 min] at a level of growth, (bottleneck, draw)."""
        horizons: Floats = horizon_log2(
            self("horizon"), self.by_bottleneck("horizon_offset"), self.by_bottleneck("relief"), growth
        )
        return horizons

    def length(self, target: float, suite: str, growth: Floats) -> Floats:
        """Length [log2 min] at which success has probability ``target``, (draw,)."""
        each = self.by_bottleneck("severity", suite), self.by_bottleneck("slope")
        length = success_length_log2(np.asarray(target), self.horizons(growth), *each, self("difficulty_spread"))
        moved: Floats = length + self("contamination", suite)
        return moved


def check_fit(made: Fit) -> Checks:
    """Compute all checks, from at most 400 draws each of prior and posterior."""
    posterior, scenario = made.tree["posterior"].to_dataset(), made.scenario
    step = max(1, posterior["draw"].size * posterior["chain"].size // MOST_DRAWS)
    thin = posterior.isel(draw=slice(None, None, step))
    after = _Draws({str(name): values.to_numpy().ravel() for name, values in thin.data_vars.items()}, scenario)
    before = _Draws({name: v[:MOST_DRAWS] for name, v in prior_draws(posterior, scenario, 0).items()}, scenario)
    shape = thin["chain"].size, thin["draw"].size
    p50, rates, scores = [], [], []
    for one in made.ready.horizons:
        p50 += [_p50(one.suite, i, one.models, one.log2, one.sd, made, before, after) for i in range(len(one.models))]
        scores.append(_score(f"horizons on {one.suite}", _horizon_terms(one, made, after), shape))
    for tried in made.ready.outcomes:
        rates += [_rates(tried, i, made, after) for i in range(len(tried.models))]
        scores.append(_score(f"outcomes on {tried.suite}", _outcome_terms(tried, made, after), shape))
    return Checks(p50, rates, scores)


def _p50(
    suite: str, i: int, models: NDArray[np.int64], log2: Floats, sd: Floats, made: Fit, before: _Draws, after: _Draws
) -> P50:
    place = models[i]
    year = years_after(before.scenario.header.reference_date, [made.ready.days[place]])[0]
    pace = before("horizon_elasticity") * (before("training_compute_growth") + before("software_growth"))
    trend = exponential(pace * year)
    return P50(
        made.ready.models[place],
        suite,
        float(year),
        np.quantile(before.length(0.5, suite, trend), BAND),
        np.quantile(after.length(0.5, suite, after.values[f"growth.{made.ready.models[place]}"]), BAND),
        log2[i, 0] + np.array([0.0, -1.96, 1.96]) * sd[i, 0],
    )


def _horizon_terms(one: SuiteHorizons, made: Fit, after: _Draws) -> Floats:
    """Log-likelihood of each model's published horizons, (draw, model)."""
    terms = []
    for i, place in enumerate(one.models):
        growth = after.values[f"growth.{made.ready.models[place]}"]
        p50, p80 = (after.length(target, one.suite, growth) for target in (0.5, 0.8))
        term = stats.norm.logpdf(one.log2[i, 0], p50, one.sd[i, 0])
        if np.isfinite(one.log2[i, 1]) and np.isfinite(one.sd[i, 1]):
            shift = TOGETHER * one.sd[i, 1] * (one.log2[i, 0] - p50) / one.sd[i, 0]
            term = term + stats.norm.logpdf(one.log2[i, 1], p80 + shift, one.sd[i, 1] * np.sqrt(1.0 - TOGETHER**2))
        terms.append(term)
    return np.stack(terms, axis=-1)


def _losses(one: SuiteOutcomes, i: int, made: Fit, after: _Draws) -> Floats:
    """-ln p of every instance at every residual, (draw, instance, node).

    Offsets of suites are left out: they are told apart from residuals only in the mean.
    """
    growth = after.values[f"growth.{made.ready.models[one.models[i]]}"]
    own = after.by_bottleneck("severity", one.suite) if np.isnan(one.severity).any() else np.zeros((1, 1))
    severity = np.where(np.isnan(one.severity.T)[:, None], own[..., None], np.nan_to_num(one.severity.T)[:, None])
    known = one.suite in after.scenario.taxonomy.evaluations
    contamination = after("contamination", one.suite) if known else np.zeros(after.size)
    x = (one.log2_minutes - contamination[:, None])[..., None] + after("difficulty_spread")[
        :, None, None
    ] * RESIDUAL_NODES
    horizons, slope = after.horizons(growth), after.by_bottleneck("slope")
    parts = [horizons[..., None, None]], [severity[..., None]], [slope[..., None, None]]
    losses: Floats = log_failure_weight(x, *parts).sum(0)
    return losses


def _outcome_terms(one: SuiteOutcomes, made: Fit, after: _Draws) -> Floats:
    """Log-likelihood of each model's outcomes on each instance, the residual integrated out, (draw, cell)."""
    terms = []
    for i in range(len(one.models)):
        tried = one.attempts[:, i] > 0
        losses = _losses(one, i, made, after)
        s, n = one.successes[tried, i, None], one.attempts[tried, i, None]
        failure = np.log(np.maximum(-np.expm1(-losses[:, tried]), _LEAST))
        terms.append(special.logsumexp(-s * losses[:, tried] + (n - s) * failure, b=RESIDUAL_WEIGHTS, axis=-1))
    return np.concatenate(terms, axis=-1)


def _rates(one: SuiteOutcomes, i: int, made: Fit, after: _Draws) -> PassRates:
    losses = _losses(one, i, made, after)
    success = (RESIDUAL_WEIGHTS * np.exp(-losses)).sum(-1)
    place = np.digitize(one.log2_minutes, _LENGTH_BINS)
    bins = [b for b in np.unique(place) if one.attempts[place == b, i].sum() > 0]
    n = [one.attempts[place == b, i] for b in bins]
    return PassRates(
        made.ready.models[one.models[i]],
        one.suite,
        np.array([np.average(one.log2_minutes[place == b], weights=w) for b, w in zip(bins, n, strict=True)]),
        np.stack([np.quantile(success[:, place == b] @ (w / w.sum()), BAND) for b, w in zip(bins, n, strict=True)], 1),
        np.array([one.successes[place == b, i].sum() / w.sum() for b, w in zip(bins, n, strict=True)]),
        np.array([w.sum() for w in n]),
    )


def _score(what: str, terms: Floats, shape: tuple[int, int]) -> Score:
    import arviz as az

    cells = xr.DataArray(terms.reshape(*shape, -1), dims=("chain", "draw", "cell"))
    data = xr.DataTree.from_dict(
        {"log_likelihood": xr.Dataset({"y": cells}), "posterior": xr.Dataset({"unused": cells[..., 0]})}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of, a large k, is part of the score
        found = az.loo(data, pointwise=True)
    return Score(what, float(found.elpd), float(found.se), float(found.pareto_k.max()))
