"""Compute that agents take, and one project's calendar (model §6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosim.equations.compute import agent_compute_demand, project_speedup

SPEEDUPS = st.floats(0.1, 1e12)
WAITS = st.floats(0.001, 0.999)
AGENT_SHARES = st.floats(0, 0.99)


def test_demand_by_hand() -> None:
    """0.1 · 2^(0.5 · 4) · 3 · 0.5 / 2^3 = 0.1 · 4 · 1.5 / 8 = 0.075."""
    assert float(agent_compute_demand(0.1, 0.5, 4.0, 3.0, 0.5, 3.0)) == pytest.approx(0.075)


@given(scale=st.floats(0.1, 10), speedup=st.floats(0.5, 50), share=st.floats(0, 1), per_head=st.floats(-20, 20))
def test_demand_is_proportional_to_delegated_work(scale: float, speedup: float, share: float, per_head: float) -> None:
    once = float(agent_compute_demand(0.05, 0.3, 2.0, speedup, share, per_head))
    assert float(agent_compute_demand(0.05, 0.3, 2.0, speedup * scale, share, per_head)) == pytest.approx(once * scale)
    assert float(agent_compute_demand(0.05, 0.3, 2.0, speedup, share, per_head + 1)) == pytest.approx(once / 2)


def test_project_by_hand() -> None:
    """Labour four times as fast, a fifth of the calendar waiting, half the compute with agents: 1 / (0.2 + 0.4)."""
    assert project_speedup(4.0, 0.2, 0.5) == pytest.approx(1 / 0.6)


@given(speedup=SPEEDUPS, wait=WAITS, agents=AGENT_SHARES)
def test_project_never_beats_its_wait(speedup: float, wait: float, agents: float) -> None:
    assert project_speedup(speedup, wait, agents) <= 1 / wait


@given(speedup=SPEEDUPS, wait=WAITS)
def test_without_agents_compute_a_project_is_amdahl(speedup: float, wait: float) -> None:
    assert project_speedup(speedup, wait, 0.0) == pytest.approx(1 / (wait + (1 - wait) / speedup), rel=1e-9)


@given(speedup=SPEEDUPS, wait=WAITS, agents=st.lists(AGENT_SHARES, min_size=2, max_size=2))
def test_agents_compute_lengthens_the_wait(speedup: float, wait: float, agents: list[float]) -> None:
    few, many = sorted(agents)
    assert project_speedup(speedup, wait, many) <= project_speedup(speedup, wait, few)


@given(wait=st.floats(0, 1))
def test_nothing_gained_nothing_taken_leaves_the_calendar(wait: float) -> None:
    assert project_speedup(1.0, wait, 0.0) == pytest.approx(1.0, rel=1e-15)
