"""What stands in the way of a milestone: in worlds that do not get there, one obstacle taken away, or all but one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from autosim import __version__
from autosim.analysis.decomposition import Parts, decompose
from autosim.analysis.obstacles import BOTTLENECKS, KINDS, LIMITS, TOGETHER, Obstacle, obstacles, without
from autosim.analysis.statistics import STATISTICS, as_json, by_statistic, with_errors
from autosim.analysis.targets import FIVE_YEARS, Target, dates_of, name_of, parse_target, step_of
from autosim.defaults import DRAWS
from autosim.dims import MODES
from autosim.draws import Draws, draw
from autosim.equations.capability import HORIZON_CAP
from autosim.equations.labour import mixed_time_share
from autosim.errors import InputError
from autosim.inputs.priors import Path
from autosim.inputs.scenario import AnyScenario, posteriors
from autosim.simulation.asked import Question, ask
from autosim.simulation.calendar import MONTHS
from autosim.simulation.effective import effective_draws
from autosim.simulation.held import UNKNOWN, ask_at
from autosim.words import exactly, milestone_label

type Floats = NDArray[np.float64]
type Bools = NDArray[np.bool_]
type Json = dict[str, Any]
type Progress = Callable[[int], None]

MILESTONE = "labour_speedup>=2"

FEW = 30
"""Worlds of which shares say little."""

MOST_NAMED = 100
"""Draws that are listed by their positions."""

MOST_STEPS, ENOUGH = 5, 0.95
"""Obstacles that are taken away one after the other, until so many worlds get there."""

FARTHEST, HALVINGS = 48.0, 10
"""Advance of horizons up to which is sought, beyond every cap [doublings], and how often its bracket is halved."""

_SIDES = ("blocked", "reached")


@dataclass(frozen=True)
class Share:
    """How many of so many worlds, their share, and its 95 % interval (Wilson's)."""

    count: int
    of: int
    share: float
    low: float
    high: float


def share_of(worlds: Bools) -> Share:
    """Share of worlds for which something holds.

    References
    ----------
    Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.

    Examples
    --------
    >>> found = share_of(np.array([True, False, False, False]))
    >>> found.count, found.share, round(found.low, 3), round(found.high, 3)
    (1, 0.25, 0.046, 0.699)
    """
    count, of = int(worlds.sum()), len(worlds)
    interval = stats.binomtest(count, of).proportion_ci(0.95, method="wilson")
    return Share(count, of, count / of, float(interval.low), float(interval.high))


@dataclass(frozen=True)
class Found:
    """What an obstacle does, among the worlds that do not get there.

    ``sufficient``: without it alone they would. ``necessary``: with everything else gone they still would not, of those
    that would with everything gone; None if that says nothing. ``median`` of the milestone's quantity without it, and
    its Monte Carlo error.
    """

    sufficient: Share
    necessary: Share | None
    median: float
    median_mcse: float


def parse_milestone(text: str, at: str | None, scenario: AnyScenario) -> Target:
    """Read a milestone and its date.

    Parameters
    ----------
    text
        ``NAME>=LEVEL`` or ``NAME>=LEVEL@DATE``, as `parse_target` reads them.
    at
        Date by which, unless the milestone has one; five years after the reference date, or the end, if nothing is
        said.
    scenario
        Whose outputs, names and dates are meant.

    Raises
    ------
    InputError
        If the milestone cannot be used, has no level or two dates, or its date is none of the monthly grid.
    """
    place, dates = f"--milestone {text}", dates_of(scenario)
    said = "".join(text.split())
    if ">=" not in said:
        raise InputError(place, "", "no level", "one to reach, such as labour_speedup>=2")
    if "@" in said and at is not None:
        raise InputError(f"--at {at}", "", f"a second date beside that of {said}", "one of the two")
    if "@" not in said:
        step = min(FIVE_YEARS, len(dates) - 1) if at is None else step_of(at, dates, f"--at {at}")
        said = f"{said}@{dates[step]}"
    target = parse_target(said, scenario, "--milestone")
    if target.output in UNKNOWN:
        got, name = f"{target.output}, which is what AI can do", scenario.taxonomy.anchor
        raise InputError(place, "", got, f"what comes of it, such as labour_speedup>=2 or pass_rate.{name}>=0.9")
    return target


class Study:
    """Blockers of a milestone, ready to be found: what it costs is known before it starts.

    Parameters
    ----------
    scenario
        Complete and checked.
    milestone, at
        As `parse_milestone` reads them.
    draws
        At least 1.
    seed
        The same seed gives the same bits.

    Raises
    ------
    InputError
        If the milestone or its date cannot be used.
    """

    def __init__(
        self,
        scenario: AnyScenario,
        milestone: str = MILESTONE,
        at: str | None = None,
        draws: int = DRAWS,
        seed: int = 0,
    ) -> None:
        self.scenario, self.names, self.count, self.seed = scenario, scenario.taxonomy, draws, seed
        self.target = parse_milestone(milestone, at, scenario)
        self.step = self.target.step or 0
        self.dates = dates_of(scenario)
        self.value = parse_target(f"{name_of(self.target, self.names)}@{self.dates[self.step]}", scenario)
        self.steps = sorted({*range(0, self.step + 1, MONTHS), self.step})

    @property
    def cost(self) -> int:
        """How many draws are simulated: all of them once, and four times to take M apart."""
        return 5 * self.count

    def run(self, progress: Progress | None = None, cores: int | None = None) -> Json:
        """Find what stands in the way.

        Parameters
        ----------
        progress
            Called with the number of draws that have just been simulated.
        cores
            How many to use; all by default.

        Returns
        -------
        What ``blockers.json`` holds.
        """
        draws, months = draw(self.scenario, self.seed, self.count), len(self.dates)
        horizons = [Question("horizon_log2_min", (b,), self.step) for b in range(len(self.names.bottlenecks))]
        base = ask(draws, self.names, [self.target, self.value, *horizons], months, progress, cores)
        reached = base[:, 0] == 1.0
        held = _Held(self, draws, base[:, 2:], cores)
        blocked = held.part(np.flatnonzero(~reached)) if not reached.all() else None
        in_the_way = _nothing() if blocked is None else _Blocked(self, blocked, np.flatnonzero(~reached)).found()
        parts = decompose(draws, self.names, self.steps, months, progress, cores)
        return {
            **self._header(),
            "blocked": asdict(share_of(~reached)),
            "value": {side: self._spread(base[at, 1]) for side, at in _sided(reached)},
            **in_the_way,
            "at_date": held.described(reached),
            "progress": self._progress(parts, reached),
        }

    def _header(self) -> Json:
        header, target = self.scenario.header, self.target
        return {
            "scenario": header.slug,
            "name": header.name,
            "description": header.description,
            "version": __version__,
            "seed": self.seed,
            "draws": self.count,
            "overrides": list(header.overrides),
            "posterior": posteriors(self.scenario),
            "input_sha256": {file.place: file.sha256 for file in header.files},
            "reference_date": str(header.reference_date),
            "end": str(self.dates[-1]),
            "milestone": {
                "text": target.text,
                "label": milestone_label(f"{name_of(target, self.names)}>={exactly(target.level or 0.0)}"),
                "output": target.output,
                "level": target.level,
                "is_share": self.value.is_share,
                "date": str(self.dates[self.step]),
            },
        }

    def _spread(self, values: Floats) -> Json | None:
        return by_statistic(self._with_errors(values)) if len(values) else None

    def median(self, values: Floats) -> tuple[float, float]:
        """Median of some draws, at least one, and its Monte Carlo error."""
        at = STATISTICS.index("q50")
        table = self._with_errors(values)
        return float(table[at]), float(np.nan_to_num(table[len(STATISTICS) + at]))

    def _with_errors(self, values: Floats) -> Floats:
        each = effective_draws(self.scenario, self.count) / self.count
        return with_errors(values, each * len(values))

    def _progress(self, parts: Parts, reached: Bools) -> Json:
        """Terms of log2 M [doublings]: means by date, and quantiles at the date, whole and by outcome."""
        terms = {**parts._asdict(), "compute": parts.compute, "whole": parts.whole}
        return {
            "dates": [str(self.dates[step]) for step in self.steps],
            "mean": {name: as_json(values.mean(axis=0)) for name, values in terms.items()},
            "at_date": {
                side: {name: self._spread(values[at, -1]) for name, values in terms.items()}
                for side, at in (("all", slice(None)), *_sided(reached))
            },
        }


class _Held:
    """Draws at the milestone's date, with AI as capable as it is then in each."""

    def __init__(self, study: Study, draws: Draws, horizons: Floats, cores: int | None) -> None:
        self.study, self.draws, self.horizons, self.cores = study, draws, horizons, cores

    def part(self, at: NDArray[np.int64]) -> "_Held":
        return _Held(self.study, self.draws.part(at), self.horizons[at], self.cores)

    def without(self, paths: Iterable[Path] = (), advance: Floats | float = 0.0) -> Floats:
        """The milestone's quantity without what the paths do, and with horizons advanced [doublings], (draw,)."""
        names, moved = self.study.names, np.minimum(self.horizons + np.asarray(advance)[..., None], HORIZON_CAP)
        draws = without(self.draws, paths, names)
        return ask_at(draws, names, moved, self.study.step, [self.study.value], self.cores)[:, 0]

    def gets_there(self, values: Floats) -> Bools:
        """Whether values are at or above the level, in the precision of outputs."""
        return np.asarray(values >= np.float32(self.study.target.level or 0.0))

    def described(self, reached: Bools) -> Json:
        """What the human hours that remain consist of and what binds them, and hours by mode: means by outcome."""
        names, draws = self.study.names, self.draws
        tasks, bottlenecks = len(names.tasks), len(names.bottlenecks)
        asked = [Question("task_cost", (k,)) for k in range(tasks)]
        asked += [Question("mode_share", (k, m)) for k in range(tasks) for m in range(len(MODES))]
        asked += [Question("binding", (k, b)) for k in range(tasks) for b in range(bottlenecks)]
        found = ask_at(draws, names, self.horizons, self.study.step, asked, self.cores)
        cost, modes, binding = np.split(found, [tasks, tasks * (1 + len(MODES))], axis=1)
        hours = mixed_time_share(draws.indexed["role_share"], draws.indexed["time_share"])
        left = hours * cost
        left = left / np.maximum(left.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        said = {
            "bottlenecks": (names.bottlenecks, np.einsum("dk,dkb->db", left, binding.reshape(-1, tasks, bottlenecks))),
            "tasks": (names.tasks, left),
            "modes": (MODES, np.einsum("dk,dkm->dm", hours, modes.reshape(-1, tasks, len(MODES)))),
        }
        return {
            side: {key: _means(labels, values[at]) for key, (labels, values) in said.items()} if at.any() else None
            for side, at in _sided(reached)
        }


class _Blocked:
    """The worlds that do not get there; ``positions`` are theirs among all draws."""

    def __init__(self, study: Study, held: _Held, positions: NDArray[np.int64]) -> None:
        self.study, self.held, self.positions = study, held, positions
        self.obstacles = obstacles(study.names)
        self.as_is = held.without()

    def found(self) -> Json:
        """What stands in their way, as JSON has it."""
        whole = next(one for one in self.obstacles if (one.kind, one.name) == (TOGETHER, "everything"))
        alone = {obstacle: self.held.without(obstacle.paths) for obstacle in self.obstacles}
        would = {obstacle: self._helped(values) for obstacle, values in alone.items()}
        freed = would[whole]
        single = np.any([worlds for obstacle, worlds in would.items() if obstacle.single], axis=0)
        report: Json = {kind: {} for kind in KINDS}
        later = self._later()
        for obstacle in self.obstacles:
            necessary = self._necessary(obstacle, whole, freed)
            median = self.study.median(alone[obstacle])
            report[obstacle.kind][obstacle.name] = asdict(Found(share_of(would[obstacle]), necessary, *median))
        return {
            "obstacles": report,
            "one_alone": asdict(share_of(single)),
            "several": asdict(share_of(freed & ~single)),
            "out_of_reach": asdict(share_of(~freed & ~single)),
            "out_of_reach_draws": self.positions[~freed & ~single][:MOST_NAMED].tolist(),
            "in_order": self._in_order(would),
            "advance": self._advance(),
            "later": asdict(later) if later else None,
        }

    def _helped(self, values: Floats) -> Bools:
        """Worlds that get there; not those that already are there but for the error of the path's interpolation."""
        helped: Bools = self.held.gets_there(values) & (values != self.as_is)
        return helped

    def _necessary(self, obstacle: Obstacle, whole: Obstacle, freed: Bools) -> Share | None:
        if obstacle == whole or obstacle.moot or not freed.any():
            return None
        kept = set(obstacle.paths)
        values = self.held.without(path for path in whole.paths if path not in kept)
        return share_of(~self.held.gets_there(values)[freed])

    def _in_order(self, would: dict[Obstacle, Bools]) -> list[Json]:
        """Bottlenecks and limits taken away one after the other, each time the one that helps most worlds more."""
        left = [obstacle for obstacle in self.obstacles if obstacle.kind in (BOTTLENECKS, LIMITS)]
        gone: list[Obstacle] = []
        there, steps = np.zeros(len(self.positions), dtype=np.bool_), []
        while left and len(gone) < MOST_STEPS and there.mean() < ENOUGH:
            rest = np.flatnonzero(~there)
            some = self.held.part(rest)
            gains = {
                obstacle: would[obstacle]
                if not gone
                else some.gets_there(some.without(path for one in (*gone, obstacle) for path in one.paths))
                for obstacle in left
            }
            best = max(gains, key=lambda obstacle: int(gains[obstacle].sum()))
            if not gains[best].any():
                break
            there[rest[gains[best]]] = True
            gone.append(best)
            left.remove(best)
            steps.append({"kind": best.kind, "name": best.name, **asdict(share_of(there))})
        return steps

    def _advance(self) -> Json:
        """How much farther the horizons of all bottlenecks would have to reach [doublings]; null where none will do."""
        far = self.held.gets_there(self.held.without(advance=FARTHEST))
        some = self.held.part(np.flatnonzero(far))
        low, high = np.zeros(int(far.sum())), np.full(int(far.sum()), FARTHEST)
        for _ in range(HALVINGS if far.any() else 0):
            middle = 0.5 * (low + high)
            there = some.gets_there(some.without(advance=middle))
            low, high = np.where(there, low, middle), np.where(there, middle, high)
        needed = np.full(len(far), np.inf)
        needed[far] = high
        quantiles = np.quantile(needed, (0.25, 0.5, 0.75), method="higher")
        return {
            **{name: as_json(value) for name, value in zip(("q25", "q50", "q75"), quantiles, strict=True)},
            "never": asdict(share_of(~far)),
        }

    def _later(self) -> Share | None:
        """How many get there by the end of the simulation; None if that is the milestone's date."""
        study, months = self.study, len(self.study.dates)
        if study.step == months - 1:
            return None
        asked = Question(study.target.output, study.target.at, months - 1, study.target.level)
        found = ask(self.held.draws, study.names, [asked], months, None, self.held.cores)
        return share_of(found[:, 0] == 1.0)


def _nothing() -> Json:
    """What is found if every world gets there."""
    keys = ("obstacles", "one_alone", "several", "out_of_reach", "in_order", "advance", "later")
    return {**dict.fromkeys(keys), "out_of_reach_draws": []}


def _sided(reached: Bools) -> Sequence[tuple[str, Bools]]:
    return tuple(zip(_SIDES, (~reached, reached), strict=True))


def _means(labels: Sequence[str], values: Floats) -> Json:
    return dict(zip(labels, map(float, values.mean(axis=0)), strict=True))
