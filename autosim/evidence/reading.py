"""Reading CSV and Parquet that nobody vouches for into tables of text, whatever types they had."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from autosim.errors import InputError, shown

SUFFIXES = (".csv", ".parquet")
MAX_BYTES = 100_000_000
MAX_ROWS = 1_000_000
"""Largest table that is read; beyond it a file is refused before it fills the memory."""

_EXPECTED = "a table as .csv or .parquet"


def table_files(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Files with tables, and what to call them: those named, and all in the folders named.

    Raises
    ------
    InputError
        If a path does not exist, is of another type, or is a folder without tables.
    """
    for path in paths:
        if path.is_dir():
            found = [file for file in sorted(path.iterdir()) if file.suffix in SUFFIXES and file.is_file()]
            if not found:
                raise InputError(str(path), "", "a folder without tables", "a folder with .csv or .parquet files")
            yield from ((file, str(file)) for file in found)
        else:
            yield path, str(path)


def check_file(path: Path, place: str, expected: str, most: int = MAX_BYTES) -> None:
    """Refuse what is not an ordinary file of at most ``most`` bytes.

    Raises
    ------
    InputError
        Naming what it is instead.
    """
    if not path.is_file():
        got = "a folder" if path.is_dir() else "something that is not a file" if path.exists() else "no such file"
        raise InputError(place, "", got, expected)
    size = path.stat().st_size
    if size > most:
        raise InputError(place, "", f"{size / 1e6:,.1f} MB", f"at most {most / 1e6:,.0f} MB")


def parse_json(content: bytes, place: str, key: str, expected: str) -> Any:
    """Bytes as JSON, NaN included.

    Raises
    ------
    InputError
        If they are not UTF-8 or no JSON.
    """
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError(place, key, "bytes that are not text", "JSON in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise InputError(place, key, f"no JSON ({error})", expected) from None


def read_text_table(path: Path, place: str) -> pd.DataFrame:
    """Read a table; every cell as text, "" where there is nothing.

    Parameters
    ----------
    path
        CSV (UTF-8, comma, first row the names) or Parquet.
    place
        What to call it in an error.

    Raises
    ------
    InputError
        If it cannot be read, is larger than 100 MB or a million rows, has a column twice or without a name, or rows of
        unequal length.
    """
    if path.suffix not in SUFFIXES:
        raise InputError(place, "", shown(path.suffix or path.name), _EXPECTED)
    check_file(path, place, _EXPECTED)
    try:
        table = _csv(path, place) if path.suffix == ".csv" else _parquet(path, place)
    except OSError as error:
        raise InputError(place, "", f"a file that cannot be read ({error.strerror or error})", _EXPECTED) from None
    names = list(table.columns)
    for name in names:
        if not name:
            raise InputError(place, "header", "a column without a name", "a name for each column")
        if names.count(name) > 1:
            raise InputError(place, "header", f"the column {shown(name)} twice", "each column once")
    return table


def _csv(path: Path, place: str) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return csv_table(file, place)


def csv_table(lines: Iterable[str], place: str) -> pd.DataFrame:
    """Read CSV line by line; every cell as text.

    Raises
    ------
    InputError
        If it is no CSV in UTF-8, empty, longer than a million rows, or has rows of unequal length.
    """
    rows: list[list[str]] = []
    reader = csv.reader(lines, strict=True)
    try:
        for cells in filter(None, reader):
            if rows and len(cells) != len(rows[0]):
                raise InputError(place, f"row {len(rows)}", f"{len(cells)} cells", f"{len(rows[0])}, as in the header")
            rows.append(cells)
            _refuse_long(len(rows) - 1, place)
    except csv.Error as error:
        raise InputError(place, f"line {reader.line_num}", f"text that is not CSV ({error})", "CSV") from None
    except UnicodeDecodeError:
        raise InputError(place, "", "bytes that are not text", "UTF-8 text") from None
    if not rows:
        raise InputError(place, "", "nothing (an empty file)", _EXPECTED)
    return pd.DataFrame(rows[1:], columns=[name.strip() for name in rows[0]], dtype="str")


def _parquet(path: Path, place: str) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        _refuse_long(file.metadata.num_rows, place)
        table = file.read()
    except (pa.ArrowException, ValueError) as error:
        problem = str(error).splitlines()[0]
        raise InputError(place, "", f"a file that is not Parquet ({problem})", _EXPECTED) from None
    for field in table.schema:
        if pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
            raise InputError(place, shown(field.name), f"cells of type {field.type}", "text, numbers or dates")
    return as_text(table.to_pandas(ignore_metadata=True))


def _refuse_long(rows: int, place: str) -> None:
    if rows > MAX_ROWS:
        raise InputError(place, "", f"more than {MAX_ROWS:,} rows", f"at most {MAX_ROWS:,}")


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Write every cell as a CSV would have it, so that all tables pass the same checks.

    Examples
    --------
    >>> as_text(pd.DataFrame({"a": [1.5, None], "b": [True, False], "c": pd.to_datetime(["2024-08-27"] * 2)})).values
    array([['1.5', 'true', '2024-08-27'],
           ['', 'false', '2024-08-27']], dtype=object)
    """
    columns = {str(name): [_cell(value) for value in table[name]] for name in table.columns}
    return pd.DataFrame(columns, index=table.index, dtype="str")


def _cell(value: object) -> str:
    match value:
        case str():
            return value
        case bool() | np.bool_():
            return str(bool(value)).lower()
        case datetime():  # NaT, a missing date, says so itself
            return "" if pd.isna(value) else value.isoformat(sep=" ").removesuffix(" 00:00:00")
        case date():
            return value.isoformat()
        case None:
            return ""
        case _:
            return "" if value is pd.NA or value != value else str(value)  # noqa: PLR0124 - NaN, a missing number
