"""The benchmark runs, and prints what docs/performance.md describes; its figures are not tested."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TINY = ("--most", "40", "--set", "end=2024-10-01")


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "bench.py"), *words], capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process its peak memory")
def test_the_benchmark_prints_the_tables_of_its_page() -> None:
    done = bench(*TINY, "--markdown")
    assert done.returncode == 0, done.stderr
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    titles = re.findall(r"^\*\*.*\*\*$", done.stdout, re.MULTILINE)
    assert len(titles) == 4
    for title in titles:
        assert title in page
    first_cells = {line.split("|")[1].strip() for line in done.stdout.splitlines() if line.startswith("|")}
    kernel = {
        cell for cell in first_cells if cell.startswith(("peak of", "softplus", "powers", "evaluation", "of that"))
    }
    assert len(kernel) == 6
    assert all(f"| {cell} |" in page for cell in {*kernel, "trajectories alone", "everything"} & first_cells)
    assert {"trajectories alone", "everything"} <= first_cells
    for draws, seconds, rate in re.findall(r"^\| ([\d,]+) \| ([\d.]+) \| ([\d,]+) \|", done.stdout, re.MULTILINE):
        assert int(draws.replace(",", "")) == 40
        assert 40 / float(seconds) == pytest.approx(int(rate.replace(",", "")), rel=0.2, abs=1)


def test_nonsense_is_refused() -> None:
    done = bench("--most", "0")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("--most: got 0, expected at least 1")
