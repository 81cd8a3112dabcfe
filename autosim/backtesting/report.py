"""A backtest as JSON and as a table: what was registered, known, forecast, seen, and how it scored."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from autosim.backtesting.cache import evidence_sha256
from autosim.backtesting.comparing import differences, means
from autosim.backtesting.coverage import brier, coverage, pit_histogram, uniformity
from autosim.backtesting.fan import LEVELS, Fan
from autosim.backtesting.running import OWN, Backtest, Scored
from autosim.backtesting.scoring import SCORES
from autosim.evidence.tables import Evidence

type Json = dict[str, Any]

_KEY = ["data", "cut_off", "kind", "suite", "cluster", "item", "date", "observed", "sd", "attempts"]


def report(found: Backtest, evidence: Mapping[str, Evidence]) -> Json:
    """Everything about a backtest but single targets, as JSON has it; these are in `scored_targets`.

    Parameters
    ----------
    found
        From `run`.
    evidence
        The sets by name, as given.
    """
    table = found.table()
    first = found.origins[0].start.scenario.header
    return {
        "scenario": first.slug,
        "name": first.name,
        "overrides": list(first.overrides),
        "draws": found.settings.draws,
        "seed": found.settings.seed,
        "registration": {
            "sha256": found.registration.sha256,
            "structure": dict(found.registration.structure),
            "files": dict(found.registration.files),
            "post_hoc": list(found.post_hoc),
        },
        "evidence": {name: _evidence(one) for name, one in evidence.items()},
        "forecasters": list(found.forecasters),
        "models": models(table),
        "scores": [asdict(one) for one in means(table)],
        "differences": [
            {**asdict(one), "verdict": one.verdict}
            for other in found.forecasters
            if other != OWN
            for one in differences(table, OWN, other)
        ],
        "calibration": {name: _calibration(table[table["forecaster"] == name]) for name in found.forecasters},
        "origins": [_origin(one) for one in found.origins],
    }


def models(table: pd.DataFrame) -> int:
    """Distinct models with scored targets."""
    return int(table.loc[table["kind"].isin(("outcome", "p50", "p80")), "cluster"].nunique())


def _evidence(evidence: Evidence) -> Json:
    rows = {name: len(table) for name, table in evidence.tables().items() if len(table)}
    return {"sha256": evidence_sha256(evidence), "rows": rows}


def _calibration(own: pd.DataFrame) -> Json:
    """Coverage, PITs and Brier scores of one forecaster."""
    return {
        "coverage": [asdict(one) for one in coverage(own)],
        "pit_histogram": pit_histogram(own["pit"]),
        "uniformity": [asdict(one) for one in uniformity(own)],
        "brier": [asdict(one) for one in brier(own)],
    }


def _origin(one: Scored) -> Json:
    start, scores, as_of = one.start, one.scores, one.start.scenario.as_of
    counts = start.targets["kind"].value_counts()
    return {
        "data": start.data,
        "cut_off": str(start.cut_off),
        "known": {name: len(table) for name, table in start.both.known.tables().items()},
        "targets": {str(kind): int(count) for kind, count in counts.items()},
        "leaks": [{**asdict(leak), "published": str(leak.published)} for leak in start.both.leaks],
        "priors": None if as_of is None else as_of.as_json(),
        "fit": {"converged": not scores.diagnosis, "diagnosis": scores.diagnosis},
        "notes": {name: list(notes) for name, notes in scores.notes.items() if notes},
        "fan": None if scores.fan is None else _fan(scores.fan, start.both.known, start.both.later),
    }


def _fan(seen: Fan, known: Evidence, later: Evidence) -> Json:
    """Quantiles of the frontier's p50, with the horizons that were known and those that came [min]."""
    quantiles = {
        f"q{100.0 * level:g}": np.exp2(row).tolist() for level, row in zip(LEVELS, seen.quantiles, strict=True)
    }
    sides = {"known": known.horizons, "later": later.horizons}
    return {
        "suite": seen.suite,
        "days": [str(day) for day in seen.days],
        "p50_horizon_min": quantiles,
        **{side: _horizons(table[table["suite"] == seen.suite]) for side, table in sides.items()},
    }


def _horizons(table: pd.DataFrame) -> list[Json]:
    kept = table[["model", "release_date", "p50_horizon_min", "p50_lower", "p50_upper"]].sort_values("release_date")
    return [
        {"model": str(model), "release_date": str(pd.Timestamp(day).date()),
         "p50_horizon_min": float(middle), "p50_lower": float(low), "p50_upper": float(high)}
        for model, day, middle, low, high in kept.itertuples(index=False)
    ]  # fmt: skip


def scored_targets(found: Backtest) -> pd.DataFrame:
    """Every target with its scores, a row for each forecaster; empty where nothing was forecast."""
    table = found.table()
    days = {name: table[name].dt.strftime("%Y-%m-%d") for name in ("cut_off", "date")}
    return table.assign(**days)[[*_KEY[:2], "forecaster", *_KEY[2:], *SCORES]]
