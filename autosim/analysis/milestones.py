"""Milestones: when a quantity first reaches a threshold, how likely that is, and what is out of reach by structure."""

from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np
from numpy.typing import NDArray

from autosim.equations.success import SOLVED_PASS_RATE
from autosim.simulation.run import Simulation

SPEEDUPS = (1.5, 2.0, 5.0, 10.0, 25.0)
HALF_SAVED = 0.5
DATE_QUANTILES = {"q10": 0.10, "q50": 0.50, "q90": 0.90}

type Steps = NDArray[np.int64]
"""Position of a date on the monthly grid, or the number of dates where a draw does not get there."""


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


def first_reached(values: NDArray[np.float32], threshold: float) -> Steps:
    """Step at which a series first is at or above a threshold.

    Parameters
    ----------
    values
        (draw, date, ...).
    threshold
        In the series' unit.

    Returns
    -------
    (draw, ...); the number of dates where it never is.

    Examples
    --------
    >>> first_reached(np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]], dtype=np.float32), 2.0).tolist()
    [1, 3]
    """
    reached = values >= np.float32(threshold)
    return np.where(reached.any(axis=1), reached.argmax(axis=1), values.shape[1])


def date_quantiles(steps: Steps, dates: list[date]) -> dict[str, date | None]:
    """Dates by which a given share of *all* draws has got there; None where so many never do.

    Examples
    --------
    >>> days = [date(2025, 1, 1), date(2025, 2, 1)]
    >>> date_quantiles(np.array([0, 1, 1, 2]), days)
    {'q10': datetime.date(2025, 1, 1), 'q50': datetime.date(2025, 2, 1), 'q90': None}
    """
    ordered = np.sort(steps)
    at = {name: int(ordered[ceil(share * len(ordered)) - 1]) for name, share in DATE_QUANTILES.items()}
    return {name: dates[step] if step < len(dates) else None for name, step in at.items()}


def milestones(simulation: Simulation) -> list[Milestone]:
    """Half of work-hours saved; labour speedup and progress multiplier crossing 1.5, 2, 5, 10 and 25 (model §8)."""
    out = simulation.outputs
    found = [_milestone(simulation, "time_saved_share", HALF_SAVED, out["time_saved_ceiling"])]
    found += [_milestone(simulation, "labour_speedup", level, out["labour_ceiling"]) for level in SPEEDUPS]
    return found + [_milestone(simulation, "progress_multiplier", level, None) for level in SPEEDUPS]


def _milestone(simulation: Simulation, series: str, threshold: float, ceiling: NDArray[np.float32] | None) -> Milestone:
    steps = first_reached(simulation.outputs[series], threshold)
    missed = steps == len(simulation.dates)
    return Milestone(
        f"{series}>={threshold:g}",
        float((~missed).mean()),
        None if ceiling is None else float((missed & (ceiling < np.float32(threshold))).mean()),
        date_quantiles(steps, simulation.dates),
    )


def solved(simulation: Simulation) -> list[Milestone]:
    """When each evaluation's mean pass rate reaches 0.9, in the order of the taxonomy (model §8)."""
    steps = first_reached(simulation.outputs["pass_rate"], SOLVED_PASS_RATE)
    return [
        Milestone(
            f"{name}>={SOLVED_PASS_RATE:g}",
            float((steps[:, position] < len(simulation.dates)).mean()),
            None,
            date_quantiles(steps[:, position], simulation.dates),
        )
        for position, name in enumerate(simulation.taxonomy.evaluations)
    ]
