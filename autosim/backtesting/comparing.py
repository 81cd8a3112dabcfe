"""Which forecaster scores better: means, and paired differences with errors clustered by model."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from autosim.backtesting.coverage import ALL
from autosim.backtesting.targets import KINDS

type Measure = Literal["crps", "log_score"]
type Origin = tuple[str, date]
"""Name of a set of evidence, and a cut-off."""

MEASURES: tuple[Measure, ...] = ("crps", "log_score")

REFERENCE = "persistence"
"""Forecaster by whose mean CRPS others are divided."""

LEAST_CLUSTERS = 2
"""A kind with fewer clusters has no error and stays out of what is pooled."""

_KEY = ["data", "cut_off", "kind", "suite", "cluster", "item"]


@dataclass(frozen=True)
class Mean:
    """Mean scores of a forecaster on a kind of target, or pooled (kind "all"); the lower, the better.

    ``crps`` is in the unit of the kind, None for all; ``scaled_crps`` [1] is the mean CRPS over the reference's on the
    targets that both forecast, None if there are none; ``log_score`` is [nat per target]. Pooled ones are means over
    ``kinds``, all alike, on the targets that the reference forecasts too: kinds of at least `LEAST_CLUSTERS` clusters.
    """

    forecaster: str
    kind: str
    crps: float | None
    scaled_crps: float | None
    log_score: float
    targets: int
    clusters: int
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """A mean paired difference of two forecasters' scores, ``first - second``: below 0, the first is better.

    On the targets that both forecast; pooled (kind "all") over ``kinds``, all alike, on those that the reference
    forecasts too, CRPS divided by its mean on them. ``error`` is the standard error with targets of a cluster taken to
    go together, across kinds, sets and cut-offs; None for fewer than `LEAST_CLUSTERS` clusters.
    """

    first: str
    second: str
    measure: Measure
    kind: str
    difference: float
    error: float | None
    targets: int
    clusters: int
    kinds: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """How the first compares with the second: "better" or "worse" by more than one error, or "not told apart"."""
        if self.error is None or not abs(self.difference) > self.error:
            return "not told apart"
        return "better" if self.difference < 0.0 else "worse"


def together(scored: Mapping[str, Mapping[Origin, pd.DataFrame]]) -> pd.DataFrame:
    """One table of scored targets by forecaster and origin, with the columns ``forecaster``, ``data``, ``cut_off``."""
    return pd.concat(
        [
            table.assign(forecaster=name, data=data, cut_off=pd.Timestamp(cut_off))
            for name, origins in scored.items()
            for (data, cut_off), table in origins.items()
        ],
        ignore_index=True,
    )


def means(table: pd.DataFrame, reference: str = REFERENCE) -> list[Mean]:
    """Mean scores of every forecaster by kind, all sets and cut-offs together, and pooled.

    Parameters
    ----------
    table
        From `together`.
    reference
        Name of the forecaster that scales.
    """
    wide = _wide(table)
    return [mean for name in table["forecaster"].unique() for mean in _means(wide, str(name), reference)]


def _wide(table: pd.DataFrame) -> pd.DataFrame:
    """Scores with one row for each target and columns (measure, forecaster).

    Raises
    ------
    ValueError
        If a target comes twice.
    """
    return table.pivot(index=_KEY, columns="forecaster", values=[*MEASURES])


def _means(wide: pd.DataFrame, name: str, reference: str) -> Iterator[Mean]:
    for kind, own in _by_kind(_both(wide, name)):
        crps, log_score = (float(own[measure, name].mean()) for measure in MEASURES)
        scaled = _scaled(_both(own, name, reference), name, reference)
        yield Mean(name, kind, crps, scaled, log_score, len(own), _clusters(own), (kind,))
    pool = dict(_poolable(_both(wide, name, reference), reference))
    if pool:
        rows = pd.concat([*pool.values()])
        scaled = float(np.mean([_scaled(part, name, reference) for part in pool.values()]))
        log_score = float(np.mean([part["log_score", name].mean() for part in pool.values()]))
        yield Mean(name, ALL, None, scaled, log_score, len(rows), _clusters(rows), tuple(pool))


def _scaled(rows: pd.DataFrame, name: str, reference: str) -> float | None:
    """Mean CRPS over the reference's; None where that one has none, or nothing to divide by."""
    scale = float(rows["crps", reference].mean())
    return float(rows["crps", name].mean()) / scale if scale > 0.0 else None


def _both(wide: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Targets that all of these forecasters forecast.

    Raises
    ------
    ValueError
        If there is no such forecaster.
    """
    there = wide.columns.get_level_values("forecaster")
    for name in names:
        if name not in there:
            raise ValueError(f"forecaster: got {name}, expected one of {', '.join(there.unique())}")
    return wide[wide[[(measure, name) for measure in MEASURES for name in names]].notna().all(axis=1)]


def _by_kind(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Kinds that have rows, in their order."""
    parts = ((kind, _only(rows, kind)) for kind in KINDS)
    return ((kind, part) for kind, part in parts if len(part))


def _only(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    return rows[rows.index.get_level_values("kind") == kind]


def _clusters(rows: pd.DataFrame) -> int:
    return int(rows.index.get_level_values("cluster").nunique())


def differences(table: pd.DataFrame, first: str, second: str, reference: str = REFERENCE) -> list[Difference]:
    r"""Paired differences of two forecasters by measure and kind, and pooled, with cluster-robust standard errors.

    .. math:: D = \sum_k \frac{1}{K} \frac{\bar d_k}{s_k}, \quad
        \mathrm{SE}^2 = \sum_g \Big( \sum_k \sqrt{\tfrac{G_k}{G_k - 1}}
        \sum_{i \in g, k} \frac{d_i - \bar d_k r_i / s_k}{K n_k s_k} \Big)^2

    with differences :math:`d` of the :math:`n_k` targets of :math:`K` kinds, :math:`G_k` clusters :math:`g`, and
    the reference's CRPS :math:`r` with mean :math:`s_k`, whose own error is thereby counted. For one kind, and for log
    scores, :math:`r = s = 1`. Errors that all models share, such as a trend that is wrong for all, are not in it.

    Parameters
    ----------
    table
        From `together`.
    first, second
        Names of forecasters.
    reference
        Name of the forecaster that scales.

    References
    ----------
    Cameron, Miller (2015), "A Practitioner's Guide to Cluster-Robust Inference", doi:10.3368/jhr.50.2.317.
    """
    wide = _wide(table)
    pair, three = _both(wide, first, second), _both(wide, first, second, reference)
    found = []
    for measure in MEASURES:
        parts = {kind: _parts(rows, measure, first, second, None) for kind, rows in _by_kind(pair)}
        for kind, part in parts.items():
            found.append(_difference(first, second, measure, kind, {kind: part}))
        scale = reference if measure == "crps" else None
        pooled = {kind: _parts(rows, measure, first, second, scale) for kind, rows in _poolable(three, reference)}
        if pooled:
            found.append(_difference(first, second, measure, ALL, pooled))
    return found


def _poolable(rows: pd.DataFrame, reference: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Kinds that can be scaled and have an error."""
    kinds = _by_kind(rows)
    return (
        (k, part) for k, part in kinds if _clusters(part) >= LEAST_CLUSTERS and part["crps", reference].mean() > 0.0
    )


def _parts(rows: pd.DataFrame, measure: Measure, first: str, second: str, scale: str | None) -> pd.DataFrame:
    """Each target's part in a kind's mean difference, and in the error of that, with the target's cluster."""
    difference = rows[measure, first] - rows[measure, second]
    by = rows[measure, scale] if scale else pd.Series(1.0, index=rows.index)
    mean = difference.mean() / by.mean()
    clusters = _clusters(rows)
    more = math.sqrt(clusters / (clusters - 1.0)) if clusters >= LEAST_CLUSTERS else math.nan
    size = len(rows) * by.mean()
    return pd.DataFrame(
        {
            "cluster": rows.index.get_level_values("cluster"),
            "part": (difference / size).to_numpy(),
            "error": (more * (difference - mean * by) / size).to_numpy(),
        }
    )


def _difference(first: str, second: str, measure: Measure, kind: str, parts: Mapping[str, pd.DataFrame]) -> Difference:
    """Mean of kinds' differences, each counting alike."""
    table = pd.concat([*parts.values()], ignore_index=True)
    difference = float(table["part"].sum()) / len(parts)
    by_cluster = table.groupby("cluster")["error"].sum(skipna=False) / len(parts)
    error = float(np.sqrt((by_cluster**2).sum(skipna=False)))
    known = None if math.isnan(error) else error
    return Difference(first, second, measure, kind, difference, known, len(table), len(by_cluster), tuple(parts))
