"""The Python interface refuses what it cannot use instead of ignoring it."""

from typing import Any

import numpy as np
import pytest

import autosim


@pytest.mark.parametrize("call", [autosim.run, autosim.simulate])
def test_nothing_can_be_set_on_a_loaded_scenario(call: Any) -> None:
    loaded = autosim.load("optimistic")
    with pytest.raises(ValueError, match="set: got a scenario that is already loaded"):
        call(loaded, draws=4, set={"work_gap": 8})


def test_what_is_set_while_loading_holds() -> None:
    loaded = autosim.load("optimistic", set={"work_gap": 8, "end": "2025-01-01"})
    assert np.array_equal(
        autosim.run(loaded, draws=4)["labour_speedup"],
        autosim.run("optimistic", draws=4, set=["work_gap=8", "end=2025-01-01"])["labour_speedup"],
    )


@pytest.mark.parametrize("said", ["work_gap=2", [3], 3, None])
def test_overrides_are_a_mapping_or_a_list_of_text(said: Any) -> None:
    for call in (autosim.load, autosim.simulate):
        with pytest.raises(TypeError, match=r"^set: got .*, expected \{'NAME': value\} or \['NAME=VALUE'\]$"):
            call("optimistic", set=said)


@pytest.mark.parametrize("name", ["draws", "seed"])
@pytest.mark.parametrize("value", [2.5, "3", None, 4.0])
def test_draws_and_seed_are_whole_numbers(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=rf"^{name}: got .*, expected a whole number$"):
        autosim.simulate("optimistic", **{name: value})


@pytest.mark.parametrize(("name", "value"), [("draws", 0), ("draws", -3), ("seed", -1), ("seed", 2**63)])
def test_draws_and_seed_have_bounds(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{name}: got {value}, expected at least"):
        autosim.simulate("optimistic", **{name: value})


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    simulation = autosim.simulate("optimistic", np.int64(2), np.uint8(3), {"end": "2024-10-01"})  # type: ignore[arg-type]
    assert (len(simulation), simulation.seed, type(simulation.seed)) == (2, 3, int)
