"""Posteriors that cannot be used: one line with file, key, got and expected, whatever the file holds."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xarray as xr
from conftest import BASE, EVALUATIONS, TASKS, Write
from hypothesis import given
from hypothesis import strategies as st
from posteriors import FORMATS, HEAD, arviz, learnt, loaded, refusal, stan, table, write_own
from reading import clear

import autosim
from autosim.draws import draw
from autosim.errors import InputError
from autosim.evidence.tables import make_evidence
from autosim.inputs.posterior_files import SAMPLE, SUFFIXES

# What follows `posterior:` | key | got and expected.
ENTRIES = """
plain.csv | posterior | got 'plain.csv', expected a mapping
{fil: plain.csv} | posterior.fil | got the unknown key 'fil', expected a key; did you mean 'file'?
{file: 3} | posterior.file | got 3, expected text
{file: none.csv} | posterior.file | got 'none.csv', which does not exist, expected a file beside this one
{file: ../plain.csv} | posterior.file | got '../plain.csv', expected a path inside the file's own folder
{file: /plain.csv} | posterior.file | got '/plain.csv', expected a path inside the file's own folder
{file: plain.csv, map: [h50]} | posterior.map | got a list, expected a mapping
{file: plain.csv, map: {slope.novelty: h50, slope: h50}} | posterior.map.slope | got slope.novelty a second time, \
expected each quantity once
{file: plain.csv, map: {horizn: h50}} | posterior.map.horizn | got 'horizn', expected a quantity of the scenario; \
did you mean 'horizon'?
{file: plain.csv, map: {slope.noveltie: h50}} | posterior.map.slope.noveltie | got 'slope.noveltie', expected a \
quantity of the scenario; did you mean 'slope.novelty'?
{file: plain.csv, map: {horizon: 50}} | posterior.map.horizon | got 50, expected a variable of the file, or {from: …
{file: plain.csv, map: {horizon: {form: h50}}} | posterior.map.horizon.form | got the unknown key 'form', expected a \
key; did you mean 'from'?
{file: plain.csv, map: {horizon: {unit: hours}}} | posterior.map.horizon.from | got nothing, expected a value
{file: plain.csv, map: {horizon: {from: h50, unit: 60}}} | posterior.map.horizon.unit | got 60, expected text
{file: plain.csv, map: {horizon: {from: h50, unit: hour}}} | posterior.map.horizon.unit | got 'hour', expected a unit \
of horizon [min]; did you mean 'hours'?
{file: plain.csv, map: {work_gap: {from: gap, unit: min}}} | posterior.map.work_gap.unit | got 'min', expected a unit \
of work_gap [doublings]: one of doublings, e-folds, orders_of_magnitude
{file: plain.csv, map: {horizon: h5}} | posterior.map.horizon.from | got 'h5', expected a variable of plain.csv; did \
you mean 'h50'?
{file: plain.csv, map: {horizon: theta}} | posterior.map.horizon.from | got 'theta', expected a variable of plain.csv
"""


@pytest.mark.parametrize("row", ENTRIES.strip().splitlines())
def test_a_bad_entry_is_refused(write: Write, row: str) -> None:
    table().to_csv("plain.csv", index=False)
    entry, key, said = row.split(" | ")
    assert refusal(write(f"{HEAD}posterior: {entry}\n")).startswith(f"mine.yaml: {key}: {said}")


OURS = '# autosim_posterior {"converged": 1, "reference_date": "2024-08-27"'
TABLES = {
    "nothing": ("", "got text that is not a table"),
    "a header": ("horizon\n", "got no draws"),
    "a warm-up without draws": (stan(0), "got no draws"),
    "a comment": ("# horizon\n", "got text that is not a table"),
    "NaN": ("horizon\n1\nnan\n", "horizon: got .nan, expected a number above 0"),
    "infinity": ("horizon\n1\ninf\n", "horizon: got .inf, expected a number above 0"),
    "outside of the domain": ("horizon\n1\n-2\n", "horizon: got -2.0, expected a number above 0"),
    "a share above 1": (
        "severity.debugging.novelty\n1.5\n",
        "severity.debugging.novelty: got 1.5, expected a number in",
    ),
    "a gap": ("horizon,work_gap\n1,2\n1\n", "work_gap: got .nan, expected a number"),
    "words": ("horizon,model\n1,A\n", "model: got a column that is not of numbers, expected a number for each draw"),
    "truth": ("horizon\ntrue\n", "horizon: got a column that is not of numbers, expected a number for each draw"),
    "rows longer than the header": ("horizon,work_gap\n7,1,2\n", "got text that is not a table"),
    "one row too long": ("horizon,work_gap\n1,2\n7,1,2\n", "got text that is not a table"),
    "a column twice": ("horizon,horizon\n1,2\n", "header: got the column 'horizon' twice, expected each column once"),
    "semicolons": ("horizon;work_gap\n1;2\n", "horizon;work_gap: got a column that is not of numbers"),
    "unknown names": ("horizn\n1\n", "got draws of horizn, expected quantities of the scenario; name theirs under"),
    "UTF-16": ("horizon\n1\n".encode("utf-16"), "got bytes that are not text, expected UTF-8 text"),
    "ours, not JSON": ("# autosim_posterior {\nhorizon\n1\n", "autosim_posterior: got text that is not JSON"),
    "ours, too deep": (
        f"# autosim_posterior {'[' * 9999}\nhorizon\n1\n",
        "autosim_posterior: got text that is not JSON",
    ),
    "ours, odd verdict": (
        '# autosim_posterior {"converged": "x"}\nhorizon\n1\n',
        "got a posterior whose diagnostics f",
    ),
    "ours, no date": (
        '# autosim_posterior {"converged": 1}\nhorizon\n1\n',
        "reference_date: got nothing, expected 2024-",
    ),
    "ours, no priors": (f"{OURS}}}\nhorizon\n1\n", "priors: got no priors, expected those of the fit"),
    "ours, odd shape": (
        f'{OURS}, "priors": "{{}}"}}\nhorizon,trajectory\n1,1.5\n',
        "trajectory: got a draw of no known shape, expected positions in exponential, superexponential, saturating",
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_bad_table_is_refused(write: Write, name: str) -> None:
    content, said = TABLES[name]
    file = write(content, "bad.csv")
    assert refusal("base.yaml", {}, file).startswith(f"bad.csv: {said}")


type Make = Callable[[Path], object]


def parquet(horizon: object) -> Make:
    return lambda path: pq.write_table(pa.table({"horizon": horizon}), path)


def netcdf(tree: xr.DataTree) -> Make:
    return lambda path: tree.to_netcdf(path, engine="h5netcdf")


OTHER_GROUP = xr.DataTree.from_dict({"prior": xr.Dataset({"horizon": (SAMPLE, np.ones((2, 3)))})})
FILES: dict[str, tuple[str, Make, str]] = {
    "missing": ("none.nc", lambda _: None, "got no such file"),
    "a name too long": (f"{'x' * 300}.nc", lambda _: None, "got no such file"),
    "a folder": ("folder.nc", lambda path: path.mkdir(), "got a folder"),
    "a file for a folder": ("file.zarr", lambda path: path.write_text("x"), "got a file that is no folder"),
    "another suffix": ("x.h5", lambda _: None, "got 'x.h5', expected a file that ends in .nc, .zarr, .parquet, .csv"),
    "no group": ("x.nc", netcdf(OTHER_GROUP), "got no netCDF-4 file with a group 'posterior', expected draws as ArviZ"),
    "no group in a store": (
        "x.zarr",
        lambda path: OTHER_GROUP.to_zarr(path, zarr_format=2),
        "got no Zarr store with a",
    ),
    "an empty folder": ("x.zarr", lambda path: path.mkdir(), "got no Zarr store with a group 'posterior'"),
    "no draws": ("x.nc", netcdf(arviz().isel(draw=[])), "got no draws"),
    "text": ("x.parquet", parquet(["a"]), "horizon: got a column that is not of numbers"),
    "dates": ("x.parquet", parquet(pd.to_datetime(["2026-01-01"])), "horizon: got a column that is not of numbers"),
    "lists": ("x.parquet", parquet([[1.0, 2.0]]), "horizon: got a column that is not of numbers"),
    "gaps": ("x.parquet", parquet([1, None]), "horizon: got .nan, expected a number above 0"),
    "no rows": ("x.parquet", parquet(pa.array([], pa.float64())), "got no draws"),
    "numbers for names": ("x.parquet", lambda path: pd.DataFrame({0: [1.0]}).to_parquet(path), "got draws of 0, exp"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused(small_world: Path, name: str) -> None:
    file, make, said = FILES[name]
    make(small_world / file)
    assert refusal("base.yaml", {}, file).startswith(f"{file[:299]}{'…' * (len(file) > 300)}: {said}")


def test_what_a_unit_makes_infinite_is_refused(write: Write) -> None:
    write("x\n1e6\n", "x.csv")
    said = "{file: x.csv, map: {horizon: {from: x, unit: log_hours}}}"
    assert refusal(write(f"{HEAD}posterior: {said}\n")) == "x.csv: horizon: got .inf, expected a number above 0"


def test_more_numbers_than_memory_holds_are_refused(small_world: Path) -> None:
    data = xr.Dataset({"horizon": (SAMPLE, np.ones((2, 3)))})
    xr.DataTree.from_dict({"posterior": data}).to_zarr(small_world / "huge.zarr", zarr_format=2)
    about = small_world / "huge.zarr/posterior/horizon/.zarray"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"shape": [4, 10**9]}))
    assert refusal("base.yaml", {}, "huge.zarr") == "huge.zarr: got 32.0 GB, expected at most 4 GB"


@pytest.mark.parametrize("spelt", ["pickle", "\\u0070ickle", "PICKLE"])
def test_pickled_objects_are_never_read(small_world: Path, spelt: str) -> None:
    arviz().to_zarr(small_world / "evil.zarr", zarr_format=2)
    about = small_world / "evil.zarr/posterior/h50/.zarray"
    said = json.dumps(json.loads(about.read_text()) | {"filters": [{"id": "PICKLED"}]})
    about.write_text(said.replace("PICKLED", spelt))
    assert refusal("base.yaml", {}, "evil.zarr") == (
        "evil.zarr: posterior/h50/.zarray: got pickled objects, expected arrays of numbers"
    )


def test_a_store_that_links_elsewhere_is_refused(small_world: Path) -> None:
    arviz().to_zarr(small_world / "real.zarr", consolidated=False)
    (small_world / "linked.zarr").mkdir()
    (small_world / "linked.zarr/posterior").symlink_to(small_world / "real.zarr/posterior")
    assert refusal("base.yaml", {}, "linked.zarr").startswith(
        "linked.zarr: posterior: got a link, expected a file or a"
    )


SIGNATURES = [b"", b"\x89HDF\r\n\x1a\n", b"PAR1", b"horizon\n", b"# autosim_posterior ", b'{"zarr_format": 3, ']


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("garbage")
    for name, text in {"base.yaml": BASE, "tasks.yaml": TASKS, "evaluations.yaml": EVALUATIONS}.items():
        (made / name).write_text(text)
    for name in ("arviz.nc", "plain.parquet"):
        FORMATS[name](made / name)
    (made / "x.zarr").mkdir()
    return made


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(start=st.sampled_from(SIGNATURES), rest=st.binary(max_size=200))
def test_garbage_is_refused_or_gives_numbers(folder: Path, suffix: str, start: bytes, rest: bytes) -> None:
    path = folder / f"x{suffix}"
    (path / "zarr.json" if suffix == ".zarr" else path).write_bytes(start + rest)
    try:
        found = loaded(str(folder / "base.yaml"), {}, str(path))
    except InputError as error:
        clear(error)
    else:
        assert np.isfinite(draw(found, 0, 5).scalars["horizon"]).all()


@pytest.mark.parametrize("file", ["arviz.nc", "plain.parquet"])
@given(share=st.floats(0, 0.999))
def test_a_file_that_was_cut_short_is_refused(folder: Path, file: str, share: float) -> None:
    whole, cut = (folder / file).read_bytes(), folder / f"cut{Path(file).suffix}"
    cut.write_bytes(whole[: int(share * len(whole))])
    assert ": got " in refusal(str(folder / "base.yaml"), {}, str(cut))


@pytest.mark.usefixtures("small_world")
@pytest.mark.parametrize("suffix", [".nc", ".csv", ".parquet"])
def test_a_posterior_whose_diagnostics_failed_is_used_by_force_alone(suffix: str) -> None:
    file = write_own({"exponential": 100, "saturating": 100}, f"own{suffix}", converged=0, diagnosis="3 divergences")
    got = "got a posterior whose diagnostics failed (3 divergences)"
    assert refusal("base.yaml", {}, file) == f"own{suffix}: {got}, expected one that converged, or --force"
    forced = autosim.load("base.yaml", posterior=file, force=True)
    assert (draw(forced, 0, 20).scalars["horizon"] >= 10.0).all()


@pytest.mark.usefixtures("small_world")
def test_a_posterior_of_another_reference_date_is_refused() -> None:
    file = write_own({"exponential": 100, "saturating": 100})
    said = refusal("base.yaml", {"reference_date": "2025-08-27"}, file)
    assert said.startswith("own.nc: reference_date: got '2024-08-27', expected 2025-08-27, the scenario's")


def test_a_pool_names_no_posterior(write: Write) -> None:
    table().to_csv("plain.csv", index=False)
    said = refusal(write("name: Pool\npool: {base: 1}\nposterior: {file: plain.csv}\n", "pool.yaml"))
    assert said.startswith("pool.yaml: posterior: got an entry beside pool, expected a pool alone")


@pytest.mark.usefixtures("small_world")
def test_a_scenario_with_a_posterior_is_not_fitted() -> None:
    scenario = loaded("base.yaml", {}, write_own({"exponential": 100, "saturating": 100}))
    assert learnt(scenario).taken
    with pytest.raises(InputError, match=r"^base: posterior: got a posterior beside its priors, expected priors alone"):
        autosim.fit(scenario, make_evidence({}, "made up", scenario.taxonomy))
