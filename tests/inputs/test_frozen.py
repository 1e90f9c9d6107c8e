"""Frozen dataclasses store what they made of their arguments."""

from dataclasses import FrozenInstanceError, dataclass

import pytest

from qwpinn.inputs.frozen import set_fields, set_positive


@dataclass(frozen=True)
class Box:
    width: float
    sides: int = 2


def test_fields_are_stored_though_nobody_else_may_set_them():
    box = Box(1.0)
    set_fields(box, width=2.5, sides=3)
    assert box == Box(2.5, 3)
    with pytest.raises(FrozenInstanceError):
        box.width = 1.0


def test_checked_fields_become_floats_or_are_refused():
    box = Box(2)
    set_positive(box, width="length")
    assert repr(box.width) == "2.0"
    with pytest.raises(ValueError, match=r"`width` must be .*Received: width=-1\.0"):
        set_positive(Box(-1.0), width="length")
