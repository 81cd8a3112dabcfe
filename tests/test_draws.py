"""From a scenario to draws: common random numbers, groups as one quantity, correlations, pools in exact proportions."""

import itertools
import math

import numpy as np
import pytest
from conftest import Write
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from autosim.draws import Draws, allot, draw, members_of
from autosim.errors import InputError
from autosim.inputs.as_of import Vintage
from autosim.inputs.correlations import Correlations
from autosim.inputs.distributions import Continuous
from autosim.inputs.document import parse
from autosim.inputs.loading import load
from autosim.inputs.notes import Note
from autosim.inputs.parameters import PARAMETERS
from autosim.inputs.priors import Prior
from autosim.inputs.scenario import Pool
from autosim.inputs.schema import CorrelationEntry

type Floats = NDArray[np.float64]

HEAD = "name: Mine\nextends: base\n"
DRAWS = 400


def drawn(name: str, draws: int = DRAWS, seed: int = 0) -> Draws:
    return draw(load(name), seed, draws)


def everything(draws: Draws) -> dict[str, NDArray[np.generic]]:
    """All arrays by name."""
    rest = {"trajectory": draws.trajectory, "feedback": draws.feedback, "member": draws.member}
    return {**draws.scalars, **draws.indexed, **rest}


def differing(first: Draws, second: Draws) -> set[str]:
    """Names of the arrays that are not bit for bit the same."""
    one, other = everything(first), everything(second)
    assert one.keys() == other.keys()
    return {name for name in one if not np.array_equal(one[name], other[name])}


@pytest.mark.usefixtures("small_world")
def test_shapes_are_as_documented() -> None:
    draws = drawn("base.yaml")
    names = load("base.yaml").taxonomy
    tasks, bottlenecks, roles, evaluations = map(len, (names.tasks, names.bottlenecks, names.roles, names.evaluations))
    shapes = {
        "horizon_offset": (bottlenecks,),
        "relief": (bottlenecks,),
        "slope": (bottlenecks,),
        "severity": (tasks, bottlenecks),
        "evaluation_severity": (evaluations, bottlenecks),
        "task_length": (tasks,),
        "length_spread": (tasks,),
        "median": (evaluations,),
        "spread": (evaluations,),
        "contamination": (evaluations,),
        **dict.fromkeys(("added_difficulty", "best_of", "all_of"), (evaluations,)),
        "role_share": (roles,),
        "time_share": (roles, tasks),
    }
    assert len(draws) == DRAWS
    assert {name: values.shape for name, values in draws.indexed.items()} == {
        name: (DRAWS, *shape) for name, shape in shapes.items()
    }
    assert all(values.shape == (DRAWS,) for values in draws.scalars.values())
    assert set(draws.scalars) == {name for name, parameter in PARAMETERS.items() if not parameter.axes}
    assert draws.indexed["contamination"][:, 0].tolist() == [0.0] * DRAWS
    assert draws.indexed["severity"][0].shape == (tasks, bottlenecks)


def test_severities_stand_where_their_names_say(write: Write) -> None:
    tasks = "planning: {reliability: 0.1, novelty: 0.2}, debugging: {reliability: 0.3, novelty: 0.4}"
    draws = drawn(write(f"{HEAD}priors: {{severity: {{{tasks}, cuda: {{novelty: 0.5}}}}}}\n"), 2)
    assert draws.indexed["severity"][0, 0].tolist() == [0.1, 0.2]
    assert draws.indexed["severity"][1, 2].tolist() == [0.3, 0.4]
    assert draws.indexed["evaluation_severity"][:, 1, 1].tolist() == [0.5, 0.5]


@pytest.mark.usefixtures("small_world")
def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    assert not differing(drawn("base.yaml"), drawn("base.yaml"))
    assert {"horizon", "work_gap", "severity", "time_share", "trajectory"} <= differing(
        drawn("base.yaml"), drawn("base.yaml", seed=1)
    )


@pytest.mark.parametrize("name", ["baseline", "interviews"])
def test_more_draws_begin_with_the_same_ones(name: str) -> None:
    assert not differing(drawn(name, 100), drawn(name, 333).part(slice(0, 100)))


def test_a_new_prior_leaves_all_other_draws_unchanged(write: Write) -> None:
    write(f"{HEAD}priors:\n  rework: {{dist: halfnormal, sd: 1}}\n")
    assert differing(drawn("base.yaml"), drawn("mine.yaml")) == {"rework"}


def test_a_new_evaluation_leaves_all_other_draws_unchanged(write: Write) -> None:
    write(HEAD + "evaluations: {more: {median: {dist: lognormal, q05: 1, q95: 9}, spread: 1, severity: low}}\n")
    base, mine = drawn("base.yaml"), drawn("mine.yaml")
    assert mine.indexed["median"].shape == (DRAWS, 3)
    for name in ("median", "spread", "contamination", "evaluation_severity"):
        np.testing.assert_array_equal(base.indexed[name], mine.indexed[name][:, :2])
    for name in base.scalars:
        np.testing.assert_array_equal(base.scalars[name], mine.scalars[name])
    np.testing.assert_array_equal(base.indexed["severity"], mine.indexed["severity"])


def test_a_changed_prior_keeps_its_random_numbers(write: Write) -> None:
    write(f"{HEAD}priors:\n  work_gap: {{dist: normal, mean: 12, sd: 3}}\n")
    base, mine = drawn("base.yaml").scalars["work_gap"], drawn("mine.yaml").scalars["work_gap"]
    np.testing.assert_allclose(mine, 12.0 + 3.0 * (base - 2.0))


def test_a_prior_of_a_group_is_one_shared_quantity(write: Write) -> None:
    said = "horizon_offset: {dist: normal, mean: 0, sd: 1}\n  severity: {dist: uniform, lower: 0.1, upper: 1}"
    draws = drawn(write(f"{HEAD}priors:\n  {said}\n"))
    for name in ("slope", "horizon_offset"):
        values = draws.indexed[name]
        assert (values == values[:, :1]).all()
    for name in ("severity", "evaluation_severity"):
        assert (draws.indexed[name] == draws.indexed["severity"][:, :1, :1]).all()
    offset = draws.indexed["horizon_offset"][:, 0]
    assert abs(np.corrcoef(offset, draws.indexed["severity"][:, 0, 0])[0, 1]) < 4 / math.sqrt(DRAWS)


def test_a_member_taken_out_of_a_group_is_a_quantity_of_its_own(write: Write) -> None:
    draws = drawn(write(f"{HEAD}priors:\n  slope: {{novelty: {{dist: lognormal, q05: 0.5, q95: 1.4}}}}\n"))
    slope = draws.indexed["slope"]
    assert abs(stats.pearsonr(*slope.T).statistic) < 4 / math.sqrt(DRAWS)
    np.testing.assert_array_equal(slope[:, 0], drawn("base.yaml").indexed["slope"][:, 0])


def test_levels_are_beta_priors(write: Write) -> None:
    levels = {"none": 0.05, "low": 0.2, "medium": 0.5, "high": 0.8}
    for level, mean in levels.items():
        write(f"{HEAD}priors: {{severity: {{debugging: {{novelty: {level}}}}}}}\n")
        values = drawn("mine.yaml", 4000).indexed["severity"][:, 2, 1]
        assert stats.kstest(values, stats.beta(10 * mean, 10 * (1 - mean)).cdf).pvalue > 0.01


def test_trajectories_come_in_their_proportions(write: Write) -> None:
    write(HEAD + "structure: {trajectory: {saturating: 0.25, superexponential: 0.75}}\n")
    counts = np.bincount(drawn("mine.yaml", 8000).trajectory, minlength=3) / 8000
    np.testing.assert_allclose(counts, [0.0, 0.75, 0.25], atol=0.02)
    assert set(drawn(write(HEAD + "structure: {trajectory: superexponential}\n")).trajectory) == {1}


def test_feedback_is_the_scenarios(write: Write) -> None:
    assert drawn("base.yaml").feedback.all()
    assert not drawn(write(HEAD + "structure: {feedback: false}\n")).feedback.any()


def test_draws_stay_inside_open_domains(write: Write) -> None:
    slowdown, relief = "{dist: normal, mean: 0.1, sd: 1, lower: 0}", "{dist: uniform, lower: -1, upper: 0}"
    write(f"{HEAD}priors:\n  slowdown: {slowdown}\n  relief: {relief}\n")
    draws = drawn("mine.yaml", 5000)
    assert draws.scalars["slowdown"].min() > 0.0
    assert draws.indexed["relief"].min() > -1.0


def test_an_evaluation_that_tests_nothing_in_some_draw_is_refused(write: Write) -> None:
    half = "{dist: mixture, components: [{weight: 0.5, dist: point, value: 0}, {weight: 0.5, dist: point, value: 1}]}"
    scenario = load(write(f"{HEAD}priors: {{severity: {{cuda: {half}}}}}\n"))
    with pytest.raises(InputError, match=r"^\S+: evaluations.cuda.severity: got 0 for every bottleneck"):
        draw(scenario, 0, 100)


# --------------------------------------------------------------------------------------------------- correlations

RHOS = [-0.95, -0.5, 0.2, 0.6, 0.95]
FIELDS = ("horizon", "work_gap", "adoption")


def correlated(write: Write, *pairs: tuple[str, str, float], name: str = "mine.yaml") -> Draws:
    listed = ", ".join(f"{{between: [{a}, {b}], rho: {rho}}}" for a, b, rho in pairs)
    return drawn(write(f"{HEAD}correlations: [{listed}]\n", name), 20_000)


@pytest.mark.parametrize("rho", RHOS)
def test_the_rank_correlation_is_reached_and_margins_stay(write: Write, rho: float) -> None:
    draws = correlated(write, ("horizon", "adoption", rho))
    x, y = draws.scalars["horizon"], draws.scalars["adoption"]
    # Spearman's coefficient of a Gaussian copula: Pearson (1907), 6/pi arcsin(rho/2)
    assert stats.spearmanr(x, y).statistic == pytest.approx(6 / math.pi * math.asin(rho / 2), abs=0.02)
    assert stats.kstest(y, stats.beta(6, 4).cdf).pvalue > 0.01
    assert stats.kstest(np.log(x), stats.norm(*stats.norm.fit(np.log(x))).cdf).pvalue > 0.01


def test_only_the_second_of_a_pair_moves(write: Write) -> None:
    base, draws = drawn("base.yaml", 20_000), correlated(write, ("horizon", "adoption", 0.5))
    assert differing(base, draws) == {"adoption"}


def test_a_child_adds_to_its_parents_correlations(write: Write) -> None:
    draws = correlated(write, ("horizon", "work_gap", 0.5))
    pair = (draws.scalars[f"{name}_compute_growth"] for name in ("training", "experiment"))
    assert stats.pearsonr(*pair).statistic == pytest.approx(0.6, abs=0.02)


def test_a_child_changes_its_parents_correlation_in_either_order(write: Write) -> None:
    draws = correlated(write, ("experiment_compute_growth", "training_compute_growth", -0.3))
    pair = (draws.scalars[f"{name}_compute_growth"] for name in ("training", "experiment"))
    assert stats.pearsonr(*pair).statistic == pytest.approx(-0.3, abs=0.02)


def test_the_order_of_correlations_does_not_matter(write: Write) -> None:
    pairs = [("horizon", "work_gap", 0.7), ("work_gap", "adoption", -0.4), ("horizon", "adoption", 0.2)]
    for position, order in enumerate(itertools.permutations(pairs)):
        turned = [(b, a, rho) if position % 2 else (a, b, rho) for a, b, rho in order]
        draws = correlated(write, *turned, name=f"s{position}.yaml")
        for a, b, rho in pairs:
            reached = stats.spearmanr(draws.scalars[a], draws.scalars[b]).statistic
            assert reached == pytest.approx(6 / math.pi * math.asin(rho / 2), abs=0.02)


def test_members_of_a_group_can_be_correlated(write: Write) -> None:
    write(
        f"{HEAD}correlations: [{{between: [severity.debugging.novelty, slope], rho: 0.8}}]\n",
    )
    draws = drawn("mine.yaml", 20_000)
    reached = stats.spearmanr(draws.indexed["severity"][:, 2, 1], draws.indexed["slope"][:, 1]).statistic
    assert reached == pytest.approx(6 / math.pi * math.asin(0.4), abs=0.02)


@pytest.mark.parametrize("name", ["rework", "relief", "horizon_offset.novelty"])
def test_a_correlation_with_a_point_mass_is_ignored(write: Write, name: str) -> None:
    assert not differing(drawn("base.yaml", 20_000), correlated(write, ("horizon", name, 0.9)))


def test_a_contradiction_with_a_point_mass_is_none(write: Write) -> None:
    write(f"{HEAD}priors: {{work_gap: 1}}\n", "known.yaml")
    pairs = [("horizon", "work_gap", 0.9), ("horizon", "adoption", 0.9), ("adoption", "work_gap", -0.9)]
    listed = ", ".join(f"{{between: [{a}, {b}], rho: {rho}}}" for a, b, rho in pairs)
    draws = drawn(write(f"name: Mine\nextends: known\ncorrelations: [{listed}]\n"))
    assert np.corrcoef(draws.scalars["horizon"], draws.scalars["adoption"])[0, 1] > 0.8


def test_perfect_correlations_are_nearly_reached(write: Write) -> None:
    draws = correlated(
        write, ("horizon", "work_gap", 0.9999), ("work_gap", "adoption", 0.9999), ("horizon", "adoption", 0.9999)
    )
    assert np.isfinite(draws.scalars["adoption"]).all()
    assert stats.spearmanr(draws.scalars["horizon"], draws.scalars["adoption"]).statistic > 0.999


@given(st.lists(st.floats(-0.9, 0.9), min_size=3, max_size=3))
def test_three_correlations_hold_together_or_are_refused(rhos: list[float]) -> None:
    a, b, c = rhos
    matrix = np.array([[1, a, b], [a, 1, c], [b, c, 1]])
    smallest = float(np.linalg.eigvalsh(matrix).min())
    pairs = list(itertools.combinations(["horizon", "work_gap", "compute_wait"], 2))
    text = ", ".join(f"{{between: [{x}, {y}], rho: {rho!r}}}" for (x, y), rho in zip(pairs, rhos, strict=True))
    assert possible(text) == (smallest > 1e-9) or abs(smallest - 1e-9) < 1e-12


def possible(correlations: str) -> bool:
    """Whether `Correlations` accepts a list, given as flow YAML."""
    names = ("horizon", "work_gap", "compute_wait")
    priors: dict[tuple[str, ...], Prior] = {
        (name,): Prior(Continuous("normal", (0.0, 1.0)), name, Note("here")) for name in names
    }
    stated = Correlations()
    said = [CorrelationEntry.model_validate(entry) for entry in parse(f"[{correlations}]", "here")]
    stated.lay(said, "here", Vintage(None))
    try:
        return len(stated.kept(priors)) == 3
    except InputError:
        return False


# ---------------------------------------------------------------------------------------------------------- pools


def test_a_pool_takes_draw_i_from_its_member(write: Write) -> None:
    write(f"{HEAD}priors: {{work_gap: 1, severity: high}}\nstructure: {{feedback: false}}\n", "far.yaml")
    pool = load(write("name: Both\npool: {base: 3, far: 1}\n"))
    draws = draw(pool, 5, DRAWS)
    assert members_of(pool) == ("base", "far")
    assert np.bincount(draws.member).tolist() == [300, 100]
    for position, name in enumerate(("base.yaml", "far.yaml")):
        own, chosen = everything(drawn(name, seed=5)), draws.member == position
        for key, values in everything(draws).items():
            if key != "member":
                np.testing.assert_array_equal(values[chosen], own[key][chosen])


@pytest.mark.parametrize("draws", [8, 4000])
def test_the_interviews_are_pooled_two_four_two(draws: int) -> None:
    pool = load("interviews")
    assert isinstance(pool, Pool)
    assert [weight for weight, _ in pool.members] == [2.0, 4.0, 2.0]
    assert members_of(pool) == ("pessimistic", "somewhat_optimistic", "extremely_optimistic")
    assert np.bincount(draw(pool, 0, draws).member).tolist() == [draws // 4, draws // 2, draws // 4]


def test_a_draw_of_the_interviews_is_a_draw_of_its_member() -> None:
    pooled = draw(load("interviews"), 3, 64)
    for position, name in enumerate(members_of(load("interviews"))):
        own, chosen = drawn(name, 64, 3), pooled.member == position
        np.testing.assert_array_equal(pooled.scalars["horizon"][chosen], own.scalars["horizon"][chosen])
        np.testing.assert_array_equal(pooled.indexed["severity"][chosen], own.indexed["severity"][chosen])


def test_a_pool_of_pools_divides_the_weight(write: Write) -> None:
    write(HEAD, "a.yaml")
    write(HEAD, "b.yaml")
    write("name: Inner\npool: {a: 1, b: 3}\n", "inner.yaml")
    pool = load(write("name: Outer\npool: {base: 4, inner: 4}\n"))
    assert isinstance(pool, Pool)
    assert [weight for weight, _ in pool.members] == [4.0, 1.0, 3.0]
    assert np.bincount(draw(pool, 0, 800).member).tolist() == [400, 100, 300]


@pytest.mark.usefixtures("small_world")
def test_a_scenario_is_its_own_only_member() -> None:
    assert members_of(load("base.yaml")) == ("base",)
    assert not drawn("base.yaml").member.any()


@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=6), st.integers(1, 300))
def test_members_are_allotted_within_one_of_their_share_at_every_prefix(weights: list[float], draws: int) -> None:
    member = allot(weights, draws)
    so_far = np.cumsum(member[:, None] == np.arange(len(weights)), axis=0)
    due = np.arange(1, draws + 1)[:, None] * np.array(weights) / sum(weights)
    assert (so_far - due).max() < 1.0
    assert so_far[-1].sum() == draws


def test_equal_weights_stay_exactly_equal() -> None:
    assert np.bincount(allot([1.0, 1.0, 1.0], 300_000)).tolist() == [100_000] * 3
    assert np.bincount(allot([0.1, 0.2, 0.7], 100_000)).tolist() == [10_000, 20_000, 70_000]
