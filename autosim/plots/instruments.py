"""All figures of `autosim evaluations`, and the one that ranks evaluations by what they tell."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from autosim.analysis.summary import Json
from autosim.plots.implied import implied_rates
from autosim.plots.remaining import still_missing
from autosim.plots.solved import evaluations_solved
from autosim.plots.style import AMBER, BLUE, GREY, house_style, new_figure, save
from autosim.plots.varied import what_variations_change
from autosim.words import given_in_words, humanised, month, percent

_ROW = 0.215
_SHAPES = {False: ("o", "an evaluation"), True: ("D", "a variation of one")}
_MEASURES = {
    "explained_variance": ("variance explained [%]", 100.0, BLUE),
    "mutual_information_bit": ("mutual information [bit]", 1.0, AMBER),
}


def draw_instruments(found: Mapping[str, Json], folder: Path) -> None:
    """Draw what evaluations would tell into a folder, each figure as PNG and SVG; of several scenarios by name."""
    with house_style():
        for content in found.values():
            before = f"{content['scenario']}_" if len(found) > 1 else ""
            save(evaluations_solved(content), folder, f"{before}evaluations_solved")
            save(still_missing(content), folder, f"{before}still_missing")
            if _telling(content):
                save(informativeness(content), folder, f"{before}informativeness")
            if any(entry["against_base"] for entry in content["evaluations"].values()):
                save(what_variations_change(content), folder, f"{before}variations")
            for position, milestone in enumerate(content["solve_for"], start=1):
                number = f"_{position}" if len(content["solve_for"]) > 1 else ""
                save(implied_rates(content, milestone), folder, f"{before}implied{number}")


def _telling(content: Json) -> list[str]:
    """Evaluations of which it is known how much they tell, most first."""
    known = [name for name, entry in content["evaluations"].items() if entry["informative"] is not None]
    return sorted(known, key=lambda name: -_variance(content, name))


def _variance(content: Json, name: str) -> float:
    return float(content["evaluations"][name]["informative"]["explained_variance"]["estimate"])


def informativeness(content: Json) -> Figure:
    """Draw how much each evaluation's pass rate tells of the target, most first, with 95 % intervals.

    Parameters
    ----------
    content
        Of one scenario, from `autosim.analysis.instruments.instruments`.
    """
    order = _telling(content)
    figure = new_figure(
        9.6,
        0.65 + _ROW * len(order),
        f"{content['name']}: what each pass rate would tell of {content['target']['label']}",
        *_caption(content, order),
        overrides=content["overrides"],
        given=given_in_words(content),
        legend=[
            Line2D([], [], linestyle="none", marker=marker, color=GREY, markeredgecolor="black", label=label)
            for marker, label in _SHAPES.values()
        ],
    )
    panels = figure.subplots(1, len(_MEASURES), sharey=True)
    for axes, (measure, (label, scale, colour)) in zip(panels, _MEASURES.items(), strict=True):
        for row, name in enumerate(order):
            entry = content["evaluations"][name]
            _estimate(axes, row, entry["informative"][measure], scale, colour, varied=bool(entry["variation_of"]))
        axes.set_xlabel(label, loc="left")
        axes.set_xlim(left=0.0)
    finish_rows(panels[0], [humanised(name, long=True) for name in order])
    return figure


def finish_rows(axes: Axes, labels: list[str]) -> None:
    """Name the rows of a figure, the first on top."""
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(left=False)


def _estimate(axes: Axes, row: int, found: Json, scale: float, colour: str, *, varied: bool) -> None:
    low, middle, high = (scale * found[key] for key in ("low", "estimate", "high"))
    axes.plot([low, high], [row, row], color=colour, linewidth=1.6)
    axes.plot(middle, row, _SHAPES[varied][0], color=colour, markeredgecolor="black", markersize=4.5, zorder=5)


def _caption(content: Json, order: list[str]) -> list[str]:
    best, worst = (content["evaluations"][name]["informative"] for name in (order[0], order[-1]))
    bits = best["mutual_information_bit"]["estimate"]
    clear = [name for name in order if _low(content, order[0]) > _high(content, name)]
    return [
        f"How much the frontier's pass rate in {month(content['at'])} tells of {content['target']['scale']}, over "
        f"{best['draws']:,} draws. Lines are 95 % intervals of what so many draws leave open.",
        f"Most telling is {humanised(order[0], long=True)}: knowing its pass rate takes away "
        f"{percent(best['explained_variance']['estimate'])} of the variance, or {bits:.2f} bit; least is "
        f"{humanised(order[-1], long=True)} with {percent(worst['explained_variance']['estimate'])}. "
        f"{len(clear)} of {len(order)} are clearly behind the first. No evaluation tells all: the rest is about work.",
    ]


def _low(content: Json, name: str) -> float:
    return float(np.float64(content["evaluations"][name]["informative"]["explained_variance"]["low"]))


def _high(content: Json, name: str) -> float:
    return float(np.float64(content["evaluations"][name]["informative"]["explained_variance"]["high"]))
