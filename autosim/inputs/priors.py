"""Priors: a distribution with its source, and how nested mappings of them are read."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autosim.errors import InputError, one_of, shown
from autosim.inputs.distributions import Categorical, Continuous, Distribution, Mixture, Point, Simplex, Truncated
from autosim.inputs.notes import Note, read_note, refuse_notes_alone
from autosim.inputs.parameters import LEVEL_CONCENTRATION, LEVELS, Domain, Parameter
from autosim.inputs.shares import known_shares, read_simplex, whole_simplex
from autosim.inputs.specification import NOTES, number, read_distribution, refuse_unknown

_PROBED = np.array([2.0**-54, 1e-6, 0.5, 1.0 - 1e-6, 1.0 - 2.0**-53])
"""Probabilities at which a prior is tried: the ends of what a stream yields, and what a million draws show."""

_LIKELY = slice(1, 4)

type Path = tuple[str, ...]
"""Name of a parameter, then its labels: ("severity", "debugging", "novelty")."""


@dataclass(frozen=True)
class Prior:
    """The prior of one number.

    ``stream`` names its randomness: priors that were written once for a whole group share it, and so are one quantity.
    ``copy_of`` is the path whose prior a variation of an evaluation has taken over; ``before`` is the prior on days
    before this one was published.
    """

    distribution: Distribution
    stream: str
    note: Note
    copy_of: Path | None = None
    before: "Prior | None" = None


@dataclass(frozen=True)
class SharePrior:
    """The prior of shares that sum to 1; ``before`` is that on days before this one was published."""

    simplex: Simplex
    stream: str
    note: Note
    before: "SharePrior | None" = None


def read_priors(
    parameter: Parameter, said: Any, labels: tuple[tuple[str, ...], ...], note: Note, path: Path, key: str
) -> Iterator[tuple[Path, Prior]]:
    """Read one parameter's entry, however deep its author went.

    Parameters
    ----------
    parameter
        What is being given.
    said
        A number, a level, a distribution, or a mapping from labels to these.
    labels
        Known labels of each axis that is still open.
    note
        Of the group around it.
    path, key
        Where we are, in the model and in the file.

    Yields
    ------
    The path of each number and its prior. One entry for a whole group gives every member the same stream.

    Raises
    ------
    InputError
        For an unknown label, notes on nothing, an impossible distribution, or one that leaves the parameter's domain.
    """
    if isinstance(said, dict) and "dist" not in said and labels:
        inner = read_note(said, note, key)
        refuse_notes_alone(said, note.place, key)
        members = {name: entry for name, entry in said.items() if name not in NOTES}
        refuse_unknown(members, labels[0], note.place, key, f"a {parameter.axes[-len(labels)]}")
        for name, entry in members.items():
            yield from read_priors(parameter, entry, labels[1:], inner, (*path, name), f"{key}.{name}")
        return
    prior = _read_prior(parameter, said, ".".join(path), note, key)
    for member in _members(path, labels):
        yield member, prior


def _members(path: Path, labels: tuple[tuple[str, ...], ...]) -> Iterator[Path]:
    if not labels:
        yield path
        return
    for name in labels[0]:
        yield from _members((*path, name), labels[1:])


def _read_prior(parameter: Parameter, said: Any, stream: str, note: Note, key: str) -> Prior:
    distribution: Distribution
    if isinstance(said, dict):
        note = read_note(said, note, key)
        distribution = read_distribution(said, note.place, key)
    elif isinstance(said, str) and parameter.name == "severity":
        if said not in LEVELS:
            raise InputError(note.place, key, shown(said), one_of(said, LEVELS, "a level"))
        mean = LEVELS[said]
        distribution = Continuous("beta", (mean * LEVEL_CONCENTRATION, (1.0 - mean) * LEVEL_CONCENTRATION))
    else:
        distribution = Point(number(said, note.place, key, f"{parameter.domain} or a distribution"))
    refuse_outside(distribution, parameter.domain, note.place, key)
    older = note.before
    before = None if older is None else _read_prior(parameter, older.said, stream, Note(note.place), older.key)
    return Prior(distribution, stream, note, before=before)


def refuse_outside(distribution: Distribution, domain: Domain, place: str, key: str) -> None:
    """Refuse a distribution that can leave its parameter's domain, or whose values a float cannot hold."""
    for value in _atoms(distribution):
        if not domain.holds(value):
            raise InputError(place, key, f"{value:g}", str(domain))
    low, high = distribution.support()
    if low < domain.low or high > domain.high:
        bound, side = (low, "lower") if low < domain.low else (high, "upper")
        limit = domain.low if side == "lower" else domain.high
        reach = "goes on without bound" if math.isinf(bound) else f"reaches {bound:g}"
        raise InputError(place, key, f"{distribution}, which {reach}", f"{domain}; add '{side}: {limit:g}'")
    with np.errstate(all="ignore"):
        reached = distribution.quantile(_PROBED)
    for value in reached:
        if not math.isfinite(value):
            raise InputError(place, key, f"{distribution}, which reaches {shown(float(value))}", "finite numbers")
    for value in reached[_LIKELY]:
        if not domain.holds(value):
            raise InputError(place, key, f"{distribution}, which is often {value:g}", str(domain))


def _atoms(distribution: Distribution) -> Sequence[float]:
    """Values with a probability of their own."""
    match distribution:
        case Point():
            return [distribution.value]
        case Categorical():
            return distribution.values
        case Mixture():
            return distribution.atoms()
        case Truncated(base=Mixture() as base):
            return [value for value in base.atoms() if distribution.lower <= value <= distribution.upper]
        case _:
            return []


def read_shares(
    said: Any, names: tuple[str, ...], what: str, parent: SharePrior | None, note: Note, path: Path, key: str
) -> SharePrior:
    """Read shares: a dirichlet as a whole, or numbers laid over the parent's.

    Numbers are point masses: laid over a dirichlet they replace its mean and end its uncertainty. Their sum is left to
    `summing_to_1`, so that several can be laid one after the other. ``what`` says what has the shares, as in "a task".

    Raises
    ------
    InputError
        For an unknown name, or a share outside [0, 1].
    """
    if not isinstance(said, dict):
        raise InputError(note.place, key, shown(said), "a mapping from names to shares, or a dirichlet")
    note = read_note(said, note, key)
    before = None
    if note.before is not None:
        older = note.before
        before = read_shares(older.said, names, what, None, Note(note.place), path, older.key)
    if "dist" in said:
        return SharePrior(read_simplex(said, names, what, note.place, key), ".".join(path), note, before)
    given = {name: entry for name, entry in said.items() if name not in NOTES}
    refuse_unknown(given, names, note.place, key, what)
    if parent and not given:
        return replace(parent, note=note)
    shares = dict(zip(names, parent.simplex.mean, strict=True)) if parent else {}
    shares |= {name: number(entry, note.place, f"{key}.{name}", "a share in [0, 1]") for name, entry in given.items()}
    for name in names:
        if name not in shares:
            raise InputError(note.place, f"{key}.{name}", "nothing", "a share in [0, 1]")
    return SharePrior(known_shares(shares, names, note.place, key), ".".join(path), note, before)


def summing_to_1(prior: SharePrior, key: str) -> SharePrior:
    """Shares that sum to 1, what rounding left open divided among them.

    Raises
    ------
    InputError
        If they do not, after all overlays.
    """
    return replace(prior, simplex=whole_simplex(prior.simplex, prior.note.place, key))
