"""What a forecaster says of what comes later: joint draws for every kind of target."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autosim.backtesting.split import Split

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """Joint draws for the rows of what came later, in the order of its tables; None where nothing can be said.

    ``p50`` and ``p80`` [log2 min] are a model's horizons as they would be without error of measurement, (draw, row of
    ``later.horizons``); ``outcome`` [1] is the chance that one attempt succeeds, (draw, row of ``later.outcomes``);
    ``trial`` [1] the natural logarithm of the time ratio without error of measurement, (draw, row of ``later.trials``).
    ``notes`` are sentences for the report.
    """

    p50: Floats | None = None
    p80: Floats | None = None
    outcome: Floats | None = None
    trial: Floats | None = None
    notes: tuple[str, ...] = ()


class Forecaster(Protocol):
    """Something that forecasts from the known side of a split alone.

    Of ``later`` it may read which models, instances and trials there are and when (``model``, ``release_date``,
    ``suite``, ``instance``, ``human_minutes``, ``severity.*``, ``attempts``, a trial's ``date`` and ``share.*``): not
    what came of them, nor whether a model is at the ``frontier``, which its result decides.
    """

    @property
    def name(self) -> str:
        """Name in tables and figures."""
        ...

    def forecast(self, both: Split, draws: int, seed: int) -> Forecast:
        """Draw what comes later; the same seed gives the same draws."""
        ...
