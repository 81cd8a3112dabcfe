"""The fuzz script runs; what it looks for is in `reading`."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "fuzz.py"


def test_a_short_search_finds_nothing(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="Atheris has no wheels for this machine")
    words = [sys.executable, str(SCRIPT), "--runs", "30", "--found", "found", "--corpus", "corpus"]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert "Done 30 runs" in ended.stderr
    assert list((tmp_path / "found").iterdir()) == []
    kept = min((tmp_path / "corpus").iterdir())
    again = [sys.executable, str(SCRIPT), str(kept)]
    said = subprocess.run(again, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=300).stdout
    assert said == f"{kept}: read or refused as it should be\n"
