"""A simulation of chosen draws: each is worked out once, and stands in the results as often as it was chosen."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from autosim.dims import ADVANCES
from autosim.draws import draw_at
from autosim.inputs.scenario import AnyScenario
from autosim.simulation.calendar import monthly_dates
from autosim.simulation.chosen import Chosen
from autosim.simulation.counts import THRESHOLDS, Counts, Threshold, counted, no_counts
from autosim.simulation.run import CHUNK, Progress, Simulation, empty_outputs, simulate_chunk


def simulate_chosen(
    scenario: AnyScenario,
    seed: int,
    chosen: Chosen,
    progress: Progress | None = None,
    cores: int | None = None,
    thresholds: Sequence[Threshold] = THRESHOLDS,
) -> Simulation:
    """Simulate chosen draws of a scenario.

    Parameters
    ----------
    scenario, seed
        Whose draws were chosen from.
    chosen
        At most as many as a simulation keeps one by one.
    progress
        Called with the number of distinct draws that have just been done.
    cores
        How many to use; all by default. The result does not depend on it.
    thresholds
        Milestones to count.

    Raises
    ------
    NotANumberError
        If a draw yields a NaN or an infinity; it names draw and output.
    """
    names, dates = scenario.taxonomy, monthly_dates(scenario.header.reference_date, scenario.header.end)
    distinct, repeats = np.unique(chosen.positions, return_counts=True)
    ends = np.concatenate([[0], repeats.cumsum()])
    parameters = draw_at(scenario, seed, distinct)
    outputs = empty_outputs(names, len(chosen), len(dates))
    counts = no_counts(names, len(dates), len(ADVANCES), thresholds)

    def work(start: int) -> tuple[int, Counts]:
        own = slice(start, min(start + CHUNK, len(distinct)))
        out = empty_outputs(names, own.stop - start, len(dates))
        simulate_chunk(parameters.part(own), names, distinct[own], out)
        repeated = {name: values[ends[start] : ends[own.stop]] for name, values in outputs.items()}
        for name, values in out.items():
            repeated[name][:] = np.repeat(values, repeats[own], axis=0)
        return own.stop - start, counted(repeated, thresholds)

    with ThreadPoolExecutor(cores or os.cpu_count() or 1) as pool:
        for done, found in pool.map(work, range(0, len(distinct), CHUNK)):
            counts.add(found)
            if progress:
                progress(done)
    kept = parameters.trajectory, parameters.member, parameters.substitution
    shapes, members, signs = (np.repeat(values, repeats) for values in kept)
    made = shapes, members, outputs, None, counts, signs
    return Simulation(scenario, seed, len(chosen), dates, *made, tuple(thresholds), chosen)
