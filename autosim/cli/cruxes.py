"""``autosim cruxes``: why two scenarios' answers differ."""

import json
from collections.abc import Callable
from pathlib import Path

import click
from rich.text import Text

from autosim.analysis.cruxes import Comparison, Crux, Cruxes
from autosim.analysis.effects import Estimate
from autosim.analysis.groups import coarse_group_of, parameter_of
from autosim.cli.options import assuming, grouping, overrides, targeting
from autosim.cli.printing import console, plain_table
from autosim.cli.progress import state_cost, watching
from autosim.inputs.loading import load
from autosim.inputs.scenario import posteriors
from autosim.output import CRUXES, FIGURES, write_answer
from autosim.whole import whole_folder
from autosim.words import with_overrides, with_posterior

_DIVIDINGS = {"group": coarse_group_of, "parameter": parameter_of}


@click.command("cruxes")
@click.argument("scenario_a")
@click.argument("scenario_b")
@targeting
@grouping
@click.option("--draws", type=click.IntRange(2),
              help="Draws of each combination.  [default: as many as 196,608 evaluations allow]")  # fmt: skip
@assuming
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results.  [default: runs/<A>-<B>-cruxes]")
@click.option("--no-plots", is_flag=True, help="Draw no figures.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON instead of tables.")
def command(
    scenario_a: str,
    scenario_b: str,
    target: str | None,
    by: str,
    groups: tuple[str, ...],
    draws: int | None,
    seed: int,
    assignments: tuple[str, ...],
    structure: tuple[str, ...],
    posterior: Path | None,
    force: bool,
    out: Path | None,
    no_plots: bool,
    as_json: bool,
) -> None:
    """Attribute the difference between SCENARIO_A and SCENARIO_B to assumptions; write cruxes.json and figures/."""
    said = overrides(assignments, structure)
    pair = [load(scenario, said, posterior, force=force) for scenario in (scenario_a, scenario_b)]
    comparison = Comparison(pair[0], pair[1], target, draws, seed, groups, _DIVIDINGS[by])
    folder = out or Path("runs") / f"{pair[0].header.slug}-{pair[1].header.slug}-cruxes"
    with whole_folder(folder, (CRUXES,), (FIGURES,)) as fresh:
        count = len(comparison.groups)
        state_cost(f"2^{count} combinations of {comparison.draws:,} draws", comparison.cost, comparison.probe)
        with watching(f"{pair[0].header.name} – {pair[1].header.name}", comparison.cost, "evaluations") as progress:
            found = comparison.run(progress)
        write_answer(found.as_json(), fresh, CRUXES, None if no_plots or found.nothing else _drawing(found))
    if as_json:
        click.echo(json.dumps(found.as_json(), allow_nan=False))
        return
    changed = f"{with_overrides(pair[0].header.overrides)}\n" if pair[0].header.overrides else ""
    print_cruxes(found, changed + "".join(with_posterior(posteriors(scenario)) for scenario in pair))
    console().print(f"\nWritten: {folder}/", style="dim", markup=False)


def _drawing(found: Cruxes) -> Callable[[Path], None]:
    from autosim.plots.figures import draw_cruxes

    return lambda folder: draw_cruxes(found, folder)


FEW_DRAWS = 100
"""With fewer draws intervals are not to be trusted."""


def print_cruxes(found: Cruxes, more: str = "") -> None:
    """Print why two scenarios' answers differ: a sentence, and the difference divided."""
    out = console()
    out.print(Text(found.sentence, "bold"))
    errors = [f"{100 * error:.1f} % of the {name}s'" for name, error in found.errors.items() if error is not None]
    if found.nothing:
        return
    told = (
        f"largest standard error {' and '.join(errors)} difference" if errors else "no difference is told from chance"
    )
    if found.draws < FEW_DRAWS:
        told += "; so few draws hardly tell: mind that intervals are too narrow, or take more --draws"
    spent = f"{found.draws:,} draws of each combination, seed {found.seed}, {found.evaluations:,} evaluations"
    out.print(f"{spent}; {told}\n{more}", style="dim")
    rows = [_row(found, crux, crux.what) for crux in found.groups]
    if len(found.camps) > 1:
        rows += [("", *[""] * (len(rows[0]) - 1)), *(_row(found, crux, "") for crux in found.camps)]
    rows += [("", *[""] * (len(rows[0]) - 1)), _row(found, found.whole, f"{found.titles[0]} → {found.titles[1]}")]
    centres = [name for name in ("median", "mean") if name in found.answers]
    heads = [head for name in centres for head in (f"of the\n{name}s", "95 %\ninterval")]
    table = plain_table(f"Difference in {found.target.label}", ("", *heads, "what it is"), rows)
    table.columns[-1].justify = "left"
    table.columns[-1].no_wrap = False
    out.print(table)


def _row(found: Cruxes, crux: Crux, what: str) -> tuple[str, ...]:
    cells = [cell for part in (crux.median, crux.mean) if part for cell in _cells(found, part)]
    return (crux.name, *cells, what)


def _cells(found: Cruxes, part: Estimate) -> tuple[str, str]:
    between = found.target.said_between
    return between(part.value), f"{between(part.low)} – {between(part.high)}"
