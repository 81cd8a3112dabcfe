"""The whole backtest, small: forecasts from two earlier days on made-up evidence, scored, kept and reported."""

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn import refuse_clutter
from later import CUT_OFF, Row, horizon, outcome, taxonomy, trial
from ruamel.yaml import YAML

from autosim.backtesting import running
from autosim.backtesting.forecast import Forecast
from autosim.backtesting.in_words import cautions, verdicts
from autosim.backtesting.origins import starts
from autosim.backtesting.registering import registration_of
from autosim.backtesting.running import OWN, Settings, fitted
from autosim.cli import main
from autosim.cli.backtest import read_sets
from autosim.draws import draw
from autosim.errors import InputError
from autosim.evidence.tables import Evidence, make_evidence
from autosim.inputs.loading import load
from autosim.inputs.scenario import Scenario
from autosim.inputs.shipped import shipped_folder
from autosim.plots.backtest import calibrated, differences, fans
from autosim.plots.style import house_style

type Json = dict[str, Any]

CUT_OFFS = ("2024-07-01", "2024-12-01")
SMALL = ("--draws", "300", "--fit-draws", "40", "--tune", "60", "--chains", "2")
MODELS = (
    ("first", "2023-03-14", 5.0),
    ("second", "2023-11-06", 8.0),
    ("third", "2024-03-04", 9.0),
    ("fourth", "2024-06-20", 15.0),
    ("fifth", "2024-09-12", 30.0),
    ("sixth", "2024-10-22", 28.0),
    ("seventh", "2025-02-24", 55.0),
    ("eighth", "2025-04-16", 100.0),
)
HORIZONS = [horizon(name, day, p50, p80=p50 / 5.0) for name, day, p50 in MODELS]
TRIALS = [trial("early", "2024-02-01", 0.9, 0.1), trial("late", "2025-02-01", 1.1, 0.1)]
OUTCOMES = [
    outcome(name, day, f"task {i}", min(4, max(0, place - i + 2)), 4)
    for place, (name, day, _) in enumerate(MODELS)
    for i in range(4)
]


def made_up() -> Evidence:
    tables = {"horizons": pd.DataFrame(HORIZONS), "trials": pd.DataFrame(TRIALS)}
    return make_evidence(tables, "made up", taxonomy())


def of_2024() -> Evidence:
    """Only models that came out since 2024."""
    rows = pd.DataFrame([row for row in HORIZONS if row["release_date"] >= "2024"])
    return make_evidence({"horizons": rows}, "made up", taxonomy())


def write(folder: Path, **tables: Sequence[Row]) -> list[Path]:
    paths = [folder / f"{name}.csv" for name in tables]
    for path, rows in zip(paths, tables.values(), strict=True):
        pd.DataFrame(rows).to_csv(path, index=False)
    return paths


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backtest")


def call(folder: Path, name: str, *more: str) -> Json:
    days = [word for day in CUT_OFFS for word in ("--cut-off", day)]
    kept = ("--cache", str(folder / "cache"), "--registration", str(folder / "registration.json"))
    main(["backtest", *days, *SMALL, *kept, "--out", str(folder / name), *more])
    found: Json = json.loads((folder / name / "backtest.json").read_text())
    return found


@pytest.fixture(scope="module")
def evidence(folder: Path) -> list[str]:
    paths = write(folder, horizons=HORIZONS, outcomes=OUTCOMES, trials=TRIALS)
    horizons, outcomes, trials = map(str, paths)
    return ["--evidence", f"small={horizons}", "--evidence", f"small={outcomes}", "--evidence", trials]


@pytest.fixture(scope="module")
def found(folder: Path, evidence: list[str]) -> Json:
    return call(folder, "first", *evidence)


def test_every_origin_is_scored(found: Json) -> None:
    assert [(one["data"], one["cut_off"]) for one in found["origins"]] == [("small", day) for day in CUT_OFFS]
    first = found["origins"][0]
    assert (first["targets"]["p50"], first["targets"]["trial"], first["targets"]["outcome"]) == (4, 1, 16)
    assert found["models"] == 4
    assert first["priors"]["substitutions"]


def test_every_forecaster_has_scores(found: Json) -> None:
    told = {one["forecaster"] for one in found["scores"] if one["kind"] == "all"}
    assert {OWN, "prior", "persistence", "ols_all", "ols_frontier", "irt_linear"} <= told
    ours = next(one for one in found["scores"] if (one["forecaster"], one["kind"]) == (OWN, "p50"))
    assert ours["targets"] == 6
    assert 0.0 < ours["crps"] < 3.0


def test_targets_stand_beside_their_scores(found: Json, folder: Path) -> None:
    table = pd.read_csv(folder / "first" / "targets.csv")
    own = table[(table["forecaster"] == OWN) & (table["kind"] == "p50")]
    told = next(one for one in found["scores"] if (one["forecaster"], one["kind"]) == (OWN, "p50"))
    assert own["crps"].mean() == pytest.approx(told["crps"])
    assert own[own["item"] == "eighth"]["observed"].iloc[0] == pytest.approx(np.log2(100.0))


def test_the_second_call_fits_nothing_and_says_the_same(
    found: Json, folder: Path, evidence: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "fit", lambda *_, **__: pytest.fail("fitted again"))
    assert call(folder, "second", *evidence, "--no-plots") == found
    one, other = ((folder / name / "targets.csv").read_bytes() for name in ("first", "second"))
    assert one == other


def test_more_outcomes_are_scored_as_registered(found: Json, folder: Path) -> None:
    more = horizon("ninth", "2025-06-01", 150.0, p80=30.0)
    path, trials = write(folder, horizons_more=[*HORIZONS, more], trials=TRIALS)
    outcomes = folder / "outcomes.csv"
    tables = [word for table in (path, outcomes, trials) for word in ("--evidence", str(table))]
    again = call(folder, "more", *tables, "--no-plots")
    assert again["registration"]["sha256"] == found["registration"]["sha256"]
    assert again["registration"]["post_hoc"] == []
    assert [one["targets"]["p50"] for one in again["origins"]] == [5, 3]


def test_what_has_changed_since_is_post_hoc(found: Json, folder: Path, evidence: list[str]) -> None:
    again = call(folder, "changed", *evidence, "--no-plots", "--draws", "200")
    assert again["registration"]["sha256"] == found["registration"]["sha256"]
    assert again["registration"]["post_hoc"] == ["draws: changed from 300 to 200"]
    assert cautions(again)[-1] == "post hoc: draws: changed from 300 to 200"


def test_figures_are_clear(found: Json) -> None:
    with house_style():
        for figure in (fans(found), differences(found), calibrated(found)):
            refuse_clutter(figure)


def test_the_table_has_baselines_side_by_side(
    found: Json, folder: Path, evidence: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    call(folder, "printed", *evidence, "--no-plots")
    printed = capsys.readouterr()
    for words in ("last value persists", "OLS, state of the art", "2PL, saturating trend", "80 % intervals contain"):
        assert words in printed.out
    assert "priors published later were replaced" in printed.err
    assert str(found["models"]) in printed.out


def test_sentences_say_what_the_numbers_say(found: Json) -> None:
    lines = verdicts(found)
    for measure, line in zip(("crps", "log_score"), lines, strict=False):
        told = {one["second"]: one for one in found["differences"]
                if (one["measure"], one["kind"]) == (measure, "all")}  # fmt: skip
        better = re.search(r"is better.*? than ([^;]*)", line)
        said = better.group(1) if better else ""
        assert ("last value persists" in said) == (told["persistence"]["verdict"] == "better")


def poisoned(evidence: Evidence, cut_off: date) -> Evidence:
    """Other results of everything that came after a cut-off."""
    later = evidence.horizons["release_date"] > pd.Timestamp(cut_off)
    horizons = evidence.horizons.copy()
    for name in (name for name in horizons.columns if name.startswith("p") and name != "published"):
        horizons.loc[later, name] = horizons.loc[later, name] * 17.0
    horizons.loc[later, "frontier"] = ~horizons.loc[later, "frontier"].astype(bool)
    trials = evidence.trials.copy()
    trials.loc[trials["published"] > pd.Timestamp(cut_off), "time_ratio"] = 0.1
    return replace(evidence, horizons=horizons, trials=trials)


def rewritten_priors(copied: Path, poisoned_after: date | None) -> Path:
    """The shipped baseline, written anew, with other numbers in every entry that was published after a day, if any."""
    shutil.copytree(shipped_folder("priors"), copied)
    yaml = YAML(typ="safe")
    for path in copied.glob("*.yaml"):
        said = yaml.load(path.read_text(encoding="utf-8"))
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(said if poisoned_after is None else poisoned_entry(said, poisoned_after, young=False), file)
    return copied / "baseline.yaml"


def poisoned_entry(said: Any, cut_off: date, *, young: bool) -> Any:
    """What a file says, with numbers changed wherever the nearest ``published`` is younger than the cut-off."""
    if isinstance(said, dict):
        young = said["published"] > cut_off if "published" in said else young
        values = [*said.values()]
        if young and all(isinstance(value, float) for value in values) and abs(sum(values) - 1.0) < 1e-9:
            return dict(zip(said, [*values[1:], values[0]], strict=True))
        kept = ("before", "lower", "upper", "weight")
        return {key: poisoned_entry(value, cut_off, young=young and key not in kept) for key, value in said.items()}
    if isinstance(said, list):
        return [poisoned_entry(value, cut_off, young=young) for value in said]
    if young and isinstance(said, float):
        return said * 0.987
    return said


def test_poison_after_the_cut_off_changes_no_forecast(tmp_path: Path) -> None:
    """Neither results nor priors of later days reach a forecast: not autosim's, and not a baseline's."""
    settings = Settings(draws=100, fit_draws=25, tune=60, chains=2)

    def forecasts(scenario: Path, evidence: Evidence) -> list[Forecast]:
        (start,) = starts(lambda day: load(scenario, as_of=day), {"x": evidence}, [CUT_OFF])
        tree = fitted(start, settings)
        return [one.forecast(start.both, 100, 0) for one in running.forecasters(start, tree, settings)]

    clean = forecasts(rewritten_priors(tmp_path / "clean", None), made_up())
    bad = forecasts(rewritten_priors(tmp_path / "bad", CUT_OFF), poisoned(made_up(), CUT_OFF))
    assert len(clean) == 8
    for one, other in zip(clean, bad, strict=True):
        for name in ("p50", "p80", "outcome", "trial"):
            mine, theirs = getattr(one, name), getattr(other, name)
            assert (mine is None and theirs is None) or np.array_equal(mine, theirs, equal_nan=True)


def test_that_poison_is_one(tmp_path: Path) -> None:
    """Without the day, the poisoned priors are others."""
    paths = rewritten_priors(tmp_path / "clean", None), rewritten_priors(tmp_path / "bad", CUT_OFF)
    clean, bad = (draw(scenario(path), 0, 50) for path in paths)
    changed = [name for name, values in clean.scalars.items() if not np.array_equal(values, bad.scalars[name])]
    assert len(changed) > 0.8 * len(clean.scalars)
    assert not np.array_equal(clean.trajectory, bad.trajectory)


def scenario(path: Path) -> Scenario:
    found = load(path)
    assert isinstance(found, Scenario)
    return found


@pytest.mark.parametrize(
    ("days", "got"),
    [((), "--cut-off: got none"), ((CUT_OFF, CUT_OFF), "got 2024-07-01, 2024-07-01, expected different days"),
     ((date(2023, 12, 31),), "cut-off 2023-12-31: got no outcomes, horizons or trials that were known"),
     ((date(2025, 4, 1),), "cut-off 2025-04-01: got 2 later outcomes, horizons and trials, of 1 models")],
)  # fmt: skip
def test_cut_offs_that_cannot_be_scored_are_refused_first(days: Sequence[date], got: str) -> None:
    with pytest.raises(InputError, match=re.escape(got)):
        starts(lambda day: load("baseline", as_of=day), {"x": of_2024()}, days)


def test_a_pool_is_no_single_scenario() -> None:
    with pytest.raises(InputError, match="interviews: pool: got several scenarios"):
        starts(lambda day: load("interviews", as_of=day), {"x": made_up()}, [date(2024, 9, 1)])


def test_evidence_is_no_part_of_what_is_registered() -> None:
    def registered(evidence: Evidence, settings: Settings) -> str:
        origins = starts(lambda day: load("baseline", as_of=day), {"x": evidence}, [CUT_OFF])
        return registration_of(origins, settings, strict=False).sha256

    usual = Settings()
    assert registered(made_up(), usual) == registered(poisoned(made_up(), CUT_OFF), usual)
    assert registered(made_up(), usual) != registered(made_up(), Settings(draws=5))
    assert registered(made_up(), usual) != registered(made_up(), Settings(seed=5))


def test_named_tables_make_sets_and_others_join_each(tmp_path: Path) -> None:
    horizons, trials = map(str, write(tmp_path, horizons=HORIZONS, trials=TRIALS))
    sets = read_sets([f"a={horizons}", trials, f"b={horizons}"], taxonomy())
    assert {name: (len(one.horizons), len(one.trials)) for name, one in sets.items()} == {"a": (8, 2), "b": (8, 2)}
    assert [*read_sets([horizons, trials], taxonomy())] == ["evidence"]
    assert len(read_sets([], taxonomy())["shipped"].horizons) > 10
    with pytest.raises(InputError, match="FILE or NAME=FILE"):
        read_sets(["=x.csv"], taxonomy())
