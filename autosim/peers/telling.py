"""What a replication tells: as JSON, and in words."""

import math
from typing import Any

import numpy as np

from autosim import __version__
from autosim.analysis.statistics import as_json, by_statistic
from autosim.peers.claims import Claim, Kind
from autosim.peers.milestones import When, milestones, spoken_of
from autosim.peers.replication import Replication
from autosim.simulation.statistics import with_errors

type Json = dict[str, Any]

HORIZON = 2036.0
"""Year before which milestones are counted: the end of our own scenarios."""

LOGS = {"labour_speedup": "labour_speedup_log2", "progress_multiplier": "progress_multiplier_log2"}
"""Outputs that are worked with as logs, and the names of these."""

_FORMS: dict[Kind, str] = {"date": "{:.2f}", "probability": "{:.1%}", "number": "{:.3f}", "minutes": "{:.1f} min"}


def said(kind: Kind, value: float | None) -> str:
    """A figure as its kind is read; decimal years for dates.

    Examples
    --------
    >>> said("date", 2032.891), said("probability", 0.566), said("date", float("inf")), said("minutes", None)
    ('2032.89', '56.6 %', 'not reached', '–')
    """
    if value is None:
        return "–"
    return _FORMS[kind].format(value).replace("%", " %") if math.isfinite(value) else "not reached"


def difference(claim: Claim) -> str:
    """How far ours is from what was published, in the figure's own unit."""
    theirs = claim.theirs[0]
    if not math.isfinite(claim.found):
        return "–"
    off = claim.found - theirs
    return {
        "date": f"{off:+z.2f} years",
        "probability": f"{100.0 * off:+z.1f} points",
        "number": f"{off:+z.3f}",
        "minutes": f"{off:+z.1f} min",
    }[claim.kind]


def verdict(claim: Claim, own: bool) -> str:
    """Whether it is near enough: to what was published, or at least to what the authors' code gives."""
    if claim.tolerance is None or not own:
        return "–"
    allowed = {
        "date": f"{claim.tolerance:g} years",
        "probability": f"{100.0 * claim.tolerance:g} point",
        "number": f"{claim.tolerance:g}",
        "minutes": f"{claim.tolerance:g} min",
    }[claim.kind]
    near = [abs(claim.found - other) <= claim.tolerance for other in claim.theirs]
    if not any(near):
        return f"no, beyond {allowed}"
    which = "" if near[0] else " of the re-run"
    return f"within {allowed}{which}"


def replication_json(found: Replication) -> Json:
    """Everything that ``replication.json`` holds."""
    return {
        "peer": found.slug,
        "name": found.name,
        "description": found.description,
        "source": found.source,
        "version": __version__,
        "seed": found.seed,
        "draws": found.draws,
        "laws": found.laws,
        "overrides": list(found.overrides),
        "agrees": found.agrees if found.own else None,
        "claims": [_claim(claim) for claim in found.claims],
        "milestones_before": HORIZON if found.dated else None,
        "milestones": {one.name: when_json(one) for one in _milestones(found)},
        **_series(found),
    }


def _milestones(found: Replication) -> list[When]:
    """Milestones of a course that has dates."""
    return milestones(found, HORIZON) if found.dated else []


def _claim(claim: Claim) -> Json:
    return {
        "what": claim.what,
        "kind": claim.kind,
        "published": claim.published,
        "rerun": claim.rerun,
        "found": _number(claim.found),
        "mcse": _number(claim.error),
        "tolerance": claim.tolerance,
        "within": claim.within,
    }


def when_json(one: When) -> Json:
    """A milestone; years are decimal, None where not reached."""
    return {
        "probability": _number(one.probability),
        "mcse": {"probability": _number(one.error)},
        **{name: _number(year) for name, year in one.years.items()},
    }


def _number(value: float | None) -> Any:
    return None if value is None else as_json(np.asarray(value))


def _series(found: Replication) -> Json:
    """Statistics month by month after the start."""
    if found.path is None:
        return {}
    series = {}
    for name in ("software_log2", *spoken_of(found)):
        values = found.path.outputs[LOGS.get(name, name)].astype(np.float64)
        series[name] = by_statistic(with_errors(np.exp2(values) if name in LOGS else values, float(found.draws)))
    start = as_json(np.asarray(np.median(found.path.start))) if found.dated else None
    return {"start": start, "years": as_json(found.path.years), "series": series}
