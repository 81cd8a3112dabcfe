"""Success: bottlenecks multiply (model §3)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from autosim.equations.arrays import shift_odds, softplus
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

HORIZONS = st.lists(st.floats(-5, 24), min_size=3, max_size=3)
SEVERITIES = st.lists(st.floats(0, 1), min_size=3, max_size=3)
SLOPES = st.lists(st.floats(0.05, 3), min_size=3, max_size=3)
DIFFICULTIES = st.floats(-10, 30)
STEPS = st.floats(0.01, 5)


def success(x: float, horizons: list[float], severity: list[float], slope: list[float]) -> float:
    return math.exp(-log_failure_weight(x, horizons, severity, slope))


def test_half_at_the_horizon_and_four_fifths_a_factor_5_4_below_it() -> None:
    """METR's suite 1.1: p50 is 5.39 p80 (geometric mean of 21 models), so slope = logit(0.8) / log2(5.39)."""
    slope = math.log(4.0) / math.log2(5.39)
    assert success(math.log2(59.0), [math.log2(59.0)], [1.0], [slope]) == pytest.approx(0.5)
    assert success(math.log2(59.0 / 5.39), [math.log2(59.0)], [1.0], [slope]) == pytest.approx(0.8)


def test_softplus_by_hand() -> None:
    assert float(softplus(0.0)) == pytest.approx(math.log(2.0))
    assert float(softplus(math.log(3.0))) == pytest.approx(math.log(4.0))
    assert float(softplus(-800.0)) == 0.0


@given(x=st.floats(-700, 700))
def test_softplus_falls_short_of_its_mirror_image_by_x(x: float) -> None:
    assert float(softplus(x) - softplus(-x)) == pytest.approx(x, abs=1e-9)


@given(p=st.floats(0.001, 0.999), o=st.floats(-5, 5))
def test_shifted_odds_are_multiplied_odds(p: float, o: float) -> None:
    q, rest = shift_odds(p, 1 - p, o)
    assert float(q) == pytest.approx(1 / (1 + (1 - p) / p * math.exp(-o)))
    assert float(q + rest) == pytest.approx(1.0)


@pytest.mark.parametrize("o", [-1000.0, -2.0, 0.0, 2.0, 1000.0])
def test_certainty_cannot_be_shifted(o: float) -> None:
    assert [float(share) for share in shift_odds(1.0, 0.0, o)] == [1.0, 0.0]
    assert [float(share) for share in shift_odds(0.0, 1.0, o)] == [0.0, 1.0]


@given(x=DIFFICULTIES, horizons=HORIZONS, severity=SEVERITIES, slope=SLOPES)
def test_success_is_the_product_of_logistic_powers(
    x: float, horizons: list[float], severity: list[float], slope: list[float]
) -> None:
    parts = zip(horizons, severity, slope, strict=True)
    by_hand = math.prod((1 + math.exp(k * (x - h))) ** -r for h, r, k in parts)
    assert success(x, horizons, severity, slope) == pytest.approx(by_hand, rel=1e-9)


@given(x=DIFFICULTIES, step=STEPS, horizons=HORIZONS, severity=SEVERITIES, slope=SLOPES, which=st.integers(0, 2))
def test_success_falls_with_difficulty_and_severity_and_rises_with_every_horizon(
    x: float, step: float, horizons: list[float], severity: list[float], slope: list[float], which: int
) -> None:
    here = log_failure_weight(x, horizons, severity, slope)
    later, harder = list(horizons), list(severity)
    later[which] += step
    harder[which] = min(harder[which] + 0.1 * step, 1.0)
    assert log_failure_weight(x + step, horizons, severity, slope) >= here
    assert log_failure_weight(x, horizons, harder, slope) >= here
    assert log_failure_weight(x, later, severity, slope) <= here


def test_monotony_is_strict_where_a_bottleneck_is_present() -> None:
    here = success(6.0, [5.0, 7.0], [0.5, 0.2], [0.6, 0.6])
    assert success(6.1, [5.0, 7.0], [0.5, 0.2], [0.6, 0.6]) < here
    assert success(6.0, [5.0, 7.0], [0.6, 0.2], [0.6, 0.6]) < here
    assert success(6.0, [5.0, 7.0], [0.5, 0.3], [0.6, 0.6]) < here
    assert success(6.0, [5.1, 7.0], [0.5, 0.2], [0.6, 0.6]) > here
    assert success(6.0, [5.0, 7.1], [0.5, 0.2], [0.6, 0.6]) > here


@given(x=DIFFICULTIES, horizons=HORIZONS, severity=SEVERITIES, slope=SLOPES)
def test_loss_splits_exactly_into_the_bottlenecks_shares(
    x: float, horizons: list[float], severity: list[float], slope: list[float]
) -> None:
    losses = [np.array([loss]) for loss in bottleneck_losses(x, horizons, severity, slope)]
    whole = float(log_failure_weight(x, horizons, severity, slope))
    assert sum(float(loss[0]) for loss in losses) == pytest.approx(whole, rel=1e-14)
    split = binding_split(np.array([1.0]), losses)
    np.testing.assert_allclose(split * whole, [float(loss[0]) for loss in losses], rtol=1e-12, atol=1e-300)


def test_any_one_bottleneck_caps_success() -> None:
    """A weakest link: with one horizon far below, all others at infinity change nothing."""
    alone = success(10.0, [4.0], [0.5], [0.6])
    assert success(10.0, [4.0, 1e6, 1e6], [0.5, 1.0, 1.0], [0.6, 0.6, 0.6]) == pytest.approx(alone, rel=1e-14)


def test_nothing_binds_where_nothing_stands_in_the_way() -> None:
    assert binding_split(np.array([1.0]), [np.zeros(1), np.zeros(1)]).tolist() == [0.0, 0.0]


def test_sequences_must_be_of_one_length() -> None:
    with pytest.raises(ValueError, match="shorter"):
        bottleneck_losses(1.0, [1.0, 2.0], [1.0], [1.0, 1.0])


def test_hours_lie_in_longer_instances() -> None:
    """By hand: weighting a lognormal of median 60 and sd 1 by its own length moves its median to 60·e = 163.1."""
    mean, sd = task_difficulty(60.0, 1.0, 0.0)
    assert 2.0 ** float(mean) == pytest.approx(60 * math.e)
    assert float(sd) == pytest.approx(1 / math.log(2))


@given(median=st.floats(1, 1000), spread=st.floats(0.1, 1.5))
def test_size_bias_is_the_mean_weighted_by_length(median: float, spread: float) -> None:
    """Slow twin: the mean log2 length weighted by length, integrated over the instances themselves."""
    lengths = stats.norm(math.log(median), spread)
    z = np.linspace(-12, 12, 4001)
    log_length = lengths.mean() + spread * z
    weights = stats.norm.pdf(z) * np.exp(log_length - log_length.max())
    mean = integrate.trapezoid(weights * log_length / math.log(2), z) / integrate.trapezoid(weights, z)
    assert float(task_difficulty(median, spread, 2.0)[0]) == pytest.approx(mean, abs=1e-8)


def test_evaluations_are_not_size_biased_but_contaminated() -> None:
    """By hand: 10 hours are 2^9.2288 minutes; spread 0.5 and residual 2 give sqrt(0.7213^2 + 2^2) = 2.1261."""
    mean, sd = evaluation_difficulty(600.0, 0.5, 1.5, 2.0)
    assert float(mean) == pytest.approx(9.2288 - 1.5, abs=1e-4)
    assert float(sd) == pytest.approx(2.1261, abs=1e-4)


def test_five_attempts_at_even_odds() -> None:
    """By hand: 31 of 32 sequences of five coin flips show at least one head, 1 of 32 shows only heads."""
    weights, losses = np.array([0.25, 0.75]), np.full(2, math.log(2.0))
    assert float(mean_success(weights, losses)) == pytest.approx(0.5)
    assert float(mean_best_of(5, weights, losses)) == pytest.approx(31 / 32)
    assert float(mean_all_of(5, weights, losses)) == pytest.approx(1 / 32)


@given(losses=st.lists(st.floats(0, 50), min_size=1, max_size=20), k=st.integers(1, 9))
def test_best_of_k_beats_one_attempt_beats_all_of_k(losses: list[float], k: int) -> None:
    weights = np.full(len(losses), 1 / len(losses))
    each = np.array(losses)
    all_of, once, best = mean_all_of(k, weights, each), mean_success(weights, each), mean_best_of(k, weights, each)
    assert -1e-12 <= all_of <= once + 1e-12
    assert once <= best + 1e-12 <= 1 + 2e-12
