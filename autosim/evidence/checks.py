"""From text to typed tables, and what must hold within and between their rows; each refusal is one line."""

import math
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from autosim.errors import InputError, one_of, shown
from autosim.evidence.schema import KINDS, STATEMENTS, Column, Kind
from autosim.inputs.scenario import Taxonomy

type Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]

LONGEST_TEXT = 2000
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)
EMBARGO = 366
"""Days before its release from which a model's results may be published: system cards come early, but not a year."""

MOST = 2**53
"""Counts are below this, so that they are exact however they were stored."""

_WHAT = {
    "text": "text",
    "date": "date such as 2024-08-27",
    "flag": "flag, true or false",
    "count": "whole number",
    "number": "number",
}


def typed(kind: Kind, table: pd.DataFrame, place: str, taxonomy: Taxonomy) -> pd.DataFrame:
    """Check a table of text and give every column its type.

    Parameters
    ----------
    kind
        What the table is.
    table
        Cells as text, "" where there is nothing.
    place
        What to call it in an error.
    taxonomy
        Names of tasks, roles, bottlenecks and evaluations.

    Returns
    -------
    All columns of the kind, in order: text as str, dates as datetime64[s], flags as bool, counts as int64, numbers as
    float64. The index is (place, row), rows counted from 1 without the header.

    Raises
    ------
    InputError
        For the first thing that is wrong.
    """
    columns = kind.all_columns(taxonomy)
    known = [column.name for column in columns]
    for name in table.columns:
        if name not in known:
            near = one_of(name, known, f"a column of {kind.name}")
            raise InputError(place, "header", f"the unknown column {shown(name)}", near)
    for column in columns:
        if column.required and column.name not in table.columns:
            raise InputError(place, column.name, "no such column", f"a column that {kind.name} must have")
    index = pd.MultiIndex.from_arrays([[place] * len(table), range(1, len(table) + 1)], names=["place", "row"])
    said = table.set_axis(index)
    made = pd.DataFrame({column.name: _column(said, column) for column in columns}, index=index)
    _in_itself(kind, made, taxonomy)
    return made


def _column(table: pd.DataFrame, column: Column) -> pd.Series:
    """One column with its type, its empty cells filled."""
    if column.name not in table.columns:
        return pd.Series(column.default, index=table.index, name=column.name, dtype="float64")
    text = table[column.name].str.strip()
    empty = (text == "").to_numpy()
    if column.required:
        refuse(text, empty, column.name, f"a {_WHAT[column.type]}".replace("a text", "text"), got=lambda _: "nothing")
    match column.type:
        case "text":
            bad = ~np.array([said.isprintable() and len(said) <= LONGEST_TEXT for said in text], dtype=bool)
            refuse(text, bad, column.name, f"at most {LONGEST_TEXT:,} printable characters")
            return text
        case "date":
            return _dates(text, column.name)
        case "flag":
            lower = text.str.lower()
            refuse(text, ~lower.isin(["true", "false"]).to_numpy(), column.name, "true or false")
            return lower == "true"
        case _:
            return _numbers(text, empty, column)


def _dates(text: pd.Series, name: str) -> pd.Series:
    days = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    bad = days.isna().to_numpy() | ~text.str.fullmatch(r"\d{4}-\d{2}-\d{2}").to_numpy(dtype=bool)
    refuse(text, bad, name, "a date such as 2024-08-27")
    out = ~days.between(pd.Timestamp(EARLIEST), pd.Timestamp(LATEST)).to_numpy()
    refuse(text, out, name, f"a date from {EARLIEST} to {LATEST}")
    return days.astype("datetime64[s]")


def _numbers(text: pd.Series, empty: Mask, column: Column) -> pd.Series:
    numbers = pd.to_numeric(text.mask(empty, "0"), errors="coerce").astype("float64")
    bad = ~np.isfinite(numbers.to_numpy())
    if column.type == "count":
        bad |= (numbers != numbers.round()).to_numpy() | (numbers.abs() >= MOST).to_numpy()
    refuse(text, bad, column.name, f"a {_WHAT[column.type]}")
    below = (numbers <= column.low) if column.open_low else (numbers < column.low)
    refuse(text, ~empty & (below | (numbers > column.high)).to_numpy(), column.name, _range(column), got=str)
    return numbers.astype("int64") if column.type == "count" else numbers.mask(empty, column.default or 0.0)


def _range(column: Column) -> str:
    unit = {"–": "", "1": ""}.get(column.unit, f" {column.unit}")
    low = f"above {column.low:g}" if column.open_low else f"at least {column.low:g}"
    high = f" and at most {column.high:g}" if math.isfinite(column.high) else ""
    return f"a {_WHAT[column.type]} {low}{high}{unit}"


def refuse(
    values: pd.Series, bad: Mask, name: str, expected: str | Callable[[str], str], got: Callable[[str], str] = shown
) -> None:
    """Refuse the first row that is bad, with its file and number; what was got or expected may depend on its value.

    Raises
    ------
    InputError
        If any row is bad.
    """
    if bad.any():
        first = int(bad.argmax())
        place, row = values.index[first]
        value = str(values.iloc[first])
        raise InputError(
            place, f"row {row}, {name}", got(value), expected if isinstance(expected, str) else expected(value)
        )


def _in_itself(kind: Kind, table: pd.DataFrame, taxonomy: Taxonomy) -> None:
    """What must hold in each row."""
    match kind.name:
        case "outcomes":
            _at_most(table, "successes", "attempts")
            severities = table[[f"severity.{name}" for name in taxonomy.bottlenecks]]
            bare = severities.isna().any(axis=1).to_numpy()
            _known(table["suite"], taxonomy.evaluations, "an evaluation of the scenario, or every severity", bare)
            _not_after(table, "release_date", EMBARGO)
        case "horizons":
            _known(table["suite"], taxonomy.evaluations, "an evaluation of the scenario")
            _intervals(table)
            _not_after(table, "release_date", EMBARGO)
        case "time_use":
            _known(table["role"], taxonomy.roles, "a role of the scenario")
            _known(table["task"], taxonomy.tasks, "a task of the scenario")
            _not_after(table, "date")
        case "trials":
            whole = table[[f"share.{task}" for task in taxonomy.tasks]].sum(axis=1)
            bad = ((whole - 1.0).abs() > 1e-6).to_numpy()
            refuse(whole, bad, "share.*", "shares that sum to 1", got=lambda value: f"a sum of {float(value):.6g}")
            _not_after(table, "date")
        case _:
            _known(table["statement"], STATEMENTS, "a statement")
            _at_most(table, "count", "of")


def _known(values: pd.Series, known: Sequence[str], what: str, only: Mask | bool = True) -> None:
    unknown = ~values.isin(known).to_numpy() & only
    refuse(values, unknown, str(values.name), lambda value: one_of(value, known, what))


def _at_most(table: pd.DataFrame, part: str, whole: str) -> None:
    bad = (table[part] > table[whole]).to_numpy()
    most = table[whole].iloc[int(bad.argmax())] if bad.any() else 0
    refuse(table[part], bad, part, f"at most {whole}, {most}", got=str)


def _not_after(table: pd.DataFrame, event: str, days_before: int = 0) -> None:
    bad = (table[event] - pd.Timedelta(days=days_before) > table["published"]).to_numpy()
    when = str(table["published"].iloc[int(bad.argmax())])[:10] if bad.any() else ""
    refuse(table[event], bad, event, f"a date that suits published, {when}", got=lambda value: value[:10])


def _intervals(table: pd.DataFrame) -> None:
    for level in ("p50", "p80"):
        point, lower, upper = (table[f"{level}_{end}"] for end in ("horizon_min", "lower", "upper"))
        alone = (lower.isna() != upper.isna()) | (point.isna() & lower.notna())
        refuse(lower, alone.to_numpy(), f"{level}_lower", "a point and both ends", got=lambda _: "part of an interval")
        refuse(lower, (lower >= point).to_numpy(), f"{level}_lower", f"a number below {level}_horizon_min", got=str)
        refuse(upper, (upper <= point).to_numpy(), f"{level}_upper", f"a number above {level}_horizon_min", got=str)
    easier = (table["p80_horizon_min"] >= table["p50_horizon_min"]).to_numpy()
    refuse(table["p80_horizon_min"], easier, "p80_horizon_min", "a number below p50_horizon_min", got=str)


def check_together(tables: dict[str, pd.DataFrame]) -> None:
    """Refuse what rows say of each other: duplicates, and one thing described in two ways.

    Raises
    ------
    InputError
        Naming the later of the two rows, and where the earlier one is.
    """
    for name, table in tables.items():
        kind = KINDS[name]
        twice = table.duplicated(list(kind.key)).to_numpy()
        if twice.any():
            first = int(twice.argmax())
            same = (table[list(kind.key)] == table[list(kind.key)].iloc[first]).all(axis=1).to_numpy()
            before = int(same.argmax())
            place, row = table.index[first]
            what = ", ".join(str(value) for value in table[list(kind.key)].iloc[first])
            raise InputError(place, f"row {row}", f"{what} again, after {_where(table, before)}", "each once")
    models = pd.concat([tables[name][["model", "release_date", "frontier"]] for name in ("outcomes", "horizons")])
    for column in ("release_date", "frontier"):
        _one_value(models, ["model"], column)
    for column in [c for c in tables["outcomes"].columns if c == "human_minutes" or c.startswith("severity.")]:
        _one_value(tables["outcomes"], ["suite", "instance"], column)
    _one_value(tables["time_use"], ["person"], "role")


def _where(table: pd.DataFrame, position: int) -> str:
    place, row = table.index[position]
    return f"row {row} of {place}"


def _one_value(table: pd.DataFrame, key: list[str], column: str) -> None:
    """Each key has one value of a column, wherever it stands."""
    if table.empty:
        return
    group = table.groupby(key, sort=False).ngroup().to_numpy()
    _, earliest = np.unique(group, return_index=True)
    before = earliest[group]
    here, there = table[column].to_numpy(), table[column].to_numpy()[before]
    bad = (here != there) & ~(pd.isna(here) & pd.isna(there))
    if bad.any():
        first = int(np.asarray(bad).argmax())
        what = ", ".join(str(value) for value in table[key].iloc[first])
        other = f"{_cut(there[first])} as for {what} in {_where(table, int(before[first]))}"
        place, row = table.index[first]
        raise InputError(place, f"row {row}, {column}", _cut(here[first]), other)


def _cut(value: object) -> str:
    return str(value).removesuffix("T00:00:00")
