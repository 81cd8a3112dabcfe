#!/usr/bin/env python
"""Benchmark: how long fits take, and what nutpie, PyMC's own sampler and NumPyro make of the same model in that time.

    uv run --group bench scripts/bench_fit.py
    uv run --group bench scripts/bench_fit.py --runs runs.csv

The first table is what `autosim fit baseline` does (4 chains of 1,000 draws); with --runs, also on that table of
outcomes. The second samples the joint model of the evidence that comes with autosim with each sampler at its defaults,
2 chains of 300 draws after 500 of adaptation, compiled by JAX, and says how many independent draws of the worst
quantity a second yields. docs/performance.md has the figures of one machine.
"""

import argparse
import os
import platform
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import arviz as az
import numpy as np
import pymc as pm
import xarray as xr

import autosim
from autosim.evidence.tables import shipped_evidence
from autosim.inference.model import build_model, prepare
from autosim.inference.sampling import sample
from autosim.inputs.scenario import Scenario

CHAINS, DRAWS, TUNE = 2, 300, 500


def fits(runs: Path | None) -> list[list[str]]:
    """Whole fits: evidence, seconds from load to judgement, smallest effective sample sizes, divergences."""
    rows = []
    for name, evidence in (("shipped", None), ("outcomes", [runs])):
        if name == "outcomes" and runs is None:
            continue
        began = time.perf_counter()
        made = autosim.fit("baseline", evidence)
        seconds = time.perf_counter() - began
        bulk, tail = (min(getattr(row, what) for row in made.table) for what in ("ess_bulk", "ess_tail"))
        divergences = int(made.tree["sample_stats"]["diverging"].sum())
        largest = max(row.r_hat for row in made.table)
        rows.append([name, f"{seconds:.0f}", f"{bulk:.0f}", f"{tail:.0f}", f"{largest:.3f}", str(divergences)])
    return rows


def smallest(posterior: xr.Dataset) -> float:
    """Bulk effective sample size of the worst of all quantities that vary."""
    ess = az.ess(posterior[[name for name in posterior.data_vars if str(name).startswith(KEPT)]], method="bulk")
    return float(min(np.nanmin(values.to_numpy()) for values in ess.data_vars.values()))


KEPT = ("quantity", "growth", "trend_deviation", "expert_spread", "trial_deviation")


def samplers(model: pm.Model) -> list[list[str]]:
    """Samplers on one model: seconds in all, smallest bulk effective sample size, the same per second, divergences."""
    ours: dict[str, Callable[[], xr.DataTree]] = {
        "nutpie (as autosim uses it)": lambda: sample(model, DRAWS, TUNE, CHAINS, 0, CHAINS),
        "NumPyro": lambda: pm.sample(
            DRAWS, tune=TUNE, chains=CHAINS, random_seed=0, nuts_sampler="numpyro", progressbar=False, model=model
        ),
        "PyMC": lambda: pm.sample(
            DRAWS,
            tune=TUNE,
            chains=CHAINS,
            cores=1,
            random_seed=0,
            nuts_sampler="pymc",
            compile_kwargs={"mode": "JAX"},
            progressbar=False,
            model=model,
        ),
    }
    rows = []
    for name, draw in ours.items():
        began = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = draw()
        seconds = time.perf_counter() - began
        least = smallest(tree["posterior"].to_dataset())
        divergences = int(tree["sample_stats"]["diverging"].sum())
        rows.append([name, f"{seconds:.0f}", f"{least:.0f}", f"{least / seconds:.2f}", str(divergences)])
    return rows


def print_table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table as Markdown."""
    print(f"**{title}**\n")
    for line in (heads, ["---", *["---:"] * (len(heads) - 1)], *rows):
        print(f"| {' | '.join(line)} |", flush=True)
    print()


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=Path, help="table of outcomes, as `autosim import metr` makes one")
    parser.add_argument("--no-samplers", action="store_true", help="leave the comparison of samplers out")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
          f"autosim {autosim.__version__}\n")  # fmt: skip
    heads = ("evidence", "seconds", "least bulk ESS", "least tail ESS", "largest r-hat", "divergences")
    print_table("Whole fits, 4 chains of 1,000 draws", heads, fits(asked.runs))
    if asked.no_samplers:
        return
    loaded = autosim.load("baseline")
    assert isinstance(loaded, Scenario)
    model = build_model(prepare(shipped_evidence(loaded.taxonomy), loaded), loaded)
    heads = ("sampler", "seconds", "least bulk ESS", "per second", "divergences")
    print_table(f"Samplers on the shipped evidence, {CHAINS} chains of {DRAWS} draws", heads, samplers(model))


if __name__ == "__main__":
    main()
