"""Productivity trials: measured time ratios, and believed ones (model §10)."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor import TensorVariable

from autosim.equations.labour import mix_mean
from autosim.inference.capability import Capability, years_after
from autosim.inference.quantities import Values
from autosim.inference.work import by_kind, work_at, work_paths
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario

DEVIATION_PRIOR = 0.2
"""Sd of the half-normal prior of `trial_deviation` [log of a time ratio] (model §10)."""


NODES = 24
"""Nodes over difficulty."""


def trial_tasks(trials: pd.DataFrame, scenario: Scenario) -> list[str]:
    """Tasks that take time in some trial."""
    return [task for task in scenario.taxonomy.tasks if (trials[f"share.{task}"] > 0.0).any()]


def trial_paths(trials: pd.DataFrame, scenario: Scenario) -> set[Path]:
    """What the cost of the trials' tasks hangs on, beside capability."""
    return work_paths(trial_tasks(trials, scenario), scenario)


def add_trials(
    trials: pd.DataFrame,
    days: Sequence[date],
    growth: TensorVariable,
    scenario: Scenario,
    values: Values,
    now: Capability,
) -> None:
    """Add the likelihood of trials: normal on the log of the modelled cost of the trial's mix, adoption 1.

    ``growth`` is that of the AI in use on each of ``days``, (day,) [doublings]. Each trial deviates by an amount of its
    own, integrated out: its variance adds to that of the measurement. A believed ratio is read as the cost that people
    who choose as they did would expect, with the same error.
    """
    tasks = by_kind(trial_tasks(trials, scenario), scenario.taxonomy)
    share = trials[[f"share.{task}" for task in tasks[0]]].to_numpy(dtype=np.float64)
    at = [day.date() for day in pd.to_datetime(trials["date"])]
    place = np.array([list(days).index(day) for day in at], dtype=np.int64)
    years = pt.as_tensor(years_after(scenario.header.reference_date, at))
    horizons = now.horizons_log2(growth[place])
    work = work_at(horizons, years, pt.ones(len(at)), pt.as_tensor(share), tasks, scenario, values, now, NODES)
    deviation = pm.HalfNormal("trial_deviation", DEVIATION_PRIOR)
    sd = pt.sqrt(trials["standard_error"].to_numpy(dtype=np.float64) ** 2 + deviation**2)
    for name, allocation, column in (
        ("trials", work.actual, "time_ratio"),
        ("beliefs", work.believed, "believed_ratio"),
    ):
        ratio = trials[column].to_numpy(dtype=np.float64)
        known = np.flatnonzero(np.isfinite(ratio))
        if known.size:
            cost = pt.log(mix_mean(pt.as_tensor(share), allocation.cost))
            pm.Normal(name, cost[known], sd[known], observed=np.log(ratio[known]))
