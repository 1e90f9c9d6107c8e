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
    """
    doubt = max(upper - energy, energy - lower)
    if not math.isfinite(doubt) or doubt <= 0.0:
        return f"{energy:.12g}"
    decimals = max(0, 1 - math.floor(math.log10(doubt)))
    text, last = _rounded(energy, lower, upper, decimals)
    if last > 99 and decimals > 0:
        text, last = _rounded(energy, lower, upper, decimals - 1)
    return f"{text}({last})"


def _rounded(energy: float, lower: float, upper: float, decimals: int) -> tuple[str, int]:
    """The energy, and how many units of its last digit both bounds are within."""
    text = f"{energy:.{decimals}f}"
    farthest = max(Decimal(upper) - Decimal(text), Decimal(text) - Decimal(lower))
    return text, math.ceil(farthest.scaleb(decimals))
