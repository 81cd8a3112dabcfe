"""Figures of a backtest: fans with what happened, differences to the baselines, and calibration."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from autosim.analysis.summary import Json
from autosim.backtesting.coverage import ALL, LEVELS
from autosim.backtesting.in_words import KIND_LABELS, MEASURE_LABELS, difference, label, pooled, within
from autosim.backtesting.running import OWN
from autosim.plots.style import BLUE, GREY, ORANGE, decimal_years, minutes_axis, new_figure, percent_axis
from autosim.words import humanised

_BANDS = (("q2.5", "q97.5", 0.15, "95 %"), ("q10", "q90", 0.2, "80 %"), ("q25", "q75", 0.3, "50 %"))
_YEARS_BEFORE = 2.0
"""Years before the cut-off that a fan shows."""

_BINS = 10


def fans(found: Json) -> Figure:
    """Draw where the frontier's 50 % time horizon was forecast to go, with what was known and what happened.

    Parameters
    ----------
    found
        From `autosim.backtesting.report.report`; a row for each set of evidence, a column for each cut-off.
    """
    shown = [one for one in found["origins"] if one["fan"]]
    rows = list(dict.fromkeys(one["data"] for one in shown))
    columns = list(dict.fromkeys(one["cut_off"] for one in shown))
    bands = [Patch(facecolor=BLUE, alpha=0.2 + shade, label=f"forecast, {level}") for _, _, shade, level in _BANDS]
    key = [
        *bands,
        Line2D([], [], color="black", marker="o", linestyle="none", markersize=4, label="known at the cut-off"),
        Line2D([], [], color=ORANGE, marker="D", linewidth=0.9, markersize=4, label="came later, 95 % interval"),
    ]
    suites = ", ".join(dict.fromkeys(humanised(one["fan"]["suite"]) for one in shown))
    says = (
        "Bands: the 50 % time horizon of a model at the frontier, as forecast at the cut-off (dashed) from what was "
        "known then. Later models are of all kinds; those behind the frontier lie below what the bands are about.",
    )
    width = max(6.0, 1.0 + 3.0 * len(columns))
    figure = new_figure(width, 2.3 * len(rows), f"Forecast and seen: 50 % horizons on {suites}", *says, legend=key)
    panels = figure.subplots(len(rows), len(columns), sharey=True, squeeze=False)
    for axes in panels.flat:
        axes.set_visible(False)
    for one in shown:
        axes = panels[rows.index(one["data"]), columns.index(one["cut_off"])]
        axes.set_visible(True)
        _fan(axes, one)
    panels[0, 0].set_ylim(*_reach(shown))
    for row in panels:
        row[0].set_ylabel("50 % horizon")
    for axes in panels[-1]:
        axes.set_xlabel("year")
    return figure


def _reach(shown: Sequence[Json]) -> tuple[float, float]:
    """From below the lowest to above the highest that is in sight [min]."""
    ends = []
    for one in shown:
        since = f"{int(one['cut_off'][:4]) - int(_YEARS_BEFORE)}{one['cut_off'][4:]}"
        fan = one["fan"]
        seen = [model for side in ("known", "later") for model in fan[side] if model["release_date"] >= since]
        ends += [model[end] for model in seen for end in ("p50_lower", "p50_upper")]
        ends += [*fan["p50_horizon_min"]["q2.5"], *fan["p50_horizon_min"]["q97.5"]]
    return 0.8 * min(ends), 1.25 * max(ends)


def _fan(axes: Axes, one: Json) -> None:
    fan, start = one["fan"], float(decimal_years([one["cut_off"]])[0])
    days = decimal_years(fan["days"])
    for low, high, shade, _ in _BANDS:
        bottom, top = (np.array(fan["p50_horizon_min"][name]) for name in (low, high))
        axes.fill_between(days, bottom, top, color=BLUE, alpha=shade, linewidth=0)
    axes.plot(days, fan["p50_horizon_min"]["q50"], color=BLUE, linewidth=1.2)
    axes.axvline(start, color=GREY, linewidth=0.8, linestyle=(0, (5, 3)))
    for model in fan["known"]:
        _model(axes, model, "black", "o")
    for model in fan["later"]:
        _model(axes, model, ORANGE, "D")
    axes.set_xlim(start - _YEARS_BEFORE, days[-1])
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    minutes_axis(axes, "y")
    axes.set_title(f"{one['data']}, from {one['cut_off']}")


def _model(axes: Axes, model: Json, colour: str, marker: str) -> None:
    year = float(decimal_years([model["release_date"]])[0])
    axes.plot([year, year], [model["p50_lower"], model["p50_upper"]], color=colour, linewidth=0.7, alpha=0.7)
    axes.plot(year, model["p50_horizon_min"], marker, color=colour, markeredgecolor="white", markersize=4)


def differences(found: Json) -> Figure:
    """Draw autosim's paired differences to each baseline by CRPS and log score, all kinds pooled, with errors."""
    others = [name for name in found["forecasters"] if name != OWN and pooled(found, name)]
    says = (
        "Marks: mean paired difference of all targets that both forecast, kinds counting alike; lines: one standard "
        "error either way, clustered by model. Left of 0, autosim scores better. "
        f"{found['models']} later models.",
    )
    figure = new_figure(8.4, 0.9 + 0.27 * len(others), f"{found['name']}: autosim against other forecasters", *says)
    for axes, (measure, name) in zip(figure.subplots(1, 2, sharey=True), MEASURE_LABELS.items(), strict=True):
        _differences(axes, [difference(found, other, measure) for other in others])
        axes.set_title(name)
        axes.set_xlabel("over persistence's CRPS [1]" if measure == "crps" else "[nat per target]")
        axes.set_yticks(range(len(others)), [label(other) for other in others])
    return figure


def _differences(axes: Axes, each: Sequence[Json | None]) -> None:
    axes.axvline(0.0, color="black", linewidth=0.8)
    for row, one in enumerate(each):
        if one is None:
            continue
        value, error = one["difference"], one["error"] or 0.0
        colour = {"better": BLUE, "worse": ORANGE}.get(one["verdict"], GREY)
        axes.plot([value - error, value + error], [row, row], color=colour, linewidth=1.4)
        axes.plot(value, row, "o" if one["verdict"] == "better" else "D", color=colour, markeredgecolor="white")
    axes.set_ylim(len(each) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")


def calibrated(found: Json) -> Figure:
    """Draw where observations lie within autosim's forecasts, and how many central intervals contain, by kind."""
    own = found["calibration"][OWN]
    counts, kinds = np.array(own["pit_histogram"], dtype=np.float64), _kinds(found)
    says = (
        "Left: share of each forecast below what was observed; flat if calibrated (line), hills at the ends mean "
        "overconfidence. Right: share of observations within central intervals, with exact 95 % intervals were they "
        "independent, which those of one model are not.",
    )
    marks = [*zip(kinds, "osD^v", strict=False)]
    key = [_key(name, marker, _shade(kind)) for (kind, name), marker in marks]
    figure = new_figure(8.4, 2.8, f"{found['name']}: calibration", *says, legend=key)
    left, right = figure.subplots(1, 2)
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    left.bar(edges[:-1], counts, 1.0 / _BINS, align="edge", color=BLUE, edgecolor="white", linewidth=0.6)
    left.axhline(counts.sum() / _BINS, color="black", linewidth=0.8)
    left.set_xlabel("share of the forecast below the observation (PIT) [1]")
    left.set_ylabel("observations [1]")
    shift = np.linspace(-0.25, 0.25, len(kinds)) if len(kinds) > 1 else np.zeros(1)
    for offset, ((kind, _), marker) in zip(shift, marks, strict=True):
        _coverage(right, [within(found, OWN, level, kind) for level in LEVELS], float(offset), marker, _shade(kind))
    for place, level in enumerate(LEVELS):
        right.plot([place - 0.4, place + 0.4], [level, level], color="black", linewidth=1.0)
    right.set_xticks(range(len(LEVELS)), [f"{100 * level:g} % interval" for level in LEVELS])
    right.set_ylim(0.0, 1.03)
    percent_axis(right, "y")
    right.set_ylabel("observations within [%]")
    return figure


def _kinds(found: Json) -> list[tuple[str, str]]:
    """Kinds whose coverage is known, all together first, with what they are called."""
    named = [(kind, name) for kind, name in KIND_LABELS.items() if within(found, OWN, LEVELS[0], kind)]
    return [*named[-1:], *named[:-1]]


def _shade(kind: str) -> str:
    return "black" if kind == ALL else GREY


def _key(name: str, marker: str, colour: str) -> Line2D:
    return Line2D([], [], color=colour, marker=marker, linestyle="none", markersize=4.5, label=name)


def _coverage(axes: Axes, each: Sequence[Json | None], offset: float, marker: str, colour: str) -> None:
    """Coverage of the intervals of one kind."""
    for place, one in enumerate(each):
        if one is None:
            continue
        x = place + offset
        axes.plot([x, x], [one["low"], one["high"]], color=colour, linewidth=0.9)
        axes.plot(x, one["share"], marker, color=colour, markersize=4.5)
