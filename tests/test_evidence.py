"""Tables of evidence: what is read is what was written."""

import math
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tabled import TABLES, assert_same, save

import autosim
from autosim.errors import InputError
from autosim.evidence.schema import KINDS, STATEMENTS
from autosim.evidence.tables import make_evidence, read_evidence, shipped_evidence, write_evidence
from autosim.inputs.scenario import Scenario, Taxonomy


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return autosim.load("baseline").taxonomy


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_kind_is_known_by_its_columns(taxonomy: Taxonomy) -> None:
    for name, text in TABLES.items():
        evidence = read_evidence([save(text)], taxonomy)
        assert {kind: len(table) for kind, table in evidence.tables().items() if len(table)} == {
            name: text.count("\n") - 1
        }


def test_every_table_has_every_column_with_its_type_even_when_empty(taxonomy: Taxonomy) -> None:
    types = {"text": "str", "date": "datetime64[s]", "flag": "bool", "count": "int64", "number": "float64"}
    for evidence in (read_evidence([], taxonomy), shipped_evidence(taxonomy)):
        for name, table in evidence.tables().items():
            wanted = {column.name: types[column.type] for column in KINDS[name].all_columns(taxonomy)}
            assert {str(column): str(kind) for column, kind in table.dtypes.items()} == wanted
    assert list(evidence.trials.filter(like="share.")) == [f"share.{task}" for task in taxonomy.tasks]
    assert list(evidence.outcomes.filter(like="severity.")) == [f"severity.{name}" for name in taxonomy.bottlenecks]


def test_empty_cells_take_their_defaults(taxonomy: Taxonomy) -> None:
    evidence = read_evidence([save(text, f"{name}.csv") for name, text in TABLES.items()], taxonomy)
    assert evidence.outcomes["weight"].tolist() == [1.0, 1.0]
    assert evidence.outcomes["severity.novelty"].isna().all()
    assert evidence.counts["weight"].tolist() == [0.5]
    assert evidence.trials["share.debugging"].tolist() == [0.7]
    assert evidence.trials["share.detailed_planning"].tolist() == [0.0]
    assert math.isnan(evidence.trials["believed_ratio"][0])
    assert evidence.horizons["p80_horizon_min"].isna().tolist() == [False, True]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("name", TABLES)
def test_reading_what_was_written_is_the_identity(taxonomy: Taxonomy, name: str, suffix: str) -> None:
    evidence = read_evidence([save(TABLES[name])], taxonomy)
    out = Path(f"out.{suffix}")
    write_evidence(evidence, out)
    first = out.read_bytes()
    again = read_evidence([out], taxonomy)
    assert_same(evidence, again)
    write_evidence(again, out)
    assert out.read_bytes() == first


def test_a_folder_holds_several_tables(taxonomy: Taxonomy) -> None:
    evidence = read_evidence([save(text, f"{name}.csv") for name, text in TABLES.items()], taxonomy)
    write_evidence(evidence, Path("all"))
    assert sorted(path.name for path in Path("all").iterdir()) == sorted(f"{name}.csv" for name in TABLES)
    assert_same(evidence, read_evidence([Path("all")], taxonomy))
    assert not list(Path().glob(".*"))


@settings(deadline=None, max_examples=25)
@given(
    numbers=st.lists(st.tuples(st.floats(1e-6, 1e7), st.integers(0, 9), st.floats(1e-3, 1e3)), min_size=1, max_size=8),
    published=st.dates(date(2026, 1, 1), date(2099, 1, 1)),
)
def test_any_numbers_survive_a_file(
    numbers: list[tuple[float, int, float]], published: date, tmp_path_factory: pytest.TempPathFactory
) -> None:
    known = autosim.load("baseline").taxonomy
    rows = [
        ('m, "1"', date(2025, 1, 1), False, "swaa", f"é{i}", minutes, wins, 9, weight, "x", published)
        for i, (minutes, wins, weight) in enumerate(numbers)
    ]
    names = (
        "model",
        "release_date",
        "frontier",
        "suite",
        "instance",
        "human_minutes",
        "successes",
        "attempts",
        "weight",
    )
    evidence = make_evidence({"outcomes": pd.DataFrame(rows, columns=[*names, "source", "published"])}, "x", known)
    folder = tmp_path_factory.mktemp("evidence")
    for suffix in ("csv", "parquet"):
        write_evidence(evidence, folder / f"out.{suffix}")
        assert_same(evidence, read_evidence([folder / f"out.{suffix}"], known))


def test_before_keeps_what_was_public(taxonomy: Taxonomy) -> None:
    evidence = shipped_evidence(taxonomy)
    day = date(2024, 8, 27)
    early = evidence.before(day)
    assert (early.counts["count"].tolist(), len(early.horizons)) == ([5, 6, 6], 0)
    assert 0 < early.rows < evidence.rows
    for table in early.tables().values():
        assert (table["published"] <= pd.Timestamp(day)).all()
        assert table.index.tolist() == list(range(len(table)))
    assert early.before(date(2024, 8, 26)).counts.empty


def test_the_shipped_evidence_is_what_was_published(taxonomy: Taxonomy) -> None:
    evidence = shipped_evidence(taxonomy)
    assert dict(zip(evidence.counts["statement"], evidence.counts["count"], strict=True)) == dict(
        zip(STATEMENTS, [5, 6, 6], strict=True)
    )
    assert (evidence.counts["of"] == 8).all()
    trial = evidence.trials[evidence.trials["trial"] == "METR, early 2025"]
    ends = trial["time_ratio"].item() * np.exp(np.array([-1.96, 1.96]) * trial["standard_error"].item())
    assert ends.round(2).tolist() == [1.02, 1.39]
    assert evidence.trials["source"].str.contains("judgement").all()
    horizons = evidence.horizons
    o1 = horizons.loc[horizons["model"] == "o1", ["p50_horizon_min", "p80_horizon_min"]]
    assert o1.to_numpy().tolist() == [[38.83, 7.09]]
    ratio = np.exp(np.log(horizons["p50_horizon_min"] / horizons["p80_horizon_min"]).mean())
    assert ratio == pytest.approx(5.4, abs=0.2)
    frontier = horizons[horizons["frontier"]].sort_values("release_date")
    days = frontier["release_date"].to_numpy().astype("datetime64[D]").astype(float)
    assert 1 / np.polyfit(days, np.log2(frontier["p50_horizon_min"]), 1)[0] == pytest.approx(128.7, abs=0.5)


@pytest.mark.usefixtures("small_world")
def test_the_shipped_evidence_of_other_tasks_is_refused_by_name() -> None:
    scenario = autosim.load("base.yaml")
    assert isinstance(scenario, Scenario)
    with pytest.raises(InputError, match=r"^priors/evidence/horizons.csv: row 1, suite: got 'metr_hcast'"):
        shipped_evidence(scenario.taxonomy)
