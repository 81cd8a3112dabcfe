"""Randomness: uniform, independent, and tied to a quantity's name alone."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from autosim import streams
from autosim.inputs.loading import load
from autosim.inputs.scenario import Scenario

SMALLEST, LARGEST = 2.0**-54, 1.0 - 2.0**-53


def names() -> list[str]:
    """Streams of the shipped baseline."""
    scenario = load("baseline")
    assert isinstance(scenario, Scenario)
    whole = {prior.stream for prior in scenario.priors.values()}
    parts = {f"{shares.stream}.{name}" for shares in scenario.shares.values() for name in shares.simplex.names}
    return sorted(whole | parts | {"structure.trajectory"})


@pytest.fixture(scope="module")
def drawn() -> NDArray[np.float64]:
    """Numbers of every stream, (stream, draw)."""
    return np.stack([streams.uniform(0, name, 20_000) for name in names()])


def test_a_stream_is_a_function_of_seed_and_name() -> None:
    one = streams.uniform(7, "work_gap", 1000)
    assert (one == streams.uniform(7, "work_gap", 1000)).all()
    assert (one[:10] == streams.uniform(7, "work_gap", 10)).all()
    assert (one != streams.uniform(8, "work_gap", 1000)).any()
    assert (one != streams.uniform(7, "work_gap ", 1000)).any()


def test_a_stream_keeps_its_numbers_from_version_to_version() -> None:
    # PCG64 seeded with the seed and the eight little-endian words of SHA-256("work_gap")
    assert streams.uniform(0, "work_gap", 3) == pytest.approx(
        [0.5128235894242342, 0.6208328456627707, 0.2433347083941465], rel=1e-15
    )


def test_names_of_any_script_have_streams() -> None:
    assert np.isfinite(streams.uniform(0, "tâche.débogage", 3)).all()


def test_seeds_are_not_truncated() -> None:
    low, high = streams.uniform(1, "x", 100), streams.uniform(1 + 2**32, "x", 100)
    assert (low != high).any()
    assert (low != streams.uniform(1 + 2**64, "x", 100)).any()


def test_numbers_stay_off_the_ends() -> None:
    many = streams.uniform(0, "work_gap", 1_000_000)
    assert many.min() >= SMALLEST
    assert many.max() <= LARGEST
    assert np.isfinite(special.ndtri(np.array([SMALLEST, LARGEST]))).all()


def test_every_stream_is_uniform(drawn: NDArray[np.float64]) -> None:
    p = np.array([stats.kstest(row, "uniform").pvalue for row in drawn])
    assert p.min() > 0.01 / len(p)
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert stats.kstest(drawn.ravel()[:4_000_000], "uniform").pvalue > 0.01


def test_streams_are_independent_of_one_another(drawn: NDArray[np.float64]) -> None:
    n = drawn.shape[1]
    r = np.asarray(np.corrcoef(special.ndtri(drawn)))[np.triu_indices(len(drawn), 1)]
    z = r * np.sqrt(n)
    assert np.abs(z).max() < special.ndtri(1 - 0.005 / len(z))
    assert stats.kstest(z, "norm").pvalue > 0.01


def test_draws_are_independent_within_a_stream(drawn: NDArray[np.float64]) -> None:
    z = special.ndtri(drawn)
    n = drawn.shape[1]
    for lag in (1, 2, 3, 4, 12):
        along = (z[:, lag:] * z[:, :-lag]).mean(axis=1) * np.sqrt(n - lag)
        assert stats.kstest(along, "norm").pvalue > 0.01 / 5
        assert np.abs(along).max() < special.ndtri(1 - 0.005 / 5 / len(z))


def test_seeds_and_their_neighbours_are_independent() -> None:
    z = special.ndtri(np.stack([streams.uniform(seed, "work_gap", 5000) for seed in range(60)]))
    r = np.asarray(np.corrcoef(z))[np.triu_indices(60, 1)] * np.sqrt(5000)
    assert stats.kstest(r, "norm").pvalue > 0.01


@pytest.mark.parametrize("deviations", [3.0, 4.0, 5.0])
def test_extremes_occur_at_their_proper_rate(drawn: NDArray[np.float64], deviations: float) -> None:
    z = special.ndtri(drawn)
    for count, chance in (
        (int((z > deviations).sum()), special.ndtr(-deviations)),
        (int((z < -deviations).sum()), special.ndtr(-deviations)),
    ):
        assert stats.binomtest(count, z.size, chance).pvalue > 0.001


def test_the_largest_of_many_is_as_large_as_it_should_be(drawn: NDArray[np.float64]) -> None:
    # the minimum of n uniforms times n is exponential: between 0.001 and 10 but for one case in a thousand
    n = drawn.size
    assert 5e-4 < drawn.min() * n < 8.0
    assert 5e-4 < (1.0 - drawn.max()) * n < 8.0
