"""Figures of a fit's checks: the trend of horizons, and pass rates against length."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from autosim.inference.checks import P50, Checks, PassRates
from autosim.plots.style import house_style, save

COLUMNS = 3


def draw_checks(checks: Checks, folder: Path) -> None:
    """Draw all figures into a folder."""
    with house_style():
        for suite in dict.fromkeys(one.suite for one in checks.p50):
            _trend([one for one in checks.p50 if one.suite == suite], suite, folder)
        for suite in dict.fromkeys(one.suite for one in checks.rates):
            _rates([one for one in checks.rates if one.suite == suite], suite, folder)


def _trend(models: list[P50], suite: str, folder: Path) -> None:
    """p50 by release: prior, posterior, published."""
    figure = Figure()
    axes = figure.subplots()
    years = np.array([one.year for one in models])
    for name, bands, shift in (
        ("prior", [one.prior for one in models], -0.02),
        ("posterior", [one.posterior for one in models], 0.0),
        ("published", [one.seen[[1, 0, 2]] for one in models], 0.02),
    ):
        low, middle, high = 2.0 ** np.stack(bands, axis=1)
        axes.errorbar(years + shift, middle, (middle - low, high - middle), fmt="o", markersize=3, lw=1, label=name)
    axes.set_yscale("log")
    axes.set_xlabel("release, years after the reference date")
    axes.set_ylabel("p50 [min]")
    axes.set_title(f"50 % horizons on {suite}")
    axes.legend()
    save(figure, folder, f"trend-{suite}")


def _rates(models: list[PassRates], suite: str, folder: Path) -> None:
    """Pass rate by length, one panel per model: posterior band and what was seen."""
    rows = -(-len(models) // COLUMNS)
    figure = Figure(figsize=(9, 2.4 * rows))
    panels = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False)
    for axes, one in zip(panels.flat, models, strict=False):
        minutes = 2.0**one.log2_minutes
        axes.fill_between(minutes, one.band[0], one.band[2], alpha=0.3, lw=0)
        axes.plot(minutes, one.band[1], label="posterior")
        axes.plot(minutes, one.seen, "o", markersize=3, label="seen")
        axes.set_xscale("log")
        axes.set_title(one.model, fontsize="small")
    for axes in panels.flat[len(models) :]:
        axes.set_axis_off()
    panels[0, 0].legend()
    figure.supxlabel("human time [min]")
    figure.supylabel(f"pass rate on {suite}")
    save(figure, folder, f"pass-rates-{suite}")
