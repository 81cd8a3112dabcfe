"""``autosim validate``: check files without running them."""

import sys

import click

from autosim.cli.options import overrides, setting
from autosim.errors import AutosimError
from autosim.inputs.loading import load


@click.command("validate")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@setting
def command(scenarios: tuple[str, ...], assignments: tuple[str, ...], structure: tuple[str, ...]) -> None:
    """Check SCENARIOs: one line each, errors on stderr; exit code 1 if any cannot be used."""
    refused = 0
    for scenario in scenarios:
        try:
            load(scenario, overrides(assignments, structure))
        except AutosimError as error:
            click.echo(str(error), err=True)
            refused += 1
        else:
            click.echo(f"{scenario}: valid")
    if refused:
        sys.exit(1)
