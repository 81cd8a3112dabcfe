"""``autosim evaluations``: Owen 2024's Table 4, computed."""

import json
from collections.abc import Callable
from pathlib import Path

import click

from autosim.analysis.summary import Json, summarise
from autosim.cli.options import overrides, simulating, watched
from autosim.cli.printing import console, fitting_table, heading
from autosim.dims import ADVANCES
from autosim.inputs.loading import load
from autosim.words import CAVEAT, month, number, percent

_NONE = "–"


@click.command("evaluations")
@click.argument("scenario")
@simulating
@click.option("--json", "as_json", is_flag=True, help="Print as JSON instead of a table.")
def command(
    scenario: str,
    draws: int,
    seed: int,
    assignments: tuple[str, ...],
    structure: tuple[str, ...],
    posterior: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """For each evaluation under SCENARIO: pass rate, date solved, and the hours saved if it were solved."""
    summary = summarise(watched(load(scenario, overrides(assignments, structure), posterior, force=force), draws, seed))
    if as_json:
        click.echo(json.dumps(summary["evaluations"], allow_nan=False))
    else:
        print_evaluations(summary)


def print_evaluations(summary: Json) -> None:
    """Print one row per evaluation; "common" and "specific" are the two ways of solving it (model §8)."""
    out = console()
    heads = ["evaluation", "pass\nrate", "solved\nby"]
    heads += [f"{what}\n{way}" for what in ("saved", "S_L", "advance") for way in ADVANCES]
    rows = [_row(name, entry, summary["dates"][-1]) for name, entry in summary["evaluations"].items()]
    out.print(heading(summary, f"medians, pass rates at {summary['reference_date']}"))
    out.print(fitting_table("If it were solved at the reference date", heads, rows, len(ADVANCES), out))
    if any(_NONE in row for row in rows):
        out.print(f"\n{_NONE}: no advance solves it in any draw.", style="dim")
    out.print(
        "\nSolved: mean pass rate of 0.9. Hours saved, labour speedup S_L and the advance in doublings are given for "
        "an AI that is better at everything alike (common) and for one that got better only at what the evaluation "
        "tests (specific). The gap between the two measures the evaluation's construct validity.",
        style="dim",
    )
    out.print(CAVEAT, style="dim")


def _row(name: str, entry: Json, end: str) -> tuple[str, ...]:
    when = entry["date_solved"]
    median = month(when["q50"]) if when["q50"] else f"{percent(when['probability'])} by {month(end)}"
    answers = [
        _answer(entry[key][quantity], form)
        for quantity, form in (
            ("time_saved_share", percent),
            ("labour_speedup", number),
            ("advance_doublings", _doublings),
        )
        for key in ("if_solved", "if_solved_specific")
    ]
    return (name, percent(entry["pass_rate"]["q50"][0]), median, *answers)


def _answer(statistics: Json, form: Callable[[float], str]) -> str:
    return _NONE if statistics["q50"] is None else str(form(statistics["q50"]))


def _doublings(value: float) -> str:
    return f"{value:+z.1f}"
