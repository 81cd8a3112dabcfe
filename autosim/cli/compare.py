"""``autosim compare``: several scenarios side by side."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from autosim.analysis.given import parse_conditions
from autosim.analysis.summary import Json, summarise
from autosim.analysis.thresholds import thresholds
from autosim.cli.options import conditioning, enough, marking, overrides, sampling, splitting, structures, watched
from autosim.cli.printing import (
    PLAIN,
    SHARE,
    band,
    console,
    date_with_error,
    median,
    plain_table,
    with_error,
)
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.inputs.scenario import AnyScenario
from autosim.output import COMPARISON, FIGURES, write_answer
from autosim.simulation.calendar import MONTHS
from autosim.whole import whole_folder
from autosim.words import (
    CAVEAT,
    alternative_label,
    milestone_label,
    month,
    percent,
    with_given,
    with_overrides,
    with_posterior,
)

SERIES = {
    "labour_speedup": "Labour speedup S_L",
    "project_speedup": "Project speedup S_P",
    "progress_multiplier": "Progress multiplier M",
    "time_saved_share": "Hours saved",
}
_SPLIT = ("labour_speedup", "progress_multiplier")
"""Series that are told of every alternative of a structure."""

_SHARES = ("time_saved_share",)

_MEDIAN = "median ± its Monte Carlo error"

WIDEST_BAND = 24
"""Columns of a terminal that one scenario's median and band need."""


@click.command("compare")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@sampling
@conditioning
@marking
@splitting
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results.  [default: runs/comparison]")
@click.option("--no-plots", is_flag=True, help="Draw no figures.")
@click.option("--json", "as_json", is_flag=True, help="Print every scenario's summary as JSON instead of tables.")
def command(
    scenarios: tuple[str, ...],
    draws: int,
    tolerance: float | None,
    seed: int,
    assignments: tuple[str, ...],
    structure: tuple[str, ...],
    posterior: Path | None,
    force: bool,
    given: tuple[str, ...],
    milestones: tuple[str, ...],
    by: tuple[str, ...],
    out: Path | None,
    no_plots: bool,
    as_json: bool,
) -> None:
    """Simulate SCENARIOs on common random numbers; print them side by side; write comparison.json and figures/."""
    said = overrides(assignments, structure)
    loaded = [load(scenario, said, posterior, force=force) for scenario in scenarios]
    twice = sorted({name for name in scenarios if scenarios.count(name) > 1})
    if twice:
        raise InputError("SCENARIO", "", f"{twice[0]} twice", "different scenarios")
    _refuse_other_dates(dict(zip(scenarios, loaded, strict=True)))
    draws = enough(loaded, draws, tolerance, seed, given)
    asked = [(parse_conditions(given, one), thresholds(milestones, one)) for one in loaded]
    split = [structures(by, one, draws, conditions) for one, (conditions, _) in zip(loaded, asked, strict=True)]
    folder = out or Path("runs") / "comparison"
    with whole_folder(folder, (COMPARISON,), (FIGURES,)) as fresh:
        summaries = {
            name: summarise(watched(scenario, draws, seed, *own), parts)
            for name, scenario, own, parts in zip(scenarios, loaded, asked, split, strict=True)
        }
        write_answer(summaries, fresh, COMPARISON, None if no_plots else _drawing(list(summaries.values())))
    if as_json:
        click.echo(json.dumps(summaries, allow_nan=False))
    else:
        print_comparison(list(summaries.values()))
        for summary in summaries.values():
            print_splits(summary, console())
        console().print(f"Written: {folder}/", style="dim", markup=False)


def _drawing(summaries: list[Json]) -> Callable[[Path], None]:
    from autosim.plots.figures import draw_comparison

    return lambda folder: draw_comparison(summaries, folder)


def print_comparison(summaries: list[Json]) -> None:
    """Print one table per series with a column per scenario, then the milestones."""
    out = console()
    if summaries[0]["overrides"]:
        out.print(f"{with_overrides(summaries[0]['overrides'])}\n", style="dim")
    for summary in summaries:
        out.print(with_posterior(summary["posterior"]), style="dim", end="")
    for summary in summaries:
        if summary["given"]:
            out.print(f"{summary['name']}:\n{with_given(summary)}", style="dim")
    print_side_by_side(summaries, SERIES, out)
    out.print(f"\n{CAVEAT}", style="dim")


def print_side_by_side(summaries: Sequence[Json], series_shown: Mapping[str, str], out: Console) -> None:
    """Print one table per series with a column per summary, then the milestones."""
    days = max((summary["dates"] for summary in summaries), key=len)[::MONTHS]
    names = [summary["name"] for summary in summaries]
    wide = out.width >= 10 + WIDEST_BAND * len(names)
    shown, what = (band, f"{_MEDIAN}, and central 90 %") if wide else (median, _MEDIAN)
    for series, title in series_shown.items():
        form = SHARE if series in _SHARES else PLAIN
        rows = []
        for day in days:
            cells = [
                shown(summary["series"][series], summary["dates"].index(day), form) if day in summary["dates"] else "–"
                for summary in summaries
            ]
            rows.append((month(day), *cells))
        out.print(plain_table(f"{title}, {what}", ("", *names), rows))
        out.print()
    out.print(_milestones(summaries, ("", *names), out))


def _milestones(summaries: Sequence[Json], columns: Sequence[str], out: Console) -> Table:
    """Probabilities of milestones with dates; without where the console is too narrow for these."""
    tables = []
    for title, said in (
        ("Milestones: probability, and date by which half of the draws get there", _when),
        ("Milestones: probability of being reached by the end", lambda found: with_error(found, "probability")),
    ):
        rows = [
            (milestone_label(name), *(said(summary["milestones"][name]) for summary in summaries))
            for name in summaries[0]["milestones"]
        ]
        tables.append(plain_table(title, columns, rows))
    endless = out.options.update(max_width=10_000)
    return tables[0] if Measurement.get(out, endless, tables[0]).maximum <= out.width else tables[1]


def print_splits(summary: Json, out: Console) -> None:
    """Print the alternatives of every structure that a summary is split by, side by side."""
    for name, alternatives in summary["by"].items():
        told = {one: found for one, found in alternatives.items() if "series" in found}
        few = [one for one in alternatives if one not in told]
        out.print(
            f"\n{summary['name']}, by {name.replace('+', ' and ')} (share of draws beneath the name)", style="bold"
        )
        if told:
            columns = [_column(summary, one, found) for one, found in told.items()]
            print_side_by_side(columns, {series: SERIES[series] for series in _SPLIT}, out)
        for one in few:
            count = f"{alternatives[one]['draws']:,} draws ({percent(alternatives[one]['probability'])})"
            out.print(f"{alternative_label(one)}: {count}, too few different ones to tell", style="dim")


def _column(summary: Json, name: str, found: Json) -> Json:
    """An alternative as a scenario of its own: its parts on lines of their own, so that columns stay narrow."""
    label = alternative_label(name).replace(", ", "\n").replace(" ", "\n")
    heading = f"{label}\n{percent(found['probability'])}"
    return {"name": heading, "dates": summary["dates"], "series": found["series"], "milestones": found["milestones"]}


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
    return f"{with_error(found, 'probability')}, {date_with_error(found, 'q50')}"
