"""How files lie over one another: parents, tasks of one's own, evaluations, assignments, and unusual but legal YAML."""

import hashlib
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from conftest import BASE, EVALUATIONS, TASKS, Write

from autosim.draws import draw
from autosim.errors import InputError
from autosim.inputs.distributions import Continuous, Point
from autosim.inputs.loading import load
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.scenario import Pool, Scenario
from autosim.inputs.shipped import shipped_scenarios

HEAD = "name: Mine\nextends: base\n"


def scenario(name: str, *overrides: str) -> Scenario:
    loaded = load(name, overrides)
    assert isinstance(loaded, Scenario)
    return loaded


def point(loaded: Scenario, *path: str) -> float:
    distribution = loaded.priors[path].distribution
    assert isinstance(distribution, Point)
    return distribution.value


# ------------------------------------------------------------------------------------------------------- shipped


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_shipped_scenario_loads_and_says_where_its_numbers_come_from(name: str) -> None:
    loaded = load(name)
    for member in [member for _, member in loaded.members] if isinstance(loaded, Pool) else [loaded]:
        notes = {path: prior.note for path, prior in member.priors.items()}
        notes |= {path: shares.note for path, shares in member.shares.items()}
        assert all(note.source for note in notes.values())
        assert all(note.published for path, note in notes.items() if path[0] != "contamination")
    assert loaded.header.slug == name
    assert loaded.header.description


@pytest.mark.usefixtures("small_world")
def test_priors_are_complete_and_of_nothing_else() -> None:
    loaded = scenario("base.yaml")
    assert {path[0] for path in [*loaded.priors, *loaded.shares]} == set(PARAMETERS)
    assert len(loaded.priors) == sum(not p.axes for p in PARAMETERS.values()) + 3 * 2 + 5 * 2 + 2 * 3 + 3 * 2
    assert list(loaded.shares) == [("role_share",), ("time_share", "contributor"), ("time_share", "manager")]


def test_what_was_read_is_recorded(write: Write) -> None:
    header = scenario(write(HEAD + "description: |\n  Two\n  lines.\n"), "horizon=3").header
    assert header.slug == "mine"
    assert header.name == "Mine"
    assert header.description == "Two lines."
    assert header.text.startswith(HEAD)
    assert header.overrides == ("horizon=3",)
    assert [file.place for file in header.files] == ["base.yaml", "tasks.yaml", "evaluations.yaml", "mine.yaml"]
    assert header.files[0].sha256 == hashlib.sha256(BASE.encode()).hexdigest()
    assert (header.reference_date, header.end) == (date(2024, 8, 27), date(2030, 1, 1))


# ------------------------------------------------------------------------------------------------------- overlay


def test_a_child_overlays_what_it_names_and_nothing_else(write: Write) -> None:
    write(HEAD + "priors: {rework: 0.25, severity: {debugging: {novelty: 0.3}}, horizon_offset: {novelty: 2}}\n")
    base, mine = scenario("base.yaml"), scenario("mine.yaml")
    changed = {path for path in base.priors if base.priors[path] != mine.priors[path]}
    assert changed == {("rework",), ("severity", "debugging", "novelty"), ("horizon_offset", "novelty")}
    assert point(mine, "severity", "debugging", "novelty") == 0.3
    assert mine.priors.keys() == base.priors.keys()


def test_layers_lie_over_one_another_in_order(write: Write) -> None:
    write(HEAD + "end: 2031-01-01\npriors: {rework: 0.1, verification: 0.1}\n", "parent.yaml")
    mine = scenario(write("name: Mine\nextends: parent.yaml\npriors: {rework: 0.2}\n"), "rework=0.3", "rework=0.4")
    assert point(mine, "rework") == 0.4
    assert point(mine, "verification") == 0.1
    assert mine.header.end == date(2031, 1, 1)


def test_a_group_replaces_its_members_and_a_member_its_part_of_the_group(write: Write) -> None:
    mine = scenario(write(HEAD + "priors: {severity: 0.5, relief: 0.1}\n"), "severity.cuda=0.2", "relief.novelty=0")
    assert point(mine, "severity", "debugging", "novelty") == 0.5
    assert point(mine, "severity", "cuda", "novelty") == 0.2
    assert [point(mine, "relief", name) for name in ("reliability", "novelty")] == [0.1, 0.0]
    assert mine.priors["severity", "debugging", "novelty"].stream == "severity"
    assert mine.priors["severity", "cuda", "novelty"].stream == "severity.cuda"


def test_sources_hold_for_a_group_unless_a_prior_has_its_own(write: Write) -> None:
    said = "{source: ours, published: 2025-01-02, rework: 1, horizon: {dist: point, value: 9, source: theirs}}"
    mine = scenario(write(f"{HEAD}priors: {said}\n"))
    assert mine.priors["rework",].note.source == "ours"
    assert mine.priors["horizon",].note.source == "theirs"
    assert mine.priors["horizon",].note.published == date(2025, 1, 2)
    assert mine.priors["horizon",].note.place == "mine.yaml"
    assert mine.priors["work_gap",].note.source == "judgement"
    assert mine.priors["severity", "analysis", "novelty"].note.source == "a guess"


def test_numbers_over_a_dirichlet_are_point_masses(write: Write) -> None:
    mine = scenario(write(HEAD + "priors: {time_share: {manager: {planning: 0.5, debugging: 0.2}}}\n"))
    manager = mine.shares["time_share", "manager"].simplex
    assert manager.concentration is None
    assert manager.mean == pytest.approx((0.5, 0.3, 0.2))
    assert mine.shares["time_share", "contributor"] == scenario("base.yaml").shares["time_share", "contributor"]


def test_one_mapping_of_shares_holds_for_all_roles(write: Write) -> None:
    mine = scenario(write(HEAD + "priors: {time_share: {planning: 0.2, analysis: 0.2, debugging: 0.6}}\n"))
    assert {mine.shares["time_share", role].simplex.mean for role in ("contributor", "manager")} == {(0.2, 0.2, 0.6)}


def test_one_dirichlet_for_all_roles_is_one_quantity(write: Write) -> None:
    alpha = "{dist: dirichlet, alpha: {planning: 1, analysis: 1, debugging: 2}}"
    shares = draw(load(write(f"{HEAD}priors: {{time_share: {alpha}}}\n")), 0, 50).indexed["time_share"]
    np.testing.assert_array_equal(shares[:, 0], shares[:, 1])
    assert shares.std(axis=0).min() > 0.05


@pytest.mark.parametrize("said", ["{}", "{source: mine}", "{manager: {}}"])
def test_shares_that_say_nothing_change_nothing(write: Write, said: str) -> None:
    mine, base = scenario(write(f"{HEAD}priors: {{time_share: {said}}}\n")), scenario("base.yaml")
    assert {path: s.simplex for path, s in mine.shares.items()} == {path: s.simplex for path, s in base.shares.items()}


def test_sections_without_content_change_nothing(write: Write) -> None:
    write(HEAD + "priors:\nstructure:\nevaluations:\ncorrelations:\ntasks:\nend:\npool:\n")
    assert scenario("mine.yaml").priors == scenario("base.yaml").priors


# ----------------------------------------------------------------------------------------- tasks and evaluations

OWN_TASKS = """
bottlenecks: {patience: {description: waiting}}
roles: {robot: {}}
role_share: {robot: 1}
time_share: {robot: {thinking: 0.25, typing: 0.75}}
tasks:
  thinking: {kind: planning, task_length: 60, length_spread: 1, severity: high}
  typing: {kind: work, task_length: 10, length_spread: 1, severity: {patience: 0}}
"""
OWN_EVALUATIONS = """
anchor: exam
evaluations:
  exam: {median: 30, spread: 1, severity: {patience: medium}}
"""


def test_a_scenario_may_bring_tasks_of_its_own(write: Write) -> None:
    write(OWN_TASKS, "mine/tasks.yaml")
    write(OWN_EVALUATIONS, "mine/evaluations.yaml")
    head = HEAD + "tasks: mine/tasks.yaml\nevaluations: mine/evaluations.yaml\n"
    mine = scenario(write(head + "priors: {slope: 1, horizon_offset: 0, relief: {patience: 0.5}}\n"))
    assert mine.taxonomy.tasks == ("thinking", "typing")
    assert mine.taxonomy.kinds == ("planning", "work")
    assert mine.taxonomy.roles == ("robot",)
    assert mine.taxonomy.bottlenecks == ("patience",)
    assert mine.taxonomy.evaluations == ("exam",)
    assert mine.taxonomy.anchor == "exam"
    assert mine.taxonomy.descriptions["patience"] == "waiting"
    assert not {"debugging", "novelty", "manager", "cuda"} & {
        name for path in [*mine.priors, *mine.shares] for name in path
    }
    draws = draw(mine, 0, 3)
    assert draws.indexed["time_share"].tolist() == [[[0.25, 0.75]]] * 3
    assert "mine/tasks.yaml" in [file.place for file in mine.header.files]


def test_new_tasks_alone_keep_the_evaluations(write: Write) -> None:
    write(TASKS.replace("debugging", "dataset_curation"), "curation.yaml")
    mine = scenario(write(HEAD + "tasks: curation.yaml\n"))
    assert mine.taxonomy.tasks == ("planning", "analysis", "dataset_curation")
    assert mine.taxonomy.evaluations == ("suite", "cuda")
    assert not any("debugging" in path for path in mine.priors)


def test_a_new_bottleneck_needs_its_severities(write: Write) -> None:
    write(OWN_TASKS, "own.yaml")
    with pytest.raises(InputError, match=r"horizon_offset\.patience: got nothing"):
        load(write(HEAD + "tasks: own.yaml\n"))


def test_an_inline_evaluation_overlays_the_one_of_that_name(write: Write) -> None:
    write(HEAD + "evaluations: {cuda: {median: 60, severity: {novelty: 0.5}, description: harder}}\n")
    base, mine = scenario("base.yaml"), scenario("mine.yaml")
    changed = {path for path in base.priors if base.priors[path] != mine.priors[path]}
    assert changed == {("median", "cuda"), ("severity", "cuda", "novelty")}
    assert mine.taxonomy.evaluations == base.taxonomy.evaluations
    assert mine.taxonomy.descriptions["cuda"] == "harder"


def test_an_inline_evaluation_may_be_new(write: Write) -> None:
    said = "{median: 600, spread: 0.5, severity: {reliability: low, novelty: 0}, source: own}"
    mine = scenario(write(f"{HEAD}evaluations: {{mine: {said}}}\n"))
    assert mine.taxonomy.evaluations == ("suite", "cuda", "mine")
    assert point(mine, "contamination", "mine") == 0.0
    assert mine.priors["spread", "mine"].note.source == "own"
    assert mine.taxonomy.anchor == "suite"


def test_evaluations_may_be_given_among_the_priors(write: Write) -> None:
    mine = scenario(write(HEAD + "priors: {median: {cuda: 7}, spread: 2, contamination: {suite: -1}}\n"))
    assert point(mine, "median", "cuda") == 7.0
    assert {point(mine, "spread", name) for name in ("suite", "cuda")} == {2.0}
    assert point(mine, "contamination", "suite") == -1.0


def test_an_evaluations_file_replaces_all(write: Write) -> None:
    write(EVALUATIONS.replace("cuda", "exam"), "other.yaml")
    mine = scenario(write(HEAD + "evaluations: other.yaml\n"))
    assert mine.taxonomy.evaluations == ("suite", "exam")
    assert not any("cuda" in path for path in mine.priors)


# --------------------------------------------------------------------------------------------------- assignments


def test_assignments_reach_everything(write: Write) -> None:
    mine = scenario(
        write(HEAD),
        "severity.debugging.novelty=0.3",
        "structure.feedback=false",
        "structure.trajectory=exponential",
        " horizon = {dist: uniform, lower: 1, upper: 2}",
        "evaluations.cuda.severity.novelty=high",
        "time_share={planning: 0.5, analysis: 0.25, debugging: 0.25}",
        "reference_date=2025-01-01",
        "end=2028-01-01",
        "rework=1e-1",
    )
    assert point(mine, "severity", "debugging", "novelty") == 0.3
    assert mine.feedback is False
    assert mine.trajectory == {"exponential": 1.0}
    assert mine.priors["horizon",].distribution == Continuous("uniform", (1.0, 2.0))
    assert str(mine.priors["severity", "cuda", "novelty"].distribution) == "beta(a 8, b 2)"
    assert mine.shares["time_share", "manager"].simplex.mean == (0.5, 0.25, 0.25)
    assert (mine.header.reference_date, mine.header.end) == (date(2025, 1, 1), date(2028, 1, 1))
    assert point(mine, "rework") == 0.1
    assert mine.priors["rework",].note.place == "--set rework=1e-1"


def test_assignments_reach_every_member_of_a_pool(write: Write) -> None:
    write(HEAD, "other.yaml")
    pool = load(write("name: Both\nend: 2029-01-01\npool: {base: 1, other: 1}\n"), ["rework=0.3", "end=2028-01-01"])
    assert isinstance(pool, Pool)
    assert [point(member, "rework") for _, member in pool.members] == [0.3, 0.3]
    assert pool.header.end == date(2028, 1, 1)


def test_a_pool_may_set_the_dates(write: Write) -> None:
    write(HEAD + "end: 2033-01-01\n", "later.yaml")
    pool = load(write("name: Both\nend: 2029-01-01\npool: {base: 1, later: 1}\n"))
    assert (pool.header.reference_date, pool.header.end) == (date(2024, 8, 27), date(2029, 1, 1))
    assert pool.header.files[0].place == "mine.yaml"


# ---------------------------------------------------------------------------------------------- unusual but legal


def legal(write: Write, content: str | bytes) -> Scenario:
    write(content)
    return scenario("mine.yaml")


def test_json_is_yaml(write: Write) -> None:
    said = {
        "name": "Mine",
        "extends": "base",
        "description": "café 😀",
        "end": "2029-01-01",
        "priors": {"horizon": {"dist": "lognormal", "q05": 1, "q95": 2e1, "published": "2024-01-01"}},
    }
    for text in (json.dumps(said), json.dumps(said, indent="\t"), json.dumps(said, indent=2, ensure_ascii=False)):
        mine = legal(write, text)
        assert mine.header.end == date(2029, 1, 1)
        assert mine.header.description == "café 😀"
        assert mine.priors["horizon",].note.published == date(2024, 1, 1)


@pytest.mark.parametrize(
    "content",
    [
        (HEAD + "priors:\n  rework: 0.25\n").replace("\n", "\r\n").encode(),
        "\ufeffname: Mine\nextends: base\npriors: {rework: 0.25}\n".encode(),
        b"---\nname: Mine\nextends: base\npriors: {rework: 0.25}\n...\n",
        b"# a comment\n\n\nname:   Mine   # another\nextends: 'base'\npriors: {rework: .25,}",
        b'"name": "Mine"\n"extends": "base.yaml"\n"priors": {"rework": 2.5e-1}\n',
        b"name: Mine\nextends: base\npriors: {rework: +0.25}",
        b"name: Mine\nextends: base\npriors:\n    rework:\n        dist: point\n        value: 25e-2\n",
    ],
    ids=["CRLF", "byte order mark", "document marks", "comments", "quotes", "sign", "indents"],
)
def test_unusual_but_legal_yaml_is_read(write: Write, content: bytes) -> None:
    assert point(legal(write, content), "rework") == 0.25


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e3", 1000.0), ("1E3", 1000.0), ("9", 9.0), ("0x10", 16.0), ("010", 10.0), ("1_000", 1000.0), ("1.", 1.0)],
)
def test_numbers_in_every_notation(write: Write, text: str, value: float) -> None:
    assert point(legal(write, f"{HEAD}priors: {{horizon: {text}}}\n"), "horizon") == value


def test_a_scenario_without_description_or_ascii_name(write: Write) -> None:
    mine = legal(write, "name: Größer, schöner 楽観\nextends: base\n")
    assert mine.header.description == ""
    assert mine.header.name == "Größer, schöner 楽観"


def test_file_names_of_any_script_and_folders_below(write: Write) -> None:
    write(HEAD.replace("base", "base.yaml"), "mit Leerzeichen (2) é.yml")
    assert scenario("mit Leerzeichen (2) é.yml").header.slug == "mit Leerzeichen (2) é"
    for name, text in (("base.yaml", BASE), ("tasks.yaml", TASKS), ("evaluations.yaml", EVALUATIONS)):
        write(text, f"below/{name}")
    write("name: Mine\nextends: below/base.yaml\n")
    places = [file.place for file in scenario("mine.yaml").header.files]
    assert places == ["below/base.yaml", "below/tasks.yaml", "below/evaluations.yaml", "mine.yaml"]


def test_a_users_baseline_may_extend_the_shipped_one(write: Write) -> None:
    write("name: My baseline\nextends: baseline\npriors: {rework: 0.25}\n", "baseline.yaml")
    assert point(scenario("baseline.yaml"), "rework") == 0.25
    write("name: Mine\nextends: baseline\n")
    assert point(scenario("mine.yaml"), "rework") == 0.25


def test_paths_may_be_paths(write: Write, small_world: Path) -> None:
    write(HEAD)
    assert load(small_world / "mine.yaml").header.slug == "mine"
