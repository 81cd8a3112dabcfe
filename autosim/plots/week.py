"""Figure: a person's week by task, from a time tracker."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from autosim.evidence.tracking.entries import NO_WORK, UNMATCHED, Time
from autosim.plots.style import house_style, new_figure
from autosim.whole import whole_file
from autosim.words import humanised

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ROW, _DARK = 0.3, 0.6
"""Height of a row [in], and the share of the largest cell above which letters are white."""

type Floats = NDArray[np.float64]


def draw_week(found: Time, tasks: Sequence[str], path: Path) -> None:
    """Draw hours by task and weekday into a file, whole or not at all.

    Raises
    ------
    autosim.errors.AutosimError
        If the disk refuses.
    """
    with house_style():
        figure = week(found, tasks)
        with whole_file(path, "--figure") as fresh:
            figure.savefig(fresh, metadata={"Date": None} if path.suffix == ".svg" else None)


def week(found: Time, tasks: Sequence[str]) -> Figure:
    """Draw hours by task and weekday, the mean over weeks (of all persons) where there are several.

    Parameters
    ----------
    found
        Time by person, task and day.
    tasks
        Those that rules know, which have a row even if they took no time.
    """
    hours, weeks = by_weekday(found, tasks)
    total, matched = hours.sum(), hours[: len(tasks)].sum()
    rows = [*map(humanised, tasks), "Unmatched", "No work"]
    order = [*np.argsort(-hours[: len(tasks)].sum(axis=1), kind="stable").tolist(), len(tasks), len(tasks) + 1]
    over = f", the mean of {weeks} weeks" if weeks > 1 else ""
    figure = new_figure(
        7.2,
        0.6 + _ROW * len(rows),
        "A week by task",
        f"Hours by weekday{over}; on the right, of the whole week, and their share of the time that was for a task: "
        f"{matched:.1f} of {total:.1f} hours. Unmatched: no rule says what it was.",
    )
    axes = figure.subplots()
    _cells(axes, hours[order])
    axes.set_yticks(range(len(rows)), [rows[i] for i in order])
    for row, i in enumerate(order):
        share = f"  {hours[i].sum() / matched:.0%}" if i < len(tasks) and matched else ""
        axes.text(6.6, row, f"{hours[i].sum():.1f} h{share}", va="center", fontsize=8)
    return figure


def _cells(axes: Axes, hours: Floats) -> None:
    largest = max(float(hours.max()), 1e-9)
    axes.imshow(hours, aspect="auto", cmap="Blues", vmin=0.0, vmax=1.15 * largest)
    for row, column in np.argwhere(hours >= 0.05):
        value = hours[row, column]
        colour = "white" if value > _DARK * largest else "black"
        axes.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(range(len(DAYS)), list(DAYS))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)


def by_weekday(found: Time, tasks: Sequence[str]) -> tuple[Floats, int]:
    """Hours by task and weekday, (task + 2, 7), the last two unmatched and no work; means over so many weeks."""
    rows = {name: i for i, name in enumerate((*tasks, UNMATCHED, NO_WORK))}
    hours, mondays = np.zeros((len(rows), len(DAYS))), set[tuple[str, date]]()
    for person, by_task in found.seconds.items():
        for (task, day), seconds in by_task.items():
            hours[rows[task], day.weekday()] += seconds / 3600.0
            mondays.add((person, day - timedelta(days=day.weekday())))
    weeks = max(1, len(mondays))
    return hours / weeks, weeks
