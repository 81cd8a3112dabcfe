"""Fit, forecast and score at every origin, with the baselines side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import xarray as xr

from autosim.backtesting.baselines import baselines
from autosim.backtesting.cache import SAMPLING, evidence_sha256, kept, scenario_sha256
from autosim.backtesting.comparing import together
from autosim.backtesting.fan import fan
from autosim.backtesting.forecast import Forecaster
from autosim.backtesting.keeping import Scores, packed, unpacked
from autosim.backtesting.origins import Start
from autosim.backtesting.own import Own
from autosim.backtesting.registration import Registration
from autosim.backtesting.scoring import score
from autosim.inference.fit import fit

OWN, PRIOR = "autosim", "prior"
"""Names of the model fitted to what was known, and of its priors alone."""

FORECAST_DRAWS = 2000
"""Draws of each forecast unless told."""

type Progress = Callable[[int], None]


@dataclass(frozen=True)
class Settings:
    """How much work is done: ``draws`` of each forecast, and ``fit_draws``, ``tune`` and ``chains`` of each fit.

    ``cache`` is a folder of fits made before, None to keep none.
    """

    draws: int = FORECAST_DRAWS
    fit_draws: int = 1000
    tune: int = 1000
    chains: int = 4
    seed: int = 0
    cache: Path | None = None


@dataclass(frozen=True)
class Scored:
    """An origin and its scores."""

    start: Start
    scores: Scores


@dataclass(frozen=True)
class Backtest:
    """A backtest: what was registered and changed since (``post_hoc``), and every origin scored."""

    registration: Registration
    post_hoc: tuple[str, ...]
    settings: Settings
    origins: tuple[Scored, ...]

    @property
    def forecasters(self) -> tuple[str, ...]:
        """Their names, autosim first."""
        return tuple(self.origins[0].scores.tables)

    def table(self) -> pd.DataFrame:
        """All scored targets, with the columns ``forecaster``, ``data`` and ``cut_off``."""
        return together(
            {name: {one.start.origin: one.scores.tables[name] for one in self.origins} for name in self.forecasters}
        )


def run(
    origins: Sequence[Start],
    settings: Settings,
    registered: tuple[Registration, Sequence[str]],
    progress: Progress | None = None,
) -> Backtest:
    """Fit, forecast and score at every origin.

    Parameters
    ----------
    origins
        From `starts`.
    settings
        The same for all; the same seed gives the same bits.
    registered
        What was registered, and what has changed since, settled before this is called.
    progress
        Called with the number of origins that have just been scored.

    Raises
    ------
    AutosimError
        If sampling broke down, or a forecast is not a number.
    """
    scored = tuple(_scored(start, settings, progress) for start in origins)
    registration, changes = registered
    return Backtest(registration, tuple(changes), settings, scored)


def _scored(start: Start, settings: Settings, progress: Progress | None) -> Scored:
    """Score an origin, or take its scores from the cache."""
    key = _key(start, settings) | {
        "later": evidence_sha256(start.both.later),
        "cut_off": str(start.cut_off),
        "forecast_draws": settings.draws,
    }
    tree = kept(settings.cache, "scores", key, lambda: packed(_made(start, settings)), ("backtesting", *SAMPLING))
    if progress:
        progress(1)
    return Scored(start, unpacked(tree, start.targets))


def _made(start: Start, settings: Settings) -> Scores:
    tree = fitted(start, settings)
    tables, notes = {}, {}
    for forecaster in forecasters(start, tree, settings):
        said = forecaster.forecast(start.both, settings.draws, settings.seed)
        tables[forecaster.name] = score(said, start.targets, settings.seed)
        notes[forecaster.name] = said.notes
    seen = fan(start.scenario, tree, start.both, settings.draws, settings.seed)
    return Scores(tables, notes, seen, str(tree.attrs["diagnosis"]))


def forecasters(start: Start, tree: xr.DataTree, settings: Settings) -> tuple[Forecaster, ...]:
    """All that are scored: the model, its priors alone, and the baselines."""
    return Own(OWN, start.scenario, tree), Own(PRIOR, start.scenario), *baselines(settings.cache)


def fitted(start: Start, settings: Settings) -> xr.DataTree:
    """Fit the scenario as of the cut-off to what was known then, or take the fit from the cache.

    A model's results count as known once it is out, whenever their table was published: so the evidence is what the
    split says, and not what the scenario would keep as of the day.
    """
    scenario = replace(start.scenario, as_of=None)

    def make() -> xr.DataTree:
        draws, tune, chains = settings.fit_draws, settings.tune, settings.chains
        return fit(scenario, start.both.known, draws, tune, chains, settings.seed).tree

    return kept(settings.cache, "fit", _key(start, settings), make)


def _key(start: Start, settings: Settings) -> dict[str, object]:
    """All that a fit depends on, beside code."""
    return {
        "scenario": scenario_sha256(start.scenario),
        "evidence": evidence_sha256(start.both.known),
        "draws": settings.fit_draws,
        "tune": settings.tune,
        "chains": settings.chains,
        "seed": settings.seed,
    }
