"""Figure: what would still be missing if an evaluation were solved."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from autosim.analysis.summary import Json
from autosim.plots.style import Fill, new_figure, percent_axis
from autosim.words import given_in_words, humanised, month, percent

_ROW = 0.215
_SAVED, _ATTENTION, _OTHERS = Fill("#F4F4F4"), Fill("#BDBDBD"), Fill("#777777", "....")
_FILLS = (
    Fill("#0072B2"),
    Fill("#E69F00", "////"),
    Fill("#009E73", "\\\\\\\\"),
    Fill("#CC79A7", "xxxx"),
    Fill("#F0E442", "----"),
    Fill("#D55E00", "||||"),
)
_WAYS = {
    "if_solved_specific": "specific: better only at what it tests",
    "if_solved": "common: better at everything alike",
}


def still_missing(content: Json) -> Figure:
    """Draw where today's hours go once each evaluation is solved: saved, taken by attention, or blocked, and by what.

    Parameters
    ----------
    content
        Of one scenario, from `autosim.analysis.instruments.instruments`.
    """
    order = sorted(content["evaluations"], key=lambda name: -_saved(content, name))
    parts, drawn = _parts(content), _fills(content)
    figure = new_figure(
        9.6,
        0.75 + _ROW * len(order),
        f"{content['name']}: what would still be missing if an evaluation were solved",
        *_caption(content, order),
        overrides=content["overrides"],
        given=given_in_words(content),
        legend=_legend(drawn),
    )
    panels = figure.subplots(1, len(_WAYS), sharey=True)
    for axes, (way, title) in zip(panels, _WAYS.items(), strict=True):
        for row, name in enumerate(order):
            missing = content["evaluations"][name][way]["still_missing"]
            if missing is None:
                axes.text(0.01, row, "cannot be solved", va="center", fontsize=7)
            else:
                _bar(axes, row, missing, parts, drawn)
        axes.set_title(title)
        axes.set_xlabel("share of today's hours [%]", loc="left")
        axes.set_xlim(min(0.0, _least(content, way)), 1.0)
        percent_axis(axes, "x")
        axes.grid(visible=False)
    panels[0].set_yticks(range(len(order)), [humanised(name, long=True) for name in order])
    panels[0].set_ylim(len(order) - 0.4, -0.6)
    panels[0].tick_params(left=False)
    return figure


def _saved(content: Json, name: str, way: str = "if_solved") -> float:
    missing = content["evaluations"][name][way]["still_missing"]
    return -1.0 if missing is None else float(missing["saved"])


def _least(content: Json, way: str) -> float:
    known = [_saved(content, name, way) for name in content["evaluations"]]
    return min(value for value in (*known, 0.0) if value > -1.0)


def _parts(content: Json) -> list[str]:
    """Bottlenecks that have a colour of their own: those that block most, in the order of the taxonomy."""
    whole = dict.fromkeys(content["bottlenecks"], 0.0)
    for entry in content["evaluations"].values():
        for missing in filter(None, (entry[way]["still_missing"] for way in _WAYS)):
            for name, share in missing["blocked"].items():
                whole[name] += share
    most = sorted(whole, key=lambda name: -whole[name])[: len(_FILLS)]
    return [name for name in content["bottlenecks"] if name in most]


def _fills(content: Json) -> dict[str, Fill]:
    """What every part of a bar looks like, by its label, from left to right."""
    parts = _parts(content)
    others = {"other bottlenecks": _OTHERS} if len(parts) < len(content["bottlenecks"]) else {}
    blocked = {humanised(name).lower(): fill for name, fill in zip(parts, _FILLS, strict=False)}
    return {"saved": _SAVED, **blocked, **others, "attention": _ATTENTION}


def _legend(drawn: dict[str, Fill]) -> list[Patch]:
    return [fill.patch(label) for label, fill in drawn.items()]


def _bar(axes: Axes, row: int, missing: Json, parts: list[str], drawn: dict[str, Fill]) -> None:
    shares = {"saved": missing["saved"], **{humanised(name).lower(): missing["blocked"][name] for name in parts}}
    shares["other bottlenecks"] = sum(share for name, share in missing["blocked"].items() if name not in parts)
    shares["attention"] = missing["attention"]
    left = min(0.0, shares["saved"])
    for label, fill in drawn.items():
        width = abs(shares[label])
        axes.barh(
            row, width, left=left, height=0.78, color=fill.colour, hatch=fill.hatch, edgecolor=fill.ink(), linewidth=0.3
        )
        left += width


def _caption(content: Json, order: list[str]) -> list[str]:
    said = [
        f"If an AI of {month(content['reference_date'])} passed 90 % of the evaluation and all used it: means over "
        "those draws in which it can be solved. Coloured hours are lost to AI's failures, each to what causes "
        "them; attention is what delegation takes of people even if AI never fails."
    ]
    specific = {name: content["evaluations"][name]["if_solved_specific"]["still_missing"] for name in order}
    known = {name: missing for name, missing in specific.items() if missing is not None}
    if known:
        clearest = max(known, key=lambda name: known[name]["leading_share"])
        missing = known[clearest]
        said.append(
            f"An AI that got better only at {humanised(clearest, long=True)} would save {percent(missing['saved'])} of "
            f"hours; of those that success would still free, {humanised(missing['leading']).lower()} blocks "
            f"{percent(missing['leading_share'])}."
        )
    return said
