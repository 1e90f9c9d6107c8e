"""Jumps and kinks that nobody declared: found, placed, and never taken for something else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

import qwpinn
from qwpinn import references
from qwpinn.equation.hidden import hidden
from qwpinn.equation.minimum import minimum
from qwpinn.equation.smoothness import irregularities, narrow
from qwpinn.potentials import CustomPotential, Segmented, potential_from_config
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


def test_what_moves_no_level_is_not_hidden():
    step = CustomPotential(lambda x: x**2 + 1e-9 * (x > 0.3), (-8, 8))
    assert hidden(step, energy=1.0e3) == ()
    assert [str(point) for point in hidden(step, energy=0.5)] == ["a jump"]


# The exact levels are from the same wells with the point declared, by Legendre-Galerkin.
UNDECLARED = [
    (lambda x: 555.5 * x**2 + 53.15 * np.abs(x - 1e-4), 1e-4, 29.54685147),
    (lambda x: 597.857 * x**2 + 0.00415257 * (x > 0.108924), 0.108924, 24.4520409729492),
    (lambda x: 164.185 * x**2 + 0.00146876 * (x > 0.250384), 0.250384, None),
]


@pytest.mark.parametrize(("function", "place", "known"), UNDECLARED)
def test_solve_places_what_is_not_declared_and_says_where(function, place, known):
    well = CustomPotential(function, (-1.0, 1.0))
    solution = qwpinn.solve(well, states=2, recipe=qwpinn.Precise(epochs=0))
    exact = references.legendre_galerkin(CustomPotential(function, (-1.0, 1.0), (place,)), 2)
    assert solution.converged
    assert np.all(solution.lower <= exact.energies)
    assert np.all(exact.energies <= solution.upper)
    if known is not None:
        assert exact.energies[0] == pytest.approx(known, rel=1e-9)
    assert solution.potential.breakpoints == pytest.approx((place,), abs=1e-12)
    assert any(f"not smooth at x = {place:.9g}" in note for note in solution.notes)


def test_everything_else_refuses_it_with_its_position():
    well = CustomPotential(lambda x: 50.0 * np.abs(x - 0.25), (-1.0, 1.0))
    cure = r"a kink at x=0\.25\. Give potential\.with_breakpoints"
    with pytest.raises(ArithmeticError, match=cure):
        references.count_below(well, 40.0)
    with pytest.raises(ArithmeticError, match=cure):
        qwpinn.collocation(well)
    with pytest.raises(ArithmeticError, match=cure):
        qwpinn.QuantumWellPINN.for_potential(well, states=1)
    declared = well.with_breakpoints([0.25])
    assert references.count_below(declared, 40.0) == 2


def test_a_function_is_never_asked_about_nothing():
    sizes = []

    def counted(x):
        sizes.append(x.size)
        return 9.0 * x**2

    qwpinn.solve(CustomPotential(counted, (0.0, 1.0)), recipe=qwpinn.Precise(units=20, epochs=0))
    assert min(sizes) > 0


def test_too_many_pieces_are_no_potential():
    x = np.linspace(-1.0, 1.0, 1001)
    well = CustomPotential(lambda t: 40.0 * np.interp(t, x, np.sin(9.0 * x)), (-1.0, 1.0))
    with pytest.raises(ArithmeticError, match=r"9\d\d jumps and kinks, the first at x=-0\.99"):
        qwpinn.solve(well)


def test_noise_is_refused():
    def noisy(x):
        return x**2 + 1e-4 * np.sin(1e9 * x)

    with pytest.raises(ArithmeticError, match=r"must be smooth between its breakpoints"):
        qwpinn.solve(CustomPotential(noisy, (-3.0, 3.0)), recipe=qwpinn.Precise(units=40, epochs=0))


def test_segments_are_stored_with_the_well():
    inner = qwpinn.potentials.Quartic()
    more = inner.with_breakpoints([0.5]).with_breakpoints([-0.25, 0.5])
    assert isinstance(more, Segmented)
    assert (more.breakpoints, more.name, more.even) == ((-0.25, 0.5), "quartic", True)
    assert potential_from_config(more.to_config()) == more
    step = CustomPotential(lambda x: 3.0 * (x > 0.1), (0.0, 1.0)).with_breakpoints([0.1])
    table = potential_from_config(step.to_config())
    x = np.array([0.05, 0.0999999, 0.1000001, 0.7])
    np.testing.assert_array_equal(table(x), step(x))
    assert table.breakpoints == (0.1,)


def test_segments_refuse_points_outside():
    with pytest.raises(ValueError, match=r"`points` must lie strictly inside the interval"):
        qwpinn.InfiniteWell().with_breakpoints([1.0])


@settings(max_examples=40, deadline=None)
@given(st.floats(-0.99, 0.99), st.floats(1.0, 1e5), st.floats(-1e3, 1e3))
def test_the_minimum_is_found_between_grid_points(place, curvature, height):
    found = minimum(lambda x: height + curvature * (x - place) ** 2, EDGES)
    assert found == pytest.approx(height, abs=1e-9 * curvature * 1e-4 + 1e-12 * abs(height))


def test_the_minimum_on_either_side_of_a_breakpoint():
    well = CustomPotential(lambda x: np.where(x < 0.3, -x, 1.0 - x), (-1.0, 1.0), (0.3,))
    assert well.minimum == pytest.approx(-0.3, abs=1e-12)
    assert qwpinn.FiniteWell(depth=7.0).minimum == 0.0
    assert (qwpinn.potentials.Harmonic() - 5.0).minimum == pytest.approx(-5.0, abs=1e-12)
