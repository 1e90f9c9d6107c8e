"""Times: increasing from 0 on, and not too many."""

import numpy as np
import pytest

from qwpinn.dynamics.times import check_times


def test_one_time_is_a_row_of_one():
    np.testing.assert_array_equal(check_times(2), [2.0])


@pytest.mark.parametrize(
    ("times", "error", "message"),
    [
        ([0.0, 1.0, 1.0], ValueError, r"`times` must increase strictly.*1\.0 followed by 1\.0"),
        ([-1.0, 1.0], ValueError, r"`times` must be from 0 on.*Received: -1"),
        ([[0.0, 1.0]], ValueError, r"`times` must be a sequence"),
        (["soon"], TypeError, r"`times` must hold real numbers"),
        ([0.0, np.inf], ValueError, r"`times` must hold finite numbers"),
    ],
)
def test_times_that_are_none_are_refused(times, error, message):
    with pytest.raises(error, match=message):
        check_times(times)


def test_too_many_for_so_many_states_are_refused():
    with pytest.raises(ValueError, match=r"`times` must hold at most 20000000 coefficients"):
        check_times(np.arange(1e6), states=30)
