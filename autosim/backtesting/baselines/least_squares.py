"""METR's line: the logarithm of the horizon against release date by least squares."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg, special

from autosim import streams
from autosim.backtesting.baselines.parts import (
    Said,
    Suite,
    log2_points,
    normal,
    normals,
    put_together,
    within_bounds,
)
from autosim.backtesting.forecast import Forecast
from autosim.backtesting.split import Split

type Floats = NDArray[np.float64]

LEAST_MODELS = 4
"""Fewer leave less than two degrees of freedom about the line, and the forecast no mean."""

SINCE = pd.Timestamp("2023-01-01")
"""Earliest release that counts where all models do, at the frontier or not."""

_LOG_ODDS_80 = float(np.log(4.0))


@dataclass(frozen=True)
class OrdinaryLeastSquares:
    r"""Log2 horizons on a straight line in the release date, by suite.

    .. math:: \log_2 h_m = \alpha + \beta t_m + \varepsilon_m, \quad \varepsilon_m \sim N(0, \sigma)

    Draws are predictive: :math:`\sigma^2` is the residual sum of squares over a :math:`\chi^2` of :math:`n - 2`
    degrees of freedom, :math:`(\alpha, \beta)` are normal about the estimate given it, the same for all models of a
    draw, and each model has its own :math:`\varepsilon_m` (jointly a Student t, as for flat priors on
    :math:`\alpha, \beta, \log\sigma`). Errors of measurement are within :math:`\varepsilon`; they are not taken out.

    The p80 lies a gap below the p50, constant in time: the logarithm of the gap [doublings] has a mean and an sd of
    its own, drawn alike with :math:`n - 1` degrees of freedom, so that p80 stays below p50. One attempt at a task of
    :math:`x` log2 min succeeds with the chance that is 1/2 at the p50 and 4/5 at the p80:
    :math:`\operatorname{logit} p = (\log_2 h - x) \ln 4 / \text{gap}`. Trials are not forecast.

    Parameters
    ----------
    name
        In tables.
    frontier
        Take known frontier models of every date, else all known models released since `SINCE`.

    References
    ----------
    Kwa et al. (METR, 2025), "Measuring AI Ability to Complete Long Tasks", arXiv 2503.14499; predictive of a
    regression: Gelman et al., Bayesian Data Analysis, 3rd ed., §14.2.
    """

    name: str
    frontier: bool

    def forecast(self, both: Split, draws: int, seed: int) -> Forecast:
        """Draw what comes later; the same seed gives the same draws."""
        return put_together(both, draws, lambda suite: self._said(suite, draws, seed))

    def _said(self, suite: Suite, draws: int, seed: int) -> Said:
        known = suite.horizons
        known = known[known["frontier"].astype(bool) if self.frontier else known["release_date"] >= SINCE]
        which = "known frontier models" if self.frontier else f"known models since {SINCE.date()}"
        if len(known) < LEAST_MODELS or known["release_date"].nunique() < 2:
            few = f"{len(known)} horizons of {which} on {suite.name}, at least {LEAST_MODELS} on two dates needed"
            return Said(notes=(f"{self.name}: {few}; nothing is forecast.",))
        level, gap = self._levels(suite, known, draws, seed), self._gaps(suite, known, draws, seed)
        tested, tried = suite.places(suite.later_horizons["model"]), suite.places(suite.later_outcomes["model"])
        if gap is None:
            few = f"fewer than {LEAST_MODELS} p80 of {which} on {suite.name}"
            return Said(level[:, tested], notes=(f"{self.name}: {few}; neither p80 nor outcomes are forecast.",))
        minutes = np.log2(suite.later_outcomes["human_minutes"].to_numpy(dtype=np.float64))
        chance = special.expit(_LOG_ODDS_80 / gap[:, tried] * (level[:, tried] - minutes))
        return Said(level[:, tested], level[:, tested] - gap[:, tested], chance)

    def _levels(self, suite: Suite, known: pd.DataFrame, draws: int, seed: int) -> Floats:
        """P50 [log2 min], (draw, later model)."""
        x, ahead = (_line(suite.years(table["release_date"])) for table in (known, suite.later_models))
        line = Regression.of(x, log2_points(known, "p50"))
        stem = f"baseline.{self.name}.level.{suite.name}"
        return line.predictive(ahead, suite.later_models["model"], draws, seed, stem)

    def _gaps(self, suite: Suite, known: pd.DataFrame, draws: int, seed: int) -> Floats | None:
        """P50 less p80 [doublings], (draw, later model)."""
        gaps = log2_points(known, "p50") - log2_points(known, "p80")
        gaps = gaps[~np.isnan(gaps)]
        if len(gaps) < LEAST_MODELS:
            return None
        mean = Regression.of(np.ones((len(gaps), 1)), np.log(gaps))
        ahead = np.ones((len(suite.later_models), 1))
        stem = f"baseline.{self.name}.gap.{suite.name}"
        with np.errstate(over="ignore"):
            return within_bounds(np.exp(mean.predictive(ahead, suite.later_models["model"], draws, seed, stem)))


def _line(years: Floats) -> Floats:
    return np.stack([np.ones_like(years), years], axis=1)


@dataclass(frozen=True)
class Regression:
    """A least-squares fit: coefficients, R of the design's QR, residual sum of squares, degrees of freedom."""

    coefficients: Floats
    triangle: Floats
    residual: float
    freedom: int

    @classmethod
    def of(cls, x: Floats, y: Floats) -> "Regression":
        """Fit observations ``y`` (row,) by a design ``x`` (row, coefficient) of full rank with fewer columns."""
        q, r = np.linalg.qr(x)
        coefficients = linalg.solve_triangular(r, q.T @ y)
        rest = y - x @ coefficients
        return cls(coefficients, r, float(rest @ rest), len(y) - x.shape[1])

    def predictive(self, ahead: Floats, names: pd.Series, draws: int, seed: int, stem: str) -> Floats:
        """Draw new observations at ``ahead`` (row, coefficient), each named for its stream; (draw, row)."""
        u = streams.uniform(seed, f"{stem}.variance", draws)
        sd = np.sqrt(self.residual / (2.0 * special.gammaincinv(self.freedom / 2.0, u)))
        z = np.stack([normal(seed, f"{stem}.coefficient.{i}", draws) for i in range(ahead.shape[1])])
        off = linalg.solve_triangular(self.triangle, z)
        found: Floats = (self.coefficients[:, None] + sd * off).T @ ahead.T
        return found + sd[:, None] * normals(seed, f"{stem}.model", names, draws)
