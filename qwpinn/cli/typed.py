"""Typed: numbers as the types of options."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeVar

from qwpinn.inputs import numerals

Number = TypeVar("Number", int, float)


def real(text: str) -> float:
    """A number, as the type of an option."""
    return _read(numerals.real, text)


def whole(text: str) -> int:
    """A whole number, as the type of an option."""
    return _read(numerals.whole, text)


def _read(read: Callable[[str], Number], text: str) -> Number:
    try:
        return read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None


def or_text(read: Callable[[str], Number]) -> Callable[[str], Number | str]:
    """A type of options: a number, or else the text, e.g. names of units, which others judge."""

    def reads(text: str) -> Number | str:
        try:
            return read(text)
        except ValueError:
            return text

    return reads
