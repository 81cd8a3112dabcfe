"""Evidence simulated from a scenario's priors, in the form of a design: the same rows, other results."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from autosim.calibration import results
from autosim.errors import InputError
from autosim.evidence.tables import Evidence
from autosim.inference.counts import SPREAD_PRIOR
from autosim.inference.model import Prepared, prepare
from autosim.inference.models_ahead import with_levels
from autosim.inference.names import own_name
from autosim.inference.outcomes import SUITE_OFFSET_PRIOR
from autosim.inference.predicting import Drawn
from autosim.inference.trend import DEVIATION_PRIOR, LAG_PRIOR
from autosim.inference.trials_ahead import growth_at_trials, trial_deviation
from autosim.inference.wander import WANDER, wander_on
from autosim.inference.worlds import Worlds, drawn_capability, worlds
from autosim.inputs.posterior import TRAJECTORY
from autosim.inputs.scenario import Scenario

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Simulated:
    """Evidence of each draw, and what it was made with: quantities by name as in a fit's posterior, (draw,) each."""

    evidence: list[Evidence]
    truth: Drawn


def simulate_evidence(design: Evidence, scenario: Scenario, draws: int, seed: int) -> Simulated:
    """Draw evidence from priors and likelihoods, as the fit takes them to be.

    More draws begin with the same ones.

    Parameters
    ----------
    design
        Models, dates, suites, errors of measurement, instances and attempts, mixes of tasks, minutes in all and numbers
        of experts are kept; results are drawn.
    scenario
        Whose priors.
    draws, seed
        How many times, and from which streams.

    Raises
    ------
    InputError
        If the design has no model, or outcomes or experts that count more or less than once: of these no likelihood
        says how they come about.
    """
    for name in ("outcomes", "counts"):
        if (design.tables()[name]["weight"] != 1.0).any():
            raise InputError("design", f"{name}.weight", "weights other than 1", "rows that count once")
    ready, seen = prepare(design, scenario), worlds(scenario, None, draws, seed)
    if not ready.models:
        raise InputError("design", "", "no horizons and no outcomes", "at least one model")
    count = len(ready.models)
    drawn, trend = drawn_capability(seen, [*ready.days, *_trial_days(design)])
    truth = _truth(with_levels(drawn, trend[:, :count], ready, ready.frontier.astype(np.float64), seen), ready, seen)
    made = {
        "horizons": results.horizons(design.horizons, ready, truth, seen),
        "outcomes": results.outcomes(design.outcomes, ready, truth, seen),
    }
    if len(design.trials):
        growth = growth_at_trials(design.trials, trend[:, count:], seen)
        made["trials"] = results.trials(design.trials, growth, seen)
    if len(design.time_use):
        made["time_use"] = results.time_use(design.time_use, seen)
    if len(design.counts):
        made["counts"] = results.counts(design.counts, seen)
    return Simulated([replace(design, **{name: made[name][i] for name in made}) for i in range(draws)], truth)


def _trial_days(design: Evidence) -> list[date]:
    return [day.date() for day in design.trials["date"]]


def _truth(drawn: Drawn, ready: Prepared, seen: Worlds) -> Drawn:
    """Everything that a fit learns, by name: quantities in its gauge, shares, and what belongs to the evidence."""
    scenario, names, indexed = seen.scenario, seen.scenario.taxonomy, seen.draws.indexed
    paths = list(scenario.priors)
    found = dict(zip([".".join(path) for path in paths], seen.values(paths).T, strict=True))
    found |= {f"role_share.{role}": indexed["role_share"][:, i] for i, role in enumerate(names.roles)}
    for r, role in enumerate(names.roles):
        found |= {f"time_share.{role}.{task}": indexed["time_share"][:, r, k] for k, task in enumerate(names.tasks)}
    days = sorted({*ready.days, *ready.trial_days})
    found |= {f"{WANDER}.{day}": column for day, column in zip(days, wander_on(days, seen).T, strict=True)}
    positive = {"trend_deviation": DEVIATION_PRIOR, "lag_spread": LAG_PRIOR, "expert_spread": SPREAD_PRIOR,
                "suite_offset_spread": SUITE_OFFSET_PRIOR}  # fmt: skip
    found |= {name: seen.positive(name, prior) for name, prior in positive.items()}
    found |= {f"time_concentration.{role}": results.concentration(role, seen) for role in names.roles}
    found |= {"trial_deviation": trial_deviation(seen), TRAJECTORY: seen.draws.trajectory.astype(np.float64)}
    return Drawn(found | dict(drawn.values), scenario)


def modelled_p50(ready: Prepared, drawn: Drawn) -> dict[str, Floats]:
    """What the evidence shows most directly: each published p50 without its error [log2 min], by name, (draw,) each."""
    return {
        own_name("p50", f"{one.suite}.{ready.models[place]}"): drawn.length(
            0.5, one.suite, drawn(own_name("growth", ready.models[place]))
        )
        for one in ready.horizons
        for place in one.models.tolist()
    }
