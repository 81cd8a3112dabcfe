"""Mean and quantiles over draws, and how they are rounded for print and for JSON."""

import math

import numpy as np
from numpy.typing import NDArray

QUANTILES = {"q05": 0.05, "q10": 0.10, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q90": 0.90, "q95": 0.95}
STATISTICS = ("mean", *QUANTILES)
_DIGITS = 7

type Floats = NDArray[np.float32] | NDArray[np.float64]
type Value = float | list["Value"] | None


def over_draws(values: Floats) -> NDArray[np.float64]:
    """Mean and quantiles over the first axis.

    Parameters
    ----------
    values
        (draw, ...), finite.

    Returns
    -------
    (statistic, ...), in the order of `STATISTICS`.

    Examples
    --------
    >>> over_draws(np.arange(101.0)).tolist()
    [50.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0]
    """
    mean = values.mean(axis=0, dtype=np.float64)
    quantiles = np.quantile(values, list(QUANTILES.values()), axis=0)
    return np.concatenate([mean[None], quantiles.astype(np.float64)])


def over_solvable(values: Floats) -> NDArray[np.float64]:
    """Mean and quantiles over those draws that have an answer; all NaN if none has.

    Parameters
    ----------
    values
        (draw,), NaN where there is no answer.

    Examples
    --------
    >>> over_solvable(np.array([1.0, np.nan, 3.0]))[0]
    np.float64(2.0)
    """
    answered = values[np.isfinite(values)]
    return over_draws(answered) if answered.size else np.full(len(STATISTICS), np.nan)


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


def by_statistic(table: NDArray[np.float64]) -> dict[str, Value]:
    """Name the rows of `over_draws`."""
    return {name: as_json(row) for name, row in zip(STATISTICS, table, strict=True)}
