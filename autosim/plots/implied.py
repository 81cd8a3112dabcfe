"""Figure: how likely a milestone is by the time a pass rate is reached, one row an evaluation."""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from autosim.analysis.summary import Json
from autosim.plots.style import BLUE, GREY, new_figure
from autosim.words import given_in_words, humanised, month, percent

_LEVELS = {0.1: ("o", "white"), 0.25: ("o", "#9ecae1"), 0.5: ("o", BLUE), 0.9: ("D", BLUE)}
"""Probabilities that are marked."""

_TICKS = (0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99)
_ENDS = 0.03, 0.993
_ROW = 0.235


def implied_rates(content: Json, milestone: str) -> Figure:
    """Draw the pass rates by which a milestone has become likely, by how much, a row for each evaluation.

    Parameters
    ----------
    content
        Of one scenario, from `autosim.analysis.instruments.instruments`.
    milestone
        One of those it was asked about, such as ``labour_speedup>=2``.
    """
    order, label = _order(content, milestone), content["solve_for"][milestone]
    said = [content["evaluations"][name]["implies"][milestone] for name in order]
    marked = {level for one in said for level in _marks(one)}
    figure = new_figure(
        8.4,
        0.8 + _ROW * len(order),
        f"{content['name']}: which pass rates imply {label}",
        *_caption(content, milestone, order),
        overrides=content["overrides"],
        given=given_in_words(content),
        legend=[_key(level) for level in _LEVELS if level in marked],
    )
    axes = figure.subplots()
    for row, one in enumerate(said):
        _row(axes, one, row)
    axes.set_yticks(range(len(order)), [humanised(name, long=True) for name in order], fontsize=7.5)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.tick_params(left=False)
    axes.set_xscale("logit")
    axes.set_xlim(*_ENDS)
    axes.xaxis.set_major_locator(FixedLocator(_TICKS))
    axes.xaxis.set_major_formatter(FixedFormatter([f"{100 * tick:.0f}" for tick in _TICKS]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("pass rate when it is first reached [%]", loc="left")
    axes.text(1.02, 1.0, "at the\nhighest", transform=axes.transAxes, fontsize=7.5, va="bottom")
    return figure


def _marks(said: Json) -> dict[float, float]:
    """Lowest pass rate at which the milestone has each probability that is marked."""
    curve = said["curve"]
    rates, likely = np.array(curve["pass_rate"], dtype=float), np.array(curve["probability"], dtype=float)
    found = {level: rates[likely >= level] for level in _LEVELS}
    return {level: float(above[0]) for level, above in found.items() if above.size}


def _key(level: float) -> Line2D:
    marker, fill = _LEVELS[level]
    look: dict[str, Any] = {"marker": marker, "markerfacecolor": fill, "markeredgecolor": "black"}
    return Line2D([], [], linestyle="none", label=f"{percent(level)} likely", **look)


def _row(axes: Axes, said: Json, row: int) -> None:
    marks = {level: float(np.clip(rate, *_ENDS)) for level, rate in _marks(said).items()}
    if marks:
        axes.plot([min(marks.values()), _ENDS[1]], [row, row], color=GREY, linewidth=1.2, zorder=2)
    for level, rate in marks.items():
        marker, fill = _LEVELS[level]
        look: dict[str, Any] = {
            "marker": marker,
            "markerfacecolor": fill,
            "markeredgecolor": "black",
            "markersize": 5.5,
        }
        axes.plot(rate, row, linestyle="none", zorder=3 + level, clip_on=False, **look)
    likely = "–" if said["highest"] is None else percent(said["highest"]["probability"])
    axes.text(1.02, row, likely, transform=axes.get_yaxis_transform(), fontsize=7.5, va="center")


def _order(content: Json, milestone: str) -> list[str]:
    """Evaluations by the pass rate that implies the milestone, lowest first; then the others, by likelihood."""

    def key(name: str) -> tuple[float, float]:
        said = content["evaluations"][name]["implies"][milestone]
        rate = said["50%"]["pass_rate"]
        likely = said["highest"]["probability"] if said["highest"] else 0.0
        return (math.inf, -likely) if rate is None else (rate, -likely)

    return sorted(content["evaluations"], key=key)


def _caption(content: Json, milestone: str, order: list[str]) -> list[str]:
    label = content["solve_for"][milestone]
    told = {name: content["evaluations"][name]["implies"][milestone] for name in order}
    half = [name for name in order if told[name]["50%"]["pass_rate"] is not None]
    said = [
        f"How high the pass rate must first be until {label} has been reached in so many of the draws that get there "
        f"by {month(content['dates'][-1])}. On the right, how many have at the highest rate up to 99 % of which enough "
        "draws tell."
    ]
    if half:
        first, last = half[0], half[-1]
        rates = [percent(told[name]["50%"]["pass_rate"]) for name in (first, last)]
        said.append(
            f"An even chance comes with {rates[0]} of {humanised(first, long=True)}, or {rates[1]} of "
            f"{humanised(last, long=True)}."
        )
    never = [name for name in order if told[name]["50%"]["pass_rate"] is None and told[name]["highest"]]
    if never:
        worst = min(never, key=lambda name: told[name]["highest"]["probability"])
        highest = told[worst]["highest"]
        said.append(
            f"{len(never)} of {len(order)} do not make it an even chance at any rate: at "
            f"{percent(highest['pass_rate'])} of {humanised(worst, long=True)} its probability is "
            f"{percent(highest['probability'])}."
        )
    sure = [name for name in order if told[name]["90%"]["pass_rate"] is not None]
    said.append(f"A probability of 90 % is reached by {len(sure)} of {len(order)}.")
    return said
