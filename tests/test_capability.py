"""Capability: the trajectory's shapes and each bottleneck's horizon (model §2)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosim.equations.capability import (
    HORIZON_CAP,
    TRAJECTORIES,
    exponential,
    horizon_growth,
    horizon_log2,
    saturating,
    superexponential,
)

SHRINKS = st.floats(0.001, 0.9)
CEILINGS = st.floats(0.5, 40.0)


def test_doubling_every_212_days_as_published() -> None:
    """Kwa et al. (2025), arXiv 2503.14499: horizons double every 212 days, so in four years by 6.9 doublings."""
    growth = exponential(4 * 365.25 / 212)
    assert growth == pytest.approx(6.8915, abs=1e-4)
    assert 2.0 ** float(horizon_log2(1.0, 0.0, 0.0, growth)) == pytest.approx(118.7, abs=0.1)


@given(shrink=SHRINKS, doublings=st.integers(1, 12))
def test_each_doubling_takes_a_share_less_than_the_one_before(shrink: float, doublings: int) -> None:
    """By hand: n doublings take 1 + (1 - d) + ... + (1 - d)^(n - 1) units."""
    taken = sum((1 - shrink) ** i for i in range(doublings))
    if shrink * taken < 1 - 1e-6:
        assert float(superexponential(taken, shrink)) == pytest.approx(doublings, rel=1e-7)


@pytest.mark.parametrize("y", [10.0, 10.5, 1e6])
def test_superexponential_passes_its_blow_up_and_stays_at_the_cap(y: float) -> None:
    """With d = 0.1 all doublings are over after ten units."""
    assert float(horizon_log2(8.0, -3.0, -0.9, superexponential(y, 0.1))) == HORIZON_CAP


def test_superexponential_without_shrink_is_exponential() -> None:
    assert float(superexponential(7.3, 1e-13)) == pytest.approx(7.3, rel=1e-12)


def test_saturating_has_done_63_percent_of_its_ceiling_when_y_equals_it() -> None:
    """By hand: 1 - 1/e = 0.632 of c."""
    assert float(saturating(5.0, 5.0)) == pytest.approx(5.0 * (1 - math.exp(-1)))


@given(y=st.floats(0, 1e4), ceiling=CEILINGS)
def test_saturating_stays_below_its_ceiling_and_below_the_trend(y: float, ceiling: float) -> None:
    growth = float(saturating(y, ceiling))
    assert 0 <= growth <= min(y, ceiling) * (1 + 1e-12) + 1e-300


@given(y=st.floats(0, 0.99), shrink=SHRINKS)
def test_superexponential_starts_below_the_trend_and_meets_it_after_one_doubling(y: float, shrink: float) -> None:
    assert float(superexponential(y, shrink)) <= y * (1 + 1e-12) + 1e-15
    assert float(superexponential(1.0, shrink)) == pytest.approx(1.0)


@given(shape=st.sampled_from(range(len(TRAJECTORIES))), y=st.floats(-30, 0), shrink=SHRINKS, ceiling=CEILINGS)
def test_every_shape_is_the_trend_before_the_reference_date(
    shape: int, y: float, shrink: float, ceiling: float
) -> None:
    assert float(horizon_growth(np.array(shape), y, 1.0, shrink, ceiling)) == y


@given(
    shape=st.sampled_from(range(len(TRAJECTORIES))),
    e=st.lists(st.floats(0, 100), min_size=2, max_size=2),
    elasticity=st.floats(0, 3),
    shrink=SHRINKS,
    ceiling=CEILINGS,
)
def test_growth_rises_with_effective_compute(
    shape: int, e: list[float], elasticity: float, shrink: float, ceiling: float
) -> None:
    low, high = horizon_growth(np.array(shape), np.array(sorted(e)), elasticity, shrink, ceiling)
    assert low <= high + 1e-12


def test_each_draw_is_on_its_own_shape() -> None:
    growth = horizon_growth(np.arange(3), 4.0, 0.5, 0.1, 6.0)
    by_hand = [2.0, math.log(0.8) / math.log(0.9), 6.0 * (1 - math.exp(-1 / 3))]
    np.testing.assert_allclose(growth, by_hand, rtol=1e-14)


@given(horizon=st.floats(0.01, 1e9), offset=st.floats(-10, 10), relief=st.floats(-0.99, 3), growth=st.floats(-20, 1e9))
def test_horizon_adds_doublings_up_to_the_cap(horizon: float, offset: float, relief: float, growth: float) -> None:
    by_hand = min(math.log2(horizon) + offset + (1 + relief) * growth, 24.0)
    assert float(horizon_log2(horizon, offset, relief, growth)) == pytest.approx(by_hand, abs=1e-9)
