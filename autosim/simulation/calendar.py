"""Dates of a simulation and the years they stand for."""

import calendar
from datetime import date

import numpy as np
from numpy.typing import NDArray

MONTHS = 12


def plus_months(start: date, months: int) -> date:
    """Date a number of months on; a day that month does not have becomes its last.

    Examples
    --------
    >>> plus_months(date(2024, 8, 31), 6)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(start.month - 1 + months, MONTHS)
    year, month = start.year + year, month + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def monthly_dates(start: date, end: date) -> list[date]:
    """Every month from ``start`` to the last one that is not after ``end``.

    Examples
    --------
    >>> [str(day) for day in monthly_dates(date(2024, 8, 27), date(2024, 11, 1))]
    ['2024-08-27', '2024-09-27', '2024-10-27']
    """
    dates = [start]
    while (following := plus_months(start, len(dates))) <= end:
        dates.append(following)
    return dates


def decimal_year(day: date) -> float:
    """A date as a year with a fraction, equally spaced for equal days of successive months.

    Examples
    --------
    >>> decimal_year(date(2026, 1, 1)), round(decimal_year(date(2024, 8, 27)), 3)
    (2026.0, 2024.653)
    """
    return day.year + (day.month - 1 + (day.day - 1) / 31.0) / MONTHS


def years_of(steps: int) -> NDArray[np.float64]:
    """Years after the reference date of ``steps`` monthly steps, the first at 0: exactly a twelfth each [year].

    Examples
    --------
    >>> years_of(4).tolist()
    [0.0, 0.08333333333333333, 0.16666666666666666, 0.25]
    """
    return np.arange(steps) / MONTHS


def yearly(steps: int) -> slice:
    """Which of the monthly steps are whole years."""
    return slice(0, steps, MONTHS)
