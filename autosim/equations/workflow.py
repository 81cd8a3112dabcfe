"""One moment's work as a whole: handover from planning to interpreting to work, adoption, rationing (model §4-6)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autosim.equations.arrays import Array
from autosim.equations.delegation import DelegationTerms, Outcome, Prospects, expected_outcome
from autosim.equations.labour import labour_speedup, mix_mean

KINDS = ("planning", "interpreting", "work")
"""Kinds of task in the order in which their handover is settled: what AI does of one spares the later ones time."""


class Allocation(NamedTuple):
    """Expected cost and mode shares of each task, adoption and rationing included; each item (draw, task) [1]."""

    cost: Array
    assisted: Array
    verified: Array
    trusted: Array


class LabourState(NamedTuple):
    """What the mix of tasks comes to: the outputs of model §5; each item (draw,) [1]."""

    labour_speedup: Array
    time_saved_share: Array
    delegated_share: Array
    assisted_share: Array
    trusted_share: Array


def share_out(outcome: Outcome, adoption: Array, served: Array) -> Allocation:
    """Apply adoption and rationing, both of which enter linearly.

    Parameters
    ----------
    outcome
        Of the tasks where AI is used and every delegated instance is served, (draw, task).
    adoption, served
        Share of hours in which AI is used, and share m of would-be delegated instances that get compute [1], (draw,).

    Returns
    -------
    Cost and mode shares of each task, (draw, task).

    References
    ----------
    Model §4 (adoption) and §6 (those not served fall back to manual and assisted as people choose between those two).
    """
    a, m = adoption[..., None], served[..., None]
    used_cost = outcome.undelegated_cost + m * outcome.delegated_cost + (1.0 - m) * outcome.fallback_cost
    return Allocation(
        cost=1.0 - a + a * used_cost,
        assisted=a * (outcome.assisted + (1.0 - m) * outcome.fallback_assisted),
        verified=a * m * outcome.verified,
        trusted=a * m * outcome.trusted,
    )


def trusted_of_kind(time_share: Array, trusted: Array, xp: Any = np) -> Array:
    """Trusted share T of the tasks of one kind, 0 where the kind has no tasks or no time.

    Parameters
    ----------
    time_share, trusted
        w and trusted share of the kind's tasks [1], (..., task).

    Returns
    -------
    [1], (...).

    References
    ----------
    Model §4.

    Examples
    --------
    >>> float(trusted_of_kind(np.array([0.25, 0.75]), np.array([0.0, 1.0])))
    0.75
    """
    whole = time_share.sum(-1)
    return (time_share * trusted).sum(-1) / xp.where(whole > 0.0, whole, 1.0)


def allocate(
    weights: Array,
    ahead: Prospects,
    terms: DelegationTerms,
    kinds: Sequence[slice],
    time_share: Array,
    adoption: Array,
    served: Array,
    xp: Any = np,
) -> Allocation:
    """Cost and mode shares of every task, kind after kind, so that handover vanishes where both ends are AI.

    Parameters
    ----------
    weights, ahead
        Quadrature weights and prospects, (draw, task, node).
    terms
        Costs, each (draw,).
    kinds
        Where the tasks of each of ``KINDS`` stand; together, in this order, they are all tasks.
    time_share
        w [1], (draw, task).
    adoption, served
        See `share_out`, (draw,).

    Returns
    -------
    Cost and mode shares of each task, (draw, task), in the order of ``kinds``.

    Raises
    ------
    ValueError
        If there is not one slice for each of ``KINDS``.

    References
    ----------
    Model §4: planning tasks bear full s and u; interpreting tasks s (1 - T_planning) and u; work s (1 - T_planning) and
    u (1 - T_interpreting).
    """
    human_planning, human_interpreting = 1.0, 1.0
    parts: list[Allocation] = []
    for kind, tasks in zip(KINDS, kinds, strict=True):
        if tasks.start == tasks.stop:
            continue
        handover = terms.specification * human_planning + terms.familiarity * human_interpreting
        outcome = expected_outcome(
            weights[..., tasks, :],
            Prospects(*(item[..., tasks, :] for item in ahead)),
            handover[..., None],
            terms,
            xp,
        )
        part = share_out(outcome, adoption, served)
        human = 1.0 - trusted_of_kind(time_share[..., tasks], part.trusted, xp)
        if kind == "planning":
            human_planning = human
        elif kind == "interpreting":
            human_interpreting = human
        parts.append(part)
    return Allocation(*(xp.concatenate(items, axis=-1) for items in zip(*parts, strict=True)))


def labour_state(time_share: Array, allocation: Allocation, task_substitution: Array, xp: Any = np) -> LabourState:
    """Speedup and shares of a mix of tasks (model §5).

    Parameters
    ----------
    time_share
        w [1], (draw, task).
    allocation
        From `allocate`.
    task_substitution
        Elasticity of substitution between tasks [1], (draw,).

    Returns
    -------
    S_L and shares of hours [1], (draw,).

    References
    ----------
    Model §5.
    """
    trusted = mix_mean(time_share, allocation.trusted)
    return LabourState(
        labour_speedup=labour_speedup(time_share, allocation.cost, task_substitution, xp),
        time_saved_share=mix_mean(time_share, 1.0 - allocation.cost),
        delegated_share=mix_mean(time_share, allocation.verified) + trusted,
        assisted_share=mix_mean(time_share, allocation.assisted),
        trusted_share=trusted,
    )
