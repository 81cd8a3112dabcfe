"""From a scenario to numbers: every parameter drawn, each from a stream of its own."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from autosim import streams
from autosim.equations.capability import TRAJECTORIES
from autosim.errors import InputError
from autosim.inputs.correlations import correlation_matrix
from autosim.inputs.distributions import Distribution
from autosim.inputs.parameters import PARAMETERS, SCALARS
from autosim.inputs.scenario import AnyScenario, Pool, Scenario, Taxonomy

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Every parameter's draws, as the equations want them.

    ``scalars`` are (draw,) by name. Of the ``indexed``, ``horizon_offset``, ``relief`` and ``slope`` are (draw,
    bottleneck); ``severity`` and ``evaluation_severity`` (draw, task or evaluation, bottleneck); ``task_length`` and
    ``length_spread`` (draw, task); ``median``, ``spread`` and ``contamination`` (draw, evaluation); ``role_share``
    (draw, role); ``time_share`` (draw, role, task). ``trajectory`` is a position in `TRAJECTORIES`, ``member`` the
    position of the scenario within a pool. Units as in the parameters' glossary.
    """

    scalars: dict[str, Floats]
    indexed: dict[str, Floats]
    trajectory: NDArray[np.int64]
    feedback: NDArray[np.bool_]
    member: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.trajectory)

    def part(self, draws: slice) -> "Draws":
        """Some of the draws, all parameters."""
        return Draws(
            {name: values[draws] for name, values in self.scalars.items()},
            {name: values[draws] for name, values in self.indexed.items()},
            self.trajectory[draws],
            self.feedback[draws],
            self.member[draws],
        )


def draw(scenario: AnyScenario, seed: int, draws: int) -> Draws:
    """Draw every parameter of a scenario or a pool.

    Parameters
    ----------
    scenario
        Complete and checked.
    seed
        At least 0.
    draws
        How many, at least 1.

    Raises
    ------
    InputError
        If a draw leaves an evaluation with severity 0 on every bottleneck.
    """
    if isinstance(scenario, Scenario):
        return _draw_one(scenario, seed, draws)
    member = allot([weight for weight, _ in scenario.members], draws)
    whole = [_draw_one(scenario, seed, draws) for _, scenario in scenario.members]
    return _interleaved(whole, member)


def allot(weights: list[float], draws: int) -> NDArray[np.int64]:
    """Give each draw to a member of a pool so that the counts stay within one of the weights at every prefix.

    Examples
    --------
    >>> np.bincount(allot([2.0, 4.0, 2.0], 4000)).tolist()
    [1000, 2000, 1000]
    >>> allot([1.0, 1.0], 4).tolist()
    [0, 1, 0, 1]
    """
    shares = np.asarray(weights) / np.sum(weights)
    due, member = np.zeros(len(shares)), np.empty(draws, dtype=np.int64)
    for i in range(draws):
        due += shares
        member[i] = int(np.argmax(due > due.max() - 1e-9))
        due[member[i]] -= 1.0
    return member


def _interleaved(whole: list[Draws], member: NDArray[np.int64]) -> Draws:
    """Take draw i from the member it is given to."""

    def pick[T: np.generic](parts: list[NDArray[T]]) -> NDArray[T]:
        picked = parts[0].copy()
        for position, part in enumerate(parts):
            picked[member == position] = part[member == position]
        return picked

    return Draws(
        {name: pick([part.scalars[name] for part in whole]) for name in whole[0].scalars},
        {name: pick([part.indexed[name] for part in whole]) for name in whole[0].indexed},
        pick([part.trajectory for part in whole]),
        pick([part.feedback for part in whole]),
        member,
    )


def _draw_one(scenario: Scenario, seed: int, draws: int) -> Draws:
    values = _Values(scenario, seed, draws)
    names = scenario.taxonomy
    indexed = {
        "horizon_offset": values.stacked("horizon_offset", names.bottlenecks),
        "relief": values.stacked("relief", names.bottlenecks),
        "slope": values.stacked("slope", names.bottlenecks),
        "severity": values.severities(names.tasks),
        "evaluation_severity": values.severities(names.evaluations),
        "task_length": values.stacked("task_length", names.tasks),
        "length_spread": values.stacked("length_spread", names.tasks),
        "median": values.stacked("median", names.evaluations),
        "spread": values.stacked("spread", names.evaluations),
        "contamination": values.stacked("contamination", names.evaluations),
        "role_share": values.shares("role_share"),
        "time_share": np.stack([values.shares("time_share", role) for role in names.roles], axis=1),
    }
    _refuse_empty_evaluations(indexed["evaluation_severity"], scenario, names)
    u = streams.uniform(seed, "structure.trajectory", draws)
    weights = [scenario.trajectory.get(name, 0.0) for name in TRAJECTORIES]
    trajectory = np.minimum(np.searchsorted(np.cumsum(weights), u, side="right"), len(weights) - 1)
    return Draws(
        {name: values.one((name,)) for name in SCALARS},
        indexed,
        trajectory,
        np.full(draws, scenario.feedback),
        np.zeros(draws, dtype=np.int64),
    )


class _Values:
    """Draws of single quantities, with the copula applied; a quantity that many members share is drawn once."""

    def __init__(self, scenario: Scenario, seed: int, draws: int) -> None:
        self.scenario, self.seed, self.draws = scenario, seed, draws
        self.correlated = _correlated_uniforms(scenario, seed, draws)
        self.known: dict[tuple[str, Distribution], Floats] = {}

    def one(self, path: tuple[str, ...]) -> Floats:
        prior = self.scenario.priors[path]
        key = (prior.stream, prior.distribution)
        if key not in self.known:
            u = self.correlated.get(prior.stream)
            if u is None:
                u = streams.uniform(self.seed, prior.stream, self.draws)
            values = np.asarray(prior.distribution.quantile(u), dtype=np.float64)
            self.known[key] = PARAMETERS[path[0]].domain.kept(values)
        return self.known[key]

    def stacked(self, name: str, labels: tuple[str, ...]) -> Floats:
        return np.stack([self.one((name, label)) for label in labels], axis=-1)

    def severities(self, labels: tuple[str, ...]) -> Floats:
        names = self.scenario.taxonomy.bottlenecks
        by_bottleneck = [[self.one(("severity", label, name)) for label in labels] for name in names]
        return np.ascontiguousarray(np.array(by_bottleneck).transpose(2, 1, 0))

    def shares(self, *path: str) -> Floats:
        prior = self.scenario.shares[path]
        u = np.stack([streams.uniform(self.seed, f"{prior.stream}.{name}", self.draws) for name in prior.simplex.names])
        return prior.simplex.quantile(u)


def _correlated_uniforms(scenario: Scenario, seed: int, draws: int) -> dict[str, Floats]:
    """Uniforms of the quantities that a Gaussian copula ties together, each still from its own stream."""
    if not scenario.correlations:
        return {}
    names, matrix = correlation_matrix(scenario.correlations)
    u = np.stack([streams.uniform(seed, name, draws) for name in names])
    z, factor = special.ndtri(u), np.linalg.cholesky(matrix)
    mixed = {}
    for i, name in enumerate(names):
        before = np.flatnonzero(factor[i, :i])  # a quantity correlated with none before it keeps its numbers
        row = sum((factor[i, j] * z[j] for j in before), start=factor[i, i] * z[i])
        mixed[name] = np.clip(special.ndtr(row), 2.0**-54, 1.0 - 2.0**-53) if before.size else u[i]
    return mixed


def _refuse_empty_evaluations(severity: Floats, scenario: Scenario, names: Taxonomy) -> None:
    empty = (severity.sum(axis=-1) == 0.0).any(axis=0)
    if empty.any():
        name = names.evaluations[int(np.argmax(empty))]
        key = f"evaluations.{name}.severity"
        raise InputError(
            scenario.header.files[-1].place, key, "0 for every bottleneck in a draw", "some severity above 0"
        )


def members_of(scenario: AnyScenario) -> tuple[str, ...]:
    """Names of a pool's members in the order of `Draws.member`; a scenario is its own only member."""
    if isinstance(scenario, Pool):
        return tuple(member.header.slug for _, member in scenario.members)
    return (scenario.header.slug,)
