"""Quantities that depend on one another: their normal scores, and draws of some given the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special

from autosim.analysis.groups import Group
from autosim.analysis.quantities import TRAJECTORY
from autosim.draws import correlated_uniforms
from autosim.inputs.correlations import correlation_matrix
from autosim.inputs.parameters import PARAMETERS, Domain
from autosim.inputs.posterior import Learnt
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]

RIDGE = 1e-6
"""Added to the diagonal of correlations, since some quantities are exact sums of others."""

CHANCE = 4.0
"""Correlations between groups that are within so many standard errors of 0 in a posterior's draws count as none."""


@dataclass(frozen=True)
class Dimension:
    """One of the numbers that depend on others: its paths, its position among shares, its value at normal scores."""

    paths: tuple[Path, ...]
    share: int | None
    value: Callable[[Floats], Floats]


@dataclass(frozen=True)
class Dependence:
    """Joint distribution of some numbers: margins as they are, tied together by a Gaussian copula.

    ``first`` and ``second`` are the normal scores of two independent samples, (draw, dimension); ``group`` is each
    dimension's position among the groups; ``correlation`` is (dimension, dimension), positive definite.
    """

    dimensions: tuple[Dimension, ...]
    group: NDArray[np.int64]
    correlation: Floats
    first: Floats
    second: Floats

    def across(self) -> bool:
        """Whether quantities of different groups depend on one another."""
        apart = self.group[:, None] != self.group
        return bool((self.correlation[apart] != 0.0).any())

    def given(self, order: Sequence[int], kept: int, rows: NDArray[np.int64]) -> dict[Path, Floats]:
        r"""Numbers of the groups that are not kept, drawn given those that are.

        With :math:`R = L L^T` in the order of the groups, :math:`z = L \epsilon` has kept groups' scores as they are in
        the first sample if their :math:`\epsilon` are the first sample's, and the others' conditional distribution if
        theirs are the second's.

        Parameters
        ----------
        order
            Positions of all groups.
        kept
            How many of them, from the beginning, keep the first sample's values.
        rows
            Positions of the draws.

        Returns
        -------
        Columns by path, (draw,), or (draw, share) for shares.

        References
        ----------
        Nataf (1962); Lebrun and Dutfoy (2009), Probabilistic Engineering Mechanics 24, 172-178.
        """
        rank = np.argsort(np.asarray(order))[self.group]
        place = np.argsort(rank, kind="stable")
        factor = np.linalg.cholesky(self.correlation[np.ix_(place, place)])
        own, fresh = (
            linalg.solve_triangular(factor, z[rows][:, place].T, lower=True) for z in (self.first, self.second)
        )
        fixed = int((rank < kept).sum())
        z = (factor @ np.concatenate([own[:fixed], fresh[fixed:]])).T
        columns: dict[Path, Floats] = {}
        shares: dict[Path, list[tuple[int, Floats]]] = {}
        for position, at in enumerate(place.tolist()):
            if position < fixed:
                continue
            dimension = self.dimensions[at]
            values = dimension.value(z[:, position])
            if dimension.share is None:
                columns |= dict.fromkeys(dimension.paths, values)
            else:
                shares.setdefault(dimension.paths[0], []).append((dimension.share, values))
        return columns | {path: _whole(parts) for path, parts in shares.items()}


def _whole(parts: list[tuple[int, Floats]]) -> Floats:
    """Shares in their order, divided by their sum."""
    stacked = np.stack([values for _, values in sorted(parts, key=lambda part: part[0])], axis=-1)
    whole: Floats = stacked / stacked.sum(axis=-1, keepdims=True)
    return whole


def dependence(scenario: Scenario, groups: Sequence[Group], seeds: tuple[int, int], draws: int) -> Dependence | None:
    """What depends on what in a scenario; None if nothing does.

    Parameters
    ----------
    scenario
        With its correlations, or a posterior, or both.
    groups
        Of everything uncertain.
    seeds
        Of the two samples.
    draws
        In each.
    """
    blocks = [block for block in (_correlated(scenario, seeds, draws), _learnt(scenario, seeds, draws)) if block]
    if not blocks:
        return None
    dimensions = tuple(dimension for block in blocks for dimension in block.dimensions)
    owner = {path: position for position, group in enumerate(groups) for path in group.paths}
    group = np.array([owner[dimension.paths[0]] for dimension in dimensions])
    correlation = linalg.block_diag(*(block.correlation for block in blocks))
    level = linalg.block_diag(*(np.full_like(block.correlation, block.chance) for block in blocks))
    scores = [np.concatenate([block.scores[sample] for block in blocks], axis=-1) for sample in range(2)]
    return Dependence(dimensions, group, _definite(correlation, level, group), *scores)


@dataclass(frozen=True)
class _Block:
    """Dimensions that may depend on one another, their correlation, how large that is by chance, and two samples."""

    dimensions: list[Dimension]
    correlation: Floats
    chance: float
    scores: list[Floats]


def _definite(correlation: Floats, chance: Floats, group: NDArray[np.int64]) -> Floats:
    """A positive definite correlation matrix without what is chance between groups, shrunk no more than it must be."""
    within = group[:, None] == group
    kept = np.where(within | (np.abs(correlation) > chance), correlation, 0.0)
    ridge = RIDGE * np.eye(len(kept))
    inside = np.where(within, kept, 0.0)
    for shrunk in np.linspace(0.0, 1.0, 21):
        matrix: Floats = (1.0 - shrunk) * kept + shrunk * inside + ridge
        if np.linalg.eigvalsh(matrix).min() > 0.5 * RIDGE:
            return matrix
    raise np.linalg.LinAlgError("correlations within a group are not positive definite")


def _correlated(scenario: Scenario, seeds: tuple[int, int], draws: int) -> _Block | None:
    """Priors that the scenario's correlations tie together; scores are those that the draws were made of."""
    learnt = scenario.posterior.taken if scenario.posterior else frozenset()
    if not scenario.correlations:
        return None
    names, matrix = correlation_matrix(scenario.correlations)
    paths: dict[str, list[Path]] = {}
    for path, prior in scenario.priors.items():
        if ".".join(path) not in learnt:
            paths.setdefault(prior.stream, []).append(path)
    at = [position for position, name in enumerate(names) if name in paths]
    if not at:
        return None
    uniforms = [correlated_uniforms(scenario, seed, draws) for seed in seeds]
    scores = [
        np.stack([np.asarray(special.ndtri(u[names[i]]), dtype=np.float64) for i in at], axis=-1) for u in uniforms
    ]
    dimensions = []
    for position in at:
        same = paths[names[position]]
        quantile, domain = scenario.priors[same[0]].distribution.quantile, PARAMETERS[same[0][0]].domain
        dimensions.append(Dimension(tuple(same), None, _of_prior(quantile, domain)))
    return _Block(dimensions, matrix[np.ix_(at, at)], 0.0, scores)


def _of_prior(quantile: Callable[[Floats], Floats], domain: Domain) -> Callable[[Floats], Floats]:
    def value(z: Floats) -> Floats:
        return domain.kept(np.asarray(quantile(_probability(z)), dtype=np.float64))

    return value


def _probability(z: Floats) -> Floats:
    return np.clip(special.ndtr(z), 2.0**-54, 1.0 - 2.0**-53)


def _learnt(scenario: Scenario, seeds: tuple[int, int], draws: int) -> _Block | None:
    """What a posterior has learnt: margins are its draws', scores their ranks'."""
    learnt = scenario.posterior
    if learnt is None:
        return None
    columns = _columns(learnt, scenario)
    size = len(learnt.posterior)
    copies: dict[Path, list[Path]] = {}
    for path, prior in scenario.priors.items():
        if prior.copy_of:
            copies.setdefault(prior.copy_of, []).append(path)
    ranks = {key: np.argsort(np.argsort(values, kind="stable")) for key, values in columns.items()}
    grid = np.asarray(special.ndtri((np.arange(size) + 0.5) / size), dtype=np.float64)
    scores = np.stack([grid[rank] for rank in ranks.values()], axis=-1)
    dimensions = [
        Dimension((path, *copies.get(path, ())), share, _of_draws(np.sort(values), grid, discrete=path == TRAJECTORY))
        for (path, share), values in columns.items()
    ]
    rows = [learnt.rows(seed, np.arange(draws)) for seed in seeds]
    correlation = np.atleast_2d(np.corrcoef(scores, rowvar=False)).astype(np.float64)
    return _Block(dimensions, correlation, CHANCE / np.sqrt(size), [scores[row] for row in rows])


def _of_draws(ascending: Floats, grid: Floats, *, discrete: bool) -> Callable[[Floats], Floats]:
    """Value at normal scores, between a posterior's draws; where values are not numbers, the nearest draw's."""
    if discrete:
        middle = 0.5 * (grid[1:] + grid[:-1])
        return lambda z: ascending[np.searchsorted(middle, z)]
    return lambda z: np.interp(z, grid, ascending)


def _columns(learnt: Learnt, scenario: Scenario) -> Mapping[tuple[Path, int | None], Floats]:
    """Draws of what is taken from a posterior and varies, by path and position among shares."""
    values = learnt.posterior.values
    found: dict[tuple[Path, int | None], Floats] = {}
    if learnt.posterior.trajectory is not None and learnt.weights is None:
        found[TRAJECTORY, None] = learnt.posterior.trajectory.astype(np.float64)
    for path in scenario.priors:
        if ".".join(path) in learnt.taken:
            found[path, None] = values[".".join(path)]
    for path, shares in scenario.shares.items():
        for position, name in enumerate(shares.simplex.names):
            if (dotted := ".".join((*path, name))) in learnt.taken:
                found[path, position] = values[dotted]
    return {key: column for key, column in found.items() if np.ptp(column) > 0.0}
