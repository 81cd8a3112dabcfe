"""The simulation: the march through time against a slow obvious twin, and the shape of what comes out (model §4-8)."""

import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from test_known_answers import fixed_scenario

from autosim.draws import Draws, draw
from autosim.equations.capability import horizon_growth, horizon_log2
from autosim.equations.compute import agent_compute_demand
from autosim.equations.delegation import DelegationTerms, adoption_at, optimism_at, prospects
from autosim.equations.labour import mixed_time_share
from autosim.equations.progress import input_growth, log2_research_input, software_rate
from autosim.equations.success import log_failure_weight, task_difficulty
from autosim.equations.workflow import Allocation, LabourState, allocate, labour_state
from autosim.inputs.loading import load
from autosim.inputs.scenario import AnyScenario, Taxonomy
from autosim.simulation.calendar import monthly_dates, plus_months, yearly, years_of
from autosim.simulation.run import MAY_BE_MISSING, MONTHLY, Simulation, simulate

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Work:
    """What the twin says of one moment; tasks in the twin's own order."""

    allocation: Allocation
    state: LabourState
    agent_compute_share: Floats
    served: Floats


class Twin:
    """The model from its plain equations alone: no kernels, many nodes, bisection, no cleverness."""

    def __init__(self, draws: Draws, names: Taxonomy, nodes: int = 281) -> None:
        self.one, self.many, self.draws = draws.scalars, draws.indexed, draws
        self.order = [
            k for kind in ("planning", "interpreting", "work") for k, own in enumerate(names.kinds) if own == kind
        ]
        counts = [sum(own == kind for own in names.kinds) for kind in ("planning", "interpreting")]
        self.kinds = [slice(0, counts[0]), slice(counts[0], sum(counts)), slice(sum(counts), len(names.tasks))]
        self.terms = DelegationTerms(*(self.one[name] for name in DelegationTerms._fields))
        self.time_share = mixed_time_share(self.many["role_share"], self.many["time_share"])[:, self.order]
        lengths = self.many["task_length"][:, self.order], self.many["length_spread"][:, self.order]
        mean, sd = task_difficulty(*lengths, self.one["difficulty_spread"][:, None])
        z = np.linspace(-7.0, 7.0, nodes)
        self.difficulty = mean[..., None] + sd[..., None] * z
        self.weights = np.broadcast_to(np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum(), self.difficulty.shape)

    def horizons(self, effective_compute_log2: Floats) -> Floats:
        shape = self.draws.trajectory, effective_compute_log2, self.one["horizon_elasticity"]
        growth = horizon_growth(*shape, self.one["doubling_shrink"], self.one["ceiling_doublings"])
        base = self.one["horizon"][:, None], self.many["horizon_offset"], self.many["relief"]
        return np.asarray(horizon_log2(*base, growth[:, None]))

    def losses(self, difficulty: Floats, horizons: Floats) -> Floats:
        at_work = (horizons - self.one["work_gap"][:, None]).T[..., None, None]
        severity = np.moveaxis(self.many["severity"][:, self.order], -1, 0)[..., None]
        return np.asarray(log_failure_weight(difficulty, at_work, severity, self.many["slope"].T[..., None, None]))

    def work(self, horizons: Floats, adoption: Floats, optimism: Floats, limits: tuple[float, Floats] | None) -> Work:
        """Work at benchmark horizons; ``limits`` are the years that have passed and log2 compute per head, if any."""
        easier = self.difficulty - self.one["piece_doublings"][:, None, None]
        losses = self.losses(self.difficulty, horizons), self.losses(easier, horizons)
        ahead = prospects(*losses, optimism, self.terms)

        def at(served: Floats) -> tuple[Allocation, LabourState, Floats]:
            moment = self.kinds, self.time_share, adoption, served
            allocation = allocate(self.weights, ahead, self.terms, *moment)
            state = labour_state(self.time_share, allocation, self.one["task_substitution"])
            return allocation, state, self.demand(state, limits)

        served, cap = np.ones(len(self.draws)), self.one["agent_compute_cap"]
        if (at(served)[2] > cap).any():
            low, high = np.zeros(len(self.draws)), np.ones(len(self.draws))
            for _ in range(28):
                within = at(0.5 * (low + high))[2] <= cap
                low, high = np.where(within, 0.5 * (low + high), low), np.where(within, high, 0.5 * (low + high))
            served = np.where(at(served)[2] > cap, low, served)
        return Work(*at(served), served)

    def demand(self, state: LabourState, limits: tuple[float, Floats] | None) -> Floats:
        if limits is None:
            return np.zeros(len(self.draws))
        years, per_head = limits
        growth = self.one["agent_compute"], self.one["agent_compute_growth"], years
        return np.asarray(agent_compute_demand(*growth, state.labour_speedup, state.delegated_share, per_head))

    def grown(self, name: str, years: float) -> Floats:
        rates = self.one[f"{name}_growth"], self.one[f"{name}_growth_after"], self.one["slowdown"]
        return np.asarray(input_growth(*rates, years))

    def at(self, years: float, software: Floats) -> tuple[Floats, Work, Floats]:
        """Horizons, work and growth of software at one moment."""
        heads, compute = self.grown("headcount", years), self.grown("experiment_compute", years)
        horizons = self.horizons(self.grown("training_compute", years) + software)
        adoption = adoption_at(self.one["adoption"], self.one["adoption_growth"], years)
        optimism = optimism_at(self.one["optimism"], self.one["optimism_decay"], years)
        work = self.work(horizons, adoption, optimism, (years, compute - heads))
        labour, left = np.log2(work.state.labour_speedup), np.log2(1.0 - work.agent_compute_share)
        feedback = self.draws.feedback
        inputs = heads + np.where(feedback, labour, 0.0), compute + np.where(feedback, left, 0.0)
        driving = log2_research_input(*inputs, self.one["labour_share"], self.one["input_substitution"])
        terms = self.one["returns_to_input"], software, self.one["ideas_harder"]
        return horizons, work, np.asarray(software_rate(self.one["software_growth"], driving, *terms))

    def march(self, months: int, substeps: int) -> tuple[Floats, Floats]:
        """Log2 software and labour speedup at every month, (month, draw), by Heun's method with small steps."""
        software, step = np.zeros(len(self.draws)), 1 / (12 * substeps)
        kept: list[tuple[Floats, Floats]] = []
        for i in range(months * substeps + 1):
            _, work, rate = self.at(i * step, software)
            if i % substeps == 0:
                kept.append((software, np.asarray(work.state.labour_speedup)))
            software = software + 0.5 * step * (rate + self.at((i + 1) * step, software + step * rate)[2])
        return np.stack([a for a, _ in kept]), np.stack([s for _, s in kept])


def twin_of(scenario: AnyScenario, draws: int, seed: int = 0, nodes: int = 281) -> Twin:
    return Twin(draw(scenario, seed, draws), scenario.taxonomy, nodes)


@pytest.fixture(scope="module")
def interviews() -> Simulation:
    return simulate(load("interviews", ["end=2032-08-27"]), 96, 3)


@pytest.mark.parametrize("case", ["base", "jagged", "corner"])
def test_monthly_steps_agree_with_much_finer_ones(case: str, tmp_path: Path) -> None:
    """Past a slowdown within a month, and with rationing in the jagged case."""
    scenario = fixed_scenario(case, tmp_path, {"slowdown": 2.65}, end="2027-08-27")
    agree_with_finer_steps(scenario, draws=1, months=36, tolerance=1e-4)


def test_monthly_steps_agree_with_much_finer_ones_in_prior_draws() -> None:
    """Less closely where ideas that get harder fast or a slowdown within a month make software bend."""
    scenario = load("extremely_optimistic", ["end=2028-08-27", "choice_noise=0.05", "structure.trajectory=exponential"])
    agree_with_finer_steps(scenario, draws=4, months=48, tolerance=4e-4)


def agree_with_finer_steps(scenario: AnyScenario, draws: int, months: int, tolerance: float) -> None:
    out = simulate(scenario, draws, 5).outputs
    software, speedup = twin_of(scenario, draws, 5, nodes=129).march(months, substeps=4)
    np.testing.assert_allclose(out["software_log2"].T, software, rtol=tolerance, atol=0.2 * tolerance)
    np.testing.assert_allclose(out["labour_speedup"].T, speedup, rtol=tolerance)


def test_growth_without_feedback_follows_its_closed_form(tmp_path: Path) -> None:
    """By hand: inputs 2^(n t) give A^β = 1 + β g (2^(λ n t) − 1) / (λ n), Jones's (1995) semi-endogenous growth."""
    n, returns, harder, growth = 0.8, 0.6, 0.5, 1.6
    same = dict.fromkeys(
        [f"{name}_growth{after}" for name in ("headcount", "experiment_compute") for after in ("", "_after")], n
    )
    changes = same | {"returns_to_input": returns, "ideas_harder": harder, "software_growth": growth, "feedback": False}
    out = simulate(fixed_scenario("base", tmp_path, changes), 1, 0).outputs
    years = years_of(out["software_log2"].shape[1])
    closed = np.log2(1 + harder * growth * (2 ** (returns * n * years) - 1) / (returns * n)) / harder
    np.testing.assert_allclose(out["software_log2"][0, 1:], closed[1:], rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("scenario", ["baseline", "extremely_optimistic"])
def test_a_moment_of_work_agrees_with_the_twin(scenario: str) -> None:
    """Costs and mode shares of the reference date and a year later, right to 1e-4 (model §4)."""
    loaded = load(scenario, ["end=2025-08-27"])
    simulation, twin = simulate(loaded, 64, 1), twin_of(loaded, 64, 1, nodes=1401)
    out = simulation.outputs
    for year, step in enumerate((0, 12)):
        _, work, _ = twin.at(float(year), out["software_log2"][:, step].astype(np.float64))
        np.testing.assert_allclose(out["task_cost"][:, step][:, twin.order], work.allocation.cost, rtol=1e-4)
        modes = np.stack(work.allocation[1:], axis=-1)
        np.testing.assert_allclose(out["mode_share"][:, year][:, twin.order, 1:], modes, atol=1e-4)


def test_outputs_have_their_shapes_and_ranges(interviews: Simulation) -> None:
    out, names = interviews.outputs, interviews.taxonomy
    draws, dates, years, tasks = len(interviews), len(interviews.dates), 9, len(names.tasks)
    assert dates == 97
    for name in MONTHLY:
        assert out[name].shape == (draws, dates)
    assert out["horizon_log2_min"].shape == (draws, dates, len(names.bottlenecks))
    assert out["mode_share"].shape == (draws, years, tasks, 4)
    assert out["binding"].shape == (draws, years, tasks, len(names.bottlenecks))
    for name in (
        "delegated_share",
        "assisted_share",
        "trusted_share",
        "agent_compute_share",
        "pass_rate",
        "mode_share",
    ):
        assert (out[name] >= -1e-6).all()
        assert (out[name] <= 1 + 1e-6).all()
    assert (out["horizon_log2_min"] <= 24).all()
    np.testing.assert_allclose(out["mode_share"].sum(-1), 1.0, atol=1e-6)
    np.testing.assert_allclose(out["binding"].sum(-1), 1.0, atol=1e-6)


def test_outputs_agree_with_one_another(interviews: Simulation) -> None:
    out = interviews.outputs
    order = interviews.taxonomy.tasks
    draws = draw(interviews.scenario, interviews.seed, len(interviews))
    mix = mixed_time_share(draws.indexed["role_share"], draws.indexed["time_share"])[:, None]
    assert mix.shape[-1] == len(order)
    np.testing.assert_allclose(1 - (mix * out["task_cost"]).sum(-1), out["time_saved_share"], atol=1e-5)
    np.testing.assert_allclose((mix * out["task_delegated_share"]).sum(-1), out["delegated_share"], atol=1e-5)
    assert (out["p80_horizon_min"] < out["p50_horizon_min"]).all()
    assert (out["software_log2"][:, 0] == 0).all()


def test_anchor_horizons_solve_their_own_definition(interviews: Simulation) -> None:
    """Slow twin: at the reported length the residual-averaged success is 0.5, or 0.8."""
    draws, names = draw(interviews.scenario, interviews.seed, len(interviews)), interviews.taxonomy
    anchor, z = names.evaluations.index(names.anchor), np.linspace(-8, 8, 1601)
    weights = np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum()
    for name, target in (("p50_horizon_min", 0.5), ("p80_horizon_min", 0.8)):
        for step in (0, 50, 96):
            length = np.log2(interviews.outputs[name][:, step]) - draws.indexed["contamination"][:, anchor]
            x = length[:, None] + draws.scalars["difficulty_spread"][:, None] * z
            horizons = interviews.outputs["horizon_log2_min"][:, step].astype(np.float64).T[..., None]
            severity = draws.indexed["evaluation_severity"][:, anchor].T[..., None]
            p = np.exp(-log_failure_weight(x, horizons, severity, draws.indexed["slope"].T[..., None]))
            np.testing.assert_allclose((weights * p).sum(-1), target, atol=2e-5)


def test_unsolvable_is_said_of_all_three_answers_at_once(interviews: Simulation) -> None:
    missing = [np.isnan(interviews.outputs[name]) for name in MAY_BE_MISSING]
    np.testing.assert_array_equal(missing[0], missing[1])
    np.testing.assert_array_equal(missing[0], missing[2])


def test_progress_is_reported_draw_by_draw() -> None:
    done: list[int] = []
    simulate(load("baseline", ["end=2024-10-27"]), 70, 0, done.append, cores=2)
    assert sum(done) == 70


def test_months_end_where_the_month_does() -> None:
    """By hand: a month after 31 January 2024 is its leap day, two months after it 31 March again."""
    assert plus_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert monthly_dates(date(2024, 1, 31), date(2024, 3, 31))[-1] == date(2024, 3, 31)
    assert monthly_dates(date(2024, 8, 27), date(2024, 9, 26)) == [date(2024, 8, 27)]


def test_whole_years_are_every_twelfth_month() -> None:
    years = years_of(26)
    assert years[yearly(26)].tolist() == [0.0, 1.0, 2.0]
    assert math.isclose(years[25], 25 / 12)


def test_end_before_the_first_month_leaves_the_reference_date_alone() -> None:
    out: dict[str, Any] = dict(simulate(load("baseline", ["end=2024-09-01"]), 2, 0).outputs)
    assert out["labour_speedup"].shape == (2, 1)
    assert (out["software_log2"] == 0).all()
