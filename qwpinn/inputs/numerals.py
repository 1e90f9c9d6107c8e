"""Numerals: numbers as people write them in tables and on the command line.

Python's own `float` and `int` also take what is a slip in a table: ``1_0`` for 10, and the digits
of other scripts.
"""

from __future__ import annotations

import re

REAL = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_REAL = re.compile(rf"{REAL}|[-+]?(?:nan|inf|infinity)", re.ASCII | re.IGNORECASE)
_WHOLE = re.compile(r"[-+]?\d+", re.ASCII)
_MEANT = re.compile(r"[-+−]?[.,]?\d")


def real(text: str) -> float:
    """The number that a text is, infinite and NaN included.

    Raises:
        ValueError: If it is none.

    Example:
        >>> real(" -1.5e-3 "), real("inf")
        (-0.0015, inf)
    """
    if not _REAL.fullmatch(text.strip()):
        raise ValueError(f"must be a number, e.g. 1.5 or 2e-3. Received: {text!r:.60}.")
    return float(text)


def whole(text: str) -> int:
    """The whole number that a text is.

    Raises:
        ValueError: If it is none.

    Example:
        >>> whole("12")
        12
    """
    if not _WHOLE.fullmatch(text.strip()):
        raise ValueError(f"must be a whole number, e.g. 12. Received: {text!r:.60}.")
    return int(text)


def is_real(text: str) -> bool:
    """Whether a text is a number, infinite and NaN included.

    Example:
        >>> is_real("1e5"), is_real("1_0"), is_real("0x10"), is_real("1,5")
        (True, False, False, False)
    """
    return _REAL.fullmatch(text.strip()) is not None


def is_meant_as_number(text: str) -> bool:
    """Whether a text is a number, or begins as one does and so is no word.

    Example:
        >>> is_meant_as_number("1_0"), is_meant_as_number("V0")
        (True, False)
    """
    return is_real(text) or _MEANT.match(text) is not None
