"""Figure of simulation-based calibration: how far the distribution of ranks is from a uniform one."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from autosim.calibration.ranking import RANKS, ecdf, simultaneous_band
from autosim.plots.style import BLUE, GREY, ORANGE, new_figure

type Ranks = Mapping[str, NDArray[np.int64]]

_COLUMNS = 4
_REACH = 1.35
"""Height of a panel, as a multiple of the band's."""


def rank_differences(groups: Mapping[str, Ranks], title: str) -> Figure:
    """Draw the ECDF of ranks less that of uniform ones, a panel for each group, a line for each quantity.

    Parameters
    ----------
    groups
        Ranks of the truth, 0 to 99, by quantity, by group; as many of each.
    title
        What was fitted.
    """
    count = next(len(found) for group in groups.values() for found in group.values())
    key = [
        Line2D([], [], color=BLUE, linewidth=1.2, label="a quantity, within the band"),
        Line2D([], [], color=ORANGE, linewidth=1.6, linestyle=(0, (4, 1.5)), label="a quantity that leaves it"),
        Patch(facecolor=GREY, alpha=0.25, label="95 % of uniform ECDFs lie within, whole"),
    ]
    says = (
        f"Share of {count} fits in which the truth ranks below so many of 99 posterior draws, less what it would be "
        "were ranks uniform. Above 0 on the left and below on the right: posteriors too narrow; above 0 throughout: "
        "posteriors lie too high. Of many quantities, one in twenty leaves its own band by chance.",
    )
    rows = -(-len(groups) // _COLUMNS)
    figure = new_figure(8.4, 0.5 + 1.55 * rows, f"{title}: ranks of the truth", *says, legend=key)
    panels = figure.subplots(rows, min(_COLUMNS, len(groups)), sharex=True, sharey=True, squeeze=False)
    band = simultaneous_band(count)
    for place, axes in enumerate(panels.flat):
        axes.set_visible(place < len(groups))
        if place + _COLUMNS >= len(groups):  # the lowest of its column
            axes.tick_params(labelbottom=True)
            axes.set_xlabel("rank among 99 draws [1]")
    for row in panels:
        row[0].set_ylabel("ECDF difference [1]")
    for axes, (name, group) in zip(panels.flat, groups.items(), strict=False):
        _panel(axes, group, band)
        axes.set_title(f"{name} ({len(group)})" if len(group) > 1 else name)
    _limits(panels[0, 0], groups, band)
    return figure


def _panel(axes: Axes, group: Ranks, band: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
    at = np.arange(1, RANKS)
    low, high = (end - at / RANKS for end in band)
    axes.fill_between(at, low, high, color=GREY, alpha=0.2, linewidth=0, step="mid")
    axes.axhline(0.0, color="black", linewidth=0.7)
    for outside in (False, True):
        for found in group.values():
            apart = ecdf(found) - at / RANKS
            if leaves(found, band) is outside:
                style = {"color": ORANGE, "linewidth": 1.4, "linestyle": (0, (4, 1.5))} if outside else {
                    "color": BLUE, "linewidth": 0.8, "alpha": max(0.25, 1.0 / len(group) ** 0.4)}  # fmt: skip
                axes.step(at, apart, where="mid", **style)


def leaves(found: NDArray[np.int64], band: tuple[NDArray[np.float64], NDArray[np.float64]]) -> bool:
    """Whether the ECDF of ranks is outside a simultaneous band anywhere."""
    share = ecdf(found)
    return bool(((share < band[0] - 1e-12) | (share > band[1] + 1e-12)).any())


def _limits(axes: Axes, groups: Mapping[str, Ranks], band: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
    at = np.arange(1, RANKS) / RANKS
    widest = max(float(np.abs(end - at).max()) for end in band) * _REACH
    farthest = max(float(np.abs(ecdf(found) - at).max()) for group in groups.values() for found in group.values())
    reach = max(widest, 1.05 * farthest)
    axes.set_ylim(-reach, reach)
    axes.set_xlim(0, RANKS)
    axes.set_xticks([0, 25, 50, 75, 100])
