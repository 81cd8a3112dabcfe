"""Ranks of the truth among posterior draws, and whether they are uniform (simulation-based calibration)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from autosim import streams
from autosim.calibration.simulating import Simulated, modelled_p50
from autosim.inference.fit import Fit
from autosim.inference.predicting import posterior_draws

type Floats = NDArray[np.float64]

RANKS = 100
"""Ranks that a truth may have, among 99 draws of a posterior."""


@dataclass(frozen=True)
class Uniformity:
    """Whether ranks of a quantity are uniform.

    ``shift`` and ``width`` are p-values of Kolmogorov and Smirnov's test, of the ranks and of their distance from the
    middle: the first is small if posteriors lie to one side, the second if they are too narrow or too wide.
    """

    name: str
    shift: float
    width: float

    @property
    def p(self) -> float:
        """Twice the smaller one, at most 1: both tests in one (Bonferroni)."""
        return min(1.0, 2.0 * min(self.shift, self.width))


def ranks(posterior: Mapping[str, Floats], truth: Mapping[str, float], seed: int = 0) -> dict[str, int]:
    """Rank of each truth among draws of its posterior, 0 to 99; among draws that equal it, by lot.

    Parameters
    ----------
    posterior
        Draws by name, (draw,) each, chains one after the other. 99 are taken, evenly spaced, so that they are nearly
        independent.
    truth
        What made the evidence, by name; names that the posterior lacks, and quantities that all draws agree on, are
        left out.
    seed
        Of the lots.

    References
    ----------
    Talts, Betancourt, Simpson, Vehtari & Gelman (2018), arXiv 1804.06788, algorithm 2; ties as Modrák, Moon, Kim,
    Bürkner, Huurre, Faltejsková, Gelman & Vehtari (2023), arXiv 2211.02383.

    Examples
    --------
    >>> ranks({"a": np.arange(198.0), "c": np.ones(198)}, {"a": 99.0, "b": 0.0, "c": 1.0})
    {'a': 50}
    """
    found = {}
    for name, true in truth.items():
        values = posterior.get(name, np.zeros(1))
        if (values == values[0]).all():
            continue
        taken = values[(np.arange(RANKS - 1) * values.size) // (RANKS - 1)]
        lot = streams.uniform(seed, f"rank.{name}", 1)[0]
        found[name] = int((taken < true).sum()) + int(lot * (1 + (taken == true).sum()))
    return found


def ranks_in_fit(made: Fit, simulated: Simulated, place: int) -> dict[str, int]:
    """Ranks of all that a fit to the ``place``-th simulated evidence learns, and of the modelled p50s."""
    size = made.tree["posterior"].sizes
    drawn, _ = posterior_draws(made.tree, made.scenario, size["chain"] * size["draw"])
    posterior = dict(drawn.values) | modelled_p50(made.ready, drawn)
    known = dict(simulated.truth.values) | modelled_p50(made.ready, simulated.truth)
    return ranks(posterior, {name: float(values[place]) for name, values in known.items()}, place)


def uniformity(name: str, found: NDArray[np.int64], seed: int = 0) -> Uniformity:
    """Test ranks of many simulations, jittered within their steps so that they are continuous.

    Examples
    --------
    >>> uniformity("even", np.arange(100)).p > 0.9, uniformity("narrow", np.repeat([0, 99], 50)).p < 1e-6
    (True, True)
    """
    jitter = np.random.default_rng(seed).uniform(size=found.size)
    u = (found + jitter) / RANKS
    shift, width = (float(stats.kstest(values, "uniform").pvalue) for values in (u, np.abs(2.0 * u - 1.0)))
    return Uniformity(name, shift, width)


def simultaneous_band(count: int, level: float = 0.95, seed: int = 0) -> tuple[Floats, Floats]:
    """Within which the whole ECDF of ``count`` uniform ranks lies with probability ``level``.

    Binomial intervals at every rank, widened alike until so many of 4000 simulated sets lie within all of them.

    Returns
    -------
    Lower and upper shares of ranks [1] below 1, 2, ... 99, (99,) each.

    References
    ----------
    Säilynoja, Bürkner & Vehtari (2022), Stat. Comput. 32, 32.

    Examples
    --------
    >>> low, high = simultaneous_band(50)
    >>> bool(low[49] < 0.5 < high[49]), round(float(high[49] - low[49]), 1)
    (True, 0.4)
    """
    at = np.arange(1, RANKS) / RANKS
    simulated = np.random.default_rng(seed).integers(0, RANKS, size=(4000, count))
    below = np.stack([(simulated < rank).sum(axis=1) for rank in range(1, RANKS)], axis=-1)
    tail = np.minimum(stats.binom.cdf(below, count, at), stats.binom.sf(below - 1, count, at))
    each = float(np.quantile(tail.min(axis=1), 1.0 - level))
    low, high = stats.binom.ppf(each, count, at), stats.binom.isf(each, count, at)
    return np.asarray(low) / count, np.asarray(high) / count


def ecdf(found: NDArray[np.int64]) -> Floats:
    """Share of ranks [1] below 1, 2, ... 99, (99,)."""
    return np.array([(found < rank).mean() for rank in range(1, RANKS)])


def overall_width(found: NDArray[np.int64], seed: int = 0) -> tuple[float, float]:
    """Mean distance of ranks from the middle, all quantities together, and the p-value of its being .5.

    Each fit counts once, whatever ties its quantities together: Student's test of the fits' means.

    Parameters
    ----------
    found
        Ranks, (fit, quantity), of 3 fits or more.
    seed
        Of the jitter.

    Returns
    -------
    Mean of ``|2u - 1|`` [1], above .5 if posteriors are too narrow; p-value.

    Examples
    --------
    >>> mean, p = overall_width(np.array([[0, 99], [2, 97], [99, 1]]))
    >>> mean > 0.9, p < 0.01
    (True, True)
    """
    u = (found + np.random.default_rng(seed).uniform(size=found.shape)) / RANKS
    each = np.abs(2.0 * u - 1.0).mean(axis=1)
    return float(each.mean()), float(stats.ttest_1samp(each, 0.5).pvalue)
