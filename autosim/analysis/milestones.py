"""Milestones: when a quantity first reaches a threshold, how likely that is, and what is out of reach by structure."""

from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np

from autosim.equations.success import SOLVED_PASS_RATE
from autosim.simulation.counts import Steps, first_reached
from autosim.simulation.run import Simulation

__all__ = ["Milestone", "date_quantiles", "first_reached", "milestones", "solved"]

DATE_QUANTILES = {"q10": 0.10, "q50": 0.50, "q90": 0.90}


@dataclass(frozen=True)
class Milestone:
    """When one threshold is crossed.

    ``probability`` of being reached by the end; ``unreachable``, the share of draws that do not get there and whose
    structural ceiling lies below the threshold, or None where there is no such ceiling; ``dates`` by quantile over
    all draws, None where that share does not get there.
    """

    name: str
    probability: float
    unreachable: float | None
    dates: dict[str, date | None]


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


def milestones(simulation: Simulation) -> list[Milestone]:
    """When each of the simulation's thresholds is reached, counted over all draws."""
    counts = simulation.counts
    return [
        Milestone(
            threshold.name,
            float(reached[:-1].sum() / len(simulation)),
            None if threshold.ceiling is None else float(out_of_reach / len(simulation)),
            date_quantiles(reached, simulation.dates),
        )
        for threshold, reached, out_of_reach in zip(
            simulation.thresholds, counts.reached, counts.out_of_reach, strict=True
        )
    ]


def solved(simulation: Simulation) -> list[Milestone]:
    """When each evaluation's mean pass rate reaches 0.9, in the order of the taxonomy (model §8)."""
    return [
        Milestone(
            f"{name}>={SOLVED_PASS_RATE:g}",
            float(reached[:-1].sum() / len(simulation)),
            None,
            date_quantiles(reached, simulation.dates),
        )
        for name, reached in zip(simulation.taxonomy.evaluations, simulation.counts.solved, strict=True)
    ]
