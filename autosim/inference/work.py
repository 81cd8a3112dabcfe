"""Work in the sampler: what tasks cost at given horizons, for the likelihoods of trials and of experts (§4, §5)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor import TensorVariable

from autosim.equations.delegation import DelegationTerms, Prospects, optimism_at, prospects
from autosim.equations.success import log_failure_weight, task_difficulty
from autosim.equations.workflow import KINDS, Allocation, allocate
from autosim.inference.capability import Capability
from autosim.inference.quantities import Values
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario, Taxonomy

REACH = 4.5
"""Half-width [sd] of the trapezoid over difficulty; with 24 nodes log costs are right to 0.01 (tests)."""


class Work(NamedTuple):
    """Costs and mode shares at several moments: ``tasks`` in the order of kinds, ``believed`` as people see them."""

    tasks: list[str]
    actual: Allocation
    believed: Allocation


def work_paths(tasks: Sequence[str], scenario: Scenario) -> set[Path]:
    """Everything that the cost of these tasks hangs on, beside capability."""
    scalars = (*DelegationTerms._fields, "work_gap", "piece_doublings", "optimism", "optimism_decay")
    each = {(name, task) for name in ("task_length", "length_spread") for task in tasks}
    severity = {("severity", task, b) for task in tasks for b in scenario.taxonomy.bottlenecks}
    return {(name,) for name in scalars} | each | severity


def by_kind(tasks: Sequence[str], names: Taxonomy) -> tuple[list[str], list[slice]]:
    """Tasks in the order in which handover is settled, and where those of each kind stand."""
    kinds = dict(zip(names.tasks, names.kinds, strict=True))
    ordered = sorted(tasks, key=lambda task: (KINDS.index(kinds[task]), names.tasks.index(task)))
    bounds = [sum(KINDS.index(kinds[task]) < stop for task in ordered) for stop in range(len(KINDS) + 1)]
    return ordered, [slice(*pair) for pair in pairwise(bounds)]


def work_at(
    horizons_log2: TensorVariable,
    years: TensorVariable,
    adoption: TensorVariable,
    time_share: TensorVariable,
    tasks: tuple[list[str], list[slice]],
    scenario: Scenario,
    values: Values,
    now: Capability,
    nodes: int,
) -> Work:
    """Costs and mode shares of tasks, without limits of compute.

    Parameters
    ----------
    horizons_log2
        Benchmark horizons [log2 min], (bottleneck, moment).
    years, adoption
        Years after the reference date, and share of hours in which AI is used, (moment,).
    time_share
        Shares of the tasks [1], (moment, task).
    tasks
        From `by_kind`.
    nodes
        Of the trapezoid over difficulty.
    """
    ordered, kinds = tasks
    terms = DelegationTerms(*(values(name)[None] for name in DelegationTerms._fields))
    lengths, spreads = (values.many([(name, task) for task in ordered]) for name in ("task_length", "length_spread"))
    mean, sd = task_difficulty(lengths, spreads, now.difficulty_spread, pt)
    z = np.linspace(-REACH, REACH, nodes)
    x = (mean[:, None] + sd[:, None] * z)[None]
    weights = np.tile(np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum(), (1, len(ordered), 1))
    reach = (horizons_log2 - values("work_gap"))[:, :, None, None]
    severity = pt.stack(
        [values.many([("severity", task, b) for task in ordered]) for b in scenario.taxonomy.bottlenecks]
    )
    success = [reach], [severity[:, None, :, None]], [now.slope[:, None, None, None]]
    losses, pieces = (log_failure_weight(item, *success, pt).sum(0) for item in (x, x - values("piece_doublings")))
    optimism = optimism_at(values("optimism"), values("optimism_decay"), years, pt)
    ahead = prospects(losses, pieces, optimism, terms, pt)
    served = pt.ones_like(adoption)
    actual, believed = (
        allocate(pt.as_tensor(weights), seen, terms, kinds, time_share, adoption, served, pt)
        for seen in (ahead, as_believed(ahead))
    )
    return Work(ordered, actual, believed)


def as_believed(ahead: Prospects) -> Prospects:
    """Prospects of somebody who takes the believed probabilities for the true ones (model §10)."""
    return Prospects(
        ahead.believed_failure, ahead.believed_failure, ahead.believed_assisted_cost, ahead.believed_assisted_cost
    )
