"""What item response is fitted to: known models, instances, outcomes and horizons, arranged."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autosim.backtesting.baselines.common import LEVELS, log2, years
from autosim.backtesting.split import Split
from autosim.evidence.intervals import WIDTH_95

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """Known models in order of release, with ``years`` after the cut-off, (model,).

    ``instances`` are positions of instances by suite and name. ``outcomes`` has ``place`` (of the model), ``item`` (of
    the instance), ``log2_minutes``, ``successes`` and ``attempts``; ``horizons`` ``place``, and ``p50``, ``p80`` and
    their ``_sd`` [log2 min] of models without outcomes, NaN where there is none.
    """

    models: list[str]
    years: Floats
    instances: dict[tuple[str, str], int]
    outcomes: pd.DataFrame
    horizons: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """All of it as tables."""
        models = pd.DataFrame({"model": self.models, "years": self.years})
        instances = pd.DataFrame([*self.instances], columns=["suite", "instance"])
        return {"models": models, "instances": instances, "outcomes": self.outcomes, "horizons": self.horizons}


def known_of(both: Split) -> Known:
    """Arrange the known side of a split; a model with outcomes needs no published horizon."""
    outcomes = both.known.outcomes
    horizons = both.known.horizons[~both.known.horizons["model"].isin(outcomes["model"])]
    each = pd.concat([table[["model", "release_date"]] for table in (outcomes, horizons)])
    models = each.drop_duplicates("model").sort_values(["release_date", "model"])
    names = [str(name) for name in models["model"]]
    pairs = zip(outcomes["suite"].astype(str), outcomes["instance"].astype(str), strict=True)
    instances = {pair: i for i, pair in enumerate(sorted({*pairs}))}
    return Known(names, years(models["release_date"], both.cut_off), instances,
                 _outcomes(outcomes, names, instances), _horizons(horizons, names))  # fmt: skip


def _outcomes(table: pd.DataFrame, names: list[str], instances: dict[tuple[str, str], int]) -> pd.DataFrame:
    pairs = zip(table["suite"], table["instance"], strict=True)
    return pd.DataFrame(
        {
            "place": [names.index(str(name)) for name in table["model"]],
            "item": [instances[str(suite), str(instance)] for suite, instance in pairs],
            "log2_minutes": np.log2(table["human_minutes"].to_numpy(dtype=np.float64)),
            "successes": table["successes"].to_numpy(),
            "attempts": table["attempts"].to_numpy(),
        }
    )


def _horizons(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    found: dict[str, object] = {"place": np.array([names.index(str(name)) for name in table["model"]], dtype=np.int64)}
    for level in LEVELS:
        low, high = (np.log2(table[f"{level}_{end}"].to_numpy(dtype=np.float64)) for end in ("lower", "upper"))
        found |= {level: log2(table, level), f"{level}_sd": (high - low) / WIDTH_95}
    return pd.DataFrame(found)
