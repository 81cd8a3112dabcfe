"""What share of an answer's variance each group of assumptions explains: Shapley effects, and Sobol indices."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

CONFIDENCE = 0.95
RESAMPLES = 500


@dataclass(frozen=True)
class Estimate:
    """A number with its central 95 % interval, both from the draws."""

    value: float
    low: float
    high: float


def _around(value: float, reach: float) -> Estimate:
    return Estimate(float(value), float(value - reach), float(value + reach))


def shapley_effects(steps: Floats, orders: Integers, clusters: Integers) -> list[Estimate]:
    r"""Shapley effect of each group: its share of the variance, averaged over all orders in which groups become known.

    Along a draw's order :math:`\pi` the groups known are kept, the others drawn anew given these. With :math:`y_k` the
    answer when k groups are known, the k-th group's part of the variance is the expectation of

    .. math:: \tfrac{1}{2} \bigl( (y_d - y_{k-1})^2 - (y_d - y_k)^2 \bigr)

    as :math:`\tfrac{1}{2} E (y_d - y_k)^2 = E\,\mathrm{Var}(y | \text{known})`. The parts add up to the variance. Valid
    whether or not groups depend on one another.

    Parameters
    ----------
    steps
        Answers with 0, 1, …, all groups known, (draw, group + 1).
    orders
        Which group becomes known at each step, (draw, group).
    clusters
        Draws of the same cluster share their orders, (draw,); errors are those between clusters.

    Returns
    -------
    Shares of the variance [1], which sum to 1; zero for all if the answer never varies.

    References
    ----------
    Owen (2014), SIAM/ASA J. Uncertainty Quantification 2, 245-251; Song, Nelson and Staum (2016), ibid. 4, 1060-1083;
    for one pass along an order: Goda (2021), Reliability Engineering & System Safety 215, 107821.
    """
    apart = 0.5 * (steps[:, -1:] - steps) ** 2
    parts = np.empty_like(orders, dtype=np.float64)
    np.put_along_axis(parts, orders, apart[:, :-1] - apart[:, 1:], axis=1)
    names, cluster = np.unique(clusters, return_inverse=True)
    sums = np.zeros((len(names), orders.shape[1]))
    np.add.at(sums, cluster, parts)
    return ratios(sums, sums.sum(axis=1))


def ratios(parts: Floats, wholes: Floats) -> list[Estimate]:
    """Shares of sums over clusters, with intervals by the jackknife that leaves out one cluster at a time.

    Parameters
    ----------
    parts
        (cluster, item).
    wholes
        (cluster,).
    """
    whole, count = wholes.sum(), len(wholes)
    if whole == 0.0:
        return [Estimate(0.0, 0.0, 0.0)] * parts.shape[1]
    share = parts.sum(axis=0) / whole
    without = (parts.sum(axis=0) - parts) / (whole - wholes)[:, None]
    error = np.sqrt((count - 1) / count * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    reach = error * stats.t.ppf(0.5 + CONFIDENCE / 2.0, count - 1)
    return [Estimate(*map(float, row)) for row in zip(share, share - reach, share + reach, strict=True)]


@dataclass(frozen=True)
class Sobol:
    """First-order and total Sobol indices of a group [1]."""

    first: Estimate
    total: Estimate


def sobol_indices(first: Floats, second: Floats, exchanged: Floats, names: Sequence[str], seed: int) -> list[Sobol]:
    """Sobol indices of groups that are independent of one another.

    Parameters
    ----------
    first, second
        Answers of two independent samples, (draw,).
    exchanged
        Answers of the first with one group from the second, (group, draw).
    names
        Of the groups.
    seed
        Of the bootstrap.

    Returns
    -------
    For each group; zero for all if the answer never varies.

    References
    ----------
    Saltelli et al. (2010), Computer Physics Communications 181, 259-270, as SALib has them.
    """
    if np.ptp(np.concatenate([first, second])) == 0.0:
        nothing = Estimate(0.0, 0.0, 0.0)
        return [Sobol(nothing, nothing)] * len(names)
    from SALib.analyze import sobol

    problem = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    rows = np.column_stack([first, *exchanged, second]).ravel()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of groups that change nothing
        found = sobol.analyze(
            problem, rows, calc_second_order=False, num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=seed + 1
        )  # seed 0 would mean none to SALib
    return [
        Sobol(*(Estimate(float(x), float(x - reach), float(x + reach)) for x, reach in pair))
        for pair in zip(
            zip(found["S1"], found["S1_conf"], strict=True),
            zip(found["ST"], found["ST_conf"], strict=True),
            strict=True,
        )
    ]
