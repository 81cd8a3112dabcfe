"""Delegation: four ways to do an instance, and how people choose among them (model §4)."""

from typing import Any, NamedTuple

import numpy as np

from autosim.equations.arrays import Array, shift_odds


class DelegationTerms(NamedTuple):
    """What delegating costs, in units of the instance's own manual human time; each item (draw,)."""

    assist_gain: Array
    assist_overhead: Array
    specification: Array
    familiarity: Array
    verification: Array
    rework: Array
    undetected_loss: Array
    agent_price: Array
    choice_noise: Array


class Prospects(NamedTuple):
    """What AI would do with each instance, as it is and as people believe it is; each item (draw, task, node)."""

    failure: Array
    believed_failure: Array
    assisted_cost: Array
    believed_assisted_cost: Array


class Outcome(NamedTuple):
    """A task's expected mode shares and costs where AI is used and all who delegate are served.

    Each item is (draw, task) [1]. ``undelegated_cost`` and ``delegated_cost`` add up to the expected cost;
    ``fallback_cost`` and ``fallback_assisted`` are cost and assisted share of the delegated instances if they had to be
    done without agents.
    """

    assisted: Array
    verified: Array
    trusted: Array
    undelegated_cost: Array
    delegated_cost: Array
    fallback_cost: Array
    fallback_assisted: Array


def optimism_at(optimism: Array, optimism_decay: Array, years: Array, xp: Any = np) -> Array:
    r"""How much people overestimate success when they choose, as it wears off: :math:`o\,e^{-\delta \max(t, 0)}`.

    Parameters
    ----------
    optimism
        :math:`o` [logit] up to the reference date, any shape.
    optimism_decay
        :math:`\delta` [1/year], at least 0.
    years
        :math:`t` after the reference date [year].

    Returns
    -------
    [logit], broadcast shape.

    References
    ----------
    Model §4.

    Examples
    --------
    >>> float(optimism_at(0.4, 0.3, -1.0)), round(float(optimism_at(0.4, 0.3, 2.0)), 6)
    (0.4, 0.219525)
    """
    return optimism * xp.exp(-optimism_decay * xp.maximum(years, 0.0))


def adoption_at(adoption: Array, adoption_growth: Array, years: Array, xp: Any = np) -> Array:
    r"""Share of hours in which AI is used at all: :math:`\sigma(\mathrm{logit}\,a + \gamma t)`.

    Parameters
    ----------
    adoption
        :math:`a` at the reference date [share], in [0, 1]; 0 and 1 stay what they are.
    adoption_growth
        :math:`\gamma` [logit/year].
    years
        :math:`t` after the reference date [year].

    Returns
    -------
    [share], broadcast shape.

    References
    ----------
    Model §4; logistic diffusion: Griliches (1957), Econometrica 25, 501-522.

    Examples
    --------
    >>> [round(float(adoption_at(share, 1.0, 1.0)), 6) for share in (0.0, 0.5, 1.0)]
    [0.0, 0.731059, 1.0]
    """
    return shift_odds(adoption, 1.0 - adoption, adoption_growth * years, xp)[0]


def assisted_cost(success: Array, assist_gain: Array, assist_overhead: Array) -> Array:
    """Cost of working with help on short pieces, as a copilot gives: (1 + overhead) / (1 + gain · p).

    Parameters
    ----------
    success
        p of a piece [1], in [0, 1].
    assist_gain
        Gain in speed from an assistant that always succeeds [1], at least 0.
    assist_overhead
        Time that using it adds [share of manual time], at least 0.

    Returns
    -------
    [share of manual time], broadcast shape.

    References
    ----------
    Model §4, table of modes.

    Examples
    --------
    >>> round(assisted_cost(1.0, 0.4, 0.08), 6)
    0.771429
    """
    return (1.0 + assist_overhead) / (1.0 + assist_gain * success)


def prospects(losses: Array, piece_losses: Array, optimism: Array, terms: DelegationTerms, xp: Any = np) -> Prospects:
    """Look ahead to what AI would do with each instance, and to what people think it would.

    Parameters
    ----------
    losses, piece_losses
        -ln p of the instance, and of a piece of it that is ``piece_doublings`` easier [nat], (draw, task, node).
    optimism
        o [logit], (draw,): believed success is the logistic of logit p + o.
    terms
        Costs, each (draw,).

    Returns
    -------
    Failure [1] and costs of assistance [share of manual time], true and believed, (draw, task, node).

    References
    ----------
    Model §4. Near p = 1 the complement comes from ln p, not from 1 - p. That belief can turn AI into a loss of time:
    Becker, Rush, Barnes and Rein (2025), arXiv 2507.09089.
    """
    o = optimism[..., None, None]
    gain, overhead = terms.assist_gain[..., None, None], terms.assist_overhead[..., None, None]
    failure, piece_failure = -xp.expm1(-losses), -xp.expm1(-piece_losses)
    piece = xp.exp(-piece_losses)
    _, believed_failure = shift_odds(xp.exp(-losses), failure, o, xp)
    believed_piece, _ = shift_odds(piece, piece_failure, o, xp)
    return Prospects(
        failure, believed_failure, assisted_cost(piece, gain, overhead), assisted_cost(believed_piece, gain, overhead)
    )


def delegated_costs(failure: Array, handover: Array, terms: DelegationTerms) -> tuple[Array, Array]:
    """Costs of verified and of trusted delegation [share of manual time].

    Parameters
    ----------
    failure
        1 - p [1], (draw, task, node).
    handover
        s + u [share of manual time], (draw, task): what writing the specification and knowing the implementation take.
    terms
        Costs, each (draw,).

    Returns
    -------
    Verified and trusted [share of manual time], (draw, task, node).

    References
    ----------
    Model §4, table of modes.
    """
    start = (handover + terms.agent_price[..., None])[..., None]
    verified = start + terms.verification[..., None, None] + failure * terms.rework[..., None, None]
    return verified, start + failure * terms.undetected_loss[..., None, None]


def mode_shares(
    assisted: Array, verified: Array, trusted: Array, choice_noise: Array, xp: Any = np
) -> tuple[Array, Array, Array, Array]:
    """Probabilities of manual, assisted, verified, trusted: softmax(-believed cost / choice_noise).

    Parameters
    ----------
    assisted, verified, trusted
        Believed costs [share of manual time]; manual costs 1.
    choice_noise
        At least 0.01 [share of manual time], broadcast against the costs; the bound keeps the exponentials finite.

    Returns
    -------
    Four shares [1], broadcast shape, summing to 1.

    References
    ----------
    Model §4; multinomial logit, McFadden (1974).

    Examples
    --------
    >>> [round(float(share), 3) for share in mode_shares(1.0, 1.0, 1.0, 0.05)]
    [0.25, 0.25, 0.25, 0.25]
    """
    odds = [xp.exp((1.0 - cost) / choice_noise) for cost in (assisted, verified, trusted)]
    whole = 1.0 + odds[0] + odds[1] + odds[2]
    return 1.0 / whole, odds[0] / whole, odds[1] / whole, odds[2] / whole


def expected_outcome(
    weights: Array, ahead: Prospects, handover: Array, terms: DelegationTerms, xp: Any = np
) -> Outcome:
    """Integrate choice and cost over the instances of each task: believed costs choose, true costs are paid.

    Parameters
    ----------
    weights
        Quadrature weights over hours of the task [1], (draw, task, node), summing to 1 over nodes.
    ahead
        From `prospects`.
    handover
        s + u per task [share of manual time], (draw, task).
    terms
        Costs, each (draw,).

    Returns
    -------
    Mode shares and costs of each task, (draw, task).

    References
    ----------
    Model §4 and, for the fallback, §6.
    """
    believed = delegated_costs(ahead.believed_failure, handover, terms)
    manual, assisted, verified, trusted = mode_shares(
        ahead.believed_assisted_cost, *believed, terms.choice_noise[..., None, None], xp
    )
    verified_cost, trusted_cost = delegated_costs(ahead.failure, handover, terms)
    without_agents = manual + assisted * ahead.assisted_cost
    refused = weights * (verified + trusted) / (manual + assisted)
    return Outcome(
        assisted=(weights * assisted).sum(-1),
        verified=(weights * verified).sum(-1),
        trusted=(weights * trusted).sum(-1),
        undelegated_cost=(weights * without_agents).sum(-1),
        delegated_cost=(weights * (verified * verified_cost + trusted * trusted_cost)).sum(-1),
        fallback_cost=(refused * without_agents).sum(-1),
        fallback_assisted=(refused * assisted).sum(-1),
    )
