"""``autosim backtest``: forecasts from earlier days, scored by what came after."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autosim.cli.options import overrides, setting
from autosim.cli.printing import console, fitting_table, plain_table
from autosim.cli.progress import watching
from autosim.defaults import LARGEST_SEED, OUTLOOK_DRAWS
from autosim.errors import InputError, shown
from autosim.inputs.loading import load
from autosim.inputs.scenario import Pool
from autosim.output import BACKTEST, FIGURES, TARGETS, write_answer
from autosim.whole import whole_folder

if TYPE_CHECKING:
    from autosim.evidence.tables import Evidence
    from autosim.inputs.scenario import Taxonomy

POOL_CUT_OFF = date(2024, 8, 31)
"""Cut-off of a pool unless told: the end of the month in which the shipped outlooks were published."""

MOST_CAUTIONS = 12
"""Cautions that are printed one by one; all are in the JSON."""


def _days(_context: click.Context, _option: click.Parameter, said: Sequence[datetime]) -> tuple[date, ...]:
    return tuple(day.date() for day in said)


@click.command("backtest")
@click.argument("scenario", default="baseline")
@click.option("--evidence", multiple=True, metavar="[NAME=]FILE",
              help="Table or folder of evidence; repeatable. Those of a NAME are a set that is fitted by itself; those "
              "without belong to every set.  [default: what comes with autosim]")  # fmt: skip
@click.option("--cut-off", "cut_offs", multiple=True, type=click.DateTime(["%Y-%m-%d"]), callback=_days,
              metavar="DATE", help="Forecast from what was known on this day; repeatable.  "
              "[default: 2024-07-01, 2025-01-01, 2025-04-01]")  # fmt: skip
@click.option(
    "--strict",
    is_flag=True,
    help="Let a model's results count as known only once they were published, not once the model was out.",
)
@click.option("--draws", type=click.IntRange(100, 1_000_000),
              help="Draws of each forecast, or of each outlook of a pool.  "
              "[default: 2000; of an outlook 20000]")  # fmt: skip
@click.option("--fit-draws", type=click.IntRange(25), default=1000, show_default=True,
              help="Draws kept per chain of each fit.")  # fmt: skip
@click.option("--tune", type=click.IntRange(20), default=1000, show_default=True, help="Draws spent on adaptation.")
@click.option("--chains", type=click.IntRange(2, 64), default=4, show_default=True, help="Independent chains.")
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), default=0, show_default=True,
              help="The same seed gives the same numbers.")  # fmt: skip
@setting
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Folder of fits by the hash of their inputs: what is there is not fitted again.")  # fmt: skip
@click.option("--registration", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Structure and code, hashed before anything is scored: written if there is no such file, else "
              "compared, and changes are listed as post hoc.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results.  [default: runs/backtest]")
@click.option("--no-plots", is_flag=True, help="Draw no figures.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON instead of tables.")
def command(
    scenario: str,
    evidence: tuple[str, ...],
    cut_offs: tuple[date, ...],
    strict: bool,
    draws: int | None,
    fit_draws: int,
    tune: int,
    chains: int,
    seed: int,
    assignments: tuple[str, ...],
    structure: tuple[str, ...],
    cache: Path | None,
    registration: Path | None,
    out: Path | None,
    no_plots: bool,
    as_json: bool,
) -> None:
    """Forecast from what was known on earlier days, and score it by what came after, baselines beside it.

    Writes backtest.json, targets.csv (every target with every forecaster's scores) and figures/. Of a pool it says
    which member has been favoured by what became known after one cut-off, 2024-08-31 unless told; writes outlooks.json.
    """
    from autosim.backtesting.making import make
    from autosim.backtesting.origins import CUT_OFFS
    from autosim.backtesting.running import FORECAST_DRAWS, Settings

    laid = overrides(assignments, structure)
    asked = load(scenario, laid)
    sets = read_sets(evidence, asked.taxonomy)
    if isinstance(asked, Pool):
        folder = out or Path("runs") / f"{asked.header.slug}-outlooks"
        _outlooks(scenario, laid, cut_offs, sets, draws, seed, folder, plots=not no_plots, as_json=as_json)
        return
    settings = Settings(draws or FORECAST_DRAWS, fit_draws, tune, chains, seed, cache)
    folder = out or Path("runs") / "backtest"
    with whole_folder(folder, (BACKTEST, TARGETS), (FIGURES,)) as fresh:
        found, targets = make(
            lambda day: load(scenario, laid, as_of=day), sets, cut_offs or CUT_OFFS, settings,
            lambda total: watching("backtest", total, "origins"), registration, strict=strict,
        )  # fmt: skip
        targets.to_csv(fresh / TARGETS, index=False, lineterminator="\n")
        write_answer(found, fresh, BACKTEST, None if no_plots else _drawing(found))
    if as_json:
        click.echo(json.dumps(found, allow_nan=False))
        return
    print_backtest(found)
    console().print(f"\nWritten: {folder}/", style="dim", markup=False)


def read_sets(said: Sequence[str], names: "Taxonomy") -> dict[str, "Evidence"]:
    """Read evidence by set: tables named ``NAME=FILE`` with their own, all others with every set.

    Raises
    ------
    InputError
        If a table cannot be used, or a name or file is missing.
    """
    from autosim.evidence.tables import read_evidence, shipped_evidence

    if not said:
        return {"shipped": shipped_evidence(names)}
    common: list[Path] = []
    own: dict[str, list[Path]] = {}
    for item in said:
        name, sign, path = ("", "", item) if Path(item).exists() else item.partition("=")
        if not sign:
            common.append(Path(item))
        elif name.strip() and path.strip():
            own.setdefault(name.strip(), []).append(Path(path.strip()))
        else:
            raise InputError("--evidence", "", shown(item), "FILE or NAME=FILE")
    if not own:
        return {"evidence": read_evidence(common, names)}
    return {name: read_evidence([*paths, *common], names) for name, paths in own.items()}


def _outlooks(
    scenario: str,
    laid: Sequence[str],
    cut_offs: Sequence[date],
    sets: dict[str, "Evidence"],
    draws: int | None,
    seed: int,
    folder: Path,
    *,
    plots: bool,
    as_json: bool,
) -> None:
    """Score the members of a pool."""
    from autosim.cli.outlooks import score_pool

    day, known = _one_of_each(cut_offs, sets)
    pool = load(scenario, laid, as_of=day)
    if isinstance(pool, Pool):
        score_pool(pool, known, day, draws or OUTLOOK_DRAWS, seed, folder, plots=plots, as_json=as_json)


def _one_of_each(cut_offs: Sequence[date], sets: dict[str, "Evidence"]) -> tuple[date, "Evidence"]:
    """The one cut-off and the one set of evidence that outlooks are scored by."""
    if len(cut_offs) > 1 or len(sets) > 1:
        got = f"{len(cut_offs)} cut-offs and {len(sets)} sets of evidence"
        raise InputError("--cut-off and --evidence", "", got, "one of each for a pool")
    return (cut_offs or (POOL_CUT_OFF,))[0], next(iter(sets.values()))


def _drawing(found: dict[str, Any]) -> Callable[[Path], None]:
    from autosim.plots.figures import draw_backtest

    return lambda folder: draw_backtest(found, folder)


def print_backtest(found: dict[str, Any]) -> None:
    """Print scores with baselines side by side, by kind of target, and what to beware of."""
    from autosim.backtesting.in_words import LEGEND, SCORE_HEADS, cautions, kind_heads, kind_rows, score_rows, verdicts

    out = console()
    days = ", ".join(dict.fromkeys(one["cut_off"] for one in found["origins"]))
    out.print(f"{found['name']}: forecasts as of {days}, scored by {found['models']} models that came later")
    out.print(f"{found['draws']:,} draws, seed {found['seed']}; evidence {', '.join(found['evidence'])}", style="dim")
    out.print(fitting_table("\nScores", SCORE_HEADS, score_rows(found), 1, out))
    out.print(LEGEND, style="dim")
    for line in verdicts(found):
        out.print(line)
    title = "\nCRPS over that of persistence; beneath each kind, its targets, and models or trials"
    out.print(plain_table(title, kind_heads(found), kind_rows(found)))
    told = cautions(found)
    out.print()
    for line in told[:MOST_CAUTIONS]:
        click.echo(line, err=True)
    if len(told) > MOST_CAUTIONS:
        click.echo(f"{len(told) - MOST_CAUTIONS} more such lines are in {BACKTEST}", err=True)
