"""What long commands say while they work: the cost before they start, and a bar where somebody watches."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

PATIENCE = 1.0
"""Seconds after which a progress bar appears."""

type Progress = Callable[[int], None]


@contextmanager
def watching(title: str, total: int, unit: str) -> Iterator[Progress | None]:
    """Show progress on a terminal once it takes longer than a moment.

    Yields
    ------
    What to call with the number of units that have just been done; None where nobody watches.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(title, total=total)
    began = time.monotonic()

    def advance(done: int) -> None:
        bar.advance(task, done)
        if not bar.live.is_started and time.monotonic() - began > PATIENCE:
            bar.start()

    try:
        yield advance
    finally:
        bar.stop()


def state_cost(what: str, evaluations: int, probe: Callable[[], int]) -> None:
    """Say on stderr what an analysis will cost, before it starts.

    Parameters
    ----------
    what
        How the evaluations come about.
    evaluations
        Of the model, at most.
    probe
        Makes a few evaluations and says how many; its second call is timed, as the first may compile.
    """
    probe()
    began = time.perf_counter()
    made = probe()
    seconds = (time.perf_counter() - began) / made * evaluations
    click.echo(f"{what}: {evaluations:,} evaluations of the model, about {max(seconds, 1.0):.0f} s", err=True)
