"""Fits of a backtest whose draws diverge are tried again with finer steps."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from later import horizon, taxonomy

from autosim.backtesting import running
from autosim.backtesting.origins import starts
from autosim.backtesting.running import FINER, Settings, fitted
from autosim.defaults import TARGET_ACCEPT
from autosim.evidence.tables import make_evidence
from autosim.inputs.loading import load

DAYS = ("2023-03-14", "2023-11-06", "2024-03-04", "2024-08-01", "2024-09-12", "2024-10-22", "2025-02-24", "2025-04-16")


@pytest.mark.parametrize(("diverging", "tried"), [(0, [TARGET_ACCEPT]), (2, [TARGET_ACCEPT, FINER])])
def test_draws_that_diverge_ask_for_finer_steps(
    diverging: int, tried: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def made(*_: object, target_accept: float) -> SimpleNamespace:
        asked.append(target_accept)
        found = np.arange(8).reshape(2, 4) < diverging * (target_accept < FINER)
        groups = {"posterior": xr.Dataset({"horizon": (("chain", "draw"), np.full((2, 4), target_accept))}),
                  "sample_stats": xr.Dataset({"diverging": (("chain", "draw"), found)})}  # fmt: skip
        tree = xr.DataTree.from_dict(groups)
        tree.attrs["diagnosis"] = ""
        return SimpleNamespace(tree=tree)

    monkeypatch.setattr(running, "fit", made)
    rows = pd.DataFrame([horizon(f"model {i}", day, 5.0 * 2.0**i) for i, day in enumerate(DAYS)])
    evidence = {"small": make_evidence({"horizons": rows}, "made up", taxonomy())}
    (start,) = starts(lambda day: load("baseline", as_of=day), evidence, [date(2024, 7, 1)])
    for _ in range(2):
        tree = fitted(start, Settings(cache=tmp_path))
        assert float(tree["posterior"]["horizon"].mean()) == tried[-1]
    assert asked == tried
