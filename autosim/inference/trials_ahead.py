"""What draws of a scenario make of productivity trials, through the functions of their likelihood."""

import numpy as np
import pandas as pd
import pytensor
import pytensor.tensor as pt
from numpy.typing import NDArray

from autosim.equations.labour import mix_mean
from autosim.inference.capability import capability, capability_paths
from autosim.inference.quantities import Values
from autosim.inference.trend import DEVIATION_PRIOR
from autosim.inference.trials import DEVIATION_PRIOR as TRIAL_DEVIATION_PRIOR
from autosim.inference.trials import trial_moments, trial_paths, trial_share, trial_tasks
from autosim.inference.work import Work, by_kind
from autosim.inference.worlds import Worlds

type Floats = NDArray[np.float64]


def foretold_ratios(trials: pd.DataFrame, trend: Floats, seen: Worlds) -> tuple[Floats, Floats]:
    """What draws say of trials with the AI of their time, whose level deviates from the trend as frontier models' do.

    Parameters
    ----------
    trials
        Rows of evidence.
    trend
        At the date of each trial [doublings], (draw, trial).
    seen
        Draws.

    Returns
    -------
    Natural log of the modelled time ratios, (draw, trial), and the sd by which each trial deviates from that by an
    amount of its own, (draw,) [1].
    """
    return log_time_ratios(trials, growth_at_trials(trials, trend, seen), seen), trial_deviation(seen)


def growth_at_trials(trials: pd.DataFrame, trend: Floats, seen: Worlds) -> Floats:
    """Level of the AI in use at each trial [doublings], (draw, trial); ``trend`` as in `foretold_ratios`."""
    spread = seen.positive("trend_deviation", DEVIATION_PRIOR)
    own = [seen.student(f"deviation.{day.date()}") for day in pd.to_datetime(trials["date"])]
    found: Floats = trend + spread[:, None] * np.stack(own, axis=-1)
    return found


def trial_deviation(seen: Worlds) -> Floats:
    """Sd by which each trial deviates from what is modelled by an amount of its own, (draw,) [1]."""
    return seen.beside.get("trial_deviation", TRIAL_DEVIATION_PRIOR * np.abs(seen.normal("trial_deviation")))


def log_time_ratios(trials: pd.DataFrame, growth: Floats, seen: Worlds, *, believed: bool = False) -> Floats:
    """Natural log of the modelled time ratio of each trial, or of that which its people believed, (draw, trial) [1].

    Parameters
    ----------
    trials
        Rows of evidence: their ``date`` and ``share.*`` are used.
    growth
        Level of the AI in use at each trial [doublings], (draw, trial); the same for trials of one date.
    seen
        Draws.
    believed
        Whether the ratio is that which the people in the trial believe in.
    """
    scenario = seen.scenario
    paths = sorted(trial_paths(trials, scenario) | capability_paths(scenario))
    z, at = pt.vector("z", shape=(len(paths),)), pt.vector("growth", shape=(len(trials),))
    values = Values(z, {path: i for i, path in enumerate(paths)}, {})
    now = capability(values, scenario.taxonomy.bottlenecks)
    tasks = by_kind(trial_tasks(trials, scenario), scenario.taxonomy)
    days = [day.date() for day in pd.to_datetime(trials["date"])]
    moments = trial_moments(trials, days, at, tasks.names, scenario, now)
    work = Work(moments, tasks, scenario, values, now)
    cost = (work.believed() if believed else work.actual()).cost
    ratio = pt.log(mix_mean(pt.as_tensor(trial_share(trials, tasks.names)), cost))
    function = pytensor.function([z, at], ratio, mode="JAX")
    rows = zip(seen.values(paths), growth, strict=True)
    return np.stack([np.asarray(function(row, level)) for row, level in rows])
