"""The clock: hbar in every system of units."""

import pytest

from qwpinn import Heterostructure, Layer
from qwpinn.potentials import Harmonic, InfiniteWell
from qwpinn.references.clock import hbar


def test_hbar_is_one_where_units_have_no_names_and_in_atomic_ones():
    for system in ("hbar^2/2m=1", "hbar=m=1", "hartree"):
        assert hbar(Harmonic().in_units(system)) == 1.0


@pytest.mark.parametrize(
    ("length", "energy", "expected"),
    [
        ("nm", "meV", 658.2119569509),  # CODATA 2022: 6.582119569509e-16 eV s
        ("A", "eV", 0.6582119569509),
        ("bohr", "eV", 0.6582119569509),
        ("nm", "hartree", 0.024188843265864),  # the atomic unit of time in fs
        ("nm", "THz", 1e3 / (2.0 * 3.141592653589793)),  # h nu = 1 THz lasts 1000 fs
    ],
)
def test_named_units_have_times_in_fs(length, energy, expected):
    well = InfiniteWell().in_units(length, energy)
    assert hbar(well) == pytest.approx(expected, rel=1e-11)


def test_a_heterostructure_has_times_in_fs():
    device = Heterostructure([Layer(10.0, mass=0.067, offset=0.0)])
    assert hbar(device) == pytest.approx(658.2119569509, rel=1e-12)
