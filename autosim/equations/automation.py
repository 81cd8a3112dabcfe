"""Automation curves of peers: what AI does to labour at a level of effective compute, without tasks."""

from typing import Any

import numpy as np

from autosim.equations.arrays import Array, shift_odds
from autosim.equations.success import LN2


def logistic_share(
    effective_compute_log2: Array, share_at_start: Array, width: Array, xp: Any = np
) -> tuple[Array, Array]:
    r"""Share of R&D work that AI does, logistic in the log of effective compute.

    .. math:: f = \sigma\bigl(\operatorname{logit} f_0 + e \ln 2 / w\bigr)

    Parameters
    ----------
    effective_compute_log2
        :math:`e` [doublings] since the start.
    share_at_start
        :math:`f_0` [share], in [0, 1].
    width
        :math:`w = 1/v` [e-folds of effective compute] by which the odds grow by a factor e, above 0.

    Returns
    -------
    :math:`f` and what people still do, :math:`1 - f` [share], broadcast shape.

    References
    ----------
    Kwa (2026), A simpler AI timelines model: f = logistic(v (ln(C S) - ln E)), E set by the share at the start.

    Examples
    --------
    >>> share, left = logistic_share(20.0, 0.5, 2.0)
    >>> round(float(share), 6), round(float(left), 6)
    (0.999024, 0.000976)
    """
    return shift_odds(share_at_start, 1.0 - share_at_start, effective_compute_log2 * LN2 / width, xp)


def log2_speedup_of_automation(left: Array, xp: Any = np) -> Array:
    r"""Log2 of labour's speedup where a share of the work costs nothing any more: Amdahl's limit.

    .. math:: S_L = 1 / (1 - f)

    Parameters
    ----------
    left
        :math:`1 - f` [share], what people still do, in (0, 1]; near :math:`f = 1` the difference itself has no digits.

    Returns
    -------
    [doublings], same shape.

    References
    ----------
    Amdahl (1967), AFIPS Conf. Proc. 30, 483-485; L / (1 - f) in Kwa (2026), A simpler AI timelines model.

    Examples
    --------
    >>> float(log2_speedup_of_automation(0.25))
    2.0
    """
    return -xp.log2(left)


def log2_geometric_speedup(progress: Array, required: Array, now: Array, at_milestone: Array, xp: Any = np) -> Array:
    r"""Log2 of a multiplier that grows evenly, in its logarithm, with the share of the way to a milestone.

    .. math:: v = v_0 (v_1/v_0)^{x/X}, \quad x \le X

    Parameters
    ----------
    progress, required
        :math:`x` and :math:`X` [year] of progress at the present pace, :math:`X` of at least 0.
    now, at_milestone
        :math:`v_0` and :math:`v_1` [1], above 0.

    Returns
    -------
    [doublings], broadcast shape; beyond the milestone as there.

    References
    ----------
    Lifland (2025), AI 2027 timelines forecast, time-horizon extension: intermediate speedups.

    Examples
    --------
    >>> round(float(log2_geometric_speedup(1.0, 2.0, 1.0, 4.0)), 6)
    1.0
    """
    way = xp.where(required > 0.0, xp.minimum(progress / xp.maximum(required, 1e-12), 1.0), 1.0)
    return xp.log2(now) + way * (xp.log2(at_milestone) - xp.log2(now))
