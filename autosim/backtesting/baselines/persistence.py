"""Nothing changes: the latest known result is the forecast, with the spread of earlier steps."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from autosim import streams
from autosim.backtesting.baselines.parts import Said, Suite, log2_points, normals, put_together
from autosim.backtesting.comparing import REFERENCE
from autosim.backtesting.forecast import Forecast
from autosim.backtesting.split import Split

type Floats = NDArray[np.float64]

LEAST_FRONTIER = 2
"""Fewer known models at the frontier make no step."""

SIMILAR = 1.0
"""Instances of similar length are within so many doublings."""


@dataclass(frozen=True)
class Persistence:
    r"""The naive forecast: every later model is as good as the latest known one at the frontier, by suite.

    **Horizons.** A later model's p50 [log2 min] is that of the known frontier model with the latest release date, with
    a normal step of its own whose sd is the root mean square of the differences between successive known frontier
    models: one step, however many models lie between. The same for p80, which takes the step of the p50 in units of its
    own sd and never exceeds it. Errors of measurement are in these differences; they are not taken out.

    **Outcomes.** An attempt succeeds with the chance :math:`\mathrm{Beta}(s + 1/2, n - s + 1/2)` that :math:`s`
    successes in :math:`n` attempts of the latest known frontier model with outcomes on the suite leave at Jeffreys'
    prior; one chance per instance, whichever later model tries it. Where that model did not try the instance,
    :math:`s` and :math:`n` are its attempts at instances within a doubling of its length, and all its attempts on the
    suite if there are none. Weights are not used.

    **Trials.** The logarithm of the last known ratio, each later trial with a normal step of its own: its sd is the
    root mean square of successive differences, or :math:`\sqrt2` times its standard error if only one trial is known.
    """

    name: str = REFERENCE

    def forecast(self, both: Split, draws: int, seed: int) -> Forecast:
        """Draw what comes later; the same seed gives the same draws."""
        trial = _trials(both, draws, seed)
        untold = bool(len(both.later.trials)) and trial is None
        notes = (f"{REFERENCE}: no trial is known, so none is forecast.",) if untold else ()
        return put_together(both, draws, lambda suite: _said(suite, draws, seed), trial, notes)


def rms_of_steps(values: Floats) -> float:
    """Root mean square of the differences between successive values.

    Examples
    --------
    >>> round(rms_of_steps(np.array([0.0, 3.0, 7.0])), 3)
    3.536
    """
    return float(np.sqrt(np.mean(np.diff(values) ** 2)))


def _said(suite: Suite, draws: int, seed: int) -> Said:
    step = normals(seed, f"baseline.{REFERENCE}.level.{suite.name}", suite.later_models["model"], draws)
    step = step[:, suite.places(suite.later_horizons["model"])]
    p50, p80 = (_levels(suite, level, step) for level in ("p50", "p80"))
    if p50 is not None and p80 is not None:
        p80 = np.minimum(p80, p50)
    outcome, told = _outcomes(suite, draws, seed)
    few = f"fewer than {LEAST_FRONTIER} known frontier models with a"
    missing = [
        f"{REFERENCE}: {few} {level} on {suite.name}, so none is forecast."
        for level, found in (("p50", p50), ("p80", p80))
        if found is None and len(suite.later_horizons)
    ]
    return Said(p50, p80, outcome, (*missing, *told))


def _levels(suite: Suite, level: str, step: Floats) -> Floats | None:
    """Latest frontier horizon [log2 min] and a step from it, (draw, later horizon)."""
    known = log2_points(suite.horizons[suite.horizons["frontier"].astype(bool)], level)
    known = known[~np.isnan(known)]
    return known[-1] + rms_of_steps(known) * step if len(known) >= LEAST_FRONTIER else None


def _outcomes(suite: Suite, draws: int, seed: int) -> tuple[Floats | None, tuple[str, ...]]:
    """Chances of success, (draw, later outcome), and what is to be said of them."""
    later, known = suite.later_outcomes, suite.outcomes[suite.outcomes["frontier"].astype(bool)]
    if not len(later):
        return None, ()
    if not len(known):
        said = f"{REFERENCE}: no known frontier model has outcomes on {suite.name}, so no outcome is forecast."
        return None, (said,)
    latest = str(known["model"].iloc[-1])
    tried = known[known["model"] == latest]
    asked = later.drop_duplicates("instance")
    chance = np.empty((draws, len(asked)))
    for i, (instance, minutes) in enumerate(zip(asked["instance"], asked["human_minutes"], strict=True)):
        successes, attempts = _told(tried, str(instance), float(minutes))
        u = streams.uniform(seed, f"baseline.{REFERENCE}.outcome.{suite.name}.{instance}", draws)
        chance[:, i] = special.betaincinv(successes + 0.5, attempts - successes + 0.5, u)
    new = int((~asked["instance"].isin(tried["instance"])).sum())
    said = f"{REFERENCE}: {new} of {len(asked)} instances on {suite.name} were not tried by {latest}; its attempts at"
    notes = (f"{said} instances of similar length stand in.",) if new else ()
    return chance[:, pd.Index(asked["instance"]).get_indexer(pd.Index(later["instance"]))], notes


def _told(tried: pd.DataFrame, instance: str, minutes: float) -> tuple[int, int]:
    """Successes and attempts of the latest frontier model that tell of an instance."""
    rows = tried[tried["instance"] == instance]
    if rows.empty:
        apart = np.abs(np.log2(tried["human_minutes"].to_numpy(dtype=np.float64) / minutes))
        rows = tried[apart <= SIMILAR]
    if rows.empty:
        rows = tried
    return int(rows["successes"].sum()), int(rows["attempts"].sum())


def _trials(both: Split, draws: int, seed: int) -> Floats | None:
    """Log time ratios, (draw, later trial)."""
    known = both.known.trials.sort_values("date", kind="stable")
    if not len(known):
        return None
    ratios = np.log(known["time_ratio"].to_numpy(dtype=np.float64))
    single = float(np.sqrt(2.0) * known["standard_error"].iloc[-1])
    sd = rms_of_steps(ratios) if len(ratios) > 1 else single
    found: Floats = ratios[-1] + sd * normals(seed, f"baseline.{REFERENCE}.trial", both.later.trials["trial"], draws)
    return found
