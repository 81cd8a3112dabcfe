"""The comments that set modelled beside published numbers say what the model says."""

import re
from pathlib import Path

import numpy as np
import pytest

import autosim
from autosim.simulation.run import Simulation

ROOT = Path(__file__).parents[1]
DRAWS = 1000

PASS_RATES = {
    "metr_hcast": {"2024-08-27": 0.35, "2024-10-27": 0.39, "2025-04-27": 0.53},
    "re_bench": {"2024-08-27": 0.05, "2025-04-27": 0.15},
    "swaa": {"2024-08-27": 0.99},
    "swe_bench_verified": {"2024-08-27": 0.40, "2025-11-27": 0.79, "2026-04-27": 0.86},
    "mle_bench": {"2024-10-27": 0.21, "2026-02-27": 0.60},
    "paperbench": {"2024-10-27": 0.12, "2025-04-27": 0.23},
    "mlagentbench": {"2024-08-27": 0.49},
    "ml_bench": {"2024-08-27": 0.68},
}
HORIZONS = {"2024-08-27": 14.7, "2025-08-27": 104.0, "2025-11-27": 163.0, "2026-02-27": 253.0}


@pytest.fixture(scope="module")
def trend() -> Simulation:
    return autosim.simulate("baseline", DRAWS, set={"structure.feedback": False, "end": "2026-05-01"})


def step(simulation: Simulation, day: str) -> int:
    return [str(date) for date in simulation.dates].index(day)


@pytest.mark.parametrize("name", PASS_RATES)
def test_modelled_pass_rates_are_as_the_comments_say(trend: Simulation, name: str) -> None:
    position = trend.taxonomy.evaluations.index(name)
    for day, said in PASS_RATES[name].items():
        modelled = trend.outputs["pass_rate"][:, step(trend, day), position].mean()
        assert modelled == pytest.approx(said, abs=0.02), day


@pytest.mark.parametrize("name", PASS_RATES)
def test_the_comments_hold_no_other_numbers(name: str) -> None:
    text = (ROOT / "priors" / "evaluations.yaml").read_text(encoding="utf-8")
    entry = text.partition(f"\n  {name}:")[2].partition("\n    median:")[0]
    comments = " ".join(line.strip(" #") for line in entry.splitlines() if line.strip().startswith("#"))
    said = sorted(float(number.rstrip(".")) for number in re.findall(r"modelled ([.\d]+)", comments))
    assert said == sorted(PASS_RATES[name].values())


def test_modelled_horizons_are_as_the_comment_says(trend: Simulation) -> None:
    text = (ROOT / "priors" / "baseline.yaml").read_text(encoding="utf-8")
    comment = " ".join(
        line.strip(" #") for line in text.partition("priors:\n")[2].partition("  horizon:")[0].splitlines()
    )
    for day, said in HORIZONS.items():
        modelled = float(np.median(trend.outputs["p50_horizon_min"][:, step(trend, day)]))
        assert modelled == pytest.approx(said, rel=0.06), day
        assert f"{said:g} " in comment


def test_the_modelled_ratio_of_horizons_is_as_the_comment_says(trend: Simulation) -> None:
    ratio = trend.outputs["p50_horizon_min"][:, 0] / trend.outputs["p80_horizon_min"][:, 0]
    assert float(np.median(ratio)) == pytest.approx(5.3, rel=0.05)
