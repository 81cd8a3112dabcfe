"""Limits that the model must keep exactly, through whole simulations (model §11)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from test_known_answers import cases, fixed_scenario
from test_simulation import Twin, twin_of

from autosim.draws import draw
from autosim.equations.capability import HORIZON_CAP
from autosim.equations.delegation import assisted_cost
from autosim.equations.success import evaluation_difficulty, log_failure_weight, mean_success
from autosim.inputs.loading import load
from autosim.simulation.run import Simulation, simulate

type Floats = NDArray[np.float64]

SPEEDUPS = ("labour_speedup", "project_speedup", "progress_multiplier", "role_labour_speedup")
TASKS = {"plan": "planning", "read": "interpreting", "build": "work", "fix": "work"}


@pytest.fixture(scope="module")
def optimists() -> Simulation:
    return simulate(load("extremely_optimistic", ["end=2033-08-27"]), 128, 1)


def fixed(name: str, folder: Path, changes: dict[str, Any] | None = None, end: str = "2025-08-27") -> Simulation:
    return simulate(fixed_scenario(name, folder, changes, end), 1, 0)


@pytest.mark.parametrize("scenario", ["baseline", "extremely_optimistic"])
def test_without_adoption_every_speedup_is_1(scenario: str) -> None:
    out = simulate(load(scenario, ["adoption=0", "end=2032-08-27"]), 32, 2).outputs
    for name in SPEEDUPS:
        assert (out[name] == 1.0).all(), name
    for name in ("time_saved_share", "delegated_share", "assisted_share", "trusted_share", "agent_compute_share"):
        assert (np.abs(out[name]) < 1e-12).all(), name
    assert (out["task_cost"] == 1.0).all()


def test_without_adoption_feedback_changes_nothing() -> None:
    with_it, without = (
        simulate(load("baseline", ["adoption=0", "end=2030-08-27", f"structure.feedback={said}"]), 16, 0).outputs
        for said in ("true", "false")
    )
    np.testing.assert_array_equal(with_it["software_log2"], without["software_log2"])


def test_no_project_beats_its_wait_for_compute(optimists: Simulation) -> None:
    wait = draw(optimists.scenario, optimists.seed, len(optimists)).scalars["compute_wait"]
    assert (optimists.outputs["project_speedup"] <= (1 / wait)[:, None] * (1 + 1e-6)).all()
    assert optimists.outputs["project_speedup"].max() > 2


def test_roles_add_up_harmonically_without_substitution() -> None:
    """Model §5: at σ = 0, 1/S_L = Σ h_r / S_L,r."""
    simulation = simulate(load("extremely_optimistic", ["task_substitution=0", "end=2031-08-27"]), 32, 0)
    hours = draw(simulation.scenario, 0, 32).indexed["role_share"][:, None]
    pooled = (hours / simulation.outputs["role_labour_speedup"]).sum(-1)
    left = 1 / simulation.outputs["labour_speedup"]
    np.testing.assert_allclose(left, pooled, rtol=1e-6)
    np.testing.assert_allclose(1 - left, simulation.outputs["time_saved_share"], atol=1e-6)


@pytest.mark.parametrize("scenario", ["pessimistic", "extremely_optimistic"])
def test_ceiling_bounds_labour(scenario: str) -> None:
    """Where undetected failures cost most, and trusting a sure AI costs no more than working beside a sure assistant.

    Without the second condition people who do not notice cost differences lose more by delegating to a sure AI than to
    an unsure one, which they delegate less to: in 15 % of pessimistic draws labour passes the ceiling, by up to 7 %.
    """
    simulation = simulate(load(scenario), 128, 3)
    one, out = draw(simulation.scenario, 3, 128).scalars, simulation.outputs
    trusted = one["specification"] + one["familiarity"] + one["agent_price"]
    bounded = (one["undetected_loss"] >= one["rework"]) & (
        trusted <= assisted_cost(1.0, one["assist_gain"], one["assist_overhead"])
    )
    assert bounded.sum() > 24
    ceiling = out["labour_ceiling"][bounded, None] * (1 + 1e-5)
    assert (out["labour_speedup"][bounded] <= ceiling).all()
    solved = out["solved_labour_speedup"][bounded].reshape(int(bounded.sum()), -1)
    assert (np.nan_to_num(solved, nan=0.0) <= ceiling).all()


def test_nothing_binds_in_a_task_without_severity() -> None:
    """A task that AI always does right is allowed; an evaluation of that kind is not."""
    bottlenecks = load("baseline").taxonomy.bottlenecks
    without = "severity.debugging={" + ", ".join(f"{name}: 0" for name in bottlenecks) + "}"
    simulation = simulate(load("baseline", [without, "end=2025-08-27"]), 4, 0)
    debugging = simulation.taxonomy.tasks.index("debugging")
    assert (simulation.outputs["binding"][:, :, debugging] == 0.0).all()


def test_work_that_always_succeeds_reaches_the_ceiling(tmp_path: Path) -> None:
    """Horizons at the cap against tasks of a fraction of a minute: p = 1, with adoption 1 and free compute."""
    changes = {"horizon": 1e9, "work_gap": -20.0, "adoption": 1, "agent_compute": 0, "slope": 2.0}
    out = fixed("base", tmp_path, changes).outputs
    np.testing.assert_allclose(out["labour_speedup"][0], out["labour_ceiling"][0], rtol=1e-6)


@pytest.mark.parametrize("case", ["base", "pessimistic_view", "jagged"])
def test_horizons_are_capped_before_the_work_gap(case: str, tmp_path: Path) -> None:
    gap = cases()[case]["parameters"]["work_gap"]
    capped = fixed(case, tmp_path, {"horizon": 2.0**40}).outputs
    assert (capped["horizon_log2_min"] == HORIZON_CAP).all()
    none = dict.fromkeys(("horizon_offset", "relief", "horizon_elasticity"), 0.0)
    by_hand = fixed(case, tmp_path, none | {"horizon": 2.0 ** (HORIZON_CAP - gap), "work_gap": 0.0}).outputs
    np.testing.assert_allclose(capped["task_cost"], by_hand["task_cost"], rtol=1e-6)


@pytest.mark.parametrize(("name", "case"), [("task_substitution", "base"), ("input_substitution", "jagged")])
def test_both_sides_of_one_agree_with_one(name: str, case: str, tmp_path: Path) -> None:
    below, middle, above = (
        fixed(case, tmp_path, {name: value}, end="2032-08-27").outputs for value in (1 - 1e-6, 1.0, 1 + 1e-6)
    )
    for quantity in ("labour_speedup", "software_log2", "progress_multiplier"):
        np.testing.assert_allclose(below[quantity], middle[quantity], rtol=1e-5)
        np.testing.assert_allclose(above[quantity], middle[quantity], rtol=1e-5)


def tasks_file(folder: Path, split: bool) -> Path:
    """A scenario with a tasks file of its own, in which one task may be split into two halves."""
    names = {**TASKS, **({"fix_again": "work"} if split else {})}
    shares = {"plan": 0.1, "read": 0.2, "build": 0.3, "fix": 0.4}
    if split:
        shares |= {"fix": 0.2, "fix_again": 0.2}
    hard = {"plan": 0.8, "read": 0.5, "build": 0.3}
    bottlenecks = cases()["base"]["parameters"]["slope"]
    entry = {
        name: {
            "kind": kind,
            "task_length": 60.0,
            "length_spread": 1.0,
            "severity": dict.fromkeys(bottlenecks, hard.get(name, 0.2)),
        }
        for name, kind in names.items()
    }
    everyone: dict[str, Any] = {"bottlenecks": {name: {} for name in bottlenecks}, "roles": {"one": {}, "other": {}}}
    tasks = {**everyone, "role_share": {"one": 0.7, "other": 0.3}, "time_share": shares, "tasks": entry}
    (folder / "mine.yaml").write_text(json.dumps(tasks), encoding="utf-8")
    scenario = {"name": "mine", "extends": "extremely_optimistic", "end": "2031-08-27", "tasks": "mine.yaml"}
    path = folder / "scenario.yaml"
    path.write_text(json.dumps(scenario), encoding="utf-8")
    return path


def test_splitting_a_task_changes_nothing(tmp_path: Path) -> None:
    whole = simulate(load(tasks_file(tmp_path, split=False)), 24, 0).outputs
    halves = simulate(load(tasks_file(tmp_path, split=True)), 24, 0).outputs
    np.testing.assert_array_equal(halves["task_cost"][..., 3], halves["task_cost"][..., 4])
    np.testing.assert_allclose(halves["task_cost"][..., :4], whole["task_cost"], rtol=1e-5)
    others = "time_saved_share", "delegated_share", "software_log2", "labour_ceiling", "agent_compute_share"
    for name in (*SPEEDUPS, *others):
        np.testing.assert_allclose(halves[name], whole[name], rtol=1e-5, atol=1e-6, err_msg=name)


def test_as_many_agents_are_served_as_the_cap_allows() -> None:
    """The largest m with z ≤ cap: either all are served, or z is the cap; the twin finds the same by bisection."""
    scenario = load("extremely_optimistic", ["agent_compute=2", "agent_compute_cap=0.05", "end=2030-08-27"])
    out = simulate(scenario, 24, 0).outputs
    twin = twin_of(scenario, 24, 0, nodes=561)
    _, work, _ = twin.at(4.0, out["software_log2"][:, 48].astype(np.float64))
    rationed = work.served < 1
    assert rationed.sum() > 2
    np.testing.assert_allclose(work.agent_compute_share[rationed], 0.05, rtol=1e-6)
    np.testing.assert_allclose(out["agent_compute_share"][:, 48], work.agent_compute_share, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(out["labour_speedup"][:, 48], work.state.labour_speedup, rtol=2e-4)
    assert (out["agent_compute_share"] <= 0.05 * (1 + 1e-6)).all()


def test_agents_take_more_compute_the_more_of_them_are_served() -> None:
    """Model §6, which the bracketing search relies on."""
    scenario = load("extremely_optimistic", ["agent_compute=0.5", "end=2026-08-27"])
    served = []
    for cap in (0.002, 0.005, 0.01, 0.02, 0.05, 0.1):
        capped = load("extremely_optimistic", ["agent_compute=0.5", f"agent_compute_cap={cap}", "end=2026-08-27"])
        twin = twin_of(capped, 12, 0)
        served.append(twin.at(2.0, np.zeros(12))[1].served)
    assert scenario.taxonomy == capped.taxonomy
    assert (np.diff(served, axis=0) >= -1e-9).all()
    assert (served[0] < served[-1]).any()


def pass_rate(twin: Twin, horizons: Floats) -> Floats:
    """Mean success of every evaluation at horizons (draw, evaluation, bottleneck), on a dense grid."""
    many, z = twin.many, np.linspace(-8, 8, 2001)
    spread = many["spread"], many["contamination"], twin.one["difficulty_spread"][:, None]
    mean, sd = evaluation_difficulty(many["median"], *spread)
    x = mean[..., None] + sd[..., None] * z
    severity = np.moveaxis(many["evaluation_severity"], -1, 0)[..., None]
    losses = log_failure_weight(x, np.moveaxis(horizons, -1, 0)[..., None], severity, many["slope"].T[..., None, None])
    return np.asarray(mean_success(np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum(), losses))


@pytest.mark.parametrize("way", [0, 1])
def test_an_advance_solves_the_evaluation(way: int) -> None:
    """At the advance, common or only on what is tested, the mean pass rate is 0.9."""
    simulation = simulate(load("baseline", ["end=2024-10-27"]), 48, 0)
    twin, advances = (
        twin_of(simulation.scenario, 48),
        simulation.outputs["advance_doublings"][:, way].astype(np.float64),
    )
    severity = twin.many["evaluation_severity"]
    toward = severity / severity.max(-1, keepdims=True) if way else np.ones_like(severity)
    horizons = twin.horizons(np.zeros(48))[:, None]
    rates = pass_rate(twin, np.minimum(horizons + np.nan_to_num(advances)[..., None] * toward, HORIZON_CAP))
    solvable = np.isfinite(advances)
    assert solvable.mean() > 0.5
    np.testing.assert_allclose(rates[solvable], 0.9, atol=1e-5)
    most = pass_rate(twin, np.minimum(horizons + 40.0 * toward, HORIZON_CAP))
    assert (most[~solvable] < 0.9).all()


def test_five_attempts_bracket_one(optimists: Simulation) -> None:
    out = optimists.outputs
    rounding = np.finfo(np.float32).eps
    assert (out["best_of_5"] >= out["pass_rate"] - rounding).all()
    assert (out["pass_rate"] >= out["all_of_5"] - rounding).all()


def test_pieces_help_assistance_alone(tmp_path: Path) -> None:
    """Easier pieces make assistance cheaper and leave delegated instances as hard as they were.

    Costs of two paths agree within the 1e-4 that model §4 allows each.
    """
    dear = {"specification": 50, "optimism": 0.0}
    without, with_pieces = (fixed("base", tmp_path, dear | {"piece_doublings": d}).outputs for d in (0.0, 4.0))
    assert (with_pieces["task_cost"][0, 12] < without["task_cost"][0, 12]).all()
    assert (with_pieces["assisted_share"][0] > without["assisted_share"][0]).all()
    no_gain = {"assist_gain": 0.0, "assist_overhead": 0.0}
    near, far = (fixed("base", tmp_path, no_gain | {"piece_doublings": d}).outputs["task_cost"] for d in (0.0, 4.0))
    np.testing.assert_allclose(near, far, rtol=1e-4)


def test_belief_drives_choice_and_truth_the_cost(tmp_path: Path) -> None:
    """Over-optimism delegates more at the reference date and saves less; once worn off it is forgotten."""
    sober, dreamy = (fixed("base", tmp_path, {"optimism": o, "optimism_decay": 50.0}).outputs for o in (0.0, 3.0))
    assert dreamy["delegated_share"][0, 0] > sober["delegated_share"][0, 0]
    assert dreamy["time_saved_share"][0, 0] < sober["time_saved_share"][0, 0]
    np.testing.assert_allclose(dreamy["task_cost"][0, 12], sober["task_cost"][0, 12], rtol=1e-5)
