"""A pool's outlooks scored by what became known after a cut-off: the table, ``outlooks.json`` and the figure."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
from rich.text import Text

from autosim.backtesting import outlooks
from autosim.backtesting.outlooks import OutlooksScored
from autosim.backtesting.outlooks_in_words import in_words, table
from autosim.backtesting.split import split
from autosim.cli.printing import console, plain_table
from autosim.evidence.tables import Evidence
from autosim.inputs.scenario import Pool
from autosim.output import FIGURES, OUTLOOKS, write_answer
from autosim.whole import whole_folder
from autosim.words import with_overrides


def score_pool(
    pool: Pool,
    evidence: Evidence,
    cut_off: date,
    draws: int,
    seed: int,
    out: Path,
    *,
    plots: bool = True,
    as_json: bool = False,
) -> None:
    """Score a pool's outlooks, print who was favoured by what, and write ``outlooks.json`` and a figure.

    Parameters
    ----------
    pool
        Loaded as of the cut-off.
    evidence
        Of any day; what was known by the cut-off is not counted.
    cut_off
        Last day on which nothing counts yet.
    draws, seed
        Of each outlook.
    out
        Folder for the results.
    plots, as_json
        Whether to draw the figure, and to print JSON instead of the table.

    Raises
    ------
    autosim.errors.AutosimError
        As by `autosim.backtesting.outlooks.score_pool`, or if the folder cannot be written.
    """
    with whole_folder(out, (OUTLOOKS,), (FIGURES,)) as fresh:
        found = outlooks.score_pool(pool, evidence, cut_off, draws, seed)
        said = {"scenario": pool.header.slug, "name": pool.header.name, **found.as_json()}
        write_answer(said, fresh, OUTLOOKS, _drawing(found) if plots else None)
    if as_json:
        click.echo(json.dumps(said, allow_nan=False))
        return
    print_outlooks(found, f"{with_overrides(pool.header.overrides)}\n" if pool.header.overrides else "")
    console().print(not_counted(evidence, cut_off), style="dim")
    console().print(f"\nWritten: {out}/", style="dim", markup=False)


def print_outlooks(found: OutlooksScored, more: str = "") -> None:
    """Print whom the evidence has favoured: a sentence, a row for each statement, and what is uncertain."""
    out, said = console(), in_words(found)
    out.print(Text(said[0], "bold"))
    out.print(f"{found.draws:,} draws of each outlook, seed {found.seed}; factor ± standard error\n{more}", style="dim")
    heads, rows = table(found)
    shown = plain_table("Factor by which each statement changed an outlook's weight", heads, rows)
    for column in shown.columns[1:3]:
        column.justify, column.no_wrap = "left", False
    out.print(shown)
    out.print()
    for sentence in said[1:]:
        out.print(sentence)


def not_counted(evidence: Evidence, cut_off: date) -> str:
    """Say what of the evidence does not count: what was known by the cut-off, and attempts at tasks."""
    known, attempts = split(evidence, cut_off).known, len(evidence.outcomes)
    counts = (
        f"{count:,} {name}{'s' * (count != 1)}"
        for name, count in (("horizon", len(known.horizons)), ("trial", len(known.trials)))
    )
    more = f"; {attempts:,} row{'s' * (attempts != 1)} of outcomes" if attempts else ""
    return f"Not counted: {' and '.join(counts)} known by {cut_off}{more}."


def _drawing(found: OutlooksScored) -> Callable[[Path], None]:
    from autosim.plots.outlooks import outlooks_scored
    from autosim.plots.style import house_style, save

    def draw(folder: Path) -> None:
        with house_style():
            save(outlooks_scored(found), folder, "outlooks")

    return draw
