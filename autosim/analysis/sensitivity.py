"""What drives an answer: shares of its variance by group, a tornado, and response curves."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autosim import streams
from autosim.analysis.effects import Estimate, shapley_effects, sobol_indices
from autosim.analysis.groups import Dividing, group_of
from autosim.analysis.sampling import Pairs
from autosim.analysis.swings import GRID, Asking, Response, evenly, response, screened
from autosim.analysis.targets import Target, dates_of, default_target, parse_target
from autosim.draws import Draws, joined
from autosim.errors import AutosimError, InputError
from autosim.inputs.scenario import AnyScenario, posteriors
from autosim.simulation.asked import ask
from autosim.simulation.effective import effective_draws
from autosim.simulation.statistics import STATISTICS, with_errors
from autosim.words import percent

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]
type Progress = Callable[[int], None]

DRAWS = 4096
SOBOL, SHAPLEY = "sobol", "shapley"
METHODS = ("auto", SOBOL, SHAPLEY)

CLUSTER = 32
"""Draws that share an order of the groups; every other cluster has the reverse of the order before it."""

SINGLES, SWUNG = 12, 512
"""Quantities that are looked at one at a time, and draws over which they are, taken evenly by their answer."""

PROBED = 256


@dataclass(frozen=True)
class Driver:
    """A group's share of the variance [1].

    ``share`` is its Shapley effect, or its total Sobol index, which counts what it does together with others; ``first``
    its first-order Sobol index, what it explains alone, or None.
    """

    group: str
    camp: str | None
    what: str
    share: Estimate
    first: Estimate | None = None


@dataclass(frozen=True)
class Sensitivity:
    """What an answer hangs on.

    ``drivers`` are ranked by their share; ``responses`` to single quantities by how far the answer swings. ``spread``
    holds the answer's mean and quantiles in the target's unit, ``mcse`` their Monte Carlo errors; ``sd`` is on the
    scale of comparison. ``swung`` is the number of draws of the responses, taken evenly from both samples by their
    answer, so that their median is that of all. ``evaluations`` of the model were made.
    """

    scenario: str
    title: str
    target: Target
    method: str
    draws: int
    seed: int
    evaluations: int
    sd: float
    spread: dict[str, float]
    mcse: dict[str, float]
    swung: int
    drivers: list[Driver]
    responses: list[Response]

    @property
    def centre(self) -> float:
        """The answer's median, or an event's probability: where the responses start."""
        return self.spread[self._middle]

    @property
    def centre_mcse(self) -> float:
        """Its Monte Carlo error."""
        return self.mcse[self._middle]

    @property
    def _middle(self) -> str:
        return "mean" if self.target.is_event else "q50"

    @property
    def sentence(self) -> str:
        """The answer in words."""
        first, *others = [f"{_in_words(driver.group)} ({percent(driver.share.value)})" for driver in self.drivers[:3]]
        label = self.target.label[:1].upper() + self.target.label[1:]
        also = f", then on {' and '.join(others)}" if others else ""
        what = "of the variance, alone and with others" if self.method == SOBOL else "of the variance"
        label += "," if self.target.step is not None and not self.target.is_event else ""
        return f"{label} hangs most on {first}{also}: shares {what}."

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        said = {name: getattr(self.target, name) for name in ("text", "label", "unit", "scale")}
        return asdict(self) | {"target": said, "centre": self.centre}


def _in_words(group: str) -> str:
    head, _, rest = group.partition(".")
    return f"the severity of {rest.replace('_', ' ')}" if head == "severity" and rest else group.replace("_", " ")


class Study:
    """A sensitivity analysis that is ready to begin: what it costs is known before it starts.

    Parameters
    ----------
    scenario
        Complete and checked.
    target
        As `parse_target` reads it; labour speedup five years after the reference date if nothing is said.
    draws
        In each of the two samples, a multiple of 64.
    seed
        The same seed gives the same bits.
    method
        ``sobol`` for groups that are independent of one another, ``shapley`` for any, ``auto`` for the one that fits.
    said, dividing
        As `autosim.analysis.groups.groups` reads them.

    Raises
    ------
    InputError
        If the target, a group, or the number of draws cannot be used, or Sobol indices are asked for although groups
        depend on one another.
    """

    def __init__(
        self,
        scenario: AnyScenario,
        target: str | None = None,
        draws: int = DRAWS,
        seed: int = 0,
        method: str = "auto",
        said: Sequence[str] = (),
        dividing: Dividing = group_of,
    ) -> None:
        if draws < 4 * CLUSTER or draws % (2 * CLUSTER):
            raise InputError("--draws", "", str(draws), f"a multiple of {2 * CLUSTER}, at least {4 * CLUSTER}")
        self.target = parse_target(default_target(scenario) if target is None else target, scenario)
        self.seed, self.draws, self.months = seed, draws, len(dates_of(scenario))
        self.pairs = Pairs(scenario, seed, draws, said, dividing)
        if method == SOBOL and self.pairs.dependent:
            cause = "a posterior" if posteriors(scenario) else "correlations"
            got = f"sobol, although {cause} tie groups together"
            raise InputError("--method", "", got, "shapley, whose shares stay valid when groups depend on one another")
        self.method = method if method != "auto" else SHAPLEY if self.pairs.dependent else SOBOL

    @property
    def cost(self) -> int:
        """Evaluations of the model, at most: one is a draw simulated as far as the target needs."""
        rows = len(self.pairs.groups) + (2 if self.method == SOBOL else 1)
        singles = sum(not quantity.is_shares for quantity in self.pairs.quantities)
        return self.draws * rows + self._swung * len(GRID) * min(SINGLES, singles)

    @property
    def _swung(self) -> int:
        return min(SWUNG, self.draws)

    def probe(self) -> int:
        """Make a few of the evaluations, to see how long they take; their number."""
        draws = self.pairs.first().part(slice(0, PROBED))
        ask(draws, self.pairs.names, [self.target], self.months)
        return len(draws)

    def run(self, progress: Progress | None = None, cores: int | None = None) -> Sensitivity:
        """Evaluate the model and find what drives the answer.

        Parameters
        ----------
        progress
            Called with the number of evaluations that have just been made.
        cores
            How many to use; all by default.

        Raises
        ------
        AutosimError
            If the answer does not vary, or has no value in some draw.
        """
        spent = 0

        def asked(draws: Draws) -> Floats:
            nonlocal spent
            found = ask(draws, self.pairs.names, [self.target], self.months, progress, cores)[:, 0]
            spent += len(draws)
            if not np.isfinite(found).all():
                share = float(np.mean(~np.isfinite(found)))
                raise AutosimError(
                    f"{self.target.text}: has no value in {share:.0%} of draws, where no advance solves the evaluation"
                )
            return found

        first, second = self.pairs.first(), self.pairs.second()
        known, unknown = asked(first), asked(second)
        scaled = self.target.scaled(np.concatenate([known, unknown]))
        if np.ptp(scaled) == 0.0:
            raise InputError(f"--target {self.target.text}", "", self._always(float(known[0])), "what differs by draw")
        drive = self._sobol if self.method == SOBOL else self._shapley
        drivers = drive(known, unknown, asked)
        responses = self._responses(joined([first, second]), scaled, asked)
        spread, errors = self._spread(np.concatenate([known, unknown]))
        return Sensitivity(
            self.pairs.scenario.header.slug,
            self.pairs.scenario.header.name,
            self.target,
            self.method,
            self.draws,
            self.seed,
            spent,
            float(scaled.std()),
            spread,
            errors,
            self._swung,
            sorted(drivers, key=lambda driver: -driver.share.value),
            responses,
        )

    def _spread(self, answers: Floats) -> Iterator[dict[str, float]]:
        """Mean and quantiles of both samples' answers, then their errors."""
        table = with_errors(answers, effective_draws(self.pairs.scenario, len(answers)))
        for rows in np.split(table, 2):
            yield dict(zip(STATISTICS, map(float, rows), strict=True))

    def _always(self, value: float) -> str:
        """Say that an answer is the same in every draw."""
        said = self.target.said(value)
        if self.target.is_date and said.startswith("after "):
            return f"no draw that gets there by {said.removeprefix('after ')}"
        return f"{said} in every draw, so that nothing drives it"

    def _responses(self, draws: Draws, scaled: Floats, asked: Asking) -> list[Response]:
        """Quantities one at a time in some of both samples' draws, by how far the answer swings."""
        worth = effective_draws(self.pairs.scenario, len(draws))
        base = draws.part(evenly(scaled, self._swung))
        singles = screened(self.pairs, draws, scaled, SINGLES)
        found = [response(self.pairs, single, base, self.target, asked, worth) for single in singles]
        return sorted(found, key=lambda one: -abs(float(np.diff(self.target.scaled(np.array(one.swing)))[0])))

    def _sobol(self, known: Floats, unknown: Floats, asked: Asking) -> list[Driver]:
        """One group at a time from the second sample."""
        every, rows = range(len(self.pairs.groups)), np.arange(self.draws)
        exchanged = np.stack(
            [asked(self.pairs.between([*(j for j in every if j != i), i], len(every) - 1, rows)) for i in every]
        )
        first, second, swapped = map(self.target.scaled, (known, unknown, exchanged))
        names = [group.name for group in self.pairs.groups]
        found = sobol_indices(first, second, swapped, names, self.seed)
        return [
            Driver(group.name, group.camp, group.what, indices.total, indices.first)
            for group, indices in zip(self.pairs.groups, found, strict=True)
        ]

    def _shapley(self, known: Floats, unknown: Floats, asked: Asking) -> list[Driver]:
        """Groups become known one after the other, in many orders."""
        orders, clusters = orders_of(self.draws, len(self.pairs.groups), self.seed)
        steps = [unknown]
        starts = range(0, self.draws, CLUSTER)
        for kept in range(1, orders.shape[1]):
            parts = [
                self.pairs.between(orders[start].tolist(), kept, np.arange(start, start + CLUSTER)) for start in starts
            ]
            steps.append(asked(joined(parts)))
        scaled = self.target.scaled(np.stack([*steps, known], axis=-1))
        found = shapley_effects(scaled, orders, clusters)
        return [
            Driver(group.name, group.camp, group.what, effect)
            for group, effect in zip(self.pairs.groups, found, strict=True)
        ]


def orders_of(draws: int, groups: int, seed: int) -> tuple[Integers, Integers]:
    """An order of the groups for every draw, (draw, group), and the cluster it belongs to, (draw,).

    Clusters come in pairs with opposite orders, so that no group comes late by chance; a pair counts as one.
    """
    found = []
    for cluster in range(draws // CLUSTER):
        order = np.argsort(streams.uniform(seed, f"order.{cluster // 2}", groups), kind="stable")
        found.append(order if cluster % 2 == 0 else order[::-1])
    return np.repeat(np.array(found), CLUSTER, axis=0), np.arange(draws) // (2 * CLUSTER)
