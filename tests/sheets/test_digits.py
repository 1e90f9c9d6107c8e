"""Numbers with the digits that their enclosure justifies."""

import math
import re
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from qwpinn.sheets.digits import with_uncertainty


@given(st.floats(-1e6, 1e6), st.integers(-12, 3), st.floats(0.0, 1.0), st.floats(0.1, 1.0))
def test_the_interval_that_is_printed_holds_the_one_that_is_known(energy, size, below, above):
    lower, upper = energy - below * 10.0**size, energy + above * 10.0**size
    shown = with_uncertainty(energy, lower, upper)
    if upper == energy:
        return
    text, last, power = re.fullmatch(r"(-?[\d.]+)\((\d+)\)(e[-+]\d+)?", shown).groups()
    decimals = len(text.partition(".")[2])
    unit = Fraction(10) ** (int((power or "e0")[1:]) - decimals)
    middle = Fraction(text) * Fraction(10) ** int((power or "e0")[1:])
    assert middle - int(last) * unit <= Fraction(lower)
    assert Fraction(upper) <= middle + int(last) * unit
    assert len(last) <= 2 or decimals == 0


def test_without_a_doubt_there_are_twelve_digits():
    assert with_uncertainty(math.pi, math.pi, math.pi) == "3.14159265359"
    assert with_uncertainty(math.pi, -math.inf, math.inf) == "3.14159265359"
