"""A randomized trial's items (METR 2025: one row per issue) as one productivity trial."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autosim.errors import InputError, one_of, shown
from autosim.evidence.importing import Format, Imported, Option, Report, day, number_of, pairs
from autosim.evidence.reading import read_text_table
from autosim.evidence.tables import make_evidence
from autosim.inputs.scenario import Taxonomy

PERSON, ITEM = "dev_id", "issue_id"
TREATED, TIME = "ai_treatment", "initial_implementation_time"
REVIEW, FORECAST, FORECAST_AI = "post_review_implementation_time", "predicted_time_no_ai", "predicted_time_ai_allowed"
COLUMNS = (PERSON, TREATED, TIME, REVIEW, FORECAST, FORECAST_AI)

Z = 1.959964
"""Half width of a 95 % interval in standard errors."""

type Floats = NDArray[np.float64]


class Effect(NamedTuple):
    """Log of a time ratio, and its standard error."""

    log_ratio: float
    standard_error: float

    def __str__(self) -> str:
        """The change of time in percent with its 95 % interval, as papers state it."""
        ends = (self.log_ratio + way * Z * self.standard_error for way in (0, -1, 1))
        point, low, high = (100 * np.expm1(end) for end in ends)
        return f"{point:+.1f} % time [{low:.1f}, {high:.1f}]"


def read(
    paths: Sequence[Path],
    taxonomy: Taxonomy,
    *,
    trial: str,
    population: str,
    date: str,
    share: Sequence[str],
    source: str,
    published: str,
    map: Sequence[str],  # noqa: A002 - named as the option
    developer_effects: bool,
) -> Imported:
    r"""Estimate the time ratio by least squares on logs.

    .. math:: \\ln T_i = \\beta \\, a_i + \\gamma \\ln F_i + \\mu + \\epsilon_i

    T is implementation plus review time (a missing review time is its arm's mean), a whether AI was allowed, F the
    developer's forecast without AI where there is one. With ``developer_effects`` μ differs between developers.
    The believed ratio is the geometric mean of the forecasts with AI over those without.

    Raises
    ------
    InputError
        For the first thing that is wrong, or if there are too few items.

    References
    ----------
    Becker, Rush, Barnes, Rein (2025), arXiv 2507.09089.
    """
    if len(paths) != 1:
        raise InputError("trial", "PATH", f"{len(paths)} files", "one file, since a trial is one row")
    place = str(paths[0])
    items, dropped = _items(read_text_table(paths[0], place), pairs("--map", map, "COLUMN", "SOURCE"), place)
    main, other = (_effect(items, effects, place) for effects in (developer_effects, not developer_effects))
    row: dict[str, object] = {
        "trial": trial,
        "population": population,
        "date": str(day("--date", date)),
        "time_ratio": float(np.exp(main.log_ratio)),
        "standard_error": main.standard_error,
        "believed_ratio": _believed(items),
        "source": source,
        "published": str(day("--published", published)),
    }
    for task, said in pairs("--share", share, "TASK", "NUMBER").items():
        if task not in taxonomy.tasks:
            raise InputError("--share", "", shown(task), one_of(task, taxonomy.tasks, "a task of the scenario"))
        row[f"share.{task}"] = number_of("--share", said, 0)
    evidence = make_evidence({"trials": pd.DataFrame([row])}, place, taxonomy)
    return Imported(evidence, _report(items, place, dropped, main, other, developer_effects))


def _items(table: pd.DataFrame, names: dict[str, str], place: str) -> tuple[pd.DataFrame, dict[str, int]]:
    """Items as numbers; those without an implementation time are dropped."""
    for target, name in names.items():
        if target not in COLUMNS:
            raise InputError("--map", "", shown(target), one_of(target, COLUMNS, "a column of the format"))
        if name not in table.columns:
            raise InputError("--map", target, shown(name), one_of(name, list(table.columns), f"a column of {place}"))
    if ITEM in table.columns:
        who = names.get(PERSON, PERSON)
        twice = table.duplicated([who, ITEM] if who in table.columns else [ITEM]).to_numpy()
        _refuse(table[ITEM], twice, place, "each item once")
    made: dict[str, object] = {}
    for column in COLUMNS:
        name = names.get(column, column)
        if name in table.columns:
            made[column] = table[name] if column == PERSON else _numbers(table[name], name, place)
        elif column in {PERSON, TREATED, TIME}:
            raise InputError(place, column, "no such column", f"it, or --map {column}=SOURCE")
    items = pd.DataFrame(made)
    arm = ~items[TREATED].isin([0.0, 1.0]).to_numpy()
    _refuse(items[TREATED], arm, place, "1 where AI was allowed, 0 where not")
    for column in items.columns.intersection([TIME, FORECAST, FORECAST_AI]):
        _refuse(items[column], (items[column] <= 0).to_numpy(), place, "a time above 0")
    if REVIEW in items:
        _refuse(items[REVIEW], (items[REVIEW] < 0).to_numpy(), place, "a time of at least 0")
    gone = items[TIME].isna() | (items[FORECAST].isna() if FORECAST in items else False)
    return items[~gone].reset_index(drop=True), {"items without a time or a forecast": int(gone.sum())}


def _numbers(text: pd.Series, name: str, place: str) -> pd.Series:
    numbers = pd.to_numeric(text.mask(text.str.strip() == ""), errors="coerce").astype("float64")
    bad = (text.str.strip() != "").to_numpy() & ~np.isfinite(numbers.to_numpy())
    _refuse(text.rename(name), bad, place, "a number")
    return numbers


def _refuse(values: pd.Series, bad: NDArray[np.bool_], place: str, expected: str) -> None:
    if bad.any():
        row = int(bad.argmax())
        value = values.iloc[row]
        got = shown(value) if isinstance(value, str) else "nothing" if np.isnan(value) else f"{value:g}"
        raise InputError(place, f"row {row + 1}, {values.name}", got, expected)


def _effect(items: pd.DataFrame, developer_effects: bool, place: str) -> Effect:
    treated = items[TREATED].to_numpy(dtype=float)
    time = items[TIME]
    if REVIEW in items:
        time = time + items[REVIEW].fillna(items[REVIEW].groupby(items[TREATED]).transform("mean")).fillna(0.0)
    columns = [treated]
    if FORECAST in items:
        columns.append(np.log(items[FORECAST].to_numpy(dtype=float)))
    means = pd.get_dummies(items[PERSON]).to_numpy(dtype=float) if developer_effects else np.ones((len(items), 1))
    design = np.column_stack([*columns, means])
    return _least_squares(np.log(time.to_numpy(dtype=float)), design, place)


def _least_squares(y: Floats, design: Floats, place: str) -> Effect:
    """Coefficient of the first column and its standard error, errors of equal variance."""
    free = len(y) - design.shape[1]
    if free < 1 or np.linalg.matrix_rank(design) < design.shape[1]:
        got = f"{len(y)} items for {design.shape[1]} coefficients"
        raise InputError(place, "", got, "more items than that, with and without AI, forecasts that differ")
    spread = np.linalg.inv(design.T @ design)
    coefficients = spread @ design.T @ y
    left = y - design @ coefficients
    return Effect(float(coefficients[0]), float(np.sqrt(left @ left / free * spread[0, 0])))


def _believed(items: pd.DataFrame) -> float:
    if FORECAST not in items or FORECAST_AI not in items:
        return float("nan")
    return float(np.exp(np.log(items[FORECAST_AI] / items[FORECAST]).mean()))


def _report(
    items: pd.DataFrame, place: str, dropped: dict[str, int], main: Effect, other: Effect, developer_effects: bool
) -> Report:
    treated = int(items[TREATED].sum())
    ways = ("without developer effects", "with developer effects")
    notes = [
        f"items with AI allowed ({TREATED} = 1): {treated:,}; without: {len(items) - treated:,}",
        f"people: {items[PERSON].nunique():,}",
        f"estimate, {ways[developer_effects]}: {main}",
        f"for comparison, {ways[not developer_effects]}: {other}",
    ]
    if REVIEW in items and items[REVIEW].isna().any():
        notes.append(f"{int(items[REVIEW].isna().sum()):,} missing review times taken as the mean of their arm")
    believed = _believed(items)
    notes.append("no forecasts, so no believed ratio" if np.isnan(believed) else f"believed ratio {believed:.2f}")
    return Report((f"{len(items) + sum(dropped.values()):,} items from {place}",), dropped, tuple(notes))


FORMAT = Format(
    "trial",
    "Items of a randomized trial, as METR's of 2025, as one time ratio.",
    (
        Option("--trial", "Name of the trial.", required=True),
        Option("--population", "Who took part.", required=True),
        Option("--date", "Middle of the trial.", "DATE", required=True),
        Option(
            "--share", "Share of a task in the trial's work; repeatable, summing to 1.", "TASK=NUMBER", True, many=True
        ),
        Option("--source", "Where the items come from.", required=True),
        Option("--published", "Day on which they became public.", "DATE", required=True),
        Option("--map", "Take a column from another one of the file; repeatable.", "COLUMN=SOURCE", many=True),
        Option("--developer-effects", "Give each developer a level of their own.", flag=True),
    ),
    read,
)
