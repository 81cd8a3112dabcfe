"""Item response as a baseline: known answers, trends that differ as they should, and fits that are kept."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from later import Row, both_sides, horizon, outcome
from numpy.typing import NDArray
from scipy import special
from test_baselines import KNOWN, LATER, check_poison_and_seeds, drawn, same, sides, together

from autosim.backtesting.baselines import baselines, item_response, item_response_model
from autosim.backtesting.baselines.item_response import ItemResponse
from autosim.backtesting.baselines.item_response_model import Data, fitted, gap, losses, unsound
from autosim.backtesting.baselines.parts import suites
from autosim.backtesting.baselines.trends import LINEAR, QUADRATIC, SATURATING, TRENDS, Trend
from autosim.backtesting.forecast import Forecaster
from autosim.backtesting.split import Split

type Floats = NDArray[np.float64]

IRT: tuple[Forecaster, ...] = baselines(None)[3:]
DAYS = ("2023-01-01", "2023-05-01", "2023-09-01", "2024-01-01", "2024-06-01")
INSTANCES, ATTEMPTS = 40, 10
TRUE = {"level": 5.0, "rate": 2.0, "difficulty_spread": 1.2, "log_discrimination": np.log(0.9)}


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Fits of a third of the draws."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(item_response_model, "DRAWS", 100)
        patch.setattr(item_response_model, "TUNE", 150)
        yield


def hurried(patch: pytest.MonkeyPatch) -> None:
    """Fits whose bits matter, but not how well they are sampled."""
    for name, value in (("DRAWS", 40), ("TUNE", 60), ("LARGEST_R_HAT", 99.0)):
        patch.setattr(item_response_model, name, value)


@cache
def made_up() -> tuple[Split, Floats, Floats, Floats]:
    """Outcomes of five known models and a later one from the model itself; abilities, difficulties, later chances."""
    rng = np.random.default_rng(4)
    days = np.array([*DAYS, "2025-01-01"], dtype="datetime64[D]")
    years = (days - np.datetime64("2024-07-01")).astype(float) / 365.25
    ability = TRUE["level"] + TRUE["rate"] * years + rng.normal(0.0, 0.4, len(years))
    minutes = np.linspace(-1.0, 9.0, INSTANCES)
    residual = rng.normal(0.0, TRUE["difficulty_spread"], INSTANCES)
    steepness = np.exp(TRUE["log_discrimination"] + rng.normal(0.0, 0.2, INSTANCES))
    chance = special.expit(steepness * (ability[:, None] - minutes - residual))
    rows: list[Row] = [
        outcome(f"m{m}", str(days[m]), f"i{j:02}", int(rng.binomial(ATTEMPTS, chance[m, j])), ATTEMPTS)
        | {"human_minutes": 2.0 ** minutes[j]}
        for m in range(len(years))
        for j in range(INSTANCES)
    ]
    return both_sides(outcomes=rows), ability, residual, chance[-1]


@cache
def fit_of_made_up() -> xr.DataTree:
    return fitted(Data.of(suites(made_up()[0])[0]), LINEAR, 1)


def test_item_response_recovers_what_made_the_outcomes() -> None:
    _, ability, _, _ = made_up()
    tree = fit_of_made_up()
    assert not unsound(tree)
    posterior = tree["posterior"].to_dataset()
    found = posterior["ability"].to_numpy().reshape(-1, len(DAYS))
    assert np.abs(found.mean(axis=0) - ability[:-1]).max() < 0.6
    assert found.std(axis=0).max() < 0.5
    for name, true in TRUE.items():
        mean, sd = float(posterior[name].mean()), float(posterior[name].std())
        assert abs(mean - true) < 2.5 * sd, name
        assert sd < {"level": 0.9, "rate": 0.9}.get(name, 0.3), name


def test_chances_at_known_instances_are_told_by_them(monkeypatch: pytest.MonkeyPatch) -> None:
    both, _, residual, true = made_up()
    monkeypatch.setattr(item_response, "fitted", lambda *_: fit_of_made_up())
    chance = drawn(IRT[0].forecast(both, 1000, 0).outcome)
    said = chance.mean(axis=0)
    assert np.abs(said - true).mean() < 0.12
    minutes = np.linspace(-1.0, 9.0, INSTANCES)
    trend = np.polynomial.Polynomial.fit(minutes, said, 3)(minutes)
    assert together(np.stack([said - trend, residual], axis=1)) < -0.7


def test_new_instances_are_of_the_population(monkeypatch: pytest.MonkeyPatch) -> None:
    known = made_up()[0].known.outcomes
    rows: list[Row] = [
        outcome("y", "2024-09-01", name, 0, 1) | {"human_minutes": minutes}
        for name, minutes in [("new", 64.0), ("also new", 64.0), ("long", 2.0**20)]
    ]
    later = both_sides(outcomes=rows).later
    both = Split(made_up()[0].cut_off, type(later)(**{**later.tables(), "outcomes": known}), later, ())
    monkeypatch.setattr(item_response, "fitted", lambda *_: fit_of_made_up())
    chance = drawn(IRT[0].forecast(both, 4000, 0).outcome)
    assert chance[:, :2].mean(axis=0) == pytest.approx(chance[:, :2].mean(), abs=0.03)
    assert 0.0 < together(chance) < 0.7
    assert chance[:, 2].mean() < 0.01


def test_instances_are_integrated_out_as_a_fine_grid_has_it() -> None:
    ability, successes, attempts = np.array([[3.0, 5.0]]), np.array([[2.0, 7.0]]), np.array([[8.0, 8.0]])
    spreads = [np.array([value]) for value in (1.3, np.log(0.8), 0.3)]
    told = losses(ability, 4.0, successes, attempts, *spreads)
    got = special.logsumexp(item_response_model.LOG_WEIGHTS - told)
    z = np.linspace(-7.0, 7.0, 701)
    a, delta = np.exp(np.log(0.8) + 0.3 * z)[:, None, None], 1.3 * z[None, :, None]
    logit = a * (ability[0] - 4.0 - delta)
    logs = (successes * special.log_expit(logit) + (attempts - successes) * special.log_expit(-logit)).sum(axis=-1)
    weight = np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum()
    assert got == pytest.approx(np.log(np.sum(weight[:, None] * weight * np.exp(logs))), abs=0.01)


@pytest.mark.parametrize(("a", "spread"), [(1.0, 0.0), (0.5, 1.0), (0.8, 1.5), (2.0, 2.0), (1.0, 6.0)])
def test_the_gap_is_where_a_mean_instance_is_solved_with_80_percent(a: float, spread: float) -> None:
    z = np.linspace(-8.0, 8.0, 2001)
    weight = np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum()
    near, far = (np.sum(weight * special.expit(a * (f * gap(a, spread) - spread * z))) for f in (0.95, 1.05))
    assert near < 0.8 < far


PARAMETERS = {"level": 4.0, "rate": 2.0, "bend": 0.8, "log_headroom": np.log(3.0)}


def test_trends_pass_one_point_at_one_pace_and_then_part() -> None:
    step = 1e-5
    at = {trend.name: [float(trend.at(PARAMETERS, t, np)) for t in (-step, 0.0, step, 3.0, 50.0)] for trend in TRENDS}
    for before, now, after, *_ in at.values():
        assert now == pytest.approx(4.0)
        assert (after - before) / (2.0 * step) == pytest.approx(2.0, rel=1e-4)
    assert at["saturating"][3] < at["linear"][3] < at["quadratic"][3]
    assert at["saturating"][4] == pytest.approx(7.0)
    wide = {**PARAMETERS, "log_headroom": np.log(300.0)}
    assert SATURATING.at(wide, 3.0, np) == pytest.approx(LINEAR.at(wide, 3.0, np))
    assert QUADRATIC.at(PARAMETERS | {"bend": 0.0}, 3.0, np) == pytest.approx(LINEAR.at(PARAMETERS, 3.0, np))


def curved(bend: float) -> Split:
    """Horizons of seven known models on a parabola, and a later one two years on."""
    years = np.linspace(-3.0, 0.0, 7)
    days = np.datetime64("2024-07-01") + (years * 365.25).astype(int).astype("timedelta64[D]")
    log2 = 5.0 + 1.5 * years + 0.5 * bend * years**2
    rows = [horizon(f"m{i}", str(days[i]), 2.0 ** log2[i], sd=0.1, p80=2.0 ** (log2[i] - 2.5)) for i in range(7)]
    return both_sides([*rows, horizon("y", "2026-07-01", 64.0, p80=8.0), horizon("z", "2026-09-01", 64.0, p80=8.0)])


def summed_up(one: Forecaster, bend: float) -> tuple[float, float, float]:
    """Median p50, median gap to p80, and correlation between two later models."""
    got = one.forecast(curved(bend), 400, 0)
    p50, p80 = drawn(got.p50), drawn(got.p80)
    return float(np.median(p50[:, 0])), float(np.median(p50[:, 0] - p80[:, 0])), together(p50)


def test_trends_of_horizons_alone_go_on_as_they_should() -> None:
    slowing = {one.name: summed_up(one, -0.5) for one in IRT}
    speeding = summed_up(IRT[1], 0.5)
    for _, below, apart in (*slowing.values(), speeding):
        assert below == pytest.approx(2.5, abs=0.2)
        assert apart > 0.2
    line, parabola, level = (slowing[one.name][0] for one in IRT)
    assert parabola == pytest.approx(7.0, abs=1.0)
    assert speeding[0] == pytest.approx(9.0, abs=1.0)
    assert parabola < line
    assert level < line


def test_no_later_result_comes_into_item_response(monkeypatch: pytest.MonkeyPatch) -> None:
    hurried(monkeypatch)
    check_poison_and_seeds(IRT[0])


@pytest.mark.parametrize("trend", TRENDS[1:], ids=lambda trend: trend.name)
def test_no_later_result_comes_into_other_trends(trend: Trend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hurried(monkeypatch)
    check_poison_and_seeds(ItemResponse("irt", trend, tmp_path))
    assert len([*tmp_path.iterdir()]) == 2


def test_the_known_side_and_the_seed_are_all_that_a_fit_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Data, str, int]] = []

    def fitting(data: Data, trend: Trend, seed: int) -> xr.DataTree:
        seen.append((data, trend.name, seed))
        raise InterruptedError

    monkeypatch.setattr(item_response, "fitted", fitting)
    with pytest.raises(InterruptedError):
        IRT[1].forecast(sides(), 10, 7)
    ((data, name, seed),) = seen
    assert (name, seed, data.models) == ("quadratic", 7, 5)
    assert data.successes.T.tolist() == [[3, 1, 0, 0], [4, 2, 1, 0], [4, 4, 1, 1]]
    assert data.attempts.tolist() == [[4.0] * 3] * 4
    assert data.measured.tolist() == [0.0, 2.0]
    assert data.measured_sd == pytest.approx([0.5, 0.5])
    assert np.exp(data.log_gaps) == pytest.approx([2.0, 2.0])


def test_a_fit_is_kept_and_gives_the_same_bits_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hurried(monkeypatch)
    both = both_sides([*KNOWN, *LATER])
    one = ItemResponse("irt_linear", LINEAR, tmp_path)
    first = one.forecast(both, 40, 0)
    monkeypatch.setattr(item_response, "fitted", lambda *_: pytest.fail("a fit was made again"))
    assert same(first, one.forecast(both, 40, 0))
    assert len([*tmp_path.iterdir()]) == 1


def sampled(diverging: float, apart: float) -> xr.DataTree:
    """Four chains of noise, one of them apart, and a share of divergent draws."""
    x = np.random.default_rng(0).normal(size=(4, 200))
    x[0] += apart
    flags = np.arange(800).reshape(4, 200) < diverging * 800
    posterior, statistics = (xr.Dataset({name: (("chain", "draw"), values)}) for name, values in
                             (("x", x), ("diverging", flags)))  # fmt: skip
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": statistics})


def test_unsound_sampling_is_told_and_tried_with_finer_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unsound(sampled(0.01, 0.0)) == ""
    assert unsound(sampled(0.05, 0.0)) == "5.0% of draws diverged"
    assert unsound(sampled(0.0, 3.0)).startswith("r-hat is 1.")
    tried: list[float] = []

    def sampling(_: object, __: int, target: float) -> xr.DataTree:
        tried.append(target)
        return sampled(0.05, 0.0)

    monkeypatch.setattr(item_response_model, "_sampled", sampling)
    fitted(Data.of(suites(sides())[0]), LINEAR, 0)
    assert tried == [0.9, 0.98]
    monkeypatch.setattr(item_response, "fitted", lambda *_: doubtful())
    (note,) = IRT[0].forecast(both_sides([*KNOWN, *LATER]), 10, 0).notes
    assert note == "irt_linear: sampling on metr_hcast is in doubt, 5.0% of draws diverged."


def doubtful() -> xr.DataTree:
    """A posterior of horizons alone with too many divergences."""
    tree = sampled(0.05, 0.0)
    x = tree["posterior"].to_dataset()["x"]
    names = ["level", "rate", "deviation_spread", "difficulty_spread", "log_discrimination", "discrimination_spread"]
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(dict.fromkeys([*names, "gap_spread"], 1.0 + 0.1 * x)),
            "sample_stats": tree["sample_stats"].to_dataset(),
        }
    )
