"""Space-time: what moves in it, in which units, and what is refused."""

import numpy as np
import pytest
from packets import BOX, OSCILLATOR

import qwpinn
from qwpinn.training.space_time import SpaceTime

X, T = np.linspace(-6.9, 6.9, 50), np.linspace(0.0, 2.0, 50)


def test_a_drive_by_name_is_that_of_a_function():
    """Of numbers or of arrays, at equal times once."""
    pulse, asked = qwpinn.Pulse(0.3, 2.0), []

    def counted(t):
        asked.append(t)
        return pulse(t)

    expected = X**2 / 2.0 + 0.3 * np.cos(2.0 * T) * X
    drives = [("x", pulse), (lambda x: x, lambda t: 0.3 * np.cos(2.0 * t)), ["x", counted]]
    for drive in drives:
        np.testing.assert_allclose(
            SpaceTime.of(OSCILLATOR, 2.0, drive).values(X, T), expected, rtol=1e-14
        )
    both = SpaceTime.of(OSCILLATOR, 2.0, drives[2]).values(np.tile(X, (2, 1)), np.tile(T, (2, 1)))
    np.testing.assert_allclose(both, [expected, expected], rtol=1e-14)
    assert len(asked) == 100 and type(asked[0]) is float


def test_times_are_those_of_the_potential():
    """Hbar is 0.658 eV fs, and 658 meV fs; 1 without units."""
    assert SpaceTime.of(BOX, 3.0).over_hbar == 3.0
    in_units = BOX.in_units("nm", "eV")
    device = qwpinn.Heterostructure([qwpinn.Layer(10.0, offset=0.0, mass=0.067)])
    for well, hbar in ((in_units, 0.6582119569), (device, 658.2119569)):
        np.testing.assert_allclose(SpaceTime.of(well, 3.0).over_hbar, 3.0 / hbar, rtol=1e-9)


def test_panels_end_where_f_jumps():
    switched = qwpinn.CustomPotential(lambda t: np.where(t < 0.5, 0.0, 1.0), (0.0, 2.0), (0.5,))
    motion = SpaceTime.of(OSCILLATOR, 2.0, ("x", switched))
    nodes = motion.in_time(24).nodes
    assert (nodes < 0.5).sum() == 12 and nodes.size == 24
    assert 0.5 in motion.panels(24, 24)[1][0]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((qwpinn.Box2D(), 1.0), ValueError, r"`potential` must be of one dimension for .*TimePINN"),
        ((np.sin, 1.0), TypeError, r"`potential` must be a qwpinn\.Potential"),
        ((BOX, 0.0), ValueError, r"`duration` must be a positive, finite time\."),
        ((BOX, 1.0, (np.sin,)), TypeError, r"`drive` must be a pair \(W, f\) of functions"),
        ((BOX, 1.0, ("x", 2.0)), TypeError, r"`drive\[1\]` must be a function of a time, f\."),
        ((BOX, 1.0, ("field", np.sin)), ValueError, r"`drive` must begin .* with 'x'\. .*'field'"),
        (
            (BOX, 1.0, (qwpinn.InfiniteWell(width=2.0), np.sin)),
            ValueError,
            r"`drive` must live .* here on \(0\.0, 1\.0\)\. Received: one on \(0\.0, 2\.0\)",
        ),
        (
            (BOX, 3.0, ("x", qwpinn.InfiniteWell(width=2.0))),
            ValueError,
            r"`drive` must live .* here on \(0\.0, 3\.0\)\. Received: one on \(0\.0, 2\.0\)",
        ),
        (
            (BOX, 1.0, (qwpinn.PiecewiseConstant((0.0, 0.2, 1.0), (0.0, 1.0)), np.sin)),
            ValueError,
            r"`drive` must be smooth where .* breakpoint at x=0\.2\. Give .*\(\[0\.2\]\)",
        ),
    ],
)
def test_what_does_not_move_is_refused(arguments, error, message):
    with pytest.raises(error, match=message) as caught:
        SpaceTime.of(*arguments)
    assert "\n" not in str(caught.value)


def test_a_mass_that_depends_on_the_energy_is_refused():
    layer = qwpinn.Layer(10.0, "GaAs")
    device = qwpinn.Heterostructure([layer], nonparabolic=True)
    with pytest.raises(ValueError, match=r"`potential` must have one H .* its parabolic_limit"):
        SpaceTime.of(device, 1.0)
    assert SpaceTime.of(device.parabolic_limit, 1.0).form.interval[0] == 0.0


@pytest.mark.parametrize(
    ("drive", "message"),
    [
        (("x", lambda t: np.inf), r"`drive\[1\]` must be finite at all times .* at t=0\."),
        ((lambda x: np.full_like(x, np.nan), np.sin), r"`drive\[0\]` must be finite .*W\(-6\.9"),
    ],
)
def test_what_a_drive_gives_is_looked_at(drive, message):
    with pytest.raises(ValueError, match=message):
        SpaceTime.of(OSCILLATOR, 2.0, drive).values(X, T)
