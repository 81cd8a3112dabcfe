"""Mean and quantiles over draws that are all at hand, and their Monte Carlo errors."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

QUANTILES = {"q05": 0.05, "q10": 0.10, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q90": 0.90, "q95": 0.95}
STATISTICS = ("mean", *QUANTILES)
ERRORS = tuple(f"mcse_{name}" for name in STATISTICS)
"""Monte Carlo standard errors of the statistics."""

COLUMNS = 64
"""Numbers whose draws are sorted at a time, so that the copy stays small."""

type Floats = NDArray[np.float32] | NDArray[np.float64]


def over_draws(values: Floats) -> NDArray[np.float64]:
    """Mean and quantiles over the first axis, interpolated linearly between draws as NumPy does.

    Parameters
    ----------
    values
        (draw, ...), finite.

    Returns
    -------
    (statistic, ...), in the order of `STATISTICS`.

    Examples
    --------
    >>> over_draws(np.arange(101.0)).tolist()
    [50.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0]
    """
    return _by_columns(values, np.array(list(QUANTILES.values())), _mean)


def with_errors(values: Floats, effective: float) -> NDArray[np.float64]:
    """Mean and quantiles over the first axis, and their Monte Carlo errors.

    The error of the mean is sd/√n, n the effective draws. That of a quantile is half the distance between the quantiles
    between which the draws' own would lie with the probability of one standard error, by `error_bounds`.

    Parameters
    ----------
    values
        (draw, ...), finite.
    effective
        How many independent draws they are worth.

    Returns
    -------
    (statistic, ...), in the order of `STATISTICS`, then of `ERRORS`. Of a single draw errors are NaN: nobody knows.

    Examples
    --------
    >>> with_errors(np.arange(101.0), 101.0)[[0, 8, 12]].round(1).tolist()
    [50.0, 2.9, 4.9]
    """
    low, high = error_bounds(effective)
    found = _by_columns(values, np.concatenate([list(QUANTILES.values()), low, high]), _mean_and_error(effective))
    statistics, lower, upper = found[1 : len(QUANTILES) + 1], *np.split(found[len(QUANTILES) + 1 : -1], 2)
    errors = np.concatenate([found[-1:], 0.5 * (upper - lower)])
    if len(values) < 2:
        errors[:] = np.nan
    return np.concatenate([found[:1], statistics, errors])


@lru_cache(maxsize=64)
def error_bounds(
    effective: float, shares: tuple[float, ...] = tuple(QUANTILES.values())
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Probabilities between which those of the draws' own quantiles lie within one standard error.

    .. math:: \mathrm{Beta}(n p + 1, n (1 - p) + 1)^{-1}(\Phi(\mp 1))

    Parameters
    ----------
    effective
        :math:`n`, how many independent draws there are.
    shares
        :math:`p` [1] of each quantile.

    Returns
    -------
    Lower and upper probability of each [1].

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), Bayesian Analysis 16, 667-718, §4.2.
    """
    p = np.array(shares)
    shape = effective * p + 1.0, effective * (1.0 - p) + 1.0
    low, high = np.empty_like(p), np.empty_like(p)
    low[:], high[:] = (special.betaincinv(*shape, special.ndtr(z)) for z in (-1.0, 1.0))
    return low, high


def error_of_share(share: float, effective: float) -> float:
    r"""Monte Carlo error of a probability.

    .. math:: \sqrt{p (1 - p)/n}

    Parameters
    ----------
    share
        :math:`p` [1], the share of draws.
    effective
        :math:`n`, how many independent draws there are, above 0.

    Returns
    -------
    [1]. Where all draws agree, it is that of one draw in n + 2 more on either side: none has been seen, not none is.

    Examples
    --------
    >>> error_of_share(0.5, 100.0), round(error_of_share(1.0, 98.0), 3)
    (0.05, 0.01)
    """
    p = min(max(share, 1.0 / (effective + 2.0)), 1.0 - 1.0 / (effective + 2.0)) if share in {0.0, 1.0} else share
    return float(np.sqrt(p * (1.0 - p) / effective))


type _Extra = Callable[[Floats], list[NDArray[np.float64]]]


def _mean(part: Floats) -> list[NDArray[np.float64]]:
    return [part.mean(axis=0, dtype=np.float64)]


def _mean_and_error(effective: float) -> _Extra:
    def both(part: Floats) -> list[NDArray[np.float64]]:
        several = min(len(part) - 1, 1)
        return [*_mean(part), part.std(axis=0, dtype=np.float64, ddof=several) / np.sqrt(effective)]

    return both


def _by_columns(values: Floats, shares: NDArray[np.float64], extra: _Extra) -> NDArray[np.float64]:
    """Quantiles at some shares, after the first of the extra statistics and before the others.

    Sorting a transposed copy, a part at a time, is several times faster than `numpy.quantile` over the first axis.
    """
    columns = values.reshape(len(values), -1)
    place = shares * (len(values) - 1)
    low = np.minimum(place.astype(np.int64), len(values) - 1)
    high = np.minimum(low + 1, len(values) - 1)
    parts = []
    for start in range(0, columns.shape[1], COLUMNS):
        part = columns[:, start : start + COLUMNS]
        in_order = np.sort(np.ascontiguousarray(part.T), axis=-1)
        below, above = in_order[:, low].astype(np.float64), in_order[:, high].astype(np.float64)
        first, *others = extra(part)
        parts.append(np.stack([first, *(below + (place - low) * (above - below)).T, *others]))
    rows = len(shares) + len(extra(columns[:, :0]))
    return np.concatenate([np.empty((rows, 0)), *parts], axis=1).reshape(-1, *values.shape[1:])


def over_solvable(values: Floats, effective: float) -> NDArray[np.float64]:
    """The same of those draws that have an answer; all NaN if none has.

    Parameters
    ----------
    values
        (draw,), NaN where there is no answer.
    effective
        How many independent draws all of them are worth.

    Examples
    --------
    >>> over_solvable(np.array([1.0, np.nan, 3.0]), 3.0)[0]
    np.float64(2.0)
    """
    answered = values[np.isfinite(values)]
    if not answered.size:
        return np.full(len(STATISTICS) + len(ERRORS), np.nan)
    return with_errors(answered, effective * len(answered) / len(values))
