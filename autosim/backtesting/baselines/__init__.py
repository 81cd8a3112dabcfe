"""Simple forecasters that any model of this field has to beat."""

from pathlib import Path

from autosim.backtesting.baselines.item_response import SHAPES, ItemResponse
from autosim.backtesting.baselines.least_squares import LeastSquares
from autosim.backtesting.baselines.persistence import Persistence
from autosim.backtesting.forecast import Forecaster


def baselines(cache: Path | None) -> tuple[Forecaster, ...]:
    """All of them, in the order in which tables show them; ``cache`` is a folder of fits, None to keep none."""
    return (
        Persistence(),
        LeastSquares("ols_all", frontier=False),
        LeastSquares("ols_frontier", frontier=True),
        *(ItemResponse(f"irt_{shape}", shape, cache) for shape in SHAPES),
    )
