"""Proper scores of a forecast, the lower the better, and where each observation lies within it."""

import numpy as np
import pandas as pd
import scoringrules as sr
from numpy.typing import NDArray
from scipy import special

from autosim import streams
from autosim.backtesting.forecast import Forecast
from autosim.errors import NotANumberError

type Floats = NDArray[np.float64]

MEASURED = ("p50", "p80", "trial")
"""Kinds whose observation is normal around what a draw says."""

SCORES = ("crps", "log_score", "pit", "probability")
"""Columns that scoring adds to the targets."""

LEAST_DRAWS = 2
"""Fewer are no distribution."""


def score(forecast: Forecast, targets: pd.DataFrame, seed: int) -> pd.DataFrame:
    r"""Score a forecast against what came after; both scores are negatively oriented: the lower, the better.

    What is scored is the forecast of the *observation*: errors of measurement are added to horizons and trials, and
    counts are drawn from their binomial.

    Parameters
    ----------
    forecast
        At least `LEAST_DRAWS` draws. A column that is NaN throughout says nothing of its row.
    targets
        All of a split, as `targets_of` gives them.
    seed
        Of errors of measurement and of randomised PITs, with one stream for each target: the same for all forecasters.

    Returns
    -------
    The targets with four more columns, NaN where nothing was forecast:

    ``crps``, the continuous ranked probability score: of horizons [doubling], of counts divided by attempts [1], of
    trials in the logarithm of the ratio [1]; of milestones it is the Brier score [1]. ``log_score`` [nat], the negative
    logarithm of the density (per doubling, per unit of the logarithm of the ratio) or probability of what happened.
    Probabilities :math:`p` from :math:`n` draws are :math:`(n p + r) / (n + 1)` in it, as if one more draw knew nothing
    (:math:`r` is 1/2 for milestones, :math:`1 / (\text{attempts} + 1)` for counts), since none of :math:`n` draws is no
    proof of impossibility. ``pit`` [1], the share of the forecast below the observation, randomised within steps for
    counts; NaN for milestones. ``probability`` [1] that a milestone is reached or that one attempt succeeds; NaN for
    others.

    Raises
    ------
    NotANumberError
        If a column is NaN or infinite in part.
    ValueError
        If the draws are not (draw, row of the table) or chances not in [0, 1].

    References
    ----------
    Gneiting, Raftery (2007), doi:10.1198/016214506000001437; randomised PIT: Czado, Gneiting, Held (2009),
    doi:10.1111/j.1541-0420.2009.01191.x.
    """
    rows = targets["kind"].value_counts()
    width = {kind: int(rows.get("p50" if kind == "p80" else kind, 0)) for kind in (*MEASURED, "outcome")}
    said = {kind: _checked(forecast, kind, count) for kind, count in width.items()}
    parts = [_measured(said[kind], targets[targets["kind"] == kind], seed) for kind in MEASURED]
    parts.append(_counts(said["outcome"], targets[targets["kind"] == "outcome"], seed))
    parts.append(_milestones(said["p50"], targets))
    nothing = pd.DataFrame(columns=SCORES, dtype=np.float64)
    scores = pd.concat([part for part in parts if len(part)] or [nothing])
    return targets.join(scores.reindex(columns=SCORES))


def _checked(forecast: Forecast, kind: str, count: int) -> Floats:
    """A forecast's draws of one kind, all NaN where it says nothing; (draw, row of the table)."""
    draws: Floats | None = getattr(forecast, kind)
    if draws is None:
        return np.full((LEAST_DRAWS, count), np.nan)
    if draws.ndim != 2 or len(draws) < LEAST_DRAWS or draws.shape[1] != count:
        raise ValueError(f"{kind}: got draws of shape {draws.shape}, expected ({LEAST_DRAWS} or more, {count})")
    broken = ~np.isfinite(draws) & ~np.isnan(draws).all(axis=0)
    if broken.any():
        row = int(broken.any(axis=0).argmax())
        raise NotANumberError(f"forecast of {kind}, row {row + 1}: got NaN or infinity in {broken[:, row].sum()} draws")
    if kind == "outcome" and ((draws < 0.0) | (draws > 1.0)).any():
        raise ValueError("outcome: got a chance below 0 or above 1, expected one in [0, 1]")
    return draws


def replicates(draws: Floats, rows: pd.DataFrame, seed: int) -> Floats:
    """Observations of horizons or trials as each draw would have them, error of measurement included.

    Parameters
    ----------
    draws
        Without that error, (draw, row).
    rows
        Their targets.
    seed
        Of the errors, with one stream for each target.

    Returns
    -------
    (draw, row), in the unit of the draws.
    """
    errors = [special.ndtri(streams.uniform(seed, f"backtest.error.{name}", len(draws))) for name in _names(rows)]
    noisy: Floats = draws + rows["sd"].to_numpy() * np.stack(errors, axis=1)
    return noisy


def _names(rows: pd.DataFrame) -> list[str]:
    """Streams of targets."""
    return [".".join(name) for name in rows[["kind", "suite", "cluster", "item"]].itertuples(index=False)]


def _measured(draws: Floats, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Scores of horizons or trials: mixtures of normals, one for each draw."""
    draws = draws[:, rows["place"].to_numpy()]
    rows, draws = rows[~np.isnan(draws[0])], draws[:, ~np.isnan(draws[0])]
    if rows.empty:
        return pd.DataFrame(index=rows.index)
    observed, sd = rows["observed"].to_numpy(), rows["sd"].to_numpy()
    z = (observed - draws) / sd
    density = special.logsumexp(-0.5 * z**2, axis=0) - np.log(len(draws) * sd * np.sqrt(2.0 * np.pi))
    crps = sr.crps_ensemble(observed, replicates(draws, rows, seed).T, estimator="pwm", backend="numpy")
    return pd.DataFrame({"crps": crps, "log_score": -density, "pit": special.ndtr(z).mean(axis=0)}, index=rows.index)


def _counts(chance: Floats, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Scores of successes: mixtures of binomials, one for each draw."""
    chance = chance[:, rows["place"].to_numpy()]
    rows, chance = rows[~np.isnan(chance[0])], chance[:, ~np.isnan(chance[0])]
    if rows.empty:
        return pd.DataFrame(index=rows.index)
    attempts = rows["attempts"].to_numpy()
    within = np.array([streams.uniform(seed, f"backtest.pit.{name}", 1)[0] for name in _names(rows)])
    parts = [
        _alike(chance[:, attempts == count], rows[attempts == count], within[attempts == count])
        for count in np.unique(attempts)
    ]
    return pd.concat(parts)


def _alike(chance: Floats, rows: pd.DataFrame, within: Floats) -> pd.DataFrame:
    """Scores of successes out of equally many attempts; ``within`` says where in its step a PIT lies."""
    attempts, successes = int(rows["attempts"].iloc[0]), rows["observed"].to_numpy().astype(np.int64)
    each = mixed_binomial(chance, attempts)
    happened = np.take_along_axis(each, successes[:, None], axis=1)[:, 0]
    below = np.where(np.arange(attempts + 1) < successes[:, None], each, 0.0).sum(axis=1)
    shares = np.broadcast_to(np.arange(attempts + 1) / attempts, each.shape)
    diluted = (len(chance) * happened + 1.0 / (attempts + 1)) / (len(chance) + 1)
    return pd.DataFrame(
        {
            "crps": sr.crps_ensemble(successes / attempts, shares, ens_w=each, estimator="qd", backend="numpy"),
            "log_score": -np.log(diluted),
            "pit": below + within * happened,
            "probability": chance.mean(axis=0),
        },
        index=rows.index,
    )


def mixed_binomial(chance: Floats, attempts: int) -> Floats:
    r"""Probability of every number of successes, whatever draw is true.

    .. math:: P(k) = \frac1n \sum_{i=1}^n \binom{a}{k} p_i^k (1 - p_i)^{a-k}

    Parameters
    ----------
    chance
        :math:`p` of one attempt [1], (draw, row).
    attempts
        :math:`a`.

    Returns
    -------
    [1], (row, successes from 0 to all).

    Examples
    --------
    >>> mixed_binomial(np.array([[0.5], [1.0]]), 2).tolist()
    [[0.125, 0.25, 0.625]]
    """
    counts = np.arange(attempts + 1)
    ways = special.gammaln(attempts + 1) - special.gammaln(counts + 1) - special.gammaln(attempts - counts + 1)
    logs = (ways[k] + special.xlogy(k, chance) + special.xlog1py(attempts - k, -chance) for k in counts)
    return np.stack([np.exp(log).mean(axis=0) for log in logs], axis=1)


def _milestones(p50: Floats, targets: pd.DataFrame) -> pd.DataFrame:
    """Scores of milestones, from joint draws of all later models' p50 on the suite, error of measurement included."""
    rows, models = (targets[targets["kind"] == kind] for kind in ("milestone", "p50"))
    below: list[float] = []
    for suite, day, threshold in rows[["suite", "date", "threshold"]].itertuples(index=False):
        out = models[(models["suite"] == suite) & (models["date"] <= day)]
        z = (threshold - p50[:, out["place"].to_numpy()]) / out["sd"].to_numpy()
        below.append(special.ndtr(z).prod(axis=1).sum())
    draws, happened = len(p50), rows["observed"].to_numpy()
    chance = (draws - np.array(below) + 0.5) / (draws + 1)
    brier = np.full(len(rows), np.nan)
    known = ~np.isnan(chance)
    brier[known] = sr.brier_score(happened[known], chance[known], backend="numpy")
    log_score = -np.log(np.where(happened == 1.0, chance, 1.0 - chance))
    return pd.DataFrame({"crps": brier, "log_score": log_score, "probability": chance}, index=rows.index)
