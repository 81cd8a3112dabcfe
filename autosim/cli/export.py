"""``autosim export``: a run's results for other tools."""

from collections.abc import Callable
from pathlib import Path

import click

from autosim.exporting.writing import KINDS, export


@click.group("export")
def command() -> None:
    """Write a run's results for other tools.

    RUN is the folder that `autosim run` wrote.
    """


def _subcommand(kind: str) -> click.Command:
    def call(run: str, output: Path, variables: tuple[str, ...], at: tuple[str, ...], monthly: bool) -> None:
        for path in export(kind, run, output, variables, at, monthly=monthly):
            click.echo(f"wrote {path}")

    endings = " or ".join(KINDS[kind].suffixes)
    params: list[click.Parameter] = [
        click.Argument(["run"], metavar="RUN"),
        click.Option(["-o", "--output"], required=True, type=click.Path(path_type=Path), metavar="FILE",
                     help=f"File to write, {endings}."),
        click.Option(["--variable", "variables"], multiple=True, metavar="NAME",
                     help="Variable of run.nc, such as pass_rate or pass_rate.sparse_attention; repeatable.  "
                     "[default: what is one number a month, and ceilings]"),
        click.Option(["--at"], multiple=True, metavar="DATE",
                     help="Date of the monthly grid, such as 2029-08; repeatable.  [default: whole years]"),
        click.Option(["--monthly"], is_flag=True, help="Take all dates."),
    ]  # fmt: skip
    callback: Callable[..., None] = call
    return click.Command(kind, params=params, callback=callback, help=KINDS[kind].help)


for _kind in KINDS:
    command.add_command(_subcommand(_kind))
