"""Whether forecasts are calibrated: coverage of intervals, PIT, and what a Brier score is made of."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from autosim.backtesting.targets import KINDS

type Floats = NDArray[np.float64]

LEVELS = (0.5, 0.8, 0.95)
"""Central intervals whose coverage is counted."""

ALL = "all"
"""Name of what is taken over every kind of target."""

LEAST_CLUSTERS = 5
"""With fewer clusters no p-value is given."""


@dataclass(frozen=True)
class Coverage:
    """How many of a kind's observations lie in central intervals that should contain ``level`` of them.

    ``share`` is ``inside / targets``; ``low`` and ``high`` are its exact 95 % interval (Clopper, Pearson 1934) were the
    targets independent, which those of a model are not: beside it stands how many ``clusters`` they are from.
    """

    kind: str
    level: float
    inside: int
    targets: int
    clusters: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Uniformity:
    """Whether a kind's PITs are uniform, as those of a calibrated forecast are.

    ``bias`` [1] is positive if observations are higher than forecast, ``spread`` [1] if they are further out, the
    forecast overconfident; both are 0 for a calibrated forecast and at most 1.7 and 2.2. ``p`` is the chance of so much
    of both under calibration, None for fewer than `LEAST_CLUSTERS` clusters.
    """

    kind: str
    targets: int
    clusters: int
    bias: float
    spread: float
    p: float | None


@dataclass(frozen=True)
class Brier:
    """A mean Brier score and its parts: ``score = miscalibration - discrimination + uncertainty``.

    ``miscalibration`` is what recalibrating would save, ``discrimination`` what the recalibrated forecast saves against
    always saying the mean, and ``uncertainty`` the score of that. ``events`` are milestones, or attempts of outcomes.
    """

    kind: str
    events: int
    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float


def coverage(scored: pd.DataFrame) -> list[Coverage]:
    """Coverage of central intervals by kind, and over all kinds, from scored targets of one forecaster."""
    return [_coverage(kind, rows, level) for kind, rows in _with_pit(scored) for level in LEVELS]


def _coverage(kind: str, rows: pd.DataFrame, level: float) -> Coverage:
    inside = int((np.abs(rows["pit"] - 0.5) <= level / 2.0).sum())
    exact = stats.binomtest(inside, len(rows)).proportion_ci(0.95, method="exact")
    return Coverage(
        kind,
        level,
        inside,
        len(rows),
        rows["cluster"].nunique(),
        inside / len(rows),
        float(exact.low),
        float(exact.high),
    )


def _with_pit(scored: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Kinds whose targets have PITs, then all together."""
    known = scored[scored["pit"].notna()]
    if len(known):
        yield from _by_kind(known)
        yield ALL, known


def _by_kind(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Kinds that have rows in a table of targets, in their order, with these rows."""
    parts = ((kind, table[table["kind"] == kind]) for kind in KINDS)
    return ((kind, rows) for kind, rows in parts if len(rows))


def pit_histogram(pit: pd.Series, bins: int = 10) -> list[int]:
    """How many PITs lie in each of so many equal parts of [0, 1]; NaN in none.

    Examples
    --------
    >>> pit_histogram(pd.Series([0.05, 0.95, 1.0, float("nan")]), bins=4)
    [1, 0, 0, 2]
    """
    return [int(count) for count in np.histogram(pit.dropna(), bins=bins, range=(0.0, 1.0))[0]]


def uniformity(scored: pd.DataFrame) -> list[Uniformity]:
    r"""Test by kind, and over all kinds, whether PITs are uniform; from scored targets of one forecaster.

    Neyman's smooth test of order 2 on means of clusters:

    .. math:: T = G (\bar\varphi_1^2 + \bar\varphi_2^2), \quad
        \varphi_1 = \sqrt{12} (u - \tfrac12), \quad \varphi_2 = \sqrt{180} ((u - \tfrac12)^2 - \tfrac1{12})

    with PIT :math:`u`, the mean over a cluster's targets and then over all :math:`G` clusters. Under calibration both
    polynomials have mean 0 and variance 1, so that means over clusters vary by at most that, however much a cluster's
    targets go together: p from :math:`\chi^2_2` is not too small for that reason. It still takes models to be
    independent of one another, which an error of the trend that they share makes them not.

    References
    ----------
    Neyman (1937), "Smooth test" for goodness of fit, doi:10.1080/03461238.1937.10404821.
    """
    return [_uniformity(kind, rows) for kind, rows in _with_pit(scored)]


def _uniformity(kind: str, rows: pd.DataFrame) -> Uniformity:
    off = rows["pit"] - 0.5
    each = pd.DataFrame({"bias": np.sqrt(12.0) * off, "spread": np.sqrt(180.0) * (off**2 - 1.0 / 12.0)})
    means = each.groupby(rows["cluster"]).mean()
    bias, spread = (float(means[name].mean()) for name in ("bias", "spread"))
    p = float(stats.chi2.sf(len(means) * (bias**2 + spread**2), 2)) if len(means) >= LEAST_CLUSTERS else None
    return Uniformity(kind, len(rows), len(means), bias, spread, p)


def brier(scored: pd.DataFrame) -> list[Brier]:
    """Brier score and its parts for milestones and for single attempts of outcomes, from one forecaster's targets."""
    known = scored[scored["probability"].notna()]
    parts = []
    for kind, rows in _by_kind(known):
        events = np.maximum(rows["attempts"].to_numpy(), 1)
        happened = rows["observed"].to_numpy() / events
        parts.append(decompose(kind, rows["probability"].to_numpy(), happened, events))
    return parts


def decompose(kind: str, probability: Floats, happened: Floats, events: NDArray[np.int64]) -> Brier:
    r"""Take a mean Brier score apart by recalibrating the forecast (CORP).

    .. math:: \bar S(q) = \frac{\sum w (q^2 - 2 q y + y)}{\sum w}, \quad
        \bar S(p) = [\bar S(p) - \bar S(\hat p)] - [\bar S(\bar y) - \bar S(\hat p)] + \bar S(\bar y)

    Parameters
    ----------
    kind
        Name of the result.
    probability
        :math:`p`, (row,) [1]; :math:`\hat p` is the non-decreasing function of it that fits what happened best.
    happened
        :math:`y`, share of the events that happened, (row,) [1].
    events
        :math:`w`, (row,).

    References
    ----------
    Dimitriadis, Gneiting, Jordan (2021), doi:10.1073/pnas.2016191118.
    """
    levels, which = np.unique(probability, return_inverse=True)
    weight = np.bincount(which, weights=events)
    share = np.bincount(which, weights=events * happened) / weight

    def mean_score(said: Floats) -> float:
        return float(np.average(said**2 - 2.0 * said * share + share, weights=weight))

    recalibrated = mean_score(optimize.isotonic_regression(share, weights=weight).x)
    score, unknowing = mean_score(levels), mean_score(np.full(len(levels), np.average(share, weights=weight)))
    return Brier(kind, int(events.sum()), score, score - recalibrated, unknowing - recalibrated, unknowing)
