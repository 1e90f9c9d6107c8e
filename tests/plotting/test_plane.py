"""Figures of the plane: one map a state, with its number and energy, and the contours of V."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.contour import QuadContourSet

from qwpinn.equation.plane_description import grid
from qwpinn.plotting import plane, png
from qwpinn.potentials import (
    Box2D,
    CircularDot,
    CoupledDots,
    Disc,
    Harmonic2D,
    Plane,
    Rectangle,
    RectangularDot,
)
from qwpinn.sheets.digits import with_uncertainty


def found(potential, states=4):
    """Something like a solution: the states of the box in whatever well, the first one negative."""
    x0, x1, y0, y1 = potential.box
    energies = 1.0 + np.arange(states) ** 2

    def wavefunctions(points):
        u, v = ((points - [x0, y0]) / [x1 - x0, y1 - y0]).T
        m = np.arange(1, states + 1)
        return -np.sin(np.outer(u, np.pi * m)) * np.sin(np.pi * v)[:, None]

    return SimpleNamespace(
        potential=potential,
        energies=energies,
        lower=energies - 1e-5,
        upper=energies + 2e-5,
        numbers=np.arange(states) + 3,
        wavefunctions=wavefunctions,
    )


def panels(figure):
    """Those with a map, and the bars of colours."""
    drawn = [axes for axes in figure.axes if axes.get_title()]
    return drawn, [axes for axes in figure.axes if axes.axison and not axes.get_title()]


def contours(axes):
    return [one for one in axes.collections if isinstance(one, QuadContourSet)]


def image_of(axes):
    """The map, and positions of its pixels; rows are y from below."""
    (image,) = axes.images
    assert image.origin == "lower"
    return image, np.asarray(image.get_array())


@pytest.mark.parametrize("shown", [[0], [1, 2], [3, 0, 1, 2]])
def test_one_panel_a_state_and_one_bar_of_colours(shown):
    solution = found(CircularDot())
    figure = plane.states(solution, shown, density=True)
    drawn, bars = panels(figure)
    assert len(drawn) == len(shown)
    assert len(bars) == 1
    assert bars[0].get_ylabel() == "|psi|^2"
    for axes, k in zip(drawn, shown, strict=True):
        bounds = (solution.energies[k], solution.lower[k], solution.upper[k])
        assert axes.get_title() == f"{k + 3}: E = {with_uncertainty(*bounds)}"
        assert axes.get_aspect() == 1.0
        assert (*axes.get_xlim(), *axes.get_ylim()) == pytest.approx(solution.potential.box)
    assert png(figure, dpi=30).startswith(b"\x89PNG")


def test_axes_are_labelled_at_the_edges_and_places_without_a_state_are_empty():
    figure = plane.states(found(Box2D(2.0, 1.0), 5), [0, 1, 2, 3, 4], density=True)
    places = figure.axes[:6]
    assert [axes.axison for axes in places] == [True] * 5 + [False]
    assert [axes.get_ylabel() for axes in places] == ["y", "", "", "y", "", ""]
    # The lowest of each column.
    assert [axes.get_xlabel() for axes in places] == ["", "", "x", "x", "x", ""]


def test_four_states_are_a_square():
    figure = plane.states(found(Box2D(2.0, 1.0)), [0, 1, 2, 3], density=True)
    assert len(figure.axes) == 5
    places = figure.axes[:4]
    assert places[0].get_subplotspec().get_gridspec().get_geometry() == (2, 2)
    assert [axes.get_ylabel() for axes in places] == ["y", "", "y", ""]
    assert [axes.get_xlabel() for axes in places] == ["", "", "x", "x"]


@pytest.mark.parametrize(("density", "label"), [(True, "|psi|^2 (1/nm^2)"), (False, "psi (1/nm)")])
def test_units_are_in_labels_and_titles(density, label):
    well = CircularDot(5.0, 300.0).in_units("nm", "meV", 0.067)
    figure = plane.states(found(well), [0], density)
    axes, bar = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x (nm)", "y (nm)")
    assert axes.get_title().endswith(") meV")
    assert bar.get_ylabel() == label


def test_maps_are_those_of_psi_with_the_larger_lobe_positive():
    solution = found(Box2D(2.0, 1.0), 2)
    figure = plane.states(solution, [0, 1], density=False)
    drawn, bars = panels(figure)
    assert bars[0].get_ylabel() == "psi"
    (first, one), (second, other) = map(image_of, drawn)
    x, y, _ = grid(solution.potential, plane.POINTS)
    assert one.shape == (81, 161) == (y.size, x.size)
    expected = np.outer(np.sin(np.pi * y), np.sin(np.pi * x / 2.0))
    np.testing.assert_allclose(one, expected, atol=1e-12)
    expected = np.abs(np.outer(np.sin(np.pi * y), np.sin(np.pi * x)))
    np.testing.assert_allclose(np.abs(other), expected, atol=1e-12)
    assert (*first.axes.get_xlim(), *first.axes.get_ylim()) == (0.0, 2.0, 0.0, 1.0)
    # One scale for all, with zero in the middle.
    assert first.get_clim() == second.get_clim() == pytest.approx((-1.0, 1.0))
    squares = plane.states(solution, [0], True).axes[0].images[0]
    assert first.get_cmap().name != squares.get_cmap().name


def test_densities_are_squares_on_a_scale_from_zero():
    well = Box2D(1.0, 1.0)
    image, values = image_of(plane.states(found(well), [1], density=True).axes[0])
    x, y, _ = grid(well, plane.POINTS)
    expected = np.outer(np.sin(np.pi * y), np.sin(2.0 * np.pi * x)) ** 2
    np.testing.assert_allclose(values, expected, atol=1e-12)
    assert image.get_clim() == pytest.approx((0.0, 1.0), rel=1e-3)


def test_densities_do_not_depend_on_a_sign():
    """Of degenerate states any mixture is as good; those that differ by a sign look alike."""
    plus, minus = found(Box2D(), 2), found(Box2D(), 2)
    minus.wavefunctions = lambda points: -plus.wavefunctions(points)
    for density in (True, False):
        one, other = (
            image_of(plane.states(each, [0, 1], density).axes[0])[1] for each in (plus, minus)
        )
        np.testing.assert_array_equal(one, other)


def test_any_functions_are_drawn_as_maps():
    """Those of a basis, by titles and a name of their own."""
    well = Plane(0.0, (-1.0, 1.0, -2.0, 2.0))

    def functions(points):
        x, y = points.T
        return np.stack([x, -3.0 * y**2], axis=-1)

    figure = plane.maps(well, functions, ["first", "second"], label="phi")
    first, second, bar = figure.axes
    assert (first.get_title(), second.get_title(), bar.get_ylabel()) == ("first", "second", "phi")
    x, y, _ = grid(well, plane.POINTS)
    sign = np.sign(image_of(first)[1][-1, -1])
    np.testing.assert_allclose(sign * image_of(first)[1], np.broadcast_to(x, (y.size, x.size)))
    np.testing.assert_allclose(image_of(second)[1][:, 7], 3.0 * y**2)
    assert image_of(second)[0].get_clim() == (-12.0, 12.0)
    squares = plane.maps(well, functions, ["first", "second"], density=True, label="phi")
    assert squares.axes[-1].get_ylabel() == "|phi|^2"
    np.testing.assert_allclose(image_of(squares.axes[1])[1][:, 7], 9.0 * y**4)


def test_boundaries_of_regions_are_drawn_as_lines():
    axes = plane.states(found(CircularDot(1.2)), [0], density=True).axes[0]
    (line,) = axes.lines
    np.testing.assert_allclose(np.hypot(*line.get_xydata().T), 1.2, rtol=1e-14)
    axes = plane.states(found(RectangularDot(3.0, 1.0)), [0], True).axes[0]
    (line,) = axes.lines
    np.testing.assert_allclose(np.abs(line.get_xydata()).max(axis=0), [1.5, 0.5], rtol=1e-14)
    assert len(plane.states(found(CoupledDots()), [0], True).axes[0].lines) == 2
    assert contours(axes) == []


def test_equal_v_is_drawn_up_to_where_states_live():
    axes = plane.states(found(Harmonic2D()), [0], density=True).axes[0]
    (lines,) = contours(axes)
    assert lines.levels.size == plane.LEVELS
    np.testing.assert_allclose(np.diff(lines.levels), lines.levels[0] * 2.0, rtol=1e-9)
    # Three fifths of the box are below the next one.
    x, y = np.meshgrid(*[np.linspace(-6.5, 6.5, 161)] * 2)
    share = np.mean(x**2 + y**2 < lines.levels[-1] + lines.levels[0])
    assert share == pytest.approx(0.6, abs=0.01)
    assert axes.lines[:] == []


def test_contours_are_of_v_that_varies_and_has_no_regions():
    for well in (Box2D(), Plane(50.0, (-3, 3, -3, 3), [Disc((0, 0), 1.0, lambda x, y: x)])):
        assert contours(plane.states(found(well), [0], True).axes[0]) == []
    both = Plane(lambda x, y: x**2, (-3, 3, -3, 3), [Rectangle((-1, 1, -1, 1), 20.0)])
    axes = plane.states(found(both), [0], True).axes[0]
    # Beside the boundary of a region nobody would tell them from one.
    assert contours(axes) == []
    assert len(axes.lines) == 1
    flat = Plane(lambda x, y: 5.0, (-3, 3, -3, 3))
    assert contours(plane.states(found(flat), [0], True).axes[0]) == []


def test_psi_that_is_zero_everywhere_has_a_scale_all_the_same():
    nothing = found(Box2D())
    nothing.wavefunctions = lambda points: np.zeros((len(points), 4))
    image, _ = image_of(plane.states(nothing, [0, 1], density=True).axes[0])
    assert image.get_clim() == (0.0, 1.0)


def test_a_table_has_headings_with_units():
    points, psi = np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[0.1, 0.2], [0.3, 0.4]])
    table = plane.columns(Box2D(), points, psi)
    assert list(table) == ["x", "y", "psi_0", "psi_1"]
    np.testing.assert_array_equal(np.stack(list(table.values())).T, np.hstack([points, psi]))
    table = plane.columns(Box2D().in_units("nm", "meV"), points, psi)
    assert list(table) == ["x (nm)", "y (nm)", "psi_0 (1/nm)", "psi_1 (1/nm)"]
