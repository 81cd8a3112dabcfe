#!/usr/bin/env python
"""Simulation-based calibration of the whole model: evidence from the baseline's priors, fitted, and the truths' ranks.

.venv/bin/python scripts/sbc.py --fits 20 --out ranks

The evidence has the form of what comes with autosim: the same models, suites and errors of measurement, the same
trials, the same minutes in all of those who recorded their time, as many experts. Every result in all four tables is
drawn anew. The shipped counts weigh half, and a count that weighs half is not a probability of anything that could be
drawn: here counts weigh 1. The shipped evidence has no outcomes, so that these are left to the tests.

--out holds a file of ranks for each fit, whose number is its seed. A run that was stopped goes on where it was, and one
with more --fits adds to what there is. At the end, docs/calibration-of-fits.md and its picture are written from all
fits in --out, by scripts/pages/calibration_of_fits.py.
"""

import argparse
import json
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import autosim
from autosim.calibration.ranking import ranks_in_fit
from autosim.calibration.simulating import Simulated, simulate_evidence
from autosim.errors import AutosimError, InputError
from autosim.evidence.tables import Evidence, shipped_evidence
from autosim.inference.fit import fit
from autosim.inputs.scenario import Scenario
from autosim.whole import whole_file

CHAINS, SEED = 2, 0
PAGE = Path(__file__).parent / "pages" / "calibration_of_fits.py"


def shipped_design(scenario: Scenario) -> Evidence:
    """What comes with autosim, counts weighing 1."""
    known = shipped_evidence(scenario.taxonomy)
    return replace(known, counts=known.counts.assign(weight=1.0))


def ranked(scenario: Scenario, simulated: Simulated, place: int, draws: int, tune: int) -> dict[str, object]:
    """Fit one simulated evidence: ranks, and how well the sampling went; or why it broke down."""
    try:
        made = fit(scenario, simulated.evidence[place], draws, tune, CHAINS, place, CHAINS)
    except InputError:
        raise
    except AutosimError as error:
        return {"failed": str(error)}
    return {
        "ranks": ranks_in_fit(made, simulated, place),
        "least_ess": round(min(row.ess_bulk for row in made.table), 1),
        "largest_r_hat": round(max(row.r_hat for row in made.table), 4),
        "divergences": int(made.tree["sample_stats"]["diverging"].sum()),
    }


def check_settings(folder: Path, settings: dict[str, object]) -> None:
    """Refuse to mix fits of different settings.

    Raises
    ------
    InputError
        If a file of ranks is from a run with others.
    """
    for file in sorted(folder.glob("fit-*.json")):
        known = json.loads(file.read_text(encoding="utf-8"))["settings"]
        if known != settings:
            raise InputError(file.name, "settings", json.dumps(known), f"{json.dumps(settings)}, or another --out")


def run(fits: int, folder: Path, draws: int, tune: int) -> None:
    """Do the fits that are not done yet."""
    settings: dict[str, object] = {
        "chains": CHAINS, "draws": draws, "tune": tune, "seed": SEED, "version": autosim.__version__
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    check_settings(folder, settings)
    scenario = autosim.load("baseline")
    assert isinstance(scenario, Scenario)
    simulated = simulate_evidence(shipped_design(scenario), scenario, fits, SEED)
    for place in range(fits):
        file = folder / f"fit-{place:04d}.json"
        if file.exists():
            continue
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # a compiled model is never given back
            ranks = apart.submit(ranked, scenario, simulated, place, draws, tune).result()
        found = {"fit": place, "settings": settings} | ranks
        with whole_file(file) as fresh:
            fresh.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        print(f"fit {place + 1} of {fits}", flush=True)


def main() -> None:
    """Read the options, fit, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--fits", type=int, default=20, help="how many in all, those that are done among them")
    parser.add_argument("--out", type=Path, required=True, help="folder of ranks, a file for each fit")
    parser.add_argument("--draws", type=int, default=250, help="draws kept of each of two chains")
    parser.add_argument("--tune", type=int, default=250, help="draws spent on adaptation, per chain")
    asked = parser.parse_args()
    try:
        if asked.fits < 1:
            raise InputError("--fits", "", str(asked.fits), "at least 1")
        run(asked.fits, asked.out, asked.draws, asked.tune)
    except AutosimError as error:
        sys.exit(str(error))
    sys.exit(subprocess.run([sys.executable, PAGE, asked.out], check=False).returncode)


if __name__ == "__main__":
    main()
