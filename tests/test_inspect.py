"""Logs of Inspect become outcomes: epochs are attempts, retries count once, what is dropped is counted."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from importing import DATA, present
from logs import DEFLATE, STORED, ZSTD, archive, counts, eval_log, head, imported, json_log, run, sample

from autosim.errors import InputError
from autosim.evidence.tables import read_evidence, write_evidence
from autosim.inputs.loading import load

REAL = DATA / "inspect"


@pytest.mark.parametrize("compression", [ZSTD, DEFLATE, STORED])
def test_epochs_are_attempts(compression: int, tmp_path: Path) -> None:
    samples = [sample("a", 1, "C"), sample("a", 2, "I"), sample("b", 1, 1.0), sample("b", 2, value=True)]
    found = imported(eval_log(tmp_path / "x.eval", samples, compression=compression))
    assert counts(found) == {"kernel/a": (1, 2), "kernel/b": (2, 2)}
    row = found.evidence.outcomes.iloc[0]
    assert [row["model"], row["suite"], row["human_minutes"], row["frontier"]] == [
        "mockllm/weak",
        "metr_hcast",
        30,
        False,
    ]
    assert str(row["release_date"].date()) == "2026-11-01"
    assert [row["source"], str(row["published"].date())] == ["Inspect, kernel", "2026-11-23"]
    assert found.report.lines()[:3] == [
        f"read 4 samples of 1 log from {tmp_path / 'x.eval'}",
        "dropped nothing",
        "kept 4 attempts; models: 1, tasks: 1, instances: 2",
    ]


def test_both_formats_say_the_same(tmp_path: Path) -> None:
    samples = [sample(1, 1, "C"), sample(2, 1, 0)]
    left, right = eval_log(tmp_path / "x.eval", samples), json_log(tmp_path / "x.json", samples)
    pd.testing.assert_frame_equal(imported(left).evidence.outcomes, imported(right).evidence.outcomes)
    both = imported(left, right)
    assert counts(both) == {"kernel/1": (1, 1), "kernel/2": (0, 1)}
    assert both.report.dropped == {"samples that other logs of the same run have, too": 2}


def test_importing_twice_changes_nothing_and_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    path = eval_log(tmp_path / "x.eval", [sample("a"), sample("b", value="I")])
    once, twice = imported(path).evidence, imported(path, tmp_path, path).evidence
    pd.testing.assert_frame_equal(once.outcomes, twice.outcomes)
    write_evidence(once, tmp_path / "once.csv")
    again = read_evidence([tmp_path / "once.csv"], load("baseline").taxonomy)
    pd.testing.assert_frame_equal(again.outcomes, once.outcomes)


def test_of_a_crashed_log_the_journal_counts(tmp_path: Path) -> None:
    members = {
        "_journal/start.json": {"version": 2, "eval": run()},
        "_journal/summaries/2.json": [sample("c", value="I")],
        "_journal/summaries/1.json": [sample("a"), sample("b")],
        "samples/d_epoch_1.json": sample("d", value="I"),  # written, but not yet summarised
    }
    found = imported(archive(tmp_path / "x.eval", members))
    assert counts(found) == {"kernel/a": (1, 1), "kernel/b": (1, 1), "kernel/c": (0, 1), "kernel/d": (0, 1)}
    assert "logs of runs that did not finish, whose finished samples count: 1" in found.report.notes


def test_old_summaries_without_metadata_send_to_the_samples(tmp_path: Path) -> None:
    full = sample("a")
    short = {key: value for key, value in full.items() if key != "metadata"}
    members = {"header.json": head(run()), "summaries.json": [short], "samples/a_epoch_1.json": full}
    assert counts(imported(archive(tmp_path / "x.eval", members))) == {"kernel/a": (1, 1)}


def test_a_retry_counts_once_and_a_second_run_counts_again(tmp_path: Path) -> None:
    failed = sample("b", error="boom", scores=None, uuid="b-first")
    eval_log(tmp_path / "1.eval", [sample("a"), failed], status="error")
    later = run(created="2026-11-24T00:00:00+00:00")
    eval_log(tmp_path / "2.eval", [sample("a"), sample("b", uuid="b-second")], later)
    found = imported(tmp_path)
    assert counts(found) == {"kernel/a": (1, 1), "kernel/b": (1, 1)}
    assert found.report.dropped == {"samples that other logs of the same run have, too": 2}
    eval_log(tmp_path / "3.eval", [sample("a", value="I", uuid="new")], run(task_id="another"))
    assert counts(imported(tmp_path))["kernel/a"] == (1, 2)


def test_two_logs_that_claim_one_sample_are_refused(tmp_path: Path) -> None:
    eval_log(tmp_path / "1.eval", [sample("a", value="C")])
    eval_log(tmp_path / "2.eval", [sample("a", value="I", uuid="other")])
    with pytest.raises(
        InputError, match=r"a epoch 1: got 0, and 1 in .*1\.eval: two samples, expected one log of a run"
    ):
        imported(tmp_path)
    eval_log(tmp_path / "2.eval", [sample("a", value="I")])
    with pytest.raises(InputError, match="the same sample, scored anew"):
        imported(tmp_path)


@pytest.mark.parametrize("bad", [{"error": "boom", "scores": None}, {"value": float("nan")}])
def test_errors_are_what_the_user_says(bad: dict[str, Any], tmp_path: Path) -> None:
    path = eval_log(tmp_path / "x.eval", [sample("a"), sample("b", **bad)])
    with pytest.raises(
        InputError, match=r"b epoch 1: got a sample that ended in an error, .* expected --errors failure"
    ):
        imported(path)
    failures = imported(path, errors="failure")
    assert counts(failures) == {"kernel/a": (1, 1), "kernel/b": (0, 1)}
    assert "samples that ended in an error, counted as failures: 1" in failures.report.notes
    dropped = imported(path, errors="drop")
    assert counts(dropped) == {"kernel/a": (1, 1)}
    assert dropped.report.dropped == {"ended in an error": 1}


def test_what_is_not_scored_or_not_finished_is_dropped_and_counted(tmp_path: Path) -> None:
    samples = [sample("a"), sample("b", scores={}), sample("c", scores=None, completed=False)]
    found = imported(eval_log(tmp_path / "x.eval", samples))
    assert counts(found) == {"kernel/a": (1, 1)}
    assert found.report.dropped == {"not scored": 1, "not finished": 1}


def test_partial_scores_want_a_threshold(tmp_path: Path) -> None:
    path = eval_log(tmp_path / "x.eval", [sample("a", value="P"), sample("b", value=0.7), sample("c", value="1")])
    with pytest.raises(InputError, match=r"a epoch 1: scores: got a score of 0\.5, expected 0 or 1, or --threshold"):
        imported(path)
    assert counts(imported(path, threshold="0.6")) == {"kernel/a": (0, 1), "kernel/b": (1, 1), "kernel/c": (1, 1)}
    assert counts(imported(path, threshold="0.5"))["kernel/a"] == (1, 1)


def test_several_scorers_want_a_choice(tmp_path: Path) -> None:
    both = {"includes": {"value": "I"}, "graded": {"value": {"right": 1.0, "style": 0.0}}}
    path = eval_log(tmp_path / "x.eval", [sample("a", scores=both), sample("b", value="C")])
    with pytest.raises(InputError, match="scores: got 2: includes, graded, expected one, chosen by --scorer NAME"):
        imported(path)
    with pytest.raises(
        InputError, match=r"got a score of 2 parts: right, style, expected one, chosen by --scorer graded"
    ):
        imported(path, scorer=["graded"])
    with pytest.raises(InputError, match=r"no part 'rigth', expected a part; did you mean 'right'"):
        imported(path, scorer=["graded.rigth"])
    part = imported(path, scorer=["graded.right"])
    assert counts(part) == {"kernel/a": (1, 1)}
    assert part.report.dropped == {"not scored by graded": 1}
    assert counts(imported(path, scorer=["graded.right", "includes"])) == {"kernel/a": (1, 1), "kernel/b": (1, 1)}


def test_stages_are_kept_as_stages(tmp_path: Path) -> None:
    def event(value: float) -> dict[str, Any]:
        return {"event": "score", "intermediate": True, "score": {"value": value}}

    told = {"human_minutes": 60, "stages": [{"human_minutes": 10}, {"human_minutes": 20}]}
    final = {"event": "score", "intermediate": False, "score": {"value": 0}}
    staged = sample("a", value=0, metadata=told, events=[event(1), {"event": "model"}, event(0), final])
    path = eval_log(tmp_path / "x.eval", [staged])
    assert counts(imported(path)) == {"kernel/a": (0, 1)}
    found = imported(path, stages=True)
    assert counts(found) == {"kernel/a": (0, 1), "kernel/a/stage 1": (1, 1), "kernel/a/stage 2": (0, 1)}
    assert found.evidence.outcomes["human_minutes"].tolist() == [60, 10, 20]
    unscored = sample("a", value=0, metadata=told, events=[event(float("nan")), event(1)])
    found = imported(eval_log(tmp_path / "y.eval", [unscored]), stages=True)
    assert counts(found) == {"kernel/a": (0, 1), "kernel/a/stage 2": (1, 1)}


def test_a_side_table_says_what_samples_do_not(tmp_path: Path) -> None:
    path = eval_log(
        tmp_path / "x.eval", [sample("a", metadata={}), sample("b", metadata={"severity": {"novelty": 0.2}})]
    )
    with pytest.raises(InputError, match="no human_minutes of 2 samples, such as a of kernel"):
        imported(path)
    side = tmp_path / "side.csv"
    side.write_text(
        "sample,task,human_minutes,suite,severity.novelty\na,kernel,5,re_bench,0.9\nb,,7,,\n", encoding="utf-8"
    )
    table = imported(path, samples=str(side)).evidence.outcomes.set_index("instance")
    assert table["human_minutes"].to_dict() == {"kernel/a": 5, "kernel/b": 7}
    assert table["suite"].to_dict() == {"kernel/a": "re_bench", "kernel/b": "metr_hcast"}
    assert table["severity.novelty"].to_dict() == {"kernel/a": 0.9, "kernel/b": 0.2}


def test_models_and_suites_come_from_settings(tmp_path: Path) -> None:
    path = eval_log(tmp_path / "x.eval", [sample("a")], run("swe_bench", model="openai/gpt-4o"))
    row = imported(path, release_date=None, suite=None).evidence.outcomes.iloc[0]
    assert [row["model"], row["suite"], row["frontier"]] == ["GPT-4o", "swe_bench_verified", True]
    dated = run("swe_bench", model="openai/gpt-4o-2024-05-13", task_id="later", created="2026-11-25T00:00:00+00:00")
    again = eval_log(tmp_path / "z.eval", [sample("a", value="I")], dated)
    both = imported(path, again, release_date=None, suite=None)
    assert counts(both) == {"swe_bench/a": (1, 2)}
    assert str(both.evidence.outcomes["published"].iloc[0].date()) == "2026-11-25"
    unknown = eval_log(tmp_path / "y.eval", [sample("a")], run(model="openai/gpt-4p"))
    with pytest.raises(InputError, match=r"y\.eval: eval\.model: got 'openai/gpt-4p', .* did you mean 'openai/gpt-4o'"):
        imported(unknown, release_date=None)
    found = imported(unknown, frontier=True)
    assert found.evidence.outcomes["frontier"].tolist() == [True]
    assert "taken as released on 2026-11-01 and at the frontier: openai/gpt-4p" in found.report.notes


def test_runs_with_other_arguments_are_named(tmp_path: Path) -> None:
    eval_log(tmp_path / "1.eval", [sample("a")])
    eval_log(tmp_path / "2.eval", [sample("a", uuid="x")], run(task_id="other", task_args={"hard": True}))
    expected = "kernel was run with 2 sets of arguments or versions, which count as one task"
    assert expected in imported(tmp_path).report.notes


def test_memory_does_not_grow_with_logs(tmp_path: Path) -> None:
    script = (
        "import sys, resource, autosim\n"
        "found = autosim.import_evidence('inspect', sys.argv[1], suite='metr_hcast', release_date='2026-11-01')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, int(found.evidence.outcomes['attempts'].sum()))\n"
    )
    peaks = []
    for count in (20, 400):
        folder = tmp_path / str(count)
        folder.mkdir()
        for i in range(count):
            filler = "x" * 50_000
            samples = [sample(name, input=filler + str(i)) for name in "abcd"]
            eval_log(folder / f"{i}.eval", samples, run(task_id=str(i)))
        said = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True)
        peak, attempts = map(int, said.stdout.split())
        assert attempts == 4 * count
        peaks.append(peak)
    assert peaks[1] < peaks[0] + 20_000, "more than 20 MB for 380 logs of 200 kB more"


@present(REAL)
def test_real_logs() -> None:
    kernel = imported(REAL, scorer=["includes"])
    assert {name: both for name, both in counts(kernel).items() if name.endswith("-3")} == {
        "implement_kernel/kernel-3": (0, 6)
    }
    assert sum(tries for _, tries in counts(kernel).values()) == 24
    partial = imported(REAL, scorer=["partial_credit"], threshold="0.9")
    assert counts(partial)["debug_training/debug-0"] == (2, 4)
    assert counts(imported(REAL, scorer=["dict_scorer.correctness"])) == {
        "literature_review/lit-0": (1, 2),
        "literature_review/lit-1": (0, 2),
        "literature_review/lit-2": (1, 2),
    }
    with pytest.raises(InputError, match="got no attempt to keep out of 0 samples"):
        imported(REAL / "log_with_nan.txt")


MAKING = """
import sys
from inspect_ai import Task, eval, task
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import includes

@task
def made_here():
    samples = [Sample("Say it", target="alpha", id=f"s{i}", metadata={"human_minutes": 10 * (i + 1)}) for i in range(3)]
    return Task(dataset=samples, scorer=includes(), epochs=2)

for i, suffix in enumerate(("eval", "json")):
    said = [ModelOutput.from_content("mockllm/model", text) for text in ("alpha", "beta", "alpha", "no", "no", "alpha")]
    for one in said:
        one.usage = ModelUsage()  # which it would fetch a tokenizer to count
    eval(made_here(), model=get_model("mockllm/model", custom_outputs=said), log_dir=sys.argv[1], log_format=suffix,
         display="none", max_connections=1, max_samples=1)
"""


@pytest.mark.skipif(not find_spec("inspect_ai"), reason="Inspect itself is not installed: dependency group 'inspect'")
def test_what_a_real_inspect_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", MAKING, str(tmp_path)], check=True, capture_output=True, timeout=300)
    assert {path.suffix for path in tmp_path.iterdir()} >= {".eval", ".json"}
    found = imported(tmp_path)
    assert set(counts(found)) == {"made_here/s0", "made_here/s1", "made_here/s2"}
    assert sum(right for right, _ in counts(found).values()) == 6
    assert {tries for _, tries in counts(found).values()} == {4}
    assert found.evidence.outcomes["human_minutes"].tolist() == [10, 20, 30]
