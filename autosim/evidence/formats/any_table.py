"""Any CSV or Parquet table as evidence, its columns renamed, recoded and converted as the user says."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from autosim.errors import InputError, one_of, shown
from autosim.evidence.importing import Format, Imported, Option, Report, pairs
from autosim.evidence.reading import read_text_table
from autosim.evidence.schema import KINDS, Column, recognised
from autosim.evidence.tables import make_evidence
from autosim.inputs.document import read_document
from autosim.inputs.scenario import Taxonomy
from autosim.inputs.schema import check

UNITS: dict[str, dict[str, float]] = {"min": {"seconds": 1 / 60, "minutes": 1.0, "hours": 60.0}, "1": {"percent": 0.01}}
"""Units that a column may be converted from, by our own unit, and the factor to it."""


class ColumnEntry(BaseModel):
    """One of ``columns:``: a column of the file, or a value for all rows."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    from_: str | None = Field(default=None, alias="from")
    unit: str | None = None
    replace: dict[str, str | int | float | bool] | None = None
    value: str | int | float | bool | date | None = None


class MappingFile(BaseModel):
    """The file of ``--mapping``."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    columns: dict[str, object]


def read(
    paths: Sequence[Path],
    taxonomy: Taxonomy,
    *,
    mapping: str | None,
    map: Sequence[str],  # noqa: A002 - named as the option
    value: Sequence[str],
) -> Imported:
    """Read tables of one shape as one table of evidence.

    Raises
    ------
    InputError
        For the first thing that is wrong, in the mapping or in a row.
    """
    entries = _entries(mapping)
    entries |= {
        name: ColumnEntry.model_validate({"from": said})
        for name, said in pairs("--map", map, "COLUMN", "SOURCE").items()
    }
    entries |= {name: ColumnEntry(value=said) for name, said in pairs("--value", value, "COLUMN", "VALUE").items()}
    tables = [(read_text_table(path, str(path)), str(path)) for path in paths]
    whole = pd.concat([_mapped(table, entries, place, taxonomy) for table, place in tables], ignore_index=True)
    kind = recognised(list(whole.columns))
    if kind is None:
        got = f"the columns {', '.join(whole.columns) or 'none'}"
        raise InputError(tables[0][1], "header", got, f"those of one of {', '.join(KINDS)}; map them with --map")
    ours = {*entries, *(column.name for column in kind.all_columns(taxonomy))}
    whole = whole[[name for name in whole.columns if name in ours]]
    evidence = make_evidence({kind.name: whole}, ", ".join(place for _, place in tables), taxonomy)
    notes = [f"recognised as {kind.name}"]
    used = {*whole.columns, *(entry.from_ for entry in entries.values())}
    unused = dict.fromkeys(name for table, _ in tables for name in table.columns if name not in used)
    if unused:
        notes.append(f"columns left out: {', '.join(unused)}")
    read_rows = tuple(f"{len(table):,} rows from {place}" for table, place in tables)
    return Imported(evidence, Report(read_rows, {}, tuple(notes)))


def _entries(file: str | None) -> dict[str, ColumnEntry]:
    """Entries of the mapping file; a bare text names a column."""
    if file is None:
        return {}
    said = check(MappingFile, read_document(Path(file), file)[0], file).columns
    entries: dict[str, ColumnEntry] = {}
    for name, entry in said.items():
        told = {"from": entry} if isinstance(entry, str) else entry
        if not isinstance(told, dict):
            raise InputError(file, f"columns.{name}", shown(entry), "a column's name, or {from: …} or {value: …}")
        entries[name] = check(ColumnEntry, told, file, f"columns.{name}")
        _refuse_idle(entries[name], file, f"columns.{name}")
    return entries


def _refuse_idle(entry: ColumnEntry, file: str, key: str) -> None:
    if (entry.from_ is None) == (entry.value is None):
        raise InputError(file, key, "both from and value" if entry.from_ else "neither from nor value", "one of them")
    if entry.value is not None and (entry.unit or entry.replace):
        raise InputError(file, key, "a unit or replacements of a value", "them beside from")


def _mapped(table: pd.DataFrame, entries: Mapping[str, ColumnEntry], place: str, taxonomy: Taxonomy) -> pd.DataFrame:
    """The table's columns by our names: those that have them already, and those of the mapping."""
    known = {column.name: column for kind in KINDS.values() for column in kind.all_columns(taxonomy)}
    for name in entries:
        if name not in known:
            raise InputError("--map", "", shown(name), one_of(name, known, "a column of evidence"))
    taken = {*entries, *(entry.from_ for entry in entries.values())}
    same = {name: table[name] for name in table.columns if name in known and name not in taken}
    made = {name: _column(table, entry, known[name], place) for name, entry in entries.items()}
    return pd.DataFrame(same | made, index=table.index)


def _column(table: pd.DataFrame, entry: ColumnEntry, column: Column, place: str) -> object:
    if entry.from_ is None:
        return str(entry.value).lower() if isinstance(entry.value, bool) else str(entry.value)
    if entry.from_ not in table.columns:
        near = one_of(entry.from_, list(table.columns), "a column of the file")
        raise InputError(place, column.name, f"no column {shown(entry.from_)}", near)
    text, units = table[entry.from_], UNITS.get(column.unit, {})
    if entry.unit is not None and entry.unit not in units:
        near = one_of(entry.unit, units, f"a unit of {column.name} [{column.unit}]")
        raise InputError("--mapping", f"columns.{column.name}.unit", shown(entry.unit), near)
    if entry.replace is not None:
        text = _replaced(text, entry.replace, place)
    return text if entry.unit is None else _converted(text, units[entry.unit], place)


def _replaced(text: pd.Series, replace: Mapping[str, str | int | float | bool], place: str) -> pd.Series:
    missing = ~text.isin(list(replace)).to_numpy()
    if missing.any():
        row = int(missing.argmax())
        got = shown(text.iloc[row])
        raise InputError(
            place, f"row {row + 1}, {text.name}", got, one_of(str(text.iloc[row]), replace, "a key of replace")
        )
    return text.map({key: str(said).lower() if isinstance(said, bool) else str(said) for key, said in replace.items()})


def _converted(text: pd.Series, factor: float, place: str) -> pd.Series:
    empty = text.str.strip() == ""
    numbers = pd.to_numeric(text.mask(empty), errors="coerce").astype("float64")
    bad = (numbers.isna() & ~empty).to_numpy()
    if bad.any():
        row = int(bad.argmax())
        raise InputError(place, f"row {row + 1}, {text.name}", shown(text.iloc[row]), "a number")
    return numbers * factor


FORMAT = Format(
    "csv",
    "Any table (.csv or .parquet) whose columns you name.",
    (
        Option("--map", "Take a column of evidence from a column of the file; repeatable.", "COLUMN=SOURCE", many=True),
        Option("--value", "Give a column the same value in every row; repeatable.", "COLUMN=VALUE", many=True),
        Option("--mapping", "The same in YAML, also with units and replacements.", "FILE"),
    ),
    read,
)
