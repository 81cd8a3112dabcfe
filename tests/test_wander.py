"""How the frontier wanders about its trend: one equation for the sampler and for forecasts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pymc as pm
import pytest
from numpy.typing import NDArray
from scipy import special

from autosim import streams
from autosim.inference.wander import between, sampled_wander, wander_on

type Floats = NDArray[np.float64]

SD, TIME = 0.7, 1.3
DRAWS = 20_000


def covariance(years: Floats) -> Floats:
    """Of the wander on some days, by its definition."""
    found: Floats = SD**2 * np.exp(-np.abs(years[:, None] - years) / TIME)
    return found


@pytest.mark.parametrize(("left", "right"), [(0.2, 0.9), (1.5, 0.01), (0.4, np.inf), (np.inf, 0.4), (np.inf, np.inf)])
def test_between_is_what_a_gaussian_process_says(left: float, right: float) -> None:
    known = np.array([-left, right])
    there = np.isfinite(known)
    keeps = np.exp(-np.array([left, right]) / TIME)
    mean, sd = between(0.8, -0.3, *keeps)
    whole = covariance(np.concatenate([[0.0], known[there]]))
    weight = np.linalg.solve(whole[1:, 1:], whole[0, 1:])
    assert mean == pytest.approx(float(weight @ np.array([0.8, -0.3])[there]), abs=1e-12)
    assert SD * sd == pytest.approx(np.sqrt(whole[0, 0] - weight @ whole[0, 1:]))


def test_sampled_days_go_together_as_defined() -> None:
    years = np.array([0.5, -1.0, 0.5, 2.0, -0.2])
    days = np.unique(years)
    with pm.Model(coords={"day": [str(day) for day in days]}) as model:
        wander = sampled_wander(years)
    free = {rv.name: rv for rv in model.free_RVs}
    given = {free["trend_wander"]: SD, free["wander_years"]: TIME}
    factor = np.stack([wander.eval({**given, free["standard_wander"]: unit}) for unit in np.eye(days.size)], axis=-1)
    assert factor @ factor.T == pytest.approx(covariance(years))


@dataclass(frozen=True)
class Known:
    """Draws that know the wander of some days."""

    beside: Mapping[str, Floats] = field(default_factory=dict)

    def normal(self, name: str) -> Floats:
        found: Floats = special.ndtri(streams.uniform(0, name, DRAWS))
        return found

    def positive(self, name: str, prior: tuple[float, float]) -> Floats:
        assert prior[1] == 0.5
        return np.full(DRAWS, {"trend_wander": SD, "wander_years": TIME}[name])


DAYS = [date(2025, 3, 1), date(2024, 1, 1), date(2024, 9, 1), date(2025, 3, 1)]
YEARS = np.array([(day - DAYS[1]).days / 365.25 for day in DAYS])


def test_priors_alone_have_the_same_covariance() -> None:
    drawn = wander_on(DAYS, Known())
    assert np.array_equal(drawn[:, 0], drawn[:, 3])
    assert np.cov(drawn.T) == pytest.approx(covariance(YEARS), abs=0.015)


def test_days_that_a_fit_knows_are_what_it_says_and_others_keep_to_them() -> None:
    known = np.full(DRAWS, 0.9)
    drawn = wander_on(DAYS, Known({"wander.2024-01-01": known, "wander.2024-09-01": -known, "wander_years": known}))
    assert np.array_equal(drawn[:, 1], known)
    assert np.array_equal(drawn[:, 2], -known)
    kept = np.exp(-(YEARS[0] - YEARS[2]) / TIME)
    assert drawn[:, 0].mean() == pytest.approx(-0.9 * kept, abs=0.015)
    assert drawn[:, 0].std() == pytest.approx(SD * np.sqrt(1.0 - kept**2), abs=0.01)


def test_between_known_days_both_count() -> None:
    known = {"wander.2024-01-01": np.full(DRAWS, 1.0), "wander.2024-03-01": np.full(DRAWS, 1.0)}
    drawn = wander_on([date(2024, 1, 31)], Known(known))
    after = wander_on([date(2024, 3, 31)], Known(known))
    assert drawn.mean() == pytest.approx(1.0, abs=0.01)
    assert drawn.std() < 0.8 * after.std()
