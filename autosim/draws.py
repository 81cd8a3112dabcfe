"""From a scenario to numbers: every parameter drawn, each from a stream of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import special

from autosim import streams
from autosim.errors import InputError
from autosim.inputs.correlations import correlation_matrix
from autosim.inputs.distributions import Distribution
from autosim.inputs.parameters import PARAMETERS, SCALARS
from autosim.inputs.posterior import shapes_of
from autosim.inputs.scenario import AnyScenario, Pool, Scenario, Taxonomy
from autosim.inputs.substitution import INPUT_SUBSTITUTION, side_of

type Floats = NDArray[np.float64]

_AT_ONCE = 512
"""Draws that are drawn together where only some are wanted."""


@dataclass(frozen=True)
class Draws:
    """Every parameter's draws, as the equations want them.

    ``scalars`` are (draw,) by name. Of the ``indexed``, ``horizon_offset``, ``relief`` and ``slope`` are (draw,
    bottleneck); ``severity`` and ``evaluation_severity`` (draw, task or evaluation, bottleneck); ``task_length`` and
    ``length_spread`` (draw, task); ``median``, ``spread`` and ``contamination`` (draw, evaluation), as are those of its
    grading, ``added_difficulty``, ``best_of`` and ``all_of``, the same in every draw; ``role_share`` (draw, role);
    ``time_share`` (draw, role, task). ``trajectory`` is a position in `TRAJECTORIES`, ``member`` the position of the
    scenario within a pool. Units as in the parameters' glossary.
    """

    scalars: dict[str, Floats]
    indexed: dict[str, Floats]
    trajectory: NDArray[np.int64]
    feedback: NDArray[np.bool_]
    member: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.trajectory)

    @property
    def substitution(self) -> NDArray[np.int64]:
        """Whether labour and compute are complements or substitutes: positions in `SUBSTITUTIONS`, (draw,)."""
        return side_of(self.scalars[INPUT_SUBSTITUTION[0]])

    def part(self, draws: slice | NDArray[np.int64]) -> "Draws":
        """Some of the draws, all parameters: a slice of them, or those at given positions."""
        return Draws(
            {name: values[draws] for name, values in self.scalars.items()},
            {name: values[draws] for name, values in self.indexed.items()},
            self.trajectory[draws],
            self.feedback[draws],
            self.member[draws],
        )


@dataclass(frozen=True)
class Block:
    """Some draws of a run: the position of the first, and the member of the pool that each is given to, (draw,)."""

    first: int
    member: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.member)

    @property
    def places(self) -> slice:
        """Where the draws stand in the run."""
        return slice(self.first, self.first + len(self))


def blocks(scenario: AnyScenario, bounds: Sequence[int]) -> Iterator[Block]:
    """Split a run's draws at ascending ``bounds``, of which the first is 0 and the last their number."""
    member = _allotted([weight for weight, _ in scenario.members] if isinstance(scenario, Pool) else [1.0])
    for first, last in pairwise(bounds):
        yield Block(first, np.fromiter(member, dtype=np.int64, count=last - first))


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
    return draw_block(scenario, seed, next(blocks(scenario, (0, draws))))


def draw_block(scenario: AnyScenario, seed: int, block: Block) -> Draws:
    """Draw the parameters of some of a run's draws: the same values as if all of the run were drawn at once.

    Raises
    ------
    InputError
        As by `draw`.
    """
    members = [member for _, member in scenario.members] if isinstance(scenario, Pool) else [scenario]
    own = [np.flatnonzero(block.member == position) for position in range(len(members))]
    drawn = [(at, _draw_one(member, seed, block, at)) for at, member in zip(own, members, strict=True) if at.size]
    parts = [part for _, part in drawn]

    def gathered[T: np.generic](values: list[NDArray[T]]) -> NDArray[T]:
        whole = np.empty((len(block), *values[0].shape[1:]), dtype=values[0].dtype)
        for (at, _), part in zip(drawn, values, strict=True):
            whole[at] = part
        return whole

    return Draws(
        {name: gathered([part.scalars[name] for part in parts]) for name in parts[0].scalars},
        {name: gathered([part.indexed[name] for part in parts]) for name in parts[0].indexed},
        gathered([part.trajectory for part in parts]),
        gathered([part.feedback for part in parts]),
        block.member,
    )


def draw_at(scenario: AnyScenario, seed: int, positions: NDArray[np.int64]) -> Draws:
    """Draw the parameters of the draws at some positions of a run: the same values as if all were drawn.

    Parameters
    ----------
    positions
        Ascending and different, at least one.

    Raises
    ------
    InputError
        As by `draw`.
    """
    last = int(positions[-1]) + 1
    parts = []
    for block in blocks(scenario, (*range(0, last, _AT_ONCE), last)):
        first, end = np.searchsorted(positions, (block.first, block.first + len(block)))
        if first < end:
            parts.append(draw_block(scenario, seed, block).part(positions[first:end] - block.first))
    return joined(parts)


def allot(weights: list[float], draws: int) -> NDArray[np.int64]:
    """Give each draw to a member of a pool so that the counts stay within one of the weights at every prefix.

    Examples
    --------
    >>> np.bincount(allot([2.0, 4.0, 2.0], 4000)).tolist()
    [1000, 2000, 1000]
    >>> allot([1.0, 1.0], 4).tolist()
    [0, 1, 0, 1]
    """
    return np.fromiter(_allotted(weights), dtype=np.int64, count=draws)


def correlated_uniforms(scenario: Scenario, seed: int, draws: int) -> dict[str, Floats]:
    """Uniform numbers, (draw,) each, of the quantities that a scenario's correlations tie together, as `draw` uses."""
    block = next(blocks(scenario, (0, draws)))
    return _Values(scenario, seed, block, np.arange(draws)).correlated


def joined(parts: Sequence[Draws]) -> Draws:
    """Draws one after the other."""
    first = parts[0]
    return Draws(
        {name: np.concatenate([part.scalars[name] for part in parts]) for name in first.scalars},
        {name: np.concatenate([part.indexed[name] for part in parts]) for name in first.indexed},
        np.concatenate([part.trajectory for part in parts]),
        np.concatenate([part.feedback for part in parts]),
        np.concatenate([part.member for part in parts]),
    )


def _allotted(weights: list[float]) -> Iterator[int]:
    """Members of the draws, one after the other, without end."""
    shares = (np.asarray(weights) / np.sum(weights)).tolist()
    due = [0.0] * len(shares)
    while True:
        due = [owed + share for owed, share in zip(due, shares, strict=True)]
        most = max(due) - 1e-9
        member = next(position for position, owed in enumerate(due) if owed > most)
        due[member] -= 1.0
        yield member


def _draw_one(scenario: Scenario, seed: int, block: Block, own: NDArray[np.int64]) -> Draws:
    """Draw a scenario's parameters for its ``own`` draws of a block, given by their positions there."""
    values = _Values(scenario, seed, block, own)
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
        **_gradings(names, len(own)),
        "role_share": values.shares("role_share"),
        "time_share": np.stack([values.shares("time_share", role) for role in names.roles], axis=1),
    }
    _refuse_empty_evaluations(indexed["evaluation_severity"], scenario, names)
    return Draws(
        {name: values.one((name,)) for name in SCALARS},
        indexed,
        values.trajectories(),
        np.full(len(own), scenario.feedback),
        block.member[own],
    )


def _gradings(names: Taxonomy, draws: int) -> dict[str, Floats]:
    """How evaluations are graded, (draw, evaluation) each."""
    gradings = [names.grading(evaluation) for evaluation in names.evaluations]
    said = {"added_difficulty": [grading.added for grading in gradings]}
    said |= {name: [float(getattr(grading, name)) for grading in gradings] for name in ("best_of", "all_of")}
    return {name: np.tile(values, (draws, 1)) for name, values in said.items()}


class _Values:
    """Draws of single quantities, with the copula applied; a quantity that many members share is drawn once."""

    def __init__(self, scenario: Scenario, seed: int, block: Block, own: NDArray[np.int64]) -> None:
        self.scenario, self.seed, self.block, self.own = scenario, seed, block, own
        self.positions = block.first + own
        self.rows = scenario.posterior.rows(seed, self.positions) if scenario.posterior else own
        self.correlated = self._correlated_uniforms()
        self.known: dict[tuple[str, Distribution], Floats] = {}

    def uniform(self, name: str) -> Floats:
        return streams.uniform(self.seed, name, len(self.block), self.block.first)[self.own]

    def learnt(self, name: str) -> Floats | None:
        """Draws from the scenario's posterior, if it takes this quantity from one."""
        learnt = self.scenario.posterior
        return learnt.posterior.values[name][self.rows] if learnt and name in learnt.taken else None

    def trajectories(self) -> NDArray[np.int64]:
        """Each draw's shape: that of the posterior's draw if it is known, or else by the scenario's weights."""
        learnt = self.scenario.posterior
        if learnt and learnt.posterior.trajectory is not None:
            return learnt.posterior.trajectory[self.rows]
        return shapes_of(self.scenario.trajectory, self.seed, self.positions)

    def one(self, path: tuple[str, ...]) -> Floats:
        prior = self.scenario.priors[path]
        for name in filter(None, (path, prior.copy_of)):
            learnt = self.learnt(".".join(name))
            if learnt is not None:
                return PARAMETERS[path[0]].domain.kept(learnt)
        key = (prior.stream, prior.distribution)
        if key not in self.known:
            u = self.correlated.get(prior.stream)
            if u is None:
                u = self.uniform(prior.stream)
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
        learnt = [self.learnt(".".join((*path, name))) for name in prior.simplex.names]
        if all(values is not None for values in learnt):
            return np.stack([values for values in learnt if values is not None], axis=-1)
        u = np.stack([self.uniform(f"{prior.stream}.{name}") for name in prior.simplex.names])
        return prior.simplex.quantile(u)

    def _correlated_uniforms(self) -> dict[str, Floats]:
        """Uniforms of the quantities that a Gaussian copula ties together, each still from its own stream."""
        if not self.scenario.correlations:
            return {}
        names, matrix = correlation_matrix(self.scenario.correlations)
        return tied(names, matrix, np.stack([self.uniform(name) for name in names]))


def tied(names: Sequence[str], matrix: Floats, u: Floats) -> dict[str, Floats]:
    """Uniform numbers tied together by a Gaussian copula.

    Parameters
    ----------
    names
        Of the quantities; one that is correlated with none before it keeps its numbers.
    matrix
        Their correlations, (quantity, quantity), positive definite.
    u
        Independent uniform numbers, (quantity, draw), strictly between 0 and 1.

    Returns
    -------
    (draw,) by name, strictly between 0 and 1.
    """
    z, factor = special.ndtri(u), np.linalg.cholesky(matrix)
    mixed = {}
    for i, name in enumerate(names):
        before = np.flatnonzero(factor[i, :i])
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
