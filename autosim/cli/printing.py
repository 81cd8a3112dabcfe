"""Printed results: tables that a reader understands at once."""

from collections.abc import Callable, Iterable, Sequence

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from autosim.analysis.summary import Json
from autosim.simulation.calendar import MONTHS
from autosim.words import (
    CAVEAT,
    between_structures,
    duration,
    first_sentence,
    milestone_label,
    month,
    number,
    percent,
    with_given,
    with_overrides,
    with_posterior,
)

WIDE = 108
"""Columns of a terminal from which every speedup has room for its band."""


def console() -> Console:
    """Where results go: the terminal's width, or 120 columns where there is none. Brackets in texts are brackets."""
    out = Console(highlight=False, markup=False, emoji=False)
    return out if out.is_terminal else Console(highlight=False, markup=False, emoji=False, width=120)


def heading(summary: Json, more: str) -> Text:
    """Say what was simulated: name and assumption, then draws, seed and what was set."""
    first = Text.assemble((summary["name"], "bold"), f": {first_sentence(summary['description'])}\n")
    changed = f"{with_overrides(summary['overrides'])}\n" if summary["overrides"] else ""
    return first.append(
        f"{summary['draws']:,} draws, seed {summary['seed']}; {more}\n{changed}"
        f"{with_posterior(summary['posterior'])}{with_given(summary)}",
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


def median(series: Json, step: int, form: Callable[[float], str] = number) -> str:
    """Median at one date."""
    return form(series["q50"][step])


def band(series: Json, step: int, form: Callable[[float], str] = number) -> str:
    """Median and central 90 % at one date: "1.52 (1.10–3.20)"."""
    return f"{form(series['q50'][step])} ({form(series['q05'][step])}–{form(series['q95'][step])})"


def print_run(summary: Json, out: Console) -> None:
    """Print a run: assumption, table by year, milestones, caveat."""
    out.print(heading(summary, "median and central 90 % of draws"))
    out.print(_by_year(summary, out.width >= WIDE))
    out.print()
    out.print(_milestones(summary))
    for position, sentence in enumerate(between_structures(summary)):
        out.print(sentence if position else f"\n{sentence}")
    out.print(f"\n{CAVEAT}", style="dim")


def _by_year(summary: Json, wide: bool) -> Table:
    """One row a year; a narrow terminal gets one band and no column for what is trusted."""
    series, shown = summary["series"], band if wide else median
    heads = ["", "labour\nS_L", "project\nS_P", "progress\nM", "hours\nsaved", "delegated", "trusted", "50 %\nhorizon"]
    rows = [
        [
            month(day),
            band(series["labour_speedup"], step),
            shown(series["project_speedup"], step),
            shown(series["progress_multiplier"], step),
            percent(series["time_saved_share"]["q50"][step]),
            percent(series["delegated_share"]["q50"][step]),
            percent(series["trusted_share"]["q50"][step]),
            duration(series["p50_horizon_min"]["q50"][step]),
        ]
        for step, day in enumerate(summary["dates"])
        if step % MONTHS == 0
    ]
    if not wide:
        heads, rows = _without(heads, heads.index("trusted")), [_without(row, heads.index("trusted")) for row in rows]
    return plain_table("By year", heads, rows)


def _without(cells: list[str], position: int) -> list[str]:
    return cells[:position] + cells[position + 1 :]


def _milestones(summary: Json) -> Table:
    rows = []
    for name, found in summary["milestones"].items():
        unreachable = "–" if found["unreachable"] is None else percent(found["unreachable"])
        dates = (month(found[quantile]) for quantile in ("q10", "q50", "q90"))
        rows.append((milestone_label(name), percent(found["probability"]), unreachable, *dates))
    by = f"reached by\n{month(summary['dates'][-1])}"
    return plain_table("Milestones", ("", by, "out of\nreach", "10 %", "50 %", "90 % of\ndraws by"), rows)
