"""Tables of draws and of quantiles, and the dictionary of their columns."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from autosim.analysis.statistics import as_json
from autosim.exporting.runs import Run, Variable
from autosim.simulation.statistics import QUANTILES, STATISTICS, with_errors
from autosim.words import milestone_label, month

if TYPE_CHECKING:
    import pandas as pd

MARK = "autosim_run"
"""Attribute of a table, kept by Parquet, under which stands what run it comes from."""

QUANTILE_COLUMNS = {
    "question": "what is asked, in words",
    "variable": "name of the number, or of the milestone",
    "date": "date that the number is of; empty for what does not change with time, and for milestones",
    "unit": "unit of the value; 'date' for milestones, whose answer stands under day",
    "quantile": "share of draws at or below the value",
    "value": "the quantile",
    "mcse": "its Monte Carlo standard error; in months for milestones",
    "day": "the quantile of a milestone: the first month at which it is reached; empty if not by the end",
    "probability": "of milestones: that it is reached by the end of the scenario",
}
"""Columns of a table of quantiles, and what they say."""

_PLAIN = ("version", "scenario", "reference_date", "seed", "draws")
_NESTED = ("overrides", "posterior", "as_of", "given", "input_sha256")
"""What a dataset says of its run; the latter as JSON."""

_FOLLOWED = {
    "draw": "number of the draw: same number, same possible world",
    "date": "date that the row's numbers are of",
    "trajectory": "shape of the trajectory that the draw follows",
    "substitution": "sign of the substitution between labour and compute that the draw follows",
    "member": "member of the pool that the draw belongs to, or the scenario",
}


def draws_table(run: Run) -> "pd.DataFrame":
    """Every draw at every date.

    Parameters
    ----------
    run
        Of at most 10,000 draws.

    Returns
    -------
    A row for each draw and date, draws one after the other; a column for each variable, single precision, beside draw,
    date and the structures that the draw follows. What does not change with time is repeated.

    Raises
    ------
    InputError
        If draws were not kept.
    """
    import pandas as pd

    kept = run.of_draws()
    draws, dates = int(kept.attributes["draws"]), len(kept.dates)
    columns: dict[str, Any] = {"draw": np.repeat(np.arange(draws), dates), "date": list(kept.dates) * draws}
    columns |= {name: np.repeat(values, dates) for name, values in kept.followed.items()}
    columns |= {one.name: np.broadcast_to(one.values, (draws, dates)).ravel() for one in kept.variables}
    table = pd.DataFrame(columns)
    table.attrs[MARK] = said_of(kept)
    return table


def dictionary(run: Run) -> "pd.DataFrame":
    """What each column of `draws_table` says: column, meaning, unit."""
    import pandas as pd

    rows = [(name, _FOLLOWED[name], "") for name in ("draw", "date", *run.followed)]
    rows += [(one.name, one.meaning, one.units) for one in run.variables]
    return pd.DataFrame(rows, columns=["column", "meaning", "unit"])


def said_of(run: Run) -> str:
    """Which run it is, as JSON: version, scenario, seed, draws, what was laid over or given, hashes of the inputs."""
    told = {name: run.attributes[name] for name in _PLAIN}
    told |= {name: json.loads(run.attributes[name]) for name in _NESTED if name in run.attributes}
    return json.dumps(told, default=lambda value: value.item())


def quantiles_table(run: Run) -> "pd.DataFrame":
    """One row for each quantile of each variable at each date, then of each milestone's date.

    Returns
    -------
    Columns as `QUANTILE_COLUMNS` has them. Of a milestone that less than the share of draws reach by the end, the day
    is empty.
    """
    import pandas as pd

    rows = [row for one in run.variables for row in _numbers(run, one)]
    rows += [row for name, found in run.milestones.items() for row in _days(name, found)]
    table = pd.DataFrame(rows, columns=list(QUANTILE_COLUMNS))
    table.attrs[MARK] = said_of(run)
    return table


def _numbers(run: Run, one: Variable) -> Iterator[tuple[Any, ...]]:
    values = one.values.astype(float)
    found = with_errors(values, float(run.attributes["effective_draws"])) if run.followed else values
    for at, day in enumerate([""] if one.constant else run.dates):
        question = one.meaning if one.constant else f"{one.meaning}, {month(day)}"
        for name, share in QUANTILES.items():
            row = STATISTICS.index(name)
            value, error = (as_json(np.asarray(found[i, at])) for i in (row, row + len(STATISTICS)))
            yield question, one.name, day, one.units, share, value, error, "", None


def _days(name: str, found: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    question, reached = f"date of {milestone_label(name)}", found["probability"]
    for quantile, share in QUANTILES.items():
        if quantile in found:
            error = found["mcse"].get(quantile)
            yield question, name, "", "date", share, None, error, found[quantile] or "", reached
