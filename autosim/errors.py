"""Errors that a user can act on: file, key, got, expected, in one line."""

import difflib
from collections.abc import Iterable

_LONGEST_SHOWN = 60


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
        where = f"{place}: {key}" if key else place
        super().__init__(" ".join(f"{where}: got {got}, expected {expected}".split()))


class NotANumberError(AutosimError):
    """A draw of the simulation came out as NaN or infinite; nothing is written."""


def shown(value: object) -> str:
    """How a value is quoted in an error: short, and in the user's notation.

    Examples
    --------
    >>> shown("lognorml"), shown(None), shown(True), shown([1, 2])
    ("'lognorml'", 'nothing', 'true', 'a list')
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return repr(value if len(value) <= _LONGEST_SHOWN else value[: _LONGEST_SHOWN - 1] + "…")
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return str(value)


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
    near = difflib.get_close_matches(wanted, names, n=1)
    if near:
        return f"{what}; did you mean '{near[0]}'?"
    return f"{what}: one of {', '.join(names)}" if len(names) <= 20 else what
