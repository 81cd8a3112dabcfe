"""Peers run through autosim: each with its own laws, or with some of another's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as File

import numpy as np

from autosim.errors import InputError, one_of, shown
from autosim.inputs.scenario import AnyScenario
from autosim.peers import ai2027, amdahl, forethought, kwa, metr, own
from autosim.peers.claims import Claim
from autosim.peers.laws import PARTS, Floats, Laws, Sample
from autosim.peers.march import Path, march
from autosim.peers.preset import Preset, read_preset, with_assignments
from autosim.simulation.calendar import MONTHS, decimal_year, monthly_dates

OWN = "autosim"
"""Name under which a scenario of ours is a peer among peers."""


@dataclass(frozen=True)
class Peer:
    """A peer that has a course through time.

    ``claims`` compare a path with what was published; ``speaks_of`` are the outputs that mean the same as ours.
    """

    laws: Laws
    claims: Callable[[Path, Sample], list[Claim]]
    speaks_of: tuple[str, ...]


COURSES = {
    "kwa-2026": Peer(kwa.LAWS, kwa.claims, ("time_saved_share", "labour_speedup", "progress_multiplier")),
    "forethought-2025": Peer(forethought.LAWS, forethought.claims, ("progress_multiplier",)),
    "ai2027-horizon": Peer(ai2027.LAWS, ai2027.claims, ("progress_multiplier",)),
    OWN: Peer(own.LAWS, lambda *_: [], ("time_saved_share", "labour_speedup", "progress_multiplier")),
}
"""Peers that have a course through time, by name."""

TOY = "amdahl-toy"
NAMES = (*(name for name in COURSES if name != OWN), TOY, metr.SLUG)
"""Every peer."""


@dataclass(frozen=True)
class Replication:
    """What came out of a peer.

    ``laws`` say whose each law is, ``path`` and ``sample`` are None where there is no course through time; ``draws`` is
    0 where nothing is drawn. ``own`` says that all laws and numbers are the peer's.
    """

    slug: str
    name: str
    description: str
    source: str
    seed: int
    draws: int
    claims: list[Claim]
    laws: dict[str, str] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    path: Path | None = None
    dated: bool = True

    @property
    def own(self) -> bool:
        """Whether all laws and numbers are the peer's own, so that the published figures should come out."""
        return not self.overrides and set(self.laws.values()) <= {self.slug}

    @property
    def agrees(self) -> bool:
        """Whether every figure with a tolerance is within it; changed assumptions have none."""
        return not self.own or all(claim.within is not False for claim in self.claims)


def read_structure(slug: str, structure: Sequence[str]) -> dict[str, str]:
    """Whose law stands for each part of a course: the peer's own, or as ``PART=PEER`` says.

    Raises
    ------
    InputError
        If there is no such part, or the peer has no course through time.
    """
    laws = dict.fromkeys(PARTS, slug)
    for said in structure:
        place = f"--structure {said}"
        part, equals, whose = (word.strip() for word in said.partition("="))
        if not equals:
            raise InputError(place, "", shown(said), "PART=PEER, such as automation=autosim")
        if part not in PARTS:
            raise InputError(place, "", shown(part), one_of(part, PARTS, "a law"))
        if whose not in COURSES:
            raise InputError(place, part, shown(whose), one_of(whose, COURSES, "a peer with a course through time"))
        laws[part] = whose
    return laws


def replicate(
    slug: str,
    draws: int,
    seed: int,
    scenario: AnyScenario,
    assignments: Sequence[str] = (),
    structure: Sequence[str] = (),
    runs: File | None = None,
    progress: Callable[[int], None] | None = None,
    cores: int | None = None,
) -> Replication:
    """Run a peer.

    Parameters
    ----------
    slug
        One of `NAMES`, or ``autosim``.
    draws, seed
        The same seed gives the same bits on any number of cores.
    scenario
        Of ours, for laws that are autosim's.
    assignments
        ``NAME=VALUE`` laid over the peer's numbers.
    structure
        ``PART=PEER``: whose law stands for ``inputs``, ``automation``, ``research`` or ``returns``.
    runs
        METR's runs of January 2025, which metr-horizons needs.
    progress
        Called with the number of draws that have just been done.
    cores
        How many to use; all by default.

    Raises
    ------
    InputError
        If there is no such peer, law or number, or what it needs is missing.
    NotANumberError
        If a draw yields a NaN or an infinity.
    """
    if slug not in (*NAMES, OWN):
        raise InputError("NAME", "", shown(slug), one_of(slug, (*NAMES, OWN), "a peer"))
    if structure and slug not in COURSES:
        raise InputError("--structure", "", f"a law for {slug}", "a peer with a course through time")
    if slug == metr.SLUG:
        return _horizons(runs, assignments)
    if slug == TOY:
        preset = read_preset(slug, assignments)
        told = preset.name, preset.description, preset.source, seed, draws
        return Replication(slug, *told, amdahl.claims(preset, seed, draws), overrides=preset.overrides)
    return _course(slug, read_structure(slug, structure), draws, seed, scenario, assignments, progress, cores)


def _horizons(runs: File | None, assignments: Sequence[str]) -> Replication:
    if assignments:
        raise InputError("--set", "", f"a number for {metr.SLUG}, which has none", "another peer")
    if runs is None:
        raise InputError("--runs", "", f"no file, which {metr.SLUG} needs", "METR's runs_2025-01-28.jsonl")
    return Replication(metr.SLUG, metr.NAME, metr.DESCRIPTION, metr.SOURCE, 0, 0, metr.claims(runs))


def _course(
    slug: str,
    laws: dict[str, str],
    draws: int,
    seed: int,
    scenario: AnyScenario,
    assignments: Sequence[str],
    progress: Callable[[int], None] | None,
    cores: int | None,
) -> Replication:
    presets = _presets(slug, laws, assignments)
    numbers = {name: preset.draw(seed, draws) for name, preset in presets.items()}
    reference = decimal_year(scenario.header.reference_date)
    own_months = len(monthly_dates(scenario.header.reference_date, scenario.header.end)) - 1
    preset = presets.get(slug)
    start = _start(preset, numbers[slug], draws, reference) if preset else np.full(draws, reference)
    samples = {name: Sample(one, start) for name, one in numbers.items()}
    if OWN in laws.values():
        samples[OWN] = own.own_sample(scenario, seed, draws, start)
    parts = {part: (COURSES[whose].laws, samples[whose]) for part, whose in laws.items()}
    path = march(parts, MONTHS * (preset.years or 0) if preset else own_months, progress, cores)
    if preset is None:
        header = scenario.header
        told, laid = (header.name, header.description, "autosim"), header.overrides
        return Replication(slug, *told, seed, draws, [], laws, laid, path)
    claims = COURSES[slug].claims(path, samples[slug])
    dated = preset.start is not None
    described = preset.name, preset.description, preset.source
    return Replication(slug, *described, seed, draws, claims, laws, preset.overrides, path, dated)


def _presets(slug: str, laws: Mapping[str, str], assignments: Sequence[str]) -> dict[str, Preset]:
    """The presets whose laws are used; assignments belong to the peer itself."""
    presets = {name: read_preset(name) for name in {slug, *laws.values()} - {OWN}}
    if slug != OWN:
        presets[slug] = with_assignments(presets[slug], assignments)
    return presets


def _start(preset: Preset, one: Mapping[str, Floats], draws: int, reference: float) -> Floats:
    """Year in which each draw's course begins; a peer without a date begins at our reference date."""
    begins = np.full(draws, reference if preset.start is None else decimal_year(preset.start))
    return begins - one["delay"] / MONTHS if "delay" in one else begins
