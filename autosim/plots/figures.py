"""All figures of a run, of a comparison, and of priors; everything else in this package is reached through here."""

from collections.abc import Sequence
from pathlib import Path

from autosim.analysis.cruxes import Cruxes
from autosim.analysis.sensitivity import Sensitivity
from autosim.analysis.summary import Json
from autosim.inputs.scenario import AnyScenario, Pool
from autosim.plots.backtest import calibrated, differences, fans
from autosim.plots.binding import what_binds
from autosim.plots.blockers import stands_in_the_way, what_m_is_made_of
from autosim.plots.comparison import compared_hours, compared_milestones, compared_speedups
from autosim.plots.cruxes import waterfall
from autosim.plots.gap import evaluation_gap
from autosim.plots.hours import hours_by_mode, hours_by_mode_per_task
from autosim.plots.milestones import milestones
from autosim.plots.priors import prior_figures
from autosim.plots.sensitivity import drivers, responses, tornado
from autosim.plots.solved import evaluations_solved
from autosim.plots.speedups import speedups
from autosim.plots.structure import between, by_alternative
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
        if summary["structure"]:
            save(between(summary), folder, "structure")
        _draw_splits(summary, folder, "")


def _draw_splits(summary: Json, folder: Path, after: str) -> None:
    """Draw every structure that a summary is split by, if some alternative of it has draws enough."""
    for name, alternatives in summary["by"].items():
        if any("series" in found for found in alternatives.values()):
            save(by_alternative(summary, name), folder, f"by_{name}{after}")


def draw_comparison(summaries: Sequence[Json], folder: Path) -> None:
    """Draw the figures that put several runs side by side into a folder, each as PNG and SVG."""
    with house_style():
        save(compared_speedups(summaries), folder, "speedups")
        save(compared_hours(summaries), folder, "hours_by_mode")
        save(compared_milestones(summaries), folder, "milestones")
        for position, summary in enumerate(summaries, start=1):
            _draw_splits(summary, folder, f"_{position}_{summary['scenario']}")


def draw_priors(scenario: AnyScenario, folder: Path) -> None:
    """Draw every prior of a scenario into a folder, on several pages, each as PNG and SVG; a pool's by member."""
    members = [member for _, member in scenario.members] if isinstance(scenario, Pool) else [scenario]
    with house_style():
        for member in members:
            before = f"{member.header.slug}_" if len(members) > 1 else ""
            for name, figure in prior_figures(member):
                save(figure, folder, f"{before}{name}")


def draw_sensitivity(found: Sensitivity, folder: Path) -> None:
    """Draw what drives an answer into a folder, each figure as PNG and SVG."""
    with house_style():
        save(drivers(found), folder, "drivers")
        if found.responses:
            save(tornado(found), folder, "tornado")
            save(responses(found), folder, "responses")


def draw_cruxes(found: Cruxes, folder: Path) -> None:
    """Draw why two scenarios differ into a folder, as PNG and SVG."""
    with house_style():
        save(waterfall(found), folder, "waterfall")


def draw_blockers(found: Json, folder: Path) -> None:
    """Draw what stands in the way of a milestone, if anything does, and what M is made of, as PNG and SVG."""
    with house_style():
        if found["obstacles"]:
            save(stands_in_the_way(found), folder, "stands_in_the_way")
        save(what_m_is_made_of(found), folder, "what_m_is_made_of")


def draw_backtest(found: Json, folder: Path) -> None:
    """Draw fans with what happened, differences to baselines, and calibration into a folder, as PNG and SVG."""
    with house_style():
        if any(one["fan"] for one in found["origins"]):
            save(fans(found), folder, "fans")
        save(differences(found), folder, "differences")
        save(calibrated(found), folder, "calibration")
