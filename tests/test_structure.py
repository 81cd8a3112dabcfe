"""Structures: runs split by them, and how much of the variance lies between them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import Write
from drawn import refuse_clutter
from hypothesis import given
from hypothesis import strategies as st

import autosim
from autosim.analysis.splitting import FEWEST, distinct_draws, parse_structures, part_of, structure
from autosim.analysis.statistics import STATISTICS, statistics_of
from autosim.analysis.structure import BOTH, DIVIDED, structure_entries, variance_share
from autosim.analysis.summary import Json, summarise
from autosim.cli import cli
from autosim.errors import InputError
from autosim.plots.structure import MOST_DRAWN, between, by_alternative
from autosim.plots.style import house_style
from autosim.simulation.run import MONTHLY, Simulation
from autosim.words import between_structures

DRAWS, END = 600, "end=2031-08-27"
EVERY = ("trajectory", "substitution", BOTH, "outlook")


@pytest.fixture(scope="module")
def pooled() -> Simulation:
    return autosim.simulate(autosim.load("interviews", [END]), DRAWS)


@pytest.fixture(scope="module")
def split(pooled: Simulation) -> Json:
    return summarise(pooled, EVERY)


@pytest.fixture(scope="module")
def given_run() -> Simulation:
    return autosim.simulate("optimistic", 1000, set=[END], given=["p50_horizon_min@2026-03=100"])


# -------------------------------------------------------------------------------------------------------------- splits


@pytest.mark.parametrize("name", EVERY)
def test_parts_of_a_run_mix_to_the_whole(pooled: Simulation, name: str) -> None:
    one = structure(pooled, name)
    own = [one.draws_of(position) for position in range(len(one.alternatives))]
    parts = [part_of(pooled, at) for at in own if len(at)]
    weights = np.array([len(part) / len(pooled) for part in parts])
    assert weights.sum() == pytest.approx(1.0)
    for series in (*MONTHLY, "labour_ceiling", "pass_rate"):
        means = [statistics_of(part, series)[STATISTICS.index("mean")] for part in parts]
        whole = statistics_of(pooled, series)[STATISTICS.index("mean")]
        np.testing.assert_allclose(np.tensordot(weights, means, 1), whole, rtol=1e-12)
    for field in ("reached", "out_of_reach", "solved", "unsolvable"):
        summed = np.sum([getattr(part.counts, field) for part in parts], axis=0)
        np.testing.assert_array_equal(summed, getattr(pooled.counts, field))


@pytest.mark.parametrize("name", ["trajectory", "substitution", "outlook"])
def test_split_and_pooled_summaries_agree(split: Json, name: str) -> None:
    alternatives = split["by"][name]
    assert sum(one["draws"] for one in alternatives.values()) == DRAWS
    assert all("series" in one for one in alternatives.values())
    for milestone, whole in split["milestones"].items():
        mixed = sum(one["probability"] * one["milestones"][milestone]["probability"] for one in alternatives.values())
        assert mixed == pytest.approx(whole["probability"], abs=1e-6)
    for task, whole in split["tasks"].items():
        means = [one["probability"] * np.array(one["tasks"][task]["cost"]["mean"]) for one in alternatives.values()]
        np.testing.assert_allclose(np.sum(means, axis=0), whole["cost"]["mean"], rtol=1e-6)
    kept = {"draws", "probability", "series", "tasks", "roles", "milestones", "evaluations"}
    assert all(set(one) == kept for one in alternatives.values())


def test_a_part_is_what_a_run_of_it_alone_would_be(pooled: Simulation) -> None:
    one = structure(pooled, "outlook")
    at = one.draws_of(one.alternatives.index("extremely_optimistic"))
    part = part_of(pooled, at)
    alone = autosim.simulate(autosim.load("extremely_optimistic", [END]), DRAWS)
    for name, values in part.outputs.items():
        np.testing.assert_array_equal(values, alone.outputs[name][at])
    own, whole = part.parameters(), pooled.parameters()
    for name, column in own.scalars.items():
        np.testing.assert_array_equal(column, whole.scalars[name][at])
    np.testing.assert_array_equal(own.trajectory, part.trajectory)
    np.testing.assert_array_equal(own.substitution, part.substitution)


def test_several_structures_at_once_are_split_in_all_combinations(pooled: Simulation) -> None:
    both, shape, sign = (structure(pooled, name) for name in (BOTH, "trajectory", "substitution"))
    assert both.alternatives[:2] == ("exponential+complements", "exponential+substitutes")
    assert len(both.alternatives) == 6
    for position, name in enumerate(both.alternatives):
        mine, its = name.split("+")
        own = np.array(shape.alternatives)[shape.of_draw[both.draws_of(position)]]
        assert set(own.tolist()) <= {mine}
        assert set(np.array(sign.alternatives)[sign.of_draw[both.draws_of(position)]].tolist()) <= {its}


def test_draws_given_observations_are_split_and_counted_once(given_run: Simulation) -> None:
    one = structure(given_run, "trajectory")
    parts = [part_of(given_run, one.draws_of(i)) for i in range(3)]
    means = [statistics_of(part, "labour_speedup")[0] * len(part) for part in parts]
    np.testing.assert_allclose(np.sum(means, axis=0) / len(given_run), statistics_of(given_run, "labour_speedup")[0])
    for position, part in enumerate(parts):
        at = one.draws_of(position)
        assert part.chosen is not None
        assert given_run.chosen is not None
        assert part.chosen.given == given_run.chosen.given
        assert distinct_draws(given_run, at) == len(np.unique(part.chosen.positions)) < len(at)
        assert 1.0 <= part.chosen.effective <= distinct_draws(given_run, at)
        np.testing.assert_array_equal(part.parameters().trajectory, part.trajectory)


def test_an_alternative_with_few_draws_is_told_but_not_summarised() -> None:
    found = summarise(autosim.simulate("baseline", 3 * FEWEST, set=[END]), ["trajectory"])["by"]["trajectory"]
    told = {name: "series" in one for name, one in found.items()}
    assert told == {name: one["draws"] >= FEWEST for name, one in found.items()}
    assert set(told.values()) == {True, False}


def test_more_draws_than_are_kept_are_not_split(pooled: Simulation) -> None:
    with pytest.raises(InputError, match=r"--by trajectory: got 20,000 draws, expected at most 10,000: beyond"):
        summarise(replace(pooled, draws=20_000), ["trajectory"])


# ------------------------------------------------------------------------------------------------------------ variance


def test_shares_of_a_hand_made_case() -> None:
    # Two equally likely groups, means 0 and 2, standard deviations 1 and 2: between 1, within 2.5, of 3.5.
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 200_000)
    values = 2.0 * labels + (1.0 + labels) * rng.standard_normal(len(labels))
    share, error = variance_share(values[:, None], labels, np.ones(len(labels)))
    assert share[0] == pytest.approx(1.0 / 3.5, abs=4.0 * float(error[0]))
    assert float(error[0]) < 0.005
    # Four numbers, by hand: variance 104/3 of all, 2 within each group.
    share, _ = variance_share(np.array([[0.0], [2.0], [10.0], [12.0]]), np.array([0, 0, 1, 1]), np.ones(4))
    assert share[0] == pytest.approx(1.0 - 2.0 / (104.0 / 3.0), rel=1e-12)


def test_structures_without_effect_have_no_share_and_errors_cover() -> None:
    sd = np.array([1.0, 3.0, 0.5])
    found = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        labels = rng.choice(3, 500, p=[0.5, 0.1, 0.4])
        values = np.stack([sd[labels], np.ones(500)], axis=-1) * rng.standard_normal((500, 2))
        found.append(variance_share(values, labels, np.ones(500)))
    shares, errors = (np.array(part) for part in zip(*found, strict=True))
    assert (np.mean(shares == 0.0, axis=0) > 0.5).all()  # an unbiased estimate is negative about as often as not
    assert (np.mean(shares <= 2.0 * errors, axis=0) > 0.93).all()
    assert (shares.mean(axis=0) < errors.mean(axis=0)).all()


def test_a_share_of_nothing_is_not_known_better_than_chance_allows() -> None:
    values = np.tile([-1.0, 1.0], 60)  # three groups with the same mean exactly
    share, error = variance_share(values, np.repeat([0, 1, 2], 40), np.ones(120))
    assert float(share) == 0.0
    assert float(error) == pytest.approx(np.sqrt(2.0 * 2.0) / 120.0)


@pytest.mark.parametrize("effect", [0.2, 1.0])
def test_errors_cover_the_spread_over_seeds(effect: float) -> None:
    weights, means = np.array([0.5, 0.25, 0.25]), effect * np.array([0.0, 1.0, -1.0])
    lying_between = float(weights @ means**2 - (weights @ means) ** 2)
    truth = lying_between / (lying_between + 1.0)
    inside, shares, errors = [], [], []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        labels = rng.choice(3, 600, p=weights)
        share, error = variance_share(means[labels] + rng.standard_normal(600), labels, np.ones(600))
        inside.append(abs(share - truth) <= 1.96 * error)
        shares.append(float(share))
        errors.append(float(error))
    assert 0.91 <= np.mean(inside) <= 0.99
    assert np.mean(shares) == pytest.approx(truth, abs=0.004)
    assert np.mean(errors) == pytest.approx(np.std(shares), rel=0.2)


@given(
    values=st.lists(st.floats(-10, 10), min_size=6, max_size=20),
    scale=st.floats(0.1, 10),
    groups=st.integers(2, 4),
)
def test_shares_are_shares_and_know_no_units(values: list[float], scale: float, groups: int) -> None:
    labels, y = np.arange(len(values)) % groups, np.array(values)
    if y.std() < 1e-3:
        return
    share, error = variance_share(y, labels, np.ones(len(y)))
    again, error_again = variance_share(3.0 + scale * y, labels, np.ones(len(y)))
    assert 0.0 <= float(share) <= 1.0
    assert float(error) >= 0.0
    assert float(again) == pytest.approx(float(share), abs=1e-9)
    assert float(error_again) == pytest.approx(float(error), abs=1e-9)


def test_repeated_draws_do_not_count_as_new_ones() -> None:
    rng = np.random.default_rng(2)
    values, labels = rng.standard_normal(300), rng.integers(0, 6, 300)
    weights = np.repeat([1.0, 4.0], 150)
    share, error = variance_share(values, labels, weights)
    apart, narrower = variance_share(np.repeat(values, weights.astype(int)), np.repeat(labels, weights.astype(int)),
                                     np.ones(750))  # fmt: skip
    assert share <= apart
    assert error > 1.3 * narrower


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (np.full((20, 1), 1.5), np.arange(20) % 2),
        (np.arange(3.0)[:, None], np.arange(3)),
        (np.arange(3.0)[:, None], np.array([0, 0, 1])),
    ],
    ids=["no variance", "draws alone", "one group"],
)
def test_what_cannot_be_divided_has_no_share(values: np.ndarray, labels: np.ndarray) -> None:
    share, error = variance_share(values, labels, np.ones(len(labels)))
    assert np.isnan(share).all()
    assert np.isnan(error).all()


def test_entries_of_a_pool(pooled: Simulation, split: Json) -> None:
    found = split["structure"]
    assert list(found) == list(EVERY)
    years = len(split["dates"][::12])
    for entry in found.values():
        assert sum(entry["weights"].values()) == pytest.approx(1.0, abs=1e-6)
        assert list(entry["variance_share"]) == list(DIVIDED)
        for one in entry["variance_share"].values():
            assert len(one["share"]) == len(one["mcse"]) == years
    assert found["trajectory"]["variance_share"]["software_log2"]["share"][0] is None
    speedup = found["outlook"]["variance_share"]["labour_speedup"]["share"][-1]
    y = np.log2(pooled.outputs["labour_speedup"][:, 84].astype(float))
    inside = sum(np.mean(pooled.member == i) * y[pooled.member == i].var(ddof=1) for i in range(3))
    assert speedup == pytest.approx(1.0 - inside / y.var(ddof=1), rel=1e-6)
    signs = found["substitution"]["variance_share"]
    assert signs["labour_speedup"]["share"][-1] < 0.02
    assert signs["progress_multiplier"]["share"][-1] > 0.03


def test_an_output_without_a_logarithm_has_no_share(pooled: Simulation) -> None:
    horizon = pooled.outputs["p50_horizon_min"].copy()
    horizon[3, 12] = 0.0
    found = structure_entries(replace(pooled, outputs=pooled.outputs | {"p50_horizon_min": horizon}))
    told, before = (
        one["trajectory"]["variance_share"]["p50_horizon_min"] for one in (found, structure_entries(pooled))
    )
    assert told["share"][1] is None
    assert told["mcse"][1] is None
    assert told["share"][2:] == before["share"][2:]


def test_a_pinned_structure_has_no_entry() -> None:
    pins = [END, "structure.trajectory=exponential"]
    assert list(structure_entries(autosim.simulate("baseline", 64, set=pins))) == ["substitution"]
    summary = summarise(autosim.simulate("baseline", 64, set=[*pins, "structure.substitution=complements"]))
    assert summary["structure"] == {}
    assert between_structures(summary) == []


# ---------------------------------------------------------------------------------------------------- names and options


@pytest.mark.parametrize(
    ("scenario", "said", "message"),
    [
        (
            "baseline",
            ["trajectry"],
            "--by trajectry: got 'trajectry', expected a structure; did you mean 'trajectory'?",
        ),
        ("baseline", ["outlook"], "--by outlook: got 'outlook', expected a structure: one of trajectory, substitution"),
        ("baseline", ["trajectory+"], "--by trajectory+: got '', expected a structure: one of"),
        ("interviews", ["outlook", "outlook"], "--by outlook: got outlook twice, expected each once"),
        ("interviews", ["outlook+outlook"], "--by outlook+outlook: got outlook twice, expected each once"),
    ],
)
def test_names_that_cannot_be_split_by_are_refused(scenario: str, said: list[str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_structures(said, autosim.load(scenario))
    assert str(caught.value).startswith(message)


def test_python_compares_by_structure() -> None:
    found = autosim.compare(["pessimistic", "optimistic"], draws=200, set=[END], by=["trajectory"])
    assert [list(one["by"]) for one in found.values()] == [["trajectory"]] * 2
    with pytest.raises(TypeError, match="by: got"):
        autosim.compare(["optimistic"], draws=64, by="trajectory")


def called(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--out", str(folder / "out")])


def test_a_run_prints_and_draws_alternatives_side_by_side(tmp_path: Path) -> None:
    words = ("run", "baseline", "--draws", "300", "--set", END, "--by", "trajectory", "--by", "substitution")
    result = called(tmp_path, *words)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "Baseline, by trajectory (share of draws beneath the name)" in said
    assert "exponential superexponential saturating" in said
    assert "complements substitutes" in said
    assert "Of the variance of log S_L in Aug 2029, " in said
    assert " between shapes of the trajectory, " in said
    figures = {path.name for path in (tmp_path / "out" / "figures").iterdir()}
    assert {"structure.png", "by_trajectory.png", "by_substitution.svg"} <= figures
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert list(summary["by"]) == ["trajectory", "substitution"]


def test_a_comparison_prints_and_draws_each_scenarios_alternatives(tmp_path: Path) -> None:
    words = ("compare", "pessimistic", "optimistic", "--draws", "250", "--set", END, "--by", "substitution")
    result = called(tmp_path, *words)
    assert result.exit_code == 0, result.output
    assert "Pessimistic, by substitution" in result.stdout
    assert "Optimistic, by substitution" in result.stdout
    figures = {path.name for path in (tmp_path / "out" / "figures").iterdir()}
    assert {"by_substitution_1_pessimistic.png", "by_substitution_2_optimistic.png"} <= figures


def test_alternatives_with_few_draws_are_named_and_none_makes_no_figure(tmp_path: Path) -> None:
    result = called(tmp_path, "run", "baseline", "--draws", "64", "--set", END, "--by", BOTH)
    assert result.exit_code == 0, result.output
    assert "exponential, complements: " in result.stdout
    assert "too few different ones to tell" in result.stdout
    assert not (tmp_path / "out" / "figures" / f"by_{BOTH}.png").exists()


def test_too_many_draws_are_refused_before_they_are_made(tmp_path: Path) -> None:
    result = called(tmp_path, "run", "baseline", "--draws", "1000000000", "--by", "trajectory")
    assert isinstance(result.exception, InputError)
    assert "at most 10,000" in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_it_works_with_what_is_given(given_run: Simulation) -> None:
    summary = summarise(given_run, ["trajectory"])
    found = summary["by"]["trajectory"]
    assert sum(one["probability"] for one in found.values()) == pytest.approx(1.0, abs=1e-6)
    assert found["exponential"]["series"]["labour_speedup"]["q50"]
    entry = summary["structure"]["trajectory"]
    assert entry["draws"] == len(given_run)
    assert given_run.chosen is not None
    _, first, counts = np.unique(given_run.chosen.positions, return_index=True, return_counts=True)
    y = np.log2(given_run.outputs["labour_speedup"][first, 60].astype(float))
    share, error = variance_share(y, given_run.trajectory[first], counts.astype(float))
    told = entry["variance_share"]["labour_speedup"]
    assert told["share"][5] == pytest.approx(float(share), rel=1e-6)
    assert told["mcse"][5] == pytest.approx(float(error), rel=1e-6)


# ------------------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize("name", EVERY)
def test_figures_of_alternatives_are_clear(split: Json, name: str) -> None:
    with house_style():
        refuse_clutter(by_alternative(split, name))
        refuse_clutter(between(split))


def test_of_many_alternatives_the_likeliest_are_drawn(split: Json) -> None:
    one = split["by"]["outlook"]["pessimistic"]
    many = {f"outlook_number_{i}": one | {"draws": i} for i in range(12)}
    with house_style():
        figure = by_alternative(split | {"by": {"outlook": many}}, "outlook")
        refuse_clutter(figure)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert [label.partition(":")[0] for label in labels] == [f"outlook number {i}" for i in range(12 - MOST_DRAWN, 12)]
    assert "8 alternatives with most draws are drawn, of 12" in " ".join(figure.texts[-1].get_text().split())


def test_a_short_run_is_drawn(write: Write) -> None:
    summary = summarise(autosim.simulate(write("name: Short\nextends: base\nend: 2024-12-01\n"), 300), ["trajectory"])
    with house_style():
        refuse_clutter(between(summary))
        refuse_clutter(by_alternative(summary, "trajectory"))
