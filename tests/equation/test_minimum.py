"""The minimum between grid points and on either side of breakpoints."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qwpinn
from qwpinn.equation.minimum import minimum
from qwpinn.potentials import CustomPotential

EDGES = np.array([-1.0, 1.0])


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


@settings(max_examples=20, deadline=None)
@given(st.floats(-0.99, 0.99), st.floats(1e-3, 1e3))
def test_the_minimum_is_found_beside_a_jump_and_at_a_kink(place, slope):
    beside = minimum(lambda x: np.where(x < place, -slope * x, slope), EDGES)
    assert beside == pytest.approx(-slope * place, abs=1e-11 * slope)
    assert 0.0 <= minimum(lambda x: slope * np.abs(x - place), EDGES) < 1e-11 * slope
