"""Answers at one moment for AI whose horizons are given: no path through time, so that nothing before it changes."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from autosim.draws import Draws
from autosim.equations.delegation import adoption_at, optimism_at
from autosim.errors import NotANumberError
from autosim.inputs.scenario import Taxonomy
from autosim.simulation.asked import PASS_RATES, Question
from autosim.simulation.calendar import MONTHS
from autosim.simulation.march import Inputs, record_work
from autosim.simulation.run import CHUNK, Outputs, empty_outputs
from autosim.simulation.suites import Suites
from autosim.simulation.world import Moment, World

type Floats = NDArray[np.float64]

UNKNOWN = ("software_log2", "horizon_log2_min", "p50_horizon_min", "p80_horizon_min")
"""Outputs that are what is given, or follow from it alone."""


def ask_at(
    draws: Draws,
    names: Taxonomy,
    horizons_log2: Floats,
    step: int,
    questions: Sequence[Question],
    cores: int | None = None,
) -> Floats:
    """Values of outputs in one month, given what AI can do then.

    Parameters
    ----------
    draws
        Parameters of the draws.
    names
        Taxonomy of their scenario.
    horizons_log2
        Benchmark horizons in that month [log2 min], (draw, bottleneck).
    step
        Month, the reference date's being 0.
    questions
        At least one; their own months and levels count for nothing. Monthly outputs but the `UNKNOWN`, ``mode_share``
        and ``binding``.
    cores
        How many to use; all by default. The answers do not depend on it.

    Returns
    -------
    (draw, question).

    Raises
    ------
    NotANumberError
        If an answer is NaN.
    """
    wanted = [Question(question.output, question.at, 0) for question in questions]

    def chunk(start: int) -> Floats:
        part = slice(start, start + CHUNK)
        out = _outputs(draws.part(part), names, horizons_log2[part], step, {question.output for question in wanted})
        return np.stack([question.answer(out) for question in wanted], axis=-1)

    starts = range(0, len(draws), CHUNK)
    with ThreadPoolExecutor(cores or os.cpu_count() or 1) as pool:
        found = np.concatenate([np.empty((0, len(wanted))), *pool.map(chunk, starts)])
    if np.isnan(found).any():
        draw, position = np.argwhere(np.isnan(found))[0]
        raise NotANumberError(f"draw {draw}: {wanted[position].output} is nan")
    return found


def _outputs(draws: Draws, names: Taxonomy, horizons_log2: Floats, step: int, wanted: set[str]) -> Outputs:
    """Outputs of a chunk of draws whose only date is that month."""
    one, years = draws.scalars, step / MONTHS
    out = empty_outputs(names, len(draws), 1)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        world, inputs = World(draws, names), Inputs(draws, np.array([years]))
        moment = Moment(
            years,
            adoption_at(one["adoption"], one["adoption_growth"], years),
            optimism_at(one["optimism"], one["optimism_decay"], years),
            (inputs.compute - inputs.headcount)[:, 0],
        )
        work = np.stack(world.labour(horizons_log2, moment).allocation, axis=-1)
        record_work(world, np.array([years]), work[:, None], out)
        if "binding" in wanted:
            out["binding"][:, 0] = world.binding(horizons_log2)[:, world.as_listed]
        if wanted & set(PASS_RATES):
            rates = Suites(draws, names.evaluations.index(names.anchor)).pass_rates(horizons_log2[:, None])
            for name, values in zip(PASS_RATES, rates, strict=True):
                out[name][:] = values
    return out
