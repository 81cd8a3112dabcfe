"""Figure: hours saved if an evaluation were solved (Owen 2024, table 4, computed)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from autosim.analysis.summary import Json
from autosim.plots.style import AMBER, BLUE, GREY, new_figure, percent_axis
from autosim.words import given_in_words, humanised, month, percent

WAYS = {
    "if_solved": ("common: better at everything alike", BLUE, "o", -0.17),
    "if_solved_specific": ("specific: better only at what it tests", AMBER, "D", 0.17),
}
_ROW = 0.32
_NUMBERS_AT = (1.12, 1.27, 1.44, 1.61)
_TABLE_4 = (
    'Owen 2024, table 4: the researchers expected from "hours or days in a multi-month project" (P8) to "60% of my '
    'time" (P4) if sparse attention were solved.'
)
_HEADS = ("common", "specific", "common", "specific")


def evaluations_solved(summary: Json) -> Figure:
    """Draw the hours saved at the reference date if each evaluation were solved, in two ways.

    Parameters
    ----------
    summary
        Of a run.
    """
    order = sorted(summary["evaluations"], key=lambda name: -_median(summary, name, "if_solved"))
    figure = new_figure(
        9.6,
        0.95 + _ROW * len(order),
        f"{summary['name']}: hours saved if an evaluation were solved",
        *_caption(summary, order),
        overrides=summary["overrides"],
        given=given_in_words(summary),
        legend=_legend(),
    )
    axes = figure.subplots()
    for row, name in enumerate(order):
        for key, (_, colour, marker, shift) in WAYS.items():
            _interval(axes, row + shift, summary["evaluations"][name][key]["time_saved_share"], colour, marker)
        _numbers(axes, row, summary["evaluations"][name])
    _finish(axes, [humanised(name) for name in order], _lowest(summary))
    return figure


def _median(summary: Json, name: str, key: str) -> float:
    middle = summary["evaluations"][name][key]["time_saved_share"]["q50"]
    return -1.0 if middle is None else float(middle)


def _lowest(summary: Json) -> float:
    lows = [entry[key]["time_saved_share"]["q05"] for entry in summary["evaluations"].values() for key in WAYS]
    return float(min([0.0, *(low for low in lows if low is not None)]))


def _legend() -> list[Line2D]:
    return [
        Line2D([], [], color=colour, marker=marker, markeredgecolor="black", label=label)
        for label, colour, marker, _ in WAYS.values()
    ]


def _interval(axes: Axes, row: float, saved: Json, colour: str, marker: str) -> None:
    """Median, and lines that hold half and 90 % of the draws in which the evaluation can be solved."""
    if saved["q50"] is None:
        return
    axes.plot([saved["q05"], saved["q95"]], [row, row], color=colour, linewidth=1.0)
    axes.plot([saved["q25"], saved["q75"]], [row, row], color=colour, linewidth=3.2, solid_capstyle="butt")
    axes.plot(saved["q50"], row, marker, color=colour, markeredgecolor="black", zorder=5)


def _numbers(axes: Axes, row: int, entry: Json) -> None:
    medians = ("–" if entry[key]["time_saved_share"]["q50"] is None else _signed(entry[key]) for key in WAYS)
    unsolvable = (percent(entry[key]["unsolvable"]) for key in WAYS)
    for column, words in zip(_NUMBERS_AT, (*medians, *unsolvable), strict=True):
        axes.text(column, row, words, ha="right", va="center", fontsize=7.5)


def _signed(answer: Json) -> str:
    return percent(answer["time_saved_share"]["q50"]).replace("-", "−")


def _finish(axes: Axes, labels: list[str], low: float) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlim(low - 0.02, _NUMBERS_AT[-1] + 0.02)
    percent_axis(axes, "x", [float(tick) for tick in np.arange(-0.2, 1.1, 0.2) if tick >= low - 0.02])
    axes.set_xlabel("share of today's hours saved [%]", loc="left")
    axes.axvline(0.0, color="black", linewidth=0.8)
    for row in range(1, len(labels), 2):
        axes.axhspan(row - 0.5, row + 0.5, color="#F5F5F5", linewidth=0, zorder=0)
    above = axes.get_xaxis_transform()
    for column, words in zip(_NUMBERS_AT, _HEADS, strict=True):
        axes.text(column, 1.0, words, ha="right", va="bottom", fontsize=7, color=GREY, transform=above)
    for right, words in ((_NUMBERS_AT[1], "median saved"), (_NUMBERS_AT[3], "cannot be solved")):
        axes.annotate(
            words,
            (right, 1.0),
            xycoords=above,
            xytext=(0, 12),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=7.5,
        )
    axes.grid(visible=False, axis="y")
    axes.tick_params(left=False)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_bounds(low - 0.02, 1.0)


def _caption(summary: Json, order: list[str]) -> list[str]:
    untold = {
        name: _median(summary, name, "if_solved") - _median(summary, name, "if_solved_specific") for name in order
    }
    widest = max(order, key=lambda name: untold[name])
    common, specific = (percent(_median(summary, widest, key)) for key in WAYS)
    said = [
        f"If an AI of {month(summary['reference_date'])} passed 90 % of the evaluation and everyone used it; dots are "
        f"medians of {summary['draws']:,} draws, thick lines hold half and thin lines 90 % of those draws in which it "
        "can be solved.",
        "The distance between the two ways is what an evaluation does not tell of the work it stands for. It is "
        f"largest for {humanised(widest)}: {common} of hours saved if AI got better at everything, {specific} if only "
        "at what it tests.",
    ]
    return [*said, _TABLE_4] if "sparse_attention" in order else said
