"""What every time tracker's format shares: options, rows of evidence, and the report."""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from autosim.errors import InputError, one_of, shown
from autosim.evidence.importing import Format, Imported, Option, Report, day
from autosim.evidence.tables import make_evidence
from autosim.evidence.tracking.entries import NO_WORK, UNMATCHED, Time
from autosim.evidence.tracking.local import zone_of
from autosim.evidence.tracking.rules import Rules, read_rules
from autosim.inputs.scenario import Taxonomy

SHOWN = 5
"""How many of the largest unmatched are named."""

DIGITS = 2
"""Of minutes."""

SHARED = (
    Option("--role", "Role of the scenario that the person has.", required=True),
    Option("--person", "Who it is, in the table; 'me' unless told."),
    Option("--rules", "Which entries are which task; priors/import/time_rules.yaml unless told.", "FILE"),
    Option("--timezone", "Time zone of days, and of times without one; UTC unless told.", "ZONE"),
    Option("--figure", "Draw the week by task into this file, .png or .svg.", "FILE"),
    Option("--published", "Day on which it became public; the last day recorded unless told.", "DATE"),
    Option("--source", "Where it comes from; the tracker unless told."),
)


@dataclass(frozen=True)
class Read:
    """What a tracker's reader is given: files, rules, time zone, the person's name, and the tracker's own options."""

    paths: tuple[Path, ...]
    rules: Rules
    zone: ZoneInfo
    person: str
    own: Mapping[str, Any]


def tracker(name: str, title: str, help: str, read: Callable[[Read], tuple[Time, str]], *own: Option) -> Format:  # noqa: A002 - as in Format
    """A format of a time tracker.

    Parameters
    ----------
    name, help
        As in `Format`.
    title
        The tracker, as a source.
    read
        From files to time by person, and what was read, in words.
    own
        Options beside the shared ones.
    """

    def imported(
        paths: Sequence[Path],
        taxonomy: Taxonomy,
        *,
        role: str,
        person: str | None,
        rules: str | None,
        timezone: str | None,
        figure: str | None,
        published: str | None,
        source: str | None,
        **told: Any,
    ) -> Imported:
        if role not in taxonomy.roles:
            raise InputError("--role", "", shown(role), one_of(role, taxonomy.roles, "a role"))
        picture = None if figure is None else _picture(figure)
        known = read_rules(rules, taxonomy)
        found, what = read(Read(tuple(paths), known, zone_of(timezone), person or "me", told))
        public = None if published is None else day("--published", published)
        place = ", ".join(map(str, paths))
        table = _table(found, known.tasks, role, public, source or title, place)
        evidence = make_evidence({"time_use": table}, place, taxonomy)
        if picture is not None:
            from autosim.plots.week import draw_week

            draw_week(found, known.tasks, picture)
        return Imported(evidence, Report((what,), {}, (*_notes(found), *_idle(table))))

    return Format(name, help, (*SHARED, *own), imported)


def _picture(said: str) -> Path:
    path = Path(said)
    if path.suffix not in (".png", ".svg") or path.is_dir():
        raise InputError("--figure", "", shown(said), "a file that ends in .png or .svg")
    return path


def _table(
    found: Time, tasks: Sequence[str], role: str, published: date | None, source: str, place: str
) -> pd.DataFrame:
    """A row per person and task, on the last day recorded; tasks of rules that took no time have 0 minutes."""
    rows = []
    for person, by_task in found.seconds.items():
        days = [day for (_, day), seconds in by_task.items() if seconds > 0.0]
        minutes = dict.fromkeys(tasks, 0.0)
        for (task, _), seconds in by_task.items():
            if task in minutes:
                minutes[task] += seconds / 60.0
        if not sum(minutes.values()):
            continue
        last = max(days)
        rows += [(person, role, task, round(spent, DIGITS), last, source, published or last)
                 for task, spent in minutes.items()]  # fmt: skip
    if not rows:
        got = f"no time that a rule matches, out of {_total(found) / 3600.0:,.1f} hours"
        raise InputError(place, "", got, "some; see --rules")
    return pd.DataFrame(rows, columns=["person", "role", "task", "minutes", "date", "source", "published"])


def _idle(table: pd.DataFrame) -> list[str]:
    """Tasks of rules that took no time, which is evidence, too."""
    spent = table.groupby("task", sort=False)["minutes"].sum()
    none = [str(task) for task, minutes in spent.items() if not minutes]
    if not none:
        return []
    return [f"0 minutes of {', '.join(none)}: leave out of --rules what the tracker cannot see"]


def _total(found: Time) -> float:
    return sum(seconds for by_task in found.seconds.values() for seconds in by_task.values())


def _notes(found: Time) -> list[str]:
    """How much is what: tasks, no work, unmatched; then what was odd."""
    whole = _total(found)
    of_kind = {UNMATCHED: 0.0, NO_WORK: 0.0}
    for by_task in found.seconds.values():
        for (task, _), seconds in by_task.items():
            if task in of_kind:
                of_kind[task] += seconds
    matched = whole - sum(of_kind.values())

    def said(seconds: float) -> str:
        return f"{seconds / 3600.0:,.1f} h ({seconds / whole:.0%})"

    lines = [f"tasks {said(matched)}, no work {said(of_kind[NO_WORK])}, unmatched {said(of_kind[UNMATCHED])}"]
    if found.unmatched:
        largest = heapq.nlargest(SHOWN, found.unmatched.items(), key=lambda item: item[1])
        lines.append(f"unmatched most: {', '.join(f'{what} {seconds / 60.0:,.0f} min' for what, seconds in largest)}")
    return lines + [f"{what}: {count:,}" for what, count in found.notes.items()]
