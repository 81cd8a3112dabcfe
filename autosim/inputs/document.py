"""Reading YAML that nobody vouches for: plain mappings, sequences and scalars, small and shallow, each key once."""

from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    NodeEvent,
    ScalarEvent,
)

from autosim.errors import InputError, shown

MAX_BYTES = 5_000_000
MAX_DEPTH = 20


def read_document(path: Path, place: str) -> tuple[dict[str, Any], str]:
    """Read a YAML file that must hold one mapping.

    Parameters
    ----------
    path
        The file.
    place
        What to call it in an error.

    Returns
    -------
    The mapping, and the file's text.

    Raises
    ------
    InputError
        If there is no such file, or it is larger than 5 MB, not UTF-8 text, not YAML, nested deeper than 20 levels, uses aliases or
        tags, repeats a key, or is not a mapping.
    """
    if not path.is_file():
        raise InputError(place, "", "a folder" if path.is_dir() else "no such file", "a YAML file")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(place, "", f"{size / 1e6:.1f} MB", f"at most {MAX_BYTES / 1e6:.0f} MB")
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(place, "", f"a file that cannot be read ({error.strerror})", "a YAML file") from error
    except UnicodeDecodeError as error:
        raise InputError(place, "", f"bytes that are not text (byte {error.start})", "UTF-8 text") from error
    value = parse(text, place)
    if not isinstance(value, dict):
        got = "nothing (an empty file)" if value is None else shown(value)
        raise InputError(place, "", got, "a mapping of keys to values")
    return value, text


def parse(text: str, place: str) -> Any:
    """Parse YAML text into plain values.

    Raises
    ------
    InputError
        As `read_document`, naming the line.

    Examples
    --------
    >>> parse("work_gap: {dist: lognormal, q05: 0.5}", "mine.yaml")
    {'work_gap': {'dist': 'lognormal', 'q05': 0.5}}
    """
    try:
        _refuse_tricks(text, place)
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise InputError(place, _line(error), _problem(error), "YAML") from error
    except (ValueError, OverflowError) as error:
        raise InputError(place, "", f"a value that cannot be read ({error})", "YAML") from error


def _refuse_tricks(text: str, place: str) -> None:
    """Look at the stream of events, before anything is built, for what a scenario has no need of."""
    depth = documents = 0
    for event in cast(list[Event], YAML(typ="safe", pure=True).parse(text)):
        line = f"line {event.start_mark.line + 1}" if event.start_mark else ""
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise InputError(place, line, "a YAML anchor or alias", "the value written out")
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag:
            raise InputError(place, line, f"the YAML tag {event.tag}", "plain values without tags")
        if isinstance(event, DocumentStartEvent):
            documents += 1
        if isinstance(event, CollectionStartEvent):
            depth += 1
        if isinstance(event, CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise InputError(place, line, f"more than {MAX_DEPTH} levels of nesting", "a shallower file")
        if documents > 1:
            raise InputError(place, line, "a second YAML document", "one document")


def _line(error: YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}" if mark is not None else ""


def _problem(error: YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error)
    return problem.strip().splitlines()[0].removeprefix("found ")
