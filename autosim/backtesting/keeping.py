"""Scores of an origin as they are kept: a group for each forecaster, and the fan."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import xarray as xr

from autosim.backtesting.fan import Fan
from autosim.backtesting.scoring import SCORES

_FORECASTERS, _FAN = "forecasters", "fan"


@dataclass(frozen=True)
class Scores:
    """What was forecast at one origin: scored targets and notes by forecaster, and where the trend was seen to go.

    ``diagnosis`` is empty if the fit converged, else what is wrong with it.
    """

    tables: Mapping[str, pd.DataFrame]
    notes: Mapping[str, tuple[str, ...]]
    fan: Fan | None
    diagnosis: str


def packed(made: Scores) -> xr.DataTree:
    """Scores as a tree of arrays."""
    groups = {
        f"{_FORECASTERS}/{name}": xr.Dataset(
            {column: ("target", table[column].to_numpy(dtype=np.float64)) for column in SCORES},
            attrs={"notes": json.dumps(made.notes[name])},
        )
        for name, table in made.tables.items()
    }
    if made.fan is not None:
        told = {"suite": made.fan.suite, "days": json.dumps([str(day) for day in made.fan.days])}
        groups[_FAN] = xr.Dataset({"quantiles": (("level", "day"), made.fan.quantiles)}, attrs=told)
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {"names": json.dumps([*made.tables]), "diagnosis": made.diagnosis}
    return tree


def unpacked(tree: xr.DataTree, targets: pd.DataFrame) -> Scores:
    """Scores from such a tree, beside the targets that they are of."""
    groups = {name: tree[f"{_FORECASTERS}/{name}"] for name in json.loads(tree.attrs["names"])}
    tables = {
        name: targets.assign(**{column: group[column].to_numpy() for column in SCORES})
        for name, group in groups.items()
    }
    notes = {name: tuple(json.loads(group.attrs["notes"])) for name, group in groups.items()}
    return Scores(
        tables, notes, _fan(tree.children[_FAN]) if _FAN in tree.children else None, str(tree.attrs["diagnosis"])
    )


def _fan(group: xr.DataTree) -> Fan:
    days = tuple(date.fromisoformat(day) for day in json.loads(group.attrs["days"]))
    return Fan(str(group.attrs["suite"]), days, group["quantiles"].to_numpy())
