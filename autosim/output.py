"""Writing a run's folder: whole, or not at all."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from autosim.analysis.summary import Json
from autosim.errors import AutosimError, InputError
from autosim.simulation.run import Simulation

SUMMARY, DATASET, FIGURES = "summary.json", "run.nc", "figures"

type Drawing = Callable[[Simulation, Path], None]
"""Draws figures of a simulation into a folder."""


def check_folder(folder: Path) -> None:
    """Refuse to put a run where something else is; asked before the work starts.

    Raises
    ------
    InputError
        If the path is a file, or a folder that holds anything but an earlier run.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError("--out", "", f"the file {folder}", "a folder")
    if any(folder.iterdir()) and not (folder / SUMMARY).is_file():
        raise InputError(
            "--out", "", f"the folder {folder}, which holds something else", "a new folder, or one of an earlier run"
        )


def write_run(simulation: Simulation, summary: Json, folder: Path, draw: Drawing | None) -> None:
    """Write `run.nc`, `summary.json` and figures beside the target, then put them in its place as a whole.

    Raises
    ------
    AutosimError
        If the disk refuses; what was there before is still there.
    """
    check_folder(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True
        ) as beside:
            fresh = Path(beside) / "run"
            fresh.mkdir()
            _write_files(simulation, summary, fresh, draw)
            _replace(folder, fresh, Path(beside) / "before")
    except OSError as error:
        raise AutosimError(f"{folder}: cannot be written ({error.strerror or error})") from error


def _write_files(simulation: Simulation, summary: Json, fresh: Path, draw: Drawing | None) -> None:
    from autosim.dataset import to_dataset

    dataset = to_dataset(simulation)
    packed = {name: {"zlib": True, "complevel": 1, "shuffle": True} for name, values in dataset.items() if values.ndim}
    dataset.to_netcdf(fresh / DATASET, engine="h5netcdf", encoding=packed)
    (fresh / SUMMARY).write_text(json.dumps(summary, allow_nan=False, indent=1) + "\n", encoding="utf-8")
    if draw:
        (fresh / FIGURES).mkdir()
        draw(simulation, fresh / FIGURES)


def _replace(folder: Path, fresh: Path, before: Path) -> None:
    """Swap folders; if the second step fails the first is undone."""
    existed = folder.exists()
    if existed:
        os.replace(folder, before)
    try:
        os.replace(fresh, folder)
    except OSError:
        if existed:
            os.replace(before, folder)
        raise
    shutil.rmtree(before, ignore_errors=True)
