"""Logs that are broken, hostile or contradictory: one clear line, little memory, nothing written."""

import contextlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import DEFLATE, ZSTD, archive, eval_log, head, imported, run, sample

from autosim.errors import AutosimError, InputError
from autosim.evidence.inspect_logs import archives
from autosim.evidence.inspect_logs.logs import read_head, read_samples


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as error:
        imported(path, **options)
    text = str(error.value)
    assert "\n" not in text
    return text


def test_a_log_cut_short_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = eval_log(tmp_path / "x.eval", [sample("a"), sample("b")]).read_bytes()
    for cut in range(0, len(whole), 37):
        (tmp_path / "cut.eval").write_bytes(whole[:cut])
        assert "cut short" in refusal(tmp_path / "cut.eval")


@pytest.mark.parametrize("compression", [ZSTD, DEFLATE])
def test_a_damaged_member_is_refused(compression: int, tmp_path: Path) -> None:
    path = archive(tmp_path / "x.eval", {"header.json": head(run()), "summaries.json": [sample("a")]}, compression)
    raw = bytearray(path.read_bytes())
    start = raw.index(b"summaries.json") + len(b"summaries.json")
    raw[start + 20 : start + 40] = b"\xff" * 20
    path.write_bytes(raw)
    assert "'summaries.json': got a damaged member" in refusal(path)


@pytest.mark.parametrize("name", ["/etc/passwd", "../up.json", "samples/../../up.json", "C:\\x.json", "c:/x.json"])
def test_names_that_lead_elsewhere_are_refused(name: str, tmp_path: Path) -> None:
    said = refusal(archive(tmp_path / "x.eval", {"header.json": head(run()), name: {}}))
    assert "a member whose name is a path elsewhere" in said
    assert sorted(item.name for item in tmp_path.iterdir()) == ["x.eval"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = [("header.json", head(run())), ("summaries.json", []), ("summaries.json", [sample("a")])]
    assert "two members of that name" in refusal(archive(tmp_path / "x.eval", twice))


@pytest.mark.parametrize("compression", [ZSTD, DEFLATE])
def test_a_bomb_is_refused_by_its_ratio(compression: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_RATIO", 100)
    bomb = b"[" + b" " * 5_000_000 + b"]"
    path = archive(tmp_path / "x.eval", {"header.json": head(run()), "summaries.json": bomb}, compression)
    assert "expected at most 100 times as many" in refusal(path)


def test_a_bomb_is_refused_by_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBER", 1_000)
    path = archive(tmp_path / "x.eval", {"header.json": head(run()), "summaries.json": b"[" + b" " * 2_000 + b"]"})
    assert "'summaries.json': got 0.002 MB, expected at most 0.001 MB" in refusal(path)


def test_a_member_that_lies_about_its_size_gives_no_more_than_it_says(tmp_path: Path) -> None:
    content = json.dumps([sample("a")]).encode() + b" " * 3_000_000
    path = archive(tmp_path / "x.eval", {"header.json": head(run()), "summaries.json": content}, DEFLATE)
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = raw.index(b"summaries.json", raw.index(signature)) - (30 if offset == 22 else 46)
        at = raw.rindex(signature, 0, at + 60)
        raw[at + offset : at + offset + 4] = struct.pack("<I", 400)
    path.write_bytes(raw)
    assert "a damaged member" in refusal(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"\xff\xfe{\x00}\x00", "got bytes that are not text, expected JSON in UTF-8"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "eval: got a list, expected a log of Inspect"),
        (b'{"eval": 3}', "eval: got 3, expected a log of Inspect"),
        (json.dumps({"eval": run(model=None)}).encode(), "eval.model: got nothing, expected text"),
        (json.dumps({"eval": run(created="yesterday")}).encode(), "eval.created: got 'yesterday', expected a time"),
        (json.dumps({"eval": run(), "samples": 3}).encode(), "samples: got 3, expected a list of samples"),
        (json.dumps({"eval": run(), "samples": [sample(None)]}).encode(), "samples, id: got nothing, expected text"),  # type: ignore[arg-type]
        (json.dumps({"eval": run(), "samples": [sample("a", 0)]}).encode(), "epoch of a: got 0, expected a whole"),
        (
            json.dumps({"eval": run(), "samples": [sample("a", value="maybe")]}).encode(),
            "got 'maybe', expected a number",
        ),
        (json.dumps({"eval": run(), "samples": [sample("a", value=[1])]}).encode(), "got a list, expected a number"),
    ],
)
def test_json_that_is_no_log_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(content)
    assert said in refusal(tmp_path / "x.json")


def test_epochs_that_disagree_are_refused(tmp_path: Path) -> None:
    path = eval_log(tmp_path / "x.eval", [sample("a"), sample("a", 2, metadata={"human_minutes": 60})])
    assert "a epoch 2: metadata.human_minutes: got 60, and 30 in another epoch or log" in refusal(path)


def test_epochs_beyond_those_announced_are_counted(tmp_path: Path) -> None:
    found = imported(eval_log(tmp_path / "x.eval", [sample("a"), sample("a", 7)]))
    assert "samples of an epoch beyond those that their log announces: 1" in found.report.notes


@pytest.mark.parametrize("minutes", [-5, 0, 1e12, "long", True])
def test_absurd_minutes_are_refused(minutes: object, tmp_path: Path) -> None:
    path = eval_log(tmp_path / "x.eval", [sample("a", metadata={"human_minutes": minutes})])
    assert "human_minutes" in refusal(path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"errors": "fail"}, "--errors: got 'fail', expected one; did you mean 'failure'?"),
        ({"threshold": "high"}, "--threshold: got 'high', expected a number"),
        ({"threshold": "nan"}, "--threshold: got 'nan', expected a number"),
        ({"release_date": "soon"}, "--release-date: got 'soon', expected a date"),
        ({"suite": "metr_hcats"}, "suite"),
        ({"samples": "nothing.csv"}, "nothing.csv: got no such file"),
        ({"settings": "nothing.yaml"}, "nothing.yaml"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    assert said in refusal(eval_log(tmp_path / "x.eval", [sample("a")]), **options)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("sample,minutes\na,3\n", "side.csv: minutes: got an unknown column"),
        ("human_minutes\n3\n", "side.csv: sample: got no such column"),
        ("sample,human_minutes\na,3\na,4\n", "side.csv: row 2: got the sample a twice"),
        ("sample,human_minutes\na,long\n", "side.csv: row 1, human_minutes: got 'long', expected a number"),
    ],
)
def test_side_tables_that_cannot_be_are_refused(
    table: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("side.csv").write_text(table, encoding="utf-8")
    assert said in refusal(eval_log(tmp_path / "x.eval", [sample("a")]), samples="side.csv")


def test_folders_without_logs_and_missing_files_are_refused(tmp_path: Path) -> None:
    assert "a folder without logs" in refusal(tmp_path)
    assert "no such file" in refusal(tmp_path / "x.eval")


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_happens_to_a_log_it_is_read_or_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.eval"
    compression = data.draw(st.sampled_from([ZSTD, DEFLATE]))
    raw = bytearray(eval_log(path, [sample("a"), sample("b", value="I")], compression=compression).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    with contextlib.suppress(AutosimError):  # anything else is a bug
        read_head(path)
        list(read_samples(path))
