"""The commands: parse, call, report. The rest lives further in."""

import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import click

from autosim.errors import AutosimError

COMMANDS = {
    "run": "Simulate a scenario: table, milestones, dataset, figures.",
    "compare": "Put several scenarios side by side, on common random numbers.",
    "validate": "Check scenario files without running them.",
    "priors": "List every parameter with its distribution, unit and source.",
    "evaluations": "Pass rates, date solved, and what follows if solved.",
    "sensitivity": "What an answer hangs on: shares of its variance, a tornado, curves.",
    "cruxes": "Why two scenarios differ: the difference, attributed to assumptions.",
    "blockers": "What stands in the way of a milestone, and what M is made of.",
    "replicate": "Other forecasters' models: their numbers beside the published ones.",
    "backtest": "Forecasts as of earlier days, scored by what came after.",
    "fit": "Condition a scenario on evidence; say what was learnt.",
    "update": "Condition a fit on new evidence in seconds; say what moved.",
    "import": "Turn outside records into a table of evidence.",
    "export": "Write a run's results for other tools: draws, quantiles, Squiggle.",
}
"""Every command and its one-line help; the module of that name is imported when it is called."""


class _Lazy(click.Group):
    """A group whose commands are imported only when they are called, so that start-up stays cheap."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - Click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"autosim.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - Click's
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when there is none of that name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from autosim.errors import one_of

            raise click.UsageError(
                f"No such command {args[0]!r}; expected {one_of(args[0], COMMANDS, 'a command')}", ctx
            ) from error


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="autosim", message="autosim %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(**_: bool) -> None:
    """How much of AI R&D can AI take over, when, and how much faster R&D then goes.

    SCENARIO is a shipped name (baseline, pessimistic, somewhat_optimistic, optimistic, extremely_optimistic,
    interviews) or the path of a YAML file.
    """


_STOPPING = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
"""Signals that ask a process to stop, and what they do where nobody has chosen otherwise."""


class _StoppedError(BaseException):
    """A signal asked to stop; raised where the work is, so that what was begun is cleared away."""


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turn signals that ask to stop into an exception, except those that the caller of autosim ignores."""

    def stop(number: int, _: object) -> None:
        raise _StoppedError(number)

    main_thread = threading.current_thread() is threading.main_thread()
    former = {n: usual for n, usual in _STOPPING.items() if main_thread and signal.getsignal(n) is usual}
    try:
        for number in former:
            signal.signal(number, stop)
        yield
    finally:
        for number, usual in former.items():
            signal.signal(number, usual)


def main(arguments: list[str] | None = None) -> None:
    """Run a command; exit with 0 when done, 1 when the answer is no, 2 when it was called wrongly.

    A process that a signal stops exits with 128 and the signal's number, as shells expect.
    """
    said = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    debug = "--debug" in said
    try:
        with _stoppable():
            cli(
                ["--debug", *(word for word in said if word != "--debug")] if debug else said,
                standalone_mode=False,
                prog_name="autosim",
            )
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        told = f"; see '{context.command_path} --help'" if context else ""
        click.echo(" ".join(f"{error.format_message().rstrip('.')}{told}".split()), err=True)
        sys.exit(error.exit_code)
    except _StoppedError as stopped:
        click.echo("stopped; nothing is left half-written", err=True)
        sys.exit(128 + stopped.args[0])
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except Exception as error:
        if debug:
            traceback.print_exc()
        click.echo(" ".join(_line(error).split()), err=True)
        sys.exit(1)


def _line(error: Exception) -> str:
    match error:
        case AutosimError():
            return str(error)
        case MemoryError():
            return "there is not enough memory; take fewer --draws"
        case OSError(filename=name, strerror=reason) if reason:
            return f"{name or 'the output'}: cannot be read or written ({reason})"
        case _:
            return f"this is a bug in autosim ({type(error).__name__}: {error}); see --debug"
