"""Where to evaluate integrals over normally distributed difficulty: trapezoids, as model §4 asks, that share nodes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

REACH = 6.0
"""Half-width of a trapezoid in standard deviations, beyond which lie 2e-9; ±5, or 6e-7, is too short for rare
delegation (model §4)."""

WIDEST_STEP = 0.8
"""Largest step [sd]: a trapezoid sums a normal density to 1 within 2 exp(-2 (π sd / step)²), here 1e-13."""

LANES = 16
"""Each trapezoid's number of nodes is a multiple of this, so that loops over them fill a processor's vectors."""

MOST_NODES = 8192
"""The widest item's trapezoid has hardly more nodes than this, however small a step is asked for."""

MOST_SHARED_NODES = 2**20
"""A draw whose items lie so far apart that they would share more nodes than this has no grid but NaN."""

_NARROW = 0.125
"""Items narrower than this share of the widest one have nodes of their own."""


class Grids(NamedTuple):
    """Trapezoids of many normal distributions, item by item, over one list of nodes per draw.

    Item k of draw i integrates f as the sum of ``weights[i, place[i, k] + j] * f(nodes[i, first[i, k] + j])`` over j
    below ``length[i, k]``, and f at difficulties that are smaller by the draw's shift with ``shifted`` in place of
    ``first``. Draws are padded to one length, of nodes after ``used`` and of weights after the last item's; that is all
    that a draw owes to the draws beside it.
    """

    nodes: Floats
    used: Integers
    first: Integers
    shifted: Integers
    length: Integers
    place: Integers
    weights: Floats


def shared_grids(mean: Floats, sd: Floats, step: Floats, shift: Floats) -> Grids:
    """Equally spaced nodes that all items of a draw share.

    Items much narrower than the widest have nodes of their own, so that they do not dictate everybody's step. Where it
    can, the shared step divides ``shift``, so that shifted difficulties are among the shared nodes, too; else they are
    a second copy of them.

    Parameters
    ----------
    mean, sd
        Of each item's difficulty [doublings], (draw, item); sd above 0.
    step
        Largest distance between nodes [doublings] at which the integrands are smooth enough, (draw,).
    shift
        At least 0 [doublings], (draw,).

    References
    ----------
    Trefethen and Weideman (2014), SIAM Review 56, 385-458: equally spaced nodes converge exponentially.

    Examples
    --------
    >>> grids = shared_grids(np.array([[3.0, 5.0]]), np.array([[1.0, 2.0]]), np.array([0.3]), np.array([1.0]))
    >>> x = grids.nodes[0, grids.first[0, 1] :][: grids.length[0, 1]]
    >>> w = grids.weights[0, grids.place[0, 1] :][: grids.length[0, 1]]
    >>> float(w.sum().round(9)), float((w * x).sum().round(9)), float(x[1] - x[0])
    (1.0, 5.0, 0.25)
    """
    sound = _sound(mean, sd, step, shift)
    mean, sd = (np.where(sound[:, None], item, 1.0) for item in (mean, sd))
    step, shift = (np.where(sound, item, 1.0) for item in (step, shift))
    step, moved = _common_step(sd, step, shift)
    own = WIDEST_STEP * sd < step[:, None]
    spacing = np.where(own, WIDEST_STEP * sd, step[:, None])
    length = LANES * np.ceil((2.0 * REACH * sd / spacing + 1.0) / LANES)
    start = mean - 0.5 * (length - 1.0) * spacing
    lowest = np.where(own, np.inf, start).min(-1) - moved * step
    first = np.where(own, 0.0, np.rint((start - lowest[:, None]) / step[:, None]))
    start = np.where(own, start, lowest[:, None] + first * step[:, None])
    shared = np.where(own, 0.0, first + length).max(-1)
    copied = (moved == 0.0) & (shift > 0.0)
    second = np.where(copied, shared, 0.0)
    after = (shared + second)[:, None] + 2.0 * np.cumsum(own * length, axis=-1)
    first = np.where(own, after - 2.0 * length, first)
    shifted = np.where(own, after - length, first + np.where(copied, shared, -moved)[:, None])
    nodes = _shared_nodes(lowest, step, shared, shift, int(after[:, -1].max()))
    for i, k in np.argwhere(own):
        x = start[i, k] + spacing[i, k] * np.arange(length[i, k])
        nodes[i, int(first[i, k]) :][: 2 * x.size] = np.concatenate((x, x - shift[i]))
    weights = _normal_weights((start - mean) / sd, spacing / sd, length)
    weights[~sound] = np.nan
    places = (after[:, -1], first, shifted, length, np.cumsum(length, axis=-1) - length)
    used, first_node, shifted_node, nodes_of_item, place = (position.astype(np.int64, order="C") for position in places)
    return Grids(nodes, used, first_node, shifted_node, nodes_of_item, place, weights)


def _sound(mean: Floats, sd: Floats, step: Floats, shift: Floats) -> NDArray[np.bool_]:
    """Which draws have a grid that fits into memory."""
    with np.errstate(all="ignore"):
        span = mean.max(-1) - mean.min(-1) + 2.0 * REACH * sd.max(-1)
        nodes = span / _common_step(sd, step, shift)[0]
        sound: NDArray[np.bool_] = np.isfinite((mean + sd).sum(-1) + step + shift + span) & (nodes <= MOST_SHARED_NODES)
    return sound


def _common_step(sd: Floats, step: Floats, shift: Floats) -> tuple[Floats, Floats]:
    """Distance between shared nodes and how many such distances the shift is, 0 where it is no whole number of them."""
    widest = sd.max(-1)
    step = np.minimum(step, WIDEST_STEP * np.maximum(sd.min(-1), _NARROW * widest))
    step = np.maximum(step, 2.0 * REACH * widest / MOST_NODES)
    divides = (shift >= step) & (shift <= 2.0 * REACH * widest)
    moved = np.where(divides, np.ceil(shift / step), 0.0)
    return np.where(divides, shift / np.maximum(moved, 1.0), step), moved


def _shared_nodes(lowest: Floats, step: Floats, shared: Floats, shift: Floats, size: int) -> Floats:
    """Shared nodes and then their shifted copy, whether or not there is room or need for it, (draw, node)."""
    j = np.arange(size)
    second = j >= shared[:, None]
    position = j - np.where(second, shared[:, None], 0.0)
    return lowest[:, None] + step[:, None] * position - np.where(second, shift[:, None], 0.0)


def _normal_weights(start: Floats, spacing: Floats, length: Floats) -> Floats:
    """Weights of equally spaced nodes [sd from the mean], item after item: (draw, node of any item)."""
    j = np.arange(int(length.max()))
    z = start[..., None] + spacing[..., None] * j
    heights = (spacing / np.sqrt(2.0 * np.pi))[..., None] * np.exp(-0.5 * np.minimum(z**2, 200.0))
    whole = length.sum(-1)
    weights = np.zeros((len(length), int(whole.max())))
    weights[np.arange(weights.shape[1]) < whole[:, None]] = heights[j < length[..., None]]
    return weights
