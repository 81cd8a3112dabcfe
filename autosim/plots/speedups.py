"""Figure: how much faster work, one project and R&D go, over time."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from autosim.analysis.bounds import project_ceiling
from autosim.analysis.summary import Json
from autosim.plots.style import BLUE, GREEN, ORANGE, decimal_years, new_figure, time_axis
from autosim.simulation.counts import THRESHOLDS
from autosim.simulation.run import Simulation
from autosim.words import given_in_words, milestone_label, month, number, percent

type Years = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """One quantity: its series, what it is called, what it counts, and its colour."""

    series: str
    title: str
    counts: str
    colour: str


PANELS = (
    Panel("labour_speedup", "Labour speedup S_L", "an hour of researchers", BLUE),
    Panel("project_speedup", "Project speedup S_P", "one project's calendar", ORANGE),
    Panel("progress_multiplier", "Progress multiplier M", "software progress", GREEN),
)

_MARKED = {threshold.name for threshold in THRESHOLDS}
_LINEAR_BELOW = 3.0
_FEW = (1.0, 1.5, 2.0, 3.0, 5.0)
_MANY = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1e3, 1e4, 1e5, 1e6)


def speedups(simulation: Simulation, summary: Json) -> Figure:
    """Draw S_L, S_P and M over time on one scale, with bands, ceilings and milestones.

    Parameters
    ----------
    simulation, summary
        A run and its summary.
    """
    series = summary["series"]
    title = f"{summary['name']}: how many times faster AI R&D goes than without AI"
    figure = new_figure(
        9.6, 3.6, title, *_caption(summary), overrides=summary["overrides"], given=given_in_words(summary)
    )
    panels = figure.subplots(1, len(PANELS), sharey=True)
    years = decimal_years(summary["dates"])
    for axes, panel in zip(panels, PANELS, strict=True):
        fan(axes, years, series[panel.series], panel.colour)
        axes.set_title(f"{panel.title}\n{panel.counts}")
        last_value(axes, years, series[panel.series])
    shared_scale(panels[0], max(series[panel.series]["q95"][step] for panel in PANELS for step in range(len(years))))
    _ceiling(panels[0], *(series["labour_ceiling"][quantile] for quantile in ("q05", "q50", "q95")))
    _ceiling(panels[1], *np.quantile(project_ceiling(simulation), (0.05, 0.5, 0.95), method="inverted_cdf"))
    _mark_half_saved(panels[0], years, summary["milestones"]["time_saved_share>=0.5"])
    for axes, panel in zip(panels, PANELS, strict=True):
        _mark_milestones(axes, years, summary, panel.series)
    panels[0].set_ylabel("times faster than without AI [1]")
    return figure


def fan(axes: Axes, years: Years, statistics: Json, colour: str) -> None:
    """Draw a median with the bands that hold 50 and 90 % of draws."""
    axes.fill_between(years, statistics["q05"], statistics["q95"], color=colour, alpha=0.18, linewidth=0)
    axes.fill_between(years, statistics["q25"], statistics["q75"], color=colour, alpha=0.38, linewidth=0)
    axes.plot(years, statistics["q50"], color=colour, linewidth=2)
    axes.axhline(1.0, color="black", linewidth=0.8)
    time_axis(axes, years)


def shared_scale(axes: Axes, top: float) -> None:
    """Scale logarithmically where values spread over more than a factor of three, linearly otherwise."""
    axes.set_ylim(0.75, max(1.6, 1.08 * top))
    if top > _LINEAR_BELOW:
        axes.set_yscale("log")
        axes.set_ylim(0.75, 1.25 * top)
    axes.yaxis.set_major_locator(FixedLocator(_FEW if top < _MANY[3] else _MANY))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))


def last_value(axes: Axes, years: Years, statistics: Json) -> None:
    """Write the last median beside its line."""
    last = statistics["q50"][-1]
    at = (years[-1], last)
    axes.annotate(f"{number(last)}×", at, xytext=(3, 0), textcoords="offset points", va="center", fontweight="bold")


def _ceiling(axes: Axes, low: float, middle: float, high: float) -> None:
    """A dashed line, named at its left end."""
    if not 1.0 < middle < axes.get_ylim()[1]:
        return
    axes.axhline(middle, color="black", linewidth=1, linestyle=(0, (5, 3)))
    axes.annotate(
        f"ceiling {number(middle)}× ({number(low)}–{number(high)})",
        (0.02, middle),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        fontsize=7.5,
    )


def _mark_half_saved(axes: Axes, years: Years, found: Json) -> None:
    """A triangle on the time axis where half of the draws save half of today's hours."""
    if found["q50"] is None:
        return
    when = float(decimal_years([found["q50"]])[0])
    late = when > years[0] + 0.5 * (years[-1] - years[0])
    low = axes.get_ylim()[0]
    axes.plot(when, low, "^", color="black", markersize=5, clip_on=False, zorder=5)
    axes.annotate(
        f"half saved {month(found['q50'])}",
        (when, low),
        xytext=(-6 if late else 6, 4),
        textcoords="offset points",
        ha="right" if late else "left",
        fontsize=7,
    )


def _mark_milestones(axes: Axes, years: Years, summary: Json, series: str) -> None:
    """A dot on the median where it crosses a standard milestone, with the date by which half of the draws have."""
    for name, found in summary["milestones"].items():
        of, _, level = name.partition(">=")
        if of != series or name not in _MARKED or found["q50"] is None or found["q50"] == summary["dates"][0]:
            continue
        when, reached = float(decimal_years([found["q50"]])[0]), float(level)
        axes.plot(when, reached, "o", color="white", markeredgecolor="black", markersize=5, zorder=5)
        late = when > years[0] + 0.5 * (years[-1] - years[0])
        axes.annotate(
            f"{level}× {month(found['q50'])}",
            (when, reached),
            xytext=(-4, 4) if late else (5, -4),
            textcoords="offset points",
            ha="right" if late else "left",
            va="bottom" if late else "top",
            fontsize=7,
        )


def _caption(summary: Json) -> tuple[str, ...]:
    end, found = summary["dates"][-1], summary["milestones"]
    half, double = found["time_saved_share>=0.5"], found["labour_speedup>=2"]
    return (
        f"Lines are medians of {summary['draws']:,} draws; the dark bands hold half of the draws, the light ones 90 %.",
        when_reached(double, f"an hour's work is doubled ({milestone_label('labour_speedup>=2')})", end),
        when_reached(half, "half of today's hours are saved", end),
        "Dots: milestones, when half of the draws have reached them. Dashed: the most that perfect AI could do, as "
        "delegation takes attention (S_L) and experiments take their time (S_P); median and central 90 % of draws.",
        *(["Triangle: half of today's hours are saved."] if half["q50"] else []),
        "Hours are not value: an hour of hypothesis creation may be worth many.",
    )


def when_reached(found: Json, what: str, end: str) -> str:
    """Say when something comes about, or how likely it is to.

    Examples
    --------
    >>> when_reached({"probability": 0.7, "q50": "2031-05-27"}, "hours are halved", "2035-12-27")
    'In half of the draws hours are halved by May 2031.'
    >>> when_reached({"probability": 0.2, "q50": None}, "hours are halved", "2035-12-27")
    'In 20 % of the draws hours are halved by Dec 2035.'
    """
    if found["q50"] is None:
        return f"In {percent(found['probability'])} of the draws {what} by {month(end)}."
    return f"In half of the draws {what} by {month(found['q50'])}."
