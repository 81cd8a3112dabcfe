"""Whatever happens while a folder is written, what stands there is whole: kills, signals, rivals, full disks."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from autosim.errors import AutosimError, InputError
from autosim.output import write_answer
from autosim.whole import whole_file, whole_folder

NAMES = ("a", "b")
EXPECTED = "expected a new folder, or one of an earlier run of this command"

CHILD = """
import os, sys
from pathlib import Path
from autosim import cli
from autosim.whole import whole_folder

folder, text, number, last = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
done = -1

def step(event, _):
    global done
    if done >= 0 and event.startswith(("os.", "open", "shutil.")):
        done += 1
        if done == last:
            os.kill(os.getpid(), number)

def write(*_, **__):
    global done
    done = 0
    with whole_folder(folder, ("a", "b")) as fresh:
        for name in "ab":
            (fresh / name).write_text(text)
    done = -1

sys.addaudithook(step)
cli.cli = write
cli.main(["run"])
"""
"""Writes a folder through the commands' own entry, and sends itself a signal at one of its steps on the disk."""


def child(folder: Path, text: str, number: int = 0, step: int = 0) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", CHILD, str(folder), text, str(number), str(step)]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)


def fill(folder: Path, text: str) -> None:
    with whole_folder(folder, NAMES) as fresh:
        for name in NAMES:
            (fresh / name).write_text(text)


def held(folder: Path) -> set[str]:
    """Texts of a whole folder's files."""
    assert sorted(path.name for path in folder.iterdir()) == list(NAMES)
    return {(folder / name).read_text() for name in NAMES}


def test_a_kill_at_any_step_leaves_a_whole_folder(tmp_path: Path) -> None:
    folder, seen = tmp_path / "run", set()
    for step in range(1, 200):
        fill(folder, "old")
        killed = child(folder, "new", signal.SIGKILL, step)
        if killed.returncode == 0:
            break
        assert killed.returncode == -signal.SIGKILL
        after = held(folder) if folder.exists() else set()
        assert after in ({"old"}, {"new"}, set())
        with pytest.raises(ZeroDivisionError), whole_folder(folder, NAMES):
            raise ZeroDivisionError  # the next writer fails: what was whole is whole again
        assert held(folder) == (after or {"old"})
        assert os.listdir(tmp_path) == ["run"]
        seen.add("".join(after))
    assert killed.returncode == 0
    assert seen == {"old", "", "new"}, "every state was reached"


@pytest.mark.parametrize(("number", "first"), [(signal.SIGINT, 1), (signal.SIGTERM, 2), (signal.SIGHUP, 3)])
def test_a_signal_at_any_step_clears_everything_away(tmp_path: Path, number: int, first: int) -> None:
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("whoever runs the tests, such as nohup, has this signal ignored, and a child keeps to that")
    folder, seen = tmp_path / "deep" / "run", set()
    for step in range(first, 200, 4):
        for before in ("old", ""):
            shutil.rmtree(tmp_path / "deep", ignore_errors=True)
            if before:
                fill(folder, before)
            stopped = child(folder, "new", number, step)
            if stopped.returncode == 0:
                break
            assert (stopped.returncode, stopped.stdout) == (128 + number, "")
            assert stopped.stderr == "stopped; nothing is left half-written\n"
            after = held(folder) if folder.exists() else {""}
            assert after in ({before}, {"new"})
            assert os.listdir(tmp_path) == (["deep"] if folder.exists() else [])
            assert not folder.exists() or os.listdir(folder.parent) == ["run"]
            seen |= after
        if stopped.returncode == 0:
            break
    assert stopped.returncode == 0
    assert seen == {"old", "", "new"}


def test_of_several_at_once_one_wins_whole_and_the_others_say_so(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    ready = threading.Barrier(4)
    ended: dict[str, subprocess.CompletedProcess[str]] = {}

    def one(text: str) -> None:
        ready.wait()
        for _ in range(3):
            ended[text] = child(folder, text)

    racers = [threading.Thread(target=one, args=(text,)) for text in "wxyz"]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert any(end.returncode == 0 for end in ended.values())
    for end in ended.values():
        busy = f"{folder}: another autosim is writing there; wait until it has finished, or write elsewhere\n"
        assert (end.returncode, end.stderr) in ((0, ""), (1, busy))
    assert len(held(folder)) == 1
    assert os.listdir(tmp_path) == ["run"]


def test_a_rival_in_the_same_process_is_refused_and_disturbs_nothing(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "run", NAMES) as fresh:
        for name in NAMES:
            (fresh / name).write_text("first")
        with pytest.raises(AutosimError, match="another autosim is writing there"):
            fill(tmp_path / "run", "second")
    assert held(tmp_path / "run") == {"first"}


def test_other_targets_in_the_same_place_are_free(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "run", NAMES) as fresh:
        fill(tmp_path / "run2", "beside")
        for name in NAMES:
            (fresh / name).write_text("first")
    assert held(tmp_path / "run2") == {"beside"}


def test_the_last_user_of_a_lock_does_not_take_anothers_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening the lock and locking it, its holder may finish: then it locks nothing, and is opened anew."""
    fill(tmp_path / "run", "old")
    flock, times = fcntl.flock, iter(range(9))

    def late(lock: int, how: int) -> None:
        if next(times) == 0:
            shutil.rmtree(tmp_path / ".run.autosim")
        flock(lock, how)

    monkeypatch.setattr("fcntl.flock", late)
    fill(tmp_path / "run", "new")
    assert held(tmp_path / "run") == {"new"}
    assert os.listdir(tmp_path) == ["run"]


def test_what_was_made_in_its_place_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match=r"which holds 'thesis\.tex'"), whole_folder(folder, NAMES):
        (tmp_path / "thesis").rename(folder)
    assert os.listdir(folder) == ["thesis.tex"]


@pytest.mark.parametrize(
    ("name", "mine", "what"),
    [
        ("figures/notes.txt", "mine", "'figures/notes.txt'"),
        ("figures/old/plot.png", "mine", "'figures/old'"),
        ("figures", "mine", "a file 'figures'"),
        ("answer.json", '{"mine": 1}', "'answer.json' not written by autosim"),
        ("answer.json", "", "'answer.json' not written by autosim"),
    ],
)
def test_a_users_own_file_among_results_is_kept(tmp_path: Path, name: str, mine: str, what: str) -> None:
    folder = tmp_path / "run"
    with whole_folder(folder, ("answer.json",), ("figures",)) as fresh:
        write_answer({"answer": 1}, fresh, "answer.json", None)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(mine)
    refused = pytest.raises(InputError, match=f"which holds {what}, {EXPECTED}")
    with refused, whole_folder(folder, ("answer.json",), ("figures",)):
        raise AssertionError
    assert (folder / name).read_text() == mine


@pytest.mark.parametrize("content", [{"answer": 1}, [{"answer": 1}]])
def test_results_with_pictures_are_replaced(tmp_path: Path, content: object) -> None:
    def draw(figures: Path) -> None:
        for name in ("one.png", "one.svg"):
            (figures / name).write_text("drawn")

    for _ in range(2):
        with whole_folder(tmp_path / "run", ("answer.json",), ("figures",)) as fresh:
            write_answer(content, fresh, "answer.json", draw)
        (tmp_path / "run" / "figures" / ".DS_Store").touch()
    assert sorted(os.listdir(tmp_path / "run" / "figures")) == [".DS_Store", "one.png", "one.svg"]


def test_what_a_kill_moved_aside_is_kept_while_something_else_stands_there(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    fill(tmp_path / ".run.autosim" / "before", "old")
    folder.mkdir()
    (folder / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="expected a new folder"):
        fill(folder, "new")
    shutil.rmtree(folder)
    with pytest.raises(ZeroDivisionError), whole_folder(folder, NAMES):
        raise ZeroDivisionError
    assert held(folder) == {"old"}


def test_a_second_rename_that_fails_undoes_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "run"
    fill(folder, "old")
    replace = os.replace

    def once(old: Path, new: Path) -> None:
        if old.name == "fresh":
            raise OSError(5, "Input/output error")
        replace(old, new)

    monkeypatch.setattr(os, "replace", once)
    with pytest.raises(AutosimError, match=r"run: cannot be written \(Input/output error\)"):
        fill(folder, "new")
    assert held(folder) == {"old"}
    assert os.listdir(tmp_path) == ["run"]


def test_everything_is_on_the_disk_before_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that finds out late that it is full says so when it is asked to settle."""
    fill(tmp_path / "run", "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AutosimError, match="No space left on device"):
        fill(tmp_path / "run", "new")
    assert held(tmp_path / "run") == {"old"}


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to("disk/run")
    for text in ("old", "new"):
        fill(tmp_path / "link", text)
        assert (tmp_path / "link").is_symlink()
        assert held(tmp_path / "disk" / "run") == {text}


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("file", "--out: got the file file, expected a folder"),
        ("file/run", "file/run: cannot be written (Not a directory)"),
        ("circle", "--out: got the file circle, expected a folder"),
        ("circle/run", "circle/run: cannot be written (Too many levels of symbolic links)"),
        ("deep/" + 300 * "x", "deep/" + 300 * "x" + ": cannot be written (File name too long)"),
        (250 * "x", 250 * "x" + ": cannot be written (File name too long)"),
        (".", "--out: got the folder ., which you are in, expected another folder"),
        ("..", "--out: got the folder .., which you are in, expected another folder"),
        ("other", f"--out: got the folder other, which holds 'c', {EXPECTED}"),
        ("half", f"--out: got the folder half, which holds something else, {EXPECTED}"),
    ],
)
def test_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("mine")
    Path("circle").symlink_to("circle")
    for name in ("other/a", "other/b", "other/c", "half/a"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(AutosimError) as refused:
        fill(Path(out), "new")
    assert str(refused.value) == message
    assert sorted(tmp_path.rglob("*")) == before


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".DS_Store").write_text("left by a file browser")
    fill(tmp_path / "run", "new")
    assert held(tmp_path / "run") == {"new"}


def test_a_file_is_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "post.nc"
    with pytest.raises(ValueError, match="invalid mode"), whole_file(file) as fresh:
        fresh.open("half")
    assert os.listdir(tmp_path) == []
    for text in ("old", "new"):
        with whole_file(file) as fresh:
            assert fresh.suffix == ".nc"
            fresh.write_text(text)
        assert file.read_text() == text
    with pytest.raises(AutosimError, match="another autosim"), whole_file(file), whole_file(file):
        pass
    assert (file.read_text(), os.listdir(file.parent)) == ("new", ["post.nc"])


@pytest.mark.parametrize(
    ("path", "got"), [("folder", "the folder folder"), ("/dev/null", "something that is not a file")]
)
def test_a_file_does_not_replace_what_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, got: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    with pytest.raises(InputError, match=f"--out: got {got}.*, expected a file"), whole_file(Path(path)):
        pass
