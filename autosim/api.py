"""The Python interface: what the commands do, as functions."""

from collections.abc import Mapping, Sequence
from datetime import date
from operator import index
from pathlib import Path
from typing import Any

import xarray as xr

from autosim.analysis.conditioning import choose
from autosim.analysis.given import parse_conditions
from autosim.analysis.splitting import parse_structures
from autosim.analysis.summary import summarise
from autosim.analysis.thresholds import thresholds
from autosim.dataset import to_dataset
from autosim.defaults import DRAWS, LARGEST_SEED
from autosim.errors import shown
from autosim.evidence.importing import import_evidence
from autosim.inputs.loading import load as _load
from autosim.inputs.scenario import AnyScenario, Pool, Scenario
from autosim.inputs.shipped import shipped_scenarios
from autosim.simulation.conditioned import simulate_chosen
from autosim.simulation.run import Progress, Simulation
from autosim.simulation.run import simulate as _simulate

__all__ = [
    "Pool",
    "Scenario",
    "compare",
    "forecast",
    "import_evidence",
    "load",
    "run",
    "scenarios",
    "simulate",
    "to_dataset",
    "validate",
]

type Overrides = Mapping[str, object] | Sequence[str]


def scenarios() -> list[str]:
    """Names of the shipped scenarios.

    Examples
    --------
    >>> "optimistic" in scenarios()
    True
    """
    return list(shipped_scenarios())


def load(
    scenario: str | Path,
    set: Overrides = (),  # noqa: A002 - named as the option
    posterior: str | Path | None = None,
    *,
    force: bool = False,
    as_of: date | None = None,
) -> AnyScenario:
    """Read and check a scenario, and what it takes from a posterior.

    Parameters
    ----------
    scenario
        A shipped name such as ``optimistic``, or the path of a YAML file.
    set
        Values laid over it, by dotted name: ``{"severity.debugging.novelty": 0.3}``, or as on the command line.
    posterior
        File of `fit`, or draws from elsewhere whose names the scenario maps; stands in for the priors of what it knows.
    force
        Take a posterior even if its diagnostics failed.
    as_of
        Use nothing that was published later; its attribute ``as_of`` says what was replaced for that.

    Raises
    ------
    TypeError
        If ``set`` is neither a mapping nor a sequence of assignments.
    autosim.errors.InputError
        For anything that cannot be used: file, key, got, expected.
    """
    path = None if posterior is None else Path(posterior)
    return _load(scenario, assignments(set), path, force=force, as_of=as_of)


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
    milestones: Sequence[str] = (),
    given: Sequence[str] = (),
) -> Simulation:
    """Simulate a scenario and keep every output; see `run` for the labelled dataset and for what may be said.

    Raises
    ------
    TypeError
        If ``draws`` or ``seed`` is not a whole number, or ``set`` neither a mapping nor a sequence of assignments.
    ValueError
        If there are no draws, the seed is negative or above 2**63 - 1, or ``set`` comes with a scenario that is already
        loaded.
    autosim.errors.AutosimError
        If the scenario cannot be used, a draw yields NaN, or too few draws are left given the conditions.
    """
    draws, seed = whole_number("draws", draws, 1), whole_number("seed", seed, 0, LARGEST_SEED)
    known = loaded(scenario, set)
    counted = thresholds(_texts("milestones", milestones), known, "milestones")
    conditions = parse_conditions(_texts("given", given), known, "given")
    if conditions:
        return simulate_chosen(known, seed, choose(known, draws, seed, conditions), progress, thresholds=counted)
    return _simulate(known, draws, seed, progress, thresholds=counted)


def loaded(scenario: str | Path | AnyScenario, said: Overrides) -> AnyScenario:
    """Load a scenario unless that has been done; then nothing can be laid over it any more."""
    if isinstance(scenario, str | Path):
        return load(scenario, said)
    if assignments(said):
        raise ValueError("set: got a scenario that is already loaded, expected its name or path; or load it with set")
    return scenario


def run(
    scenario: str | Path | AnyScenario,
    draws: int = DRAWS,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
    milestones: Sequence[str] = (),
    given: Sequence[str] = (),
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
        Values laid over the scenario, by dotted name; give them to `load` if you load the scenario yourself.
    milestones
        Thresholds of yours, such as ``progress_multiplier>=3``, beside the standard ones.
    given
        Observations to condition on: ``p50_horizon_min@2026-03=720``, with ``+-SD`` after it for an error of yours in
        the output's unit, or bounds with ``>=`` and ``<=``. The draws are then taken by weight, some of them often, so
        that all count the same; ``attrs["effective_draws"]`` says how many they are worth.

    Returns
    -------
    Dataset with dims draw, date, year, task, bottleneck, mode, role, evaluation, advance; every variable has units.
    ``attrs["milestones"]`` is JSON: how likely each is reached, and when.

    Raises
    ------
    TypeError, ValueError, autosim.errors.AutosimError
        As `simulate`.

    Examples
    --------
    >>> ds = run("pessimistic", draws=64)
    >>> ds["labour_speedup"].dims
    ('draw', 'date')
    """
    return to_dataset(simulate(scenario, draws, seed, set, milestones=milestones, given=given))


def forecast(
    scenario: str | Path,
    posterior: str | Path,
    draws: int = DRAWS,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
    *,
    force: bool = False,
    given: Sequence[str] = (),
    as_of: date | None = None,
) -> xr.Dataset:
    """Simulate a scenario with what a posterior has learnt in place of its priors.

    Parameters
    ----------
    scenario, draws, seed, set, given
        As in `run`. What the scenario says differently from the one that was fitted outdoes the posterior.
    posterior
        File of `fit` or ``autosim fit``, or draws from elsewhere whose names the scenario maps.
    force
        Take the posterior even if its diagnostics failed.
    as_of
        As in `load`; the posterior must be as of that day or an earlier one.

    Returns
    -------
    As `run` does.

    Raises
    ------
    autosim.errors.AutosimError
        If scenario or posterior cannot be used, or a draw yields NaN.
    """
    return run(load(scenario, set, posterior, force=force, as_of=as_of), draws, seed, given=given)


def compare(
    scenarios: Sequence[str | Path],
    draws: int = DRAWS,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
    posterior: str | Path | None = None,
    *,
    force: bool = False,
    milestones: Sequence[str] = (),
    given: Sequence[str] = (),
    by: Sequence[str] = (),
) -> dict[str, dict[str, Any]]:
    """Summaries of several scenarios with common random numbers, by name.

    Draw i of each scenario comes from the same random numbers, and from the same draw of a ``posterior`` if there is
    one, so that differences are differences of assumptions. ``milestones`` of yours, such as
    ``progress_multiplier>=3``, stand in the summaries after the standard ones. Each scenario is conditioned on what is
    ``given`` by itself. Under ``by`` a summary is split by each structure named there: ``trajectory``,
    ``substitution``, ``trajectory+substitution`` or, for a pool, ``outlook``.

    Raises
    ------
    TypeError, ValueError, autosim.errors.AutosimError
        As `simulate`.
    """
    summaries = {}
    for scenario in scenarios:
        known = load(scenario, set, posterior, force=force)
        split = parse_structures(_texts("by", by), known, "by")
        simulation = simulate(known, draws, seed, milestones=milestones, given=given)
        summaries[str(scenario)] = summarise(simulation, split)
    return summaries


def whole_number(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return a whole number, NumPy's included, or refuse."""
    try:
        number = index(value)  # type: ignore[arg-type] # raises what is caught
    except TypeError:
        raise TypeError(f"{name}: got {shown(value)}, expected a whole number") from None
    if number < least or (most is not None and number > most):
        upper = "" if most is None else f" and at most {most}"
        raise ValueError(f"{name}: got {shown(value)}, expected at least {least}{upper}")
    return number


def assignments(said: Overrides) -> tuple[str, ...]:
    """Write overrides as they would be typed on the command line."""
    if isinstance(said, Mapping):
        return tuple(f"{name}={_as_yaml(value)}" for name, value in said.items())
    if isinstance(said, str) or not isinstance(said, Sequence) or not all(isinstance(item, str) for item in said):
        raise TypeError(f"set: got {shown(said)}, expected {{'NAME': value}} or ['NAME=VALUE']")
    return tuple(said)


def _texts(name: str, said: Sequence[str]) -> Sequence[str]:
    """Refuse a single text where several are expected: its letters would be taken for them."""
    if isinstance(said, str) or not isinstance(said, Sequence) or not all(isinstance(item, str) for item in said):
        raise TypeError(f"{name}: got {shown(said)}, expected a list of texts")
    return said


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
