"""The Python interface of forecasts that are scored: what backtest does."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from autosim.analysis.summary import Json
from autosim.api import Overrides, assignments, whole_number
from autosim.defaults import LARGEST_SEED, OUTLOOK_DRAWS
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.inputs.scenario import Pool, Taxonomy

if TYPE_CHECKING:
    import pandas as pd

    from autosim.backtesting.outlooks import OutlooksScored
    from autosim.evidence.tables import Evidence

__all__ = ["Backtest", "backtest", "score_outlooks"]

type Tables = "Evidence | Sequence[str | Path]"
"""Checked evidence, or files of it."""


@dataclass(frozen=True)
class Backtest:
    """Scored forecasts: ``report`` as in backtest.json, and ``targets``, each with every forecaster's scores."""

    report: Json
    targets: "pd.DataFrame"


def backtest(
    scenario: str | Path = "baseline",
    evidence: "Mapping[str, Tables] | Tables | None" = None,
    cut_offs: Sequence[date] = (),
    draws: int = 2000,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
    cache: str | Path | None = None,
    registration: str | Path | None = None,
    *,
    strict: bool = False,
    fit_draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
) -> Backtest:
    """Forecast from what was known on earlier days, and score it by what came after, baselines beside it.

    Parameters
    ----------
    scenario
        Name or path of a single scenario; it is loaded as of each cut-off. For pools see `score_outlooks`.
    evidence
        Evidence or files of it, or sets of these by name, each fitted and scored by itself; what comes with autosim if
        nothing is said.
    cut_offs
        Days from which to forecast; 2024-07-01, 2025-01-01 and 2025-04-01 if none is said.
    draws
        Of each forecast.
    seed, set
        As in `autosim.run`.
    cache
        Folder of fits by the hash of their inputs.
    registration
        File in which structure and code are registered before scoring, or with which they are compared.
    strict
        Let a model's results count as known only once they were published.
    fit_draws, tune, chains
        Draws kept and spent on adaptation per chain of each fit.

    Raises
    ------
    TypeError, ValueError
        As by `autosim.run`.
    autosim.errors.AutosimError
        If something cannot be used, too little came later, or sampling broke down.
    """
    from autosim.backtesting.making import make
    from autosim.backtesting.origins import CUT_OFFS
    from autosim.backtesting.running import Settings

    draws, seed = whole_number("draws", draws, 2), whole_number("seed", seed, 0, LARGEST_SEED)
    laid = assignments(set)
    settings = Settings(draws, fit_draws, tune, chains, seed, None if cache is None else Path(cache))
    report, targets = make(
        lambda day: load(scenario, laid, as_of=day),
        _sets(evidence, load(scenario, laid).taxonomy),
        cut_offs or CUT_OFFS,
        settings,
        lambda _: nullcontext(),
        None if registration is None else Path(registration),
        strict=strict,
    )
    return Backtest(report, targets)


def _sets(evidence: "Mapping[str, Tables] | Tables | None", names: Taxonomy) -> dict[str, "Evidence"]:
    from autosim.evidence.tables import shipped_evidence

    if evidence is None:
        return {"shipped": shipped_evidence(names)}
    if isinstance(evidence, Mapping):
        return {name: _tables(one, names) for name, one in evidence.items()}
    return {"evidence": _tables(evidence, names)}


def _tables(evidence: "Tables", names: Taxonomy) -> "Evidence":
    from autosim.evidence.tables import Evidence, read_evidence

    return evidence if isinstance(evidence, Evidence) else read_evidence([Path(path) for path in evidence], names)


def score_outlooks(
    scenario: str | Path,
    evidence: "Tables",
    cut_off: date,
    draws: int = OUTLOOK_DRAWS,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
) -> "OutlooksScored":
    """Which outlook of a pool the evidence has favoured since a cut-off, on which statement, and by how much.

    Parameters
    ----------
    scenario
        A pool, such as ``interviews``.
    evidence
        Horizons and trials, checked or as files; what was known by the cut-off does not count.
    cut_off
        Last day on which nothing counts yet; outlooks are used as of it.
    draws
        Of each outlook; what they are worth falls with each statement, and the result says until when they are enough.
    seed, set
        As in `autosim.run`.

    Returns
    -------
    Weights before the first and after each statement, factors and log densities, all with Monte Carlo standard errors.

    Raises
    ------
    TypeError, ValueError
        As by `autosim.run`.
    autosim.errors.AutosimError
        If something cannot be used, or an outlook did not exist yet by the cut-off.
    """
    from autosim.backtesting.outlooks import score_pool

    draws, seed = whole_number("draws", draws, 1), whole_number("seed", seed, 0, LARGEST_SEED)
    pool = load(scenario, assignments(set), as_of=cut_off)
    if not isinstance(pool, Pool):
        raise InputError("scenario", "", f"{pool.header.slug}, one outlook", "a pool of several")
    return score_pool(pool, _tables(evidence, pool.taxonomy), cut_off, draws, seed)
