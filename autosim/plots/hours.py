"""Figures: how hours are worked (by hand, assisted, delegated), whole and task by task."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from autosim.analysis.summary import Json, conditioning
from autosim.dims import MODES
from autosim.plots.style import (
    MODE_FILLS,
    decimal_years,
    new_figure,
    percent_axis,
    spread_out,
    time_axis,
)
from autosim.simulation.calendar import yearly
from autosim.simulation.run import Simulation
from autosim.words import given_in_words, humanised, month, percent

type Floats = NDArray[np.float64]

MEANING = (
    "Manual: without AI. Assisted: by a human with help on short pieces. Verified: done by AI and inspected. Trusted: "
    "done by AI, and nobody checks."
)
_COLUMNS = 4


def hours_by_mode(summary: Json) -> Figure:
    """Draw the mean share of hours in each mode, stacked over time.

    Parameters
    ----------
    summary
        Of a run.
    """
    shares = mode_shares(summary)
    by_hand, to_ai = shares[0, -1] + shares[1, -1], shares[2, -1] + shares[3, -1]
    figure = new_figure(
        7.2,
        3.6,
        f"{summary['name']}: who does the work",
        f"Mean over {summary['draws']:,} draws of how today's hours of work are done. By {month(summary['dates'][-1])} "
        f"AI does {percent(to_ai)} of them, and humans, with or without help, {percent(by_hand)}.",
        MEANING,
        overrides=summary["overrides"],
        given=given_in_words(summary),
        legend=[MODE_FILLS[mode].patch(mode) for mode in MODES],
    )
    axes = figure.subplots()
    years = decimal_years(summary["dates"])
    stack(axes, years, shares)
    axes.set_ylabel("share of today's hours of work [%]")
    name_bands(axes, shares[:, -1])
    return figure


def mode_shares(summary: Json) -> Floats:
    """Mean shares of hours by mode and date, (mode, date), from a run's summary."""
    mean = {name: np.array(summary["series"][f"{name}_share"]["mean"]) for name in ("assisted", "delegated", "trusted")}
    manual = 1.0 - mean["assisted"] - mean["delegated"]
    return np.stack([manual, mean["assisted"], mean["delegated"] - mean["trusted"], mean["trusted"]])


def stack(axes: Axes, years: Floats, shares: Floats) -> None:
    """Stack the modes, trusted at the bottom so that what AI does alone stands on the axis.

    Parameters
    ----------
    years
        (date,).
    shares
        (mode, date) [1], summing to 1 over modes.
    """
    bottom = np.zeros(len(years))
    for mode, share in reversed(list(zip(MODES, shares, strict=True))):
        fill = MODE_FILLS[mode]
        top = bottom + np.maximum(share, 0.0)
        axes.fill_between(
            years, bottom, top, facecolor=fill.colour, hatch=fill.hatch, edgecolor=fill.ink(), linewidth=0.0
        )
        axes.plot(years, top, color="white", linewidth=0.8)
        bottom = top
    time_axis(axes, years)
    axes.set_ylim(0.0, 1.0)
    axes.grid(visible=False)
    percent_axis(axes, "y")


def name_bands(axes: Axes, last: Floats, apart: float = 0.055) -> None:
    """Write each mode's final share beside its band.

    Parameters
    ----------
    last
        (mode,) [1].
    apart
        Least distance between the labels, relative to the panel's height.
    """
    tops = np.cumsum(last[::-1])[::-1]
    places = spread_out([float(top - share / 2.0) for top, share in zip(tops, last, strict=True)], apart, 0.02, 0.98)
    for mode, share, place in zip(MODES, last, places, strict=True):
        axes.annotate(
            f"{mode} {percent(share)}",
            (1.0, place),
            xycoords="axes fraction",
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
        )


def hours_by_mode_per_task(simulation: Simulation) -> Figure:
    """Draw the mean share of each task's hours by mode, one small panel a task.

    Parameters
    ----------
    simulation
        A run; its yearly mode shares are drawn.
    """
    outputs, names = simulation.outputs["mode_share"], simulation.taxonomy.tasks
    mean = outputs.mean(axis=0, dtype=np.float64)
    days = [str(day) for day in simulation.dates[yearly(len(simulation.dates))]]
    to_ai = mean[-1, :, 2:].sum(axis=-1)
    most, least = int(to_ai.argmax()), int(to_ai.argmin())
    rows = math.ceil(len(names) / _COLUMNS)
    figure = new_figure(
        9.6,
        0.4 + 1.55 * rows,
        f"{simulation.scenario.header.name}: who does the work, task by task",
        f"Mean over {len(outputs):,} draws; beside each task's name, what AI does alone in {month(days[-1])}, verified "
        f"or trusted. It takes over most of {humanised(names[most]).lower()} ({percent(to_ai[most])}) and least of "
        f"{humanised(names[least]).lower()} ({percent(to_ai[least])}).",
        MEANING,
        overrides=simulation.scenario.header.overrides,
        given=given_in_words(conditioning(simulation)),
        legend=[MODE_FILLS[mode].patch(mode) for mode in MODES],
    )
    panels = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False)
    years = decimal_years(days)
    for task, axes in enumerate(panels.flat):
        if task >= len(names):
            axes.set_visible(False)
            continue
        stack(axes, years, mean[:, task].T)
        axes.set_title(f"{humanised(names[task])} {percent(to_ai[task])}", fontsize=8)
        axes.tick_params(labelbottom=task + _COLUMNS >= len(names))
        axes.set_xlabel("year" if task // _COLUMNS == rows - 1 else "")
    panels[rows // 2, 0].set_ylabel("share of the task's hours [%]")
    return figure
