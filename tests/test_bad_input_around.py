"""What is said around a scenario: after `--set`, in files it names, by parents and pools; and paths."""

import os
from pathlib import Path

import pytest
from conftest import BASE, EVALUATIONS, TASKS, Write
from refusing import HEAD, check_refusal, refusal, table

# What `--set` refuses.
ASSIGNMENTS = r"""
unknown name | horizn=3 |  | the unknown name 'horizn' | did you mean 'horizon'?
unknown dotted name | severty.debugging.novelty=0.3 |  | 'severty.debugging.novelty' | mean 'severity'?
name of a file | priors.horizon=3 |  | 'priors.horizon' | did you mean 'horizon'?
unknown structure | structure.feedbak=true | structure.feedbak | 'feedbak' | did you mean 'feedback'?
structure alone | structure=true |  | true | a dotted name such as structure.feedback
unknown evaluation | evaluations.cudda.median=3 | evaluations.cudda | 'cudda' | did you mean 'cuda'?
evaluations alone | evaluations=3 |  | 3 | a dotted name such as evaluations
unknown task | severity.debuging.novelty=0.3 | priors.severity.debuging | 'debuging' | mean 'debugging'?
unknown bottleneck | slope.novelti=1 | priors.slope.novelti | 'novelti' | did you mean 'novelty'?
an index too many | horizon.novelty=1 | priors.horizon.dist | nothing | a distribution
no value | horizon |  | 'horizon' | NAME=VALUE
an empty value | horizon= | priors.horizon | nothing | a number above 0
no name | =3 |  | the unknown name '' | a parameter
a word | horizon=nine | priors.horizon | 'nine' | a number above 0
an open bracket | horizon={dist: normal | line 1 | not YAML | YAML
a tag | horizon=!!float 3 | line 1 | tag | without tags
outside | adoption=1.5 | priors.adoption | 1.5 | a number in [0, 1]
not a date | end=soon | end | 'soon' | a date such as
an index of a date | end.x=2030-01-01 | end | 'end.x' | end and a date
end before the reference date | end=2020-01-01 | end | 2020-01-01 | after the reference date
not a boolean | structure.feedback=1 | structure.feedback | 1 | true or false
shares | time_share.manager.debugging=0.9 | priors.time_share.manager | shares that sum to 1.8 | shares that sum to 1
an evaluation of nothing | severity.cuda=0 | evaluations.cuda.severity | 0 for every bottleneck | tests
"""


@pytest.mark.parametrize(("assignment", "key", "got", "expected"), table(ASSIGNMENTS))
def test_a_bad_assignment_is_refused(write: Write, assignment: str, key: str, got: str, expected: str) -> None:
    assignment = assignment.strip()
    check_refusal(refusal(write(HEAD), [assignment]), f"--set {assignment}", key, got, expected)


def test_an_endless_assignment_is_shortened(write: Write) -> None:
    assert len(refusal(write(HEAD), ["x" * 100_000 + "=3"])) < 400


def test_dates_are_blamed_on_the_file_and_not_on_another_assignment(write: Write) -> None:
    message = refusal(write(HEAD + "end: 2020-01-01\n"), ["horizon=3"])
    check_refusal(message, "mine.yaml", "end", "2020-01-01", "after the reference date")


# A file that a scenario names: how tasks.yaml or evaluations.yaml is changed, key, got, expected.
TASK_FILES = {
    "unknown key": ("roles:", "role:", "role", "'role'", "did you mean 'roles'?"),
    "unknown kind": ("kind: work", "kind: wrok", "tasks.debugging.kind", "'wrok'", "planning, interpreting or work"),
    "no kind": ("kind: work", "", "tasks.debugging.kind", "nothing", "a value"),
    "unknown key of a task": ("kind: work", "kindd: work", "tasks.debugging.kindd", "'kindd'", "mean 'kind'?"),
    "unknown key of a role": (
        "description: does",
        "descr: does",
        "roles.contributor.descr",
        "'descr'",
        "'description'?",
    ),
    "a bottleneck left out": (
        "{reliability: high, novelty: low}",
        "{reliability: high}",
        "tasks.debugging.severity.novelty",
        "nothing",
        "a number or a distribution",
    ),
    "unknown bottleneck": (
        "{reliability: high, novelty: low}",
        "{reliability: high, novelti: low}",
        "tasks.debugging.severity.novelti",
        "'novelti'",
        "did you mean 'novelty'?",
    ),
    "no length": ("task_length: 120", "", "tasks.debugging.task_length", "nothing", "a value"),
    "negative length": ("task_length: 120", "task_length: -1", "tasks.debugging.task_length", "-1", "above 0"),
    "odd name": ("  debugging:", "  de bug:", "tasks.de bug", "'de bug'", "letters, digits and _"),
    "reserved name": ("  novelty: {}", "  source: {}", "bottlenecks.source", "'source'", "not reserved"),
    "name of a role": ("  manager: {}", "  debugging: {}", "tasks.debugging", "'debugging' twice", "no role"),
    "mean left out": (
        "analysis: 0.3, debugging: 0.1",
        "debugging: 0.4",
        "time_share.manager.mean.analysis",
        "nothing",
        "a number",
    ),
    "shares": (
        "debugging: 0.1",
        "debugging: 0.2",
        "time_share.manager.mean",
        "shares that sum to 1.1",
        "shares that sum to 1",
    ),
    "a role a number": ("  manager: {}", "  manager: 3", "roles.manager", "3", "a mapping"),
}


@pytest.mark.parametrize(("old", "new", "key", "got", "expected"), TASK_FILES.values(), ids=TASK_FILES)
def test_a_bad_tasks_file_is_refused(write: Write, old: str, new: str, key: str, got: str, expected: str) -> None:
    assert TASKS.count(old) == 1
    write(TASKS.replace(old, new), "tasks.yaml")
    check_refusal(refusal(write(HEAD)), "tasks.yaml", key, got, expected)


EVALUATION_FILES = {
    "unknown key": ("anchor:", "ancor:", "ancor", "'ancor'", "did you mean 'anchor'?"),
    "unknown anchor": ("anchor: suite", "anchor: suit", "anchor", "'suit'", "did you mean 'suite'?"),
    "an evaluation a number": ("suite: {median: 30", "x: 3\n  suite: {median: 30", "evaluations.x", "3", "a mapping"),
    "name of a task": ("  cuda:", "  analysis:", "evaluations.analysis", "which is a task", "no task"),
    "unknown level": ("severity: high", "severity: hi", "evaluations.cuda.severity", "'hi'", "did you mean 'high'?"),
}


@pytest.mark.parametrize(("old", "new", "key", "got", "expected"), EVALUATION_FILES.values(), ids=EVALUATION_FILES)
def test_a_bad_evaluations_file_is_refused(write: Write, old: str, new: str, key: str, got: str, expected: str) -> None:
    assert EVALUATIONS.count(old) == 1
    write(EVALUATIONS.replace(old, new), "evaluations.yaml")
    check_refusal(refusal(write(HEAD)), "evaluations.yaml", key, got, expected)


@pytest.mark.parametrize("name", ["horizon", "slope", "relief", "training_compute_growth"])
def test_a_parameter_without_prior_is_named(write: Write, name: str) -> None:
    line = next(line for line in BASE.splitlines() if line.startswith(f"  {name}:"))
    write(BASE.replace(line + "\n", ""), "base.yaml")
    key = f"priors.{name}.reliability" if name in {"slope", "relief"} else f"priors.{name}"
    check_refusal(refusal(write(HEAD)), "mine.yaml", key, "nothing", "a number or a distribution")


@pytest.mark.parametrize("name", ["trajectory", "feedback"])
def test_a_structure_that_nobody_chose_is_named(write: Write, name: str) -> None:
    line = next(line for line in BASE.splitlines() if line.startswith(f"  {name}:"))
    write(BASE.replace(line + "\n", ""), "base.yaml")
    check_refusal(refusal(write(HEAD)), "mine.yaml", f"structure.{name}", "nothing", "here or in what it extends")


@pytest.mark.parametrize("name", ["reference_date", "end"])
def test_a_date_that_nobody_gave_is_named(write: Write, name: str) -> None:
    line = next(line for line in BASE.splitlines() if line.startswith(f"{name}:"))
    write(BASE.replace(line + "\n", ""), "base.yaml")
    check_refusal(refusal(write(HEAD)), "mine.yaml", name, "nothing", "a date such as")


def test_an_error_in_a_parent_names_the_parent(write: Write) -> None:
    write("name: A\nextends: base\npriors: {horizn: 3}\n", "parent.yaml")
    message = refusal(write("name: Mine\nextends: parent\n"))
    check_refusal(message, "parent.yaml", "priors.horizn", "'horizn'", "did you mean 'horizon'?")


def test_a_cycle_is_drawn(write: Write) -> None:
    write("name: A\nextends: b.yaml\n", "a.yaml")
    write("name: B\nextends: mine\n", "b.yaml")
    message = refusal(write("name: Mine\nextends: a\n"))
    check_refusal(message, "b.yaml", "extends", "mine.yaml -> a.yaml -> b.yaml -> mine.yaml", "a chain that ends")


def test_an_endless_chain_is_refused(write: Write) -> None:
    for position in range(30):
        write(f"name: A\nextends: s{position + 1}\n", f"s{position}.yaml")
    assert "more than 20 scenarios in a chain" in refusal("s0.yaml")


def test_pools_in_a_circle_are_refused(write: Write) -> None:
    write("name: Other\npool: {mine: 1}\n", "other.yaml")
    assert "a circle" in refusal(write("name: Mine\npool: {other: 1}\n"))


def test_a_scenario_cannot_extend_a_pool(write: Write) -> None:
    write("name: All\npool: {base: 1}\n", "all.yaml")
    message = refusal(write("name: Mine\nextends: all\n"))
    check_refusal(message, "mine.yaml", "extends", "'all', which is a pool", "a scenario that is not a pool")


def test_pools_of_pools_do_not_explode(write: Write) -> None:
    write("name: Leaf\npool: {base: 1}\n", "p0.yaml")
    for position in range(30):
        write(f"name: P\npool: {{p{position}: 1, p{position}.yaml: 1}}\n", f"p{position + 1}.yaml")
    assert "more than 20 scenarios" in refusal("p30.yaml")


def test_members_of_a_pool_must_agree(write: Write) -> None:
    write("name: Later\nextends: base\nend: 2031-01-01\n", "later.yaml")
    pool = "name: P\npool: {base: 1, later: 1}\n"
    check_refusal(refusal(write(pool)), "mine.yaml", "pool.later", "other dates than base", "the same dates")
    write(HEAD + "evaluations: {more: {median: 3, spread: 1, severity: low}}\n", "richer.yaml")
    message = refusal(write("name: P\npool: {base: 1, richer: 1}\n"))
    check_refusal(message, "mine.yaml", "pool.richer", "other tasks, roles, bottlenecks and evaluations", "the same")


# Scenarios that are no file, or that no path should name.
PATHS = {
    "missing": ("other.yaml", "no such file"),
    "folder": ("folder.yaml", "a folder"),
    "pipe": ("pipe.yaml", "something that is not a file"),
    "link to nothing": ("dangling.yaml", "no such file"),
    "link to itself": ("loop.yaml", "no such file"),
    "zero byte": ("a\0b.yaml", "no such file"),
    "endless": ("a" * 5000 + ".yaml", "no such file"),
    "half a character": ("\udcff.yaml", "no such file"),
    "below a file": ("base.yaml/mine.yaml", "no such file"),
    "nothing but dots": ("...yaml", "'..'"),
    "unknown name": ("nobody", "'nobody'"),
    "near a name": ("optimstic", "did you mean 'optimistic'?"),
    "empty": ("", "''"),
    "upwards": ("../mine", "'../mine'"),
    "other suffix": ("mine.txt", "a .yaml file or a shipped scenario"),
}


@pytest.mark.parametrize(("path", "said"), PATHS.values(), ids=PATHS)
def test_what_is_no_scenario_is_refused(write: Write, small_world: Path, path: str, said: str) -> None:
    (small_world / "folder.yaml").mkdir()
    os.mkfifo(small_world / "pipe.yaml")
    (small_world / "dangling.yaml").symlink_to("nowhere.yaml")
    (small_world / "loop.yaml").symlink_to("loop.yaml")
    write(HEAD, "...yaml")
    assert said in refusal(path)


def test_a_pipe_or_a_folder_cannot_be_extended(write: Write, small_world: Path) -> None:
    os.mkfifo(small_world / "pipe.yaml")
    (small_world / "folder.yaml").mkdir()
    assert "not a file" in refusal(write("name: Mine\nextends: pipe.yaml\n"))
    assert "a folder" in refusal(write("name: Mine\nextends: folder.yaml\n"))
    assert "a folder" in refusal(write(HEAD + "tasks: .\n"))


def test_a_link_cannot_lead_out_of_the_folder(write: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "tasks.yaml"
    outside.write_text(TASKS)
    Path("linked.yaml").symlink_to(outside)
    message = refusal(write(HEAD + "tasks: linked.yaml\n"))
    check_refusal(message, "mine.yaml", "tasks", "'linked.yaml'", "inside the file's own folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused(write: Write) -> None:
    Path(write(HEAD)).chmod(0)
    assert "a file that cannot be read" in refusal("mine.yaml")


def test_a_file_that_fails_while_it_is_read_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    write(HEAD)
    monkeypatch.setattr(Path, "open", fail)
    check_refusal(refusal("mine.yaml"), "mine.yaml", "", "cannot be read (Input/output error)", "a YAML file")
