"""Forecasters that the model has to beat."""

from pathlib import Path

from autosim.backtesting.baselines.item_response import ItemResponse
from autosim.backtesting.baselines.least_squares import OrdinaryLeastSquares
from autosim.backtesting.baselines.persistence import Persistence
from autosim.backtesting.baselines.trends import TRENDS
from autosim.backtesting.forecast import Forecaster


def baselines(cache: Path | None = None) -> tuple[Forecaster, ...]:
    """All baselines in the order in which tables show them: persistence, least squares, item response by trend.

    Parameters
    ----------
    cache
        Folder of fits made before; None to make them anew.
    """
    lines = (OrdinaryLeastSquares("ols_all", frontier=False), OrdinaryLeastSquares("ols_frontier", frontier=True))
    responses = (ItemResponse(f"irt_{trend.name}", trend, cache) for trend in TRENDS)
    return (Persistence(), *lines, *responses)
