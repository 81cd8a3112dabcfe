"""Time trackers' records become minutes per task: counted once, at the right hours, without anybody's titles."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from importing import DATA, present

import autosim
from autosim.errors import InputError
from autosim.evidence.importing import Imported
from autosim.evidence.tables import read_evidence, write_evidence
from autosim.evidence.tracking.entries import Entry, Piece, Time, by_day, once, within
from autosim.inputs.loading import load
from autosim.plots.week import by_weekday, week

REAL = DATA / "timeuse"
RULES = """\
rules:
  - {task: debugging, tag: debug}
  - {task: debugging, app: gdb}
  - {task: studying_other_work, title: arxiv, app: firefox}
  - {task: formal_writing, any: thesis}
  - {task: formal_writing, category: writing docs}
  - {ignore: true, app: game}
"""
TOGGL = "User,Email,Project,Description,Start date,Start time,End date,End time,Duration,Tags\n"
CLOCKIFY = "Project,Description,Task,User,Tags,Start Date,Start Time,End Date,End Time,Duration (h)\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("rules.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path


def imported(format: str, content: object, name: str = "x.csv", **options: Any) -> Imported:  # noqa: A002 - as there
    path = Path(name)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return autosim.import_evidence(format, path, **({"role": "manager", "rules": "rules.yaml"} | options))


def minutes(found: Imported) -> dict[str, float]:
    """Minutes by task, where there are any."""
    table = found.evidence.time_use
    return {task: spent for task, spent in zip(table["task"], table["minutes"], strict=True) if spent}


def refusal(format: str, content: object, **options: Any) -> str:  # noqa: A002 - as there
    with pytest.raises(InputError) as error:
        imported(format, content, **options)
    text = str(error.value)
    assert "\n" not in text
    return text


def event(clock: str, duration: float, **data: str) -> dict[str, Any]:
    return {"timestamp": f"2026-01-05T{clock}+00:00", "duration": duration, "data": data}


def buckets(*windows: dict[str, Any], there: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    found = {"w": {"id": "w", "type": "currentwindow", "hostname": "a", "events": list(windows)}}
    if there is not None:
        found["afk"] = {"id": "afk", "type": "afkstatus", "hostname": "a", "events": there}
    return {"buckets": found}


def row(start: str, end: str, duration: str, tags: str = "debug", description: str = "") -> str:
    days = [*start.split(), *end.split()]
    return f"A,a@b.c,P,{description},{days[0]},{days[1]},{days[2]},{days[3]},{duration},{tags}\n"


def test_windows_count_while_somebody_was_there() -> None:
    windows = [event("09:00:00", 1800, app="gdb", title="x"), event("09:30:00", 600, app="Firefox", title="arXiv 1")]
    there = [event("09:10:00", 600, status="not-afk"), event("09:20:00", 600, status="afk"),
             event("09:35:00", 9000, status="not-afk")]  # fmt: skip
    assert minutes(imported("activitywatch", buckets(*windows))) == {"debugging": 30, "studying_other_work": 10}
    found = imported("activitywatch", buckets(*windows, there=there))
    assert minutes(found) == {"debugging": 10, "studying_other_work": 5}
    listed = {"buckets": list(buckets(*windows, there=there)["buckets"].values())}
    assert minutes(imported("activitywatch", listed)) == minutes(found)


def test_what_nobody_knows_of_presence_is_said() -> None:
    said = imported("activitywatch", buckets(event("09:00:00", 60, app="gdb"))).report.lines()
    assert "hosts of which nobody knows when somebody was there; all of their time counts: 1" in said


def test_unmatched_time_is_told_and_titles_are_not(folder: Path) -> None:
    title = "nobody-is-to-know"
    windows = [event("09:00:00", 600, app="gdb", title=title), event("10:00:00", 1200, app="Paint", title=title),
               event("11:00:00", 600, app="Game", title=title), event("12:00:00", 60, title=title)]  # fmt: skip
    found = imported("activitywatch", buckets(*windows), figure="week.svg")
    lines = found.report.lines()
    assert "tasks 0.2 h (24%), no work 0.2 h (24%), unmatched 0.3 h (51%)" in lines
    assert "unmatched most: app Paint 20 min, without any 1 min" in lines
    write_evidence(found.evidence, folder / "out.csv")
    told = "\n".join(lines) + Path("out.csv").read_text(encoding="utf-8") + Path("week.svg").read_text(encoding="utf-8")
    assert title not in told


def test_tasks_of_rules_that_took_no_time_were_recorded() -> None:
    found = imported("toggl", TOGGL + row("2026-01-05 09:00:00", "2026-01-05 10:30:00", "01:30:00"))
    table = found.evidence.time_use.set_index("task")["minutes"].to_dict()
    assert table == {"debugging": 90, "studying_other_work": 0, "formal_writing": 0}
    assert "0 minutes of studying_other_work, formal_writing: leave out of --rules what the tracker cannot see" in (
        found.report.lines()
    )


def test_overlaps_count_once_for_what_began_last() -> None:
    rows = row("2026-01-05 09:00:00", "2026-01-05 11:00:00", "02:00:00")
    rows += row("2026-01-05 10:00:00", "2026-01-05 10:30:00", "00:30:00", tags="", description="My thesis")
    found = imported("toggl", TOGGL + rows)
    assert minutes(found) == {"debugging": 90, "formal_writing": 30}
    assert "minutes that entries overlap, counted once: 30" in found.report.lines()


def test_the_last_day_is_that_of_the_time_zone() -> None:
    late = buckets(event("23:30:00", 600, app="gdb"))
    assert str(imported("activitywatch", late).evidence.time_use["date"].iloc[0].date()) == "2026-01-05"
    tokyo = imported("activitywatch", late, timezone="Asia/Tokyo").evidence.time_use
    assert str(tokyo["date"].iloc[0].date()) == "2026-01-06"


@pytest.mark.parametrize(
    ("start", "end", "duration", "changed"),
    [
        ("2026-03-29 01:30:00", "2026-03-29 03:30:00", "01:00:00", 0),  # the hour that is skipped in Berlin
        ("2026-10-25 01:30:00", "2026-10-25 03:30:00", "03:00:00", 0),  # the hour that comes twice
        ("2026-10-25 02:30:00", "2026-10-25 02:45:00", "01:15:00", 0),
        ("2026-06-01 01:30:00", "2026-06-01 03:30:00", "01:00:00", 1),
    ],
)
def test_clock_changes(start: str, end: str, duration: str, changed: int) -> None:
    found = imported("toggl", TOGGL + row(start, end, duration), timezone="Europe/Berlin")
    hours, minute, _ = duration.split(":")
    assert minutes(found) == {"debugging": int(hours) * 60 + int(minute)}
    told = [line for line in found.report.lines() if line.startswith("entries whose end is not")]
    assert len(told) == changed


def test_an_hour_that_comes_twice_is_no_overlap() -> None:
    rows = row("2026-10-25 02:10:00", "2026-10-25 02:50:00", "00:40:00")
    rows += row("2026-10-25 02:50:00", "2026-10-25 02:20:00", "00:30:00")
    found = imported("toggl", TOGGL + rows, timezone="Europe/Berlin")
    assert minutes(found) == {"debugging": 70}
    assert not [line for line in found.report.lines() if "overlap" in line or "entries whose" in line]


def test_a_time_that_the_clock_skipped_is_counted() -> None:
    found = imported("toggl", TOGGL + row("2026-03-29 02:30:00", "2026-03-29 03:45:00", "00:15:00"),
                     timezone="Europe/Berlin")  # fmt: skip
    assert "times that the clock skipped, taken as an hour later: 1" in found.report.lines()


@pytest.mark.parametrize(
    ("first", "order", "day"), [("01/05/2026", "mdy", "2026-01-05"), ("01/05/2026", "dmy", "2026-05-01"),
                                ("25/01/2026", None, "2026-01-25"), ("01/25/2026", None, "2026-01-25")]
)  # fmt: skip
def test_which_is_the_month(first: str, order: str | None, day: str) -> None:
    rows = f"P,,,A,debug,{first},01:26:00 PM,{first},02:43:00 PM,01:17:00\n"
    found = imported("clockify", CLOCKIFY + rows, date_order=order)
    assert minutes(found) == {"debugging": 77}
    assert str(found.evidence.time_use["date"].iloc[0].date()) == day


def test_nobody_guesses_which_is_the_month() -> None:
    rows = "P,,,A,debug,01/05/2026,01:26:00 PM,01/05/2026,02:43:00 PM,01:17:00\n"
    assert "01/05/2026, of which nobody can tell the month, expected --date-order mdy" in refusal(
        "clockify", CLOCKIFY + rows
    )


def test_several_users_are_numbered_and_not_named() -> None:
    one = row("2026-01-05 09:00:00", "2026-01-05 10:00:00", "01:00:00")
    found = imported("toggl", TOGGL + one + one.replace("A,a@b.c", "Bea,bea@b.c"), person="dev")
    table = found.evidence.time_use
    assert sorted(set(table["person"])) == ["dev 1", "dev 2"]
    assert minutes(found)["debugging"] == 60
    assert "Bea" not in table.to_csv()


def test_wakatime_counts_one_way_of_dividing_a_day() -> None:
    day = {
        "date": "2026-01-05",
        "categories": [{"name": "Writing Docs", "total_seconds": 600}, {"name": "Coding", "total_seconds": 60}],
        "projects": [{"name": "thesis", "total_seconds": 300}],
    }
    assert minutes(imported("wakatime", {"days": [day]})) == {"formal_writing": 10}
    assert minutes(imported("wakatime", {"days": [day]}, by="projects")) == {"formal_writing": 5}
    assert "got 2026-01-05 a second time" in refusal("wakatime", {"days": [day, day]})


def test_importing_twice_changes_nothing_and_a_table_comes_back_as_it_was(folder: Path) -> None:
    content = TOGGL + row("2026-01-05 09:00:00", "2026-01-05 10:30:00", "01:30:00")
    once_read = imported("toggl", content).evidence
    twice = autosim.import_evidence("toggl", "x.csv", "x.csv", role="manager", rules="rules.yaml").evidence
    assert twice.time_use.equals(once_read.time_use)
    write_evidence(once_read, folder / "out.csv")
    assert read_evidence([folder / "out.csv"], load("baseline").taxonomy).time_use.equals(once_read.time_use)


@pytest.mark.parametrize(
    ("format_", "content", "said"),
    [
        ("toggl", "User,Description\nA,x\n", "Start date: got no such column, expected a detailed report"),
        ("toggl", TOGGL + row("2026-01-05 09:00:00", "2026-01-05 08:00:00", "-01:00:00"), "got -60 minutes"),
        ("toggl", TOGGL + row("2026-01-05 09:00:00", "2026-01-09 09:00:00", "96:00:00"), "got 5,760 minutes"),
        ("toggl", TOGGL + row("2026-01-05 09:00:00", "2026-01-05 10:00:00", "soon"), "row 1, duration: got 'soon'"),
        ("toggl", TOGGL + row("2026-01-05 29:00:00", "2026-01-05 10:00:00", "01:00:00"), "got '2026-01-05 29"),
        ("toggl", TOGGL + row("2026-01-05 09:00:00", "2026-01-05 10:00:00", "01:00:00", tags="x"), "no time"),
        ("toggl", TOGGL, "no time that a rule matches"),
        ("activitywatch", "{", "), expected an export of ActivityWatch's buckets"),
        ("activitywatch", {"buckets": 3}, "buckets: got 3, expected an export of ActivityWatch"),
        ("activitywatch", buckets(event("09:00:00", -5, app="gdb")), "events[0].duration: got -0 minutes"),
        ("activitywatch", buckets(event("09:00:00", 1e9, app="gdb")), "got 16,666,667 minutes"),
        ("activitywatch", buckets(event("09:00:00", float("nan"), app="gdb")), "got nan minutes"),
        ("activitywatch", buckets({"timestamp": "soon", "duration": 1, "data": {}}), "timestamp: got 'soon'"),
        ("activitywatch", buckets({"timestamp": "2026-01-05", "duration": "1", "data": {}}), "expected seconds"),
        ("wakatime", {"days": [{"date": "x"}]}, "days[0].date"),
        ("wakatime", {"days": [{"date": "2026-01-05", "editors": [{"name": "a", "total_seconds": 1}]}]}, "no time"),
        ("wakatime", {"days": [{"date": "2026-01-05", "categories": [{"name": "a", "total_seconds": 1e6}]}]}, "1,440"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(format_: str, content: object, said: str) -> None:
    assert said in refusal(format_, content)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            "rules: [{task: debuging, app: x}]",
            "rules[0].task: got 'debuging', expected a task; did you mean 'debugging'",
        ),
        ("rules: [{task: debugging, app: '('}]", "rules[0].app: got '(', no regular expression"),
        ("rules: [{task: debugging}]", "rules[0]: got no pattern"),
        ("rules: [{app: x}]", "rules[0]: got neither a task nor ignore"),
        ("rules: [{ignore: true, app: x}]", "rules: got no rule with a task"),
        ("rules: [{task: debugging, apps: x}]", "apps"),
    ],
)
def test_rules_that_cannot_be_are_refused(rules: str, said: str) -> None:
    Path("mine.yaml").write_text(rules, encoding="utf-8")
    assert said in refusal("toggl", TOGGL, rules="mine.yaml")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"role": "boss"}, "--role: got 'boss', expected a role"),
        ({"timezone": "Berlin"}, "--timezone: got 'Berlin', expected a time zone"),
        ({"figure": "week.jpg"}, "--figure: got 'week.jpg', expected a file that ends in .png or .svg"),
        ({"date_order": "ydm"}, "--date-order: got 'ydm', expected one of ymd, mdy, dmy"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, str], said: str) -> None:
    assert said in refusal("toggl", TOGGL, **options)


SPANS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=12)


@given(SPANS)
def test_every_second_counts_once_for_what_began_last(spans: list[tuple[int, int]]) -> None:
    pieces = [Piece(start, start + length, str(i), "") for i, (start, length) in enumerate(spans)]
    found = {}
    for piece in once(pieces):
        for second in range(int(piece.start), int(piece.end)):
            assert second not in found
            found[second] = piece.task
    for second in range(71):
        here = [i for i, (start, length) in enumerate(spans) if start <= second < start + length]
        assert found.get(second) == (str(max(here, key=lambda i: (spans[i][0], i))) if here else None)


@given(SPANS, SPANS)
def test_what_is_cut_to_spans_is_in_both(spans: list[tuple[int, int]], there: list[tuple[int, int]]) -> None:
    entries = [Entry("a", start, start + length, {}) for start, length in spans]
    cut = list(within(entries, [(start, start + length) for start, length in there]))
    present_at = {second for start, length in there for second in range(start, start + length)}
    expected = sum(second in present_at for start, length in spans for second in range(start, start + length))
    assert sum(one.end - one.start for one in cut) == expected


def test_days_end_at_midnight_of_the_place() -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 24, 21, 0, tzinfo=UTC).timestamp()  # 23:00, before a day of 25 hours
    assert list(by_day(start, start + 27 * 3600, zone)) == [
        (date(2026, 10, 24), 3600), (date(2026, 10, 25), 25 * 3600), (date(2026, 10, 26), 3600)
    ]  # fmt: skip


def test_the_week_is_the_mean_over_weeks() -> None:
    found = Time()
    for day, spent in ((5, 1.0), (12, 3.0), (13, 1.0)):
        found.add("me", "debugging", date(2026, 1, day), spent * 3600.0, "")
    hours, weeks = by_weekday(found, ("debugging",))
    assert weeks == 2
    assert hours[0].tolist() == [2.0, 0.5, 0, 0, 0, 0, 0]
    words = " ".join(text.get_text() for text in week(found, ("debugging",)).texts)
    assert "the mean of 2 weeks" in words


@present(REAL)
def test_the_formats_of_the_trackers_themselves() -> None:
    def spent(format_: str, name: str, **options: str) -> dict[str, float]:
        found = autosim.import_evidence(format_, next(REAL.glob(name)), role="individual_contributor", **options)
        return minutes(found)

    assert spent("activitywatch", "SYNTHETIC_activitywatch*") == {"studying_other_work": 5, "prototype_engineering": 25}
    assert spent("toggl", "SYNTHETIC_toggl*") == {"debugging": 90, "studying_other_work": 45}
    assert spent("clockify", "SYNTHETIC_clockify*", date_order="mdy") == {"prototype_engineering": 77}
    assert spent("wakatime", "wakatime_dump*") == {"prototype_engineering": 193.38}
