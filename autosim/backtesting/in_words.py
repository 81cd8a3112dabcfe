"""What a backtest found, in sentences and rows, from its report."""

from collections.abc import Sequence
from typing import Any

from autosim.backtesting.comparing import REFERENCE
from autosim.backtesting.coverage import ALL
from autosim.backtesting.running import OWN
from autosim.words import percent

type Json = dict[str, Any]

LABELS = {
    OWN: "autosim",
    "prior": "autosim, priors alone",
    REFERENCE: "last value persists",
    "ols_all": "OLS, models since 2023",
    "ols_frontier": "OLS, state of the art",
    "irt_linear": "2PL, linear trend",
    "irt_quadratic": "2PL, quadratic trend",
    "irt_saturating": "2PL, saturating trend",
}
"""What forecasters are called in tables and figures."""

KIND_LABELS = {
    "outcome": "outcomes",
    "p50": "50 % horizons",
    "p80": "80 % horizons",
    "trial": "trial ratios",
    "milestone": "milestones",
    ALL: "all",
}
"""What kinds of targets are called."""

MEASURE_LABELS = {"crps": "CRPS", "log_score": "log score"}

NONE = "–"

SILENT = "nothing is forecast."
"""How notes end that say why a baseline says nothing."""

SCORE_HEADS = (
    "forecaster",
    f"CRPS over\n{REFERENCE}'s",
    "log score\n[nat]",
    "autosim's less\nCRPS",
    "\nlog score",
    "within\n50 %",
    "\n80 %",
    "\n95 %",
    "targets",
)
"""Heads of `score_rows`."""

LEGEND = (
    "CRPS and log score: the lower, the better; means over kinds of target that all count alike, on the targets that a "
    f"forecaster and {REFERENCE} both forecast. autosim's less: paired differences on the targets that both forecast, "
    "± one standard error clustered by model; below 0, autosim is better. within: share of outcomes, horizons and "
    "ratios in central intervals."
)


def label(forecaster: str) -> str:
    """A forecaster as tables and figures call it."""
    return LABELS.get(forecaster, forecaster)


def pooled(found: Json, forecaster: str) -> Json | None:
    """Mean scores over all kinds; None if there are none."""
    return next((one for one in found["scores"] if (one["forecaster"], one["kind"]) == (forecaster, ALL)), None)


def difference(found: Json, other: str, measure: str, kind: str = ALL) -> Json | None:
    """Paired difference of autosim to another forecaster; None if there are no targets that both forecast."""
    wanted = (other, measure, kind)
    each: Sequence[Json] = found["differences"]
    return next((one for one in each if (one["second"], one["measure"], one["kind"]) == wanted), None)


def within(found: Json, forecaster: str, level: float, kind: str = ALL) -> Json | None:
    """Coverage of central intervals; None if there are none."""
    each: Sequence[Json] = found["calibration"][forecaster]["coverage"]
    return next((one for one in each if (one["kind"], one["level"]) == (kind, level)), None)


def score_rows(found: Json) -> list[list[str]]:
    """A row for each forecaster: pooled scores, autosim's differences to it, coverage."""
    return [_row(found, name) for name in found["forecasters"]]


def _row(found: Json, name: str) -> list[str]:
    mean = pooled(found, name)
    inside = [within(found, name, level) for level in (0.5, 0.8, 0.95)]
    return [
        label(name),
        _ratio(None if mean is None else mean["scaled_crps"]),
        NONE if mean is None else signed(mean["log_score"], plus=False),
        *(difference_said(difference(found, name, measure)) for measure in MEASURE_LABELS),
        *(NONE if one is None else percent(one["share"]) for one in inside),
        NONE if mean is None else f"{mean['targets']:,}",
    ]


def difference_said(one: Json | None) -> str:
    """A difference with its standard error; a dash where there is none."""
    if one is None:
        return NONE
    error = "" if one["error"] is None else f" ± {one['error']:.2f}"
    return f"{signed(one['difference'])}{error}"


def signed(value: float, *, plus: bool = True) -> str:
    """A number with two decimals and a real minus.

    Examples
    --------
    >>> signed(-0.123), signed(0.5), signed(0.5, plus=False)
    ('−0.12', '+0.50', '0.50')
    """
    said = f"{value:+z.2f}" if plus else f"{value:z.2f}"
    return said.replace("-", "−")


def kind_heads(found: Json) -> list[str]:
    """Heads of `kind_rows`: kinds, how many targets there are of each, and of how many models."""
    return ["forecaster", *(f"{KIND_LABELS[kind]}\n{_counted(found, kind)}" for kind in _kinds(found))]


def _kinds(found: Json) -> list[str]:
    there = {one["kind"] for one in found["scores"]}
    return [kind for kind in KIND_LABELS if kind in there and kind != ALL]


def _counted(found: Json, kind: str) -> str:
    most = max((one for one in found["scores"] if one["kind"] == kind), key=lambda one: int(one["targets"]))
    return f"{most['targets']:,} of {most['clusters']}"


def kind_rows(found: Json) -> list[list[str]]:
    """A row for each forecaster: its CRPS over the reference's for each kind of target."""
    means = {(one["forecaster"], one["kind"]): one["scaled_crps"] for one in found["scores"]}
    return [
        [label(name), *(_ratio(means.get((name, kind))) for kind in _kinds(found))] for name in found["forecasters"]
    ]


def _ratio(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"


def verdicts(found: Json) -> list[str]:
    """How autosim compares with each baseline by each measure, a sentence for each measure, and its coverage."""
    lines = []
    for measure, name in MEASURE_LABELS.items():
        told = {other: difference(found, other, measure) for other in found["forecasters"] if other != OWN}
        groups = {
            verdict: [label(other) for other, one in told.items() if one is not None and one["verdict"] == verdict]
            for verdict in ("better", "not told apart", "worse")
        }
        parts = [f"{_VERBS[verdict]} {_listed(names)}" for verdict, names in groups.items() if names]
        if parts:
            lines.append(f"By {name}, autosim {'; '.join(parts)}.")
    inside = within(found, OWN, 0.8)
    if inside is not None:
        ends = f"{percent(inside['low'])} to {percent(inside['high'])}"
        lines.append(
            f"Its 80 % intervals contain {percent(inside['share'])} of {inside['targets']:,} observations of "
            f"{inside['clusters']} models and trials (exact 95 % interval, were they independent: {ends})."
        )
    return lines


_VERBS = {
    "better": "is better, by more than one standard error, than",
    "not told apart": "is within one standard error of",
    "worse": "is worse, by more than one standard error, than",
}


def _listed(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def cautions(found: Json) -> list[str]:
    """What a reader should know of how this came about: leaks, priors replaced, fits that failed, changes post hoc."""
    lines, silent = [], 0
    for one in found["origins"]:
        where = f"{one['data']}, {one['cut_off']}"
        if not one["fit"]["converged"]:
            lines.append(f"{where}: the fit did not converge: {one['fit']['diagnosis']}")
        for name, notes in one["notes"].items():
            told = [note.removeprefix(f"{name}: ") for note in notes if not note.endswith(SILENT)]
            silent += len(notes) - len(told)
            lines += [f"{where}, {label(name)}: {note}" for note in told]
    if silent:
        lines.append(
            f"where baselines had too little to forecast from, they forecast nothing: {silent} notes in the JSON"
        )
    return [*_leaks(found), *_priors(found), *lines, *_post_hoc(found)]


def _leaks(found: Json) -> list[str]:
    """Tables made later, each once."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for one in found["origins"]:
        for leak in one["leaks"]:
            key = (leak["table"], leak["source"], leak["published"])
            rows.setdefault(key, []).append(f"{leak['rows']:,} at {one['cut_off']}")
    return [
        f"partly leaking: {table} of “{source}”, published {day}: minutes and choice of tasks were settled then; rows "
        f"{', '.join(dict.fromkeys(counts))}"
        for (table, source, day), counts in rows.items()
    ]


def _priors(found: Json) -> list[str]:
    """How many priors were replaced at each cut-off."""
    told = {
        one["cut_off"]: (len(one["priors"]["substitutions"]), len(one["priors"]["undated"]))
        for one in found["origins"]
        if one["priors"] is not None
    }
    return [
        f"as of {day}: {replaced} priors published later were replaced by what was said before"
        + (f"; {undated} without a date were kept" if undated else "")
        for day, (replaced, undated) in told.items()
    ]


def _post_hoc(found: Json) -> list[str]:
    changes = found["registration"]["post_hoc"]
    return [f"post hoc: {change}" for change in changes]
