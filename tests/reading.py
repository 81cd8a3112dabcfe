"""What a reader may make of any input: a scenario whose every number is one, or one clear line."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from conftest import BASE, EVALUATIONS, RICH, TASKS

from autosim.analysis.summary import summarise
from autosim.draws import draw
from autosim.errors import AutosimError, InputError
from autosim.inputs.document import read_document
from autosim.inputs.loading import load
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.scenario import AnyScenario
from autosim.simulation.run import simulate

FILES = {"mine.yaml": RICH, "base.yaml": BASE, "tasks.yaml": TASKS, "evaluations.yaml": EVALUATIONS}
SET = "--set"
ASSIGNMENTS = [
    "work_gap={dist: normal, q05: 1, q95: 6, upper: 9, source: us}",
    "severity.debugging.novelty=high",
    "horizon_offset={reliability: 1}",
    "time_share.manager={planning: 0.5, debugging: 0.2}",
    "evaluations.cuda.median=30",
    "structure.trajectory={exponential: 0.5, saturating: 0.5}",
    "end=2031-01-01",
]
GRADINGS = {"added_difficulty", "best_of", "all_of"}
"""What draws hold of how evaluations are graded, which is no parameter."""
MOST_CHARACTERS = 1300
"""Longest line in which an input is refused: four parts of at most 300 characters, and the words between them."""


class Reader:
    """A folder of small files, of which one says what somebody made up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[Path, tuple[dict[str, Any], str]] = {}
        for name, text in FILES.items():
            (folder / name).write_text(text)

    def read(self, part: str, content: bytes) -> AnyScenario | str:
        """Load ``mine.yaml`` with one of its files replaced, or with an assignment laid over it.

        Returns
        -------
        The scenario, or the line in which it was refused. Everything else is a failure.
        """
        changed = self.folder / part
        overrides = [content.decode("utf-8", "surrogateescape")] if part == SET else []
        if part != SET:
            changed.write_bytes(content)
        try:
            with self._reading_once(changed):
                return load(self.folder / "mine.yaml", overrides)
        except InputError as error:
            return clear(error)
        finally:
            if part != SET:
                changed.write_text(FILES[part])

    @contextmanager
    def _reading_once(self, changed: Path) -> Iterator[None]:
        def kept(path: Path, place: str) -> tuple[dict[str, Any], str]:
            if path == changed or path.parent != self.folder:
                return read_document(path, place)
            if path not in self._known:
                self._known[path] = read_document(path, place)
            return self._known[path]

        with patch("autosim.inputs.loading.read_document", kept):
            yield


def clear(error: AutosimError) -> str:
    """The line of an error, held to what a user can act on."""
    line = str(error)
    assert line.isprintable(), repr(line)
    assert len(line) <= MOST_CHARACTERS, line
    if isinstance(error, InputError):
        assert re.fullmatch(r"\S.*: got \S.*, expected \S.*", line), line
    return line


def check_draws(scenario: AnyScenario, draws: int) -> None:
    """Draw from priors, which must give finite numbers inside their domains or be refused."""
    try:
        drawn = draw(scenario, 0, draws)
    except InputError as error:
        clear(error)
        return
    for name, values in {**drawn.scalars, **drawn.indexed}.items():
        assert np.isfinite(values).all(), name
        if name in GRADINGS:
            continue
        domain = PARAMETERS[name.removeprefix("evaluation_")].domain
        assert domain.holds(float(values.min())), name
        assert domain.holds(float(values.max())), name


def check_simulation(scenario: AnyScenario, draws: int) -> bool:
    """Simulate and summarise, which must give finite numbers or be refused; whether it was simulated."""
    try:
        simulation = simulate(scenario, draws, 0)
    except AutosimError as error:
        clear(error)
        return False
    json.dumps(summarise(simulation), allow_nan=False)
    return True
