"""The summary of a run: what `summary.json` holds."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autosim import __version__
from autosim.analysis.milestones import Milestone, milestones, solved
from autosim.analysis.splitting import FEWEST, Structure, distinct_draws, part_of, refuse_unkept, structure
from autosim.analysis.statistics import as_json, by_statistic, tables_of
from autosim.analysis.structure import structure_entries
from autosim.dims import ADVANCES
from autosim.draws import members_of
from autosim.inputs.scenario import AnyScenario, Pool, known_by, posteriors
from autosim.simulation.chosen import Chosen
from autosim.simulation.run import MONTHLY, Simulation
from autosim.simulation.statistics import error_of_share

type Json = dict[str, Any]
type Tables = dict[str, NDArray[np.float64]]

_IF_SOLVED = {
    "advance_doublings": "advance_doublings",
    "time_saved_share": "solved_time_saved_share",
    "labour_speedup": "solved_labour_speedup",
}
_PASS_RATES = ("pass_rate", "best_of_5", "all_of_5")
_OF_TASKS_AND_ROLES = ("task_cost", "task_delegated_share", "role_labour_speedup", "horizon_log2_min")
_SUMMARISED = (*_PASS_RATES, *_OF_TASKS_AND_ROLES, *MONTHLY, "labour_ceiling", *_IF_SOLVED.values())
IF_SOLVED_KEYS = {"common": "if_solved", "specific": "if_solved_specific"}


def summarise(simulation: Simulation, by: Sequence[str] = ()) -> Json:
    """Quantiles, means, milestones and evaluations of a run, as JSON has them.

    Parameters
    ----------
    simulation
        Every output of a scenario.
    by
        Structures to split it by, as `autosim.analysis.splitting.parse_structures` returns them.

    Returns
    -------
    The object that `summary.json` holds. Series are lists over ``dates``; a quantile that is not reached is None.

    Raises
    ------
    InputError
        If it is to be split, and not all draws are kept.
    """
    refuse_unkept(by, len(simulation.trajectory), len(simulation))
    header = simulation.scenario.header
    return {
        "scenario": header.slug,
        "name": header.name,
        "description": header.description,
        "version": __version__,
        "seed": simulation.seed,
        "draws": len(simulation),
        **conditioning(simulation),
        "overrides": list(header.overrides),
        "posterior": posteriors(simulation.scenario),
        **({} if (known := known_by(simulation.scenario)) is None else {"as_of": known}),
        "input_sha256": {file.place: file.sha256 for file in header.files},
        "reference_date": str(header.reference_date),
        "dates": [str(day) for day in simulation.dates],
        **_of_draws(simulation),
        "structure": structure_entries(simulation),
        "by": {name: _split(simulation, structure(simulation, name)) for name in by},
    }


def _split(simulation: Simulation, one: Structure) -> Json:
    """Every alternative's draws and probability, and its summary where it has draws enough."""
    entries: Json = {}
    for position, name in enumerate(one.alternatives):
        at = one.draws_of(position)
        entries[name] = {"draws": len(at), "probability": as_json(np.asarray(len(at) / len(simulation)))}
        if distinct_draws(simulation, at) >= FEWEST:
            entries[name] |= _of_draws(part_of(simulation, at))
    return entries


def _of_draws(simulation: Simulation) -> Json:
    """What draws come to: series, tasks, roles, milestones and evaluations."""
    names, tables = simulation.taxonomy, tables_of(simulation, _SUMMARISED)
    return {
        "series": _series(tables, names.bottlenecks),
        "tasks": {
            task: {
                "cost": by_statistic(tables["task_cost"][..., position]),
                "delegated_share": by_statistic(tables["task_delegated_share"][..., position]),
            }
            for position, task in enumerate(names.tasks)
        },
        "roles": {
            role: {"labour_speedup": by_statistic(tables["role_labour_speedup"][..., position])}
            for position, role in enumerate(names.roles)
        },
        "milestones": milestone_entries(simulation),
        "evaluations": {
            name: _evaluation(simulation, tables, position, when)
            for position, (name, when) in enumerate(zip(names.evaluations, solved(simulation), strict=True))
        },
    }


def conditioning(simulation: Simulation) -> Json:
    """What draws were conditioned on, how many they are worth, of how many they were taken, and a pool's weights."""
    chosen = simulation.chosen
    if chosen is None:
        return {
            "given": [],
            "effective_draws": as_json(np.asarray(simulation.effective)),
            "screened_draws": len(simulation),
            "member_weights": {},
        }
    return {
        "given": [asdict(condition) for condition in chosen.given],
        "effective_draws": as_json(np.asarray(chosen.effective)),
        "screened_draws": chosen.screened,
        "member_weights": _member_weights(simulation.scenario, chosen),
    }


def _member_weights(scenario: AnyScenario, chosen: Chosen) -> Json:
    """Shares of a pool's members before and after conditioning."""
    if not isinstance(scenario, Pool):
        return {}
    before = np.array([weight for weight, _ in scenario.members])
    shares = zip(members_of(scenario), before / before.sum(), chosen.members, strict=True)
    return {name: {"before": as_json(one), "after": as_json(other)} for name, one, other in shares}


def _series(tables: Tables, bottlenecks: Iterable[str]) -> Json:
    series = {name: by_statistic(tables[name]) for name in (*MONTHLY, "labour_ceiling")}
    for position, bottleneck in enumerate(bottlenecks):
        series[f"horizon_log2_min.{bottleneck}"] = by_statistic(tables["horizon_log2_min"][..., position])
    return series


def milestone_entries(simulation: Simulation) -> Json:
    """How likely each milestone is reached, whether structure puts it out of reach, and when, by its name."""
    return {
        milestone.name: {
            "probability": milestone.probability,
            "unreachable": milestone.unreachable,
            **_dates(milestone),
            "mcse": _errors(milestone),
        }
        for milestone in milestones(simulation)
    }


def _dates(milestone: Milestone) -> dict[str, str | None]:
    return {name: None if day is None else str(day) for name, day in milestone.dates.items()}


def _errors(milestone: Milestone) -> Json:
    return {name: None if error is None else as_json(np.asarray(error)) for name, error in milestone.errors.items()}


def _evaluation(simulation: Simulation, tables: Tables, position: int, when: Milestone) -> Json:
    entry: Json = {name: by_statistic(tables[name][..., position]) for name in _PASS_RATES}
    errors = {name: error for name, error in _errors(when).items() if name != "unreachable"}
    entry["date_solved"] = {"probability": when.probability, **_dates(when), "mcse": errors}
    for way, advance in enumerate(ADVANCES):
        unsolvable = simulation.counts.unsolvable[way, position] / len(simulation)
        entry[IF_SOLVED_KEYS[advance]] = {
            **{name: by_statistic(tables[array][..., way, position]) for name, array in _IF_SOLVED.items()},
            "unsolvable": as_json(np.asarray(unsolvable)),
            "mcse": {"unsolvable": as_json(np.asarray(error_of_share(float(unsolvable), simulation.effective)))},
        }
    return entry
