"""``NAME=VALUE`` of the command line: one value, by its dotted name, laid over a scenario."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from autosim.errors import InputError, one_of, shown
from autosim.inputs.assembly import Assembly
from autosim.inputs.document import parse
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.schema import StructureEntry, as_day, check
from autosim.inputs.specification import refuse_unknown

DATES = ("reference_date", "end")
_SETTABLE = ("structure", "evaluations", *DATES)


def override(assembly: Assembly, assignment: str) -> tuple[str, date] | None:
    """Lay one assignment over the assembly.

    Parameters
    ----------
    assembly
        Of all files; changed.
    assignment
        Such as ``severity.debugging.novelty=0.3``, ``structure.feedback=false`` or ``end=2030-01-01``.

    Returns
    -------
    The name of a date and the date, if that is what is set; the assembly holds no dates.

    Raises
    ------
    InputError
        If the name is unknown, or the value not one for it.
    """
    place = place_of(assignment)
    name, equals, text = assignment.partition("=")
    name = name.strip()
    head, *rest = name.split(".")
    if not equals:
        raise InputError(place, "", shown(assignment), "NAME=VALUE")
    if head not in _SETTABLE and head not in PARAMETERS:
        wanted = rest[0] if head == "priors" and rest else head
        raise InputError(
            place, "", f"the unknown name {shown(name)}", one_of(wanted, [*PARAMETERS, *_SETTABLE], "a parameter")
        )
    value = parse(text, place)
    if head in DATES:
        day = as_day(value)
        if rest or not isinstance(day, date):
            got = f"the unknown name {shown(name)}" if rest else shown(value)
            raise InputError(place, head, got, f"{head} and a date such as 2036-01-01")
        return head, day
    _lay(assembly, head, rest, value, place)
    return None


def place_of(assignment: str) -> str:
    """What to call an assignment in an error."""
    return f"--set {assignment if len(assignment) <= 100 else assignment[:99] + '…'}"


def _lay(assembly: Assembly, head: str, rest: list[str], value: Any, place: str) -> None:
    nested = value
    for part in reversed(rest):
        nested = {part: nested}
    if head == "structure":
        entry = check(StructureEntry, _mapping(nested, place, "structure.feedback"), place, "structure")
        assembly.structure(entry, place)
    elif head == "evaluations":
        said = _mapping(nested, place, "evaluations.metr_hcast.spread")
        refuse_unknown(said, assembly.evaluations, place, "evaluations", "an evaluation")
        assembly.lay_evaluations(said, place, "evaluations")
    else:
        assembly.lay_priors({head: nested}, place)


def _mapping(value: Any, place: str, example: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(place, "", shown(value), f"a dotted name such as {example}, or a mapping")
    return value
