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

REACH, NODES = 4.2, 24
"""Half-width [sd] of the trapezoid over difficulty, and its nodes: in 99 % of prior draws the log of a trial's cost is
right to .004."""


class Moments(NamedTuple):
    """Moments at which work is asked about.

    ``horizons_log2`` are benchmark horizons [log2 min], (bottleneck, moment); ``years`` after the reference date and
    ``adoption``, the share of hours in which AI is used, (moment,); ``time_share`` of the tasks [1], (moment, task), in
    the order of kinds.
    """

    horizons_log2: TensorVariable
    years: TensorVariable
    adoption: TensorVariable
    time_share: TensorVariable


class Tasks(NamedTuple):
    """Tasks in the order in which handover is settled, and where those of each kind stand."""

    names: list[str]
    kinds: list[slice]


def work_paths(tasks: Sequence[str], scenario: Scenario) -> set[Path]:
    """Everything that the cost of these tasks hangs on, beside capability."""
    scalars = (*DelegationTerms._fields, "work_gap", "piece_doublings", "optimism", "optimism_decay")
    each = {(name, task) for name in ("task_length", "length_spread") for task in tasks}
    severity = {("severity", task, b) for task in tasks for b in scenario.taxonomy.bottlenecks}
    return {(name,) for name in scalars} | each | severity


def by_kind(tasks: Sequence[str], names: Taxonomy) -> Tasks:
    """Put tasks in the order in which handover is settled."""
    kinds = dict(zip(names.tasks, names.kinds, strict=True))
    ordered = sorted(tasks, key=lambda task: (KINDS.index(kinds[task]), names.tasks.index(task)))
    bounds = [sum(KINDS.index(kinds[task]) < stop for task in ordered) for stop in range(len(KINDS) + 1)]
    return Tasks(ordered, [slice(*pair) for pair in pairwise(bounds)])


class Work:
    """What tasks cost and how they are done at several moments, without limits of compute."""

    def __init__(self, moments: Moments, tasks: Tasks, scenario: Scenario, values: Values, now: Capability) -> None:
        self._moments, self._kinds = moments, tasks.kinds
        self._terms = DelegationTerms(*(values(name)[None] for name in DelegationTerms._fields))
        length, spread = (values.many([(name, task) for task in tasks.names])
                          for name in ("task_length", "length_spread"))  # fmt: skip
        mean, sd = task_difficulty(length, spread, now.difficulty_spread, pt)
        z = np.linspace(-REACH, REACH, NODES)
        x = (mean[:, None] + sd[:, None] * z)[None]
        self._weights = np.tile(np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum(), (1, len(tasks.names), 1))
        reach = (moments.horizons_log2 - values("work_gap"))[:, :, None, None]
        bottlenecks = scenario.taxonomy.bottlenecks
        severity = pt.stack([values.many([("severity", task, b) for task in tasks.names]) for b in bottlenecks])
        success = [reach], [severity[:, None, :, None]], [now.slope[:, None, None, None]]
        losses, pieces = (log_failure_weight(at, *success, pt).sum(0) for at in (x, x - values("piece_doublings")))
        optimism = optimism_at(values("optimism"), values("optimism_decay"), moments.years, pt)
        self._ahead = prospects(losses, pieces, optimism, self._terms, pt)

    def actual(self) -> Allocation:
        """Costs and mode shares, (moment, task)."""
        return self._allocated(self._ahead)

    def believed(self) -> Allocation:
        """The same in the eyes of people who take the chances they believe in for the true ones (model §10)."""
        seen = self._ahead
        return self._allocated(
            Prospects(
                seen.believed_failure, seen.believed_failure, seen.believed_assisted_cost, seen.believed_assisted_cost
            )
        )

    def _allocated(self, ahead: Prospects) -> Allocation:
        at, weights = self._moments, pt.as_tensor(self._weights)
        served = pt.ones_like(at.adoption)
        return allocate(weights, ahead, self._terms, self._kinds, at.time_share, at.adoption, served, pt)
