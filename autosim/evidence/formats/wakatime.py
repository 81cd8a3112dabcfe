"""WakaTime's data dump (JSON) as time use."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from autosim.errors import InputError, one_of, shown
from autosim.evidence.importing import Option
from autosim.evidence.reading import check_file, parse_json
from autosim.evidence.tracking.entries import Time, checked, found_task
from autosim.evidence.tracking.rows import Read, tracker
from autosim.inputs.schema import as_day

DUMP = "a data dump of WakaTime, daily totals"
MAX_BYTES = 300_000_000
BY = {"categories": "category", "projects": "project", "languages": "language", "editors": "editor"}
"""What a day's total is divided by, and the field that rules match."""


def read(asked: Read) -> tuple[Time, str]:
    """Read daily totals, divided one way: nobody says which project was in which language.

    Raises
    ------
    InputError
        If a file is no dump, or a day says an impossible time.
    """
    by = asked.own["by"] or "categories"
    if by not in BY:
        raise InputError("--by", "", shown(by), one_of(by, BY, "one"))
    found = Time()
    days: set[date] = set()
    for path in asked.paths:
        for day, where, entry in _days(path):
            if day in days:
                raise InputError(str(path), f"{where}.date", f"{day} a second time", "each day once")
            days.add(day)
            _add(found, entry, by, day, where, str(path), asked)
    return found, f"{len(days):,} days from {', '.join(map(str, asked.paths))}"


def _days(path: Path) -> Iterator[tuple[date, str, Mapping[str, Any]]]:
    place = str(path)
    check_file(path, place, DUMP, MAX_BYTES)
    said = parse_json(path.read_bytes(), place, "", DUMP)
    days = said.get("days") if isinstance(said, dict) else None
    if not isinstance(days, list):
        raise InputError(place, "days", shown(days), DUMP)
    for i, entry in enumerate(days):
        where = f"days[{i}]"
        day = as_day(str(entry.get("date"))) if isinstance(entry, dict) else None
        if not isinstance(day, date):
            raise InputError(place, f"{where}.date", shown(entry), "a day, with its date")
        yield day, where, entry


def _add(found: Time, day_entry: Mapping[str, Any], by: str, day: date, where: str, place: str, asked: Read) -> None:
    parts = day_entry.get(by, [])
    if not isinstance(parts, list):
        raise InputError(place, f"{where}.{by}", shown(parts), "a list")
    whole = 0.0
    for i, part in enumerate(parts):
        key = f"{where}.{by}[{i}]"
        if not isinstance(part, dict) or not isinstance(part.get("name"), str):
            raise InputError(place, key, shown(part), "a name and its total_seconds")
        seconds = part.get("total_seconds")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise InputError(place, f"{key}.total_seconds", shown(seconds), "seconds")
        whole = checked(whole, float(seconds), place, f"{key}.total_seconds")
        task, what = found_task({BY[by]: part["name"]}, asked.rules)
        found.add(asked.person, task, day, float(seconds), what)
    checked(0.0, whole, place, f"{where}.{by}")


FORMAT = tracker(
    "wakatime",
    "WakaTime",
    "WakaTime's data dump of daily totals (JSON) as time use.",
    read,
    Option("--by", "What days are divided by: categories (unless told), projects, languages or editors."),
)
