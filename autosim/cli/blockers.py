"""``autosim blockers``: what stands in the way of a milestone."""

import json
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autosim.analysis.blockers import MILESTONE, Study
from autosim.analysis.blockers_in_words import (
    PART_DESCRIPTIONS,
    PARTS,
    advance_in_words,
    answer,
    one_after_the_other,
    progress_in_words,
    ranked,
)
from autosim.analysis.obstacles import BOTTLENECKS, DESCRIPTIONS, KINDS, LIMITS, TASKS, TOGETHER, label
from autosim.analysis.summary import Json
from autosim.cli.options import overrides, simulating
from autosim.cli.printing import console, fitting_table, heading, plain_table
from autosim.cli.progress import watching
from autosim.inputs.loading import load
from autosim.output import BLOCKERS, FIGURES, write_answer
from autosim.whole import whole_folder
from autosim.within import number_within, percent_within
from autosim.words import CAVEAT, month, number, percent

_TITLES = {
    BOTTLENECKS: "Bottlenecks: if AI never failed for",
    TASKS: "Tasks: if AI never failed at",
    LIMITS: "Limits: if there were none of",
    TOGETHER: "Several at once: if there were none of",
}
_MORE = {
    BOTTLENECKS: ["bears,\nblocked", "bears,\nreached"],
    TASKS: ["hours left,\nblocked", "hours left,\nreached"],
    LIMITS: ["what that means"],
    TOGETHER: ["what that means"],
}
_DASH = "–"
_LEGEND = (
    "alone enough: of the worlds that do not get there (blocked), those that would without this obstacle, with 95 % "
    "intervals. no way round: of those that would with everything taken away, those that would not if this one stayed. "
    "bears: share of AI's failures in the human hours that remain. hours left: the task's share of these."
)


@click.command("blockers")
@click.argument("scenario")
@click.option("--milestone", default=MILESTONE, show_default=True, metavar="NAME>=LEVEL",
              help="What is to be reached: a monthly output and a level, in quotes; @DATE may follow.")  # fmt: skip
@click.option("--at", metavar="DATE", help="By when: a date of the monthly grid, or a month such as 2029-08.  "
              "[default: five years after the reference date]")  # fmt: skip
@simulating
@click.option("--out", type=click.Path(path_type=Path),
              help="Folder for the results.  [default: runs/<scenario>-blockers]")  # fmt: skip
@click.option("--no-plots", is_flag=True, help="Draw no figures.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON instead of tables.")
def command(
    scenario: str,
    milestone: str,
    at: str | None,
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
    """Say what stands in the way of a milestone under SCENARIO; write blockers.json and figures/."""
    loaded = load(scenario, overrides(assignments, structure), posterior, force=force)
    study = Study(loaded, milestone, at, draws, seed)
    folder = out or Path("runs") / f"{loaded.header.slug}-blockers"
    with whole_folder(folder, (BLOCKERS,), (FIGURES,)) as fresh:
        with watching(loaded.header.name, study.cost, "draws") as progress:
            found = study.run(progress)
        write_answer(found, fresh, BLOCKERS, None if no_plots else _drawing(found))
    if as_json:
        click.echo(json.dumps(found, allow_nan=False))
        return
    print_blockers(found)
    console().print(f"\nWritten: {folder}/", style="dim", markup=False)


def _drawing(found: Json) -> Callable[[Path], None]:
    from autosim.plots.figures import draw_blockers

    return lambda folder: draw_blockers(found, folder)


def print_blockers(found: Json) -> None:
    """Print what stands in the way: an answer in words, obstacles by kind, and M taken apart."""
    out, said = console(), answer(found)
    out.print(Text(" ".join(said[:2]), "bold"))
    if said[2:]:
        out.print(" ".join(said[2:]))
    out.print()
    out.print(heading(found, f"AI as capable as it is in {month(found['milestone']['date'])} in each draw"))
    if found["obstacles"]:
        for kind in KINDS:
            out.print(_obstacles(found, kind, out))
            out.print()
        out.print(" ".join(filter(None, (one_after_the_other(found), advance_in_words(found)))))
        out.print(f"{_LEGEND}\n", style="dim")
    out.print(_parts(found))
    out.print(progress_in_words(found))
    out.print(f"\n{CAVEAT}", style="dim")


def _obstacles(found: Json, kind: str, out: Console) -> Table:
    """A row for each obstacle of a kind."""
    form = percent_within if found["milestone"]["is_share"] else number_within
    heads = [_TITLES[kind], "alone\nenough", "95 %", "no way\nround", "median\nthen", *_MORE[kind]]
    rows = []
    for name, numbers in ranked(found, kind):
        alone, necessary = numbers["sufficient"], numbers["necessary"]
        row = [label(kind, name), percent(alone["share"]), f"{percent(alone['low'])} – {percent(alone['high'])}"]
        row += [_DASH if necessary is None else _share(necessary)]
        row += [_DASH if name == "everything" else form(numbers["median"], numbers["median_mcse"])]
        rows.append([*row, *_more(found, kind, name)])
    before = found["value"]["blocked"]
    rows.append(["as it is", "", "", "", form(before["q50"], before["mcse"]["q50"]), *[""] * len(_MORE[kind])])
    if kind in (BOTTLENECKS, TASKS):
        return _untitled(fitting_table("", heads, rows, 2, out))
    return _untitled(_explained(plain_table("", heads, rows)))


def _untitled(table: Table) -> Table:
    table.title = None
    return table


def _explained(table: Table) -> Table:
    """Let words fill the last column."""
    table.columns[-1].justify, table.columns[-1].no_wrap = "left", False
    return table


def _more(found: Json, kind: str, name: str) -> list[str]:
    """What a bottleneck bears of failures, or a task holds of the hours that remain, by outcome; else what is meant."""
    if kind not in (BOTTLENECKS, TASKS):
        return [DESCRIPTIONS[name]]
    sides = (found["at_date"][side] for side in ("blocked", "reached"))
    return [_DASH if side is None else percent(side[kind][name]) for side in sides]


def _parts(found: Json) -> Table:
    """What M is made of, a row for each term of its logarithm."""
    sides = found["progress"]["at_date"]
    rows = []
    for name, words in (*PARTS.items(), ("whole", "log2 M")):
        spread = sides["all"][name]
        row = [words, _signed(spread["mean"]), f"×{number(2.0 ** spread['mean'])}"]
        row.append(f"{_signed(spread['q05'])} to {_signed(spread['q95'])}")
        means = (sides[side][name] for side in ("blocked", "reached"))
        row += [_DASH if mean is None else _signed(mean["mean"]) for mean in means]
        rows.append([*row, PART_DESCRIPTIONS.get(name, "")])
    title = f"What M is made of in {month(found['milestone']['date'])}: terms of log2 M [doublings]"
    heads = ("", "mean", "factor", "90 % of draws", "mean,\nblocked", "mean,\nreached", "what it is")
    return _explained(plain_table(title, heads, rows))


def _share(found: Json) -> str:
    """A share with half its 95 % interval over 1.96, which is its standard error."""
    return percent_within(found["share"], (found["high"] - found["low"]) / (2 * 1.96))


def _signed(value: float) -> str:
    return f"{value:+z.2f}".replace("-", "−")
