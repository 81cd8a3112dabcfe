"""Single answers of many draws: only as much of the model is worked out as they need."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim.draws import Draws
from autosim.errors import NotANumberError
from autosim.inputs.scenario import Taxonomy
from autosim.simulation.calendar import MONTHS
from autosim.simulation.counts import first_reached
from autosim.simulation.march import horizons_at, march, record_binding
from autosim.simulation.run import CHUNK, MAY_BE_MISSING, Outputs, empty_outputs
from autosim.simulation.solved import record_ceiling, record_if_solved
from autosim.simulation.suites import Suites
from autosim.simulation.world import World

type Floats = NDArray[np.float64]

PASS_RATES = ("pass_rate", "best_of_5", "all_of_5")
LENGTHS = ("p50_horizon_min", "p80_horizon_min")
CEILINGS = ("labour_ceiling", "time_saved_ceiling")
YEARLY = ("mode_share", "binding")
CONSTANT = (*CEILINGS, *MAY_BE_MISSING)

FEW = 8
"""Up to so many months, pass rates are taken at each of them rather than interpolated."""


@dataclass(frozen=True)
class Question:
    """What is asked of a draw.

    Parameters
    ----------
    output
        Name of the output.
    at
        Positions on its axes after draw and date.
    step
        Month, the reference date's being 0; None for what does not change with time, and for a date that is asked for.
    level
        A threshold: the answer is the year in which the output first is at or above it, or, with a ``step``, 1 if that
        is so by then and 0 if not. None if the output's value is asked for.
    """

    output: str
    at: tuple[int, ...] = ()
    step: int | None = None
    level: float | None = None

    def steps(self, whole: int) -> int:
        """How many months must be simulated of the ``whole`` to answer it."""
        if self.step is not None:
            return self.step + 1
        return whole if self.level is not None else 1

    def months(self, whole: int) -> range:
        """Months whose outputs it looks at."""
        return range(self.steps(whole)) if self.level is not None else range(self.steps(whole) - 1, self.steps(whole))

    def answer(self, out: Outputs) -> Floats:
        """Answer for every draw, given outputs of as many months as `steps` says, (draw,)."""
        month: tuple[int | slice, ...] = () if self.step is None else (self._place(self.step),)
        if self.level is not None:
            reached = first_reached(_part(out[self.output], (slice(None), *self.at)), self.level)
            return np.asarray(reached / MONTHS if self.step is None else reached <= self.step, dtype=np.float64)
        return _part(out[self.output], (*month, *self.at)).astype(np.float64)

    def _place(self, step: int) -> int:
        return step // MONTHS if self.output in YEARLY else step


def _part(values: NDArray[np.float32], at: tuple[int | slice, ...]) -> NDArray[np.float32]:
    """Part of an output, by its axes after the draw."""
    return values[:, *at]


def ask(
    draws: Draws,
    names: Taxonomy,
    questions: Sequence[Question],
    months: int,
    progress: Callable[[int], None] | None = None,
    cores: int | None = None,
    first: int = 0,
) -> Floats:
    """Answer questions for every draw.

    Parameters
    ----------
    draws
        Parameters of the draws.
    names
        Taxonomy of their scenario.
    questions
        At least one.
    months
        Of the whole simulation, the reference date's included; a milestone that is not reached by then has the year
        ``months / 12``.
    progress
        Called with the number of draws that have just been done.
    cores
        How many to use; all by default. The answers do not depend on it.
    first
        Position of the first draw in the run, for errors.

    Returns
    -------
    (draw, question); NaN where an evaluation cannot be solved by any advance.

    Raises
    ------
    NotANumberError
        If any other answer is NaN or infinite.
    """

    def chunk(start: int) -> Floats:
        return _answers(draws.part(slice(start, start + CHUNK)), names, questions, months)

    found = np.empty((len(draws), len(questions)))
    starts = range(0, len(draws), CHUNK)
    with ThreadPoolExecutor(cores or os.cpu_count() or 1) as pool:
        for start, values in zip(starts, pool.map(chunk, starts), strict=True):
            found[start : start + len(values)] = values
            if progress:
                progress(len(values))
    for position, question in enumerate(questions):
        if question.output not in MAY_BE_MISSING and not np.isfinite(found[:, position]).all():
            draw = int(np.argmin(np.isfinite(found[:, position])))
            raise NotANumberError(f"draw {first + draw}: {question.output} is {found[draw, position]}")
    return found


def _answers(draws: Draws, names: Taxonomy, questions: Sequence[Question], months: int) -> Floats:
    wanted = {question.output for question in questions}
    steps = max(question.steps(months) for question in questions)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        out = empty_outputs(names, len(draws), steps)
        world = World(draws, names)
        if not wanted <= set(CONSTANT):
            growth = march(world, steps, out)
            out["horizon_log2_min"][:] = horizons_at(draws, growth)
            if "binding" in wanted:
                record_binding(world, growth, out)
            for kind in (PASS_RATES, LENGTHS):
                looked_at = [set(q.months(months)) for q in questions if q.output in kind]
                if looked_at:
                    _record_suites(draws, names, kind, growth, np.array(sorted(set.union(*looked_at))), out)
        _record_constants(world, draws, names, wanted, out)
    return np.stack([question.answer(out) for question in questions], axis=-1)


def _record_suites(
    draws: Draws, names: Taxonomy, kind: tuple[str, ...], growth: Floats, months: NDArray[np.int64], out: Outputs
) -> None:
    """Fill pass rates, or the anchor's lengths, at some months."""
    suites = Suites(draws, names.evaluations.index(names.anchor))
    if kind == PASS_RATES and len(months) > FEW:
        part = {name: np.empty_like(out[name][:, months]) for name in kind}
        suites.record_pass_rates(draws, np.ascontiguousarray(growth[:, months]), part)
        found = [part[name] for name in kind]
    else:
        horizons = horizons_at(draws, growth[:, months])
        found = list(suites.pass_rates(horizons) if kind == PASS_RATES else suites.horizons_min(horizons))
    for name, values in zip(kind, found, strict=True):
        out[name][:, months] = values


def _record_constants(world: World, draws: Draws, names: Taxonomy, wanted: set[str], out: Outputs) -> None:
    if wanted & set(CEILINGS):
        record_ceiling(world, out)
    if wanted & set(MAY_BE_MISSING):
        suites = Suites(draws, names.evaluations.index(names.anchor))
        record_if_solved(world, suites, horizons_at(draws, np.zeros((len(draws), 1)))[:, 0], out)
