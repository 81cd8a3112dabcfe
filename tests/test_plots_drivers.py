"""Figures of what drives an answer and of why two scenarios differ: clear, in units, the same bytes each time."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from drawn import refuse_clutter

import autosim
from autosim.analysis.cruxes import Cruxes
from autosim.analysis.sensitivity import Sensitivity
from autosim.plots.cruxes import waterfall
from autosim.plots.figures import draw_cruxes
from autosim.plots.sensitivity import drivers, nice_levels, responses, tornado
from autosim.plots.style import house_style

TARGETS = ("labour_speedup@2029-08", "p50_horizon_min@2027-08", "labour_speedup>=2", "time_saved_share>=0.5@2029-08")


@cache
def analysed(scenario: str, target: str) -> Sensitivity:
    return autosim.sensitivity(scenario, target, 128)


@cache
def attributed(first: str, second: str, target: str) -> Cruxes:
    return autosim.cruxes(first, second, target, 32)


@pytest.mark.parametrize(
    ("scenario", "target"), [*(("baseline", target) for target in TARGETS), ("interviews", TARGETS[2])]
)
@pytest.mark.parametrize("draw", [drivers, tornado, responses])
def test_what_drives_an_answer_is_clear(draw: object, scenario: str, target: str) -> None:
    assert callable(draw)
    with house_style():
        refuse_clutter(draw(analysed(scenario, target)))


@pytest.mark.parametrize(
    ("target", "error"),
    [(TARGETS[0], r"0\.\d"), (TARGETS[1], r"\d+(\.\d)? work"), (TARGETS[2], r"\d+ months?"),
     (TARGETS[3], r"\d+ points?")],
)  # fmt: skip
def test_what_one_quantity_moves_has_its_draws_and_errors(target: str, error: str) -> None:
    found = analysed("baseline", target)
    with house_style():
        for figure in (tornado(found), responses(found)):
            said = " ".join(figure.texts[-1].get_text().split())
            assert "128 of 256 draws, taken evenly by their answer" in said
            assert re.search(rf"errors of the (medians|probabilities) are at most {error}", said)
        axes = tornado(found).axes[0]
    assert axes.lines[-1].get_xdata()[0] == pytest.approx(float(found.target.scaled(np.array(found.centre))))  # type: ignore[index]


def test_a_negative_value_at_the_end_of_a_bar_has_a_minus_sign() -> None:
    found = analysed("baseline", TARGETS[0])
    first, *others = found.responses
    at = tuple(-0.36 if place == first.ends[0] else value for place, value in enumerate(first.at))
    with house_style():
        figure = tornado(replace(found, responses=[replace(first, at=at), *others]))
    written = [text.get_text() for text in figure.axes[0].texts]
    assert written[0] == "−0.36"
    assert not any(text.startswith("-") for text in written)
    assert "at −0.36," in " ".join(figure.texts[-1].get_text().split())


def test_sobol_indices_have_two_bars() -> None:
    found = analysed("baseline", TARGETS[0])
    sobol = replace(found, method="sobol", drivers=[replace(driver, first=driver.share) for driver in found.drivers])
    with house_style():
        figure = drivers(sobol)
        refuse_clutter(figure)
        assert "hollow ones" in " ".join(figure.texts[-1].get_text().split())


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("first", "second"), [("pessimistic", "extremely_optimistic"), ("optimistic", "extremely_optimistic")]
)
def test_a_waterfall_is_clear(first: str, second: str, target: str) -> None:
    with house_style():
        refuse_clutter(waterfall(attributed(first, second, target)))


def test_a_waterfall_ends_where_the_other_scenario_begins() -> None:
    found = attributed("pessimistic", "extremely_optimistic", TARGETS[0])
    with house_style():
        bars = waterfall(found).axes[0].patches
    ends = found.answers["median"]
    assert [bars[0].get_height(), bars[1].get_height()] == pytest.approx(ends)  # type: ignore[attr-defined]
    last = bars[-1]
    assert last.get_y() + last.get_height() == pytest.approx(ends[1])  # type: ignore[attr-defined]


def test_the_same_numbers_make_the_same_files(tmp_path: Path) -> None:
    found = attributed("pessimistic", "extremely_optimistic", TARGETS[0])
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        draw_cruxes(found, tmp_path / name)
    for file in ("waterfall.png", "waterfall.svg"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.02), (1.0, 3.0), (0.5, 40.0), (0.2, 1e6), (2.0, 2.5)])
def test_a_logarithmic_axis_has_round_numbers_inside(low: float, high: float) -> None:
    levels = nice_levels(low, high)
    assert 2 <= len(levels) <= 19
    assert all(low <= level <= high for level in levels)
    assert levels == sorted(set(levels))
