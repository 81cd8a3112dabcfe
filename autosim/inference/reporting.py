"""What a posterior file says: every quantity by its name and unit, and what the fit was made from."""

import hashlib
import json

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from autosim import __version__, streams
from autosim.draws import draw
from autosim.equations.capability import TRAJECTORIES
from autosim.evidence.tables import Evidence
from autosim.inference.capability import shape_names
from autosim.inference.names import own_name
from autosim.inference.sampling import KEPT
from autosim.inference.terms import LOG_LIKELIHOOD
from autosim.inference.wander import WANDER
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.posterior import AS_OF, TRAJECTORY, prior_texts, shape_column, weights_text
from autosim.inputs.posterior_files import ESS, MARK, SAMPLE
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]

PRIOR_DRAWS = 4000


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
        named |= shapes(sampled["trajectory_log_weight"].transpose(*SAMPLE, ...).to_numpy(), scenario, seed)
    return with_units(xr.Dataset(named, coords={dim: sampled[dim] for dim in SAMPLE}))


def with_units(data: xr.Dataset) -> xr.Dataset:
    """Give every quantity of a posterior the attribute ``units``."""
    for name, values in data.data_vars.items():
        parameter = PARAMETERS.get(str(name).split(".")[0])
        values.attrs["units"] = parameter.unit if parameter else _UNITS.get(str(name).split(".")[0], "1")
    return data


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


def shapes(log_weight: Floats, scenario: Scenario, seed: int) -> dict[str, tuple[tuple[str, str], Floats]]:
    """Probability of each shape of the trajectory in every draw, and a shape for it, from log-weights.

    ``log_weight`` is (chain, draw, shape), up to a constant of each draw.
    """
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


def attributes(scenario: Scenario, evidence: Evidence, seed: int, found: list[str], ess: float) -> dict[str, object]:
    """What a posterior file says of itself: from what it comes, ``found`` wrong, and how many draws it is worth."""
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
        ESS: ess,
        "converged": int(not found),
        "diagnosis": "; ".join(found[:2]) + (f"; and {len(found) - 2} more" if len(found) > 2 else ""),
    }
