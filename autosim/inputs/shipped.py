"""Where files are: those that come with autosim, and those a user names."""

import os
import re
from importlib import resources
from pathlib import Path

from autosim.errors import InputError, one_of, shown

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_PACKAGE = Path(str(resources.files("autosim")))


def shipped_folder(name: str) -> Path:
    """Folder ``priors`` or ``scenarios`` of the installed package, or of the checkout it runs from."""
    installed = _PACKAGE / "shipped" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def shipped_scenarios() -> dict[str, Path]:
    """Every shipped scenario by name."""
    found = {path.stem: path for path in sorted(shipped_folder("scenarios").glob("*.yaml"))}
    return found if "baseline" in found else {"baseline": shipped_folder("priors") / "baseline.yaml", **found}


def find_scenario(said: str) -> tuple[Path, str]:
    """Find the scenario that a user names on the command line or in a call.

    Parameters
    ----------
    said
        A shipped name such as ``optimistic``, or the path of a YAML file.

    Returns
    -------
    The file, and what to call it in messages.

    Raises
    ------
    InputError
        If it is neither.
    """
    if said.endswith((".yaml", ".yml")):
        return Path(said), said
    shipped = shipped_scenarios()
    if said in shipped:
        return shipped[said], said
    raise InputError("SCENARIO", "", shown(said), one_of(said, shipped, "a .yaml file or a shipped scenario"))


def find_parent(said: str, child: Path, place: str, key: str) -> tuple[Path, str]:
    """Find the scenario that another one extends or pools: beside it, or a shipped one.

    Raises
    ------
    InputError
        If there is none, or the name tries to leave the folder.
    """
    if said.endswith((".yaml", ".yml")):
        return beside(said, child, place, key), _called(said, place)
    if not _NAME.fullmatch(said):
        raise InputError(place, key, shown(said), "a scenario's name, of letters, digits, - and _")
    own, shipped = child.parent / f"{said}.yaml", shipped_scenarios()
    if child.stem == "baseline":
        shipped["baseline"] = shipped_folder("priors") / "baseline.yaml"
    if own.is_file() and (own.resolve() != child.resolve() or said not in shipped):
        return own, _called(own.name, place)
    if said in shipped:
        return shipped[said], said
    raise InputError(place, key, shown(said), one_of(said, shipped, "a scenario that exists"))


def beside(said: str, child: Path, place: str, key: str) -> Path:
    """Path of a file named inside another, which must lie in that one's folder or below.

    Raises
    ------
    InputError
        If it is absolute, leads elsewhere, or does not exist.
    """
    folder = child.parent.resolve()
    try:
        path = (folder / said).resolve()
        inside = not Path(said).is_absolute() and path.is_relative_to(folder)
    except (OSError, ValueError):
        inside = False
    if not inside:
        raise InputError(place, key, shown(said), "a path inside the file's own folder")
    if not os.path.exists(path):  # unlike Path.exists, it takes any path without raising
        raise InputError(place, key, f"{shown(said)}, which does not exist", "a file beside this one")
    return path


def _called(name: str, place: str) -> str:
    """Call a sibling of the file ``place`` as a user would find it."""
    return str(Path(place).parent / name) if "/" in place or place.endswith((".yaml", ".yml")) else name


def check_name(name: str, place: str, key: str) -> str:
    """Refuse a display name that could pass for a path or disturb a terminal."""
    if not 0 < len(name) <= 80 or not name.isprintable() or any(mark in name for mark in "/\\") or name.startswith("."):
        raise InputError(place, key, shown(name), "a name of 1 to 80 printable characters without slashes")
    return name
