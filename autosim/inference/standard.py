"""Priors as functions of a standard normal: what a prior means to the sampler is what it means to the simulator."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable
from scipy import interpolate, special

from autosim.inputs.distributions import Categorical, Distribution, Mixture, Point, base_of

type Floats = NDArray[np.float64]

REACH = 6.0
"""A curve is tabulated for this many sd either way, all but 2e-9 of a prior; beyond, its link goes on straight."""

STEP = 1.0 / 128.0
LARGEST_LOG = 300.0
_TINY = 1e-300


def is_discrete(distribution: Distribution) -> bool:
    """Whether some value has a probability of its own, so that no gradient leads from one to the next."""
    base = base_of(distribution)
    return isinstance(base, Point | Categorical) or (isinstance(base, Mixture) and bool(base.atoms()))


@dataclass(frozen=True)
class Curves:
    r"""Quantities as functions of standard normals, :math:`\theta = Q(\Phi(z))`, for all priors alike.

    The simulator draws a quantity by its quantile function Q from a uniform number. The sampler takes the very same
    function of a standard normal, tabulated in a link in which it is smooth and cannot leave the prior's support: the
    identity, the log of the distance to a bound, or the logit between two. Monotone cubics (PCHIP) join the nodes.

    ``pieces`` are (4, node, quantity), highest power first; ``tails`` the links' slopes at both ends, (2, quantity);
    ``low`` and ``high`` the supports.
    """

    pieces: Floats
    tails: Floats
    low: Floats
    high: Floats

    def values(self, z: TensorVariable) -> TensorVariable:
        """Quantities [their units] from standard normals, (quantity,) each."""
        inside = pt.clip(z, -REACH, REACH)
        node = pt.clip(pt.floor((inside + REACH) / STEP), 0.0, self.pieces.shape[1] - 1.0)
        along = inside + REACH - node * STEP
        place = node.astype("int64"), np.arange(self.pieces.shape[2])
        cubic, square, slope, start = (pt.as_tensor(piece)[place] for piece in self.pieces)
        beyond = pt.minimum(z + REACH, 0.0) * self.tails[0] + pt.maximum(z - REACH, 0.0) * self.tails[1]
        return self._unlinked(((cubic * along + square) * along + slope) * along + start + beyond)

    def _unlinked(self, link: TensorVariable) -> TensorVariable:
        """Back from the link to the quantity."""
        below, above = np.isfinite(self.low), np.isfinite(self.high)
        low, high = np.where(below, self.low, 0.0), np.where(above, self.high, 0.0)
        grown = pt.exp(pt.clip(np.where(below, 1.0, -1.0) * link, -LARGEST_LOG, LARGEST_LOG))
        one_bound = pt.switch(below, low + grown, high - grown)
        between = low + (high - low) * pt.sigmoid(link)
        return pt.switch(below & above, between, pt.switch(below | above, one_bound, link))


class Drawable(Protocol):
    """What has a quantile function, and bounds."""

    def quantile(self, u: Floats) -> Floats:
        """Values at probabilities, same shape."""

    def support(self) -> tuple[float, float]:
        """Bounds, infinite where there are none."""


def curves(distributions: Sequence[Drawable]) -> Curves:
    """Tabulate priors.

    Parameters
    ----------
    distributions
        Continuous ones (see `is_discrete`).

    Examples
    --------
    >>> from autosim.inputs.distributions import Continuous
    >>> normal, share = Continuous("normal", (3.0, 2.0)), Continuous("uniform", (0.0, 1.0))
    >>> curves([normal, share]).values(pt.as_tensor([1.0, 0.0])).eval().round(6).tolist()
    [5.0, 0.5]
    """
    z = np.arange(-REACH, REACH + STEP / 2.0, STEP)
    pieces, tails = np.empty((4, z.size - 1, len(distributions))), np.empty((2, len(distributions)))
    bounds = np.array([distribution.support() for distribution in distributions]).reshape(-1, 2)
    for i, distribution in enumerate(distributions):
        link = np.maximum.accumulate(_linked(distribution.quantile(special.ndtr(z)), *bounds[i]))
        curve = interpolate.PchipInterpolator(z, link)
        pieces[:, :, i] = curve.c
        tails[:, i] = curve(z[[0, -1]], nu=1)
    return Curves(pieces, tails, bounds[:, 0], bounds[:, 1])


def _linked(value: Floats, low: float, high: float) -> Floats:
    above, below = np.maximum(value - low, _TINY), np.maximum(high - value, _TINY)
    if math.isfinite(low) and math.isfinite(high):
        return np.log(above) - np.log(below)
    if math.isfinite(low):
        return np.log(above)
    return -np.log(below) if math.isfinite(high) else value
