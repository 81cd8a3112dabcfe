"""The same seed gives the same bits, and a quantity's draws depend on its name alone (house rules on randomness)."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import autosim.simulation.march as march_module
import autosim.simulation.run as run_module
from autosim import streams
from autosim.draws import Draws, draw
from autosim.equations.compute import project_speedup
from autosim.errors import NotANumberError
from autosim.inputs.loading import load
from autosim.simulation.run import CHUNK, Simulation, simulate
from autosim.simulation.solved import record_if_solved
from autosim.simulation.suites import Suites
from autosim.simulation.world import World

type Floats = NDArray[np.float64]

ROOT = Path(__file__).parents[1]
END = "end=2027-08-27"
DRAWS = 3 * CHUNK + 11
DIGEST = """
import hashlib, json
from autosim.inputs.loading import load
from autosim.simulation.run import simulate
out = simulate(load("interviews", ["end=2025-08-27"]), 100, 7).outputs
print(json.dumps({name: hashlib.sha256(values.tobytes()).hexdigest() for name, values in out.items()}))
"""


@pytest.fixture(scope="module")
def one_core() -> Simulation:
    return simulate(load("interviews", [END]), DRAWS, 7, cores=1)


def equal(first: Simulation, second: Simulation, draws: int | None = None) -> bool:
    """Whether two simulations are the same to the last bit, in their first draws or all."""
    assert first.outputs.keys() == second.outputs.keys()
    return all(
        values[:draws].tobytes() == second.outputs[name][:draws].tobytes() for name, values in first.outputs.items()
    )


@pytest.mark.parametrize("cores", [2, 5, None])
def test_any_number_of_cores_gives_the_same_bits(one_core: Simulation, cores: int | None) -> None:
    assert equal(simulate(load("interviews", [END]), DRAWS, 7, cores=cores), one_core)


def test_any_process_and_any_threads_give_the_same_bits() -> None:
    here = simulate(load("interviews", ["end=2025-08-27"]), 100, 7).outputs
    digests = {name: hashlib.sha256(values.tobytes()).hexdigest() for name, values in here.items()}
    for threads, hashing in (("1", "0"), ("3", "12345")):
        told = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), threads)
        environment = {**os.environ, **told, "PYTHONHASHSEED": hashing, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", DIGEST], env=environment, capture_output=True, text=True, check=True, timeout=300
        )
        assert json.loads(done.stdout) == digests


def test_another_seed_gives_other_numbers(one_core: Simulation) -> None:
    other = simulate(load("interviews", [END]), DRAWS, 8).outputs
    for name in ("labour_speedup", "software_log2", "pass_rate", "labour_ceiling"):
        same = (one_core.outputs[name] == other[name]).reshape(DRAWS, -1)[:, -1].mean()
        assert same < 0.05, name


@pytest.mark.parametrize("chunks", [1, 2, 3])
def test_a_longer_run_begins_with_the_shorter_one(one_core: Simulation, chunks: int) -> None:
    shorter = simulate(load("interviews", [END]), chunks * CHUNK, 7)
    assert equal(shorter, one_core, chunks * CHUNK)
    np.testing.assert_array_equal(shorter.trajectory, one_core.trajectory[: chunks * CHUNK])
    np.testing.assert_array_equal(shorter.member, one_core.member[: chunks * CHUNK])


def draws_of(*overrides: str) -> Draws:
    return draw(load("baseline", overrides), 4, 50)


def changed(before: Draws, after: Draws) -> set[str]:
    """Names of parameters any of whose draws differ."""
    pairs = {
        **{name: (values, after.scalars[name]) for name, values in before.scalars.items()},
        **{name: (values, after.indexed[name]) for name, values in before.indexed.items()},
        "trajectory": (before.trajectory, after.trajectory),
        "feedback": (before.feedback, after.feedback),
    }
    return {name for name, (one, other) in pairs.items() if one.shape != other.shape or (one != other).any()}


@pytest.mark.parametrize(
    ("override", "name"),
    [
        ("rework={dist: uniform, lower: 0.5, upper: 2}", "rework"),
        ("assist_overhead=0.1", "assist_overhead"),
        ("severity.debugging.novelty=0.3", "severity"),
        ("task_length.debugging={dist: lognormal, q05: 10, q95: 1000}", "task_length"),
        ("structure.feedback=false", "feedback"),
        ("structure.trajectory=saturating", "trajectory"),
    ],
)
def test_another_prior_leaves_all_other_draws_alone(override: str, name: str) -> None:
    assert changed(draws_of(), draws_of(override)) == {name}


def test_another_prior_of_one_label_leaves_the_other_labels_alone() -> None:
    before, after = draws_of().indexed["severity"], draws_of("severity.debugging.novelty=0.3").indexed["severity"]
    assert (before != after).any(axis=0).sum() == 1


def test_another_evaluation_leaves_all_other_draws_alone(tmp_path: Path) -> None:
    more = tmp_path / "more.yaml"
    severity = dict.fromkeys(load("baseline").taxonomy.bottlenecks, "high")
    new = {"median": {"dist": "lognormal", "q05": 5, "q95": 50}, "spread": 0.5, "severity": severity}
    more.write_text(json.dumps({"name": "more", "extends": "baseline", "evaluations": {"new": new}}), encoding="utf-8")
    before, after = draws_of(), draw(load(more), 4, 50)
    grading = {"added_difficulty", "best_of", "all_of"}
    assert changed(before, after) == grading | {"median", "spread", "contamination", "evaluation_severity"}
    for name in ("median", "spread", "contamination", "evaluation_severity"):
        np.testing.assert_array_equal(after.indexed[name][:, :-1], before.indexed[name])


def test_an_evaluation_more_leaves_the_rest_of_the_simulation_alone(tmp_path: Path) -> None:
    more = tmp_path / "more.yaml"
    severity = dict.fromkeys(load("baseline").taxonomy.bottlenecks, 0.5)
    new = {"median": 30, "spread": 0.5, "severity": severity}
    document = {"name": "more", "extends": "baseline", "end": "2025-08-27", "evaluations": {"new": new}}
    more.write_text(json.dumps(document), encoding="utf-8")
    before, after = (simulate(load(said, ["end=2025-08-27"]), 20, 0).outputs for said in ("baseline", more))
    for name in ("task_cost", "software_log2", "horizon_log2_min", "progress_multiplier"):
        np.testing.assert_array_equal(before[name], after[name])


def test_quantities_are_drawn_independently() -> None:
    names = ["work_gap", "rework", "severity.debugging.novelty", "structure.trajectory"]
    together = np.corrcoef([streams.uniform(0, name, 4000) for name in names])
    assert np.abs(together - np.eye(len(names))).max() < 0.06


def test_scenarios_compare_draw_by_draw() -> None:
    """What two outlooks share comes from the same random numbers."""
    first, second = draw(load("somewhat_optimistic"), 4, 50), draw(load("pessimistic"), 4, 50)
    assert "doubling_shrink" not in changed(first, second)
    assert "work_gap" in changed(first, second)


def test_a_draw_that_is_not_a_number_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(speedup: Floats, wait: Floats, agents: Floats) -> Floats:
        result = np.array(project_speedup(speedup, wait, agents))
        result[5, 2] = np.nan
        return result

    monkeypatch.setattr(march_module, "project_speedup", broken)
    with pytest.raises(NotANumberError, match=r"draw 5: project_speedup \(position 2\) is nan; nothing was written"):
        simulate(load("baseline", ["end=2025-08-27"]), 8, 0)


def test_a_draw_of_a_later_chunk_is_named_by_its_place_in_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(speedup: Floats, wait: Floats, agents: Floats) -> Floats:
        result = np.array(project_speedup(speedup, wait, agents))
        if len(result) == 6:
            result[2] = np.inf
        return result

    monkeypatch.setattr(march_module, "project_speedup", broken)
    with pytest.raises(NotANumberError, match=rf"draw {CHUNK + 2}: project_speedup \(position 0\) is inf"):
        simulate(load("baseline", ["end=2024-10-27"]), CHUNK + 6, 0)


def test_an_answer_that_is_not_a_number_is_no_unsolvable_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(world: World, suites: Suites, horizons: Floats, out: dict[str, NDArray[np.float32]]) -> None:
        record_if_solved(world, suites, horizons, out)
        out["advance_doublings"][1], out["solved_labour_speedup"][1] = 3.0, np.nan

    monkeypatch.setattr(run_module, "record_if_solved", broken)
    with pytest.raises(NotANumberError, match=r"^draw 1: solved_labour_speedup .* is nan"):
        simulate(load("baseline", ["end=2024-10-27"]), 3, 0)


def test_an_extreme_prior_that_overflows_stops_the_run() -> None:
    """Software that grows beyond all numbers: A^-β underflows while inputs overflow."""
    overrides = ["end=2028-08-27", "headcount_growth=2000", "experiment_compute_growth=2000", "returns_to_input=5"]
    with pytest.raises(NotANumberError, match=r"^draw 0: \w+ \(position .*\) is (nan|inf); nothing was written$"):
        simulate(load("baseline", overrides), 4, 0)
