"""Where forecasts of a backtest start: a set of evidence and a cut-off, with the scenario as it was known then."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from autosim.backtesting.comparing import Origin
from autosim.backtesting.split import FORECAST, Split, split
from autosim.backtesting.targets import targets_of
from autosim.errors import InputError
from autosim.evidence.tables import Evidence
from autosim.inputs.scenario import AnyScenario, Scenario

CUT_OFFS = (date(2024, 7, 1), date(2025, 1, 1), date(2025, 4, 1))
"""Cut-offs unless told: before reasoning models, after the first of them, and before the next."""


@dataclass(frozen=True)
class Start:
    """One origin: what was known, the scenario as of then, and everything that came later (``targets``)."""

    data: str
    scenario: Scenario
    both: Split
    targets: pd.DataFrame

    @property
    def cut_off(self) -> date:
        """Last day whose evidence was used."""
        return self.both.cut_off

    @property
    def origin(self) -> Origin:
        """Set of evidence and cut-off."""
        return self.data, self.cut_off


def starts(
    load_as_of: Callable[[date], AnyScenario],
    evidence: Mapping[str, Evidence],
    cut_offs: Sequence[date],
    *,
    strict: bool = False,
) -> list[Start]:
    """Prepare every origin, so that whatever cannot be scored is refused before anything is fitted.

    Parameters
    ----------
    load_as_of
        Loads the scenario as of a day.
    evidence
        Sets by name. Each is fitted and scored by itself; they may report the same models, as versions of a suite do.
    cut_offs
        Days, in any order.
    strict
        Whether a model's results count as known only once they were published; see `split`.

    Raises
    ------
    InputError
        If a cut-off comes twice or there is none, the scenario is a pool, or too little came later.
    """
    if not cut_offs or len(set(cut_offs)) < len(cut_offs):
        raise InputError("--cut-off", "", ", ".join(map(str, cut_offs)) or "none", "different days, at least one")
    scenarios = {day: _single(load_as_of(day)) for day in sorted(cut_offs)}
    return [_start(name, scenario, table, day, strict=strict)
            for name, table in evidence.items() for day, scenario in scenarios.items()]  # fmt: skip


def _single(scenario: AnyScenario) -> Scenario:
    if not isinstance(scenario, Scenario):
        raise InputError(scenario.header.slug, "pool", "several scenarios", "a single one to fit at each cut-off")
    if scenario.posterior is not None:
        raise InputError(scenario.header.slug, "posterior", "what was learnt already", "priors, to be fitted anew")
    return scenario


def _start(name: str, scenario: Scenario, evidence: Evidence, day: date, *, strict: bool) -> Start:
    both = split(evidence, day, strict=strict)
    targets = targets_of(both, name)
    if not any(len(getattr(both.known, table)) for table in FORECAST):
        got = "no outcomes, horizons or trials that were known"
        raise InputError(name, f"cut-off {day}", got, "some, to forecast from; or a later --cut-off")
    return Start(name, scenario, both, targets)
