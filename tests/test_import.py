"""Trials and tables become evidence: published figures come out, what is dropped is counted, the rest is refused."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from importing import NEW, OLD, RCT, RESULTS, jsonl, metr, present, refusal
from test_cli import Caller

import autosim
from autosim.errors import InputError
from autosim.evidence.importing import Imported, known_formats
from autosim.evidence.tables import read_evidence, write_evidence


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def called(capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(capsys)


TRIAL: dict[str, Any] = {
    "trial": "ours",
    "population": "20 people",
    "date": "2026-03-01",
    "share": ["debugging=0.4", "formal_writing=0.6"],
    "source": "our trial",
    "published": "2026-04-01",
}


def trial(path: str | Path, **options: Any) -> Imported:
    return autosim.import_evidence("trial", path, **(TRIAL | options))


def items(ratio: float = 0.8, level: float = 1.0) -> pd.DataFrame:
    """Items on which AI changes time by an exact ratio; the second developer is ``level`` times as slow."""
    rows = [
        (person, treated, 60.0 * size * ratio**treated * level**person, 10.0 * size, 5.0 * size)
        for person, treated, size in itertools.product((0, 1), (0, 1), (1.0, 2.0, 4.0))
    ]
    names = [
        "dev_id",
        "ai_treatment",
        "initial_implementation_time",
        "predicted_time_no_ai",
        "predicted_time_ai_allowed",
    ]
    return pd.DataFrame(rows, columns=names)


def test_a_known_ratio_comes_out() -> None:
    items().to_csv("items.csv", index=False)
    row = trial("items.csv").evidence.trials.iloc[0]
    assert row["time_ratio"] == pytest.approx(0.8)
    assert row["standard_error"] < 1e-9
    assert row["believed_ratio"] == pytest.approx(0.5)
    assert (row["share.debugging"], row["share.formal_writing"]) == (0.4, 0.6)


def test_developers_who_differ_only_blur_the_ratio_unless_they_have_levels() -> None:
    items(level=9.0).to_csv("items.csv", index=False)
    plain, levels = (trial("items.csv", developer_effects=way) for way in (False, True))
    assert levels.evidence.trials["time_ratio"][0] == pytest.approx(0.8)
    assert levels.evidence.trials["standard_error"][0] < 1e-6 < plain.evidence.trials["standard_error"][0]
    assert "estimate, with developer effects: -20.0 % time [-20.0, -20.0]" in levels.report.lines()


@present(RCT)
def test_metrs_trial_gives_the_published_effect() -> None:
    imported = trial(RCT, published="2025-07-10", date="2025-04-15")
    row = imported.evidence.trials.iloc[0]
    ends = 100 * np.expm1(np.log(row["time_ratio"]) + 1.959964 * row["standard_error"] * np.array([0, -1, 1]))
    assert ends.round(1).tolist() == [18.8, 1.3, 39.5]
    assert row["believed_ratio"] == pytest.approx(0.76, abs=0.015)
    assert "estimate, without developer effects: +18.8 % time [1.3, 39.5]" in imported.report.lines()
    assert "16 missing review times taken as the mean of their arm" in imported.report.lines()


def test_columns_of_other_names_and_without_forecasts_are_read() -> None:
    table = items().rename(columns={"dev_id": "who", "ai_treatment": "ai"})
    table.drop(columns=["predicted_time_no_ai", "predicted_time_ai_allowed"]).to_csv("items.csv", index=False)
    imported = trial("items.csv", map=["dev_id=who", "ai_treatment=ai"])
    assert imported.evidence.trials["time_ratio"][0] == pytest.approx(0.8)
    assert np.isnan(imported.evidence.trials["believed_ratio"][0])
    assert "no forecasts, so no believed ratio" in imported.report.lines()


def test_an_item_that_comes_twice_is_refused() -> None:
    table = items().assign(issue_id=range(12))
    table.to_csv("items.csv", index=False)
    assert trial("items.csv").report.lines()[0] == "read 12 items from items.csv"
    pd.concat([table, table.iloc[[3]]]).to_csv("items.csv", index=False)
    with pytest.raises(InputError, match=r"items\.csv: row 13, issue_id: got '3', expected each item once"):
        trial("items.csv")


def test_items_without_a_time_are_counted() -> None:
    table = items(level=2.0)
    table.loc[2, "initial_implementation_time"] = None
    table.to_csv("items.csv", index=False)
    assert trial("items.csv").report.lines()[:2] == [
        "read 12 items from items.csv",
        "dropped 1: items without a time or a forecast",
    ]


BAD_ITEMS: dict[str, tuple[str, object, str]] = {
    "inverted words": ("ai_treatment", "yes", "items.csv: row 1, ai_treatment: got 'yes'"),
    "a third arm": ("ai_treatment", 2, "items.csv: row 1, ai_treatment: got 2"),
    "no arm": ("ai_treatment", "", "items.csv: row 1, ai_treatment: got nothing"),
    "no time": ("initial_implementation_time", 0, "items.csv: row 1, initial_implementation_time: got 0"),
    "negative time": ("initial_implementation_time", -3, "items.csv: row 1, initial_implementation_time: got -3"),
    "a forecast of nothing": ("predicted_time_no_ai", 0, "items.csv: row 1, predicted_time_no_ai: got 0"),
    "infinite time": ("initial_implementation_time", "inf", "items.csv: row 1, initial_implementation_time: got 'inf'"),
}


@pytest.mark.parametrize(("column", "value", "said"), BAD_ITEMS.values(), ids=BAD_ITEMS)
def test_bad_items_are_refused(column: str, value: object, said: str) -> None:
    table = items().astype(object)
    table[column] = [value, *table[column][1:]]
    table.to_csv("items.csv", index=False)
    assert refusal("trial", "items.csv", **TRIAL).startswith(said)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"share": ["debuging=1"]},
            "--share: got 'debuging', expected a task of the scenario; did you mean 'debugging'?",
        ),
        ({"share": ["debugging"]}, "--share: got 'debugging', expected TASK=NUMBER"),
        ({"share": ["debugging=half"]}, "--share: got 'half'"),
        ({"share": ["debugging=0.5"]}, "items.csv: row 1, share.*: got a sum of 0.5"),
        ({"share": ["debugging=0.5", "debugging=0.5"]}, "--share: debugging: got a second value"),
        ({"share": []}, "trial: --share: got nothing"),
        ({"date": "2026"}, "--date: got '2026'"),
        ({"date": "2026-05-01"}, "items.csv: row 1, date: got 2026-05-01"),
        ({"map": ["who=dev_id"]}, "--map: got 'who'"),
        ({"map": ["dev_id=who"]}, "--map: dev_id: got 'who'"),
    ],
)
def test_bad_words_about_a_trial_are_refused(options: dict[str, Any], said: str) -> None:
    items(level=2.0).to_csv("items.csv", index=False)
    assert refusal("trial", "items.csv", **(TRIAL | options)).startswith(said)


def test_a_trial_needs_both_arms_and_more_items_than_coefficients() -> None:
    for table in (items().query("ai_treatment == 1"), items().head(2), items().head(0)):
        table.to_csv("items.csv", index=False)
        assert "items for 3 coefficients" in refusal("trial", "items.csv", **TRIAL)
    items().drop(columns="dev_id").to_csv("items.csv", index=False)
    assert refusal("trial", "items.csv", **TRIAL).startswith("items.csv: dev_id: got no such column")
    assert refusal("trial", "items.csv", "items.csv", **TRIAL).startswith("trial: PATH: got 2 files")


THEIRS = """\
agent,task,hours,won,tried,when,junk
o3,a/b,8,1,6,2025-04-16,x
o1,a/b,8,0,6,2024-12-05,y
"""
MAP = ["model=agent", "instance=task", "human_minutes=hours", "successes=won", "attempts=tried", "release_date=when"]
VALUE = ["suite=re_bench", "frontier=true", "source=ours", "published=2026-01-01"]


def test_any_table_becomes_evidence() -> None:
    Path("theirs.csv").write_text(THEIRS)
    imported = autosim.import_evidence("csv", "theirs.csv", map=MAP, value=VALUE)
    assert imported.evidence.outcomes["human_minutes"].tolist() == [8.0, 8.0]
    assert imported.report.lines() == [
        "read 2 rows from theirs.csv",
        "dropped nothing",
        "recognised as outcomes",
        "columns left out: junk",
    ]
    Path("map.yaml").write_text("columns: {human_minutes: {from: hours, unit: hours}}\n")
    mapped = [pair for pair in MAP if "hours" not in pair]
    converted = autosim.import_evidence("csv", "theirs.csv", map=mapped, value=VALUE, mapping="map.yaml")
    assert converted.evidence.outcomes["human_minutes"].tolist() == [480.0, 480.0]


def test_importing_an_export_is_the_identity() -> None:
    first = metr(jsonl(OLD, NEW)).evidence
    for suffix in ("csv", "parquet"):
        write_evidence(first, Path(f"out.{suffix}"))
        again = autosim.import_evidence("csv", f"out.{suffix}").evidence
        pd.testing.assert_frame_equal(first.outcomes, again.outcomes, check_exact=True)


@pytest.mark.parametrize(
    ("mapping", "options", "said"),
    [
        ("", {"map": ["modle=agent"]}, "--map: got 'modle', expected a column of evidence; did you mean 'model'?"),
        (
            "",
            {"map": ["model=agnt"]},
            "theirs.csv: model: got no column 'agnt', expected a column of the file; did you",
        ),
        ("", {"map": ["model"]}, "--map: got 'model', expected COLUMN=SOURCE"),
        ("", {"map": []}, "theirs.csv: header: got the columns task, suite, frontier, source, published"),
        ("column: {}\n", {}, "map.yaml: column: got the unknown key 'column'"),
        ("columns: {model: 3}\n", {}, "map.yaml: columns.model: got 3"),
        ("columns: {model: {}}\n", {}, "map.yaml: columns.model: got neither from nor value"),
        ("columns: {model: {from: agent, value: x}}\n", {}, "map.yaml: columns.model: got both from and value"),
        ("columns: {model: {value: x, unit: hours}}\n", {}, "map.yaml: columns.model: got a unit or replacements"),
        (
            "columns: {model: {from: hours, unit: hous}}\n",
            {"map": MAP[1:]},
            "--mapping: columns.model.unit: got 'hous', expected a unit of",
        ),
        ("columns: {model: {form: agent}}\n", {}, "map.yaml: columns.model.form: got the unknown key 'form'"),
        (
            "columns: {human_minutes: {from: hours, unit: percent}}\n",
            {"map": MAP[:2] + MAP[3:]},
            "--mapping: columns.human_minutes.unit: got 'perc",
        ),
        ("columns: {weight: {from: junk, unit: percent}}\n", {}, "theirs.csv: row 1, junk: got 'x', expected a number"),
        ("columns: {weight: {from: junk, replace: {x: 1}}}\n", {}, "theirs.csv: row 2, junk: got 'y'"),
        ("columns: {weight: junk}\n", {}, "theirs.csv: row 1, weight: got 'x', expected a number"),
        ("columns: {attempts: {value: 0}}\n", {"map": MAP[:4] + MAP[5:]}, "theirs.csv: row 1, attempts: got 0"),
    ],
)
def test_a_bad_mapping_is_refused(mapping: str, options: dict[str, Any], said: str) -> None:
    Path("theirs.csv").write_text(THEIRS)
    if mapping:
        Path("map.yaml").write_text(mapping)
        options = {"mapping": "map.yaml"} | options
    assert refusal("csv", "theirs.csv", **({"map": MAP, "value": VALUE} | options)).startswith(said)


@present(RESULTS)
def test_metrs_task_results_are_read_by_a_mapping() -> None:
    Path("map.yaml").write_text(
        "columns:\n  model: agent\n  instance: task_id\n  successes: n_successes\n  attempts: n_runs\n"
        "  suite: {from: task_source, replace: {HCAST: metr_hcast, RE-Bench: re_bench, SWAA: swaa}}\n"
        "  frontier: {value: true}\n  source: {value: METR}\n  published: {value: 2026-01-29}\n"
    )
    outcomes = autosim.import_evidence("csv", RESULTS, mapping="map.yaml").evidence.outcomes
    assert (len(outcomes), sorted(set(outcomes["suite"]))) == (1351, ["metr_hcast", "re_bench", "swaa"])


def test_every_format_has_a_name_help_and_explained_options() -> None:
    trackers = {"activitywatch", "clockify", "toggl", "wakatime"}
    assert set(known_formats()) == {"csv", "inspect", "metr", "trial", *trackers}
    for entry in known_formats().values():
        assert entry.help.endswith(".")
        assert all(option.help.endswith(".") for option in entry.options)


def test_the_command_writes_the_table_and_reports(called: Caller) -> None:
    jsonl(OLD, OLD | {"alias": "human", "run_id": "h"})
    result = called("import", "metr", "runs.jsonl", "--published", "2026-02-01", "-o", "new/runs.csv")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        "read 2 runs from runs.jsonl",
        "dropped 1: runs by people",
        "kept 1 runs; models: 1, tasks: 1",
        "no realism labels: every task keeps its suite's severities (--labels FILE)",
        "wrote new/runs.csv; rows: 1 of outcomes",
    ]
    table = read_evidence([Path("new/runs.csv")], autosim.load("baseline").taxonomy).outcomes
    pd.testing.assert_frame_equal(table, metr("runs.jsonl").evidence.outcomes)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["import", "inspct", "x", "-o", "y.csv"], 2, "inspct"),
        (["import", "metr", "runs.jsonl", "-o", "y.csv"], 2, "--published"),
        (["import", "metr", "runs.jsonl", "--published", "2026-02-01"], 2, "-o"),
        (["import", "metr", "--published", "2026-02-01", "-o", "y.csv"], 2, "PATH"),
        (
            ["import", "metr", "none.jsonl", "--published", "2026-02-01", "-o", "y.csv"],
            1,
            "none.jsonl: got no such file",
        ),
        (["import", "metr", "runs.jsonl", "--published", "soon", "-o", "y.csv"], 1, "--published: got 'soon'"),
        (["import", "metr", "none.jsonl", "--published", "2026-02-01", "-o", "y.txt"], 1, "-o: got 'y.txt'"),
        (
            ["import", "metr", "runs.jsonl", "--published", "2026-02-01", "-o", "y.csv", "--scenario", "basline"],
            1,
            "SCEN",
        ),
    ],
)
def test_a_wrong_call_is_one_line_and_writes_nothing(called: Caller, words: list[str], code: int, said: str) -> None:
    jsonl(OLD)
    result = called(*words)
    assert (result.code, result.out, result.err.count("\n")) == (code, "", 1)
    assert said in result.err
    assert [path.name for path in Path().iterdir()] == ["runs.jsonl"]
