"""Means by kind and pooled; paired differences with errors clustered by model."""

import json
from dataclasses import asdict, replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from later import scored

from autosim.backtesting.comparing import Difference, Mean, differences, means, together

FIRST, SECOND = ("v1", date(2024, 7, 1)), ("v1", date(2025, 1, 1))
P50 = {"ours": [("a", 3.0), ("a", 5.0), ("b", 1.0)], "persistence": [("a", 2.0), ("a", 2.0), ("b", 2.0)]}


def table(*kinds: tuple[str, dict[str, list[tuple[str, float]]]]) -> pd.DataFrame:
    """Scores of kinds by forecaster, at one origin."""
    names = kinds[0][1]
    return together({n: {FIRST: pd.concat([scored(kind, *by[n]) for kind, by in kinds])} for n in names})


def of(found: list[Difference], kind: str, measure: str = "crps") -> Difference:
    return next(one for one in found if (one.kind, one.measure) == (kind, measure))


def mean(found: list[Mean], name: str, kind: str) -> Mean:
    return next(one for one in found if (one.forecaster, one.kind) == (name, kind))


def test_errors_are_clustered_by_hand() -> None:
    for measure in ("crps", "log_score"):
        got = of(differences(table(("p50", P50)), "ours", "persistence"), "p50", measure)
        # differences 1, 3, -1; off their mean by 0 + 2 in one cluster, -2 in the other; G / (G - 1) = 2
        assert got.difference == pytest.approx(1.0)
        assert got.error == pytest.approx(np.sqrt(2.0 * (4.0 + 4.0)) / 3.0)
        assert (got.targets, got.clusters, got.kinds) == (3, 2, ("p50",))


def test_targets_that_are_independent_have_the_usual_error() -> None:
    ours = np.random.default_rng(0).normal(size=20)
    rows = {"ours": [(f"m{i}", x) for i, x in enumerate(ours)], "persistence": [(f"m{i}", 1.0) for i in range(20)]}
    got = of(differences(table(("p50", rows)), "ours", "persistence"), "p50")
    assert got.error == pytest.approx(ours.std(ddof=1) / np.sqrt(20.0))


@pytest.mark.parametrize("kind", ["p50", "all"])
def test_duplicated_instances_do_not_shrink_the_error(kind: str) -> None:
    many = {name: rows * 50 for name, rows in P50.items()}
    once, often = (of(differences(table(("p50", by)), "ours", "persistence"), kind) for by in (P50, many))
    assert (often.difference, often.error) == pytest.approx((once.difference, once.error))
    assert (often.targets, often.clusters) == (150, 2)


def test_the_same_model_at_another_cut_off_is_the_same_cluster() -> None:
    parts = {name: {at: scored("p50", *rows) for at in (FIRST, SECOND)} for name, rows in P50.items()}
    once, twice = (differences(one, "ours", "persistence") for one in (table(("p50", P50)), together(parts)))
    for kind in ("p50", "all"):
        assert of(twice, kind).error == pytest.approx(of(once, kind).error)
        assert of(twice, kind).targets == 6


def test_a_model_is_one_cluster_in_every_kind() -> None:
    both = differences(table(("p50", P50), ("p80", P50)), "ours", "persistence")
    assert of(both, "all").error == pytest.approx(
        of(differences(table(("p50", P50)), "ours", "persistence"), "all").error
    )
    other = {name: [(f"other {c}", x) for c, x in rows] for name, rows in P50.items()}
    apart = of(differences(table(("p50", P50), ("p80", other)), "ours", "persistence"), "all")
    assert apart.error == pytest.approx(of(both, "all").error / np.sqrt(2.0))
    assert (of(both, "all").clusters, apart.clusters) == (2, 4)


def test_pooled_kinds_count_alike_after_scaling() -> None:
    few = {"ours": [("a", 1.0), ("b", 1.0)], "persistence": [("a", 4.0), ("b", 4.0)]}
    both = table(("p50", P50), ("outcome", few))
    crps, logs = (of(differences(both, "ours", "persistence"), "all", measure) for measure in ("crps", "log_score"))
    assert crps.difference == pytest.approx((1.0 / 2.0 - 3.0 / 4.0) / 2.0)
    assert logs.difference == pytest.approx((1.0 - 3.0) / 2.0)
    assert crps.kinds == ("outcome", "p50")
    found = means(both)
    assert mean(found, "ours", "all").scaled_crps == pytest.approx((3.0 / 2.0 + 1.0 / 4.0) / 2.0)
    assert mean(found, "ours", "all").log_score == pytest.approx((3.0 + 1.0) / 2.0)
    assert mean(found, "persistence", "all").scaled_crps == pytest.approx(1.0)


def test_the_error_of_the_scale_counts() -> None:
    reference = [("a", 1.0), ("b", 2.0), ("c", 6.0)]
    half = {"ours": [(c, 0.5 * x) for c, x in reference], "persistence": reference}
    got = differences(table(("p50", half)), "ours", "persistence")
    assert of(got, "all").difference == pytest.approx(-0.5)
    assert of(got, "all").error == pytest.approx(0.0, abs=1e-12)
    assert of(got, "p50").error == pytest.approx(np.std([0.5, 1.0, 3.0], ddof=1) / np.sqrt(3.0))


def test_pooled_errors_are_as_large_as_scores_of_new_models_vary() -> None:
    rng = np.random.default_rng(4)
    found = []
    for _ in range(150):
        own, hard = rng.normal(size=40), rng.uniform(0.5, 2.0, 40)
        rows: dict[str, dict[str, list[tuple[str, float]]]] = {}
        for kind, size in (("p50", 1), ("outcome", 3)):
            noise = rng.normal(size=(40, size))
            flat = [(f"m{i}", i, j) for i in range(40) for j in range(size)]
            rows[kind] = {
                "ours": [(c, hard[i] * (2.0 + 0.5 * own[i] + 0.3 * noise[i, j])) for c, i, j in flat],
                "persistence": [(c, hard[i] * 2.0) for c, i, _ in flat],
            }
        found.append(of(differences(table(*rows.items()), "ours", "persistence"), "all"))
    spread = np.std([one.difference for one in found])
    assert np.mean([one.error or np.nan for one in found]) == pytest.approx(spread, rel=0.15)


def test_only_targets_of_both_count() -> None:
    ours = [("a", 3.0), ("a", float("nan")), ("b", 1.0), ("c", 9.0)]
    third = [("a", 1.0), ("a", 1.0), ("b", 0.0), ("c", float("nan"))]
    reference = [("a", 2.0), ("a", 2.0), ("b", float("nan")), ("c", 1.0)]
    both = table(("p50", {"ours": ours, "third": third, "persistence": reference}))
    got = differences(both, "ours", "third")
    assert of(got, "p50").difference == pytest.approx(1.5)
    assert of(got, "p50").targets == 2
    assert [one.kind for one in got] == ["p50", "p50"]
    own = mean(means(both), "ours", "p50")
    assert own.crps == pytest.approx(13.0 / 3.0)
    assert (own.targets, own.clusters) == (3, 3)
    assert own.scaled_crps == pytest.approx((3.0 + 9.0) / (2.0 + 1.0))


def test_a_kind_of_one_cluster_has_no_error_and_stays_out_of_the_pool() -> None:
    alone = {"ours": [("trial", 1.0)], "persistence": [("trial", 5.0)]}
    both = table(("p50", P50), ("trial", alone))
    got = differences(both, "ours", "persistence")
    assert of(got, "trial").error is None
    assert of(got, "trial").verdict == "not told apart"
    assert of(got, "all").kinds == ("p50",)
    assert of(got, "all").difference == pytest.approx(0.5)
    assert mean(means(both), "ours", "all").kinds == ("p50",)
    assert mean(means(both), "ours", "trial").scaled_crps == pytest.approx(0.2)


def test_what_the_reference_cannot_forecast_is_not_scaled() -> None:
    silent = {"ours": [("t", 1.0), ("u", 1.0)], "persistence": [("t", float("nan")), ("u", float("nan"))]}
    found = means(table(("p50", P50), ("trial", silent)))
    assert mean(found, "ours", "trial").scaled_crps is None
    assert mean(found, "ours", "all").kinds == ("p50",)
    assert [(one.kind) for one in found if one.forecaster == "persistence"] == ["p50", "all"]


def test_nothing_is_divided_by_a_reference_that_was_always_right() -> None:
    right = {"ours": [("a", 1.0), ("b", 1.0)], "persistence": [("a", 0.0), ("b", 0.0)]}
    both = table(("p50", P50), ("p80", right))
    assert mean(means(both), "ours", "p80").scaled_crps is None
    assert of(differences(both, "ours", "persistence"), "all").kinds == ("p50",)


@pytest.mark.parametrize(
    ("difference", "error", "verdict"),
    [
        (-1.1, 1.0, "better"),
        (1.1, 1.0, "worse"),
        (-0.9, 1.0, "not told apart"),
        (1.0, 1.0, "not told apart"),
        (5.0, None, "not told apart"),
    ],
)
def test_verdicts_need_more_than_one_error(difference: float, error: float | None, verdict: str) -> None:
    got = of(differences(table(("p50", P50)), "ours", "persistence"), "p50")
    assert replace(got, difference=difference, error=error).verdict == verdict


def test_a_difference_turns_its_sign_with_the_order() -> None:
    one, other = (
        of(differences(table(("p50", P50)), *pair), "p50")
        for pair in (("ours", "persistence"), ("persistence", "ours"))
    )
    assert one.difference == -other.difference
    assert one.error == other.error


def test_unknown_forecasters_and_targets_that_come_twice_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^forecaster: got mine, expected one of ours, persistence$"):
        differences(table(("p50", P50)), "mine", "ours")
    with pytest.raises(ValueError, match=r"^forecaster: got naive"):
        means(table(("p50", P50)), reference="naive")
    both = table(("p50", P50))
    with pytest.raises(ValueError, match="duplicate"):
        means(pd.concat([both, both]))


def test_results_can_be_written_as_json() -> None:
    both = table(("p50", P50))
    found: list[Mean | Difference] = [*means(both), *differences(both, "ours", "persistence")]
    assert len(json.loads(json.dumps([asdict(one) for one in found], allow_nan=False))) == 8
