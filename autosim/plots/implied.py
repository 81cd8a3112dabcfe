"""Figure: how likely a milestone is by the time a pass rate is reached, one panel an evaluation."""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from autosim.analysis.summary import Json
from autosim.plots.style import BLUE, GREY, new_figure, percent_axis, wrapped
from autosim.words import given_in_words, humanised, month, percent

_COLUMNS = 6
_WANTED = {"50%": ("o", 0.5), "90%": ("D", 0.9)}


def implied_rates(content: Json, milestone: str) -> Figure:
    """Draw the probability of a milestone against the pass rate that has just been reached.

    Parameters
    ----------
    content
        Of one scenario, from `autosim.analysis.instruments.instruments`.
    milestone
        One of those it was asked about, such as ``labour_speedup>=2``.
    """
    order, label = _order(content, milestone), content["solve_for"][milestone]
    rows = math.ceil(len(order) / _COLUMNS)
    figure = new_figure(
        9.6,
        0.35 + 1.72 * rows,
        f"{content['name']}: which pass rates imply {label}",
        *_caption(content, milestone, order),
        overrides=content["overrides"],
        given=given_in_words(content),
        legend=_legend(),
    )
    panels = figure.subplots(rows, min(_COLUMNS, len(order)), sharex=True, sharey=True, squeeze=False)
    for position, axes in enumerate(panels.flat):
        if position >= len(order):
            axes.set_visible(False)
            continue
        _panel(axes, content["evaluations"][order[position]]["implies"][milestone])
        axes.set_title(wrapped(humanised(order[position], long=True), 1.32, 7.5), fontsize=7.5, va="bottom")
        last = position + _COLUMNS >= len(order)
        axes.tick_params(labelbottom=last)
        axes.set_xlabel("pass rate [%]" if last else "", fontsize=7.5)
    for row in panels[:, 0]:
        row.set_ylabel("probability [%]", fontsize=7.5)
    return figure


def _order(content: Json, milestone: str) -> list[str]:
    """Evaluations by the pass rate that implies the milestone, lowest first; then the others, by likelihood."""

    def key(name: str) -> tuple[float, float]:
        said = content["evaluations"][name]["implies"][milestone]
        rate = said["50%"]["pass_rate"]
        likely = said["highest"]["probability"] if said["highest"] else 0.0
        return (math.inf, -likely) if rate is None else (rate, -likely)

    return sorted(content["evaluations"], key=key)


def _legend() -> list[Line2D]:
    curve = Line2D([], [], color=BLUE, linewidth=1.8, label="probability, with a 95 % interval")
    reached = Line2D([], [], color=GREY, linewidth=1.0, linestyle=":", label="draws that get there")
    marks = [
        Line2D([], [], linestyle="none", marker=marker, color=BLUE, markeredgecolor="black", label=percent(level))
        for marker, level in _WANTED.values()
    ]
    return [curve, reached, *marks]


def _panel(axes: Axes, said: Json) -> None:
    curve = said["curve"]
    axes.fill_between(curve["pass_rate"], curve["low"], curve["high"], color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(curve["pass_rate"], curve["probability"], color=BLUE, linewidth=1.8)
    axes.plot(curve["pass_rate"], curve["reached"], color=GREY, linewidth=1.0, linestyle=":")
    for name, (marker, level) in _WANTED.items():
        rate = said[name]["pass_rate"]
        if rate is not None:
            axes.plot(rate, level, marker, color=BLUE, markeredgecolor="black", markersize=4.5, zorder=5, clip_on=False)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.0)
    axes.set_box_aspect(0.8)
    percent_axis(axes, "x", (0.0, 0.5, 1.0))
    percent_axis(axes, "y", (0.0, 0.5, 1.0))
    said_in = "never" if said["50%"]["pass_rate"] is None else f"{100.0 * said['50%']['pass_rate']:.0f} %"
    axes.text(0.04, 0.95, said_in, transform=axes.transAxes, va="top", fontsize=7.5, fontweight="bold")


def _caption(content: Json, milestone: str, order: list[str]) -> list[str]:
    label = content["solve_for"][milestone]
    told = {name: content["evaluations"][name]["implies"][milestone] for name in order}
    half = [name for name in order if told[name]["50%"]["pass_rate"] is not None]
    said = [
        f"Share of draws in which {label} has been reached by the month in which the pass rate first is so high, among "
        f"the draws that get there by {month(content['dates'][-1])} (dotted: how many do). In bold the rate at which "
        "half of them have."
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
            f"{len(never)} of {len(order)} do not imply it at any rate: at {percent(highest['pass_rate'])} of "
            f"{humanised(worst, long=True)} its probability is {percent(highest['probability'])}."
        )
    sure = [name for name in order if told[name]["90%"]["pass_rate"] is not None]
    said.append(f"A probability of 90 % is reached by {len(sure)} of {len(order)}.")
    return said
