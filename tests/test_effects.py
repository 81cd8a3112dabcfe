"""Shares of the variance: indices of a known function, Shapley effects under dependence, and intervals that cover."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from autosim.analysis.dependence import Dependence, Dimension
from autosim.analysis.effects import Estimate, ratios, shapley_effects, sobol_indices
from autosim.analysis.sensitivity import CLUSTER, orders_of

type Floats = NDArray[np.float64]

NAMES = ("x1", "x2", "x3")
ISHIGAMI_FIRST = (0.3139, 0.4424, 0.0)
ISHIGAMI_TOTAL = (0.5576, 0.4424, 0.2437)
"""Of the function with a = 7 and b = 0.1, worked out by integration: Ishigami and Homma (1990)."""

ISHIGAMI_SHAPLEY = (0.43575, 0.4424, 0.12185)
"""First order and half of the one interaction, that of x1 and x3."""


def ishigami(x: Floats) -> Floats:
    y: Floats = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return y


def uniforms(seed: int, draws: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    first, second = (rng.uniform(-np.pi, np.pi, (draws, 3)) for _ in range(2))
    return first, second


def sobol_of_ishigami(seed: int, draws: int) -> list[tuple[Estimate, Estimate]]:
    first, second = uniforms(seed, draws)
    exchanged = []
    for i in range(3):
        mixed = first.copy()
        mixed[:, i] = second[:, i]
        exchanged.append(ishigami(mixed))
    found = sobol_indices(ishigami(first), ishigami(second), np.stack(exchanged), NAMES, seed)
    return [(indices.first, indices.total) for indices in found]


def chain(
    f: Callable[[Floats], Floats], mixed: Callable[..., Floats], draws: int, groups: int, seed: int
) -> list[Estimate]:
    """Shapley effects of a function, as a sensitivity analysis finds them."""
    orders, clusters = orders_of(draws, groups, seed)
    steps = np.empty((draws, groups + 1))
    for start in range(0, draws, CLUSTER):
        rows = np.arange(start, start + CLUSTER)
        for kept in range(groups + 1):
            steps[rows, kept] = f(mixed(orders[start].tolist(), kept, rows))
    return shapley_effects(steps, orders, clusters)


def shapley_of_ishigami(seed: int, draws: int) -> list[Estimate]:
    first, second = uniforms(seed, draws)

    def mixed(order: list[int], kept: int, rows: NDArray[np.int64]) -> Floats:
        x = second[rows].copy()
        x[:, order[:kept]] = first[rows][:, order[:kept]]
        return x

    return chain(ishigami, mixed, draws, 3, seed)


def test_sobol_indices_of_the_ishigami_function() -> None:
    for (first, total), s, t in zip(sobol_of_ishigami(3, 2**15), ISHIGAMI_FIRST, ISHIGAMI_TOTAL, strict=True):
        assert first.value == pytest.approx(s, abs=0.02)
        assert total.value == pytest.approx(t, abs=0.02)
        assert first.low < first.value < first.high


def test_shapley_effects_of_the_ishigami_function() -> None:
    found = shapley_of_ishigami(3, 2**14)
    assert [share.value for share in found] == pytest.approx(ISHIGAMI_SHAPLEY, abs=0.02)
    assert sum(share.value for share in found) == pytest.approx(1.0, abs=1e-12)


def covered(found: list[Estimate], truth: tuple[float, ...]) -> list[bool]:
    return [share.low <= value <= share.high for share, value in zip(found, truth, strict=True)]


def test_intervals_of_sobol_indices_cover_the_truth_at_their_rate() -> None:
    first, total = [], []
    for seed in range(200):
        found = sobol_of_ishigami(seed, 512)
        first.append(covered([pair[0] for pair in found], ISHIGAMI_FIRST))
        total.append(covered([pair[1] for pair in found], ISHIGAMI_TOTAL))
    for rates in (np.mean(first, axis=0), np.mean(total, axis=0)):
        assert (rates >= 0.91).all()  # 95 % but for three standard errors and the bootstrap's
        assert (rates <= 0.99).all()


def test_intervals_of_shapley_effects_cover_the_truth_at_their_rate() -> None:
    rates = np.mean([covered(shapley_of_ishigami(seed, 1024), ISHIGAMI_SHAPLEY) for seed in range(200)], axis=0)
    assert (rates >= 0.91).all()
    assert (rates <= 0.99).all()


def gaussian(correlation: Floats, seed: int, draws: int) -> Dependence:
    """Correlated standard normals, a group each."""
    factor, rng = np.linalg.cholesky(correlation), np.random.default_rng(seed)
    first, second = (rng.standard_normal((draws, len(correlation))) @ factor.T for _ in range(2))
    dimensions = tuple(Dimension(((f"x{i}",),), None, lambda z: z) for i in range(len(correlation)))
    return Dependence(dimensions, np.arange(len(correlation)), correlation, first, second)


def correlated_effects(correlation: Floats, weights: Floats, seed: int, draws: int) -> list[Estimate]:
    """Shapley effects of a weighted sum of correlated normals."""
    known = gaussian(correlation, seed, draws)

    def mixed(order: list[int], kept: int, rows: NDArray[np.int64]) -> Floats:
        if kept in (0, len(order)):
            return (known.second if kept == 0 else known.first)[rows]
        x = known.first[rows].copy()
        for path, values in known.given(order, kept, rows).items():
            x[:, int(path[0][1:])] = values
        return x

    return chain(lambda x: x @ weights, mixed, draws, len(weights), seed)


def test_shapley_effects_of_two_correlated_normals() -> None:
    """For a x1 + b x2 with correlation r: a² (1 - r²/2) + a b r + b² r²/2 of the variance (Owen and Prieur 2017)."""
    r, a, b = 0.7, 1.0, 0.5
    whole = a * a + b * b + 2.0 * a * b * r
    want = (a * a * (1.0 - r * r / 2.0) + a * b * r + b * b * r * r / 2.0) / whole
    found = correlated_effects(np.array([[1.0, r], [r, 1.0]]), np.array([a, b]), 1, 2**14)
    assert found[0].value == pytest.approx(want, abs=0.02)
    assert found[0].value + found[1].value == pytest.approx(1.0, abs=1e-12)


def test_twins_share_and_who_does_nothing_gets_nothing_unless_correlated() -> None:
    correlation = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, 0.0], [0.0, 0.0, 1.0]])
    twins = correlated_effects(correlation, np.array([1.0, 1.0, 0.0]), 2, 2**13)
    assert twins[0].value == pytest.approx(twins[1].value, abs=0.05)  # two and a half standard errors
    assert twins[2].value == pytest.approx(0.0, abs=1e-9)
    known_by_its_twin = correlated_effects(correlation, np.array([1.0, 0.0, 0.0]), 2, 2**13)
    assert known_by_its_twin[1].value == pytest.approx(0.36 / 2.0, abs=0.03)


def test_what_is_not_kept_has_its_conditional_distribution() -> None:
    r = 0.8
    known = gaussian(np.array([[1.0, r], [r, 1.0]]), 5, 20_000)
    fresh = known.given([0, 1], 1, np.arange(20_000))[("x1",)]
    assert set(known.given([0, 1], 1, np.arange(4))) == {("x1",)}
    rest = fresh - r * known.first[:, 0]
    assert np.corrcoef(rest, known.first[:, 0])[0, 1] == pytest.approx(0.0, abs=0.02)
    assert rest.std() == pytest.approx(np.sqrt(1.0 - r * r), abs=0.02)
    assert np.corrcoef(rest, known.first[:, 1] - r * known.first[:, 0])[0, 1] == pytest.approx(0.0, abs=0.02)


def test_an_answer_that_never_varies_has_no_drivers() -> None:
    orders, clusters = orders_of(128, 2, 0)
    assert shapley_effects(np.ones((128, 3)), orders, clusters) == [Estimate(0.0, 0.0, 0.0)] * 2
    indices = sobol_indices(np.ones(64), np.ones(64), np.ones((2, 64)), ("a", "b"), 0)
    assert [pair.total.value for pair in indices] == [0.0, 0.0]


def test_the_same_seed_gives_the_same_intervals_seed_0_too() -> None:
    assert sobol_of_ishigami(0, 256) == sobol_of_ishigami(0, 256)


def test_orders_come_in_opposite_pairs() -> None:
    orders, clusters = orders_of(8 * CLUSTER, 5, 1)
    assert np.array_equal(orders[0], orders[CLUSTER][::-1])
    assert clusters[0] == clusters[2 * CLUSTER - 1] != clusters[2 * CLUSTER]
    assert len({tuple(order) for order in orders.tolist()}) > 4


def test_shares_of_sums_by_hand() -> None:
    found = ratios(np.array([[1.0], [3.0]]), np.array([2.0, 4.0]))[0]
    error = np.sqrt(0.5 * ((0.75 - 0.625) ** 2 + (0.5 - 0.625) ** 2))
    assert found.value == pytest.approx(4.0 / 6.0)
    assert found.high - found.value == pytest.approx(12.7062 * error, rel=1e-4)
