"""What is counted exactly over any number of draws: thresholds reached by date, and evaluations that are solvable."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim.equations.success import SOLVED_PASS_RATE
from autosim.inputs.scenario import Taxonomy
from autosim.words import exactly

type Steps = NDArray[np.int64]
"""Position of a date on the monthly grid, or the number of dates where a draw does not get there."""

type Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Threshold:
    """A level of a monthly output; ``ceiling`` is the output that bounds it by structure, if there is one.

    ``series`` is the output's name among a simulation's arrays, ``at`` the position on its axes after the date, and
    ``written`` how users write output and labels, where that differs from ``series``.
    """

    series: str
    level: float
    ceiling: str | None
    at: tuple[int, ...] = ()
    written: str = ""

    @property
    def name(self) -> str:
        """As in the summary, such as ``labour_speedup>=2``: no two levels have the same name."""
        return f"{self.written or self.series}>={exactly(self.level)}"

    def first_reached(self, out: dict[str, Singles]) -> Steps:
        """Step at which draws first get there, given their outputs (draw, date, ...) by name; (draw,)."""
        where: tuple[int | slice, ...] = (slice(None), slice(None), *self.at)
        return first_reached(out[self.series][where], self.level)


CEILINGS = {"labour_speedup": "labour_ceiling", "time_saved_share": "time_saved_ceiling"}
"""Outputs that another output bounds by structure."""

SPEEDUPS = (1.5, 2.0, 5.0, 10.0, 25.0)
THRESHOLDS = (
    Threshold("time_saved_share", 0.5, "time_saved_ceiling"),
    *(Threshold("labour_speedup", level, "labour_ceiling") for level in SPEEDUPS),
    *(Threshold("progress_multiplier", level, None) for level in SPEEDUPS),
)
"""Half of work-hours saved; labour speedup and progress multiplier crossing 1.5, 2, 5, 10 and 25 (model §8)."""


@dataclass
class Counts:
    """Numbers of draws.

    ``reached`` (threshold, date + 1) and ``solved`` (evaluation, date + 1) by the step at which a draw first gets to
    a threshold, or an evaluation's mean pass rate to 0.9; the last for those that do not. ``out_of_reach``
    (threshold,): not reached, with a ceiling below. ``unsolvable`` (advance, evaluation): no advance solves it.
    """

    reached: NDArray[np.int64]
    out_of_reach: NDArray[np.int64]
    solved: NDArray[np.int64]
    unsolvable: NDArray[np.int64]

    def add(self, other: "Counts") -> None:
        """Add the counts of other draws."""
        self.reached += other.reached
        self.out_of_reach += other.out_of_reach
        self.solved += other.solved
        self.unsolvable += other.unsolvable


def first_reached(values: Singles, threshold: float) -> Steps:
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


def no_counts(names: Taxonomy, dates: int, advances: int, thresholds: Sequence[Threshold] = THRESHOLDS) -> Counts:
    """Counts of no draws."""
    shapes = (len(thresholds), dates + 1), (len(thresholds),), (len(names.evaluations), dates + 1)
    empty = [np.zeros(shape, dtype=np.int64) for shape in (*shapes, (advances, len(names.evaluations)))]
    return Counts(*empty)


def counted(out: dict[str, Singles], thresholds: Sequence[Threshold] = THRESHOLDS) -> Counts:
    """Count some draws, given their outputs (draw, date, ...) by name."""
    dates = out["labour_speedup"].shape[1]
    reached = [threshold.first_reached(out) for threshold in thresholds]
    solved = first_reached(out["pass_rate"], SOLVED_PASS_RATE)
    out_of_reach = [
        0
        if threshold.ceiling is None
        else int(((steps == dates) & (out[threshold.ceiling] < np.float32(threshold.level))).sum())
        for threshold, steps in zip(thresholds, reached, strict=True)
    ]
    return Counts(
        np.array([np.bincount(steps, minlength=dates + 1) for steps in reached]),
        np.array(out_of_reach),
        np.array([np.bincount(steps, minlength=dates + 1) for steps in solved.T]),
        np.isnan(out["advance_doublings"]).sum(axis=0),
    )
