"""Laws for all inputs (bounds, monotonicity, order that must not matter, splitting, limits): instances, model §2-4."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import (
    COST,
    COSTS,
    DOUBLINGS,
    NEAR,
    ORDERS,
    SHARE,
    SMALL,
    TWO,
    WEIGHTS,
    YEARS,
    Floats,
    again,
    arrays,
    split,
)

from autosim.equations.arrays import shift_odds, softplus
from autosim.equations.capability import exponential, horizon_log2, saturating, superexponential
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
from autosim.equations.success import (
    binding_split,
    bottleneck_losses,
    evaluation_difficulty,
    log_failure_weight,
    mean_all_of,
    mean_best_of,
    mean_success,
    task_difficulty,
)


@given(x=st.floats(-700, 700), step=SMALL)
def test_softplus_is_above_both_of_its_limits_and_rises(x: float, step: float) -> None:
    assert max(x, 0.0) <= softplus(x) <= max(x, 0.0) + np.log(2.0) + NEAR
    assert softplus(x) <= softplus(x + step)


@given(share=SHARE, first=st.floats(-20, 20), second=st.floats(-20, 20))
def test_odds_shifted_twice_are_shifted_by_the_sum(share: float, first: float, second: float) -> None:
    once, whole = shift_odds(share, 1 - share, first), shift_odds(share, 1 - share, first + second)
    np.testing.assert_allclose(shift_odds(*once, second), whole, rtol=1e-9, atol=1e-12)
    assert 0 <= whole[0] <= 1
    assert sum(whole) == pytest.approx(1.0)


@given(y=st.floats(0, 50), shrink=st.tuples(st.floats(0.001, 0.5), st.floats(0.001, 0.5)).map(sorted))
def test_quicker_doublings_lead_further_from_the_second_on(y: float, shrink: list[float]) -> None:
    slower, quicker = (float(superexponential(np.array(y), np.array(d))) for d in shrink)
    assert (quicker >= slower - NEAR) if y >= 1 else (quicker <= slower + NEAR)
    assert float(superexponential(np.array(y), np.array(1e-9))) == pytest.approx(exponential(y), rel=1e-6)


@given(y=st.floats(0, 50), ceilings=TWO)
def test_a_higher_ceiling_leads_further_and_none_at_all_to_the_trend(y: float, ceilings: list[float]) -> None:
    lower, higher = (float(saturating(np.array(y), np.array(c))) for c in ceilings)
    assert 0 <= lower <= higher + NEAR <= y + 2 * NEAR
    assert float(saturating(np.array(y), np.array(1e12))) == pytest.approx(y, abs=1e-6)


@given(offset=DOUBLINGS, relief=st.floats(-0.99, 3), growth=st.floats(0, 30), more=SMALL)
def test_horizons_rise_with_offset_and_relief_up_to_the_cap(
    offset: float, relief: float, growth: float, more: float
) -> None:
    base = horizon_log2(8.0, offset, relief, growth)
    assert base <= horizon_log2(8.0, offset + more, relief, growth) <= 24.0
    assert base <= horizon_log2(8.0, offset, relief + more, growth) <= 24.0


BOTTLENECKS = st.tuples(arrays(4, st.floats(-5, 24)), arrays(4, SHARE), arrays(4, st.floats(0.05, 3)))


@given(x=st.floats(-10, 30), said=BOTTLENECKS, order=ORDERS, part=SHARE)
def test_bottlenecks_have_no_order_and_may_be_split(
    x: float, said: tuple[Floats, Floats, Floats], order: list[int], part: float
) -> None:
    horizons, severity, slope = said
    assert min(bottleneck_losses(x, horizons, severity, slope)) >= 0
    whole = log_failure_weight(x, horizons, severity, slope)
    assert whole >= 0
    assert log_failure_weight(x, *(values[order] for values in said)) == pytest.approx(whole, rel=1e-12)
    halves = log_failure_weight(x, again(horizons), split(severity, part), again(slope))
    assert halves == pytest.approx(whole, rel=1e-12)


@given(length=st.floats(0.1, 1e5), spread=TWO, own=st.floats(0, 5), leaked=st.floats(-5, 5))
def test_spread_and_residual_add_in_quadrature(length: float, spread: list[float], own: float, leaked: float) -> None:
    for s in spread:
        mean, sd = evaluation_difficulty(length, s, leaked, own)
        hours, same = task_difficulty(length, s, own)
        assert sd == same >= max(s / np.log(2), own) - NEAR
        assert mean + leaked == pytest.approx(np.log2(length), abs=1e-9)
        assert hours >= np.log2(length)
    assert (
        evaluation_difficulty(length, spread[0], 0.0, own)[1] <= evaluation_difficulty(length, spread[1], 0.0, own)[1]
    )
    assert task_difficulty(length, spread[0], own)[0] <= task_difficulty(length, spread[1], own)[0]


@given(weights=WEIGHTS, losses=arrays(4, st.floats(0, 50)), order=ORDERS, part=SHARE, k=st.integers(1, 9))
def test_instances_have_no_order_and_may_be_split(
    weights: Floats, losses: Floats, order: list[int], part: float, k: int
) -> None:
    for mean in (mean_success, partial(mean_best_of, k), partial(mean_all_of, k)):
        whole = mean(weights, losses)
        assert -NEAR <= whole <= 1 + NEAR
        assert mean(weights[order], losses[order]) == pytest.approx(whole)
        assert mean(split(weights, part), again(losses)) == pytest.approx(whole)
        assert mean(weights, losses + 0.1) <= whole + NEAR
    assert mean_best_of(k + 1, weights, losses) >= mean_best_of(k, weights, losses) - NEAR
    assert mean_all_of(k + 1, weights, losses) <= mean_all_of(k, weights, losses) + NEAR


@given(loss=st.floats(0, 50), k=st.integers(1, 9))
def test_attempts_at_one_instance_are_independent(loss: float, k: int) -> None:
    one, losses = np.ones(1), np.array([loss])
    p = mean_success(one, losses)
    assert mean_all_of(k, one, losses) == pytest.approx(p**k)
    assert 1 - mean_best_of(k, one, losses) == pytest.approx((1 - p) ** k, abs=1e-12)


@given(weights=WEIGHTS, losses=st.lists(arrays(4, st.floats(0, 50)), min_size=4, max_size=4), order=ORDERS, part=SHARE)
def test_what_binds_follows_the_bottlenecks(
    weights: Floats, losses: list[Floats], order: list[int], part: float
) -> None:
    whole = binding_split(weights, losses)
    assert (whole >= 0).all()
    assert whole.sum() == pytest.approx(1.0) or not any(loss.any() for loss in losses)
    np.testing.assert_allclose(binding_split(weights, [losses[i] for i in order]), whole[order])
    halves = binding_split(weights, [*losses[:-1], part * losses[-1], (1 - part) * losses[-1]])
    np.testing.assert_allclose(np.append(halves[:3], halves[3:].sum()), whole, atol=1e-12)


@given(optimism=DOUBLINGS, decay=SMALL, years=st.tuples(YEARS, YEARS).map(sorted))
def test_optimism_shrinks_towards_nothing_and_keeps_its_sign(optimism: float, decay: float, years: list[float]) -> None:
    sooner, later = (float(optimism_at(optimism, decay, year)) for year in years)
    assert abs(later) <= abs(sooner) <= abs(optimism)
    assert later * optimism >= 0
    assert float(optimism_at(optimism, decay, 1e6)) == 0


@given(adoption=SHARE, growth=SMALL, years=st.tuples(YEARS, YEARS).map(sorted))
def test_adoption_rises_towards_all(adoption: float, growth: float, years: list[float]) -> None:
    sooner, later = (float(adoption_at(adoption, growth, year)) for year in years)
    assert adoption - NEAR <= sooner <= later + NEAR <= 1 + 2 * NEAR
    assert float(adoption_at(adoption, -growth, years[0])) <= adoption + NEAR


@given(p=st.tuples(SHARE, SHARE).map(sorted), gain=COST, overhead=COST)
def test_assistance_costs_less_the_better_it_is(p: list[float], gain: float, overhead: float) -> None:
    worse, better = (assisted_cost(share, gain, overhead) for share in p)
    assert (1 + overhead) / (1 + gain) - NEAR <= better <= worse <= 1 + overhead


@given(loss=arrays(4, st.floats(0, 50)), piece=arrays(4, st.floats(0, 50)), optimism=st.floats(-6, 6), terms=COSTS)
def test_belief_is_truth_without_optimism_and_brighter_with_it(
    loss: Floats, piece: Floats, optimism: float, terms: DelegationTerms
) -> None:
    sober, other = (prospects(loss[None, None], piece[None, None], np.array([o]), terms) for o in (0.0, optimism))
    np.testing.assert_allclose(sober.believed_failure, sober.failure, atol=1e-12)
    np.testing.assert_allclose(sober.believed_assisted_cost, sober.assisted_cost)
    sign = 1 if optimism > 0 else -1
    assert (sign * (other.believed_failure - other.failure) <= NEAR).all()
    assert (sign * (other.believed_assisted_cost - other.assisted_cost) <= NEAR).all()
    assert ((other.believed_failure >= 0) & (other.believed_failure <= 1)).all()
    assert (other.failure == sober.failure).all()


@given(failure=arrays(4, SHARE), handover=st.tuples(COST, COST).map(sorted), terms=COSTS)
def test_delegation_costs_at_least_its_start_and_more_with_more_handover(
    failure: Floats, handover: list[float], terms: DelegationTerms
) -> None:
    less, more = (delegated_costs(failure[None, None], np.array([[each]]), terms) for each in handover)
    for cheaper, dearer in zip(less, more, strict=True):
        assert (handover[0] + terms.agent_price <= cheaper + NEAR).all()
        assert (cheaper <= dearer).all()


@given(costs=arrays(3, COST), noise=st.floats(0.01, 0.5), order=st.permutations(range(3)).map(list), more=SMALL)
def test_modes_share_everything_by_cost_alone(costs: Floats, noise: float, order: list[int], more: float) -> None:
    shares = np.array(mode_shares(costs[0], costs[1], costs[2], np.array(noise)))
    assert ((shares >= 0) & (shares <= 1)).all()
    assert shares.sum() == pytest.approx(1.0)
    first, second, third = costs[order]
    np.testing.assert_allclose(mode_shares(first, second, third, np.array(noise))[1:], shares[1:][order])
    dearer = np.array(mode_shares(costs[0] + more, costs[1], costs[2], np.array(noise)))
    assert dearer[1] <= shares[1] + NEAR
    assert (dearer[[0, 2, 3]] >= shares[[0, 2, 3]] - NEAR).all()


@given(gap=st.floats(0.3, 3))
def test_people_who_notice_every_difference_take_the_cheapest_mode(gap: float) -> None:
    assert mode_shares(1.0 - gap, 1.0 + gap, 1.0, np.array(0.01))[1] == pytest.approx(1.0, abs=1e-9)


PROSPECTS = st.tuples(arrays(4, st.floats(0, 30)), arrays(4, st.floats(0, 30)), st.floats(-3, 3))


def outcome(weights: Floats, losses: Floats, pieces: Floats, optimism: float, terms: DelegationTerms) -> Outcome:
    ahead = prospects(losses[None, None], pieces[None, None], np.array([optimism]), terms)
    return expected_outcome(weights[None, None], ahead, np.array([[0.3]]), terms)


@given(weights=WEIGHTS, said=PROSPECTS, terms=COSTS, order=ORDERS, part=SHARE)
def test_outcomes_depend_on_instances_but_not_on_their_order_or_cut(
    weights: Floats, said: tuple[Floats, Floats, float], terms: DelegationTerms, order: list[int], part: float
) -> None:
    losses, pieces, optimism = said
    whole = outcome(weights, losses, pieces, optimism, terms)
    shuffled = outcome(weights[order], losses[order], pieces[order], optimism, terms)
    halved = outcome(split(weights, part), again(losses), again(pieces), optimism, terms)
    for item, other, third in zip(whole, shuffled, halved, strict=True):
        np.testing.assert_allclose(other, item, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(third, item, rtol=1e-9, atol=1e-12)
        assert (item >= 0).all()
    used = whole.assisted + whole.verified + whole.trusted
    assert used <= 1 + NEAR
    failure = -np.expm1(-losses)
    table = [np.ones(4), assisted_cost(np.exp(-pieces), terms.assist_gain, terms.assist_overhead)]
    table += [cost[0, 0] for cost in delegated_costs(failure[None, None], np.array([[0.3]]), terms)]
    paid = float((whole.undelegated_cost + whole.delegated_cost)[0, 0])
    assert weights @ np.min(table, axis=0) - NEAR <= paid <= weights @ np.max(table, axis=0) + NEAR
