"""METR's runs become evidence: its horizons come out, what is dropped is counted, the rest is refused."""

import contextlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importing import LABELS, NEW, OLD, RUNS, RUNS_2026, jsonl, metr, present, refusal, without
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from test_cli import Caller

from autosim.errors import InputError
from autosim.evidence.importing import known_formats
from autosim.inputs.scenario import Taxonomy


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def called(capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(capsys)


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
