"""From a scenario and evidence to a posterior file: build, sample, judge, label."""

import hashlib
import json
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from autosim import __version__, streams
from autosim.defaults import TARGET_ACCEPT
from autosim.draws import draw
from autosim.equations.capability import TRAJECTORIES
from autosim.errors import AutosimError, InputError
from autosim.evidence.tables import Evidence
from autosim.inference.capability import shape_names
from autosim.inference.diagnostics import Row, problems, rows
from autosim.inference.model import Prepared, build_model, prepare
from autosim.inference.names import own_name
from autosim.inference.sampling import KEPT, sample
from autosim.inference.shape_weights import ShapeWeights, shape_weights
from autosim.inference.terms import LOG_LIKELIHOOD
from autosim.inference.wander import WANDER
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.posterior import AS_OF, SHAPES, TRAJECTORY, prior_texts, shape_column, weights_text
from autosim.inputs.posterior_files import ESS, MARK, SAMPLE
from autosim.inputs.scenario import AnyScenario, Scenario

type Floats = NDArray[np.float64]

PRIOR_DRAWS = 4000


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

    Raises
    ------
    InputError
        If there is no evidence, the scenario is a pool, or it cannot be fitted.
    AutosimError
        If sampling broke down.
    """
    if not isinstance(scenario, Scenario):
        raise InputError(scenario.header.slug, "pool", "several scenarios", "a single one to fit")
    if scenario.posterior is not None:
        raise InputError(
            scenario.header.slug, "posterior", "a posterior beside its priors", "priors alone, to be fitted"
        )
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
        sampled = sample(model, draws, tune, chains, seed, cores, target_accept, progress=progress)
    except (RuntimeError, ValueError) as error:
        raise AutosimError(f"sampling broke down ({error}); is some evidence impossible under the priors?") from error
    raw = sampled["posterior"].to_dataset()
    posterior = reported(raw, scenario, seed)
    shapes = shape_weights(ready, scenario, posterior, raw.get("trend"))
    statistics = sampled["sample_stats"].to_dataset()[["diverging"]].drop_attrs()  # which tell the time
    divergences = int(statistics["diverging"].sum())
    table = list(rows(posterior.drop_vars("trajectory", errors="ignore"), prior_draws(posterior, scenario, seed)))
    found = problems(table, divergences)
    tree = xr.DataTree.from_dict({"posterior": posterior, "sample_stats": statistics} | _groups(raw, posterior))
    tree.attrs = _attributes(scenario, evidence, seed, found, table)
    if shapes:
        tree.attrs[SHAPES] = shapes.attribute()
    ordered = sorted(table, key=lambda row: np.isnan(row.prior_sd))
    return Fit(
        scenario, tree, ordered, shapes, found, [*_dated(scenario, offered - evidence.rows), *_notes(ready)], ready
    )


def reported(sampled: xr.Dataset, scenario: Scenario, seed: int) -> xr.Dataset:
    """Give every quantity a variable of its own, by dotted name, (chain, draw) each.

    ``trajectory`` is each draw's shape as a position in `TRAJECTORIES`, drawn from the weights that the evidence gives
    the shapes in that draw; ``trajectory_weight.<shape>`` are these weights.
    """
    named: dict[str, tuple[tuple[str, str], Floats]] = {}
    for name, values in sampled.data_vars.items():
        if not str(name).startswith(KEPT) or str(name) == "trend":
            continue
        labels = _labels(str(name), scenario, values)
        array = values.transpose(*SAMPLE, ...).to_numpy()
        for i, label in enumerate(labels):
            named[label] = (SAMPLE, array[..., i] if array.ndim > 2 else array)
    if "trajectory_log_weight" in sampled:
        named |= _shapes(sampled["trajectory_log_weight"].transpose(*SAMPLE, ...).to_numpy(), scenario, seed)
    data = xr.Dataset(named, coords={dim: sampled[dim] for dim in SAMPLE})
    for name, values in data.data_vars.items():
        parameter = PARAMETERS.get(str(name).split(".")[0])
        values.attrs["units"] = parameter.unit if parameter else _UNITS.get(str(name).split(".")[0], "1")
    return data


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


_UNITS = {
    **dict.fromkeys(("growth", "trend_deviation", "lag_spread", WANDER), "doublings"),
    **dict.fromkeys(("suite_offset_spread", "suite_offset"), "doublings"),
    "expert_spread": "logit",
}


def _labels(name: str, scenario: Scenario, values: xr.DataArray) -> list[str]:
    names = scenario.taxonomy
    if name == "quantity":
        return [str(label) for label in values["path"].to_numpy()]
    if name == "role_share":
        return [f"role_share.{role}" for role in names.roles]
    if name.startswith("time_share."):
        return [f"{name}.{task}" for task in names.tasks]
    if name == WANDER:
        return [f"{WANDER}.{day}" for day in values["day"].to_numpy()]
    if name == "growth":
        return [own_name("growth", model) for model in values["model"].to_numpy()]
    return [] if name == "trajectory_log_weight" or name.startswith(LOG_LIKELIHOOD) else [name]


def _shapes(log_weight: Floats, scenario: Scenario, seed: int) -> dict[str, tuple[tuple[str, str], Floats]]:
    weight = np.exp(log_weight - log_weight.max(axis=-1, keepdims=True))
    weight /= weight.sum(axis=-1, keepdims=True)
    names = shape_names(scenario)
    u = streams.uniform(seed, "fit.trajectory", weight[..., 0].size).reshape(weight.shape[:-1])
    place = np.minimum((np.cumsum(weight, axis=-1) <= u[..., None]).sum(axis=-1), len(names) - 1)
    positions = np.array([TRAJECTORIES.index(name) for name in names])
    return {
        "trajectory": (SAMPLE, positions[place]),
        **{shape_column(name): (SAMPLE, weight[..., i]) for i, name in enumerate(names)},
    }


def prior_draws(posterior: xr.Dataset, scenario: Scenario, seed: int) -> dict[str, Floats]:
    """Draws of the priors of what was learnt, in the posterior's gauge."""
    drawn, names = draw(scenario, seed, PRIOR_DRAWS), scenario.taxonomy
    one, many = dict(drawn.scalars), drawn.indexed
    offset, pace = many["horizon_offset"], 1.0 + many["relief"]
    one["horizon"] = one["horizon"] * 2.0 ** offset.mean(axis=-1)
    one["horizon_elasticity"] = one["horizon_elasticity"] * pace.mean(axis=-1)
    relief = pace / pace.mean(axis=-1, keepdims=True) - 1.0
    found = dict(one)
    axes = {"bottleneck": names.bottlenecks, "role": names.roles}
    for name, values in (("horizon_offset", offset - offset.mean(axis=-1, keepdims=True)), ("relief", relief)):
        found |= {f"{name}.{label}": values[:, i] for i, label in enumerate(axes["bottleneck"])}
    found |= {f"role_share.{role}": many["role_share"][:, i] for i, role in enumerate(names.roles)}
    for r, role in enumerate(names.roles):
        found |= {f"time_share.{role}.{task}": many["time_share"][:, r, k] for k, task in enumerate(names.tasks)}
    for path, prior in scenario.priors.items():
        name = ".".join(path)
        if name in posterior and name not in found:
            found[name] = prior.distribution.quantile(streams.uniform(seed, prior.stream, PRIOR_DRAWS))
    return found


def _attributes(
    scenario: Scenario, evidence: Evidence, seed: int, found: list[str], table: list[Row]
) -> dict[str, object]:
    header = scenario.header
    tables = "".join(table.to_csv(index=False) for table in evidence.tables().values())
    priors = dict(prior_texts(scenario.priors)) | dict(prior_texts(scenario.shares))
    return {
        MARK: 1,
        "version": __version__,
        "seed": seed,
        "scenario": header.slug,
        "scenario_text": header.text,
        "overrides": json.dumps(list(header.overrides)),
        "input_sha256": json.dumps({file.place: file.sha256 for file in header.files}),
        "evidence_sha256": hashlib.sha256(tables.encode()).hexdigest(),
        "evidence_rows": json.dumps({name: len(table) for name, table in evidence.tables().items()}),
        "reference_date": str(header.reference_date),
        **({} if scenario.as_of is None else {AS_OF: str(scenario.as_of.day)}),
        "trajectory": json.dumps(scenario.trajectory),
        "priors": json.dumps(priors | {TRAJECTORY: weights_text(scenario.trajectory)}),
        ESS: min(row.ess_bulk for row in table),
        "converged": int(not found),
        "diagnosis": "; ".join(found[:2]) + (f"; and {len(found) - 2} more" if len(found) > 2 else ""),
    }


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
