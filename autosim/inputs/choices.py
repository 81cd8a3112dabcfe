"""What a scenario chooses of the model's structure: weights of alternatives, and feedback."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autosim.equations.capability import TRAJECTORIES
from autosim.errors import InputError, one_of, shown
from autosim.inputs.notes import Note, read_before, refuse_notes_alone
from autosim.inputs.schema import StructureEntry, check
from autosim.inputs.specification import number, weights_that_sum_to_1
from autosim.inputs.substitution import SUBSTITUTION, SUBSTITUTIONS


@dataclass(frozen=True)
class Choice:
    """One choice: weights by alternative, or whether there is feedback; ``before`` is that on earlier days."""

    name: str
    value: dict[str, float] | bool
    note: Note
    before: "Choice | None" = None


def read_choices(said: StructureEntry, place: str, key: str = "structure") -> Iterator[Choice]:
    """Read ``structure:``, each choice with what ``before`` says of it.

    Raises
    ------
    InputError
        For an unknown alternative, weights that do not sum to 1, or notes on nothing.
    """
    if said.feedback is None and said.trajectory is None and said.substitution is None:
        refuse_notes_alone(said.model_dump(exclude_none=True, exclude_defaults=True), place, key)
    note = Note(place, said.source or "", said.published)
    older: dict[str, Choice] = {}
    if said.before is not None:
        before = read_before(said.before, place, said.published, f"{key}.before")
        entry = check(StructureEntry, before.said, place, before.key)
        older = {one.name: one for one in read_choices(entry, place, before.key)}
    for name, value in _values(said, place, key):
        yield Choice(name, value, note, older.get(name))


def _values(said: StructureEntry, place: str, key: str) -> Iterator[tuple[str, dict[str, float] | bool]]:
    if said.feedback is not None:
        yield "feedback", said.feedback
    if said.trajectory is not None:
        yield "trajectory", _alternatives(said.trajectory, TRAJECTORIES, place, f"{key}.trajectory", "a trajectory")
    if said.substitution is not None:
        what = "a sign of substitution"
        yield SUBSTITUTION, _alternatives(said.substitution, SUBSTITUTIONS, place, f"{key}.{SUBSTITUTION}", what)


def _alternatives(
    said: str | Mapping[str, Any], known: tuple[str, ...], place: str, key: str, what: str
) -> dict[str, float]:
    """Weights of a structure's alternatives; a name alone has all of it."""
    weights = {said: 1.0} if isinstance(said, str) else said
    for name in weights:
        if name not in known:
            raise InputError(place, key, shown(name), one_of(name, known, what))
    given = {name: number(weight, place, f"{key}.{name}") for name, weight in weights.items()}
    return dict(zip(given, weights_that_sum_to_1(given, place, key), strict=True))
