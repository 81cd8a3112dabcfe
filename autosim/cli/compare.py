"""``autosim compare``: several scenarios side by side."""

import json

import click

from autosim.analysis.summary import Json, summarise
from autosim.cli.options import overrides, simulating, watched
from autosim.cli.printing import (
    CAVEAT,
    band,
    console,
    median,
    milestone_label,
    month,
    number,
    percent,
    plain_table,
    with_overrides,
)
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.inputs.scenario import AnyScenario
from autosim.simulation.calendar import MONTHS

SERIES = {
    "labour_speedup": "Labour speedup S_L",
    "project_speedup": "Project speedup S_P",
    "progress_multiplier": "Progress multiplier M",
    "time_saved_share": "Hours saved",
}
_SHARES = ("time_saved_share",)

WIDEST_BAND = 20
"""Columns of a terminal that one scenario's median and band need."""


@click.command("compare")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@simulating
@click.option("--json", "as_json", is_flag=True, help="Print every scenario's summary as JSON instead of tables.")
def command(
    scenarios: tuple[str, ...],
    draws: int,
    seed: int,
    assignments: tuple[str, ...],
    structure: tuple[str, ...],
    as_json: bool,
) -> None:
    """Simulate SCENARIOs on common random numbers and put them side by side."""
    loaded = [load(scenario, overrides(assignments, structure)) for scenario in scenarios]
    twice = sorted({name for name in scenarios if scenarios.count(name) > 1})
    if twice:
        raise InputError("SCENARIO", "", f"{twice[0]} twice", "different scenarios")
    _refuse_other_dates(dict(zip(scenarios, loaded, strict=True)))
    summaries = {
        name: summarise(watched(scenario, draws, seed)) for name, scenario in zip(scenarios, loaded, strict=True)
    }
    if as_json:
        click.echo(json.dumps(summaries, allow_nan=False))
    else:
        print_comparison(list(summaries.values()))


def print_comparison(summaries: list[Json]) -> None:
    """Print one table per series with a column per scenario, then the milestones."""
    out = console()
    if summaries[0]["overrides"]:
        out.print(f"{with_overrides(summaries[0])}\n", style="dim")
    days = max((summary["dates"] for summary in summaries), key=len)[::MONTHS]
    names = [summary["name"] for summary in summaries]
    wide = out.width >= 10 + WIDEST_BAND * len(names)
    shown, what = (band, "median and central 90 %") if wide else (median, "median")
    for series, title in SERIES.items():
        form = percent if series in _SHARES else number
        rows = []
        for day in days:
            cells = [
                shown(summary["series"][series], summary["dates"].index(day), form) if day in summary["dates"] else "–"
                for summary in summaries
            ]
            rows.append((month(day), *cells))
        out.print(plain_table(f"{title}, {what}", ("", *names), rows))
        out.print()
    rows = [
        (milestone_label(name), *(_when(summary["milestones"][name]) for summary in summaries))
        for name in summaries[0]["milestones"]
    ]
    out.print(plain_table("Milestones: probability, and date by which half of the draws get there", ("", *names), rows))
    out.print(f"\n{CAVEAT}", style="dim")


def _refuse_other_dates(scenarios: dict[str, AnyScenario]) -> None:
    """Refuse scenarios that count from different dates: their months never meet."""
    first, *others = scenarios
    wanted = scenarios[first].header.reference_date
    for name in others:
        day = scenarios[name].header.reference_date
        if day != wanted:
            what = f"{wanted}, that of {first}, so that dates stand side by side"
            raise InputError(name, "reference_date", str(day), what)


def _when(found: Json) -> str:
    return f"{percent(found['probability'])}, {month(found['q50'])}"
