"""``autosim replicate``: peers' models as presets, their numbers beside the published ones."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from autosim.cli.options import overrides as _overrides
from autosim.cli.printing import console, plain_table
from autosim.cli.progress import watching
from autosim.defaults import LARGEST_SEED, PEER_DRAWS
from autosim.inputs.loading import load
from autosim.output import FIGURES, PAGE, REPLICATION, REPLICATIONS, write_answer
from autosim.whole import whole_folder
from autosim.words import milestone_label, percent, with_overrides

if TYPE_CHECKING:
    from autosim.peers.everybody import Everybody
    from autosim.peers.replication import Replication

MOST_DRAWS = 1_000_000


@click.command("replicate")
@click.argument("name", required=False)
@click.option("--all", "everybody", is_flag=True, help="Every peer, and a page that compares them with our scenarios.")
@click.option("--draws", type=click.IntRange(2, MOST_DRAWS), default=PEER_DRAWS, show_default=True,
              help="Draws from the peer's priors.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), default=0, show_default=True,
              help="The same seed gives the same numbers.")  # fmt: skip
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE",
              help="Lay a value over the peer's numbers; repeatable.")  # fmt: skip
@click.option("--structure", multiple=True, metavar="PART=PEER",
              help="Take inputs, automation, research or returns from another peer or from autosim.")  # fmt: skip
@click.option("--scenario", default="baseline", show_default=True,
              help="Scenario of ours for the laws that are autosim's.")  # fmt: skip
@click.option("--runs", type=click.Path(path_type=Path), metavar="FILE",
              help="METR's runs of January 2025, which metr-horizons needs.")  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the results.  [default: runs/<NAME>, runs/peers]"
)
@click.option("--no-plots", is_flag=True, help="Draw no figures.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON instead of tables.")
def command(
    name: str | None,
    everybody: bool,
    draws: int,
    seed: int,
    assignments: tuple[str, ...],
    structure: tuple[str, ...],
    scenario: str,
    runs: Path | None,
    out: Path | None,
    no_plots: bool,
    as_json: bool,
) -> None:
    """Run the peer NAME through autosim; print its numbers beside the published ones.

    Peers: kwa-2026, forethought-2025, ai2027-horizon, amdahl-toy, metr-horizons; and autosim itself, to give it
    another's laws. Exits with 1 if a number is beyond its tolerance.
    """
    if (name is None) != everybody:
        raise click.UsageError("give one NAME, or --all")
    if everybody:
        if assignments or structure:
            raise click.UsageError("--all takes every peer as it is: no --set and no --structure")
        _all(draws, seed, runs, out or Path("runs") / "peers", plots=not no_plots, as_json=as_json)
        return
    from autosim.peers.replication import replicate
    from autosim.peers.telling import replication_json

    asked = name or ""
    ours = load(scenario, _overrides(assignments, ()) if asked == "autosim" else ())
    with whole_folder(out or Path("runs") / asked.replace("/", "_"), (REPLICATION,), (FIGURES,)) as fresh:
        with watching(asked, draws, "draws") as progress:
            theirs = () if asked == "autosim" else assignments
            found = replicate(asked, draws, seed, ours, theirs, structure, runs, progress)
        told = replication_json(found)
        write_answer(told, fresh, REPLICATION, None if no_plots else lambda folder: _draw(told, folder))
    if as_json:
        click.echo(json.dumps(told, allow_nan=False))
    else:
        print_replication(found, told)
        console().print(f"Written: {out or Path('runs') / asked}/", style="dim", markup=False)
    if not found.agrees:
        sys.exit(1)


def _draw(told: dict[str, Any], folder: Path) -> None:
    from autosim.plots.peers import draw_replication

    draw_replication(told, folder)


def _all(draws: int, seed: int, runs: Path | None, out: Path, *, plots: bool, as_json: bool) -> None:
    from autosim.peers.everybody import everybody
    from autosim.peers.page import page

    with whole_folder(out, (REPLICATIONS,), (FIGURES, PAGE)) as fresh:
        found = everybody(draws, seed, runs, lambda title, count: watching(title, count, "draws"))
        told = found.as_json()
        write_answer(told, fresh, REPLICATIONS, _drawing_all(found) if plots else None)
        (fresh / PAGE).write_text(page(found, FIGURES), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(told, allow_nan=False))
    else:
        for one in found.peers:
            print_replication(one, told["peers"][one.slug])
        for name, why in found.missing.items():
            click.echo(f"{name} is left out: {why}", err=True)
        console().print(f"Written: {out}/", style="dim", markup=False)
    if not found.agrees:
        sys.exit(1)


def _drawing_all(found: "Everybody") -> Callable[[Path], None]:
    from autosim.plots.peers import draw_everybody

    return lambda folder: draw_everybody(found, folder)


def print_replication(found: "Replication", told: dict[str, Any]) -> None:
    """Print a peer: what it assumes, its numbers beside the published ones, and milestones by our definitions."""
    from autosim.peers.page import claim_row

    out = console()
    out.print(Text.assemble((found.name, "bold"), f": {found.description}"))
    borrowed = "; ".join(f"{part} by {whose}" for part, whose in found.laws.items() if whose != found.slug)
    drawn = f"{found.draws:,} draws, seed {found.seed}. " if found.draws else ""
    out.print(f"{drawn}{found.source}", style="dim")
    if borrowed:
        out.print(f"with {borrowed}", style="dim")
    if found.overrides:
        out.print(with_overrides(found.overrides), style="dim")
    if found.claims:
        heads = ("", "published", "re-run", "autosim", "MC error", "difference", "tolerance")
        rows = [claim_row(found, position) for position in range(len(found.claims))]
        out.print(plain_table("\nPublished, and through autosim", heads, rows))
        if not found.own:
            out.print("Assumptions were changed: the published figures are for comparison only.", style="dim")
    if told["milestones"]:
        _print_milestones(told)
    out.print()


def _print_milestones(told: dict[str, Any]) -> None:
    rows = [
        (
            milestone_label(name),
            percent(one["probability"]),
            *(_year(one[quantile]) for quantile in ("q10", "q50", "q90")),
        )
        for name, one in told["milestones"].items()
    ]
    before = f"before\n{told['milestones_before']:.0f}"
    console().print(
        plain_table("\nMilestones, as we define them", ("", before, "10 %", "50 %", "90 % of\ndraws by"), rows)
    )


def _year(year: float | None) -> str:
    return "–" if year is None else f"{year:.1f}"
