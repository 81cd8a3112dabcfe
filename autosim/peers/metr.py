"""METR's time horizons (Kwa et al. 2025) by METR's own estimator: where half of a model's attempts succeed."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autosim.errors import InputError
from autosim.evidence.formats import metr
from autosim.inputs.loading import load
from autosim.peers.claims import Claim

SLUG, NAME = "metr-horizons", "METR horizons, January 2025"
DESCRIPTION = (
    "A logistic curve in the log of human length, fitted to each model's successes; an attempt weighs less, the more "
    "its task has and the more tasks its family has"
)
SOURCE = "Kwa et al. 2025, Measuring AI Ability to Complete Long Tasks, arXiv 2503.14499; METR/eval-analysis-public"
PUBLISHED = date(2025, 3, 18)

HORIZONS = {"GPT-4 0314": 4.4, "GPT-4o": 7.8, "Claude 3.5 Sonnet (Old)": 23.3, "o1-preview": 38.2, "o1": 43.3}
"""Lengths [min] at which half of the attempts succeed, as METR's own code gives them on these runs."""

PENALTY = 1e-5
"""Of the squared slope, as METR has it."""

TOLERANCE = 0.06
"""Minutes: figures are published to a tenth."""

type Floats = NDArray[np.float64]


def half_success_minutes(minutes: Floats, successes: Floats, attempts: Floats, weight: Floats) -> float:
    """Length at which half of the attempts succeed.

    Parameters
    ----------
    minutes
        Human lengths of the tasks [min], (task,).
    successes, attempts
        Of a model in each, (task,).
    weight
        Of an attempt, (task,); they are scaled to sum to 1 over all attempts.

    Returns
    -------
    [min]; infinite or NaN where success does not fall with length.

    Raises
    ------
    InputError
        If all attempts end alike, so that there is no such length.

    References
    ----------
    Kwa et al. (2025), arXiv 2503.14499, §4.1: logistic regression on log2 minutes.

    Examples
    --------
    >>> lengths, tries = np.array([1.0, 4.0, 16.0]), np.full(3, 4.0)
    >>> round(half_success_minutes(lengths, np.array([3.0, 2.0, 1.0]), tries, np.ones(3)), 3)
    4.0
    """
    from sklearn.linear_model import LogisticRegression

    ends = np.concatenate([np.ones(len(minutes)), np.zeros(len(minutes))])
    counted = np.concatenate([weight * successes, weight * (attempts - successes)])
    kept = counted > 0.0
    if len(set(ends[kept])) < 2:
        raise InputError("outcomes", "successes", "attempts that all end alike", "some successes and some failures")
    log2 = np.log2(np.concatenate([minutes, minutes]))[:, None]
    model = LogisticRegression(C=1.0 / PENALTY, tol=1e-8, max_iter=10_000)
    model.fit(log2[kept], ends[kept], sample_weight=counted[kept] / counted.sum())
    return float(np.exp2(-model.intercept_[0] / model.coef_[0, 0]))


def claims(runs: Path) -> list[Claim]:
    """Compare horizons estimated from METR's runs of January 2025 with METR's.

    Raises
    ------
    InputError
        If the file cannot be read, or a model is not in it.
    """
    taxonomy = load("baseline").taxonomy
    options = {"source": None, "min_time_limit": None, "labels": None, "settings": None}
    read = metr.read([runs], taxonomy, published="2025-01-28", **options)
    by_model = dict(iter(read.evidence.outcomes.groupby("model")))
    missing = next((model for model in HORIZONS if model not in by_model), None)
    if missing:
        raise InputError(str(runs), "alias", f"no runs of {missing}", "METR's runs of January 2025")
    return [
        Claim(f"50 % horizon of {model}", "minutes", minutes, None, _horizon(by_model[model]), None, TOLERANCE)
        for model, minutes in HORIZONS.items()
    ]


def _horizon(outcomes: pd.DataFrame) -> float:
    columns = ("human_minutes", "successes", "attempts", "weight")
    return half_success_minutes(*(outcomes[name].to_numpy(dtype=np.float64) for name in columns))
