"""Expert counts: how many of the interviewed agree with a statement about the model's own quantities (model §10)."""

import math

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor import TensorVariable

from autosim.equations.capability import HORIZON_CAP
from autosim.equations.delegation import adoption_at
from autosim.equations.labour import mix_mean
from autosim.equations.success import SOLVED_PASS_RATE, evaluation_difficulty
from autosim.equations.workflow import Allocation
from autosim.errors import InputError, one_of
from autosim.inference.capability import Capability, length_log2
from autosim.inference.quantities import Values
from autosim.inference.terms import LOG_LIKELIHOOD
from autosim.inference.work import Moments, work_paths
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario

SOLVED = {"experiments_solved": "sparse_attention", "debugging_solved": "cuda_debugging"}
"""Statements about what follows if an evaluation were solved, and the evaluation (Owen 2024, tables 1 and 4)."""

ASSISTANCE = "assistance_not_automation"
AHEAD = 5.0
"""Years after the reference date that the statement on assistance is about (Owen 2024, §5.2)."""

THRESHOLD = 0.0
"""Every statement's threshold c [logit]: half of hours saved (Owen 2024, §5.3: "such as half or more of work-hours"),
and more hours assisted than delegated."""

SPREAD_PRIOR = (0.0, 0.5)
"""Mean and sd of the log of `expert_spread` [logit]: experts differ from one another by a factor of 2.7 in the odds."""

_LEAST = 1e-9


def count_paths(counts: pd.DataFrame, scenario: Scenario) -> set[Path]:
    """What the statements hang on, beside capability.

    Raises
    ------
    InputError
        If the scenario lacks an evaluation that a statement is about.
    """
    said = set(counts["statement"])
    paths = work_paths(scenario.taxonomy.tasks, scenario)
    for statement, evaluation in SOLVED.items():
        if statement in said:
            if evaluation not in scenario.taxonomy.evaluations:
                expected = one_of(evaluation, scenario.taxonomy.evaluations, f"a scenario with {evaluation}")
                raise InputError("counts", f"statement.{statement}", f"no evaluation {evaluation}", expected)
            paths |= {(name, evaluation) for name in ("median", "spread", "contamination")}
            paths |= {("severity", evaluation, b) for b in scenario.taxonomy.bottlenecks}
    return paths | ({("adoption",), ("adoption_growth",)} if ASSISTANCE in said else set())


class Statements:
    """Checked counts, those of one statement together: how many agree, of how many, at what weight."""

    def __init__(self, counts: pd.DataFrame) -> None:
        self.said = {
            str(statement): (int(rows["count"].sum()), int(rows["of"].sum()), float(rows["weight"].mean()))
            for statement, rows in counts.groupby("statement", sort=True)
        }
        self.solved = [statement for statement in self.said if statement in SOLVED]

    def moments(
        self, trends: list[TensorVariable], scenario: Scenario, values: Values, now: Capability, share: TensorVariable
    ) -> Moments:
        """Moments that the statements are about: each evaluation solved, then each shape ``AHEAD`` years on.

        ``trends`` is growth [doublings] under each shape by then, scalars; ``share`` everybody's time shares, (task,).
        """
        later = trends if ASSISTANCE in self.said else []
        horizons = [_horizons_if_solved([SOLVED[name] for name in self.solved], scenario, values, now)]
        horizons = (horizons if self.solved else []) + ([now.horizons_log2(pt.stack(later))] if later else [])
        years = np.array([0.0] * len(self.solved) + [AHEAD] * len(later))
        adoption = adoption_at(values("adoption"), values("adoption_growth"), AHEAD, pt) if later else pt.ones(())
        used, shares = pt.switch(years > 0.0, adoption, 1.0), pt.repeat(share[None], len(years), axis=0)
        return Moments(pt.concatenate(horizons, axis=1), pt.as_tensor(years), used, shares)

    def add(self, work: Allocation, share: TensorVariable, log_weight: TensorVariable) -> TensorVariable:
        """Add the likelihoods; return the log-weights of the shapes after them, (shape,).

        ``work`` is that of `moments`, (moment, task); ``share`` is (task,); ``log_weight`` are the weights so far. What
        is said of assistance hangs on the shape, so that it enters through the weights, whose sum is the likelihood.
        """
        spread, facts = pm.LogNormal("expert_spread", *SPREAD_PRIOR), self.facts(work, share)
        terms = [_log_count(facts[name][0], spread, *self.said[name]) for name in self.solved]
        if terms:
            pm.Potential("counts", pt.stack(terms).sum())
        if ASSISTANCE in self.said:
            before = log_weight
            log_weight = log_weight + _log_count(facts[ASSISTANCE], spread, *self.said[ASSISTANCE])
            terms.append(pt.logsumexp(log_weight) - pt.logsumexp(before))
        pm.Deterministic(f"{LOG_LIKELIHOOD}counts", pt.stack(terms))
        return log_weight

    def facts(self, work: Allocation, share: TensorVariable) -> dict[str, TensorVariable]:
        """What each statement is about [logit]: (1,), and (shape,) for that on assistance; as in `add`."""
        count = len(self.solved)
        saved = mix_mean(share[None], 1.0 - work.cost)[:count]
        odds = _log_odds(saved, 1.0 - saved)
        found = {name: odds[i : i + 1] for i, name in enumerate(self.solved)}
        if ASSISTANCE in self.said:
            delegated = mix_mean(share[None], work.verified + work.trusted)[count:]
            found[ASSISTANCE] = _log_odds(mix_mean(share[None], work.assisted)[count:], delegated)
        return found


def _horizons_if_solved(evaluations: list[str], scenario: Scenario, values: Values, now: Capability) -> TensorVariable:
    """Horizons [log2 min] of the reference date, advanced until each is solved (§8), (bottleneck, evaluation)."""
    median, spread, contamination = (
        values.many([(name, one) for one in evaluations]) for name in ("median", "spread", "contamination")
    )
    mean, sd = evaluation_difficulty(median, spread, contamination, now.difficulty_spread, pt)
    start = pt.repeat(now.horizons_log2(pt.zeros(1)), len(evaluations), axis=1)
    severity = pt.stack(
        [values.many([("severity", one, b) for one in evaluations]) for b in scenario.taxonomy.bottlenecks]
    )
    advance = mean - length_log2(SOLVED_PASS_RATE, start, severity, now.slope, sd)
    return pt.minimum(start + advance, HORIZON_CAP)


def _log_odds(share: TensorVariable, rest: TensorVariable) -> TensorVariable:
    return pt.log(pt.maximum(share, _LEAST)) - pt.log(pt.maximum(rest, _LEAST))


def agreeing(facts: TensorVariable, spread: TensorVariable) -> TensorVariable:
    """Probability Φ((f - c)/spread) that an expert agrees; ``facts`` and ``spread`` [logit]."""
    agree = 0.5 * pt.erfc(-(facts - THRESHOLD) / (spread * np.sqrt(2.0)))
    return pt.clip(agree, _LEAST, 1.0 - _LEAST)


def _log_count(facts: TensorVariable, spread: TensorVariable, count: int, of: int, weight: float) -> TensorVariable:
    """Weighted log-probability of ``count`` of ``of`` experts who agree."""
    p = agreeing(facts, spread)
    return weight * (math.log(math.comb(of, count)) + count * pt.log(p) + (of - count) * pt.log1p(-p))
