"""Figure: when milestones are reached, how likely they are not to be, and which are out of reach by structure."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from autosim.analysis.summary import Json
from autosim.plots.style import BLUE, GREY, Fill, decimal_years, new_figure, percent_axis, time_axis
from autosim.simulation.counts import Threshold
from autosim.simulation.run import Simulation
from autosim.words import given_in_words, milestone_label, month, percent

type Floats = NDArray[np.float64]

OUTCOMES = {
    "reached": Fill("#0B3866"),
    "not in time": Fill("#DCDCDC"),
    "out of reach by structure": Fill("#FFFFFF", "////"),
}
_ROW = 0.36
_BIN = 6
"""Months that one column of a date distribution covers."""

_TALLEST = 0.7
_BELOW = 0.14


def milestones(simulation: Simulation, summary: Json) -> Figure:
    """Draw each milestone's date distribution, and beside it whether it is reached at all.

    Parameters
    ----------
    simulation, summary
        A run and its summary.
    """
    found = summary["milestones"]
    figure = new_figure(
        9.6,
        0.75 + _ROW * len(found),
        f"{summary['name']}: when milestones are reached, if they are",
        *_caption(summary),
        overrides=summary["overrides"],
        given=given_in_words(summary),
        legend=[fill.patch(name) for name, fill in OUTCOMES.items()],
    )
    when, whether = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
    shares = {threshold.name: _by_bin(simulation, threshold) for threshold in simulation.thresholds}
    tallest = max(float(columns.max()) for columns in shares.values()) or 1.0
    years = decimal_years(summary["dates"])
    for row, (name, milestone) in enumerate(found.items()):
        _distribution(when, row, years, shares[name] * (_TALLEST / tallest))
        interval(when, row + _BELOW, years, milestone)
        outcome(whether, row, milestone)
    when.set_yticks(range(len(found)), [row_label(name) for name in found])
    when.set_ylim(len(found) - 0.5, -0.9)
    time_axis(when, years, 12)
    when.grid(visible=False, axis="y")
    finish_outcomes(whether)
    return figure


def row_label(name: str) -> str:
    """Say a milestone in words, to stand at the beginning of a row."""
    label = milestone_label(name)
    return label[:1].upper() + label[1:]


def _by_bin(simulation: Simulation, threshold: Threshold) -> Floats:
    """Share of draws that first get there in each half year."""
    steps, months = threshold.first_reached(simulation.outputs), len(simulation.dates)
    reached = steps[steps < months] // _BIN
    return np.bincount(reached, minlength=-(-months // _BIN)) / len(steps)


def _distribution(axes: Axes, row: int, years: Floats, heights: Floats) -> None:
    """Columns that stand on the row's line."""
    starts = years[::_BIN]
    widths = np.diff([*starts, max(years[-1], starts[-1])])
    axes.bar(starts, -heights, widths, bottom=row, align="edge", color=BLUE, alpha=0.35, linewidth=0)
    axes.axhline(row, color="#C8C8C8", linewidth=0.6, zorder=1)


def interval(axes: Axes, row: float, years: Floats, milestone: Json) -> None:
    """Median date of all draws, and the line from the date of the first tenth to that of the ninth.

    An arrow at the end of time says that fewer than nine tenths get there.
    """
    low, middle, high = (
        None if milestone[quantile] is None else float(decimal_years([milestone[quantile]])[0])
        for quantile in ("q10", "q50", "q90")
    )
    if low is None:
        return
    axes.plot(
        [low, years[-1] if high is None else high], [row, row], color="black", linewidth=1.6, solid_capstyle="butt"
    )
    axes.plot(low, row, "|", color="black", markersize=6, markeredgewidth=1.4)
    if high is None:
        axes.plot(years[-1], row, ">", color="black", markersize=4, clip_on=False, zorder=5)
    else:
        axes.plot(high, row, "|", color="black", markersize=6, markeredgewidth=1.4)
    if middle is not None:
        axes.plot(middle, row, "o", color="black", markersize=6.5, markeredgecolor="white", clip_on=False, zorder=6)


def outcome(axes: Axes, row: float, milestone: Json, height: float = 0.5, size: float = 7.5) -> None:
    """A bar of draws: reached, not in time, out of reach; and the numbers beside it."""
    never = milestone["unreachable"] or 0.0
    parts = (milestone["probability"], max(1.0 - milestone["probability"] - never, 0.0), never)
    left = 0.0
    for fill, part in zip(OUTCOMES.values(), parts, strict=True):
        axes.barh(row, part, height, left, facecolor=fill.colour, hatch=fill.hatch, edgecolor=fill.ink(), linewidth=0.3)
        left += part
    said = (
        *(percent(max(part, 0.0)) for part in parts[:2]),
        "–" if milestone["unreachable"] is None else percent(never),
    )
    for column, words in zip(_NUMBERS_AT, said, strict=True):
        axes.text(column, row, words, ha="right", va="center", fontsize=size)


_NUMBERS_AT = (1.2, 1.42, 1.64)


def finish_outcomes(axes: Axes) -> None:
    """Heads above the numbers, and the axis of shares."""
    for column, words in zip(_NUMBERS_AT, ("reached", "not in\ntime", "out of\nreach"), strict=True):
        axes.text(
            column, 1.0, words, ha="right", va="bottom", fontsize=7.5, color=GREY, transform=axes.get_xaxis_transform()
        )
    axes.set_xlim(0.0, 1.68)
    percent_axis(axes, "x")
    axes.set_xlabel("share of draws [%]", x=0.5 / 1.68)
    axes.grid(visible=False)
    axes.tick_params(left=False, labelleft=False)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_bounds(0.0, 1.0)


def _caption(summary: Json) -> Sequence[str]:
    found, end = summary["milestones"], month(summary["dates"][-1])
    bounded = {name: milestone["unreachable"] for name, milestone in found.items() if milestone["unreachable"]}
    said = [
        f"Columns: how many of {summary['draws']:,} draws first get there in each half year, on one scale. Line: from "
        "the date by which a tenth of all draws have got there to that of nine tenths (arrow: later); dot: half.",
        f"Bars: reached by {end}, not reached in time, or out of reach: perfect AI would not get there, as delegation "
        "takes attention. M has no such ceiling.",
    ]
    if bounded:
        worst = max(bounded, key=lambda name: bounded[name])
        said.append(f"A {milestone_label(worst)} is out of reach in {percent(bounded[worst])} of the draws.")
    return said
