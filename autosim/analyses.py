"""The Python interface of what answers hang on: what the commands sensitivity and cruxes do, as functions."""

from collections.abc import Sequence
from pathlib import Path

from autosim.analysis import cruxes as _cruxes
from autosim.analysis import sensitivity as _sensitivity
from autosim.analysis.cruxes import Cruxes
from autosim.analysis.groups import DIVIDINGS, Dividing, coarse_group_of
from autosim.analysis.sensitivity import Sensitivity
from autosim.api import Overrides, loaded, whole_number
from autosim.defaults import LARGEST_SEED
from autosim.errors import InputError, one_of, shown
from autosim.inputs.scenario import AnyScenario

__all__ = ["cruxes", "sensitivity"]


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


def _dividing(by: str) -> Dividing:
    if by not in DIVIDINGS:
        raise InputError("by", "", shown(by), one_of(str(by), DIVIDINGS, "a way to divide assumptions"))
    return DIVIDINGS[by]
