"""What became known later, statement by statement, and how likely it was under a scenario's priors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from autosim.evidence.tables import Evidence
from autosim.inference.foretold import Seen, evidence_by_level, far_density, published
from autosim.inference.model import prepare
from autosim.inference.predicting import Drawn
from autosim.inference.trend import DEVIATION_PRIOR, LAG_PRIOR
from autosim.inference.trials_ahead import foretold_ratios
from autosim.inference.worlds import Worlds, drawn_capability, worlds
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]

HORIZON, TRIAL = "horizon", "trial"
"""Kinds of statements."""

_AT_ONCE = 1000
"""Draws whose levels are weighed together, so that memory stays bounded."""

_FARTHEST, _HALVINGS = 64.0, 12
"""Levels are sought so far from the reference date's [doublings], and by so many halvings."""


@dataclass(frozen=True, order=True)
class Statement:
    """Something that became known on a day: a model's published horizons on a suite, or a trial's time ratio.

    ``about`` is the model or the trial; ``suite`` is empty for a trial.
    """

    known: date
    kind: str
    about: str
    suite: str = ""


def statements(later: Evidence) -> list[Statement]:
    """Horizons and trials in the order in which they became known: models' releases, and when trials were published."""
    rows = later.horizons[["release_date", "model", "suite"]].itertuples(index=False)
    horizons = [Statement(pd.Timestamp(day).date(), HORIZON, str(model), str(suite)) for day, model, suite in rows]
    told = later.trials[["published", "trial"]].itertuples(index=False)
    return sorted([*horizons, *(Statement(pd.Timestamp(day).date(), TRIAL, str(name)) for day, name in told)])


def log_likelihoods(
    said: Sequence[Statement], later: Evidence, scenario: Scenario, draws: int, seed: int, *, frontier: float
) -> Floats:
    """Log-likelihood of each statement in each draw of a scenario's priors [nat], (draw, statement).

    Terms of a draw add up to the log-likelihood of all statements: a model's horizons on further suites are weighed
    given those before, since they share its level. A model's level and the deviation of each trial are integrated out.

    Parameters
    ----------
    said
        As `statements` gives them.
    later
        Horizons and trials; what participants of trials believed does not count, nor do outcomes.
    scenario
        Whose priors are drawn.
    draws, seed
        How many, and from which streams: the same for every scenario, so that equal priors give equal draws.
    frontier
        Probability that a later model is at the frontier, which is decided by its result.
    """
    told = replace(later, outcomes=later.outcomes[:0])
    ready, seen = prepare(told, scenario), worlds(scenario, None, draws, seed)
    days = [day.date() for day in pd.to_datetime(later.trials["date"])]
    drawn, trend = drawn_capability(seen, [*ready.days, *days])
    drawn = _with_spreads(drawn, seen)
    found: dict[Statement, Floats] = {}
    for place, model in enumerate(ready.models):
        suites = published(ready, place)
        terms = _model_terms(suites, drawn, trend[:, place], frontier)
        keys = [Statement(ready.days[place], HORIZON, model, one.suite) for one in suites]
        found |= dict(zip(keys, terms.T, strict=True))
    found |= _trial_terms(later.trials, trend[:, len(ready.days) :], seen)
    return np.stack([found[one] for one in said], axis=-1)


def _with_spreads(drawn: Drawn, seen: Worlds) -> Drawn:
    """Draws with how far models deviate from the trend, and lag."""
    spreads = {
        "trend_deviation": seen.positive("trend_deviation", DEVIATION_PRIOR),
        "lag_spread": seen.positive("lag_spread", LAG_PRIOR),
    }
    return Drawn({**drawn.values, **spreads}, drawn.scenario)


def _level(one: Seen, drawn: Drawn) -> Floats:
    """Level at which a model has the p50 that was seen [doublings], (draw,), wherever the trend is by then.

    By bisection, since lengths bend, and are bounded, far from where the trend has led by then.
    """
    low, high = np.full(drawn.size, -_FARTHEST), np.full(drawn.size, _FARTHEST)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        short = drawn.length(0.5, one.suite, middle) < one.log2[0]
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    found: Floats = 0.5 * (low + high)
    return found


def _model_terms(suites: list[Seen], drawn: Drawn, trend: Floats, frontier: float) -> Floats:
    """Log density of a model's horizons on each suite given those on the suites before it, (draw, suite)."""
    found = np.empty((drawn.size, len(suites)))
    for first in range(0, drawn.size, _AT_ONCE):
        at = slice(first, first + _AT_ONCE)
        part = Drawn({name: column[at] for name, column in drawn.values.items()}, drawn.scenario)
        for count in range(1, len(suites) + 1):
            found[at, count - 1] = _together(suites[:count], part, trend[at], frontier)
    return np.diff(found, axis=-1, prepend=0.0)


def _together(suites: list[Seen], drawn: Drawn, trend: Floats, frontier: float) -> Floats:
    """Log density of a model's horizons on several suites, its level integrated out, (draw,)."""
    start = _level(min(suites, key=lambda one: float(one.sd[0])), drawn)
    levels = evidence_by_level(suites, "it", Drawn({**drawn.values, "growth.it": start}, drawn.scenario))
    scale, lag = drawn("trend_deviation")[:, None], drawn("lag_spread")[:, None]
    return levels.log_density(far_density(levels.growth - trend[:, None], scale, lag, frontier))


def _trial_terms(trials: pd.DataFrame, trend: Floats, seen: Worlds) -> dict[Statement, Floats]:
    """Log density of each trial's log time ratio, (draw,) each."""
    if not len(trials):
        return {}
    expected, wide = foretold_ratios(trials, trend, seen)
    found: dict[Statement, Floats] = {}
    for i, row in enumerate(trials[["published", "trial", "time_ratio", "standard_error"]].itertuples(index=False)):
        day, name, ratio, error = row
        sd = np.hypot(float(error), wide)
        key = Statement(pd.Timestamp(day).date(), TRIAL, str(name))
        found[key] = np.asarray(stats.norm.logpdf(np.log(float(ratio)), expected[:, i], sd))
    return found
