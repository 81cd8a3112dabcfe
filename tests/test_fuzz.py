"""The fuzz script runs; what it looks for is in `reading` and `packed`."""

import subprocess
import sys
from pathlib import Path

import pytest
from packed import Logs

SCRIPT = Path(__file__).parents[1] / "scripts" / "fuzz.py"


@pytest.mark.parametrize("what", ["scenarios", "logs"])
def test_a_short_search_finds_nothing(tmp_path: Path, what: str) -> None:
    pytest.importorskip("atheris", reason="Atheris has no wheels for this machine")
    words = [sys.executable, str(SCRIPT), "--what", what, "--runs", "30", "--found", "found", "--corpus", "corpus"]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert "Done 30 runs" in ended.stderr
    assert list((tmp_path / "found").iterdir()) == []
    kept = min((tmp_path / "corpus").iterdir())
    again = [sys.executable, str(SCRIPT), "--what", what, str(kept)]
    said = subprocess.run(again, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=300).stdout
    assert said == f"{kept}: read or refused as it should be\n"


def test_what_the_search_in_logs_starts_from_is_read(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    seeds = list(logs.seeds())
    assert {seed[0] for seed in seeds} == {0, 1, 2, 3}
    assert {logs.one(seed) for seed in seeds} == {2}
    assert [logs.one(seed[:1] + seed[2:-9]) for seed in seeds[:3]] == [0, 0, 0]
