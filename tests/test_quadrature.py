"""Trapezoids that share nodes: what they integrate, and that nothing of a draw depends on its neighbours."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from autosim.equations.quadrature import LANES, MOST_NODES, REACH, WIDEST_STEP, Grids, shared_grids

type Floats = NDArray[np.float64]

MEANS, SDS = st.floats(-20, 30), st.floats(1e-3, 20)
ITEMS = st.lists(st.tuples(MEANS, SDS), min_size=1, max_size=5)
STEPS, SHIFTS = st.floats(1e-2, 10), st.one_of(st.just(0.0), st.floats(1e-6, 50))


def grids_of(items: list[tuple[float, float]], step: float, shift: float) -> Grids:
    mean, sd = np.array(items).T
    return shared_grids(mean[None], sd[None], np.array([step]), np.array([shift]))


def nodes_of(grids: Grids, item: int, draw: int = 0, shifted: bool = False) -> tuple[Floats, Floats]:
    """Nodes and weights of one item, checked to lie inside what is used."""
    first, n = (grids.shifted if shifted else grids.first)[draw, item], grids.length[draw, item]
    assert 0 <= first <= first + n <= grids.used[draw] <= grids.nodes.shape[1]
    place = grids.place[draw, item]
    return grids.nodes[draw, first : first + n], grids.weights[draw, place : place + n]


@given(items=ITEMS, step=STEPS, shift=SHIFTS)
def test_moments_of_every_item(items: list[tuple[float, float]], step: float, shift: float) -> None:
    grids = grids_of(items, step, shift)
    for k, (mean, sd) in enumerate(items):
        x, w = nodes_of(grids, k)
        z = (x - mean) / sd
        for power, moment in enumerate((1.0, 0.0, 1.0, 0.0, 3.0)):
            assert (w * z**power).sum() == pytest.approx(moment, abs=3e-6)
        assert w.sum() == pytest.approx(1.0, abs=3e-9)


@given(items=ITEMS, step=STEPS, shift=SHIFTS)
def test_shifted_nodes_are_the_nodes_less_the_shift(
    items: list[tuple[float, float]], step: float, shift: float
) -> None:
    grids = grids_of(items, step, shift)
    for k in range(len(items)):
        np.testing.assert_allclose(
            nodes_of(grids, k, shifted=True)[0], nodes_of(grids, k)[0] - shift, rtol=0.0, atol=1e-10
        )


@given(items=ITEMS, step=STEPS, shift=SHIFTS)
def test_nodes_are_equally_spaced_close_enough_and_reach_far(
    items: list[tuple[float, float]], step: float, shift: float
) -> None:
    grids = grids_of(items, step, shift)
    widest = max(sd for _, sd in items)
    coarsest = max(step, 2 * REACH * widest / MOST_NODES) * (1 + 1e-9)
    for k, (mean, sd) in enumerate(items):
        x, w = nodes_of(grids, k)
        between = np.diff(x)
        assert len(x) % LANES == 0
        np.testing.assert_allclose(between, between[0], rtol=1e-6)
        assert between[0] <= min(coarsest, WIDEST_STEP * sd * (1 + 1e-6))
        assert x[0] <= mean - REACH * sd + between[0] / 2
        assert x[-1] >= mean + REACH * sd - between[0] / 2
        assert (w > 0.0).all()


def test_items_share_nodes_unless_one_is_narrow() -> None:
    shared = grids_of([(0.0, 2.0), (1.0, 2.5), (3.0, 3.0)], 0.25, 1.0)
    assert shared.used[0] < 1.3 * shared.length.max()
    assert shared.nodes[0, 1] - shared.nodes[0, 0] == pytest.approx(0.25)
    narrow = grids_of([(0.0, 2.0), (1.0, 0.01), (3.0, 3.0)], 0.25, 1.0)
    assert narrow.length[0].tolist() == [shared.length[0, 0], LANES, shared.length[0, 2]]
    assert narrow.used[0] == shared.used[0] + 2 * LANES


def test_a_step_that_is_too_small_is_not_taken() -> None:
    grids = grids_of([(0.0, 3.0), (5.0, 1e-4)], 1e-9, 2.0)
    assert MOST_NODES <= grids.length[0, 0] <= 2 * MOST_NODES + LANES
    assert grids.length[0, 1] == LANES


def test_a_shift_beyond_reach_does_not_fill_the_memory() -> None:
    grids = grids_of([(0.0, 3.0), (5.0, 2.0)], 0.1, 1e7)
    assert grids.used[0] < 3 * grids.length.max()
    np.testing.assert_array_equal(nodes_of(grids, 1, shifted=True)[0], nodes_of(grids, 1)[0] - 1e7)


@pytest.mark.parametrize("sd", [1e-9, 1e308, 5e-324])
def test_grids_that_would_fill_the_memory_are_nan(sd: float) -> None:
    grids = grids_of([(-20.0, sd), (20.0, sd)], 0.1, 1.0)
    assert np.isnan(grids.weights).all()
    assert grids.nodes.size < 1000


@given(step=st.floats(0.02, 0.69), slope=st.floats(0.1, 3.0))
def test_a_smooth_function_to_machine_precision(step: float, slope: float) -> None:
    """E exp(slope x) of a normal is exp(slope²/2): the trapezoid errs by exp(-2 (π/step)²) and what lies beyond it."""
    x, w = nodes_of(grids_of([(0.0, 1.0)], step, 0.0), 0)
    outside = 0.5 * math.erfc((REACH - slope - step) / math.sqrt(2.0)) + math.exp(-2 * (math.pi / step) ** 2 + slope)
    got = (w * np.exp(slope * x)).sum() / math.exp(slope**2 / 2)
    assert got == pytest.approx(1.0, abs=2 * outside + 1e-13)


@given(st.lists(st.tuples(ITEMS.filter(lambda items: len(items) > 1), STEPS, SHIFTS), min_size=2, max_size=4))
def test_a_draw_owes_nothing_but_padding_to_the_draws_beside_it(
    draws: list[tuple[list[tuple[float, float]], float, float]],
) -> None:
    pairs = [(np.array(items[:2]), step, shift) for items, step, shift in draws]
    mean, sd = (np.stack([pair[:, part] for pair, _, _ in pairs]) for part in (0, 1))
    whole = shared_grids(mean, sd, np.array([step for _, step, _ in pairs]), np.array([shift for *_, shift in pairs]))
    for i, (pair, step, shift) in enumerate(pairs):
        alone = grids_of([(float(m), float(s)) for m, s in pair], step, shift)
        assert whole.used[i] == alone.used[0]
        for k, shifted in np.ndindex(2, 2):
            for got, want in zip(
                nodes_of(whole, k, i, bool(shifted)), nodes_of(alone, k, 0, bool(shifted)), strict=True
            ):
                np.testing.assert_array_equal(got, want)


def test_arrays_are_contiguous_and_padded_with_nothing() -> None:
    mean = np.asfortranarray([[0.0, 1.0], [0.0, 1.0]])
    grids = shared_grids(mean, np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]), np.array([0.1, 0.5]), np.zeros(2))
    assert all(part.flags.c_contiguous for part in grids)
    assert (grids.weights[1, grids.length[1].sum() :] == 0.0).all()


def test_nan_makes_its_own_weights_nan() -> None:
    mean, sd = np.array([[0.0, 1.0], [np.nan, 1.0]]), np.ones((2, 2))
    grids = shared_grids(mean, sd, np.array([0.5, 0.5]), np.zeros(2))
    assert np.isnan(grids.weights[1]).all()
    assert not np.isnan(grids.weights[0]).any()
    for step, shift in ((np.nan, 0.0), (np.inf, 0.0), (0.5, np.nan)):
        assert np.isnan(shared_grids(mean[:1], sd[:1], np.array([step]), np.array([shift])).weights).all()
