"""Figures: what lies between structures, and what each alternative of a structure leads to."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from autosim.analysis.summary import Json
from autosim.plots.speedups import shared_scale
from autosim.plots.style import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    decimal_years,
    new_figure,
    percent_axis,
    time_axis,
    wrapped,
)
from autosim.simulation.calendar import MONTHS
from autosim.words import alternative_label, between_structures, duration, given_in_words, month, number, percent

type Floats = NDArray[np.float64]
type Finish = Callable[[Axes, float], None]

MOST_DRAWN = 8
"""Alternatives that one panel holds; of more, those with most draws are drawn."""

_PANEL, _SMALL = 2.9, 7.5
_MOST_NAMED = 4
_TITLES = {
    "trajectory": "Shapes of the trajectory",
    "substitution": "Signs of substitution",
    "trajectory+substitution": "Both together",
    "outlook": "Outlooks",
}
_DRAWN_TOGETHER = 0.7
"""Part of the distance between two dates over which the alternatives' bars are spread."""


@dataclass(frozen=True)
class Look:
    """A line that is told from others without colour, too."""

    colour: str
    line: Literal["-"] | tuple[float, tuple[float, ...]]
    marker: str

    def line_of(self, axes: Axes, x: Floats, y: Floats) -> None:
        """Draw the line."""
        axes.plot(x, y, color=self.colour, linestyle=self.line, linewidth=1.6)

    def key(self, label: str) -> Line2D:
        """Key of a legend."""
        return Line2D(
            [], [], color=self.colour, linestyle=self.line, marker=self.marker, markeredgecolor="white", label=label
        )


LOOKS = (
    Look(BLUE, "-", "o"),
    Look(ORANGE, (0, (5.0, 1.5)), "s"),
    Look(GREEN, (0, (3.0, 1.0, 1.0, 1.0)), "^"),
    Look(GREY, (0, (1.0, 1.0)), "D"),
    Look(AMBER, "-", "v"),
    Look("#000000", (0, (5.0, 1.5)), "<"),
    Look("#CC79A7", (0, (3.0, 1.0, 1.0, 1.0)), ">"),
    Look("#56B4E9", (0, (1.0, 1.0)), "p"),
)
"""Of alternatives in their order, the same in every figure."""

_OUTPUTS = {
    "labour_speedup": "log S_L",
    "progress_multiplier": "log M",
    "p50_horizon_min": "log 50 % horizon",
    "time_saved_share": "hours saved",
    "software_log2": "log software",
}


def between(summary: Json) -> Figure:
    """Draw the share of the variance of the main outputs that lies between structures, over time.

    Parameters
    ----------
    summary
        Of a run in which some structure has more than one alternative.
    """
    found = summary["structure"]
    looks = dict(zip(_OUTPUTS, LOOKS, strict=False))
    figure = new_figure(
        max(5.4, 1.0 + _PANEL * len(found)),
        2.7,
        f"{summary['name']}: how much of the uncertainty lies between structures",
        "Share of the variance over draws that lies between alternatives, of which data so far cannot decide; the rest "
        "lies within each. Bands: two Monte Carlo standard errors either way.",
        *between_structures(summary),
        overrides=summary["overrides"],
        given=given_in_words(summary),
        legend=[look.key(_OUTPUTS[name]) for name, look in looks.items()],
    )
    panels = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
    years = decimal_years(summary["dates"][::MONTHS])
    top = 0.0
    for axes, (structure, entry) in zip(panels, found.items(), strict=True):
        for name, look in looks.items():
            share, error = (_numbers(entry["variance_share"][name][key]) for key in ("share", "mcse"))
            low, high = np.maximum(share - 2.0 * error, 0.0), np.minimum(share + 2.0 * error, 1.0)
            axes.fill_between(years, low, high, color=look.colour, alpha=0.2, linewidth=0)
            look.line_of(axes, years, share)
            axes.plot(years, share, look.marker, color=look.colour, markeredgecolor="white", markersize=5)
            top = max(top, *high[np.isfinite(high)].tolist(), 0.0)
        time_axis(axes, years, 4)
        axes.set_title(_with_weights(structure, entry["weights"]), fontsize=_SMALL)
    _share_axis(panels[0], top)
    return figure


def _with_weights(structure: str, weights: Json) -> str:
    """A panel's title: the structure, and how many of the draws follow which alternative."""
    named = ", ".join(f"{alternative_label(name)} {percent(weight)}" for name, weight in weights.items())
    told = named if len(weights) <= _MOST_NAMED else f"{len(weights)} alternatives"
    return f"{_TITLES[structure]}\n{wrapped(told, _PANEL - 0.4, _SMALL)}"


def _numbers(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values])


def _share_axis(axes: Axes, top: float) -> None:
    """Percent from 0 to just above the largest share."""
    step = next(step for step in (0.02, 0.05, 0.1, 0.2) if top <= 5.0 * step or step == 0.2)
    last = step * max(1, math.ceil(top / step - 1e-9))
    axes.set_ylim(-0.02 * last, 1.03 * last)
    percent_axis(axes, "y", np.arange(0.0, last + 0.5 * step, step).tolist())
    axes.set_ylabel("share of variance [%]")


def by_alternative(summary: Json, name: str) -> Figure:
    """Draw what each alternative of a structure leads to: medians, and bars that hold 80 % of its draws.

    Parameters
    ----------
    summary
        Of a run that is split by the structure.
    name
        Of the structure.
    """
    told = {one: found for one, found in summary["by"][name].items() if "series" in found}
    drawn = sorted(told, key=lambda one: -told[one]["draws"])[:MOST_DRAWN]
    drawn = [one for one in told if one in drawn]
    looks = dict(zip(drawn, islice(cycle(LOOKS), len(drawn)), strict=True))
    figure = new_figure(
        9.6,
        4.9,
        f"{summary['name']}: what follows by {name.replace('+', ' and ')}",
        *_caption(summary, name, drawn),
        overrides=summary["overrides"],
        given=given_in_words(summary),
        legend=[
            look.key(f"{alternative_label(one)}: {percent(told[one]['probability'])} of draws")
            for one, look in looks.items()
        ],
    )
    panels = figure.subplots(2, 2, sharex=True)
    years = decimal_years(summary["dates"])
    for axes, (series, finish) in zip(panels.flat, _PANELS.items(), strict=True):
        for position, (one, look) in enumerate(looks.items()):
            _alternative(axes, years, told[one]["series"][series], look, (position, len(looks)))
        time_axis(axes, years)
        finish(axes, max((max(told[one]["series"][series]["q90"]) for one in drawn), default=1.0))
    for axes in panels[0]:
        axes.set_xlabel("")
    return figure


def _alternative(axes: Axes, years: Floats, statistics: Json, look: Look, place: tuple[int, int]) -> None:
    """A median, and bars from the first to the last tenth at dates of its own, so that bars stand side by side."""
    low, middle, high = (np.array(statistics[quantile]) for quantile in ("q10", "q50", "q90"))
    look.line_of(axes, years, middle)
    position, count = place
    apart = 2 * MONTHS if len(years) > 4 * MONTHS else MONTHS // 2
    aside = round((position - 0.5 * (count - 1)) * _DRAWN_TOGETHER * apart / count)
    at = np.arange(apart // 2 + aside, len(years), apart)
    axes.vlines(years[at], low[at], high[at], color=look.colour, linewidth=1.3, alpha=0.8)
    axes.plot(years[at], middle[at], look.marker, color=look.colour, markeredgecolor="white", markersize=5, zorder=4)


def _speedup(title: str) -> Finish:
    def finish(axes: Axes, top: float) -> None:
        shared_scale(axes, top)
        axes.axhline(1.0, color="black", linewidth=0.8)
        axes.set_ylabel(f"{title} [1]")

    return finish


def _hours_saved(axes: Axes, _: float) -> None:
    low = min(axes.get_ylim()[0], 0.0)
    axes.set_ylim(max(low, -0.3), 1.0)
    percent_axis(axes, "y")
    axes.set_ylabel("hours saved [%]")


def _horizon(axes: Axes, top: float) -> None:
    low = axes.dataLim.y0
    axes.set_yscale("log")
    known = (1.0, 60.0, 480.0, 9.6e3, *(1.2e5 * 10.0**power for power in range(0, 30, 2)))
    ticks = [tick for tick in known if 0.5 * low <= tick <= 2.0 * top]
    axes.yaxis.set_major_locator(FixedLocator(ticks[:: max(1, len(ticks) // 6)]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _length(value)))
    axes.set_ylabel("50 % horizon [working time]")


def _length(minutes: float) -> str:
    """A duration that stays short where it is beyond all measure."""
    years = minutes / 1.2e5
    return duration(minutes) if years < 1e4 else f"{years:.0e} years"


_PANELS: dict[str, Finish] = {
    "labour_speedup": _speedup("labour speedup S_L"),
    "progress_multiplier": _speedup("progress multiplier M"),
    "time_saved_share": _hours_saved,
    "p50_horizon_min": _horizon,
}


def _caption(summary: Json, name: str, drawn: Sequence[str]) -> list[str]:
    alternatives = summary["by"][name]
    said = ["Lines are medians of the draws that follow an alternative; bars hold 80 % of these, side by side in time."]
    if len(drawn) > 1:
        ends = {one: alternatives[one]["series"]["labour_speedup"]["q50"][-1] for one in drawn}
        low, high = min(ends, key=lambda one: ends[one]), max(ends, key=lambda one: ends[one])
        told = f"{number(ends[low])} ({alternative_label(low)}) and {number(ends[high])} ({alternative_label(high)})"
        said.append(f"In {month(summary['dates'][-1])} the median S_L lies between {told}.")
    few = [alternative_label(one) for one, found in alternatives.items() if "series" not in found]
    if few:
        said.append(f"Too few draws to tell: {'; '.join(few)}.")
    more = len(alternatives) - len(few) - len(drawn)
    if more:
        said.append(f"The {len(drawn)} alternatives with most draws are drawn, of {len(drawn) + more}.")
    return said
