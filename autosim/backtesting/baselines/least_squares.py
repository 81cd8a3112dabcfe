"""Baseline: METR's least squares of log horizon on release date."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from autosim import streams
from autosim.backtesting.baselines.common import (
    LEVELS,
    by_suite,
    horizon_suite,
    log2,
    normal,
    pass_rate,
    years,
)
from autosim.backtesting.forecast import Forecast
from autosim.backtesting.split import Split

type Floats = NDArray[np.float64]

SINCE = pd.Timestamp(2023, 1, 1)
"""Release from which all models count."""

LEAST_MODELS = 3
"""Fewer leave no residual to judge the error by."""


@dataclass(frozen=True)
class Line:
    """A line fitted by least squares: ``at`` gives its values and the standard normal's multiples that spread about it.

    ``coefficients`` are intercept and slope, ``factor`` the Cholesky factor of their covariance over the variance of
    residuals, ``rss`` the sum of squared residuals and ``degrees`` their degrees of freedom.
    """

    coefficients: Floats
    factor: Floats
    rss: float
    degrees: int

    @classmethod
    def fitted(cls, x: Floats, y: Floats) -> "Line":
        """Fit a line to at least three points."""
        design = np.column_stack([np.ones_like(x), x])
        inverse = np.linalg.inv(design.T @ design)
        coefficients = inverse @ design.T @ y
        rss = float(((y - design @ coefficients) ** 2).sum())
        return cls(coefficients, np.linalg.cholesky(inverse), rss, len(x) - 2)

    def drawn(self, x: Floats, share: Floats, both: Floats, own: Floats) -> Floats:
        r"""New observations at ``x``: joint draws from the posterior under the usual flat prior.

        .. math:: \sigma^2 = \mathrm{RSS} / \chi^2_{n-2}, \quad \beta \sim N(\hat\beta, \sigma^2 (X^\top X)^{-1}),
            \quad y = \beta_0 + \beta_1 x + \sigma z

        Parameters
        ----------
        x
            (observation,).
        share
            Uniform numbers for the variance, (draw,).
        both
            Standard normals for the coefficients, (draw, 2).
        own
            Standard normals for residuals, (draw, observation).
        """
        sd = np.sqrt(self.rss / stats.chi2.ppf(share, self.degrees))[:, None]
        line = self.coefficients + sd * (both @ self.factor.T)
        found: Floats = line[:, :1] + line[:, 1:] * x + sd * own
        return found


@dataclass(frozen=True)
class LeastSquares:
    """Least squares of log2 p50, and of log2 p80, on release date, by suite.

    Of all models since 2023, or of the state of the art since the first that is known. The draws of p50 and p80 go
    together. Outcomes by the logistic curve through both; of trials it says nothing. Source: Kwa et al. 2025, arXiv
    2503.14499.
    """

    name: str
    frontier: bool

    def forecast(self, both: Split, draws: int, seed: int) -> Forecast:
        """Draw what comes later."""
        horizons, outcomes = both.later.horizons, both.later.outcomes
        lines = {suite: self._lines(both, suite) for suite in {*horizons["suite"], *outcomes["suite"]}}
        drawn = partial(self._drawn, both=both, draws=draws, seed=seed)
        p50, p80 = np.full((2, draws, len(horizons)), np.nan)
        for suite, rows in by_suite(horizons):
            if lines[suite]:
                p50[:, rows], p80[:, rows] = drawn(lines[suite], horizons.iloc[rows])
        chance = np.full((draws, len(outcomes)), np.nan)
        for suite, rows in by_suite(outcomes):
            if lines[suite]:
                lengths = np.log2(outcomes["human_minutes"].to_numpy(dtype=np.float64)[rows])
                chance[:, rows] = pass_rate(*drawn(lines[suite], outcomes.iloc[rows]), lengths)
        lacking = sorted(suite for suite, found in lines.items() if not found)
        notes = tuple(f"fewer than {LEAST_MODELS} known models on {suite}: nothing forecast there" for suite in lacking)
        return Forecast(p50, p80, chance, None, notes)

    def _lines(self, both: Split, suite: str) -> tuple[Line, ...]:
        """Lines of p50 and p80; none if too few models are known."""
        known = both.known.horizons
        known = known[known["suite"] == horizon_suite(both, suite)]
        known = known[known["frontier"].astype(bool) if self.frontier else known["release_date"] >= SINCE]
        known = known.dropna(subset=[f"{level}_horizon_min" for level in LEVELS])
        if len(known) < LEAST_MODELS or known["release_date"].nunique() < 2:
            return ()
        x = years(known["release_date"], both.cut_off)
        return tuple(Line.fitted(x, log2(known, level)) for level in LEVELS)

    def _drawn(
        self, lines: tuple[Line, ...], models: pd.DataFrame, both: Split, draws: int, seed: int
    ) -> tuple[Floats, Floats]:
        """Draws of p50 and p80 of the models of some rows, (draw, row) each."""
        share = streams.uniform(seed, f"baseline.{self.name}.variance", draws)
        line = np.stack([normal(seed, f"{self.name}.{part}", draws) for part in ("level", "slope")], axis=-1)
        names = sorted({str(name) for name in models["model"]})
        own = {name: normal(seed, f"{self.name}.{name}", draws) for name in names}
        apart = np.stack([own[str(name)] for name in models["model"]], axis=-1)
        x = years(models["release_date"], both.cut_off)
        p50, p80 = (one.drawn(x, share, line, apart) for one in lines)
        return p50, np.minimum(p80, p50)
