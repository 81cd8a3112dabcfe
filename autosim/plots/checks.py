"""Figures of a fit's checks: the trend of horizons, and pass rates against length."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from autosim.inference.checks import P50, Checks, PassRates
from autosim.plots.style import BLUE, GREY, ORANGE, decimal_years, house_style, minutes_axis, new_figure, save
from autosim.words import humanised, month

type Floats = NDArray[np.float64]

COLUMNS = 3
_LINES = [
    Patch(facecolor=GREY, alpha=0.2, label="prior, 90 %"),
    Patch(facecolor=BLUE, alpha=0.3, label="posterior, 90 %"),
    Line2D([], [], color=BLUE, label="its median"),
]


def draw_checks(checks: Checks, folder: Path) -> None:
    """Draw all figures into a folder."""
    with house_style():
        for suite in dict.fromkeys(one.suite for one in checks.p50):
            save(trend([one for one in checks.p50 if one.suite == suite], suite), folder, f"trend-{suite}")
        for suite in dict.fromkeys(one.suite for one in checks.rates):
            save(pass_rates([one for one in checks.rates if one.suite == suite], suite), folder, f"pass-rates-{suite}")


def trend(models: list[P50], suite: str) -> Figure:
    """Draw p50 by release: the trend, each model about it, and what was published."""
    known = [one for one in models if np.isfinite(one.seen).all()]
    published = [Line2D([], [], color=ORANGE, marker="D", markersize=4, lw=1, label="published, 95 %")]
    key = [
        Patch(facecolor=BLUE, alpha=0.3, label="trend, 90 %"),
        Line2D([], [], color=BLUE, marker="o", markersize=4, lw=1, label="a model, 90 %"),
        *(published if known else []),
        Patch(facecolor=GREY, alpha=0.2, label="a model before the fit, 90 %"),
    ]
    beside = "beside what was published of it and" if known else "and"
    says = (
        f"Each model's 50 % time horizon as the posterior has it, {beside} the trend that frontier models scatter "
        "about. Open marks: models that were not the best when they came out.",
    )
    figure = new_figure(7.2, 3.8, f"50 % time horizons on {humanised(suite)}", *says, legend=key)
    axes = figure.subplots()
    years = decimal_years([str(one.release_date) for one in models])
    prior, band = (2.0 ** np.stack([getattr(one, name) for one in models], axis=1) for name in ("prior", "trend"))
    axes.fill_between(years, prior[0], prior[2], color=GREY, alpha=0.12, lw=0)
    axes.fill_between(years, band[0], band[2], color=BLUE, alpha=0.25, lw=0)
    axes.plot(years, band[1], color=BLUE, lw=1)
    for one, year in zip(models, years, strict=True):
        _bar(axes, year - 0.012, one.posterior, BLUE, "o", filled=one.frontier)
        if np.isfinite(one.seen).all():
            _bar(axes, year + 0.012, one.seen, ORANGE, "D", filled=one.frontier)
    told = np.stack([one.seen for one in known] or [one.posterior for one in models])
    low, high = min(told.min(), np.log2(band[1]).min()), max(told.max(), np.log2(band[1]).max())
    axes.set_ylim(2.0 ** (low - 1.0), 2.0 ** (high + 1.0))
    minutes_axis(axes, "y")
    axes.set_ylabel("p50")
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: month(_day(value))))
    axes.set_xlabel("release")
    return figure


def _day(year: float) -> str:
    """The month in which a decimal year lies, as its first day."""
    return f"{int(year)}-{min(12, int(12 * (year % 1.0) + 1.0)):02d}-01"


def _bar(axes: Axes, year: float, log2: Floats, colour: str, marker: str, *, filled: bool) -> None:
    low, middle, high = 2.0**log2
    axes.plot([year, year], [low, high], color=colour, lw=0.9)
    axes.plot(year, middle, marker, color=colour, markersize=4, markerfacecolor=colour if filled else "white")


def pass_rates(models: list[PassRates], suite: str) -> Figure:
    """Draw pass rate by length, one panel per model: prior and posterior bands, and what was seen."""
    rows = -(-len(models) // COLUMNS)
    says = (
        "Dots: the share of attempts that succeeded, by length of the task. The bands are what prior and posterior "
        "foretell for as many new tasks of these lengths and as many attempts.",
    )
    key = [*_LINES, Line2D([], [], color=ORANGE, marker="o", markersize=4, lw=0, label="seen")]
    figure = new_figure(8.4, 1.9 * rows + 0.4, f"Pass rate against length on {humanised(suite)}", *says, legend=key)
    panels = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False)
    for axes, one in zip(panels.flat, models, strict=False):
        minutes = 2.0**one.log2_minutes
        axes.fill_between(minutes, one.prior[0], one.prior[2], color=GREY, alpha=0.15, lw=0)
        axes.fill_between(minutes, one.posterior[0], one.posterior[2], color=BLUE, alpha=0.3, lw=0)
        axes.plot(minutes, one.posterior[1], color=BLUE, lw=1)
        axes.plot(minutes, one.seen, "o", color=ORANGE, markersize=4)
        minutes_axis(axes, "x")
        axes.tick_params(axis="x", labelsize=6)
        axes.set_ylim(-0.03, 1.03)
        axes.set_title(one.model)
    for axes in panels.flat[len(models) :]:
        axes.set_axis_off()
    for axes in panels.flat[max(len(models) - COLUMNS, 0) : len(models)]:
        axes.tick_params(labelbottom=True)
        axes.set_xlabel("length of the task")
    for axes in panels[:, 0]:
        axes.set_ylabel("pass rate")
    return figure
