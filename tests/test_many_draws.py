"""More draws than are kept: the same answers, in memory that does not grow."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import autosim.simulation.run as run_module
from autosim.analysis.milestones import milestones
from autosim.analysis.summary import summarise
from autosim.dataset import to_dataset
from autosim.draws import Block, Draws, blocks, draw, draw_block
from autosim.errors import InputError, NotANumberError
from autosim.inputs.loading import load
from autosim.inputs.scenario import AnyScenario
from autosim.simulation.run import CHUNK, MAY_BE_MISSING, Simulation, simulate
from autosim.simulation.statistics import STATISTICS

KEPT, LATE, DRAWS, END = 4 * CHUNK, 6 * CHUNK + 9, 15 * CHUNK + 5, "end=2025-08-27"
MEMORY = """
import autosim.simulation.run as run
from autosim.inputs.loading import load
run.MOST_FULL_DRAWS, run.BLOCK = 1024, 128
scenario = load("interviews", ["end=2025-10-27"])
for draws in (2_000, 6_000):
    run.simulate(scenario, draws, 0, cores=2)
    with open("/proc/self/status") as status:
        print(*(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.fixture(scope="module")
def whole() -> Simulation:
    return simulate(load("interviews", [END]), DRAWS, 7)


@pytest.fixture
def few_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "MOST_FULL_DRAWS", KEPT)
    monkeypatch.setattr(run_module, "BLOCK", 4 * CHUNK)
    monkeypatch.setattr("autosim.dataset.MOST_FULL_DRAWS", KEPT)


@pytest.fixture
def streamed(few_kept: None) -> Simulation:  # noqa: ARG001 - a fixture for what it changes
    return simulate(load("interviews", [END]), DRAWS, 7, cores=1)


def test_the_first_draws_are_kept_as_they_are(whole: Simulation, streamed: Simulation) -> None:
    assert len(streamed) == len(whole) == DRAWS
    assert streamed.trajectory.tolist() == whole.trajectory[:KEPT].tolist()
    assert streamed.member.tolist() == whole.member[:KEPT].tolist()
    for name, values in streamed.outputs.items():
        assert values.tobytes() == whole.outputs[name][:KEPT].tobytes()


def test_what_is_counted_is_exact(whole: Simulation, streamed: Simulation) -> None:
    assert milestones(streamed) == milestones(whole)
    for name, counts in vars(whole.counts).items():
        np.testing.assert_array_equal(getattr(streamed.counts, name), counts)
    assert whole.counts.reached.sum(axis=1).tolist() == [DRAWS] * len(whole.counts.reached)


def test_means_and_quantiles_are_those_of_all_draws(whole: Simulation, streamed: Simulation) -> None:
    """Quantiles roughly: with so few first draws bins are wide."""
    assert streamed.statistics is not None
    for name, table in streamed.statistics.items():
        values = whole.outputs[name].astype(np.float64)
        assert table.shape == (2 * len(STATISTICS), *values.shape[1:])
        if name not in MAY_BE_MISSING:
            np.testing.assert_allclose(table[0], values.mean(axis=0), rtol=1e-9)
            median = table[STATISTICS.index("q50")].astype(np.float32)
            assert ((values < median - 1e-6).mean(axis=0) < 0.52).all()
            assert ((values <= median + 1e-6).mean(axis=0) > 0.48).all()


@pytest.mark.usefixtures("few_kept")
@pytest.mark.parametrize("cores", [2, 5])
def test_any_number_of_cores_gives_the_same_statistics(streamed: Simulation, cores: int) -> None:
    again = simulate(load("interviews", [END]), DRAWS, 7, cores=cores)
    assert streamed.statistics is not None
    assert again.statistics is not None
    for name, table in streamed.statistics.items():
        assert table.tobytes() == again.statistics[name].tobytes()


def test_summary_and_dataset_look_as_ever(whole: Simulation, streamed: Simulation) -> None:
    def shape(value: object) -> object:
        if isinstance(value, dict):
            return {key: shape(item) for key, item in value.items()}
        return len(value) if isinstance(value, list) else None

    few, many = summarise(whole), summarise(streamed)
    assert shape(few) == shape(many)
    assert many["draws"] == DRAWS
    assert few["milestones"] == many["milestones"]
    dataset = to_dataset(streamed)
    assert dataset["labour_speedup"].dims == ("statistic", "date")
    assert dataset["cost"].shape == (2 * len(STATISTICS), 2, len(whole.taxonomy.tasks))
    assert dataset["labour_ceiling"].dims == ("statistic",)
    assert dataset.attrs["draws"] == DRAWS


@pytest.mark.parametrize("scenario", ["optimistic", "interviews"])
def test_blocks_hold_the_draws_of_the_whole(scenario: str) -> None:
    loaded = load(scenario)
    at_once = draw(loaded, 3, 300)
    for block in blocks(loaded, (0, 1, 2, 130, 300)):
        part, expected = draw_block(loaded, 3, block), at_once.part(block.places)
        assert part.member.tobytes() == expected.member.tobytes()
        assert part.trajectory.tobytes() == expected.trajectory.tobytes()
        for said, known in ((part.scalars, expected.scalars), (part.indexed, expected.indexed)):
            assert {name: values.tobytes() for name, values in said.items()} == {
                name: values.tobytes() for name, values in known.items()
            }


@pytest.mark.usefixtures("few_kept")
def test_a_late_draw_that_cannot_be_used_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(scenario: AnyScenario, seed: int, block: Block) -> Draws:
        if block.first >= KEPT:
            raise InputError("mine.yaml", "evaluations.x.severity", "0", "some severity above 0")
        return draw_block(scenario, seed, block)

    monkeypatch.setattr(run_module, "draw_block", refused)
    with pytest.raises(InputError, match=r"^mine.yaml: evaluations.x.severity: got 0, expected some"):
        simulate(load("baseline", ["end=2024-10-01"]), DRAWS, 0)


@pytest.mark.usefixtures("few_kept")
def test_a_late_draw_that_is_not_a_number_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(scenario: AnyScenario, seed: int, block: Block) -> Draws:
        draws = draw_block(scenario, seed, block)
        draws.scalars["assist_gain"][np.arange(block.first, block.first + len(block)) >= LATE] = np.nan
        return draws

    monkeypatch.setattr(run_module, "draw_block", broken)
    with pytest.raises(NotANumberError, match=rf"^draw {LATE}: \w+ .* is nan; nothing was written$"):
        simulate(load("baseline", ["end=2024-12-01"]), DRAWS, 0)


@pytest.mark.usefixtures("few_kept")
def test_few_blocks_are_under_way_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slowly results are taken, threads do not run ahead: here nothing is taken for a while."""
    begun: list[int] = []
    furthest: list[int] = []

    def noted(scenario: AnyScenario, seed: int, block: Block) -> Draws:
        begun.append(block.first)
        return draw_block(scenario, seed, block)

    def slow(_: int) -> None:
        if not furthest:
            threading.Event().wait(1.0)
        furthest.append(len(begun))

    monkeypatch.setattr(run_module, "draw_block", noted)
    monkeypatch.setattr(run_module, "BLOCK", 16)
    simulate(load("baseline", ["end=2024-09-01"]), 20 * 16, 0, slow, cores=2)
    assert max(ahead - taken for taken, ahead in enumerate(furthest)) <= 2 * 2 + 1
    assert len(begun) == 20


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process its peak memory")
def test_memory_does_not_grow_with_the_draws() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
    )
    fewer, more = (int(line) / 1024 for line in done.stdout.split())
    assert more - fewer < 12, "4,000 draws more would be 30 MB"
