"""Success: bottlenecks multiply (model §3)."""

from typing import Any

import numpy as np

from autosim.equations.arrays import Array, softplus

LN2 = float(np.log(2.0))
SOLVED_PASS_RATE = 0.9
"""An evaluation is solved at this mean pass rate (model §8)."""


def bottleneck_losses(
    difficulty: Array, horizons_log2: Array, severity: Array, slope: Array, xp: Any = np
) -> list[Array]:
    r"""Each bottleneck's share of :math:`-\ln p`: :math:`r_b\,\mathrm{softplus}(k_b (x - \log_2 H_b))`.

    Parameters
    ----------
    difficulty
        :math:`x` [log2 min].
    horizons_log2, severity, slope
        Sequences over bottlenecks: :math:`\log_2 H_b` [log2 min], :math:`r_b` [1] in [0, 1], :math:`k_b` [1/doubling]
        above 0; each item is broadcast against ``difficulty``.

    Returns
    -------
    One array [nat] per bottleneck, broadcast shape, at least 0.

    Raises
    ------
    ValueError
        If the sequences are not of one length.

    References
    ----------
    Model §3; that performance is limited by its weakest links: Kremer (1993), Q. J. Econ. 108, 551-575.

    Examples
    --------
    >>> [round(float(loss), 4) for loss in bottleneck_losses(4.0, [4.0, 9.0], [1.0, 0.5], [0.6, 0.6])]
    [0.6931, 0.0243]
    """
    parts = zip(horizons_log2, severity, slope, strict=True)
    return [r * softplus(k * (difficulty - h), xp) for h, r, k in parts]


def log_failure_weight(difficulty: Array, horizons_log2: Array, severity: Array, slope: Array, xp: Any = np) -> Array:
    r"""Add up what all bottlenecks take from success, :math:`-\ln p`.

    .. math:: -\ln p = \sum_b r_b\,\mathrm{softplus}(k_b (x - \log_2 H_b))

    Parameters
    ----------
    difficulty, horizons_log2, severity, slope
        As in `bottleneck_losses`.

    Returns
    -------
    [nat], broadcast shape, at least 0.

    Raises
    ------
    ValueError
        If the sequences are not of one length.

    References
    ----------
    Model §3.

    Examples
    --------
    >>> round(float(np.exp(-log_failure_weight(4.0, [4.0, 4.0], [1.0, 1.0], [0.6, 0.6]))), 6)
    0.25
    """
    first, *rest = bottleneck_losses(difficulty, horizons_log2, severity, slope, xp)
    for loss in rest:
        first = first + loss
    return first


def added_difficulty(harder: Array, stages: Array, xp: Any = np) -> Array:
    r"""What a variation of an evaluation adds to the mean of `evaluation_difficulty`.

    .. math:: h - \log_2 n

    Graded stage by stage, an instance is :math:`n` steps of an :math:`n`-th of its length, each passed or failed by
    itself from a sound start; the pass rate is the share of steps that are passed.

    Parameters
    ----------
    harder
        :math:`h`, doublings added to every instance's length [doublings].
    stages
        :math:`n`, steps into which an instance is split [1], at least 1.

    Returns
    -------
    [doublings], broadcast shape.

    References
    ----------
    "Split 'implement new attention mechanism' into maybe 15 different steps": P5, Owen (2024), §5.3.

    Examples
    --------
    >>> float(added_difficulty(1.0, 8))
    -2.0
    """
    return harder - xp.log2(stages)


def evaluation_difficulty(
    median: Array, spread: Array, contamination: Array, difficulty_spread: Array, xp: Any = np
) -> tuple[Array, Array]:
    """Mean and sd [log2 min] of the difficulty of an evaluation's instances.

    Parameters
    ----------
    median
        Median length of an instance [min].
    spread
        Sd of its natural-log length [ln].
    contamination
        Doublings that leaked solutions take off [doublings].
    difficulty_spread
        Sd of an instance's own residual [doublings].

    Returns
    -------
    Mean and sd [log2 min], broadcast shapes.

    References
    ----------
    Model §3: length and residual add in quadrature.

    Examples
    --------
    >>> mean, sd = evaluation_difficulty(64.0, np.log(2.0), 1.0, 0.0)
    >>> float(mean), float(sd)
    (5.0, 1.0)
    """
    return xp.log2(median) - contamination, xp.sqrt((spread / LN2) ** 2 + difficulty_spread**2)


def task_difficulty(
    task_length: Array, length_spread: Array, difficulty_spread: Array, xp: Any = np
) -> tuple[Array, Array]:
    r"""Mean and sd [log2 min] of the difficulty of an *hour* of a task: lengths are size-biased.

    .. math:: x \sim N(\log_2 m + s^2 / \ln 2,\; (s / \ln 2)^2 + d^2)

    Parameters
    ----------
    task_length
        :math:`m`, median length of an instance [min].
    length_spread
        :math:`s`, sd of its natural-log length [ln].
    difficulty_spread
        :math:`d`, sd of an instance's own residual [doublings].

    Returns
    -------
    Mean and sd [log2 min], broadcast shapes.

    References
    ----------
    Model §3; moment distributions of a lognormal: Aitchison and Brown (1957), The Lognormal Distribution, theorem 2.6.

    Examples
    --------
    >>> mean, sd = task_difficulty(64.0, np.log(2.0), 0.0)
    >>> round(float(mean), 6), float(sd)
    (6.693147, 1.0)
    """
    return xp.log2(task_length) + length_spread**2 / LN2, xp.sqrt((length_spread / LN2) ** 2 + difficulty_spread**2)


def mean_success(weights: Array, losses: Array, xp: Any = np) -> Array:
    """Pass rate: the mean of p over instances.

    Parameters
    ----------
    weights
        Quadrature weights over instances on the last axis [1], summing to 1.
    losses
        -ln p of each instance [nat], broadcast against ``weights``.

    Returns
    -------
    [1], the instances' axis summed away.

    References
    ----------
    Model §3.

    Examples
    --------
    >>> float(mean_success(np.array([0.5, 0.5]), np.array([0.0, np.log(2.0)])))
    0.75
    """
    return (weights * xp.exp(-losses)).sum(-1)


def mean_best_of(k: int, weights: Array, losses: Array, xp: Any = np) -> Array:
    """Share of instances solved by at least one of ``k`` independent attempts: the mean of 1 - (1 - p)^k.

    Parameters
    ----------
    k
        Attempts, at least 1.
    weights, losses
        As in `mean_success`.

    Returns
    -------
    [1], the instances' axis summed away.

    References
    ----------
    Model §3; pass@k of Chen et al. (2021), arXiv 2107.03374, §2.1.

    Examples
    --------
    >>> float(mean_best_of(5, np.array([1.0]), np.array([np.log(2.0)]))) == 31 / 32
    True
    """
    failure = -xp.expm1(-losses)
    return (weights * (1.0 - failure**k)).sum(-1)


def mean_all_of(k: int, weights: Array, losses: Array, xp: Any = np) -> Array:
    """Share of instances solved by all of ``k`` independent attempts: the mean of p^k.

    Parameters
    ----------
    k
        Attempts, at least 1.
    weights, losses
        As in `mean_success`.

    Returns
    -------
    [1], the instances' axis summed away.

    References
    ----------
    Model §3; pass^k of Yao et al. (2024), arXiv 2406.12045.

    Examples
    --------
    >>> round(float(mean_all_of(5, np.array([1.0]), np.array([np.log(2.0)]))), 5)
    0.03125
    """
    return (weights * xp.exp(-k * losses)).sum(-1)


def mean_graded(best_of: int, all_of: int, weights: Array, losses: Array, xp: Any = np) -> Array:
    """Pass rate of an evaluation that counts an instance by several attempts: at least one of k, or all of k.

    Parameters
    ----------
    best_of, all_of
        Attempts, at least 1, and 1 for at least one of the two.
    weights, losses
        As in `mean_success`.

    Returns
    -------
    [1], the instances' axis summed away; `mean_success` where both are 1.

    Raises
    ------
    ValueError
        If both are above 1.

    References
    ----------
    Model §3; "grading best case versus average case performance": Owen (2024), §5.3.

    Examples
    --------
    >>> half = np.array([1.0]), np.array([np.log(2.0)])
    >>> float(mean_graded(2, 1, *half)), round(float(mean_graded(1, 2, *half)), 6)
    (0.75, 0.25)
    """
    if best_of > 1 and all_of > 1:
        raise ValueError(f"got best of {best_of} and all of {all_of}, expected one of them")
    return mean_best_of(best_of, weights, losses, xp) if best_of > 1 else mean_all_of(all_of, weights, losses, xp)


def binding_split(weights: Array, losses: list[Array], xp: Any = np) -> Array:
    """Share of the expected -ln p that each bottleneck bears, bottleneck first: what binds.

    Parameters
    ----------
    weights
        Quadrature weights over instances on the last axis [1], summing to 1.
    losses
        From `bottleneck_losses` [nat].

    Returns
    -------
    Bottleneck on the first axis, the instances' axis summed away [1]; sums to 1 over bottlenecks, or is 0 throughout
    where nothing stands in the way of success.

    References
    ----------
    Model §3 and §8.

    Examples
    --------
    >>> binding_split(np.array([0.5, 0.5]), [np.array([1.0, 1.0]), np.array([3.0, 3.0])]).tolist()
    [0.25, 0.75]
    """
    expected = xp.stack([(weights * loss).sum(-1) for loss in losses])
    whole = expected.sum(0)
    return expected / xp.where(whole > 0.0, whole, 1.0)
