"""Figures: what drives an answer, in ranked bars, a tornado, and response curves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from autosim.analysis.effects import Estimate
from autosim.analysis.groups import CAPABILITY, INPUTS, USEFULNESS
from autosim.analysis.sensitivity import SOBOL, Driver, Sensitivity
from autosim.analysis.swings import Response
from autosim.analysis.targets import Target
from autosim.plots.style import BLUE, GREY, Fill, new_figure, percent_axis, wrapped
from autosim.words import humanised, number

CAMP_FILLS = {
    CAPABILITY: Fill("#0B3866"),
    USEFULNESS: Fill("#E69F00", "////"),
    INPUTS: Fill("#5A9BD0", "---"),
    None: Fill("#D9D9D9"),
}
"""Colours of what assumptions are about."""

CAMP_WORDS = {
    CAPABILITY: "capability",
    USEFULNESS: "usefulness",
    INPUTS: "inputs of R&D",
    None: "other",
}
CURVES = 5
LOW, HIGH = Fill("#C6DCEC", "----"), Fill("#0B3866")
_ROW = 0.3
_STEPS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0), tuple(np.arange(1.0, 10.0, 0.5)))


def group_in_words(name: str) -> str:
    """A group as figures name it.

    Examples
    --------
    >>> group_in_words("severity.deep_reasoning"), group_in_words("work_gap")
    ('Severity: deep reasoning', 'Work gap')
    """
    return " + ".join(
        f"Severity: {humanised(part.partition('.')[2]).lower()}" if part.startswith("severity.") else humanised(part)
        for part in name.split(" + ")
    )


def drivers(found: Sensitivity) -> Figure:
    """Draw each group's share of the variance, ranked, with its interval."""
    count = len(found.drivers)
    figure = new_figure(
        8.2,
        0.75 + _ROW * count,
        f"{found.title}: what drives {found.target.label}",
        *_drivers_caption(found),
        legend=_legend(found),
    )
    axes = figure.subplots()
    for row, driver in enumerate(found.drivers):
        fill = CAMP_FILLS[driver.camp]
        if driver.first:
            _bar(axes, row - 0.19, driver.first, fill, 0.34)
            _bar(axes, row + 0.19, driver.share, Fill("#FFFFFF"), 0.34)
        else:
            _bar(axes, row, driver.share, fill, 0.62)
    most = max(max(driver.share.high, 0.0) for driver in found.drivers)
    axes.set_yticks(range(count), [group_in_words(driver.group) for driver in found.drivers])
    axes.set_ylim(count - 0.45, -0.55)
    percent_axis(axes, "x", [float(tick) for tick in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(0.0, most)])
    axes.set_xlim(min(-0.005, *(_lowest(driver) for driver in found.drivers)), 1.08 * most)
    axes.set_xlabel(f"share of the variance of {found.target.scale} [%]")
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.grid(visible=False, axis="y")
    return figure


def _lowest(driver: Driver) -> float:
    return min(driver.share.low, driver.first.low if driver.first else 0.0)


def _bar(axes: Axes, row: float, share: Estimate, fill: Fill, height: float) -> None:
    axes.barh(row, share.value, height, color=fill.colour, hatch=fill.hatch, edgecolor=fill.ink(), linewidth=0.6)
    axes.plot([share.low, share.high], [row, row], color="black", linewidth=1.2)
    for end in (share.low, share.high):
        axes.plot([end, end], [row - 0.12, row + 0.12], color="black", linewidth=1.2)


def _legend(found: Sensitivity) -> list[Patch]:
    camps = [camp for camp in CAMP_FILLS if camp in {driver.camp for driver in found.drivers}]
    keys = [CAMP_FILLS[camp].patch(CAMP_WORDS[camp]) for camp in camps]
    return [*keys, Fill("#FFFFFF").patch("with others: total index")] if found.method == SOBOL else keys


def _drivers_caption(found: Sensitivity) -> list[str]:
    spread = [found.target.said(found.spread[name]) for name in ("q50", "q05", "q95")]
    says = [
        found.sentence,
        f"Median {spread[0]}, 90 % of draws between {spread[1]} and {spread[2]}.",
        f"Lines are 95 % intervals of the shares from {found.draws:,} draws.",
    ]
    if found.method == SOBOL:
        return [
            *says,
            "Filled bars: what a group explains alone; hollow ones: with all that it does together with others.",
        ]
    return [*says, "Shapley effects: they add up to 100 %, and hold although some groups depend on one another."]


def tornado(found: Sensitivity) -> Figure:
    """Draw how far the answer moves when one quantity goes from its 10 % to its 90 % quantile."""
    rows = found.responses
    first = rows[0]
    ends = [first.at[position] for position in first.ends]
    figure = new_figure(
        9.0,
        0.75 + 0.36 * len(rows),
        f"{found.title}: one quantity at a time, {found.target.label}",
        "Each bar runs from the answer with the quantity at its 10 % quantile to that at its 90 % quantile, written at "
        "its ends; of shapes of the trajectory, from the lowest to the highest. All else is as drawn, also what "
        f"depends on it: {'probabilities' if found.target.is_event else 'medians'}, and the line is where all draws' "
        f"is without a change: {found.target.said(found.centre, found.centre_mcse)}.",
        f"The widest is {first.name}: {found.target.said(first.swing[0], first.swing_mcse[0])} at {_worded(ends[0])}, "
        f"{found.target.said(first.swing[1], first.swing_mcse[1])} at {_worded(ends[1])}.",
        _exactness(found, [one.swing_mcse for one in rows]),
        legend=[LOW.patch("quantity low"), HIGH.patch("quantity high")],
    )
    axes = figure.subplots()
    middle = float(found.target.scaled(np.array(found.centre)))
    for row, one in enumerate(rows):
        _swing(axes, row, one, found.target, middle)
    axes.axvline(middle, color="black", linewidth=1.0)
    axes.set_yticks(range(len(rows)), [one.name for one in rows])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    values = found.target.scaled(np.array([one.swing for one in rows]))
    low, high = float(min(values.min(), middle)), float(max(values.max(), middle))
    room = max(0.22 * (high - low), 1e-3)
    axes.set_xlim(low - room, high + room)
    answer_axis(axes, found.target, "x", found.target.label)
    axes.grid(visible=False, axis="y")
    return figure


def _exactness(found: Sensitivity, errors: Sequence[Sequence[float]]) -> str:
    """Say over how many draws quantities are changed, and the largest of the Monte Carlo errors of the answers."""
    largest = found.target.said_error(max(max(some) for some in errors))
    draws = f"{found.swung:,} of {2 * found.draws:,} draws"
    what = "probabilities" if found.target.is_event else "medians"
    return f"{draws}, taken evenly by their answer; Monte Carlo errors of the {what} are at most {largest}."


def _swing(axes: Axes, row: int, one: Response, target: Target, middle: float) -> None:
    """One bar of a tornado: from the middle to the answer at either end, with the quantity's values outside."""
    ends = target.scaled(np.array(one.swing))
    sides = ("right", "left") if ends[0] <= ends[1] else ("left", "right")
    for at, fill, position, side in zip(ends, (LOW, HIGH), one.ends, sides, strict=True):
        look: dict[str, Any] = {"color": fill.colour, "hatch": fill.hatch, "edgecolor": fill.ink()}
        axes.barh(row, at - middle, 0.62, left=middle, linewidth=0.6, **look)
        outside = min(at, middle) if side == "right" else max(at, middle)
        axes.annotate(
            _worded(one.at[position]),
            (outside, row),
            (-4 if side == "right" else 4, 0),
            textcoords="offset points",
            ha=side,
            va="center",
            fontsize=7.5,
            color=GREY,
        )


def _worded(value: float | str) -> str:
    return value if isinstance(value, str) else number(value).replace("-", "−")


def answer_axis(axes: Axes, target: Target, which: str, label: str) -> None:
    """Label an axis of answers, which holds logarithms where these are compared, in the target's own unit."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = axis.get_view_interval()
    if target.log:
        axis.set_ticks([float(np.log2(tick)) for tick in nice_levels(2.0**low, 2.0**high)])
    else:
        axis.set_major_locator(MaxNLocator(5))
    said = (lambda value: f"{value:g}") if target.unit == "1" else target.said
    axis.set_major_formatter(FuncFormatter(lambda value, _: said(round(2.0**value, 9) if target.log else value)))
    axis.set_minor_locator(NullLocator())
    text = f"{label} [{unit_of(target)}]"
    if which == "x":
        axes.set_xlabel(text)
    else:
        axes.set_ylabel(wrapped(text, 2.4, 8.5), fontsize=8.5)


def unit_of(target: Target) -> str:
    """Unit of an axis of answers; of one whose ticks are written as dates or percentages, what these are."""
    if target.is_date:
        return "date"
    return "%" if target.is_share else "factor" if target.log and target.unit == "1" else target.unit


def nice_levels(low: float, high: float) -> list[float]:
    """Round numbers between two positive ones, three to seven if there are so many, for a logarithmic axis.

    Examples
    --------
    >>> nice_levels(1.1, 9.0)
    [1.5, 2.0, 3.0, 5.0, 7.0]
    >>> nice_levels(1.5, 3.2)
    [1.5, 2.0, 3.0]
    """
    decades = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1.0)
    for steps in (
        (1.0,),
        (1.0, 3.0),
        (1.0, 2.0, 5.0),
        (1.0, 1.5, 2.0, 3.0, 5.0, 7.0),
        tuple(np.arange(1.0, 10.0, 0.5)),
    ):
        inside = [
            float(round(step * decade, 12)) for decade in decades for step in steps if low <= step * decade <= high
        ]
        if len(inside) >= 3:
            return inside
    digits = 1 - int(np.floor(np.log10((high - low) / high))) + int(np.ceil(-np.log10(high)))
    return sorted({round(float(level), digits) for level in np.linspace(low, high, 6)[1:-1]})


def responses(found: Sensitivity) -> Figure:
    """Draw the answer against each of the five quantities that move it most."""
    shown = found.responses[:CURVES]
    figure = new_figure(
        2.15 * max(len(shown), 3),
        2.9,
        f"{found.title}: {found.target.label} against the quantities that move it most",
        "Each panel changes one quantity from its 2 % to its 98 % quantile and leaves all else as drawn. "
        + ("The line is the probability." if found.target.is_event else
           "The line is the median over the draws; the band holds 80 % of them: it is what is left to all else.")
        + " Dotted: the quantity's 10 % and 90 % quantiles.",
        _exactness(found, [one.mcse for one in shown]),
    )  # fmt: skip
    widths = [1.0 if isinstance(one.at[0], float) else 1.3 for one in shown]
    panels = figure.subplots(1, len(shown), sharey=True, squeeze=False, width_ratios=widths)[0]
    for axes, one in zip(panels, shown, strict=True):
        _curve(axes, one, found.target)
    answer_axis(panels[0], found.target, "y", found.target.label)
    for axes in panels[1:]:
        axes.tick_params(labelleft=False)
    return figure


def _broken(name: str) -> str:
    """A shape's name on two lines where it is long."""
    half = name.rfind("exponential")
    return f"{name[:half]}-\n{name[half:]}" if half > 0 else name


def _curve(axes: Axes, one: Response, target: Target) -> None:
    centre, low, high = (target.scaled(np.array(values)) for values in (one.centre, one.low, one.high))
    if isinstance(one.at[0], str):
        places = np.arange(len(one.at))
        axes.vlines(places, low, high, color="#C6DCEC", linewidth=9)
        axes.plot(places, centre, "o", color=BLUE, markeredgecolor="black")
        axes.set_xticks(places, [_broken(str(name)) for name in one.at], fontsize=6.5)
        axes.set_xlim(-0.6, len(one.at) - 0.4)
        axes.set_xlabel(f"{one.name}\n[shape]", fontsize=7.5)
        return
    at = np.array(one.at, dtype=np.float64)
    axes.fill_between(at, low, high, color="#C6DCEC", linewidth=0)
    axes.plot(at, centre, color=BLUE)
    for position in one.ends:
        axes.axvline(at[position], color=GREY, linewidth=0.8, linestyle=":")
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.set_xlabel(f"{one.name.replace('.', '.\n')}\n[{one.unit}]", fontsize=7.5)
