"""Peers: their figures come out, move the right way, and are compared honestly."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import autosim
from autosim.cli import cli
from autosim.equations.alternatives import tapering_growth
from autosim.errors import InputError
from autosim.inputs.loading import load
from autosim.peers.claims import Claim, quantile_with_error
from autosim.peers.everybody import Everybody
from autosim.peers.forethought import within
from autosim.peers.metr import half_success_minutes
from autosim.peers.milestones import own_milestones, own_thresholds, when
from autosim.peers.page import page
from autosim.peers.preset import DOMAINS, presets, read_preset
from autosim.peers.replication import COURSES, NAMES, OWN, replicate
from autosim.peers.telling import replication_json, verdict
from autosim.simulation.run import simulate

RUNS = Path(__file__).parents[2] / "shared" / "data" / "metr" / "runs_2025-01-28.jsonl"
BASELINE = load("baseline")
FEW = 512


@pytest.mark.parametrize("name", ["kwa-2026", "forethought-2025", "ai2027-horizon", "amdahl-toy"])
def test_published_figures_come_out(name: str) -> None:
    found = autosim.replicate(name)
    assert found.draws == 20_000
    assert found.own
    judged = [claim for claim in found.claims if claim.tolerance is not None]
    assert judged
    for claim in judged:
        assert claim.error is not None
        assert claim.tolerance is not None
        assert 2 * claim.error < claim.tolerance, "an error that cannot decide"
        assert claim.within, claim
    assert found.agrees


def test_kwas_quantiles_and_the_superhuman_coder() -> None:
    """The figures of the study of peers themselves, apart from what the code has noted of them."""
    kwa = [claim.found for claim in autosim.replicate("kwa-2026").claims]
    assert kwa == pytest.approx([2030.20, 2031.42, 2032.76, 2034.48, 2036.20], abs=0.25)
    coder = [claim.found for claim in autosim.replicate("ai2027-horizon").claims]
    assert coder[1] == pytest.approx(2027.79, abs=0.3)
    takeoff = [claim.found for claim in autosim.replicate("forethought-2025").claims]
    assert takeoff == pytest.approx([0.563, 0.167, 0.124], abs=0.01)


def _median(name: str, said: tuple[str, ...] = (), position: int = 0) -> float:
    return replicate(name, FEW, 0, BASELINE, said).claims[position].found


@pytest.mark.parametrize(
    ("name", "said", "sign"),
    [
        ("kwa-2026", "ideas_harder=1.0", 1),
        ("kwa-2026", "automated_share=0.5", -1),
        ("kwa-2026", "width=4.2", 1),
        ("kwa-2026", "software_growth=3.0", -1),
        ("forethought-2025", "initial_returns=3.6", 1),
        ("forethought-2025", "initial_speedup=2", -1),
        ("ai2027-horizon", "doubling_time=9", 1),
        ("ai2027-horizon", "speedup_at_milestone=40", -1),
        ("ai2027-horizon", "doubling_stretch=0.1", 1),
        ("amdahl-toy", "speedup=20", 1),
        ("amdahl-toy", "automated_share=0.1", -1),
    ],
)
def test_one_number_changed_moves_it_the_right_way(name: str, said: str, sign: int) -> None:
    position = 0 if name == "forethought-2025" else 1
    assert np.sign(_median(name, (said,), position) - _median(name, (), position)) == sign


def test_changed_assumptions_are_not_judged() -> None:
    found = replicate("kwa-2026", FEW, 0, BASELINE, ("ideas_harder=1",))
    assert not found.own
    assert not all(claim.within for claim in found.claims)
    assert found.agrees
    assert {verdict(claim, found.own) for claim in found.claims} == {"–"}
    assert replication_json(found)["agrees"] is None


def test_the_same_seed_gives_the_same_bits_on_any_number_of_cores() -> None:
    one, other, third = (
        replicate("forethought-2025", 5000, seed, BASELINE, cores=cores).path
        for seed, cores in ((3, 1), (3, 4), (4, 1))
    )
    assert one is not None
    assert other is not None
    assert third is not None
    for name, values in one.outputs.items():
        assert values.tobytes() == other.outputs[name].tobytes()
    assert (one.outputs["software_log2"] != third.outputs["software_log2"]).any()


def test_more_draws_begin_with_the_same_ones() -> None:
    few, many = (read_preset("ai2027-horizon").draw(0, draws) for draws in (10, 1000))
    for name, values in few.items():
        np.testing.assert_array_equal(values, many[name][:10])


def test_correlated_numbers_are_correlated() -> None:
    one = read_preset("ai2027-horizon").draw(0, 20_000)
    logs = np.log(one["doubling_time"]), np.log(one["cost_and_speed"])
    assert np.corrcoef(*logs)[0, 1] == pytest.approx(0.7, abs=0.02)
    slow = one["doubling_time"] > np.median(one["doubling_time"])
    assert one["doubling_stretch"][slow].mean() > one["doubling_stretch"][~slow].mean() + 0.03
    assert abs(np.corrcoef(logs[0], np.log(one["speedup_now"]))[0, 1]) < 0.02


def test_windows_of_progress_by_hand() -> None:
    even = np.arange(25.0, dtype=np.float32)[None]
    assert within(even, 12.0, 12).tolist() == [True]
    assert within(even, 12.01, 12).tolist() == [False]
    jump = np.where(np.arange(25) < 20, 0.0, 8.0).astype(np.float32)[None]
    assert within(jump, 8.0, 4).tolist() == [True]


def test_milestones_by_hand() -> None:
    found = when("m", np.array([2026.0, 2027.0, 2030.0, np.inf]), 2028.0)
    assert (found.probability, found.years) == (0.5, {"q10": 2026.0, "q50": 2027.0, "q90": None})
    assert found.error == pytest.approx(0.25)


def test_our_own_milestones_are_those_of_the_run() -> None:
    simulation = simulate(BASELINE, 256, 0, thresholds=own_thresholds(BASELINE))
    ours = {one.name: one for one in own_milestones(simulation, 2036.0)}
    speedup = simulation.outputs["labour_speedup"]
    assert ours["labour_speedup>=2"].probability == (speedup >= 2).any(axis=1).mean()
    assert ours["time_saved_share>=0.99"].probability == 0.0


@given(st.integers(0, 10**6))
def test_error_of_a_quantile_covers_its_spread(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=2000)
    found, error = quantile_with_error(values, 0.5)
    assert abs(found) < 6 * error
    assert error == pytest.approx(np.sqrt(np.pi / 2 / 2000), rel=0.6)


def test_metrs_estimator_finds_a_known_curve() -> None:
    minutes = np.exp2(np.linspace(-2.0, 10.0, 60))
    share = 1.0 / (1.0 + np.exp(0.7 * (np.log2(minutes) - np.log2(40.0))))
    attempts = np.full(60, 50.0)
    assert half_success_minutes(minutes, share * attempts, attempts, np.ones(60)) == pytest.approx(40.0, rel=1e-3)
    with pytest.raises(InputError, match="attempts that all end alike"):
        half_success_minutes(minutes, attempts, attempts, np.ones(60))


@pytest.mark.skipif(not RUNS.is_file(), reason="METR's runs are not at hand")
def test_metrs_horizons_come_out_of_its_runs() -> None:
    found = replicate("metr-horizons", 2, 0, BASELINE, runs=RUNS)
    assert [claim.found for claim in found.claims] == pytest.approx([4.4, 7.8, 23.3, 38.2, 43.3], abs=0.05)
    assert found.agrees


def test_a_file_without_the_models_is_refused(tmp_path: Path) -> None:
    row = {"alias": "GPT-4 0314", "task_id": "a/b", "task_family": "a", "human_minutes": 3.0, "score_binarized": 1}
    rows = [json.dumps(row | {"run_id": str(i), "score_binarized": i % 2, "time_limit": None}) for i in range(4)]
    (tmp_path / "runs.jsonl").write_text("\n".join(rows) + "\n")
    with pytest.raises(InputError, match=r"runs\.jsonl"):
        replicate("metr-horizons", 2, 0, BASELINE, runs=tmp_path / "runs.jsonl")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["kwa-2025"], "NAME: got 'kwa-2025', expected a peer; did you mean 'kwa-2026'?"),
        (["metr-horizons"], "--runs: got no file, which metr-horizons needs, expected METR's runs_2025-01-28.jsonl"),
        (["kwa-2026", "--set", "widht=2"], "--set widht=2: got the unknown name 'widht', expected a parameter; "
         "did you mean 'width'?"),
        (["kwa-2026", "--set", "width"], "--set width: got 'width', expected NAME=VALUE"),
        (["kwa-2026", "--set", "width=wide"], "--set width=wide: width: got 'wide', expected a number"),
        (["kwa-2026", "--structure", "tasks=autosim"], "--structure tasks=autosim: got 'tasks', expected a law: one of "
         "inputs, automation, research, returns"),
        (["kwa-2026", "--structure", "returns=kwa"], "--structure returns=kwa: returns: got 'kwa', expected a peer "
         "with a course through time: one of kwa-2026, forethought-2025, ai2027-horizon, autosim"),
        (["amdahl-toy", "--structure", "returns=kwa-2026"], "--structure: got a law for amdahl-toy, expected a peer "
         "with a course through time"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_line(words: list[str], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["replicate", *words])
    assert isinstance(result.exception, InputError)
    assert str(result.exception) == line
    assert not list(tmp_path.rglob("*.json"))


def test_the_command_prints_both_figures_and_writes(tmp_path: Path) -> None:
    out = tmp_path / "toy"
    result = CliRunner().invoke(cli, ["replicate", "amdahl-toy", "--draws", "4000", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "1.248" in result.output
    told = json.loads((out / "replication.json").read_text())
    assert [claim["published"] for claim in told["claims"]] == [1.101, 1.248, 1.482]
    assert (out / "figures" / "published.png").stat().st_size > 5000
    assert not (out / "figures" / "course.png").exists()


def test_a_figure_beyond_its_tolerance_fails_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autosim.peers.amdahl.PUBLISHED", {0.5: 1.9})
    result = CliRunner().invoke(cli, ["replicate", "amdahl-toy", "--draws", "500", "--out", str(tmp_path / "x")])
    assert result.exit_code == 1
    assert "no, beyond 0.01" in result.output


def test_names_and_all_exclude_each_other() -> None:
    for words in ([], ["kwa-2026", "--all"], ["--all", "--set", "width=2"]):
        assert CliRunner().invoke(cli, ["replicate", *words]).exit_code == 2


def test_a_course_with_our_automation_has_our_ceiling() -> None:
    found = replicate("kwa-2026", 64, 0, BASELINE, structure=("automation=autosim",))
    assert found.path is not None
    ceiling = simulate(BASELINE, 64, 0).outputs["labour_ceiling"]
    assert (found.path.outputs["labour_speedup_log2"].max(axis=1) <= np.log2(ceiling) + 0.15).all()
    assert found.path.outputs["labour_speedup_log2"].max() < 8.0
    told = replication_json(found)
    assert set(told["series"]) == {"software_log2", "time_saved_share", "labour_speedup", "progress_multiplier"}
    assert told["laws"]["automation"] == OWN


def test_the_page_has_every_figure_and_every_definition() -> None:
    peers = [replicate(name, FEW, 0, BASELINE) for name in NAMES if name != "metr-horizons"]
    mixed = [replicate("kwa-2026", 32, 0, BASELINE, structure=("automation=autosim",))]
    outlook = {name: {"probability": 0.25, "mcse": {"probability": 0.01}, "q10": 2031.5, "q50": None, "q90": None}
               for name in replication_json(mixed[0])["milestones"]}  # fmt: skip
    whole = Everybody(FEW, 100, 32, 0, peers, mixed, {"baseline": outlook}, {"metr-horizons": "it needs runs"})
    text = page(whole, "peers")
    for claim in (claim for one in peers for claim in one.claims):
        assert f"| {claim.what} |" in text
    assert "metr-horizons is left out: it needs runs." in text
    assert text.count("**Definitions.**") == len(peers)
    assert "With the automation of autosim in the course of Kwa 2026" in text


def test_claims_without_a_tolerance_are_not_judged() -> None:
    assert Claim("x", "date", 2030.0, None, 2040.0, 0.1, None).within is None
    assert Claim("x", "date", 2030.0, 2039.9, 2040.0, 0.1, 0.3).within is True
    assert Claim("x", "date", 2030.0, None, float("inf"), 0.1, 0.3).within is False


def test_every_peer_with_a_course_has_four_laws() -> None:
    assert set(COURSES) - {OWN} < set(NAMES)


@pytest.mark.parametrize(
    ("slug", "assignment", "said"),
    [
        ("kwa-2026", "width=-1", "got -1, expected a number above 0"),
        ("kwa-2026", "width=0", "got 0, expected a number above 0"),
        ("kwa-2026", "automated_share=1.2", "got 1.2, expected a number in (0, 1)"),
        ("kwa-2026", "labour_share={dist: uniform, lower: 0, upper: 1.5}", "which reaches 1.5"),
        ("kwa-2026", "taper_end=4", "got taper_start up to 4, taper_end from 4, expected a start before the end"),
        ("kwa-2026", "compute_growth=1e9", "expected a number in [-20, 20]"),
        ("forethought-2025", "initial_speedup=0.5", "got 0.5, expected a number of at least 1"),
        ("forethought-2025", "limit=0", "got 0, expected a number above 0"),
        ("ai2027-horizon", "doubling_time=.nan", "expected a finite number"),
        ("ai2027-horizon", "doubling_stretch=-1", "got -1, expected a number above -1"),
        ("ai2027-horizon", "slowdown_date=29", "got 29, expected a number in [1900, 2200]"),
        ("amdahl-toy", "speedup=-3", "got -3, expected a number above 0"),
    ],
)
def test_a_peers_number_stays_in_its_domain(slug: str, assignment: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        read_preset(slug, [assignment])
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_every_peers_parameter_has_a_domain() -> None:
    assert {name for slug in presets() for name in read_preset(slug).priors} == set(DOMAINS)


def test_growth_that_does_not_fall_goes_on() -> None:
    years = np.array([1.0, 5.0, 20.0])
    np.testing.assert_allclose(tapering_growth(2.0, 2.0, 4.0, 12.0, years), years)
