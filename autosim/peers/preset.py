"""A peer's numbers: what its file in ``priors/peers`` says, and draws from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from autosim import streams
from autosim.draws import tied
from autosim.errors import InputError, one_of, shown
from autosim.inputs.assembly import YEARS
from autosim.inputs.correlations import correlation_matrix
from autosim.inputs.distributions import Distribution, Point
from autosim.inputs.document import parse, read_document
from autosim.inputs.overrides import place_of
from autosim.inputs.parameters import AT_LEAST_ZERO, INSIDE_SHARE, POSITIVE, SHARE, Domain
from autosim.inputs.priors import refuse_outside
from autosim.inputs.scenario import Correlation
from autosim.inputs.schema import CorrelationEntry, Day, check
from autosim.inputs.shipped import shipped_folder
from autosim.inputs.specification import number, read_distribution

type Floats = NDArray[np.float64]

DOMAINS = {
    **dict.fromkeys(("automated_share",), INSIDE_SHARE),
    **dict.fromkeys(("labour_share",), SHARE),
    **dict.fromkeys(("width", "returns_to_input", "software_growth", "compute_factor", "compute_factor_after",
                     "initial_returns", "labour_exponent", "limit", "required_horizon", "horizon", "doubling_time",
                     "speedup"), POSITIVE),
    **dict.fromkeys(("ideas_harder", "slowdown", "taper_start", "taper_end", "cost_and_speed", "delay", "speedup_now",
                     "speedup_at_milestone"), AT_LEAST_ZERO),
    **dict.fromkeys(("headcount_growth", "headcount_growth_after", "compute_growth"), Domain(-20.0, 20.0)),
    "initial_speedup": Domain(low=1.0),
    "doubling_stretch": Domain(low=-1.0, open_low=True),
    "slowdown_date": Domain(float(YEARS[0]), float(YEARS[1])),
}  # fmt: skip
"""Values that peers' parameters may take, in their units."""


class PresetFile(BaseModel):
    """A file of ``priors/peers``."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    name: str
    description: str
    source: str
    published: Day
    start: Day | None = None
    years: int | None = None
    time_share: list[float] | None = None
    priors: dict[str, Any]
    correlations: list[CorrelationEntry] = []


@dataclass(frozen=True)
class Preset:
    """A peer's assumptions.

    ``start`` is the date its course begins at and ``years`` how long it is followed, both None where the peer has no
    time axis; ``time_share`` is known, where it has tasks. ``overrides`` say what was laid over ``priors``.
    """

    slug: str
    name: str
    description: str
    source: str
    published: date
    start: date | None
    years: int | None
    time_share: tuple[float, ...]
    priors: Mapping[str, Distribution]
    correlations: tuple[Correlation, ...]
    overrides: tuple[str, ...] = ()

    def draw(self, seed: int, draws: int, copies: Mapping[str, int] | None = None) -> dict[str, Floats]:
        """Draw every parameter, each from its own stream.

        Parameters
        ----------
        seed
            At least 0.
        draws
            How many, at least 1.
        copies
            Parameters that are drawn several times independently, by name.

        Returns
        -------
        (draw,) by name, or (draw, copy).
        """
        known = self._tied(seed, draws)
        found: dict[str, Floats] = {}
        for name, prior in self.priors.items():
            count = (copies or {}).get(name)
            if count is None:
                u = known[name] if name in known else streams.uniform(seed, name, draws)
            else:
                each = [streams.uniform(seed, f"{name}.{copy}", draws) for copy in range(count)]
                u = np.stack(each, axis=-1)
            found[name] = np.asarray(prior.quantile(u), dtype=np.float64)
        return found

    def _tied(self, seed: int, draws: int) -> dict[str, Floats]:
        """Uniform numbers of what is correlated and uncertain."""
        known = {name for name, prior in self.priors.items() if isinstance(prior, Point)}
        kept = tuple(one for one in self.correlations if not {one.first, one.second} & known)
        if not kept:
            return {}
        names, matrix = correlation_matrix(kept)
        return tied(names, matrix, np.stack([streams.uniform(seed, name, draws) for name in names]))


def presets() -> dict[str, str]:
    """Every preset's name and where its file is."""
    return {path.stem: str(path) for path in sorted((shipped_folder("priors") / "peers").glob("*.yaml"))}


def read_preset(slug: str, assignments: Sequence[str] = ()) -> Preset:
    """Read a peer's file and lay assignments ``NAME=VALUE`` over it.

    Raises
    ------
    InputError
        If there is no such peer, or an assignment does not name one of its parameters or is no value for it.
    """
    path, place = shipped_folder("priors") / "peers" / f"{slug}.yaml", f"{slug}.yaml"
    said = check(PresetFile, read_document(path, place)[0], place)
    priors = {name: _within(name, read_distribution(spec, place, f"priors.{name}"), place, f"priors.{name}")
              for name, spec in said.priors.items()}  # fmt: skip
    ties = tuple(Correlation(entry.between[0], entry.between[1], float(entry.rho)) for entry in said.correlations)
    shares = tuple(said.time_share or ())
    told = slug, said.name, said.description, said.source, said.published, said.start, said.years
    return with_assignments(Preset(*told, shares, priors, ties), assignments)


def with_assignments(preset: Preset, assignments: Sequence[str]) -> Preset:
    """The same preset with ``NAME=VALUE`` laid over its priors: a number, or a distribution.

    Raises
    ------
    InputError
        If a name is none of its parameters, or a value is neither.
    """
    priors = dict(preset.priors)
    for assignment in assignments:
        place = place_of(assignment)
        name, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals:
            raise InputError(place, "", shown(assignment), "NAME=VALUE")
        if name not in priors:
            raise InputError(place, "", f"the unknown name {shown(name)}", one_of(name, priors, "a parameter"))
        value = parse(text, place)
        said = read_distribution(value, place, name) if isinstance(value, dict) else Point(number(value, place, name))
        priors[name] = _within(name, said, place, name)
        _refuse_disorder(priors, place)
    return replace(preset, priors=priors, overrides=(*preset.overrides, *assignments))


def _within(name: str, said: Distribution, place: str, key: str) -> Distribution:
    """Refuse what can leave its parameter's domain."""
    refuse_outside(said, DOMAINS[name], place, key)
    return said


def _refuse_disorder(priors: Mapping[str, Distribution], place: str) -> None:
    """Refuse growth that may end to fall before it begins to."""
    if "taper_start" in priors:
        last, first = priors["taper_start"].support()[1], priors["taper_end"].support()[0]
        if not last < first:
            raise InputError(
                place, "", f"taper_start up to {last:g}, taper_end from {first:g}", "a start before the end"
            )
