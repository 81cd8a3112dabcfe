"""Printed results: tables that a reader understands at once."""

import re
from collections.abc import Callable, Iterable, Sequence

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from autosim.analysis.summary import Json
from autosim.simulation.calendar import MONTHS
from autosim.within import duration_within, month_within, number_within, percent_within
from autosim.words import (
    CAVEAT,
    between_structures,
    duration,
    first_sentence,
    milestone_label,
    month,
    number,
    percent,
    with_as_of,
    with_given,
    with_overrides,
    with_posterior,
)


class _Piped(Console):
    """A console that leaves a reader's going away to `autosim.cli.main`."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console() -> Console:
    """Where results go: the terminal's width, or 120 columns where there is none. Brackets in texts are brackets."""
    out = _Piped(highlight=False, markup=False, emoji=False)
    return out if out.is_terminal else _Piped(highlight=False, markup=False, emoji=False, width=120)


def heading(summary: Json, more: str) -> Text:
    """Say what was simulated: name and assumption, then draws, seed and what was set."""
    first = Text.assemble((summary["name"], "bold"), f": {first_sentence(summary['description'])}\n")
    changed = f"{with_overrides(summary['overrides'])}\n" if summary["overrides"] else ""
    return first.append(
        f"{summary['draws']:,} draws, seed {summary['seed']}; {more}\n{changed}"
        f"{with_as_of(summary)}{with_posterior(summary['posterior'])}{with_given(summary)}",
        "dim",
    )


def plain_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Build a table without a frame: the first column names the row, the others are numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for position, column in enumerate(columns):
        table.add_column(column, justify="right" if position else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def fitting_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], group: int, out: Console) -> Table:
    """Build a table that fits, leaving out its last columns, ``group`` at a time, where the console is too narrow."""
    table = plain_table(title, columns, rows)
    endless = out.options.update(max_width=10_000)
    while len(columns) > group and Measurement.get(out, endless, table).maximum > out.width:
        columns, rows = columns[:-group], [row[:-group] for row in rows]
        table = plain_table(title, columns, rows)
    return table


type Form = tuple[Callable[[float, float | None], str], Callable[[float, float | None], str]]
"""How a number is written with its Monte Carlo error, and how it is rounded to it."""

PLAIN: Form = number_within, lambda value, error: number(value, error=error)
SHARE: Form = percent_within, percent
LENGTH: Form = duration_within, duration


def median(series: Json, step: int, form: Form = PLAIN) -> str:
    """Median at one date with its Monte Carlo error: "1.52±0.02"."""
    return form[0](series["q50"][step], series["mcse"]["q50"][step])


def band(series: Json, step: int, form: Form = PLAIN) -> str:
    """The same and the central 90 %, each end rounded to its own error: "1.52±0.02 (1.10–3.2)"."""
    low, high = (form[1](series[end][step], series["mcse"][end][step]) for end in ("q05", "q95"))
    return f"{median(series, step, form)} ({low}–{high})"


def print_run(summary: Json, out: Console) -> None:
    """Print a run: assumption, table by year, milestones, caveat."""
    out.print(heading(summary, "median ± Monte Carlo error (none where all digits are certain), central 90 %"))
    out.print(_by_year(summary, out))
    out.print()
    out.print(_milestones(summary, out))
    for position, sentence in enumerate(between_structures(summary)):
        out.print(sentence if position else f"\n{sentence}")
    out.print(f"\n{CAVEAT}", style="dim")


def _by_year(summary: Json, out: Console) -> Table:
    """One row a year; a narrow terminal has no column for what is trusted, then one band, then only hours saved."""
    two = ("time_saved_share", "delegated_share")
    forms = ((band, ()), (band, two), (median, two), (median, two[:1]))
    tables = [_yearly(summary, form, *shares) for form, shares in forms]
    return _first_that_fits(tables, out)


def _first_that_fits(tables: Sequence[Table], out: Console) -> Table:
    endless = out.options.update(max_width=10_000)
    return next((one for one in tables if Measurement.get(out, endless, one).maximum <= out.width), tables[-1])


_SHARES = {"time_saved_share": "hours\nsaved", "delegated_share": "dele-\ngated", "trusted_share": "trusted"}


def _yearly(summary: Json, shown: Callable[[Json, int], str], *shares: str) -> Table:
    series, kept = summary["series"], shares or tuple(_SHARES)
    heads = ["", "labour\nS_L", "project\nS_P", "progress\nM", *(_SHARES[name] for name in kept), "50 %\nhorizon"]
    rows = [
        [
            month(day),
            band(series["labour_speedup"], step),
            *(shown(series[name], step) for name in ("project_speedup", "progress_multiplier")),
            *(median(series[name], step, SHARE) for name in kept),
            median(series["p50_horizon_min"], step, LENGTH),
        ]
        for step, day in enumerate(summary["dates"])
        if step % MONTHS == 0
    ]
    return plain_table("By year", heads, rows)


def _milestones(summary: Json, out: Console) -> Table:
    """One row a milestone; a narrow terminal has symbols where there are symbols."""
    rows = []
    for name, found in summary["milestones"].items():
        shares = (with_error(found, which) for which in ("probability", "unreachable"))
        dates = (date_with_error(found, quantile) for quantile in ("q10", "q50", "q90"))
        rows.append((milestone_label(name), *shares, *dates))
    by = f"reached by\n{month(summary['dates'][-1])}"
    title = "Milestones, ± Monte Carlo errors (of dates in months)"
    heads = ("", by, "out of\nreach", "10 %", "50 %", "90 % of\ndraws by")
    short = [(_NAMED.sub("", label), *cells) for label, *cells in rows]
    return _first_that_fits([plain_table(title, heads, which) for which in (rows, short)], out)


_NAMED = re.compile(r"^(labour speedup|project speedup|progress multiplier) (?=\w+ of )")
"""What a symbol stands for."""


def with_error(found: Json, which: str) -> str:
    """A probability with its Monte Carlo error; a dash where there is none."""
    return "–" if found[which] is None else percent_within(found[which], found["mcse"][which])


def date_with_error(found: Json, quantile: str) -> str:
    """The date of a quantile with its Monte Carlo error [month]."""
    return month_within(found[quantile], found["mcse"][f"{quantile}_months"])
