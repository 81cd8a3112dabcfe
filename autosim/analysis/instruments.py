"""Evaluations as instruments: what each would tell of the work it stands for (model §8; Owen 2024, tables 4 to 6)."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autosim.analysis.implying import Implied, Rate, implied, resampled
from autosim.analysis.informing import Estimate, Informing, informing
from autosim.analysis.statistics import as_json, by_statistic, with_errors
from autosim.analysis.summary import IF_SOLVED_KEYS, Json, summarise
from autosim.analysis.targets import Target, dates_of, parse_target, step_of
from autosim.dims import ADVANCES
from autosim.errors import InputError
from autosim.inputs.scenario import AnyScenario
from autosim.simulation.calendar import MONTHS
from autosim.simulation.missing import Missing, missing
from autosim.simulation.run import Simulation

type Floats = NDArray[np.float64]
type Bools = NDArray[np.bool_]

AFTER_TWO_YEARS, AFTER_FIVE_YEARS = 24, 60
"""Months after the reference date at which pass rates are observed, and at which hours saved are to be known."""

Z = 1.96
"""A 95 % interval of a mean, in standard errors to each side."""


@dataclass(frozen=True)
class Questions:
    """What is asked of every evaluation.

    Its pass rate at the month ``step``, what that says of the ``target``, and which pass rate implies each of the
    ``milestones``.
    """

    step: int
    target: Target
    milestones: tuple[Target, ...]


def questions(
    scenario: AnyScenario, at: str | None = None, target: str | None = None, solve_for: Sequence[str] = ()
) -> Questions:
    """Read what is asked of a scenario's evaluations.

    Parameters
    ----------
    scenario
        Whose dates are meant.
    at
        Date of the monthly grid at which pass rates are observed; two years after the reference date, or the end if
        that is sooner, unless told.
    target
        As `parse_target` reads it; hours saved five years after the reference date, or at the end, unless told.
    solve_for
        Milestones such as ``labour_speedup>=2``.

    Raises
    ------
    InputError
        For a date, output or milestone that there is not.
    """
    dates = dates_of(scenario)
    step = min(AFTER_TWO_YEARS, len(dates) - 1) if at is None else step_of(at, dates, f"--at {at}")
    usual = f"time_saved_share@{dates[min(AFTER_FIVE_YEARS, len(dates) - 1)]}"
    text = usual if target is None else target
    return Questions(step, parse_target(text, scenario), tuple(_milestone(said, scenario) for said in solve_for))


def _milestone(said: str, scenario: AnyScenario) -> Target:
    found = parse_target(said, scenario, "--solve-for")
    if not found.is_date:
        raise InputError(f"--solve-for {said}", "", said, "NAME>=LEVEL without a date, such as labour_speedup>=2")
    return found


def instruments(simulation: Simulation, asked: Questions) -> Json:
    """Answer all questions for every evaluation.

    Parameters
    ----------
    simulation
        Of a scenario, with its variations.
    asked
        What to answer.

    Returns
    -------
    The run's scenario, seed, hashes and so on; ``at``, ``target``, ``solve_for`` and ``kept_draws`` (at most 10,000,
    from which all but the summary's entries are worked out); and by evaluation what a run's summary says of it, with
    ``description``, ``variation_of``, ``grading``, ``observed`` (its pass rate at ``at``), ``still_missing`` under
    ``if_solved`` and ``if_solved_specific``, ``validity_gap``, ``informative`` and ``implies``.
    """
    summary, names = summarise(simulation), simulation.taxonomy
    kept = len(simulation.trajectory)
    divided = missing(simulation.parameters(), names)
    wanted = asked.target.scaled(asked.target.answer(simulation.outputs))
    reached = [np.rint(target.answer(simulation.outputs) * MONTHS).astype(np.int64) for target in asked.milestones]
    samples = resampled(kept, simulation.seed)

    def find(place: int) -> _Found:
        rates = simulation.outputs["pass_rate"][:, :, place].astype(np.float64)
        return _Found(
            divided.saved[:, 0, place],
            divided.saved[:, 0, place] - divided.saved[:, 1, place],
            rates[:, asked.step],
            informing(rates[:, asked.step], wanted, simulation.seed),
            [implied(rates, months, samples) for months in reached],
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = dict(zip(names.evaluations, pool.map(find, range(len(names.evaluations))), strict=True))
    entries = {
        name: _entry(summary["evaluations"][name], name, simulation, asked, found, divided)
        for name in names.evaluations
    }
    kept_of_summary = ("series", "tasks", "roles", "milestones", "evaluations")
    return {
        **{key: value for key, value in summary.items() if key not in kept_of_summary},
        "at": str(simulation.dates[asked.step]),
        "target": {"text": asked.target.text, "label": asked.target.label, "scale": asked.target.scale},
        "solve_for": {target.text: target.label.removeprefix("date of ") for target in asked.milestones},
        "kept_draws": kept,
        "bottlenecks": list(names.bottlenecks),
        "evaluations": entries,
    }


@dataclass(frozen=True)
class _Found:
    """What the draws say of one evaluation.

    ``common`` is hours saved if solved by an advance on every bottleneck, ``gap`` that less hours saved if by what it
    tests, and ``observed`` the pass rate at the date asked about,
    (draw,) each; ``informing`` how much that says, and ``implied`` what pass rates imply for each milestone.
    """

    common: Floats
    gap: Floats
    observed: Floats
    informing: Informing | None
    implied: list[Implied]


def _entry(
    entry: Json, name: str, simulation: Simulation, asked: Questions, found: dict[str, _Found], divided: Missing
) -> Json:
    names, own = simulation.taxonomy, found[name]
    grading, place = names.grading(name), names.evaluations.index(name)
    base = names.variations.get(name)
    missing_by_way = {
        IF_SOLVED_KEYS[advance]: _missing(divided, way, place, names.bottlenecks)
        for way, advance in enumerate(ADVANCES)
    }
    return {
        **entry,
        **{key: {**entry[key], "still_missing": missing_by_way[key]} for key in missing_by_way},
        "description": " ".join(names.descriptions.get(name, "").split()),
        "variation_of": base,
        "grading": {key: getattr(grading, key) for key in ("harder", "stages", "best_of", "all_of")},
        "observed": by_statistic(with_errors(own.observed, simulation.effective * len(own.observed) / len(simulation))),
        "validity_gap": {**_mean(own.gap), "of_common": _number(_of_common(own, np.isfinite(own.gap)))},
        "informative": _informative(own.informing),
        "against_base": None if base is None else _against(own, found[base]),
        "implies": {target.text: _implied(curve) for target, curve in zip(asked.milestones, own.implied, strict=True)},
    }


def _missing(divided: Missing, way: int, place: int, bottlenecks: Sequence[str]) -> Json | None:
    """Means over the draws in which an evaluation can be solved, None if there are none."""
    saved = divided.saved[:, way, place]
    known = np.isfinite(saved)
    if not known.any():
        return None
    blocked = divided.blocked[known, way, place]
    whole, leads = blocked.mean(axis=0), np.bincount(blocked.argmax(axis=-1), minlength=len(bottlenecks))
    leading = int(whole.argmax())
    share = whole[leading] / whole.sum() if whole.sum() > 0.0 else 0.0
    return {
        "saved": _number(saved[known].mean()),
        "attention": _number(divided.attention[known, way, place].mean()),
        "blocked": {name: _number(value) for name, value in zip(bottlenecks, whole, strict=True)},
        "leading": bottlenecks[leading],
        "leading_share": _number(share),
        "leads_in": _number(leads[leading] / len(blocked)),
    }


def _mean(values: Floats) -> Json:
    """Mean over draws that have an answer, its 95 % interval, and the share that have one."""
    known = values[np.isfinite(values)]
    answered = _number(len(known) / len(values))
    if len(known) < 2:
        return {"estimate": None, "low": None, "high": None, "answered": answered}
    half = Z * known.std(ddof=1) / np.sqrt(len(known))
    ends = {"estimate": known.mean(), "low": known.mean() - half, "high": known.mean() + half}
    return {**{key: _number(value) for key, value in ends.items()}, "answered": answered}


def _of_common(found: _Found, draws: Bools) -> float:
    """Gap as a share of the hours saved by the common advance, means over some draws; NaN if they save none."""
    whole = float(found.common[draws].mean()) if draws.any() else 0.0
    return float(found.gap[draws].mean()) / whole if whole > 0.0 else np.nan


def _informative(found: Informing | None) -> Json | None:
    if found is None:
        return None
    return {
        "explained_variance": _estimate(found.explained_variance),
        "mutual_information_bit": _estimate(found.mutual_information),
        "draws": found.draws,
    }


def _estimate(found: Estimate) -> Json:
    return {"estimate": _number(found.value), "low": _number(found.low), "high": _number(found.high)}


def _against(own: _Found, base: _Found) -> Json:
    """What a variation changes, in the same draws: the observed pass rate, the gap, and what the pass rate tells."""
    both = np.isfinite(own.gap) & np.isfinite(base.gap)
    gap = {**_mean(own.gap - base.gap), "of_common": _number(_of_common(own, both) - _of_common(base, both))}
    changes: Json = {"observed": _mean(own.observed - base.observed), "validity_gap": gap}
    if own.informing is None or base.informing is None:
        return {**changes, "explained_variance": None, "mutual_information_bit": None}
    one, other = own.informing, base.informing
    return {
        **changes,
        "explained_variance": _estimate(one.explained_variance.less(other.explained_variance)),
        "mutual_information_bit": _estimate(one.mutual_information.less(other.mutual_information)),
    }


def _implied(curve: Implied) -> Json:
    highest = None
    if len(curve.levels):
        highest = {
            "pass_rate": _number(curve.levels[-1]),
            "probability": _number(curve.probability[-1]),
            "reached": _number(curve.reached[-1]),
        }
    columns = {"pass_rate": curve.levels, "probability": curve.probability, "low": curve.low, "high": curve.high}
    return {
        **{f"{wanted:.0%}": _rate(rate) for wanted, rate in curve.rates.items()},
        "highest": highest,
        "curve": {**{key: as_json(values) for key, values in columns.items()}, "reached": as_json(curve.reached)},
    }


def _rate(rate: Rate) -> Json:
    ends = {"pass_rate": rate.rate, "low": rate.low, "high": rate.high, "reached": rate.reached}
    return {key: None if value is None else _number(value) for key, value in ends.items()}


def _number(value: Any) -> Any:
    return as_json(np.asarray(value, dtype=np.float64))
