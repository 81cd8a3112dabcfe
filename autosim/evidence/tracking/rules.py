"""Rules: which entries of a time tracker are which task."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from autosim.errors import InputError, one_of, shown
from autosim.inputs.document import read_document
from autosim.inputs.scenario import Taxonomy
from autosim.inputs.schema import check
from autosim.inputs.shipped import shipped_folder

PRIVATE = ("title", "url", "description")
"""Fields that are never told, printed or stored: they are matched, and forgotten."""

ANY, TASK, IGNORE = "any", "task", "ignore"
MOST_LETTERS = 1_000
"""Of a field that are matched; a longer text is cut."""


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"no regular expression ({error})") from None


class RuleEntry(BaseModel):
    """One of ``rules:``; every field that it names must match, ``any`` in whichever field."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    task: str | None = None
    ignore: bool = False
    any: str | None = None
    app: str | None = None
    title: str | None = None
    url: str | None = None
    project: str | None = None
    client: str | None = None
    description: str | None = None
    tag: str | None = None
    category: str | None = None
    language: str | None = None
    editor: str | None = None


FIELDS = tuple(name for name in RuleEntry.model_fields if name not in (TASK, IGNORE, ANY))
"""What trackers record, by the names that rules use; each tracker has some of them."""


class RulesFile(BaseModel):
    """The file of ``--rules``."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    rules: list[RuleEntry]


@dataclass(frozen=True)
class Rule:
    """A rule: a task, or None for what is no work, and patterns by field."""

    task: str | None
    patterns: tuple[tuple[str, re.Pattern[str]], ...]

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Whether every pattern is found in its field."""
        return all(
            any(pattern.search(text[:MOST_LETTERS]) for text in fields.values())
            if name == ANY
            else pattern.search(fields.get(name, "")[:MOST_LETTERS])
            for name, pattern in self.patterns
        )


@dataclass(frozen=True)
class Rules:
    """Rules in order: the first that matches says what an entry was."""

    rules: tuple[Rule, ...]

    @property
    def tasks(self) -> tuple[str, ...]:
        """Tasks that rules know, each once: those that a tracker with these rules records."""
        return tuple(dict.fromkeys(rule.task for rule in self.rules if rule.task is not None))

    def find(self, fields: Mapping[str, str]) -> Rule | None:
        """The first rule that matches, None if there is none."""
        return next((rule for rule in self.rules if rule.matches(fields)), None)


def read_rules(said: str | None, taxonomy: Taxonomy) -> Rules:
    """Read ``--rules``, or what comes with autosim.

    Raises
    ------
    InputError
        If the file cannot be used: an unknown task or field, no regular expression, a rule that says nothing.
    """
    path = Path(said) if said else shipped_folder("priors") / "import" / "time_rules.yaml"
    place = said or "time_rules.yaml"
    entries = check(RulesFile, read_document(path, place)[0], place).rules
    found = Rules(tuple(_rule(entry, place, f"rules[{i}]", taxonomy) for i, entry in enumerate(entries)))
    if not found.tasks:
        raise InputError(place, "rules", "no rule with a task", "at least one")
    return found


def _rule(entry: RuleEntry, place: str, key: str, taxonomy: Taxonomy) -> Rule:
    if (entry.task is None) != entry.ignore:
        got = "both a task and ignore" if entry.ignore else "neither a task nor ignore"
        raise InputError(place, key, got, "task: NAME, or ignore: true for what is no work")
    if entry.task is not None and entry.task not in taxonomy.tasks:
        raise InputError(place, f"{key}.task", shown(entry.task), one_of(entry.task, taxonomy.tasks, "a task"))
    told: dict[str, Any] = entry.model_dump(exclude={TASK, IGNORE}, exclude_none=True)
    if not told:
        raise InputError(place, key, "no pattern", f"at least one of any, {', '.join(FIELDS)}")
    patterns = []
    for name, text in told.items():
        try:
            patterns.append((name, _pattern(text)))
        except ValueError as error:
            raise InputError(place, f"{key}.{name}", f"{shown(text)}, {error}", "a regular expression") from None
    return Rule(entry.task, tuple(patterns))
