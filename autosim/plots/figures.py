"""All figures of a run, of a comparison, and of priors; everything else in this package is reached through here."""

from pathlib import Path

from autosim.analysis.summary import Json
from autosim.plots.binding import what_binds
from autosim.plots.gap import evaluation_gap
from autosim.plots.hours import hours_by_mode, hours_by_mode_per_task
from autosim.plots.milestones import milestones
from autosim.plots.solved import evaluations_solved
from autosim.plots.speedups import speedups
from autosim.plots.style import house_style, save
from autosim.simulation.run import Simulation


def draw_run(simulation: Simulation, summary: Json, folder: Path) -> None:
    """Draw every figure of a run into a folder, each as PNG and SVG."""
    with house_style():
        save(speedups(simulation, summary), folder, "speedups")
        save(hours_by_mode(summary), folder, "hours_by_mode")
        save(hours_by_mode_per_task(simulation), folder, "hours_by_mode_per_task")
        save(what_binds(simulation), folder, "what_binds")
        save(evaluation_gap(summary), folder, "evaluation_gap")
        save(milestones(simulation, summary), folder, "milestones")
        save(evaluations_solved(summary), folder, "evaluations_solved")
