"""Davidson and Houlden (2025), Forethought: software progress once AI does all AI R&D.

How quick and big would a software intelligence explosion be? AI's labour grows in proportion to software. Each
doubling of software is followed by one that takes 2^(p (1/r - 1)) times as long, p the exponent of labour and r the
returns, which fall to 0 as software nears its limit.
"""

import numpy as np
from numpy.typing import NDArray

from autosim.equations.alternatives import declining_returns_log2
from autosim.peers.claims import Claim, probability_claim
from autosim.peers.laws import Automation, Floats, Help, Inputs, Laws, Levels, Research, Returns, Sample
from autosim.peers.march import Path

YEAR = 8.0
"""Doublings of software and compute in a year of progress at the former pace."""

TOLERANCE = 0.01


def _inputs(sample: Sample) -> Inputs:
    nothing = np.zeros(len(sample))
    return lambda _: Levels(nothing, nothing, nothing)


def _automation(sample: Sample) -> Automation:
    """AI's labour: enough for the initial speedup, and more in proportion to effective compute."""
    start = np.log2(sample.one["initial_speedup"]) / sample.one["labour_exponent"]

    def given(_: Floats, effective_compute_log2: Floats, __: Levels) -> Help:
        speedup = start + effective_compute_log2
        return Help(speedup, 1.0 - np.exp2(-speedup), np.zeros_like(speedup))

    return given


def _research(sample: Sample, _: Help) -> Research:
    """Labour alone drives progress; compute stays as it is."""
    one = sample.one
    growth = np.log2(one["software_growth"])
    return lambda _, levels, given: growth + one["labour_exponent"] * (levels.headcount + given.speedup_log2)


def _returns(sample: Sample) -> Returns:
    one = sample.one
    shape = one["labour_exponent"], one["initial_returns"], YEAR * one["limit"]

    def slowed(software_log2: Floats) -> Floats:
        log2: Floats = declining_returns_log2(software_log2, *shape)
        return log2

    return slowed


LAWS = Laws(_inputs, _automation, _research, _returns)


def claims(path: Path, _: Sample) -> list[Claim]:
    """Probabilities of years of progress within some months."""
    cases = ((3.0, 12, 0.57, 0.563), (10.0, 12, 0.18, 0.167), (10.0, 4, 0.12, 0.124))
    return [
        probability_claim(
            f"{years:g} years of progress within {months} months",
            within(path.outputs["software_log2"], YEAR * years, months),
            published,
            TOLERANCE,
            rerun,
        )
        for years, months, published, rerun in cases
    ]


def within(software_log2: NDArray[np.float32], doublings: float, months: int) -> NDArray[np.bool_]:
    """Whether software ever grows by so much within so many months, (draw,).

    Between months software is taken to grow evenly. The best window then begins or ends on a month: what is gained in
    any other changes at an even rate as the window moves.

    Parameters
    ----------
    software_log2
        (draw, month) [doublings].
    """
    gained = (software_log2[:, months:] - software_log2[:, :-months]).max(axis=1)
    return np.asarray(gained >= doublings)
