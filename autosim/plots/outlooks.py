"""Figure: what became known has done to the weights of outlooks, over time and statement by statement."""

from collections.abc import Sequence
from datetime import date
from itertools import cycle, islice

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from autosim.backtesting.outlooks import OutlooksScored
from autosim.backtesting.outlooks_in_words import in_words
from autosim.backtesting.statements import HORIZON
from autosim.plots.structure import LOOKS, Look
from autosim.plots.style import decimal_years, new_figure, percent_axis, spread_out, time_axis, wrapped
from autosim.words import alternative_label, humanised, month, percent

type Floats = NDArray[np.float64]

_ROW = 0.25
_NAME, _SMALL = 2.3, 7.5
"""Width of a row's name [in], and the size of its letters."""

_APART = 0.22
"""Rows between the marks of two outlooks in a row, at most."""

_FEW = (1.05, 1.1, 1.2, 1.5, 2.0, 3.0)
_MANY = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1e3, 1e4, 1e5, 1e6, 1e9, 1e12)
_TICKS_APART = 0.18
"""Part of the way from 1 to the end of the axis that lies between two ticks, at least."""

_LEAST_REACH, _WIDEST = 1.1, 1e12
"""Factors at which the narrowest and the widest axis would end."""

_FEW_YEARS, _MOST_DATES = 4.0, 4
"""Years up to which months are named, and how many."""

_ENDS_APART = 0.055
"""Share of the axis by which the last weights are apart as they are written."""


def outlooks_scored(found: OutlooksScored) -> Figure:
    """Draw the weights of outlooks step by step, and how much each statement favoured each of them.

    Parameters
    ----------
    found
        As `autosim.backtesting.outlooks.score_outlooks` gives it.
    """
    looks = list(islice(cycle(LOOKS), len(found.outlooks)))
    words = in_words(found)
    figure = new_figure(
        9.6,
        max(3.0, 0.75 + _ROW * len(found.statements)),
        f"What became known since {month(str(found.since))}, and which outlook it favoured",
        words[0],
        "Left: weights after each statement. Right: how much likelier a statement was under an outlook than under all "
        "of them, with their weights of before: to the right of 1 it speaks for the outlook, to the left against it. "
        "Bands and lines through marks: two Monte Carlo standard errors either way.",
        *([words[-1]] if found.trusted_until else []),
        legend=[look.key(alternative_label(name)) for name, look in zip(found.outlooks, looks, strict=True)],
    )
    left, right = figure.subplots(1, 2, width_ratios=[4, 5])
    _weights(left, found, looks)
    _factors(right, found, looks)
    return figure


def _weights(axes: Axes, found: OutlooksScored, looks: Sequence[Look]) -> None:
    """Weights over time: level between statements, with those of one day in one step."""
    days = [found.since, *(one.known for one in found.statements)]
    last = [k for k, day in enumerate(days) if k + 1 == len(days) or days[k + 1] != day]
    years = decimal_years([str(days[k]) for k in last])
    years = np.append(years, years[-1] + 0.04 * max(years[-1] - years[0], 0.5))
    made = found.updated.weights
    for i, look in enumerate(looks):
        value, error = (np.append(part[last, i], part[last[-1], i]) for part in (made.value, made.error))
        low, high = np.maximum(value - 2.0 * error, 0.0), np.minimum(value + 2.0 * error, 1.0)
        axes.fill_between(years, low, high, step="post", color=look.colour, alpha=0.25, linewidth=0)
        axes.step(years, value, where="post", color=look.colour, linestyle=look.line, linewidth=1.6)
        axes.plot(years[:-1], value[:-1], look.marker, color=look.colour, markeredgecolor="white", markersize=5)
    until = found.trusted_until
    if until is not None:
        axes.axvspan(float(decimal_years([str(until)])[0]), years[-1], color="#DDDDDD", alpha=0.6, zorder=0)
    _dates(axes, years)
    axes.set_xlim(years[0] - 0.03 * (years[-1] - years[0]), years[-1])
    axes.set_ylim(0.0, 1.0)
    _name_ends(axes, float(years[-1]), made.value[-1].tolist(), looks)
    percent_axis(axes, "y")
    axes.set_ylabel("weight [%]")
    axes.set_title("Weights of the outlooks")


def _dates(axes: Axes, years: Floats) -> None:
    """Name years on the axis of time, or months where there are few years."""
    if years[-1] - years[0] > _FEW_YEARS:
        time_axis(axes, years, 4)
        return
    first, last = (int(np.ceil(12.0 * year)) for year in (years[0], years[-1]))
    step = next(step for step in (1, 2, 3, 6, 12) if (last - first) / step <= _MOST_DATES)
    months = [month for month in range(first, last) if month % step == 0]
    axes.xaxis.set_major_locator(FixedLocator([month / 12.0 for month in months]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda year, _: _month_label(year)))


def _month_label(year: float) -> str:
    """A date of the axis of time.

    Examples
    --------
    >>> _month_label(2025.5)
    'Jul 2025'
    """
    whole, place = divmod(round(12.0 * year), 12)
    return f"{date(whole, place + 1, 1):%b %Y}"


def _name_ends(axes: Axes, year: float, shares: Sequence[float], looks: Sequence[Look]) -> None:
    """Write the last weights beside their lines."""
    for at, share, look in zip(spread_out(shares, _ENDS_APART, 0.0, 1.0), shares, looks, strict=True):
        axes.annotate(
            percent(share),
            (year, at),
            (3, 0),
            textcoords="offset points",
            va="center",
            color=look.colour,
            fontweight="bold",
            fontsize=_SMALL,
        )


def _factors(axes: Axes, found: OutlooksScored, looks: Sequence[Look]) -> None:
    """A row for each statement, the first on top, with a mark for each outlook on a logarithmic axis."""
    count, made = len(found.statements), found.updated.log_factor
    shift = _APART * np.linspace(-1.0, 1.0, len(looks)) if len(looks) > 1 else np.zeros(1)
    axes.axvline(1.0, color="black", linewidth=0.8)
    for i, look in enumerate(looks):
        rows, value, error = np.arange(count) + shift[i], made.value[:, i], made.error[:, i]
        low, middle, high = (_on_paper(value + wide * error) for wide in (-2.0, 0.0, 2.0))
        axes.hlines(rows, low, high, color=look.colour, linewidth=1.2)
        axes.plot(middle, rows, look.marker, color=look.colour, markeredgecolor="white", markersize=5.5)
    axes.set_yticks(range(count), [_row_label(found, k) for k in range(count)], fontsize=_SMALL)
    axes.set_ylim(count - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    for k in range(1, count):
        axes.axhline(k - 0.5, color="#EEEEEE", linewidth=0.6, zorder=0)
    _factor_axis(axes, float((np.abs(made.value) + 2.0 * made.error).max()))
    axes.set_title("What each statement favoured")


def _on_paper(log_factor: Floats) -> Floats:
    """Factors, those beyond the axis at its end."""
    return np.exp(np.clip(log_factor, -np.log(_WIDEST), np.log(_WIDEST)))


def _factor_axis(axes: Axes, widest: float) -> None:
    """Scale logarithmically, as far to both sides of 1 as the widest log factor goes [nat]."""
    reach = 1.15 * float(np.clip(widest, np.log(_LEAST_REACH), np.log(_WIDEST)))
    axes.set_xscale("log")
    axes.set_xlim(np.exp(-reach), np.exp(reach))
    ticks = [1.0]
    for factor in _FEW if reach < np.log(_FEW[-1]) else _MANY:
        if _TICKS_APART * reach <= np.log(factor / ticks[-1]) and np.log(factor) <= reach:
            ticks.append(factor)
    axes.xaxis.set_major_locator(FixedLocator([*(1.0 / factor for factor in ticks[1:]), *ticks]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _factor_label(value)))
    axes.set_xlabel("factor against all outlooks together [1]")


def _factor_label(value: float) -> str:
    """A tick of the axis of factors: those below 1 as fractions."""
    inverse = round(1.0 / value, 6)
    return f"1/{inverse:g}" if inverse > 1.0 else f"{value:g}×"


def _row_label(found: OutlooksScored, statement: int) -> str:
    """A statement at the beginning of its row, in no more than two lines."""
    one = found.statements[statement]
    suites = {other.suite for other in found.statements if other.kind == HORIZON}
    beside = f" ({humanised(one.suite)})" if one.kind == HORIZON and len(suites) > 1 else ""
    said = f"{one.known:%b %Y}  {one.about if one.kind == HORIZON else f'trial: {one.about}'}{beside}"
    lines = wrapped(said, _NAME, _SMALL).split("\n")
    return "\n".join(lines[:2]) + ("…" if len(lines) > 2 else "")
