"""Which of the known names may be meant by one that is not known."""

import pytest

from qwpinn.inputs.names import asked, meant

KNOWN = ["finite_well", "infinite_well", "morse"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("finit_well", "finite_well"),
        ("Finite Well", "finite_well"),
        ("--infinite-well", "infinite_well"),
        ("MORSE", "morse"),
        (None, ""),
        ("tanh", ""),
        ("", ""),
    ],
)
def test_case_and_what_joins_words_make_no_difference(name, found):
    assert meant(name, KNOWN) == (f"Did you mean {found}?" if found else "")
    assert asked(name, KNOWN, "Correct it.") == (meant(name, KNOWN) or "Correct it.")


def test_a_name_without_end_is_cut():
    assert meant("morse" + " " * 10**6, KNOWN) == "Did you mean morse?"
    assert meant("x" * 10**6, KNOWN) == ""
