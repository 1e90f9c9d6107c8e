"""The map of a wave over position and time, and which stretch and which V are drawn."""

import numpy as np
import pytest
import waves

import qwpinn
from qwpinn import plotting
from qwpinn.plotting import moving


def test_the_map_has_the_density_at_all_times_and_shares_the_axis_of_v():
    wave = waves.wave([0.0, 0.1, 0.15, 0.3])
    figure = moving.space_time(wave)
    above, below, bar = figure.axes
    assert above.get_xlim() == below.get_xlim() == (0.0, 1.0)
    assert below.get_ylim() == (0.0, 0.3)
    drawn = below.collections[0]
    x = np.linspace(0.0, 1.0, moving.POINTS)
    np.testing.assert_array_equal(drawn.get_array(), wave.density(x))
    assert drawn.get_clim() == (0.0, np.max(wave.density(x)))
    # Cells end half way between two times.
    edges = np.unique(drawn.get_coordinates()[..., 1]).round(12)
    np.testing.assert_allclose(edges, [-0.05, 0.05, 0.125, 0.225, 0.375])
    for line in below.lines:
        np.testing.assert_array_equal(line.get_ydata(), wave.times)
        np.testing.assert_array_equal(line.get_xdata(), wave.expectation("x"))
    energies = [line.get_ydata()[0] for line in above.lines if line.get_linestyle() == "--"]
    assert energies == [wave.energy[0]]
    labels = below.get_xlabel(), below.get_ylabel(), above.get_ylabel(), bar.get_ylabel()
    assert labels == ("x", "time", "V(x)", "probability density")
    assert plotting.png(figure, dpi=30).startswith(b"\x89PNG")


def test_labels_have_units():
    well = qwpinn.InfiniteWell(width=1.0).in_units("nm", "meV")
    above, below, bar = moving.space_time(waves.wave([0.0, 0.1], potential=well)).axes
    labels = below.get_xlabel(), below.get_ylabel(), above.get_ylabel(), bar.get_ylabel()
    assert labels == ("x (nm)", "time (fs)", "V(x) (meV)", "probability density (1/nm)")


def test_a_single_time_is_a_curve():
    wave = waves.wave([0.2])
    _, below = moving.space_time(wave).axes
    x, density = below.lines[0].get_data()
    np.testing.assert_array_equal(density, wave.density(x)[0])
    assert below.get_ylabel() == "probability density"


class Lump(waves.Wave):
    """Narrow, at one place after the other."""

    def density(self, x):
        return np.exp(-(((np.ravel(x) - self.times[:, None]) / 0.3) ** 2))


@pytest.mark.parametrize(
    ("first", "last", "left", "right"),
    [(10.0, 11.0, 8.826, 12.174), (1.5, 3.0, 0.0, 4.249), (18.0, 18.8, 16.856, 20.0)],
)
def test_where_nothing_is_seen_nothing_is_drawn_and_a_wall_that_is_near_is(
    first, last, left, right
):
    # exp(-(d / 0.3)^2) is a thousandth at d = 0.788, and 0.15 of the stretch is left beside it.
    known = waves.wave([first, last], potential=qwpinn.InfiniteWell(width=20.0))
    lump = Lump(**vars(known))
    assert moving.stretch(lump) == pytest.approx((left, right), abs=0.03)


def test_neither_a_hole_nor_a_wall_squeezes_what_is_between():
    x = np.linspace(-1.0, 1.0, 2001)
    hole = np.where(abs(x) < 0.001, -1e6, 0.0)
    low, high = moving.heights(x, hole, np.array([1.0]))
    assert -10.0 < low < 0.0
    assert 1.0 < high < 10.0
    wall = np.where(abs(x) > 0.5, 1e6, 0.0)
    assert moving.heights(x, wall, np.array([1.0, 3.0])) == (0.0, 18.0)
    # A barrier of a few times the energy is drawn to its top.
    barrier = np.where(abs(x) < 0.1, 4.0, 0.0)
    assert moving.heights(x, barrier, np.array([1.0])) == (0.0, 4.0)
    # Of a packet high above V, its energy is drawn too.
    assert moving.heights(x, 0.0 * x, np.array([2.0]))[1] == pytest.approx(2.6)
