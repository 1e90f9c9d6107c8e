"""Periods of a box, whose revival is known, and of an oscillator, which has none."""

import numpy as np
import pytest

from qwpinn.dynamics import periods

BOX = np.pi**2 / 2.0 * np.arange(1.0, 9.0) ** 2
OSCILLATOR = np.arange(8) + 0.5


def test_a_box_beats_turns_and_revives():
    assert periods.beat(BOX, 0, 1, 1.0) == pytest.approx(2.0 * np.pi / (1.5 * np.pi**2))
    # Level n = 4, the fifth: a round trip of 2 at the speed 5 pi.
    assert periods.classical(BOX, 4.0, 1.0) == pytest.approx(2.0 / (5.0 * np.pi))
    assert periods.revival(BOX, 3.4, 1.0) == pytest.approx(4.0 / np.pi)


def test_an_oscillator_never_spreads():
    assert periods.classical(OSCILLATOR, 0.0, 2.0) == pytest.approx(4.0 * np.pi)
    assert periods.revival(OSCILLATOR + 1e-13, 5.0, 1.0) == np.inf
    assert periods.revival(OSCILLATOR**1.001, 5.0, 1.0) < np.inf


def test_what_has_no_period_is_refused():
    with pytest.raises(ValueError, match=r"`states` must be at least 3 .* Received: 2"):
        periods.revival(BOX[:2], 0.0, 1.0)
    with pytest.raises(ValueError, match=r"`j` must be another state than `i`.*j=1"):
        periods.beat(BOX, 0, 0, 1.0)
    with pytest.raises(ValueError, match=r"`j` must be below the number of states, 8"):
        periods.beat(BOX, 0, 8, 1.0)
