"""Posteriors in scenarios: whether one may be used, and what a scenario takes of it."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autosim.equations.capability import TRAJECTORIES
from autosim.errors import InputError, one_of, shown
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.posterior import AS_OF, TRAJECTORY, Learnt, Posterior, prior_texts, weights_text
from autosim.inputs.posterior_files import ESS, DrawsFile, read_draws
from autosim.inputs.posterior_map import mapped
from autosim.inputs.scenario import InputFile, Scenario
from autosim.inputs.schema import PosteriorEntry, as_day
from autosim.inputs.shapes import FEWEST_OF_A_SHAPE, with_shapes
from autosim.inputs.substitution import INPUT_SUBSTITUTION, SUBSTITUTION, SUBSTITUTIONS, side_of

type Floats = NDArray[np.float64]

_ELASTICITY = ".".join(INPUT_SUBSTITUTION)
_WEIGHED = re.compile(r"Reweighted\(base=(.*), threshold=[^,]*, below=[^,]*\)")

_SUM = 1e-6
"""How far draws of shares may be from summing to 1, as single precision leaves them."""


def with_posterior(
    scenario: Scenario,
    path: Path,
    place: str,
    entry: PosteriorEntry | None = None,
    entry_place: str = "",
    explicit: Collection[str] = (),
    *,
    force: bool = False,
) -> Scenario:
    """Let a posterior stand in for the priors of what it has learnt.

    A scenario overrides it only where it says so: where its prior is not the one that `autosim fit` learnt against, or,
    for a posterior from elsewhere, where the quantity is among ``explicit``.

    Parameters
    ----------
    scenario
        Complete and checked.
    path, place
        The file of draws, and what to call it.
    entry, entry_place
        ``posterior:`` of a scenario file and that file, for names and units of draws from elsewhere.
    explicit
        Files and options whose priors are said on top of the posterior.
    force
        Take it even if its diagnostics failed.

    Raises
    ------
    InputError
        If the file cannot be used, its diagnostics failed, it was fitted at another reference date, it knows nothing
        that the scenario has, or a draw is not a finite number inside its parameter's domain.
    """
    draws = read_draws(path, place)
    if draws.ours and not force and str(draws.attributes.get("converged")) != "1":
        got = f"a posterior whose diagnostics failed ({draws.attributes.get('diagnosis', 'unknown')})"
        raise InputError(place, "", got, "one that converged, or --force")
    fitted, now = draws.attributes.get("reference_date"), str(scenario.header.reference_date)
    if draws.ours and str(fitted) != now:
        raise InputError(place, "reference_date", shown(fitted), f"{now}, the scenario's; or fit the scenario itself")
    _refuse_younger(draws, scenario)
    posterior = _posterior(draws, scenario, entry, entry_place)
    against = tuple(sorted(_overridden(posterior, scenario, explicit)))
    owner = _owners(scenario)
    taken = frozenset(name for name in posterior.values if owner[name] not in against)
    own = _own_weights(posterior, scenario)
    if own is not None:
        against = (*against, TRAJECTORY)
    learnt = with_shapes(Learnt(posterior, taken, against, own), draws, force=force)
    if _ELASTICITY in taken and _weighs_signs(posterior, scenario, explicit):
        weighed = _with_signs(learnt.posterior, scenario, apart=own is not None or bool(learnt.shapes))
        learnt = replace(learnt, posterior=weighed, overridden=(*against, SUBSTITUTION))
    files = (*scenario.header.files, InputFile(place, "", posterior.sha256))
    return replace(scenario, posterior=learnt, header=replace(scenario.header, files=files))


def _refuse_younger(draws: DrawsFile, scenario: Scenario) -> None:
    """Refuse a posterior that may have seen what was published after the day of which the scenario is."""
    if scenario.as_of is None:
        return
    said = as_day(draws.attributes.get(AS_OF))
    if not isinstance(said, date) or said > scenario.as_of.day:
        got = f"a posterior as of {said}" if isinstance(said, date) else "a posterior that is not as of a day"
        raise InputError(draws.place, AS_OF, got, f"one fitted with --as-of {scenario.as_of.day} or an earlier day")


def _owners(scenario: Scenario) -> dict[str, str]:
    """Every quantity's dotted name, and that of the prior it belongs to: shares belong to all of them together."""
    single = {".".join(path): ".".join(path) for path in scenario.priors}
    return single | {f"{'.'.join(path)}.{name}": ".".join(path)
                     for path, prior in scenario.shares.items() for name in prior.simplex.names}  # fmt: skip


def _posterior(draws: DrawsFile, scenario: Scenario, entry: PosteriorEntry | None, place: str) -> Posterior:
    known = _owners(scenario)
    if draws.ours or entry is None or entry.map is None:
        values = {_dotted(name): column for name, column in draws.columns.items() if _dotted(name) in known}
    else:
        values = mapped(draws, entry.map, known, place, "posterior.map")
    if not values:
        near = one_of(next(iter(draws.columns)), known, "quantities of the scenario; name theirs under posterior.map")
        raise InputError(draws.place, "", f"draws of {', '.join(list(draws.columns)[:5])}", near)
    _check(values, scenario, draws.place)
    shapes, priors = (_shapes(draws), _priors(draws)) if draws.ours else (None, None)
    return Posterior(draws.place, draws.sha256, values, shapes, priors, _ess(draws))


def _ess(draws: DrawsFile) -> float | None:
    """Effective sample size that a posterior of ours states."""
    if not draws.ours or ESS not in draws.attributes:
        return None
    said = draws.attributes[ESS]
    try:
        ess = float(said)
    except (TypeError, ValueError):
        ess = np.nan
    if not (np.isfinite(ess) and ess > 0.0):
        raise InputError(draws.place, ESS, shown(said), "a number above 0")
    return ess


def _dotted(name: str) -> str:
    """Our name of an element of an array that has ours: ``slope[novelty]`` is ``slope.novelty``."""
    return name.removesuffix("]").replace("[", ".").replace(",", ".") if name.endswith("]") else name


def _priors(draws: DrawsFile) -> dict[str, str]:
    """The priors that a posterior of ours was fitted against."""
    try:
        priors = json.loads(draws.attributes["priors"])
    except (KeyError, TypeError, ValueError, RecursionError):
        priors = None
    if not isinstance(priors, dict):
        raise InputError(draws.place, "priors", "no priors", "those of the fit, as autosim fit writes them")
    return priors


def _check(values: Mapping[str, Floats], scenario: Scenario, place: str) -> None:
    for name, column in values.items():
        domain = PARAMETERS[name.split(".")[0]].domain
        wrong = [x for x in column.tolist() if not (np.isfinite(x) and domain.holds(x))]
        if wrong:
            raise InputError(place, name, shown(wrong[0]), str(domain))
    for path, names, columns in _shares(values, scenario):
        if len(columns) < len(names):
            got = f"{len(columns)} of {len(names)} shares"
            raise InputError(place, path, got, f"all of {', '.join(names)}, which sum to 1")
        whole = np.sum(columns, axis=0)
        worst = whole[np.argmax(np.abs(whole - 1.0))]
        if abs(worst - 1.0) > _SUM:
            raise InputError(place, path, f"a draw that sums to {worst:.6g}", "shares that sum to 1")


def _shares(values: Mapping[str, Floats], scenario: Scenario) -> Iterator[tuple[str, tuple[str, ...], list[Floats]]]:
    """Every set of shares of which some are there: its name, its members, and the draws of these."""
    for path, prior in scenario.shares.items():
        stem = ".".join(path)
        columns = [values[f"{stem}.{name}"] for name in prior.simplex.names if f"{stem}.{name}" in values]
        if columns:
            yield stem, tuple(prior.simplex.names), columns


def _shapes(draws: DrawsFile) -> NDArray[np.int64] | None:
    shapes = draws.columns.get(TRAJECTORY)
    if shapes is None:
        return None
    if not np.isin(shapes, range(len(TRAJECTORIES))).all():
        raise InputError(draws.place, TRAJECTORY, "a draw of no known shape", f"positions in {', '.join(TRAJECTORIES)}")
    return shapes.astype(np.int64)


def _overridden(posterior: Posterior, scenario: Scenario, explicit: Collection[str]) -> set[str]:
    """Priors that the scenario says on purpose: of what is learnt, and of numbers that the fit was given."""
    owner = _owners(scenario)
    concerned = {owner[name] for name in posterior.values}
    if posterior.priors is None:
        places = {path: prior.note.place for path, prior in scenario.priors.items()}
        places |= {path: prior.note.place for path, prior in scenario.shares.items()}
        return concerned & {".".join(path) for path, place in places.items() if place in explicit}
    now = dict(prior_texts(scenario.priors)) | dict(prior_texts(scenario.shares))
    pinned = {name for name, text in posterior.priors.items() if text.startswith("Point(") and name in now}
    return {name for name in concerned | pinned if _unweighted(posterior.priors.get(name)) != _unweighted(now[name])}


def _unweighted(text: str | None) -> str | None:
    """Text of a prior as it is before the sign of substitution is weighed."""
    found = _WEIGHED.fullmatch(text or "")
    return found[1] if found else text


def _weighs_signs(posterior: Posterior, scenario: Scenario, explicit: Collection[str]) -> bool:
    """Whether the scenario weighs the signs of substitution differently from what was fitted, or says it on top."""
    if posterior.priors is None:
        note = scenario.structure_notes.get(SUBSTITUTION)
        return note is not None and note.place in explicit
    now = dict(prior_texts({INPUT_SUBSTITUTION: scenario.priors[INPUT_SUBSTITUTION]}))
    return posterior.priors.get(_ELASTICITY) != now[_ELASTICITY]


def _with_signs(posterior: Posterior, scenario: Scenario, *, apart: bool) -> Posterior:
    """The same posterior, its draws taken as often as the scenario's weights of the signs of substitution say.

    Draws of one sign stay equally likely among themselves and come from all chains. Where shapes are weighed, too
    (``apart``), each shape's draws are taken so, and both have the weights that were stated.
    """
    sides, shapes = side_of(posterior.values[_ELASTICITY]), posterior.trajectory
    strata: dict[str, NDArray[np.int64]] = {"": np.arange(len(posterior))}
    if apart and shapes is not None:
        wanted = [name for name in TRAJECTORIES if scenario.trajectory.get(name, 0.0) > 0.0]
        strata = {f" of the shape {name}": np.flatnonzero(shapes == TRAJECTORIES.index(name)) for name in wanted}
    rows = []
    for stratum, own in strata.items():
        for side, name in enumerate(SUBSTITUTIONS):
            weight, has = scenario.substitution.get(name, 0.0), own[sides[own] == side]
            if weight > 0.0 and len(has) < FEWEST_OF_A_SHAPE:
                what = "or more, since the scenario weighs the signs in its own way; or fit it itself"
                got = f"{len(has)} draws of {name}{stratum}"
                raise InputError(posterior.place, SUBSTITUTION, got, f"{FEWEST_OF_A_SHAPE} {what}")
            count = len(has) if weight == 1.0 else round(weight * len(own))
            rows.append(has[np.arange(count) * len(has) // max(count, 1)])
    taken = np.sort(np.concatenate(rows))
    values = {name: column[taken] for name, column in posterior.values.items()}
    return replace(posterior, values=values, trajectory=None if shapes is None else shapes[taken])


def _own_weights(posterior: Posterior, scenario: Scenario) -> dict[str, float] | None:
    """The scenario's weights of the shapes, if they are not those that were fitted."""
    fitted = (posterior.priors or {}).get(TRAJECTORY)
    if posterior.trajectory is None or fitted == weights_text(scenario.trajectory):
        return None
    return dict(scenario.trajectory)
