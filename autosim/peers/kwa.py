"""Kwa (2026), A simpler AI timelines model: effective compute drives the share of AI R&D that is automated.

S' = k (L / (1 - f))^α C^ζ S^(1 - β) and f = logistic(v (ln(C S) - ln E)), with k and E set by the pace and by f at the
start.
"""

import numpy as np

from autosim.equations.alternatives import tapering_growth
from autosim.equations.automation import log2_speedup_of_automation, logistic_share
from autosim.equations.progress import input_growth, log2_research_input
from autosim.peers.claims import Claim, quantile_claim
from autosim.peers.laws import Automation, Floats, Help, Inputs, Laws, Levels, Research, Returns, Sample
from autosim.peers.march import Path
from autosim.words import percent

AUTOMATED = 0.99
"""Share of AI R&D at which Kwa calls it automated."""

PUBLISHED = {0.10: 2030.20, 0.25: 2031.42, 0.50: 2032.76, 0.75: 2034.48, 0.90: 2036.20}
"""Quantiles of the year when it is, of 500 draws."""

TOLERANCE = 0.25
"""Years."""


def _inputs(sample: Sample) -> Inputs:
    one = sample.one

    def levels(years: Floats) -> Levels:
        headcount = input_growth(one["headcount_growth"], one["headcount_growth_after"], one["slowdown"], years)
        early = np.minimum(years, one["slowdown"])
        taper = (one["compute_factor"], one["compute_factor_after"], one["taper_start"], one["taper_end"])
        late = tapering_growth(*taper, np.maximum(years, one["slowdown"])) - tapering_growth(*taper, one["slowdown"])
        compute = one["compute_growth"] * early + late
        return Levels(compute, compute, headcount)

    return levels


def _automation(sample: Sample) -> Automation:
    one = sample.one

    def given(_: Floats, effective_compute_log2: Floats, __: Levels) -> Help:
        share, left = logistic_share(effective_compute_log2, one["automated_share"], one["width"])
        return Help(log2_speedup_of_automation(left), share, np.zeros_like(share))

    return given


def _research(sample: Sample, at_start: Help) -> Research:
    one = sample.one
    mix = one["labour_share"], np.ones(len(sample))
    already = one["labour_share"] * at_start.speedup_log2

    def pace(_: Floats, levels: Levels, given: Help) -> Floats:
        driving = log2_research_input(levels.headcount + given.speedup_log2, levels.compute, *mix) - already
        log2: Floats = np.log2(one["software_growth"]) + one["returns_to_input"] * driving
        return log2

    return pace


def _returns(sample: Sample) -> Returns:
    return lambda software_log2: sample.one["ideas_harder"] * software_log2


LAWS = Laws(_inputs, _automation, _research, _returns)


def claims(path: Path, _: Sample) -> list[Claim]:
    """Quantiles of the year in which 99 % of AI R&D is automated."""
    when = path.reached("time_saved_share", AUTOMATED)
    return [
        quantile_claim(f"99 % of AI R&D automated, {percent(q)} of draws by", "date", when, q, year, TOLERANCE)
        for q, year in PUBLISHED.items()
    ]
