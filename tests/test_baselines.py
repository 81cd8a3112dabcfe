"""Baselines of a backtest: closed forms, by hand, and that no result of what came later comes in."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from later import Row, both_sides, horizon, outcome, trial
from numpy.typing import NDArray
from scipy import special, stats

from autosim import streams
from autosim.backtesting.baselines import baselines
from autosim.backtesting.baselines.least_squares import OrdinaryLeastSquares, Regression
from autosim.backtesting.baselines.parts import suites
from autosim.backtesting.baselines.persistence import Persistence
from autosim.backtesting.forecast import Forecast, Forecaster
from autosim.backtesting.scoring import score
from autosim.backtesting.split import Split
from autosim.backtesting.targets import targets_of
from autosim.evidence.tables import Evidence

type Floats = NDArray[np.float64]

DRAWS = 20_000
NAMES = ["persistence", "ols_all", "ols_frontier", "irt_linear", "irt_quadratic", "irt_saturating"]
QUICK: tuple[Forecaster, ...] = baselines(None)[:3]

KNOWN = [
    horizon("a", "2022-03-01", 1.0, p80=0.25),
    horizon("b", "2023-03-01", 4.0, p80=0.5),
    horizon("c", "2023-09-01", 4.0, p80=1.0),
    horizon("d", "2024-02-01", 8.0, p80=1.0),
    horizon("e", "2024-06-01", 16.0, p80=4.0),
]
LATER = [horizon("y", "2025-03-01", 64.0, p80=8.0), horizon("z", "2026-03-01", 128.0, p80=16.0)]


def behind(row: Row) -> Row:
    """The same model, not at the frontier."""
    return {**row, "frontier": False}


def drawn(draws: Floats | None) -> Floats:
    assert draws is not None
    return draws


def together(draws: Floats) -> float:
    """Correlation of the first two columns."""
    return float(np.asarray(np.corrcoef(draws[:, :2].T))[0, 1])


def test_all_baselines_are_there_in_order() -> None:
    assert [one.name for one in baselines(None)] == NAMES


def test_persistence_steps_from_the_latest_frontier_model_by_hand() -> None:
    known = [*KNOWN[:4], behind(KNOWN[4]), horizon("other", "2024-06-20", 1000.0, p80=500.0, suite="re_bench")]
    got = Persistence().forecast(both_sides([*known, *LATER]), DRAWS, 5)
    step = special.ndtri(streams.uniform(5, "baseline.persistence.level.metr_hcast.y", DRAWS))
    p50 = 3.0 + np.sqrt((2.0**2 + 0.0**2 + 1.0**2) / 3.0) * step
    p80 = 0.0 + np.sqrt((1.0**2 + 1.0**2 + 0.0**2) / 3.0) * step
    assert drawn(got.p50)[:, 0] == pytest.approx(p50)
    assert drawn(got.p80)[:, 0] == pytest.approx(np.minimum(p80, p50))
    assert abs(together(drawn(got.p50))) < 0.03


def test_persistence_counts_attempts_by_hand() -> None:
    def tried(model: str, day: str, name: str, successes: int, attempts: int, minutes: float = 30.0) -> Row:
        return {**outcome(model, day, name, successes, attempts), "human_minutes": minutes}

    known = [
        tried("old", "2023-03-01", "first", 4, 4),
        tried("last", "2024-03-01", "first", 1, 4),
        tried("last", "2024-03-01", "second", 3, 3, 45.0),
        tried("last", "2024-03-01", "third", 0, 5, 480.0),
        behind(tried("weak", "2024-05-01", "first", 0, 9)),
    ]
    asked = [("first", 30.0), ("near", 25.0), ("far", 2000.0)]
    later = [tried(model, "2025-03-01", name, 0, 2, minutes) for model in ("y", "z") for name, minutes in asked]
    got = Persistence().forecast(both_sides(outcomes=[*known, *later]), DRAWS, 0)
    chance = drawn(got.outcome)
    for column, (successes, attempts) in enumerate([(1, 4), (4, 7), (4, 12)]):
        expected = stats.beta(successes + 0.5, attempts - successes + 0.5)
        assert chance[:, column].mean() == pytest.approx(expected.mean(), abs=0.01)
        assert chance[:, column].std() == pytest.approx(expected.std(), rel=0.03)
    assert (chance[:, :3] == chance[:, 3:]).all()
    assert got.notes == (
        "persistence: 2 of 3 instances on metr_hcast were not tried by last; its attempts at instances of similar "
        "length stand in.",
    )


@pytest.mark.parametrize(
    ("ratios", "sd"), [([0.5, 0.8, 1.0], np.sqrt((np.log(1.6) ** 2 + np.log(1.25) ** 2) / 2.0)), ([1.0], 0.3 * 2**0.5)]
)
def test_persistence_steps_from_the_last_trial_by_hand(ratios: Sequence[float], sd: float) -> None:
    days = ["2023-01-01", "2023-06-01", "2024-01-01"][-len(ratios) :]
    rows = [trial(f"t{i}", day, ratio, 0.3) for i, (day, ratio) in enumerate(zip(days, ratios, strict=True))]
    later = [trial(name, "2025-01-01", 0.5, 0.1) for name in ("u", "v")]
    got = drawn(Persistence().forecast(both_sides(trials=[*rows[::-1], *later]), DRAWS, 0).trial)
    assert got.mean(axis=0) == pytest.approx([0.0, 0.0], abs=0.01)
    assert got.std(axis=0) == pytest.approx([sd, sd], rel=0.03)
    assert abs(together(got)) < 0.03


def test_predictive_draws_of_a_regression_are_those_of_the_closed_form() -> None:
    rng = np.random.default_rng(2)
    x = np.stack([np.ones(12), np.linspace(-3.0, 0.0, 12)], axis=1)
    y = 4.0 + 1.5 * x[:, 1] + rng.normal(0.0, 0.7, 12)
    ahead = np.array([[1.0, 1.0], [1.0, 3.0]])
    got = Regression.of(x, y).predictive(ahead, pd.Series(["u", "v"]), DRAWS, 0, "test")
    line = stats.linregress(x[:, 1], y)
    variance = np.sum((y - line.intercept - line.slope * x[:, 1]) ** 2) / 10.0
    inner = ahead @ np.linalg.inv(x.T @ x) @ ahead.T
    covariance = variance * (inner + np.eye(2)) * 10.0 / 8.0
    assert got.mean(axis=0) == pytest.approx(line.intercept + line.slope * ahead[:, 1], abs=0.03)
    assert np.cov(got.T) == pytest.approx(covariance, rel=0.06)
    tails = stats.t(10, line.intercept + line.slope, np.sqrt(variance * (1.0 + inner[0, 0])))
    assert np.quantile(got[:, 0], [0.01, 0.5, 0.99]) == pytest.approx(tails.ppf([0.01, 0.5, 0.99]), abs=0.1)


def test_least_squares_use_all_models_since_2023_or_the_frontier_of_all_dates() -> None:
    known = [*KNOWN[:3], *(behind(row) for row in KNOWN[3:]), horizon("f", "2023-12-01", 8.0, p80=1.0)]
    both = both_sides([*known, *LATER])
    for one, models in zip(QUICK[1:], (["b", "c", "d", "e", "f"], ["a", "b", "c", "f"]), strict=True):
        table = both.known.horizons.set_index("model").loc[models]
        years = (table["release_date"] - pd.Timestamp("2024-07-01")).dt.days / 365.25
        line = stats.linregress(years, np.log2(table["p50_horizon_min"]))
        ahead = (pd.DatetimeIndex([row["release_date"] for row in LATER]) - pd.Timestamp("2024-07-01")).days / 365.25
        got = drawn(one.forecast(both, DRAWS, 0).p50)
        assert np.median(got, axis=0) == pytest.approx(line.intercept + line.slope * ahead, abs=0.1)


def test_the_gap_of_least_squares_is_constant_and_above_nothing() -> None:
    got = OrdinaryLeastSquares("ols", frontier=True).forecast(both_sides([*KNOWN, *LATER]), DRAWS, 0)
    gap = drawn(got.p50) - drawn(got.p80)
    assert gap.min() >= 0.1 - 1e-9
    assert np.median(gap, axis=0) == pytest.approx(np.exp(np.log([2.0, 3.0, 2.0, 3.0, 2.0]).mean()), rel=0.02)
    logs = np.log([2.0, 3.0, 2.0, 3.0, 2.0])
    wide = stats.t(4, 0.0, logs.std(ddof=1) * np.sqrt(1.2)).ppf(0.9)
    assert np.quantile(np.log(gap), 0.9, axis=0) == pytest.approx(logs.mean() + wide, abs=0.02)


def test_chances_of_least_squares_run_through_both_horizons() -> None:
    rows = [outcome("y", "2025-03-01", f"at {minutes}", 0, 1) | {"human_minutes": minutes} for minutes in (4.0, 30.0)]
    got = OrdinaryLeastSquares("ols", frontier=True).forecast(both_sides([*KNOWN, *LATER], rows), 500, 0)
    p50, p80, chance = drawn(got.p50)[:, :1], drawn(got.p80)[:, :1], drawn(got.outcome)
    x = np.log2([4.0, 30.0])
    assert chance == pytest.approx(special.expit(np.log(4.0) * (p50 - x) / (p50 - p80)))
    assert special.expit(np.log(4.0) * (p50 - p80) / (p50 - p80)) == pytest.approx(0.8)


def sides(extra: Sequence[Row] = ()) -> Split:
    """Everything there can be on both sides."""
    tried = [
        outcome(model, day, f"task {i}", successes, 4) | {"human_minutes": 2.0 ** (1 + 2 * i)}
        for model, day, counts in (
            ("b", "2023-03-01", (3, 1, 0, 0)),
            ("d", "2024-02-01", (4, 2, 1, 0)),
            ("e", "2024-06-01", (4, 4, 1, 1)),
            ("y", "2025-03-01", (4, 4, 2, 1)),
            ("z", "2026-03-01", (4, 4, 3, 3)),
        )
        for i, successes in enumerate(counts)
    ]
    new = outcome("z", "2026-03-01", "new", 1, 3)
    trials = [trial("t", "2024-01-01", 0.9, 0.1), trial("u", "2025-01-01", 0.5, 0.1)]
    return both_sides([*KNOWN, *LATER, *extra], [*tried, new], trials)


def poisoned(both: Split) -> Split:
    """The same with every later result replaced."""
    horizons, outcomes, trials = (getattr(both.later, name).copy() for name in ("horizons", "outcomes", "trials"))
    for table in (horizons, outcomes):
        table["frontier"] = ~table["frontier"].astype(bool)
    for column in [name for name in horizons if str(name).startswith(("p50_", "p80_"))]:
        horizons[column] = np.nan
    outcomes["successes"] = -1
    trials[["time_ratio", "standard_error", "believed_ratio"]] = np.nan
    other = Evidence(**{**both.later.tables(), "horizons": horizons, "outcomes": outcomes, "trials": trials})
    return replace(both, later=other)


def same(first: Forecast, second: Forecast) -> bool:
    """Whether two forecasts are alike to the bit."""
    pairs = ((getattr(one, kind) for one in (first, second)) for kind in ("p50", "p80", "outcome", "trial"))
    return first.notes == second.notes and all(
        (a is None) == (b is None) and (a is None or a.tobytes() == b.tobytes()) for a, b in pairs
    )


def check_poison_and_seeds(one: Forecaster) -> None:
    """The same from other later results and for the same seed, another for another seed, and good to be scored."""
    both = sides()
    first = one.forecast(both, 200, 3)
    assert same(first, one.forecast(poisoned(both), 200, 3)), one.name
    other = one.forecast(both, 200, 4)
    for kind in ("p50", "p80", "outcome"):
        assert not (drawn(getattr(first, kind)) == drawn(getattr(other, kind))).all(axis=0).any(), (one.name, kind)
    table = score(first, targets_of(both), 0)
    assert table.loc[table["kind"] != "trial", "crps"].notna().all(), one.name


@pytest.mark.parametrize("one", QUICK, ids=lambda one: one.name)
def test_no_later_result_comes_in(one: Forecaster) -> None:
    check_poison_and_seeds(one)


def test_too_few_models_are_left_out_with_a_note() -> None:
    both = both_sides([KNOWN[4], *LATER], [outcome("y", "2025-03-01", "first", 1, 2)], [trial("u", "2025-01-01", 1, 1)])
    for one in baselines(None):
        got = one.forecast(both, 5, 0)
        for kind, rows in (("p50", 2), ("p80", 2), ("outcome", 1)):
            found = drawn(getattr(got, kind))
            assert found.shape == (5, rows), one.name
            assert np.isnan(found).all(), one.name
        assert got.trial is None
        assert got.notes, one.name
        assert all(note.startswith(f"{one.name}: ") and note.endswith(".") for note in got.notes)
        assert score(got, targets_of(both), 0)["crps"].isna().all()


def test_a_suite_that_is_known_too_little_leaves_the_others_be() -> None:
    other = [horizon("y", "2025-03-01", 8.0, p80=1.0, suite="re_bench")]
    for one in QUICK:
        got = one.forecast(sides(other), 50, 0)
        assert np.isnan(drawn(got.p50)).all(axis=0).tolist() == [False, False, True]
        assert any("re_bench" in note for note in got.notes)
        assert same(
            Forecast(drawn(got.p50)[:, :2], drawn(got.p80)[:, :2], got.outcome, got.trial),
            replace(one.forecast(sides(), 50, 0), notes=()),
        )


def test_a_shared_trend_makes_far_models_go_together() -> None:
    far = [horizon("y", "2034-03-01", 64.0, p80=8.0), horizon("z", "2034-06-01", 64.0, p80=8.0)]
    for one in QUICK[1:]:
        p50 = drawn(one.forecast(both_sides([*KNOWN, *far]), 4000, 0).p50)
        assert stats.spearmanr(p50[:, 0], p50[:, 1]).statistic > 0.9
        assert not (p50[:, 0] == p50[:, 1]).any()


def test_a_suite_shows_forecasters_no_later_result() -> None:
    (suite,) = suites(sides())
    assert [*suite.later_horizons] == ["model", "release_date", "suite"]
    assert [*suite.later_outcomes] == ["model", "release_date", "suite", "instance", "human_minutes"]
    assert [*suite.later_models] == ["model", "release_date"]
    assert suite.later_models["model"].tolist() == ["y", "z"]
