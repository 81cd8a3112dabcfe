"""What draws of a scenario make of experts' statements, through the functions of their likelihood."""

import numpy as np
import pandas as pd
import pytensor
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.tensor import TensorVariable

from autosim.equations.capability import TRAJECTORIES
from autosim.inference.capability import capability, capability_paths, growth_by_shape, later_paths, shape_names
from autosim.inference.counts import AHEAD, SPREAD_PRIOR, Statements, agreeing, count_paths
from autosim.inference.quantities import Values
from autosim.inference.shares import Mix
from autosim.inference.work import Work, by_kind
from autosim.inference.worlds import Worlds

type Floats = NDArray[np.float64]


def chances_of_agreement(counts: pd.DataFrame, seen: Worlds) -> dict[str, Floats]:
    """Probability that an expert agrees, by statement, (draw,) each [1].

    Parameters
    ----------
    counts
        Rows of evidence: their ``statement`` is used.
    seen
        Draws.
    """
    scenario, statements = seen.scenario, Statements(counts)
    paths = sorted(count_paths(counts, scenario) | capability_paths(scenario) | later_paths(scenario))
    z, spread = pt.vector("z", shape=(len(paths),)), pt.scalar("spread")
    mix = seen.draws.indexed["role_share"], seen.draws.indexed["time_share"]
    role, time = pt.vector("role", shape=mix[0].shape[1:]), pt.matrix("time", shape=mix[1].shape[1:])
    shares = Mix(role, {name: time[i] for i, name in enumerate(scenario.taxonomy.roles)})
    values = Values(z, {path: i for i, path in enumerate(paths)}, {})
    facts, shapes = _facts(statements, values, shares, seen), shape_names(scenario)
    each = [pt.broadcast_to(agreeing(facts[name], spread), (len(shapes),)) for name in statements.said]
    function = pytensor.function([z, spread, role, time], pt.stack(each), mode="JAX")
    rows = zip(seen.values(paths), seen.positive("expert_spread", SPREAD_PRIOR), *mix, strict=True)
    place = np.searchsorted([TRAJECTORIES.index(name) for name in shapes], seen.draws.trajectory)
    found = np.stack([np.asarray(function(*row))[:, at] for row, at in zip(rows, place, strict=True)])
    return {name: found[:, i] for i, name in enumerate(statements.said)}


def _facts(statements: Statements, values: Values, shares: Mix, seen: Worlds) -> dict[str, TensorVariable]:
    """What the statements are about [logit], by statement, (1,) or (shape,)."""
    scenario, names = seen.scenario, seen.scenario.taxonomy
    now, tasks = capability(values, names.bottlenecks), by_kind(names.tasks, names)
    trends = growth_by_shape(values, now, shape_names(scenario), np.array([AHEAD]))
    share = shares.whole([names.tasks.index(task) for task in tasks.names])
    moments = statements.moments([trend[0] for trend in trends], scenario, values, now, share)
    return statements.facts(Work(moments, tasks, scenario, values, now).actual(), share)
