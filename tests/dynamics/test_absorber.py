"""Ends that absorb: nothing is lost unseen, and little comes back."""

from functools import cache

import numpy as np
import pytest

import qwpinn
from qwpinn.dynamics.absorber import check_widths

FREE = qwpinn.InfiniteWell(width=26.0).in_units("hbar=m=1")


@cache
def absorbed(absorbing=6.0):
    """A packet that runs from the middle into the right end, and is gone at t = 24."""
    packet = qwpinn.Packet(11.5, 1.5, 1.3)
    return qwpinn.evolve(FREE, packet, np.linspace(0.0, 24.0, 7), tol=1e-3, absorbing=absorbing)


def test_what_is_taken_is_what_the_norm_has_lost():
    found = absorbed()
    lost = 1.0 - found.norm**2
    taken = found.absorbed.taken
    np.testing.assert_allclose(np.sum(taken, axis=1), lost, atol=1e-6)
    assert taken[-1, 1] > 0.99
    assert taken[-1, 0] < 1e-2
    assert np.all(np.diff(taken, axis=0) >= -1e-12)


def test_what_comes_back_is_small_and_no_error_is_claimed():
    found = absorbed()
    assert found.absorbed.returned[0] < 1e-3
    assert 1e-7 < found.absorbed.returned[1] < 1e-2
    assert np.all(np.isinf(found.error()))
    assert not found.converged
    assert "no error is claimed" in str(found)
    with pytest.raises(ValueError, match=r"`times` must be those that were asked for"):
        found.at([0.0, 1.0])


def test_the_transmitted_share_counts_what_the_end_has_taken():
    found = absorbed()
    beyond = found.transmitted(15.0)
    assert beyond[0] < 1e-2
    assert beyond[-1] == pytest.approx(
        found.probability(15.0, 26.0)[-1] + found.absorbed.taken[-1, 1]
    )
    assert found.reflected(15.0)[-1] + beyond[-1] == pytest.approx(1.0, abs=1e-6)


def test_an_end_of_no_width_is_a_wall():
    found = absorbed((0.0, 6.0))
    assert np.all(found.absorbed.taken[:, 0] == 0.0)
    assert found.absorbed.returned[0] == 0.0
    assert found.absorbed.taken[-1, 1] > 0.99


@pytest.mark.parametrize(
    ("absorbing", "error", "message"),
    [
        ((1.0, 2.0, 3.0), ValueError, r"`absorbing` must be one width.*3 numbers"),
        (20.0, ValueError, r"`absorbing` must leave a part of the box, which is 26 long"),
        (0.0, ValueError, r"and take one"),
        (-1.0, ValueError, r"`absorbing` must be a finite length that is not negative"),
        ("wide", TypeError, r"`absorbing` must be a real number"),
    ],
)
def test_widths_that_are_none_are_refused(absorbing, error, message):
    with pytest.raises(error, match=message):
        check_widths(absorbing, FREE)


def test_a_thin_end_sends_back_what_a_wide_one_takes():
    thin = absorbed(0.8).absorbed
    # What is not taken, and has not yet left, has been sent back once or more.
    assert thin.returned[1] > 0.05
    assert thin.returned[1] > 20.0 * absorbed().absorbed.returned[1]


def test_a_packet_that_begins_in_an_end_is_refused():
    # A standard deviation from the inner edge.
    packet = qwpinn.Packet(7.0, 0.5, 1.0)
    with pytest.raises(ValueError, match=r"`psi0` must begin outside.*1\.6e-01 is in them"):
        qwpinn.evolve(FREE, packet, [1.0], tol=1e-3, absorbing=6.0)
