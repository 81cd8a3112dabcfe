"""Scores against closed forms, by hand, and what a forecast may not hold."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scoringrules as sr
from later import Row, both_sides, horizon, outcome, trial
from numpy.typing import NDArray
from scipy import special, stats

from autosim import streams
from autosim.backtesting.forecast import Forecast
from autosim.backtesting.scoring import mixed_binomial, replicates, score
from autosim.backtesting.targets import targets_of
from autosim.errors import NotANumberError

type Floats = NDArray[np.float64]

HORIZONS = [horizon("a", "2024-10-15", 64.0, sd=0.5, p80=8.0), horizon("b", "2025-03-01", 128.0, sd=0.25)]
OUTCOMES = [
    outcome("a", "2024-10-15", "first", 1, 2),
    outcome("a", "2024-10-15", "second", 1, 1),
    outcome("b", "2025-03-01", "first", 3, 5),
]
TRIALS = [trial("t", "2024-12-01", 0.5, 0.2)]
TARGETS = targets_of(both_sides(HORIZONS, OUTCOMES, TRIALS))
DRAWS = 40_000


def kind(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table["kind"] == name]


def saying(field: str, draws: Floats) -> Forecast:
    """A forecast of one kind."""
    given: dict[str, Any] = {field: draws}
    return Forecast(**given)


def normal(draws: int, mean: float, sd: float) -> Floats:
    """Draws at a normal's quantiles, shuffled."""
    points: Floats = mean + sd * special.ndtri((np.arange(draws) + 0.5) / draws)
    return np.random.default_rng(1).permutation(points)


def crps_normal(z: float, sd: float) -> float:
    """Gneiting, Raftery (2007), eq. 21."""
    return float(sd * (z * (2.0 * stats.norm.cdf(z) - 1.0) + 2.0 * stats.norm.pdf(z) - 1.0 / np.sqrt(np.pi)))


@pytest.mark.parametrize(("field", "row"), [("p50", 1), ("p80", 0), ("trial", 0)])
def test_scores_of_gaussian_forecasts_are_those_of_the_closed_form(field: str, row: int) -> None:
    columns = 1 if field == "trial" else 2
    said = np.stack([normal(DRAWS, 4.0, 1.5)] * columns, axis=1)
    got = kind(score(saying(field, said), TARGETS, 0), field).iloc[row]
    sd = float(np.hypot(1.5, got["sd"]))
    z = (got["observed"] - 4.0) / sd
    assert got["crps"] == pytest.approx(crps_normal(z, sd), rel=0.02)
    assert got["log_score"] == pytest.approx(-stats.norm.logpdf(got["observed"], 4.0, sd), rel=1e-3)
    assert got["pit"] == pytest.approx(stats.norm.cdf(z), abs=1e-3)
    assert np.isnan(got["probability"])


def test_log_scores_are_the_librarys_and_finite_far_out() -> None:
    said = np.array([[5.0, 7.5], [6.5, 6.0], [7.0, 1000.0]])
    got = kind(score(Forecast(p50=said), TARGETS, 0), "p50")
    known = sr.logs_mixnorm(got["observed"].to_numpy(), said.T, np.repeat(got[["sd"]].to_numpy(), 3, axis=1))
    assert got["log_score"].to_numpy() == pytest.approx(known)
    far = kind(score(Forecast(p50=said + 1e4), TARGETS, 0), "p50")
    assert np.isfinite(far["log_score"]).all()


def test_few_draws_are_scored_as_if_there_were_many() -> None:
    said = np.array([[5.0, 7.5], [6.5, 6.0], [7.0, 9.0], [3.0, 4.0]])
    got = kind(score(Forecast(p50=said), TARGETS, 0), "p50")
    again = replicates(said, got, 0)
    off = np.abs(again - got["observed"].to_numpy()).mean(axis=0)
    pairs = np.abs(again[:, None] - again[None]).sum(axis=(0, 1)) / (4.0 * 3.0)
    assert got["crps"].to_numpy() == pytest.approx(off - 0.5 * pairs)


def test_a_target_is_scored_by_its_own_column() -> None:
    swapped = [horizon("b", "2025-03-01", 128.0, sd=0.25), horizon("a", "2024-10-15", 64.0, sd=0.5, p80=8.0)]
    targets = targets_of(both_sides(swapped, OUTCOMES, TRIALS))
    said = np.array([[50.0, 3.0], [51.0, 3.5], [52.0, 2.5]])
    got, other = (score(Forecast(p80=draws), made, 0) for draws, made in ((said, targets), (said[:, ::-1], TARGETS)))
    for name in ("crps", "log_score", "pit"):
        assert kind(got, "p80")[name].item() == pytest.approx(kind(other, "p80")[name].item())
    assert kind(got, "p80")["crps"].item() < 1.0


def test_counts_are_scored_as_mixed_binomials_by_hand() -> None:
    said = np.array([[0.5, 0.25, 0.0], [1.0, 0.75, 0.0]])
    table = score(Forecast(outcome=said), TARGETS, 7)
    first, single, never = (row for _, row in kind(table, "outcome").iterrows())
    assert first["crps"] == pytest.approx((0.125**2 + (1.0 - 0.375) ** 2) / 2.0)
    assert first["log_score"] == pytest.approx(-np.log((2.0 * 0.25 + 1.0 / 3.0) / 3.0))
    within = streams.uniform(7, "backtest.pit.outcome.metr_hcast.a.first", 1)[0]
    assert first["pit"] == pytest.approx(0.125 + 0.25 * within)
    assert first["probability"] == pytest.approx(0.75)
    assert single["crps"] == pytest.approx(0.5**2)
    assert single["log_score"] == pytest.approx(np.log(2.0))
    assert never["log_score"] == pytest.approx(np.log(6.0 * 3.0))
    assert never["crps"] == pytest.approx(3.0 / 5.0)


def test_mixed_binomials_are_the_means_of_binomials() -> None:
    chance = np.random.default_rng(3).uniform(size=(50, 4))
    slow = np.asarray(stats.binom.pmf(np.arange(8)[:, None, None], 7, chance)).mean(axis=1).T
    assert mixed_binomial(chance, 7) == pytest.approx(slow)
    assert mixed_binomial(chance, 7).sum(axis=1) == pytest.approx(1.0)


def test_milestones_are_scored_by_hand() -> None:
    said = np.array([[6.0, 9.0], [4.0, 6.0], [5.0, 5.0], [7.0, 4.0]])
    table = score(Forecast(p50=said), TARGETS, 0)
    rows = kind(table, "milestone").set_index("item")
    below_a = special.ndtr((np.log2(60.0) - said[:, 0]) / 0.5)
    below_b = special.ndtr((np.log2(60.0) - said[:, 1]) / 0.25)
    for item, below in (("60 min by 2025-01-01", below_a), ("60 min by 2025-03-01", below_a * below_b)):
        p = (4.0 - below.sum() + 0.5) / 5.0
        assert rows.loc[item, "observed"] == 1.0
        assert rows.loc[item, "probability"] == pytest.approx(p)
        assert rows.loc[item, "crps"] == pytest.approx((1.0 - p) ** 2)
        assert rows.loc[item, "log_score"] == pytest.approx(-np.log(p))
    missed = rows.loc["120 min by 2025-01-01"]
    assert missed["observed"] == 0.0
    assert missed["crps"] == pytest.approx(missed["probability"] ** 2)
    assert missed["log_score"] == pytest.approx(-np.log(1.0 - missed["probability"]))
    assert rows["pit"].isna().all()


def test_milestones_are_of_models_on_the_suite() -> None:
    other = horizon("a", "2024-10-15", 64.0, suite="re_bench")
    targets = targets_of(both_sides([HORIZONS[0], other], OUTCOMES, TRIALS))
    low_and_high = np.array([[0.0, 12.0]] * 3)
    rows = kind(score(Forecast(p50=low_and_high), targets, 0), "milestone")
    hour = rows[rows["cluster"] == "60 min"].set_index("suite")["probability"]
    assert hour.to_dict() == pytest.approx({"metr_hcast": 0.125, "re_bench": 0.875})


def test_a_forecast_may_leave_rows_and_kinds_out() -> None:
    said = np.array([[6.0, np.nan], [7.0, np.nan], [5.0, np.nan]])
    table = score(Forecast(p50=said), TARGETS, 0)
    scores = table[["crps", "log_score", "probability"]]
    assert kind(table, "p50")["crps"].notna().tolist() == [True, False]
    assert scores[~table["kind"].isin(["p50", "milestone"])].isna().all(axis=None)
    rows = kind(table, "milestone")
    early = rows["date"] < pd.Timestamp("2025-03-01")
    assert rows.loc[early, ["crps", "log_score", "probability"]].notna().all(axis=None)
    assert rows.loc[~early, ["crps", "log_score", "probability"]].isna().all(axis=None)
    assert score(Forecast(), TARGETS, 0)[["crps", "log_score", "pit", "probability"]].isna().all(axis=None)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("field", ["p50", "p80", "outcome", "trial"])
def test_a_draw_that_is_no_number_is_an_error(field: str, bad: float) -> None:
    said = np.full((3, {"outcome": 3, "trial": 1}.get(field, 2)), 0.5)
    said[1, -1] = bad
    got = f"forecast of {field}, row {said.shape[1]}: got NaN or infinity in 1 draws"
    with pytest.raises(NotANumberError, match=f"^{got}$"):
        score(saying(field, said), TARGETS, 0)


@pytest.mark.parametrize(
    ("forecast", "said"),
    [
        (Forecast(p50=np.zeros((3, 1))), "p50: got draws of shape"),
        (Forecast(p80=np.zeros((3, 1))), "p80: got draws of shape"),
        (Forecast(trial=np.zeros(3)), "trial: got draws of shape"),
        (Forecast(p50=np.zeros((1, 2))), "p50: got draws of shape"),
        (Forecast(outcome=np.full((3, 3), 1.1)), "outcome: got a chance"),
        (Forecast(outcome=np.full((3, 3), -0.1)), "outcome: got a chance"),
    ],
)
def test_draws_that_do_not_fit_are_refused(forecast: Forecast, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}"):
        score(forecast, TARGETS, 0)


def test_scores_depend_on_the_seed_and_the_target_alone() -> None:
    rng = np.random.default_rng(0)
    said = Forecast(p50=rng.normal(6.0, 1.0, (500, 2)), outcome=rng.uniform(size=(500, 3)))
    first = score(said, TARGETS, 0)
    pd.testing.assert_frame_equal(first, score(said, TARGETS, 0))
    other = score(said, TARGETS, 1)
    assert (kind(first, "p50")["crps"] != kind(other, "p50")["crps"]).all()
    assert (kind(first, "outcome")["pit"] != kind(other, "outcome")["pit"]).all()
    more: list[Row] = [horizon("c", "2024-10-15", 4.0), *HORIZONS]
    assert said.p50 is not None
    wider = replace(said, p50=np.column_stack([rng.normal(size=500), said.p50]))
    again = score(wider, targets_of(both_sides(more, OUTCOMES, TRIALS)), 0)
    assert kind(again, "p50")["crps"].to_numpy()[1:] == pytest.approx(kind(first, "p50")["crps"].to_numpy(), rel=1e-12)


def test_replicates_have_errors_of_their_own() -> None:
    rows = kind(TARGETS, "p50")
    again = replicates(np.zeros((DRAWS, 2)), rows, 0)
    assert again.std(axis=0) == pytest.approx([0.5, 0.25], rel=0.02)
    assert again.mean(axis=0) == pytest.approx([0.0, 0.0], abs=0.01)
    assert abs(np.asarray(np.corrcoef(again.T))[0, 1]) < 0.02
