"""The Amdahl toy: five tasks, each partly automated and partly sped up."""

import numpy as np

from autosim.equations.labour import labour_speedup
from autosim.peers.claims import Claim, quantile_claim
from autosim.peers.preset import Preset
from autosim.words import percent

PUBLISHED = {0.05: 1.101, 0.50: 1.248, 0.95: 1.482}
"""Quantiles of the project's speedup."""

TOLERANCE = 0.01


def claims(preset: Preset, seed: int, draws: int) -> list[Claim]:
    """Quantiles of the speedup of a project whose tasks do not stand in for each other."""
    count = len(preset.time_share)
    one = preset.draw(seed, draws, {"automated_share": count, "speedup": count})
    cost = 1.0 - one["automated_share"] * (1.0 - 1.0 / one["speedup"])
    speedup = labour_speedup(np.broadcast_to(preset.time_share, cost.shape), cost, np.zeros(draws))
    return [
        quantile_claim(f"project speedup, {percent(q)} of draws below", "number", speedup, q, value, TOLERANCE)
        for q, value in PUBLISHED.items()
    ]
