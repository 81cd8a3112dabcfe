"""Figures of what stands in the way, and of what M is made of: clear, in units, and they show the numbers."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from drawn import refuse_clutter

from autosim.analysis.blockers import Study
from autosim.inputs.loading import load
from autosim.plots.blockers import stands_in_the_way, what_m_is_made_of
from autosim.plots.figures import draw_blockers
from autosim.plots.style import house_style
from autosim.words import percent

type Json = dict[str, Any]

MILESTONES = ("labour_speedup>=2", "progress_multiplier>=25@2035-12", "time_saved_share>=0.5@2026-08",
              "pass_rate.sparse_attention>=0.9", "role_labour_speedup.individual_contributor>=5")  # fmt: skip
SCENARIOS = ("baseline", "pessimistic", "extremely_optimistic", "interviews")


@cache
def found(scenario: str, milestone: str) -> Json:
    return Study(load(scenario, ("work_gap=2",) if scenario == "pessimistic" else ()), milestone, draws=48).run()


@pytest.mark.parametrize("milestone", MILESTONES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_figures_are_clear(scenario: str, milestone: str) -> None:
    with house_style():
        refuse_clutter(what_m_is_made_of(found(scenario, milestone)))
        if found(scenario, milestone)["obstacles"]:
            refuse_clutter(stands_in_the_way(found(scenario, milestone)))


def test_bars_are_shares_of_the_worlds_that_do_not_get_there() -> None:
    shares = found("baseline", MILESTONES[0])
    with house_style():
        figure = stands_in_the_way(shares)
        labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
        said = [text.get_text() for text in figure.axes[0].texts]
    shown = dict(zip(labels, said, strict=True))
    for label, name in (("Novelty", "novelty"), ("Open-ended planning", "open_ended_planning")):
        assert shown[label] == percent(shares["obstacles"]["bottlenecks"][name]["sufficient"]["share"])
    assert shown["The work gap"] == percent(shares["obstacles"]["limits"]["work_gap"]["sufficient"]["share"])


def test_columns_of_m_end_at_its_mean() -> None:
    shares = found("baseline", MILESTONES[0])
    with house_style():
        bars = what_m_is_made_of(shares).axes[0].containers
    heights = [sum(bar[year].get_height() for bar in bars) for year in range(len(shares["progress"]["dates"]))]
    assert heights == pytest.approx(shares["progress"]["mean"]["whole"], abs=1e-5)


def test_where_nothing_stands_in_the_way_there_is_one_figure(tmp_path: Path) -> None:
    draw_blockers(found("baseline", "labour_speedup>=0.5"), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["what_m_is_made_of.png", "what_m_is_made_of.svg"]


@pytest.mark.parametrize("milestone", ["labour_speedup>=1e6", "labour_speedup>=0.5", "labour_speedup>=2@2024-08-27"])
def test_extremes_are_clear_too(milestone: str) -> None:
    test_figures_are_clear("baseline", milestone)


def test_figures_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        draw_blockers(found("baseline", MILESTONES[0]), tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()
