"""Conditions on what was observed, as users write them, such as ``p50_horizon_min@2026-03=720``."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim.analysis.targets import Target, level_of, quantity
from autosim.errors import InputError, shown
from autosim.inputs.scenario import AnyScenario
from autosim.simulation.chosen import Given
from autosim.words import exactly

type Floats = NDArray[np.float64]

ERROR_DOUBLINGS = 0.25
"""Standard error of an observation where outputs differ by factors or are counted in doublings."""

ERROR_SHARE = 0.03
"""Standard error of an observed share or pass rate."""

_FORM = re.compile(
    r"(?P<name>[\w.]+)(?:@(?P<date>[^<>=@±]*))?(?P<sign>>=|<=|=)(?P<value>[^<>=@±]+?)(?:(?:\+-|\+/-|±)(?P<sd>[^<>=@]*))?"
)
_FORMS = (
    "NAME@DATE=VALUE, NAME@DATE=VALUE+-SD, NAME@DATE>=VALUE or NAME@DATE<=VALUE, such as p50_horizon_min@2026-03=720"
)
_BELOW_ZERO = ("time_saved_share", "time_saved_ceiling", "solved_time_saved_share")
"""Shares that are negative where AI costs more hours than it saves."""

_ABOVE_ONE = ("task_cost",)
"""Shares that are above 1 where AI costs more hours than it saves."""


@dataclass(frozen=True)
class Condition:
    """Something that was observed.

    ``sign`` is ``=``, ``>=`` or ``<=``; ``sd`` is that of the observation's error, None for a bound. With
    ``in_doublings`` the error is one of the logarithm to base 2, else it has the output's unit. ``standard`` says that
    nobody stated it. ``place`` is where all this was said, for errors.
    """

    target: Target
    sign: str
    value: float
    sd: float | None
    in_doublings: bool
    standard: bool
    place: str

    @property
    def text(self) -> str:
        """Canonical form, without the error."""
        return f"{self.target.text}{self.sign}{exactly(self.value)}"

    @property
    def told(self) -> Given:
        """What results say of it."""
        if self.sd is None:
            return Given(self.text, None, None, standard=False)
        counted_in_doublings = self.in_doublings or (self.standard and self.target.unit == "log2 min")
        unit = "doublings" if counted_in_doublings else self.target.unit
        return Given(self.text, self.sd, unit, self.standard)

    def log_weights(self, answers: Floats) -> Floats:
        """Logarithms of what draws weigh, given what they have of the output, up to a constant.

        Parameters
        ----------
        answers
            In the output's unit, (draw,); NaN where a draw has none.

        Returns
        -------
        Normal log-likelihoods, or 0 and minus infinity for a bound, (draw,); minus infinity where there is no answer.
        """
        if self.sd is None:
            value = float(np.float32(self.value))  # as outputs are, so that equal ones are equal
            met = answers >= value if self.sign == ">=" else answers <= value
            return np.where(met, 0.0, -np.inf)
        observed = math.log2(self.value) if self.in_doublings else self.value
        with np.errstate(divide="ignore", over="ignore"):
            miss = ((np.log2(answers) if self.in_doublings else answers) - observed) / self.sd
            return np.where(np.isnan(miss), -np.inf, -0.5 * miss * miss)


def parse_conditions(said: Sequence[str], scenario: AnyScenario, option: str = "--given") -> tuple[Condition, ...]:
    """Read conditions.

    Parameters
    ----------
    said
        ``NAME@DATE=VALUE`` each, with ``+-SD`` or ``±SD`` after it in the output's unit, or ``NAME@DATE>=VALUE`` or
        ``NAME@DATE<=VALUE``; without the date for what does not change with time. NAME and DATE are as in
        `autosim.analysis.targets.parse_target`.
    scenario
        Whose taxonomy and dates are meant.
    option
        Where they were said, for errors.

    Raises
    ------
    InputError
        If one cannot be read, has a value that its output cannot have, or is said twice.
    """
    found = [_condition(text, scenario, option) for text in said]
    texts = [condition.text for condition in found]
    for condition in found:
        if texts.count(condition.text) > 1:
            raise InputError(condition.place, "", f"{condition.text} twice", "each observation once")
    return tuple(found)


def _condition(text: str, scenario: AnyScenario, option: str) -> Condition:
    place = f"{option} {text}"
    match = _FORM.fullmatch("".join(text.split()))
    if not match:
        raise InputError(place, "", shown(text), _FORMS)
    target = quantity(match["name"], match["date"], scenario, place)
    value = level_of(match["value"], place)
    _refuse_value(target, value, place)
    if match["sign"] != "=":
        if match["sd"] is not None:
            raise InputError(place, "", f"an error of {match['sd']}", "none with >= or <=, which are certain")
        return Condition(target, match["sign"], value, None, in_doublings=False, standard=False, place=place)
    if match["sd"] is not None:
        return Condition(target, "=", value, _sd(match["sd"], place), in_doublings=False, standard=False, place=place)
    if target.log and value <= 0.0:
        raise InputError(
            place, "", exactly(value), "a value above 0, as the error is counted in doublings; or say +-SD"
        )
    sd = ERROR_DOUBLINGS if target.log or target.unit in ("doublings", "log2 min") else ERROR_SHARE
    return Condition(target, "=", value, sd, in_doublings=target.log, standard=True, place=place)


def _refuse_value(target: Target, value: float, place: str) -> None:
    """Refuse shares such as 60, meant as percent."""
    low = -math.inf if target.output in _BELOW_ZERO or not target.is_share else 0.0
    high = math.inf if target.output in _ABOVE_ONE or not target.is_share else 1.0
    if not low <= value <= high:
        least = "at most 1" if low < 0.0 else "between 0 and 1" if high == 1.0 else "at least 0"
        raise InputError(place, "", exactly(value), f"a share {least}")


def _sd(text: str, place: str) -> float:
    sd = level_of(text, place)
    if sd <= 0.0:
        raise InputError(place, "", f"an error of {text}", "one above 0")
    return sd
