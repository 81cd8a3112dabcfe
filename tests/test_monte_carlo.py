"""Monte Carlo errors: they are what numbers scatter by from seed to seed."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from scipy import stats

import autosim
from autosim.analysis.enough import enough_draws
from autosim.analysis.milestones import date_errors
from autosim.analysis.splitting import part_of
from autosim.analysis.summary import summarise
from autosim.cli import cli
from autosim.draws import draw
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.inputs.posterior import Learnt, Posterior
from autosim.inputs.scenario import Scenario
from autosim.simulation.asked import Question, ask
from autosim.simulation.effective import effective_draws, from_rows, rows_of
from autosim.simulation.sketch import Sketch
from autosim.simulation.statistics import STATISTICS, error_of_share, over_draws, with_errors

type Floats = NDArray[np.float64]

SEEDS = 200
SHAPES: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "lognormal": lambda rng, n: np.exp(rng.normal(size=n)),
    "uniform": lambda rng, n: rng.random(n),
}


def _scatter_agrees(found: Floats, errors: Floats, slack: float = 0.0) -> None:
    """The spread of estimates, (seed,), is that of their errors: by a chi-square, one in ten thousand either way."""
    ratio = found.var(ddof=1) / (errors**2).mean()
    low, high = (stats.chi2.ppf(p, len(found) - 1) / (len(found) - 1) for p in (1e-4, 1.0 - 1e-4))
    assert low / (1.0 + slack) < ratio < high * (1.0 + slack)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["mean", "q05", "q50", "q90"])
def test_errors_cover_the_spread_over_200_seeds(shape: str, name: str) -> None:
    tables = np.stack([with_errors(SHAPES[shape](np.random.default_rng(seed), 500), 500.0) for seed in range(SEEDS)])
    place = STATISTICS.index(name)
    _scatter_agrees(tables[:, place], tables[:, len(STATISTICS) + place], slack=0.1)


def test_errors_of_the_model_cover_the_spread_over_200_seeds() -> None:
    """Labour speedup two years on, its median and mean, and the probability of a milestone, 200 draws a seed."""
    scenario = load("extremely_optimistic")
    questions = [Question("labour_speedup", (), 24), Question("labour_speedup", (), 24, 1.5)]
    medians, means, shares = [], [], []
    for seed in range(SEEDS):
        answers = ask(draw(scenario, seed, 200), scenario.taxonomy, questions, 25)
        table = with_errors(answers[:, 0], 200.0)
        medians.append(table[[STATISTICS.index("q50"), len(STATISTICS) + STATISTICS.index("q50")]])
        means.append(table[[0, len(STATISTICS)]])
        share = float(answers[:, 1].mean())
        shares.append([share, error_of_share(share, 200.0)])
    for found in (medians, means, shares):
        estimates, errors = np.array(found).T
        _scatter_agrees(estimates, errors, slack=0.15)


def test_the_sketch_has_the_same_errors() -> None:
    values = np.random.default_rng(5).lognormal(size=(40_000, 3)).astype(np.float32)
    sketch = Sketch(values[:10_000])
    found = sketch.nothing()
    sketch.count(values, found)
    sketch.add(found)
    exact, sketched = with_errors(values, 40_000.0), sketch.table(40_000.0)
    np.testing.assert_allclose(sketched[len(STATISTICS) :], exact[len(STATISTICS) :], rtol=0.15)


def test_statistics_do_not_change_for_their_errors() -> None:
    values = np.random.default_rng(2).normal(size=(301, 2, 70))
    assert with_errors(values, 50.0)[: len(STATISTICS)].tobytes() == over_draws(values).tobytes()


def test_half_the_effective_draws_have_errors_larger_by_the_root_of_two() -> None:
    values = np.random.default_rng(3).normal(size=20_000)
    all_of_them, half = (with_errors(values, n)[len(STATISTICS) :] for n in (20_000.0, 10_000.0))
    np.testing.assert_allclose(half / all_of_them, np.sqrt(2.0), rtol=0.2)
    assert half[0] / all_of_them[0] == pytest.approx(np.sqrt(2.0))


def test_one_draw_has_no_known_error() -> None:
    found = with_errors(np.array([[3.0]]), 1.0)
    assert (found[: len(STATISTICS)] == 3.0).all()
    assert np.isnan(found[len(STATISTICS) :]).all()


def test_a_probability_that_all_draws_agree_on_still_has_an_error() -> None:
    assert 0.0 < error_of_share(0.0, 4000.0) < 3e-4
    assert error_of_share(1.0, 4000.0) == pytest.approx(error_of_share(0.0, 4000.0))


def test_dates_have_errors_in_months() -> None:
    rng = np.random.default_rng(7)
    months = np.array([np.median(rng.normal(60.0, 12.0, 400)) for _ in range(SEEDS)])
    counts = np.bincount(np.clip(rng.normal(60.0, 12.0, 400).astype(int), 0, 139), minlength=141)
    error = date_errors(counts, 400.0)["q50_months"]
    assert error is not None
    assert months.std() == pytest.approx(error, abs=0.5)
    assert date_errors(np.array([1, 1, 8]), 10.0)["q50_months"] is None


def _chain(seed: int, rows: int, phi: float) -> Floats:
    noise = np.random.default_rng(seed).normal(size=rows) * np.sqrt(1.0 - phi**2)
    values = np.empty(rows)
    values[0] = np.random.default_rng([seed, 1]).normal()
    for i in range(1, rows):
        values[i] = phi * values[i - 1] + noise[i]
    return values


@pytest.mark.parametrize("draws", [200, 1000, 3000])
def test_draws_of_a_posterior_are_worth_what_their_chain_is(draws: int) -> None:
    """Means of rows of an autocorrelated chain, taken as a run takes them, scatter as the effective draws say."""
    rows, phi = 1000, 0.8
    effective = rows * (1.0 - phi) / (1.0 + phi)
    means = []
    for seed in range(400):
        order = np.random.default_rng([seed, 2]).permutation(rows)
        means.append(_chain(seed, rows, phi)[order[np.arange(draws) % rows]].mean())
    _scatter_agrees(np.array(means), np.full(400, from_rows(draws, rows, effective) ** -0.5), slack=0.1)


def _with_rows(scenario: Scenario, rows: int, ess: float | None, shapes: dict[str, tuple[float, float]]) -> Scenario:
    posterior = Posterior("post.nc", "", {"work_gap": np.ones(rows)}, ess=ess)
    return replace(scenario, posterior=replace(Learnt(posterior, frozenset({"work_gap"}), ()), shapes=shapes))


def test_effective_draws_by_hand() -> None:
    baseline = load("baseline")
    assert isinstance(baseline, Scenario)
    assert effective_draws(baseline, 4000) == 4000.0
    known = _with_rows(baseline, 4000, 500.0, {})
    assert effective_draws(known, 8000) == 500.0
    assert effective_draws(known, 1000) == pytest.approx(1.0 / (1 / 1000 + 1 / 500 - 1 / 4000))
    assert effective_draws(_with_rows(baseline, 4000, None, {}), 2000) == pytest.approx(2000.0)
    assert known.posterior is not None
    halves = _with_rows(baseline, 1000, 1000.0, {"exponential": (0.5, 500.0), "saturating": (0.5, 100.0)})
    assert halves.posterior is not None
    rows, worth = rows_of(halves.posterior)
    assert rows == 1000
    assert worth == pytest.approx(1.0 / (0.25 / 500 + 0.25 / 100))


def test_a_pool_of_priors_is_worth_its_draws() -> None:
    assert effective_draws(load("interviews"), 800) == pytest.approx(800.0)


def test_every_number_of_a_summary_has_its_error() -> None:
    summary = summarise(autosim.simulate("baseline", 200))
    json.dumps(summary, allow_nan=False)

    def check(entry: object, where: str) -> None:
        if not isinstance(entry, dict):
            return
        quantiles = [
            name for name in entry if name in STATISTICS or name in {"probability", "unreachable", "unsolvable"}
        ]
        if quantiles and "mcse" not in where:
            assert "mcse" in entry, where
            for name in quantiles:
                assert {name, f"{name}_months"} & set(entry["mcse"]), (where, name)
        for name, inner in entry.items():
            check(inner, f"{where}.{name}")

    check(summary, "summary")
    speedup = summary["series"]["labour_speedup"]
    assert len(speedup["mcse"]["q50"]) == len(speedup["q50"])
    assert all(error > 0.0 for error in speedup["mcse"]["q50"][1:])
    assert summary["effective_draws"] == 200.0


def test_conditioned_draws_have_the_errors_of_what_they_are_worth() -> None:
    found = autosim.simulate("baseline", 2000, given=["p50_horizon_min@2026-03=720"])
    assert found.effective < 600.0
    summary = summarise(found)
    assert summary["effective_draws"] == pytest.approx(found.effective, rel=1e-6)
    wide = summary["series"]["labour_speedup"]["mcse"]["q50"][60]
    narrow = summarise(replace(found, chosen=None))["series"]["labour_speedup"]["mcse"]["q50"][60]
    assert wide > 1.4 * narrow


@pytest.mark.parametrize("tolerance", [0.05, 0.02])
def test_auto_takes_as_many_draws_as_the_headline_needs(tolerance: float) -> None:
    scenario = load("extremely_optimistic")
    draws = enough_draws(scenario, tolerance)
    assert draws == enough_draws(scenario, tolerance)
    answers = ask(draw(scenario, 0, draws), scenario.taxonomy, [Question("labour_speedup", (), 60)], 61)[:, 0]
    table = with_errors(answers, float(draws))
    middle = STATISTICS.index("q50")
    assert table[len(STATISTICS) + middle] <= tolerance * table[middle]
    assert draws == 1000 or table[len(STATISTICS) + middle] > 0.5 * tolerance * table[middle], "not many times too many"


def test_auto_says_when_a_posterior_is_not_worth_enough() -> None:
    baseline = load("baseline")
    assert isinstance(baseline, Scenario)
    with pytest.raises(InputError, match=r"got 0\.001, where a posterior that is worth 500 independent draws"):
        enough_draws(_with_rows(baseline, 4000, 500.0, {}), 0.001)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--tolerance", "0.1"], "--tolerance: got 0.1 with 4,000 draws, expected it with --draws auto"),
        (["--draws", "auto", "--given", "labour_speedup@2026-08>=1"],
         "--draws: got auto with --given, expected a number of draws: what they are worth is told"),
    ],
)  # fmt: skip
def test_bad_wishes_get_one_line(words: list[str], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["run", "baseline", *words])
    assert isinstance(result.exception, InputError)
    assert str(result.exception) == line
    assert not (tmp_path / "runs").exists()


def test_a_run_with_auto_prints_errors_and_no_digits_beyond(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        cli, ["run", "baseline", "--draws", "auto", "--tolerance", "0.04", "--no-plots", "--out", str(tmp_path / "x")]
    )
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "x" / "summary.json").read_text())
    speedup = summary["series"]["labour_speedup"]
    assert speedup["mcse"]["q50"][60] <= 0.04 * speedup["q50"][60]
    row = next(line for line in result.output.splitlines() if line.startswith("Aug 2029"))
    assert re.match(r"Aug 2029 +\d\.\d+±0\.\d+ \(", row), row


def test_auto_does_not_go_on_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autosim.analysis.enough.LARGEST_AUTO", 2000)
    with pytest.raises(InputError, match=r"--tolerance: got 0.001, where 2,000 draws give an error of 0\.0\d+ of"):
        enough_draws(load("baseline"), 0.001)


def test_a_part_of_a_posteriors_draws_is_worth_its_share() -> None:
    baseline = load("baseline")
    assert isinstance(baseline, Scenario)
    whole = replace(autosim.simulate(baseline, 400), scenario=_with_rows(baseline, 4000, 200.0, {}))
    assert whole.effective == pytest.approx(1.0 / (1 / 400 + 1 / 200 - 1 / 4000))
    assert part_of(whole, np.arange(100)).effective == pytest.approx(whole.effective / 4)
    assert part_of(autosim.simulate(baseline, 400), np.arange(100)).effective == 100.0
