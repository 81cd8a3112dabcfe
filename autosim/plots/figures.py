"""All figures of a run."""

from pathlib import Path

from autosim.plots.speedups import speedups
from autosim.plots.style import house_style, save
from autosim.simulation.run import Simulation


def draw_run(simulation: Simulation, folder: Path) -> None:
    """Draw every figure of a run into a folder, each as PNG and SVG."""
    with house_style():
        save(speedups(simulation), folder, "speedups")
