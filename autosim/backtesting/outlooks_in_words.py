"""Which outlook the evidence has favoured, on which statement and by how much, in sentences and as a table."""

from collections import Counter
from datetime import date

import numpy as np

from autosim.backtesting.outlooks import LEAST_EFFECTIVE, OutlooksScored
from autosim.backtesting.statements import HORIZON, Statement
from autosim.rounding import give_or_take
from autosim.words import alternative_label, humanised, month, number, percent, with_error

_MOST_NAMED = 3
_SURE = 2.0
"""Standard errors beyond which a change is called one."""

_NONE = 1e-9
"""Log factors [nat] that differ from 0 by rounding alone."""

_SMALL = 0.095
"""Factors below it are said to one digit."""


def in_words(found: OutlooksScored) -> list[str]:
    """Sentences, the first of which stands alone: weights before and after, by which statements, what is uncertain."""
    gains = found.updated.weights.value[-1] - found.updated.weights.value[0]
    order = sorted(range(len(found.outlooks)), key=lambda i: -gains[i])
    return [
        _first(found, order[0]),
        *(_of_outlook(found, i) for i in order),
        "A factor is how much likelier a statement was under an outlook than under all of them, with their weights of "
        f"before. A later model was taken to be at the frontier with probability {percent(found.frontier)}, since its "
        "result decides whether it is.",
        _worth(found),
    ]


def _first(found: OutlooksScored, best: int) -> str:
    weights = found.updated.weights
    before, after, error = weights.value[0, best], weights.value[-1, best], weights.error[-1, best]
    kinds = Counter("horizon" if one.kind == HORIZON else "trial" for one in found.statements)
    counts = " and ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in sorted(kinds.items()))
    doubt = "" if found.trusted_until is None else f" Not to be trusted beyond {day(found.trusted_until)}: see below."
    span = f"What became known from {month(str(found.since))} to {month(str(found.statements[-1].known))} ({counts})"
    if np.ptp(weights.value, axis=0).max() < _NONE:
        return f"{span} has left the weights of the outlooks as they were.{doubt}"
    if after - before <= _SURE * error:
        return f"{span} has moved weights by no more than chance in the draws may have; take more of them."
    moved = f"from {percent(before)} to {with_error(after, error)} (± one standard error)"
    told = _told(found, best, 1)[:1]
    most = f", most of all {told[0]}" if told else ""
    return f"{span} has moved the weight of the {alternative_label(found.outlooks[best])} outlook {moved}{most}.{doubt}"


def _of_outlook(found: OutlooksScored, outlook: int) -> str:
    """An outlook's weight before and after, and the statements that told most for and against it."""
    weights = found.updated.weights
    label = alternative_label(found.outlooks[outlook])
    after = with_error(weights.value[-1, outlook], weights.error[-1, outlook])
    parts = [f"{label[:1].upper()}{label[1:]}: {percent(weights.value[0, outlook])} → {after}"]
    for sign, word in ((1, "for"), (-1, "against")):
        if told := _told(found, outlook, sign)[:_MOST_NAMED]:
            parts.append(f"{word} it {', '.join(told)}")
    return f"{'; '.join(parts)}."


def _told(found: OutlooksScored, outlook: int, sign: int) -> list[str]:
    """Statements that raise (+1) or lower (-1) an outlook's weight by more than noise does, the strongest first."""
    made = found.updated.log_factor
    logs = sign * made.value[:, outlook]
    sure = np.flatnonzero(logs > np.maximum(_SURE * made.error[:, outlook], _NONE))
    order = sure[np.argsort(-logs[sure], kind="stable")].tolist()
    return [f"{about(found.statements[k], found)} (factor {factor_said(found, k, outlook)})" for k in order]


def factor_said(found: OutlooksScored, statement: int, outlook: int) -> str:
    """A factor with its standard error, to the digits that this allows."""
    factor = found.updated.factor
    value, error = float(factor.value[statement, outlook]), float(factor.error[statement, outlook])
    if value < _SMALL:
        return f"{value:.1g}"
    return f"{number(value, error=error)}{give_or_take(2 if value < 10.0 else 1, error)}"


def about(one: Statement, found: OutlooksScored) -> str:
    """A statement in words; horizons name their suite where there are several."""
    if one.kind != HORIZON:
        return f"the trial “{one.about}”"
    suites = {other.suite for other in found.statements if other.kind == HORIZON}
    return f"{one.about}'s horizon{f' on {humanised(one.suite)}' if len(suites) > 1 else ''}"


def day(known: date) -> str:
    """A day as tables have it.

    Examples
    --------
    >>> day(date(2025, 4, 6))
    '6 Apr 2025'
    """
    return f"{known.day} {known:%b %Y}"


def _worth(found: OutlooksScored) -> str:
    least, until = float(found.updated.effective.min()), found.trusted_until
    if until is None:
        return f"Of each outlook {found.draws:,} draws were taken; they are worth at least {int(least):,} throughout."
    poor = (found.updated.effective < LEAST_EFFECTIVE).any(axis=0)
    names = " and ".join(alternative_label(name) for name, few in zip(found.outlooks, poor, strict=True) if few)
    return (
        f"Not to be trusted beyond {day(until)}: after that the {found.draws:,} draws of the {names} outlook are worth "
        f"as few as {int(least):,}, less than {LEAST_EFFECTIVE:.0f}; take more."
    )


def table(found: OutlooksScored) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: a row for each statement with its factors for the outlooks [1], and one with the last weights."""
    rows = [
        [
            day(one.known),
            about(one, found),
            alternative_label(found.outlooks[found.favoured(k)]),
            *(factor_said(found, k, i) for i in range(len(found.outlooks))),
        ]
        for k, one in enumerate(found.statements)
    ]
    weights = found.updated.weights
    shares = zip(weights.value[-1].tolist(), weights.error[-1].tolist(), strict=True)
    rows.append(["", "weight after all", "", *(with_error(*share) for share in shares)])
    return ["known", "statement", "favours", *(alternative_label(name) for name in found.outlooks)], rows
