"""Shapes of the trajectory in a posterior: as many rows of each as its weight asks for."""

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from autosim.equations.capability import TRAJECTORIES
from autosim.errors import InputError, shown
from autosim.inputs.posterior import SHAPES, TRAJECTORY, Learnt, Posterior, shape_column
from autosim.inputs.posterior_files import DrawsFile

type Floats = NDArray[np.float64]

FEWEST_OF_A_SHAPE = 100
"""Draws that a posterior's must be worth for each shape that is weighed otherwise than the sampler weighs it."""

_SUM = 1e-6
"""How far weights may be from summing to 1."""


def worth(weight: Floats) -> float:
    r"""Number of equally weighted draws that weighted ones are worth.

    .. math:: \left(\sum_i w_i\right)^2 / \sum_i w_i^2

    Parameters
    ----------
    weight
        :math:`w_i \ge 0` [1], (draw,).

    Returns
    -------
    0 if all weights are 0.

    References
    ----------
    Kish (1965), Survey Sampling, §8.2.

    Examples
    --------
    >>> worth(np.array([1.0, 1.0, 0.0, 0.0])), worth(np.zeros(4))
    (2.0, 0.0)
    """
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares > 0.0 else 0.0


def reweighted(posterior: Posterior, each: Mapping[str, Floats], weights: Mapping[str, float]) -> Posterior:
    """Draw a posterior's rows anew, so that the shapes have other weights.

    The sampler sums over the shapes, so that every row speaks for all of them: it belongs to a shape with the
    probability that the shape has in it. Rows of a shape are taken in these proportions, by systematic resampling
    (Kitagawa 1996), so that a row comes as often as it should, rounded up or down.

    Parameters
    ----------
    posterior
        Rows as they were sampled.
    each
        Probability of each shape in every row [1], (draw,).
    weights
        Of the shapes [1], summing to 1; a shape of some weight has some probability.

    Returns
    -------
    As many rows, with the shape that each stands for.
    """
    names = [name for name, weight in weights.items() if weight > 0.0]
    size = len(posterior)
    whole = np.cumsum(np.concatenate([weights[name] * each[name] / each[name].sum() for name in names]))
    pairs = np.searchsorted(whole, (np.arange(size) + 0.5) / size * whole[-1], side="right")
    rows, shapes = pairs % size, np.array([TRAJECTORIES.index(name) for name in names])[pairs // size]
    values = {name: column[rows] for name, column in posterior.values.items()}
    return replace(posterior, values=values, trajectory=shapes)


def with_shapes(learnt: Learnt, draws: DrawsFile, *, force: bool = False) -> Learnt:
    """Give a posterior's rows the shapes that the fit says, or else the scenario.

    A file that says nothing of weights and holds no probabilities keeps the shapes of its rows: those of Bayes.

    Parameters
    ----------
    learnt
        Its ``weights`` are the scenario's own, if it has any.
    draws
        The file that its posterior comes from.
    force
        Be content with any draws of a shape.

    Raises
    ------
    InputError
        If the file's weights or probabilities are none, or its draws are worth too little for some shape.
    """
    posterior, own = learnt.posterior, learnt.weights
    wanted = own if own is not None else _said(draws)
    if posterior.trajectory is None or wanted is None:
        return learnt
    names = [name for name, weight in wanted.items() if weight > 0.0]
    each = _probabilities(draws, posterior.trajectory, names)
    shapes = {name: (wanted[name], worth(each[name])) for name in names}
    for name, (_, count) in shapes.items():
        if round(count) < (1 if force else FEWEST_OF_A_SHAPE):
            why = "since the scenario weighs the shapes in its own way; or fit it itself"
            what = why if own is not None else "as its weight in forecasts asks for; or fit with more --draws"
            got = f"draws worth {round(count)} of the shape {name}"
            raise InputError(posterior.place, TRAJECTORY, got, f"{FEWEST_OF_A_SHAPE} or more, {what}")
    if own is not None and not any(shape_column(name) in draws.columns for name in TRAJECTORIES):
        return learnt  # whose rows of each shape are all there is
    rows = wanted if own is None else dict.fromkeys(names, 1.0 / len(names))  # the run draws shapes, then rows of each
    return replace(learnt, posterior=reweighted(posterior, each, rows), shapes=shapes)


def _said(draws: DrawsFile) -> dict[str, float] | None:
    """Weights of the shapes in forecasts, as the fit that wrote the file says; None if it says nothing."""
    if not draws.ours or SHAPES not in draws.attributes:
        return None
    text = draws.attributes[SHAPES]
    try:
        weights = {str(name): float(one["weight"]) for name, one in json.loads(text).items()}
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        weights = {}
    sound = all(name in TRAJECTORIES and 0.0 <= weight <= 1.0 for name, weight in weights.items())
    if not (sound and abs(sum(weights.values()) - 1.0) <= _SUM):
        what = "a weight of each shape, which sum to 1, as autosim fit writes them"
        raise InputError(draws.place, SHAPES, shown(text), what)
    return weights


def _probabilities(draws: DrawsFile, trajectory: NDArray[np.int64], names: list[str]) -> dict[str, Floats]:
    """Probability of each shape in every row; all or nothing, by the row's own shape, where the file has none."""
    columns = {name: draws.columns.get(shape_column(name)) for name in TRAJECTORIES}
    known = {name: column for name, column in columns.items() if column is not None}
    for name, column in known.items():
        wrong = [x for x in column.tolist() if not 0.0 <= x <= 1.0 + _SUM]
        if wrong:
            raise InputError(draws.place, shape_column(name), shown(wrong[0]), "a probability")
    if not known:
        return {name: (trajectory == TRAJECTORIES.index(name)).astype(np.float64) for name in names}
    return {name: known.get(name, np.zeros(len(trajectory))) for name in names}
