"""What autosim itself forecasts, from a fit to what was known or from its priors alone."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from autosim.backtesting.forecast import Forecast
from autosim.backtesting.split import Split
from autosim.inference.leaving_out import RESIDUAL_WEIGHTS, RESIDUALS, by_residual, in_parts, losses
from autosim.inference.model import Prepared, prepare
from autosim.inference.models_ahead import with_levels
from autosim.inference.names import own_name
from autosim.inference.outcomes import SuiteOutcomes
from autosim.inference.predicting import Drawn
from autosim.inference.trials_ahead import foretold_ratios
from autosim.inference.worlds import Worlds, drawn_capability, worlds
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Own:
    """The model as a forecaster.

    Parameters
    ----------
    name
        In tables.
    scenario
        As of the cut-off.
    tree
        Posterior of a fit to what was known, as `autosim.inference.fit.fit` makes it; None for the priors alone.
    """

    name: str
    scenario: Scenario
    tree: xr.DataTree | None = None

    def forecast(self, both: Split, draws: int, seed: int) -> Forecast:
        """Draw what comes later.

        Whether a later model is at the frontier is not known: it is with the share of known models that were.
        """
        later, seen = prepare(both.later, self.scenario), worlds(self.scenario, self.tree, draws, seed)
        trial_days = [day.date() for day in pd.to_datetime(both.later.trials["date"])]
        if not later.days and not trial_days:
            nothing = np.empty((draws, 0))
            return Forecast(nothing, nothing, nothing, nothing)
        drawn, trend = drawn_capability(seen, [*later.days, *trial_days])
        frontier = np.full(len(later.models), self._frontier_share(both))
        drawn = with_levels(drawn, trend, later, frontier, seen)
        tested = both.later.horizons
        return Forecast(
            self._lengths(0.5, tested, drawn),
            self._lengths(0.8, tested, drawn),
            self._outcomes(both, later, drawn, seen),
            self._trials(both.later.trials, trend[:, len(later.days) :], seen),
        )

    def _frontier_share(self, both: Split) -> float:
        """Share of the models known to the fit that were at the frontier, with half a model more on each side."""
        if self.tree is None:
            return 0.5
        frontier = prepare(both.known, self.scenario).frontier
        return float((frontier.sum() + 0.5) / (frontier.size + 1.0))

    @staticmethod
    def _lengths(target: float, tested: pd.DataFrame, drawn: Drawn) -> Floats:
        found = np.empty((drawn.size, len(tested)))
        for i, (model, suite) in enumerate(zip(tested["model"], tested["suite"], strict=True)):
            found[:, i] = drawn.length(target, str(suite), drawn(own_name("growth", model)))
        return found

    def _outcomes(self, both: Split, later: Prepared, drawn: Drawn, seen: Worlds) -> Floats:
        """Chance of success of each row of later outcomes, (draw, row)."""
        table = both.later.outcomes
        found = np.empty((drawn.size, len(table)))
        fitted = prepare(both.known, self.scenario) if self.tree is not None else None
        rows = {key: i for i, key in enumerate(zip(table["suite"], table["model"], table["instance"], strict=True))}
        for one in later.outcomes:
            residual = _residuals(one, fitted, drawn, seen)
            for i, place in enumerate(one.models.tolist()):
                success = np.concatenate(
                    [
                        np.exp(-losses(one, i, later, part, residual[at][..., None])[..., 0])
                        for at, part in in_parts(drawn, len(one.instances))
                    ]
                )
                tried = np.flatnonzero(one.attempts[:, i] > 0.0)
                keys = [(one.suite, later.models[place], one.instances[j]) for j in tried]
                found[:, [rows[key] for key in keys]] = success[:, tried]
        return found

    @staticmethod
    def _trials(trials: pd.DataFrame, trend: Floats, seen: Worlds) -> Floats:
        """Log time ratios, each trial deviating by an amount of its own, (draw, trial)."""
        if not len(trials):
            return np.empty((len(seen), 0))
        expected, wide = foretold_ratios(trials, trend, seen)
        apart = [seen.normal(f"trial.{name}") for name in trials["trial"]]
        return expected + wide[:, None] * np.stack(apart, axis=-1)


def _residuals(one: SuiteOutcomes, fitted: Prepared | None, drawn: Drawn, seen: Worlds) -> Floats:
    """Residual of every instance [sd], (draw, instance): from what known models did on it, else from the prior."""
    u = np.stack([seen.uniform(f"residual.{one.suite}.{name}") for name in one.instances], axis=-1)
    weight = np.broadcast_to(RESIDUAL_WEIGHTS, (*u.shape, RESIDUALS.size))
    known = next((past for past in fitted.outcomes if past.suite == one.suite), None) if fitted else None
    if fitted is None or known is None:
        return _picked(np.cumsum(weight, axis=-1), u)
    names = {name: i for i, name in enumerate(known.instances)}
    again = np.array([j for j, name in enumerate(one.instances) if name in names], dtype=np.int64)
    places = np.array([names[one.instances[j]] for j in again], dtype=np.int64)
    found = _picked(np.cumsum(weight, axis=-1), u)
    for at, part in in_parts(drawn, len(known.instances)):
        told = by_residual(known, fitted, part)[:, places]
        own = np.exp(told - told.max(axis=-1, keepdims=True)) * RESIDUAL_WEIGHTS
        found[at, again] = _picked(np.cumsum(own, axis=-1), u[at][:, again])
    return found


def _picked(whole: Floats, u: Floats) -> Floats:
    """Residuals [sd] at which cumulated weights (..., residual) reach a share ``u`` (...) of their sum."""
    place = (whole < (u * whole[..., -1])[..., None]).sum(axis=-1)
    return RESIDUALS[np.minimum(place, RESIDUALS.size - 1)]
