"""The Python interface of what answers hang on: what sensitivity, cruxes, blockers and evaluations do."""

from collections.abc import Sequence
from pathlib import Path

from autosim.analysis import blockers as _blockers
from autosim.analysis import cruxes as _cruxes
from autosim.analysis import sensitivity as _sensitivity
from autosim.analysis.cruxes import Cruxes
from autosim.analysis.groups import DIVIDINGS, Dividing, coarse_group_of
from autosim.analysis.instruments import instruments, questions
from autosim.analysis.sensitivity import Sensitivity
from autosim.analysis.summary import Json
from autosim.api import Overrides, assignments, loaded, whole_number
from autosim.defaults import DRAWS, LARGEST_SEED, PEER_DRAWS
from autosim.errors import InputError, one_of, shown
from autosim.inputs.loading import load
from autosim.inputs.scenario import AnyScenario
from autosim.inputs.varying import read_variations
from autosim.peers.replication import OWN, Replication
from autosim.peers.replication import replicate as _replicate
from autosim.simulation.run import simulate

__all__ = ["blockers", "cruxes", "evaluations", "replicate", "sensitivity"]


def sensitivity(
    scenario: str | Path | AnyScenario,
    target: str | None = None,
    draws: int = _sensitivity.DRAWS,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
    method: str = "auto",
    groups: Sequence[str] = (),
    by: str = "group",
) -> Sensitivity:
    """What an answer hangs on: shares of its variance, and how it moves with single quantities.

    Parameters
    ----------
    scenario, seed, set
        As in `autosim.run`.
    target
        What is asked: ``NAME@DATE``, ``NAME>=LEVEL`` for a date, or ``NAME>=LEVEL@DATE`` for a probability; labour
        speedup five years after the reference date if nothing is said.
    draws
        In each of two samples, a multiple of 64.
    method
        ``sobol`` where groups are independent of one another, ``shapley`` anywhere, ``auto`` for the one that fits.
    groups
        ``NAME=PARAMETER,PARAMETER`` each; the shipped ones if there are none.
    by
        ``group`` or ``parameter``: what the shipped groups are.

    Returns
    -------
    Drivers with 95 % intervals, responses of single quantities, and a sentence.

    Raises
    ------
    TypeError, ValueError
        As by `autosim.run`.
    autosim.errors.AutosimError
        If something cannot be used, or the answer does not vary.

    Examples
    --------
    >>> found = sensitivity("pessimistic", "labour_ceiling", draws=128)
    >>> found.drivers[0].group
    'delegation'
    """
    draws, seed = whole_number("draws", draws, 1), whole_number("seed", seed, 0, LARGEST_SEED)
    if method not in _sensitivity.METHODS:
        raise InputError("method", "", shown(method), one_of(str(method), _sensitivity.METHODS, "a method"))
    dividing = _dividing(by)
    return _sensitivity.Study(loaded(scenario, set), target, draws, seed, method, groups, dividing).run()


def cruxes(
    first: str | Path | AnyScenario,
    second: str | Path | AnyScenario,
    target: str | None = None,
    draws: int | None = None,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
    groups: Sequence[str] = (),
    by: str = "group",
) -> Cruxes:
    """Why two scenarios' answers differ: the difference of their medians and means, attributed to assumptions.

    Parameters
    ----------
    first, second, seed, set
        As ``scenario`` in `autosim.run`; what is set is laid over both.
    target, groups, by
        As in `sensitivity`; severities of all bottlenecks are one group.
    draws
        Of each combination of the groups; as many as 196,608 evaluations allow if nothing is said.

    Returns
    -------
    Groups whose parts add up to the difference exactly, with 95 % intervals, and a sentence.

    Raises
    ------
    TypeError, ValueError
        As by `autosim.run`.
    autosim.errors.InputError
        If something cannot be used, or the scenarios do not differ.

    Examples
    --------
    >>> found = cruxes("pessimistic", "baseline", "labour_ceiling", draws=64)
    >>> found.groups[0].name, round(found.whole.mean.value - sum(crux.mean.value for crux in found.groups), 9)
    ('delegation', 0.0)
    """
    seed = whole_number("seed", seed, 0, LARGEST_SEED)
    draws = None if draws is None else whole_number("draws", draws, 2)
    dividing = coarse_group_of if by == "group" else _dividing(by)
    return _cruxes.Comparison(loaded(first, set), loaded(second, set), target, draws, seed, groups, dividing).run()


def evaluations(
    scenario: str | Path,
    draws: int = DRAWS,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
    at: str | None = None,
    target: str | None = None,
    solve_for: Sequence[str] = (),
    variations: str | Path | bool = True,
    posterior: str | Path | None = None,
    *,
    force: bool = False,
) -> Json:
    """What each evaluation would tell of the work it stands for.

    Parameters
    ----------
    scenario, draws, seed, set, posterior, force
        As in `autosim.forecast`.
    at
        Date of the monthly grid at which pass rates are observed; two years after the reference date unless told.
    target
        What pass rates are to tell of, as in `sensitivity`; hours saved after five years unless told.
    solve_for
        Milestones such as ``labour_speedup>=2``, for which the pass rates that imply them are sought.
    variations
        File of evaluations to add; those that come with autosim if true, none if false.

    Returns
    -------
    What ``evaluations.json`` holds of one scenario; see `autosim.analysis.instruments.instruments`.

    Raises
    ------
    TypeError, ValueError, autosim.errors.AutosimError
        As by `autosim.run`.

    Examples
    --------
    >>> found = evaluations("pessimistic", draws=256, variations=False)
    >>> found["evaluations"]["swaa"]["informative"]["explained_variance"]["estimate"] < 0.5
    True
    """
    draws, seed = whole_number("draws", draws, 1), whole_number("seed", seed, 0, LARGEST_SEED)
    added = read_variations(None if variations is True else Path(variations)) if variations else None
    place = None if posterior is None else Path(posterior)
    known = load(scenario, assignments(set), place, force=force, variations=added)
    asked = questions(known, at, target, solve_for)
    return instruments(simulate(known, draws, seed), asked)


def blockers(
    scenario: str | Path | AnyScenario,
    milestone: str = _blockers.MILESTONE,
    at: str | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
) -> Json:
    """What stands in the way of a milestone in draws that do not reach it, and what M is made of.

    Parameters
    ----------
    scenario, draws, seed, set
        As in `autosim.run`.
    milestone
        ``NAME>=LEVEL`` or ``NAME>=LEVEL@DATE``, of an output that is known month by month.
    at
        Date by which, unless the milestone has one; five years after the reference date, or the end, if nothing is
        said.

    Returns
    -------
    What ``blockers.json`` holds: by kind and name, every obstacle's ``sufficient`` and ``necessary`` shares of draws
    with 95 % intervals; draws that nothing helps; and the terms of log2 M.

    Raises
    ------
    TypeError, ValueError
        As by `autosim.run`.
    autosim.errors.AutosimError
        If something cannot be used.

    Examples
    --------
    >>> found = blockers("pessimistic", "labour_speedup>=1.5", draws=64)
    >>> limits = found["obstacles"]["limits"]
    >>> max(limits, key=lambda name: limits[name]["sufficient"]["share"])
    'familiarity'
    """
    draws, seed = whole_number("draws", draws, 1), whole_number("seed", seed, 0, LARGEST_SEED)
    return _blockers.Study(loaded(scenario, set), milestone, at, draws, seed).run()


def replicate(
    name: str,
    draws: int = PEER_DRAWS,
    seed: int = 0,
    set: Overrides = (),  # noqa: A002 - named as the option
    structure: Sequence[str] = (),
    scenario: str | Path | AnyScenario = "baseline",
    runs: str | Path | None = None,
) -> Replication:
    """Run a peer's model, with its own laws or with some of another's.

    Parameters
    ----------
    name
        ``kwa-2026``, ``forethought-2025``, ``ai2027-horizon``, ``amdahl-toy``, ``metr-horizons``, or ``autosim`` for a
        scenario of ours.
    draws, seed
        Draws of its priors; the same seed gives the same numbers.
    set
        Laid over the peer's numbers, by name.
    structure
        ``PART=PEER``, such as ``automation=autosim``: whose law stands for inputs, automation, research or returns.
    scenario
        Of ours, for laws that are autosim's.
    runs
        METR's runs of January 2025, which ``metr-horizons`` needs.

    Returns
    -------
    Its figures beside the published ones, and its course through time; see `autosim.peers.replication.Replication`.

    Raises
    ------
    TypeError, ValueError
        As by `autosim.run`.
    autosim.errors.AutosimError
        If something cannot be used.

    Examples
    --------
    >>> found = replicate("amdahl-toy", draws=4000)
    >>> round(found.claims[1].found, 2), found.agrees
    (1.25, True)
    """
    draws, seed = whole_number("draws", draws, 2), whole_number("seed", seed, 0, LARGEST_SEED)
    ours, said = (loaded(scenario, set), ()) if name == OWN else (loaded(scenario, ()), assignments(set))
    return _replicate(name, draws, seed, ours, said, structure, None if runs is None else Path(runs))


def _dividing(by: str) -> Dividing:
    if by not in DIVIDINGS:
        raise InputError("by", "", shown(by), one_of(str(by), DIVIDINGS, "a way to divide assumptions"))
    return DIVIDINGS[by]
