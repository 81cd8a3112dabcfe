"""``autosim import``: records from outside become a table of evidence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from autosim.cli.options import refuse_same
from autosim.evidence.importing import Format, Option, import_evidence, known_formats
from autosim.evidence.tables import check_target, write_evidence


@click.group("import")
def command() -> None:
    """Turn outside records into tables of evidence, with a report of what was read, dropped and why.

    FORMAT says what the files are; `autosim import FORMAT --help` lists its options.
    """


def _parameter(option: Option) -> click.Option:
    return click.Option(
        [option.name],
        help=option.help,
        metavar=None if option.flag else option.metavar,
        required=option.required,
        multiple=option.many,
        is_flag=option.flag,
    )


def _subcommand(entry: Format) -> click.Command:
    def call(paths: tuple[str, ...], output: str, scenario: str, **options: Any) -> None:
        check_target(Path(output))
        files = [said for option in entry.options if option.metavar == "FILE" and (said := options.get(option.key))]
        refuse_same("-o", Path(output), map(Path, (*paths, *files)))
        imported = import_evidence(entry.name, *paths, scenario=scenario, **options)
        write_evidence(imported.evidence, Path(output))
        for line in imported.report.lines():
            click.echo(line)
        rows = ", ".join(
            f"{len(table):,} of {name}" for name, table in imported.evidence.tables().items() if len(table)
        )
        click.echo(f"wrote {output}; rows: {rows}")

    shared = (
        click.Argument(["paths"], nargs=-1, required=True, metavar="PATH..."),
        click.Option(["-o", "--output"], required=True, metavar="FILE", help="Table to write, .csv or .parquet."),
        click.Option(
            ["--scenario"],
            default="baseline",
            show_default=True,
            metavar="SCENARIO",
            help="Whose tasks, roles, bottlenecks and evaluations the records are about.",
        ),
    )
    callback: Callable[..., None] = call
    params = [*shared, *map(_parameter, entry.options)]
    return click.Command(entry.name, params=params, callback=callback, help=entry.help)


for _entry in known_formats().values():
    command.add_command(_subcommand(_entry))
