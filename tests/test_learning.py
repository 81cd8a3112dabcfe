"""What simulated evidence was made with is learnt from it, and more evidence moves the posterior its way."""

import json
import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from test_cli import Caller
from test_fit import a_horizon, a_trial, drawn, evidence, pinned, quick

import autosim
from autosim.equations.lengths import success_length_log2
from autosim.errors import InputError
from autosim.inference import capability
from autosim.inference.checks import check_fit
from autosim.inference.diagnostics import Row
from autosim.inference.files import write_posterior
from autosim.inference.fit import Fit
from autosim.inputs.scenario import Scenario
from autosim.inputs.shipped import shipped_folder


@pytest.fixture(scope="module")
def baseline() -> Scenario:
    loaded = autosim.load("baseline")
    assert isinstance(loaded, Scenario)
    return loaded


@pytest.fixture
def called(capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(capsys)


def row(made: Fit, name: str) -> Row:
    return {row.name: row for row in made.table}[name]


def near(made: Fit, name: str, true: float) -> bool:
    """Whether the truth lies within three posterior sd of the posterior's mean, on a log scale."""
    logs = np.log(drawn(made, name))
    return bool(abs(logs.mean() - np.log(true)) < 3.0 * logs.std())


DAYS = (date(2022, 2, 27), date(2022, 11, 27), date(2023, 8, 27), date(2024, 1, 27))


def horizons_of_a_world(
    scenario: Scenario, horizon: float, elasticity: float, days: tuple[date, ...] = DAYS
) -> list[dict[str, object]]:
    """Published horizons, within 5 %, of models that lie on a trend."""
    value = {name: scenario.priors[name,].distribution.support()[0]
             for name in ("training_compute_growth", "software_growth", "difficulty_spread")}  # fmt: skip
    whole = np.zeros((5, 1)), np.full((5, 1), 0.4), np.full((5, 1), 0.8)
    above = float(success_length_log2(np.asarray(0.5), *whole, np.array([value["difficulty_spread"]]))[0])
    rows = []
    for k, day in enumerate(days):
        years = capability.years_after(scenario.header.reference_date, [day])[0]
        growth = elasticity * years * (value["training_compute_growth"] + value["software_growth"])
        p50 = 2.0 ** (np.log2(horizon) + above + growth)
        rows.append(a_horizon(p50, str(day), f"M{k}") | {"p50_lower": p50 / 1.05, "p50_upper": p50 * 1.05})
    return rows


@pytest.fixture(scope="module")
def on_a_trend(baseline: Scenario) -> tuple[Scenario, list[dict[str, object]], Fit]:
    scenario = pinned(baseline, "horizon", "horizon_elasticity")
    rows = horizons_of_a_world(scenario, 30.0, 1.1)
    return scenario, rows, quick(scenario, evidence(scenario, horizons=rows))


def test_what_made_the_horizons_is_recovered(on_a_trend: tuple[Scenario, list[dict[str, object]], Fit]) -> None:
    made = on_a_trend[2]
    assert near(made, "horizon", 30.0)
    assert near(made, "horizon_elasticity", 1.1)
    assert row(made, "horizon_elasticity").ratio < 0.6


def test_a_better_new_model_makes_the_trend_steeper(
    on_a_trend: tuple[Scenario, list[dict[str, object]], Fit],
) -> None:
    scenario, rows, before = on_a_trend
    (new,) = horizons_of_a_world(scenario, 45.0, 1.1, (date(2024, 8, 20),))  # half as long again as the others' trend
    after = quick(scenario, evidence(scenario, horizons=[*rows, new | {"model": "new"}]))
    assert row(after, "horizon_elasticity").median > row(before, "horizon_elasticity").median
    assert row(after, "horizon").median > row(before, "horizon").median


def test_the_checks_compare_the_trend_with_what_was_published(
    on_a_trend: tuple[Scenario, list[dict[str, object]], Fit],
) -> None:
    found = check_fit(on_a_trend[2])
    assert [one.model for one in found.p50] == ["M0", "M1", "M2", "M3"]
    for one in found.p50:
        assert one.trend[1] == pytest.approx(one.seen[1], abs=1.0)  # as models may scatter about it
        assert one.holds(one.posterior)
        assert one.prior[2] - one.prior[0] > 2.0 * (one.posterior[2] - one.posterior[0])
    (score,) = found.scores
    assert score.pieces == 4
    assert np.isfinite(score.elpd)


def test_what_made_the_trials_is_recovered(baseline: Scenario) -> None:
    scenario = pinned(baseline, "work_gap")
    alone = {task: float(task == "debugging") for task in scenario.taxonomy.tasks}
    words = [word for word in scenario.header.overrides if not word.startswith(("work_gap", "adoption=", "agent_comp"))]
    shares = ", ".join(f"{task}: {share}" for task, share in alone.items())
    known = [*words, "work_gap=3", "adoption=1", "agent_compute=0", f"time_share={{{shares}}}"]
    cost = float(autosim.run("baseline", draws=1, set=known)["cost"].sel(task="debugging").isel(year=0, draw=0))
    rows = [a_trial(cost) | {"trial": f"T{i}", "standard_error": 0.01} for i in range(6)]
    made = quick(scenario, evidence(scenario, trials=rows))
    assert near(made, "work_gap", 3.0)
    assert row(made, "work_gap").ratio < 0.7


def test_what_experts_agree_on_half_and_half_is_recovered(baseline: Scenario, tmp_path: Path) -> None:
    even = f"{{{', '.join(f'{task}: {1 / len(baseline.taxonomy.tasks)!r}' for task in baseline.taxonomy.tasks)}}}"
    known = [*pinned(baseline, "work_gap").header.overrides, f"time_share={even}",
             "role_share={individual_contributor: 0.75, manager: 0.25}"]  # fmt: skip
    scenario = autosim.load("baseline", known)
    assert isinstance(scenario, Scenario)
    rows = [{"statement": "experiments_solved", "count": 300, "of": 600, "weight": 1.0}]
    made = quick(scenario, evidence(scenario, counts=rows))
    write_posterior(made.tree, tmp_path / "post.nc")

    def saved(posterior: Path | None) -> NDArray[np.float64]:
        loaded = autosim.load("baseline", known, posterior, force=True)
        solved = autosim.run(loaded, draws=400)["solved_time_saved_share"]
        values: NDArray[np.float64] = solved.sel(advance="common", evaluation="sparse_attention").to_numpy()
        return values

    before, after = saved(None), saved(tmp_path / "post.nc")
    assert np.median(after) == pytest.approx(0.5, abs=0.04)
    assert np.median(before) > 0.6
    assert after.std() < before.std() / 2.0


def test_the_shares_and_their_scatter_are_recovered(baseline: Scenario) -> None:
    rng = np.random.default_rng(2)
    tasks = baseline.taxonomy.tasks
    share = np.linspace(1.0, 3.0, len(tasks)) / np.linspace(1.0, 3.0, len(tasks)).sum()
    weeks = [rng.multinomial(2400, one) for one in rng.dirichlet(12.0 * share, size=60)]
    rows = [{"person": f"P{i}", "role": "manager", "task": task, "minutes": int(minutes), "date": "2026-01-01"}
            for i, week in enumerate(weeks) for task, minutes in zip(tasks, week, strict=True)]  # fmt: skip
    made = quick(baseline, evidence(baseline, time_use=rows))
    assert near(made, "time_concentration.manager", 12.0)
    for task, true in zip(tasks, share, strict=True):
        values = drawn(made, f"time_share.manager.{task}")
        assert abs(values.mean() - true) < 4.0 * values.std(), task


@pytest.fixture
def a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    noted = {"source": "made up", "published": "2026-01-01"}
    pd.DataFrame([a_horizon(20.0, "2024-08-27") | noted]).to_csv("horizons.csv", index=False)
    return "horizons.csv"


def test_too_few_draws_are_said_marked_and_refused(called: Caller, a_table: str) -> None:
    done = called("fit", "baseline", "--evidence", a_table, "--draws", "25", "--tune", "50", "--export", "draws.csv")
    assert done.code == 1
    assert "not converged: " in done.err
    assert re.search(r"r-hat [\d.]+ above 1.01, the chains disagree|below 400, too few independent draws", done.err)
    assert done.err.splitlines()[-1] == "post.nc: written, but marked as not converged"
    for name in ("post.nc", "draws.csv"):
        refused = called("run", "baseline", "--draws", "20", "--no-plots", "--posterior", name)
        assert refused.code == 1
        assert refused.err.startswith(f"{name}: got a posterior whose diagnostics failed (")
        assert not Path("runs").exists()
    forced = called("run", "baseline", "--draws", "20", "--no-plots", "--posterior", "post.nc", "--force")
    assert forced.code == 0
    assert json.loads(Path("runs/baseline/summary.json").read_text())["posterior"][0]["file"] == "post.nc"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--out", "horizons.csv"), "--out: got horizons.csv, which is read or written already, expected another file"),
        (
            ("--export", "horizons.csv"),
            "--export: got horizons.csv, which is read or written already, expected another",
        ),
        (("--export", "post.nc"), "--export: got post.nc, which is read or written already, expected another file"),
    ],
)
def test_no_file_is_written_over_another(called: Caller, a_table: str, words: tuple[str, str], said: str) -> None:
    before = Path(a_table).read_bytes()
    done = called("fit", "baseline", "--evidence", a_table, *words)
    assert (done.code, done.err.startswith(said)) == (1, True), done.err
    assert Path(a_table).read_bytes() == before


def test_one_chain_is_refused(baseline: Scenario) -> None:
    known = evidence(baseline, horizons=[a_horizon(20.0, "2024-08-27")])
    with pytest.raises(InputError, match="--chains: got 1, expected at least 2, or convergence cannot be judged"):
        quick(baseline, known, chains=1)


@pytest.mark.slow
def test_the_shipped_evidence_but_counts_goes_from_fit_to_forecast(
    called: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small enough for every change: with the counts it takes three times as long, and scripts/learnt.py does it."""
    monkeypatch.chdir(tmp_path)
    files = [str(shipped_folder("priors") / "evidence" / f"{name}.csv") for name in ("horizons", "trials", "time_use")]
    words = [word for file in files for word in ("--evidence", file)]
    fitted = called("fit", "baseline", *words, "--check", "--quiet")
    assert fitted.code == 0, fitted.err
    numbers = json.loads(Path("post-checks/checks.json").read_text())
    front = [one for one in numbers["p50"] if one["frontier"]]
    inside = [one["seen"][0] <= one["trend"][1] <= one["seen"][2] for one in front]
    assert np.mean(inside) > 0.8
    assert Path("post-checks/figures/trend-metr_hcast.png").stat().st_size > 0
    assert {one["what"] for one in numbers["leave_one_out"]} >= {"horizons on metr_hcast, a model", "trials"}
    ran = called("run", "baseline", "--posterior", "post.nc", "--draws", "200", "--no-plots")
    assert ran.code == 0
    assert "quantities from post.nc" in ran.out
