"""Tables of evidence that are wrong are refused in one line, and nothing is left half written."""

import os
from pathlib import Path

import pandas as pd
import pytest
from tabled import COUNTS, HORIZONS, OUTCOMES, TABLES, TIME_USE, TRIALS, assert_same, refusal, save

import autosim
from autosim.errors import AutosimError, InputError
from autosim.evidence import reading
from autosim.evidence.schema import KINDS
from autosim.evidence.tables import read_evidence, write_evidence
from autosim.inputs.scenario import Taxonomy


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return autosim.load("baseline").taxonomy


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Instead of this, that; then the place within the file, what was found, and what was expected.
BAD = {
    "successes above attempts": (OUTCOMES, "45,3,8", "45,9,8", "row 1, successes", "9", "at most attempts, 8"),
    "no attempts": (OUTCOMES, "90,0,8", "90,0,0", "row 2, attempts", "0", "at least 1"),
    "half a success": (OUTCOMES, "45,3,8", "45,2.5,8", "row 1, successes", "'2.5'", "a whole number"),
    "a huge count": (OUTCOMES, "45,3,8", "45,3,1e300", "row 1, attempts", "'1e300'", "a whole number"),
    "negative minutes": (OUTCOMES, ",45,", ",-45,", "row 1, human_minutes", "-45", "above 0"),
    "no minutes": (OUTCOMES, ",45,", ",0,", "row 1, human_minutes", "0", "above 0"),
    "a longer task than there is": (OUTCOMES, ",45,", ",2e7,", "row 1, human_minutes", "2e7", "min"),
    "infinite minutes": (OUTCOMES, ",45,", ",inf,", "row 1, human_minutes", "'inf'", "a number"),
    "NaN": (OUTCOMES, ",45,", ",nan,", "row 1, human_minutes", "'nan'", "a number"),
    "minutes with a unit": (OUTCOMES, ",45,", ",45 min,", "row 1, human_minutes", "'45 min'", "a number"),
    "an empty cell": (OUTCOMES, "debug/one", "", "row 1, instance", "nothing", "text"),
    "an unknown suite": (OUTCOMES, "metr_hcast", "metr_hcst", "row 1, suite", "'metr_hcst'", "'metr_hcast'?"),
    "a flag": (OUTCOMES, "true", "maybe", "row 1, frontier", "'maybe'", "true or false"),
    "a day that is none": (OUTCOMES, "2025-04-16", "2025-02-30", "row 1, release_date", "'2025-02-30'", "a date"),
    "another notation": (OUTCOMES, "2026-11-20", "20.11.2026", "row 1, published", "'20.11.2026'", "a date"),
    "a time of day": (OUTCOMES, "2026-11-20", "2026-11-20 10:00", "row 1, published", "10:00'", "a date"),
    "a year of five digits": (OUTCOMES, "2026-11-20", "20266-11-20", "row 1, published", "'20266", "a date"),
    "a year out of reach": (OUTCOMES, "2026-11-20", "0206-11-20", "row 1, published", "'0206", "a date"),
    "a release after its results": (OUTCOMES, "2025-04-16", "2062-04-16", "row 1, release_date", "2062", "2026-11-20"),
    "an unknown column": (OUTCOMES, "attempts", "atempts", "header", "unknown column 'atempts'", "'attempts'?"),
    "an unknown bottleneck": (
        OUTCOMES.replace(",source", ",severity.noveltty,source").replace("8,our", "8,1,our"),
        "\n",
        "\n",
        "header",
        "'severity.noveltty'",
        "'severity.novelty'?",
    ),
    "a column twice": (OUTCOMES, "attempts", "successes", "header", "'successes' twice", "each column once"),
    "a column without a name": (OUTCOMES, "attempts", "", "header", "without a name", "a name"),
    "a bell": (OUTCOMES, "debug/one", "debug\aone", "row 1, instance", "'debug", "printable"),
    "a row cut short": (OUTCOMES, ",our evaluation,2026-11-20\no3", "\no3", "row 1", "8 cells", "10, as in the header"),
    "a row too long": (OUTCOMES, ",2026-11-20\no3", ",2026-11-20,,\no3", "row 1", "12 cells", "10, as"),
    "a quote that never ends": (
        OUTCOMES,
        "debug/one",
        '"debug/one',
        "line 3",
        "not CSV (unexpected end of data)",
        "CSV",
    ),
    "the same row twice": (OUTCOMES, "two,90", "one,45", "row 2", "again, after row 1 of mine.csv", "each once"),
    "two lengths of one task": (
        OUTCOMES,
        "o3,2025-04-16,true,metr_hcast,debug/two",
        "o1,2024-12-05,true,metr_hcast,debug/one",
        "row 2, human_minutes",
        "90.0",
        "45.0 as for metr_hcast, debug/one in row 1 of mine.csv",
    ),
    "two release dates": (
        HORIZONS,
        "o1,2024-12-05,true,metr_hcast",
        "o3,2024-12-05,true,swaa",
        "row 2, release_date",
        "2024-12-05",
        "2025-04-16 as for o3 in row 1",
    ),
    "an interval beside its point": (HORIZONS, "120,70,", "120,130,", "row 1, p50_lower", "130", "below p50_horizon"),
    "an interval below its point": (HORIZONS, ",200,", ",110,", "row 1, p50_upper", "110", "above p50_horizon_min"),
    "p80 above p50": (HORIZONS, "30,15,60", "130,15,160", "row 1, p80_horizon_min", "130", "below p50_horizon_min"),
    "half an interval": (HORIZONS, "30,15,60", "30,15,", "row 1, p80_lower", "part of", "a point and both ends"),
    "an interval of nothing": (HORIZONS, "30,15,60", ",15,60", "row 1, p80_lower", "part of", "a point and both"),
    "a suite without horizons": (HORIZONS, "metr_hcast", "ours", "row 1, suite", "'ours'", "an evaluation"),
    "an unknown role": (TIME_USE, "individual_contributor", "manger", "row 1, role", "'manger'", "'manager'?"),
    "an unknown task": (TIME_USE, "debugging", "debuging", "row 1, task", "'debuging'", "'debugging'?"),
    "negative time": (TIME_USE, "300", "-300", "row 1, minutes", "-300", "at least 0"),
    "a diary of the future": (TIME_USE, "2026-03-01", "2026-05-01", "row 1, date", "2026-05-01", "2026-04-01"),
    "a task twice": (TIME_USE, "formal_writing", "debugging", "row 2", "A, debugging", "each once"),
    "two roles of one person": (
        TIME_USE,
        "individual_contributor,formal",
        "manager,formal",
        "row 2, role",
        "manager",
        "individual_contributor as for A in row 1 of mine.csv",
    ),
    "shares in percent": (TRIALS, "0.7,0.3", "70,30", "row 1, share.debugging", "70", "at most 1"),
    "shares that miss": (TRIALS, "0.7,0.3", "0.7,0.2", "row 1, share.*", "a sum of 0.9", "shares that sum to 1"),
    "an unknown share": (
        TRIALS,
        "share.debugging",
        "share.debuging",
        "header",
        "'share.debuging'",
        "'share.debugging'?",
    ),
    "a ratio in percent": (TRIALS, "0.9,0.1", "119,0.1", "row 1, time_ratio", "119", "at most 100"),
    "a ratio of nothing": (TRIALS, "0.9,0.1", "0,0.1", "row 1, time_ratio", "0", "at least 0.01"),
    "no error at all": (TRIALS, "0.9,0.1", "0.9,0", "row 1, standard_error", "0", "above 0"),
    "a trial after its report": (TRIALS, "2026-03-01", "2026-05-01", "row 1, date", "2026-05-01", "2026-04-01"),
    "an unknown statement": (COUNTS, "experiments_solved", "all_solved", "row 1, statement", "'all_solved'", "solved"),
    "more than were asked": (COUNTS, "5,8", "9,8", "row 1, count", "9", "at most of, 8"),
    "columns of nothing": ("a,b\n1,2\n", "a", "a", "header", "the columns a, b", "one of outcomes, horizons"),
    "an empty file": ("", "", "", "", "nothing (an empty file)", "a table"),
}


@pytest.mark.parametrize(("text", "old", "new", "key", "got", "expected"), BAD.values(), ids=BAD)
def test_bad_evidence_is_refused_in_one_line(
    taxonomy: Taxonomy, text: str, old: str, new: str, key: str, got: str, expected: str
) -> None:
    assert old in text
    message = refusal(taxonomy, save(text.replace(old, new, 1)))
    where, _, rest = message.partition(": got ")
    found, _, wanted = rest.partition(", expected ")
    assert where == (f"mine.csv: {key}" if key else "mine.csv")
    assert got in found
    assert expected in wanted


@pytest.mark.parametrize("column", [line for text in TABLES.values() for line in text.splitlines()[0].split(",")])
def test_a_missing_column_is_named_or_has_a_default(taxonomy: Taxonomy, column: str) -> None:
    for name, text in TABLES.items():
        table = pd.read_csv(save(text), dtype=str, keep_default_na=False)
        if column not in table.columns:
            continue
        table.drop(columns=column).to_csv("mine.csv", index=False)
        optional = {c.name for c in KINDS[name].columns if not c.required}
        if column.startswith("share."):
            assert "a sum of" in refusal(taxonomy, Path("mine.csv"))
        elif column in optional - {"p80_horizon_min", "p80_lower", "p80_upper"}:
            read_evidence([Path("mine.csv")], taxonomy)
        elif column in optional:
            assert "a point and both ends" in refusal(taxonomy, Path("mine.csv"))
        else:
            said = f"mine.csv: {column}: got no such column, expected a column that {name} must have"
            assert refusal(taxonomy, Path("mine.csv")) == said


def test_a_duplicate_in_another_file_is_found(taxonomy: Taxonomy) -> None:
    message = refusal(taxonomy, save(OUTCOMES, "a.csv"), save(OUTCOMES, "b.csv"))
    assert message.startswith("b.csv: row 1: got o3, metr_hcast, debug/one again, after row 1 of a.csv")


def test_outcomes_and_horizons_agree_on_a_model(taxonomy: Taxonomy) -> None:
    message = refusal(taxonomy, save(OUTCOMES.replace("true", "false"), "a.csv"), save(HORIZONS, "b.csv"))
    assert message.startswith("b.csv: row 1, frontier: got True, expected False as for o3 in row 1 of a.csv")


def test_a_suite_of_ones_own_needs_every_severity(taxonomy: Taxonomy) -> None:
    names = [f"severity.{name}" for name in taxonomy.bottlenecks]
    own = OUTCOMES.replace("metr_hcast", "ours").replace(",source", f",{','.join(names)},source")
    evidence = read_evidence([save(own.replace("8,our", "8,0.1,0.2,0.3,0.4,0.5,our"))], taxonomy)
    assert evidence.outcomes[names].to_numpy().tolist() == [[0.1, 0.2, 0.3, 0.4, 0.5]] * 2
    assert "every severity" in refusal(taxonomy, save(own.replace("8,our", "8,0.1,0.2,0.3,0.4,,our")))


PATHS = {
    "missing": ("other.csv", "no such file", "a table"),
    "folder without tables": ("empty", "a folder without tables", "a folder with"),
    "pipe": ("pipe.csv", "something that is not a file", "a table"),
    "another suffix": ("mine.xlsx", "'.xlsx'", "a table as .csv or .parquet"),
    "no suffix": ("mine", "'mine'", "a table"),
    "not Parquet": ("mine.parquet", "not Parquet", "a table"),
    "a pickle": ("pickle.parquet", "not Parquet", "a table"),
    "binary": ("binary.csv", "bytes that are not text", "UTF-8 text"),
    "UTF-16": ("utf16.csv", "bytes that are not text", "UTF-8 text"),
}


@pytest.mark.parametrize(("path", "got", "expected"), PATHS.values(), ids=PATHS)
def test_what_is_no_table_is_refused(taxonomy: Taxonomy, path: str, got: str, expected: str) -> None:
    Path("empty").mkdir()
    os.mkfifo("pipe.csv")
    for name in ("mine.xlsx", "mine", "mine.parquet"):
        save(OUTCOMES, name)
    save(b"\x80\x04\x95", "pickle.parquet")
    save(bytes(range(256)), "binary.csv")
    save(OUTCOMES.encode("utf-16"), "utf16.csv")
    message = refusal(taxonomy, Path(path))
    assert got in message.partition("expected")[0]
    assert expected in message.partition("expected")[2]


def test_a_file_too_large_is_refused_before_it_is_read(taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("large.csv").open("wb") as file:
        file.truncate(10_000_000_000)
    assert "10,000.0 MB" in refusal(taxonomy, Path("large.csv"))
    monkeypatch.setattr(reading, "MAX_ROWS", 1)
    assert "more than 1 rows" in refusal(taxonomy, save(OUTCOMES))
    pd.read_csv("mine.csv").to_parquet("mine.parquet")
    assert "more than 1 rows" in refusal(taxonomy, Path("mine.parquet"))


def test_nested_cells_of_parquet_are_refused(taxonomy: Taxonomy) -> None:
    pd.DataFrame({"model": [["a"]]}).to_parquet("mine.parquet")
    assert "cells of type list" in refusal(taxonomy, Path("mine.parquet"))


def test_parquet_may_hold_its_own_types(taxonomy: Taxonomy) -> None:
    table = pd.read_csv(save(OUTCOMES), parse_dates=["release_date", "published"])
    table["successes"] = table["successes"].astype("float32")
    table["source"] = table["source"].astype("category")
    table.to_parquet("mine.parquet")
    assert_same(read_evidence([Path("mine.csv")], taxonomy), read_evidence([Path("mine.parquet")], taxonomy))


@pytest.mark.parametrize(
    ("target", "got"),
    [("out.txt", "'out.txt'"), ("there", "which exists"), ("there.csv", "which exists"), ("two.csv", "2 tables")],
)
def test_a_target_that_does_not_suit_is_refused(taxonomy: Taxonomy, target: str, got: str) -> None:
    Path("there").mkdir()
    Path("there.csv").mkdir()
    evidence = read_evidence([save(OUTCOMES, "a.csv"), save(COUNTS, "b.csv")], taxonomy)
    before = sorted(Path().iterdir())
    with pytest.raises(InputError, match=got):
        write_evidence(evidence, Path(target))
    assert sorted(Path().iterdir()) == before


def test_nothing_is_left_half_written(taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = read_evidence([save(OUTCOMES)], taxonomy)
    save("what was there", "out.csv")

    def fail(_: pd.DataFrame, path: Path, **__: object) -> None:
        Path(path).write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(AutosimError, match=r"out.csv: cannot be written"):
        write_evidence(evidence, Path("out.csv"))
    assert Path("out.csv").read_text() == "what was there"
    assert sorted(path.name for path in Path().iterdir()) == ["mine.csv", "out.csv"]
