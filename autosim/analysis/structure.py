"""How much of an output's variance lies between structures: alternatives that data so far cannot decide."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autosim.analysis.groups import OUTLOOK
from autosim.analysis.splitting import TOGETHER, Structure, structure, structure_names
from autosim.analysis.statistics import as_json
from autosim.inputs.posterior import TRAJECTORY
from autosim.inputs.substitution import SUBSTITUTION
from autosim.outputs import OUTPUTS
from autosim.simulation.calendar import yearly
from autosim.simulation.run import Simulation

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]
type Json = dict[str, Any]

BOTH = f"{TRAJECTORY}{TOGETHER}{SUBSTITUTION}"
"""The two structures of a scenario at once, in all combinations."""

DIVIDED = ("labour_speedup", "progress_multiplier", "p50_horizon_min", "time_saved_share", "software_log2")
"""Outputs whose variance is divided; of those that differ by factors, that of the logarithm."""

_NOISE = 1e-6
"""Standard deviation below which an output does not vary but is rounded to single precision."""


def structure_entries(simulation: Simulation) -> Json:
    """Weights of every structure's alternatives among the draws, and what lies between them.

    Parameters
    ----------
    simulation
        Every output of a scenario; of more draws than are kept one by one, the kept ones answer.

    Returns
    -------
    By structure with more than one alternative: ``weights`` [1] by alternative; the ``draws`` that answer; and
    ``variance_share`` by output, ``share`` [1] and ``mcse`` [1] by year, None where the output does not vary,
    or has no logarithm in some draw.
    """
    names = [name for name in structure_names(simulation.scenario) if name != OUTLOOK]
    names = [*names, BOTH, *(name for name in structure_names(simulation.scenario) if name == OUTLOOK)]
    found = {name: structure(simulation, name) for name in names}
    varied = {name for name, one in found.items() if len(np.unique(one.of_draw)) > 1}
    if not {TRAJECTORY, SUBSTITUTION} <= varied:
        varied.discard(BOTH)
    weights = _weights(simulation)
    values = {name: _divided(simulation, name) for name in DIVIDED}
    return {name: _entry(found[name], values, weights) for name in names if name in varied}


def _entry(one: Structure, values: dict[str, Floats], weights: Floats) -> Json:
    counts = np.bincount(one.of_draw, minlength=len(one.alternatives)) / len(one.of_draw)
    shares: Json = {}
    for name, columns in values.items():
        share, error = variance_share(columns, one.of_draw, weights)
        shares[name] = {"share": as_json(share), "mcse": as_json(error)}
    return {
        "weights": {name: as_json(count) for name, count in zip(one.alternatives, counts, strict=True)},
        "draws": len(one.of_draw),
        "variance_share": shares,
    }


def _divided(simulation: Simulation, name: str) -> Floats:
    """An output at whole years, (draw, year), in doublings if it differs by factors: NaN in years where one is 0."""
    values = simulation.outputs[name][:, yearly(len(simulation.dates))].astype(np.float64)
    if not OUTPUTS[name].log:
        return values
    return np.log2(np.where((values > 0.0).all(axis=0), values, np.nan))


def _weights(simulation: Simulation) -> Floats:
    """Weight of each draw that stands for itself, 0 for its repetitions: draws given observations may recur."""
    weights = np.ones(len(simulation.trajectory))
    if simulation.chosen is not None:
        _, first, counts = np.unique(simulation.chosen.positions, return_index=True, return_counts=True)
        weights = np.zeros(len(weights))
        weights[first] = counts
    return weights


def variance_share(values: Floats, labels: Integers, weights: Floats) -> tuple[Floats, Floats]:
    r"""Share of the variance that lies between groups of draws, without the bias that finite draws bring.

    .. math:: \eta = 1 - E[Var(y|g)] / Var(y)

    by the law of total variance. Both are estimated without bias, each group's variance from its own draws, so that
    groups which do not differ have a share of 0 on average, up to its being cut at 0. A group of one draw is left out.

    Parameters
    ----------
    values
        :math:`y`, (draw, ...).
    labels
        Each draw's group :math:`g`, (draw,).
    weights
        Of the draws, (draw,), at least 0; equal ones for a plain sample.

    Returns
    -------
    The share [1] and its Monte Carlo standard error, (...) each, NaN where the values do not vary, or fewer than two
    groups are left. The error is that of the infinitesimal jackknife, and at least what chance alone gives k groups
    that do not differ, √(2(k − 1)) / n, since the share's influence function vanishes there.

    References
    ----------
    Kelley (1935), PNAS 21, 554-559, for the estimator with one common variance; Jaeckel (1972), Bell Labs memorandum
    MM 72-1215-11, for the jackknife.

    Examples
    --------
    >>> share, error = variance_share(np.array([[0.0], [2.0], [10.0], [12.0]]), np.array([0, 0, 1, 1]), np.ones(4))
    >>> share.round(4).tolist()
    [0.9423]
    """
    sizes = np.bincount(labels, weights > 0.0)
    kept = (weights > 0.0) & (sizes[labels] > 1.0)
    groups = np.unique(labels[kept])
    if len(groups) < 2:
        unknown = np.full(values.shape[1:], np.nan)
        return unknown, unknown
    y, g, w = values[kept], labels[kept], weights[kept] / weights[kept].sum()
    within, squares = np.zeros(values.shape[1:]), np.empty(y.shape)
    for label in groups:
        own = g == label
        squares[own], variance = _spread(y[own], w[own])
        within = within + w[own].sum() * variance
    around, total = _spread(y, w)
    varies = total > _NOISE**2
    total = np.where(varies, total, np.nan)
    share = np.maximum(1.0 - within / total, 0.0)
    by_chance = np.sqrt(2.0 * (len(groups) - 1.0)) * (w @ w)
    return share, np.where(varies, np.maximum(_error(squares, around, w), by_chance), np.nan)


def _spread(y: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Squared distances from the weighted mean, and the unbiased variance, for weights of reliability."""
    whole = w.sum()
    squares = (y - np.tensordot(w, y, 1) / whole) ** 2
    return squares, np.tensordot(w, squares, 1) / (whole - (w @ w) / whole)


def _error(within: Floats, around: Floats, w: Floats) -> Floats:
    """Standard error of a ratio of weighted means, ``within`` to ``around``, from each draw's influence on it."""
    top, bottom = np.tensordot(w, within, 1), np.tensordot(w, around, 1)
    bottom = np.where(bottom > 0.0, bottom, 1.0)
    influence = (within - around * (top / bottom)) / bottom
    error: Floats = np.sqrt(np.tensordot(w * w, influence**2, 1))
    return error
