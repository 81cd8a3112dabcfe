"""Simulation-based calibration of a reduced model: truths rank uniformly, unless the likelihood is wrong."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats
from test_fit import evidence, pinned

import autosim
from autosim.calibration.ranking import (
    RANKS,
    Uniformity,
    ecdf,
    overall_width,
    ranks,
    ranks_in_fit,
    simultaneous_band,
    uniformity,
)
from autosim.calibration.simulating import Simulated, simulate_evidence
from autosim.errors import InputError
from autosim.evidence.intervals import WIDTH_95
from autosim.evidence.tables import Evidence, shipped_evidence
from autosim.inference import fit
from autosim.inference.names import own_name
from autosim.inputs.scenario import Scenario
from autosim.plots.ranks import leaves, rank_differences
from autosim.plots.style import house_style

FITS, WRONG, LEAST = 26, 10, 0.01
"""Fits, fits with the wrong likelihood, and the smallest p-value, divided by the quantities tested, that passes."""

MODELS = {"A": "2023-03-14", "B": "2023-11-06", "C": "2024-05-13"}
FREE = ("horizon", "horizon_elasticity", "difficulty_spread")
QUANTITIES = (*FREE, "trend_deviation", *(own_name("p50", f"metr_hcast.{model}") for model in MODELS))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    loaded = autosim.load("baseline")
    assert isinstance(loaded, Scenario)
    return pinned(loaded, *FREE)


@pytest.fixture(scope="module")
def design(scenario: Scenario) -> Evidence:
    """Published horizons of three models."""
    return evidence(scenario, horizons=published())


def published() -> list[dict[str, object]]:
    bounds = {"p50_horizon_min": 10.0, "p50_lower": 5.0, "p50_upper": 20.0,
              "p80_horizon_min": 2.0, "p80_lower": 0.7, "p80_upper": 6.0}  # fmt: skip
    shared = {"suite": "metr_hcast", "frontier": True}
    return [{"model": name, "release_date": day, **shared, **bounds} for name, day in MODELS.items()]


@pytest.fixture(scope="module")
def simulated(design: Evidence, scenario: Scenario) -> Simulated:
    return simulate_evidence(design, scenario, FITS, 0)


def fitted(simulated: Simulated, seen: Sequence[Evidence], scenario: Scenario) -> list[Uniformity]:
    """Fit what was seen, and test the ranks of what it was made from."""
    made = (fit.fit(scenario, known, 250, 200, 2, i, 1, 0.8) for i, known in enumerate(seen))
    each = [ranks_in_fit(one, simulated, i) for i, one in enumerate(made)]
    return [uniformity(name, np.array([one[name] for one in each])) for name in QUANTITIES]


def too_sure(known: Evidence) -> Evidence:
    """The same horizons, with intervals a quarter as wide as their errors are."""
    made = known.horizons.copy()
    for name in ("p50", "p80"):
        middle = made[f"{name}_horizon_min"]
        for end in ("lower", "upper"):
            made[f"{name}_{end}"] = middle * (made[f"{name}_{end}"] / middle) ** 0.25
    return replace(known, horizons=made)


@pytest.mark.slow
def test_truths_rank_uniformly(simulated: Simulated, scenario: Scenario) -> None:
    told = fitted(simulated, simulated.evidence, scenario)
    assert min(one.p for one in told) > LEAST / len(QUANTITIES), told


@pytest.mark.slow
def test_a_wrong_likelihood_is_found_out(simulated: Simulated, scenario: Scenario) -> None:
    told = fitted(simulated, [too_sure(known) for known in simulated.evidence[:WRONG]], scenario)
    assert min(one.p for one in told) < LEAST / len(QUANTITIES), told


def test_simulated_evidence_has_the_form_of_the_design(simulated: Simulated, design: Evidence) -> None:
    for one in simulated.evidence[:3]:
        assert one.rows == design.rows
        width = np.log2(one.horizons["p50_upper"] / one.horizons["p50_lower"])
        np.testing.assert_allclose(width, 2.0)
    assert len({tuple(one.horizons["p50_horizon_min"]) for one in simulated.evidence}) == FITS


def test_more_draws_begin_with_the_same_ones(simulated: Simulated, design: Evidence, scenario: Scenario) -> None:
    few = simulate_evidence(design, scenario, 2, 0)
    pd.testing.assert_frame_equal(few.evidence[1].horizons, simulated.evidence[1].horizons)


def test_published_horizons_scatter_as_their_likelihood_says(design: Evidence, scenario: Scenario) -> None:
    many = simulate_evidence(design, scenario, 400, 1)
    truth = many.truth.length(0.5, "metr_hcast", many.truth("growth.A"))
    error = column(many, "horizons", "p50_horizon_min", np.log2)[:, 0] - truth
    assert stats.kstest(error, stats.norm(0.0, 2.0 / WIDTH_95).cdf).pvalue > 0.01
    own = column(many, "horizons", "p80_horizon_min", np.log2)[:, 0]
    rest = own - many.truth.length(0.8, "metr_hcast", many.truth("growth.A"))
    assert np.corrcoef(error, rest)[0, 1] == pytest.approx(0.8, abs=0.06)


def test_outcomes_scatter_as_their_likelihood_says(scenario: Scenario) -> None:
    shared = {"model": "D", "release_date": "2024-06-20", "suite": "metr_hcast", "frontier": False}
    design = evidence(
        scenario, outcomes=[shared | {"instance": f"i{k}", "human_minutes": 4.0**k, "successes": 2, "attempts": 4}
                            for k in range(6)]
    )  # fmt: skip
    many = simulate_evidence(design, scenario, 400, 1)
    solved = column(many, "outcomes", "successes")
    p50 = many.truth.length(0.5, "metr_hcast", many.truth("growth.D"))
    assert set(solved.ravel()) <= {0.0, 1.0, 2.0, 3.0, 4.0}
    assert (np.diff(solved.mean(axis=0)) < 0.0).all()  # longer instances are solved less often
    at_p50 = np.abs(p50[:, None] - 2.0 * np.arange(6.0)) < 0.5
    assert solved[at_p50].mean() / 4.0 == pytest.approx(0.5, abs=0.06)


@pytest.fixture(scope="module")
def everything() -> tuple[Evidence, Simulated]:
    """What comes with autosim, and evidence simulated in its form."""
    baseline = autosim.load("baseline")
    assert isinstance(baseline, Scenario)
    shipped = shipped_evidence(baseline.taxonomy)
    design = replace(shipped, counts=shipped.counts.assign(weight=1.0))
    return design, simulate_evidence(design, baseline, 150, 2)


def test_minutes_are_dealt_out_whole(everything: tuple[Evidence, Simulated]) -> None:
    design, many = everything
    minutes = column(many, "time_use", "minutes")
    assert (minutes >= 0.0).all()
    assert (minutes == np.round(minutes)).all()
    np.testing.assert_allclose(minutes.sum(axis=1), design.time_use["minutes"].sum())
    role = str(design.time_use["role"].iloc[0])
    share = np.stack([many.truth(f"time_share.{role}.{task}") for task in design.time_use["task"]], axis=-1)
    apart = minutes / minutes.sum(axis=1, keepdims=True) - share / share.sum(axis=1, keepdims=True)
    error = apart.std(axis=0) / np.sqrt(len(apart))
    assert (np.abs(apart.mean(axis=0)) < 4.0 * error).all()


def test_counts_are_of_those_asked_and_follow_their_spread(everything: tuple[Evidence, Simulated]) -> None:
    design, many = everything
    agree = column(many, "counts", "count")
    assert ((agree >= 0.0) & (agree <= design.counts["of"].to_numpy())).all()
    assert (agree.std(axis=0) > 1.0).all()


def test_trials_are_measured_where_the_design_measures(everything: tuple[Evidence, Simulated]) -> None:
    design, many = everything
    for name in ("time_ratio", "believed_ratio"):
        ratio = column(many, "trials", name)
        assert (np.isfinite(ratio) == design.trials[name].notna().to_numpy()).all()
    believed = design.trials["believed_ratio"].notna().to_numpy()
    seen = column(many, "trials", "believed_ratio", np.log)[:, believed]
    assert np.median(seen - column(many, "trials", "time_ratio", np.log)[:, believed]) < 0.0  # optimists


def column(many: Simulated, table: str, name: str, through: np.ufunc | None = None) -> NDArray[np.float64]:
    found = np.stack([one.tables()[table][name].to_numpy(dtype=np.float64) for one in many.evidence])
    return np.asarray(found if through is None else through(found))


def test_what_cannot_be_simulated_is_refused(design: Evidence, scenario: Scenario) -> None:
    shared = {"release_date": "2024-06-20", "suite": "metr_hcast", "frontier": True, "successes": 2, "attempts": 4}
    rows = [{"model": "D", "instance": "i", "human_minutes": 4.0, "weight": 2.0, **shared}]
    with pytest.raises(InputError, match=r"outcomes\.weight.*weights other than 1"):
        simulate_evidence(evidence(scenario, outcomes=rows), scenario, 2, 0)
    with pytest.raises(InputError, match="no horizons and no outcomes"):
        simulate_evidence(replace(design, horizons=design.horizons.iloc[:0]), scenario, 2, 0)


def test_ranks_of_a_calibrated_normal_are_uniform_and_of_a_narrow_one_are_not() -> None:
    rng = np.random.default_rng(3)
    for factor, uniform in ((1.0, True), (0.5, False)):
        found = []
        for _ in range(400):
            truth = rng.normal()
            seen = truth + rng.normal()
            draws = 0.5 * seen + factor * np.sqrt(0.5) * rng.normal(size=1000)
            found.append(ranks({"mu": draws}, {"mu": truth})["mu"])
        assert (uniformity("mu", np.array(found)).p > 0.01) is uniform
        assert 0 <= min(found) <= max(found) < RANKS


def test_equals_rank_by_lot() -> None:
    draws = np.repeat([0.0, 1.0, 2.0], [300, 400, 300])
    places = {ranks({"shape": draws}, {"shape": 1.0}, seed)["shape"] for seed in range(40)}
    assert min(places) in range(30, 40)
    assert max(places) in range(61, 71)


def test_a_whole_uniform_ecdf_lies_within_the_band_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    low, high = simultaneous_band(40)
    each = [ecdf(rng.integers(0, RANKS, 40)) for _ in range(2000)]
    within = np.mean([((share >= low) & (share <= high)).all() for share in each])
    assert 0.94 <= within <= 0.975  # counts are whole, so that it may be somewhat more


def test_too_narrow_posteriors_show_in_all_quantities_together() -> None:
    rng = np.random.default_rng(8)
    even = rng.integers(0, RANKS, (25, 30))
    narrow = np.clip(np.rint(49.5 + 1.4 * (even - 49.5)), 0, RANKS - 1).astype(np.int64)
    assert overall_width(even)[1] > 0.01
    mean, p = overall_width(narrow)
    assert mean > 0.6
    assert p < 1e-6


def test_the_figure_marks_what_leaves_the_band() -> None:
    even, split = np.arange(0, RANKS, 5), np.repeat([0, RANKS - 1], 10)
    band = simultaneous_band(even.size)
    assert not leaves(even, band)
    assert leaves(split, band)
    with house_style():
        figure = rank_differences({"one": {"a": even}, "two": {"b": even, "c": split}}, "Mine")
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["one", "two (2)"]
    dashed = [sum(line.get_linestyle() == "--" for line in axes.lines) for axes in figure.axes]
    assert dashed == [0, 1]
