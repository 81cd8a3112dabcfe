"""Draws given observations: importance weights, how many draws they are worth, and an equally weighted sample."""

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim import streams
from autosim.analysis.given import Condition
from autosim.analysis.targets import dates_of
from autosim.draws import Block, blocks, draw_block, members_of
from autosim.errors import InputError
from autosim.inputs.scenario import AnyScenario
from autosim.simulation.asked import ask
from autosim.simulation.chosen import Chosen
from autosim.simulation.run import BLOCK, MOST_FULL_DRAWS, in_order

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

LEAST_EFFECTIVE = 100
"""Fewer draws' worth than that say too little: a share of a half is then known to 5 % only."""

FARTHEST = 4.0
"""Standard errors from an observation within which some draw must lie: weights of draws that are all wrong compare
them with one another only."""

_RELIABLE = 5
"""Effective draws from which their number says how many draws would do."""

_SPARE = 1.3
"""So many times the draws that would do if the next ones were like these."""

_MOST_DRAWS = 10**9


def choose(
    scenario: AnyScenario,
    draws: int,
    seed: int,
    conditions: Sequence[Condition],
    progress: Callable[[int], None] | None = None,
    cores: int | None = None,
    *,
    as_worth: bool = False,
) -> Chosen:
    """Choose draws that are as likely as the conditions make them.

    Every draw is simulated as far as the conditions ask, and weighted by their likelihood; of the weighted draws a
    sample is taken in which each stands as often as its weight says, within one. Takes some 20 bytes a draw.

    Parameters
    ----------
    scenario, draws, seed
        As `autosim.simulation.run.simulate` takes them.
    conditions
        At least one.
    progress
        Called with the number of draws that have just been done.
    cores
        How many to use; all by default. The result does not depend on it.
    as_worth
        Take only as many draws as the weighted ones are worth, for answers whose own intervals count draws.

    Returns
    -------
    As many draws as there were, or as these are worth, 10,000 at most.

    Raises
    ------
    InputError
        If the weights are worth fewer than `LEAST_EFFECTIVE` draws, or no draw comes within `FARTHEST` standard errors
        of an observation, on average over them; with what the draws have instead.

    References
    ----------
    Kish (1965), Survey Sampling, §11.7, for the effective sample size; Kitagawa (1996), J. Comput. Graph. Stat. 5,
    1-25, for systematic resampling.
    """
    found = _screen(scenario, draws, seed, conditions, progress, cores or os.cpu_count() or 1)
    far = found.log_weights.max() < -0.5 * FARTHEST**2 * len(conditions)
    weights = relative_weights(found.log_weights)
    effective = effective_draws(weights)
    if far or effective < LEAST_EFFECTIVE:
        raise _too_few(found, conditions, 0.0 if far else effective, draws)
    kept = min(int(effective) if as_worth else draws, MOST_FULL_DRAWS)
    positions = resampled(weights, kept, float(streams.uniform(seed, "given", 1)[0]))
    members = np.bincount(found.member, weights=weights, minlength=len(members_of(scenario)))
    given = tuple(condition.told for condition in conditions)
    return Chosen(positions, draws, effective, given, members / members.sum())


def relative_weights(log_weights: Floats) -> Floats:
    """Weights relative to the largest; all 0 if no draw has any.

    Examples
    --------
    >>> relative_weights(np.log([1e-300, 2e-300, 4e-300]) - 1e5).round(6).tolist()
    [0.25, 0.5, 1.0]
    """
    most = log_weights.max()
    return np.zeros(len(log_weights)) if most == -np.inf else np.exp(log_weights - most)


def effective_draws(weights: Floats) -> float:
    r"""How many equally weighted draws have the variance that weighted ones have.

    .. math:: (\sum w)^2 / \sum w^2

    Examples
    --------
    >>> effective_draws(np.array([1.0, 1.0, 0.0])), effective_draws(np.zeros(3))
    (2.0, 0.0)
    """
    whole = float(weights.sum())
    return whole * whole / float(np.square(weights).sum()) if whole > 0.0 else 0.0


def resampled(weights: Floats, draws: int, start: float) -> Integers:
    """Take a systematic sample: equal steps through the heap of weights.

    Parameters
    ----------
    weights
        (draw,), at least 0, not all 0.
    draws
        How many to take.
    start
        Where in the first step to begin, strictly between 0 and 1.

    Returns
    -------
    Positions, ascending, (``draws``,): each within one of ``draws`` times its share of the weights.

    Examples
    --------
    >>> resampled(np.array([0.5, 0.0, 0.25, 0.25]), 4, 0.5).tolist()
    [0, 0, 2, 3]
    """
    heaped = weights.cumsum()
    steps = (np.arange(draws) + start) * (heaped[-1] / draws)
    last = int(np.flatnonzero(weights)[-1])
    positions: Integers = np.minimum(np.searchsorted(heaped, steps, side="right"), last).astype(np.int64)
    return positions


@dataclass(frozen=True)
class _Screened:
    """Log-weights and members of the draws, (draw,); answers of the first ones, (draw, condition), and their ends."""

    log_weights: Floats
    member: NDArray[np.int16]
    answers: Floats
    low: Floats
    high: Floats


def _screen(
    scenario: AnyScenario,
    draws: int,
    seed: int,
    conditions: Sequence[Condition],
    progress: Callable[[int], None] | None,
    cores: int,
) -> _Screened:
    """Answer the conditions' questions for every draw, block by block, and forget all but the weights."""
    kept, count = min(draws, MOST_FULL_DRAWS), len(conditions)
    found = _Screened(
        np.zeros(draws),
        np.empty(draws, dtype=np.int16),
        np.empty((kept, count)),
        np.full(count, np.inf),
        np.full(count, -np.inf),
    )
    targets, months = [condition.target for condition in conditions], len(dates_of(scenario))

    def answers(block: Block) -> tuple[Block, Floats]:
        parameters = draw_block(scenario, seed, block)
        return block, ask(parameters, scenario.taxonomy, targets, months, cores=1, first=block.first)

    pool = ThreadPoolExecutor(cores)
    try:
        for block, values in in_order(pool, cores, answers, blocks(scenario, (*range(0, draws, BLOCK), draws))):
            for position, condition in enumerate(conditions):
                found.log_weights[block.places] += condition.log_weights(values[:, position])
            found.member[block.places] = block.member
            some = found.answers[block.places]
            some[:] = values[: len(some)]
            np.fmin(found.low, np.fmin.reduce(values), out=found.low)
            np.fmax(found.high, np.fmax.reduce(values), out=found.high)
            if progress:
                progress(len(block))
    finally:
        pool.shutdown(cancel_futures=True)
    return found


def _too_few(found: _Screened, conditions: Sequence[Condition], effective: float, draws: int) -> InputError:
    """Say what draws have instead of what is given, and whether more of them would help."""
    place = ", ".join(condition.place for condition in conditions)
    ranges = [_range(found, position, condition) for position, condition in enumerate(conditions)]
    if len(conditions) > 1:
        ranges = [f"{text} for {one.target.text}" for text, one in zip(ranges, conditions, strict=True)]
    got = (
        f"{effective:.3g} effective draws of {draws:,}"
        if effective > 0.0
        else f"none of {draws:,} draws that comes near"
    )
    advice = _advice(found, conditions, effective, draws)
    have = f"{advice} (draws have {'; '.join(ranges)})"
    return InputError(place, "", got, f"at least {LEAST_EFFECTIVE}: {have}")


def _range(found: _Screened, position: int, condition: Condition) -> str:
    """What the draws have of an output."""
    known = found.answers[:, position]
    known = known[np.isfinite(known)]
    if not known.size:
        return "no such value at all"
    said = condition.target.said
    low, high = np.quantile(known, (0.05, 0.95), method="inverted_cdf")
    ends = f"{said(float(found.low[position]))} to {said(float(found.high[position]))}"
    return f"{ends}, 90 % of them {said(float(low))} to {said(float(high))}"


def _advice(found: _Screened, conditions: Sequence[Condition], effective: float, draws: int) -> str:
    """How many draws would do, if any number is likely to."""
    missed = [
        not low <= condition.value <= high and condition.sign != (">=" if condition.value < low else "<=")
        for condition, low, high in zip(conditions, found.low, found.high, strict=True)
    ]
    if any(missed):
        return "no draw gets there, and more draws hardly will"
    if effective == 0.0:
        return "none has all of it, and more draws hardly will"
    needed = min(draws * LEAST_EFFECTIVE / effective * _SPARE, _MOST_DRAWS)
    size = 10 ** (int(math.log10(needed)) - 1)
    option = "--draws " if conditions[0].place.startswith("--") else "draws="
    return f"{'about' if effective >= _RELIABLE else 'at least'} {option}{math.ceil(needed / size) * size} would do"
