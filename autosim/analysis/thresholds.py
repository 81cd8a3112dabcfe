"""Thresholds that users name beside the standard ones, such as ``progress_multiplier>=3``."""

from collections.abc import Sequence

from autosim.analysis.targets import name_of, parse_target
from autosim.errors import InputError
from autosim.inputs.scenario import AnyScenario
from autosim.outputs import OF_OUTPUT
from autosim.simulation.counts import CEILINGS, THRESHOLDS, Threshold


def thresholds(said: Sequence[str], scenario: AnyScenario, option: str = "--milestone") -> tuple[Threshold, ...]:
    """The standard thresholds and others after them, each once.

    Parameters
    ----------
    said
        ``NAME>=LEVEL``: an output that is known month by month, with its labels, and a level in its unit.
    scenario
        Whose taxonomy is meant.
    option
        Where they were said, for errors.

    Raises
    ------
    InputError
        If one cannot be read, or has a date: milestones are about when, not about whether by then.
    """
    found = {threshold.name: threshold for threshold in THRESHOLDS}
    for text in said:
        threshold = _threshold(text, scenario, option)
        found.setdefault(threshold.name, threshold)
    return tuple(found.values())


def _threshold(text: str, scenario: AnyScenario, option: str) -> Threshold:
    target = parse_target(text, scenario, option)
    if target.level is None or not target.is_date:
        raise InputError(f"{option} {text}", "", text, "NAME>=LEVEL without a date, such as progress_multiplier>=3")
    written = name_of(target, scenario.taxonomy)
    return Threshold(target.output, target.level, CEILINGS.get(OF_OUTPUT[target.output].name), target.at, written)
