"""Labour: from the cost of each task to the speedup of a mix (model §5)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosim.equations.labour import labour_speedup, mix_mean, mixed_time_share

SHARES = st.lists(st.floats(0.01, 1), min_size=4, max_size=4)
COSTS = st.lists(st.floats(0.001, 5), min_size=4, max_size=4)
SUBSTITUTIONS = st.floats(0, 8)


def speedup(shares: list[float], costs: list[float], substitution: float) -> float:
    return float(labour_speedup(np.array(shares), np.array(costs), np.array(substitution)))


def test_amdahl_as_published() -> None:
    """Bryant and O'Hallaron, Computer Systems (3rd ed.), §1.9.1: 60 % sped up 3 times gives 1.67, at the limit 2.5."""
    assert speedup([0.6, 0.4], [1 / 3, 1.0], 0.0) == pytest.approx(1.67, abs=0.005)
    assert speedup([0.6, 0.4], [0.0, 1.0], 0.0) == pytest.approx(2.5)


@given(share=st.floats(0, 0.999), factor=st.floats(1, 1e9))
def test_never_beats_the_share_left_behind(share: float, factor: float) -> None:
    found = speedup([share, 1 - share], [1 / factor, 1.0], 0.0)
    assert 1 - 1e-12 <= found <= 1 / (1 - share) * (1 + 1e-12)


@given(share=st.floats(0.001, 0.999), factor=st.floats(0.1, 1e6))
def test_without_substitution_labour_is_amdahl(share: float, factor: float) -> None:
    assert speedup([share, 1 - share], [1 / factor, 1.0], 0.0) == pytest.approx(
        1 / ((1 - share) + share / factor), rel=1e-9
    )


@given(share=st.floats(0, 0.999999))
def test_share_that_costs_nothing_leaves_the_rest(share: float) -> None:
    """Model §11, exactly: 1 / (1 - f)."""
    assert speedup([share, 1 - share], [0.0, 1.0], 0.0) == pytest.approx(1 / (1 - share), rel=1e-13)


def test_ces_by_hand() -> None:
    """Halves at costs 1/4 and 1: σ = 0 gives 1.6, σ = 1 gives 2, σ = 2 gives 2.5, and without end 4."""
    by_hand = {0.0: 1 / 0.625, 0.5: 1 / 0.75**2, 1.0: 2.0, 2.0: 2.5}
    for substitution, want in by_hand.items():
        assert speedup([0.5, 0.5], [0.25, 1.0], substitution) == pytest.approx(want, rel=1e-13)
    assert speedup([0.5, 0.5], [0.25, 1.0], 1e4) == pytest.approx(4.0, rel=1e-3)


@pytest.mark.parametrize("step", [1e-4, 1e-6, 1e-8, 1e-10, 1e-12])
def test_both_sides_of_one_agree_with_one(step: float) -> None:
    shares, costs = [0.2, 0.5, 0.3], [0.05, 0.7, 1.2]
    middle = speedup(shares, costs, 1.0)
    assert speedup(shares, costs, 1 - step) == pytest.approx(middle, rel=2 * step + 1e-9)
    assert speedup(shares, costs, 1 + step) == pytest.approx(middle, rel=2 * step + 1e-9)
    assert middle == pytest.approx(math.prod(c**-w for c, w in zip(costs, shares, strict=True)))


@given(shares=SHARES, cost=st.floats(0.001, 5), substitution=SUBSTITUTIONS)
def test_tasks_that_cost_alike_make_substitution_irrelevant(
    shares: list[float], cost: float, substitution: float
) -> None:
    assert speedup(shares, [cost] * 4, substitution) == pytest.approx(1 / cost, rel=1e-9)


@given(shares=SHARES, costs=COSTS, substitutions=st.lists(SUBSTITUTIONS, min_size=2, max_size=2))
def test_speedup_rises_with_substitution_between_the_extremes(
    shares: list[float], costs: list[float], substitutions: list[float]
) -> None:
    low, high = (speedup(shares, costs, s) for s in sorted(substitutions))
    assert 1 / max(costs) * (1 - 1e-9) <= low <= high * (1 + 1e-9) <= 1 / min(costs) * (1 + 2e-9)


@given(shares=SHARES, costs=COSTS, substitution=SUBSTITUTIONS, part=st.floats(0.01, 0.99))
def test_splitting_a_task_changes_nothing(
    shares: list[float], costs: list[float], substitution: float, part: float
) -> None:
    split = [*shares[:-1], shares[-1] * part, shares[-1] * (1 - part)]
    assert speedup(split, [*costs, costs[-1]], substitution) == pytest.approx(
        speedup(shares, costs, substitution), rel=1e-9
    )


@pytest.mark.parametrize("substitution", [0.0, 0.5, 1.0, 2.0, 200.0])
def test_task_without_time_counts_for_nothing(substitution: float) -> None:
    with_idle = speedup([0.0, 0.4, 0.6], [1e-9, 0.5, 0.8], substitution)
    assert with_idle == pytest.approx(speedup([0.4, 0.6], [0.5, 0.8], substitution), rel=1e-12)


@pytest.mark.parametrize("substitution", [50.0, 1e3, 1e6])
def test_much_substitution_does_not_overflow(substitution: float) -> None:
    assert speedup([0.5, 0.5], [1e-4, 1.0], substitution) == pytest.approx(1e4, rel=2.0 / substitution)


@given(hours=st.floats(0, 1), first=SHARES, second=SHARES, costs=COSTS)
def test_roles_add_up_harmonically_without_substitution(
    hours: float, first: list[float], second: list[float], costs: list[float]
) -> None:
    """Model §5: at σ = 0, 1/S_L = Σ h_r / S_L,r."""
    roles = np.array([first, second]) / np.sum([first, second], axis=1, keepdims=True)
    h = np.array([hours, 1 - hours])
    each = labour_speedup(roles, np.array(costs), np.zeros(2))
    pooled = labour_speedup(mixed_time_share(h, roles), np.array(costs), np.array(0.0))
    assert float(1 / pooled) == pytest.approx(float((h / each).sum()), rel=1e-10)


def test_mix_of_roles_by_hand() -> None:
    """Six contributors and two managers (Owen 2024, §4.2) who debug 20 and 8 % of their time debug 17 % together."""
    mixed = mixed_time_share(np.array([0.75, 0.25]), np.array([[0.20, 0.80], [0.08, 0.92]]))
    assert mixed.tolist() == pytest.approx([0.17, 0.83])


@given(shares=SHARES, scale=st.floats(0.1, 10))
def test_time_shares_are_normalised(shares: list[float], scale: float) -> None:
    w, quantity = np.array(shares), np.array([0.1, 0.2, 0.3, 0.9])
    assert float(mix_mean(w * scale, quantity)) == pytest.approx(float(mix_mean(w, quantity)))
    assert float(labour_speedup(w * scale, quantity, np.array(0.3))) == pytest.approx(
        float(labour_speedup(w, quantity, np.array(0.3)))
    )
