"""Refusals of scenarios: tables of what is refused, and the one line that says so."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from autosim.errors import InputError
from autosim.inputs.loading import load

HEAD = "name: Mine\nextends: base\n"
PRIORS = f"{HEAD}priors:\n  "


def table(text: str, before: str = "") -> list[Any]:
    """Rows of "name | what is written | key | got | expected"; ⏎ is a line end, indented lines go on, + is HEAD."""
    rows = re.sub(r"\n    ", " ", text.strip("\n")).split("\n")
    cells = [[cell.strip().replace("⏎", "\n") for cell in re.split(r" *\| *", row)] for row in rows]
    assert all(len(row) == 5 for row in cells)
    return [pytest.param(re.sub(r"^\+", HEAD, f"{before}{said}\n"), *rest, id=name) for name, said, *rest in cells]


def refusal(scenario: str | Path, overrides: Sequence[str] = ()) -> str:
    """The message of the refusal, which is one printable line and leaves the folder as it was."""
    before = sorted(Path().rglob("*"))
    with pytest.raises(InputError) as caught:
        load(scenario, overrides)
    message = str(caught.value)
    assert message.isprintable()
    assert re.fullmatch(r"\S.*: got \S.*, expected \S.*", message)
    assert len(message) < 1000
    assert sorted(Path().rglob("*")) == before
    return message


def check_refusal(message: str, place: str, key: str, got: str, expected: str) -> None:
    where, _, rest = message.partition(": got ")
    found, _, wanted = rest.partition(", expected ")
    assert where == (f"{place}: {key}" if key else place)
    assert got in found
    assert expected in wanted
