"""``autosim run``: simulate a scenario and keep what came out."""

import json
from datetime import date
from pathlib import Path

import click

from autosim.analysis.given import parse_conditions
from autosim.analysis.summary import Json, summarise
from autosim.analysis.thresholds import thresholds
from autosim.cli.compare import print_splits
from autosim.cli.options import (
    conditioning,
    dating,
    enough,
    marking,
    overrides,
    sampling,
    splitting,
    structures,
    watched,
)
from autosim.cli.printing import console, print_run
from autosim.inputs.loading import load
from autosim.output import Drawing, whole_run, write_run


@click.command("run")
@click.argument("scenario")
@sampling
@conditioning
@marking
@dating
@splitting
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results.  [default: runs/<scenario>]")
@click.option("--no-plots", is_flag=True, help="Draw no figures.")
@click.option("--json", "as_json", is_flag=True, help="Print summary.json instead of tables.")
@click.option("--quiet", is_flag=True, help="Print no tables.")
def command(
    scenario: str,
    draws: int,
    tolerance: float | None,
    seed: int,
    assignments: tuple[str, ...],
    structure: tuple[str, ...],
    posterior: Path | None,
    force: bool,
    given: tuple[str, ...],
    milestones: tuple[str, ...],
    as_of: date | None,
    by: tuple[str, ...],
    out: Path | None,
    no_plots: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Simulate SCENARIO; write run.nc, summary.json and figures/; print a table by year and the milestones."""
    loaded = load(scenario, overrides(assignments, structure), posterior, force=force, as_of=as_of)
    draws = enough([loaded], draws, tolerance, seed, given)
    conditions, counted = parse_conditions(given, loaded), thresholds(milestones, loaded)
    asked = structures(by, loaded, draws, conditions)
    folder = out or Path("runs") / loaded.header.slug
    with whole_run(folder) as fresh:
        simulation = watched(loaded, draws, seed, conditions, counted)
        summary = summarise(simulation, asked)
        write_run(simulation, summary, fresh, None if no_plots else _drawing(summary))
    if as_json:
        click.echo(json.dumps(summary, allow_nan=False))
    elif not quiet:
        shown = console()
        print_run(summary, shown)
        print_splits(summary, shown)
        shown.print(f"Written: {folder}/", style="dim", markup=False)


def _drawing(summary: Json) -> Drawing:
    from autosim.plots.figures import draw_run

    return lambda simulation, folder: draw_run(simulation, summary, folder)
