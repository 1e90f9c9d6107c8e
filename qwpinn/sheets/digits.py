"""Digits: a number with those that its enclosure justifies."""

from __future__ import annotations

import math
from decimal import Decimal


def with_uncertainty(energy: float, lower: float, upper: float) -> str:
    """An energy with the digits that its enclosure justifies, and two more that are in doubt.

    The doubt in parentheses, in units of the last digit, is rounded up: the interval that is
    printed holds the one that is known.

    Example:
        >>> with_uncertainty(1.6394801885, lower=1.63948009, upper=1.63948022)
        '1.63948019(11)'
        >>> with_uncertainty(5300.0, lower=5000.0, upper=5400.0)
        '5300(300)'
        >>> with_uncertainty(4.354776e-20, lower=4.3547e-20, upper=4.3549e-20)
        '4.35478(13)e-20'
    """
    doubt = max(upper - energy, energy - lower)
    if not math.isfinite(doubt) or doubt <= 0.0:
        return f"{energy:.12g}"
    size = math.floor(math.log10(max(abs(energy), doubt)))
    # As long a number as people read without counting zeros.
    power = 0 if -5 <= size <= 12 else size
    value, low, high = (Decimal(number).scaleb(-power) for number in (energy, lower, upper))
    decimals = max(0, 1 - math.floor(math.log10(doubt)) + power)
    text, last = _rounded(value, low, high, decimals)
    if last > 99 and decimals > 0:
        text, last = _rounded(value, low, high, decimals - 1)
    return f"{text}({last})" + (f"e{power:+03d}" if power else "")


def _rounded(energy: Decimal, lower: Decimal, upper: Decimal, decimals: int) -> tuple[str, int]:
    """The energy, and how many units of its last digit both bounds are within."""
    text = f"{energy:.{decimals}f}"
    farthest = max(upper - Decimal(text), Decimal(text) - lower)
    return text, math.ceil(farthest.scaleb(decimals))
