"""From a scenario and evidence to a posterior file: build, sample, judge, label."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pymc as pm
import xarray as xr
from numpy.typing import NDArray

from autosim.defaults import TARGET_ACCEPT
from autosim.equations.capability import TRAJECTORIES
from autosim.errors import AutosimError, InputError
from autosim.evidence.tables import Evidence, texts
from autosim.inference.diagnostics import Row, problems, rows
from autosim.inference.model import Prepared, build_model, prepare
from autosim.inference.reporting import attributes, prior_draws, reported
from autosim.inference.sampling import coordinates, sample
from autosim.inference.shape_weights import ShapeWeights, shape_weights
from autosim.inference.terms import LOG_LIKELIHOOD
from autosim.inputs.posterior import SHAPES, TRAJECTORY
from autosim.inputs.posterior_files import SAMPLE
from autosim.inputs.scenario import AnyScenario, Scenario

type Floats = NDArray[np.float64]

EVIDENCE, START = "evidence", "start"
"""Groups of a posterior file: its evidence, each table as CSV; and where a later fit's chains may start."""

SAMPLING = "sampling"
"""Attribute in which a posterior file says how it was sampled (JSON)."""


@dataclass(frozen=True)
class Fit:
    """A posterior with the judgement on it.

    ``tree`` is what is written: groups ``posterior`` and ``sample_stats``, ``log_likelihood`` of trials, counts and
    time use, and ``trend``, the growth that the trend has at each model's release. ``table`` has the model's quantities
    first, then what has no prior in the scenario. ``shapes`` are the weights of the trajectory's shapes, None if
    there is but one or nothing bears on it. ``problems`` are empty if the fit is sound.
    """

    scenario: Scenario
    tree: xr.DataTree
    table: list[Row]
    shapes: ShapeWeights | None
    problems: list[str]
    notes: list[str]
    ready: Prepared

    @property
    def converged(self) -> bool:
        """Whether its diagnostics are sound."""
        return not self.problems


def fit(
    scenario: AnyScenario,
    evidence: Evidence,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    seed: int = 0,
    cores: int = 2,
    target_accept: float = TARGET_ACCEPT,
    *,
    progress: bool = False,
    start: Mapping[str, Floats] | None = None,
) -> Fit:
    """Condition a scenario on evidence.

    Parameters
    ----------
    scenario
        One scenario, not a pool.
    evidence
        Checked; published horizons give way to outcomes of the same model and suite.
    draws, tune, chains
        Draws kept and spent on adaptation, per chain.
    seed
        The same seed gives the same bits.
    cores
        Chains that run at a time.
    target_accept
        Acceptance that steps are adapted to, nearer to 1 for finer steps, which cure divergences.
    progress
        Whether to show how far it is.
    start
        Where chains start, by coordinate, as a posterior file of similar evidence has it; what does not fit is left
        out.

    Raises
    ------
    InputError
        If there is no evidence, the scenario is a pool, or it cannot be fitted.
    AutosimError
        If sampling broke down.
    """
    scenario = _single(scenario)
    for name, value, least in (("chains", chains, 2), ("draws", draws, 25), ("tune", tune, 20)):
        if value < least:
            raise InputError(f"--{name}", "", str(value), f"at least {least}, or convergence cannot be judged")
    offered, evidence = evidence.rows, evidence if scenario.as_of is None else evidence.before(scenario.as_of.day)
    if not evidence.rows:
        got = f"no rows of {offered:,} published by {scenario.as_of.day}" if scenario.as_of and offered else "no rows"
        raise InputError("--evidence", "", got, "at least one row of evidence")
    ready = prepare(evidence, scenario)
    model = build_model(ready, scenario)
    try:
        sampled = sample(model, draws, tune, chains, seed, cores, target_accept, progress=progress, start=start)
    except (RuntimeError, ValueError) as error:
        raise AutosimError(f"sampling broke down ({error}); is some evidence impossible under the priors?") from error
    notes = [*_dated(scenario, offered - evidence.rows), *_notes(ready)]
    made = _judged(scenario, evidence, ready, sampled, seed, notes)
    made.tree[START] = xr.DataTree(_middle(model, sampled["posterior"].to_dataset()))
    made.tree.attrs[SAMPLING] = json.dumps(
        {"draws": draws, "tune": tune, "chains": chains, "target_accept": target_accept}
    )
    return made


def _single(scenario: AnyScenario) -> Scenario:
    if not isinstance(scenario, Scenario):
        raise InputError(scenario.header.slug, "pool", "several scenarios", "a single one to fit")
    if scenario.posterior is not None:
        raise InputError(
            scenario.header.slug, "posterior", "a posterior beside its priors", "priors alone, to be fitted"
        )
    return scenario


def _judged(
    scenario: Scenario, evidence: Evidence, ready: Prepared, sampled: xr.DataTree, seed: int, notes: list[str]
) -> Fit:
    """What was sampled, by the names of quantities, with its diagnostics and the weights of the shapes."""
    raw = sampled["posterior"].to_dataset()
    posterior = reported(raw, scenario, seed)
    shapes = shape_weights(ready, scenario, posterior, raw.get("trend"))
    statistics = sampled["sample_stats"].to_dataset()[["diverging"]].drop_attrs()  # which tell the time
    divergences = int(statistics["diverging"].sum())
    table = list(rows(posterior.drop_vars("trajectory", errors="ignore"), prior_draws(posterior, scenario, seed)))
    found = problems(table, divergences)
    groups = {"posterior": posterior, "sample_stats": statistics} | _groups(raw, posterior)
    tree = xr.DataTree.from_dict(groups | {EVIDENCE: xr.Dataset(texts(evidence))})
    tree.attrs = attributes(scenario, evidence, seed, found, min(row.ess_bulk for row in table))
    if shapes:
        tree.attrs[SHAPES] = shapes.attribute()
    ordered = sorted(table, key=lambda row: np.isnan(row.prior_sd))
    return Fit(scenario, tree, ordered, shapes, found, notes, ready)


def _middle(model: pm.Model, sampled: xr.Dataset) -> xr.Dataset:
    """Mean of each coordinate of the sampler."""
    means = {name: sampled[name].mean(SAMPLE).to_numpy() for name in coordinates(model)}
    return xr.Dataset({name: ([f"{name}_{axis}" for axis in range(mean.ndim)], mean) for name, mean in means.items()})


def _groups(sampled: xr.Dataset, posterior: xr.Dataset) -> dict[str, xr.Dataset]:
    """What checks need beside the posterior: terms of likelihoods, and the trend at each model's release."""
    terms = {
        str(name).removeprefix(LOG_LIKELIHOOD): values
        for name, values in sampled.data_vars.items()
        if str(name).startswith(LOG_LIKELIHOOD)
    }
    groups = {"log_likelihood": xr.Dataset(terms)} if terms else {}
    if "trend" in sampled:
        place = posterior[TRAJECTORY].copy(data=_place(posterior[TRAJECTORY].to_numpy(), sampled))
        groups["trend"] = xr.Dataset({"growth": sampled["trend"].isel(trajectory=place)}).drop_vars(TRAJECTORY)
    return groups


def _place(shape: NDArray[np.int64], sampled: xr.Dataset) -> NDArray[np.int64]:
    """Where each draw's shape stands among those that were fitted."""
    fitted = [TRAJECTORIES.index(str(name)) for name in sampled[TRAJECTORY].to_numpy()]
    return np.searchsorted(fitted, shape)


def _dated(scenario: Scenario, left_out: int) -> list[str]:
    """What a fit as of a day did without."""
    if scenario.as_of is None:
        return []
    replaced = len(scenario.as_of.substitutions)
    return [f"as of {scenario.as_of.day}: {left_out:,} younger rows of evidence left out, "
            f"{replaced} priors replaced by what was said before"]  # fmt: skip


def _notes(ready: Prepared) -> list[str]:
    """What was done to the evidence that its owner should know."""
    kept = sum(len(one.models) for one in ready.horizons)
    dropped = len(ready.evidence.horizons) - kept
    return (
        [f"{dropped} published horizons left out: runs of the same model and suite stand in for them"]
        if dropped
        else []
    )
