"""Transfer matrices: angles behind panels of smooth V and rho, against closed forms."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwpinn.equation.transfer import Transfer
from qwpinn.potentials import CustomPotential, Harmonic

FLAT = CustomPotential(lambda x: 0.0 * x, (0.0, 2.0), weight=lambda x: 0.0 * x + 3.0)


@settings(max_examples=40, deadline=None)
@given(st.floats(-2.9, 2.9), st.floats(0.0, math.pi), st.booleans())
def test_the_angle_behind_a_constant_panel_is_known(square, theta, backwards):
    """psi'' = -square psi in a panel of width 1, from either side."""
    edges = np.array([1.5, 0.5] if backwards else [0.5, 1.5])
    found = Transfer(FLAT, square / 3.0, edges).angle_after(0, theta)
    root = complex(square) ** 0.5 or 1e-9
    sine, cosine = (np.sin(root) / root).real, np.cos(root).real
    psi = cosine * math.sin(theta) + sine * math.cos(theta)
    slope = cosine * math.cos(theta) - square * sine * math.sin(theta)
    assert math.sin(found) * slope == pytest.approx(math.cos(found) * psi, abs=1e-12)
    assert -math.pi / 2 < found - theta < math.pi
    if square > 0.0:
        assert found > theta


def test_the_ground_state_turns_as_its_gaussian_does():
    """tan(theta) = psi / (width psi') = -1 / (width x)."""
    edges = np.linspace(-3.0, -0.5, 6)
    transfer, width = Transfer(Harmonic(), 1.0, edges), 0.5
    for at, (left, right) in enumerate(itertools.pairwise(edges.tolist())):
        found = transfer.angle_after(at, math.atan(-1.0 / (width * left)))
        assert found == pytest.approx(math.atan(-1.0 / (width * right)), abs=1e-12)


def test_what_does_not_settle_or_is_too_steep_has_no_angle():
    jump = CustomPotential(lambda x: np.where(x < 0.3, 0.0, 2.0), (0.0, 1.0))
    assert Transfer(jump, 1.0, np.array([0.0, 1.0])).angle_after(0, 0.1) is None
    edges = np.array([0.0, 1.0, 2.0])
    for energy in (3.01, -3.01):  # |q| width^2 = 9.03
        assert Transfer(FLAT, energy, edges).angle_after(1, 0.1) is None
    root = math.sqrt(3.0 * 2.99)
    psi = math.cos(root) * math.sin(0.1) + math.sin(root) / root * math.cos(0.1)
    slope = math.cos(root) * math.cos(0.1) - root * math.sin(root) * math.sin(0.1)
    settled = Transfer(FLAT, 2.99, edges).angle_after(1, 0.1)
    assert settled == pytest.approx(math.atan2(psi, slope) % (2.0 * math.pi), abs=1e-13)
