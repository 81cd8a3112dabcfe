"""One quantity at a time: how an answer moves when it alone is low or high, all else as it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autosim.analysis.quantities import Quantity, column, laid, members
from autosim.analysis.sampling import Pairs
from autosim.analysis.targets import Target
from autosim.draws import Draws
from autosim.equations.capability import TRAJECTORIES
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.priors import Path
from autosim.inputs.scenario import Scenario
from autosim.simulation.statistics import STATISTICS, error_of_share, with_errors

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]
type Asking = Callable[[Draws], Floats]

ENDS = (0.1, 0.9)
"""Probabilities at which a quantity counts as low and as high."""

GRID = (0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98)
BINS = 16


@dataclass(frozen=True)
class Response:
    """An answer against one quantity.

    ``at`` are the quantity's values, or names of shapes; ``centre``, ``low`` and ``high`` the answer's median and 10 %
    and 90 % quantiles over the draws, all else as drawn; of an event, its probability in all three. ``mcse`` are Monte
    Carlo errors of ``centre``. ``ends`` are the positions of its 10 % and 90 % quantiles, or of the shapes that differ
    most.
    """

    name: str
    unit: str
    at: tuple[float | str, ...]
    centre: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    mcse: tuple[float, ...]
    ends: tuple[int, int]

    @property
    def swing(self) -> tuple[float, float]:
        """Answers at the `ends`: the two ends of a bar of a tornado."""
        first, last = self.ends
        return self.centre[first], self.centre[last]

    @property
    def swing_mcse(self) -> tuple[float, float]:
        """Monte Carlo errors of these."""
        first, last = self.ends
        return self.mcse[first], self.mcse[last]


def evenly(answers: Floats, count: int) -> Integers:
    """Positions of draws that stand evenly among the ranked answers, so that quantiles are those of all draws.

    Parameters
    ----------
    answers
        Of all draws, (draw,).
    count
        How many, at most all.

    Returns
    -------
    (count,), in the order of the answers.

    Examples
    --------
    >>> evenly(np.array([5.0, 1.0, 2.0, 4.0, 3.0, 6.0]), 3).tolist()
    [2, 3, 5]
    """
    ranked = np.argsort(answers, kind="stable")
    return ranked[((np.arange(count) + 0.5) * len(answers) / count).astype(np.int64)]


def error_of(answers: Floats, worth: float, *, share: bool = False) -> float:
    r"""Monte Carlo error of the median, or of a share, of draws that were taken `evenly`.

    With :math:`x_i` 1 where an answer is below the median, or is 1, n draws of all N that these are worth have

    .. math:: \sigma^2 = \sum_{i\,\mathrm{odd}} (x_i - x_{i+1})^2/n^2 + s_x^2/N

    What neighbours differ by is what their ranks leave open. The median's is its error in :math:`s_x^2/\sigma^2`
    independent draws.

    Parameters
    ----------
    answers
        In the order of `evenly`, (draw,), at least 2.
    worth
        :math:`N`.
    share
        Whether they are 1 or 0 and their mean is meant.

    References
    ----------
    Cochran (1977), Sampling Techniques, §5A.12, collapsed strata.
    """
    counted = answers if share else (answers <= np.median(answers)).astype(np.float64)
    spread = float(counted.var())
    if spread == 0.0:
        effective = float(len(answers))
    else:
        pairs = counted[: len(counted) // 2 * 2].reshape(-1, 2)
        effective = spread / (float((np.diff(pairs) ** 2).sum()) / len(counted) ** 2 + spread / worth)
    if share:
        return error_of_share(float(answers.mean()), effective)
    return float(with_errors(answers, effective)[len(STATISTICS) + STATISTICS.index("q50")])


def screened(pairs: Pairs, draws: Draws, answers: Floats, most: int) -> list[Quantity]:
    """The quantities that by themselves explain most of an answer, from draws alone.

    A quantity's score is the share of variance between 16 equally filled bins of it, corrected for their number. Shares
    have no low and high and are left out.

    Parameters
    ----------
    pairs
        The scenario's samples.
    draws
        Of any of them.
    answers
        On the scale of comparison, (draw,).
    most
        How many.
    """
    singles = [quantity for quantity in pairs.quantities if not quantity.is_shares]
    scores = [explained(column(draws, quantity.paths[0], pairs.names), answers) for quantity in singles]
    return [singles[i] for i in np.argsort(-np.array(scores), kind="stable")[:most]]


def explained(values: Floats, answers: Floats) -> float:
    """Share of the answers' variance between bins of the values, corrected for the number of bins (at least 0)."""
    edges = np.unique(np.quantile(values, np.linspace(0.0, 1.0, BINS + 1)[1:-1]))
    bins = np.searchsorted(edges, values, side="right")
    counts = np.bincount(bins)
    used = counts > 0
    whole = ((answers - answers.mean()) ** 2).sum()
    if whole == 0.0 or used.sum() < 2:
        return 0.0
    means = np.bincount(bins, answers)[used] / counts[used]
    inside = whole - (counts[used] * (means - answers.mean()) ** 2).sum()
    return max(1.0 - inside / (len(values) - used.sum()) / (whole / (len(values) - 1)), 0.0)


def response(
    pairs: Pairs,
    quantity: Quantity,
    base: Draws,
    target: Target,
    ask: Asking,
    worth: float,
    grid: tuple[float, ...] = GRID,
) -> Response:
    """An answer against one quantity, on common random numbers.

    Parameters
    ----------
    pairs
        The scenario's samples.
    quantity
        No shares.
    base
        Draws in which it alone is changed, taken `evenly`.
    target
        What is asked.
    ask
        Answers draws, (draw,), in the target's unit.
    worth
        How many independent draws all draws are worth, of which ``base`` was taken.
    grid
        Probabilities at which the quantity is set; its shapes, if it is that of the trajectory.
    """
    if quantity.is_shape:
        positions = [TRAJECTORIES.index(name) for name in _shapes(pairs)]
        settings: list[tuple[float | str, Floats]] = [
            (TRAJECTORIES[i], np.full(len(base), float(i))) for i in positions
        ]
    else:
        settings = [_at(pairs, quantity, base, p) for p in grid]
    found = []
    for _, values in settings:
        answers = ask(laid(base, dict.fromkeys(quantity.paths, values), pairs.names))
        own = [answers.mean()] * 3 if target.is_event else np.quantile(answers, (0.5, 0.1, 0.9))
        found.append([*own, error_of(answers, worth, share=target.is_event)])
    centre, low, high, mcse = (tuple(float(x) for x in row) for row in np.array(found).T)
    if quantity.is_shape:
        ends, unit = (int(np.argmin(centre)), int(np.argmax(centre))), ""
    else:
        ends, unit = (grid.index(ENDS[0]), grid.index(ENDS[1])), PARAMETERS[quantity.paths[0][0]].unit
    return Response(quantity.name, unit, tuple(label for label, _ in settings), centre, low, high, mcse, ends)


def _shapes(pairs: Pairs) -> list[str]:
    """Shapes of the trajectory that are possible."""
    own = [member.trajectory for _, member in members(pairs.scenario)]
    return [name for name in TRAJECTORIES if any(weights.get(name, 0.0) > 0.0 for weights in own)]


def _at(pairs: Pairs, quantity: Quantity, base: Draws, p: float) -> tuple[float | str, Floats]:
    """A quantity's value at a probability, by which it is labelled, and for each draw by its member of the pool."""
    own = np.array([_quantile(member, quantity.paths[0], p) for _, member in members(pairs.scenario)])
    weights = np.array([weight for weight, _ in members(pairs.scenario)])
    return float(own @ weights / weights.sum()), own[base.member]


def _quantile(scenario: Scenario, path: Path, p: float) -> float:
    learnt, dotted = scenario.posterior, ".".join(path)
    if learnt and dotted in learnt.taken:
        return float(np.quantile(learnt.posterior.values[dotted], p))
    value = np.asarray(scenario.priors[path].distribution.quantile(np.array([p])), dtype=np.float64)
    return float(PARAMETERS[path[0]].domain.kept(value)[0])
