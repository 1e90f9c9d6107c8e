"""Jumps, kinks and narrow features: found to the last digit, never seen where there are none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

import qwpinn
from qwpinn import references
from qwpinn.equation.smoothness import irregularities, narrow
from qwpinn.potentials import CustomPotential
from qwpinn.quadrature import gauss_legendre

EDGES = np.array([-1.0, 1.0])


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-0.98, 0.98), st.floats(-6, 3), st.sampled_from([-1.0, 1.0]), st.floats(0.0, 600.0)
)
def test_a_jump_is_found_to_the_last_digit(place, exponent, sign, curvature):
    height = sign * 10.0**exponent
    (found,) = irregularities(lambda x: curvature * x**2 + height * (x >= place), EDGES)
    assert found.order == 0
    assert found.position == pytest.approx(place, abs=4e-16)
    noise = 1e-14 * (curvature + abs(height))
    assert found.size == pytest.approx(abs(height), rel=1e-3, abs=10 * noise)


@settings(max_examples=60, deadline=None)
@given(st.floats(-0.98, 0.98), st.floats(-1, 3), st.floats(0.0, 600.0))
def test_a_kink_is_found_where_it_bends(place, exponent, curvature):
    slope = 10.0**exponent
    (found,) = irregularities(lambda x: curvature * x**2 + slope * np.abs(x - place), EDGES)
    assert found.order == 1
    assert found.position == pytest.approx(place, abs=1e-14 * (1.0 + curvature / slope) + 1e-15)
    assert slope <= found.size <= 4.001 * slope


def test_two_steps_a_thousandth_apart_are_two():
    found = irregularities(lambda x: 5.0 * ((x > 0.3) & (x < 0.302)) + x, EDGES)
    np.testing.assert_allclose([point.position for point in found], [0.3, 0.302], atol=1e-15)


@pytest.mark.parametrize(
    "smooth",
    [
        lambda x: 600.0 * x**2,
        lambda x: np.exp(30.0 * x),
        lambda x: 1e3 * np.exp(-((x - 0.1) ** 2) / 1e-6),
        lambda x: np.cos(300.0 * x) + np.cos(2000.0 * x),
        lambda x: np.tanh(x / 1e-5),
        lambda x: 1e9 + x**2,
        lambda x: (x - 3.0) ** 40 / 4.0**40,
        lambda x: np.abs(x) ** 3,
        CubicSpline(np.linspace(-1, 1, 101), np.sin(7 * np.linspace(-1, 1, 101))),
        np.zeros_like,
    ],
)
def test_what_is_smooth_enough_is_left_alone(smooth):
    """Steep, narrow, fast, or with a third derivative that jumps, as at the knots of a spline."""
    assert irregularities(smooth, EDGES) == ()


def test_edges_may_do_what_they_like():
    assert irregularities(lambda x: np.abs(x) + (x >= 0.5), np.array([-1.0, 0.0, 0.5, 1.0])) == ()


@settings(max_examples=25, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(-4.5, -3.0), st.floats(-6.0, 6.0))
def test_panels_resolve_what_is_narrower_than_a_cell(place, exponent, height):
    """Both rules integrate a spike that a grid point sees, whatever its height, to ten digits."""
    place, width = round(place * 4096) / 4096, 10.0**exponent

    def spike(x):
        return 10.0**height * np.exp(-0.5 * ((x - place) / width) ** 2)

    for ends in narrow(spike, np.array([0.0, 1.0])):
        rule = gauss_legendre(np.union1d(np.linspace(0.0, 1.0, 61), ends), 15)
        exact = 10.0**height * width * np.sqrt(2.0 * np.pi)
        assert rule.weights @ spike(rule.nodes) == pytest.approx(exact, rel=1e-10)


def test_steep_or_fast_functions_need_no_panels_of_their_own():
    for smooth in (lambda x: np.exp(30.0 * x), lambda x: np.cos(100.0 * x), np.zeros_like):
        assert narrow(smooth, EDGES)[0].size == 0


@pytest.mark.parametrize("height", [4.613, 1000.0])
def test_a_spike_between_the_nodes_is_never_missed(height):
    """Two quadratures and a count used to step over it, and to agree."""
    place, width = 0.7062867375936048, 2e-5

    def function(x):
        return height * np.exp(-0.5 * ((x - place) / width) ** 2) + 5.0 * x

    well = CustomPotential(function, (0.0, 1.0))
    around = place + width * np.array([-8.0, -3.0, 0.0, 3.0, 8.0])
    exact = references.legendre_galerkin(well.with_breakpoints(around), 2).energies
    found = qwpinn.solve(well, 2, recipe=qwpinn.Precise(units=60, epochs=0))
    assert np.all((found.lower <= exact) & (exact <= found.upper))


def test_a_ground_state_in_a_narrow_dip_is_never_missed():
    place = 0.48475065836693904

    def function(x):
        return -3e6 * np.exp(-0.5 * ((x - place) / 2e-5) ** 2) + 5.0 * x

    found = qwpinn.solve(
        CustomPotential(function, (0.0, 1.0)), 2, recipe=qwpinn.Precise(units=60, epochs=0)
    )
    assert not found.converged
    assert found.lower[0] <= -5633.328 <= found.upper[0]


def test_a_jump_of_the_curvature_is_told_from_a_kink():
    (found,) = irregularities(lambda x: 1e7 * x * np.abs(x), EDGES)
    assert (found.order, str(found)) == (2, "a jump of its curvature")


def test_a_function_is_never_asked_about_nothing():
    sizes = []

    def counted(x):
        sizes.append(x.size)
        return 9.0 * x**2

    qwpinn.solve(CustomPotential(counted, (0.0, 1.0)), recipe=qwpinn.Precise(units=20, epochs=0))
    assert min(sizes) > 0


def test_a_trace_that_grows_as_its_points_close_in_is_a_jump():
    """Too fast for every grid, and of what size: an order below zero used to be an error."""
    edges = np.unique([-1.0, *np.random.default_rng(0).uniform(-1.0, 1.0, 300), 1.0])
    found = irregularities(lambda x: np.sin(3.0 * x) + 1e-9 * np.sin(1e7 * x), edges)
    assert {point.order for point in found} == {0, 1, 2}
    assert all(edges[0] <= point.position <= edges[-1] for point in found)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-0.9, 0.9), max_size=12), st.integers(0, 2**32 - 1))
def test_no_stretch_is_passed_over(points, seed):
    """Jumps in some of many stretches: all of them, and none elsewhere."""
    edges = np.unique(np.round([-1.0, *points, 1.0], 3))
    middles = 0.4 * edges[:-1] + 0.6 * edges[1:]
    chosen = middles[np.random.default_rng(seed).random(middles.size) < 0.5]
    found = irregularities(lambda x: np.exp(x) + np.sum(x[:, None] >= chosen, axis=1), edges)
    np.testing.assert_allclose([point.position for point in found], chosen, atol=1e-15)
