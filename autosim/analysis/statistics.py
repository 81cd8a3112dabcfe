"""Mean, quantiles and Monte Carlo errors over the draws of a simulation, and how JSON has them."""

import math
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autosim.simulation.run import MAY_BE_MISSING, Simulation
from autosim.simulation.statistics import STATISTICS, over_solvable, with_errors

__all__ = ["STATISTICS", "as_json", "by_statistic", "statistics_of", "tables_of", "with_errors"]

_DIGITS = 7

type Value = float | list["Value"] | None


def statistics_of(simulation: Simulation, name: str, at: tuple[int | slice, ...] = ()) -> NDArray[np.float64]:
    """Mean, quantiles and errors of an output over all draws, exact where all are kept, else as `Sketch` has them.

    Parameters
    ----------
    simulation
        Every output of a scenario.
    name
        Of the output.
    at
        Which part of it, by its axes after the draw.

    Returns
    -------
    (statistic, ...), in the order of `STATISTICS`, then of `ERRORS`. For an evaluation if solved, of those draws that
    have an answer, and NaN where none has.
    """
    if simulation.statistics is not None:
        return simulation.statistics[name][:, *at]
    values, effective = simulation.outputs[name][:, *at], simulation.effective
    if name in MAY_BE_MISSING:
        return np.apply_along_axis(over_solvable, 0, values, effective)
    return with_errors(values, effective)


def tables_of(simulation: Simulation, names: Iterable[str]) -> dict[str, NDArray[np.float64]]:
    """Mean, quantiles and errors of whole outputs by name, as `statistics_of` has them, worked out on every core."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tables = {name: pool.submit(statistics_of, simulation, name) for name in names}
        return {name: table.result() for name, table in tables.items()}


def as_json(values: NDArray[np.float64]) -> Value:
    """Numbers as JSON has them: rounded to the seven digits that single precision holds, null for NaN.

    Examples
    --------
    >>> as_json(np.array([1.23456789, np.nan]))
    [1.234568, None]
    """
    if values.ndim:
        return [as_json(value) for value in values]
    number = float(values)
    return float(f"{number:.{_DIGITS}g}") if math.isfinite(number) else None


def by_statistic(table: NDArray[np.float64]) -> dict[str, Any]:
    """Name the rows of `with_errors`; the Monte Carlo errors stand under ``mcse``.

    Examples
    --------
    >>> found = by_statistic(with_errors(np.arange(101.0), 101.0))
    >>> found["q50"], found["mcse"]["mean"]
    (50.0, 2.915476)
    """
    statistics, errors = np.split(table, 2)
    said: dict[str, Any] = {name: as_json(row) for name, row in zip(STATISTICS, statistics, strict=True)}
    return said | {"mcse": {name: as_json(row) for name, row in zip(STATISTICS, errors, strict=True)}}
