"""Whether the sampling is to be trusted, and what has been learnt."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

LARGEST_R_HAT = 1.01
SMALLEST_ESS = 400.0
NOT_LEARNT = 0.9
"""A posterior sd above this share of the prior's is called "not learnt"."""


@dataclass(frozen=True)
class Row:
    """One quantity before and after: medians, standard deviations, their ratio, and how well it was sampled."""

    name: str
    prior_median: float
    prior_sd: float
    median: float
    sd: float
    r_hat: float
    ess_bulk: float
    ess_tail: float

    @property
    def ratio(self) -> float:
        """Posterior sd over prior sd; NaN for what has no prior of its own."""
        return self.sd / self.prior_sd if self.prior_sd > 0.0 else float("nan")


def rows(posterior: xr.Dataset, prior: Mapping[str, Floats]) -> Iterator[Row]:
    """Compare posterior and prior draws of every quantity that varies."""
    import arviz as az

    varying = posterior[[name for name, values in posterior.data_vars.items() if float(values.std()) > 0.0]]
    r_hat, bulk, tail = az.rhat(varying), az.ess(varying, method="bulk"), az.ess(varying, method="tail")
    for name, values in varying.data_vars.items():
        before = prior.get(str(name), np.array([np.nan]))
        yield Row(
            str(name),
            float(np.median(before)),
            float(np.std(before)),
            float(values.median()),
            float(values.std()),
            *(float(found[name]) for found in (r_hat, bulk, tail)),
        )


def problems(table: list[Row], divergences: int) -> list[str]:
    """What keeps the sampling from being trusted, worst first; nothing if it is sound.

    Sound is: no divergence, and for every quantity r-hat of at most 1.01 and bulk and tail effective sample sizes of
    at least 400 (Vehtari et al. 2021, Bayesian Analysis 16, 667-718).
    """
    found = [f"{divergences} divergence{'s' * (divergences > 1)}"] if divergences else []
    apart = sorted((row for row in table if not row.r_hat <= LARGEST_R_HAT), key=lambda row: -row.r_hat)
    found += [f"{row.name}: r-hat {row.r_hat:.3f} above {LARGEST_R_HAT}, the chains disagree" for row in apart]
    for row in sorted(table, key=lambda row: min(row.ess_bulk, row.ess_tail)):
        least, which = min((row.ess_bulk, "bulk"), (row.ess_tail, "tail"))
        if row.r_hat <= LARGEST_R_HAT and not least >= SMALLEST_ESS:
            found.append(f"{row.name}: {which} ESS {least:.0f} below {SMALLEST_ESS:.0f}, too few independent draws")
    return found
