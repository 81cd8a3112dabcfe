"""What came after a cut-off, as a table of targets."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from later import SUITE, Row, both_sides, horizon, outcome, trial

from autosim.backtesting.targets import LADDER_MIN, targets_of
from autosim.errors import InputError

OLD = horizon("old", "2024-05-01", 30.0)
LATER = [
    horizon("slow", "2024-10-15", 50.0, sd=0.4, p80=8.0),
    horizon("fast", "2025-03-01", 130.0, sd=0.3),
]
OUTCOMES = [outcome("slow", "2024-10-15", "b", 2, 5), outcome("fast", "2025-03-01", "a", 8, 8)]
TRIAL = trial("field trial", "2024-12-01", 0.5, 0.2)


def everything() -> pd.DataFrame:
    return targets_of(both_sides([OLD, *LATER], [outcome("old", "2024-05-01", "a", 1, 8), *OUTCOMES], [TRIAL]))


def milestones(*horizons: Row, cut_off: date = date(2024, 7, 1)) -> pd.DataFrame:
    """Milestones beside enough other targets."""
    enough = [outcome(model, "2025-01-15", str(i), 1, 2) for model in ("x", "y") for i in range(3)]
    table = targets_of(both_sides(list(horizons), enough, cut_off=cut_off))
    return table[table["kind"] == "milestone"]


def test_every_later_record_is_a_target_in_its_unit() -> None:
    table = everything()
    table = table[table["kind"] != "milestone"]
    kept = ["kind", "cluster", "suite", "item", "observed", "attempts", "place"]
    assert table[kept].to_numpy().tolist() == [
        ["outcome", "slow", SUITE, "b", 2.0, 5, 0],
        ["outcome", "fast", SUITE, "a", 8.0, 8, 1],
        ["p50", "slow", SUITE, "slow", np.log2(50.0), 0, 0],
        ["p50", "fast", SUITE, "fast", np.log2(130.0), 0, 1],
        ["p80", "slow", SUITE, "slow", 3.0, 0, 0],
        ["trial", "field trial", "", "field trial", np.log(0.5), 0, 0],
    ]
    assert table["sd"].to_numpy() == pytest.approx([np.nan, np.nan, 0.4, 0.3, 0.4, 0.2], nan_ok=True)
    assert table["date"].dt.date.astype(str).tolist() == [*["2024-10-15", "2025-03-01"] * 2, "2024-10-15", "2024-12-01"]
    assert table["threshold"].isna().all()


def test_a_p80_without_an_interval_is_no_target() -> None:
    bare = {**horizon("slow", "2024-10-15", 50.0, p80=8.0), "p80_lower": None, "p80_upper": None}
    table = targets_of(both_sides([bare, LATER[1]], OUTCOMES, [TRIAL]))
    assert "p80" not in set(table["kind"])


def test_places_are_rows_of_the_later_tables() -> None:
    both = both_sides([OLD, LATER[1], LATER[0]], OUTCOMES, [TRIAL])
    table = targets_of(both)
    p80 = table[table["kind"] == "p80"].iloc[0]
    assert (both.later.horizons.loc[p80["place"], "model"], p80["place"]) == ("slow", 1)


def test_milestones_are_horizons_above_the_best_known_by_days_three_months_apart() -> None:
    table = milestones(OLD, *LATER)
    asked = [
        (f"{low:g} min", f"{low:g} min by {day}") for low in LADDER_MIN[6:] for day in ("2025-01-01", "2025-03-01")
    ]
    assert list(zip(table["cluster"], table["item"], strict=True)) == asked
    assert table["observed"].tolist() == [0.0, 1.0, 0.0, 1.0, *[0.0] * 6]
    assert table["threshold"].tolist() == np.repeat(np.log2(LADDER_MIN[6:]), 2).tolist()
    assert set(table["suite"]) == {SUITE}
    assert set(table["place"]) == {-1}


def test_a_milestone_is_reached_at_the_very_horizon_but_not_asked_for_where_it_was_known() -> None:
    known = horizon("old", "2024-05-01", 60.0)
    table = milestones(known, horizon("next", "2024-09-01", 120.0))
    assert table["cluster"].tolist() == ["120 min", "240 min", "480 min", "960 min"]
    assert table["observed"].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_without_known_horizons_the_whole_ladder_is_asked_for() -> None:
    assert len(milestones(LATER[0])) == len(LADDER_MIN)
    assert len(milestones(OLD)) == 0


def test_another_suite_has_its_own_best() -> None:
    table = milestones(OLD, horizon("slow", "2024-10-15", 300.0, suite="re_bench"), horizon("slow", "2024-10-15", 50.0))
    assert table.groupby("suite").size().to_dict() == {SUITE: 5, "re_bench": 11}
    assert table.groupby("suite")["observed"].sum().to_dict() == {SUITE: 0.0, "re_bench": 9.0}


def test_months_are_counted_from_the_cut_off_and_the_last_day_comes_once() -> None:
    first, last = horizon("slow", "2025-02-01", 50.0), horizon("fast", "2025-05-30", 130.0)
    table = milestones(first, last, cut_off=date(2024, 11, 30))
    hour = table[table["cluster"] == "60 min"]
    assert hour["date"].dt.date.astype(str).tolist() == ["2025-02-28", "2025-05-30"]


@pytest.mark.parametrize(
    ("horizons", "outcomes", "got"),
    [
        ([OLD], [], "0 later outcomes, horizons and trials, of 0 models and trials"),
        (LATER, OUTCOMES[:1], "4 later outcomes, horizons and trials, of 2 models and trials"),
        (
            LATER[:1],
            [outcome("slow", "2024-10-15", str(i), 1, 2) for i in range(9)],
            "11 later outcomes, horizons and trials, of 1 models and trials",
        ),
    ],
)
def test_too_few_targets_are_refused_with_their_count(horizons: list[Row], outcomes: list[Row], got: str) -> None:
    with pytest.raises(InputError) as refused:
        targets_of(both_sides(horizons, outcomes))
    assert str(refused.value) == f"evidence: cut-off 2024-07-01: got {got}, expected at least 5, of at least 2"


def test_five_targets_of_two_models_are_enough() -> None:
    assert (targets_of(both_sides(LATER, OUTCOMES))["kind"] != "milestone").sum() == 5
