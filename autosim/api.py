"""The Python interface: what the commands do, as functions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from autosim.analysis.summary import summarise
from autosim.dataset import to_dataset
from autosim.inputs.loading import load as _load
from autosim.inputs.scenario import AnyScenario, Pool, Scenario
from autosim.inputs.shipped import shipped_scenarios
from autosim.simulation.run import Progress, Simulation
from autosim.simulation.run import simulate as _simulate

__all__ = ["Pool", "Scenario", "compare", "load", "run", "scenarios", "simulate", "to_dataset", "validate"]

DRAWS = 4000

type Overrides = Mapping[str, object] | Sequence[str]


def scenarios() -> list[str]:
    """Names of the shipped scenarios.

    Examples
    --------
    >>> "optimistic" in scenarios()
    True
    """
    return list(shipped_scenarios())


def load(scenario: str | Path, set: Overrides = ()) -> AnyScenario:  # noqa: A002 - named as the option
    """Read and check a scenario.

    Parameters
    ----------
    scenario
        A shipped name such as ``optimistic``, or the path of a YAML file.
    set
        Values laid over it, by dotted name: ``{"severity.debugging.novelty": 0.3}``, or as on the command line.

    Raises
    ------
    autosim.errors.InputError
        For anything that cannot be used: file, key, got, expected.
    """
    assignments = [f"{name}={_as_yaml(value)}" for name, value in set.items()] if isinstance(set, Mapping) else set
    return _load(scenario, tuple(assignments))


def validate(*scenarios: str | Path) -> None:
    """Check scenario files without running them.

    Raises
    ------
    autosim.errors.InputError
        For the first thing that is wrong.
    """
    for scenario in scenarios:
        load(scenario)


def simulate(
    scenario: str | Path | AnyScenario,
    draws: int = DRAWS,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
    progress: Progress | None = None,
) -> Simulation:
    """Simulate a scenario and keep every output; see `run` for the labelled dataset.

    Raises
    ------
    ValueError
        If there are no draws, or the seed is negative.
    autosim.errors.AutosimError
        If the scenario cannot be used, or a draw yields NaN.
    """
    if draws < 1:
        raise ValueError(f"draws: got {draws}, expected at least 1")
    if seed < 0:
        raise ValueError(f"seed: got {seed}, expected at least 0")
    loaded = load(scenario, set) if isinstance(scenario, str | Path) else scenario
    return _simulate(loaded, draws, seed, progress)


def run(
    scenario: str | Path | AnyScenario,
    draws: int = DRAWS,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
) -> xr.Dataset:
    """Simulate a scenario.

    Parameters
    ----------
    scenario
        A shipped name such as ``optimistic``, the path of a YAML file, or what `load` returned.
    draws
        Draws from the priors, at least 1.
    seed
        At least 0; the same seed gives the same bits.
    set
        Values laid over the scenario, by dotted name.

    Returns
    -------
    Dataset with dims draw, date, year, task, bottleneck, mode, role, evaluation, advance; every variable has units.

    Raises
    ------
    autosim.errors.AutosimError
        If the scenario cannot be used, or a draw yields NaN.

    Examples
    --------
    >>> ds = run("pessimistic", draws=64)
    >>> ds["labour_speedup"].dims
    ('draw', 'date')
    """
    return to_dataset(simulate(scenario, draws, seed, set))


def compare(
    scenarios: Sequence[str | Path],
    draws: int = DRAWS,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
) -> dict[str, dict[str, Any]]:
    """Summaries of several scenarios with common random numbers, by name.

    Draw i of each scenario comes from the same random numbers, so that differences are differences of assumptions.

    Raises
    ------
    autosim.errors.AutosimError
        If a scenario cannot be used, or a draw yields NaN.
    """
    return {str(scenario): summarise(simulate(scenario, draws, seed, set)) for scenario in scenarios}


def _as_yaml(value: object) -> str:
    """A value as it would be typed after ``--set NAME=``."""
    match value:
        case bool():
            return str(value).lower()
        case Mapping():
            return "{" + ", ".join(f"{key}: {_as_yaml(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(_as_yaml(item) for item in value) + "]"
        case _:
            return str(value)
