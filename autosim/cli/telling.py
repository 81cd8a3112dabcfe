"""Printed tables of what evaluations tell: of hours automated, of what is still missing, and of milestones."""

from collections.abc import Callable

from autosim.analysis.informing import FEWEST
from autosim.analysis.summary import Json
from autosim.cli.printing import console, fitting_table
from autosim.within import percent_within
from autosim.words import humanised, month, percent

_NONE = "–"
_WAYS = {"if_solved_specific": "specific", "if_solved": "common"}


def print_telling(content: Json) -> None:
    """Print what pass rates tell and what would still be missing, what variations change, and what rates imply."""
    out = console()
    out.print(f"\nObserved in {month(content['at'])}, to tell of {content['target']['scale']}\n", style="dim")
    heads = ("evaluation", "pass\nrate", "variance\nexplained", "\n95 %", "information\n[bit]", "\n95 %")
    rows = [_told(name, entry) for name, entry in content["evaluations"].items()]
    out.print(fitting_table("What it would tell", heads, rows, 1, out))
    out.print(
        "\nVariance explained: of the target, by the pass rate. Information: 1 bit halves what is possible. Intervals "
        "are for what a finite number of draws leaves open.",
        style="dim",
    )
    if any(entry["informative"] is None for entry in content["evaluations"].values()):
        out.print(f"{_NONE}: fewer than {FEWEST} draws, or a target that is the same in all.", style="dim")
    _print_missing(content)
    _print_variations(content)
    for text, label in content["solve_for"].items():
        _print_implied(content, text, label)


def _told(name: str, entry: Json) -> tuple[str, ...]:
    told = entry["informative"]
    measures = (_NONE,) * 4
    if told is not None:
        variance, information = told["explained_variance"], told["mutual_information_bit"]
        measures = (percent(variance["estimate"]), _interval(variance, percent),
                    f"{information['estimate']:.2f}", _interval(information, "{:.2f}".format))  # fmt: skip
    observed = entry["observed"]
    return (name, percent_within(observed["q50"], observed["mcse"]["q50"]), *measures)


def _print_missing(content: Json) -> None:
    out = console()
    rows = [(name, *(_leading(entry[way]) for way in _WAYS)) for name, entry in content["evaluations"].items()]
    out.print()
    out.print(
        fitting_table("What would still be missing, were it solved", ("evaluation", *_WAYS.values()), rows, 1, out)
    )
    out.print(
        "\nThe bottleneck that blocks most of the hours which success would still free once the evaluation is solved, "
        "and its share of these.",
        style="dim",
    )


def _interval(estimate: Json, form: Callable[[float], str]) -> str:
    if estimate["low"] is None and estimate["high"] is None:
        return _NONE
    low, high = (_NONE if estimate[end] is None else form(estimate[end]) for end in ("low", "high"))
    return f"{low.removesuffix(' %') if high.endswith(' %') else low} to {high}"


def _leading(solved: Json) -> str:
    missing = solved["still_missing"]
    return _NONE if missing is None else f"{humanised(missing['leading']).lower()} {percent(missing['leading_share'])}"


def _print_variations(content: Json) -> None:
    varied = {name: entry for name, entry in content["evaluations"].items() if entry["variation_of"]}
    if not varied:
        return
    out = console()
    heads = ("variation", "pass\nrate", "\ngap", "\n95 %", "variance\nexplained", "\n95 %")
    rows = []
    for name, entry in varied.items():
        change = entry["against_base"]
        gap, variance = change["validity_gap"], change["explained_variance"]
        rows.append((name, _points(change["observed"]["estimate"]), _points(gap["estimate"]),
                     _interval(gap, _points), _points(variance and variance["estimate"]),
                     _interval(variance, _points) if variance else _NONE))  # fmt: skip
    out.print()
    out.print(fitting_table("What variations change", heads, rows, 2, out))
    out.print(
        "\nIn points, against the evaluation that is varied, in the same draws. Pass rate: mean change. Gap: hours "
        "saved if solved, common less specific; the smaller it is, the more an evaluation stands for. Variance "
        "explained: of the target, by the pass rate.",
        style="dim",
    )


def _points(value: float | None) -> str:
    return _NONE if value is None else f"{100.0 * value:+z.1f}"


def _print_implied(content: Json, text: str, label: str) -> None:
    out = console()
    heads = ("evaluation", "rate for\n50 %", "\n95 %", "rate for\n90 %", "\n95 %", "at highest\nrate", "\nprobability")
    rows = []
    for name, entry in content["evaluations"].items():
        said, cells = entry["implies"][text], []
        for wanted in ("50%", "90%"):
            rate = said[wanted]
            cells += [_NONE if rate["pass_rate"] is None else _rate(rate["pass_rate"]), _interval(rate, _rate)]
        highest = said["highest"]
        cells += [_NONE] * 2 if highest is None else [_rate(highest["pass_rate"]), percent(highest["probability"])]
        rows.append((name, *cells))
    out.print()
    out.print(fitting_table(f"Pass rates that imply {label}", heads, rows, 2, out))
    out.print(
        f"\nWhen the frontier's pass rate first is that high, {label} has been reached in half, or nine tenths, of the "
        f"draws that get there by {month(content['dates'][-1])}. {_NONE}: at no rate up to 99 % of which enough draws "
        "tell; the last two columns say how likely it is at the highest of these.",
        style="dim",
    )


def _rate(value: float) -> str:
    return f"{100.0 * value:.1f} %"
