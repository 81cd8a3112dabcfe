"""What an outside format is, and how one is found and read: `autosim import` and `autosim.import_evidence`."""

import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from autosim.errors import InputError, one_of, shown
from autosim.evidence import formats
from autosim.evidence.tables import Evidence
from autosim.inputs.loading import load
from autosim.inputs.schema import as_day


@dataclass(frozen=True)
class Option:
    """An option of a format, on the command line ``--name`` and in Python ``name``.

    ``many`` collects a tuple of texts, ``flag`` takes no value.
    """

    name: str
    help: str
    metavar: str = "TEXT"
    required: bool = False
    many: bool = False
    flag: bool = False

    @property
    def key(self) -> str:
        """Its name in Python."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def default(self) -> object:
        """What stands for it when it is not given."""
        return () if self.many else False if self.flag else None


@dataclass(frozen=True)
class Report:
    """What became of the records: how many were read of what, what was dropped and why, what else to know."""

    read: tuple[str, ...]
    dropped: Mapping[str, int]
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The report as it is printed; reasons that dropped nothing are left out."""
        gone = [f"dropped {count:,}: {reason}" for reason, count in self.dropped.items() if count]
        return [f"read {what}" for what in self.read] + (gone or ["dropped nothing"]) + list(self.notes)


@dataclass(frozen=True)
class Imported:
    """Evidence made of outside records, and the report on them."""

    evidence: Evidence
    report: Report


@dataclass(frozen=True)
class Format:
    """An outside format: its name, one line of help, its options, and the function that reads it.

    ``read`` takes the paths, the taxonomy and every option by its Python name, as text.
    """

    name: str
    help: str
    options: tuple[Option, ...]
    read: Callable[..., Imported]


def known_formats() -> dict[str, Format]:
    """Every format by name, from the files of `autosim.evidence.formats`."""
    names = sorted(module.name for module in pkgutil.iter_modules(formats.__path__))
    found: Iterable[Format] = (import_module(f"{formats.__name__}.{name}").FORMAT for name in names)
    return {entry.name: entry for entry in found}


def import_evidence(format: str, *paths: str | Path, scenario: str | Path = "baseline", **options: Any) -> Imported:  # noqa: A002 - named as the command's argument
    """Read records of an outside format.

    Parameters
    ----------
    format
        ``activitywatch``, ``clockify``, ``csv``, ``inspect``, ``metr``, ``toggl``, ``trial`` or ``wakatime``.
    paths
        The files.
    scenario
        The one whose tasks, roles, bottlenecks and evaluations the records are about.
    options
        Those of the format's command, with underscores: ``published="2025-03-19"``.

    Returns
    -------
    Evidence and report.

    Raises
    ------
    InputError
        If the format or an option is unknown or missing, or a file cannot be used.
    """
    known = known_formats()
    if format not in known:
        raise InputError("FORMAT", "", shown(format), one_of(format, known, "a format"))
    wanted = {option.key: option for option in known[format].options}
    for name in options:
        if name not in wanted:
            raise InputError(format, name, "an unknown option", one_of(name, wanted, "an option"))
    for name, option in wanted.items():
        if option.required and not options.get(name):
            raise InputError(format, option.name, "nothing", option.help)
    if not paths:
        raise InputError(format, "PATH", "nothing", "a file")
    said = {name: options.get(name, option.default) for name, option in wanted.items()}
    return known[format].read([Path(path) for path in paths], load(scenario).taxonomy, **said)


def day(option: str, said: str) -> date:
    """Read an option that is a date.

    Raises
    ------
    InputError
        If it is not.
    """
    value = as_day(str(said))
    if not isinstance(value, date):
        raise InputError(option, "", shown(said), "a date such as 2024-08-27")
    return value


def pairs(option: str, said: Sequence[str], left: str, right: str) -> dict[str, str]:
    """Read an option of the form NAME=VALUE that may come several times.

    Raises
    ------
    InputError
        If it has no ``=``, one side is empty, or a name comes twice.

    Examples
    --------
    >>> pairs("--map", ["model=agent"], "COLUMN", "SOURCE")
    {'model': 'agent'}
    """
    found: dict[str, str] = {}
    for text in said:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise InputError(option, "", shown(text), f"{left}={right}")
        if name in found:
            raise InputError(option, name, "a second value", "each name once")
        found[name] = value
    return found


def number_of(option: str, said: str, low: float) -> float:
    """Read an option that is a number of at least ``low``.

    Raises
    ------
    InputError
        If it is not.
    """
    try:
        value = float(said)
    except ValueError:
        value = float("nan")
    if not low <= value < float("inf"):
        raise InputError(option, "", shown(said), f"a number of at least {low:g}")
    return value
