"""Writing a folder or a file whole or not at all, by one process at a time.

What is new is made in a hidden folder beside the target, ``.NAME.autosim``, and renamed into the target's place. The
hidden folder holds a lock that ends with its process, however that ends. A process that is killed leaves the hidden
folder behind; the next one that writes to the same target clears it away and, should the target have been between its
two renames, first puts back what was there.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import threading
from collections.abc import Collection, Iterator
from pathlib import Path

from autosim.errors import AutosimError, InputError

_LOCK, _FRESH, _BEFORE, _DONE = "lock", "fresh", "before", "done"
_TRIES = 100
_PICTURES = (".png", ".svg")
_UNSEEN = {".DS_Store"}
_WRITTEN = ('{\n "', "[\n {")
"""How JSON begins that was written here: indented by one."""

_STOPPING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@contextlib.contextmanager
def whole_folder(
    folder: Path, needs: Collection[str], may: Collection[str] = (), option: str = "--out"
) -> Iterator[Path]:
    """Make a folder whole or not at all.

    Enter it before long work: nobody else can write to the same folder until it is left.

    Parameters
    ----------
    folder
        What to make, with its parents; if there is one already it is replaced as a whole.
    needs, may
        Names that such a folder always or sometimes holds; of ``may``, one without a suffix is a folder of pictures.
        What holds anything else, or JSON that was not written here, is somebody's, and refused.
    option
        What to blame in an error.

    Yields
    ------
    An empty folder to fill. When the block ends well it takes ``folder``'s place; otherwise it is removed, and
    ``folder`` is as it was.

    Raises
    ------
    InputError
        If the path is a file, the current folder, or a folder that holds something else.
    AutosimError
        If another process is writing to the same folder, or the disk refuses.
    """
    with _refusals(folder), _claimed(folder) as (target, beside):
        _refuse_other(folder, target, needs, may, option)
        _recover(target, beside)
        _refuse_other(folder, target, needs, may, option)
        fresh = beside / _FRESH
        fresh.mkdir()
        yield fresh
        _settle(fresh)
        _refuse_other(folder, target, needs, may, option)
        with _undisturbed():
            _replace(target, beside)


@contextlib.contextmanager
def whole_file(file: Path, option: str = "--out") -> Iterator[Path]:
    """Make a file whole or not at all; as `whole_folder`, but any file there is replaced.

    Yields
    ------
    The path to write to.

    Raises
    ------
    InputError
        If the path is a folder, or something else that is not a file.
    AutosimError
        If another process is writing the same file, or the disk refuses.
    """
    with _refusals(file), _claimed(file) as (target, beside):
        if target.exists() and not target.is_file():
            what = "the folder" if target.is_dir() else "something that is not a file,"
            raise InputError(option, "", f"{what} {file}", "a file")
        fresh = beside / _FRESH
        _remove(fresh)
        fresh.mkdir()
        yield fresh / target.name
        _settle(fresh)
        os.replace(fresh / target.name, target)
        _sync_folder(target.parent)


@contextlib.contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Say in one line what the disk refuses."""
    try:
        yield
    except OSError as error:
        raise AutosimError(f"{path}: cannot be written ({error.strerror or error})") from error


@contextlib.contextmanager
def _claimed(path: Path) -> Iterator[tuple[Path, Path]]:
    """Hold the lock on a path; yield where it really is, links followed, and the hidden folder beside that."""
    target = Path(os.path.realpath(path))
    beside = target.parent / f".{target.name}.autosim"
    made = [parent for parent in target.parents if not parent.exists()]
    lock: int | None = None
    try:
        with _undisturbed():
            lock = _locked(beside, path)
        yield target, beside
    finally:
        with _undisturbed():
            if lock is not None:
                _clear(beside)
                os.close(lock)
            for empty in (beside, *made):
                with contextlib.suppress(OSError):
                    empty.rmdir()


def _clear(beside: Path) -> None:
    """Empty the hidden folder, of its lock last; not what was moved aside and could not be put back."""
    _remove(beside / _FRESH)
    _remove(beside / _DONE)
    with contextlib.suppress(OSError):
        os.unlink(beside / _LOCK)


def _locked(beside: Path, path: Path) -> int:
    """Make the hidden folder and lock the file in it, unless somebody else holds that lock."""
    busy = AutosimError(f"{path}: another autosim is writing there; wait until it has finished, or write elsewhere")
    for _ in range(_TRIES):
        try:
            beside.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(beside / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except FileNotFoundError:  # its last holder has just cleared the folder away
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(lock), os.stat(beside / _LOCK)):
                return lock
        except FileNotFoundError:
            pass
        except BlockingIOError:
            os.close(lock)
            raise busy from None
        except BaseException:
            os.close(lock)
            raise
        os.close(lock)
    raise busy


def _refuse_other(folder: Path, target: Path, needs: Collection[str], may: Collection[str], option: str) -> None:
    """Refuse to replace what was not made here."""
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise InputError(option, "", f"the file {folder}", "a folder")
    if Path.cwd().resolve().is_relative_to(target):
        raise InputError(option, "", f"the folder {folder}, which you are in", "another folder")
    what = _others(target, needs, may)
    if what:
        raise InputError(
            option,
            "",
            f"the folder {folder}, which holds {what}",
            "a new folder, or one of an earlier run of this command",
        )


def _others(target: Path, needs: Collection[str], may: Collection[str]) -> str:
    """Something in a folder that was not made here, in words; nothing if all of it was."""
    held = {entry.name: entry for entry in sorted(target.iterdir()) if entry.name not in _UNSEEN}
    for name, entry in held.items():
        if name not in {*needs, *may}:
            return f"'{name}'"
        if name in may and not entry.suffix and not entry.is_dir():
            return f"a file '{name}'"
        if entry.is_dir():
            for inside in sorted(entry.iterdir()):
                if inside.name not in _UNSEEN and not (inside.is_file() and inside.suffix in _PICTURES):
                    return f"'{name}/{inside.name}'"
        elif entry.suffix == ".json" and not _begins_as_written(entry):
            return f"'{name}' not written by autosim"
    return "something else" if held and not held.keys() >= set(needs) else ""


def _begins_as_written(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(4).decode("latin-1").startswith(_WRITTEN)


def _recover(target: Path, beside: Path) -> None:
    """Clear away what a killed process left; what it had moved aside goes back to its place if that is empty."""
    if (beside / _BEFORE).exists():
        os.replace(beside / _BEFORE, beside / _DONE if target.exists() else target)
    _remove(beside / _FRESH)
    _remove(beside / _DONE)


def _replace(target: Path, beside: Path) -> None:
    """Swap folders; if the second step fails the first is undone."""
    before, existed = beside / _BEFORE, target.exists()
    if existed:
        os.replace(target, before)
    try:
        os.replace(beside / _FRESH, target)
    except OSError:
        if existed:
            os.replace(before, target)
        raise
    _sync_folder(target.parent)
    if existed:
        os.replace(before, beside / _DONE)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _settle(folder: Path) -> None:
    """Wait until everything in a folder is on the disk, and hear of what did not fit."""
    for where, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(where, name), "rb") as file:
                os.fsync(file.fileno())
        _sync_folder(where)


def _sync_folder(folder: str | Path) -> None:
    """Wait until a folder's entries are on the disk, where the file system can say so."""
    with contextlib.suppress(OSError):
        entries = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(entries)
        finally:
            os.close(entries)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Put off interrupts and requests to stop until the block has ended; only the main thread gets them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []
    former = {number: signal.getsignal(number) for number in _STOPPING}
    try:
        for number in _STOPPING:
            signal.signal(number, lambda stopped, _: caught.append(stopped))
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        for stopped in caught:
            signal.raise_signal(stopped)
