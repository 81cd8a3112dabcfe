"""Elementary functions that every equation may use, safe over the whole real line."""

from typing import Any

import numpy as np

type Array = Any
"""An array of the namespace ``xp``: a NumPy array in the simulator, a tensor in the sampler."""


def softplus(x: Array, xp: Any = np) -> Array:
    r"""Smooth positive part, :math:`\ln(1 + e^x)`, without overflow.

    Parameters
    ----------
    x
        Any shape [1].

    Returns
    -------
    Same shape [1], above 0.

    References
    ----------
    Model §3; Dugas et al. (2001), NeurIPS 13, 472-478.

    Examples
    --------
    >>> round(float(softplus(0.0)), 6), float(softplus(1000.0))
    (0.693147, 1000.0)
    """
    return xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.abs(x)))


def shift_odds(share: Array, complement: Array, logits: Array, xp: Any = np) -> tuple[Array, Array]:
    r"""Move a share by some logits, :math:`\sigma(\mathrm{logit}\,p + o)`, and its complement with it.

    Written in odds, so that it is exact at 0 and at 1, where the logit is infinite.

    Parameters
    ----------
    share, complement
        :math:`p` and :math:`1 - p` [1], in [0, 1]; both are asked for because :math:`1 - p` loses its digits near 1.
    logits
        :math:`o` [logit], broadcast against ``share``.

    Returns
    -------
    The shifted share and its complement [1], broadcast shape.

    References
    ----------
    Model §4.

    Examples
    --------
    >>> p, q = shift_odds(0.5, 0.5, 1.0)
    >>> round(float(p), 6), round(float(q), 6)
    (0.731059, 0.268941)
    """
    against = complement * xp.exp(-xp.clip(logits, -600.0, 600.0))
    whole = share + against
    return share / whole, against / whole
