"""What is printed fits, is complete, and shows a user's words as they are."""

import io
import re
from typing import Any

import pytest
from conftest import Write
from rich.console import Console
from test_cli import Caller, called  # noqa: F401 - a fixture

from autosim.analysis.summary import Json, summarise
from autosim.api import simulate
from autosim.cli import compare, evaluations, printing
from autosim.cli.printing import print_run
from autosim.words import duration, number, percent

WORDS = "The part of [the agent] and [/foo] and [bold] and :smile: and \\[x]."


@pytest.fixture
def width(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make results go to a console of some width; the second value says what was printed there."""

    def of(columns: int) -> tuple[Console, io.StringIO]:
        said = io.StringIO()
        out = Console(highlight=False, markup=False, emoji=False, width=columns, file=said)
        for module in (printing, evaluations, compare):
            monkeypatch.setattr(module, "console", lambda: out)
        return out, said

    return of


@pytest.fixture(scope="module")
def baseline() -> Json:
    return summarise(simulate("baseline", 64))


@pytest.fixture(scope="module")
def unsolvable() -> Json:
    return summarise(simulate("optimistic", 64, set={"evaluations.sparse_attention.median": 1e9, "end": "2026-01-01"}))


@pytest.mark.parametrize("command", ["run", "compare", "evaluations", "priors"])
def test_a_users_words_are_printed_as_they_are(called: Caller, write: Write, command: str) -> None:  # noqa: F811
    source = WORDS.replace("'", "''")
    write(
        f"name: My [b] [agent] lab\ndescription: '{source}'\nextends: base\nend: 2024-12-01\n"
        f"priors: {{work_gap: {{dist: point, value: 2, source: '{source}'}}}}\n"
    )
    words = ["--draws", "2"] if command != "priors" else []
    result = called(command, "mine.yaml", *words)
    assert (result.code, result.err) == (0, "")
    said = " ".join(result.out.split())
    assert "My [b] [agent] lab" in said
    assert command == "compare" or WORDS in said


def test_a_folders_name_is_printed_as_it_is(called: Caller, write: Write) -> None:  # noqa: F811
    result = called(
        "run", write("name: A\nextends: base\n"), "--draws", "2", "--no-plots", "--out", "my [/x] [bold] run"
    )
    assert result.code == 0
    assert "Written: my [/x] [bold] run/" in result.out


@pytest.mark.parametrize("command", ["run", "compare", "evaluations"])
def test_what_was_set_is_printed(called: Caller, write: Write, command: str) -> None:  # noqa: F811
    name = write("name: A\nextends: base\n")
    changed = called(command, name, "--draws", "2", "--set", "severity=high", "--structure", "trajectory=saturating")
    assert "with --set severity=high --set structure.trajectory=saturating\n" in changed.out
    assert "with --set" not in called(command, name, "--draws", "2").out


def test_the_summary_says_what_was_set_and_what_was_read(write: Write) -> None:
    write("name: A\nextends: base\nend: 2025-01-01\n")
    said = summarise(simulate("mine.yaml", 2, set={"severity": "high", "work_gap": 3}))
    assert said["overrides"] == ["severity=high", "work_gap=3"]
    assert sorted(said["input_sha256"]) == ["base.yaml", "evaluations.yaml", "mine.yaml", "tasks.yaml"]
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in said["input_sha256"].values())
    before = said["input_sha256"]
    write("name: B\nextends: base\nend: 2025-01-01\n")
    after = summarise(simulate("mine.yaml", 2))["input_sha256"]
    assert {place for place in before if before[place] != after[place]} == {"mine.yaml"}


@pytest.mark.parametrize("columns", [*range(72, 124, 3), 108])
def test_evaluations_fit_and_nothing_is_cut(width: Any, unsolvable: Json, baseline: Json, columns: int) -> None:
    for summary in (unsolvable, baseline):
        _, said = width(columns)
        evaluations.print_evaluations(summary)
        assert "…" not in said.getvalue()
        assert max(len(line) for line in said.getvalue().splitlines()) <= columns
        for name in summary["evaluations"]:
            assert f"\n{name} " in said.getvalue()


def test_an_unsolvable_evaluation_has_dashes_and_a_legend(width: Any, unsolvable: Json, baseline: Json) -> None:
    _, said = width(140)
    evaluations.print_evaluations(unsolvable)
    line = next(line for line in said.getvalue().splitlines() if line.startswith("sparse_attention"))
    assert line.split()[-6:] == ["–"] * 6
    assert "–: no advance solves it in any draw." in said.getvalue()
    _, said = width(120)
    evaluations.print_evaluations(baseline)
    assert "–: no advance" not in said.getvalue()


@pytest.mark.parametrize("columns", [80, 100, 107, 108, 120])
def test_a_run_fits_and_nothing_is_cut(width: Any, baseline: Json, columns: int) -> None:
    for summary in (baseline, summarise(simulate("extremely_optimistic", 64))):
        out, said = width(columns)
        print_run(summary, out)
        assert "…" not in said.getvalue()
        assert max(len(line) for line in said.getvalue().splitlines()) <= columns


def test_scenarios_that_count_from_other_dates_are_not_compared(called: Caller, write: Write) -> None:  # noqa: F811
    write("name: Late\nextends: base\nreference_date: 2025-01-27\n", "late.yaml")
    result = called("compare", "base.yaml", "late.yaml", "--draws", "2")
    assert (result.code, result.out) == (1, "")
    said = (
        "late.yaml: reference_date: got 2025-01-27, expected 2024-08-27, that of base.yaml, so that dates stand side by"
    )
    assert result.err == f"{said} side\n"
    assert called("compare", "late.yaml", "--draws", "2").code == 0


def test_scenarios_that_end_at_other_dates_are_compared(called: Caller, write: Write) -> None:  # noqa: F811
    write("name: Short\nextends: base\nend: 2026-01-01\n", "short.yaml")
    result = called("compare", "base.yaml", "short.yaml", "--draws", "2")
    assert result.code == 0
    assert re.search(r"^Aug 2029 +\S.*–$", result.out, re.MULTILINE)


def test_nothing_is_written_as_minus_zero() -> None:
    assert [percent(value) for value in (-0.004, -0.0, -0.006)] == ["0 %", "0 %", "-1 %"]
    assert [number(value) for value in (-0.004, -0.0, -0.006)] == ["0.00", "0.00", "-0.01"]
    assert evaluations._doublings(-0.01, None) == "+0.0"


def test_days_and_years_are_working_ones() -> None:
    assert duration(1439) == "24.0 h"
    assert duration(2400) == "5 workdays"
    assert duration(240000) == "2.0 work-years"
