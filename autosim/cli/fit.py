"""``autosim fit``: evidence becomes a posterior."""

import math
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autosim.cli.options import dating, overrides, refuse_same, setting
from autosim.cli.printing import console, plain_table
from autosim.defaults import LARGEST_SEED, TARGET_ACCEPT
from autosim.inputs.loading import load
from autosim.output import CHECKS, FIGURES, write_answer
from autosim.whole import whole_file, whole_folder
from autosim.words import number, percent

if TYPE_CHECKING:
    from autosim.inference.fit import Fit
    from autosim.inference.shape_weights import ShapeWeights

MOST_PROBLEMS = 5
"""Problems that are printed one by one."""


@click.command("fit")
@click.argument("scenario")
@click.option("--evidence", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
              help="Table or folder of evidence, or 'shipped' for what comes with autosim; repeatable.  "
              "[default: shipped]")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=Path("post.nc"), show_default=True,
              help="Posterior file: .nc, or .parquet or .csv for the draws alone.")  # fmt: skip
@click.option("--export", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
              help="Write the posterior to another file, too, such as draws.csv; repeatable.")  # fmt: skip
@click.option("--draws", type=click.IntRange(25), default=1000, show_default=True, help="Draws kept per chain.")
@click.option("--tune", type=click.IntRange(20), default=1000, show_default=True, help="Draws spent on adaptation.")
@click.option("--chains", type=click.IntRange(2, 64), default=4, show_default=True, help="Independent chains.")
@click.option("--target-accept", type=click.FloatRange(0.5, 0.999), default=TARGET_ACCEPT, show_default=True,
              help="Nearer to 1 for finer steps, which cure divergences.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), default=0, show_default=True,
              help="The same seed gives the same numbers.")  # fmt: skip
@setting
@dating
@click.option("--check", is_flag=True, help="Compare prior and posterior predictions with the evidence; draw figures.")
@click.option("--quiet", is_flag=True, help="Print no table.")
def command(
    scenario: str,
    evidence: tuple[Path, ...],
    out: Path,
    export: tuple[Path, ...],
    draws: int,
    tune: int,
    chains: int,
    target_accept: float,
    seed: int,
    assignments: tuple[str, ...],
    structure: tuple[str, ...],
    as_of: date | None,
    check: bool,
    quiet: bool,
) -> None:
    """Condition SCENARIO on evidence; write the posterior; print what was learnt of every parameter.

    Exits with 1 if the diagnostics fail: the file is then marked, and run --posterior refuses it without --force.
    """
    from autosim.evidence.tables import read_evidence, shipped_evidence
    from autosim.inference.files import put_posterior, write_posterior

    _refuse_targets(out, export, evidence)
    loaded = load(scenario, overrides(assignments, structure), as_of=as_of)
    tables = read_evidence(list(evidence), loaded.taxonomy) if evidence else shipped_evidence(loaded.taxonomy)
    from autosim.inference.fit import fit

    with whole_file(out) as fresh:
        progress = sys.stderr.isatty()
        made = fit(loaded, tables, draws, tune, chains, seed, target_accept=target_accept, progress=progress)
        put_posterior(made.tree, fresh)
    for path in export:
        write_posterior(made.tree, path)
    if not quiet:
        _print(made)
    for note in made.notes:
        click.echo(note, err=True)
    if check:
        _check(made, out.with_name(f"{out.stem}-checks"))
    if not made.converged:
        say_problems(made.problems, out)
        sys.exit(1)
    if not quiet:
        console().print(f"Written: {out}", style="dim", markup=False)


def _refuse_targets(out: Path, export: tuple[Path, ...], evidence: tuple[Path, ...]) -> None:
    from autosim.inference.files import check_target

    for i, (option, path) in enumerate([("--out", out), *(("--export", path) for path in export)]):
        check_target(path, option)
        refuse_same(option, path, (*evidence, *(out, *export)[:i]))


def say_problems(problems: Sequence[str], out: Path) -> None:
    """Say what is wrong with a fit, and that its file is marked."""
    for line in problems[:MOST_PROBLEMS]:
        click.echo(f"not converged: {line}", err=True)
    if len(problems) > MOST_PROBLEMS:
        click.echo(f"not converged: {len(problems) - MOST_PROBLEMS} more", err=True)
    click.echo(f"{out}: written, but marked as not converged", err=True)


def _check(made: "Fit", folder: Path) -> None:
    from autosim.inference.checks import check_fit
    from autosim.plots.checks import draw_checks

    with whole_folder(folder, (CHECKS,), (FIGURES,)) as fresh:
        found = check_fit(made)
        write_answer(found.as_json(), fresh, CHECKS, lambda figures: draw_checks(found, figures))
    for line in found.lines():
        console().print(line, markup=False)
    console().print(f"Written: {folder}/", style="dim", markup=False)


def _print(made: "Fit") -> None:
    rows = [
        [row.name, *(_number(x) for x in (row.prior_median, row.prior_sd, row.median, row.sd)), _ratio(row.ratio)]
        for row in made.table
        if not row.name.startswith("trajectory_weight.")
    ]
    heads = ("", "prior\nmedian", "\nsd", "posterior\nmedian", "\nsd", "sd ratio")
    console().print(plain_table("What the evidence taught", heads, rows))
    if made.shapes:
        _print_shapes(made.shapes)


def _print_shapes(found: "ShapeWeights") -> None:
    rows = [[name, percent(one.prior), percent(one.bayes), one.compared, percent(one.weight)]
            for name, one in found.shapes.items()]  # fmt: skip
    heads = ("", "\nprior", "\nBayes", "elpd\ndifference", "weight in\nforecasts")
    console().print(plain_table("\nShape of the trajectory", heads, rows))
    for line in found.lines():
        console().print(line, markup=False)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else number(value, 3)


def _ratio(value: float) -> str:
    from autosim.inference.diagnostics import NOT_LEARNT

    if math.isnan(value):
        return "–"
    return f"{value:.2f}{'  not learnt' if value > NOT_LEARNT else ''}"
