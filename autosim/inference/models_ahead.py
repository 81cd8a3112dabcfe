"""What draws of a scenario make of models that no fit has seen: their levels, and how hard new suites are."""

import numpy as np
from numpy.typing import NDArray

from autosim.inference.model import Prepared
from autosim.inference.names import own_name
from autosim.inference.predicting import Drawn
from autosim.inference.trend import DEVIATION_PRIOR, LAG_PRIOR
from autosim.inference.worlds import Worlds, new_offsets

type Floats = NDArray[np.float64]


def with_levels(drawn: Drawn, trend: Floats, later: Prepared, frontier: Floats, seen: Worlds) -> Drawn:
    """Add the level of each model: about the trend if it is at the frontier, below it otherwise.

    Parameters
    ----------
    drawn
        Quantities of capability.
    trend
        Where the frontier is at the models' releases [doublings], (draw, model).
    later
        The models, and the suites they were measured on.
    frontier
        Probability that each is at the frontier [1], (model,).
    seen
        Draws.
    """
    spread, lag = (seen.positive(*item) for item in (("trend_deviation", DEVIATION_PRIOR), ("lag_spread", LAG_PRIOR)))
    found = dict(drawn.values)
    for i, model in enumerate(later.models):
        deviation = spread * seen.student(f"deviation.{model}")
        behind = seen.uniform(f"frontier.{model}") > frontier[i]
        below = np.where(behind, lag * np.abs(seen.normal(f"lag.{model}")), 0.0)
        found[own_name("growth", model)] = trend[:, i] + deviation - below
    found |= new_offsets([one.suite for one in later.outcomes], seen)
    return Drawn(found, drawn.scenario)
