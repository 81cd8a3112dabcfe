"""All draws of a scenario: chunk by chunk on every core, the same bits on any number of them."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from autosim.dims import ADVANCES, MODES
from autosim.draws import Draws, draw
from autosim.errors import NotANumberError
from autosim.inputs.scenario import AnyScenario, Taxonomy
from autosim.simulation.calendar import monthly_dates, yearly
from autosim.simulation.march import horizons_at, march
from autosim.simulation.solved import record_ceiling, record_if_solved
from autosim.simulation.suites import Suites
from autosim.simulation.world import World

CHUNK = 64
"""Draws that are computed together. Fixed, so that no result depends on how many cores share the work."""

MAY_BE_MISSING = ("advance_doublings", "solved_time_saved_share", "solved_labour_speedup")
"""Outputs that are NaN where the first of them is: no advance solves the evaluation. Any other NaN is an error."""

type Outputs = dict[str, NDArray[np.float32]]
type Progress = Callable[[int], None]


@dataclass(frozen=True)
class Simulation:
    """Every output of a scenario, before it is summarised.

    ``outputs`` are arrays whose first axis is the draw: monthly ones (draw, date, ...), yearly ones (draw, year, ...),
    and those that do not change with time.
    """

    scenario: AnyScenario
    seed: int
    dates: list[date]
    trajectory: NDArray[np.int64]
    member: NDArray[np.int64]
    outputs: Outputs

    @property
    def taxonomy(self) -> Taxonomy:
        """Names of tasks, roles, bottlenecks and evaluations."""
        return self.scenario.taxonomy

    def __len__(self) -> int:
        return len(self.trajectory)


def simulate(
    scenario: AnyScenario, draws: int, seed: int, progress: Progress | None = None, cores: int | None = None
) -> Simulation:
    """Simulate a scenario.

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

    Raises
    ------
    NotANumberError
        If a draw yields a NaN or an infinity; it names draw and output.
    """
    names = scenario.taxonomy
    parameters = draw(scenario, seed, draws)
    dates = monthly_dates(scenario.header.reference_date, scenario.header.end)
    outputs = _empty(names, draws, len(dates))
    chunks = [slice(start, min(start + CHUNK, draws)) for start in range(0, draws, CHUNK)]

    def work(chunk: slice) -> int:
        _simulate_chunk(
            parameters.part(chunk), names, chunk.start, {name: values[chunk] for name, values in outputs.items()}
        )
        return len(range(draws)[chunk])

    with ThreadPoolExecutor(cores or os.cpu_count()) as pool:
        for done in pool.map(work, chunks):
            if progress:
                progress(done)
    return Simulation(scenario, seed, dates, parameters.trajectory, parameters.member, outputs)


def _empty(names: Taxonomy, draws: int, steps: int) -> Outputs:
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


def _simulate_chunk(draws: Draws, names: Taxonomy, first: int, out: Outputs) -> None:
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        world = World(draws, names)
        suites = Suites(draws, names.evaluations.index(names.anchor))
        steps = out["labour_speedup"].shape[1]
        growth = march(world, steps, out)
        horizons = horizons_at(draws, growth)
        out["horizon_log2_min"][:] = horizons
        suites.record_pass_rates(draws, growth, out)
        out["p50_horizon_min"][:], out["p80_horizon_min"][:] = suites.horizons_min(horizons)
        record_ceiling(world, out)
        record_if_solved(world, suites, horizons[:, 0], out)
    _refuse_nan(out, first)


def _refuse_nan(out: Outputs, first: int) -> None:
    unsolvable = np.isnan(out[MAY_BE_MISSING[0]])
    for name, values in out.items():
        bad = ~np.isfinite(values)
        if name in MAY_BE_MISSING:
            bad &= ~(unsolvable & np.isnan(values))
        if bad.any():
            where = np.argwhere(bad)[0]
            value = values[tuple(where)]
            place = f" (position {', '.join(str(i) for i in where[1:])})" if len(where) > 1 else ""
            raise NotANumberError(f"draw {first + where[0]}: {name}{place} is {value}; nothing was written")
