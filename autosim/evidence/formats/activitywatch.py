"""ActivityWatch's export of buckets (JSON) as time use."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autosim.errors import InputError, shown
from autosim.evidence.reading import check_file, parse_json
from autosim.evidence.tracking.entries import Entry, Time, add_entries, checked, within
from autosim.evidence.tracking.rows import Read, tracker

EXPORT = "an export of ActivityWatch's buckets"
MAX_BYTES = 300_000_000
WINDOW, AFK, PRESENT = "currentwindow", "afkstatus", "not-afk"


def read(asked: Read) -> tuple[Time, str]:
    """Read windows, cut down to when somebody was there, where that is known of the same host.

    Raises
    ------
    InputError
        If a file is no export, or an event says an impossible time.
    """
    found = Time()
    windows: dict[str, list[Entry]] = defaultdict(list)
    there: dict[str, list[tuple[float, float]]] = {}
    for path in asked.paths:
        for key, bucket in _buckets(path):
            kind, host = str(bucket.get("type")), str(bucket.get("hostname"))
            if kind == WINDOW:
                windows[host] += _windows(bucket, str(path), key, asked.person)
            elif kind == AFK:
                there.setdefault(host, []).extend(_there(bucket, str(path), key))
            else:
                found.notes[f"buckets of another kind, {kind}, left out"] += 1
    entries: list[Entry] = []
    for host, own in windows.items():
        if host in there:
            entries += within(own, there[host])
        else:
            found.notes["hosts of which nobody knows when somebody was there; all of their time counts"] += 1
            entries += own
    add_entries(found, entries, asked.rules, asked.zone)
    events = sum(map(len, windows.values()))
    return found, f"{events:,} windows of {len(windows):,} hosts from {', '.join(map(str, asked.paths))}"


def _buckets(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    place = str(path)
    check_file(path, place, EXPORT, MAX_BYTES)
    said = parse_json(path.read_bytes(), place, "", EXPORT)
    buckets = said.get("buckets") if isinstance(said, dict) else None
    if isinstance(buckets, dict):
        named = list(buckets.items())
    elif isinstance(buckets, list):  # so the schema, though no version is known to write it
        named = [(str(one.get("id") if isinstance(one, dict) else i), one) for i, one in enumerate(buckets)]
    else:
        raise InputError(place, "buckets", shown(buckets), EXPORT)
    for name, bucket in named:
        if not isinstance(bucket, dict):
            raise InputError(place, f"buckets.{name}", shown(bucket), "a bucket")
        yield f"buckets.{name}", bucket


def _events(bucket: Mapping[str, Any], place: str, key: str) -> Iterator[tuple[float, float, Mapping[str, Any]]]:
    events = bucket.get("events", [])
    if not isinstance(events, list):
        raise InputError(place, f"{key}.events", shown(events), "a list of events")
    for i, event in enumerate(events):
        where = f"{key}.events[{i}]"
        if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
            raise InputError(place, where, shown(event), "an event with data")
        duration = event.get("duration")
        if not isinstance(duration, int | float) or isinstance(duration, bool):
            raise InputError(place, f"{where}.duration", shown(duration), "seconds")
        start = _moment(event.get("timestamp"), place, f"{where}.timestamp")
        yield start, checked(start, float(duration), place, f"{where}.duration"), event["data"]


def _moment(said: Any, place: str, key: str) -> float:
    """A time with its zone, UTC where it has none, as ActivityWatch has it [s since 1970]."""
    try:
        found = datetime.fromisoformat(said)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        raise InputError(place, key, shown(said), "a time such as 2026-01-05T09:00:00+00:00") from None


def _windows(bucket: Mapping[str, Any], place: str, key: str, person: str) -> Iterator[Entry]:
    for start, end, data in _events(bucket, place, key):
        yield Entry(person, start, end, {name: str(data.get(name) or "") for name in ("app", "title", "url")})


def _there(bucket: Mapping[str, Any], place: str, key: str) -> Iterator[tuple[float, float]]:
    for start, end, data in _events(bucket, place, key):
        if data.get("status") == PRESENT:
            yield start, end


FORMAT = tracker("activitywatch", "ActivityWatch", "ActivityWatch's export of all buckets (JSON) as time use.", read)
