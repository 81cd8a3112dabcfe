"""Printed tables of what new evidence moved."""

from collections.abc import Callable
from datetime import date

from rich.text import Text

from autosim.analysis.summary import Json
from autosim.cli.printing import console, plain_table
from autosim.rounding import give_or_take, rounded
from autosim.simulation.calendar import plus_months
from autosim.within import duration_within, month_within, number_within, percent_within
from autosim.words import milestone_label, month, number

MOST_QUANTITIES = 5
"""Quantities that are printed: those that moved farthest."""

_NONE = "–"

type _Form = Callable[[float, float | None], str]


def _points(value: float, error: float | None) -> str:
    return f"{number_within(100.0 * value, None if error is None else 100.0 * error)} pts"


def _months(value: float, error: float | None) -> str:
    return f"{rounded(value, 0, error)}{give_or_take(0, error)} mo"


_HEADLINES: dict[str, tuple[str, _Form, _Form]] = {
    "labour_speedup": ("Labour speedup S_L", number_within, number_within),
    "project_speedup": ("Project speedup S_P", number_within, number_within),
    "progress_multiplier": ("Progress multiplier M", number_within, number_within),
    "time_saved_share": ("Hours saved", percent_within, _points),
    "p50_horizon_min": ("50 % time horizon", duration_within, duration_within),
}
"""What a headline is called, and how it and its change are written."""


def print_moved(said: Json) -> None:
    """Print what was done with new evidence, and headlines before and after, with Monte Carlo errors."""
    out = console()
    out.print(Text(said["name"], "bold"), _new_rows(said["new_rows"]))
    out.print(_worth(said), style="dim")
    heads = ("", "before", "after", "change")
    title = f"\nMedians in {month(said['at'])}, ± Monte Carlo error"
    out.print(plain_table(title, heads, [(label, *_cells(said["medians"][name], form, changed))
                                         for name, (label, form, changed) in _HEADLINES.items()]))  # fmt: skip
    out.print(plain_table("\nMilestones, ± Monte Carlo errors (of dates in months)", _MILESTONE_HEADS,
                          [_milestone(name, one, said["reference_date"])
                           for name, one in said["milestones"].items()]))  # fmt: skip
    few = list(said["quantities"].items())[:MOST_QUANTITIES]
    rows = [(name, *(number(one[side][which], 3) for side in ("before", "after") for which in ("mean", "sd")),
             f"{one['shift_sd']:+z.2f}") for name, one in few]  # fmt: skip
    out.print(plain_table("\nQuantities that moved farthest", _QUANTITY_HEADS, rows))


_MILESTONE_HEADS = ("", "reached\nbefore", "\nafter", "\nchange", "half of draws by\nbefore", "\nafter", "\nchange")
_QUANTITY_HEADS = ("", "mean\nbefore", "sd\nbefore", "mean\nafter", "sd\nafter", "shift\n[sd]")


def _new_rows(rows: dict[str, int]) -> str:
    told = ", ".join(f"{count:,} of {name.replace('_', ' ')}" for name, count in rows.items() if count)
    return f"with new rows: {told}"


def _worth(said: Json) -> str:
    """How the new evidence was taken in, and how many independent draws there are before and after."""
    k, worth = said["pareto_k"], said["effective_draws"]
    weighed = f"draws weighed by the new evidence, k-hat {k:.2f}" if not said["refitted"] else "fitted anew"
    return f"{weighed}; worth {worth['before']:,.0f} independent draws before and {worth['after']:,.0f} after"


def _cells(moved: Json, form: _Form, changed: _Form) -> tuple[str, str, str]:
    errors = moved["mcse"]
    before, after = (form(moved[side], errors[side]) for side in ("before", "after"))
    return before, after, _signed(moved["change"], errors["change"], changed)


def _signed(change: float | None, error: float | None, form: _Form) -> str:
    """A change with its sign and its Monte Carlo error."""
    if change is None:
        return _NONE
    sign = "+" if change > 0.0 else "-" if change < 0.0 else ""
    return f"{sign}{form(abs(change), error)}"


def _milestone(name: str, one: Json, reference: str) -> tuple[str, ...]:
    dates, first = one["q50"], date.fromisoformat(reference)
    told = (_by(first, dates[side], dates["mcse"][side]) for side in ("before", "after"))
    change = _signed(dates["change"], dates["mcse"]["change"], _months)
    return (milestone_label(name), *_cells(one["probability"], percent_within, _points), *told, change)


def _by(first: date, months: float | None, error: float | None) -> str:
    return month_within(None if months is None else str(plus_months(first, round(months))), error)
