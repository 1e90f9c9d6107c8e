import numpy as np
import pytest

import qwpinn
from qwpinn.scaling import Scaling


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e6])
def test_scaled_levels_do_not_depend_on_the_unit_of_length(scale):
    well = qwpinn.FiniteWell(depth=20.0 / scale**2, width=2.0 * scale, box=6.0 * scale)
    scaled = Scaling.for_potential(well).energy(well.levels(3))
    np.testing.assert_allclose(scaled, 9.0 * qwpinn.FiniteWell().levels(3), rtol=1e-12)


def test_interval_is_mapped_to_minus_one_and_one_and_back():
    scaling = Scaling((2.0, 5.0), energy_origin=-3.0, weight_unit=4.0)
    np.testing.assert_array_equal(scaling.position(np.array([2.0, 3.5, 5.0])), [-1.0, 0.0, 1.0])
    np.testing.assert_allclose(scaling.own_energy(scaling.energy(7.5)), 7.5, rtol=1e-15)
    assert scaling.energy_unit == pytest.approx(1.0 / (1.5**2 * 4.0))


def test_amplitude_keeps_the_norm():
    scaling = Scaling((2.0, 5.0), weight_unit=4.0)
    x = np.linspace(2.0, 5.0, 20001)
    chi = np.cos(np.pi / 2 * scaling.position(x))  # integral of chi^2 over [-1, 1] is 1
    norm = np.trapezoid(4.0 * (scaling.amplitude * chi) ** 2, x)
    assert norm == pytest.approx(1.0, abs=1e-8)


def test_energy_origin_is_the_bottom_of_the_potential():
    shifted = qwpinn.PiecewiseConstant([0.0, 0.3, 1.0], [7.0, -2.0])
    assert Scaling.for_potential(shifted).energy_origin == -2.0
