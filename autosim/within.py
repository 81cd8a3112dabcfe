"""Numbers with their Monte Carlo errors, as tables have them."""

from autosim.rounding import give_or_take, rounded
from autosim.words import in_unit, month, number, percent


def duration_within(minutes: float, error: float | None) -> str:
    """Minutes of human work with their Monte Carlo error.

    Examples
    --------
    >>> duration_within(76800.0, 9600.0), duration_within(300.0, None)
    ('160±20 workdays', '5.0 h')
    """
    value, decimals, size, unit = in_unit(minutes)
    own = None if error is None else error / size
    return f"{rounded(value, decimals, own)}{give_or_take(decimals, own)} {unit}"


def number_within(value: float, error: float | None) -> str:
    """A number with its Monte Carlo error, rounded to it.

    Examples
    --------
    >>> number_within(2.9437, 0.0612), number_within(1.0, 0.0004), number_within(5.43, 0.17), number_within(160.0, 21.0)
    ('2.94±0.06', '1.00', '5.4±0.2', '160±20')
    """
    decimals = 0 if abs(value) >= 100 else 2 if abs(value) < 10 else 1
    return f"{number(value, error=error)}{give_or_take(decimals, error)}"


def percent_within(value: float, error: float | None) -> str:
    """A share with its Monte Carlo error.

    Examples
    --------
    >>> percent_within(0.643, 0.011), percent_within(0.123, 0.001), percent_within(0.002, 0.0007)
    ('64±1 %', '12 %', '<1 %')
    """
    said = percent(value, error)
    return said if said.startswith("<") else said.replace(" %", f"{give_or_take(0, (error or 0.0) * 100.0)} %")


def month_within(day: str | None, error: float | None) -> str:
    """A date as a month with its error [month]: the year alone if that is half a year.

    Examples
    --------
    >>> month_within("2029-08-27", 2.0), month_within("2029-08-27", 0.0), month_within("2029-08-27", 9.0)
    ('Aug 2029±2', 'Aug 2029', '2029±9')
    >>> month_within("2029-08-27", 0.5)
    'Aug 2029±1'
    """
    return month(day) if day is None else f"{month(day, error)}{give_or_take(0, error)}"
