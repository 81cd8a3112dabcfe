"""Priors as of a day: what is younger gives way to its ``before``, or to what it was laid over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, Self

from autosim.errors import InputError
from autosim.inputs.notes import Note


class Dated(Protocol):
    """Something said in a file, with what stands in for it on days before it was published."""

    @property
    def note(self) -> Note:
        """Where it comes from."""
        ...

    @property
    def before(self) -> Self | None:
        """What stands in for it."""
        ...


@dataclass(frozen=True)
class Substitution:
    """An entry that was not published yet, and what was used instead; published is None for what has no date."""

    name: str
    published: date
    instead: str
    instead_published: date | None

    def as_json(self) -> dict[str, Any]:
        """As summaries have it."""
        instead = self.instead_published
        return {
            "name": self.name,
            "published": str(self.published),
            "instead": {"source": self.instead, "published": None if instead is None else str(instead)},
        }


@dataclass(frozen=True)
class AsOf:
    """A day, what was replaced since it is younger, and dotted names of what has no date and was kept."""

    day: date
    substitutions: tuple[Substitution, ...]
    undated: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As summaries have it."""
        replaced = [one.as_json() for one in self.substitutions]
        return {"substitutions": replaced, "undated": list(self.undated)}


class Vintage:
    """Chooses, entry by entry as files are laid over one another, what was known on a day; None for all there is."""

    def __init__(self, day: date | None) -> None:
        self.day = day
        self._replaced: dict[str, Substitution] = {}
        self._missing: dict[str, Note] = {}

    def known(self, note: Note) -> bool:
        """Whether something was published by the day, or has no date."""
        return self.day is None or note.published is None or note.published <= self.day

    def chosen[T: Dated](self, name: str, said: T, parent: Note | None) -> T | None:
        """What to lay for an entry: itself, the first of its ``before`` that was out by the day, or nothing.

        Parameters
        ----------
        name
            Dotted.
        said
            The entry.
        parent
            Of what it is laid over, which stays if nothing is laid.
        """
        found: T | None = said
        while found is not None and not self.known(found.note):
            found = found.before
        self._replaced.pop(name, None)
        self._missing.pop(name, None)
        published = said.note.published
        if found is not said and published is not None:
            note = found.note if found is not None else parent
            if note is None:
                self._missing[name] = said.note
            else:
                self._replaced[name] = Substitution(name, published, note.source, note.published)
        return found

    def refuse_missing(self, name: str) -> None:
        """Refuse a scenario that lacks an entry, if it lacks it because the entry is younger than the day.

        Raises
        ------
        InputError
            Saying where it stands.
        """
        if name in self._missing:
            note = self._missing[name]
            got = f"published {note.published}, and no 'before' as old"
            raise InputError(note.place, name, got, f"a 'before' published on or before {self.day}")

    def settled(self, kept: Iterable[tuple[str, Note]]) -> AsOf | None:
        """What came of it, for the entries of a complete scenario; None without a day."""
        if self.day is None:
            return None
        names = dict(kept)
        replaced = tuple(one for name, one in self._replaced.items() if name in names)
        undated = tuple(name for name, note in names.items() if note.published is None)
        return AsOf(self.day, replaced, undated)
