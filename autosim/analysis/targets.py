"""Targets: what a question is about, as users write it, such as ``labour_speedup@2029-08-27``."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from autosim.dims import ADVANCE, ADVANCES, BOTTLENECK, DATE, EVALUATION, MODE, MODES, ROLE, TASK, YEAR
from autosim.errors import InputError, one_of, shown
from autosim.inputs.scenario import AnyScenario, Taxonomy
from autosim.outputs import OF_OUTPUT, OUTPUTS, Output
from autosim.simulation.asked import CONSTANT, PASS_RATES, YEARLY, Question
from autosim.simulation.calendar import MONTHS, monthly_dates, plus_months
from autosim.within import duration_within, month_within, number_within, percent_within
from autosim.words import duration, exactly, inside, month, number, percent

type Floats = NDArray[np.float64]

_QUANTITY = re.compile(r"(?P<name>[\w.]+)(?:@(?P<date>[^\s<>=@]*))?")
_MILESTONE = re.compile(r"(?P<name>[\w.]+)>=(?P<level>[^\s@]+?)(?:@(?P<date>.*))?")
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_FORMS = "NAME, NAME@DATE, NAME>=LEVEL or NAME>=LEVEL@DATE, such as labour_speedup@2029-08-27"

_CALLED = {output.long_name.lower().replace(" ", "_"): name for name, output in OUTPUTS.items()}
"""Outputs by what tables and figures call them, written as a name: ``hours_saved``."""

_LARGEST = float(np.finfo(np.float32).max)

FIVE_YEARS = 60
"""Months after the reference date at which researchers were asked for their forecasts (Owen 2024)."""


@dataclass(frozen=True)
class Target(Question):
    """A question in words.

    ``text`` is its canonical form, ``label`` says it in words, ``unit`` is that of its answers. ``log`` tells whether
    differences are counted in doublings: so with speedups, lengths and multipliers, which differ by factors. ``dates``
    are the first and the last of the scenario.
    """

    text: str = ""
    label: str = ""
    unit: str = ""
    log: bool = False
    dates: tuple[date, date] = (date.min, date.max)

    def scaled(self, values: Floats) -> Floats:
        """Answers on the scale on which they are compared: log2 where they differ by factors."""
        return np.log2(values) if self.log else values

    @property
    def scale(self) -> str:
        """What that scale is called."""
        return f"log2 of {self.label}" if self.log else self.label

    @property
    def is_date(self) -> bool:
        """Whether the answer is the date of a milestone, in years after the reference date."""
        return self.level is not None and self.step is None

    @property
    def is_event(self) -> bool:
        """Whether the answer is 1 or 0: reached by a date, or not."""
        return self.level is not None and self.step is not None

    @property
    def is_share(self) -> bool:
        """Whether the answer is a share or a probability, which is read in percent."""
        return self.is_event or self.unit.startswith("share") or self.output in (*PASS_RATES, "binding")

    def said(self, value: float, error: float | None = None) -> str:
        """An answer as a reader says it, with its Monte Carlo error where that is known."""
        if self.is_date:
            day = plus_months(self.dates[0], round(value * MONTHS))
            months = None if error is None else error * MONTHS
            return f"after {month(str(self.dates[1]))}" if day > self.dates[1] else month_within(str(day), months)
        if self.is_share:
            return percent_within(value, error)
        return duration_within(value, error) if self.unit == "min" else number_within(value, error)

    def said_between(self, difference: float) -> str:
        """A difference between two answers as a reader says it, with its sign."""
        size, sign = abs(difference), "−" if difference < -1e-9 else "+"
        if self.is_date:
            return f"{sign}{number(size, 1)} years"
        if self.is_share:
            return f"{sign}{percent(size).removesuffix(' %')} points"
        return f"{sign}{duration(size) if self.unit == 'min' else number(size)}"

    def said_error(self, error: float) -> str:
        """A Monte Carlo error as a reader says it by itself, to one digit."""
        if self.is_date:
            months = max(math.ceil(error * MONTHS), 1)
            return f"{months} month{'s' * (months > 1)}"
        if self.is_share:
            points = max(math.ceil(100.0 * error), 1)
            return f"{points} point{'s' * (points > 1)}"
        return duration(error) if self.unit == "min" else exactly(float(f"{error:.1g}"))


def dates_of(scenario: AnyScenario) -> list[date]:
    """The monthly grid of a scenario."""
    return monthly_dates(scenario.header.reference_date, scenario.header.end)


def default_target(scenario: AnyScenario) -> str:
    """Labour speedup five years after the reference date, or at the end if that is sooner."""
    dates = dates_of(scenario)
    return f"labour_speedup@{dates[min(FIVE_YEARS, len(dates) - 1)]}"


def parse_target(text: str, scenario: AnyScenario, option: str = "--target") -> Target:
    """Read a target.

    Parameters
    ----------
    text
        ``NAME@DATE``, an output at a date of the monthly grid (``2029-08`` for the one in that month); ``NAME`` for
        what does not change with time; ``NAME>=LEVEL``, the date at which a threshold is first reached; or
        ``NAME>=LEVEL@DATE``, whether it is by then. NAME is an output and its labels, as in ``run.nc``:
        ``labour_speedup``, ``pass_rate.sparse_attention``, ``cost.debugging``, ``advance_doublings.common.metr_hcast``.
    scenario
        Whose taxonomy and dates are meant.
    option
        Where it was said, for errors.

    Raises
    ------
    InputError
        If the output, a label or the date is unknown, with the nearest known one.
    """
    said, place = "".join(text.split()), f"{option} {text}"
    threshold = _MILESTONE.fullmatch(said)
    if threshold:
        return _milestone(threshold, scenario, place)
    match = _QUANTITY.fullmatch(said)
    if not match:
        raise InputError(place, "", shown(text), _FORMS)
    return quantity(match["name"], match["date"], scenario, place)


def quantity(name: str, day: str | None, scenario: AnyScenario, place: str) -> Target:
    """An output at a date, or one that does not change with time.

    Raises
    ------
    InputError
        If the output, a label or the date is unknown, the date is missing, or there is one too many.
    """
    output, at, label = _output(name, scenario.taxonomy, place)
    log = output.log
    if output.array in CONSTANT:
        if day is not None:
            raise InputError(place, "", f"the date {day}", f"no date: {name} does not change with time")
        return Target(output.array, at, text=name, label=label, unit=output.units, log=log, dates=_ends(scenario))
    if day is None:
        raise InputError(place, "", "no date", f"one, such as {name}@{_example(scenario)}")
    dates = dates_of(scenario)
    step = step_of(day, dates, place, MONTHS if output.array in YEARLY else 1)
    said = f"{label}, {month(str(dates[step]))}"
    text = f"{name}@{dates[step]}"
    return Target(output.array, at, step, None, text, said, output.units, log, _ends(scenario))


def _milestone(match: re.Match[str], scenario: AnyScenario, place: str) -> Target:
    name = match["name"]
    output, at, label = _output(name, scenario.taxonomy, place)
    if output.array in (*CONSTANT, *YEARLY):
        raise InputError(place, "", name, "an output that is known month by month, such as labour_speedup")
    level = level_of(match["level"], place)
    text = f"{name}>={exactly(level)}"
    plain = Target(output.array, at, unit=output.units)
    said = f"{label} of {plain.said(level) if plain.is_share or plain.unit == 'min' else f'{level:g}'}"
    if match["date"] is None:
        unit = "years after the reference date"
        return Target(output.array, at, None, level, text, f"date of {said}", unit, dates=_ends(scenario))
    dates = dates_of(scenario)
    step = step_of(match["date"], dates, place)
    text, said = f"{text}@{dates[step]}", f"{said} by {month(str(dates[step]))}"
    return Target(output.array, at, step, level, text, said, "probability", dates=_ends(scenario))


def level_of(text: str, place: str) -> float:
    """A number that single precision holds, as outputs are.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        level = float(text)
    except ValueError:
        level = math.nan
    if not abs(level) <= _LARGEST:
        raise InputError(place, "", shown(text), "a number")
    return level


def _output(name: str, names: Taxonomy, place: str) -> tuple[Output, tuple[int, ...], str]:
    """An output, positions of its labels, and both in words."""
    head, *labels = name.split(".")
    if head not in OUTPUTS:
        meant = _CALLED.get(head.lower(), head)
        raise InputError(place, "", f"the unknown output {shown(head)}", one_of(meant, OUTPUTS, "an output"))
    output = OUTPUTS[head]
    axes = [axis for axis in output.dims if axis not in (DATE, YEAR)]
    if len(labels) != len(axes):
        known = [_labels(axis, names) for axis in axes]
        example = ".".join([head, *(label[0] for label in known)])
        got = f"{name}, with {len(labels)} of {len(axes)} labels" if axes else f"{name}, with labels"
        raise InputError(place, "", got, f"{' and '.join(map(_a, axes)) or 'none'}, as in {example}")
    at = []
    for label, axis in zip(labels, axes, strict=True):
        known_labels = _labels(axis, names)
        if label not in known_labels:
            raise InputError(place, "", f"the unknown {axis} {shown(label)}", one_of(label, known_labels, _a(axis)))
        at.append(known_labels.index(label))
    said = ", ".join([output.long_name, *(inside(label) for label in labels)])
    return output, tuple(at), said


def _a(axis: str) -> str:
    return f"an {axis}" if axis == EVALUATION else f"a {axis}"


def _labels(axis: str, names: Taxonomy) -> Sequence[str]:
    return {
        TASK: names.tasks,
        BOTTLENECK: names.bottlenecks,
        ROLE: names.roles,
        EVALUATION: names.evaluations,
        MODE: MODES,
        ADVANCE: ADVANCES,
    }[axis]


def _ends(scenario: AnyScenario) -> tuple[date, date]:
    dates = dates_of(scenario)
    return dates[0], dates[-1]


def _example(scenario: AnyScenario) -> date:
    dates = dates_of(scenario)
    return dates[min(FIVE_YEARS, len(dates) - 1)]


def step_of(text: str, dates: Sequence[date], place: str, every: int = 1) -> int:
    """Position of a date on the monthly grid; ``2029-08`` means the date of the grid in that month.

    Raises
    ------
    InputError
        If it is no date, or none of the grid, of which only each ``every``-th counts: the nearest one is named.
    """
    grid = list(range(0, len(dates), every))
    if _MONTH.fullmatch(text):
        inside = [step for step in grid if str(dates[step]).startswith(text)]
        if inside:
            return inside[0]
        text = f"{text}-{dates[0].day:02d}"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        example = plus_months(dates[0], every)
        raise InputError(place, "", shown(text), f"a date such as {example}, or {example:%Y-%m}") from None
    nearest = min(grid, key=lambda step: abs((dates[step] - day).days))
    if dates[nearest] != day:
        what = "a whole year after the reference date" if every == MONTHS else "a date of the monthly grid"
        raise InputError(place, "", str(day), f"{what}; the nearest is {dates[nearest]}")
    return nearest


def name_of(question: Question, names: Taxonomy) -> str:
    """How users write a question's output and labels."""
    output = OF_OUTPUT[question.output]
    axes = [axis for axis in output.dims if axis not in (DATE, YEAR)]
    return ".".join([output.name, *(_labels(axis, names)[at] for axis, at in zip(axes, question.at, strict=True))])
