"""Figures: what stands in the way of a milestone, and what M is made of."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from autosim.analysis.blockers_in_words import (
    PARTS,
    advance_in_words,
    answer,
    one_after_the_other,
    progress_in_words,
    ranked,
)
from autosim.analysis.obstacles import BOTTLENECKS, KINDS, LIMITS, TASKS, TOGETHER, label
from autosim.analysis.summary import Json
from autosim.plots.style import AMBER, BLUE, GREY, Fill, decimal_years, new_figure, percent_axis
from autosim.words import month, percent

KIND_FILLS = {
    BOTTLENECKS: Fill("#0B3866"),
    TASKS: Fill("#E69F00", "////"),
    LIMITS: Fill("#5A9BD0", "---"),
    TOGETHER: Fill("#D9D9D9"),
}
KIND_WORDS = {
    BOTTLENECKS: "why AI fails",
    TASKS: "what it fails at",
    LIMITS: "what else limits it",
    TOGETHER: "several at once",
}
PART_FILLS = {
    "labour": Fill("#0B3866"),
    "feedback": Fill("#C6DCEC", "...."),
    "experiments": Fill("#E69F00", "////"),
    "agents": Fill("#FFFFFF", "\\\\\\\\"),
}
"""Terms of log2 M in the order in which they are stacked, those that add below those that take away."""

SIDES = {"blocked": ("worlds that do not get there", AMBER, "D", -0.17), "reached": ("those that do", BLUE, "o", 0.17)}
_ROW = 0.24
_GAP = 0.6


def stands_in_the_way(found: Json) -> Figure:
    """Draw how often each obstacle alone keeps worlds from a milestone, and how often there is no way round it.

    Parameters
    ----------
    found
        Blockers of a milestone that some world does not reach.
    """
    rows = _rows(found)
    milestone = found["milestone"]
    figure = new_figure(
        9.0,
        0.85 + _ROW * (rows[-1][0] + 1.0),
        f"{found['name']}: what stands in the way of {milestone['label']} by {month(milestone['date'])}",
        *_way_caption(found),
        overrides=found["overrides"],
        legend=[fill.patch(KIND_WORDS[kind]) for kind, fill in KIND_FILLS.items()],
    )
    alone, stays = figure.subplots(1, 2, sharey=True)
    for axes, key in ((alone, "sufficient"), (stays, "necessary")):
        for row, kind, _, numbers in rows:
            _bar(axes, row, KIND_FILLS[kind], numbers[key])
        axes.set_xlim(0.0, 1.19)
        percent_axis(axes, "x")
        axes.grid(visible=False, axis="y")
        axes.tick_params(left=False)
        axes.spines["bottom"].set_bounds(0.0, 1.0)
    alone.set_xlabel("worlds that get there without it alone [%]", loc="left")
    stays.set_xlabel("worlds with no way round it [%]", loc="left")
    alone.set_yticks([row for row, *_ in rows], [_upper(label(kind, name)) for _, kind, name, _ in rows])
    alone.set_ylim(rows[-1][0] + 0.6, -0.6)
    return figure


def _rows(found: Json) -> list[tuple[float, str, str, Json]]:
    """Place, kind, name and numbers of every obstacle, ranked within its kind."""
    rows, place = [], 0.0
    for kind in KINDS:
        for name, numbers in ranked(found, kind):
            rows.append((place, kind, name, numbers))
            place += 1.0
        place += _GAP
    return rows


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _bar(axes: Axes, row: float, fill: Fill, share: Json | None) -> None:
    """A share with its interval, and the number beside it."""
    if share is None:
        axes.text(0.01, row, "–", va="center", fontsize=7, color=GREY)
        return
    axes.barh(row, share["share"], 0.7, color=fill.colour, hatch=fill.hatch, edgecolor=fill.ink(), linewidth=0.5)
    axes.plot([share["low"], share["high"]], [row, row], color="white", linewidth=2.6, solid_capstyle="butt")
    axes.plot([share["low"], share["high"]], [row, row], color="black", linewidth=1.1, solid_capstyle="butt")
    axes.text(share["high"] + 0.02, row, percent(share["share"]), va="center", fontsize=7)


def _way_caption(found: Json) -> list[str]:
    said = answer(found)
    return [
        *said[:2],
        f"Left: share of the {found['blocked']['count']:,} worlds that would get there with this obstacle gone and "
        "all else as it is. Right: of those that would with everything gone, share that would not if this one stayed; "
        "lines are 95 % intervals. Work gap: AI that never fails has none.",
        one_after_the_other(found),
        advance_in_words(found),
    ]


def what_m_is_made_of(found: Json) -> Figure:
    """Draw the terms that add up to log2 M: year by year, and at the milestone's date by outcome.

    Parameters
    ----------
    found
        Blockers of a milestone.
    """
    some = [side for side in SIDES if found["value"][side]]
    figure = new_figure(
        9.0,
        3.3,
        f"{found['name']}: what the progress multiplier M is made of",
        *_parts_caption(found, some),
        overrides=found["overrides"],
        legend=_parts_legend(some),
    )
    stacked, spread = figure.subplots(1, 2, width_ratios=[4, 5])
    _stack(stacked, found["progress"])
    _spread(spread, found["progress"]["at_date"], some)
    stacked.set_title("Mean of all draws", loc="left")
    spread.set_title(month(found["milestone"]["date"]), loc="left")
    return figure


def _parts_legend(some: list[str]) -> list[Artist]:
    keys: list[Artist] = [fill.patch(PARTS[name]) for name, fill in PART_FILLS.items()]
    keys.append(Line2D([], [], color="black", marker="o", markersize=4, label="log2 M"))
    for side in some:
        words, colour, marker, _ = SIDES[side]
        keys.append(Line2D([], [], color=colour, marker=marker, markeredgecolor="black", label=words))
    return keys


def _stack(axes: Axes, progress: Json) -> None:
    """Columns of the terms' means: what adds above zero, what takes away below; a line for their sum."""
    years = decimal_years(progress["dates"])
    width = 0.7 * float(np.diff(years).min()) if len(years) > 1 else 0.7
    above, below = np.zeros(len(years)), np.zeros(len(years))
    for name, fill in PART_FILLS.items():
        values = np.array(progress["mean"][name])
        bottom = np.where(values >= 0.0, above, below)
        axes.bar(years, values, width, bottom, color=fill.colour, hatch=fill.hatch, edgecolor=fill.ink(), linewidth=0.5)
        above, below = above + np.maximum(values, 0.0), below + np.minimum(values, 0.0)
    axes.plot(years, progress["mean"]["whole"], color="black", marker="o", markersize=4, markeredgecolor="white")
    axes.axhline(0.0, color="black", linewidth=0.8)
    axes.set_ylabel("log2 of M and its terms [doublings]")
    axes.set_xlabel("year")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 3, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.grid(visible=False, axis="x")


def _spread(axes: Axes, at_date: Json, some: list[str]) -> None:
    """Medians and bands of each term, worlds that get there apart from those that do not."""
    names = [*PARTS, "whole"]
    for row, name in enumerate(names):
        for side in some:
            _, colour, marker, shift = SIDES[side]
            place, term = row + (shift if len(some) > 1 else 0.0), at_date[side][name]
            axes.plot([term["q05"], term["q95"]], [place, place], color=colour, linewidth=1.0)
            axes.plot([term["q25"], term["q75"]], [place, place], color=colour, linewidth=3.2, solid_capstyle="butt")
            axes.plot(term["q50"], place, marker, color=colour, markeredgecolor="black", zorder=5)
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(names)), [*(_upper(PARTS[name]) for name in PARTS), "log2 M"])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel("terms of log2 M [doublings]")
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.grid(visible=False, axis="y")
    axes.tick_params(left=False)


def _parts_caption(found: Json, some: list[str]) -> list[str]:
    what = f"{found['milestone']['label']} by {month(found['milestone']['date'])}"
    shown = {"blocked": f"none of which get to {what}", "reached": f"all of which get to {what}"}.get(some[0], "")
    if len(some) > 1:
        shown = f"by whether they get to {what}"
    return [
        f"{progress_in_words(found)} Terms add up to log2 M in every draw.",
        "Labour: what the hours that AI saves would give if research needed labour alone. Experiments: what is lost as "
        "they need compute too. Agents' compute: what agents take from experiments, or lack. Feedback: what AI adds by "
        "having sped up its own development.",
        f"Left: columns are means, the line their sum. Right: median, half and 90 % of draws, {shown}.",
    ]
