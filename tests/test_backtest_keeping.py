"""What a backtest keeps: fits by the hash of their inputs, and what was registered before scoring."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from autosim.backtesting import cache
from autosim.backtesting.cache import code_files, kept, scenario_sha256
from autosim.backtesting.registration import Registration, settle
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.inputs.scenario import Scenario


class Made:
    """Fits made so far, each with the number of its making."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> xr.DataTree:
        self.count += 1
        return xr.DataTree.from_dict({"posterior": xr.Dataset({"x": ("draw", np.full(3, self.count, dtype=float))})})


def value(tree: xr.DataTree) -> float:
    return float(tree["posterior"].to_dataset()["x"][0])


def test_a_fit_is_made_once(tmp_path: Path) -> None:
    made = Made()
    found = [value(kept(tmp_path, "fit", {"seed": 0}, made)) for _ in range(3)]
    assert (found, made.count) == ([1.0, 1.0, 1.0], 1)


def test_another_input_is_another_fit(tmp_path: Path) -> None:
    made = Made()
    assert [value(kept(tmp_path, "fit", {"seed": seed}, made)) for seed in (0, 1, 0)] == [1.0, 2.0, 1.0]


def test_other_code_is_another_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Made()
    kept(tmp_path, "fit", {}, made)
    monkeypatch.setattr(cache, "code_sha256", lambda *_: "other")
    assert value(kept(tmp_path, "fit", {}, made)) == 2.0


@pytest.mark.parametrize("broken", [b"", b"no netCDF", b"\x89HDF\r\n\x1a\n" + b"0" * 64])
def test_a_broken_file_is_made_anew(tmp_path: Path, broken: bytes) -> None:
    made = Made()
    kept(tmp_path, "fit", {}, made)
    next(tmp_path.glob("fit-*.nc")).write_bytes(broken)
    assert [value(kept(tmp_path, "fit", {}, made)) for _ in range(2)] == [2.0, 2.0]


def test_a_file_of_another_fit_is_not_taken(tmp_path: Path) -> None:
    made = Made()
    kept(tmp_path, "fit", {"seed": 0}, made)
    kept(tmp_path, "fit", {"seed": 1}, made)
    first, second = sorted(tmp_path.glob("fit-*.nc"))
    first.write_bytes(second.read_bytes())
    assert {value(kept(tmp_path, "fit", {"seed": seed}, made)) for seed in (0, 1)} & {3.0}


def test_without_a_folder_nothing_is_kept() -> None:
    made = Made()
    assert [value(kept(None, "fit", {}, made)) for _ in range(2)] == [1.0, 2.0]


def digest(*assignments: str) -> str:
    scenario = load("baseline", assignments)
    assert isinstance(scenario, Scenario)
    return scenario_sha256(scenario)


def test_a_scenario_hashes_to_what_numbers_depend_on() -> None:
    assert digest("work_gap=2") == digest("work_gap=2.0") != digest("work_gap=3")
    assert digest("work_gap=2") != digest("work_gap=2", "structure.trajectory=saturating")


def test_code_is_every_file_of_the_package() -> None:
    files = code_files()
    assert {"__init__.py", "equations/labour.py", "backtesting/cache.py"} <= set(files)
    assert set(code_files("equations")) == {name for name in files if name.startswith("equations/")}


ONE = Registration({"cut_offs": "2024-07-01"}, {"a.py": "11", "b.py": "22"})


def test_the_first_registration_holds(tmp_path: Path) -> None:
    path = tmp_path / "registration.json"
    assert settle(path, ONE) == (ONE, [])
    later = Registration({"cut_offs": "2025-01-01", "strict": "yes"}, {"a.py": "12", "c.py": "33"})
    held, changes = settle(path, later)
    assert held == ONE
    assert changes == [
        "cut_offs: changed from 2024-07-01 to 2025-01-01",
        "strict: added",
        "file a.py: changed",
        "file b.py: gone",
        "file c.py: added",
    ]
    assert settle(path, ONE)[1] == []


@pytest.mark.parametrize(
    ("old", "new", "got"),
    [("2024-07-01", "2024-08-01", "sha256: got a content with the hash"), ('"22"', "22", "got something else"),
     ("{", "[", "got something else"), ("_registration", "_other", "got something else")],
)  # fmt: skip
def test_an_edited_registration_is_refused(tmp_path: Path, old: str, new: str, got: str) -> None:
    path = tmp_path / "registration.json"
    settle(path, ONE)
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=got):
        settle(path, ONE)


def test_its_hash_is_that_of_all_it_says(tmp_path: Path) -> None:
    path = tmp_path / "registration.json"
    settle(path, ONE)
    assert json.loads(path.read_text())["sha256"] == ONE.sha256
    others = [Registration({"cut_offs": "x"}, ONE.files), Registration(ONE.structure, {"a.py": "11"})]
    assert len({ONE.sha256, *(other.sha256 for other in others)}) == 3
