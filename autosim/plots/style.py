"""How figures look: one style, readable in grey and by the colour-blind, the same bytes for the same numbers."""

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib import style
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Patch
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import NDArray

from autosim.simulation.calendar import decimal_year
from autosim.words import duration, with_overrides

BLUE, ORANGE, GREEN, AMBER, GREY = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#5A5A5A"
"""From the palette of Okabe and Ito (2008). Blue and amber differ in lightness too."""

_SHEET = Path(__file__).with_name("house.mplstyle")
_POINTS = 72.0
_SPACE = 0.35
"""Width of a space relative to the size of the letters, in bold type, the wider."""
_LINE = 1.25
_TITLE_SIZE, _CAPTION_SIZE = 11.0, 8.0
_LEGEND_HEIGHT = 0.26
_LEGEND_SIZE = 8.0
_LEGEND_GAP = 0.5
"""Width of a key's handle and of what keeps it from the next key [in]."""


@dataclass(frozen=True)
class Fill:
    """How an area looks: ``colour`` for those who see it, ``hatch`` and lightness for all others."""

    colour: str
    hatch: str = ""

    def patch(self, label: str) -> Patch:
        """Key of a legend."""
        return Patch(facecolor=self.colour, hatch=self.hatch, edgecolor=self.ink(), linewidth=0.5, label=label)

    def ink(self) -> str:
        """What shows up on it."""
        red, green, blue = (int(self.colour[i : i + 2], 16) for i in (1, 3, 5))
        return "#FFFFFF" if 0.3 * red + 0.59 * green + 0.11 * blue < 140 else "#444444"


MODE_FILLS = {
    "manual": Fill("#F1F1F1"),
    "assisted": Fill("#C6DCEC", "---"),
    "verified": Fill("#5A9BD0", "////"),
    "trusted": Fill("#0B3866"),
}
"""The darker, the less a human does."""


@contextmanager
def house_style() -> Iterator[None]:
    """Draw with the house's settings, and leave the user's own alone."""
    with style.context(_SHEET), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)  # a user's names, in any script
        yield


def save(figure: Figure, folder: Path, name: str) -> None:
    """Write a figure as PNG and SVG, laid out once, without dates in the files."""
    if figure.get_layout_engine():
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
    figure.savefig(folder / f"{name}.png", metadata={"Software": None})
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})


def new_figure(
    width: float,
    height: float,
    title: str,
    *says: str,
    overrides: Sequence[str] = (),
    given: str = "",
    legend: Sequence[Artist] = (),
) -> Figure:
    """Begin a figure: title and legend above the panels, caption below them.

    Parameters
    ----------
    width, height
        Of the panels with their labels [in]; the figure is as much higher as the words around them need.
    title
        What the figure is about.
    says
        Sentences of the caption: what to see.
    overrides
        What was laid over the scenario that the title names; the caption ends with it.
    given
        A sentence on what the draws were conditioned on, if on anything; it stands before that.
    legend
        What the panels share, in one row if there is room for it.
    """
    above = wrapped(title, width - 0.2, _TITLE_SIZE, "bold")
    changed = (f"The scenario is taken {with_overrides(overrides)}.",) if overrides else ()
    below = wrapped(" ".join((*says, *filter(None, (given,)), *changed)), width - 0.2, _CAPTION_SIZE)
    title_height = _height(above, _TITLE_SIZE)
    columns = _legend_columns(legend, width - 0.2)
    top = title_height + (_LEGEND_HEIGHT * math.ceil(len(legend) / columns) if legend else 0.0)
    bottom = _height(below, _CAPTION_SIZE)
    whole = top + height + bottom
    room = ConstrainedLayoutEngine(rect=(0.0, bottom / whole, 1.0, height / whole))
    figure = Figure(figsize=(width, whole), layout=room)
    left = 0.1 / width
    figure.text(left, 1.0 - 0.06 / whole, above, fontsize=_TITLE_SIZE, fontweight="bold", va="top")
    figure.text(left, 0.06 / whole, below, fontsize=_CAPTION_SIZE, va="bottom", linespacing=_LINE)
    if legend:
        corner = (left, 1.0 - title_height / whole)
        figure.legend(handles=list(legend), loc="upper left", bbox_to_anchor=corner, ncols=columns)
    return figure


def _legend_columns(legend: Sequence[Artist], inches: float) -> int:
    """Keys of a legend that stand side by side, with their handles and what keeps them apart."""
    widest = [_width(str(artist.get_label()), _LEGEND_SIZE, "normal") + _LEGEND_GAP for artist in legend]
    return next((count for count in range(len(widest), 1, -1) if _row_of(widest, count) <= inches), 1)


def _row_of(widths: Sequence[float], columns: int) -> float:
    """Width of a legend that is filled column by column, the first ones longer where it does not come out even [in]."""
    return float(sum(column.max() for column in np.array_split(np.array(widths), columns)))


def _height(text: str, size: float) -> float:
    """Height of lines of text, with what keeps them apart from others [in]."""
    return 0.14 + (text.count("\n") + 1) * size * _LINE / _POINTS


def wrapped(text: str, inches: float, size: float, weight: str = "normal") -> str:
    r"""Break text into lines of at most so many inches, where words allow it, at a size in points.

    Percentages stay together.

    Examples
    --------
    >>> wrapped("what stands in the way", 0.8, 8.0)
    'what stands\nin the way'
    """
    lines: list[str] = []
    for word in filter(None, text.replace(" %", "\u00a0%").split(" ")):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(longer, size, weight) <= inches:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def _width(text: str, size: float, weight: str) -> float:
    """Width of a line of text [in]."""
    words = (_word_width(word, weight) for word in text.split(" "))
    return (sum(words) + text.count(" ") * _SPACE) * size / _POINTS


@cache
def _word_width(word: str, weight: str) -> float:
    """Width of a word relative to the size of the letters."""
    font = FontProperties(family="DejaVu Sans", weight=weight, size=1.0)
    return float(text_to_path.get_text_width_height_descent(word, font, ismath=False)[0])


def decimal_years(days: Sequence[str]) -> NDArray[np.float64]:
    """ISO dates as years with a fraction, equally spaced for equal days of successive months.

    Examples
    --------
    >>> decimal_years(["2024-08-27", "2025-08-27"]).round(3).tolist()
    [2024.653, 2025.653]
    """
    return np.array([decimal_year(date.fromisoformat(day)) for day in days])


def time_axis(axes: Axes, years: NDArray[np.float64], ticks: int = 6) -> None:
    """Make the horizontal axis one of calendar years."""
    axes.set_xlabel("year")
    axes.set_xlim(years[0], max(years[-1], years[0] + 0.1))
    axes.xaxis.set_major_locator(MaxNLocator(ticks, integer=True, steps=[1, 2, 3, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))


def percent_axis(axes: Axes, which: str, ticks: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0)) -> None:
    """Label an axis of shares in percent."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_ticks(list(ticks))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100.0 * value:.0f}"))


_MINUTES = (1 / 60, 0.1, 1.0, 4.0, 15.0, 60.0, 240.0, 960.0, 4800.0, 24000.0)


def minutes_axis(axes: Axes, which: str) -> None:
    """Make an axis a logarithmic scale of human time in the units that read best."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    axis.set_major_locator(FixedLocator(list(_MINUTES)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: duration(value).replace("workdays", "days")))


def spread_out(positions: Sequence[float], apart: float, low: float = -math.inf, high: float = math.inf) -> list[float]:
    """Move labels so that neighbours are at least ``apart`` from each other, and all between ``low`` and ``high``.

    Examples
    --------
    >>> spread_out([0.0, 0.5, 9.9], 1.0, 0.0, 10.0)
    [0.0, 1.0, 9.9]
    """
    order = np.argsort(positions, kind="stable")
    moved = np.array(positions, dtype=np.float64)[order]
    for i in range(len(moved)):
        moved[i] = max(moved[i], low if i == 0 else moved[i - 1] + apart)
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], high if i == len(moved) - 1 else moved[i + 1] - apart)
    placed = np.empty_like(moved)
    placed[order] = moved
    return [float(value) for value in placed]
