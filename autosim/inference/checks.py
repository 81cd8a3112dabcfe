"""Checks of a fit: what prior and posterior would have predicted, and leave-one-out scores (model §10)."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from autosim.inference.fit import Fit
from autosim.inference.leaving_out import (
    LARGEST_PARETO_K,
    Score,
    horizon_terms,
    losses,
    outcome_terms,
    scored,
)
from autosim.inference.model import Prepared
from autosim.inference.names import own_name
from autosim.inference.outcomes import SuiteOutcomes
from autosim.inference.predicting import Drawn, posterior_draws, prior_predictions

type Floats = NDArray[np.float64]

MOST_DRAWS = 400
BAND = (0.05, 0.5, 0.95)
_LENGTH_BINS = np.arange(-6.0, 14.1, 2.0)


@dataclass(frozen=True)
class P50:
    """A model's p50 on a suite [log2 min]: bands (5, 50, 95 %) of the model itself and of the trend at its release.

    ``seen`` is the published value between the ends of its 95 % interval, NaN if none was published; ``fitted`` tells
    whether it was among the evidence, or gave way to outcomes of the same model.
    """

    model: str
    suite: str
    release_date: date
    frontier: bool
    prior: Floats
    posterior: Floats
    trend: Floats
    seen: Floats
    fitted: bool

    def holds(self, band: Floats) -> bool:
        """Whether the band's median lies within the published interval."""
        return bool(self.seen[0] <= band[1] <= self.seen[2])


@dataclass(frozen=True)
class PassRates:
    """A model's pass rate on a suite by length: predicted bands (quantile, bin) and what was seen, (bin,).

    The bands are those of pass rates on as many new instances of these lengths at as many attempts.
    """

    model: str
    suite: str
    log2_minutes: Floats
    prior: Floats
    posterior: Floats
    seen: Floats
    attempts: Floats


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
        return [*_lines_of_p50(self.p50), *_lines_of_rates(self.rates), *map(_line_of_score, self.scores)]


def _lines_of_p50(p50: list[P50]) -> list[str]:
    known = [one for one in p50 if np.isfinite(one.seen).all()]
    if not known:
        return []
    front = [one for one in known if one.frontier]
    counted = (
        ("prior median p50", sum(one.holds(one.prior) for one in known), len(known), "models"),
        ("posterior median p50", sum(one.holds(one.posterior) for one in known), len(known), "models"),
        ("posterior median trend", sum(one.holds(one.trend) for one in front), len(front), "frontier models"),
    )
    return [f"{what} inside the published 95 % interval: {hits} of {of} {whom}" for what, hits, of, whom in counted]


def _lines_of_rates(rates: list[PassRates]) -> list[str]:
    if not rates:
        return []
    inside = [(one.posterior[0] <= one.seen) & (one.seen <= one.posterior[2]) for one in rates]
    attempts = np.concatenate([one.attempts for one in rates])
    gap = np.abs(np.concatenate([one.posterior[1] - one.seen for one in rates]))
    return [
        f"seen pass rates inside the posterior's 90 % band: {sum(int(x.sum()) for x in inside)} of {len(attempts)} "
        "(model, length)",
        f"mean gap between predicted and seen pass rates: {100.0 * np.average(gap, weights=attempts):.1f} points",
    ]


def _line_of_score(score: Score) -> str:
    sound = f"{score.unsound} of {score.pieces} above {LARGEST_PARETO_K}" if score.unsound else "sound"
    elpd = f"elpd {score.elpd:.1f} (se {score.error:.1f}) over {score.pieces}"
    return f"leave-one-out, {score.what}: {elpd}; largest Pareto k {score.pareto_k.max():.2f} ({sound})"


def _plain(value: object) -> object:
    """An item as JSON has it."""
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return str(value)
    return None if isinstance(value, float) and not np.isfinite(value) else value


def check_fit(made: Fit, seed: int = 0) -> Checks:
    """Compute all checks, from at most 400 draws each of prior and posterior."""
    ready, scenario = made.ready, made.scenario
    after, shape = posterior_draws(made.tree, scenario, MOST_DRAWS)
    p50, rates, scores = [], [], []
    if ready.models:
        before = prior_predictions(ready, scenario, MOST_DRAWS, seed)
        rng = np.random.default_rng(seed)
        for suite, models in _measured(ready):
            if suite in scenario.taxonomy.evaluations:
                p50 += [_p50(suite, place, ready, before, after) for place in models]
        for tried in ready.outcomes:
            rates += [_rates(tried, i, ready, before, after, rng) for i in range(len(tried.models))]
            scores.append(scored(f"outcomes on {tried.suite}, an instance", outcome_terms(tried, ready, after)
                                 .reshape(*shape, -1)))  # fmt: skip
        for one in ready.horizons:
            terms = horizon_terms(one, ready, after).reshape(*shape, -1)
            scores.append(scored(f"horizons on {one.suite}, a model", terms))
    if "log_likelihood" in made.tree:
        kept = made.tree["log_likelihood"].to_dataset()
        many = {str(name): terms.to_numpy() for name, terms in kept.data_vars.items() if terms.shape[-1] > 1}
        scores += [scored(name, terms) for name, terms in many.items()]  # one piece alone cannot be left out
    return Checks(p50, rates, scores)


def _measured(ready: Prepared) -> list[tuple[str, list[int]]]:
    """Suites with the models that were measured on them, oldest first."""
    found: dict[str, set[int]] = {}
    for suite, models in [*((one.suite, one.models) for one in ready.outcomes),
                          *((one.suite, one.models) for one in ready.horizons)]:  # fmt: skip
        found.setdefault(suite, set()).update(models.tolist())
    return [(suite, sorted(models)) for suite, models in found.items()]


def _p50(suite: str, place: int, ready: Prepared, before: Drawn, after: Drawn) -> P50:
    model = ready.models[place]
    told = ready.evidence.horizons
    own = told[(told["model"] == model) & (told["suite"] == suite)]
    columns = ["p50_lower", "p50_horizon_min", "p50_upper"]
    return P50(
        model,
        suite,
        ready.days[place],
        bool(ready.frontier[place]),
        np.quantile(before.length(0.5, suite, before(own_name("growth", model))), BAND),
        np.quantile(after.length(0.5, suite, after(own_name("growth", model))), BAND),
        np.quantile(after.length(0.5, suite, after(own_name("trend", model))), BAND),
        np.log2(own[columns].to_numpy(dtype=np.float64)[0]) if len(own) else np.full(3, np.nan),
        any(one.suite == suite and place in one.models for one in ready.horizons),
    )


def _rates(
    one: SuiteOutcomes, i: int, ready: Prepared, before: Drawn, after: Drawn, rng: np.random.Generator
) -> PassRates:
    place = np.digitize(one.log2_minutes, _LENGTH_BINS)
    attempts = one.attempts[:, i]
    bins = [b for b in np.unique(place) if attempts[place == b].sum() > 0]
    n = np.array([attempts[place == b].sum() for b in bins])

    def band(drawn: Drawn) -> Floats:
        successes = _replicated(one, i, ready, drawn, rng)
        each = np.stack([successes[:, place == b].sum(axis=1) for b in bins], axis=1) / n
        quantiles: Floats = np.quantile(each, BAND, axis=0)
        return quantiles

    return PassRates(
        ready.models[one.models[i]],
        one.suite,
        np.array([np.average(one.log2_minutes[place == b], weights=attempts[place == b]) for b in bins]),
        band(before),
        band(after),
        np.array([one.successes[place == b, i].sum() for b in bins]) / n,
        n,
    )


def _replicated(one: SuiteOutcomes, i: int, ready: Prepared, drawn: Drawn, rng: np.random.Generator) -> Floats:
    """Successes on new instances of the same lengths at the same attempts, (draw, instance)."""
    residuals = rng.standard_normal((drawn.size, len(one.instances), 1))
    success = np.exp(-losses(one, i, ready, drawn, residuals)[..., 0])
    return rng.binomial(one.attempts[:, i].astype(np.int64), success).astype(np.float64)
