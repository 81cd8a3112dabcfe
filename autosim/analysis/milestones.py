"""Milestones: when a quantity first reaches a threshold, how likely that is, and what is out of reach by structure."""

from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np

from autosim.equations.success import SOLVED_PASS_RATE
from autosim.simulation.counts import Steps, first_reached
from autosim.simulation.run import Simulation
from autosim.simulation.statistics import QUANTILES, error_bounds, error_of_share

__all__ = ["Milestone", "date_errors", "date_quantiles", "first_reached", "milestones", "solved"]

DATE_QUANTILES = {"q10": 0.10, "q50": 0.50, "q90": 0.90}


@dataclass(frozen=True)
class Milestone:
    """When one threshold is crossed.

    ``probability`` of being reached by the end; ``unreachable``, the share of draws that do not get there and whose
    structural ceiling lies below the threshold, or None where there is no such ceiling; ``dates`` by quantile over
    all draws, None where that share does not get there. ``errors`` are Monte Carlo errors of the probabilities [1] and,
    as ``q50_months`` and so on, of the dates [month], None where the date is, or may as well be, none.
    """

    name: str
    probability: float
    unreachable: float | None
    dates: dict[str, date | None]
    errors: dict[str, float | None]


def date_quantiles(counts: Steps, dates: list[date]) -> dict[str, date | None]:
    """Dates by which a given share of *all* draws has got there; None where so many never do.

    Parameters
    ----------
    counts
        Draws that first get there at each date, and last those that do not, (date + 1,).
    dates
        As many as there are steps.

    Examples
    --------
    >>> days = [date(2025, 1, 1), date(2025, 2, 1)]
    >>> date_quantiles(np.array([1, 2, 1]), days)
    {'q10': datetime.date(2025, 1, 1), 'q50': datetime.date(2025, 2, 1), 'q90': None}
    """
    there = counts.cumsum()
    at = {name: int(np.searchsorted(there, ceil(share * there[-1]))) for name, share in DATE_QUANTILES.items()}
    return {name: dates[step] if step < len(dates) else None for name, step in at.items()}


def date_errors(counts: Steps, effective: float) -> dict[str, float | None]:
    """Monte Carlo errors of `date_quantiles` [month]: half the months between a standard error less and one more.

    Parameters
    ----------
    counts
        As in `date_quantiles`, monthly.
    effective
        How many independent draws there are.

    Examples
    --------
    >>> date_errors(np.array([30, 30, 30, 10]), 100.0)
    {'q10_months': 0.0, 'q50_months': 0.0, 'q90_months': None}
    """
    there, last = counts.cumsum(), len(counts) - 1
    bounds = dict(zip(QUANTILES, np.stack(error_bounds(effective), axis=-1), strict=True))
    found: dict[str, float | None] = {}
    for name in DATE_QUANTILES:
        low, high = (int(np.searchsorted(there, share * there[-1])) for share in bounds[name])
        found[f"{name}_months"] = 0.5 * (high - low) if high < last else None
    return found


def milestones(simulation: Simulation) -> list[Milestone]:
    """When each of the simulation's thresholds is reached, counted over all draws."""
    counts = simulation.counts
    return [
        _milestone(simulation, threshold.name, reached, None if threshold.ceiling is None else float(out_of_reach))
        for threshold, reached, out_of_reach in zip(
            simulation.thresholds, counts.reached, counts.out_of_reach, strict=True
        )
    ]


def solved(simulation: Simulation) -> list[Milestone]:
    """When each evaluation's mean pass rate reaches 0.9, in the order of the taxonomy (model §8)."""
    return [
        _milestone(simulation, f"{name}>={SOLVED_PASS_RATE:g}", reached, None)
        for name, reached in zip(simulation.taxonomy.evaluations, simulation.counts.solved, strict=True)
    ]


def _milestone(simulation: Simulation, name: str, reached: Steps, out_of_reach: float | None) -> Milestone:
    """One milestone from the counts of draws that first get there at each date, and of those that never can."""
    count, effective = len(simulation), simulation.effective
    probability = float(reached[:-1].sum() / count)
    unreachable = None if out_of_reach is None else out_of_reach / count
    errors = {
        "probability": error_of_share(probability, effective),
        "unreachable": None if unreachable is None else error_of_share(unreachable, effective),
        **date_errors(reached, effective),
    }
    return Milestone(name, probability, unreachable, date_quantiles(reached, simulation.dates), errors)
