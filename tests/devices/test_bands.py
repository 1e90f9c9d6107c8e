"""Bands in their normal form: x, rho and the mass at an energy."""

import numpy as np
from devices import single_well
from problems import gaas_well, gaas_well_in_field
from scipy.optimize import approx_fprime

from qwpinn import Heterostructure, Layer, references
from qwpinn.units.quantities import KINETIC

TWO_BANDS = Heterostructure(
    [Layer(15.0, "AlGaAs", 0.3), Layer(8.0, "GaAs"), Layer(15.0, "AlGaAs", 0.3)],
    field=30.0,
    nonparabolic=True,
)


def test_the_normal_form_is_that_of_the_tables():
    """Angstrom there, nm here: x and rho scale, V and the levels do not."""
    for device, other in (
        (single_well(), gaas_well(60.0, 200.0)),
        (single_well(40.0), gaas_well_in_field(60.0, 200.0, 40.0)),
    ):
        form = device.normal_form
        np.testing.assert_allclose(10.0 * np.array(form.breakpoints), other.breakpoints, rtol=1e-14)
        x = np.linspace(*form.interval, 101)[1:-1]
        np.testing.assert_allclose(form(x), other(10.0 * x), rtol=1e-12, atol=1e-11)
        np.testing.assert_allclose(form.weight(x), 100.0 * other.weight(10.0 * x), rtol=1e-9)


def test_a_huge_gap_is_a_parabolic_band():
    layers = [
        Layer(10.0, offset=200.0, mass=0.09, gap=1e9), Layer(7.0, offset=0.0, mass=0.067, gap=1e9),
        Layer(10.0, offset=200.0, mass=0.09),
    ]  # fmt: skip
    found = references.exact(Heterostructure(layers, nonparabolic=True), 2).energies
    expected = references.exact(Heterostructure(layers), 2).energies
    # The first order in V / gap.
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert np.all(found != expected)


def test_the_mass_at_an_energy():
    gap, mass = TWO_BANDS.gaps[1], TWO_BANDS.masses[1]
    z, energy = np.array([19.0]), 100.0
    expected = mass * (1.0 + (energy - TWO_BANDS(z)) / gap)
    np.testing.assert_allclose(TWO_BANDS.mass(z, energy), expected, rtol=1e-15)
    np.testing.assert_allclose(TWO_BANDS.mass(z), mass)
    form = TWO_BANDS.at(energy).normal_form
    x = TWO_BANDS.at(energy).to_normal(z)
    np.testing.assert_allclose(form.weight(x), 1.0 / (KINETIC * expected), rtol=1e-13)
    np.testing.assert_allclose(form(x), TWO_BANDS(z), atol=1e-12)


def test_x_is_the_integral_of_the_mass():
    device = TWO_BANDS.at(80.0)
    form = device.normal_form
    np.testing.assert_allclose(device.to_normal(form.edges), form.normal_edges, rtol=1e-14)
    for z in (1.0, 17.0, 22.9, 30.0):
        slope = approx_fprime([z], lambda z: float(device.to_normal(z[0])), 1e-6)
        np.testing.assert_allclose(slope, TWO_BANDS.mass(np.array([z]), 80.0), rtol=1e-5)


def test_psi_and_its_flux_are_continuous():
    spectrum = references.exact(single_well(), 2)
    for edge in (20.0, 26.0):
        step = 1e-5
        left = spectrum.wavefunctions([edge - step, edge])
        right = spectrum.wavefunctions([edge, edge + step])
        flux = np.diff(left, axis=0) / 0.0836, np.diff(right, axis=0) / 0.067
        if edge > 23.0:
            flux = np.diff(left, axis=0) / 0.067, np.diff(right, axis=0) / 0.0836
        np.testing.assert_allclose(*flux, rtol=1e-4)
    z = np.linspace(0.0, 46.0, 46001)
    np.testing.assert_allclose(
        np.sum(spectrum.wavefunctions(z) ** 2, axis=0) * 1e-3, 1.0, atol=1e-6
    )
