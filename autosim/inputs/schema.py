"""The shape of the files, checked by pydantic; what stands in the priors is read by `autosim.inputs.priors`."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from autosim.errors import InputError, one_of, shown

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def as_day(value: object) -> object:
    """Read a date that is written as text, as JSON must; anything else is left to be judged.

    Examples
    --------
    >>> as_day("2024-08-27"), as_day(2024)
    (datetime.date(2024, 8, 27), 2024)
    """
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return str(value) if isinstance(value, datetime) else value


type Day = Annotated[date, BeforeValidator(as_day)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Noted(_File):
    """An entry that may say where it comes from."""

    description: str = ""
    source: str | None = None
    published: Day | None = None


class StructureEntry(Noted):
    """``structure:`` of a scenario; ``before`` has the same keys."""

    before: Any = None
    trajectory: str | dict[str, Any] | None = None
    substitution: str | dict[str, Any] | None = None
    feedback: bool | None = None


class CorrelationEntry(Noted):
    """One item of ``correlations:``."""

    between: list[str]
    rho: float | int


class PosteriorEntry(_File):
    """``posterior:`` of a scenario: a file of draws beside it, and what its variables are called."""

    file: str | None = None
    map: dict[str, Any] | None = None


class ScenarioFile(_File):
    """A scenario."""

    name: str
    description: str = ""
    extends: str | None = None
    reference_date: Day | None = None
    end: Day | None = None
    tasks: str | None = None
    evaluations: str | dict[str, Any] | None = None
    structure: StructureEntry | None = None
    priors: dict[str, Any] | None = None
    correlations: list[CorrelationEntry] | None = None
    posterior: PosteriorEntry | None = None
    pool: dict[str, Any] | None = None


class TaskEntry(Noted):
    """One task of a tasks file."""

    kind: Literal["planning", "interpreting", "work"]
    task_length: Any
    length_spread: Any
    severity: Any


class TasksFile(_File):
    """Tasks, roles and bottlenecks; ``before`` holds for every task, by parameter."""

    before: dict[str, Any] = {}
    bottlenecks: dict[str, Noted]
    roles: dict[str, Noted]
    role_share: Any
    time_share: Any
    tasks: dict[str, TaskEntry]


class EvaluationEntry(Noted):
    """One evaluation; what is left out is kept from the parent's evaluation of that name, or from what it varies."""

    variation_of: str | None = None
    median: Any = None
    spread: Any = None
    contamination: Any = None
    severity: Any = None
    harder: Any = None
    stages: Any = None
    best_of: Any = None
    all_of: Any = None


class EvaluationsFile(_File):
    """Evaluations, and the one whose horizons are reported; ``before`` holds for every evaluation, by parameter."""

    before: dict[str, Any] = {}
    anchor: str
    evaluations: dict[str, Any]


class VariationsFile(_File):
    """Evaluations that are added to those of any scenario."""

    evaluations: dict[str, Any]


_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "date_type": "a date such as 2024-08-27",
    "date_from_datetime_parsing": "a date such as 2024-08-27",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "float_type": "a number",
    "int_type": "a number",
}


def check[Model: BaseModel](model: type[Model], said: Mapping[str, Any], place: str, key: str = "") -> Model:
    """Read a mapping as one of the models above.

    Raises
    ------
    InputError
        For the first thing that is wrong, with its dotted key.
    """
    try:
        return model.model_validate(dict(said))
    except ValidationError as error:
        raise _first(error, model, place, key) from None


def _first(error: ValidationError, model: type[BaseModel], place: str, key: str) -> InputError:
    problems = sorted(
        error.errors(), key=lambda other: other["type"] != "extra_forbidden"
    )  # a typo before what it left out
    problem, loc = problems[0], _located(problems[0]["loc"])
    where = ".".join([key, *loc] if key else loc)
    match problem["type"]:
        case "extra_forbidden":
            near = one_of(loc[-1], _fields(model, loc[:-1]), "a key")
            return InputError(place, where, f"the unknown key {shown(loc[-1])}", near)
        case "missing":
            return InputError(place, where, "nothing", "a value, since this key must be there")
        case "literal_error":
            return InputError(place, where, shown(problem["input"]), problem["ctx"]["expected"].replace("'", ""))
    same = [other for other in problems if _located(other["loc"]) == loc]
    expected = dict.fromkeys(_EXPECTED.get(other["type"], other["msg"]) for other in same)
    return InputError(place, where, shown(problem["input"]), " or ".join(expected))


def _located(loc: tuple[int | str, ...]) -> list[str]:
    """Keys alone, without the types that pydantic tried."""
    return [str(part) for part in loc if part not in {"str", "dict[str,any]", "float", "int"}]


_ENTRIES: dict[str, type[BaseModel]] = {
    "structure": StructureEntry,
    "posterior": PosteriorEntry,
    "correlations": CorrelationEntry,
    "tasks": TaskEntry,
    "bottlenecks": Noted,
    "roles": Noted,
}


def _fields(model: type[BaseModel], loc: list[str]) -> list[str]:
    """Names that may stand where an unknown one was found."""
    fields = (_ENTRIES.get(loc[0], model) if loc else model).model_fields
    return [field.alias or name for name, field in fields.items()]
