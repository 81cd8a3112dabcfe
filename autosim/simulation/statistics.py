"""Mean and quantiles over draws that are all at hand."""

import numpy as np
from numpy.typing import NDArray

QUANTILES = {"q05": 0.05, "q10": 0.10, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q90": 0.90, "q95": 0.95}
STATISTICS = ("mean", *QUANTILES)

type Floats = NDArray[np.float32] | NDArray[np.float64]


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
