"""Errors that a user can act on: file, key, got, expected, in one line."""

import difflib
import math
from collections.abc import Iterable

_LONGEST_SHOWN = 60
_LONGEST_PART = 300


class AutosimError(Exception):
    """Anything autosim refuses, said in one line; the commands print it and exit with code 1."""


class InputError(AutosimError):
    """Something in a file or an option that autosim cannot use.

    Parameters
    ----------
    place
        File or option in which it stands.
    key
        Dotted path of the entry, or "" for the whole file.
    got
        What was found there.
    expected
        What could stand there instead.
    """

    def __init__(self, place: str, key: str, got: str, expected: str) -> None:
        where = f"{_one_line(place)}: {_one_line(key)}" if key else _one_line(place)
        super().__init__(f"{where}: got {_one_line(got)}, expected {_one_line(expected)}")


class NotANumberError(AutosimError):
    """A draw of the simulation came out as NaN or infinite; nothing is written."""


def shown(value: object) -> str:
    """How a value is quoted in an error: short, and in the user's notation.

    Examples
    --------
    >>> shown("lognorml"), shown(None), shown(True), shown([1, 2]), shown(float("inf"))
    ("'lognorml'", 'nothing', 'true', 'a list', '.inf')
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return repr(_shortened(value, _LONGEST_SHOWN))
        case float() if not math.isfinite(value):
            return str(value).replace("inf", ".inf").replace("nan", ".nan")
        case list() | dict():
            return "a list" if isinstance(value, list) else "a mapping"
        case _:
            return _shortened(str(value), _LONGEST_SHOWN)


def one_of(wanted: str, known: Iterable[str], what: str) -> str:
    """Describe what was expected: the nearest known name if there is one, else the names there are.

    Examples
    --------
    >>> one_of("lognorml", ["normal", "lognormal"], "a distribution")
    "a distribution; did you mean 'lognormal'?"
    >>> one_of("x", ["normal", "beta"], "a distribution")
    'a distribution: one of normal, beta'
    """
    names = list(known)
    near = difflib.get_close_matches(wanted[:_LONGEST_PART], names, n=1)
    if near:
        return f"{what}; did you mean '{near[0]}'?"
    if len(names) <= 20:
        return f"{what}: one of {', '.join(names)}" if names else what
    return f"{what}, such as {', '.join(names[:3])}"


def _one_line(text: str) -> str:
    """Make text fit into a line of a terminal: one space between words, and nothing that moves the cursor."""
    words = " ".join(text.split())[: _LONGEST_PART + 1]
    spelt = "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in words)
    return _shortened(spelt, _LONGEST_PART)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
