"""How many independent draws a run's draws are worth."""

import numpy as np

from autosim.inputs.posterior import Learnt
from autosim.inputs.scenario import AnyScenario, Pool, Scenario


def effective_draws(scenario: AnyScenario, draws: int) -> float:
    r"""Independent draws that a run's draws are worth.

    Draws from priors are independent. A pool's are weighed means of its members' draws, each of which has its share.

    .. math:: n = 1 / \sum_i w_i^2/n_i

    Parameters
    ----------
    scenario
        Of the run.
    draws
        How many, at least 1.

    Returns
    -------
    At most ``draws``.
    """
    if isinstance(scenario, Pool):
        weights = np.array([weight for weight, _ in scenario.members])
        shares = weights / weights.sum()
        each = [_of_member(member, share * draws) for share, (_, member) in zip(shares, scenario.members, strict=True)]
        return float(1.0 / (shares**2 / np.array(each)).sum())
    return _of_member(scenario, float(draws))


def _of_member(member: Scenario, draws: float) -> float:
    return draws if member.posterior is None else from_rows(draws, *rows_of(member.posterior))


def rows_of(learnt: Learnt) -> tuple[int, float]:
    """Rows of a posterior, and the independent draws that they are worth.

    The effective sample size is the smallest of all quantities', as the fit found it; of a posterior from elsewhere
    that does not say, rows count as independent. Rows that were drawn anew to weigh the trajectory's shapes are worth
    less.
    """
    rows = len(learnt.posterior)
    effective = float(rows) if learnt.posterior.ess is None else min(learnt.posterior.ess, float(rows))
    if learnt.shapes:
        worth = 1.0 / sum(weight**2 / count for weight, count in learnt.shapes.values() if weight > 0.0)
        effective *= min(worth / rows, 1.0)
    return rows, effective


def from_rows(draws: float, rows: int, effective: float) -> float:
    r"""Independent draws that draws of a posterior's rows are worth.

    The mean of N rows, taken at random without replacement from S that are worth E, has the variance of S rows' mean
    and that of taking N of them:

    .. math:: \frac{\sigma^2}{n} = \sigma^2 \left(\frac{1}{E} + \frac{1}{N} - \frac{1}{S}\right), \quad N \le S

    Beyond S rows repeat, and tell no more of what was learnt.

    Parameters
    ----------
    draws, rows, effective
        :math:`N`, :math:`S` and :math:`E`.

    Returns
    -------
    :math:`n`.

    References
    ----------
    Cochran (1977), Sampling Techniques, §2.6, for the finite population; Vehtari et al. (2021), Bayesian Analysis 16,
    667-718, for E.

    Examples
    --------
    >>> from_rows(1000.0, 4000, 4000.0), from_rows(8000.0, 4000, 500.0), round(from_rows(1000.0, 4000, 500.0))
    (1000.0, 500.0, 364)
    """
    if draws >= rows:
        return effective
    return 1.0 / (1.0 / draws + 1.0 / effective - 1.0 / rows)
