"""``autosim evaluations``: what each evaluation would tell (Owen 2024's Tables 4 to 6, computed)."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from autosim.analysis.given import parse_conditions
from autosim.analysis.instruments import instruments, questions
from autosim.analysis.summary import Json
from autosim.cli.options import conditioning, overrides, simulating, watched
from autosim.cli.printing import console, date_with_error, fitting_table, heading, with_error
from autosim.cli.telling import print_telling
from autosim.dims import ADVANCES
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.inputs.scenario import AnyScenario
from autosim.inputs.varying import Variations, read_variations
from autosim.output import FIGURES, write_answer
from autosim.rounding import give_or_take
from autosim.whole import whole_folder
from autosim.within import number_within, percent_within
from autosim.words import CAVEAT, month

EVALUATIONS = "evaluations.json"
_NONE = "–"


@click.command("evaluations")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("--at", metavar="DATE", help="Date at which pass rates are observed.  [default: after two years]")
@click.option("--target", metavar="TARGET", help="What pass rates are to tell of: NAME@DATE, NAME>=LEVEL or "
              "NAME>=LEVEL@DATE.  [default: time_saved_share after five years]")  # fmt: skip
@click.option("--solve-for", multiple=True, metavar="NAME>=LEVEL",
              help="Find the pass rates that imply a milestone, such as 'labour_speedup>=2'; repeatable.")  # fmt: skip
@click.option("--variations", "file", type=click.Path(path_type=Path), metavar="FILE",
              help="Evaluations to add.  [default: those of Owen 2024's Table 5]")  # fmt: skip
@click.option("--no-variations", is_flag=True, help="Add none.")
@simulating
@conditioning
@click.option("--out", type=click.Path(path_type=Path),
              help="Folder for the results.  [default: runs/<scenario>-evaluations]")  # fmt: skip
@click.option("--no-plots", is_flag=True, help="Draw no figures.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON instead of tables.")
def command(
    scenarios: tuple[str, ...],
    at: str | None,
    target: str | None,
    solve_for: tuple[str, ...],
    file: Path | None,
    no_variations: bool,
    draws: int,
    seed: int,
    assignments: tuple[str, ...],
    structure: tuple[str, ...],
    posterior: Path | None,
    force: bool,
    given: tuple[str, ...],
    out: Path | None,
    no_plots: bool,
    as_json: bool,
) -> None:
    """Say what each evaluation would tell under each SCENARIO; write evaluations.json and figures/."""
    if file and no_variations:
        raise click.UsageError("--variations and --no-variations exclude each other", click.get_current_context())
    added, said = None if no_variations else read_variations(file), overrides(assignments, structure)
    loaded = {name: load(name, said, posterior, force=force, variations=added) for name in _different(scenarios)}
    asked = {name: questions(scenario, at, target, solve_for) for name, scenario in loaded.items()}
    conditions = {name: parse_conditions(given, scenario) for name, scenario in loaded.items()}
    folder = out or Path("runs") / f"{'-'.join(scenario.header.slug for scenario in loaded.values())}-evaluations"
    with whole_folder(folder, (EVALUATIONS,), (FIGURES,)) as fresh:
        found = {
            name: instruments(watched(scenario, draws, seed, conditions[name], as_worth=True), asked[name])
            for name, scenario in loaded.items()
        }
        write_answer(found, fresh, EVALUATIONS, None if no_plots else _drawing(found))
    if as_json:
        by_scenario = {name: content["evaluations"] for name, content in found.items()}
        click.echo(json.dumps(by_scenario if len(found) > 1 else next(iter(by_scenario.values())), allow_nan=False))
        return
    for content in found.values():
        print_evaluations(content)
        print_telling(content)
    left_out = _left_out(added, loaded)
    console().print(f"{left_out}Written: {folder}/", style="dim", markup=False)


def _different(scenarios: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({name for name in scenarios if scenarios.count(name) > 1})
    if twice:
        raise InputError("SCENARIO", "", f"{twice[0]} twice", "different scenarios")
    return scenarios


def _left_out(added: Variations | None, loaded: Mapping[str, AnyScenario]) -> str:
    """Say which variations do not suit a scenario."""
    lines = []
    for name, scenario in loaded.items():
        missing = [one for one in (added.said if added else {}) if one not in scenario.taxonomy.evaluations]
        if missing:
            lines.append(f"Left out of {name}, which lacks what they vary or name: {', '.join(missing)}\n")
    return "".join(lines)


def _drawing(found: Mapping[str, Json]) -> Callable[[Path], None]:
    from autosim.plots.instruments import draw_instruments

    return lambda folder: draw_instruments(found, folder)


def print_evaluations(summary: Json) -> None:
    """Print one row per evaluation; "common" and "specific" are the two ways of solving it (model §8)."""
    out = console()
    heads = ["evaluation", "pass\nrate", "solved\nby"]
    heads += [f"{what}\n{way}" for what in ("saved", "S_L", "advance") for way in ADVANCES]
    rows = [_row(name, entry, summary["dates"][-1]) for name, entry in summary["evaluations"].items()]
    out.print(heading(summary, f"medians, pass rates at {summary['reference_date']}"))
    out.print(fitting_table("If it were solved at the reference date", heads, rows, len(ADVANCES), out))
    if any(_NONE in row for row in rows):
        out.print(f"\n{_NONE}: no advance solves it in any draw.", style="dim")
    out.print(
        "\nSolved: mean pass rate of 0.9. Hours saved, labour speedup S_L and the advance in doublings are given for "
        "an AI that is better at everything alike (common) and for one that got better only at what the evaluation "
        "tests (specific). The gap between the two measures the evaluation's construct validity.",
        style="dim",
    )
    if any(cell.startswith("-") for row in rows for cell in row[-len(ADVANCES) :]):
        out.print("An advance below 0: solved already; hours saved are those at a pass rate of just 0.9.", style="dim")
    out.print(CAVEAT, style="dim")


def _row(name: str, entry: Json, end: str) -> tuple[str, ...]:
    when = entry["date_solved"]
    later = f"{with_error(when, 'probability')} by {month(end)}"
    median = date_with_error(when, "q50") if when["q50"] else later
    answers = [
        _answer(entry[key][quantity], form)
        for quantity, form in (
            ("time_saved_share", percent_within),
            ("labour_speedup", number_within),
            ("advance_doublings", _doublings),
        )
        for key in ("if_solved", "if_solved_specific")
    ]
    rate = entry["pass_rate"]
    return (name, percent_within(rate["q50"][0], rate["mcse"]["q50"][0]), median, *answers)


def _answer(statistics: Json, form: Callable[[float, float | None], str]) -> str:
    return _NONE if statistics["q50"] is None else form(statistics["q50"], statistics["mcse"]["q50"])


def _doublings(value: float, error: float | None) -> str:
    return f"{value:+z.1f}{give_or_take(1, error)}"
