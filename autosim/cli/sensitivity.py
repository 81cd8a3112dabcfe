"""``autosim sensitivity``: what an answer hangs on."""

import json
from collections.abc import Callable
from pathlib import Path

import click
from rich.text import Text

from autosim.analysis.groups import DIVIDINGS
from autosim.analysis.sensitivity import DRAWS, METHODS, SOBOL, Sensitivity, Study
from autosim.cli.options import assuming, grouping, overrides, targeting
from autosim.cli.printing import console, plain_table
from autosim.cli.progress import state_cost, watching
from autosim.inputs.loading import load
from autosim.inputs.scenario import posteriors
from autosim.output import FIGURES, SENSITIVITY, write_answer
from autosim.whole import whole_folder
from autosim.words import number, percent, with_overrides, with_posterior

_METHODS = {
    "shapley": "Shapley effects: shares of the variance that add up to 100 %, valid when groups depend on one another",
    "sobol": "Sobol indices: alone = first order, with others = total; groups are independent of one another",
}


@click.command("sensitivity")
@click.argument("scenario")
@targeting
@click.option("--method", type=click.Choice(METHODS), default="auto", show_default=True,
              help="sobol needs groups that are independent of one another; auto takes it where they are.")  # fmt: skip
@grouping
@click.option("--draws", type=click.IntRange(1), default=DRAWS, show_default=True, help="Draws in each of two samples.")
@assuming
@click.option("--out", type=click.Path(path_type=Path),
              help="Folder for the results.  [default: runs/<scenario>-sensitivity]")  # fmt: skip
@click.option("--no-plots", is_flag=True, help="Draw no figures.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON instead of tables.")
def command(
    scenario: str,
    target: str | None,
    method: str,
    by: str,
    groups: tuple[str, ...],
    draws: int,
    seed: int,
    assignments: tuple[str, ...],
    structure: tuple[str, ...],
    posterior: Path | None,
    force: bool,
    out: Path | None,
    no_plots: bool,
    as_json: bool,
) -> None:
    """Say which assumptions of SCENARIO drive an answer; write sensitivity.json and figures/."""
    loaded = load(scenario, overrides(assignments, structure), posterior, force=force)
    study = Study(loaded, target, draws, seed, method, groups, DIVIDINGS[by])
    folder = out or Path("runs") / f"{loaded.header.slug}-sensitivity"
    with whole_folder(folder, (SENSITIVITY,), (FIGURES,)) as fresh:
        state_cost(f"at most, for {len(study.pairs.groups)} groups of assumptions", study.cost, study.probe)
        with watching(loaded.header.name, study.cost, "evaluations") as progress:
            found = study.run(progress)
        write_answer(found.as_json(), fresh, SENSITIVITY, None if no_plots else _drawing(found))
    if as_json:
        click.echo(json.dumps(found.as_json(), allow_nan=False))
        return
    header = loaded.header
    changed = f"{with_overrides(header.overrides)}\n" if header.overrides else ""
    more = f"{changed}{with_posterior(posteriors(loaded))}"
    print_sensitivity(found, more)
    console().print(f"\nWritten: {folder}/", style="dim", markup=False)


def _drawing(found: Sensitivity) -> Callable[[Path], None]:
    from autosim.plots.figures import draw_sensitivity

    return lambda folder: draw_sensitivity(found, folder)


def print_sensitivity(found: Sensitivity, more: str = "") -> None:
    """Print what drives an answer: a sentence, shares by group, and swings of single quantities."""
    out, said = console(), found.target.said
    out.print(Text(found.sentence, "bold"))
    spread = " and ".join(said(found.spread[name], found.mcse[name]) for name in ("q05", "q95"))
    out.print(
        f"{found.title}: median {said(found.spread['q50'], found.mcse['q50'])}, 90 % between {spread}. "
        f"{found.draws:,} draws, seed {found.seed}, "
        f"{found.evaluations:,} evaluations\n{more}{_METHODS[found.method]}\n",
        style="dim",
    )
    heads = ["", "alone\n", "with\nothers"] if found.method == SOBOL else ["", "share of\nvariance"]
    rows = [
        (
            driver.group,
            *([percent(driver.first.value)] if driver.first else []),
            percent(driver.share.value),
            f"{percent(driver.share.low)} – {percent(driver.share.high)}",
            driver.what,
        )
        for driver in found.drivers
    ]
    table = plain_table(f"What drives {found.target.scale}", (*heads, "95 %\ninterval", "what it is"), rows)
    table.columns[-1].justify = "left"
    table.columns[-1].no_wrap = False
    out.print(table)
    swings = []
    for one in found.responses:
        ends = [one.at[position] for position in one.ends]
        answers = map(said, one.swing, one.swing_mcse)
        swings.append((one.name, *(_value(end) for end in ends), one.unit, *answers))
    out.print()
    title = f"One quantity at a time, low (10 %) and high (90 %): {found.target.label}"
    out.print(plain_table(title, ("", "low", "high", "unit", "answer\nif low", "answer\nif high"), swings))

    out.print(
        "\nAll else stays as drawn, also what depends on the quantity: answers are "
        f"{'probabilities' if found.target.is_event else 'medians'}, ± Monte Carlo errors, over {found.swung:,} of the "
        f"draws, taken evenly by their answer; as drawn it is {said(found.centre, found.centre_mcse)}.",
        style="dim",
    )


def _value(value: float | str) -> str:
    return value if isinstance(value, str) else number(value, 3)
