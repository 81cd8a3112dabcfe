"""A page of priors: each with its name, its density, its numbers and its source."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from autosim.inputs.distributions import Categorical, Continuous, Distribution, Point, base_of
from autosim.plots.style import BLUE, GREY, spread_out, wrapped

type Floats = NDArray[np.float64]

_WIDTH = 9.6
_MARGIN, _GAP = 0.12, 0.15
_TINY, _SMALL, _NAME = 5.5, 6.5, 8.0
_LINE, _NAME_LINE = 0.113, 0.15
"""Heights of a line of small type and of a name [in]."""

_HILL, _LEAST_ROW = 0.3, 0.56
_HEAD = 0.62
_TALLEST = 10.0
_SHOWN = np.array([0.05, 0.5, 0.95])
_ENDS = np.array([0.004, 0.996])
_POINTS = 160


@dataclass(frozen=True)
class Column:
    """Densities below each other.

    ``scale`` is ``own`` (each row has its own, and says its numbers), ``linear`` or ``log``; ``bounds`` of the latter.
    """

    head: str
    scale: str
    bounds: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True)
class Row:
    """A name, what stands small beneath it, one distribution a column, and where they come from."""

    name: str
    beneath: str
    cells: tuple[Distribution, ...]
    source: str


@dataclass(frozen=True)
class Layout:
    """Widths of the columns of a page [in]: names, each density, sources."""

    names: float
    density: float
    columns: int

    def at(self, column: int) -> float:
        """Left edge of a column of densities."""
        return _MARGIN + self.names + _GAP + column * (self.density + _GAP)

    @property
    def sources(self) -> float:
        """Width that is left for sources."""
        return _WIDTH - _MARGIN - self.at(self.columns)

    def height(self, row: Row) -> float:
        """Height that a row needs."""
        left = _NAME_LINE * len(self.name(row).splitlines()) + _LINE * len(self.beneath(row).splitlines())
        right = _LINE * len(self.source(row).splitlines())
        return max(_LEAST_ROW, left, right) + 0.1

    def name(self, row: Row) -> str:
        """A row's name, in lines."""
        return wrapped(row.name, self.names, _NAME, "bold")

    def beneath(self, row: Row) -> str:
        """What stands beneath a row's name, in lines."""
        return "\n".join(wrapped(line, self.names, _SMALL) for line in row.beneath.split("\n"))

    def source(self, row: Row) -> str:
        """A row's sources, in lines."""
        return "\n".join(wrapped(line, self.sources, _SMALL) for line in row.source.split("\n"))


def pages(rows: Sequence[Row], layout: Layout) -> list[list[Row]]:
    """Divide rows into pages of about the same height, which can be printed."""
    heights = [layout.height(row) for row in rows]
    full = sum(heights) / math.ceil(sum(heights) / _TALLEST)
    divided: list[list[Row]] = [[]]
    filled = 0.0
    for row, height in zip(rows, heights, strict=True):
        if filled + 0.5 * height > full:
            divided.append([])
            filled = 0.0
        divided[-1].append(row)
        filled += height
    return divided


def prior_page(title: str, says: str, columns: Sequence[Column], rows: Sequence[Row], layout: Layout) -> Figure:
    """Draw one page.

    Parameters
    ----------
    title
        Stands above it.
    says
        Caption below it.
    columns
        Of densities.
    rows
        At least one, each with as many cells as there are columns.
    layout
        Widths of the columns.
    """
    heights = [layout.height(row) for row in rows]
    caption = wrapped(says, _WIDTH - 2 * _MARGIN, _SMALL + 1.0)
    foot = 0.35 + 0.14 * len(caption.splitlines())
    body = sum(heights)
    whole = _HEAD + body + foot
    figure = Figure(figsize=(_WIDTH, whole))
    figure.text(_MARGIN / _WIDTH, 1.0 - 0.08 / whole, title, fontsize=11, fontweight="bold", va="top")
    figure.text(_MARGIN / _WIDTH, 0.07 / whole, caption, fontsize=_SMALL + 1.0, va="bottom")
    words = _axes(figure, 0.0, _WIDTH, foot, body)
    words.axis("off")
    words.set_xlim(0.0, _WIDTH)
    tops = np.concatenate([[0.0], np.cumsum(heights)])
    words.hlines(tops[:-1], 0.0, _WIDTH, color="#D0D0D0", linewidth=0.5)
    for top, row in zip(tops, rows, strict=False):
        _words(words, float(top), row, layout)
    for position, column in enumerate(columns):
        axes = _axes(figure, layout.at(position), layout.density, foot, body)
        _prepare(axes, column)
        _densities(axes, tops[:-1] + _HILL + 0.06, [row.cells[position] for row in rows], column)
    return figure


def _axes(figure: Figure, left: float, width: float, foot: float, body: float) -> Axes:
    """Axes at a place in inches, whose vertical coordinate is inches from their top."""
    whole = figure.get_figheight()
    axes = figure.add_axes((left / _WIDTH, foot / whole, width / _WIDTH, body / whole))
    axes.set_ylim(body, 0.0)
    axes.set_autoscale_on(False)
    return axes


def _words(axes: Axes, top: float, row: Row, layout: Layout) -> None:
    name = layout.name(row)
    axes.text(_MARGIN, top + 0.05, name, fontsize=_NAME, fontweight="bold", va="top")
    below = top + 0.05 + _NAME_LINE * len(name.splitlines())
    axes.text(_MARGIN, below, layout.beneath(row), fontsize=_SMALL, color=GREY, va="top")
    axes.text(layout.at(layout.columns), top + 0.06, layout.source(row), fontsize=_SMALL, va="top")


def _prepare(axes: Axes, column: Column) -> None:
    axes.set_title(column.head, fontsize=7.5, loc="left")
    axes.grid(visible=False, axis="y")
    axes.tick_params(left=False, labelleft=False, labelsize=6.5)
    axes.spines["left"].set_visible(False)
    axes.patch.set_visible(False)
    if column.scale == "own":
        axes.set_xlim(0.0, 1.0)
        axes.grid(visible=False)
        axes.tick_params(bottom=False, labelbottom=False)
        axes.spines["bottom"].set_visible(False)
        return
    axes.set_xlim(*column.bounds)
    if column.scale == "log":
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=4))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(2, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _densities(axes: Axes, bases: Floats, cells: Sequence[Distribution], column: Column) -> None:
    """Hills on lines with their medians and central 90 %, and the numbers beneath them."""
    hills, shown = [], np.empty((len(cells), len(_SHOWN)))
    for row, (base, cell) in enumerate(zip(bases, cells, strict=True)):
        own = column.scale == "own"
        low, high = own_bounds(cell) if own else column.bounds
        logarithmic = _is_log(cell) if own else column.scale == "log"
        x, height = density(cell, low, high, logarithmic=logarithmic)
        values = np.asarray(cell.quantile(_SHOWN), dtype=np.float64)
        if own:
            turn = np.log if logarithmic else np.asarray
            first, last = turn(np.array([low, high]))
            x, shown[row] = (turn(x) - first) / (last - first), (turn(values) - first) / (last - first)
            _numbers(axes, float(base), values, shown[row])
        else:
            shown[row] = values
            _summary(axes, float(base), values)
        ends = [(x[-1], base), (x[0], base)]
        hills.append([*zip(x, base - _HILL * height, strict=True), *ends])
    axes.add_collection(PolyCollection(hills, facecolor=BLUE, alpha=0.45, linewidth=0.0), autolim=False)
    axes.hlines(bases, shown[:, 0], shown[:, 2], color="black", linewidth=1.2, clip_on=False)
    axes.plot(shown[:, 1], bases, "o", color="white", markeredgecolor="black", markersize=3.6, clip_on=False, zorder=5)


def _numbers(axes: Axes, base: float, shown: Floats, places: Floats) -> None:
    """The 5 %, 50 % and 95 % quantiles beneath the line; one number if they are the same."""
    if shown[0] == shown[2]:
        axes.text(places[1], base + 0.05, f"{shown[1]:.3g}", fontsize=_SMALL, ha="center", va="top")
        return
    for value, place in zip(shown, spread_out(places.tolist(), 0.26, 0.11, 0.89), strict=True):
        axes.text(place, base + 0.05, f"{value:.3g}", fontsize=_SMALL, ha="center", va="top")


def _summary(axes: Axes, base: float, shown: Floats) -> None:
    """Median and central 90 % beneath the line."""
    low, middle, high = (f"{value:.{2 if abs(value) < 10.0 else 0}f}" for value in shown)
    said = middle if low == high else f"{middle} ({low}–{high})"
    axes.text(0.5, base + 0.04, said, fontsize=_TINY, ha="center", va="top", transform=axes.get_yaxis_transform())


def _is_log(distribution: Distribution) -> bool:
    base = base_of(distribution)
    return isinstance(base, Continuous) and base.family in ("lognormal", "loguniform")


def own_bounds(distribution: Distribution) -> tuple[float, float]:
    """Interval that holds nearly all of a distribution; never empty."""
    low, high = (float(value) for value in distribution.quantile(_ENDS))
    if low < high:
        return low, high
    return low - 0.5, high + 0.5


def density(distribution: Distribution, low: float, high: float, *, logarithmic: bool) -> tuple[Floats, Floats]:
    """Density of a distribution between two values, highest at 1.

    Parameters
    ----------
    distribution
        Any.
    low, high
        Between which it is drawn, ``low`` above 0 if logarithmic.
    logarithmic
        Whether it is the density of the logarithm, as a logarithmic axis wants it.

    Returns
    -------
    Positions and heights, equally many.
    """
    if isinstance(distribution, Point | Categorical):
        return _stems(distribution, low, high)
    edges = np.geomspace(low, high, _POINTS + 1) if logarithmic else np.linspace(low, high, _POINTS + 1)
    mass = np.diff(np.asarray(distribution.probability(edges), dtype=np.float64))
    middles = np.sqrt(edges[:-1] * edges[1:]) if logarithmic else 0.5 * (edges[:-1] + edges[1:])
    return middles, mass / (mass.max() or 1.0)


def _stems(distribution: Point | Categorical, low: float, high: float) -> tuple[Floats, Floats]:
    """Narrow columns where single values have all the mass."""
    values = np.array([distribution.value] if isinstance(distribution, Point) else distribution.values)
    shares = np.array([1.0] if isinstance(distribution, Point) else distribution.probabilities)
    half = 0.004 * (high - low)
    x = np.concatenate([[value - half, value - half, value + half, value + half] for value in values])
    heights = np.concatenate([[0.0, share, share, 0.0] for share in shares / shares.max()])
    return x, heights
