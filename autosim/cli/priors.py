"""``autosim priors``: every number with its distribution, unit and source."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from rich.padding import Padding
from rich.text import Text

from autosim.analysis.statistics import as_json as rounded
from autosim.cli.options import overrides, setting
from autosim.cli.printing import console
from autosim.errors import shown
from autosim.inputs.loading import load
from autosim.inputs.notes import Note
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.scenario import AnyScenario, Pool, Scenario
from autosim.inputs.substitution import INPUT_SUBSTITUTION, SUBSTITUTION
from autosim.output import FIGURES, PRIORS, write_answer
from autosim.whole import whole_folder

_SHOWN = {"q05": 0.05, "q50": 0.50, "q95": 0.95}
_CHOICE = "choice"
"""What stands in place of a unit where the structure is chosen."""


@click.command("priors")
@click.argument("scenario")
@setting
@click.option("--plot", is_flag=True, help="Draw every prior; write priors.json and figures/.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for the results of --plot.  [default: runs/<scenario>-priors]",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON instead of a table.")
def command(
    scenario: str,
    assignments: tuple[str, ...],
    structure: tuple[str, ...],
    plot: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """List every parameter of SCENARIO: distribution, quantiles, unit, source, and when that was published."""
    if out and not plot:
        raise click.UsageError("--out needs --plot", click.get_current_context())
    loaded = load(scenario, overrides(assignments, structure))
    listed = {member.header.name: list_priors(member) for member in _members(loaded)}
    content = next(iter(listed.values())) if len(listed) == 1 else listed
    folder = out or Path("runs") / f"{loaded.header.slug}-priors"
    if plot:
        with whole_folder(folder, (PRIORS,), (FIGURES,)) as fresh:
            write_answer(content, fresh, PRIORS, _drawing(loaded))
    if as_json:
        click.echo(json.dumps(content, allow_nan=False))
        return
    for name, rows in listed.items():
        print_priors(name, rows)
    if plot:
        console().print(f"\nWritten: {folder}/", style="dim", markup=False)


def _drawing(scenario: AnyScenario) -> Callable[[Path], None]:
    from autosim.plots.figures import draw_priors

    return lambda folder: draw_priors(scenario, folder)


def print_priors(name: str, rows: list[dict[str, object]]) -> None:
    """Print one line for each quantity and one, indented, for where it comes from."""
    out = console()
    out.print(Text.assemble((name, "bold"), ": 5 %, ", ("median", "bold"), " and 95 % of each prior"))
    for row in rows:
        quantiles = [f"{value:.3g}" for value in (row[key] for key in _SHOWN) if isinstance(value, float)]
        published = f" ({row['published']})" if row["published"] else ""
        numbers = "  ".join(quantiles)
        described = f"{numbers} [{row['unit']}], {row['distribution']}".strip()
        out.print(Text.assemble("\n", (str(row["parameter"]), "bold"), f" {described}"))
        out.print(Padding(f"{row['source']}{published}", (0, 0, 0, 4)), style="dim")


def _members(scenario: AnyScenario) -> list[Scenario]:
    return [member for _, member in scenario.members] if isinstance(scenario, Pool) else [scenario]


def list_priors(scenario: Scenario) -> list[dict[str, object]]:
    """Describe every prior of a scenario: its structure, then one entry per quantity in the order of the model."""
    order = ["structure", *PARAMETERS]
    choices = {
        "trajectory": _weights(scenario.trajectory),
        SUBSTITUTION: _weights(scenario.substitution),
        "feedback": shown(scenario.feedback),
    }
    rows = [
        _row(("structure", name), dict.fromkeys(_SHOWN), choice, _note(scenario, name))
        for name, choice in choices.items()
    ]
    for path, prior in scenario.priors.items():
        quantiles = prior.distribution.quantile(np.array(list(_SHOWN.values())))
        numbers = {name: rounded(np.asarray(value)) for name, value in zip(_SHOWN, quantiles, strict=True)}
        rows.append(_row(path, numbers, str(prior.distribution), prior.note))
    for path, shares in scenario.shares.items():
        for name, mean in zip(shares.simplex.names, shares.simplex.mean, strict=True):
            rows.append(_row((*path, name), {"q05": None, "q50": mean, "q95": None}, str(shares.simplex), shares.note))
    return sorted(rows, key=lambda row: order.index(str(row["parameter"]).partition(".")[0]))


def _weights(alternatives: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {weight:.4g}" for name, weight in alternatives.items())


def _note(scenario: Scenario, choice: str) -> Note:
    """Where a structural choice comes from; weights that nobody stated come from a prior."""
    if choice in scenario.structure_notes:
        return scenario.structure_notes[choice]
    prior = scenario.priors[INPUT_SUBSTITUTION].note
    return replace(prior, source="as the prior of input_substitution has it")


def _row(path: tuple[str, ...], numbers: Mapping[str, object], distribution: str, note: Note) -> dict[str, object]:
    published = str(note.published) if note.published else None
    return {
        "parameter": ".".join(path),
        **numbers,
        "unit": PARAMETERS[path[0]].unit if path[0] in PARAMETERS else _CHOICE,
        "distribution": distribution,
        "published": published,
        "source": note.source,
        "file": note.place,
    }
