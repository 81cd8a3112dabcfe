"""Every figure of every shipped scenario: words keep clear of each other, axes have units, files are reproducible."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Write
from drawn import collisions, outside, refuse_clutter, without_unit, words
from matplotlib.figure import Figure

import autosim
from autosim.analysis.summary import Json, summarise
from autosim.inputs.distributions import Continuous
from autosim.plots.binding import what_binds
from autosim.plots.comparison import compared_hours, compared_milestones, compared_speedups
from autosim.plots.figures import draw_priors, draw_run
from autosim.plots.gap import evaluation_gap
from autosim.plots.hours import hours_by_mode, hours_by_mode_per_task
from autosim.plots.milestones import milestones
from autosim.plots.prior_page import Column, Layout, Row, prior_page
from autosim.plots.priors import prior_figures
from autosim.plots.solved import evaluations_solved
from autosim.plots.speedups import speedups
from autosim.plots.structure import between
from autosim.plots.style import house_style
from autosim.simulation.run import Simulation

DRAWS = 60
OUTLOOKS = ("pessimistic", "somewhat_optimistic", "optimistic", "extremely_optimistic")

type Run = tuple[Simulation, Json]

FIGURES: dict[str, Callable[[Simulation, Json], Figure]] = {
    "speedups": speedups,
    "hours_by_mode": lambda _, summary: hours_by_mode(summary),
    "hours_by_mode_per_task": lambda simulation, _: hours_by_mode_per_task(simulation),
    "what_binds": lambda simulation, _: what_binds(simulation),
    "evaluation_gap": lambda _, summary: evaluation_gap(summary),
    "milestones": milestones,
    "evaluations_solved": lambda _, summary: evaluations_solved(summary),
    "structure": lambda _, summary: between(summary),
}
COMPARISONS = {"speedups": compared_speedups, "hours_by_mode": compared_hours, "milestones": compared_milestones}


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    simulations = {name: autosim.simulate(name, DRAWS) for name in autosim.scenarios()}
    return {name: (simulation, summarise(simulation)) for name, simulation in simulations.items()}


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("scenario", autosim.scenarios())
def test_a_runs_figures_are_clear(runs: dict[str, Run], scenario: str, figure: str) -> None:
    with house_style():
        refuse_clutter(FIGURES[figure](*runs[scenario]))


def test_every_figure_says_what_was_laid_over_the_scenario() -> None:
    simulation = autosim.simulate(autosim.load("optimistic", ["work_gap=4"]), DRAWS)
    summary = summarise(simulation)
    with house_style():
        figures = [draw(simulation, summary) for draw in FIGURES.values()]
        figures += [draw([summary]) for draw in COMPARISONS.values()]
        for figure in figures:
            assert "with --set work_gap=4." in " ".join(figure.texts[-1].get_text().split())
            refuse_clutter(figure)


@pytest.mark.parametrize("figure", COMPARISONS)
@pytest.mark.parametrize("names", [OUTLOOKS, ("optimistic",), tuple(autosim.scenarios())], ids=len)
def test_comparisons_are_clear(runs: dict[str, Run], names: tuple[str, ...], figure: str) -> None:
    with house_style():
        refuse_clutter(COMPARISONS[figure]([runs[name][1] for name in names]))


@pytest.mark.parametrize("name", ["baseline", *OUTLOOKS])
def test_priors_are_clear(name: str) -> None:
    scenario = autosim.load(name)
    assert isinstance(scenario, autosim.Scenario)
    with house_style():
        for _, figure in prior_figures(scenario):
            refuse_clutter(figure)


def test_numbers_of_a_lopsided_prior_keep_apart() -> None:
    cells = [Continuous("gamma", (shape, 1.0)) for shape in (0.1, 0.3, 1.0)]
    rows = [Row("Lopsided", "very", (cell,), "a test") for cell in cells]
    with house_style():
        page = prior_page("Page", "Caption", [Column("[1]", "own")], rows, Layout(names=2.0, density=2.0, columns=1))
        refuse_clutter(page)


def test_a_test_of_clutter_can_fail() -> None:
    with house_style():
        figure = Figure()
        axes = figure.subplots()
        for x, text in ((0.5, "one"), (0.51, "over another"), (2.0, "outside")):
            axes.text(x, 0.5, text)
        axes.text(0.2, 0.2, "turned", rotation=45, rotation_mode="anchor")
        axes.text(0.26, 0.2, "along", rotation=45, rotation_mode="anchor")
    found = words(figure)
    assert collisions(found) == [("one", "over another")]
    assert outside(figure, found) == ["outside"]
    assert without_unit(figure) == [": x", ": y"]


def drawn_files(draw: Callable[[Path], None], folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    draw(folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_numbers_give_the_same_files(runs: dict[str, Run], tmp_path: Path) -> None:
    first, again = (drawn_files(lambda folder: draw_run(*runs["optimistic"], folder), tmp_path / name) for name in "ab")
    assert first == again
    assert set(first) == {f"{name}.{kind}" for name in FIGURES for kind in ("png", "svg")}
    for name, content in first.items():
        if name.endswith(".svg"):
            assert ET.fromstring(content).tag.endswith("svg")  # noqa: S314 - our own
            assert b"<dc:date>" not in content


def test_a_pools_priors_are_drawn_by_member(write: Write, tmp_path: Path) -> None:
    write("name: Two\npool: {base: 1, other: 2}\n")
    write("name: Other\nextends: base\npriors: {compute_wait: 0.5}\n", "other.yaml")
    drawn = drawn_files(lambda folder: draw_priors(autosim.load("mine.yaml"), folder), tmp_path / "figures")
    assert {"base_hours.png", "other_hours.svg", "other_delegation.png"} <= set(drawn)


ODD_WORLDS = {
    "one draw": "",
    "small": "",
    "one date": "end: 2024-09-01\n",
    "two dates": "end: 2024-10-01\n",
    "no adoption": "priors: {adoption: 0}\n",
    "never waits": "priors: {compute_wait: 0}\n",
    "nothing works": "priors: {work_gap: 60}\nevaluations: {suite: {median: 1.0e+14}, cuda: {median: 1.0e+14}}\n",
    "everything works": "priors: {work_gap: -60, undetected_loss: 0.5, rework: 0.1}\n",
}


@pytest.mark.parametrize("world", ODD_WORLDS)
def test_odd_worlds_are_drawn_too(write: Write, world: str) -> None:
    write(f"name: Odd\nextends: base\n{ODD_WORLDS[world]}")
    simulation = autosim.simulate("mine.yaml", 1 if world == "one draw" else 20)
    with house_style():
        summary = summarise(simulation)
        for figure in [draw for name, draw in FIGURES.items() if name != "structure" or summary["structure"]]:
            shown = figure(simulation, summary)
            found = words(shown)
            assert not collisions(found)
            assert not outside(shown, found)
            assert not any("nan" in word.text for word in found)


def test_names_of_any_kind_are_written_as_they_are(write: Write) -> None:
    tasks = Path("tasks.yaml").read_text()
    write(
        tasks.replace("analysis", "分析_with_a_very_long_name_that_nobody_in_their_senses_would_choose"[:60]),
        "tasks.yaml",
    )
    write("name: 楽観 $x^$ of a name as long as names may be, which is eighty letters, or so\nextends: base\n")
    simulation = autosim.simulate("mine.yaml", 20)
    with house_style():
        summary = summarise(simulation)
        for figure in [draw for name, draw in FIGURES.items() if name != "structure" or summary["structure"]]:
            shown = figure(simulation, summary)
            found = words(shown)
            assert not outside(shown, found)
            assert any("楽観 $" in word.text for word in found)
