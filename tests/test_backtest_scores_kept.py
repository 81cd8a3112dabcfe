"""Scores of an origin come back from the cache as they were."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from autosim.backtesting.fan import LEVELS, Fan
from autosim.backtesting.keeping import Scores, packed, unpacked
from autosim.backtesting.scoring import SCORES

TARGETS = pd.DataFrame({"kind": ["p50", "milestone"], "item": ["a", "b"]}, index=[0, 1])
SCORED = TARGETS.assign(crps=[0.1, 0.2], log_score=[1.0 / 3.0, np.nan], pit=[0.5, np.nan], probability=[np.nan, 0.25])
FAN = Fan("metr_hcast", (date(2024, 7, 1), date(2024, 8, 1)), np.arange(2.0 * len(LEVELS)).reshape(len(LEVELS), 2))


@pytest.mark.parametrize("fan", [FAN, None])
def test_scores_notes_and_the_fan_come_back(fan: Fan | None) -> None:
    made = Scores({"autosim": SCORED, "other": SCORED}, {"autosim": (), "other": ("a note",)}, fan, "2 divergences")
    found = unpacked(packed(made), TARGETS)
    assert [*found.tables] == ["autosim", "other"]
    pd.testing.assert_frame_equal(found.tables["other"], SCORED)
    assert (found.notes, found.diagnosis) == (made.notes, made.diagnosis)
    if fan is None:
        assert found.fan is None
    else:
        assert found.fan is not None
        assert (found.fan.suite, found.fan.days) == (fan.suite, fan.days)
        assert np.array_equal(found.fan.quantiles, fan.quantiles)


def test_every_column_of_scores_is_kept() -> None:
    assert set(SCORES) <= set(SCORED.columns)
