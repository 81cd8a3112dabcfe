"""Priors as of a day: what is younger gives way, and nothing of it remains."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from conftest import BASE, Write
from test_cli import Caller, called  # noqa: F401 - a fixture

import autosim
from autosim.draws import draw
from autosim.errors import InputError
from autosim.evidence.tables import shipped_evidence
from autosim.inference.fit import fit
from autosim.inputs.distributions import Point
from autosim.inputs.loading import load
from autosim.inputs.scenario import Pool, Scenario

EARLY, DAY, LATE = date(2023, 12, 31), date(2024, 7, 1), date(2025, 4, 1)
SHIPPED = ("baseline", "pessimistic", "somewhat_optimistic", "optimistic", "extremely_optimistic")

CHILD = """
name: Child
extends: base
structure:
  trajectory: saturating
  published: 2025-01-01
  source: new
  before: {trajectory: exponential, source: old, published: 2024-06-01}
priors:
  work_gap: {dist: point, value: 9, source: young, published: 2026-01-01}
  horizon:
    dist: point
    value: 30
    source: young
    published: 2026-01-01
    before:
      dist: point
      value: 20
      source: middling
      published: 2025-01-01
      before: {dist: point, value: 10, source: old, published: 2024-01-01}
  relief:
    source: young
    published: 2026-01-01
    before: {dist: uniform, lower: -0.1, upper: 0.1, source: group, published: 2024-01-01}
    reliability: 0.3
    novelty:
      dist: point
      value: 0.2
      before: {dist: point, value: 0.05, source: own, published: 2024-01-01}
  slope: 0.9
correlations:
  - {between: [training_compute_growth, experiment_compute_growth], rho: 0.1, published: 2026-01-01}
"""


def child(write: Write, day: date | None, text: str = CHILD) -> Scenario:
    found = load(write(text, "child.yaml"), as_of=day)
    assert isinstance(found, Scenario)
    return found


def value(scenario: Scenario, *path: str) -> float:
    distribution = scenario.priors[path].distribution
    assert isinstance(distribution, Point)
    return distribution.value


@pytest.mark.parametrize(
    ("day", "horizon"), [(None, 30.0), (date(2026, 1, 1), 30.0), (date(2025, 12, 31), 20.0), (date(2024, 12, 31), 10.0)]
)
def test_a_chain_is_followed_back_to_the_day(write: Write, day: date | None, horizon: float) -> None:
    assert value(child(write, day), "horizon") == horizon


def test_a_child_that_did_not_exist_yet_is_its_parent(write: Write) -> None:
    base = load(write(BASE, "base.yaml"))
    assert isinstance(base, Scenario)
    early = child(write, date(2024, 12, 1))
    assert early.priors["work_gap",] == base.priors["work_gap",]
    assert early.correlations == base.correlations != child(write, None).correlations


def test_a_group_holds_for_each_member_on_its_own_and_an_inner_one_before_it(write: Write) -> None:
    early = child(write, date(2024, 12, 1))
    assert early.priors["relief", "reliability"].stream == "relief.reliability"
    assert early.priors["relief", "reliability"].note.source == "group"
    assert value(early, "relief", "novelty") == 0.05


def test_structure_has_its_own(write: Write) -> None:
    assert child(write, date(2024, 12, 1)).trajectory == {"exponential": 1.0}
    assert child(write, date(2025, 1, 1)).trajectory == {"saturating": 1.0}


def test_what_was_replaced_and_what_has_no_date_is_told(write: Write) -> None:
    found = child(write, date(2024, 12, 1)).as_of
    assert found is not None
    told = {one.name: (str(one.published), one.instead, str(one.instead_published)) for one in found.substitutions}
    assert told == {
        "structure.trajectory": ("2025-01-01", "old", "2024-06-01"),
        "work_gap": ("2026-01-01", "judgement", "2024-08-27"),
        "horizon": ("2026-01-01", "old", "2024-01-01"),
        "relief.reliability": ("2026-01-01", "group", "2024-01-01"),
        "relief.novelty": ("2026-01-01", "own", "2024-01-01"),
    }
    assert {"slope.reliability", "slope.novelty"} <= set(found.undated)
    assert child(write, None).as_of is None


def test_poison_in_what_is_younger_changes_nothing(write: Write) -> None:
    clean = draw(child(write, date(2024, 12, 1)), 0, 50)
    poisoned = CHILD
    for old, new in (("value: 9", "value: -1e6"), ("value: 30", "value: 1e-9"), ("value: 20", "value: 1e12"),
                     ("reliability: 0.3", "reliability: 1e5"), ("value: 0.2", "value: -0.99"),
                     ("rho: 0.1", "rho: -0.9"),
                     ("trajectory: saturating", "trajectory: superexponential")):  # fmt: skip
        assert old in poisoned
        poisoned = poisoned.replace(old, new)
    found = draw(child(write, date(2024, 12, 1), poisoned), 0, 50)
    for name in clean.scalars:
        np.testing.assert_array_equal(clean.scalars[name], found.scalars[name])
    for name in clean.indexed:
        np.testing.assert_array_equal(clean.indexed[name], found.indexed[name])
    np.testing.assert_array_equal(clean.trajectory, found.trajectory)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("published: 2024-01-01}\n  relief", "published: 2025-06-01}\n  relief", "expected a date before 2025-01-01"),
        ("source: own, ", "", "novelty.before.source: got nothing"),
        (", published: 2024-06-01", "", "structure.before.published: got nothing"),
        (
            "before: {dist: point, value: 0.05, source: own, published: 2024-01-01}",
            "before: 3",
            "got 3, expected a map",
        ),
        (
            "dist: point, value: 10",
            "dist: point, value: -10",
            "horizon.before.before: got -10, expected a number above",
        ),
    ],
)
def test_a_bad_before_is_refused(write: Write, old: str, new: str, said: str) -> None:
    assert old in CHILD
    with pytest.raises(InputError) as error:
        child(write, None, CHILD.replace(old, new))
    assert said in str(error.value)


def test_nothing_to_stand_in_is_refused(write: Write) -> None:
    with pytest.raises(InputError, match=r"horizon: got published 2024-08-27, and no 'before' as old, .* 2024-07-01"):
        load(write(BASE, "base.yaml"), as_of=DAY)


@pytest.mark.parametrize("day", [EARLY, DAY, LATE])
@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_is_known_as_of_a_day(name: str, day: date) -> None:
    found = load(name, as_of=day)
    assert isinstance(found, Scenario)
    assert found.as_of is not None
    assert found.as_of.undated == ()
    notes = [*(prior.note for prior in found.priors.values()), *(prior.note for prior in found.shares.values())]
    assert max(note.published for note in (*notes, *found.structure_notes.values()) if note.published) <= day


def test_before_the_interviews_all_outlooks_are_the_baseline() -> None:
    first, *others = (load(name, as_of=DAY) for name in SHIPPED)
    for other in others:
        assert isinstance(first, Scenario)
        assert isinstance(other, Scenario)
        assert other.priors == first.priors
        assert other.shares == first.shares
        assert other.trajectory == first.trajectory


def test_a_pool_asks_its_members() -> None:
    pool = load("interviews", as_of=DAY)
    assert isinstance(pool, Pool)
    assert all(member.as_of is not None and member.as_of.day == DAY for _, member in pool.members)


def test_stand_ins_are_vaguer() -> None:
    now, then = load("baseline"), load("baseline", as_of=EARLY)
    assert isinstance(now, Scenario)
    assert isinstance(then, Scenario)
    for path in [("horizon",), ("horizon_elasticity",), ("work_gap",), ("software_growth",), ("assist_gain",)]:
        wide = [one.priors[path].distribution.quantile(np.array([0.05, 0.95])) for one in (now, then)]
        assert np.log(wide[1][1] / wide[1][0]) > np.log(wide[0][1] / wide[0][0])


def test_a_run_tells_it(called: Caller) -> None:  # noqa: F811
    result = called("run", "interviews", "--draws", "8", "--no-plots", "--as-of", "2024-07-01")
    assert result.code == 0
    assert "as of 2024-07-01: " in result.out
    assert "priors replaced by what was said before\n" in result.out
    summary = json.loads(Path("runs/interviews/summary.json").read_text())
    assert summary["as_of"]["date"] == "2024-07-01"
    assert set(summary["as_of"]["scenarios"]) == {"pessimistic", "somewhat_optimistic", "extremely_optimistic"}
    one = summary["as_of"]["scenarios"]["pessimistic"]["substitutions"][0]
    assert set(one) == {"name", "published", "instead"}
    with xr.open_dataset("runs/interviews/run.nc", engine="h5netcdf") as dataset:
        assert json.loads(dataset.attrs["as_of"]) == summary["as_of"]


@pytest.mark.parametrize("said", ["2024-13-01", "yesterday", "2024"])
def test_a_bad_day_is_one_line(called: Caller, said: str) -> None:  # noqa: F811
    result = called("run", "baseline", "--as-of", said)
    assert result.err == f"--as-of: got '{said}', expected a date such as 2024-08-27\n"


def test_a_fit_leaves_out_younger_evidence_and_says_so(called: Caller, tmp_path: Path) -> None:  # noqa: F811
    scenario = load("baseline", as_of=date(2025, 3, 1))
    evidence = shipped_evidence(scenario.taxonomy)
    made = fit(scenario, evidence, 25, 20, 2)
    kept = evidence.before(date(2025, 3, 1)).rows
    assert 0 < kept < evidence.rows
    assert f"as of 2025-03-01: {evidence.rows - kept} younger rows of evidence left out" in made.notes[0]
    assert made.tree.attrs["as_of"] == "2025-03-01"
    assert sum(json.loads(made.tree.attrs["evidence_rows"]).values()) == kept
    file = tmp_path / "post.nc"
    made.tree.to_netcdf(file, engine="h5netcdf")
    for day, said in (("2025-02-28", "got a posterior as of 2025-03-01, expected one fitted with --as-of 2025-02-28"),):
        result = called("run", "baseline", "--posterior", str(file), "--force", "--as-of", day)
        assert said in result.err
    autosim.load("baseline", posterior=file, force=True, as_of=date(2025, 3, 1))


def test_a_posterior_of_no_day_is_refused_as_of_one(called: Caller, tmp_path: Path) -> None:  # noqa: F811
    scenario = load("baseline")
    assert isinstance(scenario, Scenario)
    made = fit(scenario, shipped_evidence(scenario.taxonomy).before(date(2025, 3, 1)), 25, 20, 2)
    file = tmp_path / "post.nc"
    made.tree.to_netcdf(file, engine="h5netcdf")
    result = called("run", "baseline", "--posterior", str(file), "--force", "--as-of", "2025-03-01")
    assert "as_of: got a posterior that is not as of a day" in result.err


def test_no_evidence_left_is_refused(called: Caller) -> None:  # noqa: F811
    result = called("fit", "baseline", "--as-of", "2020-12-31")
    assert result.code == 1
    result = called("fit", "baseline", "--as-of", "2022-12-31")
    assert result.code == 1
    assert result.err.count("\n") == 1
