"""A pool's outlooks scored: what was known does not count, who did not exist yet is refused, and what is printed."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Write
from reading import clear

import autosim
from autosim.backtesting import statements
from autosim.backtesting.outlooks import OutlooksScored, score_pool
from autosim.cli import outlooks as shell
from autosim.errors import InputError
from autosim.evidence.tables import Evidence, make_evidence, write_evidence
from autosim.inference.foretold import Seen, evidence_by_level
from autosim.inference.predicting import Drawn
from autosim.inference.worlds import drawn_capability, worlds
from autosim.inputs.loading import load
from autosim.inputs.scenario import Pool

CUT_OFF = date(2024, 8, 31)
DRAWS = 200
OUTLOOK = """
name: {name}
extends: base
priors:
  published: {published}
  source: judgement
  horizon_elasticity: {elasticity}
"""


@pytest.fixture
def two_views(write: Write) -> Write:
    """A pool of two outlooks that differ in the pace of capability."""
    for name, elasticity in (("slow", 0.3), ("fast", 1.2)):
        write(OUTLOOK.format(name=name.title(), published="2024-08-27", elasticity=elasticity), f"{name}.yaml")
    write("name: Both\npool: {slow: 1, fast: 3}\n", "both.yaml")
    return write


def pooled(day: date | None = CUT_OFF) -> Pool:
    found = load("both.yaml", as_of=day)
    assert isinstance(found, Pool)
    return found


def horizon(model: str, release: str, p50: float) -> dict[str, Any]:
    about = {"model": model, "release_date": release, "frontier": "true", "suite": "suite", "p50_horizon_min": p50}
    return {**about, "p50_lower": p50 / 1.5, "p50_upper": p50 * 1.5, "source": "a test", "published": "2026-03-01"}


def trial(name: str, published: str, ratio: float) -> dict[str, Any]:
    about = {"trial": name, "population": "some", "date": "2024-06-01", "time_ratio": ratio, "standard_error": 0.1}
    return {**about, "share.debugging": 1.0, "source": "a test", "published": published}


def evidence(horizons: Sequence[Mapping[str, Any]] = (), trials: Sequence[Mapping[str, Any]] = ()) -> Evidence:
    rows = {"horizons": horizons, "trials": trials}
    tables = {name: pd.DataFrame(some) for name, some in rows.items() if some}
    return make_evidence(tables, "test", pooled().taxonomy)


NEWS = (horizon("A", "2025-03-01", 300.0), horizon("B", "2025-06-01", 500.0))
TOLD = (trial("T", "2025-09-01", 0.7),)


def score(*, known: float, day: date = CUT_OFF, seed: int = 0) -> OutlooksScored:
    """Score by news, beside what was known by the cut-off: its numbers are ``known``."""
    horizons = (*NEWS, horizon("Old", "2024-08-31", known))
    trials = (*TOLD, trial("Old", "2024-08-31", known))
    return score_pool(pooled(day), evidence(horizons, trials), day, DRAWS, seed)


@pytest.mark.usefixtures("two_views")
def test_what_was_known_by_the_cut_off_does_not_count() -> None:
    found, poisoned = score(known=1.0), score(known=99.0)
    assert [one.about for one in found.statements] == ["A", "B", "T"]
    assert found.as_json() == poisoned.as_json()
    assert found.since == CUT_OFF


@pytest.mark.usefixtures("two_views")
def test_one_seed_gives_the_same_bits_and_another_others() -> None:
    assert score(known=1.0).as_json() == score(known=1.0).as_json()
    assert score(known=1.0).as_json() != score(known=1.0, seed=1).as_json()


@pytest.mark.usefixtures("two_views")
def test_fast_news_favours_the_fast() -> None:
    found = score(known=1.0)
    assert found.outlooks == ("slow", "fast")
    np.testing.assert_allclose(found.updated.weights.value[0], [0.25, 0.75])
    assert found.updated.weights.value[-1, 1] > 0.85


def refusal(pool: Pool, cut_off: date, told: Evidence) -> str:
    with pytest.raises(InputError) as caught:
        score_pool(pool, told, cut_off, DRAWS, 0)
    return clear(caught.value)


def test_outlooks_that_did_not_exist_yet_are_refused(two_views: Write) -> None:
    told = evidence(NEWS)
    two_views(OUTLOOK.format(name="Fast", published="2025-01-01", elasticity=1.2), "fast.yaml")
    assert refusal(pooled(), CUT_OFF, told) == (
        "cut-off: got 2024-08-31, when nothing was published yet that fast says itself, "
        "expected a day by which all outlooks exist"
    )
    later = date(2025, 1, 1)
    assert score_pool(pooled(later), told, later, DRAWS, 0).since == later


@pytest.mark.usefixtures("two_views")
@pytest.mark.parametrize(("day", "said"), [(None, "as of today"), (date(2024, 9, 1), "as of 2024-09-01")])
def test_outlooks_must_be_as_of_the_cut_off(day: date | None, said: str) -> None:
    wanted = f"outlooks: slow: got {said}, expected an outlook as of the cut-off 2024-08-31"
    assert refusal(pooled(day), CUT_OFF, evidence(NEWS)) == wanted


@pytest.mark.usefixtures("two_views")
def test_nothing_after_the_cut_off_is_refused() -> None:
    day = date(2025, 12, 1)
    assert refusal(pooled(day), day, evidence(NEWS)).startswith("later evidence: got 0 horizons and 0 trials")


def test_the_shipped_outlooks_did_not_exist_in_july_2024() -> None:
    day = date(2024, 7, 1)
    pool = load("interviews", as_of=day)
    assert isinstance(pool, Pool)
    assert "when nothing was published yet that pessimistic says itself" in refusal(pool, day, evidence_shipped(pool))


def evidence_shipped(pool: Pool) -> Evidence:
    row = {**horizon("A", "2025-04-01", 120.0), "suite": pool.taxonomy.anchor}
    return make_evidence({"horizons": pd.DataFrame([row])}, "test", pool.taxonomy)


def test_the_shipped_outlooks_can_be_scored_in_every_draw() -> None:
    """Some of their draws let lengths hardly rise, or the trend diverge, long before the news."""
    pool = load("interviews", as_of=CUT_OFF)
    assert isinstance(pool, Pool)
    found = score_pool(pool, evidence_shipped(pool), CUT_OFF, 1000, 0)
    assert np.isfinite(found.updated.joint.value).all()
    np.testing.assert_allclose(found.updated.weights.value[0], [0.25, 0.5, 0.25])


def test_levels_are_found_wherever_the_trend_has_led() -> None:
    """Of 2,000 draws of the pessimist some let lengths hardly rise where the trend leads, and in some it diverges."""
    pool = load("interviews", as_of=CUT_OFF)
    assert isinstance(pool, Pool)
    suite, scenario = pool.taxonomy.anchor, pool.members[0][1]
    drawn, trend = drawn_capability(worlds(scenario, None, 2000, 0), [date(2025, 4, 16)])
    seen = Seen(suite, np.array([7.0, np.nan]), np.array([0.4, np.nan]))
    level = statements._level(seen, drawn)
    np.testing.assert_allclose(drawn.length(0.5, suite, level), 7.0, atol=0.1)
    for start in (level, trend[:, 0]):
        levels = evidence_by_level([seen], "A", Drawn({**drawn.values, "growth.A": start}, scenario))
        assert np.isfinite(levels.growth).all()
        assert (levels.step > 0.0).all()


@pytest.mark.usefixtures("two_views")
def test_the_command_prints_and_writes_what_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = evidence((*NEWS, horizon("Old", "2024-01-01", 5.0)), TOLD)
    out = tmp_path / "scored"
    shell.score_pool(pooled(), told, CUT_OFF, DRAWS, 0, out)
    printed = capsys.readouterr().out
    assert printed.startswith(
        "What became known from Aug 2024 to Sep 2025 (2 horizons and 1 trial) has moved the weight"
    )
    assert "A's horizon" in printed
    assert "weight after all" in printed
    assert "Not counted: 1 horizon and 0 trials known by 2024-08-31." in printed
    assert sorted(path.name for path in out.iterdir()) == ["figures", "outlooks.json"]
    assert sorted(path.name for path in (out / "figures").iterdir()) == ["outlooks.png", "outlooks.svg"]
    said = json.loads((out / "outlooks.json").read_text(encoding="utf-8"))
    assert (said["scenario"], said["name"], said["since"]) == ("both", "Both", "2024-08-31")
    shell.score_pool(pooled(), told, CUT_OFF, DRAWS, 0, out, plots=False, as_json=True)
    assert json.loads(capsys.readouterr().out) == said
    assert [path.name for path in out.iterdir()] == ["outlooks.json"]


@pytest.mark.usefixtures("two_views")
def test_python_scores_files_and_checked_evidence_alike(tmp_path: Path) -> None:
    told = evidence(NEWS)
    file = tmp_path / "news.csv"
    write_evidence(told, file)
    found = autosim.score_outlooks("both.yaml", [file], CUT_OFF, DRAWS)
    assert found.as_json() == autosim.score_outlooks("both.yaml", told, CUT_OFF, DRAWS).as_json()
    with pytest.raises(InputError) as caught:
        autosim.score_outlooks("slow.yaml", told, CUT_OFF, DRAWS)
    assert clear(caught.value) == "scenario: got slow, one outlook, expected a pool of several"
