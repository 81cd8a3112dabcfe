"""How much a pass rate says, and what it implies: known answers, and intervals that cover them as often as they say."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

from autosim.analysis.implying import LEVELS, RESAMPLED, Implied, implied, resampled
from autosim.analysis.informing import (
    Informing,
    explained_variance,
    informing,
    jackknifed,
    mutual_information,
    normal_scores,
)

type Floats = NDArray[np.float64]


def pair(rho: float, seed: int, count: int = 1000) -> tuple[Floats, Floats]:
    """A bivariate normal distribution, the first on the scale of a pass rate in single precision."""
    rng = np.random.default_rng(seed)
    x, noise = rng.normal(size=(2, count))
    return special.expit(3.0 * x).astype(np.float32).astype(np.float64), rho * x + np.sqrt(1.0 - rho**2) * noise


def found(x: Floats, y: Floats) -> Informing:
    answer = informing(x, y, 0)
    assert answer is not None
    return answer


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6, 0.9])
def test_the_interval_of_explained_variance_covers_the_truth(rho: float) -> None:
    inside, estimates = 0, []
    for seed in range(200):
        x, y = pair(rho, seed)
        estimate = jackknifed(explained_variance, normal_scores(x, seed, "x"), y, most=1.0)
        inside += estimate.low <= rho**2 <= estimate.high
        estimates.append(estimate.raw)
    assert inside >= 180  # of 190 expected; 180 or fewer with a chance of 1 in 500
    assert np.mean(estimates) == pytest.approx(rho**2, abs=0.005)


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.9])
def test_the_interval_of_mutual_information_covers_the_truth(rho: float) -> None:
    inside, estimates, truth = 0, [], -0.5 * np.log2(1.0 - rho**2)
    for seed in range(60):
        x, y = pair(rho, seed)
        estimate = jackknifed(mutual_information, normal_scores(x, seed, "x"), normal_scores(y, seed, "y"))
        inside += estimate.low <= truth <= estimate.high
        estimates.append(estimate.raw)
    assert inside >= 52  # of 57 expected
    assert np.mean(estimates) == pytest.approx(truth, abs=0.03)


def test_intervals_are_no_wider_than_they_need_be() -> None:
    estimates = [jackknifed(explained_variance, *pair(0.6, seed), most=1.0) for seed in range(50)]
    spread = np.std([estimate.raw for estimate in estimates])
    assert np.mean([estimate.half_width for estimate in estimates]) < 1.5 * 1.96 * spread


def test_neither_measure_hangs_on_the_scale() -> None:
    x, y = pair(0.7, 1)
    one, other = found(x, y), found(np.log(x), y)
    assert one.explained_variance.raw == pytest.approx(other.explained_variance.raw, rel=1e-12)
    assert one.mutual_information.raw == pytest.approx(other.mutual_information.raw, rel=1e-12)
    cubed = found(x, y**3)
    assert one.mutual_information.raw == pytest.approx(cubed.mutual_information.raw, rel=1e-12)


@pytest.mark.parametrize("saturated", [0.3, 0.6])
def test_pass_rates_that_stick_at_an_end_tell_less(saturated: float) -> None:
    rng = np.random.default_rng(5)
    x, noise = rng.normal(size=(2, 20_000))
    top = special.ndtri(1.0 - saturated)
    y, known = 0.8 * x + 0.6 * noise, np.minimum(x, top)
    above = np.exp(-0.5 * top**2) / np.sqrt(2.0 * np.pi) / saturated  # mean of x where it sticks
    truth = 0.64 * (1.0 - saturated * (1.0 + top * above - above**2))  # less the variance lost there
    answer = found(known, y)
    assert answer.explained_variance.low <= truth + 0.005
    assert answer.explained_variance.high >= truth - 0.005
    assert answer.mutual_information.value < found(x, y).mutual_information.value


def test_a_coin_seen_without_error_is_one_bit() -> None:
    coin = np.random.default_rng(3).integers(0, 2, 4000).astype(np.float64)
    assert found(coin, coin).mutual_information.value == pytest.approx(1.0, abs=0.05)
    noise = np.random.default_rng(4).normal(size=4000)
    assert found(noise, coin).mutual_information.value < 0.03


def test_where_nothing_can_be_learnt() -> None:
    x, y = pair(0.9, 0)
    assert informing(x, np.ones(1000), 0) is None
    assert informing(x[:150], y[:150], 0) is None
    same = found(np.ones(1000), y)
    assert (same.explained_variance.value, same.explained_variance.high) == (0.0, 0.0)
    assert (same.mutual_information.value, same.mutual_information.high) == (0.0, 0.0)


def test_draws_without_an_answer_are_left_out() -> None:
    x, y = pair(0.9, 0)
    y[::3] = np.nan
    assert found(x, y).draws == 666


def test_a_difference_of_two_estimates_is_surer_than_either() -> None:
    rng = np.random.default_rng(2)
    y = rng.normal(size=4000)
    x = y + rng.normal(size=4000)
    one = jackknifed(explained_variance, x, y)
    other = jackknifed(explained_variance, x + 0.3 * rng.normal(size=4000), y)
    change = other.less(one)
    assert change.half_width < 0.5 * one.half_width
    assert change.high < 0.0


# --------------------------------------------------------------------------------------------------- what is implied


def rising(count: int, seed: int, months: int = 200) -> tuple[Floats, NDArray[np.int64]]:
    """Pass rates that rise evenly to 1, and a milestone that comes at a rate of its own, uniform in [0, 1]."""
    rates = np.tile(np.linspace(0.0, 1.0, months), (count, 1))
    at = np.random.default_rng(seed).random(count)
    return rates, np.searchsorted(rates[0], at)


def read(count: int, seed: int) -> Implied:
    return implied(*rising(count, seed), resampled(count, seed))


def test_a_known_rate_is_found() -> None:
    answer = read(20_000, 0)
    np.testing.assert_allclose(answer.probability, LEVELS, atol=0.015)
    assert answer.rates[0.5].rate == pytest.approx(0.5, abs=0.015)
    assert answer.rates[0.9].rate == pytest.approx(0.9, abs=0.01)
    assert answer.rates[0.9].reached == 1.0


@pytest.mark.parametrize("wanted", [0.5, 0.9])
def test_the_interval_of_an_implied_rate_covers_it(wanted: float) -> None:
    inside = 0
    for seed in range(200):
        found_rate = read(400, seed).rates[wanted]
        low, high = found_rate.low, found_rate.high
        inside += low is not None and low - 0.005 <= wanted <= (1.0 if high is None else high + 0.005)  # months apart
    assert inside >= 180


def test_a_milestone_that_never_comes_is_implied_by_no_rate() -> None:
    rates, _ = rising(300, 0)
    answer = implied(rates, np.full(300, 200), resampled(300, 0))
    assert [rate.rate for rate in answer.rates.values()] == [None, None]
    assert (answer.probability == 0.0).all()


def test_only_draws_that_get_there_count() -> None:
    rates, months = rising(1000, 0)
    rates[500:] *= 0.6  # half get no further
    answer = implied(rates, months, resampled(1000, 0))
    np.testing.assert_array_equal(answer.reached, np.where(LEVELS <= 0.6, 1.0, 0.5))
    few = implied(rates[480:], months[480:], resampled(520, 0))  # 20 that get beyond are too few
    assert few.levels.max() == pytest.approx(0.6)
    assert len(implied(rates * 0.0, months, resampled(1000, 0)).levels) == 0


def test_what_is_passed_at_the_reference_date_counts_with_that_date() -> None:
    rates = np.full((200, 3), 0.995)
    answer = implied(rates, np.array([0, 2] * 100), resampled(200, 0))
    assert answer.probability.tolist() == [0.5] * len(LEVELS)
    assert answer.rates[0.5].rate == LEVELS[0]


def test_samples_have_as_many_draws_as_there_are() -> None:
    assert resampled(70, 1).sum(axis=1).tolist() == [70.0] * RESAMPLED
