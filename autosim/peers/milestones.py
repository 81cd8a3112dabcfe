"""Milestones with one definition for all: of the peers' courses and of our own runs."""

from dataclasses import dataclass

import numpy as np

from autosim.analysis.milestones import DATE_QUANTILES
from autosim.analysis.thresholds import thresholds
from autosim.inputs.scenario import AnyScenario
from autosim.peers.laws import Floats
from autosim.peers.replication import COURSES, Replication
from autosim.simulation.calendar import MONTHS, decimal_year
from autosim.simulation.counts import Threshold
from autosim.simulation.run import Simulation
from autosim.simulation.statistics import error_of_share

LEVELS = (
    ("time_saved_share", 0.5),
    ("time_saved_share", 0.99),
    ("labour_speedup", 2.0),
    ("labour_speedup", 10.0),
    ("progress_multiplier", 2.0),
    ("progress_multiplier", 5.0),
    ("progress_multiplier", 10.0),
    ("progress_multiplier", 25.0),
)
"""Output and level, in the outputs' own meaning (model §5 and §7)."""

NAMES = tuple(f"{output}>={level:g}" for output, level in LEVELS)


@dataclass(frozen=True)
class When:
    """Share of draws that get there before ``horizon`` [year], and the years by which 10, 50 and 90 % of all draws do.

    A quantile that is not reached by then is None. ``error`` is the Monte Carlo error of the probability.
    """

    name: str
    probability: float
    error: float
    years: dict[str, float | None]


def when(name: str, reached: Floats, horizon: float) -> When:
    """Sum up when draws get to a milestone, (draw,) [year], infinite where they do not."""
    count = len(reached)
    order = np.sort(np.where(reached < horizon, reached, np.inf))
    probability = float(np.isfinite(order).mean())
    ranks = {q: int(np.ceil(share * count)) - 1 for q, share in DATE_QUANTILES.items()}
    years = {q: float(order[rank]) if np.isfinite(order[rank]) else None for q, rank in ranks.items()}
    return When(name, probability, error_of_share(probability, float(count)), years)


def milestones(found: Replication, horizon: float) -> list[When]:
    """Milestones that a peer's course speaks of, before ``horizon`` [year]; none where it has no course."""
    if found.path is None:
        return []
    logs = {"labour_speedup": "labour_speedup_log2", "progress_multiplier": "progress_multiplier_log2"}
    told = []
    for name, (output, level) in zip(NAMES, LEVELS, strict=True):
        if output in spoken_of(found):
            at = np.log2(level) if output in logs else level
            told.append(when(name, found.path.reached(logs.get(output, output), at), horizon))
    return told


def spoken_of(found: Replication) -> tuple[str, ...]:
    """Outputs that mean the same as ours: those of whoever the automation is taken from."""
    return COURSES[found.laws["automation"]].speaks_of


def own_thresholds(scenario: AnyScenario) -> tuple[Threshold, ...]:
    """The same milestones for a run of ours."""
    return thresholds(NAMES, scenario)


def own_milestones(simulation: Simulation, horizon: float) -> list[When]:
    """Milestones of a run of ours that counted `own_thresholds`."""
    begin = decimal_year(simulation.dates[0])
    months = np.arange(len(simulation.dates)) / MONTHS + begin
    years = np.append(months, np.inf)
    counted = zip(simulation.thresholds, simulation.counts.reached, strict=True)
    by_name = {threshold.name: row for threshold, row in counted}
    return [when(name, np.repeat(years, by_name[name]), horizon) for name in NAMES]
