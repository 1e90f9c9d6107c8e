"""Events: what is asked of positions and times, and what is refused."""

import numpy as np
import pytest

from qwpinn.networks.events import checked_events, checked_times, every_event

WALLS, END = (0.0, 1.0), 0.1


def test_those_of_a_time_stand_together():
    found = every_event(np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.7]))
    assert found.tolist() == [[x, t] for t in (0.5, 0.7) for x in (1.0, 2.0, 3.0)]


def test_rounding_is_taken_to_the_ends():
    found = checked_events([[-1e-14, 0.1 + 1e-15], [1, 0]], WALLS, END)
    assert found.tolist() == [[0.0, 0.1], [1.0, 0.0]]
    assert checked_times(0.05, END).tolist() == [0.05]


@pytest.mark.parametrize(
    ("points", "error", "message"),
    [
        ([[0.5, 0.2]], ValueError, r"`t` must be times \(n,\) in \[0, 0\.1\], .*Received: 0\.2\."),
        ([[1.5, 0.0]], ValueError, r"`x` must lie in the closed interval"),
        ([0.5, 0.0], ValueError, r"`points` must have shape \(n, 2\), .*shape=\(2,\)"),
        (np.zeros((0, 2)), ValueError, r"`points` must have shape .*shape=\(0, 2\)"),
        (np.zeros((2, 2), np.float32), TypeError, r"`points` must be float64.*Received: float32"),
        ([[0.5, np.nan]], ValueError, r"`points` must hold finite numbers"),
    ],
)
def test_bad_events_are_refused(points, error, message):
    with pytest.raises(error, match=message) as caught:
        checked_events(points, WALLS, END)
    assert "\n" not in str(caught.value)


def test_bad_times_are_refused():
    with pytest.raises(ValueError, match=r"`t` must be times \(n,\) .* Received: \(1, 1\)"):
        checked_times([[0.0]], END)
    with pytest.raises(ValueError, match=r"`t` must be times .* Received: -0\.1"):
        checked_times(-0.1, END)
    with pytest.raises(ValueError, match=r"`x` must hold at most \d+ positions times times"):
        every_event(np.zeros(10_000), np.zeros(10_000))
