"""Figure: how far evaluations run ahead of work."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from autosim.analysis.summary import Json
from autosim.plots.style import BLUE, GREY, new_figure, percent_axis, wrapped
from autosim.words import given_in_words, humanised, month, percent

type Floats = NDArray[np.float64]

_COLUMNS = 6
_MARKERS = ("o", "s", "^")
_HALF = 0.5


def evaluation_gap(summary: Json) -> Figure:
    """Draw each evaluation's pass rate against the share of hours automated as time runs.

    The diagonal is where an evaluation would say what share of work AI does.

    Parameters
    ----------
    summary
        Of a run.
    """
    hours = np.array(summary["series"]["delegated_share"]["mean"])
    rates = {name: np.array(entry["pass_rate"]["mean"]) for name, entry in summary["evaluations"].items()}
    gaps = {name: rate - hours for name, rate in rates.items()}
    order = sorted(rates, key=lambda name: -float(gaps[name].mean()))
    steps = sorted({0, 12 * ((len(hours) - 1) // 24), len(hours) - 1})
    rows = math.ceil(len(order) / _COLUMNS)
    figure = new_figure(
        9.6,
        0.35 + 1.9 * rows,
        f"{summary['name']}: how far evaluations run ahead of work",
        *_caption(summary, order, gaps),
        overrides=summary["overrides"],
        given=given_in_words(summary),
        legend=_legend(summary["dates"], steps),
    )
    panels = figure.subplots(rows, min(_COLUMNS, len(order)), sharex=True, sharey=True, squeeze=False)
    for position, axes in enumerate(panels.flat):
        if position >= len(order):
            axes.set_visible(False)
            continue
        name = order[position]
        _panel(axes, hours, rates[name], steps)
        _name_gap(axes, gaps[name], summary["dates"])
        axes.set_title(wrapped(humanised(name), 1.4, 8), fontsize=8, va="bottom")
        last = position + _COLUMNS >= len(order)
        axes.tick_params(labelbottom=last)
        axes.set_xlabel("hours automated [%]" if last else "", fontsize=7.5)
    for row in panels[:, 0]:
        row.set_ylabel("pass rate [%]")
    return figure


def _legend(dates: list[str], steps: list[int]) -> list[Line2D]:
    marked = [
        Line2D([], [], linestyle="none", marker=marker, color=BLUE, markeredgecolor="black", label=month(dates[step]))
        for marker, step in zip(_MARKERS, steps, strict=False)
    ]
    return [*marked, Line2D([], [], color="black", linewidth=0.8, linestyle="--", label="pass rate = hours automated")]


def _panel(axes: Axes, hours: Floats, rate: Floats, steps: list[int]) -> None:
    axes.plot([0.0, 1.0], [0.0, 1.0], color="black", linewidth=0.8, linestyle="--")
    axes.fill([*hours, *hours[::-1]], [*rate, *hours[::-1]], color=BLUE, alpha=0.18, linewidth=0)
    axes.plot(hours, rate, color=BLUE, linewidth=1.8)
    for marker, step in zip(_MARKERS, steps, strict=False):
        axes.plot(hours[step], rate[step], marker, color=BLUE, markeredgecolor="black", clip_on=False, zorder=5)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.0)
    axes.set_box_aspect(1.0)
    percent_axis(axes, "x", (0.0, 0.5, 1.0))
    percent_axis(axes, "y", (0.0, 0.5, 1.0))


def _name_gap(axes: Axes, gap: Floats, dates: list[str]) -> None:
    """Write the largest distance from the diagonal, and when, on the side where the curve is not."""
    step = int(np.abs(gap).argmax())
    ahead = float(gap.mean()) >= 0.0
    x, y, side, up = (0.97, 0.04, "right", "bottom") if ahead else (0.03, 0.96, "left", "top")
    axes.text(
        x,
        y,
        f"{100.0 * gap[step]:+.0f} points".replace("-", "−") + f"\n{month(dates[step])}",
        transform=axes.transAxes,
        ha=side,
        va=up,
        fontsize=7,
        color=GREY,
    )


def _caption(summary: Json, order: list[str], gaps: dict[str, Floats]) -> list[str]:
    said = [
        f"Means over {summary['draws']:,} draws as time runs along each curve. The distance from the diagonal is how "
        "far a pass rate is ahead of the share of all hours that AI does, verified or trusted; the largest distance "
        "stands in each panel."
    ]
    hours = np.array(summary["series"]["delegated_share"]["mean"])
    half = {name: np.flatnonzero(hours + gaps[name] >= _HALF) for name in order}
    at_half = {name: float(hours[steps[0]]) for name, steps in half.items() if steps.size}
    if at_half:
        said.append(f"When half of an evaluation is passed, {_range(at_half)}.")
    behind = [name for name in order if float(gaps[name].mean()) < 0.0]
    if behind:
        said.append(f"Behind work rather than ahead of it, on average over time: {_listed(behind)}.")
    return said


def _range(automated: dict[str, float]) -> str:
    """Say how much is automated, from the least to the most."""
    low, high = (pick(automated, key=lambda name: automated[name]) for pick in (min, max))
    least, most = percent(automated[low]), percent(automated[high])
    if least == most:
        return f"{least} of hours are automated"
    return f"as little as {least} of hours ({humanised(low)}) or as much as {most} ({humanised(high)}) are automated"


def _listed(names: list[str]) -> str:
    said = [humanised(name) for name in names]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
