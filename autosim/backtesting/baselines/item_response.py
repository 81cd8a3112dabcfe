"""Baseline: Bayesian item response with a trend of ability in time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
import xarray as xr
from numpy.typing import NDArray
from scipy import special

from autosim.backtesting.baselines.abilities import Known, known_of
from autosim.backtesting.baselines.common import LOGIT_80, normal, years
from autosim.backtesting.cache import kept, tables_sha256
from autosim.backtesting.forecast import Forecast
from autosim.backtesting.split import Split
from autosim.inference.sampling import sample

type Floats = NDArray[np.float64]

SHAPES = ("linear", "quadratic", "saturating")
"""Trends of ability."""

LEAST_MODELS = 3
"""Fewer known models show no trend."""

CHAINS, DRAWS, TUNE, TARGET_ACCEPT = 4, 400, 400, 0.9

_CODE = ("backtesting/baselines/item_response.py", "inference/sampling.py", "evidence")
"""Parts of the package that a fit depends on."""

_KEPT = ("ability_", "difficulty", "discrimination")
_LEAST_CURVE = 1e-6


def trend(shape: str, t: Any, given: Mapping[str, Any], exp: Callable[[Any], Any]) -> Any:
    r"""Mean ability [log2 min] at a time.

    .. math:: \alpha + \beta t, \quad \alpha + \beta t + \gamma t^2, \quad \alpha + A (1 - e^{-\beta t / A})

    Parameters
    ----------
    shape
        One of `SHAPES`.
    t
        Years after the cut-off.
    given
        ``ability_level`` :math:`\alpha`, ``ability_slope`` :math:`\beta`, and ``ability_bend`` :math:`\gamma` or
        ``ability_room`` :math:`A`.
    exp
        Exponential of the arrays in use.

    Examples
    --------
    >>> import math
    >>> known = {"ability_level": 5.0, "ability_slope": 2.0, "ability_bend": 0.5, "ability_room": 4.0}
    >>> [round(trend(shape, 1.0, known, math.exp), 2) for shape in SHAPES]
    [7.0, 7.5, 6.57]
    """
    line = given["ability_slope"] * t
    if shape == "quadratic":
        line = line + given["ability_bend"] * t**2
    if shape == "saturating":
        line = given["ability_room"] * (1.0 - exp(-line / given["ability_room"]))
    return given["ability_level"] + line


def gap(discrimination: Any, spread: Any) -> Any:
    r"""Doublings between p50 and p80 over instances whose difficulty scatters.

    .. math:: \frac{\ln 4}{\bar a} \sqrt{1 + \pi \bar a^2 \sigma^2 / 8}

    with the mean discrimination :math:`\bar a` [1/doubling] and the spread of difficulty :math:`\sigma` [doublings]:
    the usual approximation of a logistic curve that is averaged over a normal (MacKay 1992,
    doi:10.1162/neco.1992.4.5.720).
    """
    return LOGIT_80 / discrimination * (1.0 + np.pi * (discrimination * spread) ** 2 / 8.0) ** 0.5


@dataclass(frozen=True)
class ItemResponse:
    r"""Two-parameter logistic item response, with a trend of ability in release date.

    .. math:: P = \operatorname{logit}^{-1}[a_j (\theta_m - b_j)], \quad b_j = \log_2 l_j + \delta_j, \quad
        \theta_m = f(t_m) + \varepsilon_m

    Difficulty :math:`b` is the instance's length [log2 min] and a deviation from it, so that ability :math:`\theta` is
    a log2 p50 horizon. Horizons of models without outcomes measure ability. Suites are one scale, as in METR's fits.
    Priors are wide: level 3 ± 3 log2 min at the cut-off, 1.5 ± 1.5 doublings a year, bend 0 ± 0.3 doublings per square
    year, room above the cut-off's level 6 doublings within a factor of 5; abilities scatter by HalfNormal(1),
    difficulties by HalfNormal(2) doublings; discrimination is 0.6 per doubling within a factor of 2.7, and single ones
    differ from it by HalfNormal(0.5) of the log (judgement).

    Source: Birnbaum 1968, in Lord and Novick, Statistical Theories of Mental Test Scores.
    """

    name: str
    shape: str
    cache: Path | None = None

    def forecast(self, both: Split, draws: int, seed: int) -> Forecast:
        """Draw what comes later; nothing if fewer than `LEAST_MODELS` models are known."""
        known = known_of(both)
        if len(known.models) < LEAST_MODELS:
            note = f"{len(known.models)} known models, fewer than {LEAST_MODELS}: nothing forecast"
            return Forecast(notes=(note,))
        key = {"shape": self.shape, "seed": seed, "known": tables_sha256(known.tables())}
        tree = kept(self.cache, self.name, key, lambda: self._fitted(known, seed), _CODE)
        drawn = _Drawn(tree, draws)
        horizons = both.later.horizons
        p50 = self._abilities(horizons, both, drawn, seed)
        p80 = p50 - gap(drawn("discrimination"), drawn("difficulty_spread"))[:, None]
        return Forecast(p50, p80, self._outcomes(both, known, drawn, seed), None, _diagnosed(tree))

    def _fitted(self, known: Known, seed: int) -> xr.DataTree:
        with pm.Model() as model:
            self._add(known)
        return sample(model, DRAWS, TUNE, CHAINS, seed, CHAINS, TARGET_ACCEPT, keep=_KEPT)

    def _add(self, known: Known) -> None:
        """Add priors and likelihoods to the model under way."""
        given: dict[str, Any] = {
            "ability_level": pm.Normal("ability_level", 3.0, 3.0),
            "ability_slope": pm.Normal("ability_slope", 1.5, 1.5),
        }
        if self.shape == "quadratic":
            given["ability_bend"] = pm.Normal("ability_bend", 0.0, 0.3)
        if self.shape == "saturating":
            given["ability_room"] = pm.LogNormal("ability_room", np.log(6.0), 1.0)
            given["ability_slope"] = pt.softplus(given["ability_slope"])
        scatter, standard = (
            pm.HalfNormal("ability_scatter", 1.0),
            pm.Normal("standard_ability", shape=len(known.models)),
        )
        ability = trend(self.shape, known.years, given, pt.exp) + scatter * standard
        spread = pm.HalfNormal("difficulty_spread", 2.0)
        mean = pm.LogNormal("discrimination", np.log(0.6), 0.5)
        _add_horizons(known, ability, gap(mean, spread))
        if len(known.outcomes):
            _add_outcomes(known, ability, mean, spread)

    def _abilities(self, models: pd.DataFrame, both: Split, drawn: "_Drawn", seed: int) -> Floats:
        """Abilities of the models of some rows, (draw, row) [log2 min]."""
        given = {name: drawn(name)[:, None] for name in drawn.names if name.startswith("ability_")}
        if self.shape == "saturating":
            given["ability_slope"] = np.logaddexp(0.0, given["ability_slope"])
        middle = trend(self.shape, years(models["release_date"], both.cut_off), given, np.exp)
        names = {str(name): normal(seed, f"item_response.{name}", drawn.size) for name in sorted(set(models["model"]))}
        apart = [names[str(name)] for name in models["model"]]
        found: Floats = middle + given["ability_scatter"] * (np.stack(apart, axis=-1) if apart else 0.0)
        return found

    def _outcomes(self, both: Split, known: Known, drawn: "_Drawn", seed: int) -> Floats:
        """Chance of success of each row of later outcomes, (draw, row)."""
        table = both.later.outcomes
        ability = self._abilities(table, both, drawn, seed)
        found = np.empty_like(ability)
        lengths = np.log2(table["human_minutes"].to_numpy(dtype=np.float64))
        names = [*zip(table["suite"], table["instance"], strict=True)]
        spread, mean, apart = (drawn(name) for name in ("difficulty_spread", "discrimination", "discrimination_spread"))
        for i, name in enumerate(names):
            if name in known.instances:
                at = known.instances[name]
                difficulty, own = drawn("difficulty_standard", at), drawn("discrimination_standard", at)
            else:
                which = f"item_response.{'.'.join(map(str, name))}"
                difficulty, own = (normal(seed, f"{which}.{part}", drawn.size) for part in ("b", "a"))
            steep = mean * np.exp(apart * own)
            found[:, i] = special.expit(steep * (ability[:, i] - lengths[i] - spread * difficulty))
        return found


def _add_horizons(known: Known, ability: Any, apart: Any) -> None:
    """Published horizons measure abilities, and the gap to p80 discrimination."""
    table = known.horizons
    if table.empty:
        return
    place = table["place"].to_numpy()
    pm.Normal("p50", ability[place], table["p50_sd"].to_numpy(), observed=table["p50"].to_numpy())
    both = np.flatnonzero(table[["p80", "p80_sd"]].notna().all(axis=1))
    if both.size:
        sd = table["p80_sd"].to_numpy()[both]
        pm.Normal("p80", ability[place[both]] - apart, sd, observed=table["p80"].to_numpy()[both])


def _add_outcomes(known: Known, ability: Any, mean: Any, spread: Any) -> None:
    """Successes are binomial."""
    table, size = known.outcomes, len(known.instances)
    apart = pm.HalfNormal("discrimination_spread", 0.5)
    deviation = pm.Normal("difficulty_standard", shape=size)
    own = pm.Normal("discrimination_standard", shape=size)
    item, model = table["item"].to_numpy(), table["place"].to_numpy()
    steep = mean * pt.exp(apart * own[item])
    logit = steep * (ability[model] - table["log2_minutes"].to_numpy() - spread * deviation[item])
    n, successes = table["attempts"].to_numpy(), table["successes"].to_numpy()
    pm.Binomial("outcomes", n=n, logit_p=logit, observed=successes)


class _Drawn:
    """Draws of a fit by name, as many as wanted: all of them in turn."""

    def __init__(self, tree: xr.DataTree, size: int) -> None:
        posterior = tree["posterior"].to_dataset()
        self.size = size
        self.names = [str(name) for name in posterior.data_vars]
        self._values: dict[str, Floats] = {}
        for name in self.names:
            values = posterior[name].transpose("chain", "draw", ...).to_numpy()
            flat = values.reshape(-1, *values.shape[2:])
            take = np.arange(size) * len(flat) // size if size <= len(flat) else np.arange(size) % len(flat)
            self._values[name] = flat[take]

    def __call__(self, name: str, at: int | None = None) -> Floats:
        """One quantity, (draw,), or an element of one; 0 where the fit has none."""
        values = self._values.get(name, np.zeros(self.size))
        return values if at is None else values[:, at]


def _diagnosed(tree: xr.DataTree) -> tuple[str, ...]:
    """What is wrong with a fit, if anything."""
    import arviz as az

    posterior, statistics = (tree[name].to_dataset() for name in ("posterior", "sample_stats"))
    rhat = max(float(values.max()) for values in az.rhat(posterior).data_vars.values())
    share = float(statistics["diverging"].mean())
    said = [f"r-hat up to {rhat:.2f}"] if rhat > 1.05 else []
    said += [f"{100.0 * share:.0f} % of draws diverged"] if share > 0.01 else []
    return (f"the fit is not to be trusted: {', '.join(said)}",) if said else ()
