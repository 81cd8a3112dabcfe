"""Figure: how much faster work, one project and R&D go, over time."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from autosim.analysis.statistics import STATISTICS, statistics_of
from autosim.plots.style import BLUE, GREEN, ORANGE
from autosim.simulation.run import Simulation

PANELS = (
    ("labour_speedup", "Labour speedup S_L", "researchers' hours", BLUE),
    ("project_speedup", "Project speedup S_P", "one project's calendar", ORANGE),
    ("progress_multiplier", "Progress multiplier M", "software R&D progress", GREEN),
)


def speedups(simulation: Simulation) -> Figure:
    """Draw S_L, S_P and M over time on one scale, with 50 % and 90 % bands of the draws.

    Parameters
    ----------
    simulation
        Every output of a scenario.
    """
    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    panels = figure.subplots(1, len(PANELS), sharey=True)
    tops = []
    for axes, (name, title, what, colour) in zip(panels, PANELS, strict=True):
        statistics = dict(zip(STATISTICS, statistics_of(simulation, name), strict=True))
        _fan(axes, simulation, statistics, colour)
        axes.set_title(f"{title}\n{what}")
        tops.append(statistics["q95"].max())
    _shared_scale(panels[0], max(tops))
    panels[0].set_ylabel("times faster than without AI [1]")
    header = simulation.scenario.header
    figure.suptitle(f"{header.name}: how much faster AI R&D goes", x=0.01, ha="left", fontweight="bold")
    figure.supxlabel(
        f"Line: median; dark band: central 50 %, light band: central 90 % of {len(simulation):,} draws. "
        "Hours, not value: an hour of hypothesis creation may be worth many.",
        fontsize=8,
    )
    return figure


def _fan(axes: Axes, simulation: Simulation, statistics: dict[str, np.ndarray], colour: str) -> None:
    days = np.array(simulation.dates, dtype="datetime64[D]")
    axes.fill_between(days, statistics["q05"], statistics["q95"], color=colour, alpha=0.20, linewidth=0)
    axes.fill_between(days, statistics["q25"], statistics["q75"], color=colour, alpha=0.40, linewidth=0)
    axes.plot(days, statistics["q50"], color=colour, linewidth=2)
    axes.axhline(1.0, color="black", linewidth=0.8)
    last = float(statistics["q50"][-1])
    axes.annotate(
        f"{last:.3g}×", (days[-1], last), xytext=(0, 5), textcoords="offset points", ha="right", fontweight="bold"
    )


def _shared_scale(axes: Axes, top: float) -> None:
    """Scale logarithmically where values spread over more than a factor of three, linearly otherwise."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    if top <= 3.0:
        axes.set_ylim(min(0.9, axes.get_ylim()[0]), max(1.5, 1.05 * top))
        return
    axes.set_yscale("log")
    axes.set_ylim(min(0.9, axes.get_ylim()[0]), 1.15 * top)
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())
