"""Outlooks scored: weights of several scenarios, updated statement by statement by what became known later."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from autosim.backtesting.split import split
from autosim.backtesting.statements import Statement, log_likelihoods, statements
from autosim.errors import InputError, NotANumberError, shown
from autosim.evidence.tables import Evidence
from autosim.inputs.scenario import Pool, Scenario

type Floats = NDArray[np.float64]
type Json = dict[str, Any]

BATCHES = 10
"""Independent batches of draws, from whose differences Monte Carlo errors are made."""

LEAST_DRAWS = 10 * BATCHES
"""Fewer draws are refused."""

LEAST_EFFECTIVE = 50.0
"""Results are not to be trusted once the draws of some outlook are worth fewer."""


@dataclass(frozen=True)
class Estimate:
    """Values and their Monte Carlo standard errors, arrays of one shape."""

    value: Floats
    error: Floats

    def said(self, *at: int) -> Json:
        """One of the values with its error, as JSON has it."""
        return {"value": float(self.value[at]), "mcse": float(self.error[at])}


@dataclass(frozen=True)
class Updated:
    """Weights of outlooks before the first and after each statement.

    ``log_density`` (statement, outlook) [nat] is how likely a statement was under an outlook, given those before it;
    ``log_factor`` (statement, outlook) [nat] the same against the pool with its weights of before: the factor is that
    by which the statement changes the outlook's weight; ``weights`` are (statement + 1, outlook) [1]; ``joint``
    (outlook,) [nat] is the log marginal likelihood of all statements; ``effective`` (statement, outlook) what draws are
    worth after a statement.
    """

    log_density: Estimate
    log_factor: Estimate
    weights: Estimate
    joint: Estimate
    effective: Floats

    @property
    def factor(self) -> Estimate:
        """Factors by which statements change weights, (statement, outlook) [1]."""
        value = np.exp(self.log_factor.value)
        return Estimate(value, value * self.log_factor.error)


@dataclass(frozen=True)
class OutlooksScored:
    """Outlooks, the statements that became known after they were held, and what these made of their weights.

    ``since`` is the day as of which the outlooks are held, or that of the first statement if that is earlier;
    ``frontier`` the probability with which later models were taken to be at the frontier.
    """

    outlooks: tuple[str, ...]
    statements: tuple[Statement, ...]
    updated: Updated
    since: date
    draws: int
    seed: int
    frontier: float

    @property
    def trusted_until(self) -> date | None:
        """Last day up to which the draws of every outlook are worth enough; None if they are to the end."""
        poor = np.flatnonzero((self.updated.effective < LEAST_EFFECTIVE).any(axis=1))
        if not poor.size:
            return None
        first = self.statements[int(poor[0])].known
        return max((one.known for one in self.statements if one.known < first), default=self.since)

    def favoured(self, statement: int) -> int:
        """Position of the outlook that a statement favours most."""
        return int(self.updated.log_density.value[statement].argmax())

    def as_json(self) -> Json:
        """Everything as JSON has it; numbers with Monte Carlo standard errors (``mcse``)."""
        made, last, until = self.updated, len(self.statements), self.trusted_until
        return {
            "since": str(self.since),
            "draws": self.draws,
            "seed": self.seed,
            "frontier_probability": self.frontier,
            "trusted_until": None if until is None else str(until),
            "outlooks": {
                name: {
                    "weight_before": float(made.weights.value[0, i]),
                    "weight_after": made.weights.said(last, i),
                    "log_density": made.joint.said(i),
                }
                for i, name in enumerate(self.outlooks)
            },
            "statements": [self._statement(k) for k in range(last)],
        }

    def _statement(self, k: int) -> Json:
        made, one = self.updated, self.statements[k]
        said = {"known": str(one.known), "kind": one.kind, "about": one.about, "suite": one.suite}
        each = {
            name: {
                "log_density": made.log_density.said(k, i),
                "factor": made.factor.said(k, i),
                "weight_after": made.weights.said(k + 1, i),
                "effective_draws": float(made.effective[k, i]),
            }
            for i, name in enumerate(self.outlooks)
        }
        return {**said, "favoured": self.outlooks[self.favoured(k)], "outlooks": each}


def score_pool(pool: Pool, evidence: Evidence, cut_off: date, draws: int, seed: int) -> OutlooksScored:
    """Update the weights of a pool's outlooks by what became known after a cut-off.

    Parameters
    ----------
    pool
        Loaded as of the cut-off.
    evidence
        Of any day: what was known by the cut-off does not count.
    cut_off
        Last day on which nothing counts yet.
    draws, seed
        As in `score_outlooks`.

    Raises
    ------
    InputError
        If the pool is not as of the cut-off, an outlook did not exist yet by then, or `score_outlooks` refuses.
    NotANumberError
        As by `score_outlooks`.
    """
    for _, one in pool.members:
        if one.as_of is None or one.as_of.day != cut_off:
            got = "as of today" if one.as_of is None else f"as of {one.as_of.day}"
            raise InputError("outlooks", one.header.slug, got, f"an outlook as of the cut-off {cut_off}")
        if not _existed(one):
            got = f"{cut_off}, when nothing was published yet that {one.header.slug} says itself"
            raise InputError("cut-off", "", got, "a day by which all outlooks exist")
    return replace(score_outlooks(pool.members, split(evidence, cut_off).later, draws, seed), since=cut_off)


def _existed(one: Scenario) -> bool:
    """Whether anything that an outlook's own file says is in it, rather than what it was laid over alone."""
    own = next(file.place for file in one.header.files if file.text == one.header.text)
    notes = [*(prior.note for prior in one.priors.values()), *(prior.note for prior in one.shares.values())]
    return any(note.place == own for note in (*notes, *one.structure_notes.values()))


def score_outlooks(
    members: Sequence[tuple[float, Scenario]], later: Evidence, draws: int, seed: int, *, frontier: float = 0.5
) -> OutlooksScored:
    """Update the weights of outlooks by what became known after they were held.

    Each statement's density under an outlook is that of the fit's likelihoods, averaged over draws of the outlook's
    priors that are weighed by the statements before it. So densities multiply to that of all statements together,
    whatever their order.

    Parameters
    ----------
    members
        Outlooks with their weights, such as those of a pool; as they were held before ``later`` became known.
    later
        Horizons of later models, and trials. What participants of trials believed does not count, nor do outcomes.
    draws, seed
        Of each outlook: how many, and from which streams, the same for all, so that noise cancels between them.
    frontier
        Probability that a later model is at the frontier, whatever evidence says, since that is decided by its result.

    Raises
    ------
    InputError
        If there is nothing to score, too few draws, or a weight or probability that is none.
    NotANumberError
        If a statement's likelihood is NaN or infinite in some draw.
    """
    _check(members, draws, frontier)
    said = statements(later)
    if not said:
        raise InputError("later evidence", "", "0 horizons and 0 trials", "at least 1 horizon of a model or 1 trial")
    names = tuple(scenario.header.slug for _, scenario in members)
    terms = np.empty((len(members), draws, len(said)))
    for i, (_, scenario) in enumerate(members):
        terms[i] = log_likelihoods(said, later, scenario, draws, seed, frontier=frontier)
        _refuse_no_number(terms[i], said, names[i])
    since = min(*(scenario.header.reference_date for _, scenario in members), said[0].known)
    made = updated(np.array([weight for weight, _ in members]), terms)
    return OutlooksScored(names, tuple(said), made, since, draws, seed, frontier)


def updated(weights: Floats, terms: Floats) -> Updated:
    """Update weights by the log-likelihoods of statements in independent draws of each outlook.

    Parameters
    ----------
    weights
        Before any statement, (outlook,), positive; they need not sum to 1.
    terms
        Log-likelihood of each statement in each draw [nat], (outlook, draw, statement).

    Notes
    -----
    Errors are those of a jackknife that leaves out batches of draws, the same for all outlooks, since these may share
    their noise.
    """
    draws = terms.shape[1]
    prior = np.log(weights / weights.sum())
    whole = np.concatenate([np.zeros((*terms.shape[:2], 1)), np.cumsum(terms, axis=-1)], axis=-1)
    batches = np.array_split(np.arange(draws), BATCHES)
    parts = np.stack([special.logsumexp(whole[:, at], axis=1) for at in batches])
    exact = _chained(prior, special.logsumexp(parts, axis=0) - math.log(draws))
    without = [
        _chained(prior, special.logsumexp(np.delete(parts, i, axis=0), axis=0) - math.log(draws - len(at)))
        for i, at in enumerate(batches)
    ]
    log_density, log_factor, share, joint = (
        Estimate(value, _jackknife(np.stack(others)))
        for value, others in zip(exact, zip(*without, strict=True), strict=True)
    )
    worth = 2.0 * special.logsumexp(whole, axis=1) - special.logsumexp(2.0 * whole, axis=1)
    return Updated(log_density, log_factor, share, joint, np.exp(worth[:, 1:].T))


def _chained(prior: Floats, joint: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Density of each statement given those before it, log factors, weights, density of all (see `Updated`).

    ``prior`` are log weights, (outlook,); ``joint`` log marginal likelihoods of the first statements, from none to all,
    (outlook, statement + 1).
    """
    log_weights = special.log_softmax(prior[:, None] + joint, axis=0).T
    return np.diff(joint, axis=-1).T, np.diff(log_weights, axis=0), np.exp(log_weights), joint[:, -1]


def _jackknife(others: Floats) -> Floats:
    """Standard error from estimates that leave out one batch each, (batch, ...)."""
    found: Floats = np.sqrt((len(others) - 1) * np.mean((others - others.mean(axis=0)) ** 2, axis=0))
    return found


def _check(members: Sequence[tuple[float, Scenario]], draws: int, frontier: float) -> None:
    if draws < LEAST_DRAWS:
        raise InputError("draws", "", str(draws), f"at least {LEAST_DRAWS}")
    if not 0.0 <= frontier <= 1.0:
        raise InputError("frontier", "", shown(frontier), "a probability from 0 to 1")
    if not members:
        raise InputError("outlooks", "", "none", "at least 1")
    names = [scenario.header.slug for _, scenario in members]
    for i, (weight, _) in enumerate(members):
        if not (math.isfinite(weight) and weight > 0.0):
            raise InputError("outlooks", names[i], shown(weight), "a weight above 0")
        if names[i] in names[:i]:
            raise InputError("outlooks", names[i], "the same outlook twice", "each once")


def _refuse_no_number(terms: Floats, said: Sequence[Statement], outlook: str) -> None:
    """Refuse log-likelihoods (draw, statement) that are NaN or infinite."""
    bad = ~np.isfinite(terms).all(axis=0)
    if bad.any():
        one = said[int(bad.argmax())]
        raise NotANumberError(f"{outlook}: the likelihood of {one.about} ({one.kind}) came out as NaN or infinite")
