"""Ability on the scale of the log2 horizon, with a trend in release date, from every attempt and every horizon."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import special

from autosim import streams
from autosim.backtesting.baselines.item_response_model import (
    LEAST_MODELS,
    LOG_WEIGHTS,
    Data,
    fitted,
    gap,
    item,
    losses,
    unsound,
)
from autosim.backtesting.baselines.parts import Said, Suite, normals, put_together, within_bounds
from autosim.backtesting.baselines.trends import Trend
from autosim.backtesting.cache import kept, tables_sha256
from autosim.backtesting.forecast import Forecast
from autosim.backtesting.split import Split

type Floats = NDArray[np.float64]
type Columns = dict[str, Floats]
"""Draws by name of quantity, (draw,) or (draw, model)."""

_CODE = ("backtesting/baselines", "evidence", "inference/sampling.py", "equations/arrays.py")
"""Parts of the package that a fit depends on."""


@dataclass(frozen=True)
class ItemResponse:
    r"""Two-parameter-logistic item response with a trend of ability, by suite.

    An attempt of model :math:`m` at instance :math:`j` of :math:`x_j` log2 min succeeds with the chance

    .. math:: p = \operatorname{logit}^{-1} a_j (\theta_m - x_j - \delta_j), \quad
              \delta_j \sim N(0, \sigma_\delta), \quad \ln a_j \sim N(\mu_a, \sigma_a), \quad
              \theta_m = \text{trend}(t_m) + \varepsilon_m, \quad \varepsilon_m \sim N(0, \sigma_\varepsilon)

    Half of the attempts at instances of :math:`\theta` log2 min succeed, so a published p50 is a measurement of
    :math:`\theta`, normal with its error; it is used for known models without outcomes on the suite. The p80 lies
    below it by `item_response_model.gap` and each model's own factor, which known gaps of these models tell, too.

    Draws are posterior: the trend and all instances' parameters are the same for all models of a draw, each later model
    has its own :math:`\varepsilon_m`, and an instance that nobody tried has :math:`\delta_j` and :math:`a_j` from their
    population. Trials are not forecast. Priors are weak and stand with their reasons in `trends` and
    `item_response_model`.

    Parameters
    ----------
    name
        In tables.
    trend
        Of ability in release date.
    cache
        Folder of fits made before; None to make them anew.

    References
    ----------
    Birnbaum (1968), in Lord, Novick, Statistical Theories of Mental Test Scores, ch. 17-20.
    """

    name: str
    trend: Trend
    cache: Path | None = None

    def forecast(self, both: Split, draws: int, seed: int) -> Forecast:
        """Draw what comes later; the same seed gives the same draws.

        Raises
        ------
        AutosimError
            If sampling broke down.
        """
        return put_together(both, draws, lambda suite: self._said(suite, draws, seed))

    def _said(self, suite: Suite, draws: int, seed: int) -> Said:
        data = Data.of(suite)
        if data.models < LEAST_MODELS:
            few = f"{data.models} known models on {suite.name}, at least {LEAST_MODELS} needed"
            return Said(notes=(f"{self.name}: {few}; nothing is forecast.",))
        tree = self._tree(suite, data, seed)
        doubt = unsound(tree)
        notes = (f"{self.name}: sampling on {suite.name} is in doubt, {doubt}.",) if doubt else ()
        drawn = _spread(tree, draws)
        ability, below = self._abilities(suite, drawn, draws, seed)
        tested, tried = suite.places(suite.later_horizons["model"]), suite.places(suite.later_outcomes["model"])
        stem = f"baseline.{self.name}"
        chance = _chances(
            suite.later_outcomes,
            ability[:, tried],
            data,
            drawn,
            lambda instance: streams.uniform(seed, f"{stem}.instance.{suite.name}.{instance}", draws),
        )
        return Said(ability[:, tested], ability[:, tested] - below[:, tested], chance, notes)

    def _abilities(self, suite: Suite, drawn: Columns, draws: int, seed: int) -> tuple[Floats, Floats]:
        """Ability of each later model [log2 min], and how far its p80 lies below [doublings]; (draw, model)."""
        models, stem = suite.later_models, f"baseline.{self.name}"
        parameters = {name: drawn[name][:, None] for name in self.trend.priors}
        trend = self.trend.at(parameters, suite.years(models["release_date"]), np)
        own = normals(seed, f"{stem}.level.{suite.name}", models["model"], draws)
        apart = normals(seed, f"{stem}.gap.{suite.name}", models["model"], draws)
        mean = gap(np.exp(drawn["log_discrimination"]), drawn["difficulty_spread"])
        below = within_bounds(mean[:, None] * np.exp(drawn["gap_spread"][:, None] * apart))
        return trend + drawn["deviation_spread"][:, None] * own, below

    def _tree(self, suite: Suite, data: Data, seed: int) -> xr.DataTree:
        """Posterior of a suite, from the cache if it is there."""
        key = {
            "trend": self.trend.name,
            "suite": suite.name,
            "cut_off": str(suite.cut_off.date()),
            "seed": seed,
            "known": tables_sha256({"horizons": suite.horizons, "outcomes": suite.outcomes}),
        }
        return kept(self.cache, "item_response", key, lambda: fitted(data, self.trend, seed), _CODE)


def _spread(tree: xr.DataTree, draws: int) -> Columns:
    """So many draws, spread evenly over all chains; each more than once if there are fewer."""
    posterior = tree["posterior"].to_dataset()
    size = posterior.sizes["chain"] * posterior.sizes["draw"]
    at = np.arange(draws) * size // draws
    found: Columns = {}
    for name, values in posterior.data_vars.items():
        array = values.transpose("chain", "draw", ...).to_numpy()
        found[str(name)] = array.reshape(size, *array.shape[2:])[at]
    return found


def _chances(later: pd.DataFrame, ability: Floats, data: Data, drawn: Columns, draw: Callable[[str], Floats]) -> Floats:
    """Chance of success of each later outcome, of whose model ``ability`` is; (draw, row).

    ``draw`` gives the uniform numbers by which an instance's node is picked.
    """
    asked = later["instance"].drop_duplicates()
    spreads = [drawn[name][:, None] for name in ("difficulty_spread", "log_discrimination", "discrimination_spread")]
    steepness, residual = item(*spreads)
    minutes = np.log2(later["human_minutes"].to_numpy(dtype=np.float64))
    rows = pd.Index(asked).get_indexer(pd.Index(later["instance"]))
    chance = np.empty(ability.shape)
    for i, (name, place) in enumerate(zip(asked, pd.Index(data.instances).get_indexer(pd.Index(asked)), strict=True)):
        told = LOG_WEIGHTS[None]
        if place >= 0:
            tried = data.minutes[place], data.successes[place], data.attempts[place]
            told = told - losses(drawn["ability"][:, None], *tried, *spreads)
        whole = np.cumsum(np.exp(told - told.max(axis=1, keepdims=True)), axis=1)
        node = (whole < (draw(str(name)) * whole[:, -1])[:, None]).sum(axis=1)[:, None]
        own, off = (np.take_along_axis(values, node, axis=1) for values in (steepness, residual))
        chance[:, rows == i] = special.expit(own * (ability[:, rows == i] - minutes[rows == i] - off))
    return chance
