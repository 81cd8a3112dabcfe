"""Milestones and statistics against counting by hand."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import autosim
from autosim.analysis.milestones import date_quantiles, first_reached, milestones
from autosim.simulation.statistics import STATISTICS, over_draws, over_solvable


@given(arrays(np.float32, (5, 7), elements=st.floats(0, 10, width=32)), st.floats(0, 10, width=32))
def test_first_reached_is_the_first_date_at_or_above(
    values: np.ndarray[tuple[int, int], np.dtype[np.float32]], level: float
) -> None:
    for row, step in zip(values, first_reached(values, level), strict=True):
        by_hand = next((i for i, value in enumerate(row) if value >= np.float32(level)), len(row))
        assert step == by_hand


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60))
def test_a_milestone_quantile_is_the_first_date_by_which_that_share_is_there(steps: list[int]) -> None:
    days = [date(2025, month, 1) for month in range(1, 13)]
    for name, day in date_quantiles(np.bincount(steps, minlength=len(days) + 1), days).items():
        share = int(name[1:]) / 100
        there = [sum(step <= i for step in steps) / len(steps) >= share for i in range(len(days))]
        assert day == (days[there.index(True)] if any(there) else None)


def test_unreachable_and_reached_are_told_apart() -> None:
    simulation = autosim.simulate("baseline", 64, set={"familiarity": 1.5, "end": "2030-01-01"})
    found = {milestone.name: milestone for milestone in milestones(simulation)}
    assert found["labour_speedup>=5"].unreachable == 1.0
    assert found["labour_speedup>=5"].probability == 0.0
    assert found["progress_multiplier>=5"].unreachable is None
    missed = ~(simulation.outputs["labour_speedup"] >= 1.5).any(axis=1)
    below = simulation.outputs["labour_ceiling"] < 1.5
    assert found["labour_speedup>=1.5"].unreachable == float((missed & below).mean())
    assert found["labour_speedup>=1.5"].probability == float((~missed).mean())


def test_quantiles_are_those_of_the_draws() -> None:
    values = np.random.default_rng(0).lognormal(size=(501, 3))
    table = dict(zip(STATISTICS, over_draws(values), strict=True))
    np.testing.assert_allclose(table["q50"], np.sort(values, axis=0)[250])
    np.testing.assert_allclose(table["q05"], np.sort(values, axis=0)[25])
    np.testing.assert_allclose(table["mean"], values.mean(axis=0))


def test_draws_without_an_answer_are_left_out() -> None:
    assert over_solvable(np.array([np.nan, 2.0, np.nan, 4.0]), 4.0)[STATISTICS.index("q50")] == 3.0
    assert np.isnan(over_solvable(np.array([np.nan, np.nan]), 2.0)).all()
