"""All peers and our own scenarios, by one definition of each milestone."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autosim.inputs.loading import load
from autosim.peers import metr
from autosim.peers.milestones import own_milestones, own_thresholds
from autosim.peers.replication import NAMES, OWN, Replication, replicate
from autosim.peers.telling import HORIZON, replication_json, when_json
from autosim.simulation.run import simulate

OUTLOOKS = ("pessimistic", "somewhat_optimistic", "baseline", "extremely_optimistic", "interviews")
"""Our scenarios that are compared: the outlooks of Owen 2024, their pool, and the baseline that mixtures start from."""

OWN_DRAWS = 4_000
"""Draws of each of our own scenarios, at most."""

MIXED_DRAWS = 2_000
"""Draws of a course that has autosim's tasks in it, at most: each takes many times as long as a peer's."""

MIXED = (
    ("kwa-2026", ("automation=autosim",)),
    (OWN, ("automation=kwa-2026",)),
    (OWN, ("returns=forethought-2025",)),
)
"""Whose course, and which laws of another in it."""

type Json = dict[str, Any]
type Watch = Callable[[str, int], AbstractContextManager[Callable[[int], None] | None]]


@dataclass(frozen=True)
class Everybody:
    """What came of all.

    ``peers`` are as published, ``mixed`` have laws of another; ``outlooks`` are milestones of our scenarios by name.
    ``missing`` says why a peer is left out.
    """

    draws: int
    own_draws: int
    mixed_draws: int
    seed: int
    peers: list[Replication]
    mixed: list[Replication]
    outlooks: dict[str, Json]
    missing: dict[str, str]

    @property
    def agrees(self) -> bool:
        """Whether all published figures came out."""
        return all(found.agrees for found in self.peers)

    def as_json(self) -> Json:
        """What ``replications.json`` holds."""
        return {
            "seed": self.seed,
            "draws": self.draws,
            "own_draws": self.own_draws,
            "mixed_draws": self.mixed_draws,
            "milestones_before": HORIZON,
            "agrees": self.agrees,
            "peers": {found.slug: replication_json(found) for found in self.peers},
            "mixed": [replication_json(found) for found in self.mixed],
            "outlooks": self.outlooks,
            "missing": self.missing,
        }


def everybody(draws: int, seed: int, runs: Path | None, watch: Watch) -> Everybody:
    """Run every peer, our outlooks, and the mixtures of laws.

    Parameters
    ----------
    draws, seed
        Of the peers; ours take 4,000 draws at most, mixtures 2,000.
    runs
        METR's runs of January 2025; without them metr-horizons is missing.
    watch
        Shows progress, given a title and how many draws there are.

    Raises
    ------
    InputError
        If the runs cannot be read.
    """
    baseline = load("baseline")
    own_draws, mixed_draws = min(draws, OWN_DRAWS), min(draws, MIXED_DRAWS)

    def one(slug: str, count: int, structure: tuple[str, ...] = ()) -> Replication:
        with watch(slug, count) as progress:
            return replicate(slug, count, seed, baseline, (), structure, runs, progress)

    missing = {} if runs else {metr.SLUG: "it needs METR's runs of January 2025 (--runs FILE)"}
    peers = [one(name, draws) for name in NAMES if name not in missing]
    mixed = [one(slug, mixed_draws, structure) for slug, structure in MIXED]
    outlooks = {}
    for name in OUTLOOKS:
        scenario = load(name)
        with watch(name, own_draws) as progress:
            simulation = simulate(scenario, own_draws, seed, progress, thresholds=own_thresholds(scenario))
        outlooks[name] = {when.name: when_json(when) for when in own_milestones(simulation, HORIZON)}
    return Everybody(draws, own_draws, mixed_draws, seed, peers, mixed, outlooks, missing)
