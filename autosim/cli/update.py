"""``autosim update``: more evidence on top of a fit, and what it moved."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autosim.analysis.summary import Json
from autosim.cli.fit import say_problems
from autosim.cli.moved import print_moved
from autosim.cli.options import refuse_same, watched
from autosim.cli.printing import console
from autosim.defaults import DRAWS, LARGEST_SEED
from autosim.errors import InputError, shown
from autosim.inputs.learnt import with_posterior
from autosim.whole import whole_file

if TYPE_CHECKING:
    from autosim.analysis.moved import Headlines
    from autosim.inference.fitted import Fitted
    from autosim.inference.updating import Updated

FEWEST_DRAWS, MOST_DRAWS = 100, 10_000
"""Draws of the runs that tell what moved: enough for quantiles, and few enough to be kept one by one."""


@click.command("update")
@click.argument("posterior", type=click.Path(path_type=Path))
@click.option("--evidence", multiple=True, required=True, type=click.Path(path_type=Path), metavar="FILE",
              help="Table or folder of new evidence, without rows that the fit knows; repeatable.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=Path("updated.nc"), show_default=True,
              help="Posterior file, .nc; it can be updated again.")  # fmt: skip
@click.option("--scenario", metavar="SCENARIO", help="The scenario that was fitted, if its file is elsewhere by now.")
@click.option("--refit", is_flag=True, help="Fit all evidence anew even if draws can be weighed.")
@click.option("--force", is_flag=True, help="Take a posterior even if its diagnostics failed.")
@click.option("--draws", type=click.IntRange(FEWEST_DRAWS, MOST_DRAWS), default=DRAWS, show_default=True,
              help="Draws of the two runs that tell what moved.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), default=0, show_default=True,
              help="Seed of these runs: the same gives the same numbers.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(
    posterior: Path,
    evidence: tuple[Path, ...],
    out: Path,
    scenario: str | None,
    refit: bool,
    force: bool,
    draws: int,
    seed: int,
    as_json: bool,
) -> None:
    """Condition the fit in POSTERIOR on new evidence; write the posterior; print what moved.

    Its draws are weighed by the new evidence (Pareto-smoothed importance sampling), which takes seconds. Where the
    weights are not to be trusted, it says why and fits all evidence anew, from where the last fit ended.

    Exits with 1 if the diagnostics of a new fit fail: the file is then marked, as by autosim fit.
    """
    if out.suffix != ".nc" or out.is_dir():
        raise InputError("--out", "", shown(str(out)), "a file that ends in .nc")
    refuse_same("--out", out, (posterior, *evidence))
    from autosim.inference.files import put_posterior
    from autosim.inference.fitted import read_fitted
    from autosim.inference.updating import update

    known = read_fitted(posterior, scenario, force=force)
    with whole_file(out) as fresh:
        made = update(known, evidence, refit=refit, progress=sys.stderr.isatty(), announce=_say_refit)
        put_posterior(made.tree, fresh)
        said = None if made.problems else _said(known, made, fresh, draws, seed)
    if said is None:
        say_problems(made.problems, out)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(said, allow_nan=False))
        return
    print_moved(said)
    console().print(f"\nWritten: {out}", style="dim", markup=False)


def _say_refit(why: str) -> None:
    click.echo(f"fitting anew: {why}", err=True)


def _said(known: "Fitted", made: "Updated", fresh: Path, draws: int, seed: int) -> Json:
    """What was done, and what moved."""
    from autosim.analysis.moved import learnt

    moved = _headlines(known, fresh, draws, seed)
    quantities = learnt(known.posterior.values, made.values)
    return {
        "scenario": known.scenario.header.slug,
        "name": known.scenario.header.name,
        **made.as_json(),
        "draws": draws,
        "seed": seed,
        **moved.as_json(),
        "reference_date": str(known.scenario.header.reference_date),
        "quantities": {one.name: one.as_json() for one in quantities},
    }


def _headlines(known: "Fitted", fresh: Path, draws: int, seed: int) -> "Headlines":
    """Run the scenario from both posteriors on common random numbers."""
    from autosim.analysis.moved import headlines

    paths = Path(known.place), fresh
    loaded = (with_posterior(known.scenario, path, known.place, force=True) for path in paths)
    before, after = (watched(scenario, draws, seed) for scenario in loaded)
    return headlines(before, after)
