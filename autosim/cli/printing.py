"""Printed results: tables that a reader understands at once."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from autosim.analysis.summary import Json
from autosim.simulation.calendar import MONTHS

WIDE = 108
"""Columns of a terminal from which every speedup has room for its band."""

CAVEAT = (
    "Hours, not value: S_L counts researchers' hours, and an hour of hypothesis creation may be worth many. "
    "Lengths are those of a qualified human."
)


def console() -> Console:
    """Where results go: the terminal's width, or 120 columns where there is none. Brackets in texts are brackets."""
    out = Console(highlight=False, markup=False, emoji=False)
    return out if out.is_terminal else Console(highlight=False, markup=False, emoji=False, width=120)


def heading(summary: Json, more: str) -> Text:
    """Say what was simulated: name and assumption, then draws, seed and what was set."""
    first = Text.assemble((summary["name"], "bold"), f": {first_sentence(summary['description'])}\n")
    changed = f"{with_overrides(summary)}\n" if summary["overrides"] else ""
    return first.append(f"{summary['draws']:,} draws, seed {summary['seed']}; {more}\n{changed}", "dim")


def with_overrides(summary: Json) -> str:
    """Say what was laid over a scenario's file."""
    return f"with --set {' --set '.join(summary['overrides'])}"


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


def first_sentence(text: str) -> str:
    """First sentence of a description: what the scenario assumes.

    Examples
    --------
    >>> first_sentence("AI helps, e.g. with code. It stays an assistant.")
    'AI helps, e.g. with code.'
    """
    for position, mark in enumerate(text):
        rest = text[position + 1 :]
        if mark in ".!?" and rest[:1] == " " and rest[1:2].isupper():
            return text[: position + 1]
    return text


def month(day: str | None) -> str:
    """Write an ISO date as a month: "Aug 2029"; a dash where there is none.

    Examples
    --------
    >>> month("2029-08-27"), month(None)
    ('Aug 2029', '–')
    """
    return "–" if day is None else date.fromisoformat(day).strftime("%b %Y")


def number(value: float, digits: int = 2) -> str:
    """Round for reading: two or three significant digits, no exponents below a million.

    Examples
    --------
    >>> number(1.234), number(12.34), number(1234.5), number(-0.001)
    ('1.23', '12.3', '1,234', '0.00')
    """
    if abs(value) >= 1e6:
        return f"{value:.1e}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:z.{digits if abs(value) < 10 else digits - 1}f}"


def percent(value: float) -> str:
    """Write a share as a percentage.

    Examples
    --------
    >>> percent(0.123), percent(0.004), percent(-0.004), percent(-0.2)
    ('12 %', '<1 %', '0 %', '-20 %')
    """
    return "<1 %" if 0.0 < value < 0.005 else f"{value:z.0%}".replace("%", " %")


def duration(minutes: float) -> str:
    """Write minutes of human work in the unit that reads best; a workday has 8 hours, a work-year 2,000.

    Examples
    --------
    >>> duration(0.5), duration(11.4), duration(300.0), duration(4800.0), duration(480000.0)
    ('30 s', '11 min', '5.0 h', '10 workdays', '4.0 work-years')
    """
    for limit, size, unit in (
        (1.0, 1 / 60, "s"),
        (90.0, 1.0, "min"),
        (1440.0, 60.0, "h"),
        (120000.0, 480.0, "workdays"),
    ):
        if minutes < limit:
            value = minutes / size
            return f"{value:.1f} {unit}" if unit == "h" else f"{value:.0f} {unit}"
    years = minutes / 120000.0
    return f"{years:.1f} work-years" if years < 10 else f"{years:,.0f} work-years"


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


_LABELS = {
    "time_saved_share": "half of work-hours saved",
    "labour_speedup": "labour speedup S_L of {}",
    "progress_multiplier": "progress multiplier M of {}",
}


def milestone_label(name: str) -> str:
    """Say a milestone in words.

    Examples
    --------
    >>> milestone_label("labour_speedup>=2")
    'labour speedup S_L of 2'
    """
    series, _, level = name.partition(">=")
    return _LABELS[series].format(level)
