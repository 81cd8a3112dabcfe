"""How many draws are enough: until the headline's Monte Carlo error is as small as wanted."""

import math
from collections.abc import Callable

import numpy as np

from autosim.analysis.targets import default_target, parse_target
from autosim.defaults import FIRST_DRAWS, LARGEST_AUTO
from autosim.draws import blocks, draw_block
from autosim.errors import InputError
from autosim.inputs.scenario import AnyScenario
from autosim.simulation.asked import ask
from autosim.simulation.calendar import monthly_dates
from autosim.simulation.effective import effective_draws
from autosim.simulation.statistics import STATISTICS, with_errors

_MEDIAN = STATISTICS.index("q50")
_SPARE = 1.1
"""More draws than the error so far asks for, since it is an estimate."""


_ENDLESS = 10**15
"""Draws that are as good as infinitely many."""


def enough_draws(
    scenario: AnyScenario, tolerance: float, seed: int = 0, progress: Callable[[int], None] | None = None
) -> int:
    """Find how many draws the headline needs: the median labour speedup five years on, or at the end if that is sooner.

    Only the headline is evaluated, of 1,000 draws first and then of as many more as its error asks for.

    Parameters
    ----------
    scenario
        Complete and checked.
    tolerance
        Largest Monte Carlo error, as a share of the headline [1], above 0.
    seed
        That of the run: its first draws are these.
    progress
        Called with the number of draws that have just been done.

    Returns
    -------
    So many draws that the error is within the tolerance; the same for the same seed.

    Raises
    ------
    InputError
        If more than a million draws were needed, or the scenario's posterior is not worth enough of them.
    """
    target = parse_target(default_target(scenario), scenario)
    months = len(monthly_dates(scenario.header.reference_date, scenario.header.end))
    answers, draws = np.empty(0), FIRST_DRAWS
    while True:
        block = next(blocks(scenario, (0, draws)))
        rest = type(block)(len(answers), block.member[len(answers) :])
        more = ask(draw_block(scenario, seed, rest), scenario.taxonomy, [target], months, progress, first=len(answers))
        answers = np.concatenate([answers, more[:, 0]])
        effective = effective_draws(scenario, draws)
        table = with_errors(answers, effective)
        error = float(table[len(STATISTICS) + _MEDIAN] / abs(table[_MEDIAN]))
        if error <= tolerance:
            return draws
        needed = effective * (error / tolerance) ** 2
        _refuse_endless(scenario, tolerance, error, effective, needed)
        draws = min(max(math.ceil(_SPARE * draws * (error / tolerance) ** 2), draws + FIRST_DRAWS), LARGEST_AUTO)
        if draws == len(answers):
            _refuse(tolerance, error, f"{LARGEST_AUTO:,} draws")


def _refuse_endless(scenario: AnyScenario, tolerance: float, error: float, effective: float, needed: float) -> None:
    """Refuse what no number of draws gives, since a posterior is worth only so many."""
    most = effective_draws(scenario, _ENDLESS)
    if needed > most:
        reached = error * math.sqrt(effective / most)
        _refuse(tolerance, reached, f"a posterior that is worth {most:,.0f} independent draws")


def _refuse(tolerance: float, error: float, why: str) -> None:
    got = f"{tolerance:g}, where {why} give an error of {error:.2g} of the headline"
    raise InputError("--tolerance", "", got, "a larger share")
