"""All draws of a scenario: chunk by chunk on every core, the same bits on any number of them."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from autosim.dims import ADVANCES, MODES
from autosim.draws import Block, Draws, blocks, draw, draw_at, draw_block
from autosim.errors import NotANumberError
from autosim.inputs.scenario import AnyScenario, Taxonomy
from autosim.simulation.calendar import monthly_dates, yearly
from autosim.simulation.chosen import Chosen
from autosim.simulation.counts import THRESHOLDS, Counts, Threshold, counted, no_counts
from autosim.simulation.effective import effective_draws
from autosim.simulation.march import horizons_at, march, record_binding
from autosim.simulation.sketch import AnswerSketch, Counted, Sketch
from autosim.simulation.solved import record_ceiling, record_if_solved
from autosim.simulation.suites import Suites
from autosim.simulation.world import World

CHUNK = 64
"""Draws that are computed together. Fixed, so that no result depends on how many cores share the work."""

COUNTED = 2 * CHUNK
"""Draws whose outputs are counted together when they are not kept."""

BLOCK = 8 * CHUNK
"""Draws that a core takes at once and whose parameters are drawn together."""

MOST_FULL_DRAWS = 10_000
"""Up to so many draws are kept one by one; beyond, means and quantiles only."""

MAY_BE_MISSING = ("advance_doublings", "solved_time_saved_share", "solved_labour_speedup")
"""Outputs that are NaN where the first of them is: no advance solves the evaluation. Any other NaN is an error."""

type Outputs = dict[str, NDArray[np.float32]]
type Statistics = dict[str, NDArray[np.float64]]
type Progress = Callable[[int], None]


@dataclass(frozen=True)
class Simulation:
    """Every output of a scenario, before it is summarised.

    ``draws`` is how many were simulated. ``outputs`` are arrays whose first axis is the draw: monthly ones (draw, date,
    ...), yearly ones (draw, year, ...), and those that do not change with time. They, ``trajectory``, ``member`` and
    ``substitution``, a position in `SUBSTITUTIONS`, hold the first 10,000 draws at most. ``statistics`` are means and
    quantiles of all draws, with the axis statistic instead of draw, or None where the outputs hold all draws.
    ``counts`` are of all draws, those of milestones in the order of the ``thresholds``. Draws that were ``chosen``
    given observations stand in all of it as often as they were, and count as draws each time.
    """

    scenario: AnyScenario
    seed: int
    draws: int
    dates: list[date]
    trajectory: NDArray[np.int64]
    member: NDArray[np.int64]
    outputs: Outputs
    statistics: Statistics | None
    counts: Counts
    substitution: NDArray[np.int64]
    thresholds: tuple[Threshold, ...] = THRESHOLDS
    chosen: Chosen | None = None

    @property
    def taxonomy(self) -> Taxonomy:
        """Names of tasks, roles, bottlenecks and evaluations."""
        return self.scenario.taxonomy

    def __len__(self) -> int:
        return self.draws

    @property
    def effective(self) -> float:
        """Independent draws that all draws are worth."""
        return effective_draws(self.scenario, self.draws) if self.chosen is None else self.chosen.effective

    def parameters(self) -> Draws:
        """Parameters of the draws whose outputs are kept, drawn again."""
        if self.chosen is None:
            return draw(self.scenario, self.seed, len(self.trajectory))
        distinct, places = np.unique(self.chosen.positions, return_inverse=True)
        return draw_at(self.scenario, self.seed, distinct).part(places)


def simulate(
    scenario: AnyScenario,
    draws: int,
    seed: int,
    progress: Progress | None = None,
    cores: int | None = None,
    thresholds: Sequence[Threshold] = THRESHOLDS,
) -> Simulation:
    """Simulate a scenario, in memory that does not grow with the draws beyond 10,000.

    Parameters
    ----------
    scenario
        Complete and checked.
    draws
        How many, at least 1.
    seed
        At least 0; the same seed gives the same bits on any number of cores.
    progress
        Called with the number of draws that have just been done.
    cores
        How many to use; all by default.
    thresholds
        Milestones to count.

    Raises
    ------
    NotANumberError
        If a draw yields a NaN or an infinity; it names draw and output.
    InputError
        If a draw leaves an evaluation with severity 0 on every bottleneck.
    """
    milestones = tuple(thresholds)
    run = _Run(scenario, seed, draws, milestones, progress or (lambda _: None), cores or os.cpu_count() or 1)
    try:
        run.keep_first()
        statistics = run.count_rest() if draws > run.kept else None
    finally:
        run.pool.shutdown(cancel_futures=True)
    found = run.trajectory, run.member, run.outputs, statistics, run.counts, run.substitution
    return Simulation(scenario, seed, draws, run.dates, *found, milestones)


class _Run:
    """A simulation under way: blocks of draws go to the threads, and what comes of them is added in their order."""

    def __init__(
        self,
        scenario: AnyScenario,
        seed: int,
        draws: int,
        thresholds: tuple[Threshold, ...],
        progress: Progress,
        cores: int,
    ) -> None:
        self.scenario, self.seed, self.draws, self.progress, self.cores = scenario, seed, draws, progress, cores
        self.thresholds = thresholds
        self.dates = monthly_dates(scenario.header.reference_date, scenario.header.end)
        self.kept = min(draws, MOST_FULL_DRAWS)
        first = range(0, self.kept, BLOCK)
        self.blocks = blocks(scenario, (*first, *range(self.kept, draws, BLOCK), draws))
        self.first_blocks = islice(self.blocks, len(first))
        self.pool = ThreadPoolExecutor(cores)
        self.outputs = self.empty(self.kept)
        self.trajectory, self.member, self.substitution = np.empty((3, self.kept), dtype=np.int64)
        self.counts = self.no_counts()

    def empty(self, draws: int) -> Outputs:
        """Outputs of some draws, to fill."""
        return empty_outputs(self.scenario.taxonomy, draws, len(self.dates))

    def no_counts(self) -> Counts:
        """Counts of no draws."""
        return no_counts(self.scenario.taxonomy, len(self.dates), len(ADVANCES), self.thresholds)

    def keep_first(self) -> None:
        """Simulate the draws whose outputs are kept."""

        def keep(block: Block) -> tuple[int, Counts]:
            out = {name: values[block.places] for name, values in self.outputs.items()}
            parameters = draw_block(self.scenario, self.seed, block)
            self.simulate(parameters, block.first, out)
            self.trajectory[block.places], self.member[block.places] = parameters.trajectory, parameters.member
            self.substitution[block.places] = parameters.substitution
            return len(block), counted(out, self.thresholds)

        for draws, counts in self.in_order(keep, self.first_blocks):
            self.counts.add(counts)
            self.progress(draws)

    def count_rest(self) -> Statistics:
        """Simulate the other draws, count them and forget them; means and quantiles of all."""
        tallies = _Tallies(self.outputs, self.pool)

        def count(block: Block) -> tuple[int, Counts, _Found]:
            parameters, buffer = draw_block(self.scenario, self.seed, block), self.empty(COUNTED)
            counts, found = self.no_counts(), tallies.nothing()
            for start in range(0, len(block), COUNTED):
                part = parameters.part(slice(start, start + COUNTED))
                out = {name: values[: len(part)] for name, values in buffer.items()}
                self.simulate(part, block.first + start, out)
                counts.add(counted(out, self.thresholds))
                tallies.count(out, found)
            return len(block), counts, found

        for draws, counts, found in self.in_order(count, self.blocks):
            self.counts.add(counts)
            tallies.add(found)
            self.progress(draws)
        return tallies.statistics(self.draws, effective_draws(self.scenario, self.draws))

    def simulate(self, parameters: Draws, first: int, out: Outputs) -> None:
        """Fill the outputs of some draws, chunk by chunk."""
        for start in range(0, len(parameters), CHUNK):
            chunk = slice(start, start + CHUNK)
            part = {name: values[chunk] for name, values in out.items()}
            own = parameters.part(chunk)
            simulate_chunk(own, self.scenario.taxonomy, range(first + start, first + start + len(own)), part)

    def in_order[T](self, work: Callable[[Block], T], some: Iterable[Block]) -> Iterator[T]:
        """Results of the work on blocks, in their order."""
        return in_order(self.pool, self.cores, work, some)


def in_order[T](pool: ThreadPoolExecutor, cores: int, work: Callable[[Block], T], some: Iterable[Block]) -> Iterator[T]:
    """Results of the work on blocks, in their order; few are under way or waiting at a time."""
    ahead: deque[Future[T]] = deque()
    for block in some:
        ahead.append(pool.submit(work, block))
        if len(ahead) > 2 * cores:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()


@dataclass
class _Found:
    """What a block adds to the `_Tallies`: counts of ordinary outputs, and draws of those that may be missing."""

    ordinary: dict[str, Counted]
    answers: list[Outputs]


class _Tallies:
    """Means and quantiles of all outputs under way; begins with the draws that are kept."""

    def __init__(self, outputs: Outputs, pool: ThreadPoolExecutor) -> None:
        self.shapes = {name: values.shape[1:] for name, values in outputs.items()}
        self.answers = {name: AnswerSketch(_flat(outputs[name]).shape[1], MOST_FULL_DRAWS) for name in MAY_BE_MISSING}
        names = [name for name in outputs if name not in MAY_BE_MISSING]
        sketches = pool.map(lambda name: Sketch(_flat(outputs[name])), names)
        self.ordinary = dict(zip(names, sketches, strict=True))
        first = self.nothing()
        self.count(outputs, first)
        self.add(first)

    def nothing(self) -> _Found:
        """What no draws add."""
        return _Found({name: sketch.nothing() for name, sketch in self.ordinary.items()}, [])

    def count(self, out: Outputs, into: _Found) -> None:
        """Count some draws; threads may, as this does not touch the tallies."""
        for name, sketch in self.ordinary.items():
            sketch.count(_flat(out[name]), into.ordinary[name])
        into.answers.append({name: out[name].copy() for name in MAY_BE_MISSING})

    def add(self, found: _Found) -> None:
        """Add what was counted, always in the same order."""
        for name, sketch in self.ordinary.items():
            sketch.add(found.ordinary[name])
        for answers in found.answers:
            for name, answer_sketch in self.answers.items():
                answer_sketch.add(_flat(answers[name]))

    def statistics(self, draws: int, effective: float) -> Statistics:
        """Means, quantiles and errors by output, (statistic, ...), of draws that are worth some independent ones."""
        tables = {name: sketch.table(effective) for name, sketch in self.ordinary.items()}
        tables |= {name: sketch.table(draws, effective) for name, sketch in self.answers.items()}
        return {name: table.reshape(-1, *self.shapes[name]) for name, table in tables.items()}


def _flat(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(draw, quantity)."""
    return values.reshape(len(values), -1)


def empty_outputs(names: Taxonomy, draws: int, steps: int) -> Outputs:
    """Arrays for every output of some draws over so many months, to fill."""
    tasks, roles, evaluations = len(names.tasks), len(names.roles), len(names.evaluations)
    bottlenecks, years = len(names.bottlenecks), len(range(steps)[yearly(steps)])
    solved = (len(ADVANCES), evaluations)
    shapes: dict[str, tuple[int, ...]] = {
        **dict.fromkeys(MONTHLY, (steps,)),
        "horizon_log2_min": (steps, bottlenecks),
        "role_labour_speedup": (steps, roles),
        **dict.fromkeys(("task_cost", "task_delegated_share"), (steps, tasks)),
        **dict.fromkeys(("pass_rate", "best_of_5", "all_of_5"), (steps, evaluations)),
        "mode_share": (years, tasks, len(MODES)),
        "binding": (years, tasks, bottlenecks),
        **dict.fromkeys(("labour_ceiling", "time_saved_ceiling"), ()),
        **dict.fromkeys(MAY_BE_MISSING, solved),
    }
    return {name: np.empty((draws, *shape), dtype=np.float32) for name, shape in shapes.items()}


MONTHLY = (
    "labour_speedup",
    "project_speedup",
    "progress_multiplier",
    "time_saved_share",
    "delegated_share",
    "assisted_share",
    "trusted_share",
    "agent_compute_share",
    "software_log2",
    "p50_horizon_min",
    "p80_horizon_min",
)
"""Outputs that are one number per draw and month, in the order in which they are shown."""


def simulate_chunk(draws: Draws, names: Taxonomy, positions: Sequence[int] | NDArray[np.int64], out: Outputs) -> None:
    """Fill every output of a chunk of draws.

    Raises
    ------
    NotANumberError
        For a NaN or an infinity, whose draw is named by its position in the run.
    """
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        world = World(draws, names)
        suites = Suites(draws, names.evaluations.index(names.anchor))
        steps = out["labour_speedup"].shape[1]
        growth = march(world, steps, out)
        horizons = horizons_at(draws, growth)
        out["horizon_log2_min"][:] = horizons
        record_binding(world, growth, out)
        suites.record_pass_rates(draws, growth, out)
        out["p50_horizon_min"][:], out["p80_horizon_min"][:] = suites.horizons_min(horizons)
        record_ceiling(world, out)
        record_if_solved(world, suites, horizons[:, 0], out)
    _refuse_nan(out, positions)


def _refuse_nan(out: Outputs, positions: Sequence[int] | NDArray[np.int64]) -> None:
    unsolvable = np.isnan(out[MAY_BE_MISSING[0]])
    for name, values in out.items():
        bad = ~np.isfinite(values)
        if name in MAY_BE_MISSING:
            bad &= ~(unsolvable & np.isnan(values))
        if bad.any():
            where = np.argwhere(bad)[0]
            value = values[tuple(where)]
            place = f" (position {', '.join(str(i) for i in where[1:])})" if len(where) > 1 else ""
            raise NotANumberError(f"draw {positions[where[0]]}: {name}{place} is {value}; nothing was written")
