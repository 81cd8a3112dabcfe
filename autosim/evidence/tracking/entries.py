"""Entries of time trackers, and what they come to: time that is counted once, by person, task and day."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from autosim.errors import InputError
from autosim.evidence.tracking.rules import PRIVATE, Rules

LONGEST = 24 * 3600.0
"""Longest entry that is believed [s]."""

UNMATCHED, NO_WORK = "", "-"
"""What stands for the task of time that no rule matches, and of time that a rule says is no work."""


@dataclass(frozen=True)
class Entry:
    """Something that a tracker recorded: from when to when [s since 1970, UTC], and its fields."""

    person: str
    start: float
    end: float
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Piece:
    """An entry whose task has been found; ``what`` is what may be told of it if there is none."""

    start: float
    end: float
    task: str
    what: str


@dataclass
class Time:
    """Time by person: seconds per task and day, what was unmatched, and what to say of the records."""

    seconds: dict[str, dict[tuple[str, date], float]] = field(default_factory=dict)
    unmatched: dict[str, float] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)

    def add(self, person: str, task: str, day: date, seconds: float, what: str) -> None:
        """Add time on one day."""
        own = self.seconds.setdefault(person, {})
        own[task, day] = own.get((task, day), 0.0) + seconds
        if task == UNMATCHED:
            self.unmatched[what] = self.unmatched.get(what, 0.0) + seconds


def checked(start: float, seconds: float, place: str, key: str) -> float:
    """Return the end of an entry.

    Raises
    ------
    InputError
        If it ends before it starts, or is longer than a day.
    """
    if not 0.0 <= seconds <= LONGEST:
        raise InputError(place, key, f"{seconds / 60.0:,.0f} minutes", "0 to 1,440")
    return start + seconds


def found_task(fields: Mapping[str, str], rules: Rules) -> tuple[str, str]:
    """Task of an entry and, if it has none, what may be told of it: never its title."""
    rule = rules.find(fields)
    if rule is not None:
        return rule.task or NO_WORK, ""
    open_fields = [f"{name} {text}" for name, text in fields.items() if text and name not in PRIVATE]
    return UNMATCHED, open_fields[0] if open_fields else "without any"


def add_entries(found: Time, entries: Iterable[Entry], rules: Rules, zone: ZoneInfo) -> None:
    """Add entries, each person's time counted once.

    Where entries overlap, the one that began last counts: who looks at something else has left what went before.
    """
    pieces: dict[str, list[Piece]] = defaultdict(list)
    for entry in entries:
        pieces[entry.person].append(Piece(entry.start, entry.end, *found_task(entry.fields, rules)))
    for person, own in pieces.items():
        counted = 0.0
        for piece in once(own):
            counted += piece.end - piece.start
            for day, seconds in by_day(piece.start, piece.end, zone):
                found.add(person, piece.task, day, seconds, piece.what)
        overlap = sum(piece.end - piece.start for piece in own) - counted
        if overlap >= 60.0:
            found.notes["minutes that entries overlap, counted once"] += round(overlap / 60.0)


def once(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Cut pieces so that they do not overlap: of several at a time the one that began last stays.

    Examples
    --------
    >>> [(p.start, p.end, p.task) for p in once([Piece(0, 10, "a", ""), Piece(4, 6, "b", "")])]
    [(0, 4, 'a'), (4, 6, 'b'), (6, 10, 'a')]
    """
    order = sorted(range(len(pieces)), key=lambda i: (pieces[i].start, i))
    times = sorted({time for piece in pieces for time in (piece.start, piece.end)})
    open_pieces: list[tuple[float, int]] = []
    following = 0
    for here, there in pairwise(times):
        while following < len(order) and pieces[order[following]].start <= here:
            heapq.heappush(open_pieces, (-pieces[order[following]].start, -order[following]))
            following += 1
        while open_pieces and pieces[-open_pieces[0][1]].end <= here:
            heapq.heappop(open_pieces)
        if open_pieces:
            piece = pieces[-open_pieces[0][1]]
            yield Piece(here, there, piece.task, piece.what)


def by_day(start: float, end: float, zone: ZoneInfo) -> Iterator[tuple[date, float]]:
    """Divide time [s since 1970] among the days on which it fell in a time zone."""
    while start < end:
        day = datetime.fromtimestamp(start, UTC).astimezone(zone).date()
        midnight = datetime.combine(day + timedelta(days=1), time(), zone).timestamp()
        yield day, min(end, midnight) - start
        start = midnight


def within(entries: Iterable[Entry], spans: Sequence[tuple[float, float]]) -> Iterator[Entry]:
    """Cut entries down to spans of time, which may overlap."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    first = 0
    for entry in sorted(entries, key=lambda one: one.start):
        while first < len(merged) and merged[first][1] <= entry.start:
            first += 1
        for start, end in merged[first:]:
            if start >= entry.end:
                break
            yield Entry(entry.person, max(start, entry.start), min(end, entry.end), entry.fields)
