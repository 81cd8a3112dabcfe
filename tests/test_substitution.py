"""The sign of substitution as a structure: weights that the prior implies, weights that are said, posteriors."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from conftest import Write
from hypothesis import given
from hypothesis import strategies as st
from posteriors import learnt, loaded, refusal
from scipy.special import ndtr

import autosim
from autosim.analysis.cruxes import differing
from autosim.analysis.groups import coarse_group_of, groups, parameter_of
from autosim.analysis.quantities import quantities
from autosim.cli import cli
from autosim.draws import Draws, draw
from autosim.inference.files import write_posterior
from autosim.inference.standard import curves, is_discrete
from autosim.inputs.distributions import Categorical, Continuous, Distribution, Mixture, Point, Reweighted, Truncated
from autosim.inputs.distributions import mass_below as below
from autosim.inputs.posterior import prior_texts, weights_text
from autosim.inputs.posterior_files import MARK, SAMPLE

ELASTICITY = "input_substitution"
WIDE = {ELASTICITY: {"dist": "lognormal", "mu": 0, "sigma": 0.5}}
EVEN = {"complements": 0.5, "substitutes": 0.5}
BASES: list[Distribution] = [
    Continuous("lognormal", (0.0, 0.5)),
    Truncated(Continuous("normal", (1.0, 2.0)), 0.1, 4.0),
    Mixture((0.4, 0.6), (Point(1.0), Continuous("uniform", (0.5, 1.5)))),
    Categorical((0.5, 1.0, 2.0), (0.25, 0.5, 0.25)),
]


def drawn(
    scenario: str, said: dict[str, object] | None = None, posterior: str | None = None, count: int = 500
) -> Draws:
    return draw(loaded(scenario, said, posterior), 0, count)


def elasticities(*said: object) -> np.ndarray:
    return drawn(*said).scalars[ELASTICITY]  # type: ignore[arg-type]


# --------------------------------------------------------------------------------------------------- the distribution


@pytest.mark.parametrize("base", BASES, ids=lambda base: type(base).__name__)
@given(weight=st.floats(0, 1), u=st.lists(st.floats(2.0**-54, 1 - 2.0**-53), min_size=2, max_size=6))
def test_a_reweighted_prior_is_each_side_as_it_was_with_its_weight(
    base: Distribution, weight: float, u: list[float]
) -> None:
    prior, p = Reweighted(base, 1.0, weight), np.sort(np.array(u))
    x = prior.quantile(p)
    assert (np.diff(x) >= 0.0).all()
    np.testing.assert_array_equal(x < 1.0, p < weight)
    assert below(prior, 1.0) == pytest.approx(weight, abs=1e-12)
    split = below(base, 1.0)
    for value in (0.6, 0.9):
        assert float(prior.probability(np.array(value))) == pytest.approx(
            weight * float(base.probability(np.array(value))) / split, abs=1e-12
        )
    for value in (1.0, 1.2):
        expected = weight + (1 - weight) * (float(base.probability(np.array(value))) - split) / (1 - split)
        assert float(prior.probability(np.array(value))) == pytest.approx(expected, abs=1e-12)


@given(weight=st.floats(0.01, 0.99), u=st.floats(0.001, 0.999))
def test_a_reweighted_prior_is_a_mixture_of_its_sides(weight: float, u: float) -> None:
    base = Continuous("lognormal", (0.0, 0.5))
    sides = Mixture((weight, 1 - weight), (Truncated(base, upper=1.0), Truncated(base, lower=1.0)))
    mine, plain = (float(prior.quantile(np.array([u]))[0]) for prior in (Reweighted(base, 1.0, weight), sides))
    assert mine == pytest.approx(plain, rel=1e-7)


def test_its_support_ends_at_the_threshold_where_one_side_has_it_all() -> None:
    base = Continuous("lognormal", (0.0, 0.5))
    assert Reweighted(base, 1.0, 0.0).support() == (1.0, np.inf)
    assert Reweighted(base, 1.0, 0.3).support() == (0.0, np.inf)
    low, high = Reweighted(base, 1.0, 1.0).support()
    assert (low, high < 1.0) == (0.0, True)


@pytest.mark.parametrize("weight", [0.0, 0.2, 1.0])
def test_the_sampler_takes_it_for_what_it_is(weight: float) -> None:
    prior = Reweighted(Continuous("lognormal", (0.0, 0.5)), 1.0, weight)
    found = curves([prior]).values(np.array([-1.0])).eval()
    assert found[0] == pytest.approx(float(prior.quantile(ndtr(np.array([-1.0])))[0]), rel=1e-6)
    assert not is_discrete(prior)
    assert is_discrete(Reweighted(Categorical((0.5, 2.0), (0.5, 0.5)), 1.0, weight))


# ----------------------------------------------------------------------------------------------------------- scenarios


def test_unsaid_it_has_the_weights_that_the_prior_implies() -> None:
    scenario = loaded("baseline")
    share = np.mean(draw(scenario, 0, 20_000).scalars[ELASTICITY] < 1.0)
    assert scenario.substitution["complements"] == pytest.approx(share, abs=0.01)
    assert sum(scenario.substitution.values()) == pytest.approx(1.0, abs=1e-12)
    assert "substitution" not in scenario.structure_notes


@pytest.mark.parametrize("scenario", ["baseline", "pessimistic"])
def test_reweighting_changes_the_elasticity_alone_and_keeps_its_order(scenario: str) -> None:
    before, after = drawn(scenario), drawn(scenario, {"structure.substitution": EVEN})
    for name, values in before.scalars.items():
        assert (name == ELASTICITY) != np.array_equal(values, after.scalars[name]), name
    for name, values in before.indexed.items():
        np.testing.assert_array_equal(values, after.indexed[name])
    np.testing.assert_array_equal(before.trajectory, after.trajectory)
    one, other = before.scalars[ELASTICITY], after.scalars[ELASTICITY]
    np.testing.assert_array_equal(np.argsort(one, kind="stable"), np.argsort(other, kind="stable"))
    assert np.mean(other < 1.0) == pytest.approx(0.5, abs=0.05)


def test_weights_of_the_prior_itself_change_nothing() -> None:
    implied = loaded("baseline").substitution
    np.testing.assert_allclose(elasticities("baseline", {"structure.substitution": implied}), elasticities("baseline"))


@pytest.mark.parametrize(("name", "side"), [("complements", True), ("substitutes", False)])
def test_pinned_all_draws_have_that_sign_as_with_all_weight_on_it(name: str, side: bool) -> None:
    pinned = elasticities("baseline", {"structure.substitution": name})
    assert ((pinned < 1.0) == side).all()
    weighed = elasticities("baseline", {"structure.substitution": dict.fromkeys(EVEN, 0.0) | {name: 1.0}})
    np.testing.assert_array_equal(pinned, weighed)
    assert set(drawn("baseline", {"structure.substitution": name}).substitution.tolist()) == {0 if side else 1}


@pytest.mark.usefixtures("small_world")
def test_a_childs_prior_gets_the_weights_that_a_parent_said(write: Write) -> None:
    write("name: Mother\nextends: base\nstructure: {substitution: {complements: 0.25, substitutes: 0.75}}\n"
          f"priors: {json.dumps(WIDE)}\n", "mother.yaml")  # fmt: skip
    write(f"name: Child\nextends: mother\npriors: {{{ELASTICITY}: {{dist: uniform, lower: 0.5, upper: 1.5}}}}\n")
    child = loaded("mine.yaml")
    assert child.substitution == {"complements": 0.25, "substitutes": 0.75}
    assert child.structure_notes["substitution"].place == "mother.yaml"
    assert np.mean(elasticities("mine.yaml") < 1.0) == pytest.approx(0.25, abs=0.05)
    assert elasticities("mine.yaml").max() <= 1.5
    other = write("name: Other\nextends: mother\nstructure: {substitution: substitutes}\n", "other.yaml")
    assert elasticities(other).min() >= 1.0


@pytest.mark.usefixtures("small_world")
def test_a_number_has_one_sign_and_takes_no_other() -> None:
    assert elasticities("base.yaml", {"structure.substitution": "complements"}).tolist() == [0.7] * 500
    said = refusal("base.yaml", {"structure.substitution": EVEN})
    assert (
        "structure.substitution: got weight 0.5 on substitutes, of which the prior of input_substitution (0.7)" in said
    )
    far = {ELASTICITY: {"dist": "uniform", "lower": 1, "upper": 2}, "structure.substitution": "complements"}
    assert "got weight 1 on complements, of which the prior" in refusal("base.yaml", far)
    assert loaded("base.yaml").substitution == {"complements": 1.0, "substitutes": 0.0}


@pytest.mark.parametrize(
    ("said", "got"),
    [
        ("complement", "got 'complement', expected a sign of substitution; did you mean 'complements'?"),
        ({"complements": 0.4}, "got weights that sum to 0.4, expected weights that sum to 1"),
        (
            {"complements": 1.5, "substitutes": -0.5},
            "substitution.substitutes: got -0.5, expected a weight of at least 0",
        ),
    ],
)
def test_what_is_no_weight_is_refused(said: object, got: str) -> None:
    assert got in refusal("baseline", {"structure.substitution": said})


def test_it_holds_for_every_member_of_a_pool() -> None:
    pool = autosim.load("interviews", ["structure.substitution=substitutes"])
    assert set(draw(pool, 0, 64).substitution.tolist()) == {1}


def test_correlations_keep_the_sign_that_was_chosen(write: Write) -> None:
    write("name: Mine\nextends: base\nstructure: {substitution: substitutes}\n"
          f"priors: {json.dumps(WIDE)}\ncorrelations: [{{between: [work_gap, {ELASTICITY}], rho: 0.8}}]\n")  # fmt: skip
    draws = drawn("mine.yaml")
    assert draws.scalars[ELASTICITY].min() >= 1.0
    assert np.corrcoef(draws.scalars["work_gap"], np.log(draws.scalars[ELASTICITY]))[0, 1] > 0.6


def test_priors_list_it_with_its_source() -> None:
    rows = json.loads(CliRunner().invoke(cli, ["priors", "baseline", "--json"]).stdout)
    row = next(row for row in rows if row["parameter"] == "structure.substitution")
    assert row["distribution"] == "complements 0.6282, substitutes 0.3718"
    assert row["source"] == "as the prior of input_substitution has it"
    pinned = ["priors", "baseline", "--json", "--structure", "substitution=complements"]
    rows = {row["parameter"]: row for row in json.loads(CliRunner().invoke(cli, pinned).stdout)}
    assert rows["structure.substitution"]["distribution"] == "complements 1"
    assert rows[ELASTICITY]["q95"] < 1.0


def test_groups_know_it_as_the_elasticity() -> None:
    plain, pinned = autosim.load("baseline"), autosim.load("baseline", ["structure.substitution=complements"])
    assert [one.name for one in differing(plain, pinned, 0, (), coarse_group_of)] == ["research"]
    assert [one.name for one in differing(plain, pinned, 0, (), parameter_of)] == [ELASTICITY]
    found = groups(quantities(plain), plain.taxonomy, ["structure=structure.substitution,structure.trajectory"])
    assert {"structure", "everything else"} == {group.name for group in found}
    own = next(group for group in found if group.name == "structure")
    assert own.paths == {(ELASTICITY,), ("structure", "trajectory")}


# ---------------------------------------------------------------------------------------------------------- posteriors


@pytest.fixture
def world(small_world: Path) -> Path:
    """The little world with both signs possible."""
    base = small_world / "base.yaml"
    base.write_text(base.read_text().replace(f"{ELASTICITY}: 0.7", f"{ELASTICITY}: {json.dumps(WIDE[ELASTICITY])}"))
    return small_world


def fitted(values: dict[str, np.ndarray], said: dict[str, object] | None = None) -> str:
    """Write a posterior as `autosim fit` does, fitted to base.yaml."""
    base = loaded("base.yaml", said)
    arrays = {name: (SAMPLE, array.reshape(2, -1)) for name, array in values.items()}
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(arrays)})
    priors = dict(prior_texts(base.priors)) | dict(prior_texts(base.shares))
    priors |= {"trajectory": weights_text(base.trajectory)}
    verdict = {"converged": 1, "diagnosis": "", "reference_date": str(base.header.reference_date)}
    tree.attrs = {MARK: 1, "priors": json.dumps(priors)} | verdict
    write_posterior(tree, Path("own.nc"))
    return "own.nc"


def learnt_values(complements: int = 600, substitutes: int = 200) -> dict[str, np.ndarray]:
    """Draws whose work gap tells the sign, and whose shapes are half and half within each."""
    sign = np.repeat([0, 1], [complements, substitutes])
    spread = np.linspace(0.1, 0.9, len(sign))
    return {
        ELASTICITY: np.where(sign == 0, spread, 1.0 + spread),
        "work_gap": sign + spread,
        "trajectory": np.tile([0, 2], len(sign) // 2),
    }


@pytest.mark.usefixtures("world")
def test_other_weights_choose_among_a_posteriors_draws_of_each_sign() -> None:
    file = fitted(learnt_values())
    plain = drawn("base.yaml", None, file, 800)
    assert np.mean(plain.substitution) == pytest.approx(0.25)
    scenario = loaded("base.yaml", {"structure.substitution": EVEN}, file)
    draws = draw(scenario, 0, 800)
    assert learnt(scenario).overridden == ("substitution",)
    assert np.mean(draws.substitution) == pytest.approx(0.5, abs=0.002)
    np.testing.assert_allclose(draws.scalars["work_gap"], draws.scalars[ELASTICITY])  # rows stay whole
    pinned = loaded("base.yaml", {"structure.substitution": "substitutes"}, file)
    assert set(draw(pinned, 0, 400).substitution.tolist()) == {1}
    assert len(learnt(pinned).posterior) == 200


@pytest.mark.usefixtures("world")
def test_draws_of_a_sign_are_taken_from_all_chains() -> None:
    values = learnt_values(600, 200) | {"work_gap": np.linspace(0.0, 1.0, 800)}
    taken = learnt(loaded("base.yaml", {"structure.substitution": EVEN}, fitted(values))).posterior.values
    for sign, whole in ((True, values["work_gap"][:600]), (False, values["work_gap"][600:])):
        gaps = taken["work_gap"][(taken[ELASTICITY] < 1.0) == sign]
        assert len(gaps) == 400
        assert gaps.mean() == pytest.approx(whole.mean(), abs=0.002)
        assert gaps.max() == pytest.approx(whole.max(), abs=0.002)


@pytest.mark.usefixtures("world")
def test_both_structures_have_the_weights_that_were_said() -> None:
    values = learnt_values(600, 200)
    values["trajectory"] = np.repeat([0, 2, 0, 2], [450, 150, 100, 100])  # signs depend on shapes
    said = {"structure.trajectory": {"exponential": 0.7, "saturating": 0.3}, "structure.substitution": EVEN}
    scenario = loaded("base.yaml", said, fitted(values))
    draws = draw(scenario, 0, 4000)
    assert learnt(scenario).overridden == ("trajectory", "substitution")
    assert np.mean(draws.trajectory == 2) == pytest.approx(0.3, abs=0.03)
    for shape in (0, 2):
        assert np.mean(draws.substitution[draws.trajectory == shape]) == pytest.approx(0.5, abs=0.01)


@pytest.mark.usefixtures("world")
def test_a_fit_with_other_weights_is_taken_back_to_those_of_the_scenario() -> None:
    file = fitted(learnt_values(), {"structure.substitution": EVEN})
    same = loaded("base.yaml", {"structure.substitution": EVEN}, file)
    assert learnt(same).overridden == ()
    back = loaded("base.yaml", None, file)
    assert learnt(back).overridden == ("substitution",)
    assert np.mean(draw(back, 0, 800).substitution) == pytest.approx(0.5, abs=0.002)  # lognormal around 1


@pytest.mark.usefixtures("world")
def test_a_prior_of_ones_own_outdoes_the_posterior_with_its_weights() -> None:
    said = {ELASTICITY: {"dist": "uniform", "lower": 0.5, "upper": 1.5}, "structure.substitution": "substitutes"}
    scenario = loaded("base.yaml", said, fitted(learnt_values()))
    assert learnt(scenario).overridden == (ELASTICITY,)
    values = draw(scenario, 0, 400).scalars[ELASTICITY]
    assert values.min() >= 1.0
    assert values.max() <= 1.5


@pytest.mark.usefixtures("world")
def test_a_sign_with_too_few_draws_is_refused() -> None:
    message = refusal("base.yaml", {"structure.substitution": "substitutes"}, fitted(learnt_values(700, 98)))
    assert message.startswith("own.nc: substitution: got 98 draws of substitutes, expected 100 or more, since")
    said = {"structure.substitution": "substitutes", "structure.trajectory": "saturating"}
    message = refusal("base.yaml", said, fitted(learnt_values(700, 120)))
    assert message.startswith("own.nc: substitution: got 60 draws of substitutes of the shape saturating, expected 100")


def test_draws_from_elsewhere_are_chosen_by_what_is_said_on_top(world: Path) -> None:
    table = learnt_values()
    rows = "\n".join(f"{a},{b}" for a, b in zip(table[ELASTICITY], table["work_gap"], strict=True))
    (world / "theirs.csv").write_text(f"{ELASTICITY},work_gap\n{rows}\n")
    assert np.mean(drawn("base.yaml", None, "theirs.csv", 800).substitution) == pytest.approx(0.25)
    pinned = drawn("base.yaml", {"structure.substitution": "substitutes"}, "theirs.csv", 800)
    assert set(pinned.substitution.tolist()) == {1}
    assert pinned.scalars["work_gap"].min() > 1.0
