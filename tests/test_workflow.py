"""One moment's work as a whole: handover, adoption, rationing (model §4-6)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosim.equations.delegation import DelegationTerms, Outcome, prospects
from autosim.equations.workflow import Allocation, allocate, labour_state, share_out, trusted_of_kind

SPECIFICATION, FAMILIARITY, VERIFICATION, REWORK, LOSS, PRICE, NOISE = 0.2, 0.3, 0.1, 1.5, 3.0, 0.05, 0.1
GAIN, OVERHEAD = 0.4, 0.08
TERMS = DelegationTerms(
    *(
        np.array([term])
        for term in (GAIN, OVERHEAD, SPECIFICATION, FAMILIARITY, VERIFICATION, REWORK, LOSS, PRICE, NOISE)
    )
)
SHARES = st.floats(0, 1)


def settle(
    losses: list[float], time_share: list[float], kinds: list[slice], adoption: float, served: float
) -> Allocation:
    """One draw, one instance per task."""
    nodes = np.array(losses)[None, :, None]
    ahead = prospects(nodes, nodes, np.zeros(1), TERMS)
    one = np.array([adoption]), np.array([served])
    return allocate(np.ones_like(nodes), ahead, TERMS, kinds, np.array([time_share]), *one)


def task_by_hand(p: float, handover: float, adoption: float, served: float) -> tuple[float, float, float, float]:
    """Cost, assisted, verified and trusted share of one task, from the table of modes and nothing else."""
    assisted, start = (1 + OVERHEAD) / (1 + GAIN * p), handover + PRICE
    costs = [1.0, assisted, start + VERIFICATION + (1 - p) * REWORK, start + (1 - p) * LOSS]
    odds = [math.exp((1 - cost) / NOISE) for cost in costs]
    manual, a, v, t = (o / sum(odds) for o in odds)
    unserved = (1 - served) * (v + t)
    manual, a = manual + unserved * manual / (manual + a), a + unserved * a / (manual + a)
    shares = [manual, a, served * v, served * t]
    cost = sum(share * each for share, each in zip(shares, costs, strict=True))
    return 1 - adoption + adoption * cost, adoption * shares[1], adoption * shares[2], adoption * shares[3]


@pytest.mark.parametrize("adoption", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("served", [0.0, 0.7, 1.0])
def test_handover_vanishes_where_both_ends_are_ai(adoption: float, served: float) -> None:
    """By hand, kind after kind: trusted planning shrinks s of all that follows, trusted interpreting u of work."""
    p = [0.99, 0.5, 0.999, 0.95]
    time_share, kinds = [0.1, 0.05, 0.25, 0.6], [slice(0, 2), slice(2, 3), slice(3, 4)]
    plans = [task_by_hand(each, SPECIFICATION + FAMILIARITY, adoption, served) for each in p[:2]]
    human_planning = 1 - (0.1 * plans[0][3] + 0.05 * plans[1][3]) / 0.15
    interpreting = task_by_hand(p[2], SPECIFICATION * human_planning + FAMILIARITY, adoption, served)
    handover = SPECIFICATION * human_planning + FAMILIARITY * (1 - interpreting[3])
    work = task_by_hand(p[3], handover, adoption, served)
    got = settle([-math.log(each) for each in p], time_share, kinds, adoption, served)
    np.testing.assert_allclose(np.stack(got)[:, 0].T, [*plans, interpreting, work], rtol=1e-12, atol=1e-15)


def test_without_planning_tasks_interpreting_bears_the_whole_specification() -> None:
    got = settle([0.01, 0.02], [0.5, 0.5], [slice(0, 0), slice(0, 1), slice(1, 2)], 1.0, 1.0)
    assert float(got.cost[0, 0]) == pytest.approx(
        task_by_hand(math.exp(-0.01), SPECIFICATION + FAMILIARITY, 1.0, 1.0)[0]
    )


def test_more_trusted_planning_makes_work_cheaper() -> None:
    kinds = [slice(0, 1), slice(1, 1), slice(1, 2)]
    easy, hard = (settle([loss, 0.01], [0.2, 0.8], kinds, 1.0, 1.0) for loss in (0.001, 9.0))
    assert easy.trusted[0, 0] > 0.5
    assert easy.cost[0, 1] < hard.cost[0, 1] - 0.1


def test_each_kind_wants_its_slice() -> None:
    with pytest.raises(ValueError, match="shorter"):
        settle([0.1], [1.0], [slice(0, 1), slice(1, 1)], 1.0, 1.0)


def test_trusted_share_of_a_kind_is_weighted_by_time() -> None:
    """By hand: (0.1 · 0.9 + 0.3 · 0.1) / 0.4 = 0.3; a kind without tasks or time trusts nothing."""
    assert float(trusted_of_kind(np.array([0.1, 0.3]), np.array([0.9, 0.1]))) == pytest.approx(0.3)
    assert float(trusted_of_kind(np.zeros(2), np.ones(2))) == 0.0
    assert float(trusted_of_kind(np.zeros(0), np.zeros(0))) == 0.0


@given(losses=st.lists(st.floats(0, 20), min_size=3, max_size=3), adoption=SHARES, served=SHARES)
def test_shares_are_shares_and_nobody_unserved_delegates(losses: list[float], adoption: float, served: float) -> None:
    got = settle(losses, [0.2, 0.3, 0.5], [slice(0, 1), slice(1, 2), slice(2, 3)], adoption, served)
    ai = got.assisted + got.verified + got.trusted
    assert (ai >= 0).all()
    assert (ai <= adoption + 1e-12).all()
    assert (got.verified + got.trusted <= adoption * served + 1e-12).all()


@given(losses=st.lists(st.floats(0, 20), min_size=3, max_size=3), served=SHARES)
def test_without_adoption_everything_costs_what_it_did(losses: list[float], served: float) -> None:
    got = settle(losses, [0.2, 0.3, 0.5], [slice(0, 1), slice(1, 2), slice(2, 3)], 0.0, served)
    assert got.cost.tolist() == [[1.0, 1.0, 1.0]]
    state = labour_state(np.array([[0.2, 0.3, 0.5]]), got, np.array([0.7]))
    assert [float(value[0]) for value in state] == [1.0, 0.0, 0.0, 0.0, 0.0]


def test_rationing_enters_linearly_by_hand() -> None:
    """Half served of 0.6 delegated at 0.3 in all, the other half at 0.5; 0.3 undelegated; used in 80 % of hours."""
    outcome = Outcome(*(np.array([[x]]) for x in (0.1, 0.2, 0.4, 0.3, 0.3, 0.5, 0.2)))
    got = share_out(outcome, np.array([0.8]), np.array([0.5]))
    assert [float(item[0, 0]) for item in got] == pytest.approx([0.2 + 0.8 * 0.7, 0.8 * 0.2, 0.08, 0.16])


def test_state_by_hand() -> None:
    """Shares 0.25 and 0.75, costs 0.2 and 1: 0.05 + 0.75 = 0.8 of the hours are left, a speedup of 1.25."""
    allocation = Allocation(*(np.array([row]) for row in ([0.2, 1.0], [0.1, 0.3], [0.3, 0.0], [0.5, 0.0])))
    state = labour_state(np.array([[0.25, 0.75]]), allocation, np.zeros(1))
    assert [float(value[0]) for value in state] == pytest.approx([1.25, 0.2, 0.2, 0.25, 0.125])
