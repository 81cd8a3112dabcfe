"""A run's results for other tools say what the run says, bit by bit."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import autosim
from autosim.analysis.summary import Json, summarise
from autosim.errors import InputError
from autosim.exporting.squiggle import SAMPLES
from autosim.exporting.tables import MARK, QUANTILE_COLUMNS
from autosim.output import whole_run, write_run

DAY, DRAWS = "2025-08-27", SAMPLES + 200
SETTINGS = {"end": "2025-12-01"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    simulation = autosim.simulate("interviews", DRAWS, set=SETTINGS)
    folder = tmp_path_factory.mktemp("runs") / "run"
    with whole_run(folder) as fresh:
        write_run(simulation, summarise(simulation), fresh, None)
    return folder


@pytest.fixture(scope="module")
def dataset(run: Path) -> xr.Dataset:
    with xr.open_dataset(run / "run.nc", engine="h5netcdf") as opened:
        return opened.load()


@pytest.fixture(scope="module")
def summary(run: Path) -> Json:
    found: Json = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    return found


READERS: dict[str, Callable[[Path], pd.DataFrame]] = {".csv": pd.read_csv, ".parquet": pd.read_parquet}


@pytest.mark.parametrize("suffix", READERS)
def test_draws_come_back_bit_by_bit(suffix: str, run: Path, dataset: xr.Dataset, tmp_path: Path) -> None:
    out = tmp_path / f"draws{suffix}"
    names = ["labour_speedup", "labour_ceiling", "mode_share", "pass_rate.re_bench"]
    assert autosim.export("draws", run, out, names) == [out, tmp_path / f"draws{suffix}.dictionary.csv"]
    table = READERS[suffix](out).set_index(["draw", "date"])
    assert len(table) == DRAWS * 2
    for day in ("2024-08-27", DAY):
        at = table.xs(day, level="date")
        here = dataset.sel(date=day, year=day)
        expected = {
            "labour_speedup": here["labour_speedup"],
            "labour_ceiling": here["labour_ceiling"],
            "mode_share.debugging.manual": here["mode_share"].sel(task="debugging", mode="manual"),
            "pass_rate.re_bench": here["pass_rate"].sel(evaluation="re_bench"),
        }
        for name, values in expected.items():
            np.testing.assert_array_equal(at[name].to_numpy().astype(np.float32), values.to_numpy(), name)
        for name in ("member", "trajectory", "substitution"):
            assert list(at[name]) == list(dataset[name].to_numpy())


def test_the_dictionary_has_every_column(run: Path, tmp_path: Path) -> None:
    table, words = autosim.export("draws", run, tmp_path / "draws.parquet", ["cost", "p50_horizon_min"], at=["2025-08"])
    found = pd.read_csv(words, keep_default_na=False).set_index("column")
    assert list(found.index) == list(pd.read_parquet(table).columns)
    assert found.loc["p50_horizon_min", "unit"] == "min"
    assert found.loc["cost.debugging", "meaning"] == "human time per unit of a task tau, debugging"
    assert all(found["meaning"])


def test_a_table_says_what_run_it_is_of(run: Path, tmp_path: Path) -> None:
    path = autosim.export("draws", run, tmp_path / "draws.parquet")[0]
    told = json.loads(pd.read_parquet(path).attrs[MARK])
    assert told["scenario"] == "interviews"
    assert told["draws"] == DRAWS
    assert told["overrides"] == ["end=2025-12-01"]
    assert "interviews" in told["input_sha256"]


def test_quantiles_are_those_of_the_summary(run: Path, summary: Json, tmp_path: Path) -> None:
    (path,) = autosim.export("quantiles", run, tmp_path / "quantiles.csv", ["labour_speedup", "labour_ceiling"])
    table = pd.read_csv(path, keep_default_na=False)
    assert list(table.columns) == list(QUANTILE_COLUMNS)
    series, step = summary["series"], summary["dates"].index(DAY)
    rows = {(row["variable"], row["date"], row["quantile"]): row for row in table.to_dict("records")}
    for quantile, name in ((0.05, "q05"), (0.5, "q50"), (0.95, "q95")):
        row = rows["labour_speedup", DAY, quantile]
        assert float(row["value"]) == series["labour_speedup"][name][step]
        assert float(row["mcse"]) == series["labour_speedup"]["mcse"][name][step]
        assert float(rows["labour_ceiling", "", quantile]["value"]) == series["labour_ceiling"][name]


def test_quantiles_of_milestones_are_dates(run: Path, summary: Json, tmp_path: Path) -> None:
    (path,) = autosim.export("quantiles", run, tmp_path / "quantiles.parquet")
    rows = {(row["variable"], row["quantile"]): row for row in pd.read_parquet(path).to_dict("records")}
    for name, found in summary["milestones"].items():
        for quantile, share in (("q10", 0.1), ("q50", 0.5), ("q90", 0.9)):
            row = rows[name, share]
            assert row["day"] == (found[quantile] or "")
            assert row["probability"] == found["probability"]
    assert rows["labour_speedup>=1.5", 0.5]["question"] == "date of labour speedup S_L of 1.5"


def test_many_draws_give_quantiles_as_they_were_kept(dataset: xr.Dataset, tmp_path: Path) -> None:
    many = dataset.isel(draw=slice(8)).rename(draw="statistic").drop_vars(["trajectory", "substitution", "member"])
    many = many.isel(statistic=np.tile(np.arange(8), 2))
    (path,) = autosim.export("quantiles", many, tmp_path / "quantiles.csv", ["labour_speedup"], at=[DAY])
    table = pd.read_csv(path)
    kept = dataset["labour_speedup"].sel(date=DAY).to_numpy()[:8]
    of = table[table["variable"] == "labour_speedup"]
    np.testing.assert_allclose(of["value"], kept[1:], rtol=1e-6)
    with pytest.raises(InputError, match="got statistics of 1,200 draws, expected a run whose draws were kept"):
        autosim.export("draws", many, tmp_path / "draws.csv")


def test_squiggle_keeps_samples_together(run: Path, dataset: xr.Dataset, tmp_path: Path) -> None:
    names = ["p50_horizon_min", "p80_horizon_min"]
    (path,) = autosim.export("squiggle", run, tmp_path / "run.squiggle", names, at=[DAY])
    text = path.read_text(encoding="utf-8")
    taken = [draw for draw in range(DRAWS) if draw % 6 != 5]
    for name in names:
        listed = re.search(rf"^export {name}_2025_08 = SampleSet\.fromList\(\[(.*)\]\)$", text, re.MULTILINE)
        assert listed
        found = np.array(listed[1].split(", "), dtype=np.float32)
        assert len(found) == SAMPLES
        np.testing.assert_array_equal(found, dataset[name].sel(date=DAY).to_numpy()[taken])
    assert '@name("50 % time horizon on the anchor suite, Aug 2025")\n@doc("unit: min")\n' in text


def test_squiggle_wants_as_many_draws_as_it_has_samples(dataset: xr.Dataset, tmp_path: Path) -> None:
    few = dataset.isel(draw=slice(64)).assign_attrs(draws=64)
    with pytest.raises(InputError, match="got 64 draws, expected at least 1,000, as many as Squiggle has samples"):
        autosim.export("squiggle", few, tmp_path / "run.squiggle")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("kind", "name", "options", "said"),
    [
        ("draw", "x.csv", {}, "KIND: got 'draw', expected what to export; did you mean 'draws'?"),
        ("draws", "x.nc", {}, "-o: got 'x.nc', expected a name that ends in .parquet or .csv"),
        ("squiggle", "x.csv", {}, "-o: got 'x.csv', expected a name that ends in .squiggle"),
        ("draws", "x.csv", {"variables": ["labour_spedup"]}, "did you mean 'labour_speedup'?"),
        ("draws", "x.csv", {"variables": ["pass_rate.rebench"]}, "unknown evaluation 'rebench', expected"),
        ("draws", "x.csv", {"variables": ["mode_share.debugging"]}, "mode_share.debugging, with 1 of 2 labels"),
        ("draws", "x.csv", {"variables": ["labour_speedup.x"]}, "labour_speedup.x, with labels"),
        ("draws", "x.csv", {"at": ["2025-08-28"]}, "--at: got 2025-08-28, expected a date of the"),
        ("draws", "x.csv", {"at": ["2025-09"], "variables": ["cost"]}, "cost at 2025-09-27, expected dates"),
        ("draws", "x.csv", {"at": ["2025-09"], "monthly": True}, "--monthly: got dates (--at) beside it"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_said(
    kind: str, name: str, options: Json, said: str, run: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as error:
        autosim.export(kind, run, tmp_path / name, **options)
    assert said in str(error.value)
    assert not list(tmp_path.iterdir())


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    def said(path: Path | xr.Dataset) -> str:
        with pytest.raises(InputError) as error:
            autosim.export("draws", path, tmp_path / "x.csv")
        return str(error.value)

    assert "got no such file" in said(tmp_path / "nothing")
    assert "got a folder without run.nc" in said(tmp_path)
    (tmp_path / "run.nc").write_bytes(b"\x89HDF\r\n\x1a\nrubbish")
    assert "got no netCDF-4 file" in said(tmp_path)
    xr.Dataset({"a": ("x", [1.0])}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    assert "got a dataset without milestones" in said(tmp_path / "other.nc")
    assert not (tmp_path / "x.csv").exists()
