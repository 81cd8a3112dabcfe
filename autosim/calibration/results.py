"""Results drawn from the likelihoods, a table for each draw: rows of a design stay, what was measured is new."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from autosim.evidence.intervals import WIDTH_95
from autosim.inference.counts_ahead import chances_of_agreement
from autosim.inference.horizons import TARGETS, TOGETHER, SuiteHorizons
from autosim.inference.leaving_out import losses
from autosim.inference.model import Prepared
from autosim.inference.names import own_name
from autosim.inference.outcomes import SuiteOutcomes
from autosim.inference.predicting import Drawn
from autosim.inference.time_use import CONCENTRATION_PRIOR
from autosim.inference.trials_ahead import log_time_ratios, trial_deviation
from autosim.inference.worlds import Worlds

type Floats = NDArray[np.float64]

_HORIZONS = tuple(f"{target}_{end}" for target in ("p50", "p80") for end in ("horizon_min", "lower", "upper"))


def _each(table: pd.DataFrame, columns: Mapping[str, Floats], seen: Worlds) -> list[pd.DataFrame]:
    """The table with other ``columns``, (draw, row) each, for every draw."""
    return [table.assign(**{name: values[i] for name, values in columns.items()}) for i in range(len(seen))]


def _repeated(table: pd.DataFrame, column: str, seen: Worlds) -> Floats:
    return np.repeat(table[column].to_numpy(dtype=np.float64)[None], len(seen), axis=0)


def _rows(table: pd.DataFrame, model: str, suite: str) -> NDArray[np.int64]:
    return np.flatnonzero(((table["model"] == model) & (table["suite"] == suite)).to_numpy())


def horizons(table: pd.DataFrame, ready: Prepared, truth: Drawn, seen: Worlds) -> list[pd.DataFrame]:
    """Published horizons; errors of p50 and p80 are drawn together, and intervals are as wide as the design's."""
    columns = {name: _repeated(table, name, seen) for name in _HORIZONS}
    for one in ready.horizons:
        for i, place in enumerate(one.models.tolist()):
            model = ready.models[place]
            row = _rows(table, model, one.suite)
            said = np.stack(_published(one, i, model, truth, seen))
            half = 0.5 * WIDTH_95 * one.sd[i][:, None]
            ends = np.stack([said, said - half, said + half], axis=1).reshape(len(_HORIZONS), -1)
            for name, log2 in zip(_HORIZONS, ends, strict=True):
                columns[name][:, row] = np.exp2(log2)[:, None]
    return _each(table, columns, seen)


def _published(one: SuiteHorizons, i: int, model: str, truth: Drawn, seen: Worlds) -> tuple[Floats, Floats]:
    """p50 and p80 as they would be published [log2 min], (draw,) each; NaN where the design has no p80."""
    p50, p80 = (truth.length(target, one.suite, truth(own_name("growth", model))) for target in TARGETS)
    first, second = (seen.normal(f"{column}.{one.suite}.{model}") for column in ("p50", "p80"))
    both = TOGETHER * first + np.sqrt(1.0 - TOGETHER**2) * second
    return p50 + one.sd[i, 0] * first, p80 + one.sd[i, 1] * both


def outcomes(table: pd.DataFrame, ready: Prepared, truth: Drawn, seen: Worlds) -> list[pd.DataFrame]:
    """Successes: every instance's residual is drawn once for all models."""
    successes = _repeated(table, "successes", seen)
    for one in ready.outcomes:
        residuals = np.stack([seen.normal(f"residual.{one.suite}.{name}") for name in one.instances], axis=-1)
        for i, place in enumerate(one.models.tolist()):
            chance = np.exp(-losses(one, i, ready, truth, residuals[..., None])[..., 0])
            row = _rows(table, ready.models[place], one.suite)
            successes[:, row] = _solved(table.iloc[row], one, chance, seen)
    return _each(table, {"successes": successes.astype(np.int64)}, seen)


def _solved(rows: pd.DataFrame, one: SuiteOutcomes, chance: Floats, seen: Worlds) -> Floats:
    """Successes of one model at ``chance``, (draw, instance), (draw, row)."""
    at = [one.instances.index(str(name)) for name in rows["instance"]]
    names = [f"outcome.{one.suite}.{model}.{name}" for model, name in zip(rows["model"], rows["instance"], strict=True)]
    u = np.stack([seen.uniform(name) for name in names], axis=-1)
    return _binomial(u, rows["attempts"].to_numpy(dtype=np.float64), chance[:, at])


def _binomial(u: Floats, n: Floats, p: Floats) -> Floats:
    found: Floats = np.maximum(stats.binom.ppf(u, n, p), 0.0)
    return found


def trials(table: pd.DataFrame, growth: Floats, seen: Worlds) -> list[pd.DataFrame]:
    """Measured and believed time ratios; ``growth`` is that of the AI in use, (draw, trial) [doublings]."""
    sd = np.sqrt(table["standard_error"].to_numpy(dtype=np.float64) ** 2 + trial_deviation(seen)[:, None] ** 2)
    columns = {}
    for believed, column in ((False, "time_ratio"), (True, "believed_ratio")):
        expected = log_time_ratios(table, growth, seen, believed=believed)
        apart = np.stack([seen.normal(f"{column}.{name}") for name in table["trial"]], axis=-1)
        columns[column] = np.where(table[column].notna(), np.exp(expected + sd * apart), np.nan)
    return _each(table, columns, seen)


def concentration(role: str, seen: Worlds) -> Floats:
    """How alike people of a role spend their time, `time_concentration`, (draw,) [1]."""
    return seen.positive(f"time_concentration.{role}", CONCENTRATION_PRIOR)


def time_use(table: pd.DataFrame, seen: Worlds) -> list[pd.DataFrame]:
    """Minutes: each person's recorded ones, in all, are dealt out among the recorded tasks, whole minutes each."""
    minutes, names = _repeated(table, "minutes", seen), seen.scenario.taxonomy
    for (role, person), rows in table.groupby(["role", "person"], sort=True):
        shares = seen.draws.indexed["time_share"][:, names.roles.index(str(role))]
        tasks = [str(task) for task in rows["task"]]
        alpha = concentration(str(role), seen)[:, None] * shares[:, [names.tasks.index(task) for task in tasks]]
        streams = [f"minutes.{role}.{person}.{task}" for task in tasks]
        row = table.index.get_indexer(rows.index)
        minutes[:, row] = _dealt(round(float(rows["minutes"].sum())), np.maximum(alpha, 1e-9), streams, seen)
    return _each(table, {"minutes": minutes}, seen)


def _dealt(whole: int, alpha: Floats, streams: list[str], seen: Worlds) -> Floats:
    """Dirichlet-multinomial counts, (draw, task), one beta-binomial after the other."""
    left, found = np.full(len(seen), float(whole)), np.zeros(alpha.shape)
    for k, name in enumerate(streams[:-1]):
        share = special.betaincinv(alpha[:, k], alpha[:, k + 1 :].sum(axis=1), seen.uniform(f"share.{name}"))
        found[:, k] = _binomial(seen.uniform(name), left, share)
        left = left - found[:, k]
    found[:, -1] = left
    return found


def counts(table: pd.DataFrame, seen: Worlds) -> list[pd.DataFrame]:
    """How many experts agree with each statement."""
    chances = chances_of_agreement(table, seen)
    p = np.stack([chances[str(name)] for name in table["statement"]], axis=-1)
    u = np.stack([seen.uniform(f"count.{i}.{name}") for i, name in enumerate(table["statement"])], axis=-1)
    agree = _binomial(u, table["of"].to_numpy(dtype=np.float64), p)
    return _each(table, {"count": agree.astype(np.int64)}, seen)
