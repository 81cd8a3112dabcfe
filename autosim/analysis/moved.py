"""What new evidence moved: headlines of two runs on common random numbers, and what a posterior holds, side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from autosim.analysis.milestones import milestones
from autosim.analysis.statistics import as_json, statistics_of
from autosim.analysis.summary import Json
from autosim.analysis.targets import FIVE_YEARS
from autosim.simulation.run import Simulation
from autosim.simulation.statistics import STATISTICS

type Floats = NDArray[np.float64]

SERIES = ("labour_speedup", "project_speedup", "progress_multiplier", "time_saved_share", "p50_horizon_min")
"""Outputs whose medians are headlines."""

_MEDIAN = STATISTICS.index("q50")
_NOT_MOVED = ("trajectory_weight.", "wander.")
"""How names start that say nothing on their own."""


@dataclass(frozen=True)
class Moved:
    """A number before and after, with Monte Carlo errors; None where there is none, as with dates never reached.

    Numbers, ``change`` and errors are in ``unit``; dates are in months after the reference date.
    """

    unit: str
    before: float | None
    after: float | None
    before_error: float | None
    after_error: float | None
    change_error: float | None

    @property
    def change(self) -> float | None:
        """After less before."""
        return None if self.before is None or self.after is None else self.after - self.before

    def as_json(self) -> Json:
        """All numbers; errors stand under ``mcse``."""
        errors = {"before": self.before_error, "after": self.after_error, "change": self.change_error}
        plain: Json = {name: _plain(getattr(self, name)) for name in ("before", "after", "change")}
        return {"unit": self.unit, **plain, "mcse": {name: _plain(error) for name, error in errors.items()}}


def _plain(value: float | None) -> object:
    return None if value is None else as_json(np.asarray(value))


@dataclass(frozen=True)
class _Side:
    """A number of one run: its error, and which draws lie above it, (draw,)."""

    value: float | None
    error: float | None
    above: NDArray[np.bool_]


@dataclass(frozen=True)
class Headlines:
    """What moved: medians on a day by output, and each milestone's probability and date by its name."""

    day: date
    medians: Mapping[str, Moved]
    probabilities: Mapping[str, Moved]
    dates: Mapping[str, Moved]

    def as_json(self) -> Json:
        """All numbers, by name."""
        said = {name: {"probability": one.as_json(), "q50": self.dates[name].as_json()}
                for name, one in self.probabilities.items()}  # fmt: skip
        return {
            "at": str(self.day),
            "medians": {name: one.as_json() for name, one in self.medians.items()},
            "milestones": said,
        }


def headlines(before: Simulation, after: Simulation) -> Headlines:
    r"""Compare two runs of a scenario with the same seed, from posteriors before and after new evidence.

    The error of a change takes into account that draws stand side by side in both runs,

    .. math:: e^2 = a^2 + b^2 - 2\rho ab

    where :math:`\rho` is the correlation of lying above the number in question; it is 0 rather than negative, so that
    no change looks better known than it is.

    Parameters
    ----------
    before, after
        As many draws, all kept.
    """
    step = min(FIVE_YEARS, len(before.dates) - 1)
    units = dict(zip(SERIES, ("1", "1", "1", "share of hours", "min"), strict=True))
    medians = {name: _moved(unit, *(_median(run, name, step) for run in (before, after)))
               for name, unit in units.items()}  # fmt: skip
    sides = [dict(_milestones(run)) for run in (before, after)]
    probabilities = {name: _moved("1", *(side[name][0] for side in sides)) for name in sides[0]}
    dates = {name: _moved("months", *(side[name][1] for side in sides)) for name in sides[0]}
    return Headlines(before.dates[step], medians, probabilities, dates)


def _median(run: Simulation, name: str, step: int) -> _Side:
    found = statistics_of(run, name, (step,))
    value, error = float(found[_MEDIAN]), float(found[len(STATISTICS) + _MEDIAN])
    return _Side(value, error, run.outputs[name][:, step] > value)


def _milestones(run: Simulation) -> Iterator[tuple[str, tuple[_Side, _Side]]]:
    """Probability that each milestone is reached, and the month in which half of the draws are there."""
    for threshold, found in zip(run.thresholds, milestones(run), strict=True):
        steps, day = threshold.first_reached(run.outputs), found.dates["q50"]
        month = None if day is None else run.dates.index(day)
        errors = found.errors["probability"], found.errors["q50_months"]
        there = steps < len(run.dates)
        by_then = there if month is None else steps <= month
        middle = _Side(None if month is None else float(month), errors[1], by_then)
        yield found.name, (_Side(found.probability, errors[0], there), middle)


def _moved(unit: str, before: _Side, after: _Side) -> Moved:
    errors = before.error, after.error
    change = None
    if errors[0] is not None and errors[1] is not None:
        shared = 2.0 * _correlation(before.above, after.above) * errors[0] * errors[1]
        change = max(errors[0] ** 2 + errors[1] ** 2 - shared, 0.0) ** 0.5
    return Moved(unit, before.value, after.value, *errors, change)


def _correlation(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Correlation of two yes-or-no answers, at least 0; 0 if one never varies, unless all are the same."""
    if (one == other).all():
        return 1.0
    if one.all() or other.all() or not (one.any() and other.any()):
        return 0.0
    return max(float(np.corrcoef(one, other)[0, 1]), 0.0)


@dataclass(frozen=True)
class Learnt:
    """Mean and standard deviation of a quantity before and after; ``shift`` is that of the mean [sd before]."""

    name: str
    before: tuple[float, float]
    after: tuple[float, float]

    @property
    def shift(self) -> float:
        """How far the mean went [sd before]."""
        return (self.after[0] - self.before[0]) / self.before[1]

    @property
    def ratio(self) -> float:
        """How much of the standard deviation is left [1]."""
        return self.after[1] / self.before[1]

    def as_json(self) -> Json:
        """All numbers."""
        sides = {"before": self.before, "after": self.after}
        said: Json = {name: {"mean": _plain(mean), "sd": _plain(sd)} for name, (mean, sd) in sides.items()}
        return said | {"shift_sd": _plain(self.shift), "sd_ratio": _plain(self.ratio)}


def learnt(before: Mapping[str, Floats], after: Mapping[str, Floats]) -> list[Learnt]:
    """Quantities of two posteriors, (draw,) each by name; those whose mean moved farthest first."""
    found = []
    for name, column in before.items():
        if name in after and not name.startswith(_NOT_MOVED) and np.ptp(column) > 0.0:
            sides = [(float(one.mean()), float(one.std(ddof=1))) for one in (column, after[name])]
            found.append(Learnt(name, sides[0], sides[1]))
    return sorted(found, key=lambda one: -abs(one.shift))
