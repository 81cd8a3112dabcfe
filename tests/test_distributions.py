"""What a prior means: every family against SciPy, however it is stated, and what truncation and mixing make of it."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from autosim.inputs.distributions import Categorical, Continuous, Distribution, Mixture, Point, Simplex, Truncated
from autosim.inputs.families import FAMILIES
from autosim.inputs.shares import read_simplex
from autosim.inputs.specification import read_distribution

type Floats = NDArray[np.float64]

U = np.array([2.0**-54, 1e-9, 1e-4, 0.01, 0.2, 0.5, 0.8, 0.99, 1 - 1e-4, 1 - 1e-9, 1 - 2.0**-53])

# What is stated, and the same distribution in SciPy.
STATED: dict[str, tuple[dict[str, float], Any]] = {
    "normal": ({"mean": -2.0, "sd": 3.0}, stats.norm(-2.0, 3.0)),
    "lognormal": ({"mu": 0.5, "sigma": 1.2}, stats.lognorm(1.2, scale=math.exp(0.5))),
    "beta": ({"a": 0.7, "b": 3.0}, stats.beta(0.7, 3.0)),
    "gamma": ({"shape": 2.5, "rate": 4.0}, stats.gamma(2.5, scale=0.25)),
    "uniform": ({"lower": -1.0, "upper": 3.0}, stats.uniform(-1.0, 4.0)),
    "loguniform": ({"lower": 0.1, "upper": 30.0}, stats.loguniform(0.1, 30.0)),
    "triangular": ({"lower": -1.0, "mode": 0.5, "upper": 4.0}, stats.triang(0.3, -1.0, 5.0)),
    "triangular, mode at its foot": ({"lower": 0.0, "mode": 0.0, "upper": 1e9}, stats.triang(0.0, 0.0, 1e9)),
    "triangular, mode at its top": ({"lower": 0.0, "mode": 2.0, "upper": 2.0}, stats.triang(1.0, 0.0, 2.0)),
    "halfnormal": ({"sd": 0.3}, stats.halfnorm(scale=0.3)),
}

MOMENTS: dict[str, tuple[dict[str, float], float, float]] = {
    "lognormal": ({"mean": 3.0, "sd": 2.0}, 3.0, 2.0),
    "beta": ({"mean": 0.3, "sd": 0.1}, 0.3, 0.1),
    "beta by concentration": ({"mean": 0.2, "concentration": 10.0}, 0.2, math.sqrt(0.2 * 0.8 / 11.0)),
    "gamma": ({"mean": 3.0, "sd": 0.5}, 3.0, 0.5),
}


def read(family: str, **said: object) -> Distribution:
    return read_distribution({"dist": family, **said}, "mine.yaml", "priors.x")


def reversible(distribution: Distribution, u: Floats) -> bool:
    """Whether the distribution function undoes the quantile function."""
    return np.allclose(distribution.probability(distribution.quantile(u)), u, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("name", STATED)
def test_natural_parameters_mean_what_they_mean_in_scipy(name: str) -> None:
    said, twin = STATED[name]
    prior = read(name.partition(",")[0], **said)
    np.testing.assert_allclose(prior.quantile(U[1:-1]), twin.ppf(U[1:-1]), rtol=1e-7, atol=1e-12)
    x = np.concatenate([twin.ppf(U[1:-1]), [-5.0, 0.0, 1.0, 50.0]])
    np.testing.assert_allclose(prior.probability(x), twin.cdf(x), rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(prior.support(), twin.support())
    assert reversible(prior, U[2:-2])


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_a_twin_and_finite_extremes(name: str) -> None:
    prior = read(name, **STATED[name][0])
    assert np.isfinite(prior.quantile(U)).all()
    assert (np.diff(prior.quantile(U)) > 0).all()
    assert name in str(prior)


@pytest.mark.parametrize("name", MOMENTS)
def test_moments_are_those_of_the_draws(name: str) -> None:
    said, mean, sd = MOMENTS[name]
    prior = read(name.partition(" ")[0], **said)
    u = (np.arange(200_000) + 0.5) / 200_000
    x = prior.quantile(u)
    assert x.mean() == pytest.approx(mean, rel=1e-4)
    assert x.std() == pytest.approx(sd, rel=2e-3)


@pytest.mark.parametrize(
    ("family", "low", "high"),
    [
        ("normal", -1.0, 3.0),
        ("lognormal", 0.5, 3.0),
        ("beta", 0.02, 0.3),
        ("beta", 0.9, 0.999),
        ("beta", 0.01, 0.99),
        ("gamma", 0.5, 3.0),
        ("gamma", 1e-4, 5.0),
        ("gamma", 99.0, 101.0),
        ("uniform", -3.0, 2.0),
        ("loguniform", 0.1, 10.0),
    ],
)
@pytest.mark.parametrize(("p", "q"), [(5, 95), (10, 90), (25, 75), (5, 50), (50, 95), (1, 99)])
def test_two_quantiles_are_met(family: str, low: float, high: float, p: int, q: int) -> None:
    prior = read(family, **{f"q{p:02d}": low, f"q{q:02d}": high})
    assert prior.quantile(np.array([p, q]) / 100.0) == pytest.approx([low, high], rel=1e-6)
    assert isinstance(prior, Continuous)


def test_one_quantile_settles_a_halfnormal() -> None:
    assert read("halfnormal", q95=2.0).quantile(np.array([0.95])) == pytest.approx(2.0)
    cut = read("halfnormal", q50=0.2, upper=1.0)
    assert cut.quantile(np.array([0.5])) == pytest.approx(0.2)
    assert float(cut.quantile(np.array(1 - 2.0**-53))) <= 1.0


def test_two_quantiles_of_a_normal_are_a_textbook_interval() -> None:
    # 1.959964 sd on either side hold 95 %: any table of the normal distribution
    prior = read("normal", q05=-1.644854, q95=1.644854)
    assert float(prior.quantile(np.array(0.975))) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize(("lower", "upper"), [(-1.0, None), (None, 0.5), (-1.0, 0.5), (1.0, 8.0), (-300.0, 300.0)])
def test_a_cut_normal_is_scipys_truncnorm(lower: float | None, upper: float | None) -> None:
    bounds = {name: value for name, value in (("lower", lower), ("upper", upper)) if value is not None}
    prior = read("normal", mean=0.3, sd=1.5, **bounds)
    ends = [-math.inf if lower is None else lower, math.inf if upper is None else upper]
    twin = stats.truncnorm(*((end - 0.3) / 1.5 for end in ends), loc=0.3, scale=1.5)
    u = np.linspace(0.001, 0.999, 99)
    np.testing.assert_allclose(prior.quantile(u), twin.ppf(u), rtol=1e-7)
    x = np.linspace(-3.0, 3.0, 61)
    np.testing.assert_allclose(prior.probability(x), twin.cdf(x), rtol=1e-7, atol=1e-12)
    assert prior.support() == tuple(ends)
    assert np.isfinite(prior.quantile(U)).all()


def test_bounds_cut_and_do_not_move() -> None:
    cut, whole = read("lognormal", mu=0.0, sigma=1.0, upper=2.0), Continuous("lognormal", (0.0, 1.0))
    x = np.array([0.1, 0.5, 1.0, 1.9])
    np.testing.assert_allclose(cut.probability(x), whole.probability(x) / whole.probability(np.array(2.0)))


@pytest.mark.parametrize(
    ("family", "said"),
    [
        ("normal", {"q05": 0.5, "q95": 3.0, "lower": 0.0}),
        ("normal", {"q10": 0.5, "q50": 0.7, "lower": 0.4, "upper": 5.0}),
        ("normal", {"q05": 0.05, "q95": 0.94, "lower": 0.0, "upper": 1.0}),
        ("lognormal", {"q05": 10.0, "q95": 40.0, "lower": 6.0}),
        ("lognormal", {"q05": 0.6, "q95": 1.6, "upper": 3.0}),
        ("lognormal", {"q05": 0.5, "q95": 2.9, "upper": 3.0}),
        ("beta", {"q05": 0.015, "q95": 0.13, "lower": 0.001, "upper": 0.3}),
        ("beta", {"q05": 0.3, "q95": 0.7, "lower": 0.25, "upper": 0.75}),
        ("gamma", {"q05": 1.0, "q95": 4.0, "lower": 0.5, "upper": 9.0}),
        ("gamma", {"q25": 0.5, "q75": 0.9, "upper": 1.5}),
    ],
)
def test_stated_quantiles_hold_after_truncation(family: str, said: dict[str, float]) -> None:
    prior = read(family, **said)
    assert isinstance(prior, Truncated)
    asked = sorted((int(name[1:]) / 100.0, value) for name, value in said.items() if name.startswith("q"))
    assert prior.quantile(np.array([p for p, _ in asked])) == pytest.approx([x for _, x in asked], rel=1e-6)
    assert reversible(prior, np.linspace(0.01, 0.99, 50))


@given(
    st.sampled_from(["normal", "lognormal", "beta", "gamma"]),
    st.floats(0.05, 0.95),
    st.floats(0.03, 0.6),
    st.floats(0.0, 0.04),
    st.floats(0.96, 1.0),
)
def test_a_cut_member_is_found_again_from_two_of_its_quantiles(
    family: str, middle: float, sd: float, low: float, high: float
) -> None:
    assume(family == "normal" or sd < (0.6 * math.sqrt(middle * (1.0 - middle)) if family == "beta" else 2.0 * middle))
    said = {"mean": middle, "sd": sd}
    whole = read(family, **said)
    lower, upper = (float(whole.quantile(np.array(max(p, 1e-6)))) for p in (low, min(high, 1.0 - 1e-6)))
    cut = read(family, **said, lower=lower, upper=upper)
    p = np.array([0.05, 0.95])
    low_x, high_x = (float(x) for x in cut.quantile(p))
    again = read(family, q05=low_x, q95=high_x, lower=lower, upper=upper)
    np.testing.assert_allclose(again.probability(np.array([low_x, high_x])), p, atol=1e-7)
    u = np.linspace(0.02, 0.98, 25)
    np.testing.assert_allclose(again.quantile(u), cut.quantile(u), atol=2e-3 * (upper - lower))


@given(st.sampled_from(sorted(STATED)), st.floats(1e-6, 1 - 1e-6), st.floats(1e-6, 1 - 1e-6))
def test_quantiles_rise_and_probabilities_undo_them(name: str, p: float, q: float) -> None:
    prior = read(name.partition(",")[0], **STATED[name][0])
    low, high = sorted((p, q))
    x, y = prior.quantile(np.array([low, high]))
    assert x <= y
    assert reversible(prior, np.array([low, high]))


def test_a_point_is_a_point() -> None:
    prior = read("point", value=3)
    assert prior == Point(3.0)
    assert prior.quantile(U).tolist() == [3.0] * len(U)
    assert prior.probability(np.array([2.9, 3.0, 3.1])).tolist() == [0.0, 1.0, 1.0]
    assert str(prior) == "3"


def test_a_categorical_takes_its_values_in_its_proportions() -> None:
    prior = read("categorical", values=[5, 1, 2], probabilities=[0.5, 0.2, 0.3])
    u = (np.arange(1000) + 0.5) / 1000
    values, counts = np.unique(prior.quantile(u), return_counts=True)
    assert values.tolist() == [1.0, 2.0, 5.0]
    assert counts.tolist() == [200, 300, 500]
    assert prior.probability(np.array([0.0, 1.0, 1.5, 2.0, 5.0, 6.0])) == pytest.approx([0, 0.2, 0.2, 0.5, 1, 1])
    assert prior.support() == (1.0, 5.0)
    assert str(prior) == "1 (20%) or 2 (30%) or 5 (50%)"


def test_a_value_without_probability_is_no_value() -> None:
    assert read("categorical", values=[-9, 1], probabilities=[0, 1]) == Categorical((1.0,), (1.0,))
    nowhere = {"weight": 0, "dist": "point", "value": -9}
    prior = read("mixture", components=[nowhere, {"weight": 1, "dist": "normal", "mean": 0, "sd": 1}])
    np.testing.assert_allclose(prior.quantile(U[1:-1]), stats.norm.ppf(U[1:-1]))
    assert isinstance(prior, Mixture)
    assert prior.atoms() == []


PARTS = [
    {"weight": 0.3, "dist": "lognormal", "mu": 0.948, "sigma": 0.13},
    {"weight": 0.45, "dist": "lognormal", "mu": -2.303, "sigma": 0.7},
    {"weight": 0.25, "dist": "normal", "q05": 2.0, "q95": 4.0, "lower": 1.0},
]


def test_a_mixture_is_the_weighted_sum_of_its_parts() -> None:
    prior = read("mixture", components=PARTS)
    cut = read("normal", q05=2.0, q95=4.0, lower=1.0)
    x = np.geomspace(0.01, 10.0, 100)
    first, second = stats.lognorm(0.13, scale=math.exp(0.948)), stats.lognorm(0.7, scale=math.exp(-2.303))
    expected = 0.3 * first.cdf(x) + 0.45 * second.cdf(x) + 0.25 * cut.probability(x)
    np.testing.assert_allclose(prior.probability(x), expected, rtol=1e-9)
    assert reversible(prior, np.linspace(0.001, 0.999, 500))
    assert np.isfinite(prior.quantile(U)).all()
    assert prior.support() == (0.0, math.inf)


@given(
    st.lists(st.tuples(st.floats(0.05, 1.0), st.floats(-5.0, 5.0), st.floats(0.01, 3.0)), min_size=1, max_size=4),
    st.lists(st.tuples(st.floats(0.05, 1.0), st.floats(-5.0, 5.0)), max_size=3),
)
def test_a_mixture_with_points_hits_them_exactly(
    normals: list[tuple[float, float, float]], points: list[tuple[float, float]]
) -> None:
    whole = sum(weight for weight, *_ in [*normals, *points])
    parts = [{"weight": w / whole, "dist": "normal", "mean": m, "sd": s} for w, m, s in normals]
    parts += [{"weight": w / whole, "dist": "point", "value": v} for w, v in points]
    prior = read("mixture", components=parts)
    assert isinstance(prior, Mixture)
    u = (np.arange(400) + 0.5) / 400
    x = prior.quantile(u)
    assert (np.diff(x) >= 0.0).all()
    assert (prior.below(x) - 1e-9 <= u).all()
    assert (u <= prior.probability(x) + 1e-9).all()
    for value in prior.atoms():
        weight = sum(w / whole for w, v in points if v == value)
        assert abs((x == value).mean() - weight) <= 0.005


def test_bounds_of_a_mixture_keep_the_points_on_them() -> None:
    parts = [{"weight": 0.5, "dist": "point", "value": 0.0}, {"weight": 0.5, "dist": "normal", "mean": 0.0, "sd": 1.0}]
    prior = read("mixture", components=parts, lower=0.0, upper=1.0)
    inside = 0.5 * (stats.norm.cdf(1.0) - 0.5)
    assert float(prior.probability(np.array(0.0))) == pytest.approx(0.5 / (0.5 + inside))
    assert float(prior.probability(np.array(-1e-9))) == 0.0
    u = (np.arange(1000) + 0.5) / 1000
    x = prior.quantile(u)
    assert x.min() == 0.0
    assert x.max() <= 1.0
    assert (x == 0.0).mean() == pytest.approx(0.5 / (0.5 + inside), abs=2e-3)


def uniforms(components: int, draws: int) -> Floats:
    return np.random.default_rng(20240827).random((components, draws))


def test_a_dirichlet_has_the_moments_and_margins_of_scipys() -> None:
    alpha = {"a": 6.5, "b": 2.5, "c": 0.4}
    prior = read_simplex({"dist": "dirichlet", "alpha": alpha}, tuple(alpha), "a share", "mine.yaml", "x")
    shares = prior.quantile(uniforms(3, 40_000))
    twin = stats.dirichlet(list(alpha.values()))
    assert shares.sum(axis=1) == pytest.approx(1.0)
    np.testing.assert_allclose(shares.mean(axis=0), twin.mean(), atol=0.005)
    np.testing.assert_allclose(np.cov(shares.T), twin.cov(), atol=2e-3)
    for position, a in enumerate(alpha.values()):
        assert stats.kstest(shares[:, position], stats.beta(a, sum(alpha.values()) - a).cdf).pvalue > 1e-3


def test_a_dirichlet_by_mean_is_the_one_by_alpha() -> None:
    names = ("a", "b")
    by_mean = {"dist": "dirichlet", "mean": {"b": 0.25, "a": 0.75}, "concentration": 8}
    by_alpha = {"dist": "dirichlet", "alpha": {"a": 6, "b": 2}, "source": "stated"}
    assert read_simplex(by_mean, names, "a share", "mine.yaml", "x") == read_simplex(
        by_alpha, names, "a share", "", "x"
    )


@pytest.mark.parametrize("concentration", [1e-3, 0.1, 1.0, 1e9])
def test_extreme_dirichlets_still_sum_to_1(concentration: float) -> None:
    prior = Simplex(("a", "b", "c"), (0.2, 0.8, 0.0), concentration)
    shares = prior.quantile(
        np.concatenate([uniforms(3, 5000), np.full((3, 1), 2.0**-54), np.full((3, 1), 1 - 2.0**-53)], 1)
    )
    assert np.isfinite(shares).all()
    assert shares.sum(axis=1) == pytest.approx(1.0)
    assert (shares[:, 2] == 0.0).all()
    assert shares[:5000, 0].mean() == pytest.approx(0.2, abs=0.02)


def test_known_shares_do_not_vary() -> None:
    prior = Simplex(("a", "b"), (0.25, 0.75))
    assert prior.quantile(uniforms(2, 3)).tolist() == [[0.25, 0.75]] * 3
    assert str(prior) == "known shares"
