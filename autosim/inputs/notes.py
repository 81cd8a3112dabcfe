"""Where entries of files come from: source and date, and what stands in for them on earlier days."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from autosim.errors import InputError, shown
from autosim.inputs.schema import as_day
from autosim.inputs.specification import NOTES, refuse_unknown


@dataclass(frozen=True)
class Before:
    """What stands in for an entry on days before it was published, as it was said, and where it stands."""

    said: Mapping[str, Any]
    key: str


@dataclass(frozen=True)
class Note:
    """Where a prior comes from: its source, when that was published, and the file that says so.

    ``before`` stands in for it, or for each member of a group on its own, on days before that.
    """

    place: str
    source: str = ""
    published: date | None = None
    before: Before | None = None


def read_note(said: Mapping[str, Any], outer: Note, key: str) -> Note:
    """Take ``source``, ``published`` and ``before`` from a mapping, or from the group around it.

    Raises
    ------
    InputError
        If the source is not text, the date not a date, or ``before`` lacks either or is not older.
    """
    source, published = said.get("source", outer.source), as_day(said.get("published", outer.published))
    if not isinstance(source, str):
        raise InputError(outer.place, f"{key}.source", shown(source), "text")
    if published is not None and not isinstance(published, date):
        raise InputError(outer.place, f"{key}.published", shown(published), "a date such as 2024-08-27")
    for name in ("unit", "description"):
        if not isinstance(said.get(name, ""), str):
            raise InputError(outer.place, f"{key}.{name}", shown(said[name]), "text")
    if "before" not in said:
        return Note(outer.place, source, published, outer.before)
    return Note(outer.place, source, published, read_before(said["before"], outer.place, published, f"{key}.before"))


def read_before(said: object, place: str, published: date | None, key: str) -> Before:
    """Check the notes of a ``before``: it says where it comes from, and is older than what was ``published``.

    Raises
    ------
    InputError
        If it is not a mapping, or that is not so.
    """
    if not isinstance(said, dict):
        raise InputError(place, key, shown(said), "a mapping with a distribution, source and published")
    for name in ("source", "published"):
        if name not in said:
            raise InputError(place, f"{key}.{name}", "nothing", "where the stand-in comes from, and since when")
    older = read_note(said, Note(place), key).published
    if published is not None and older is not None and older >= published:
        raise InputError(
            place, f"{key}.published", str(older), f"a date before {published}, that of what it stands in for"
        )
    return Before(said, key)


def befores(said: Mapping[str, Any], known: Collection[str], place: str) -> dict[str, Before]:
    """Read a file's ``before``, which holds for all of its entries, by parameter.

    Raises
    ------
    InputError
        For an unknown parameter, or an entry without source or date.
    """
    refuse_unknown(said, known, place, "before", "a parameter")
    return {name: read_before(entry, place, None, f"before.{name}") for name, entry in said.items()}


def refuse_notes_alone(said: Mapping[str, Any], place: str, key: str) -> None:
    """Refuse a group that says where its numbers come from and has none.

    Raises
    ------
    InputError
        If all its keys, at least one, are notes.
    """
    if said and all(name in NOTES for name in said):
        raise InputError(place, key, f"{', '.join(said)} alone", "something that it is said of")
