"""New evidence on top of a fit: as a fit to all of it says, or a new fit; and nothing that is known counts twice."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import arviz as az
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from reading import clear
from test_cli import Caller
from test_cli import called as called  # noqa: PLC0414 - a fixture
from test_fit import a_horizon, a_trial, drawn, evidence, pinned, quick

import autosim
from autosim.analysis.moved import headlines, learnt
from autosim.errors import InputError
from autosim.evidence.tables import Evidence
from autosim.inference.files import write_posterior
from autosim.inference.fit import Fit
from autosim.inference.fitted import read_fitted
from autosim.inference.updating import Updated, update
from autosim.inference.weighing import unweighable
from autosim.inputs.posterior import SHAPES
from autosim.inputs.scenario import Scenario

FREE = ("horizon", "horizon_elasticity", "difficulty_spread", "work_gap")
ROLE = "individual_contributor"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    loaded = autosim.load("baseline")
    assert isinstance(loaded, Scenario)
    return pinned(loaded, *FREE)


def solved(model: str, day: str, successes: Sequence[int], suite: str = "metr_hcast") -> list[dict[str, object]]:
    """Attempts at instances of 2, 8, 32, ... minutes; models behind the frontier."""
    shared = {"model": model, "release_date": day, "suite": suite, "frontier": False, "attempts": 4}
    return [shared | {"instance": f"i{k}", "human_minutes": 2.0 * 4.0**k, "successes": found}
            for k, found in enumerate(successes)]  # fmt: skip


def minutes(person: str, day: str, *spent: float) -> list[dict[str, object]]:
    tasks = ("prototype_engineering", "debugging", "informal_communication")
    return [{"person": person, "role": ROLE, "task": task, "minutes": own, "date": day}
            for task, own in zip(tasks, spent, strict=True)]  # fmt: skip


@pytest.fixture(scope="module")
def known(scenario: Scenario) -> Evidence:
    days = {"A": "2023-03-14", "B": "2023-11-06", "C": "2024-05-13"}
    return evidence(
        scenario,
        horizons=[a_horizon(4.0 * 2.0**i, day, model) for i, (model, day) in enumerate(days.items())],
        outcomes=solved("O", "2024-03-01", [4, 3, 1, 0, 0]),
        trials=[a_trial(0.8)],
        time_use=minutes("x", "2024-05-01", 900.0, 600.0, 500.0),
    )


@pytest.fixture(scope="module")
def fitted(scenario: Scenario, known: Evidence) -> Fit:
    return quick(scenario, known, draws=1500, tune=500)


@pytest.fixture(scope="module")
def post(fitted: Fit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("post") / "post.nc"
    write_posterior(fitted.tree, path)
    return path


def table(folder: Path, name: str, rows: list[dict[str, object]]) -> Path:
    noted = {"source": "new", "published": "2026-01-01"}
    path = folder / f"{name}.csv"
    pd.DataFrame([row | noted for row in rows]).to_csv(path, index=False)
    return path


NEW: dict[str, list[dict[str, object]]] = {
    "horizons": [a_horizon(60.0, "2024-12-01", "D")
                 | {"p80_horizon_min": 12.0, "p80_lower": 5.0, "p80_upper": 30.0}],
    "outcomes": solved("P", "2024-09-01", [4, 4, 3, 1, 0, 0]),
    "trials": [a_trial(0.9) | {"trial": "U", "date": "2025-02-01", "believed_ratio": 0.8}],
    "time_use": [*minutes("x", "2024-06-01", 300.0, 900.0, 500.0), *minutes("y", "2024-06-01", 500.0, 900.0, 200.0)],
}  # fmt: skip
"""A model at the frontier; one behind it, on instances that were known and one that was not; a trial in which people
also said what they believed; minutes of somebody known and of somebody new."""


def together(known: Evidence, new: dict[str, list[dict[str, object]]], scenario: Scenario) -> Evidence:
    added = evidence(scenario, **new).tables()
    return Evidence(
        **{name: pd.concat([rows, added[name]], ignore_index=True) for name, rows in known.tables().items()}
    )


def weighed(post: Path, folder: Path, name: str) -> Updated:
    return update(read_fitted(post), [table(folder, name, NEW[name])])


@pytest.mark.parametrize(
    "name", ["horizons", *(pytest.param(name, marks=pytest.mark.slow) for name in ("outcomes", "trials", "time_use"))]
)
def test_draws_weighed_by_new_evidence_say_what_a_fit_to_all_says(
    post: Path, tmp_path: Path, known: Evidence, scenario: Scenario, name: str
) -> None:
    got = weighed(post, tmp_path, name)
    assert got.fit is None, got.why
    assert got.k < 0.7
    whole = quick(scenario, together(known, {name: NEW[name]}, scenario), draws=1500, tune=500, seed=2)
    names = [str(name) for name in whole.tree["posterior"].data_vars if name != "trajectory"]
    assert set(got.values) >= set(names)
    for quantity in names:
        agree(quantity, whole, got)


def agree(name: str, whole: Fit, got: Updated) -> None:
    """As many draws lie below quantiles of the full fit, within four Monte Carlo errors."""
    full, ours = drawn(whole, name), got.values[name]
    if np.ptp(full) == 0.0:
        np.testing.assert_allclose(ours, full[0])
        return
    share = sum(1.0 / one for one in (min(float(az.ess(whole.tree["posterior"][name])), full.size), got.effective))
    for p in (0.1, 0.5, 0.9):
        below = np.mean(ours < np.quantile(full, p))
        assert abs(below - p) < 4.0 * np.sqrt(p * (1.0 - p) * share), (name, p, below)


@pytest.mark.parametrize(("name", "quantity", "sign"), [
    ("horizons", "horizon", 1.0), ("outcomes", "growth.P", 0.0), ("trials", "work_gap", -1.0),
    ("time_use", f"time_share.{ROLE}.debugging", 1.0),
])  # fmt: skip
def test_new_evidence_moves_what_it_speaks_of(
    post: Path, tmp_path: Path, fitted: Fit, name: str, quantity: str, sign: float
) -> None:
    got = weighed(post, tmp_path, name)
    assert got.why == ""
    assert got.before > got.effective > 100.0
    assert got.new.rows == len(NEW[name])
    if sign:
        error = drawn(fitted, quantity).std() / np.sqrt(got.effective)
        assert sign * (got.values[quantity].mean() - drawn(fitted, quantity).mean()) > 2.0 * error
    else:
        assert quantity in got.values


def test_an_update_has_the_same_bits_and_can_be_updated(post: Path, tmp_path: Path, scenario: Scenario) -> None:
    path = table(tmp_path, "horizons", NEW["horizons"])
    one, two = (update(read_fitted(post), [path]) for _ in range(2))
    for name in one.values:
        np.testing.assert_array_equal(one.values[name], two.values[name])
    write_posterior(one.tree, tmp_path / "up.nc")
    again = read_fitted(tmp_path / "up.nc")
    assert again.evidence["horizons"].count("\n") == 5
    more = update(again, [table(tmp_path, "trials", NEW["trials"])])
    assert more.why == ""
    assert "growth.D" in more.values
    run = autosim.run(autosim.load("baseline", scenario.header.overrides, tmp_path / "up.nc"), draws=64)
    assert np.isfinite(run["labour_speedup"]).all()
    assert SHAPES not in one.tree.attrs  # one shape has nothing to be weighed against


def test_a_row_that_is_known_is_refused(post: Path, tmp_path: Path) -> None:
    known = a_horizon(4.0, "2023-03-14")
    path = table(tmp_path, "horizons", [known])
    with pytest.raises(InputError, match=r"horizons.csv.*A") as raised:
        update(read_fitted(post), [path])
    assert clear(raised.value)
    path = table(tmp_path, "time_use", minutes("x", "2024-05-01", 900.0, 600.0, 500.0))
    with pytest.raises(InputError, match=r"time_use.csv"):
        update(read_fitted(post), [path])


@pytest.mark.slow
def test_an_astonishing_model_is_fitted_anew_and_it_says_why(post: Path, tmp_path: Path) -> None:
    heard: list[str] = []
    path = table(tmp_path, "horizons", [a_horizon(1e5, "2024-06-01", "Z")])
    made = update(read_fitted(post), [path], announce=heard.append)
    assert made.fit is not None
    assert heard == [made.why]
    assert made.why == "Z: farther from the trend than levels are sought"
    assert "growth.Z" in made.values
    assert made.values["growth.Z"].mean() > made.values["growth.C"].mean() + 3.0
    assert made.effective == made.tree.attrs["ess"]
    write_posterior(made.tree, tmp_path / "anew.nc")
    assert read_fitted(tmp_path / "anew.nc").sampling == read_fitted(post).sampling


def test_what_draws_cannot_tell_is_said(scenario: Scenario, known: Evidence, post: Path) -> None:
    count = {"statement": "experiments_solved", "count": 3, "of": 8, "weight": 1.0}
    for name, row, why in (("counts", count, "statements of experts"), ("trials", a_trial(0.7), "trial on 2024-08-27")):
        new = evidence(scenario, **{name: [row | {"trial": "V"} if name == "trials" else row]})
        assert why in unweighable(read_fitted(post), known, new)


def test_files_that_are_no_fit_of_ours_are_refused(fitted: Fit, post: Path, tmp_path: Path) -> None:
    write_posterior(fitted.tree, tmp_path / "draws.csv")
    with pytest.raises(InputError, match=r"draws.csv.*expected a .nc file that autosim fit wrote"):
        read_fitted(tmp_path / "draws.csv")
    fitted.tree["posterior"].to_dataset().to_netcdf(tmp_path / "other.nc", group="posterior", engine="h5netcdf")
    with pytest.raises(InputError, match=r"other.nc.*draws from elsewhere"):
        read_fitted(tmp_path / "other.nc")
    with xr.open_datatree(post, engine="h5netcdf") as tree:
        old = xr.DataTree.from_dict({"posterior": tree["posterior"].to_dataset().load()})
        old.attrs = dict(tree.attrs)
    write_posterior(old, tmp_path / "old.nc")
    with pytest.raises(InputError, match=r"old.nc: evidence: got none.*fit again if it is older"):
        read_fitted(tmp_path / "old.nc")


def test_a_posterior_that_did_not_converge_is_refused_without_force(post: Path, tmp_path: Path) -> None:
    with xr.open_datatree(post, engine="h5netcdf") as tree:
        bad = tree.load()
    bad.attrs |= {"converged": 0, "diagnosis": "r-hat 1.30"}
    write_posterior(bad, tmp_path / "bad.nc")
    with pytest.raises(InputError, match=r"bad.nc.*r-hat 1.30.*--force"):
        read_fitted(tmp_path / "bad.nc")
    path = table(tmp_path, "horizons", NEW["horizons"])
    made = update(read_fitted(tmp_path / "bad.nc", force=True), [path])
    assert made.tree.attrs["converged"] == 0
    assert "r-hat 1.30" in made.tree.attrs["diagnosis"]


def test_a_scenario_that_has_changed_is_refused(fitted: Fit, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("name: Mine\nextends: baseline\nstructure: {feedback: false}\n", encoding="utf-8")
    loaded = autosim.load(mine)
    assert isinstance(loaded, Scenario)
    attributes = dict(fitted.tree.attrs)
    attributes |= {"scenario": "mine", "overrides": "[]",
                   "input_sha256": json.dumps({file.place: file.sha256 for file in loaded.header.files})}  # fmt: skip
    other = fitted.tree.copy()
    other.attrs = attributes
    write_posterior(other, tmp_path / "mine.nc")
    assert read_fitted(tmp_path / "mine.nc").scenario.header.name == "Mine"
    mine.write_text(mine.read_text(encoding="utf-8").replace("false", "true"), encoding="utf-8")
    with pytest.raises(InputError, match=r"mine.yaml, which is not what was fitted.*--scenario") as raised:
        read_fitted(tmp_path / "mine.nc")
    assert clear(raised.value)


def test_no_new_rows_are_refused(post: Path, tmp_path: Path) -> None:
    path = tmp_path / "horizons.csv"
    path.write_text(",".join([*NEW["horizons"][0], "source", "published"]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no rows"):
        update(read_fitted(post), [path])


def test_headlines_before_and_after_have_errors_that_know_of_shared_draws(post: Path, scenario: Scenario) -> None:
    loaded = autosim.load("baseline", scenario.header.overrides, post)
    run, same, other = (autosim.simulate(loaded, 400, seed) for seed in (0, 0, 1))
    unmoved = headlines(run, same)
    for one in (*unmoved.medians.values(), *unmoved.probabilities.values()):
        assert one.change == 0.0
        assert one.change_error == 0.0
    apart = headlines(run, other)
    speedup = apart.medians["labour_speedup"]
    assert speedup.before_error is not None
    assert speedup.after_error is not None
    assert speedup.change_error == pytest.approx(np.hypot(speedup.before_error, speedup.after_error), rel=0.1)
    assert str(apart.day) == "2029-08-27"
    assert set(apart.dates) == set(apart.probabilities) == {threshold.name for threshold in run.thresholds}


def test_what_moved_farthest_comes_first() -> None:
    rng = np.random.default_rng(1)
    before = {name: rng.normal(size=500) for name in ("still", "gone", "wander.2024-01-01")} | {"fixed": np.zeros(500)}
    after = {**before, "gone": 0.5 * before["gone"] + 2.0}
    first, second = learnt(before, after)
    assert (first.name, second.name) == ("gone", "still")
    assert first.shift == pytest.approx(2.0, abs=0.3)
    assert first.ratio == pytest.approx(0.5)
    assert second.shift == 0.0


def test_the_command_says_what_moved_and_writes_the_posterior(called: Caller, post: Path, tmp_path: Path) -> None:
    new = table(tmp_path, "horizons", NEW["horizons"])
    words = ("update", str(post), "--evidence", str(new), "--draws", "200")
    done = called(*words)
    assert done.code == 0, done.err
    assert "with new rows: 1 of horizons" in done.out
    assert "k-hat" in done.out
    assert re.search(r"Labour speedup S_L +[\d.±]+ +[\d.±]+ +[+-]?[\d.±]+", done.out)
    assert re.search(r"half of work-hours saved +[\d.±]+ % +[\d.±]+ % +[+-]?[\d.±]+ pts", done.out)
    told = json.loads(called(*words, "--json", "--out", "again.nc").out)
    assert told["new_rows"]["horizons"] == 1
    assert told["refitted"] == ""
    horizon = told["medians"]["p50_horizon_min"]
    assert horizon["change"] == pytest.approx(horizon["after"] - horizon["before"], rel=1e-4)
    assert horizon["mcse"]["change"] > 0.0
    assert Path("updated.nc").read_bytes() == Path("again.nc").read_bytes()
    made = autosim.update(post, [new], tmp_path / "python.nc")
    assert (tmp_path / "python.nc").read_bytes() == Path("again.nc").read_bytes()
    assert made.k == pytest.approx(told["pareto_k"], abs=1e-3)


@pytest.mark.parametrize(("words", "said"), [
    (("--out", "up.csv"), "--out: got 'up.csv', expected a file that ends in .nc"),
    (("--out", "{post}"), "--out: got {post}, which is read or written already"),
    (("--evidence", "nowhere.csv"), "nowhere.csv"),
    (("--draws", "20"), "Invalid value for '--draws'"),
])  # fmt: skip
def test_the_command_refuses_what_it_cannot_use(
    called: Caller, post: Path, tmp_path: Path, words: tuple[str, str], said: str
) -> None:
    new, before = table(tmp_path, "horizons", NEW["horizons"]), post.read_bytes()
    done = called("update", str(post), "--evidence", str(new), *(word.format(post=post) for word in words))
    assert done.code in (1, 2)
    assert said.format(post=post) in done.err
    assert done.err.count("\n") == 1
    assert post.read_bytes() == before
    assert not Path("updated.nc").exists()
