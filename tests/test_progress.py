"""R&D progress: inputs, returns, and software (model §7)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosim.equations.progress import input_growth, log2_research_input, progress_multiplier, software_rate

LOGS = st.floats(-20, 20)
WEIGHTS = st.floats(0, 1)
SUBSTITUTIONS = st.one_of(st.floats(0.01, 10), st.floats(0.999, 1.001))


def ces(labour: float, compute: float, weight: float, substitution: float) -> float:
    return float(log2_research_input(np.array(labour), np.array(compute), np.array(weight), np.array(substitution)))


def test_inputs_slow_down_by_hand() -> None:
    """2 a year for 5.4 years, then 1 a year for 4.6: 10.8 + 4.6 = 15.4 doublings in ten years."""
    assert float(input_growth(2.0, 1.0, 5.4, 10.0)) == pytest.approx(15.4)


@given(growth=st.floats(-3, 3), after=st.floats(-3, 3), slowdown=st.floats(0.1, 20))
def test_inputs_are_1_at_the_reference_date_and_continuous(growth: float, after: float, slowdown: float) -> None:
    assert float(input_growth(growth, after, slowdown, 0.0)) == 0.0
    before, behind = (float(input_growth(growth, after, slowdown, slowdown + d)) for d in (-1e-9, 1e-9))
    assert before == pytest.approx(behind, abs=1e-7)


def test_ces_by_hand() -> None:
    """Labour 2 and compute 8 in equal weights: σ = 1/2 gives their harmonic mean 3.2, 1 the geometric 4."""
    assert 2 ** ces(1.0, 3.0, 0.5, 0.5) == pytest.approx(3.2)
    assert 2 ** ces(1.0, 3.0, 0.5, 1.0) == pytest.approx(4.0)
    assert 2 ** ces(1.0, 3.0, 0.5, 1e9) == pytest.approx(5.0)


@given(labour=LOGS, compute=LOGS, weight=st.floats(0.01, 0.99), substitution=st.floats(0.2, 0.95))
def test_ces_is_the_textbook_formula(labour: float, compute: float, weight: float, substitution: float) -> None:
    """Slow twin: Arrow et al. (1961), eq. 13, without logarithms."""
    rho = (substitution - 1) / substitution
    plain = (weight * 2 ** (labour * rho) + (1 - weight) * 2 ** (compute * rho)) ** (1 / rho)
    assert ces(labour, compute, weight, substitution) == pytest.approx(math.log2(plain), abs=1e-9)


@pytest.mark.parametrize("step", [1e-3, 1e-5, 1e-6, 1e-7, 1e-9, 1e-12])
def test_both_sides_of_one_agree_with_one(step: float) -> None:
    middle = ces(9.0, 2.0, 0.35, 1.0)
    assert middle == pytest.approx(0.35 * 9 + 0.65 * 2)
    assert ces(9.0, 2.0, 0.35, 1 - step) == pytest.approx(middle, abs=6 * step + 1e-9)
    assert ces(9.0, 2.0, 0.35, 1 + step) == pytest.approx(middle, abs=6 * step + 1e-9)


@given(labour=LOGS, compute=LOGS, weight=st.floats(0.05, 0.95))
def test_complements_towards_zero_are_the_scarcer_input(labour: float, compute: float, weight: float) -> None:
    assert ces(labour, compute, weight, 1e-6) == pytest.approx(min(labour, compute), abs=1e-4)


@given(labour=LOGS, compute=LOGS, weight=WEIGHTS, substitution=SUBSTITUTIONS, scale=LOGS)
def test_ces_lies_between_its_inputs_and_scales_with_them(
    labour: float, compute: float, weight: float, substitution: float, scale: float
) -> None:
    whole = ces(labour, compute, weight, substitution)
    assert min(labour, compute) - 1e-8 <= whole <= max(labour, compute) + 1e-8
    assert ces(labour + scale, compute + scale, weight, substitution) == pytest.approx(whole + scale, abs=1e-8)


@pytest.mark.parametrize("substitution", [1e-3, 0.1, 1.0, 2.58, 50.0])
@pytest.mark.parametrize(("labour", "compute"), [(-15.0, 10.0), (10.0, -15.0)])
def test_input_without_weight_counts_for_nothing(substitution: float, labour: float, compute: float) -> None:
    assert ces(labour, compute, 1.0, substitution) == pytest.approx(labour)
    assert ces(labour, compute, 0.0, substitution) == pytest.approx(compute)


@given(weight=WEIGHTS, substitution=SUBSTITUTIONS)
def test_inputs_of_the_reference_date_make_1(weight: float, substitution: float) -> None:
    assert ces(0.0, 0.0, weight, substitution) == pytest.approx(0.0, abs=1e-9)


def test_multiplier_by_hand() -> None:
    """Inputs 16 times as large at returns of 0.6: 2^2.4 = 5.278."""
    assert float(progress_multiplier(7.0, 3.0, 0.6)) == pytest.approx(5.278, abs=1e-3)


def test_software_starts_at_its_growth_without_ai() -> None:
    """Model §7: everything is 1 at the reference date."""
    assert float(software_rate(1.6, 0.0, 0.6, 0.0, 0.5)) == 1.6


@given(returns=st.floats(0.1, 2), software=st.floats(0, 30))
def test_inputs_that_grow_with_software_sustain_growth_at_r_1(returns: float, software: float) -> None:
    """Jones (1995): with R proportional to A, growth is steady if returns and ideas_harder are equal (r = 1)."""
    assert float(software_rate(1.6, software, returns, software, returns)) == pytest.approx(1.6)


@given(software=st.lists(st.floats(0, 30), min_size=2, max_size=2))
def test_ideas_get_harder(software: list[float]) -> None:
    low, high = sorted(software)
    assert float(software_rate(1.6, 2.0, 0.6, high, 0.5)) <= float(software_rate(1.6, 2.0, 0.6, low, 0.5))
