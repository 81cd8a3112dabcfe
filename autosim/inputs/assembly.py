"""Laying files over one another, parents first, until every number has its prior."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from autosim.dims import BOTTLENECK, EVALUATION, ROLE, TASK
from autosim.equations.capability import TRAJECTORIES
from autosim.errors import InputError, one_of, shown
from autosim.inputs.distributions import Point
from autosim.inputs.parameters import PARAMETERS, Parameter
from autosim.inputs.priors import Note, Path, Prior, SharePrior, read_note, read_priors, read_shares
from autosim.inputs.scenario import Correlation, Header, InputFile, Scenario, Taxonomy
from autosim.inputs.schema import CorrelationEntry, EvaluationEntry, EvaluationsFile, Noted, StructureEntry, TasksFile, check
from autosim.inputs.specification import NOTES, number, refuse_unknown

TASK_PARAMETERS = ("task_length", "length_spread", "severity")
EVALUATION_PARAMETERS = ("median", "spread", "contamination", "severity")


@dataclass
class Assembly:
    """What the layers read so far come to; `finish` checks that nothing is missing."""

    bottlenecks: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    kinds: dict[str, str] = field(default_factory=dict)
    evaluations: tuple[str, ...] = ()
    anchor: str = ""
    descriptions: dict[str, str] = field(default_factory=dict)
    trajectory: dict[str, float] = field(default_factory=dict)
    feedback: bool | None = None
    priors: dict[Path, Prior] = field(default_factory=dict)
    shares: dict[Path, SharePrior] = field(default_factory=dict)
    correlations: dict[frozenset[str], Correlation] = field(default_factory=dict)
    correlated_at: dict[frozenset[str], tuple[str, str]] = field(default_factory=dict)

    def tasks_file(self, said: Mapping[str, Any], place: str) -> None:
        """Replace the taxonomy of tasks, roles and bottlenecks, and everything said of tasks and roles so far."""
        file = check(TasksFile, said, place)
        self._refuse_clashes(file, place)
        for name in self.kinds:
            self._forget(name, TASK_PARAMETERS)
        self.shares.clear()
        self.bottlenecks, self.roles = tuple(file.bottlenecks), tuple(file.roles)
        self.kinds = {name: task.kind for name, task in file.tasks.items()}
        self._describe(file.bottlenecks | file.roles | file.tasks)
        note = Note(place)
        self._priors("role_share", file.role_share, note, "role_share")
        self._priors("time_share", file.time_share, note, "time_share")
        for name, task in file.tasks.items():
            inner = read_note(task.model_dump(exclude_none=True), note, f"tasks.{name}")
            for parameter in TASK_PARAMETERS:
                self._one(PARAMETERS[parameter], name, getattr(task, parameter), inner, f"tasks.{name}.{parameter}")

    def evaluations_file(self, said: Mapping[str, Any], place: str) -> None:
        """Replace all evaluations and the anchor."""
        file = check(EvaluationsFile, said, place)
        for name in self.evaluations:
            self._forget(name, EVALUATION_PARAMETERS)
        self.evaluations = ()
        self.lay_evaluations(file.evaluations, place, "evaluations")
        if file.anchor not in self.evaluations:
            raise InputError(place, "anchor", shown(file.anchor), one_of(file.anchor, self.evaluations, "an evaluation"))
        self.anchor = file.anchor

    def lay_evaluations(self, said: Mapping[str, Any], place: str, key: str) -> None:
        """Add evaluations, or change what is said of those there are."""
        for name, entry in said.items():
            at = f"{key}.{name}"
            if not isinstance(entry, dict):
                raise InputError(place, at, shown(entry), "a mapping with median, spread, contamination and severity")
            evaluation = check(EvaluationEntry, entry, place, at)
            self._new_evaluation(name, evaluation, place, at)
            note = read_note(evaluation.model_dump(exclude_none=True), Note(place), at)
            for parameter in EVALUATION_PARAMETERS:
                given = getattr(evaluation, parameter)
                if given is not None:
                    self._one(PARAMETERS[parameter], name, given, note, f"{at}.{parameter}")

    def _new_evaluation(self, name: str, evaluation: EvaluationEntry, place: str, at: str) -> None:
        if name in self.kinds:
            raise InputError(place, at, f"'{name}', which is a task", "a name that no task has")
        if evaluation.description:
            self.descriptions[name] = evaluation.description
        if name not in self.evaluations:
            self.evaluations = (*self.evaluations, name)
            self.priors["contamination", name] = Prior(Point(0.0), f"contamination.{name}", Note(place, "none stated"))

    def structure(self, said: StructureEntry, place: str) -> None:
        """Choose trajectory weights and feedback."""
        if said.feedback is not None:
            self.feedback = said.feedback
        if said.trajectory is not None:
            weights = {said.trajectory: 1.0} if isinstance(said.trajectory, str) else said.trajectory
            key = "structure.trajectory"
            for name in weights:
                if name not in TRAJECTORIES:
                    raise InputError(place, key, shown(name), one_of(name, TRAJECTORIES, "a trajectory"))
            given = {name: number(weight, place, f"{key}.{name}") for name, weight in weights.items()}
            if min(given.values(), default=0.0) < 0.0 or abs(sum(given.values()) - 1.0) > 1e-6:
                raise InputError(place, key, f"weights that sum to {sum(given.values()):.6g}", "weights of at least 0 that sum to 1")
            self.trajectory = given

    def lay_priors(self, said: Mapping[str, Any], place: str) -> None:
        """Lay a scenario's ``priors:`` over those there are."""
        note = read_note(said, Note(place), "priors")
        entries = {name: entry for name, entry in said.items() if name not in NOTES}
        refuse_unknown(entries, PARAMETERS, place, "priors", "a parameter")
        for name, entry in entries.items():
            self._priors(name, entry, note, f"priors.{name}")

    def correlate(self, said: list[CorrelationEntry], place: str) -> None:
        """Add correlations between quantities, or change those there are."""
        for position, entry in enumerate(said):
            key = f"correlations.{position}"
            if len(set(entry.between)) != 2:
                raise InputError(place, f"{key}.between", ", ".join(entry.between) or "nothing", "two different quantities")
            rho = number(entry.rho, place, f"{key}.rho")
            if not -1.0 < rho < 1.0:
                raise InputError(place, f"{key}.rho", f"{rho:g}", "a number in (-1, 1)")
            pair = frozenset(entry.between)
            self.correlations[pair] = Correlation(entry.between[0], entry.between[1], rho)
            self.correlated_at[pair] = (place, key)

    def finish(self, header: Header, place: str) -> Scenario:
        """Check that every number has a prior, and freeze the whole.

        Raises
        ------
        InputError
            If a prior is missing, an evaluation tests nothing, or the correlations contradict one another.
        """
        for name in ("trajectory", "feedback"):
            if getattr(self, name) in ({}, None):
                raise InputError(place, f"structure.{name}", "nothing", "a value, here or in what it extends")
        taxonomy = Taxonomy(
            self.bottlenecks,
            self.roles,
            tuple(self.kinds),
            tuple(self.kinds.values()),
            self.evaluations,
            self.anchor,
            self.descriptions,
        )
        self._refuse_gaps(place)
        return Scenario(
            header, taxonomy, self.trajectory, bool(self.feedback), dict(self.priors), dict(self.shares), self._checked_correlations()
        )

    def _labels(self, parameter: Parameter) -> tuple[tuple[str, ...], ...]:
        known = {
            BOTTLENECK: self.bottlenecks,
            TASK: tuple(self.kinds),
            ROLE: self.roles,
            EVALUATION: self.evaluations,
            f"{TASK} or {EVALUATION}": (*self.kinds, *self.evaluations),
        }
        return tuple(known[axis] for axis in parameter.axes)

    def _priors(self, name: str, said: Any, note: Note, key: str) -> None:
        if name == "role_share":
            self.shares[name,] = read_shares(said, self.roles, self.shares.get((name,)), note, (name,), key)
        elif name == "time_share":
            self._time_shares(said, note, key)
        else:
            parameter = PARAMETERS[name]
            self.priors |= dict(read_priors(parameter, said, self._labels(parameter), note, (name,), key))

    def _time_shares(self, said: Any, note: Note, key: str) -> None:
        """One mapping for all roles, or a mapping for each."""
        names = [name for name in said if name not in NOTES] if isinstance(said, dict) else []
        by_role = bool(names) and "dist" not in said and all(name not in self.kinds for name in names)
        if by_role:
            refuse_unknown(names, (*self.roles, *self.kinds), note.place, key, "a role or a task")
            note = read_note(said, note, key)
        for role in names if by_role else self.roles:
            path = ("time_share", role)
            entry, at = (said[role], f"{key}.{role}") if by_role else (said, key)
            stream = path if by_role else ("time_share",)
            self.shares[path] = read_shares(entry, tuple(self.kinds), self.shares.get(path), note, stream, at)

    def _one(self, parameter: Parameter, name: str, said: Any, note: Note, key: str) -> None:
        """Read what is said of one task or evaluation by one parameter."""
        inner = self._labels(parameter)[1:]
        self.priors |= dict(read_priors(parameter, said, inner, note, (parameter.name, name), key))

    def _forget(self, name: str, parameters: tuple[str, ...]) -> None:
        for path in [path for path in self.priors if path[0] in parameters and path[1] == name]:
            del self.priors[path]

    def _describe(self, entries: Mapping[str, Noted]) -> None:
        self.descriptions |= {name: entry.description for name, entry in entries.items() if entry.description}

    def _refuse_clashes(self, file: TasksFile, place: str) -> None:
        for key, names in (("bottlenecks", file.bottlenecks), ("roles", file.roles), ("tasks", file.tasks)):
            if not names:
                raise InputError(place, key, "nothing", "at least one")
            for name in names:
                if not name.isidentifier() or name in (*NOTES, "dist"):
                    raise InputError(place, f"{key}.{name}", shown(name), "a name of letters, digits and _ that is not reserved")
        for name in file.tasks:
            if name in self.evaluations or name in file.roles:
                raise InputError(place, f"tasks.{name}", f"'{name}' twice", "a name that no role and no evaluation has")

    def _refuse_gaps(self, place: str) -> None:
        if not self.kinds or not self.evaluations:
            raise InputError(place, "extends", "nothing", "a scenario to build on, such as baseline")
        for parameter in PARAMETERS.values():
            paths = [(parameter.name,)]
            for labels in self._labels(parameter)[: 1 if parameter.name == "time_share" else None]:
                paths = [(*path, label) for path in paths for label in labels]
            paths = [("role_share",)] if parameter.name == "role_share" else paths
            for path in paths:
                if path not in self.priors and path not in self.shares:
                    raise InputError(place, f"priors.{'.'.join(path)}", "nothing", "a number or a distribution")
        for name in self.evaluations:
            tested = [self.priors["severity", name, b].distribution for b in self.bottlenecks]
            if all(isinstance(d, Point) and d.value == 0.0 for d in tested):
                raise InputError(place, f"evaluations.{name}.severity", "0 for every bottleneck", "an evaluation that tests something")

    def _checked_correlations(self) -> tuple[Correlation, ...]:
        """Keep those between uncertain quantities, and refuse a set that no joint distribution has."""
        uncertain = {prior.stream for prior in self.priors.values() if not isinstance(prior.distribution, Point)}
        kept = []
        for pair, correlation in self.correlations.items():
            place, key = self.correlated_at[pair]
            for name in (correlation.first, correlation.second):
                if name not in uncertain and not self._known_exactly(name):
                    raise InputError(place, f"{key}.between", shown(name), one_of(name, sorted(uncertain), "a quantity with one prior"))
            if pair <= uncertain:
                kept.append(correlation)
        if kept:
            matrix = correlation_matrix(tuple(kept))[1]
            if np.linalg.eigvalsh(matrix).min() < 1e-9:
                place, key = self.correlated_at[frozenset((kept[-1].first, kept[-1].second))]
                raise InputError(place, "correlations", "correlations that contradict one another", "a positive definite set")
        return tuple(kept)

    def _known_exactly(self, name: str) -> bool:
        below = [prior for path, prior in self.priors.items() if path[: len(name.split("."))] == tuple(name.split("."))]
        return bool(below) and all(isinstance(prior.distribution, Point) for prior in below)


def correlation_matrix(correlations: tuple[Correlation, ...]) -> tuple[list[str], np.ndarray[Any, np.dtype[np.float64]]]:
    """Names in order of first mention and their correlation matrix, (quantity, quantity)."""
    names = list(dict.fromkeys(name for c in correlations for name in (c.first, c.second)))
    matrix = np.eye(len(names))
    for c in correlations:
        i, j = names.index(c.first), names.index(c.second)
        matrix[i, j] = matrix[j, i] = c.rho
    return names, matrix


def input_file(place: str, text: str) -> InputFile:
    """Record a file that was read."""
    return InputFile(place, text, hashlib.sha256(text.encode()).hexdigest())


def checked_dates(reference_date: date | None, end: date | None, place: str) -> tuple[date, date]:
    """Refuse dates that are missing or in the wrong order."""
    if reference_date is None or end is None:
        raise InputError(place, "reference_date" if reference_date is None else "end", "nothing", "a date such as 2036-01-01")
    if end <= reference_date:
        raise InputError(place, "end", str(end), f"a date after the reference date {reference_date}")
    if end.year - reference_date.year > 100:
        raise InputError(place, "end", str(end), f"at most 100 years after the reference date {reference_date}")
    return reference_date, end
