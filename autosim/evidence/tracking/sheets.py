"""Detailed reports of Toggl Track and Clockify: a row per entry, with local times."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from autosim.errors import InputError, shown
from autosim.evidence.reading import read_text_table
from autosim.evidence.tracking.entries import Entry, Time, add_entries, checked
from autosim.evidence.tracking.local import placed
from autosim.evidence.tracking.rows import Read

_DURATION = re.compile(r"(-?\d+):([0-5]?\d):([0-5]?\d)", re.ASCII)
_DATE = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})", re.ASCII)
ORDERS = {"ymd": "%Y-%m-%d", "mdy": "%m-%d-%Y", "dmy": "%d-%m-%Y"}
"""Orders of day, month and year that a date may have."""

_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")


@dataclass(frozen=True)
class Sheet:
    """A tracker's columns: alternatives for each, compared without regard to case.

    ``fields`` are by the name that rules use.
    """

    user: tuple[str, ...]
    start: tuple[tuple[str, ...], tuple[str, ...]]
    end: tuple[tuple[str, ...], tuple[str, ...]]
    duration: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]


def read_sheets(asked: Read, sheet: Sheet, order: str | None) -> tuple[Time, str]:
    """Read detailed reports; several users are several persons, numbered.

    Raises
    ------
    InputError
        If a column is missing, a cell is no date, time or duration, or nobody can tell which is the month.
    """
    if order is not None and order not in ORDERS:
        raise InputError("--date-order", "", shown(order), f"one of {', '.join(ORDERS)}")
    found = Time()
    entries: list[Entry] = []
    users: dict[str, str] = {}
    for path in asked.paths:
        table = read_text_table(path, str(path))
        entries += _entries(table, str(path), sheet, order, asked, users, found)
    if len(users) > 1:
        found.notes["users, who are told apart by number"] = len(users)
    else:
        entries = [Entry(asked.person, one.start, one.end, one.fields) for one in entries]
    add_entries(found, entries, asked.rules, asked.zone)
    return found, f"{len(entries):,} entries from {', '.join(map(str, asked.paths))}"


def _entries(
    table: pd.DataFrame, place: str, sheet: Sheet, order: str | None, asked: Read, users: dict[str, str], found: Time
) -> Iterator[Entry]:
    column = _Columns(table, place)
    dates = [column.cells(names[0]) for names in (sheet.start, sheet.end)]
    clocks = [column.cells(names[1]) for names in (sheet.start, sheet.end)]
    durations, people = column.cells(sheet.duration), column.cells(sheet.user, needed=False)
    fields = {name: column.cells(names, needed=False) for name, names in sheet.fields.items()}
    form = ORDERS[order or _order([*dates[0], *dates[1]], place)]
    for i in range(len(table)):
        row = f"row {i + 1}"
        seconds = _seconds(durations[i], place, row)
        start, end = (_moment(dates[k][i], clocks[k][i], form, place, row) for k in (0, 1))
        begin = placed(start, end, seconds, asked.zone, found.notes)
        person = users.setdefault(people[i], f"{asked.person} {len(users) + 1}")
        yield Entry(
            person,
            begin,
            checked(begin, seconds, place, f"{row}, duration"),
            {name: cells[i] for name, cells in fields.items()},
        )


class _Columns:
    """Columns of a table by any of their names."""

    def __init__(self, table: pd.DataFrame, place: str) -> None:
        self._table, self._place = table, place
        self._known = {str(name).strip().lower(): name for name in table.columns}

    def cells(self, names: Sequence[str], *, needed: bool = True) -> list[str]:
        """Cells of a column; empty texts if it is missing and not needed."""
        for name in names:
            if name.lower() in self._known:
                return [cell.strip() for cell in self._table[self._known[name.lower()]]]
        if needed:
            raise InputError(self._place, names[0], "no such column", "a detailed report, as CSV")
        return [""] * len(self._table)


def _order(dates: Sequence[str], place: str) -> str:
    """Order of day, month and year, by what cannot be a month."""
    parts = [match.groups() for text in dates if (match := _DATE.fullmatch(text))]
    if not parts or any(len(first) == 4 for first, _, _ in parts):
        return "ymd"
    days_first = any(int(first) > 12 for first, _, _ in parts)
    days_second = any(int(second) > 12 for _, second, _ in parts)
    if days_first == days_second:
        example = next(iter(dates), "nothing")
        got = f"dates such as {example}, of which nobody can tell the month"
        raise InputError(place, "", got, "--date-order mdy or --date-order dmy")
    return "dmy" if days_first else "mdy"


def _moment(day: str, clock: str, form: str, place: str, row: str) -> datetime:
    text = re.sub(r"[/.]", "-", day)
    for clock_form in _CLOCKS:
        try:
            return datetime.strptime(f"{text} {clock.upper()}", f"{form} {clock_form}")
        except ValueError:
            continue
    raise InputError(place, row, shown(f"{day} {clock}"), "a date and a time, such as 2026-01-05 and 09:00:00")


def _seconds(said: str, place: str, row: str) -> float:
    match = _DURATION.fullmatch(said)
    if not match:
        raise InputError(place, f"{row}, duration", shown(said), "hours, minutes and seconds, such as 01:30:00")
    hours, minutes, seconds = (float(part) for part in match.groups())
    return hours * 3600.0 + (-1.0 if said.startswith("-") else 1.0) * (minutes * 60.0 + seconds)
