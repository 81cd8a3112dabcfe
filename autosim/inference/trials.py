"""Productivity trials: measured time ratios, and believed ones (model §10)."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable

from autosim.equations.labour import mix_mean
from autosim.inference.capability import Capability, years_after
from autosim.inference.terms import add_terms
from autosim.inference.work import Moments, Work, work_paths
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario

DEVIATION_PRIOR = 0.2
"""Sd of the half-normal prior of `trial_deviation` [log of a time ratio] (model §10)."""


def trial_tasks(trials: pd.DataFrame, scenario: Scenario) -> list[str]:
    """Tasks that take time in some trial."""
    return [task for task in scenario.taxonomy.tasks if (trials[f"share.{task}"] > 0.0).any()]


def trial_paths(trials: pd.DataFrame, scenario: Scenario) -> set[Path]:
    """What the cost of the trials' tasks hangs on, beside capability."""
    return work_paths(trial_tasks(trials, scenario), scenario)


def trial_moments(
    trials: pd.DataFrame,
    days: Sequence[date],
    growth: TensorVariable,
    tasks: Sequence[str],
    scenario: Scenario,
    now: Capability,
) -> Moments:
    """Moments of the trials: full adoption, the trial's own mix of ``tasks``.

    ``growth`` is that of the AI in use on each of ``days``, (day,) [doublings].
    """
    at = [day.date() for day in pd.to_datetime(trials["date"])]
    place = np.array([list(days).index(day) for day in at], dtype=np.int64)
    years = pt.as_tensor(years_after(scenario.header.reference_date, at))
    return Moments(now.horizons_log2(growth[place]), years, pt.ones(len(at)), pt.as_tensor(trial_share(trials, tasks)))


def trial_share(trials: pd.DataFrame, tasks: Sequence[str]) -> NDArray[np.float64]:
    """Shares of ``tasks`` in each trial's work [1], (trial, task)."""
    return trials[[f"share.{task}" for task in tasks]].to_numpy(dtype=np.float64)


def add_trials(trials: pd.DataFrame, work: Work, tasks: Sequence[str]) -> None:
    """Add the likelihood of trials: normal on the log of the modelled cost of the trial's mix, adoption 1.

    Each trial deviates by an amount of its own, integrated out: its variance adds to that of the measurement. A
    believed ratio is read as the cost that people who choose as they did would expect, with the same error.
    """
    deviation = pm.HalfNormal("trial_deviation", DEVIATION_PRIOR)
    sd = pt.sqrt(trials["standard_error"].to_numpy(dtype=np.float64) ** 2 + deviation**2)
    share, terms = pt.as_tensor(trial_share(trials, tasks)), pt.zeros(len(trials))
    for allocation, column in ((work.actual(), "time_ratio"), (work.believed(), "believed_ratio")):
        ratio = trials[column].to_numpy(dtype=np.float64)
        known = np.flatnonzero(np.isfinite(ratio))
        if known.size:
            expected = pt.log(mix_mean(share, allocation.cost))
            likelihood = pm.Normal.dist(expected[known], sd[known])
            terms = pt.inc_subtensor(terms[known], pm.logp(likelihood, np.log(ratio[known])))
    add_terms("trials", terms)
