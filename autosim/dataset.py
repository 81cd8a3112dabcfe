"""A simulation as a labelled dataset: what `run.nc` holds and what `autosim.run` returns."""

import json
from typing import Any

import numpy as np
import xarray as xr

from autosim import __version__
from autosim.analysis.statistics import STATISTICS, statistics_of
from autosim.analysis.summary import conditioning, milestone_entries
from autosim.dims import ADVANCE, ADVANCES, BOTTLENECK, DATE, DRAW, EVALUATION, MODE, MODES, ROLE, STATISTIC, TASK, YEAR
from autosim.draws import members_of
from autosim.equations.capability import TRAJECTORIES
from autosim.inputs.scenario import known_by, posteriors
from autosim.inputs.substitution import SUBSTITUTION, SUBSTITUTIONS
from autosim.outputs import OUTPUTS
from autosim.simulation.calendar import yearly
from autosim.simulation.run import MOST_FULL_DRAWS, Simulation
from autosim.simulation.statistics import ERRORS, Floats

VARIABLES: dict[str, tuple[tuple[str, ...], str, str]] = {
    output.name: (output.dims, output.units, output.long_name)
    for output in OUTPUTS.values()
    if output.name != "task_delegated_share"
}
"""Every variable: its dimensions after the draw, its units and its long name. What a task delegates, two modes hold."""


def to_dataset(simulation: Simulation) -> xr.Dataset:
    """Label a simulation.

    Parameters
    ----------
    simulation
        Every output of a scenario.

    Returns
    -------
    Dataset with dims draw, date, year (whole years of the dates), task, bottleneck, mode, role, evaluation and advance;
    single precision. Beyond 10,000 draws the dim draw gives way to statistic: mean, quantiles, and the Monte Carlo
    errors of both, as ``mcse_q50``.
    """
    full = len(simulation) <= MOST_FULL_DRAWS
    variables: dict[str, Any] = {}
    for name, (dims, units, long_name) in VARIABLES.items():
        values = _values(simulation, name, full)
        described = {"units": units, "long_name": long_name}
        variables[name] = ((DRAW if full else STATISTIC, *dims), values.astype(np.float32, copy=False), described)
    return xr.Dataset(variables, coords=_coordinates(simulation, full), attrs=_attributes(simulation))


def _values(simulation: Simulation, name: str, full: bool) -> Floats:
    """An output or its statistics, thinned to whole years where the dataset has only those."""
    output = OUTPUTS[name].array
    steps, kept = len(simulation.dates), simulation.outputs[output]
    thinned = YEAR in VARIABLES[name][0] and kept.shape[1] == steps
    at = (yearly(steps),) if thinned else ()
    return kept[:, *at] if full else statistics_of(simulation, output, at)


def _coordinates(simulation: Simulation, full: bool) -> dict[str, Any]:
    names = simulation.taxonomy
    days = np.array(simulation.dates, dtype="datetime64[ns]")
    coordinates: dict[str, Any] = {
        DATE: days,
        YEAR: days[yearly(len(days))],
        TASK: list(names.tasks),
        BOTTLENECK: list(names.bottlenecks),
        MODE: list(MODES),
        ROLE: list(names.roles),
        EVALUATION: list(names.evaluations),
        ADVANCE: list(ADVANCES),
    }
    if not full:
        return {STATISTIC: [*STATISTICS, *ERRORS], **coordinates}
    shape = np.array(TRAJECTORIES)[simulation.trajectory]
    member = np.array(members_of(simulation.scenario))[simulation.member]
    sign = np.array(SUBSTITUTIONS)[simulation.substitution]
    followed = {"trajectory": (DRAW, shape), SUBSTITUTION: (DRAW, sign), "member": (DRAW, member)}
    return {DRAW: np.arange(len(simulation)), **followed, **coordinates}


def _attributes(simulation: Simulation) -> dict[str, Any]:
    header = simulation.scenario.header
    return {
        "title": header.name,
        "scenario": header.slug,
        "description": header.description,
        "version": __version__,
        "seed": simulation.seed,
        "draws": len(simulation),
        "reference_date": str(header.reference_date),
        "scenario_text": header.text,
        "overrides": json.dumps(list(header.overrides)),
        "posterior": json.dumps(posteriors(simulation.scenario)),
        **({} if (known := known_by(simulation.scenario)) is None else {"as_of": json.dumps(known)}),
        **_conditioning(simulation),
        "milestones": json.dumps(milestone_entries(simulation)),
        "input_sha256": json.dumps({file.place: file.sha256 for file in header.files}),
    }


def _conditioning(simulation: Simulation) -> dict[str, Any]:
    """As netCDF has it: numbers, and JSON."""
    told = conditioning(simulation)
    return {name: json.dumps(said) if isinstance(said, list | dict) else said for name, said in told.items()}
