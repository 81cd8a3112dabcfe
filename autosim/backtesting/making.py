"""A backtest as a whole: prepare, register, then fit, forecast, score and report."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pandas as pd

from autosim.backtesting.origins import starts
from autosim.backtesting.registering import registration_of
from autosim.backtesting.registration import settle
from autosim.backtesting.report import Json, report, scored_targets
from autosim.backtesting.running import Progress, Settings, run
from autosim.evidence.tables import Evidence
from autosim.inputs.scenario import AnyScenario


def make(
    load_as_of: Callable[[date], AnyScenario],
    evidence: Mapping[str, Evidence],
    cut_offs: Sequence[date],
    settings: Settings,
    watch: Callable[[int], AbstractContextManager[Progress | None]],
    registration: Path | None = None,
    *,
    strict: bool = False,
) -> tuple[Json, pd.DataFrame]:
    """Make a backtest.

    Parameters
    ----------
    load_as_of, evidence, cut_offs, strict
        As by `autosim.backtesting.origins.starts`.
    settings
        How much work is done.
    watch
        Given how many origins there are, yields what to call with the number that have just been scored.
    registration
        File in which structure and code are registered before anything is fitted, or with which they are compared.

    Returns
    -------
    The report, as JSON has it, and every target with every forecaster's scores.

    Raises
    ------
    InputError
        If something cannot be used or scored; before anything is fitted.
    AutosimError
        If sampling broke down, or a forecast is not a number.
    """
    origins = starts(load_as_of, evidence, cut_offs, strict=strict)
    now = registration_of(origins, settings, strict=strict)
    registered = (now, []) if registration is None else settle(registration, now)
    with watch(len(origins)) as progress:
        made = run(origins, settings, registered, progress)
    return report(made, evidence), scored_targets(made)
