"""The count in the plane: never too small, whatever the mesh, and not far too large."""

import numpy as np
import pytest
import scipy.sparse

from qwpinn.equation.plane_counting import BASIS, PlaneCount, negative
from qwpinn.equation.regions import Disc, Rectangle
from qwpinn.potentials import Box2D, CircularDot, Harmonic2D, Plane

DOT = (4.4212888841933, 11.1606351044503, 11.1606351044503, 19.9067814622054, 19.9067814628566)


def test_the_basis_has_the_means_that_it_is_named_after():
    """Of the cell [-1/2, 1/2]^2, by Gauss's rule."""
    t, w = np.polynomial.legendre.leggauss(6)
    t, w = t / 2, w / 2

    def means(function):
        edge = [w @ function(-0.5 + 0 * t, t), w @ function(0.5 + 0 * t, t)]
        edge += [w @ function(t, -0.5 + 0 * t), w @ function(t, 0.5 + 0 * t)]
        x, y = np.meshgrid(t, t, indexing="ij")
        return np.array([*edge, w @ function(x, y) @ w])

    modes = [
        lambda x, y: 1.0 + 0 * x,
        lambda x, y: x,
        lambda x, y: x**2 - 1 / 12,
        lambda x, y: y,
        lambda x, y: y**2 - 1 / 12,
    ]
    of_modes = np.stack([means(mode) for mode in modes], axis=1)
    np.testing.assert_allclose(of_modes @ BASIS, np.eye(5), atol=1e-14)


@pytest.mark.parametrize("cells", [9, 14, 23])
@pytest.mark.parametrize(("width", "height"), [(1.0, 1.0), (1.0, 0.4), (0.3, 1.7)])
def test_no_count_of_a_box_is_too_small(width, height, cells):
    well = Box2D(width, height)
    count, levels = PlaneCount(well, cells), well.levels(12)
    for k, level in enumerate(levels, 1):
        found = count.below(level * (1.0 + 1e-6))
        assert found is None or found >= k
    # Where a fifth of the energy is left, it is exact on the finer meshes.
    if cells == 23:
        assert count.below(levels[0] * 0.9) == 0


@pytest.mark.parametrize("cells", [16, 30])
def test_no_count_of_an_oscillator_is_too_small(cells):
    well = Harmonic2D(1.0, 2.0)
    count = PlaneCount(well, cells)
    for k, level in enumerate(well.levels(8), 1):
        assert count.below(level * (1.0 + 1e-6)) in (None, *range(k, 90))
    assert count.sampled


def test_levels_of_a_dot_are_told_apart():
    count = PlaneCount(CircularDot(), 80)
    assert not count.sampled
    for k, level in enumerate(DOT, 1):
        assert count.below(level * (1.0 + 1e-9)) >= k
    assert [count.below(energy) for energy in (4.2, 10.5, 19.0)] == [0, 1, 3]


@pytest.mark.parametrize("cells", [20, 33])
def test_what_is_cut_is_taken_at_its_lowest(cells):
    """A disc of value -v in 0 is below a rectangle about it, and above one inside it."""
    walls, value = (-1.0, 1.3, -1.1, 1.0), -60.0
    disc = Plane(0.0, walls, [Disc((0.1, 0.05), 0.5, value)])
    about = Plane(0.0, walls, [Rectangle((-0.4, 0.6, -0.45, 0.55), value)])
    for energy in (-40.0, -20.0, 5.0, 20.0):
        inner = PlaneCount(disc, cells).below(energy)
        outer = PlaneCount(about, 2 * cells).below(energy)
        if inner is not None and outer is not None:
            assert inner <= outer + 1


def test_cells_that_are_too_large_count_nothing():
    assert PlaneCount(Box2D(), 3).below(500.0) is None


def test_a_weight_scales_the_energies():
    class Heavy(Box2D):
        rho = 4.0

    light, heavy = PlaneCount(Box2D(), 20), PlaneCount(Heavy(), 20)
    for energy in (30.0, 60.0, 110.0):
        assert heavy.below(energy / 4.0) == light.below(energy)


def test_negative_pivots_are_those_of_a_matrix_and_their_errors_are_bounded():
    rng = np.random.default_rng(1)
    dense = rng.normal(size=(40, 40))
    dense += dense.T + 3.0 * np.diag(rng.normal(size=40))
    matrix = scipy.sparse.csc_array(dense)
    count, error = negative(matrix, abs(matrix), np.ones(40), 1e-9)
    assert count == np.sum(np.linalg.eigvalsh(dense) < 1e-9)
    assert 1e-15 < error < 1e-7


def test_a_broken_factorisation_is_no_count():
    """A pivot of exactly zero, and one that is not a number."""
    zero = scipy.sparse.csc_array(np.array([[1.0, 1.0], [1.0, 1.0]]))
    assert negative(zero, abs(zero), np.ones(2), 0.0) is None
    nan = scipy.sparse.csc_array(np.array([[np.nan, 1.0], [1.0, 1.0]]))
    assert negative(nan, abs(nan), np.ones(2), 1e-9) is None


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e4])
def test_the_unit_of_length_does_not_matter(unit):
    box = Box2D(unit, 1.2 * unit)
    first, second = box.levels(2)
    count = PlaneCount(box)
    assert count.below(0.98 * first) == 0
    assert count.below(0.5 * (first + second)) == 1
