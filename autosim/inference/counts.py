"""Expert counts: how many of the interviewed agree with a statement about the model's own quantities (model §10)."""

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor import TensorVariable

from autosim.equations.capability import HORIZON_CAP
from autosim.equations.delegation import adoption_at
from autosim.equations.labour import mix_mean
from autosim.equations.success import SOLVED_PASS_RATE, evaluation_difficulty
from autosim.errors import InputError, one_of
from autosim.inference.capability import Capability, length_log2
from autosim.inference.quantities import Values
from autosim.inference.shares import Mix
from autosim.inference.work import by_kind, work_at, work_paths
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

NODES = 12
"""Nodes over difficulty: enough for what experts can tell apart."""

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


def add_counts(
    counts: pd.DataFrame,
    trends: list[TensorVariable],
    scenario: Scenario,
    values: Values,
    now: Capability,
    mix: Mix,
) -> TensorVariable:
    """Add the likelihood of counts to the model at hand.

    Parameters
    ----------
    counts
        Checked.
    trends
        Growth [doublings] under each shape ``AHEAD`` years after the reference date, scalars.

    Returns
    -------
    Log-likelihood of what depends on the shape of the trend, (shape,); the rest has been added.
    """
    said = {
        str(statement): (int(rows["count"].sum()), int(rows["of"].sum()), float(rows["weight"].mean()))
        for statement, rows in counts.groupby("statement", sort=True)
    }
    solved = [statement for statement in said if statement in SOLVED]
    later = trends if ASSISTANCE in said else []
    moments = [_horizons_if_solved(SOLVED[name], scenario, values, now) for name in solved]
    horizons = pt.concatenate([*moments, *([now.horizons_log2(pt.stack(later))] if later else [])], axis=1)
    years = np.array([0.0] * len(solved) + [AHEAD] * len(later))
    adoption = adoption_at(values("adoption"), values("adoption_growth"), AHEAD, pt) if later else pt.ones(())
    used = pt.switch(years > 0.0, adoption, 1.0)
    tasks = by_kind(scenario.taxonomy.tasks, scenario.taxonomy)
    share = mix.whole([scenario.taxonomy.tasks.index(task) for task in tasks[0]])
    shares = pt.repeat(share[None], len(years), axis=0)
    work = work_at(horizons, pt.as_tensor(years), used, shares, tasks, scenario, values, now, NODES).actual
    saved = mix_mean(shares, 1.0 - work.cost)
    assisted, delegated = mix_mean(shares, work.assisted), mix_mean(shares, work.verified + work.trusted)
    spread = pm.LogNormal("expert_spread", *SPREAD_PRIOR)
    for i, name in enumerate(solved):
        fact = _log_odds(saved[i], 1.0 - saved[i])
        pm.Potential(f"counts.{name}", _log_count(fact, spread, *said[name]))
    if not later:
        return pt.zeros(len(trends))
    facts = [_log_odds(assisted[k], delegated[k]) for k in range(len(solved), len(years))]
    return pt.stack([_log_count(fact, spread, *said[ASSISTANCE]) for fact in facts])


def _horizons_if_solved(evaluation: str, scenario: Scenario, values: Values, now: Capability) -> TensorVariable:
    """Horizons [log2 min] of the reference date, advanced until the evaluation is solved (§8), (bottleneck, 1)."""
    mean, sd = evaluation_difficulty(
        values("median", evaluation), values("spread", evaluation), values("contamination", evaluation),
        now.difficulty_spread, pt,
    )  # fmt: skip
    start = now.horizons_log2(pt.zeros(1))
    severity = values.many([("severity", evaluation, b) for b in scenario.taxonomy.bottlenecks])
    advance = mean - length_log2(SOLVED_PASS_RATE, start, severity, now.slope, sd)
    return pt.minimum(start + advance, HORIZON_CAP)


def _log_odds(share: TensorVariable, rest: TensorVariable) -> TensorVariable:
    return pt.log(pt.maximum(share, _LEAST)) - pt.log(pt.maximum(rest, _LEAST))


def _log_count(fact: TensorVariable, spread: TensorVariable, count: int, of: int, weight: float) -> TensorVariable:
    """Weighted log-probability of ``count`` of ``of`` experts, each agreeing with probability Φ((f - c)/spread)."""
    agree = 0.5 * pt.erfc(-(fact - THRESHOLD) / (spread * np.sqrt(2.0)))
    p = pt.clip(agree, _LEAST, 1.0 - _LEAST)
    return weight * pm.logp(pm.Binomial.dist(n=of, p=p), count)
