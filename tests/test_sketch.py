"""Statistics of more draws than are kept, against the exact ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from autosim.simulation.sketch import DEVIATIONS, AnswerSketch, Sketch
from autosim.simulation.statistics import QUANTILES, STATISTICS, over_draws, over_solvable

type Singles = NDArray[np.float32]

DRAWS, FIRST = 50_000, 10_000

N, K = 10_000.0, len(STATISTICS)
"""Effective draws, of which statistics do not depend, and how many these are: errors come after them."""


def sketched(values: Singles, first: int = FIRST, step: int = 512) -> Sketch:
    """Sketch of draws (draw, quantity), added some at a time."""
    sketch = Sketch(values[:first])
    for start in range(0, len(values), step):
        found = sketch.nothing()
        sketch.count(values[start : start + step], found)
        sketch.add(found)
    return sketch


def monte_carlo_errors(values: Singles, quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far in probability quantiles of draws (draw,) are off, in standard errors of the exact ones, (quantile,)."""
    ordered, share = np.sort(values), np.array(list(QUANTILES.values()))
    found, error = quantiles.astype(np.float32), np.sqrt(share * (1 - share) / len(values))
    low, high = (np.searchsorted(ordered, found, side) / len(values) for side in ("left", "right"))
    return np.asarray(np.maximum(0.0, np.maximum(low - share, share - high)) / error)


def examples() -> dict[str, Singles]:
    rng = np.random.default_rng(1)
    normal, uniform = rng.normal(size=DRAWS), rng.random(DRAWS)
    columns = {
        "normal": normal,
        "lognormal with a heavy tail": np.exp(3 * normal),
        "cauchy": rng.standard_cauchy(DRAWS),
        "nearly 0 or 1": rng.beta(0.1, 0.1, DRAWS),
        "in two places": np.where(uniform < 0.4, normal, 100 + normal),
        "often exactly 1": np.where(uniform < 0.4, 1.0, 1 + rng.exponential(size=DRAWS)),
        "nearly always 0": np.where(uniform < 0.93, 0.0, rng.random(DRAWS)),
        "whole numbers": rng.poisson(30, DRAWS),
        "constant": np.full(DRAWS, 2.5),
        "once far out": np.where(np.arange(DRAWS) == FIRST + 7, 1e30, normal),
    }
    return {name: column.astype(np.float32) for name, column in columns.items()}


@pytest.mark.parametrize("name", examples())
def test_quantiles_are_off_by_little_of_the_monte_carlo_error(name: str) -> None:
    values = examples()[name]
    table = sketched(values[:, None]).table(N)[:K][:, 0]
    assert table[0] == pytest.approx(values.mean(dtype=np.float64), rel=1e-12)
    assert monte_carlo_errors(values, table[1:]).max() < 0.35
    assert np.sqrt((monte_carlo_errors(values, table[1:]) ** 2).mean()) < 0.15


@pytest.mark.parametrize("name", ["constant", "whole numbers"])
def test_values_that_many_draws_share_are_found_exactly(name: str) -> None:
    values = examples()[name]
    np.testing.assert_array_equal(sketched(values[:, None]).table(N)[:K][1:, 0], over_draws(values)[1:])


def test_many_quantities_are_kept_apart() -> None:
    values = np.stack(list(examples().values()) * 4, axis=1)
    together = sketched(values).table(N)[:K]
    for position in (0, 7, 15, 16, 17, 39):
        np.testing.assert_array_equal(
            together[:, position], sketched(values[:, position : position + 1]).table(N)[:K][:, 0]
        )


def test_later_draws_beyond_all_first_ones_are_off_by_no_more_than_their_bin() -> None:
    """The first draws mislead on purpose: half of the later ones lie above them all."""
    values = np.random.default_rng(0).normal(size=DRAWS).astype(np.float32)
    values[FIRST::2] += np.float32(50)
    table = sketched(values[:, None]).table(N)[:K][:, 0]
    assert (np.diff(table[1:]) >= 0).all()
    assert values.min() <= table[1]
    assert table[-1] <= values.max()
    assert monte_carlo_errors(values, table[1:])[:3].max() < 3
    assert np.ptp(values[values > 25]) / 2 > abs(table[-1] - over_draws(values)[-1])


FLOATS = st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, -0.0, 1.0])


@given(arrays(np.float32, (13, 3), elements=FLOATS), arrays(np.float32, (37, 3), elements=FLOATS), st.randoms())
def test_counts_are_the_plain_ones_in_any_order(first: Singles, later: Singles, random: object) -> None:
    values = np.concatenate([first, later])
    sketch = sketched(values, len(first), step=11)
    np.testing.assert_array_equal(sketch.total.below, (values[:, :, None] < sketch.edges).sum(axis=0))
    mixed = values.copy()
    random.shuffle(order := list(range(len(values))))  # type: ignore[attr-defined]
    mixed = values[order]
    again = Sketch(first)
    for part in (mixed[30:], mixed[:2], mixed[2:30]):
        found = again.nothing()
        again.count(part, found)
        again.add(found)
    np.testing.assert_array_equal(again.table(N)[:K][1:], sketch.table(N)[:K][1:])
    np.testing.assert_allclose(again.table(N)[:K][0], values.mean(axis=0, dtype=np.float64), rtol=1e-6, atol=1e-6)
    assert (np.diff(sketch.table(N)[:K][1:], axis=0) >= 0).all()
    assert (sketch.table(N)[:K][1:] >= values.min(axis=0)).all()
    assert (sketch.table(N)[:K][1:] <= values.max(axis=0)).all()


def test_edges_surround_every_quantile() -> None:
    sketch = Sketch(np.random.default_rng(0).permutation(FIRST).astype(np.float32)[:, None])
    assert sketch.edges.shape == (1, len(QUANTILES) * len(DEVIATIONS))
    for share in QUANTILES.values():
        near = np.abs(sketch.edges[0] / FIRST - share) / np.sqrt(share * (1 - share) / FIRST)
        assert (near < 1).sum() == 3
        assert (near < 5.1).sum() == len(DEVIATIONS)


def test_answers_are_exact_while_they_are_few() -> None:
    """Quantities with an answer in every draw, in many, in few and in none."""
    rng = np.random.default_rng(3)
    values = rng.lognormal(size=(DRAWS, 4)).astype(np.float32)
    values[rng.random(values.shape) >= [1.0, 0.5, 0.02, 0.0]] = np.nan
    answers = AnswerSketch(4, FIRST)
    for start in range(0, DRAWS, 512):
        answers.add(values[start : start + 512])
    table = answers.table(len(values), float(len(values)))[:K]
    assert table.shape == (len(STATISTICS), 4)
    np.testing.assert_array_equal(table[:, 2], over_solvable(values[:, 2], float(len(values)))[:K])
    assert np.isnan(table[:, 3]).all()
    for position in (0, 1):
        column = values[:, position][np.isfinite(values[:, position])]
        assert table[0, position] == pytest.approx(column.mean(dtype=np.float64), rel=1e-9)
        assert monte_carlo_errors(column, table[1:, position]).max() < 0.35
    assert sum(len(first) for first in answers.first) == np.isfinite(values[:, 2]).sum()
