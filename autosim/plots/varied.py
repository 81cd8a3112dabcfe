"""Figure: what variations of an evaluation change."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from autosim.analysis.summary import Json
from autosim.plots.style import AMBER, BLUE, GREEN, GREY, new_figure, percent_axis
from autosim.words import given_in_words, humanised, month, percent

_ROW = 0.26


def what_variations_change(content: Json) -> Figure:
    """Draw pass rate, the gap between two ways of solving it, and variance explained, of each variation below its base.

    Parameters
    ----------
    content
        Of one scenario, from `autosim.analysis.instruments.instruments`.
    """
    families = _families(content)
    rows = [name for base, variations in families.items() for name in (base, *variations)]
    figure = new_figure(
        9.6,
        0.75 + _ROW * (len(rows) + len(families) - 1),
        f"{content['name']}: what variations change",
        *_caption(content),
        overrides=content["overrides"],
        given=given_in_words(content),
        legend=[
            Line2D([], [], color=BLUE, marker="o", markeredgecolor="black", label="gap in hours saved"),
            Line2D([], [], color=AMBER, marker="D", markeredgecolor="black", linestyle="", label="in % of hours saved"),
            Line2D([], [], color=GREY, linestyle="--", linewidth=0.9, label="the evaluation that is varied"),
        ],
    )  # fmt: skip
    panels = figure.subplots(1, 3, sharey=True, width_ratios=[1.0, 1.3, 1.0])
    labels, places = [], []
    top = 0.0
    for base, variations in families.items():
        names = [base, *variations]
        places += [top + row for row in range(len(names))]
        labels += [humanised(base), *(f"… {_own_part(name, base)}" for name in variations)]
        _family(panels, content, names, top)
        top += len(names) + 1.0
    panels[0].set_yticks(places, labels)
    panels[0].set_ylim(top - 1.4, -0.6)
    _finish(panels, content)
    return figure


def _families(content: Json) -> dict[str, list[str]]:
    """Variations by what they vary at last, in the order of the taxonomy."""
    families: dict[str, list[str]] = {}
    for name, entry in content["evaluations"].items():
        base = entry["variation_of"]
        while base is not None and content["evaluations"][base]["variation_of"]:
            base = content["evaluations"][base]["variation_of"]
        if base is not None:
            families.setdefault(base, []).append(name)
    return families


def _own_part(name: str, base: str) -> str:
    """What a variation's name adds to that of its base."""
    said = humanised(name.removeprefix(f"{base}_"), long=True)
    return said if said[:1].isdigit() else f"{said[:1].lower()}{said[1:]}"


def _family(panels: list[Axes], content: Json, names: list[str], top: float) -> None:
    for offset, name in enumerate(names):
        entry, row = content["evaluations"][name], top + offset
        observed = entry["observed"]
        panels[0].plot([observed["q05"], observed["q95"]], [row, row], color=GREEN, linewidth=1.0)
        panels[0].plot([observed["q25"], observed["q75"]], [row, row], color=GREEN, linewidth=3.0)
        panels[0].plot(observed["q50"], row, "o", color=GREEN, markeredgecolor="black", markersize=4.5, zorder=5)
        _gap(panels[1], _placed(content, name), row)
        if entry["informative"] is not None:
            variance = entry["informative"]["explained_variance"]
            panels[2].plot([variance["low"], variance["high"]], [row, row], color=GREY, linewidth=1.6)
            panels[2].plot(variance["estimate"], row, "s", color=GREY, markeredgecolor="black", markersize=4.5)
    last = top + len(names) - 0.6
    base = content["evaluations"][names[0]]
    marks = [[base["observed"]["q50"]], [base["validity_gap"]["estimate"], base["validity_gap"]["of_common"]]]
    marks.append([base["informative"]["explained_variance"]["estimate"]] if base["informative"] else [])
    for axes, values in zip(panels, marks, strict=True):
        for value in values:
            if value is not None:
                axes.plot([value, value], [top, last], color=GREY, linestyle="--", linewidth=0.8, zorder=1)


def _placed(content: Json, name: str) -> Json:
    """Gap of an evaluation; of a variation that of what it varies, plus the change in draws that have both."""
    entry = content["evaluations"][name]
    if entry["against_base"] is None:
        return dict(entry["validity_gap"])
    base, change = _placed(content, entry["variation_of"]), entry["against_base"]["validity_gap"]
    middle, share = base["estimate"], base["of_common"]
    keys = (("estimate", middle), ("low", middle), ("high", middle), ("of_common", share))
    return {key: None if start is None or change[key] is None else start + change[key] for key, start in keys}


def _gap(axes: Axes, gap: Json, row: float) -> None:
    """What an advance on every bottleneck saves more than one on what is tested, and the same as a share of it."""
    if gap["estimate"] is None:
        return
    axes.plot([gap["low"], gap["high"]], [row, row], color=BLUE, linewidth=1.6)
    axes.plot(gap["estimate"], row, "o", color=BLUE, markeredgecolor="black", markersize=4.5, zorder=5)
    if gap["of_common"] is not None:
        axes.plot(gap["of_common"], row, "D", color=AMBER, markeredgecolor="black", markersize=4.5, zorder=5)


def _finish(panels: list[Axes], content: Json) -> None:
    titles = (
        f"pass rate, {month(content['at'])} [%]",
        "gap between the two ways\nof solving it [%]",
        f"variance explained of\n{content['target']['scale']} [%]",
    )
    for axes, title in zip(panels, titles, strict=True):
        axes.set_xlabel(title, loc="left")
        axes.tick_params(left=False)
    panels[0].set_xlim(0.0, 1.0)
    percent_axis(panels[0], "x")
    for axes in panels[1:]:
        low, high = axes.get_xlim()
        percent_axis(axes, "x", [0.1 * step for step in range(-10, 11, 1 if high - low < 0.35 else 2)])
        axes.set_xlim(min(low, 0.0) if low < 0.0 else low, high)


def _caption(content: Json) -> list[str]:
    changes = {name: entry["against_base"] for name, entry in content["evaluations"].items() if entry["against_base"]}
    said = [
        "Left, pass rates: medians, with half and 90 % of draws. Middle, hours saved if it were solved by an advance "
        "on every bottleneck less those by an advance on what it tests, means with 95 % intervals, and the same as a "
        "share of the former: the smaller, the more an evaluation stands for. A variation shares draws with what it "
        "varies and stands off it by the mean change, with the interval of that, in draws in which both can be "
        "solved. Right, 95 % intervals."
    ]
    every = {name: change["validity_gap"] for name, change in changes.items()}
    gaps = {name: gap for name, gap in every.items() if gap["low"] is not None}
    narrower = {name: gap for name, gap in gaps.items() if gap["high"] < 0.0}
    if narrower:
        best = min(narrower, key=lambda name: narrower[name]["estimate"])
        said.append(
            f"{humanised(best, long=True)} narrows the gap most, by {_points(-narrower[best]['estimate'])}; "
            f"{len(narrower)} of {len(gaps)} narrow it{_relative(list(narrower.values()))}."
        )
    told = {name: change["explained_variance"] for name, change in changes.items() if change["explained_variance"]}
    worse = {name: variance for name, variance in told.items() if variance["high"] < 0.0}
    if worse:
        worst = min(worse, key=lambda name: worse[name]["estimate"])
        of = humanised(content["evaluations"][worst]["variation_of"])
        said.append(
            f"{humanised(worst, long=True)} tells least beside {of}: {_points(-worse[worst]['estimate'])} less of the "
            f"variance. {len(worse)} of {len(told)} clearly tell less, "
            f"{sum(variance['low'] > 0.0 for variance in told.values())} clearly more."
        )
    return said


def _relative(gaps: list[Json]) -> str:
    """How many of those that narrow the gap narrow it as a share of hours saved, too."""
    too = sum(gap["of_common"] is not None and gap["of_common"] < 0.0 for gap in gaps)
    others = "" if too == len(gaps) else "; the others only save less"
    return f", {too} of these as a share of hours saved, too{others}"


def _points(share: float) -> str:
    return f"{percent(share).removesuffix(' %')} points" if share >= 0.015 else f"{100.0 * share:.1f} points"
