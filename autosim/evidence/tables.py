"""Evidence in memory and on disk: five tidy tables, checked once at the door (docs/evidence.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

import pandas as pd

from autosim.errors import InputError, one_of, shown
from autosim.evidence.checks import check_together, typed
from autosim.evidence.reading import SUFFIXES, as_text, csv_table, read_text_table, table_files
from autosim.evidence.schema import KINDS, recognised
from autosim.inputs.scenario import Taxonomy
from autosim.inputs.shipped import shipped_folder
from autosim.whole import whole_file, whole_folder

SHIPPED, SHIPPED_NAME = "evidence", Path("shipped")
"""Folder of what comes with autosim, among the priors, and how users name it."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything that a posterior is conditioned on; columns as in `autosim.evidence.schema`, all of them always there.

    ``outcomes`` are successes per model and instance, ``horizons`` published ones, ``time_use`` minutes per person and
    task (a task without a row was not recorded, which is not the same as no time), ``trials`` time ratios with AI, and
    ``counts`` how many experts agree.
    """

    outcomes: pd.DataFrame
    horizons: pd.DataFrame
    time_use: pd.DataFrame
    trials: pd.DataFrame
    counts: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name."""
        return {name: getattr(self, name) for name in KINDS}

    def before(self, day: date) -> "Evidence":
        """Only what was published on or before a day."""
        last = pd.Timestamp(day)
        kept = {name: table[table["published"] <= last].reset_index(drop=True) for name, table in self.tables().items()}
        return Evidence(**kept)

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(len(table) for table in self.tables().values())


def make_evidence(tables: Mapping[str, pd.DataFrame], place: str, taxonomy: Taxonomy) -> Evidence:
    """Evidence from tables by kind, of any column types, checked as if they had been read.

    Raises
    ------
    InputError
        For the first thing that is wrong.
    """
    return _together([(name, place, as_text(table)) for name, table in tables.items()], taxonomy)


def read_evidence(paths: Sequence[Path], taxonomy: Taxonomy) -> Evidence:
    """Read tables of evidence and put those of a kind together.

    Parameters
    ----------
    paths
        CSV and Parquet files, each holding one kind of table, known by its columns; a folder stands for all in it, and
        ``shipped``, where there is no such file, for what comes with autosim.
    taxonomy
        Names of tasks, roles, bottlenecks and evaluations, from a scenario.

    Raises
    ------
    InputError
        For the first thing that is wrong: file, row and column, got, expected.
    """
    return _together(_tables(_files(paths)), taxonomy)


def _files(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    files: list[tuple[Path, str]] = []
    for path in paths:
        files += _shipped() if path == SHIPPED_NAME and not path.exists() else table_files([path])
    return files


def shipped_evidence(taxonomy: Taxonomy) -> Evidence:
    """Published figures that come with autosim.

    Raises
    ------
    InputError
        If the taxonomy lacks a task, role or evaluation that they are about.
    """
    return _together(_tables(_shipped()), taxonomy)


def texts(evidence: Evidence) -> dict[str, str]:
    """Every table that has rows as CSV, for a file that carries its evidence with it; `read_beside` reads them."""
    tables = {name: as_text(table) for name, table in evidence.tables().items() if len(table)}
    return {name: table.to_csv(index=False, lineterminator="\n") for name, table in tables.items()}


def read_beside(
    known: Mapping[str, str], place: str, paths: Sequence[Path], taxonomy: Taxonomy
) -> tuple[Evidence, Evidence]:
    """Read new tables beside what was known, all checked together.

    Parameters
    ----------
    known
        As `texts` makes it.
    place
        File that it was in.
    paths, taxonomy
        As in `read_evidence`.

    Returns
    -------
    What was known and is new together, the known rows of each table first; and the new rows alone.

    Raises
    ------
    InputError
        For the first thing that is wrong, such as a row that is known already.
    """
    before = [(name, f"{place}, {name}", csv_table(StringIO(text), place)) for name, text in known.items()]
    unknown = [name for name in known if name not in KINDS]
    if unknown:
        raise InputError(place, "evidence", shown(unknown[0]), one_of(unknown[0], KINDS, "a kind of evidence"))
    after = _tables(_files(paths))
    whole = _together([*before, *after], taxonomy)
    counts = {name: sum(len(table) for kind, _, table in before if kind == name) for name in KINDS}
    new = {name: table.iloc[counts[name] :].reset_index(drop=True) for name, table in whole.tables().items()}
    return whole, Evidence(**new)


def _shipped() -> list[tuple[Path, str]]:
    folder = shipped_folder("priors") / SHIPPED
    return [(path, f"priors/{SHIPPED}/{path.name}") for path, _ in table_files([folder])]


def _tables(files: Sequence[tuple[Path, str]]) -> list[tuple[str, str, pd.DataFrame]]:
    """Kind, place and cells of each file."""
    read = []
    for path, place in files:
        table = read_text_table(path, place)
        kind = recognised(list(table.columns))
        if kind is None:
            got = f"the columns {', '.join(table.columns[:8])}"
            raise InputError(place, "header", got, f"those of one of {', '.join(KINDS)}; see docs/evidence.md")
        read.append((kind.name, place, table))
    return read


def _together(read: Sequence[tuple[str, str, pd.DataFrame]], taxonomy: Taxonomy) -> Evidence:
    checked: dict[str, list[pd.DataFrame]] = {name: [] for name in KINDS}
    for name, place, table in read:
        checked[name].append(typed(KINDS[name], table, place, taxonomy))
    for name, kind in KINDS.items():
        if not checked[name]:
            none = pd.DataFrame({column.name: [] for column in kind.all_columns(taxonomy)}, dtype="str")
            checked[name].append(typed(kind, none, name, taxonomy))
    tables = {name: pd.concat(parts) for name, parts in checked.items()}
    check_together(tables)
    return Evidence(**{name: table.reset_index(drop=True) for name, table in tables.items()})


def write_evidence(evidence: Evidence, path: Path) -> None:
    """Write evidence whole or not at all: one table as .csv or .parquet, or several into a new folder.

    Parameters
    ----------
    evidence
        What to write; columns that say nothing are left out.
    path
        A file ending in .csv or .parquet if there is one table with rows, else a folder that does not exist yet.

    Raises
    ------
    InputError
        If the path does not suit the tables.
    AutosimError
        If the disk refuses; nothing is left behind.
    """
    check_target(path)
    tables = {name: table for name, table in evidence.tables().items() if len(table)}
    if path.suffix and len(tables) != 1:
        got = f"{len(tables)} tables ({', '.join(tables)})" if tables else "no rows"
        raise InputError(str(path), "", got, "one table; name a folder for several" if tables else "something to write")
    if path.suffix:
        with whole_file(path, "-o") as fresh:
            _write(next(iter(tables.values())), fresh)
    else:
        with whole_folder(path, (), option="-o") as fresh:
            for name, table in tables.items():
                _write(table, fresh / f"{name}.csv")


def check_target(path: Path) -> None:
    """Refuse a target that `write_evidence` would refuse; asked before the work starts.

    Raises
    ------
    InputError
        If it has another suffix than .csv and .parquet, or is a folder that exists.
    """
    if path.suffix not in {*SUFFIXES, ""}:
        raise InputError("-o", "", shown(path.name), "a name that ends in .csv or .parquet, or a new folder")
    if path.is_dir():
        raise InputError("-o", "", f"the folder {path}, which exists", "a file, or a new folder")


def _write(table: pd.DataFrame, path: Path) -> None:
    said = table.drop(columns=[column for column in table.columns if _idle(table[column])])
    if path.suffix == ".csv":
        as_text(said).to_csv(path, index=False, lineterminator="\n")
    else:
        said.to_parquet(path, index=False)


def _idle(column: pd.Series) -> bool:
    """Whether a column could be left out: nothing in it at all, or shares of 0."""
    return bool(column.isna().all() or (str(column.name).startswith("share.") and (column == 0.0).all()))
