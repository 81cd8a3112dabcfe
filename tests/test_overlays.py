"""What a file or an assignment says takes effect, or is refused; nothing is dropped in silence."""

import pytest
from conftest import TASKS, Write

import autosim
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.inputs.scenario import Scenario

HEAD = "name: Mine\nextends: base\n"
ONE_BOTTLENECK = TASKS.replace("  novelty: {}\n", "").replace(", novelty: high", "").replace(", novelty: medium", "")
ONE_BOTTLENECK = ONE_BOTTLENECK.replace(", novelty: low", "")


def shares(name: str, *overrides: str) -> dict[str, float]:
    scenario = load(name, overrides)
    assert isinstance(scenario, Scenario)
    simplex = scenario.shares["time_share", "manager"].simplex
    return dict(zip(simplex.names, simplex.mean, strict=True))


@pytest.mark.usefixtures("small_world")
def test_shares_set_one_after_the_other_are_summed_at_the_end() -> None:
    one_by_one = shares("base.yaml", "time_share.manager.planning=0.4", "time_share.manager.debugging=0.3")
    assert one_by_one == shares("base.yaml", "time_share.manager={planning: 0.4, debugging: 0.3}")
    assert one_by_one == pytest.approx({"planning": 0.4, "analysis": 0.3, "debugging": 0.3})


@pytest.mark.usefixtures("small_world")
@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (
            ("time_share.manager.planning=0.4", "horizon=3", "time_share.manager.debugging=0.4", "horizon=4"),
            r"--set time_share\.manager\.debugging=0\.4: priors\.time_share\.manager: got shares that sum to 1\.1",
        ),
        (("role_share.manager=0.4",), r"--set role_share\.manager=0\.4: priors\.role_share: got shares that sum to 1"),
        (
            ("time_share.manager.planing=0.4", "time_share.manager.debugging=0.4"),
            r"--set time_share\.manager\.planing=0\.4: .*did you mean 'planning'",
        ),
    ],
)
def test_a_wrong_sum_of_shares_is_blamed_on_the_last_to_touch_them(overrides: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        load("base.yaml", overrides)


def test_each_file_must_sum_to_1_by_itself(write: Write) -> None:
    write(HEAD + "priors: {time_share: {manager: {planning: 0.5}}}\n", "parent.yaml")
    write("name: Child\nextends: parent\npriors: {time_share: {manager: {debugging: 0.2}}}\n", "child.yaml")
    with pytest.raises(InputError, match=r"^parent\.yaml: priors\.time_share\.manager: got shares that sum to 0\.9"):
        load("child.yaml")


@pytest.mark.usefixtures("small_world")
def test_a_dirichlet_after_numbers_replaces_them() -> None:
    dirichlet = "{dist: dirichlet, mean: {planning: 0.1, analysis: 0.2, debugging: 0.7}, concentration: 3}"
    mine = shares("base.yaml", "time_share.manager.planning=0.9", f"time_share.manager={dirichlet}")
    assert mine == pytest.approx({"planning": 0.1, "analysis": 0.2, "debugging": 0.7})


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("priors: {severity: {source: somebody}}", r"priors\.severity: got source alone"),
        ("priors: {severity: {cuda: {source: a, published: 2024-01-01}}}", r"priors\.severity\.cuda: got source, publ"),
        ("priors: {source: somebody}", r"priors: got source alone"),
        ("evaluations: {cuda: {source: somebody}}", r"evaluations\.cuda: got source alone"),
        ("structure: {source: somebody}", r"structure: got source alone"),
    ],
)
def test_a_source_of_nothing_is_refused(write: Write, said: str, key: str) -> None:
    with pytest.raises(InputError, match=rf"^mine\.yaml: {key}"):
        load(write(f"{HEAD}{said}\n"))


def test_a_description_of_an_evaluation_may_be_changed_alone(write: Write) -> None:
    mine = load(write(HEAD + "evaluations: {cuda: {description: streams, source: us}}\n"))
    assert mine.taxonomy.descriptions["cuda"] == "streams"


def test_a_bottleneck_that_evaluations_test_cannot_be_left_out(write: Write) -> None:
    write(ONE_BOTTLENECK, "fewer.yaml")
    with pytest.raises(
        InputError, match=r"^fewer\.yaml: bottlenecks: got no novelty, which the evaluation suite tests, expected every"
    ):
        load(write(HEAD + "tasks: fewer.yaml\n"))


def test_a_bottleneck_may_be_left_out_where_the_evaluations_do_without(write: Write) -> None:
    write(ONE_BOTTLENECK, "fewer.yaml")
    write("anchor: exam\nevaluations: {exam: {median: 30, spread: 1, severity: high}}\n", "own.yaml")
    assert load(write(HEAD + "tasks: fewer.yaml\nevaluations: own.yaml\n")).taxonomy.bottlenecks == ("reliability",)
    write(HEAD + "priors: {severity: {suite: {novelty: 0}, cuda: {novelty: 0}}}\n", "without.yaml")
    mine = load(write("name: Mine\nextends: without\ntasks: fewer.yaml\n"))
    assert mine.taxonomy.bottlenecks == ("reliability",)


def test_a_bottleneck_may_have_the_name_of_a_task(write: Write) -> None:
    write(TASKS.replace("novelty: {}", "novelty: {}\n  debugging: {}"), "clash.yaml")
    with pytest.raises(InputError, match=r"^mine\.yaml: priors\.horizon_offset\.debugging: got nothing"):
        load(write(HEAD + "tasks: clash.yaml\n"))


@pytest.mark.parametrize(
    ("days", "key"),
    [
        ("reference_date: 2250-01-01\nend: 2310-01-01", "reference_date: got 2250-01-01"),
        ("reference_date: 9990-01-01\nend: 9999-12-31", "reference_date: got 9990-01-01"),
        ("reference_date: 2190-01-01\nend: 2201-01-01", "end: got 2201-01-01"),
        ("reference_date: 0001-01-01\nend: 0050-01-01", "reference_date: got 0001-01-01"),
    ],
)
def test_dates_that_a_dataset_cannot_hold_are_refused(write: Write, days: str, key: str) -> None:
    with pytest.raises(InputError, match=rf"^mine\.yaml: {key}, expected a date in the years 1900 to 2200$"):
        load(write(f"{HEAD}{days}\n"))


def test_the_earliest_and_the_latest_dates_can_be_simulated(write: Write) -> None:
    for days in ("reference_date: 1900-01-01\nend: 1900-03-01", "reference_date: 2200-09-30\nend: 2200-12-31"):
        dataset = autosim.run(write(f"{HEAD}{days}\n"), draws=2)
        assert str(dataset["date"].values[0])[:10] == days.splitlines()[0].split()[1]


def test_the_structure_says_where_it_comes_from(write: Write) -> None:
    mine = load(write(HEAD + "structure: {trajectory: saturating, source: a hunch, published: 2025-01-01}\n"))
    assert isinstance(mine, Scenario)
    note = mine.structure_notes["trajectory"]
    assert (note.source, str(note.published), note.place) == ("a hunch", "2025-01-01", "mine.yaml")
    assert mine.structure_notes["feedback"].place.startswith("base")
