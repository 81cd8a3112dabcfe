"""Shapley values: a difference divided among those who make it, so that the parts add up."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from autosim.analysis.effects import CONFIDENCE, Estimate

type Floats = NDArray[np.float64]

RESAMPLES = 200


def shapley_weights(players: int) -> Floats:
    r"""Weights by which values of all coalitions make Shapley values, (player, coalition).

    .. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|!\,(n - |S| - 1)!}{n!} \bigl( v(S \cup i) - v(S) \bigr)

    A coalition's position is the number whose binary digits are its members.

    References
    ----------
    Shapley (1953), Contributions to the Theory of Games II, 307-317.

    Examples
    --------
    >>> (shapley_weights(2) @ np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [2.0, 3.0]
    """
    weights = np.zeros((players, 2**players))
    for size in range(players):
        weight = factorial(size) * factorial(players - size - 1) / factorial(players)
        for player in range(players):
            for others in combinations([other for other in range(players) if other != player], size):
                coalition = sum(1 << other for other in others)
                weights[player, coalition] -= weight
                weights[player, coalition | 1 << player] += weight
    return weights


@dataclass(frozen=True)
class Attribution:
    """Sums of Shapley values with their intervals; the first is the whole.

    ``error`` is the largest standard error of a part as a share of the whole; None where the whole is not told from 0.
    """

    parts: list[Estimate]
    error: float | None


def attributed(answers: Floats, centre: Callable[..., Floats], sums: Floats, seed: int) -> Attribution:
    """Divide the difference between two centres of answers, such as medians, among the players that make it.

    Parameters
    ----------
    answers
        Answers when each coalition of players has moved from one end to the other, (coalition, draw), by position as in
        `shapley_weights`; all coalitions on the same draws.
    centre
        Such as `numpy.median`, which takes an axis.
    sums
        Which players' values are summed for each part, (part, player): the first part is that of all.
    seed
        Of the bootstrap, which draws anew from the draws.
    """
    matrix, draws = sums @ shapley_weights(sums.shape[1]), answers.shape[1]
    found = matrix @ centre(answers, axis=1)
    rng = np.random.default_rng(seed)
    resampled = np.stack(
        [matrix @ centre(answers[:, rng.integers(draws, size=draws)], axis=1) for _ in range(RESAMPLES)]
    )
    low, high = np.quantile(resampled, (0.5 - CONFIDENCE / 2.0, 0.5 + CONFIDENCE / 2.0), axis=0)
    error, whole = float(resampled.std(axis=0, ddof=1).max()), abs(float(found[0]))
    parts = [Estimate(*map(float, row)) for row in zip(found, low, high, strict=True)]
    return Attribution(parts, error / whole if whole > error else None)
