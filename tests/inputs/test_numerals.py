"""Numbers as people write them, and slips that Python would take for numbers."""

import math

import pytest

from qwpinn.inputs.numerals import is_meant_as_number, is_real, real, whole


@pytest.mark.parametrize(
    ("text", "value"),
    [(" 1.5 ", 1.5), ("-.5", -0.5), ("5.", 5.0), ("+2E-3", 2e-3), ("-Infinity", -math.inf)],
)
def test_numbers_are_read(text, value):
    assert real(text) == value
    assert math.isnan(real("NaN"))
    assert whole("-12 ") == -12


@pytest.mark.parametrize("text", ["1_0", "0x10", "1,5", "1e", ".", "", "\u0661", "\uff15", "1 2"])
def test_slips_are_no_numbers(text):
    assert not is_real(text)
    with pytest.raises(ValueError, match=r"must be a number, e\.g\. 1\.5 or 2e-3\. Received: "):
        real(text)
    with pytest.raises(ValueError, match=r"must be a whole number, e\.g\. 12\. Received: "):
        whole(text)


def test_a_whole_number_has_no_point():
    with pytest.raises(ValueError, match=r"must be a whole number.*'1\.0'"):
        whole("1.0")


@pytest.mark.parametrize("text", ["1_0", ",5", "\u22125", "-5", "nan", "3 nm"])
def test_what_begins_as_a_number_is_meant_as_one(text):
    assert is_meant_as_number(text)


@pytest.mark.parametrize("text", ["V0", "x", "-", "e5", ""])
def test_words_are_not(text):
    assert not is_meant_as_number(text)
