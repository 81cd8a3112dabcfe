"""Lifland (2025), AI 2027 timelines forecast, time-horizon extension: when the horizon is that of a superhuman coder.

Progress is counted in years at the pace without AI, half of it from algorithms and half from compute: both grow by half
a doubling in a year, so that effective compute is progress.
"""

import numpy as np

from autosim.equations.alternatives import log2_with_half_the_compute
from autosim.equations.automation import log2_geometric_speedup
from autosim.equations.progress import input_growth
from autosim.peers.claims import Claim, quantile_claim
from autosim.peers.laws import Automation, Floats, Help, Inputs, Laws, Levels, Research, Returns, Sample
from autosim.peers.march import Path
from autosim.simulation.calendar import MONTHS
from autosim.words import percent

HALF = 0.5
"""Of progress is algorithms', the other half compute's."""

WORK_MONTH = 167.0 * 60.0
"""Minutes."""

PUBLISHED = {0.10: (2025.87, 2025.84), 0.50: (2027.79, 2027.74), 0.90: (2039.54, 2038.93)}
"""Quantiles of the superhuman coder's date, published (November 2025, October 2027, July 2039: the middles of these
months) and from the authors' code run again."""

TOLERANCE = 0.3
"""Years, of the median."""


def required_progress(one: dict[str, Floats]) -> Floats:
    """Progress from the start to the milestone [year], (draw,).

    Each doubling of the horizon takes ``doubling_stretch`` longer than the one before:
    n of them take ((1 + s)^n - 1)/s times the first.
    """
    doublings = np.maximum(np.log2(one["required_horizon"] * WORK_MONTH / one["horizon"]), 0.0)
    stretch = one["doubling_stretch"]
    even = stretch == 0.0
    safe = np.where(even, 1.0, stretch)
    firsts = np.where(even, doublings, np.expm1(doublings * np.log1p(safe)) / safe)
    return np.asarray((one["doubling_time"] * firsts + one["cost_and_speed"]) / MONTHS)


def _inputs(sample: Sample) -> Inputs:
    after = sample.one["slowdown_date"] - sample.start
    nothing = np.zeros(len(sample))

    def levels(years: Floats) -> Levels:
        compute = input_growth(HALF, 0.5 * HALF, after, years)
        return Levels(compute, compute, nothing)

    return levels


def _automation(sample: Sample) -> Automation:
    one = sample.one
    required, ends = required_progress(one), (1.0 + one["speedup_now"], 1.0 + one["speedup_at_milestone"])

    def given(_: Floats, effective_compute_log2: Floats, __: Levels) -> Help:
        speedup = log2_geometric_speedup(effective_compute_log2, required, *ends)
        return Help(speedup, 1.0 - np.exp2(-speedup), np.zeros_like(speedup))

    return given


def _research(sample: Sample, _: Help) -> Research:
    after = sample.one["slowdown_date"] - sample.start

    def pace(years: Floats, __: Levels, given: Help) -> Floats:
        slower = log2_with_half_the_compute(np.maximum(given.speedup_log2, 0.0))
        log2: Floats = np.log2(HALF) + np.where(years < after, given.speedup_log2, slower)
        return log2

    return pace


def _returns(_: Sample) -> Returns:
    """Ideas do not get harder but by what the pace without AI contains already."""
    return np.zeros_like


LAWS = Laws(_inputs, _automation, _research, _returns)


def claims(path: Path, sample: Sample) -> list[Claim]:
    """Quantiles of the date of the superhuman coder."""
    required = required_progress(sample.one).astype(np.float32)
    ahead = path.outputs["effective_compute_log2"] - required[:, None]
    when = Path(path.start, {**path.outputs, "ahead": ahead}).reached("ahead", 0.0)
    return [
        quantile_claim(
            f"superhuman coder, {percent(q)} of draws by", "date", when, q, year, TOLERANCE if q == 0.5 else None, rerun
        )
        for q, (year, rerun) in PUBLISHED.items()
    ]
