"""Any course through time: software integrated by the midpoint rule, each draw at its own pace."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim.errors import NotANumberError
from autosim.peers.laws import Course, Floats, Laws, Sample, course
from autosim.simulation.calendar import MONTHS

CHUNK = 2048
"""Draws that are followed together. Fixed, so that no result depends on how many cores share the work."""

LONGEST = 0.25
"""Doublings of software in a step."""

SHORTEST = 1e-7
"""Years of a step, three seconds: who gets there is running away."""

RUNAWAY = 144.0
"""Doublings of software beyond which nothing is followed: beyond the limit of every peer, 128."""

type Singles = NDArray[np.float32]

OUTPUTS = (
    "software_log2",
    "effective_compute_log2",
    "labour_speedup_log2",
    "time_saved_share",
    "progress_multiplier_log2",
)
"""What is recorded, (draw, month) each."""


@dataclass(frozen=True)
class Path:
    """Outputs by name, (draw, month), month 0 being each draw's own ``start`` [year], (draw,)."""

    start: Floats
    outputs: dict[str, Singles]

    def __len__(self) -> int:
        return len(self.start)

    @property
    def years(self) -> Floats:
        """Since the start, (month,)."""
        return np.arange(self.outputs[OUTPUTS[0]].shape[1]) / MONTHS

    def reached(self, name: str, level: float) -> Floats:
        """When each draw first gets to a level, linear between months [year]; infinity where it never does, (draw,)."""
        values = self.outputs[name]
        there = values >= level
        step = np.where(there.any(axis=1), there.argmax(axis=1), 0)
        rows = np.arange(len(self))
        now, before = values[rows, step].astype(np.float64), values[rows, np.maximum(step - 1, 0)].astype(np.float64)
        rise = np.where(now > before, now - before, 1.0)
        back = np.where(step > 0, np.clip((now - level) / rise, 0.0, 1.0), 0.0)
        return np.where(there.any(axis=1), self.start + (step - back) / MONTHS, np.inf)


def march(
    parts: dict[str, tuple[Laws, Sample]],
    months: int,
    progress: Callable[[int], None] | None = None,
    cores: int | None = None,
    longest: float = LONGEST,
) -> Path:
    """Follow every draw.

    Parameters
    ----------
    parts
        Where each law of `autosim.peers.laws.PARTS` comes from, and its draws; all have as many.
    months
        How long.
    progress
        Called with the number of draws that have just been done.
    cores
        How many to use; all by default. Nothing depends on it.
    longest
        Doublings of software in a step.

    Raises
    ------
    NotANumberError
        If a draw yields a NaN or an infinity.

    References
    ----------
    Hairer, Nørsett and Wanner (1993), Solving Ordinary Differential Equations I, §II.1: the midpoint rule, of order 2.
    """
    sample = parts["inputs"][1]
    out = {name: np.empty((len(sample), months + 1), dtype=np.float32) for name in OUTPUTS}

    def chunk(first: int) -> int:
        some = slice(first, first + CHUNK)
        own = course({name: (laws, whole.part(some)) for name, (laws, whole) in parts.items()})
        part = {name: values[some] for name, values in out.items()}
        _follow(own, months, longest, part)
        return len(part[OUTPUTS[0]])

    with ThreadPoolExecutor(cores or os.cpu_count() or 1) as pool:
        for done in pool.map(chunk, range(0, len(sample), CHUNK)):
            if progress:
                progress(done)
    for name, values in out.items():
        if not np.isfinite(values).all():
            draw, month = np.argwhere(~np.isfinite(values))[0]
            raise NotANumberError(f"draw {draw}: {name} is {values[draw, month]} in month {month}; nothing was written")
    return Path(sample.start, out)


def _follow(own: Course, months: int, longest: float, out: dict[str, Singles]) -> None:
    """Step through time; each step ends at the next month, or where software has grown by ``longest`` doublings."""
    count = len(out[OUTPUTS[0]])
    month, years, software = np.zeros(count, dtype=np.int64), np.zeros(count), np.zeros(count)
    due = np.ones(count, dtype=np.bool_)  # which have just come to a month, and are to be recorded
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        while True:
            now = own.at(years, software)
            if due.any():
                values = software, *now[:1], *now.given[:2], own.multiplier_log2(years, now)
                _record(out, np.flatnonzero(due), month, values)
            going = month < months
            if not going.any():
                return
            rest = (month + 1) / MONTHS - years
            _refuse_nan(now.rate)
            rate = np.where(software < RUNAWAY, now.rate, 0.0)
            step = np.maximum(longest / np.maximum(rate, 1e-3 * longest), SHORTEST)
            step = np.where(going, np.minimum(rest, step), 0.0)
            halfway = np.minimum(0.5 * step * rate, 0.5 * longest)
            middle = own.at(years + 0.5 * step, software + halfway)
            software = software + np.where(rate > 0.0, np.minimum(step * middle.rate, 2.0 * longest), 0.0)
            due = going & (step >= rest)
            month = month + due
            years = np.where(due, month / MONTHS, years + step)


def _refuse_nan(rate: Floats) -> None:
    """Refuse what would never end."""
    if np.isnan(rate).any():
        raise NotANumberError("software progress is nan in a draw; nothing was written")


def _record(
    out: dict[str, Singles], rows: NDArray[np.int64], month: NDArray[np.int64], values: tuple[Floats, ...]
) -> None:
    """Write what those draws have come to, in the order of `OUTPUTS`."""
    for name, some in zip(OUTPUTS, values, strict=True):
        out[name][rows, month[rows]] = some[rows]
