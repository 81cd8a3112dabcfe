"""Figures: several scenarios side by side."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from autosim.analysis.summary import Json
from autosim.dims import MODES
from autosim.plots.hours import MEANING, mode_shares, name_bands, stack
from autosim.plots.milestones import OUTCOMES, finish_outcomes, interval, outcome, row_label
from autosim.plots.speedups import PANELS, fan, last_value, shared_scale
from autosim.plots.style import MODE_FILLS, decimal_years, new_figure, time_axis, wrapped
from autosim.words import given_in_words, month, number, percent

_COLUMN = 2.3
_STACKS = 4
_ROW = 0.15
_HEAD = 1.6
"""Rows that a milestone's name takes, above its scenarios."""


def compared_speedups(summaries: Sequence[Json]) -> Figure:
    """Draw S_L, S_P and M of each scenario, one column a scenario, one scale a row.

    Parameters
    ----------
    summaries
        At least one, of runs with the same seed and draws.
    """
    width = max(5.0, 0.7 + _COLUMN * len(summaries))
    figure = new_figure(
        width,
        1.75 * len(PANELS) + 0.5,
        "How many times faster AI R&D goes than without AI",
        f"Lines are medians of {summaries[0]['draws']:,} draws each, the numbers their last values; dark bands hold "
        "half of the draws, light ones 90 %. A row has one scale.",
        *_fastest(summaries),
        "Hours are not value: an hour of hypothesis creation may be worth many.",
        overrides=summaries[0]["overrides"],
        given=_given(summaries),
    )
    panels = figure.subplots(len(PANELS), len(summaries), sharex=True, sharey="row", squeeze=False)
    for row, panel in zip(panels, PANELS, strict=True):
        for axes, summary in zip(row, summaries, strict=True):
            statistics, years = summary["series"][panel.series], decimal_years(summary["dates"])
            fan(axes, years, statistics, panel.colour)
            last_value(axes, years, statistics)
            axes.set_xlabel("")
        shared_scale(row[0], max(max(summary["series"][panel.series]["q95"]) for summary in summaries))
        row[0].set_ylabel(f"{panel.title} [1]\n{panel.counts}")
    for axes, summary in zip(panels[0], summaries, strict=True):
        axes.set_title(wrapped(summary["name"], _COLUMN - 0.5, 9.0, "bold"), fontweight="bold")
    _same_times(panels, summaries)
    return figure


def _same_times(panels: np.ndarray, summaries: Sequence[Json]) -> None:
    """Let every panel run from the first to the last date of any scenario."""
    years = [decimal_years(summary["dates"]) for summary in summaries]
    span = np.array([min(each[0] for each in years), max(each[-1] for each in years)])
    for axes in panels.flat:
        time_axis(axes, span, 4)
    for axes in panels[:-1].flat:
        axes.set_xlabel("")


def _fastest(summaries: Sequence[Json]) -> list[str]:
    if len(summaries) == 1:
        return []
    by_last = sorted(summaries, key=lambda summary: float(summary["series"]["labour_speedup"]["q50"][-1]))
    slow, fast = by_last[0], by_last[-1]
    low, high = (number(summary["series"]["labour_speedup"]["q50"][-1]) for summary in (slow, fast))
    return [f"By the end the median S_L lies between {low} ({slow['name']}) and {high} ({fast['name']})."]


def compared_hours(summaries: Sequence[Json]) -> Figure:
    """Draw who does the work in each scenario, one panel a scenario.

    Parameters
    ----------
    summaries
        At least one.
    """
    rows = math.ceil(len(summaries) / _STACKS)
    columns = math.ceil(len(summaries) / rows)
    figure = new_figure(
        max(5.0, 0.7 + (_COLUMN + 0.75) * columns),
        0.2 + 2.6 * rows,
        "Who does the work",
        f"Mean over {summaries[0]['draws']:,} draws of each scenario; beside each panel, the shares at the end.",
        MEANING,
        overrides=summaries[0]["overrides"],
        given=_given(summaries),
        legend=[MODE_FILLS[mode].patch(mode) for mode in MODES],
    )
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for position, axes in enumerate(panels.flat):
        if position >= len(summaries):
            axes.set_visible(False)
            continue
        shares = mode_shares(summaries[position])
        stack(axes, decimal_years(summaries[position]["dates"]), shares)
        name_bands(axes, shares[:, -1], apart=0.085)
        axes.set_title(wrapped(summaries[position]["name"], _COLUMN, 9.0, "bold"), fontweight="bold")
        axes.tick_params(labelbottom=position + columns >= len(summaries))
    _same_times(panels, summaries)
    for axes in panels[:, 0]:
        axes.set_ylabel("share of today's hours [%]")
    return figure


def compared_milestones(summaries: Sequence[Json]) -> Figure:
    """Draw when each milestone is reached in each scenario, and whether it is.

    Parameters
    ----------
    summaries
        At least one.
    """
    names, block = list(summaries[0]["milestones"]), len(summaries) + _HEAD
    figure = new_figure(
        9.6,
        0.8 + _ROW * block * len(names),
        "When milestones are reached, if they are",
        *_milestones_caption(summaries),
        overrides=summaries[0]["overrides"],
        given=_given(summaries),
        legend=[fill.patch(name) for name, fill in OUTCOMES.items()],
    )
    when, whether = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
    rows, labels = [], []
    for group, name in enumerate(names):
        head = group * block - 1.0
        when.text(0.0, head, f" {row_label(name)}", transform=when.get_yaxis_transform(), va="center", weight="bold")
        for row, summary in enumerate(summaries, start=1):
            interval(when, head + row, decimal_years(summary["dates"]), summary["milestones"][name])
            outcome(whether, head + row, summary["milestones"][name], height=0.75, size=6.5)
            rows.append(head + row)
            labels.append(wrapped(summary["name"], 2.0, 7.0).partition("\n")[0])
    when.set_yticks(rows, labels, fontsize=7)
    when.set_ylim(len(names) * block - _HEAD - 0.3, -_HEAD)
    _same_times(np.array([[when]]), summaries)
    when.grid(visible=False, axis="y")
    when.tick_params(axis="y", length=0)
    finish_outcomes(whether)
    return figure


def _milestones_caption(summaries: Sequence[Json]) -> list[str]:
    chances = {summary["name"]: summary["milestones"]["labour_speedup>=2"]["probability"] for summary in summaries}
    said = ", ".join(f"{percent(chance)} ({name})" for name, chance in chances.items())
    end = month(max(summary["dates"][-1] for summary in summaries))
    return [
        f"Line: from the date by which a tenth of all {summaries[0]['draws']:,} draws of a scenario have got there to "
        "that of nine tenths (arrow: later); dot: half. Bars: reached by the end, not reached in time, or out of "
        "reach, as perfect AI would not get there either.",
        f"Chance of doubling an hour's work (S_L of 2) by {end}: {said}.",
    ]


def _given(summaries: Sequence[Json]) -> str:
    """What all draws were conditioned on, and what each scenario's are worth."""
    said = given_in_words(summaries[0])
    worth = ", ".join(f"{int(summary['effective_draws']):,} ({summary['name']})" for summary in summaries)
    return f"{said.rpartition('; ')[0]}; they are worth {worth}." if said else ""
