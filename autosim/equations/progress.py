"""R&D progress: inputs, returns, and the feedback through software (model §7)."""

from typing import Any

import numpy as np

from autosim.equations.arrays import Array
from autosim.equations.success import LN2

_NEARLY_COBB_DOUGLAS = 1e-6
_TINY = 1e-300
_UNWEIGHTED = 1e12


def input_growth(growth: Array, growth_after: Array, slowdown: Array, years: Array, xp: Any = np) -> Array:
    """Log2 of an input since the reference date: one rate until ``slowdown`` years have passed, another from then on.

    Parameters
    ----------
    growth, growth_after
        [doublings/year].
    slowdown
        Years after the reference date at which the rate changes [year].
    years
        t [year].

    Returns
    -------
    [doublings], broadcast shape.

    References
    ----------
    Model §7.

    Examples
    --------
    >>> float(input_growth(2.0, 1.0, 5.0, 7.0)), float(input_growth(2.0, 1.0, 5.0, -1.0))
    (12.0, -2.0)
    """
    return growth * xp.minimum(years, slowdown) + growth_after * xp.maximum(years - slowdown, 0.0)


def log2_research_input(
    labour_log2: Array, compute_log2: Array, labour_share: Array, input_substitution: Array, xp: Any = np
) -> Array:
    r"""Log2 of the CES aggregate of research labour and experiment compute.

    .. math:: \mathrm{CES} = \bigl(a\,l^\rho + (1 - a)\,c^\rho\bigr)^{1/\rho}, \quad \rho = (\sigma - 1)/\sigma

    Worked in logarithms: towards :math:`\sigma = 0` it becomes :math:`\min(l, c)`; within 1e-6 of :math:`\rho = 0` the
    Cobb-Douglas form and its second-order term take over. An input of weight 0 counts for nothing, however scarce.

    Parameters
    ----------
    labour_log2, compute_log2
        :math:`\log_2 l` and :math:`\log_2 c` [doublings].
    labour_share
        :math:`a` [share], in [0, 1].
    input_substitution
        :math:`\sigma`, elasticity of substitution [1], above 0.

    Returns
    -------
    [doublings], broadcast shape.

    References
    ----------
    Model §7; Arrow, Chenery, Minhas and Solow (1961), Rev. Econ. Stat. 43, 225-250.

    Examples
    --------
    >>> half, one = np.array(0.5), np.array(1.0)
    >>> float(log2_research_input(np.array(4.0), np.array(2.0), half, one))
    3.0
    >>> round(float(log2_research_input(np.array(4.0), np.array(2.0), half, np.array(0.001))), 3)
    2.001
    """
    a, gap = labour_share, (labour_log2 - compute_log2) * LN2
    rho = (input_substitution - 1.0) / input_substitution
    cobb_douglas = xp.abs(rho) < _NEARLY_COBB_DOUGLAS
    safe = xp.where(cobb_douglas, 1.0, rho)
    labour, compute = _log_share(a, xp) + safe * gap, _log_share(1.0 - a, xp)
    ces = (xp.maximum(labour, compute) + xp.log1p(xp.exp(-xp.abs(labour - compute)))) / safe
    nearly = a * gap + 0.5 * rho * a * (1.0 - a) * gap**2
    return compute_log2 + xp.where(cobb_douglas, nearly, ces) / LN2


def _log_share(share: Array, xp: Any) -> Array:
    """Logarithm of a share, far below everything else at 0."""
    return xp.where(share > 0.0, xp.log(xp.maximum(share, _TINY)), -_UNWEIGHTED)


def progress_multiplier(
    input_log2: Array, input_log2_without_ai: Array, returns_to_input: Array, xp: Any = np
) -> Array:
    r"""How much faster R&D goes than without AI: :math:`M = (R/R_0)^\lambda`.

    Parameters
    ----------
    input_log2, input_log2_without_ai
        :math:`\log_2 R` and :math:`\log_2 R_0` [doublings].
    returns_to_input
        :math:`\lambda` [1], above 0.

    Returns
    -------
    :math:`M` [1], broadcast shape.

    References
    ----------
    Model §7.

    Examples
    --------
    >>> float(progress_multiplier(2.0, 0.0, 0.5))
    2.0
    """
    return xp.exp2(returns_to_input * (input_log2 - input_log2_without_ai))


def software_rate(
    software_growth: Array,
    input_log2: Array,
    returns_to_input: Array,
    software_log2: Array,
    ideas_harder: Array,
    xp: Any = np,
) -> Array:
    r"""Growth of software efficiency.

    .. math:: \frac{d \log_2 A}{dt} = g_A\, R^{\lambda} A^{-\beta}

    Parameters
    ----------
    software_growth
        :math:`g_A` at the reference date without AI [doublings/year].
    input_log2
        :math:`\log_2 R` [doublings].
    returns_to_input, ideas_harder
        :math:`\lambda` and :math:`\beta` [1].
    software_log2
        :math:`\log_2 A` [doublings].

    Returns
    -------
    [doublings/year], broadcast shape.

    References
    ----------
    Model §7; Jones (1995), J. Polit. Econ. 103, 759-784.

    Examples
    --------
    >>> float(software_rate(1.6, 2.0, 0.5, 2.0, 0.5))
    1.6
    """
    return software_growth * xp.exp2(returns_to_input * input_log2 - ideas_harder * software_log2)


def software_without_feedback(software_growth: Array, ideas_harder: Array, effort: Array, xp: Any = np) -> Array:
    r"""Log2 of software efficiency where AI does not speed R&D up: the equation of `software_rate`, integrated.

    .. math:: \log_2 A(t) = \log_2(1 + g_A\,\beta \ln 2\, E(t)) / \beta, \quad E(t) = \int_0^t R_0^\lambda\,dt'

    Parameters
    ----------
    software_growth
        :math:`g_A` at the reference date without AI [doublings/year].
    ideas_harder
        :math:`\beta` [1], above 0.
    effort
        :math:`E`, research input to the power :math:`\lambda`, accumulated since the reference date [year], at least 0.

    Returns
    -------
    [doublings], broadcast shape.

    References
    ----------
    Model §7 with feedback: false, where R_0 depends on time alone and the equation separates.

    Examples
    --------
    >>> round(float(software_without_feedback(1.5, 1e-9, 2.0)), 6)
    3.0
    """
    return xp.log1p(software_growth * ideas_harder * LN2 * effort) / (ideas_harder * LN2)
