"""Laws for all inputs (bounds, monotonicity, order, splitting, limits): work as a whole, model §5-7."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import (
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

from autosim.equations.compute import agent_compute_demand, project_speedup
from autosim.equations.delegation import (
    DelegationTerms,
    Outcome,
    prospects,
)
from autosim.equations.labour import labour_speedup, mix_mean, mixed_time_share
from autosim.equations.progress import input_growth, log2_research_input, progress_multiplier, software_rate
from autosim.equations.workflow import Allocation, allocate, labour_state, share_out, trusted_of_kind


@given(shares=WEIGHTS, costs=arrays(4, st.floats(0.01, 5)), sigma=st.floats(0, 5), order=ORDERS, more=SMALL)
def test_labour_has_no_order_and_lies_between_its_tasks(
    shares: Floats, costs: Floats, sigma: float, order: list[int], more: float
) -> None:
    speedup = labour_speedup(shares, costs, np.array(sigma))
    assert labour_speedup(shares[order], costs[order], np.array(sigma)) == pytest.approx(speedup)
    assert 1 / costs.max() * (1 - NEAR) <= speedup <= 1 / costs.min() * (1 + NEAR)
    costs[0] += more
    assert labour_speedup(shares, costs, np.array(sigma)) <= speedup * (1 + NEAR)


@given(shares=WEIGHTS, values=arrays(4, DOUBLINGS), order=ORDERS, part=SHARE, scale=SMALL)
def test_means_over_the_mix(shares: Floats, values: Floats, order: list[int], part: float, scale: float) -> None:
    mean = mix_mean(shares, values)
    assert values.min() - NEAR <= mean <= values.max() + NEAR
    assert mix_mean(shares[order], values[order]) == pytest.approx(mean, abs=1e-9)
    assert mix_mean(split(shares, part), again(values)) == pytest.approx(mean, abs=1e-9)
    assert mix_mean(scale * shares, values) == pytest.approx(mean, abs=1e-9)
    assert trusted_of_kind(shares, values) == pytest.approx(mean, abs=1e-9)
    assert trusted_of_kind(0 * shares, values) == 0


@given(roles=WEIGHTS, tasks=st.lists(WEIGHTS, min_size=4, max_size=4).map(np.array), order=ORDERS, part=SHARE)
def test_all_roles_together(roles: Floats, tasks: Floats, order: list[int], part: float) -> None:
    mixed = mixed_time_share(roles, tasks)
    assert mixed.sum() == pytest.approx(1.0)
    assert (tasks.min(0) - NEAR <= mixed).all()
    assert (mixed <= tasks.max(0) + NEAR).all()
    np.testing.assert_allclose(mixed_time_share(roles[order], tasks[order]), mixed)
    np.testing.assert_allclose(mixed_time_share(split(roles, part), np.vstack([tasks, tasks[-1]])), mixed)


@given(share=SHARE, years=YEARS, speedups=TWO, delegated=st.tuples(SHARE, SHARE).map(sorted), head=DOUBLINGS)
def test_demand_is_nothing_without_delegation_and_rises_with_work(
    share: float, years: float, speedups: list[float], delegated: list[float], head: float
) -> None:
    less, more = (agent_compute_demand(share, 0.3, years, s, d, head) for s, d in zip(speedups, delegated, strict=True))
    assert agent_compute_demand(share, 0.3, years, speedups[0], 0.0, head) == 0 <= less <= more
    assert agent_compute_demand(share, 0.3, years, speedups[0], delegated[0], head + 1) == pytest.approx(less / 2)


@given(speedups=TWO, wait=SHARE, agents=st.floats(0, 0.99))
def test_a_project_gains_from_labour_and_never_beats_it(speedups: list[float], wait: float, agents: float) -> None:
    less, more = (project_speedup(s, wait, agents) for s in speedups)
    assert 0 < less <= more * (1 + NEAR)
    assert more <= max(1.0, speedups[1]) * (1 + NEAR)
    assert project_speedup(speedups[0], 0.0, agents) == pytest.approx(speedups[0])


@given(growth=st.tuples(DOUBLINGS, DOUBLINGS).map(sorted), after=DOUBLINGS, slowdown=SMALL, years=YEARS)
def test_inputs_rise_with_their_growth_and_stay_within_it(
    growth: list[float], after: float, slowdown: float, years: float
) -> None:
    less, more = (float(input_growth(g, after, slowdown, years)) for g in growth)
    assert less <= more
    low, high = sorted((growth[0] * years, after * years))
    assert low - 1e-9 <= less <= high + 1e-9
    assert float(input_growth(growth[0], growth[0], slowdown, years)) == pytest.approx(growth[0] * years, abs=1e-9)


@given(labour=DOUBLINGS, compute=DOUBLINGS, share=SHARE, sigma=st.floats(0.05, 5), more=SMALL)
def test_more_of_an_input_is_never_less(labour: float, compute: float, share: float, sigma: float, more: float) -> None:
    def output(log_labour: float, log_compute: float) -> float:
        return float(log2_research_input(*(np.array(x) for x in (log_labour, log_compute, share, sigma))))

    assert output(labour, compute) <= output(labour + more, compute) + 1e-7
    assert output(labour, compute) <= output(labour, compute + more) + 1e-7


@given(inputs=st.tuples(DOUBLINGS, DOUBLINGS).map(sorted), middle=DOUBLINGS, returns=SMALL)
def test_multipliers_chain_and_start_at_1(inputs: list[float], middle: float, returns: float) -> None:
    less, more = inputs
    assert progress_multiplier(less, less, returns) == 1
    assert progress_multiplier(more, less, returns) >= 1
    chained = progress_multiplier(more, middle, returns) * progress_multiplier(middle, less, returns)
    assert chained == pytest.approx(progress_multiplier(more, less, returns))


@given(growth=SMALL, inputs=st.tuples(DOUBLINGS, DOUBLINGS).map(sorted), returns=SMALL, software=st.floats(0, 30))
def test_software_grows_with_input_and_never_shrinks(
    growth: float, inputs: list[float], returns: float, software: float
) -> None:
    less, more = (float(software_rate(growth, log2, returns, software, 0.7)) for log2 in inputs)
    assert 0 < less <= more
    assert float(software_rate(2 * growth, inputs[0], returns, software, 0.7)) == pytest.approx(2 * less)


OUTCOMES = arrays(7, SHARE).map(lambda items: Outcome(*(np.array([[item]]) for item in items)))


@given(item=OUTCOMES, adoption=SHARE, served=st.tuples(SHARE, SHARE, SHARE).map(sorted))
def test_rationing_is_linear_and_without_adoption_nothing_changes(
    item: Outcome, adoption: float, served: list[float]
) -> None:
    def given_out(m: float, a: float = adoption) -> Allocation:
        return share_out(item, np.array([a]), np.array([m]))

    for low, between, high in zip(*(given_out(m) for m in served), strict=True):
        assert min(low, high) - NEAR <= between <= max(low, high) + NEAR
    assert [float(part[0, 0]) for part in given_out(served[0], 0.0)] == [1.0, 0.0, 0.0, 0.0]
    assert given_out(0.0).trusted == given_out(0.0).verified == 0
    for some, everybody, none in zip(given_out(0.5), given_out(0.5, 1.0), given_out(0.5, 0.0), strict=True):
        np.testing.assert_allclose(some, adoption * everybody + (1 - adoption) * none, atol=1e-12)


LOSSES = arrays(6, st.floats(0, 30))
TIMES = arrays(6, st.floats(0.01, 1)).map(lambda shares: shares / shares.sum())
KINDS_OF_SIX = [slice(0, 2), slice(2, 4), slice(4, 6)]


def allotted(losses: Floats, times: Floats, kinds: list[slice], terms: DelegationTerms, served: float) -> Allocation:
    nodes = losses[None, :, None]
    ahead = prospects(nodes, nodes / 2, np.array([0.5]), terms)
    return allocate(np.ones_like(nodes), ahead, terms, kinds, times[None], np.array([0.8]), np.array([served]))


@given(losses=LOSSES, times=TIMES, terms=COSTS, served=SHARE, swap=st.booleans(), part=SHARE)
def test_tasks_of_a_kind_have_no_order_and_may_be_split(
    losses: Floats, times: Floats, terms: DelegationTerms, served: float, swap: bool, part: float
) -> None:
    order = [1, 0, 3, 2, 5, 4] if swap else [0, 1, 3, 2, 4, 5]
    whole = allotted(losses, times, KINDS_OF_SIX, terms, served)
    moved = allotted(losses[order], times[order], KINDS_OF_SIX, terms, served)
    halved = allotted(again(losses), split(times, part), [*KINDS_OF_SIX[:2], slice(4, 7)], terms, served)
    for item, other, third in zip(whole, moved, halved, strict=True):
        np.testing.assert_allclose(other, item[:, order], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(third[:, :6], item, rtol=1e-9, atol=1e-12)
    sigma = np.array([0.6])
    state = labour_state(times[None], whole, sigma)
    for item, other, third in zip(
        state,
        labour_state(times[order][None], moved, sigma),
        labour_state(split(times, part)[None], halved, sigma),
        strict=True,
    ):
        np.testing.assert_allclose(other, item, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(third, item, rtol=1e-9, atol=1e-12)
    assert 0 <= state.trusted_share <= state.delegated_share + NEAR <= 1 + 2 * NEAR
    assert state.delegated_share + state.assisted_share <= 0.8 + NEAR
    assert state.time_saved_share <= 1 - whole.cost.min() + NEAR
    assert 1 / whole.cost.max() * (1 - NEAR) <= state.labour_speedup <= 1 / whole.cost.min() * (1 + NEAR)
