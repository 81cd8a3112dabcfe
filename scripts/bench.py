#!/usr/bin/env python
"""Benchmark: how fast autosim is, how much memory it takes, and how far its kernel is from what the machine can do.

    .venv/bin/python scripts/bench.py --most 10000
    .venv/bin/python scripts/bench.py --markdown

All runs up to a million draws take their time; docs/performance.md says how much and how to read the figures.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import llvmlite.binding
import numba
import numpy as np
from numpy.typing import NDArray

import autosim
from autosim.api import DRAWS
from autosim.cli.printing import console, number, plain_table
from autosim.draws import Block, blocks, draw, draw_block
from autosim.inputs.loading import load
from autosim.simulation.calendar import monthly_dates
from autosim.simulation.kernels import exp2, softplus
from autosim.simulation.march import growth_at, horizons_at, march
from autosim.simulation.run import BLOCK, CHUNK, empty_outputs, simulate
from autosim.simulation.world import Moment, World

MOST = 1_000_000
PATHS = 4096
"""Draws of which trajectories alone are timed."""

REAL = np.float32
"""Precision in which the kernel works out success and choice."""

CHOICES = 3
"""Exponentials per node of a task beside that of success: the odds of assisted, verified and trusted."""

CHILD = """
import json, sys, time
import autosim
from autosim.analysis.summary import summarise
scenario, draws, *overrides = sys.argv[1:]
loaded = autosim.load(scenario, overrides)
autosim.simulate(loaded, 64)
began = time.perf_counter()
summarise(autosim.simulate(loaded, int(draws)))
seconds = time.perf_counter() - began
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps([seconds, peak / 1000 * 1.024]))
"""
"""Simulates and summarises in a process of its own: seconds without imports and compiling, peak memory [MB]."""

type Reals = NDArray[np.floating]


@dataclass
class Table:
    """What is printed: a title, headings, and rows of words."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def best(work: Callable[[], object], least: float = 0.3) -> float:
    """Shortest time that the work takes [s], from three goes or more, until ``least`` seconds have passed."""
    times: list[float] = []
    while len(times) < 3 or sum(times) < least:
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def growth(scenario: str, overrides: Sequence[str], most: int) -> Table:
    """Time and memory from 1,000 draws to the most, each in a process of its own."""
    sizes = sorted({min(10**power, most) for power in range(3, 10)})
    rows = []
    for draws in sizes:
        words = [sys.executable, "-c", CHILD, scenario, str(draws), *overrides]
        seconds, peak = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
        rate, each = f"{draws / seconds:,.0f}", f"{1e6 * seconds / draws:,.0f}"
        rows.append((f"{draws:,}", number(seconds), rate, each, f"{peak:,.0f}"))
    heads = ("draws", "seconds", "trajectories/s", "µs per draw", "peak memory [MB]")
    return Table("Simulating and summarising, imports and compiling aside", heads, rows)


def paths(scenario: str, overrides: Sequence[str], most: int) -> Table:
    """Draws per second on all cores: trajectories alone, then all that a run works out; none is kept or summarised."""
    loaded, count = load(scenario, overrides), min(PATHS, most)
    starts = [*range(0, count, BLOCK), count]
    steps = len(monthly_dates(loaded.header.reference_date, loaded.header.end))

    def trajectories(block: Block) -> None:
        draws, out = draw_block(loaded, 0, block), empty_outputs(loaded.taxonomy, CHUNK, steps)
        for start in range(0, len(draws), CHUNK):
            part = draws.part(slice(start, start + CHUNK))
            with np.errstate(all="ignore"):
                march(World(part, loaded.taxonomy), steps, {name: values[: len(part)] for name, values in out.items()})

    def alone() -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(trajectories, blocks(loaded, starts)))

    rows = []
    for what, work in (("trajectories alone", alone), ("everything", lambda: simulate(loaded, count, 0))):
        rows.append((what, f"{count / best(work):,.0f}"))
    return Table("Simulating", ("", "draws/s"), rows)


def processes(scenario: str, overrides: Sequence[str], most: int) -> Table:
    """Whole processes with cold imports: the help, and a run as most people start it."""
    sets = [word for override in overrides for word in ("--set", override)]
    fewer = ["--draws", str(most)] if most < DRAWS else []
    rows = []
    for words in (["--help"], ["run", scenario, "--no-plots", *fewer, *sets]):
        with tempfile.TemporaryDirectory() as folder:

            def called(words: list[str] = words, folder: str = folder) -> None:
                command = [sys.executable, "-m", "autosim", *words]
                subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)

            rows.append((f"autosim {' '.join(words)}", f"{best(called):.2f}"))
    return Table("Whole processes, imports and all", ("command", "seconds"), rows)


@numba.njit(nogil=True, fastmath={"contract", "reassoc", "arcp", "nsz"}, error_model="numpy")
def _each_exp2(x: Reals, y: Reals) -> None:
    for i in range(x.size):
        y[i] = exp2(x[i])


@numba.njit(nogil=True, fastmath={"contract", "reassoc", "arcp", "nsz"}, error_model="numpy")
def _each_softplus(x: Reals, y: Reals) -> None:
    for i in range(x.size):
        y[i] = softplus(x[i])


def peak(loop: Callable[[Reals, Reals], None], size: int = 2048) -> float:
    """Values per second of a loop that does nothing else, on one core, its arrays in the nearest cache."""
    x, y = np.linspace(-20.0, 20.0, size).astype(REAL), np.empty(size, dtype=REAL)

    def many() -> None:
        for _ in range(200):
            loop(x, y)

    return 200 * size / best(many)


def exponentials(world: World) -> tuple[int, int]:
    """How many softplus and how many powers of 2 a chunk's labour takes, counted from its grids."""
    grids, bottlenecks = world.grids, world.draws.indexed["slope"].shape[1]
    attempted = grids.length + np.abs(grids.first - grids.shifted)
    return int(grids.used.sum()) * bottlenecks, int((attempted + CHOICES * grids.length).sum())


def kernel(scenario: str, overrides: Sequence[str]) -> Table:
    """Labour of one chunk of draws at the reference date against the machine's peak, all on one core."""
    loaded = load(scenario, overrides)
    draws = draw(loaded, 0, CHUNK)
    world = World(draws, loaded.taxonomy)
    moment = Moment(0.0, np.ones(CHUNK), draws.scalars["optimism"], None)
    horizons = horizons_at(draws, growth_at(draws, np.zeros((CHUNK, 1))))[:, 0]
    seconds, drawing = best(lambda: world.labour(horizons, moment)), best(lambda: draw(loaded, 0, 512))
    logs, powers = exponentials(world)
    fastest_log, fastest_power = peak(_each_softplus), peak(_each_exp2)
    share = (logs / fastest_log + powers / fastest_power) / seconds
    rows = [
        ("peak of softplus, a loop of nothing else [1/µs]", number(fastest_log / 1e6)),
        ("peak of powers of 2, a loop of nothing else [1/µs]", number(fastest_power / 1e6)),
        ("softplus per evaluation of a draw's labour", number(logs / CHUNK)),
        ("powers of 2 per evaluation of a draw's labour", number(powers / CHUNK)),
        ("evaluation of a draw's labour [µs]", number(1e6 * seconds / CHUNK)),
        ("of that, exponentials at the machine's peak", f"{share:.0%}".replace("%", " %")),
        ("drawing a draw's parameters [µs]", number(1e6 * drawing / 512)),
    ]
    return Table("The labour kernel against the machine, one core", ("", ""), rows)


def machine() -> str:
    """Cores and processor in general terms, and what ran on them."""
    cores, processor = os.cpu_count(), f"{platform.machine()} ({llvmlite.binding.get_host_cpu_name()})"
    return f"{cores} cores, {processor}, Python {platform.python_version()}, autosim {autosim.__version__}"


def markdown(table: Table) -> str:
    """Write a table as in the docs: numbers to the right."""
    lines = [table.heads, ["---", *["---:"] * (len(table.heads) - 1)], *table.rows]
    return "\n".join([f"**{table.title}**", "", *(f"| {' | '.join(line)} |" for line in lines), ""])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--most", type=int, default=MOST, help="stop at so many draws [%(default)s]")
    parser.add_argument("--scenario", default="optimistic", help="what to simulate [%(default)s]")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--markdown", action="store_true", help="print tables as in docs/performance.md")
    said = parser.parse_args()
    if said.most < 1:
        parser.error(f"--most: got {said.most}, expected at least 1")
    out = console()
    out.print(f"{machine()}; scenario {' '.join([said.scenario, *said.overrides])}\n")
    chosen = said.scenario, said.overrides
    for measured in (
        lambda: processes(*chosen, said.most),
        lambda: kernel(*chosen),
        lambda: paths(*chosen, said.most),
        lambda: growth(*chosen, said.most),
    ):
        table = measured()
        if said.markdown:
            print(markdown(table))
        else:
            out.print(plain_table(table.title, table.heads, table.rows))
            out.print()


if __name__ == "__main__":
    main()
