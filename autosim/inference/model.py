"""The joint model: priors, trend and likelihoods in one PyMC model (model §10)."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable

from autosim.errors import InputError
from autosim.evidence.tables import Evidence
from autosim.inference.capability import (
    Capability,
    capability,
    capability_paths,
    growth_by_shape,
    in_gauge,
    later_paths,
    shape_names,
    years_after,
)
from autosim.inference.coordinates import Drawn, sampled_values, seen_by_data
from autosim.inference.counts import AHEAD, ASSISTANCE, SOLVED, Statements, count_paths
from autosim.inference.horizons import SuiteHorizons, add_horizons, horizon_paths, suite_horizons
from autosim.inference.outcomes import SuiteOutcomes, add_outcomes, outcome_paths, suite_outcomes
from autosim.inference.quantities import Quantities, Values
from autosim.inference.shares import Mix, sampled_shares
from autosim.inference.time_use import add_time_use
from autosim.inference.trend import sampled_levels
from autosim.inference.trials import add_trials, trial_moments, trial_paths, trial_tasks
from autosim.inference.work import Work, by_kind
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario

WELL_KNOWN = 20
"""Successes and failures, as many of each at least, that place a model within half a doubling or so."""


@dataclass(frozen=True)
class Prepared:
    """Evidence arranged for the likelihoods.

    ``models`` are all models with outcomes or horizons, with ``days`` of release, whether at the ``frontier``, and
    whether data place them well (``well_known``); ``trial_days`` are the dates at which trials took place.
    """

    evidence: Evidence
    outcomes: list[SuiteOutcomes]
    horizons: list[SuiteHorizons]
    models: list[str]
    days: list[date]
    frontier: NDArray[np.bool_]
    well_known: NDArray[np.bool_]
    trial_days: list[date]

    @property
    def suites(self) -> list[str]:
        """Suites on which models were measured, most telling first."""
        tried, published = ([one.suite for one in self.outcomes], [one.suite for one in self.horizons])
        return list(dict.fromkeys([*tried, *published]))


def prepare(evidence: Evidence, scenario: Scenario) -> Prepared:
    """Arrange checked evidence; runs supersede published horizons of the same model and suite.

    Raises
    ------
    InputError
        If an evaluation that evidence is about is graded otherwise than by single attempts at whole instances.
    """
    _refuse_graded(evidence, scenario)
    kept = superseded(evidence)
    both = pd.concat([evidence.outcomes, kept])[["model", "release_date", "frontier"]]
    models = both.drop_duplicates("model").sort_values(["release_date", "model"])
    names = [str(name) for name in models["model"]]
    return Prepared(
        evidence,
        suite_outcomes(evidence.outcomes, names, scenario.taxonomy.bottlenecks),
        suite_horizons(kept, names),
        names,
        [day.date() for day in pd.to_datetime(models["release_date"])],
        models["frontier"].to_numpy(dtype=np.bool_),
        np.array([_well_known(evidence.outcomes, name) for name in names], dtype=np.bool_),
        sorted({day.date() for day in pd.to_datetime(evidence.trials["date"])}),
    )


def _refuse_graded(evidence: Evidence, scenario: Scenario) -> None:
    """Likelihoods know single attempts at whole instances of the length that evidence states, and no others."""
    said = set(evidence.counts["statement"])
    about = {"outcomes": set(evidence.outcomes["suite"]), "horizons": set(evidence.horizons["suite"])}
    about["counts"] = {evaluation for statement, evaluation in SOLVED.items() if statement in said}
    for kind, evaluations in about.items():
        for name in sorted(evaluations & set(scenario.taxonomy.gradings)):
            got = f"{kind} of an evaluation with harder, stages, best_of or all_of"
            what = "evidence of evaluations that are graded by single attempts at whole instances"
            raise InputError(scenario.header.slug, f"evaluations.{name}", got, what)


def _well_known(outcomes: pd.DataFrame, model: str) -> bool:
    """Whether a model's outcomes place it better than the trend does; a published horizon does."""
    own = outcomes[outcomes["model"] == model]
    successes, attempts = int(own["successes"].sum()), int(own["attempts"].sum())
    return own.empty or min(successes, attempts - successes) >= WELL_KNOWN


def superseded(evidence: Evidence) -> pd.DataFrame:
    """Published horizons that no outcomes of the same model and suite stand in for."""
    measured = set(zip(evidence.outcomes["model"], evidence.outcomes["suite"], strict=True))
    said = zip(evidence.horizons["model"], evidence.horizons["suite"], strict=True)
    return evidence.horizons[np.array([pair not in measured for pair in said], dtype=np.bool_)]


def touched_paths(ready: Prepared, scenario: Scenario) -> set[Path]:
    """Single quantities that some likelihood depends on."""
    paths: set[Path] = set()
    if ready.models:
        paths |= outcome_paths(ready.outcomes, scenario) | horizon_paths(ready.horizons, scenario)
    if len(ready.evidence.trials):
        paths |= trial_paths(ready.evidence.trials, scenario)
    if len(ready.evidence.counts):
        paths |= count_paths(ready.evidence.counts, scenario)
    if ready.models or paths:
        paths |= capability_paths(scenario)
        latest = max([*ready.days, *ready.trial_days], default=scenario.header.reference_date)
        if latest > scenario.header.reference_date or ASSISTANCE in set(ready.evidence.counts["statement"]):
            paths |= later_paths(scenario)
    return paths


def _needed_shares(ready: Prepared, scenario: Scenario) -> set[Path]:
    """Shares that some likelihood depends on: everybody's for statements of experts, else those of roles on record."""
    if len(ready.evidence.counts):
        return set(scenario.shares)
    return {("time_share", str(role)) for role in ready.evidence.time_use["role"]}


def build_model(ready: Prepared, scenario: Scenario) -> pm.Model:
    """Build the joint model.

    Its deterministic ``quantity`` (path,) holds every sampled single quantity, in the gauge of
    `autosim.inference.capability.capability`; shares are ``role_share`` and ``time_share.<role>``;
    ``trajectory_log_weight`` (trajectory,) is the log posterior weight of each shape, up to a constant; ``growth``
    (model,) the models' levels and ``trend`` (trajectory, model) what each shape, with its wander, has for them;
    ``log_likelihood.*`` the terms of likelihoods. Everything else is a nuisance or a coordinate.

    Raises
    ------
    InputError
        If a quantity that is to be learnt takes single values only, or a statement needs what the scenario lacks.
    """
    paths = touched_paths(ready, scenario)
    centred = {path: seen for path, seen in seen_by_data(ready.suites, paths, scenario).items() if path in paths}
    quantities = Quantities(scenario, paths, centred)
    coords = {
        "path": [".".join(path) for path in quantities.paths],
        "trajectory": list(shape_names(scenario)),
        "model": ready.models,
        "day": [str(day) for day in sorted({*ready.days, *ready.trial_days})],
    }
    with pm.Model(coords=coords) as model:
        shares = sampled_shares(_needed_shares(ready, scenario), scenario)
        if len(ready.evidence.time_use):
            add_time_use(ready.evidence.time_use, shares.time_share, scenario.taxonomy.tasks)
        if paths:
            drawn = sampled_values(quantities, centred, scenario)
            now = capability(drawn.values, scenario.taxonomy.bottlenecks)
            pm.Deterministic("quantity", in_gauge(quantities.paths, drawn.values, now, scenario), dims="path")
            _add_likelihoods(ready, scenario, drawn, now, shares)
    return model


def _add_likelihoods(ready: Prepared, scenario: Scenario, drawn: Drawn, now: Capability, shares: Mix) -> None:
    """Add trend and likelihoods of all that hangs on capability."""
    evidence, values, shapes = ready.evidence, drawn.values, shape_names(scenario)
    days = [*ready.days, *ready.trial_days]
    years = years_after(scenario.header.reference_date, days)
    ahead = [AHEAD] if ASSISTANCE in set(evidence.counts["statement"]) else []
    trends = growth_by_shape(values, now, shapes, np.append(years, ahead))
    log_weight = pt.as_tensor(np.log([scenario.trajectory[name] for name in shapes]))
    if days:
        levels = sampled_levels(ready, [trend[: len(days)] for trend in trends], years, drawn)
        log_weight = log_weight + levels.log_density
        if ready.models:
            pm.Deterministic("growth", levels.growth[: len(ready.models)], dims="model")
            own = slice(len(ready.models))
            pm.Deterministic("trend", pt.stack([trend[own] for trend in levels.trends]), dims=("trajectory", "model"))
            add_outcomes(ready.outcomes, scenario, values, now, levels.growth)
            add_horizons(ready.horizons, scenario, values, now, levels.growth)
        trial_growth = levels.growth[len(ready.models) :]
    else:
        trial_growth = pt.zeros(0)
    if len(evidence.counts) or len(evidence.trials):
        later = [trend[-1] for trend in trends] if ahead else []
        log_weight = _add_work(ready, scenario, values, now, shares, trial_growth, later, log_weight)
    pm.Deterministic("trajectory_log_weight", log_weight, dims="trajectory")
    pm.Potential("shapes", pt.logsumexp(log_weight))


def _add_work(
    ready: Prepared,
    scenario: Scenario,
    values: Values,
    now: Capability,
    shares: Mix,
    trial_growth: TensorVariable,
    later: list[TensorVariable],
    log_weight: TensorVariable,
) -> TensorVariable:
    """Add the likelihoods of trials and statements; return the log-weights of the shapes after them, (shape,).

    ``trial_growth`` is growth at the dates of trials [doublings], ``later`` that ``AHEAD`` years on under each shape,
    if a statement is about it.
    """
    counts, trials, names = ready.evidence.counts, ready.evidence.trials, scenario.taxonomy
    if len(trials):
        tasks = by_kind(trial_tasks(trials, scenario), names)
        moments = trial_moments(trials, ready.trial_days, trial_growth, tasks.names, scenario, now)
        add_trials(trials, Work(moments, tasks, scenario, values, now), tasks.names)
    if not len(counts):
        return log_weight
    tasks, statements = by_kind(names.tasks, names), Statements(counts)
    share = shares.whole([names.tasks.index(task) for task in tasks.names])
    moments = statements.moments(later, scenario, values, now, share)
    return statements.add(Work(moments, tasks, scenario, values, now).actual(), share, log_weight)
