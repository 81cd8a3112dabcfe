"""How much one quantity says of another: explained variance and mutual information, with intervals."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from autosim import streams

type Floats = NDArray[np.float64]
type Measure = Callable[[Floats, Floats], float]

GROUPS = 20
"""Parts of the draws that are left out in turn."""

T_QUANTILE = float(special.stdtrit(GROUPS - 1, 0.975))
"""Of Student's t with so many degrees of freedom: a 95 % interval in standard errors."""

PER_PIECE = 100
"""Draws in a piece of the regression, so that pieces are narrow and the noise of their lines small."""

NEIGHBOURS = 5
"""Neighbours of a draw by which the density around it is judged."""

FEWEST = 10 * GROUPS
"""Draws below which no estimate is given."""


@dataclass(frozen=True)
class Estimate:
    """An estimate with a 95 % interval for what a finite number of draws leaves open.

    ``left_out`` are the estimates without each part of the draws in turn, (group,); ``most`` is the quantity's upper
    bound and ``least`` its lower one.
    """

    raw: float
    left_out: Floats
    least: float
    most: float

    def _kept(self, value: float) -> float:
        return min(max(value, self.least), self.most)

    @property
    def value(self) -> float:
        """The estimate, within the quantity's bounds, which estimators may leave by chance."""
        return self._kept(self.raw)

    @property
    def half_width(self) -> float:
        r"""Half the interval's width, by the jackknife with groups.

        .. math:: t_{g-1, 0.975} \sqrt{\tfrac{g-1}{g} \sum_i (\theta_{(i)} - \bar\theta)^2}

        References
        ----------
        Shao and Tu (1995), The Jackknife and Bootstrap, §2.3.
        """
        apart = self.left_out - self.left_out.mean()
        return T_QUANTILE * float(np.sqrt((1.0 - 1.0 / len(apart)) * (apart**2).sum()))

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self._kept(self.raw - self.half_width)

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self._kept(self.raw + self.half_width)

    def less(self, other: "Estimate") -> "Estimate":
        """Take another estimate of the same draws from this one: what they share in chance goes away."""
        return Estimate(self.raw - other.raw, self.left_out - other.left_out, -np.inf, np.inf)


def normal_scores(values: Floats, seed: int, name: str) -> Floats:
    """Ranks as quantiles of a standard normal; ties, such as pass rates of 0 or 1, are ordered by chance.

    Neither measure changes when a quantity is put on another scale that keeps its order. Chance within ties says
    nothing of anything else, and so adds nothing to either.

    Parameters
    ----------
    values
        (draw,).
    seed, name
        Of the numbers by which ties are ordered.

    Examples
    --------
    >>> normal_scores(np.array([5.0, 1.0, 9.0]), 0, "x").round(2).tolist()
    [0.0, -0.97, 0.97]
    """
    order = np.lexsort((streams.uniform(seed, f"ties.{name}", len(values)), values))
    scores = np.empty(len(values))
    scores[order] = special.ndtri((np.arange(len(values)) + 0.5) / len(values))
    return scores


def explained_variance(x: Floats, y: Floats) -> float:
    r"""Share of a quantity's variance that knowing another one explains.

    .. math:: \eta^2 = \mathrm{Var}(E[Y \mid X]) / \mathrm{Var}(Y)

    E[Y | X] is a line in each of many pieces with equally many draws; what lines explain by chance is allowed for, as
    in an adjusted R².

    Parameters
    ----------
    x
        What is known, as normal scores, (draw,).
    y
        What one wants to know, (draw,); not constant.

    Returns
    -------
    [1]; may be slightly below 0 where x says nothing.

    References
    ----------
    Kolmogorov's correlation ratio: Saltelli et al. (2008), Global Sensitivity Analysis, §1.2.13.
    """
    count = max(1, len(x) // PER_PIECE)
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order] - y.mean()
    first = (np.arange(count) * len(x)) // count
    size = np.diff([*first, len(x)])

    def centred(values: Floats) -> Floats:
        return values - np.repeat(np.add.reduceat(values, first) / size, size)

    dx, dy = centred(x), centred(y)
    slope = np.add.reduceat(dx * dy, first) / np.add.reduceat(dx * dx, first)
    rest = ((dy - np.repeat(slope, size) * dx) ** 2).sum() / (len(x) - 2 * count)
    return float(1.0 - rest / ((y * y).sum() / (len(y) - 1)))


def mutual_information(x: Floats, y: Floats) -> float:
    """Mutual information of two quantities, from the distances between neighbouring draws.

    Parameters
    ----------
    x, y
        Normal scores, (draw,).

    Returns
    -------
    [bit]; one bit halves the number of equally likely possibilities. For a bivariate normal distribution with
    correlation ρ it is -log2(1 - ρ²) / 2.

    References
    ----------
    Kraskov, Stögbauer and Grassberger (2004), Phys. Rev. E 69, 066138, algorithm 1, as scikit-learn has it.
    """
    from sklearn.feature_selection import mutual_info_regression

    found = mutual_info_regression(x[:, None], y, discrete_features=False, n_neighbors=NEIGHBOURS, random_state=0)
    return float(found[0] / np.log(2.0))


def jackknifed(measure: Measure, x: Floats, y: Floats, most: float = np.inf) -> Estimate:
    """Estimate a measure from all draws, and without each of 20 parts of them.

    Parts are draws that stand together, so that each has a pool's members in their proportions.

    Parameters
    ----------
    measure
        Such as `explained_variance`.
    x, y
        (draw,), at least `FEWEST`.
    most
        Upper bound of the quantity; the lower one is 0.
    """
    bounds = np.linspace(0, len(x), GROUPS + 1).astype(np.int64)
    without = [np.r_[0 : bounds[i], bounds[i + 1] : len(x)] for i in range(GROUPS)]
    return Estimate(measure(x, y), np.array([measure(x[kept], y[kept]) for kept in without]), 0.0, most)


def constant(value: float = 0.0) -> Estimate:
    """An estimate that no chance has touched."""
    return Estimate(value, np.full(GROUPS, value), value, value)


@dataclass(frozen=True)
class Informing:
    """How much a quantity says of another, over so many ``draws``."""

    explained_variance: Estimate
    mutual_information: Estimate
    draws: int


def informing(x: Floats, y: Floats, seed: int) -> Informing | None:
    """How much ``x`` says of ``y``.

    Parameters
    ----------
    x
        What is observed, (draw,).
    y
        What one wants to know, on the scale on which its variance counts, (draw,); NaN where it has no answer.
    seed
        Of the numbers by which ties are ordered.

    Returns
    -------
    None where there is nothing to know, y being the same in all draws, or where fewer than 200 draws have an answer.
    """
    known = np.isfinite(y)
    x, y = x[known], y[known]
    if len(y) < FEWEST or np.ptp(y) == 0.0:
        return None
    if np.ptp(x) == 0.0:
        return Informing(constant(), constant(), len(y))
    scores, wanted = normal_scores(x, seed, "observed"), normal_scores(y, seed, "wanted")
    return Informing(
        jackknifed(explained_variance, scores, y, most=1.0),
        jackknifed(mutual_information, scores, wanted),
        len(y),
    )
