"""Rounding to Monte Carlo errors: digits beyond them are not shown."""

import math

_ALL = 99
"""Decimal places where no error is known."""


def places(error: float | None) -> int:
    """Decimal place of an error's leading digit: the last that is worth showing.

    Parameters
    ----------
    error
        In the unit that is shown; None, NaN or 0 where none is known or there is none.

    Returns
    -------
    Below 0 where tens, hundreds and so on are uncertain.

    Examples
    --------
    >>> places(0.06), places(0.3), places(2.0), places(30.0)
    (2, 1, 0, -1)
    """
    if error is None or not math.isfinite(error) or error <= 0.0:
        return _ALL
    return -math.floor(math.log10(error))


def rounded(value: float, decimals: int, error: float | None = None) -> str:
    """A number with at most so many decimals, and none beyond its error.

    Examples
    --------
    >>> rounded(2.9437, 2, 0.06), rounded(2.9437, 2, 0.3), rounded(2.9437, 2, 2.0), rounded(1234.0, 0, 30.0)
    ('2.94', '2.9', '3', '1,230')
    >>> rounded(2.9437, 2), rounded(-0.001, 2)
    ('2.94', '0.00')
    """
    decimals = min(decimals, places(error))
    if decimals >= 0:
        return f"{value:z,.{decimals}f}"
    return f"{round(value, decimals):z,.0f}"


def give_or_take(decimals: int, error: float | None) -> str:
    """An error behind a number of so many decimals: nothing where none is known, or all digits shown are certain.

    Examples
    --------
    >>> give_or_take(2, 0.0612), give_or_take(0, 31.0), give_or_take(2, 0.0004), give_or_take(2, None)
    ('±0.06', '±30', '', '')
    """
    if error is None or not math.isfinite(error) or error < 0.5 * 10.0**-decimals:
        return ""
    return f"±{rounded(max(error, 10.0**-decimals), decimals, error)}"
