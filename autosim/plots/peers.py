"""Figures: what peers have published beside what comes out here, their courses, and all of them on one axis."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from autosim.peers.everybody import Everybody
from autosim.peers.milestones import NAMES
from autosim.peers.page import milestones_of
from autosim.peers.telling import HORIZON, replication_json
from autosim.plots.speedups import fan, shared_scale
from autosim.plots.style import BLUE, GREEN, GREY, ORANGE, house_style, new_figure, save, time_axis, wrapped
from autosim.words import milestone_label, percent

type Json = dict[str, Any]

_PANELS = (
    ("labour_speedup", "Labour speedup S_L", BLUE),
    ("progress_multiplier", "Progress multiplier M", GREEN),
    ("software_log2", "Software [doublings]", ORANGE),
)
_UNITS = {"date": "year", "probability": "probability", "number": "speedup", "minutes": "50 % horizon [min]"}
_ROW = 0.3
_MOST = 1e4
"""Factor above which a panel is cut off: what runs away says no more."""


def published(found: Json) -> Figure:
    """Draw a peer's published figures beside ours, one row each.

    Parameters
    ----------
    found
        As in ``replication.json``, with at least one claim.
    """
    claims = found["claims"]
    rerun = [Line2D([], [], marker="x", color=GREY, linestyle="", markersize=6, label="authors' code, re-run")]
    figure = new_figure(
        7.0,
        0.9 + _ROW * len(claims),
        f"{found['name']}: published, and through autosim",
        f"{found['draws']:,} draws, seed {found['seed']}." if found["draws"] else "Nothing is drawn.",
        "Bars are Monte Carlo errors, four to either side.",
        overrides=found["overrides"],
        legend=[
            Line2D([], [], marker="D", color=ORANGE, linestyle="", markersize=5, label="published"),
            *(rerun if any(claim["rerun"] is not None for claim in claims) else []),
            Line2D([], [], marker="o", color=BLUE, linestyle="", markersize=5, label="autosim"),
        ],
    )
    axes = figure.subplots()
    for row, claim in enumerate(claims):
        for value, marker, colour in ((claim["published"], "D", ORANGE), (claim["rerun"], "x", GREY)):
            if value is not None:
                axes.plot(value, row - 0.15, marker, color=colour, markersize=5)
        if claim["found"] is not None:
            axes.errorbar(
                claim["found"], row + 0.15, xerr=4 * (claim["mcse"] or 0.0), fmt="o", color=BLUE, markersize=5
            )
        else:
            axes.annotate(
                "not reached", (0.99, row + 0.15), xycoords=("axes fraction", "data"), ha="right", va="center"
            )
    axes.set_yticks(range(len(claims)), [wrapped(claim["what"], 2.6, 9.0) for claim in claims])
    axes.set_ylim(len(claims) - 0.5, -0.5)
    axes.set_xlabel(_UNITS[claims[0]["kind"]])
    if claims[0]["kind"] == "probability":
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(visible=False, axis="y")
    return figure


def peer_course(found: Json) -> Figure:
    """Draw speedups and software of a peer's course over time.

    Parameters
    ----------
    found
        As in ``replication.json``, with a series.
    """
    panels = [panel for panel in _PANELS if panel[0] in found["series"]]
    borrowed = [f"{part} by {whose}" for part, whose in found["laws"].items() if whose != found["peer"]]
    figure = new_figure(
        2.9 * len(panels),
        2.6,
        f"{found['name']}: the course of R&D{', ' + ', '.join(borrowed) if borrowed else ''}",
        f"Lines are medians of {found['draws']:,} draws; dark bands hold half of the draws, light ones 90 %.",
        f"Factors above {_MOST:,.0f} are cut off." if _cut(found) else "",
        overrides=found["overrides"],
    )
    years = np.array(found["years"]) + (found["start"] or 0.0)
    for axes, (name, title, colour) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        statistics = found["series"][name]
        _panel(axes, years, statistics, colour, factor=name != "software_log2")
        axes.set_ylabel(title)
        if found["start"] is None:
            axes.set_xlabel("years after the start")
    return figure


def _cut(found: Json) -> bool:
    return any(max(found["series"][name]["q95"]) > _MOST for name, _, _ in _PANELS[:2] if name in found["series"])


def _panel(axes: Axes, years: np.ndarray, statistics: Json, colour: str, *, factor: bool) -> None:
    if not factor:
        axes.fill_between(years, statistics["q05"], statistics["q95"], color=colour, alpha=0.18, linewidth=0)
        axes.fill_between(years, statistics["q25"], statistics["q75"], color=colour, alpha=0.38, linewidth=0)
        axes.plot(years, statistics["q50"], color=colour, linewidth=2)
        time_axis(axes, years, 5)
        return
    bands = ("q05", "q25", "q50", "q75", "q95")
    cut = {name: np.minimum(np.asarray(statistics[name], dtype=np.float64), _MOST) for name in bands}
    fan(axes, years, cut, colour)
    shared_scale(axes, float(cut["q95"].max()))


def all_on_one_axis(rows: Sequence[tuple[str, Json]], names: Sequence[str], horizon: float, draws: str) -> Figure:
    """Draw when everybody gets to each milestone, ours and theirs, on one axis.

    Parameters
    ----------
    rows
        Name and milestones, as in ``replication.json``, of whoever is compared, ours first.
    names
        The milestones.
    horizon
        Last year of the axis [year].
    draws
        How many, for the caption.
    """
    height = sum(0.34 + 0.17 * sum(name in found for _, found in rows) for name in names)
    figure = new_figure(
        7.4,
        height + 0.6,
        "When R&D gets there: autosim's outlooks and its peers, by one definition",
        "Dots are the years by which half of the draws get there, lines run from the first tenth to the ninth, arrows "
        f"say that fewer than nine tenths do before {horizon:.0f}; the numbers are the shares that do.",
        f"{draws} Who does not speak of a quantity has no row for it.",
    )
    axes = figure.subplots()
    place, ticks, labels = 0.0, [], []
    for name in names:
        label = milestone_label(name)
        axes.text(0.0, place, label[:1].upper() + label[1:], transform=axes.get_yaxis_transform(), fontweight="bold",
                  fontsize=8.5, va="center")  # fmt: skip
        place += 1.0
        for who, found in rows:
            if name in found:
                _row(axes, place, found[name], horizon, BLUE if who.startswith("autosim") else ORANGE)
                ticks.append(place)
                labels.append(who)
                place += 1.0
        place += 0.6
    axes.set_yticks(ticks, labels, fontsize=7.5)
    axes.set_ylim(place - 0.6, -0.7)
    axes.set_xlim(2024.0, horizon + 1.2)
    axes.set_xticks(np.arange(2024, horizon + 1, 2))
    axes.set_xlabel("year")
    axes.grid(visible=False, axis="y")
    return figure


def _row(axes: Axes, place: float, one: Json, horizon: float, colour: str) -> None:
    low, middle, high = (one[name] for name in ("q10", "q50", "q90"))
    if low is not None:
        axes.plot([low, horizon if high is None else high], [place, place], color=colour, linewidth=1.5)
        if high is None:
            axes.plot(horizon, place, ">", color=colour, markersize=4)
    if middle is not None:
        axes.plot(middle, place, "o", color=colour, markersize=4.5)
    axes.text(horizon + 1.1, place, percent(one["probability"]), fontsize=7, ha="right", va="center", color="#444444")


def draw_replication(found: Json, folder: Path) -> None:
    """Draw a peer's figures beside ours, and its course, into a folder, each as PNG and SVG."""
    with house_style():
        if found["claims"]:
            save(published(found), folder, "published")
        if "series" in found:
            save(peer_course(found), folder, "course")


def draw_everybody(found: Everybody, folder: Path) -> None:
    """Draw milestones of all on one axis, and each peer's figures beside ours, each as PNG and SVG."""
    with house_style():
        ours = f"{found.own_draws:,} draws of each of our scenarios, {found.draws:,} of each peer."
        save(all_on_one_axis(milestones_of(found), NAMES, HORIZON, ours), folder, "milestones")
        for one in found.peers:
            save(published(replication_json(one)), folder, one.slug)
