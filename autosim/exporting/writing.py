"""`autosim export` and `autosim.export`: what there is to write, and to which files."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from autosim.errors import InputError, one_of, shown
from autosim.exporting.runs import Run, read_run
from autosim.exporting.squiggle import squiggle
from autosim.exporting.tables import dictionary, draws_table, quantiles_table
from autosim.whole import whole_file

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Kind:
    """What can be exported: one line of help, what names its files may end in, and how contents are made, by file."""

    help: str
    suffixes: tuple[str, ...]
    make: "Callable[[Run, Path], dict[Path, str | pd.DataFrame]]"


def dictionary_path(out: Path) -> Path:
    """Where the data dictionary of a table of draws stands: ``draws.csv.dictionary.csv`` beside ``draws.csv``."""
    return out.with_name(f"{out.name}.dictionary.csv")


KINDS = {
    "draws": Kind(
        "Every draw: a row for each draw and date, a column for each number, and a data dictionary beside it.",
        (".parquet", ".csv"),
        lambda run, out: {out: draws_table(run), dictionary_path(out): dictionary(run)},
    ),
    "quantiles": Kind(
        "A row for each quantile of each number and milestone, as question platforms ask for them.",
        (".csv", ".parquet"),
        lambda run, out: {out: quantiles_table(run)},
    ),
    "squiggle": Kind(
        "Squiggle source: sample sets that keep dependence.",
        (".squiggle",),
        lambda run, out: {out: squiggle(run)},
    ),
}
"""What `autosim export` writes, by name."""


def export(
    kind: str,
    run: str | Path | xr.Dataset,
    out: str | Path,
    variables: Sequence[str] = (),
    at: Sequence[str] = (),
    *,
    monthly: bool = False,
) -> list[Path]:
    """Write a run's results for other tools.

    Parameters
    ----------
    kind
        ``draws`` (.parquet or .csv, and a data dictionary beside it), ``quantiles`` (.csv or .parquet), ``squiggle``.
    run
        Folder or ``run.nc`` of ``autosim run``, or the dataset that `autosim.run` returned.
    out
        File to write.
    variables
        Names as in the dataset, such as ``pass_rate`` or ``pass_rate.sparse_attention``; unless told, what is one
        number a month, and ceilings.
    at
        Dates of the monthly grid, such as ``2029-08``; whole years unless told.
    monthly
        Take all dates.

    Returns
    -------
    The files that were written.

    Raises
    ------
    autosim.errors.InputError
        If the kind, a variable, a label or a date is unknown, the file's name does not suit, it is no run, or its draws
        were not kept.
    autosim.errors.AutosimError
        If the disk refuses; nothing is left behind.
    """
    if kind not in KINDS:
        raise InputError("KIND", "", shown(kind), one_of(kind, KINDS, "what to export"))
    target = Path(out)
    if target.suffix not in KINDS[kind].suffixes:
        raise InputError("-o", "", shown(target.name), f"a name that ends in {' or '.join(KINDS[kind].suffixes)}")
    contents = KINDS[kind].make(read_run(run, variables, at, monthly=monthly), target)
    with ExitStack() as files:
        for path, content in contents.items():
            _write(content, files.enter_context(whole_file(path, "-o")))
    return list(contents)


def _write(content: "str | pd.DataFrame", fresh: Path) -> None:
    if isinstance(content, str):
        fresh.write_text(content, encoding="utf-8")
    elif fresh.suffix == ".parquet":
        content.to_parquet(fresh, index=False)
    else:
        content.to_csv(fresh, index=False, lineterminator="\n", encoding="utf-8")
