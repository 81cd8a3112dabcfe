#!/usr/bin/env python
"""Benchmark: how long sensitivity, cruxes and peers take, and how exact they are in that time.

.venv/bin/python scripts/bench_answers.py

Sobol indices need groups that are independent of one another, so they are timed on the baseline without its
correlations; Shapley effects on the baseline as it is. docs/performance.md has the figures of one machine.
"""

import os
import platform
import time
from collections.abc import Callable
from dataclasses import replace

import autosim
from autosim.analysis.cruxes import Comparison
from autosim.analysis.sensitivity import Study
from autosim.inputs.scenario import Scenario


def timed(name: str, work: Callable[[], tuple[int, str]]) -> None:
    """Print a row: what, evaluations, seconds, and how exact it is."""
    began = time.perf_counter()
    evaluations, exactness = work()
    print(f"| {name} | {evaluations:,} | {time.perf_counter() - began:.0f} | {exactness} |", flush=True)


def sensitivity(study: Study) -> tuple[int, str]:
    """Analyse; the widest interval of a share."""
    found = study.run()
    widest = max(0.5 * (driver.share.high - driver.share.low) for driver in found.drivers)
    return found.evaluations, f"shares within ± {100.0 * widest:.1f} points"


def cruxes(first: str, second: str) -> tuple[int, str]:
    """Compare; the largest standard errors as shares of the difference."""
    found = Comparison(autosim.load(first), autosim.load(second)).run()
    errors = ", ".join(f"{name} {100.0 * (error or 0.0):.1f} %" for name, error in found.errors.items())
    return found.evaluations, f"standard errors of the difference: {errors}"


def peer(name: str) -> tuple[int, str]:
    """Replicate; the largest Monte Carlo error of a figure that has a tolerance, as a share of that."""
    found = autosim.replicate(name)
    errors = [(claim.error or 0.0) / claim.tolerance for claim in found.claims if claim.tolerance]
    return found.draws, f"errors at most {100.0 * max(errors):.0f} % of the tolerance"


def main() -> None:
    """Print the table."""
    baseline = autosim.load("baseline")
    assert isinstance(baseline, Scenario)
    free = replace(baseline, correlations=())
    Study(free, draws=128).run()  # compiles
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}\n")
    print("| analysis | evaluations | seconds | exactness |\n| --- | ---: | ---: | --- |")
    groups = len(Study(free, draws=128).pairs.groups)
    timed(f"Sobol indices of {groups} groups, 2^12 base samples, tornado and curves", lambda: sensitivity(Study(free)))
    timed(f"Shapley effects of {groups} groups, 2^12 draws, tornado and curves", lambda: sensitivity(Study(baseline)))
    timed("cruxes, pessimistic and extremely_optimistic", lambda: cruxes("pessimistic", "extremely_optimistic"))
    for name in ("kwa-2026", "forethought-2025", "ai2027-horizon", "amdahl-toy"):
        timed(f"replicate {name}", lambda name=name: peer(name))  # type: ignore[misc] # its own name
    timed("cruxes, somewhat and extremely optimistic", lambda: cruxes("somewhat_optimistic", "extremely_optimistic"))


if __name__ == "__main__":
    main()
