"""Delegation: what each mode costs, and how people choose (model §4)."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from autosim.equations.delegation import (
    DelegationTerms,
    Outcome,
    adoption_at,
    assisted_cost,
    delegated_costs,
    expected_outcome,
    mode_shares,
    optimism_at,
    prospects,
)

GAIN, OVERHEAD, SPECIFICATION, FAMILIARITY, VERIFICATION = 0.4, 0.08, 0.08, 0.06, 0.12
REWORK, UNDETECTED_LOSS, PRICE = 1.3, 3.0, 0.03
CERTAIN, HOPELESS = 0.0, 800.0
LOSSES = st.lists(st.floats(0, 30), min_size=1, max_size=8)
COSTS = st.floats(0, 4)
NOISES = st.floats(0.01, 0.5)


def terms(noise: float = 0.05) -> DelegationTerms:
    costs = GAIN, OVERHEAD, SPECIFICATION, FAMILIARITY, VERIFICATION, REWORK, UNDETECTED_LOSS, PRICE, noise
    return DelegationTerms(*(np.array([cost]) for cost in costs))


def outcome(losses: Sequence[float], pieces: Sequence[float], optimism: float = 0.0, noise: float = 0.05) -> Outcome:
    """One draw, one task, equally weighted instances, full handover."""
    nodes = np.array(losses)[None, None], np.array(pieces)[None, None]
    ahead = prospects(*nodes, np.array([optimism]), terms(noise))
    weights = np.full(nodes[0].shape, 1 / len(losses))
    return expected_outcome(weights, ahead, np.array([[SPECIFICATION + FAMILIARITY]]), terms(noise))


def cost(result: Outcome) -> float:
    return float((result.undelegated_cost + result.delegated_cost)[0, 0])


def shares_by_hand(costs: Sequence[float], noise: float) -> list[float]:
    odds = [math.exp((min(costs) - c) / noise) for c in costs]
    return [o / sum(odds) for o in odds]


def table(p: float, piece: float) -> list[float]:
    """The table of modes, manual to trusted."""
    start = SPECIFICATION + FAMILIARITY + PRICE
    assisted = (1 + OVERHEAD) / (1 + GAIN * piece)
    return [1.0, assisted, start + VERIFICATION + (1 - p) * REWORK, start + (1 - p) * UNDETECTED_LOSS]


def test_costs_at_certain_success_by_hand() -> None:
    """s + u + price = 0.17; verified adds 0.12; assisted 1.08 / 1.4 = 0.7714."""
    assert table(1.0, 1.0) == pytest.approx([1.0, 0.771429, 0.29, 0.17], abs=1e-6)
    result = outcome([CERTAIN], [CERTAIN])
    _, assisted, verified, trusted = shares_by_hand(table(1.0, 1.0), 0.05)
    assert [float(s[0, 0]) for s in result[:3]] == pytest.approx([assisted, verified, trusted], rel=1e-12)
    by_hand = math.fsum(s * c for s, c in zip(shares_by_hand(table(1.0, 1.0), 0.05), table(1.0, 1.0), strict=True))
    assert cost(result) == pytest.approx(by_hand, rel=1e-12)
    assert cost(result) == pytest.approx(0.179984, abs=1e-6)


def test_costs_at_certain_failure_by_hand() -> None:
    """Verified 0.17 + 0.12 + 1.3 = 1.59, trusted 3.17, assisted 1.08: nearly all is done by hand."""
    assert table(0.0, 0.0) == pytest.approx([1.0, 1.08, 1.59, 3.17])
    result = outcome([HOPELESS], [HOPELESS])
    by_hand = math.fsum(s * c for s, c in zip(shares_by_hand(table(0.0, 0.0), 0.05), table(0.0, 0.0), strict=True))
    assert cost(result) == pytest.approx(by_hand, rel=1e-12)
    assert float(result.trusted[0, 0]) < 1e-18


@given(losses=LOSSES, noise=NOISES)
def test_expected_cost_is_the_softmax_mean_of_the_table(losses: list[float], noise: float) -> None:
    """Slow twin, without optimism: what is believed is what is paid."""
    pieces = [0.3 * loss for loss in losses]
    means = []
    for loss, piece in zip(losses, pieces, strict=True):
        costs = table(math.exp(-loss), math.exp(-piece))
        means.append(math.fsum(s * c for s, c in zip(shares_by_hand(costs, noise), costs, strict=True)))
    assert cost(outcome(losses, pieces, 0.0, noise)) == pytest.approx(math.fsum(means) / len(means), rel=1e-9)


def test_people_choose_by_what_they_believe_and_pay_what_is_true() -> None:
    """By hand: p = 0.5 and o = ln 3 are believed to be 0.75."""
    believed, true = table(0.75, 0.75), table(0.5, 0.5)
    by_hand = math.fsum(s * c for s, c in zip(shares_by_hand(believed, 0.05), true, strict=True))
    result = outcome([math.log(2)], [math.log(2)], math.log(3))
    assert cost(result) == pytest.approx(by_hand, rel=1e-12)


def test_over_optimism_makes_ai_slow_people_down() -> None:
    """The direction of METR's 2025 trial (Becker et al., arXiv 2507.09089): help was expected, time was lost."""
    hard, pieces = [3.0] * 3, [2.0] * 3
    assert cost(outcome(hard, pieces, optimism=0.0)) < 1.05
    assert cost(outcome(hard, pieces, optimism=4.0)) > 1.19


@given(losses=LOSSES, optimism=st.floats(-6, 6), noise=NOISES)
def test_no_belief_beats_the_cheapest_mode_everywhere(losses: list[float], optimism: float, noise: float) -> None:
    pieces = [0.5 * loss for loss in losses]
    pairs = zip(losses, pieces, strict=True)
    cheapest = math.fsum(min(table(math.exp(-loss), math.exp(-piece))) for loss, piece in pairs) / len(losses)
    assert cost(outcome(losses, pieces, optimism, noise)) >= cheapest - 1e-12


@given(assisted=COSTS, verified=COSTS, trusted=COSTS, noise=NOISES)
def test_log_odds_of_two_modes_are_their_cost_difference_over_noise(
    assisted: float, verified: float, trusted: float, noise: float
) -> None:
    """Multinomial logit (McFadden 1974): a cost lower by noise · ln 3 is chosen three times as often."""
    shares = [float(share) for share in mode_shares(assisted, verified, trusted, noise)]
    assert math.fsum(shares) == pytest.approx(1.0)
    if min(shares) > 1e-290:
        costs = [1.0, assisted, verified, trusted]
        assert math.log(shares[1] / shares[3]) == pytest.approx((costs[3] - costs[1]) / noise, abs=1e-9)
        assert math.log(shares[0] / shares[2]) == pytest.approx((costs[2] - costs[0]) / noise, abs=1e-9)


def test_three_to_one_by_hand() -> None:
    shares = mode_shares(1.0 - 0.05 * math.log(3), 9.0, 9.0, 0.05)
    assert [float(share) for share in shares] == pytest.approx([0.25, 0.75, 0.0, 0.0], abs=1e-12)


@given(losses=LOSSES, optimism=st.floats(-3, 3), noise=NOISES)
def test_those_not_served_choose_between_manual_and_assisted(
    losses: list[float], optimism: float, noise: float
) -> None:
    """Slow twin: without agents, what is left is a softmax over two modes at each instance."""
    pieces = [0.4 * loss for loss in losses]
    result = outcome(losses, pieces, optimism, noise)
    shares, costs = [], []
    for piece in pieces:
        p = math.exp(-piece)
        believed = p / (p + (1 - p) * math.exp(-optimism))
        manual, assisted = shares_by_hand(table(0.0, believed)[:2], noise)
        shares.append(assisted)
        costs.append(manual + assisted * table(0.0, p)[1])
    assert float((result.undelegated_cost + result.fallback_cost)[0, 0]) == pytest.approx(np.mean(costs), rel=1e-9)
    assert float((result.assisted + result.fallback_assisted)[0, 0]) == pytest.approx(np.mean(shares), rel=1e-9)


@given(failures=st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_delegation_costs_more_the_more_often_it_fails(failures: list[float]) -> None:
    failure: NDArray[np.float64] = np.sort(np.array(failures))[None, None]
    for low, high in (costs[0, 0] for costs in delegated_costs(failure, np.array([[0.14]]), terms())):
        assert low <= high


def test_assistance_by_hand() -> None:
    """A perfect assistant that doubles speed (gain 1) without overhead halves the time."""
    assert assisted_cost(1.0, 1.0, 0.0) == 0.5
    assert assisted_cost(0.0, 1.0, 0.1) == 1.1


def test_optimism_wears_off_from_the_reference_date_on() -> None:
    """By hand: half is left after ln 2 / decay years."""
    assert float(optimism_at(1.2, 0.3, math.log(2) / 0.3)) == pytest.approx(0.6)
    assert float(optimism_at(1.2, 0.3, -4.0)) == 1.2


def test_adoption_grows_logistically() -> None:
    """By hand: logit 0.3 = -0.8473; a year at 1.2 brings 0.3527, which is a share of 0.5873."""
    assert float(adoption_at(0.3, 1.2, 1.0)) == pytest.approx(0.5873, abs=1e-4)
    assert float(adoption_at(0.3, 1.2, 0.0)) == pytest.approx(0.3)


@given(adoption=st.floats(0, 1), growth=st.floats(-5, 5), years=st.floats(-10, 30))
def test_adoption_stays_a_share(adoption: float, growth: float, years: float) -> None:
    assert 0 <= float(adoption_at(adoption, growth, years)) <= 1
