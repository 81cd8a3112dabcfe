"""Laying files over one another, parents first, until every number has its prior."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from autosim.dims import BOTTLENECK, EVALUATION, ROLE, TASK
from autosim.errors import InputError, one_of, shown
from autosim.inputs.as_of import Vintage
from autosim.inputs.choices import read_choices
from autosim.inputs.correlations import Correlations
from autosim.inputs.distributions import Point
from autosim.inputs.notes import Before, Note, befores, read_note, refuse_notes_alone
from autosim.inputs.parameters import PARAMETERS, Parameter
from autosim.inputs.priors import Path, Prior, SharePrior, read_priors, read_shares, summing_to_1
from autosim.inputs.scenario import Header, InputFile, Scenario, Taxonomy
from autosim.inputs.schema import EvaluationEntry, EvaluationsFile, Noted, StructureEntry, TasksFile, check
from autosim.inputs.specification import NOTES, refuse_unknown
from autosim.inputs.substitution import INPUT_SUBSTITUTION, SUBSTITUTION, implied_weights, with_weights
from autosim.inputs.variations import PARAMETERS as EVALUATION_PARAMETERS
from autosim.inputs.variations import Designs

MAX_NAMES = 100
"""Most bottlenecks, roles, tasks and evaluations, each: every task and evaluation meets every bottleneck."""

YEARS = (1900, 2200)
"""First and last year that a scenario may reach; datasets count nanoseconds, which end in 2262."""

TASK_PARAMETERS = ("task_length", "length_spread", "severity")


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
    substitution: dict[str, float] = field(default_factory=dict)
    feedback: bool | None = None
    structure_notes: dict[str, Note] = field(default_factory=dict)
    priors: dict[Path, Prior] = field(default_factory=dict)
    shares: dict[Path, SharePrior] = field(default_factory=dict)
    correlations: Correlations = field(default_factory=Correlations)
    designs: Designs = field(default_factory=Designs)
    tasks_place: str = ""
    unsettled: dict[Path, str] = field(default_factory=dict)
    vintage: Vintage = field(default_factory=lambda: Vintage(None))

    def tasks_file(self, said: Mapping[str, Any], place: str) -> None:
        """Replace the taxonomy of tasks, roles and bottlenecks, and everything said of tasks and roles so far."""
        file = check(TasksFile, said, place)
        self._refuse_clashes(file, place)
        self.tasks_place = place
        for name in self.kinds:
            self._forget(name, TASK_PARAMETERS)
        self.shares.clear()
        self.bottlenecks, self.roles = tuple(file.bottlenecks), tuple(file.roles)
        self.kinds = {name: task.kind for name, task in file.tasks.items()}
        self._describe(file.bottlenecks | file.roles | file.tasks)
        note, before = Note(place), befores(file.before, TASK_PARAMETERS, place)
        self._priors("role_share", file.role_share, note, "role_share")
        self._priors("time_share", file.time_share, note, "time_share")
        self.settle_shares()
        for name, task in file.tasks.items():
            inner = read_note(task.model_dump(exclude_none=True), note, f"tasks.{name}")
            for parameter in TASK_PARAMETERS:
                own = replace(inner, before=before.get(parameter))
                self._one(PARAMETERS[parameter], name, getattr(task, parameter), own, f"tasks.{name}.{parameter}")

    def evaluations_file(self, said: Mapping[str, Any], place: str) -> None:
        """Replace all evaluations and the anchor."""
        file = check(EvaluationsFile, said, place)
        for name in self.evaluations:
            self._forget(name, EVALUATION_PARAMETERS)
        self.evaluations = ()
        self.designs.clear()
        before = befores(file.before, EVALUATION_PARAMETERS, place)
        self.lay_evaluations(file.evaluations, place, "evaluations", before)
        if file.anchor not in self.evaluations:
            raise InputError(
                place, "anchor", shown(file.anchor), one_of(file.anchor, self.evaluations, "an evaluation")
            )
        self.anchor = file.anchor

    def lay_evaluations(
        self, said: Mapping[str, Any], place: str, key: str, before: Mapping[str, Before] | None = None
    ) -> None:
        """Add evaluations, or change what is said of those there are; ``before`` holds for all, by parameter."""
        for name, entry in said.items():
            at = f"{key}.{name}"
            if not isinstance(entry, dict):
                raise InputError(place, at, shown(entry), "a mapping with median, spread, contamination, severity")
            evaluation = check(EvaluationEntry, entry, place, at)
            self.designs.lay(name, evaluation.model_dump(), place, at, known=name in self.evaluations)
            self._new_evaluation(name, evaluation, place, at)
            note = read_note(evaluation.model_dump(exclude_none=True), Note(place), at)
            if "description" not in entry:
                refuse_notes_alone(entry, place, at)
            for parameter in EVALUATION_PARAMETERS:
                given = getattr(evaluation, parameter)
                if given is not None:
                    own = replace(note, before=(before or {}).get(parameter))
                    self._one(PARAMETERS[parameter], name, given, own, f"{at}.{parameter}")

    def _new_evaluation(self, name: str, evaluation: EvaluationEntry, place: str, at: str) -> None:
        if name in self.kinds:
            raise InputError(place, at, f"{shown(name)}, which is a task", "a name that no task has")
        _refuse_odd_name(name, place, at)
        if evaluation.description:
            self.descriptions[name] = evaluation.description
        if name not in self.evaluations:
            if len(self.evaluations) == MAX_NAMES:
                raise InputError(place, at, f"more than {MAX_NAMES} evaluations", "fewer")
            self.evaluations = (*self.evaluations, name)
            if evaluation.variation_of is None:
                stream, note = f"contamination.{name}", Note(place, "none stated")
                self.priors["contamination", name] = Prior(Point(0.0), stream, note)

    def structure(self, said: StructureEntry, place: str) -> None:
        """Choose weights of trajectories and of the signs of substitution, and feedback."""
        if said.feedback is None and said.trajectory is None and said.substitution is None:
            refuse_notes_alone(said.model_dump(exclude_none=True, exclude_defaults=True), place, "structure")
        for choice in read_choices(said, place):
            parent = self.structure_notes.get(choice.name)
            chosen = self.vintage.chosen(f"structure.{choice.name}", choice, parent)
            if chosen is not None:
                setattr(self, choice.name, chosen.value)
                self.structure_notes[choice.name] = chosen.note

    def lay_priors(self, said: Mapping[str, Any], place: str) -> None:
        """Lay a scenario's ``priors:`` over those there are."""
        note = read_note(said, Note(place), "priors")
        refuse_notes_alone(said, place, "priors")
        entries = {name: entry for name, entry in said.items() if name not in NOTES}
        refuse_unknown(entries, PARAMETERS, place, "priors", "a parameter")
        for name, entry in entries.items():
            self._priors(name, entry, note, f"priors.{name}")

    def settle_shares(self) -> None:
        """Check that shares laid since the last time sum to 1: a file's once it is read, assignments' after the last.

        Raises
        ------
        InputError
            Where they were last changed.
        """
        for path, key in self.unsettled.items():
            self.shares[path] = summing_to_1(self.shares[path], key)
        self.unsettled.clear()

    def refuse_nothing(self, place: str) -> None:
        """Refuse a scenario that builds on nothing and brings no tasks or evaluations of its own.

        Raises
        ------
        InputError
            Pointing at ``extends``, which is what such a file lacks.
        """
        if not self.kinds or not self.evaluations:
            raise InputError(place, "extends", "nothing", "a scenario to build on, such as baseline")

    def finish(self, header: Header, place: str) -> Scenario:
        """Check that every number has a prior, and freeze the whole.

        Raises
        ------
        InputError
            If a prior is missing, an evaluation tests nothing, or the correlations contradict one another.
        """
        for name in ("trajectory", "feedback"):
            if getattr(self, name) in ({}, None):
                self.vintage.refuse_missing(f"structure.{name}")
                raise InputError(place, f"structure.{name}", "nothing", "a value, here or in what it extends")
        self.designs.complete(self.priors, self.evaluations)
        taxonomy = Taxonomy(
            self.bottlenecks,
            self.roles,
            tuple(self.kinds),
            tuple(self.kinds.values()),
            self.evaluations,
            self.anchor,
            self.descriptions,
            self.designs.bases(),
            self.designs.gradings(),
        )
        priors, shares = self._complete(place)
        self._refuse_evaluations_of_nothing()
        self._refuse_lost_bottlenecks()
        correlations = self.correlations.kept(priors)
        substitution = self._settle_substitution(priors)
        dated = [(".".join(path), prior.note) for path, prior in priors.items()]
        dated += [(".".join(path), prior.note) for path, prior in shares.items()]
        dated += [(f"structure.{name}", note) for name, note in self.structure_notes.items()]
        return Scenario(
            header,
            taxonomy,
            self.trajectory,
            substitution,
            bool(self.feedback),
            self.structure_notes,
            priors,
            shares,
            correlations,
            as_of=self.vintage.settled(dated),
        )

    def _settle_substitution(self, priors: dict[Path, Prior]) -> dict[str, float]:
        """Weights of the signs of substitution; where they were stated, the elasticity's prior gets them."""
        if self.substitution:
            note = self.structure_notes[SUBSTITUTION]
            priors[INPUT_SUBSTITUTION] = with_weights(priors[INPUT_SUBSTITUTION], self.substitution, note)
        return self.substitution or implied_weights(priors[INPUT_SUBSTITUTION].distribution)

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
            parent = self.shares.get((name,))
            self._share((name,), read_shares(said, self.roles, "a role", parent, note, (name,), key), key)
        elif name == "time_share":
            self._time_shares(said, note, key)
        else:
            parameter = PARAMETERS[name]
            self._lay(read_priors(parameter, said, self._labels(parameter), note, (name,), key))

    def _time_shares(self, said: Any, note: Note, key: str) -> None:
        """One mapping for all roles, or a mapping for each."""
        names = [name for name in said if name not in NOTES] if isinstance(said, dict) and "dist" not in said else []
        refuse_unknown(names, (*self.roles, *self.kinds), note.place, key, "a role or a task")
        roles = [name for name in names if name in self.roles]
        if roles and len(roles) < len(names):
            raise InputError(
                note.place, key, "roles beside tasks", "shares of tasks for all roles, or a mapping for each role"
            )
        if roles:
            note = read_note(said, note, key)
        for role in roles or self.roles:
            path = ("time_share", role)
            entry, at, stream = (said[role], f"{key}.{role}", path) if roles else (said, key, ("time_share",))
            parent = self.shares.get(path)
            self._share(path, read_shares(entry, tuple(self.kinds), "a task", parent, note, stream, at), at)

    def _share(self, path: Path, prior: SharePrior, key: str) -> None:
        before = self.shares.get(path)
        chosen = self.vintage.chosen(".".join(path), prior, before.note if before else None)
        if chosen is None:
            return
        self.shares[path] = prior = chosen
        if prior.simplex.concentration is not None:
            self.unsettled.pop(path, None)
        elif before is None or prior.simplex is not before.simplex:
            self.unsettled[path] = key

    def _one(self, parameter: Parameter, name: str, said: Any, note: Note, key: str) -> None:
        """Read what is said of one task or evaluation by one parameter."""
        inner = self._labels(parameter)[1:]
        self._lay(read_priors(parameter, said, inner, note, (parameter.name, name), key))

    def _lay(self, found: Iterable[tuple[Path, Prior]]) -> None:
        """Lay priors over those there are, each as it was known on the day of the vintage."""
        for path, prior in found:
            parent = self.priors.get(path)
            chosen = self.vintage.chosen(".".join(path), prior, parent.note if parent else None)
            if chosen is not None:
                self.priors[path] = chosen

    def _forget(self, name: str, parameters: tuple[str, ...]) -> None:
        for path in [path for path in self.priors if path[0] in parameters and path[1] == name]:
            del self.priors[path]

    def _describe(self, entries: Mapping[str, Noted]) -> None:
        self.descriptions |= {name: entry.description for name, entry in entries.items() if entry.description}

    def _refuse_clashes(self, file: TasksFile, place: str) -> None:
        for key, names in (("bottlenecks", file.bottlenecks), ("roles", file.roles), ("tasks", file.tasks)):
            if not 0 < len(names) <= MAX_NAMES:
                got = f"{len(names):,}" if names else "nothing"
                raise InputError(place, key, got, f"at least one and at most {MAX_NAMES}")
            for name in names:
                _refuse_odd_name(name, place, f"{key}.{name}")
        for name in file.tasks:
            if name in self.evaluations or name in file.roles:
                raise InputError(
                    place, f"tasks.{name}", f"{shown(name)} twice", "a name that no role and no evaluation has"
                )

    def _complete(self, place: str) -> tuple[dict[Path, Prior], dict[Path, SharePrior]]:
        """Priors and shares of everything in the taxonomy, and of nothing else."""
        priors: dict[Path, Prior] = {}
        shares: dict[Path, SharePrior] = {}
        for path in self._paths():
            if path in self.priors:
                priors[path] = self.priors[path]
            elif path in self.shares:
                shares[path] = self.shares[path]
            else:
                self.vintage.refuse_missing(".".join(path))
                where, key = self._belongs(path, place)
                raise InputError(where, key, "nothing", "a number or a distribution")
        return priors, shares

    def _paths(self) -> Iterator[Path]:
        for parameter in PARAMETERS.values():
            depth = {"role_share": 0, "time_share": 1}.get(parameter.name, len(parameter.axes))
            for labels in itertools.product(*self._labels(parameter)[:depth]):
                yield (parameter.name, *labels)

    def _belongs(self, path: Path, place: str) -> tuple[str, str]:
        """File and key where a missing number would stand."""
        name, *labels = path
        axis = PARAMETERS[name].axes[0] if labels else ""
        if EVALUATION in axis and labels[0] in self.evaluations:
            return place, ".".join(["evaluations", labels[0], name, *labels[1:]])
        if TASK in axis:
            return self.tasks_place, ".".join(["tasks", labels[0], name, *labels[1:]])
        return place, ".".join(["priors", *path])

    def _refuse_evaluations_of_nothing(self) -> None:
        for name in self.evaluations:
            tested = [self.priors["severity", name, bottleneck] for bottleneck in self.bottlenecks]
            if all(prior.distribution.support() == (0.0, 0.0) for prior in tested):
                key = f"evaluations.{name}.severity"
                raise InputError(
                    tested[-1].note.place, key, "0 for every bottleneck", "an evaluation that tests something"
                )

    def _refuse_lost_bottlenecks(self) -> None:
        """Refuse evaluations that test a bottleneck which a tasks file left out: they would become easier unnoticed."""
        for path, prior in self.priors.items():
            name, *labels = path
            if name == "severity" and labels[0] in self.evaluations and labels[1] not in self.bottlenecks:
                got = f"no {labels[1]}, which the evaluation {labels[0]} tests"
                if prior.distribution != Point(0.0):
                    raise InputError(
                        self.tasks_place, "bottlenecks", got, "every bottleneck of the evaluations, or new evaluations"
                    )


def _refuse_odd_name(name: str, place: str, key: str) -> None:
    if not name.isidentifier() or len(name) > 60 or name in (*NOTES, "dist"):
        what = "a name of at most 60 letters, digits and _ that is not reserved"
        raise InputError(place, key, shown(name), what)


def input_file(place: str, text: str) -> InputFile:
    """Record a file that was read."""
    return InputFile(place, text, hashlib.sha256(text.encode()).hexdigest())


def checked_dates(reference_date: date | None, end: date | None, place: str) -> tuple[date, date]:
    """Refuse dates that are missing, in the wrong order, or too far away."""
    if reference_date is None or end is None:
        raise InputError(
            place, "reference_date" if reference_date is None else "end", "nothing", "a date such as 2036-01-01"
        )
    if end <= reference_date:
        raise InputError(place, "end", str(end), f"a date after the reference date {reference_date}")
    if end.year - reference_date.year > 100:
        raise InputError(place, "end", str(end), f"at most 100 years after the reference date {reference_date}")
    for name, day in (("reference_date", reference_date), ("end", end)):
        if not YEARS[0] <= day.year <= YEARS[1]:
            raise InputError(place, name, str(day), f"a date in the years {YEARS[0]} to {YEARS[1]}")
    return reference_date, end
