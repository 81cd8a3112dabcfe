"""Logs of Inspect AI, ``.eval`` and ``.json``: what each says of its run, and its samples one by one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from autosim.errors import InputError, shown
from autosim.evidence.inspect_logs.archives import LOG, Archive
from autosim.evidence.reading import check_file, parse_json

SUFFIXES = (".eval", ".json")
MAX_JSON = 300_000_000
"""Largest .json log [bytes]: it is read whole, unlike an .eval."""

_HEADER, _START, _SUMMARIES = "header.json", "_journal/start.json", "summaries.json"
_JOURNAL = re.compile(r"_journal/summaries/(\d+)\.json", re.ASCII)
_SAMPLE = re.compile(r"samples/(.+)_epoch_(\d+)\.json", re.ASCII | re.DOTALL)

type Record = Mapping[str, Any]


@dataclass(frozen=True)
class Head:
    """What a log says of its run.

    ``created`` is when it began, as the log writes it; ``epochs`` how often each sample was to be tried; ``settings``
    what else distinguishes runs of a task: its arguments and version.
    """

    path: Path
    place: str
    task: str
    task_id: str
    model: str
    created: str
    finished: bool
    epochs: int
    settings: str

    @property
    def day(self) -> date:
        """Day on which it began."""
        return date.fromisoformat(self.created[:10])


def log_files(paths: Sequence[Path]) -> list[Path]:
    """Logs among paths: files as they are named, and everything in folders, however deep, that has a log's suffix.

    Raises
    ------
    InputError
        If a path does not exist, or a folder has no logs.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(item for item in path.rglob("*") if item.suffix in SUFFIXES and item.is_file())
            inside = [item for item in inside if item.name not in _INSPECTS_OWN]
            if not inside:
                raise InputError(str(path), "", "a folder without logs", f"one with {' or '.join(SUFFIXES)} files")
            found += inside
        else:
            check_file(path, str(path), LOG, most=1 << 62)
            found.append(path)
    return list({path.resolve(): path for path in found}.values())


_INSPECTS_OWN = {"logs.json", "listing.json", "eval-set.json"}
"""Files that Inspect puts beside logs."""


def read_head(path: Path) -> Head:
    """Read what a log says of its run, and nothing else if it is an archive.

    Raises
    ------
    InputError
        If it is no log of Inspect, or what it must say is missing.
    """
    place = str(path)
    if path.suffix == ".eval":
        with Archive(path, place) as archive:
            name = _HEADER if _HEADER in archive.members else _START
            said = archive.json(name)
    else:
        said = _whole(path, place)
    if not isinstance(said, dict) or not isinstance(said.get("eval"), dict):
        raise InputError(place, "eval", shown(said.get("eval") if isinstance(said, dict) else said), LOG)
    run, config = said["eval"], said["eval"].get("config")
    epochs = config.get("epochs") if isinstance(config, dict) else None
    settings = {name: run.get(name) for name in ("task_args", "task_version")}
    return Head(
        path,
        place,
        _text(run, "task", place),
        _text(run, "task_id", place),
        _text(run, "model", place),
        _when(run, place),
        said.get("status") == "success",
        epochs if isinstance(epochs, int) and epochs > 0 else 1,
        repr(settings),
    )


def _text(run: Record, key: str, place: str) -> str:
    value = run.get(key)
    if not isinstance(value, str) or not value.strip():
        raise InputError(place, f"eval.{key}", shown(value), "text")
    return value


def _when(run: Record, place: str) -> str:
    value = _text(run, "created", place)
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        raise InputError(place, "eval.created", shown(value), "a time such as 2026-11-23T07:07:39+00:00") from None
    return value


def _whole(path: Path, place: str) -> Any:
    """A .json log."""
    size = path.stat().st_size
    if size > MAX_JSON:
        expected = f"at most {MAX_JSON / 1e6:g} MB; 'inspect log convert' makes an .eval of it, which may be larger"
        raise InputError(place, "", f"{size / 1e6:,.0f} MB", expected)
    try:
        return parse_json(path.read_bytes(), place, "", LOG)
    except OSError as error:
        raise InputError(place, "", f"a file that cannot be read ({error.strerror or error})", LOG) from None


def read_samples(path: Path, *, events: bool = False) -> Iterator[Record]:
    """Read a log's samples, as summaries where they do.

    Parameters
    ----------
    path
        Whose head has been read.
    events
        Whether samples are read whole, with what happened in them.

    Raises
    ------
    InputError
        If the log is damaged, or a sample is none.
    """
    place = str(path)
    if path.suffix != ".eval":
        samples = _whole(path, place).get("samples") or []
        yield from _each(samples, place, "samples")
        return
    with Archive(path, place) as archive:
        summaries = {} if events else _summaries(archive)
        yield from (one for one in summaries.values() if "metadata" in one)
        for name in archive.members:
            match = _SAMPLE.fullmatch(name)
            if match and "metadata" not in summaries.get((match[1], int(match[2])), {}):
                yield from _each([archive.json(name)], place, name)


def _summaries(archive: Archive) -> dict[tuple[str, int], Record]:
    """Summaries by sample and epoch; of a crashed log, those that its journal has."""
    journal = sorted((int(match[1]), name) for name in archive.members if (match := _JOURNAL.fullmatch(name)))
    names = [_SUMMARIES] if _SUMMARIES in archive.members else [name for _, name in journal]
    found: dict[tuple[str, int], Record] = {}
    for name in names:
        for one in _each(archive.json(name), archive.place, name):
            found[str(one["id"]), one["epoch"]] = one
    return found


def _each(samples: Any, place: str, key: str) -> Iterator[Record]:
    """Samples that say which they are."""
    if not isinstance(samples, list):
        raise InputError(place, key, shown(samples), "a list of samples")
    for one in samples:
        if not isinstance(one, dict):
            raise InputError(place, key, shown(one), "a sample")
        if not isinstance(one.get("id"), str | int) or isinstance(one["id"], bool):
            raise InputError(place, f"{key}, id", shown(one.get("id")), "text or a whole number")
        epoch = one.get("epoch")
        if not isinstance(epoch, int) or isinstance(epoch, bool) or epoch < 1:
            raise InputError(place, f"{key}, epoch of {one['id']}", shown(epoch), "a whole number of at least 1")
        yield one
