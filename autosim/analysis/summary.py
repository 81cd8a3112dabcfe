"""The summary of a run: what `summary.json` holds."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from autosim import __version__
from autosim.analysis.milestones import Milestone, milestones, solved
from autosim.analysis.statistics import as_json, by_statistic, statistics_of
from autosim.dims import ADVANCES
from autosim.simulation.run import MONTHLY, Simulation

type Json = dict[str, Any]

EVERY = slice(None)

_IF_SOLVED = {
    "advance_doublings": "advance_doublings",
    "time_saved_share": "solved_time_saved_share",
    "labour_speedup": "solved_labour_speedup",
}
_KEYS = {"common": "if_solved", "specific": "if_solved_specific"}


def summarise(simulation: Simulation) -> Json:
    """Quantiles, means, milestones and evaluations of a run, as JSON has them.

    Parameters
    ----------
    simulation
        Every output of a scenario.

    Returns
    -------
    The object that `summary.json` holds. Series are lists over ``dates``; a quantile that is not reached is None.
    """
    header, names = simulation.scenario.header, simulation.taxonomy
    return {
        "scenario": header.slug,
        "name": header.name,
        "description": header.description,
        "version": __version__,
        "seed": simulation.seed,
        "draws": len(simulation),
        "overrides": list(header.overrides),
        "input_sha256": {file.place: file.sha256 for file in header.files},
        "reference_date": str(header.reference_date),
        "dates": [str(day) for day in simulation.dates],
        "series": _series(simulation),
        "tasks": {
            task: {
                "cost": _statistics(simulation, "task_cost", EVERY, position),
                "delegated_share": _statistics(simulation, "task_delegated_share", EVERY, position),
            }
            for position, task in enumerate(names.tasks)
        },
        "roles": {
            role: {"labour_speedup": _statistics(simulation, "role_labour_speedup", EVERY, position)}
            for position, role in enumerate(names.roles)
        },
        "milestones": _milestones(milestones(simulation)),
        "evaluations": {
            name: _evaluation(simulation, position, when)
            for position, (name, when) in enumerate(zip(names.evaluations, solved(simulation), strict=True))
        },
    }


def _statistics(simulation: Simulation, name: str, *at: int | slice) -> Json:
    return by_statistic(statistics_of(simulation, name, at))


def _series(simulation: Simulation) -> Json:
    series = {name: _statistics(simulation, name) for name in MONTHLY}
    series["labour_ceiling"] = _statistics(simulation, "labour_ceiling")
    for position, bottleneck in enumerate(simulation.taxonomy.bottlenecks):
        series[f"horizon_log2_min.{bottleneck}"] = by_statistic(
            statistics_of(simulation, "horizon_log2_min", (EVERY, position))
        )
    return series


def _milestones(found: Iterable[Milestone]) -> Json:
    return {
        milestone.name: {
            "probability": milestone.probability,
            "unreachable": milestone.unreachable,
            **_dates(milestone),
        }
        for milestone in found
    }


def _dates(milestone: Milestone) -> dict[str, str | None]:
    return {name: None if day is None else str(day) for name, day in milestone.dates.items()}


def _evaluation(simulation: Simulation, position: int, when: Milestone) -> Json:
    entry: Json = {
        name: _statistics(simulation, name, EVERY, position) for name in ("pass_rate", "best_of_5", "all_of_5")
    }
    entry["date_solved"] = {"probability": when.probability, **_dates(when)}
    for way, advance in enumerate(ADVANCES):
        unsolvable = simulation.counts.unsolvable[way, position] / len(simulation)
        entry[_KEYS[advance]] = {
            **{name: _statistics(simulation, array, way, position) for name, array in _IF_SOLVED.items()},
            "unsolvable": as_json(np.asarray(unsolvable)),
        }
    return entry
