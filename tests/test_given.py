"""Draws given observations: against Bayes' rule by hand, and told everywhere."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from conditions import DRAWS, HORIZONS, P50, PRIOR, SURE, YEAR, chosen, conditioned, outputs_of, shares, sure
from conftest import Write
from drawn import collisions, outside, words
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli import Caller, called  # noqa: F401 - a fixture

import autosim
from autosim.analysis.conditioning import choose, effective_draws, relative_weights, resampled
from autosim.analysis.given import ERROR_DOUBLINGS, ERROR_SHARE, parse_conditions
from autosim.analysis.instruments import instruments, questions
from autosim.analysis.summary import Json, summarise
from autosim.draws import draw, draw_at
from autosim.inputs.loading import load
from autosim.plots.binding import what_binds
from autosim.plots.comparison import compared_hours, compared_milestones, compared_speedups
from autosim.plots.gap import evaluation_gap
from autosim.plots.hours import hours_by_mode, hours_by_mode_per_task
from autosim.plots.milestones import milestones as milestones_figure
from autosim.plots.solved import evaluations_solved
from autosim.plots.speedups import speedups
from autosim.plots.style import house_style
from autosim.simulation.conditioned import simulate_chosen
from autosim.simulation.run import MOST_FULL_DRAWS, Simulation, simulate


@pytest.mark.parametrize(
    ("said", "output", "at", "miss"),
    [
        (f"{P50}=150", "p50_horizon_min", (), lambda x: (np.log2(x) - math.log2(150)) / ERROR_DOUBLINGS),
        (f"{P50}=150+-60", "p50_horizon_min", (), lambda x: (x - 150) / 60),
        (f"{P50} = 150 ± 60", "p50_horizon_min", (), lambda x: (x - 150) / 60),
        ("pass_rate.cuda@2025-08=0.45", "pass_rate", (1,), lambda x: (x - 0.45) / ERROR_SHARE),
        ("pass_rate.cuda@2025-08=0.45+-.2", "pass_rate", (1,), lambda x: (x - 0.45) / 0.2),
        ("horizon_log2_min.novelty@2025-08=6", "horizon_log2_min", (1,), lambda x: (x - 6) / ERROR_DOUBLINGS),
    ],
)
def test_bayes_by_hand(write: Write, said: str, output: str, at: tuple[int, ...], miss: object) -> None:
    """Three worlds: what each weighs, how often it is drawn, what the draws are worth, and what follows."""
    scenario = sure(write)
    likelihood = np.exp(-0.5 * miss(outputs_of(scenario, output, at)) ** 2)  # type: ignore[operator]
    counts = np.array([(draw(scenario, 0, DRAWS).scalars["horizon"] == value).sum() for value in HORIZONS])
    whole = (counts * likelihood).sum()
    found = conditioned(scenario, said)
    assert found.chosen is not None
    assert found.chosen.effective == pytest.approx(whole**2 / (counts * likelihood**2).sum(), rel=2e-3)
    np.testing.assert_allclose(shares(found), counts * likelihood / whole, atol=0.01)
    posterior = np.array(PRIOR) * likelihood / (np.array(PRIOR) * likelihood).sum()
    np.testing.assert_allclose(shares(found), posterior, atol=0.03)
    speedup = outputs_of(scenario, "labour_speedup")
    np.testing.assert_allclose(found.outputs["labour_speedup"][:, YEAR].mean(), posterior @ speedup, rtol=3e-3)
    kept = np.isin(found.outputs["labour_speedup"][:, YEAR].astype(np.float64), speedup)
    assert kept.all()


def test_two_observations_multiply(write: Write) -> None:
    scenario = sure(write)
    p50, rate = outputs_of(scenario, "p50_horizon_min"), outputs_of(scenario, "pass_rate", (1,))
    likelihood = np.exp(-0.5 * ((np.log2(p50 / 150) / 0.25) ** 2 + ((rate - 0.5) / 0.1) ** 2))
    posterior = np.array(PRIOR) * likelihood / (np.array(PRIOR) * likelihood).sum()
    found = conditioned(scenario, f"{P50}=150", "pass_rate.cuda@2025-08=0.5+-0.1")
    np.testing.assert_allclose(shares(found), posterior, atol=0.03)


@pytest.mark.parametrize(("sign", "left"), [(">=", (0.0, 0.6, 0.4)), ("<=", (0.625, 0.375, 0.0))])
def test_a_bound_restricts_the_prior(write: Write, sign: str, left: tuple[float, ...]) -> None:
    scenario = sure(write)
    on = float(outputs_of(scenario, "p50_horizon_min")[1]) * (1.0 - 1e-5 if sign == ">=" else 1.0 + 1e-5)
    found = conditioned(scenario, f"{P50}{sign}{on!r}")
    np.testing.assert_allclose(shares(found), left, atol=0.03)
    assert found.chosen is not None
    meets = np.isin(draw(scenario, 0, DRAWS).scalars["horizon"], [v for v, s in zip(HORIZONS, left, strict=True) if s])
    assert found.chosen.effective == meets.sum()
    assert found.chosen.members.tolist() == [1.0]


def test_a_bound_is_the_same_as_a_narrower_prior(write: Write) -> None:
    on = float(outputs_of(sure(write), "p50_horizon_min")[1])
    wide = conditioned(sure(write, "{dist: uniform, lower: 5, upper: 20}"), f"{P50}>={on!r}")
    narrow = simulate(sure(write, "{dist: uniform, lower: 10, upper: 20}"), DRAWS, 1)
    for output in ("labour_speedup", "p50_horizon_min", "time_saved_share"):
        one, other = (
            np.quantile(each.outputs[output][:, YEAR], (0.05, 0.25, 0.5, 0.75, 0.95)) for each in (wide, narrow)
        )
        np.testing.assert_allclose(one, other, rtol=0.02)


def test_a_condition_on_what_does_not_change_with_time() -> None:
    found = autosim.simulate("baseline", 1000, set=["end=2025-01-27"], given=["labour_ceiling>=12"])
    assert found.outputs["labour_ceiling"].min() >= 12


def test_a_pools_members_by_hand(write: Write) -> None:
    """One in four draws has the longer horizon; afterwards as many as Bayes says."""
    short, long = (sure(write, f"{horizon}", name) for horizon, name in ((10, "short.yaml"), (20, "long.yaml")))
    pool = load(write("name: Both\npool: {short.yaml: 3, long.yaml: 1}\nreference_date: 2024-08-27\nend: 2026-08-27\n"))
    one, other = (float(simulate(each, 1, 0).outputs["p50_horizon_min"][0, YEAR]) for each in (short, long))
    likelihood = np.exp(-0.5 * (np.log2(np.array([one, other]) / 250) / ERROR_DOUBLINGS) ** 2)
    left = np.array([0.75, 0.25]) * likelihood / (np.array([0.75, 0.25]) * likelihood).sum()
    found = summarise(conditioned(pool, f"{P50}=250"))
    weights = list(found["member_weights"].values())
    np.testing.assert_allclose([weight["before"] for weight in weights], [0.75, 0.25])
    np.testing.assert_allclose([weight["after"] for weight in weights], left, rtol=1e-3)


def test_a_pool_keeps_each_draws_member() -> None:
    found = autosim.simulate("interviews", 600, set=["end=2025-08-27"], given=["p50_horizon_min@2025-08<=80"])
    assert found.chosen is not None
    np.testing.assert_allclose(np.bincount(found.member, minlength=3) / 600, found.chosen.members, atol=0.03)
    np.testing.assert_array_equal(found.member, found.parameters().member)


@settings(max_examples=200)
@given(
    weights=st.lists(st.one_of(st.just(0.0), st.floats(1e-12, 1.0)), min_size=1, max_size=40).filter(any),
    draws=st.integers(1, 60),
    start=st.floats(2.0**-54, 1.0 - 2.0**-53),
)
def test_each_is_taken_as_often_as_its_weight_says(weights: list[float], draws: int, start: float) -> None:
    array = np.array(weights)
    found = resampled(array, draws, start)
    assert len(found) == draws
    assert (np.diff(found) >= 0).all()
    counts = np.bincount(found, minlength=len(array))
    assert (np.abs(counts - draws * array / array.sum()) < 1.0 + 1e-6).all()
    assert (counts[array == 0.0] == 0).all()


def test_what_known_weights_are_worth() -> None:
    assert effective_draws(np.array([3.0, 3.0, 3.0, 3.0])) == pytest.approx(4.0)
    assert effective_draws(np.array([1.0, 2.0, 3.0])) == pytest.approx(36 / 14)
    assert effective_draws(np.array([0.0, 5.0])) == 1.0
    log = np.log([1.0, 2.0, 3.0])
    for shift in (0.0, -1e6, 1e6):
        assert effective_draws(relative_weights(log + shift)) == pytest.approx(36 / 14, rel=1e-8)
    assert effective_draws(relative_weights(np.full(3, -np.inf))) == 0.0


@pytest.mark.parametrize("said", [f"{P50}>=0", f"{P50}=150+-1e30", "time_saved_share@2025-08<=1"])
def test_what_is_certain_changes_nothing(write: Write, said: str) -> None:
    scenario = load(write("name: A\nextends: base\nend: 2026-01-01\n"))
    plain, same = simulate(scenario, 300, 5), simulate_chosen(scenario, 5, chosen(scenario, said, draws=300, seed=5))
    assert same.chosen is not None
    assert same.chosen.effective == 300.0
    for name, values in plain.outputs.items():
        assert values.tobytes() == same.outputs[name].tobytes()
    for name, counts in vars(plain.counts).items():
        np.testing.assert_array_equal(getattr(same.counts, name), counts)
    assert plain.trajectory.tolist() == same.trajectory.tolist()


def test_the_same_bits_on_any_number_of_cores() -> None:
    scenario = load("interviews", ["end=2025-08-27"])
    one, other = (conditioned(scenario, "p50_horizon_min@2025-08=80", draws=1500, cores=cores) for cores in (1, 2))
    assert one.chosen is not None
    assert other.chosen is not None
    assert one.chosen.positions.tolist() == other.chosen.positions.tolist()
    assert one.chosen.effective == other.chosen.effective
    for name, values in one.outputs.items():
        assert values.tobytes() == other.outputs[name].tobytes()
    again = chosen(scenario, "p50_horizon_min@2025-08=80", draws=1500, seed=1)
    assert again.positions.tolist() != one.chosen.positions.tolist()


def test_a_draw_that_is_chosen_is_the_draw_it_was() -> None:
    """Chosen draws have the outputs and the parameters that they have in the whole run."""
    scenario = load("interviews", ["end=2025-08-27"])
    found, whole = conditioned(scenario, "p50_horizon_min@2025-08=80", draws=1100), simulate(scenario, 1100, 0)
    assert found.chosen is not None
    positions = found.chosen.positions
    assert 100 < len(found.chosen.distinct) < len(positions) == 1100
    for name, values in whole.outputs.items():
        np.testing.assert_allclose(found.outputs[name], values[positions], rtol=1e-6, atol=1e-9)
    assert found.trajectory.tolist() == whole.trajectory[positions].tolist()
    parameters, all_of_them = found.parameters(), draw(scenario, 0, 1100)
    assert parameters.scalars["work_gap"].tolist() == all_of_them.scalars["work_gap"][positions].tolist()
    assert whole.parameters().scalars["work_gap"].tolist() == all_of_them.scalars["work_gap"].tolist()
    some = draw_at(scenario, 0, np.array([3, 511, 512, 1099]))
    assert some.indexed["slope"].tolist() == all_of_them.indexed["slope"][[3, 511, 512, 1099]].tolist()


def test_more_draws_than_are_kept(write: Write) -> None:
    scenario = sure(write)
    found = conditioned(scenario, f"{P50}=150", draws=12_500)
    assert found.chosen is not None
    assert len(found) == len(found.trajectory) == MOST_FULL_DRAWS
    assert found.chosen.screened == 12_500
    assert found.chosen.positions[-1] > MOST_FULL_DRAWS
    told = summarise(found)
    assert (told["draws"], told["screened_draws"]) == (MOST_FULL_DRAWS, 12_500)
    assert told["effective_draws"] == pytest.approx(found.chosen.effective, rel=1e-6)
    likelihood = np.exp(-0.5 * (np.log2(outputs_of(scenario, "p50_horizon_min") / 150) / ERROR_DOUBLINGS) ** 2)
    posterior = np.array(PRIOR) * likelihood / (np.array(PRIOR) * likelihood).sum()
    np.testing.assert_allclose(shares(found), posterior, atol=0.02)
    assert autosim.to_dataset(found).sizes["draw"] == MOST_FULL_DRAWS


MEMORY = """
import autosim.analysis.conditioning as conditioning
from autosim.analysis.given import parse_conditions
from autosim.inputs.loading import load
conditioning.MOST_FULL_DRAWS, conditioning.BLOCK = 1024, 128
scenario = load("interviews", ["end=2025-10-27"])
for draws in (2_000, 20_000):
    conditioning.choose(scenario, draws, 0, parse_conditions(["labour_speedup@2025-09<=2"], scenario), cores=2)
    with open("/proc/self/status") as status:
        print(*(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how much memory was used")
def test_memory_hardly_grows_with_the_draws() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
    )
    fewer, more = (int(line) / 1024 for line in done.stdout.split())
    assert more - fewer < 12, "18,000 draws' parameters alone would be 40 MB"


def test_a_posterior_is_conditioned_too(write: Write, small_world: Path) -> None:
    rows = "\n".join(str(value) for value in np.linspace(5, 20, 500))
    (small_world / "post.csv").write_text(f"horizon\n{rows}\n")
    text = SURE.replace("HORIZON", "10")
    scenario = load(write(text, "sure.yaml"), posterior=Path("post.csv"), force=True)
    plain, found = simulate(scenario, 1000, 0), conditioned(scenario, f"{P50}>=175.7743", draws=1000)
    assert plain.parameters().scalars["horizon"].min() == 5.0
    assert found.parameters().scalars["horizon"].min() >= 9.99
    assert summarise(found)["posterior"]


@pytest.fixture(scope="module")
def told() -> tuple[Simulation, Json]:
    said = ["p50_horizon_min@2025-08=80", "pass_rate.swaa@2025-08>=0.1"]
    found = autosim.simulate("interviews", 700, set=["end=2026-08-27"], given=said)
    return found, summarise(found)


def test_the_summary_and_the_dataset_tell(told: tuple[Simulation, Json]) -> None:
    simulation, summary = told
    assert summary["given"] == [
        {"condition": "p50_horizon_min@2025-08-27=80", "sd": 0.25, "unit": "doublings", "standard": True},
        {"condition": "pass_rate.swaa@2025-08-27>=0.1", "sd": None, "unit": None, "standard": False},
    ]
    assert 100 <= summary["effective_draws"] < 700
    assert sum(weight["after"] for weight in summary["member_weights"].values()) == pytest.approx(1.0)
    attrs = autosim.to_dataset(simulation).attrs
    for key in ("given", "member_weights"):
        assert json.loads(attrs[key]) == summary[key]
    assert (attrs["effective_draws"], attrs["screened_draws"]) == (summary["effective_draws"], 700)
    plain = summarise(autosim.simulate("interviews", 64, set=["end=2024-10-27"]))
    assert (plain["given"], plain["member_weights"]) == ([], {})
    assert (plain["effective_draws"], plain["screened_draws"]) == (64, 64)


def test_every_figure_tells_and_stays_clear(told: tuple[Simulation, Json]) -> None:
    simulation, summary = told
    with house_style():
        figures = [
            speedups(simulation, summary),
            hours_by_mode(summary),
            hours_by_mode_per_task(simulation),
            what_binds(simulation),
            evaluation_gap(summary),
            milestones_figure(simulation, summary),
            evaluations_solved(summary),
        ]
        figures += [compare([summary, summary]) for compare in (compared_speedups, compared_hours, compared_milestones)]
        for figure in figures:
            caption = " ".join(figure.texts[-1].get_text().split())
            assert "given p50_horizon_min@2025-08-27=80 (error 0.25 doublings) and pass_rate" in caption
            found = words(figure)
            assert not collisions(found)
            assert not outside(figure, found)


def test_a_run_prints_and_writes_it(called: Caller) -> None:  # noqa: F811
    words_ = "--set", "end=2025-10-27", "--given", "p50_horizon_min@2025-08=80", "--no-plots"
    result = called("run", "interviews", "--draws", "700", *words_, "--out", "r")
    assert (result.code, result.err) == (0, "")
    assert "given p50_horizon_min@2025-08-27=80, error 0.25 doublings (standard; say another as +-SD)\n" in result.out
    assert "\n700 draws, by weight: worth " in result.out
    assert "members: pessimistic 25 % → " in " ".join(result.out.split())
    assert json.loads(Path("r/summary.json").read_text())["given"]
    with xr.open_dataset("r/run.nc") as dataset:
        assert json.loads(dataset.attrs["given"])[0]["sd"] == 0.25
    stated = called("run", "interviews", "--draws", "700", *words_[:3], f"{words_[3]}+-30", "--no-plots", "--out", "r")
    assert "=80, error 30 min\n" in stated.out


def test_a_comparison_conditions_each_by_itself(called: Caller) -> None:  # noqa: F811
    said = "--draws", "800", "--set", "end=2025-10-27", "--given", "p50_horizon_min@2025-08=80", "--no-plots"
    result = called("compare", "baseline", "interviews", *said)
    assert (result.code, result.err) == (0, "")
    assert result.out.count("by weight: worth ") == 2
    assert result.out.count("members: ") == 1
    alone = summarise(autosim.simulate("baseline", 800, set=["end=2025-10-27"], given=["p50_horizon_min@2025-08=80"]))
    both = json.loads(called("compare", "baseline", "interviews", *said, "--json").out)
    assert both["baseline"]["series"] == alone["series"]
    assert both["interviews"]["effective_draws"] != alone["effective_draws"]


def test_evaluations_are_of_as_many_draws_as_they_are_worth(called: Caller) -> None:  # noqa: F811
    said = "--draws", "800", "--set", "end=2026-10-27", "--given", "p50_horizon_min@2025-08=80", "--no-variations"
    result = called("evaluations", "interviews", *said, "--out", "e")
    assert (result.code, result.err) == (0, "")
    content = json.loads(Path("e/evaluations.json").read_text())["interviews"]
    assert content["draws"] == content["kept_draws"] == int(content["effective_draws"])
    assert content["screened_draws"] == 800
    assert f"\n{content['draws']} of 800 draws, by weight: worth {content['draws']}\n" in result.out


def test_evaluations_are_answered_in_the_chosen_draws() -> None:
    """What would still be missing comes from the parameters of the same draws as what is observed."""
    scenario = load("baseline", ["end=2026-10-27"])
    found = choose(scenario, 800, 0, parse_conditions([P50 + "=60"], scenario), as_worth=True)
    simulation = simulate_chosen(scenario, 0, found)
    content = instruments(simulation, questions(scenario))
    for entry in content["evaluations"].values():
        parts = entry["if_solved"]["still_missing"]
        assert parts["saved"] == pytest.approx(entry["if_solved"]["time_saved_share"]["mean"], rel=1e-3)


@pytest.mark.parametrize("command", ["run", "compare", "evaluations"])
def test_a_refusal_writes_nothing(called: Caller, command: str) -> None:  # noqa: F811
    for said in ("p50_horizon_min@2025-08=1e9", "p50_horizon_min@2025-08=x"):
        result = called(command, "baseline", "--draws", "200", "--set", "end=2025-10-27", "--given", said)
        assert result.code == 1
        assert result.out == ""
        assert result.err.count("\n") == 1
        assert result.err.startswith(f"--given {said}: got ")
        assert not [name for _, _, names in os.walk("runs") for name in names]


def test_in_python(write: Write) -> None:
    sure(write)
    dataset = autosim.run("sure.yaml", 1000, given=[f"{P50}=150"])
    assert json.loads(dataset.attrs["given"])[0]["condition"] == "p50_horizon_min@2025-08-27=150"
    assert set(autosim.compare(["sure.yaml"], 1000, given=[f"{P50}=150"])["sure.yaml"]) >= {"given", "effective_draws"}
    Path("post.csv").write_text("horizon\n" + "\n".join(map(str, np.linspace(5, 20, 200))) + "\n")
    forecast = autosim.forecast("sure.yaml", "post.csv", 1000, given=[f"{P50}>=200"], force=True)
    assert float(forecast["p50_horizon_min"].isel(date=YEAR).min()) >= 199.9
    with pytest.raises(TypeError, match="given: got 'x=1', expected a list"):
        autosim.run("sure.yaml", 10, given="x=1")
