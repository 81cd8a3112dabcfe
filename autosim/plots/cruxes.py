"""Figure: the difference between two scenarios, step by step from one answer to the other."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from autosim.analysis.cruxes import Crux, Cruxes
from autosim.analysis.effects import Estimate
from autosim.plots.sensitivity import CAMP_FILLS, CAMP_WORDS, group_in_words, unit_of
from autosim.plots.style import GREY, new_figure, wrapped

_WIDE = 0.62


def waterfall(found: Cruxes) -> Figure:
    """Draw how one scenario's answer becomes the other's, group by group."""
    centre = "median" if "median" in found.answers else "mean"
    camps = [camp for camp in CAMP_FILLS if camp in {crux.camp for crux in found.groups}]
    figure = new_figure(
        max(6.0, 1.15 * (len(found.groups) + 2)),
        3.6,
        f"Why {found.titles[0]} and {found.titles[1]} disagree: {found.target.label}",
        *_caption(found, centre),
        legend=[CAMP_FILLS[camp].patch(CAMP_WORDS[camp]) for camp in camps],
    )
    axes = figure.subplots()
    ends, last = found.answers[centre], len(found.groups) + 1
    for column, value in zip((0, last), ends, strict=True):
        axes.bar(column, value, _WIDE, color="#8A8A8A", edgecolor="black", linewidth=0.6)
        _above(axes, column, value, found.target.said(value), "bold")
    level, tops = ends[0], [*ends]
    for column, crux in enumerate(found.groups, start=1):
        top = _step(axes, column, level, crux, _part(crux, centre))
        _above(axes, column, top, found.target.said_between(_part(crux, centre).value))
        level += _part(crux, centre).value
        tops += [top, level]
    axes.plot([last - 1 + _WIDE / 2, last + _WIDE / 2], [level, level], color=GREY, linewidth=0.8)
    names = [found.titles[0], *(group_in_words(crux.name) for crux in found.groups), found.titles[1]]
    broken = [name.replace(": ", ":\n") if ": " in name else name.replace(" ", "\n", 1) for name in names]
    axes.set_xticks(range(last + 1), broken, fontsize=7.5)
    axes.set_xlim(-0.6, last + 0.6)
    low, high = min(0.0, *tops), max(0.0, *tops)
    axes.set_ylim(low, high + 0.12 * ((high - low) or 1.0))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    said = (lambda value: f"{value:g}") if found.target.unit == "1" else found.target.said
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: said(round(value, 9))))
    axes.set_ylabel(wrapped(f"{centre} of {found.target.label} [{unit_of(found.target)}]", 3.2, 8.0), fontsize=8)
    axes.grid(visible=False, axis="x")
    return figure


def _step(axes: Axes, column: int, level: float, crux: Crux, part: Estimate) -> float:
    """One step from a level, with its interval; the highest point of it."""
    fill, ends = CAMP_FILLS[crux.camp], [level + part.low, level + part.high]
    axes.plot([column - 1 + _WIDE / 2, column + _WIDE / 2], [level, level], color=GREY, linewidth=0.8)
    look: dict[str, Any] = {"color": fill.colour, "hatch": fill.hatch, "edgecolor": fill.ink(), "linewidth": 0.6}
    axes.bar(column, part.value, _WIDE, bottom=level, **look)
    axes.plot([column, column], ends, color="black", linewidth=1.4)
    axes.plot([column, column], ends, "_", color="black", markersize=7)
    return max(level, *ends)


def _above(axes: Axes, column: int, top: float, words: str, weight: str = "normal") -> None:
    axes.annotate(
        words,
        (column, top),
        (0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=8,
        fontweight=weight,
    )


def _part(crux: Crux, centre: str) -> Estimate:
    return crux.median if centre == "median" and crux.median else crux.mean


def _caption(found: Cruxes, centre: str) -> list[str]:
    error = found.errors[centre]
    told = f"; their largest standard error is {error:.1%} of the difference".replace("%", " %") if error else ""
    return [
        found.sentence,
        "From left to right, each step gives the next group of assumptions to the other scenario. Steps are Shapley "
        "values, averages over all orders in which that can be done, and add up exactly; lines are 95 % intervals from "
        f"{found.draws:,} draws{told}.",
    ]
