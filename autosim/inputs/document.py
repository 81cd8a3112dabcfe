"""Reading YAML that nobody vouches for: plain mappings, sequences and scalars, small and shallow, each key once."""

import itertools
import math
import os
import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError, SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import ReaderError

from autosim.errors import InputError, shown

MAX_BYTES = 5_000_000
MAX_LINES = 50_000
MAX_LINE = 200_000
MAX_VALUES = 50_000
MAX_DEPTH = 20

_LONGEST_INTEGER = 400
_LINE_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters other than tabs and line breaks, and those that reverse the direction of what follows."""


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
        If there is no such file, or it is larger than 5 MB, not UTF-8 text, not YAML, nested deeper than 20 levels,
        uses aliases or tags, repeats a key, has a key that is not text, or is not a mapping.
    """
    text = _read_text(path, place)
    value = parse(text, place)
    if not isinstance(value, dict):
        got = "nothing (an empty file)" if value is None else shown(value)
        raise InputError(place, "", got, "a mapping of keys to values")
    return value, text


def _read_text(path: Path, place: str) -> str:
    if not os.path.isfile(path):  # unlike Path.is_file, it takes any path without raising
        got = (
            "a folder"
            if os.path.isdir(path)
            else "something that is not a file"
            if os.path.exists(path)
            else "no such file"
        )
        raise InputError(place, "", got, "a YAML file")
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise InputError(place, "", f"{path.stat().st_size / 1e6:.1f} MB", f"at most {MAX_BYTES / 1e6:.0f} MB")
        return raw.decode("utf-8")
    except OSError as error:
        raise InputError(place, "", f"a file that cannot be read ({error.strerror})", "a YAML file") from error
    except UnicodeDecodeError as error:
        raise InputError(place, "", f"bytes that are not text (byte {error.start})", "UTF-8 text") from error


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
    _refuse_unreadable(text, place)
    yaml = YAML(typ="safe", pure=True)
    yaml.Parser, yaml.Constructor = _Parser, _Constructor
    try:
        return _plain(yaml.load(text), place, "")
    except _RefusedError as refused:
        raise InputError(place, f"line {refused.line}", refused.got, refused.expected) from None
    except ReaderError as error:
        line = len(_LINE_BREAK.findall(text, 0, error.position)) + 1
        raise InputError(place, f"line {line}", f"the character U+{_code(error.character):04X}", "text") from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = (getattr(error, "problem", None) or str(error)).strip().splitlines()[0]
        raise InputError(
            place, f"line {mark.line + 1}" if mark else "", f"text that is not YAML ({problem})", "YAML"
        ) from None


def _refuse_unreadable(text: str, place: str) -> None:
    """Refuse what would keep a parser busy for long."""
    starts = [0, *(found.end() for found in _LINE_BREAK.finditer(text)), len(text)]
    if len(starts) - 2 > MAX_LINES:
        raise InputError(place, "", f"{len(starts) - 2:,} lines", f"at most {MAX_LINES:,}")
    lengths = [end - start for start, end in itertools.pairwise(starts)]
    if max(lengths) > MAX_LINE:
        line = lengths.index(max(lengths)) + 1
        raise InputError(place, f"line {line}", f"{max(lengths):,} characters", f"at most {MAX_LINE:,} in a line")


def _code(character: int | str) -> int:
    return ord(character) if isinstance(character, str) else character


class _RefusedError(Exception):
    def __init__(self, mark: Any, got: str, expected: str) -> None:
        super().__init__(got)
        self.line, self.got, self.expected = mark.line + 1 if mark else 1, got, expected


class _Parser(Parser):
    """Refuses, before anything is built from it, what a scenario has no need of."""

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        self._depth = self._values = self._documents = 0

    def get_event(self) -> Any:
        event = super().get_event()
        mark = getattr(event, "start_mark", None)
        if isinstance(event, NodeEvent):
            self._node(event, mark)
        if isinstance(event, CollectionStartEvent):
            self._depth += 1
        if isinstance(event, CollectionEndEvent):
            self._depth -= 1
        if self._depth > MAX_DEPTH:
            raise _RefusedError(mark, f"more than {MAX_DEPTH} levels of nesting", "a shallower file")
        if isinstance(event, DocumentStartEvent):
            self._document(event, mark)
        return event

    def _node(self, event: NodeEvent, mark: Any) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            raise _RefusedError(mark, f"more than {MAX_VALUES:,} values", "a smaller file")
        if isinstance(event, AliasEvent) or event.anchor:
            raise _RefusedError(mark, "a YAML anchor or alias", "the value written out")
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag:
            raise _RefusedError(mark, f"the YAML tag {shown(str(event.tag))}", "plain values without tags")
        if isinstance(event, ScalarEvent) and event.style is None and event.value in {"<<", "="}:
            raise _RefusedError(mark, f"the YAML sign '{event.value}'", "the values written out")

    def _document(self, event: DocumentStartEvent, mark: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise _RefusedError(mark, "a second YAML document", "one document")
        if event.version not in {None, (1, 2)} or event.tags:
            raise _RefusedError(mark, "a YAML directive", "YAML 1.2 without directives")


class _Constructor(SafeConstructor):
    """Builds plain values; what only looks like a date or a number is left for the reader of its key to refuse."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        for key_node, _ in node.value:
            if not isinstance(key_node, ScalarNode):
                raise _RefusedError(key_node.start_mark, "a list or a mapping as a key", "keys that are text")
        return super().construct_mapping(node, deep)

    def check_mapping_key(self, node: Any, key_node: Any, mapping: Any, key: Any, value: Any) -> bool:
        try:
            return bool(super().check_mapping_key(node, key_node, mapping, key, value))
        except DuplicateKeyError:
            raise _RefusedError(key_node.start_mark, f"the key {shown(key)} twice", "each key once") from None

    def construct_yaml_int(self, node: Any) -> Any:
        if len(node.value) > _LONGEST_INTEGER:
            return -math.inf if node.value.startswith("-") else math.inf
        return super().construct_yaml_int(node)

    def construct_yaml_timestamp(self, node: Any, values: Any = None) -> Any:
        try:
            return super().construct_yaml_timestamp(node, values)
        except (ValueError, OverflowError):
            return node.value


_Constructor.add_constructor("tag:yaml.org,2002:int", _Constructor.construct_yaml_int)
_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _Constructor.construct_yaml_timestamp)


def _plain(value: Any, place: str, key: str) -> Any:
    """Refuse keys that are not text and text that cannot be shown; join the surrogate pairs of JSON."""
    if isinstance(value, dict):
        for name in value:
            if not isinstance(name, str):
                got = "an empty key" if name is None else f"the key {shown(name)}"
                raise InputError(place, key, got, "keys that are text; quote it if it is a name")
        return {
            _text(name, place, key): _plain(entry, place, f"{key}.{name}" if key else name)
            for name, entry in value.items()
        }
    if isinstance(value, list):
        return [_plain(item, place, f"{key}.{position}") for position, item in enumerate(value)]
    return _text(value, place, key) if isinstance(value, str) else value


def _text(value: str, place: str, key: str) -> str:
    try:
        joined = value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise InputError(place, key, f"{shown(value)}, which is half a character", "text") from None
    found = _UNSEEN.search(joined)
    if found:
        raise InputError(place, key, f"the character U+{ord(found[0]):04X}", "text without control characters")
    return joined
