"""Writing a run's folder: whole, or not at all."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from autosim.analysis.summary import Json
from autosim.errors import InputError
from autosim.simulation.run import Simulation
from autosim.whole import whole_folder

SUMMARY, DATASET, FIGURES = "summary.json", "run.nc", "figures"
COMPARISON, PRIORS, CHECKS = "comparison.json", "priors.json", "checks.json"
SENSITIVITY, CRUXES, BLOCKERS = "sensitivity.json", "cruxes.json", "blockers.json"
BACKTEST, TARGETS = "backtest.json", "targets.csv"
OUTLOOKS = "outlooks.json"
REPLICATION, REPLICATIONS, PAGE = "replication.json", "replications.json", "peers.md"

type Drawing = Callable[[Simulation, Path], None]
"""Draws figures of a simulation into a folder."""


@contextmanager
def whole_run(folder: Path) -> Iterator[Path]:
    """Make a run's folder whole or not at all; entered before the work starts, so that a refusal comes first.

    Yields
    ------
    An empty folder to fill by `write_run`; see `autosim.whole.whole_folder`.

    Raises
    ------
    InputError
        If there is something else at that path, or an earlier run around it.
    AutosimError
        If another process is writing there, or the disk refuses; what was there before is still there.
    """
    for around in Path(os.path.realpath(folder)).parents:
        if (around / SUMMARY).is_file() and (around / DATASET).is_file():
            raise InputError(
                "--out", "", f"the folder {folder}, which is inside the run {around.name}", "another folder"
            )
    with whole_folder(folder, (SUMMARY, DATASET), (FIGURES,)) as fresh:
        yield fresh


def write_run(simulation: Simulation, summary: Json, folder: Path, draw: Drawing | None) -> None:
    """Write `run.nc`, `summary.json` and figures into the empty folder that `whole_run` yields.

    The dataset is put together in memory and written by Python, because HDF5 does not survive a full disk. It is not
    compressed: single precision numbers shrink by a quarter only, and packing them took longer than all the rest.
    """
    from autosim.dataset import to_dataset

    dataset = to_dataset(simulation)
    content = BytesIO()
    dataset.to_netcdf(content, engine="h5netcdf", encoding={name: {"_FillValue": None} for name in dataset})
    content.seek(0)
    with (folder / DATASET).open("wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
    (folder / SUMMARY).write_text(json.dumps(summary, allow_nan=False, indent=1) + "\n", encoding="utf-8")
    if draw:
        (folder / FIGURES).mkdir()
        draw(simulation, folder / FIGURES)


def write_answer(content: object, folder: Path, name: str, draw: Callable[[Path], None] | None) -> None:
    """Write a JSON file, and figures, into an empty folder, such as `autosim.whole.whole_folder` yields."""
    (folder / name).write_text(json.dumps(content, allow_nan=False, indent=1) + "\n", encoding="utf-8")
    if draw:
        (folder / FIGURES).mkdir()
        draw(folder / FIGURES)
