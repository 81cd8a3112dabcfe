"""What drives an answer: groups, samples between two samples, methods that fit, and what a reader is told."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import Write
from scipy import stats

import autosim
from autosim.analysis.groups import OUTLOOK, groups, parameter_of
from autosim.analysis.quantities import column, quantities
from autosim.analysis.sampling import Pairs
from autosim.analysis.sensitivity import DRAWS, Sensitivity, Study
from autosim.analysis.swings import ENDS, error_of, evenly, explained
from autosim.cli import cli
from autosim.draws import draw
from autosim.errors import AutosimError, InputError
from autosim.inputs.distributions import Point
from autosim.inputs.loading import load
from autosim.inputs.scenario import Scenario

FREE = "name: Free\nextends: base\n"
"""The little world, whose only correlation is within a group: that of compute."""

TIED = "name: Tied\nextends: base\ncorrelations:\n  - {between: [work_gap, adoption], rho: 0.8}\n"


def test_every_uncertain_quantity_is_in_one_group() -> None:
    for name in ("baseline", "interviews"):
        scenario = load(name)
        some = quantities(scenario)
        paths = [path for quantity in some for path in quantity.paths]
        assert len(paths) == len(set(paths))
        divided = groups(some, scenario.taxonomy)
        assert sorted(path for group in divided for path in group.paths) == sorted(paths)
        assert {group.name for group in divided} == {
            "capability", "instances", "work_gap", "delegation", "adoption", "time_use", "compute", "research",
            "severity.reliability", "severity.open_ended_planning", "severity.long_context_reasoning",
            "severity.deep_reasoning", "severity.novelty", "evaluations",
        }  # fmt: skip


def test_one_prior_for_several_groups_joins_them(write: Write) -> None:
    scenario = load(
        write("name: Mine\nextends: base\npriors: {severity: {dist: beta, mean: 0.4, concentration: 10}}\n")
    )
    divided = groups(quantities(scenario), scenario.taxonomy)
    joined = next(group for group in divided if "severity" in group.name)
    assert joined.name == "evaluations + severity.novelty + severity.reliability"
    assert len(joined.paths) == 10 + 1  # severities of three tasks and two evaluations, and the length of one of these


def test_samples_between_keep_some_groups_and_draw_the_others_anew() -> None:
    scenario = load("baseline")
    pairs = Pairs(scenario, 3, 64)
    order = list(range(len(pairs.groups)))
    first, second, rows = pairs.first(), pairs.second(), np.arange(64)
    assert np.array_equal(first.scalars["horizon"], draw(scenario, 3, 64).scalars["horizon"])
    for kept in (0, 4, len(order)):
        between = pairs.between(order, kept, rows)
        for position, group in enumerate(pairs.groups):
            for path in group.paths:
                values = column(between, path, pairs.names)
                if position < kept:
                    assert np.array_equal(values, column(first, path, pairs.names))
                elif kept == 0:
                    assert np.array_equal(values, column(second, path, pairs.names))
    assert not np.array_equal(first.scalars["horizon"], second.scalars["horizon"])


def test_what_depends_on_kept_groups_is_drawn_given_them(write: Write) -> None:
    pairs = Pairs(load(write(TIED)), 0, 8192)
    assert pairs.dependent
    names = [group.name for group in pairs.groups]
    order = [names.index("work_gap"), *(i for i, name in enumerate(names) if name != "work_gap")]
    between = pairs.between(order, 1, np.arange(8192))
    rank = stats.spearmanr(between.scalars["work_gap"], between.scalars["adoption"]).statistic
    assert rank == pytest.approx(6.0 / np.pi * np.arcsin(0.4), abs=0.03)  # of normals with correlation .8
    same = stats.ks_2samp(between.scalars["adoption"], pairs.second().scalars["adoption"])
    assert same.pvalue > 0.01
    assert not np.array_equal(between.scalars["adoption"], pairs.second().scalars["adoption"])


def test_a_pools_member_is_a_group_of_its_own() -> None:
    scenario = load("interviews")
    pairs = Pairs(scenario, 1, 1024)
    assert pairs.groups[-1].name == OUTLOOK
    shares = np.bincount(pairs.first().member) / 1024
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.05)
    every = len(pairs.groups)
    kept = pairs.between([every - 1, *range(every - 1)], 1, np.arange(1024))
    assert np.array_equal(kept.member, pairs.first().member)
    assert not np.array_equal(kept.scalars["horizon"], pairs.first().scalars["horizon"])
    gaps = [np.median(kept.scalars["work_gap"][kept.member == member]) for member in range(3)]
    assert gaps[0] > 4.0 > gaps[1]


def test_sobol_where_groups_are_independent_and_shapley_where_not(write: Write) -> None:
    free, tied = load(write(FREE, "free.yaml")), load(write(TIED, "tied.yaml"))
    assert Study(free, draws=128).method == "sobol"
    assert Study(tied, draws=128).method == "shapley"
    assert Study(free, draws=128, method="shapley").method == "shapley"
    with pytest.raises(InputError, match="got sobol, although correlations tie groups together, expected shapley"):
        Study(tied, draws=128, method="sobol")
    whole = ["all=work_gap,adoption,training_compute_growth,experiment_compute_growth"]
    assert Study(tied, draws=128, said=whole).method == "sobol"  # dependence within a group is no matter


def test_a_linear_answer_is_driven_by_what_is_in_it(write: Write) -> None:
    """Log2 of a horizon at the reference date is log2 horizon plus its offset: normals of sd .4602 and .5."""
    found = autosim.sensitivity(
        write(FREE),
        "horizon_log2_min.reliability@2024-08",
        draws=4096,
        groups=["start=horizon", "offset=horizon_offset"],
    )
    assert found.method == "sobol"
    parts = np.array([np.log2(20.0 / 7.0) / (2.0 * 1.644854), 0.5]) ** 2
    shares = {driver.group: driver for driver in found.drivers}
    for group, want in zip(("start", "offset"), parts / parts.sum(), strict=True):
        assert shares[group].share.value == pytest.approx(want, abs=0.03)
        alone = shares[group].first
        assert alone
        assert alone.value == pytest.approx(want, abs=0.05)
    assert shares["everything else"].share.value == 0.0
    swing = {one.name: one for one in found.responses}["horizon"]
    low, high = (7.0 * 20.0) ** 0.5 * np.exp(np.array([-1, 1]) * 1.281552 * np.log(20.0 / 7.0) / (2.0 * 1.644854))
    assert [swing.at[end] for end in swing.ends] == pytest.approx([low, high], rel=1e-4)
    assert swing.swing[1] - swing.swing[0] == pytest.approx(np.log2(high / low), rel=1e-4)


@pytest.fixture(scope="module")
def found() -> Sensitivity:
    return autosim.sensitivity("baseline", draws=512)


def test_shapley_effects_add_up_and_lead_with_capability(found: Sensitivity) -> None:
    assert found.method == "shapley"
    assert sum(driver.share.value for driver in found.drivers) == pytest.approx(1.0, abs=1e-9)
    assert found.drivers[0].group == "capability"
    assert found.sentence.startswith("Labour speedup S_L, Aug 2029, hangs most on capability (")
    evaluations = next(driver for driver in found.drivers if driver.group == "evaluations")
    assert evaluations.share.value == 0.0
    assert found.drivers == sorted(found.drivers, key=lambda driver: -driver.share.value)


def test_the_answer_is_spread_as_in_a_run(found: Sensitivity) -> None:
    speedup = autosim.run("baseline", draws=4000)["labour_speedup"].sel(date="2029-08-27")
    assert found.spread["q50"] == pytest.approx(float(speedup.median()), rel=0.1)


def test_swings_are_ranked_and_go_the_right_way(found: Sensitivity) -> None:
    lengths = [abs(np.log2(one.swing[1] / one.swing[0])) for one in found.responses]
    assert lengths == sorted(lengths, reverse=True)
    by_name = {one.name: one for one in found.responses}
    assert by_name["horizon_elasticity"].swing[0] < by_name["horizon_elasticity"].swing[1]
    assert by_name["work_gap"].swing[0] > by_name["work_gap"].swing[1]
    assert {by_name["structure.trajectory"].at[end] for end in by_name["structure.trajectory"].ends} == {
        "saturating",
        "superexponential",
    }
    assert ENDS == (0.1, 0.9)


def test_swings_start_at_the_answers_own_median(found: Sensitivity) -> None:
    study = Study(load("baseline"), draws=512)
    assert found.swung == 512
    assert found.as_json()["centre"] == found.centre == found.spread["q50"]
    both = [draws.scalars["horizon"] for draws in (study.pairs.first(), study.pairs.second())]
    answers = np.log(np.concatenate(both))
    some = answers[evenly(answers, 256)]
    for p in (0.1, 0.5, 0.9):
        assert np.quantile(some, p) == pytest.approx(np.quantile(answers, p), abs=0.02)
    one = found.responses[0]
    assert all(0.0 < error < 0.1 * centre for error, centre in zip(one.mcse, one.centre, strict=True))


@pytest.mark.parametrize("share", [False, True])
@pytest.mark.parametrize("tied", [0.0, 0.8])
def test_errors_of_swings_are_those_of_repetition(tied: float, share: bool) -> None:
    """Answers to changed draws, correlated with what these were ranked by; medians and shares over many repetitions."""
    found, errors = [], []
    for seed in range(400):
        z = np.random.default_rng(seed).standard_normal((2, 1024))
        changed = tied * z[0] + (1.0 - tied**2) ** 0.5 * z[1] + 10.0
        answers = (changed > 10.3).astype(np.float64) if share else changed
        some = answers[evenly(z[0], 128)]
        found.append(some.mean() if share else np.median(some))
        errors.append(error_of(some, 1024, share=share))
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(found), rel=0.12)


def test_errors_of_swings_that_are_certain() -> None:
    assert error_of(np.ones(128), 256.0) == 0.0
    assert 0.0 < error_of(np.ones(128), 256.0, share=True) < 0.01


def test_the_cost_is_known_before_and_not_exceeded(found: Sensitivity) -> None:
    study = Study(load("baseline"), draws=512)
    assert 0.9 * study.cost < found.evaluations <= study.cost
    assert Study(load("baseline")).draws == DRAWS


def test_the_same_seed_gives_the_same_bits_on_any_number_of_cores() -> None:
    study = Study(load("optimistic"), draws=128, seed=7)
    assert study.run(cores=1) == study.run(cores=2)


def test_dates_and_events_can_be_asked_for() -> None:
    for target in ("labour_speedup>=2", "labour_speedup>=2@2029-08"):
        found = autosim.sensitivity("optimistic", target, draws=128)
        assert sum(driver.share.value for driver in found.drivers) == pytest.approx(1.0, abs=1e-9)
        assert all(0.0 <= value <= 12.0 for one in found.responses for value in one.centre)


def test_a_pool_hangs_on_its_outlook() -> None:
    found = autosim.sensitivity("interviews", draws=256)
    assert found.drivers[0].group == OUTLOOK
    assert all(np.isfinite(one.centre).all() for one in found.responses)


def test_by_parameter() -> None:
    scenario = load("baseline")
    names = {group.name for group in groups(quantities(scenario), scenario.taxonomy, dividing=parameter_of)}
    assert {"horizon_elasticity", "trajectory", "severity", "evaluations", "time_share"} <= names


def test_variance_between_bins_by_hand() -> None:
    values = np.repeat(np.arange(16.0), 100)
    noise = np.tile(np.linspace(-1.0, 1.0, 100), 16)
    assert explained(values, values) == pytest.approx(1.0)
    whole = np.var(values) + np.var(noise)
    assert explained(values, values + noise) == pytest.approx(np.var(values) / whole, abs=0.01)
    assert explained(values, np.tile(np.linspace(0.0, 1.0, 100), 16)) == 0.0


def posterior_of(path: Path, rho: float) -> Path:
    """Joint draws of two quantities as a file: work gap and horizon, correlated, of which the scenario says nothing."""
    z = np.random.default_rng(0).multivariate_normal([0.0, 0.0], [[1.0, rho], [rho, 1.0]], 2000)
    rows = [f"{2.0 + 0.5 * a},{12.0 * np.exp(0.2 * b)}" for a, b in z]
    path.write_text("work_gap,horizon\n" + "\n".join(rows) + "\n")
    return path


def test_a_posteriors_dependence_is_kept(small_world: Path) -> None:
    file = posterior_of(small_world / "draws.csv", 0.9)
    loaded = load("base.yaml", (), file)
    pairs = Pairs(loaded, 0, 2048)
    assert pairs.dependent
    names = [group.name for group in pairs.groups]
    order = [names.index("work_gap"), *(i for i, name in enumerate(names) if name != "work_gap")]
    between = pairs.between(order, 1, np.arange(2048))
    assert np.corrcoef(between.scalars["work_gap"], np.log(between.scalars["horizon"]))[0, 1] == pytest.approx(
        0.9, abs=0.02
    )
    with pytest.raises(InputError, match="got sobol, although a posterior tie"):
        Study(loaded, draws=128, method="sobol")


def test_a_posterior_whose_groups_are_independent_leaves_them_so(small_world: Path) -> None:
    file = posterior_of(small_world / "draws.csv", 0.0)
    pairs = Pairs(load("base.yaml", (), file), 0, 512)
    assert pairs.dependences[0]
    assert {one.paths[0][0] for one in pairs.dependences[0].dimensions} >= {"work_gap", "horizon"}
    assert not pairs.dependent


def test_what_cannot_be_analysed_is_refused(write: Write) -> None:
    with pytest.raises(InputError, match="--draws: got 100, expected a multiple of 64, at least 128"):
        autosim.sensitivity("baseline", draws=100)
    with pytest.raises(InputError, match="did you mean 'labour_speedup'"):
        autosim.sensitivity("baseline", "labour_spedup@2029-08", draws=128)
    with pytest.raises(InputError, match="method: got 'morris', expected a method"):
        autosim.sensitivity("baseline", method="morris")
    with pytest.raises(InputError, match="by: got 'groups', expected a way to divide assumptions"):
        autosim.sensitivity("baseline", by="groups")
    with pytest.raises(AutosimError, match=r"--target labour_speedup>=1000: got no draw that gets there by"):
        autosim.sensitivity(write(FREE), "labour_speedup>=1000", draws=128)
    with pytest.raises(AutosimError, match=r"has no value in .* of draws, where no advance solves the evaluation"):
        autosim.sensitivity("pessimistic", "solved_time_saved_share.specific.small_scale_experiments", draws=128)


def test_certain_scenarios_have_nothing_to_analyse() -> None:
    scenario = load("baseline")
    assert isinstance(scenario, Scenario)
    certain = replace(
        scenario,
        trajectory={"exponential": 1.0},
        priors={path: replace(prior, distribution=Point(float(prior.distribution.quantile(np.array([0.5]))[0])))
                for path, prior in scenario.priors.items()},
        shares={path: replace(prior, simplex=replace(prior.simplex, concentration=None))
                for path, prior in scenario.shares.items()},
    )  # fmt: skip
    with pytest.raises(InputError, match="got nothing that is uncertain, expected at least one distribution"):
        Study(certain, draws=128)


def test_the_command_states_its_cost_prints_and_writes(small_world: Path) -> None:
    (small_world / "free.yaml").write_text(FREE)
    result = CliRunner().invoke(cli, ["sensitivity", "free.yaml", "--draws", "128", "--set", "rework=0.4"])
    assert result.exit_code == 0, result.output
    assert "groups of assumptions:" in result.stderr
    assert "evaluations of the model, about" in result.stderr
    said = " ".join(result.stdout.split())
    assert "Sobol indices: alone = first order" in said
    assert "with --set rework=0.4" in said
    assert "over 128 of the draws, taken evenly by their answer; as drawn it is" in said
    folder = small_world / "runs" / "free-sensitivity"
    content = json.loads((folder / "sensitivity.json").read_text())
    assert content["method"] == "sobol"
    assert {path.stem for path in (folder / "figures").iterdir()} == {"drivers", "tornado", "responses"}
    printed = CliRunner().invoke(
        cli, ["sensitivity", "free.yaml", "--draws", "128", "--set", "rework=0.4", "--json", "--no-plots"]
    )
    assert json.loads(printed.stdout) == content
