"""Local times as trackers export them, with clock changes."""

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autosim.errors import InputError, shown

NEAR = 60.0
"""Within which two durations are the same [s]."""

SKIPPED = "times that the clock skipped, taken as an hour later"
CHANGED = "entries whose end is not their start plus their duration, of which the duration counts"


def zone_of(said: str | None) -> ZoneInfo:
    """Read ``--timezone``; UTC unless told.

    Raises
    ------
    InputError
        If there is no such time zone.
    """
    try:
        return ZoneInfo(said or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError("--timezone", "", shown(said), "a time zone such as Europe/Berlin") from None


def placed(start: datetime, end: datetime | None, seconds: float, zone: ZoneInfo, notes: Counter[str]) -> float:
    """When something began [s since 1970], by its local start and end, and its duration.

    An hour that comes twice is told by the duration: the start is the one from which it leads to the end. What cannot
    be is counted in ``notes``.
    """
    first = start.replace(tzinfo=zone)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != start:
        notes[SKIPPED] += 1
    if end is None:
        return first.timestamp()
    for begin in (first, first.replace(fold=1)):
        for fold in (0, 1):
            if abs(end.replace(tzinfo=zone, fold=fold).timestamp() - begin.timestamp() - seconds) <= NEAR:
                return begin.timestamp()
    notes[CHANGED] += 1
    return first.timestamp()
