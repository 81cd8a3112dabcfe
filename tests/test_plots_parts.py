"""The parts that figures are made of: words that fit, looks that differ, numbers that are those of the run."""

import re
import runpy
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text

import autosim
from autosim import draws
from autosim.analysis.bounds import project_ceiling
from autosim.analysis.summary import Json, summarise
from autosim.inputs.distributions import Categorical, Continuous, Distribution, Mixture, Point, Simplex, Truncated
from autosim.plots.hours import mode_shares
from autosim.plots.milestones import OUTCOMES, _by_bin
from autosim.plots.prior_page import density, own_bounds
from autosim.plots.priors import _margins, prior_figures
from autosim.plots.style import MODE_FILLS, Fill, _width, house_style, spread_out, wrapped
from autosim.simulation.run import Simulation


@pytest.fixture(scope="module")
def run() -> tuple[Simulation, Json]:
    simulation = autosim.simulate("optimistic", 64)
    return simulation, summarise(simulation)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8))
def test_labels_are_apart_and_inside(places: list[float]) -> None:
    moved = spread_out(places, 0.1, 0.0, 1.0)
    assert min(moved) >= -1e-9
    assert max(moved) <= 1.0 + 1e-9
    assert all(np.diff(sorted(moved)) >= 0.1 - 1e-9)
    assert [moved[i] for i in np.argsort(places, kind="stable")] == sorted(moved)


@given(st.text("abc defg ÄwW.", max_size=200), st.floats(1.0, 6.0))
def test_wrapped_lines_fit_and_keep_every_word(text: str, inches: float) -> None:
    lines = wrapped(text, inches, 8.0).split("\n")
    assert " ".join(lines).split() == text.split()
    assert all(_width(line, 8.0, "normal") <= inches or " " not in line for line in lines)


def lightness(fill: Fill) -> float:
    red, green, blue = (int(fill.colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.3 * red + 0.59 * green + 0.11 * blue


def test_modes_differ_in_lightness_and_hatch() -> None:
    light = [lightness(fill) for fill in MODE_FILLS.values()]
    assert all(before - after > 25.0 for before, after in pairwise(light))
    assert len({(fill.hatch, lightness(fill) < 100.0) for fill in MODE_FILLS.values()}) == len(MODE_FILLS)


def test_outcomes_differ_in_lightness() -> None:
    light = [lightness(fill) for fill in OUTCOMES.values()]
    assert all(abs(one - other) > 25.0 for one, other in pairwise(light))


def test_the_ceiling_of_projects_is_what_waiting_leaves(run: tuple[Simulation, Json]) -> None:
    simulation, _ = run
    drawn = draws.draw(simulation.scenario, 0, len(simulation))
    np.testing.assert_allclose(project_ceiling(simulation), 1.0 / drawn.scalars["compute_wait"], rtol=1e-3)
    assert (simulation.outputs["project_speedup"].max(axis=1) <= project_ceiling(simulation) * 1.0001).all()


def test_without_adoption_nothing_is_known_of_the_ceiling() -> None:
    simulation = autosim.simulate("optimistic", 4, set={"adoption": 0, "end": "2025-12-01"})
    assert np.isinf(project_ceiling(simulation)).all()


def test_modes_share_all_hours(run: tuple[Simulation, Json]) -> None:
    shares = mode_shares(run[1])
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, atol=1e-6)
    assert shares[2, -1] + shares[3, -1] == pytest.approx(run[0].outputs["delegated_share"][:, -1].mean(), rel=1e-5)


def test_columns_of_a_milestone_are_the_draws_that_reach_it(run: tuple[Simulation, Json]) -> None:
    for threshold in run[0].thresholds:
        probability = run[1]["milestones"][threshold.name]["probability"]
        assert _by_bin(run[0], threshold).sum() == pytest.approx(probability)


@pytest.mark.parametrize(
    ("distribution", "mode"),
    [
        (Continuous("normal", (3.0, 1.0)), 3.0),
        (Truncated(Continuous("normal", (0.0, 1.0)), lower=1.0), 1.0),
        (Mixture((0.2, 0.8), (Continuous("normal", (-3.0, 0.5)), Continuous("normal", (3.0, 0.5)))), 3.0),
        (Point(2.0), 2.0),
        (Categorical((1.0, 5.0), (0.3, 0.7)), 5.0),
    ],
)
def test_a_hill_is_highest_where_values_are_likeliest(distribution: Distribution, mode: float) -> None:
    low, high = own_bounds(distribution)
    x, height = density(distribution, low, high, logarithmic=False)
    assert height.max() == 1.0
    assert x[height.argmax()] == pytest.approx(mode, abs=0.05 * (high - low))


def test_shares_are_drawn_by_their_margins() -> None:
    several, known = Simplex(("a", "b", "c"), (0.2, 0.5, 0.3), 10.0), Simplex(("a", "b"), (0.0, 1.0))
    u = np.random.default_rng(1).random((3, 20_000))
    drawn = several.quantile(u)
    for position, margin in enumerate(_margins(several)):
        assert np.quantile(drawn[:, position], 0.9) == pytest.approx(float(margin.quantile(np.array(0.9))), rel=0.03)
    assert _margins(known) == [Point(0.0), Point(1.0)]


def test_every_prior_is_on_a_page() -> None:
    scenario = autosim.load("baseline")
    assert isinstance(scenario, autosim.Scenario)
    with house_style():
        shown = [
            text.get_text()
            for _, page in prior_figures(scenario)
            for text in page.findobj(Text)
            if isinstance(text, Text)
        ]
    everything = " ".join(" ".join(shown).split())
    for path, prior in scenario.priors.items():
        first_words = " ".join(prior.note.source.split()[:6])
        assert first_words in everything, path
        if len(path) == 1:
            assert str(prior.distribution) in everything


def test_the_gallery_is_what_its_script_makes() -> None:
    root = Path(__file__).parents[1]
    page = runpy.run_path(str(root / "scripts" / "gallery.py"))["PAGE"]
    assert (root / "docs" / "gallery.md").read_text(encoding="utf-8") == page
    pictures = {path.name for path in (root / "docs" / "gallery").iterdir()}
    assert pictures == set(re.findall(r"\(gallery/(.*?)\)", page))
    shown = {name.partition("-")[2].partition(".")[0] for name in pictures}
    assert {"speedups", "hours_by_mode_per_task", "what_binds", "evaluation_gap", "evaluations_solved"} < shown


WITHOUT_DRAWING = [
    ("run", "pessimistic", "--draws", "16", "--no-plots", "--set", "end=2025-12-01"),
    ("compare", "pessimistic", "--draws", "16", "--no-plots", "--set", "end=2025-12-01"),
    ("priors", "pessimistic"),
    ("--help",),
]


@pytest.mark.parametrize("words", WITHOUT_DRAWING, ids=lambda words: words[0])
def test_matplotlib_is_imported_only_to_draw(words: tuple[str, ...], tmp_path: Path) -> None:
    script = f"import sys; from autosim.cli import main; main({list(words)!r}); print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "False"
