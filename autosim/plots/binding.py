"""Figure: what stands in the way of each task, at three dates."""

from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from autosim.analysis.summary import conditioning
from autosim.plots.style import BLUE, GREY, new_figure, percent_axis
from autosim.simulation.calendar import yearly
from autosim.simulation.run import Simulation
from autosim.words import given_in_words, humanised, month, percent

type Floats = NDArray[np.float64]

_ROW = 0.27
_DARK = 0.55
"""Part of the scale from which numbers are written in white."""


def what_binds(simulation: Simulation) -> Figure:
    """Draw the share of each task's failures that each bottleneck bears, with the hours that AI does beside it.

    Parameters
    ----------
    simulation
        A run; the first, the middle and the last of its years are drawn.
    """
    names = simulation.taxonomy
    days = simulation.dates[yearly(len(simulation.dates))]
    shown = sorted({0, (len(days) - 1) // 2, len(days) - 1})
    binding = simulation.outputs["binding"][:, shown].mean(axis=0, dtype=np.float64)
    automated = simulation.outputs["mode_share"][:, shown, :, 2:].sum(axis=-1).mean(axis=0, dtype=np.float64)
    figure = new_figure(
        9.6,
        1.55 + _ROW * len(names.tasks),
        f"{simulation.scenario.header.name}: what stands in the way",
        *_caption(simulation, binding, automated, [days[year] for year in shown]),
        overrides=simulation.scenario.header.overrides,
        given=given_in_words(conditioning(simulation)),
    )
    panels = figure.subplots(
        1, 2 * len(shown), sharey=True, squeeze=False, width_ratios=[len(names.bottlenecks), 2] * len(shown)
    )[0]
    darkest = float(binding.max())
    for position, year in enumerate(shown):
        _heat(panels[2 * position], binding[position], darkest)
        panels[2 * position].set_title(month(str(days[year])), fontweight="bold")
        panels[2 * position].set_xticks(
            range(len(names.bottlenecks)),
            [humanised(name) for name in names.bottlenecks],
            rotation=50,
            ha="right",
            rotation_mode="anchor",
        )
        _automated(panels[2 * position + 1], automated[position])
    panels[0].set_yticks(range(len(names.tasks)), [humanised(name) for name in names.tasks])
    return figure


def _heat(axes: Axes, shares: Floats, darkest: float) -> None:
    """Cells (task, bottleneck), the darker the larger the share, which is written in them."""
    axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=darkest, aspect="auto")
    for task, bottleneck in np.ndindex(shares.shape):
        share = shares[task, bottleneck]
        axes.text(
            bottleneck,
            task,
            f"{100.0 * share:.0f}",
            ha="center",
            va="center",
            fontsize=7,
            fontweight="bold" if share == shares[task].max() else "normal",
            color="white" if share > _DARK * darkest else "black",
        )
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _automated(axes: Axes, shares: Floats) -> None:
    """Bars of the hours that AI does, the number beside each."""
    rows = np.arange(len(shares))
    axes.barh(rows, shares, height=0.6, color=BLUE)
    axes.barh(rows, 1.0 - shares, left=shares, height=0.6, color="#EDEDED")
    for row, share in zip(rows, shares, strict=True):
        axes.text(1.05, float(row), percent(share), va="center", fontsize=7, color=GREY, clip_on=False)
    axes.set_xlim(0.0, 1.75)
    percent_axis(axes, "x", (0.0, 1.0))
    axes.set_title("hours AI\ndoes [%]", fontsize=7)
    axes.grid(visible=False)
    axes.tick_params(left=False)
    axes.spines[:].set_visible(False)


def _caption(simulation: Simulation, binding: Floats, automated: Floats, days: list[date]) -> list[str]:
    names, count = simulation.taxonomy, len(simulation.outputs["binding"])
    worst = np.bincount(binding[-1].argmax(axis=-1), minlength=len(names.bottlenecks))
    first, last = month(str(days[0])), month(str(days[-1]))
    least = int(automated[-1].argmin())
    rest = int(binding[-1, least].argmax())
    return [
        f"Share [%] of each task's failures that each bottleneck bears, mean over {count:,} draws; a row sums to 100. "
        "The darkest cell blocks most, the largest of a row is bold.",
        f"In {last} {humanised(names.bottlenecks[int(worst.argmax())]).lower()} blocks most in {worst.max()} of "
        f"{len(names.tasks)} tasks. Bars: share of the task's hours that AI does, verified or trusted; from {first} to "
        f"{last} it rises from {percent(float(automated[0].mean()))} to {percent(float(automated[-1].mean()))} in the "
        f"average task, and is least in {humanised(names.tasks[least]).lower()}, where "
        f"{humanised(names.bottlenecks[rest]).lower()} blocks most.",
    ]
