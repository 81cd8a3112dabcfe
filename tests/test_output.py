"""A run's folder is written whole or not at all."""

from pathlib import Path

import pytest

import autosim
from autosim.analysis.summary import summarise
from autosim.errors import AutosimError, InputError
from autosim.output import Drawing, whole_run, write_run
from autosim.simulation.run import Simulation
from autosim.simulation.statistics import STATISTICS


@pytest.fixture(scope="module")
def small() -> Simulation:
    return autosim.simulate("pessimistic", 16, set={"end": "2025-12-01"})


def write(small: Simulation, folder: Path, draw: Drawing | None = None) -> None:
    with whole_run(folder) as fresh:
        write_run(small, summarise(small), fresh, draw)


def test_an_earlier_run_is_replaced_as_a_whole(small: Simulation, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "run"
    write(small, folder)
    (folder / "figures").mkdir()
    write(small, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["run.nc", "summary.json"]
    assert [path.name for path in folder.parent.iterdir()] == ["run"]


def test_the_same_run_gives_the_same_bytes(small: Simulation, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(small, tmp_path / name)
    for name in ("run.nc", "summary.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_failure_half_way_leaves_what_was_there(small: Simulation, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    write(small, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full_disk(_: Simulation, __: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(AutosimError, match=r"run: cannot be written \(No space left on device\)"):
        write(small, folder, full_disk)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_folder_that_is_no_run_is_not_touched(small: Simulation, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match=r"which holds 'thesis\.tex'"):
        write(small, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_not_replaced(small: Simulation, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(InputError, match="expected a folder"):
        write(small, tmp_path / "run")


def test_beyond_ten_thousand_draws_statistics_are_kept(monkeypatch: pytest.MonkeyPatch, small: Simulation) -> None:
    monkeypatch.setattr("autosim.dataset.MOST_FULL_DRAWS", 8)
    dataset = autosim.to_dataset(small)
    assert "draw" not in dataset.dims
    assert dataset["statistic"].values.tolist() == [*STATISTICS, *(f"mcse_{name}" for name in STATISTICS)]
    assert dataset["labour_speedup"].dims == ("statistic", "date")
    assert dataset["mode_share"].dims == ("statistic", "year", "task", "mode")
    assert bool(dataset["solved_time_saved_share"].notnull().all())
