"""``autosim validate``: check files without running them."""

import sys

import click

from autosim.errors import AutosimError
from autosim.inputs.loading import load


@click.command("validate")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="Lay a value over each scenario, by dotted name; repeatable.",
)
def command(scenarios: tuple[str, ...], assignments: tuple[str, ...]) -> None:
    """Check SCENARIOs: one line each, errors on stderr; exit code 1 if any cannot be used."""
    refused = 0
    for scenario in scenarios:
        try:
            load(scenario, assignments)
        except AutosimError as error:
            click.echo(str(error), err=True)
            refused += 1
        else:
            click.echo(f"{scenario}: valid")
    if refused:
        sys.exit(1)
