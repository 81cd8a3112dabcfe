"""From somebody's own logs to a forecast, end to end: what docs/tutorial.md does, on a scenario with few unknowns."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from logs import eval_log, run, sample
from test_fit import pinned, quick
from test_learning import horizons_of_a_world

import autosim
from autosim.evidence.tables import Evidence, make_evidence, read_evidence, shipped_evidence, write_evidence
from autosim.inference.files import write_posterior
from autosim.inputs.scenario import Scenario

MINUTES = (15, 30, 60, 120, 240, 480, 960)
EPOCHS = 6
AT = "2028-08-27"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    loaded = autosim.load("baseline")
    assert isinstance(loaded, Scenario)
    return pinned(loaded, "horizon", "horizon_elasticity")


def logs(folder: Path, solved: int) -> Path:
    """A folder with a model's log: it solves the shortest tasks, and no others."""
    folder.mkdir()
    samples = [
        sample(f"t{minutes}", epoch, "C" if i < solved else "I", metadata={"human_minutes": minutes})
        for i, minutes in enumerate(MINUTES)
        for epoch in range(1, EPOCHS + 1)
    ]
    eval_log(folder / "mine.eval", samples, run("mine", config={"epochs": EPOCHS}, model="mine/new"))
    return folder


def forecast(scenario: Scenario, folder: Path, solved: int | None, *, frontier: bool = False) -> float:
    """Mean log2 S_L, the model's results imported from its logs, written, read again, fitted and simulated."""
    folder.mkdir()
    noted = {"source": "made up", "published": "2026-01-01"}
    known = [row | noted for row in horizons_of_a_world(scenario, 30.0, 1.1)]
    tables = folder / "known.csv"
    write_evidence(make_evidence({"horizons": pd.DataFrame(known)}, "made up", scenario.taxonomy), tables)
    files = [tables]
    if solved is not None:
        own = autosim.import_evidence("inspect", logs(folder / "logs", solved), suite="metr_hcast",
                                      release_date="2025-02-27", frontier=frontier)  # fmt: skip
        write_evidence(own.evidence, folder / "mine.csv")
        files.append(folder / "mine.csv")
    made = quick(scenario, read_evidence(files, scenario.taxonomy))
    write_posterior(made.tree, folder / "post.nc")
    words = list(scenario.header.overrides)
    ds = autosim.forecast("baseline", folder / "post.nc", draws=400, set=words, force=True)
    return float(np.log2(ds["labour_speedup"].sel(date=AT)).mean())


def test_what_a_models_pass_rates_imply_for_s_l(scenario: Scenario, tmp_path: Path) -> None:
    without = forecast(scenario, tmp_path / "without", None)
    strong = forecast(scenario, tmp_path / "strong", 5, frontier=True)
    behind = forecast(scenario, tmp_path / "behind", 1, frontier=True)
    weak = forecast(scenario, tmp_path / "weak", 1)
    assert strong > without + 0.05  # the frontier is ahead of where its trend was
    assert behind < without - 0.05  # the best there is, and yet worse
    assert abs(weak - without) < 0.5 * (without - behind)  # one that is not on the frontier may just lag


def test_shipped_evidence_has_a_name(scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def rows(*paths: str) -> int:
        return read_evidence([Path(path) for path in paths], scenario.taxonomy).rows

    shipped: Evidence = shipped_evidence(scenario.taxonomy)
    own = autosim.import_evidence("inspect", logs(tmp_path / "logs", 3), suite="metr_hcast", release_date="2026-11-01")
    write_evidence(own.evidence, Path("mine.csv"))
    assert rows("shipped") == shipped.rows
    assert rows("shipped", "mine.csv") == shipped.rows + len(MINUTES)
    Path("shipped").mkdir()
    Path("shipped/mine.csv").write_bytes(Path("mine.csv").read_bytes())
    assert rows("shipped") == len(MINUTES)
