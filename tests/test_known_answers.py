"""Fixed-parameter cases whose answers an independent implementation of the model computed (model §11)."""

import functools
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autosim.draws import draw
from autosim.inputs.loading import load
from autosim.inputs.scenario import Scenario
from autosim.simulation.run import Simulation, simulate
from autosim.simulation.world import World

type Case = dict[str, Any]

ANSWERS = Path(__file__).parent / "data" / "known_answers.json"
REFERENCE = Path(__file__).parents[2] / "shared" / "reference" / "cases.json"
STEPS = {0.0: 0, 2.5: 30, 5.0: 60, 10.0: 120}
STATIC, TRAJECTORY, FLOOR = 1e-4, 1e-3, 1e-2


@functools.cache
def cases() -> dict[str, Case]:
    """All cases by name."""
    known: dict[str, Case] = json.loads(ANSWERS.read_text(encoding="utf-8"))["cases"]
    return known


def fixed_scenario(
    name: str, folder: Path, changes: Mapping[str, Any] | None = None, end: str = "2034-09-27"
) -> Scenario:
    """A case as a scenario file, every parameter a number, some of them changed."""
    case = cases()[name]
    priors = case["parameters"] | dict(changes or {})
    document = {
        "name": name,
        "extends": "baseline",
        "reference_date": "2024-08-27",
        "end": end,
        "structure": {key: priors.pop(key) for key in ("trajectory", "feedback")},
        "priors": priors,
        "evaluations": {label: evaluation["instances"] for label, evaluation in case["evaluations"].items()},
    }
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    scenario = load(path)
    assert isinstance(scenario, Scenario)
    return scenario


@pytest.fixture(scope="module")
def simulations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Simulation]:
    folder = tmp_path_factory.mktemp("known")
    return {name: simulate(fixed_scenario(name, folder), 2, 0) for name in cases()}


def miss(got: float, want: float) -> float:
    return abs(float(got) - want) / max(abs(want), FLOOR)


def row_misses(simulation: Simulation, row: Case) -> Iterator[tuple[str, float]]:
    """Every quantity of one date and how far it is off."""
    step, out, names = STEPS[row["years_after_reference"]], simulation.outputs, simulation.taxonomy
    nested = {
        "horizon_log2_min": dict(zip(names.bottlenecks, out["horizon_log2_min"][0, step], strict=True)),
        "cost": dict(zip(names.tasks, out["task_cost"][0, step], strict=True)),
    }
    for quantity, want in row.items():
        if quantity in nested:
            assert set(want) == set(nested[quantity])
            yield from ((f"{quantity}.{label}", miss(nested[quantity][label], w)) for label, w in want.items())
        elif quantity not in {"binding", "years_after_reference"}:
            yield quantity, miss(out[quantity][0, step], want)


def binding_misses(simulation: Simulation, row: Case) -> Iterator[tuple[str, float]]:
    """What binds at one date, asked of the world itself, since outputs keep it at whole years only."""
    names = simulation.taxonomy
    world = World(draw(simulation.scenario, simulation.seed, len(simulation)), names)
    horizons = simulation.outputs["horizon_log2_min"][:, STEPS[row["years_after_reference"]]].astype(np.float64)
    split = world.binding(horizons)[:, world.as_listed]
    for task, shares in row["binding"].items():
        for bottleneck, want in shares.items():
            got = split[0, names.tasks.index(task), names.bottlenecks.index(bottleneck)]
            yield f"binding.{task}.{bottleneck}", miss(got, want)


@pytest.mark.parametrize("years", STEPS)
@pytest.mark.parametrize("name", cases())
def test_every_quantity_at_a_date(simulations: dict[str, Simulation], name: str, years: float) -> None:
    row = next(row for row in cases()[name]["trajectory"] if row["years_after_reference"] == years)
    misses = dict(row_misses(simulations[name], row)) | dict(binding_misses(simulations[name], row))
    assert len(misses) == 5 + 11 + 9 + 10  # horizons, costs, series, binding of two tasks
    tolerance = TRAJECTORY if years else STATIC
    assert {quantity: off for quantity, off in misses.items() if not off < tolerance} == {}


@pytest.mark.parametrize("name", cases())
def test_whole_years_keep_what_binds(simulations: dict[str, Simulation], name: str) -> None:
    simulation = simulations[name]
    names = simulation.taxonomy
    for row in cases()[name]["trajectory"]:
        if row["years_after_reference"] != 2.5:
            kept = simulation.outputs["binding"][0, STEPS[row["years_after_reference"]] // 12]
            for task, shares in row["binding"].items():
                want = [shares[bottleneck] for bottleneck in names.bottlenecks]
                np.testing.assert_allclose(
                    kept[names.tasks.index(task)], want, rtol=TRAJECTORY, atol=TRAJECTORY * FLOOR
                )


@pytest.mark.parametrize("name", cases())
def test_ceiling(simulations: dict[str, Simulation], name: str) -> None:
    assert miss(simulations[name].outputs["labour_ceiling"][0], cases()[name]["labour_ceiling"]) < STATIC


@pytest.mark.parametrize(
    ("name", "evaluation"), [(name, label) for name, case in cases().items() for label in case["evaluations"]]
)
def test_evaluation(simulations: dict[str, Simulation], name: str, evaluation: str) -> None:
    out, want = simulations[name].outputs, cases()[name]["evaluations"][evaluation]
    position = simulations[name].taxonomy.evaluations.index(evaluation)
    rates = want["pass_rate_at_reference"]
    pairs = {"pass_rate": rates["mean"], "best_of_5": rates["best_of_5"], "all_of_5": rates["all_of_5"]}
    misses = {quantity: miss(out[quantity][0, 0, position], rate) for quantity, rate in pairs.items()}
    for way, key in enumerate(("if_solved", "if_solved_specific")):
        answers = want[key] or dict.fromkeys(("advance_doublings", "time_saved_share", "labour_speedup"))
        for quantity, answer in answers.items():
            output = quantity if quantity == "advance_doublings" else f"solved_{quantity}"
            got = float(out[output][0, way, position])
            misses[f"{key}.{quantity}"] = float(not math.isnan(got)) if answer is None else miss(got, answer)
    assert len(misses) == 9
    assert {quantity: off for quantity, off in misses.items() if not off < STATIC} == {}


def test_all_draws_of_numbers_are_alike(simulations: dict[str, Simulation]) -> None:
    for simulation in simulations.values():
        for quantity in ("task_cost", "software_log2", "binding", "labour_ceiling", "horizon_log2_min"):
            np.testing.assert_array_equal(*simulation.outputs[quantity])


@pytest.mark.skipif(not REFERENCE.is_file(), reason="the reference is not beside this checkout; its copy is complete")
def test_copy_equals_the_reference() -> None:
    assert cases() == json.loads(REFERENCE.read_text(encoding="utf-8"))


def test_copy_says_where_it_comes_from() -> None:
    assert json.loads(ANSWERS.read_text(encoding="utf-8"))["origin"] == "independent reference implementation"
