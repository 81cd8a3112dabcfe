"""Outside records become evidence: published figures come out, what is dropped is counted, the rest is refused."""

import contextlib
import itertools
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from test_cli import Caller

import autosim
from autosim.errors import InputError
from autosim.evidence.importing import Imported, known_formats
from autosim.evidence.tables import read_evidence, write_evidence
from autosim.inputs.scenario import Taxonomy

DATA = Path(__file__).parents[2] / "shared" / "data"
RUNS, RUNS_2026 = DATA / "metr" / "runs_2025-01-28.jsonl", DATA / "metr" / "runs_schema_2026_example.jsonl"
LABELS, RESULTS = DATA / "metr" / "messiness_by_task.csv", DATA / "metr" / "task_results_th11.csv"
RCT = DATA / "metr_rct" / "data_complete.csv"


def present(path: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not path.exists(), reason=f"third-party data: {path.name} is not here")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def called(capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(capsys)


OLD: dict[str, Any] = {
    "run_id": "mp4_1",
    "task_id": "debug/one",
    "task_family": "debug",
    "alias": "o1",
    "score": 1.0,
    "score_binarized": 1,
    "time_limit": 36000,
    "human_minutes": 45.0,
    "invsqrt_task_weight": 0.5,
}
NEW: dict[str, Any] = {
    "run_id": "warehouse_1",
    "task_id": "swaa/one",
    "task_family": "swaa",
    "alias": "GPT-4o (Inspect)",
    "score_cont": 1.0,
    "score_binarized": 0,
    "task_source": "SWAA",
    "time_limit": None,
    "human_minutes": 0.1,
    "invsqrt_task_weight": 0.25,
}


def jsonl(*runs: dict[str, Any], name: str = "runs.jsonl") -> str:
    numbered = ({"run_id": f"r{i}"} | run for i, run in enumerate(runs))
    Path(name).write_text("\n".join(json.dumps(run) for run in numbered) + "\n")
    return name


def without(run: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in run.items() if name not in names}


def metr(*paths: str | Path, **options: Any) -> Imported:
    return autosim.import_evidence("metr", *paths, **({"published": "2026-02-01"} | options))


def refusal(format: str, *paths: str | Path, **options: Any) -> str:  # noqa: A002 - as in the function called
    with pytest.raises(InputError) as caught:
        autosim.import_evidence(format, *paths, **options)
    message = str(caught.value)
    assert message.isprintable()
    assert re.fullmatch(r"\S.*: got \S.*, expected \S.*", message)
    return message


def test_both_schemas_become_outcomes() -> None:
    old, new = without(OLD, "run_id"), without(NEW, "run_id")
    runs = [old, old | {"score_binarized": 0}, new, old | {"task_id": "ai_rd_x/main", "task_family": "ai_rd_x"}]
    imported = metr(jsonl(*runs))
    columns = ["model", "release_date", "frontier", "suite", "instance", "human_minutes", "successes", "attempts"]
    rows = imported.evidence.outcomes[columns].astype({"release_date": "str"}).to_numpy().tolist()
    assert rows == [
        ["GPT-4o", "2024-05-13", True, "swaa", "swaa/one", 0.1, 0, 1],
        ["o1", "2024-12-05", True, "metr_hcast", "debug/one", 45.0, 1, 2],
        ["o1", "2024-12-05", True, "re_bench", "ai_rd_x/main", 45.0, 1, 1],
    ]
    assert imported.evidence.outcomes["source"].unique().tolist() == ["METR, runs.jsonl"]
    assert "never succeeded: GPT-4o" in imported.report.lines()


def test_weights_keep_their_proportions_and_weigh_an_attempt_1_on_average() -> None:
    old = without(OLD, "run_id")
    runs = [old | {"invsqrt_task_weight": 0.1}] * 2 + [old | {"task_id": "b", "invsqrt_task_weight": 0.4}]
    outcomes = metr(jsonl(*runs)).evidence.outcomes.set_index("instance")
    assert outcomes["weight"]["b"] / outcomes["weight"]["debug/one"] == pytest.approx(4)
    assert (outcomes["weight"] * outcomes["attempts"]).sum() == pytest.approx(3)
    bare = metr(jsonl(*(without(run, "invsqrt_task_weight") for run in runs))).evidence.outcomes
    assert bare["weight"].tolist() == [1.0, 1.0]


def test_what_is_dropped_is_counted() -> None:
    human, short = OLD | {"alias": "human", "run_id": "h"}, OLD | {"time_limit": 1800, "run_id": "s"}
    unlimited = OLD | {"time_limit": None, "run_id": "u"}
    imported = metr(jsonl(OLD, OLD, human, short, unlimited), min_time_limit="480")
    assert imported.report.lines()[:5] == [
        "read 5 runs from runs.jsonl",
        "dropped 1: a run_id that came before",
        "dropped 1: runs by people",
        "dropped 1: a time limit under 480 min",
        "kept 2 runs; models: 1, tasks: 1",
    ]
    assert imported.evidence.outcomes["attempts"].tolist() == [2]
    everything = metr("runs.jsonl")
    assert everything.evidence.outcomes["attempts"].tolist() == [3]
    assert any("1 of them were stopped" in line for line in everything.report.lines())


def test_importing_a_file_twice_changes_nothing() -> None:
    path = jsonl(OLD, OLD | {"run_id": "x", "score_binarized": 0}, NEW)
    one, two = metr(path, source="METR"), metr(path, path, source="METR")
    pd.testing.assert_frame_equal(one.evidence.outcomes, two.evidence.outcomes)
    assert two.report.dropped["a run_id that came before"] == 3


def test_labels_become_severities_by_the_mapping() -> None:
    Path("mine.yaml").write_text(
        "models: {o1: {release_date: 2024-12-05, frontier: true}}\n"
        "suites: {HCAST: metr_hcast}\n"
        "severity: {novelty: {start: 0.5, labels: {novel_situation: 1, dull: -0.25}}}\n"
    )
    Path("labels.csv").write_text("task_id,novel_situation,dull\ndebug/one,0.2,0.4\nb,1,0\nunused,0,0\n")
    runs = [OLD | {"task_id": task, "run_id": task} for task in ("debug/one", "b", "c")]
    imported = metr(jsonl(*runs), settings="mine.yaml", labels="labels.csv")
    outcomes = imported.evidence.outcomes.set_index("instance")
    assert outcomes["severity.novelty"].loc[["debug/one", "b"]].tolist() == [0.6, 1.0]
    assert np.isnan(outcomes["severity.novelty"]["c"])
    assert outcomes["severity.reliability"].isna().all()
    assert "severities from realism labels for 2 of 3 tasks" in imported.report.lines()


BAD_RUNS: dict[str, tuple[str, str, str, str]] = {
    "not JSON": ("{", "line 2", "'{'", "JSON"),
    "a list": ("[1]", "line 2", "a list", "an object of JSON"),
    "deep nesting": ("[" * 100_000, "line 2", "'[[[", "JSON"),
    "no alias": (json.dumps(without(OLD, "alias")), "line 2, alias", "nothing", "text"),
    "an unknown model": (json.dumps(OLD | {"alias": "o1-preveiw"}), "line 2, alias", "'o1-preveiw'", "'o1-preview'?"),
    "an unknown source": (json.dumps(OLD | {"task_source": "HCST"}), "line 2, task_source", "'HCST'", "'HCAST'?"),
    "a partial score": (json.dumps(OLD | {"score_binarized": 0.5}), "line 2, score_binarized", "0.5", "0 or 1"),
    "no score": (json.dumps(without(OLD, "score_binarized")), "line 2, score_binarized", "nothing", "a number"),
    "minutes as text": (json.dumps(OLD | {"human_minutes": "45"}), "line 2, human_minutes", "'45'", "a number"),
    "NaN": (json.dumps(OLD | {"human_minutes": float("nan")}), "line 2, human_minutes", ".nan", "a finite number"),
    "a task that is a number": (json.dumps(OLD | {"task_id": 3}), "line 2, task_id", "3", "text"),
    "a weight of text": (
        json.dumps(OLD | {"invsqrt_task_weight": "1"}),
        "line 2, invsqrt_task_weight",
        "'1'",
        "a number",
    ),
    "a line without end": ("x" * 1_000_001, "line 2", "more than 1,000,000 bytes", "one run a line"),
}


@pytest.mark.parametrize(("line", "key", "got", "expected"), BAD_RUNS.values(), ids=BAD_RUNS)
def test_a_bad_run_is_refused_by_its_line(line: str, key: str, got: str, expected: str) -> None:
    Path("runs.jsonl").write_text(f"{json.dumps(OLD)}\n{line}\n")
    message = refusal("metr", "runs.jsonl", published="2026-02-01")
    assert message.startswith(f"runs.jsonl: {key}: got {got}")
    assert expected in message.partition(", expected ")[2]


def test_runs_of_two_releases_are_refused() -> None:
    message = refusal("metr", jsonl(OLD, OLD | {"human_minutes": 50, "run_id": "x"}), published="2026-02-01")
    assert message.startswith("human_minutes: got both 45 and 50 for debug/one, expected one length per task")


@pytest.mark.parametrize(("minutes", "what"), [(0, "human_minutes: got 0"), (-3, "human_minutes: got -3")])
def test_impossible_minutes_are_refused(minutes: float, what: str) -> None:
    assert what in refusal("metr", jsonl(OLD | {"human_minutes": minutes}), published="2026-02-01")


@pytest.mark.parametrize(
    ("runs", "options", "said"),
    [
        ([OLD | {"alias": "human"}], {}, "no run to keep out of 1"),
        ([OLD], {"published": "1/2/2026"}, "--published: got '1/2/2026'"),
        ([OLD], {"published": None}, "--published: got nothing"),
        ([OLD], {"min_time_limit": "-5"}, "--min-time-limit: got '-5'"),
        ([OLD], {"labels": "none.csv"}, "none.csv: got no such file"),
        ([OLD], {"labels": "runs.jsonl"}, "runs.jsonl: got '.jsonl'"),
        ([OLD], {"settings": "none.yaml"}, "none.yaml: got no such file"),
        ([OLD], {"setings": "x"}, "setings: got an unknown option, expected an option; did you mean 'settings'?"),
    ],
)
def test_bad_options_are_refused(runs: Sequence[dict[str, Any]], options: dict[str, Any], said: str) -> None:
    assert said in refusal("metr", jsonl(*runs), **({"published": "2026-02-01"} | options))


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ("task,novel_situation\na,1\n", "task_id: got no such column"),
        ("task_id,dull\na,1\n", "novel_situation: got no such column"),
        ("task_id,novel_situation\na,1\na,0\n", "task_id: got a twice"),
        ("task_id,novel_situation\na,1\nb,1.5\n", "row 2, novel_situation: got '1.5'"),
        ("task_id,novel_situation\na,\n", "row 1, novel_situation: got ''"),
    ],
)
def test_bad_labels_are_refused(labels: str, said: str) -> None:
    Path("mine.yaml").write_text(
        "models: {o1: {release_date: 2024-12-05, frontier: true}}\nsuites: {HCAST: metr_hcast}\n"
        "severity: {novelty: {start: 0, labels: {novel_situation: 1}}}\n"
    )
    Path("labels.csv").write_text(labels)
    told = refusal("metr", jsonl(OLD), published="2026-02-01", settings="mine.yaml", labels="labels.csv")
    assert told.startswith(f"labels.csv: {said}")


@settings(deadline=None, max_examples=100)
@given(noise=st.binary(max_size=200))
def test_no_bytes_break_the_reader_of_runs(noise: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("noise") / "runs.jsonl"
    path.write_bytes(json.dumps(OLD).encode() + b"\n" + noise)
    mine = path.with_name("mine.yaml")
    mine.write_text("models: {o1: {release_date: 2024-12-05, frontier: true}}\nsuites: {HCAST: suite}\nseverity: {}\n")
    names = Taxonomy(("novelty",), ("researcher",), ("debugging",), ("work",), ("suite",), "suite", {})
    options = dict.fromkeys(("source", "min_time_limit", "labels")) | {"published": "2026-02-01", "settings": str(mine)}
    with contextlib.suppress(InputError):  # any other error fails
        known_formats()["metr"].read([path], names, **options)


def metr_p50(outcomes: pd.DataFrame) -> float:
    """METR's own estimator: weighted logistic regression on log2 minutes with an L2 penalty of 1e-5."""
    x, n = np.log2(outcomes["human_minutes"].to_numpy()), outcomes["attempts"].to_numpy()
    weight = outcomes["weight"].to_numpy() / (outcomes["weight"] * n).sum()
    successes = outcomes["successes"].to_numpy()

    def loss(beta: NDArray[np.float64]) -> float:
        p = np.clip(expit(beta[0] + beta[1] * x), 1e-12, 1 - 1e-12)
        fit = weight * (successes * np.log(p) + (n - successes) * np.log1p(-p))
        return float(0.5e-5 * beta[1] ** 2 - fit.sum())

    beta = minimize(loss, np.array([1.0, -0.5]), method="BFGS", options={"gtol": 1e-10}).x
    return float(2 ** (-beta[0] / beta[1]))


@present(RUNS)
def test_metrs_estimator_finds_metrs_horizons_in_our_table() -> None:
    began = time.perf_counter()
    imported = metr(RUNS, published="2025-03-19", labels=str(LABELS))
    assert time.perf_counter() - began < 2
    outcomes = imported.evidence.outcomes
    published = {"GPT-4 0314": 4.4, "GPT-4o": 7.8, "Claude 3.5 Sonnet (Old)": 23.3, "o1-preview": 38.2, "o1": 43.3}
    found = {model: metr_p50(outcomes[outcomes["model"] == model]) for model in published}
    assert found == pytest.approx(published, abs=0.051)
    lines = imported.report.lines()
    assert lines[0].startswith("read 7,063 runs")
    assert {"dropped 211: runs by people", "never succeeded: davinci-002"} < set(lines)
    assert "severities from realism labels for 83 of 83 tasks" in lines
    assert int(outcomes["attempts"].sum()) == 6852
    assert set(outcomes["suite"]) == {"metr_hcast", "re_bench"}


@present(RUNS)
def test_the_time_limit_leaves_out_the_short_runs_of_re_bench() -> None:
    imported = metr(RUNS, published="2025-03-19", min_time_limit="480")
    assert imported.report.dropped["a time limit under 480 min"] == 1716
    kept = imported.evidence.outcomes
    assert int(kept["attempts"].sum()) == 6852 - 1716
    by_model = (kept["weight"] * kept["attempts"]).groupby(kept["model"]).sum()
    assert by_model.to_numpy() == pytest.approx(kept["attempts"].groupby(kept["model"]).sum().to_numpy())


@present(LABELS)
def test_labels_leave_the_mean_severity_of_the_suite_where_it_was() -> None:
    tasks = pd.read_csv(LABELS)["task_id"]
    runs = [OLD | {"task_id": task, "run_id": task} for task in tasks]
    outcomes = metr(jsonl(*runs), labels=str(LABELS)).evidence.outcomes
    means = outcomes.filter(like="severity.").mean().round(2).to_dict()
    suite = {"reliability": 0.5, "open_ended_planning": 0.2, "long_context_reasoning": 0.5, "deep_reasoning": 0.2}
    assert means == pytest.approx({f"severity.{k}": v for k, v in (suite | {"novelty": 0.2}).items()}, abs=0.015)


@present(RUNS_2026)
def test_the_later_schema_of_metr_is_read() -> None:
    outcomes = metr(RUNS_2026).evidence.outcomes
    assert outcomes["model"].unique().tolist() == ["Claude 3 Opus"]
    assert outcomes["suite"].tolist() == ["metr_hcast", "metr_hcast", "re_bench"]


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
        ("columns: {model: {from: hours, unit: hous}}\n", {}, "map.yaml: columns.model.unit: got 'hous'"),
        ("columns: {model: {form: agent}}\n", {}, "map.yaml: columns.model.form: got the unknown key 'form'"),
        ("columns: {weight: {from: junk, unit: hours}}\n", {}, "theirs.csv: row 1, junk: got 'x', expected a number"),
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
    assert list(known_formats()) == ["csv", "metr", "trial"]
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
