"""Runs on disks that refuse, and beside other runs: real processes, real file systems."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

AUTOSIM = [sys.executable, "-m", "autosim"]
DRAWN = ["run", "pessimistic", "--draws", "40", "--set", "end=2026-01-01", "--quiet"]
RUN = [*DRAWN, "--no-plots", "--out"]
MOUNTED = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def called(*words: str, cwd: Path, most_bytes: int = resource.RLIM_INFINITY) -> subprocess.CompletedProcess[str]:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    return subprocess.run(
        [*AUTOSIM, *words], cwd=cwd, preexec_fn=limited, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run in it, which every test leaves as it was."""
    place = tmp_path_factory.mktemp("earlier")
    assert called(*DRAWN, "--out", "run", cwd=place).returncode == 0
    return place


@pytest.mark.parametrize("most_bytes", [0, 10_000, 60_000])
def test_files_that_may_not_grow_leave_the_earlier_run(earlier: Path, most_bytes: int) -> None:
    before = contents(earlier)
    refused = called(*RUN, "run", "--seed", "1", cwd=earlier, most_bytes=most_bytes)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "run: cannot be written (File too large)\n"
    assert contents(earlier) == before
    assert os.listdir(earlier) == ["run"]


@pytest.fixture
def mounting() -> None:
    """Skip where a process may not mount a file system of its own."""
    try:
        tried = subprocess.run([*MOUNTED, "mount -t tmpfs none /mnt"], capture_output=True, check=False, timeout=30)
    except FileNotFoundError:
        pytest.skip("there is no unshare")
    if tried.returncode:
        pytest.skip(f"no tmpfs may be mounted here: {tried.stderr.decode().strip()}")


FULL = """
set -eu
mount -t tmpfs -o size=16M none "$1"
cp -r "$2" "$1/run"
head -c "$3" /dev/zero >"$1/spare"
cd "$1"
cat /dev/zero >filler 2>/dev/null || true
rm spare
shift 3
set +e
"$@"
echo "exit code $?"
diff -r run "$EARLIER" && ls -A
"""


@pytest.mark.usefixtures("mounting")
@pytest.mark.parametrize("written", [[], ["run.nc"], ["run.nc", "summary.json"]])
def test_a_full_disk_leaves_the_earlier_run(earlier: Path, tmp_path: Path, written: list[str]) -> None:
    """With room for some of the files: the next is the one that does not fit."""
    spare = sum((earlier / "run" / name).stat().st_size + 8192 for name in written)
    run = str(earlier / "run")
    words = ["sh", str(tmp_path), run, str(spare), *AUTOSIM, *DRAWN, "--out", "run"]
    environment = {**os.environ, "EARLIER": run}
    ended = subprocess.run([*MOUNTED, FULL, *words], env=environment, capture_output=True, text=True, check=False)
    assert ended.stderr == "run: cannot be written (No space left on device)\n"
    assert ended.stdout.splitlines() == ["exit code 1", "filler", "run"]


READ_ONLY = """
mount -t tmpfs none "$1" && cp -r "$2" "$1/run" && mount -o remount,ro "$1" && cd "$1" || exit
shift 2
"$@" run --draws 1000000000
echo "exit code $?"
"$@" deep/new --draws 1000000000
echo "exit code $?"
diff -r run "$EARLIER" && ls -A
"""


@pytest.mark.usefixtures("mounting")
def test_a_disk_that_cannot_be_written_is_told_of_before_the_work(earlier: Path, tmp_path: Path) -> None:
    run = str(earlier / "run")
    words = ["sh", str(tmp_path), run, *AUTOSIM, *RUN]
    environment = {**os.environ, "EARLIER": run}
    ended = subprocess.run([*MOUNTED, READ_ONLY, *words], env=environment, capture_output=True, text=True, check=False)
    refusals = [f"{name}: cannot be written (Read-only file system)" for name in ("run", "deep/new")]
    assert ended.stderr.splitlines() == refusals
    assert ended.stdout.splitlines() == ["exit code 1", "exit code 1", "run"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_of_somebody_else_is_told_of(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    refused = called(*RUN, "run", cwd=tmp_path)
    assert (refused.returncode, refused.stderr) == (1, "run: cannot be written (Permission denied)\n")


@pytest.fixture
def writing(earlier: Path) -> "subprocess.Popen[str]":
    """A long run that has claimed the folder of the earlier one."""
    words = [*AUTOSIM, "run", "pessimistic", "--draws", "200000", "--no-plots", "--out", "run"]
    process = subprocess.Popen(words, cwd=earlier, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not (earlier / ".run.autosim" / "fresh").exists():
        assert process.poll() is None, "it has ended before it began"
        assert time.monotonic() < until
        time.sleep(0.01)
    return process


def test_the_second_is_told_at_once_and_the_first_goes_on(earlier: Path, writing: "subprocess.Popen[str]") -> None:
    before = contents(earlier / "run")
    began = time.monotonic()
    second = called(*RUN, "run", cwd=earlier)
    took = time.monotonic() - began
    assert writing.poll() is None, f"the first was still at it after {took:.0f} s"
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == "run: another autosim is writing there; wait until it has finished, or write elsewhere\n"
    writing.send_signal(signal.SIGTERM)
    assert writing.communicate(timeout=60) == ("", "stopped; nothing is left half-written\n")
    assert writing.returncode == 128 + signal.SIGTERM
    assert contents(earlier) == {f"run/{name}": content for name, content in before.items()}
    assert os.listdir(earlier) == ["run"]


def test_what_a_killed_run_leaves_is_harmless_and_cleared_away(earlier: Path, writing: "subprocess.Popen[str]") -> None:
    before = contents(earlier / "run")
    writing.kill()
    writing.communicate(timeout=60)
    assert contents(earlier / "run") == before
    assert sorted(os.listdir(earlier)) == [".run.autosim", "run"]
    assert called(*DRAWN, "--out", "run", cwd=earlier).returncode == 0
    assert contents(earlier) == {f"run/{name}": content for name, content in before.items()}


def test_a_run_is_not_hidden_inside_another(earlier: Path) -> None:
    refused = called(*RUN, "run/figures/mine", cwd=earlier)
    got = "got the folder run/figures/mine, which is inside the run run"
    assert (refused.returncode, refused.stderr) == (1, f"--out: {got}, expected another folder\n")
