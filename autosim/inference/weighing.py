"""All that is new, weighed in the draws of a fit: results of models, trials and time use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from autosim.evidence.tables import Evidence
from autosim.inference.capability import shape_names
from autosim.inference.fitted import Fitted
from autosim.inference.foretold import LEAST, published
from autosim.inference.leaving_out import RESIDUALS
from autosim.inference.model import Prepared, prepare, superseded, touched_paths
from autosim.inference.news import News, Results, weigh_known_model, weigh_new_model
from autosim.inference.outcomes import SUITE_OFFSET_PRIOR
from autosim.inference.time_use import CONCENTRATION_PRIOR, LEAST_PARAMETER, log_likelihood, recorded_minutes
from autosim.inference.trend import DEVIATION_PRIOR, LAG_PRIOR
from autosim.inference.trials_ahead import log_time_ratios, trial_deviation
from autosim.inference.wander import WANDER, wander_on
from autosim.inference.worlds import Worlds, capability_by_shape, new_offsets, worlds_of
from autosim.inputs.posterior import Learnt, Posterior, shape_column
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

MOST_DRAWS = 4000
"""Draws that are weighed at most, evenly taken."""

MOST_CELLS = 400_000_000
"""Draws, instances and residuals that are held at most (3 GB)."""


_OWN = ("growth.", f"{WANDER}.", "trend_deviation", "lag_spread", "suite_offset", "trial_deviation",
        "time_concentration.")  # fmt: skip
"""How the names of a fit's own quantities start, as far as new evidence may bring new ones."""

_TRIAL = "trial_level"
"""Level of the AI in a trial, by day; a fit does not keep it."""


@dataclass(frozen=True)
class Weighed:
    """Draws weighed by new evidence.

    ``columns`` are all quantities of the posterior by name, new ones among them, (draw,) each, in the order of the
    file's rows; ``log_weight`` [nat] is (draw,), ``log_shape`` (shape, draw), ``trends`` at the models' releases
    [doublings] (shape, draw, model); ``ready`` is all evidence, ``lost`` are models whose level was not found.
    """

    columns: dict[str, Floats]
    log_weight: Floats
    log_shape: Floats
    trends: Floats
    ready: Prepared
    lost: list[str]


def unweighable(known: Fitted, old: Evidence, new: Evidence) -> str:
    """Why draws cannot be weighed by this evidence; empty if they can."""
    if len(new.counts):
        return "there are new statements of experts, whose likelihood draws of a fit cannot be weighed by"
    again = sorted(set(old.trials["date"]) & set(new.trials["date"]))
    if again:
        return f"there is a new trial on {again[0].date()}, the day of a known one, whose AI no draw of a fit knows"
    instances = new.outcomes.drop_duplicates(["suite", "instance"])
    draws = min(len(known.posterior), MOST_DRAWS)
    if len(instances) * draws * RESIDUALS.size > MOST_CELLS:
        return f"there are results on {len(instances):,} instances, too many to hold for {draws:,} draws"
    return ""


def weigh(known: Fitted, old: Evidence, whole: Evidence, new: Evidence) -> Weighed:
    """Weigh draws of a fit by new evidence.

    Parameters
    ----------
    known
        The fit.
    old, whole, new
        What was fitted, that and the new rows, and the new rows alone.
    """
    scenario, posterior = known.scenario, _thinned(known)
    size = len(posterior)
    seen, rows = worlds_of(scenario, posterior, size, 0), Learnt(posterior, frozenset(), ()).rows(0, np.arange(size))
    before, after = prepare(old, scenario), prepare(whole, scenario)
    fresh = prepare(replace(new, horizons=_standing(new.horizons, whole)), scenario)
    drawn, trends = capability_by_shape(seen, [*after.days, *fresh.trial_days])
    days = [*fresh.days, *fresh.trial_days]
    wander = zip(days, wander_on(days, seen).T, strict=True) if days else ()
    values = {**drawn.values, **_own(seen, fresh, after), **{f"{WANDER}.{day}": column for day, column in wander}}
    news = News(seen, values, _log_shape(scenario, posterior.values, rows), np.zeros(size), [])
    roles = sorted(set(new.time_use["role"]))
    _weigh_models(news, before, fresh, after, trends)
    _weigh_trials(news, new.trials, fresh.trial_days, trends[:, :, len(after.days) :])
    _weigh_time_use(news, old.time_use, whole.time_use, roles)
    order, columns = np.argsort(rows), {name: column[rows] for name, column in posterior.values.items()}
    columns |= _added(news, columns, after, roles)
    return Weighed(
        {name: column[order] for name, column in columns.items()},
        news.log_weight[order],
        news.log_shape[:, order],
        trends[:, order, : len(after.days)],
        after,
        news.lost,
    )


def _thinned(known: Fitted) -> Posterior:
    step = -(-len(known.posterior) // MOST_DRAWS)
    values = {name: column[::step] for name, column in known.posterior.values.items()}
    return replace(known.posterior, values=values, trajectory=None)


def _standing(horizons: pd.DataFrame, whole: Evidence) -> pd.DataFrame:
    """Those that no runs of the same model and suite stand in for."""
    standing = superseded(whole)
    pairs = set(zip(standing["model"], standing["suite"], strict=True))
    said = zip(horizons["model"], horizons["suite"], strict=True)
    return horizons[np.array([pair in pairs for pair in said], dtype=np.bool_)]


def _own(seen: Worlds, fresh: Prepared, after: Prepared) -> dict[str, Floats]:
    """Quantities of the fit that levels and outcomes hang on, from the fit or else from their priors."""
    if not fresh.models and not fresh.trial_days:
        return {}
    found = {"trend_deviation": seen.positive("trend_deviation", DEVIATION_PRIOR)}
    if not after.frontier.all():
        found["lag_spread"] = seen.positive("lag_spread", LAG_PRIOR)
    offsets = new_offsets([one.suite for one in fresh.outcomes], seen)
    if offsets:
        found["suite_offset_spread"] = seen.positive("suite_offset_spread", SUITE_OFFSET_PRIOR)
    return found | offsets


def _log_shape(scenario: Scenario, posterior: Mapping[str, Floats], rows: Integers) -> Floats:
    """Log-probabilities of the shapes, from the fit or else from the scenario, (shape, draw)."""
    prior = {name: np.full(len(rows), scenario.trajectory[name]) for name in shape_names(scenario)}
    each = [posterior[shape_column(name)][rows] if shape_column(name) in posterior else weight
            for name, weight in prior.items()]  # fmt: skip
    return np.log(np.maximum(each, LEAST))


def _weigh_models(news: News, before: Prepared, fresh: Prepared, after: Prepared, trends: Floats) -> None:
    results = Results(before, fresh, news.drawn)
    for place, model in enumerate(fresh.models):
        if model in before.models:
            standing = {one.suite for one in published(after, after.models.index(model))}
            known = published(before, before.models.index(model))
            weigh_known_model(news, results, place, [one for one in known if one.suite not in standing])
        else:
            weigh_new_model(news, results, place, trends[:, :, after.models.index(model)])


def _weigh_trials(news: News, trials: pd.DataFrame, days: Sequence[date], trends: Floats) -> None:
    """Weigh draws by trials; the level of each day's AI is drawn from what the trend says of it.

    ``trends`` are those on the days [doublings], (shape, draw, day).
    """
    if not len(trials):
        return
    seen, rows = news.seen, np.arange(len(news.seen))
    for i, day in enumerate(days):
        whole = np.cumsum(np.exp(news.log_shape), axis=0)
        shape = np.minimum((whole < seen.uniform(f"trial.shape.{day}")).sum(axis=0), len(whole) - 1)
        deviation = news.values["trend_deviation"] * seen.student(f"deviation.{day}")
        news.settle(f"{_TRIAL}.{day}", trends[shape, rows, i] + deviation, trends[:, :, i], 1.0)
    wide = news.values.setdefault("trial_deviation", trial_deviation(seen))
    growth = [news.values[f"{_TRIAL}.{day.date()}"] for day in pd.to_datetime(trials["date"])]
    sd = np.hypot(trials["standard_error"].to_numpy(dtype=np.float64), wide[:, None])
    for column, believed in (("time_ratio", False), ("believed_ratio", True)):
        ratio = trials[column].to_numpy(dtype=np.float64)
        at = np.isfinite(ratio)
        if at.any():
            expected = log_time_ratios(trials, np.stack(growth, axis=-1), seen, believed=believed)
            terms = np.asarray(stats.norm.logpdf(np.log(ratio[at]), expected[:, at], sd[:, at]))
            news.log_weight = news.log_weight + terms.sum(axis=-1)


def _weigh_time_use(news: News, before: pd.DataFrame, whole: pd.DataFrame, roles: Sequence[str]) -> None:
    """Weigh draws by minutes: the likelihood of all less that of those before, since a person's minutes add up."""
    names, seen = news.seen.scenario.taxonomy, news.seen
    for role in roles:
        name = f"time_concentration.{role}"
        news.values[name] = seen.positive(name, CONCENTRATION_PRIOR)
        share = seen.draws.indexed["time_share"][:, names.roles.index(role)]
        alpha = np.maximum(news.values[name][:, None] * share, LEAST_PARAMETER)[:, None]
        for sign, table in ((1.0, whole), (-1.0, before)):
            rows = table[table["role"] == role]
            if len(rows):
                terms = log_likelihood(recorded_minutes(rows, names.tasks), alpha, special.gammaln)
                news.log_weight = news.log_weight + sign * np.asarray(terms).sum(axis=-1)


def _added(news: News, known: Mapping[str, Floats], after: Prepared, roles: Sequence[str]) -> dict[str, Floats]:
    """Quantities that the new evidence touches and the fit did not know."""
    seen, scenario = news.seen, news.seen.scenario
    found = {name: column for name, column in news.values.items() if name.startswith(_OWN)}
    for path in sorted(touched_paths(after, scenario)):
        name = ".".join(path)
        found[name] = news.values[name] if name in news.values else seen.values([path])[:, 0]
    like = {(one.stream, one.simplex) for path, one in scenario.shares.items() if path[-1] in roles}
    for r, role in enumerate(scenario.taxonomy.roles):
        one = scenario.shares["time_share", role]
        if (one.stream, one.simplex) in like:
            shares = seen.draws.indexed["time_share"][:, r].T
            found |= {f"time_share.{role}.{task}": column
                      for task, column in zip(scenario.taxonomy.tasks, shares, strict=True)}  # fmt: skip
    return {name: column for name, column in found.items() if name not in known and np.ptp(column) > 0.0}
