"""Posteriors in scenarios: every kind of file, names and units, joint draws, the scenario's own say, what is told."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner
from conftest import Write
from hypothesis import given
from hypothesis import strategies as st
from posteriors import FORMATS, H50, HEAD, MAP, STAN_MAP, WANTED, arviz, learnt, loaded, refusal, table, write_own

import autosim
from autosim.analysis.summary import summarise
from autosim.cli import cli
from autosim.draws import Draws, draw
from autosim.inputs.posterior import Learnt, Posterior, shapes_of
from autosim.inputs.posterior_files import SAMPLE, read_draws
from autosim.inputs.posterior_map import UNITS
from autosim.inputs.scenario import Scenario
from autosim.simulation.run import simulate


def drawn(*said: Any, draws: int = 300) -> Draws:
    return draw(loaded(*said), 0, draws)


@pytest.fixture
def mine(write: Write) -> str:
    """A scenario that names a table of draws, and maps its variables."""
    table().to_csv("plain.csv", index=False)
    return write(f"{HEAD}posterior: {{file: plain.csv, {MAP}}}\n")


# -------------------------------------------------------------------------------------------------- files, names, units


@pytest.mark.parametrize("file", FORMATS)
def test_every_format_gives_the_same_draws(write: Write, file: str) -> None:
    FORMATS[file](Path(file))
    posterior = learnt(loaded(write(f"{HEAD}posterior: {{file: {file}, {STAN_MAP if 'stan' in file else MAP}}}\n")))
    assert posterior.taken == set(WANTED)
    assert posterior.posterior.priors is None
    for name, values in WANTED.items():
        np.testing.assert_allclose(posterior.posterior.values[name], values, rtol=1e-15)


def test_variables_that_are_not_of_each_draw_are_left_out(small_world: Path) -> None:
    arviz().to_netcdf(small_world / "arviz.nc", engine="h5netcdf")
    assert set(read_draws(small_world / "arviz.nc", "arviz.nc").columns) == {"h50", "gap", *table().columns[2:]}


@pytest.mark.usefixtures("small_world")
@pytest.mark.parametrize("suffix", [".nc", ".csv", ".parquet"])
def test_a_posterior_of_ours_survives_its_files(suffix: str) -> None:
    posterior = learnt(
        loaded("base.yaml", {}, write_own({"exponential": 50, "saturating": 50}, f"own{suffix}"))
    ).posterior
    np.testing.assert_array_equal(posterior.values["work_gap"], np.arange(100) / 100)
    assert posterior.trajectory is not None
    assert posterior.trajectory.tolist() == [0] * 50 + [2] * 50
    assert set(posterior.values) == {"horizon", "work_gap"}
    assert posterior.priors is not None
    assert posterior.priors["role_share"].startswith("Simplex(")


# Quantity, unit, a number in that unit, the same in ours.
CONVERSIONS: list[tuple[str, str, float, float]] = [
    ("horizon", "minutes", 5.0, 5.0),
    ("horizon", "min", 5.0, 5.0),
    ("horizon", "seconds", 90.0, 1.5),
    ("horizon", "hours", 1.5, 90.0),
    ("horizon", "log2_minutes", 3.0, 8.0),
    ("horizon", "log_minutes", 2.302585092994046, 10.0),
    ("horizon", "log2_hours", -1.0, 30.0),
    ("horizon", "log_hours", 0.0, 60.0),
    ("ceiling_doublings", "e-folds", 6.931471805599453, 10.0),
    ("ceiling_doublings", "orders_of_magnitude", 3.0102999566398120, 10.0),
    ("training_compute_growth", "e-folds/year", 1.3862943611198906, 2.0),
    ("training_compute_growth", "orders_of_magnitude/year", 0.6020599913279624, 2.0),
    ("training_compute_growth", "factor/year", 4.0, 2.0),
    ("training_compute_growth", "doubling_time_years", 0.5, 2.0),
    ("training_compute_growth", "doubling_time_months", 6.0, 2.0),
    ("training_compute_growth", "doubling_time_days", 182.625, 2.0),
    ("slope.novelty", "1/e-fold", 1.4426950408889634, 1.0),
    ("length_spread.debugging", "doublings", 1.4426950408889634, 1.0),
    ("length_spread.debugging", "log10", 1.0, 2.302585092994046),
    ("slowdown", "years", 4.0, 4.0),
    ("slowdown", "months", 18.0, 1.5),
    ("adoption", "percent", 30.0, 0.3),
    ("adoption", "logit", 0.0, 0.5),
    ("rework", "percent", 120.0, 1.2),
    ("rework", "logit", 0.0, 0.5),
    ("horizon_elasticity", "percent", 80.0, 0.8),
    ("horizon_elasticity", "logit", 0.0, 0.5),
]


@pytest.mark.parametrize(("name", "unit", "theirs", "ours"), CONVERSIONS)
def test_a_unit_is_converted(write: Write, name: str, unit: str, theirs: float, ours: float) -> None:
    write(f"x\n{theirs!r}\n", "x.csv")
    scenario = loaded(write(f"{HEAD}posterior: {{file: x.csv, map: {{{name}: {{from: x, unit: {unit}}}}}}}\n"))
    assert learnt(scenario).posterior.values[name] == pytest.approx([ours], rel=1e-14)


def test_no_unit_goes_unchecked() -> None:
    assert {unit for _, unit, _, _ in CONVERSIONS} == {"min", *(unit for known in UNITS.values() for unit in known)}


def test_the_name_of_a_group_stands_for_all_its_members(write: Write) -> None:
    tasks, names = ("planning", "analysis", "debugging"), ("reliability", "novelty")
    severity = np.random.default_rng(0).uniform(size=(2, 5, 3, 2))
    coords = {"task": list(tasks), "bottleneck": list(names)}
    data = xr.Dataset({"k": (SAMPLE, H50[:, :5]), "r": ((*SAMPLE, *coords), severity)}, coords=coords)
    xr.DataTree.from_dict({"posterior": data}).to_netcdf("group.nc", engine="h5netcdf")
    groups = ", ".join(f"severity.{task}: 'r[{task}]'" for task in tasks)
    assert "expected a variable of group.nc" in refusal(
        write(f"{HEAD}posterior: {{file: group.nc, map: {{severity: r, {groups}}}}}\n")
    )
    write(f"{HEAD}posterior: {{file: group.nc, map: {{slope: k, severity.planning.novelty: 'r[planning,novelty]'}}}}\n")
    values = learnt(loaded("mine.yaml")).posterior.values
    assert set(values) == {"slope.reliability", "slope.novelty", "severity.planning.novelty"}
    np.testing.assert_array_equal(values["slope.novelty"], H50[:, :5].ravel())
    np.testing.assert_array_equal(values["severity.planning.novelty"], severity[:, :, 0, 1].ravel())


def test_an_element_goes_before_a_variable_for_all(write: Write) -> None:
    write("k,k[novelty]\n1,2\n", "k.csv")
    values = learnt(loaded(write(f"{HEAD}posterior: {{file: k.csv, map: {{slope: k}}}}\n"))).posterior.values
    assert {name: column.tolist() for name, column in values.items()} == {
        "slope.reliability": [1],
        "slope.novelty": [2],
    }


# ---------------------------------------------------------------------------------------------------------- joint draws


def test_draws_of_several_quantities_come_from_one_row(mine: str) -> None:
    draws = drawn(mine, draws=1000)
    rows = {tuple(row) for row in np.stack(list(WANTED.values()), axis=1)}
    offsets = draws.indexed["horizon_offset"].T
    got = np.stack([draws.scalars["horizon"], draws.scalars["work_gap"], *offsets], axis=1)
    assert {tuple(row) for row in got} == rows


def test_more_draws_begin_with_the_same(mine: str) -> None:
    few, many = drawn(mine, draws=100), drawn(mine, draws=1000)
    np.testing.assert_array_equal(few.scalars["horizon"], many.scalars["horizon"][:100])
    assert not np.array_equal(draw(loaded(mine), 1, 100).scalars["horizon"], few.scalars["horizon"])


def test_what_the_file_does_not_know_is_drawn_as_without_it(mine: str) -> None:
    without, draws = drawn("base.yaml"), drawn(mine)
    np.testing.assert_array_equal(draws.trajectory, without.trajectory)
    for name, values in {**without.scalars, **without.indexed}.items():
        same = np.array_equal(values, {**draws.scalars, **draws.indexed}[name])
        assert same == (name not in {"horizon", "work_gap", "horizon_offset"}), name


def test_scenarios_take_the_same_row_for_the_same_draw(write: Write, mine: str) -> None:
    child = write(f"name: Child\nextends: {mine}\npriors: {{rework: 0.1, slope: 2}}\n", "child.yaml")
    for name in ("horizon", "work_gap"):
        np.testing.assert_array_equal(drawn(mine).scalars[name], drawn(child).scalars[name])


SIZES, SEEDS = st.integers(1, 300), st.integers(0, 2**63 - 1)


@given(seed=SEEDS, size=SIZES, draws=SIZES)
def test_every_row_is_used_before_any_comes_again(seed: int, size: int, draws: int) -> None:
    posterior = Learnt(Posterior("draws.csv", "", {"horizon": np.ones(size)}), frozenset(), ())
    rows = posterior.rows(seed, np.arange(draws))
    counts = np.bincount(rows, minlength=size)
    assert counts.max() - counts.min() <= 1
    at = np.arange(draws // 2, draws)
    np.testing.assert_array_equal(posterior.rows(seed, at), rows[at])


@given(seed=SEEDS, shapes=st.lists(st.integers(0, 1), min_size=3, max_size=50), weight=st.floats(0, 1), draws=SIZES)
def test_rows_have_the_shapes_that_the_weights_ask_for(seed: int, shapes: list[int], weight: float, draws: int) -> None:
    shape, weights = np.array([0, 1, *shapes]), {"exponential": weight, "superexponential": 1.0 - weight}
    posterior = Posterior("own.nc", "", {"horizon": np.ones(len(shape))}, shape, {})
    rows = Learnt(posterior, frozenset(), (), weights).rows(seed, np.arange(draws))
    np.testing.assert_array_equal(shape[rows], shapes_of(weights, seed, np.arange(draws)))
    at = np.arange(draws // 2, draws)
    np.testing.assert_array_equal(Learnt(posterior, frozenset(), (), weights).rows(seed, at), rows[at])


# ----------------------------------------------------------------------------------------------- the scenario's own say


def check_own(scenario: Scenario, *names: str) -> None:
    """Only these of what is learnt are the scenario's own."""
    assert learnt(scenario).overridden == names
    assert learnt(scenario).taken == WANTED.keys() - names
    draws = draw(scenario, 0, 20)
    for name in ("horizon", "work_gap"):
        assert (set(draws.scalars[name]) <= set(WANTED[name])) == (name not in names)


def test_priors_of_a_parent_give_way(write: Write, mine: str) -> None:
    write(HEAD + "priors: {horizon: 9, work_gap: 1}\n", "parent.yaml")
    check_own(loaded(write(Path(mine).read_text().replace("base", "parent.yaml"))))


def test_priors_in_the_file_that_names_the_posterior_stay(write: Write, mine: str) -> None:
    check_own(loaded(write(Path(mine).read_text() + "priors: {horizon: 9}\n")), "horizon")


def test_priors_of_a_child_stay(write: Write, mine: str) -> None:
    child = write(f"name: Child\nextends: {mine}\npriors: {{work_gap: 9}}\n", "child.yaml")
    check_own(loaded(child), "work_gap")
    check_own(loaded(write(f"name: Grandchild\nextends: {child}\n", "grandchild.yaml"), {"horizon": 9}),
              "horizon", "work_gap")  # fmt: skip


def test_what_is_set_stays(mine: str) -> None:
    check_own(loaded(mine, {"horizon": 9, "slope": 1}), "horizon")
    pd.DataFrame(WANTED).to_parquet("ours.parquet")
    check_own(loaded("base.yaml", {"horizon": 9}, "ours.parquet"), "horizon")
    check_own(loaded("base.yaml", {"horizon_offset": {"novelty": 1}}, "ours.parquet"), "horizon_offset.novelty")


def test_another_file_comes_in_place_of_the_named_one_under_the_same_map(write: Write, mine: str) -> None:
    (table() / 2.0).to_csv("other.csv", index=False)
    other = learnt(loaded(mine, {}, "other.csv")).posterior
    assert other.place == "other.csv"
    np.testing.assert_allclose(other.values["horizon"], WANTED["horizon"] / 2.0)
    bare = write(f"{HEAD}posterior: {{{MAP}}}\n", "bare.yaml")
    assert learnt(loaded(bare, {}, "plain.csv")).taken == set(WANTED)
    assert refusal(bare).startswith("bare.yaml: posterior.file: got nothing, expected a file of draws beside this one")


def test_a_number_that_the_fit_was_given_and_the_scenario_does_not_have_is_told(write: Write) -> None:
    mine = write(f"{HEAD}")
    own = write_own({"exponential": 200})
    assert "rework" not in learnt(loaded(mine, None, own)).overridden
    assert "rework" in learnt(loaded(mine, {"rework": 0.77}, own)).overridden


def test_only_another_prior_outdoes_a_posterior_of_ours(write: Write) -> None:
    file = write_own({"exponential": 120, "saturating": 120})
    same = loaded(write(f"{HEAD}priors: {{horizon: {{dist: lognormal, q05: 7, q95: 20}}, work_gap: 1}}\n"), {}, file)
    assert learnt(same).overridden == ("work_gap",)
    assert learnt(same).taken == {"horizon"}
    assert (draw(same, 0, 20).scalars["work_gap"] == 1.0).all()


# ---------------------------------------------------------------------------------------------------- shares and shapes


def shares(manager: list[float], names: str = "planning analysis debugging") -> pd.DataFrame:
    return pd.DataFrame([manager], columns=[f"time_share.manager.{name}" for name in names.split()])


def test_shares_come_whole_and_stay_together(small_world: Path) -> None:
    rows = np.random.default_rng(0).dirichlet([1.0, 2.0, 3.0], 50).astype(np.float32)
    pd.concat([shares(list(row)) for row in rows]).to_parquet(small_world / "shares.parquet")
    without, draws = drawn("base.yaml"), drawn("base.yaml", {}, "shares.parquet")
    assert {tuple(row) for row in draws.indexed["time_share"][:, 1]} == {tuple(row) for row in rows.astype(float)}
    np.testing.assert_array_equal(draws.indexed["time_share"][:, 0], without.indexed["time_share"][:, 0])
    assert learnt(loaded("base.yaml", {"time_share.manager.planning": 0.6}, "shares.parquet")).taken == set()


def test_shares_that_are_not_whole_are_refused(small_world: Path) -> None:
    shares([0.2, 0.3], "planning analysis").to_csv(small_world / "part.csv", index=False)
    shares([0.2, 0.3, 0.4]).to_csv(small_world / "less.csv", index=False)
    key = "time_share.manager: got"
    assert refusal("base.yaml", {}, "part.csv").startswith(f"part.csv: {key} 2 of 3 shares, expected all of")
    wrong = f"less.csv: {key} a draw that sums to 0.9, expected shares that sum to 1"
    assert refusal("base.yaml", {}, "less.csv") == wrong


@pytest.mark.usefixtures("small_world")
def test_a_draw_keeps_the_shape_it_was_fitted_with() -> None:
    file = write_own({"exponential": 180, "saturating": 60})
    draws = drawn("base.yaml", {}, file, draws=240)
    np.testing.assert_array_equal(np.floor(draws.scalars["horizon"]), 10 + draws.trajectory)
    assert np.bincount(draws.trajectory).tolist() == [180, 0, 60]


@pytest.mark.usefixtures("small_world")
def test_other_weights_choose_among_the_draws_of_each_shape() -> None:
    file = write_own({"exponential": 100, "saturating": 300})
    weights = {"structure.trajectory": {"exponential": 0.9, "saturating": 0.1}}
    scenario = loaded("base.yaml", weights, file)
    draws = draw(scenario, 0, 4000)
    assert learnt(scenario).overridden == ("trajectory",)
    np.testing.assert_array_equal(np.floor(draws.scalars["horizon"]), 10 + draws.trajectory)
    np.testing.assert_array_equal(draws.trajectory, drawn("base.yaml", weights, draws=4000).trajectory)
    assert np.mean(draws.trajectory == 0) == pytest.approx(0.9, abs=0.02)


@pytest.mark.usefixtures("small_world")
def test_a_shape_with_too_few_draws_is_refused() -> None:
    file = write_own({"exponential": 99, "saturating": 201})
    assert learnt(loaded("base.yaml", {"structure.trajectory": "saturating"}, file)).weights == {"saturating": 1.0}
    message = refusal("base.yaml", {"structure.trajectory": "exponential"}, file)
    assert message.startswith("own.nc: trajectory: got draws worth 99 of the shape exponential, expected 100 or more")


# --------------------------------------------------------------------------------------------------------- what is told


def test_outputs_tell_what_came_from_where(mine: str) -> None:
    scenario = loaded(mine, {"horizon": 9})
    sha256 = read_draws(Path("plain.csv"), "").sha256
    kept = sorted(set(WANTED) - {"horizon"})
    said = {"scenario": "mine", "file": "plain.csv", "sha256": sha256, "learnt": kept, "overridden": ["horizon"]}
    simulation = simulate(scenario, 8, 0)
    assert summarise(simulation)["posterior"] == [said]
    attrs = autosim.to_dataset(simulation).attrs
    assert json.loads(attrs["posterior"]) == [said]
    assert json.loads(attrs["input_sha256"])["plain.csv"] == sha256
    assert summarise(simulate(loaded("base.yaml"), 8, 0))["posterior"] == []


@pytest.mark.parametrize("words", [["run", "--no-plots"], ["compare", "other.yaml", "--no-plots"], ["evaluations"]])
def test_a_command_prints_what_came_from_where(write: Write, mine: str, words: list[str]) -> None:
    write(f"name: Other\nextends: {mine}\n", "other.yaml")
    (table() / 2.0).to_csv("[bold].csv", index=False)
    said = CliRunner().invoke(cli, [*words, mine, "--draws", "8", "--set", "work_gap=2", "--posterior", "[bold].csv"])
    assert said.exit_code == 0, said.output
    assert "mine: 3 quantities from [bold].csv; the scenario's own instead: work_gap\n" in said.output


def test_each_member_of_a_pool_takes_its_own(write: Write, mine: str) -> None:
    pool = write(f"name: Both\npool: {{base: 1, {Path(mine).stem}: 1}}\n", "both.yaml")
    draws = draw(autosim.load(pool), 0, 100)
    ours = np.isin(draws.scalars["horizon"], WANTED["horizon"])
    np.testing.assert_array_equal(ours, draws.member == 1)
    pd.DataFrame(WANTED).to_csv("all.csv", index=False)
    write("name: Plain\nextends: base\n", "plain.yaml")
    both = autosim.load(write("name: Two\npool: {base: 1, plain: 1}\n", "two.yaml"), posterior="all.csv")
    assert np.isin(draw(both, 0, 100).scalars["horizon"], WANTED["horizon"]).all()
    assert [said["scenario"] for said in summarise(simulate(both, 8, 0))["posterior"]] == ["base", "plain"]
