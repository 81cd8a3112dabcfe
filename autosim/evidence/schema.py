"""What the tables of evidence hold: kinds, columns, units, ranges (docs/evidence.md is held to this file)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from autosim.inputs.scenario import Taxonomy

STATEMENTS = ("experiments_solved", "debugging_solved", "assistance_not_automation")
"""Statements of experts that the model has a likelihood for (model §10)."""

LONGEST = 2.0**24
"""Longest human time that a record may claim [min], the model's own cap: 32 years."""

type Type = Literal["text", "date", "flag", "count", "number"]


@dataclass(frozen=True)
class Column:
    """One column: what a cell may say, and what an empty one means.

    ``low`` and ``high`` bound a number, ``open_low`` leaves ``low`` itself out; ``default`` stands in for an empty cell
    (None: there must be a value; NaN: it stays missing).
    """

    name: str
    type: Type
    meaning: str
    unit: str = "–"
    low: float = float("-inf")
    high: float = float("inf")
    open_low: bool = False
    default: float | None = None

    @property
    def required(self) -> bool:
        """Whether every row must have a value."""
        return self.default is None

    @property
    def range(self) -> str:
        """Values that it may have, as an interval; a dash for what is not a number."""
        if self.type not in {"number", "count"}:
            return "–"
        low = f"{'(' if self.open_low else '['}{self.low:.0f}" if self.low == round(self.low) else f"[{self.low:g}"
        return f"{low}, ∞)" if math.isinf(self.high) else f"{low}, {self.high:.0f}]"

    @property
    def empty(self) -> str:
        """What an empty cell means; a dash if there must be a value."""
        return "–" if self.default is None else "missing" if math.isnan(self.default) else f"{self.default:g}"


@dataclass(frozen=True)
class Kind:
    """One table: its columns, and those that together name a row.

    ``family`` is a column that comes once per name: ``severity.*`` per bottleneck, ``share.*`` per task.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    family: Column | None = None

    def all_columns(self, taxonomy: Taxonomy) -> tuple[Column, ...]:
        """Every column in the order in which tables hold them, the family's names spelt out."""
        if self.family is None:
            return self.columns
        stem = self.family.name.removesuffix("*")
        names = taxonomy.bottlenecks if stem == "severity." else taxonomy.tasks
        spelt = tuple(_named(self.family, stem + name) for name in names)
        return (*self.columns[:-2], *spelt, *self.columns[-2:])


def _named(column: Column, name: str) -> Column:
    return Column(name, column.type, column.meaning, column.unit, column.low, column.high, default=column.default)


NAN = float("nan")
_SOURCE = (
    Column("source", "text", "where the row comes from, so that another person finds it"),
    Column("published", "date", "day on which it became public"),
)


def _minutes(name: str, meaning: str, default: float | None = None) -> Column:
    return Column(name, "number", meaning, "min", 0.0, LONGEST, open_low=True, default=default)


def _model() -> tuple[Column, ...]:
    return (
        Column("model", "text", "AI model, spelt alike in every table"),
        Column("release_date", "date", "day of its release"),
        Column("frontier", "flag", "whether it was the best there was when released; otherwise it may lag behind"),
    )


OUTCOMES = Kind(
    "outcomes",
    (
        *_model(),
        Column("suite", "text", "evaluation of the scenario; any other name if the row has every severity"),
        Column("instance", "text", "task within the suite"),
        _minutes("human_minutes", "working time of a qualified human, the same for every model"),
        Column("successes", "count", "attempts that succeeded", "1", 0),
        Column("attempts", "count", "attempts", "1", 1),
        Column("weight", "number", "how much an attempt counts in the likelihood", "1", 0, 1e6, True, 1.0),
        *_SOURCE,
    ),
    ("model", "suite", "instance"),
    Column("severity.*", "number", "severity of a bottleneck; empty: the suite's", "1", 0, 1, default=NAN),
)
HORIZONS = Kind(
    "horizons",
    (
        *_model(),
        Column("suite", "text", "evaluation of the scenario on which it was measured"),
        _minutes("p50_horizon_min", "human time of tasks at which half of the attempts succeed"),
        _minutes("p50_lower", "lower end of its 95 % interval"),
        _minutes("p50_upper", "upper end of its 95 % interval"),
        _minutes("p80_horizon_min", "human time of tasks at which 80 % succeed", NAN),
        _minutes("p80_lower", "lower end of its 95 % interval", NAN),
        _minutes("p80_upper", "upper end of its 95 % interval", NAN),
        *_SOURCE,
    ),
    ("model", "suite"),
)
TIME_USE = Kind(
    "time_use",
    (
        Column("person", "text", "who; a survey's mean counts as one person"),
        Column("role", "text", "role of the scenario"),
        Column("task", "text", "task of the scenario"),
        Column("minutes", "number", "time spent on it; a task without a row was not recorded", "min", 0, LONGEST),
        Column("date", "date", "day, or last day of the period"),
        *_SOURCE,
    ),
    ("person", "task", "date"),
)
TRIALS = Kind(
    "trials",
    (
        Column("trial", "text", "name of the trial"),
        Column("population", "text", "who took part"),
        Column("date", "date", "middle of the trial"),
        Column("time_ratio", "number", "time with AI allowed over time without", "1", 0.01, 100),
        Column("standard_error", "number", "of the natural logarithm of time_ratio", "1", 0, 5, open_low=True),
        Column("believed_ratio", "number", "time ratio that participants expected", "1", 0.01, 100, default=NAN),
        *_SOURCE,
    ),
    ("trial",),
    Column("share.*", "number", "share of a task in the trial's work; empty: 0", "1", 0, 1, default=0.0),
)
COUNTS = Kind(
    "counts",
    (
        Column("statement", "text", f"one of {', '.join(STATEMENTS)}"),
        Column("count", "count", "experts who agree", "1", 0),
        Column("of", "count", "experts asked", "1", 1),
        Column("weight", "number", "how much it counts in the likelihood", "1", 0, 1, True, 0.5),
        *_SOURCE,
    ),
    ("statement", "source"),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in (OUTCOMES, HORIZONS, TIME_USE, TRIALS, COUNTS)}
"""Every table of evidence by name."""


def recognised(columns: Sequence[str]) -> Kind | None:
    """Find the kind of table that has these columns: that which shares the most, if one shares more than the others.

    Examples
    --------
    >>> recognised(["model", "p50_horizon_min", "p50_lower"]).name
    'horizons'
    >>> recognised(["source", "published"]) is None
    True
    """

    def shared(kind: Kind) -> int:
        family = kind.family.name.removesuffix("*") if kind.family else "\0"
        return len({column.name for column in kind.columns} & set(columns)) + any(c.startswith(family) for c in columns)

    best, second = sorted(KINDS.values(), key=shared, reverse=True)[:2]
    return best if shared(best) > shared(second) else None
