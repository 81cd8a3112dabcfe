"""Numbers, dates and names as a reader says them, the same in tables and in figures."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from autosim.outputs import OUTPUTS
from autosim.rounding import rounded

CAVEAT = (
    "Hours, not value: S_L counts researchers' hours, and an hour of hypothesis creation may be worth many. "
    "Lengths are those of a qualified human."
)


def first_sentence(text: str) -> str:
    """First sentence of a description: what the scenario assumes.

    Examples
    --------
    >>> first_sentence("AI helps, e.g. with code. It stays an assistant.")
    'AI helps, e.g. with code.'
    """
    for position, mark in enumerate(text):
        rest = text[position + 1 :]
        if mark in ".!?" and rest[:1] == " " and rest[1:2].isupper():
            return text[: position + 1]
    return text


def with_overrides(overrides: Iterable[str]) -> str:
    """Say what was laid over a scenario's file.

    Examples
    --------
    >>> with_overrides(["work_gap=8", "adoption=1"])
    'with --set work_gap=8 --set adoption=1'
    """
    return f"with --set {' --set '.join(overrides)}"


_MOST_NAMED = 6
_GAUGED = ("horizon", "horizon_offset", "horizon_elasticity", "relief")


def with_posterior(posteriors: Iterable[Mapping[str, Any]]) -> str:
    r"""Say what scenarios take from posteriors, a line each; nothing where there are none.

    Examples
    --------
    >>> said = {"scenario": "baseline", "file": "post.nc", "learnt": ["horizon", "slope"], "overridden": ["work_gap"]}
    >>> with_posterior([said])
    "baseline: 2 quantities from post.nc; the scenario's own instead: work_gap\n"
    >>> shapes = {"exponential": {"weight": 0.75, "worth": 1984.1}, "saturating": {"weight": 0.25, "worth": 380.5}}
    >>> print(with_posterior([said | {"overridden": [], "trajectory": shapes}]), end="")
    baseline: 2 quantities from post.nc
    baseline: exponential 75 %, saturating 25 %; draws worth 1,984 and 380
    """
    lines = []
    for said in posteriors:
        own = list(said["overridden"])
        more = f" and {len(own) - _MOST_NAMED} more" if len(own) > _MOST_NAMED else ""
        but = f"; the scenario's own instead: {', '.join(own[:_MOST_NAMED])}{more}" if own else ""
        count = "1 quantity" if len(said["learnt"]) == 1 else f"{len(said['learnt'])} quantities"
        if any(name.split(".")[0] in _GAUGED for name in own):
            but += " (capability is learnt in a gauge: see docs/inference.md)"
        lines.append(f"{said['scenario']}: {count} from {said['file']}{but}\n")
        if shapes := said.get("trajectory"):
            lines.append(f"{said['scenario']}: {_weighed(shapes)}\n")
    return "".join(lines)


def _weighed(shapes: Mapping[str, Mapping[str, float]]) -> str:
    """Weights of the trajectory's shapes, and what the posterior's draws are worth for each."""
    weights = ", ".join(f"{name} {percent(one['weight'])}" for name, one in shapes.items())
    *most, last = [f"{one['worth']:,.0f}" for one in shapes.values()]
    return f"{weights}; draws worth {', '.join(most)}{' and ' if most else ''}{last}"


def with_as_of(summary: Mapping[str, Any]) -> str:
    r"""Say as of which day priors are, and how many had to be replaced for that; nothing without one.

    Examples
    --------
    >>> told = {"date": "2024-07-01", "scenarios": {"baseline": {"substitutions": [1, 2], "undated": ["work_gap"]}}}
    >>> with_as_of({"as_of": told})
    'as of 2024-07-01: 2 priors replaced by what was said before; without a date, kept: work_gap\n'
    >>> with_as_of({})
    ''
    """
    if "as_of" not in summary:
        return ""
    told = summary["as_of"]["scenarios"].values()
    replaced = max(len(one["substitutions"]) for one in told)
    undated = list(dict.fromkeys(name for one in told for name in one["undated"]))
    more = f" and {len(undated) - _MOST_NAMED} more" if len(undated) > _MOST_NAMED else ""
    kept = f"; without a date, kept: {', '.join(undated[:_MOST_NAMED])}{more}" if undated else ""
    count = f"{replaced} prior{'s' * (replaced != 1)}"
    return f"as of {summary['as_of']['date']}: {count} replaced by what was said before{kept}\n"


def with_given(summary: Mapping[str, Any]) -> str:
    r"""Say what draws were conditioned on and what they are worth, a line each; nothing where on nothing.

    Examples
    --------
    >>> given = [{"condition": "p50_horizon_min@2026-03-27=720", "sd": 0.25, "unit": "doublings", "standard": True}]
    >>> told = {"given": given, "effective_draws": 560.5, "draws": 4000, "screened_draws": 4000, "member_weights": {}}
    >>> print(with_given(told), end="")
    given p50_horizon_min@2026-03-27=720, error 0.25 doublings (standard; say another as +-SD)
    4,000 draws, by weight: worth 560
    """
    if not summary.get("given"):
        return ""
    of = f" of {summary['screened_draws']:,}" if summary["screened_draws"] > summary["draws"] else ""
    lines = [f"given {_condition(one)}" for one in summary["given"]]
    lines.append(f"{summary['draws']:,}{of} draws, by weight: worth {int(summary['effective_draws']):,}")
    if summary["member_weights"]:
        weights = summary["member_weights"].items()
        moved = (f"{name} {percent(one['before'])} → {percent(one['after'])}" for name, one in weights)
        lines.append(f"members: {', '.join(moved)}")
    return "".join(f"{line}\n" for line in lines)


def given_in_words(summary: Mapping[str, Any]) -> str:
    """A caption's sentence on what draws were conditioned on; nothing where on nothing.

    Examples
    --------
    >>> given = [{"condition": "labour_ceiling>=8", "sd": None, "unit": None, "standard": False}]
    >>> given_in_words({"given": given, "effective_draws": 560.5})
    'Draws are taken by weight, given labour_ceiling>=8; they are worth 560.'
    """
    if not summary.get("given"):
        return ""
    said = " and ".join(_condition(one, short=True) for one in summary["given"])
    return f"Draws are taken by weight, given {said}; they are worth {int(summary['effective_draws']):,}."


def _condition(one: Mapping[str, Any], *, short: bool = False) -> str:
    if one["sd"] is None:
        return str(one["condition"])
    unit = "" if one["unit"] == "1" else f" {one['unit'].partition(' of ')[0]}"
    error = f"error {exactly(one['sd'])}{unit}"
    if short:
        return f"{one['condition']} ({error})"
    return f"{one['condition']}, {error}{' (standard; say another as +-SD)' if one['standard'] else ''}"


_BETWEEN = {
    "trajectory": "between shapes of the trajectory",
    "substitution": "between signs of substitution",
    "trajectory+substitution": "between both together",
    "outlook": "between outlooks",
}
_YEARS_ASKED = 5


def between_structures(summary: Mapping[str, Any]) -> list[str]:
    """Say how much of the variance of log S_L and log M lies between structures, five years on, a sentence each.

    Examples
    --------
    >>> shares = {"labour_speedup": {"share": [0.0, 0.23417], "mcse": [0.0003, 0.0121]}}
    >>> shares["progress_multiplier"] = {"share": [None, None], "mcse": [None, None]}
    >>> told = {"dates": ["2024-08-27"] * 12 + ["2025-08-27"], "structure": {"trajectory": {"variance_share": shares}}}
    >>> between_structures(told)
    ['Of the variance of log S_L in Aug 2025, 23 % ± 1 % lies between shapes of the trajectory (± one standard error).']
    """
    days = summary["dates"][::12]
    at = min(_YEARS_ASKED, len(days) - 1)
    lines: list[str] = []
    for series, label in (("labour_speedup", "log S_L"), ("progress_multiplier", "log M")):
        told = {name: found["variance_share"][series] for name, found in summary["structure"].items()}
        parts = [
            f"{with_error(found['share'][at], found['mcse'][at])}{'' if position else ' lies'} {_BETWEEN[name]}"
            for position, (name, found) in enumerate(told.items())
            if found["share"][at] is not None
        ]
        if parts:
            error = "" if lines else " (± one standard error)"
            lines.append(f"Of the variance of {label} in {month(days[at])}, {', '.join(parts)}{error}.")
    return lines


def with_error(share: float, error: float) -> str:
    """Write a share as a percentage with its standard error, to the digit that the error allows.

    Examples
    --------
    >>> with_error(0.23417, 0.0121), with_error(0.0048, 0.00241), with_error(0.0, 0.0001)
    ('23 % ± 1 %', '0.5 % ± 0.2 %', '0.0 % ± 0.1 %')
    """
    digits = 0 if error >= 0.0095 else 1
    least = max(error, 0.5 * 10.0 ** -(digits + 2))
    rounded = max(round(100.0 * least, digits), 10.0**-digits)
    return f"{100.0 * share:.{digits}f} % ± {rounded:.{digits}f} %"


def alternative_label(name: str) -> str:
    """An alternative of a structure as a heading has it.

    Examples
    --------
    >>> alternative_label("exponential+complements"), alternative_label("somewhat_optimistic")
    ('exponential, complements', 'somewhat optimistic')
    """
    return name.replace("+", ", ").replace("_", " ")


def month(day: str | None, error: float | None = None) -> str:
    """Write an ISO date as a month, or as a year if its error [month] is half a year; a dash where there is none.

    Examples
    --------
    >>> month("2029-08-27"), month(None), month("2029-08-27", 7.5)
    ('Aug 2029', '–', '2029')
    """
    if day is None:
        return "–"
    return date.fromisoformat(day).strftime("%Y" if (error or 0.0) >= _HALF_A_YEAR else "%b %Y")


_HALF_A_YEAR = 6.0


def number(value: float, digits: int = 2, error: float | None = None) -> str:
    """Round for reading: two or three significant digits, no exponents below a million, none beyond an error.

    Examples
    --------
    >>> number(1.234), number(12.34), number(1234.5), number(-0.001), number(1.234, error=0.2)
    ('1.23', '12.3', '1,234', '0.00', '1.2')
    """
    if abs(value) >= 1e6:
        return f"{value:.1e}"
    if abs(value) >= 100:
        return rounded(value, 0, error)
    return rounded(value, digits if abs(value) < 10 else digits - 1, error)


def exactly(value: float) -> str:
    """Write a number as short as it can be read back.

    Examples
    --------
    >>> exactly(2.0), exactly(0.5), exactly(1234567.0), exactly(1e30)
    ('2', '0.5', '1234567', '1e+30')
    """
    said = f"{value:g}"
    return said if float(said) == value else repr(float(value)).removesuffix(".0")


def percent(value: float, error: float | None = None) -> str:
    """Write a share as a percentage, no finer than its error.

    Examples
    --------
    >>> percent(0.123), percent(0.004), percent(-0.004), percent(-0.2), percent(0.123, 0.2)
    ('12 %', '<1 %', '0 %', '-20 %', '10 %')
    """
    if 0.0 < value < 0.005:
        return "<1 %"
    return f"{rounded(100.0 * value, 0, None if error is None else 100.0 * error)} %"


def duration(minutes: float, error: float | None = None) -> str:
    """Write minutes of human work in the unit that reads best; a workday has 8 hours, a work-year 2,000.

    Examples
    --------
    >>> duration(0.5), duration(11.4), duration(300.0), duration(4800.0), duration(480000.0), duration(340.0, 70.0)
    ('30 s', '11 min', '5.0 h', '10 workdays', '4.0 work-years', '6 h')
    """
    value, decimals, size, unit = in_unit(minutes)
    return f"{rounded(value, decimals, None if error is None else error / size)} {unit}"


def in_unit(minutes: float) -> tuple[float, int, float, str]:
    """Minutes in the unit that reads best, its decimals, size [min] and name."""
    size, unit = next(((size, unit) for limit, size, unit in _UNITS if minutes < limit), (120000.0, "work-years"))
    value = minutes / size
    return value, 1 if unit == "h" or (unit == "work-years" and value < 10) else 0, size, unit


_UNITS = ((1.0, 1 / 60, "s"), (90.0, 1.0, "min"), (1440.0, 60.0, "h"), (120000.0, 480.0, "workdays"))
"""Minutes below which a unit is used, its size in minutes, and its name."""


_LABELS = {
    "time_saved_share": "{} of work-hours saved",
    "delegated_share": "{} of work-hours delegated",
    "assisted_share": "{} of work-hours assisted",
    "trusted_share": "{} of work-hours trusted",
    "agent_compute_share": "agents take {} of compute",
    "labour_speedup": "labour speedup S_L of {}",
    "project_speedup": "project speedup S_P of {}",
    "progress_multiplier": "progress multiplier M of {}",
    "software_log2": "software ahead by {}",
    "p50_horizon_min": "50 % horizon of {}",
    "p80_horizon_min": "80 % horizon of {}",
    "horizon_log2_min": "horizon of {}",
    "role_labour_speedup": "labour speedup of {}",
    "cost": "human time of {}",
    "task_delegated_share": "{} of hours delegated",
    "pass_rate": "pass rate of {}",
    "best_of_5": "best of 5 in {}",
    "all_of_5": "all of 5 in {}",
}
"""Milestones of every output that is known month by month, by the user's name of the output."""

_BESIDE = {"1": "", "min": " min", "doublings": " doublings", "log2 min": " log2 min"}
_IN_PERCENT = ("pass_rate", "best_of_5", "all_of_5")


def milestone_label(name: str) -> str:
    """Say a milestone in words; a level is said exactly.

    Examples
    --------
    >>> milestone_label("labour_speedup>=2"), milestone_label("time_saved_share>=0.5")
    ('labour speedup S_L of 2', 'half of work-hours saved')
    >>> milestone_label("pass_rate.cuda_debugging>=0.9"), milestone_label("p50_horizon_min>=480")
    ('CUDA debugging: pass rate of 90 %', '50 % horizon of 480 min')
    """
    written, _, level = name.partition(">=")
    series, *labels = written.split(".")
    if name == "time_saved_share>=0.5":
        level = "half"
    elif series in _IN_PERCENT or OUTPUTS[series].units.startswith("share"):
        level = f"{exactly(round(100.0 * float(level), 10))} %"
    else:
        level += _BESIDE[OUTPUTS[series].units]
    return "".join(f"{inside(label)}: " for label in labels) + _LABELS[series].format(level)


_SPELLINGS = {
    "cuda": "CUDA",
    "high_level": "high-level",
    "long_context": "long-context",
    "metr_hcast": "METR HCAST",
    "ml_bench": "ML-Bench",
    "mlagentbench": "MLAgentBench",
    "mle_bench": "MLE-bench",
    "open_ended": "open-ended",
    "paperbench": "PaperBench",
    "re_bench": "RE-Bench",
    "small_scale": "small-scale",
    "swaa": "SWAA",
    "swe_bench_verified": "SWE-bench Verified",
}
_LONGEST_NAME = 36


def humanised(name: str, *, long: bool = False) -> str:
    """Write a name of the files as prose has it; one that is very long is cut, unless there is room for ``long`` ones.

    Examples
    --------
    >>> humanised("open_ended_planning"), humanised("metr_hcast"), humanised("cuda_debugging")
    ('Open-ended planning', 'METR HCAST', 'CUDA debugging')
    """
    said = name
    for part, spelling in _SPELLINGS.items():
        said = re.sub(rf"(?<![^_]){part}(?![^_])", spelling, said)
    said = said.replace("_", " ")
    said = said[:1].upper() + said[1:]
    return said if long or len(said) <= _LONGEST_NAME else f"{said[: _LONGEST_NAME - 1]}…"


def inside(label: str) -> str:
    """A label within a sentence: small unless it begins with an abbreviation.

    Examples
    --------
    >>> inside("debugging"), inside("re_bench")
    ('debugging', 'RE-Bench')
    """
    said = humanised(label)
    return said if said[1:2].isupper() else said[:1].lower() + said[1:]
