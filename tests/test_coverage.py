"""Calibrated forecasts are found calibrated, others not; Brier scores are taken apart without remainder."""

from dataclasses import astuple
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from later import both_sides, horizon, outcome
from scipy import stats

from autosim.backtesting.coverage import Uniformity, brier, coverage, decompose, pit_histogram, uniformity
from autosim.backtesting.forecast import Forecast
from autosim.backtesting.scoring import score
from autosim.backtesting.targets import targets_of

MODELS, DRAWS = 150, 300


@cache
def synthetic(narrower: float = 1.0, higher: float = 0.0) -> pd.DataFrame:
    """Models whose truth is one draw of a forecast: as it is (calibrated), with less spread, or moved up [doubling]."""
    rng = np.random.default_rng(11)
    centre = rng.normal(5.0, 2.0, MODELS)
    horizons, outcomes = [], []
    chances = rng.beta(2.0, 2.0, (MODELS, 2))
    for i in range(MODELS):
        reached = centre[i] + rng.normal() + 0.8 * rng.normal()
        horizons.append(horizon(f"m{i}", "2024-10-15", float(2.0**reached), sd=0.8))
        outcomes += [outcome(f"m{i}", "2024-10-15", str(j), int(rng.binomial(6, chances[i, j])), 6) for j in range(2)]
    p50 = centre + higher + narrower * rng.normal(size=(DRAWS, MODELS))
    chance = 0.5 + min(narrower, 1.0) * (rng.beta(2.0, 2.0, (DRAWS, 2 * MODELS)) - 0.5)
    return score(Forecast(p50=p50, outcome=chance), targets_of(both_sides(horizons, outcomes)), 0)


def named(tests: list[Uniformity]) -> dict[str, Uniformity]:
    return {one.kind: one for one in tests}


def pits(*clusters: tuple[str, float]) -> pd.DataFrame:
    return pd.DataFrame({"kind": "p50", "cluster": [c for c, _ in clusters], "pit": [u for _, u in clusters]})


def test_a_calibrated_forecast_has_a_uniform_pit_and_the_right_coverage() -> None:
    table = synthetic()
    tests = named(uniformity(table))
    assert [*tests] == ["outcome", "p50", "all"]
    assert all(one.p is not None and one.p > 0.05 for one in tests.values())
    for kind in ("outcome", "p50"):
        assert stats.kstest(table.loc[table["kind"] == kind, "pit"], "uniform").pvalue > 0.05
    found = coverage(table)
    assert [(one.kind, one.level) for one in found][:3] == [("outcome", 0.5), ("outcome", 0.8), ("outcome", 0.95)]
    assert all(one.low < one.level < one.high for one in found)


def test_an_overconfident_forecast_has_neither() -> None:
    table = synthetic(narrower=0.1)
    for one in uniformity(table):
        assert one.p is not None
        assert one.p < 1e-3, one.kind
        assert one.spread > 0.2
    assert all(one.high < one.level for one in coverage(table) if one.level < 0.9)


def test_a_timid_forecast_covers_too_much() -> None:
    table = synthetic(narrower=3.0)
    assert all(one.low > one.level for one in coverage(table) if one.kind == "p50")
    assert named(uniformity(table))["p50"].spread < -0.2


def test_bias_has_the_sign_of_what_was_underestimated() -> None:
    low, high = (named(uniformity(synthetic(higher=by)))["p50"] for by in (-2.0, 2.0))
    assert low.bias > 0.5
    assert high.bias < -0.5
    assert low.p is not None
    assert low.p < 1e-3


def test_coverage_counts_and_its_interval_is_exact() -> None:
    table = pits(*[(f"m{i % 4}", u) for i, u in enumerate([0.26, 0.74, 0.5, 0.11, 0.89, 0.03, 0.97, 0.5, 0.4, 0.02])])
    by_level = {one.level: one for one in coverage(table) if one.kind == "p50"}
    assert [by_level[level].inside for level in (0.5, 0.8, 0.95)] == [5, 7, 9]
    assert by_level[0.95].targets == 10
    assert by_level[0.95].clusters == 4
    assert by_level[0.95].share == pytest.approx(0.9)
    # Clopper, Pearson (1934): roots of the binomial's tails
    assert stats.binom.sf(8, 10, by_level[0.95].low) == pytest.approx(0.025)
    assert stats.binom.cdf(9, 10, by_level[0.95].high) == pytest.approx(0.025)


def test_targets_without_a_pit_are_not_counted() -> None:
    table = pits(("a", 0.5), ("b", float("nan")))
    assert {one.targets for one in coverage(table)} == {1}
    assert coverage(pits(("a", float("nan")))) == []
    assert uniformity(pits(("a", float("nan")))) == []


def test_uniformity_is_neymans_test_on_means_of_clusters() -> None:
    shares = np.array([0.1, 0.3, 0.45, 0.7, 0.95, 0.99])
    once = named(uniformity(pits(*[(f"m{i}", u) for i, u in enumerate(shares)])))["p50"]
    first, second = np.sqrt(3.0) * (2.0 * shares - 1.0), np.sqrt(5.0) * (6.0 * shares**2 - 6.0 * shares + 1.0)
    assert (once.bias, once.spread) == pytest.approx((first.mean(), second.mean()))
    assert once.p == pytest.approx(np.exp(-0.5 * 6.0 * (first.mean() ** 2 + second.mean() ** 2)))
    thrice = named(uniformity(pits(*[(f"m{i}", u) for i, u in enumerate(shares)] * 3)))["p50"]
    assert thrice.p == pytest.approx(once.p)
    assert (thrice.targets, thrice.clusters) == (18, 6)


def test_kinds_come_in_their_order() -> None:
    rows = [
        pits(("a", 0.5)).assign(kind=kind, probability=0.5, attempts=1, observed=1.0) for kind in ("p50", "outcome")
    ]
    table = pd.concat(rows)
    assert [one.kind for one in uniformity(table)] == ["outcome", "p50", "all"]
    assert [one.kind for one in brier(table)] == ["outcome", "p50"]


def test_few_clusters_have_no_p() -> None:
    assert named(uniformity(pits(*[(f"m{i % 4}", 0.9) for i in range(40)])))["p50"].p is None


def test_histograms_count_both_ends() -> None:
    assert pit_histogram(pd.Series([0.0, 0.05, 0.1, 1.0, float("nan")])) == [2, 1, *[0] * 7, 1]


def test_a_brier_score_is_taken_apart_by_hand() -> None:
    said, happened = np.array([0.2, 0.8, 0.2, 0.8]), np.array([0.0, 1.0, 1.0, 1.0])
    got = decompose("milestone", said, happened, np.ones(4, dtype=np.int64))
    assert astuple(got) == ("milestone", 4, *(pytest.approx(x) for x in (0.19, 0.065, 0.0625, 0.1875)))


def test_a_forecast_that_ranks_the_wrong_way_round_discriminates_nothing() -> None:
    got = decompose("milestone", np.array([0.9, 0.1]), np.array([0.0, 1.0]), np.ones(2, dtype=np.int64))
    assert got.discrimination == pytest.approx(0.0)
    assert got.miscalibration == pytest.approx(0.81 - 0.25)


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 4), st.integers(1, 4)), min_size=1, max_size=40))
def test_the_parts_add_up_and_are_none_below_zero(rows: list[tuple[int, int, int]]) -> None:
    said = np.array([p / 10.0 for p, _, _ in rows])
    events = np.array([n for _, _, n in rows])
    happened = np.minimum([k for _, k, _ in rows], events) / events
    got = decompose("outcome", said, happened, events)
    assert got.score == pytest.approx(got.miscalibration - got.discrimination + got.uncertainty, abs=1e-12)
    assert min(got.miscalibration, got.discrimination, got.uncertainty) > -1e-12
    single = [(p, float(j < round(y * n))) for p, y, n in zip(said, happened, events, strict=True) for j in range(n)]
    assert got.score == pytest.approx(np.mean([(p - y) ** 2 for p, y in single]))


def test_outcomes_are_taken_apart_by_attempts_and_milestones_as_they_are() -> None:
    table = synthetic()
    by_kind = {one.kind: one for one in brier(table)}
    assert [*by_kind] == ["outcome", "milestone"]
    assert by_kind["outcome"].events == 6 * 2 * MODELS
    rows = table[table["kind"] == "milestone"]
    assert by_kind["milestone"].events == len(rows)
    assert by_kind["milestone"].score == pytest.approx(rows["crps"].mean())
    assert brier(table[table["kind"] == "p50"]) == []
