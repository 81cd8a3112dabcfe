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
from autosim.inference.wander import WANDER_SD, WANDER_YEARS, factor, sampled_wander, wander_on

type Floats = NDArray[np.float64]

DRAWS = 20_000


def covariance(years: Floats) -> Floats:
    """Of the wander on some days, by its definition."""
    found: Floats = WANDER_SD**2 * np.exp(-np.abs(years[:, None] - years) / WANDER_YEARS)
    return found


def test_sampled_days_go_together_as_defined() -> None:
    years = np.array([0.5, -1.0, 0.5, 2.0, -0.2])
    days = np.unique(years)
    with pm.Model(coords={"day": [str(day) for day in days]}) as model:
        wander = sampled_wander(years)
    standard = model["standard_wander"]
    found = np.stack([wander.eval({standard: unit}) for unit in np.eye(days.size)], axis=-1)
    assert found @ found.T == pytest.approx(covariance(years))


def test_what_follows_does_not_change_what_was_before() -> None:
    years = np.array([-1.0, -0.2, 0.5, 2.0])
    assert np.array_equal(factor(years)[:2, :2], factor(years[:2]))


@dataclass(frozen=True)
class Known:
    """Draws that know the wander of some days."""

    beside: Mapping[str, Floats] = field(default_factory=dict)

    def normal(self, name: str) -> Floats:
        found: Floats = special.ndtri(streams.uniform(0, name, DRAWS))
        return found


DAYS = [date(2025, 3, 1), date(2024, 1, 1), date(2024, 9, 1), date(2025, 3, 1)]
YEARS = np.array([(day - DAYS[1]).days / 365.25 for day in DAYS])


def test_priors_alone_have_the_same_covariance() -> None:
    drawn = wander_on(DAYS, Known())
    assert np.array_equal(drawn[:, 0], drawn[:, 3])
    assert np.cov(drawn.T) == pytest.approx(covariance(YEARS), abs=0.015)


def test_days_that_a_fit_knows_are_what_it_says_and_others_keep_to_them() -> None:
    known = np.full(DRAWS, 0.9)
    drawn = wander_on(DAYS, Known({"wander.2024-01-01": known, "wander.2024-09-01": -known, "growth.A": known}))
    assert np.array_equal(drawn[:, 1], known)
    assert np.array_equal(drawn[:, 2], -known)
    kept = np.exp(-(YEARS[0] - YEARS[2]) / WANDER_YEARS)
    assert drawn[:, 0].mean() == pytest.approx(-0.9 * kept, abs=0.015)
    assert drawn[:, 0].std() == pytest.approx(WANDER_SD * np.sqrt(1.0 - kept**2), abs=0.01)


def test_between_known_days_both_count_as_a_gaussian_process_says() -> None:
    days = [date(2024, 9, 1), date(2024, 5, 1), date(2024, 1, 1)]
    drawn = wander_on(
        days[1:2], Known({f"wander.{days[0]}": np.full(DRAWS, 0.8), f"wander.{days[2]}": np.full(DRAWS, -0.3)})
    )
    whole = covariance(np.array([(day - days[0]).days / 365.25 for day in days]))
    weight = np.linalg.solve(whole[np.ix_([0, 2], [0, 2])], whole[1, [0, 2]])
    assert drawn.mean() == pytest.approx(float(weight @ [0.8, -0.3]), abs=0.01)
    assert drawn.std() == pytest.approx(np.sqrt(whole[1, 1] - weight @ whole[1, [0, 2]]), abs=0.01)
