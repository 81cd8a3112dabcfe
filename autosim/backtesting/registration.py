"""What was settled before anything was scored: structure and code, hashed; later changes are post hoc."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autosim.errors import InputError
from autosim.whole import whole_file

_MARK = "autosim_backtest_registration"


@dataclass(frozen=True)
class Registration:
    """Structure and files that forecasts come from.

    ``structure`` holds the choices of a backtest by name, as text; ``files`` the SHA-256 of each file of code, priors
    and scenarios by its name.
    """

    structure: Mapping[str, str]
    files: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """SHA-256 of the whole."""
        return hashlib.sha256(json.dumps(self._content(), sort_keys=True).encode()).hexdigest()

    def _content(self) -> dict[str, object]:
        return {"structure": dict(self.structure), "files": dict(self.files)}

    def text(self) -> str:
        """The whole as JSON, with its hash."""
        return json.dumps({_MARK: 1, "sha256": self.sha256, **self._content()}, indent=1, sort_keys=True) + "\n"

    def changes_since(self, first: "Registration") -> list[str]:
        """What is no longer as it was registered, a line for each, in order of name."""
        lines = []
        for what, before, now in (("", first.structure, self.structure), ("file ", first.files, self.files)):
            for name in sorted({*before, *now}):
                if name not in before:
                    lines.append(f"{what}{name}: added")
                elif name not in now:
                    lines.append(f"{what}{name}: gone")
                elif before[name] != now[name]:
                    lines.append(f"{what}{name}: changed" + ("" if what else f" from {before[name]} to {now[name]}"))
        return lines


def settle(path: Path, now: Registration) -> tuple[Registration, list[str]]:
    """Register before scoring, or compare with what was registered.

    Parameters
    ----------
    path
        File of the registration; made if there is none.
    now
        What the backtest is about to use.

    Returns
    -------
    The registration that holds, and what has changed since: empty if nothing has.

    Raises
    ------
    InputError
        If the file is not a registration, or has been edited.
    """
    if path.exists():
        first = read(path)
        return first, now.changes_since(first)
    with whole_file(path, "--registration") as fresh:
        fresh.write_text(now.text(), encoding="utf-8")
    return now, []


def read(path: Path) -> Registration:
    """Read a registration, whose hash must be that of its content.

    Raises
    ------
    InputError
        If it is something else, or has been edited.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        found = Registration(_texts(said["structure"]), _texts(said["files"]))
        told, mark = str(said["sha256"]), said[_MARK]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise InputError(str(path), "", "something else", "a registration as autosim backtest writes it") from None
    if mark != 1 or told != found.sha256:
        got = f"a content with the hash {found.sha256[:12]}…"
        raise InputError(str(path), "sha256", got, f"{told[:12]}…, as it was registered")
    return found


def _texts(said: object) -> dict[str, str]:
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise TypeError
    return {str(name): value for name, value in said.items()}
