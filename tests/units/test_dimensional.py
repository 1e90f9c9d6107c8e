"""What a potential knows of the units of its fields and of its equation."""

import numpy as np
import pytest

from qwpinn import references
from qwpinn.potentials import (
    FiniteWell,
    Harmonic,
    Heterostructure,
    Layer,
    Morse,
    PiecewiseConstant,
    Potential,
    Quartic,
)


def test_default_walls_fit_the_constant():
    for potential in (Harmonic(0.5), Morse(5.0, 2.0), Quartic()):
        wide = potential.in_units("A", "cm^-1")
        unit = wide.kinetic**0.5
        inside = potential.in_length(unit)
        again = type(potential)(inside.depth, inside.alpha) if potential.name == "morse" else inside
        np.testing.assert_allclose(wide.interval, np.multiply(unit, again.interval), rtol=1e-12)
    given = Harmonic(0.5, box=10.0).in_units("A", "cm^-1")
    assert given.interval == (-5.0, 5.0)
    assert Morse(5.0, 2.0, 0.0, (-2, 9)).in_units("A", "cm^-1").interval == (-2.0, 9.0)
    # And go along with a number that varies.
    moved = Morse(5.0, 2.0).in_units("nm", "eV").varied("depth", 10.0)
    assert moved.interval == Morse(10.0, 2.0).in_units("nm", "eV").interval


def test_an_unknown_field_is_pythons_own_error():
    with pytest.raises(TypeError, match="unexpected keyword argument 'widht'"):
        FiniteWell(widht=1.0)


def test_your_own_class_has_units_too():
    class Own(Potential):
        """Without dataclass, and with a mass of its own."""

        def __init__(self, mass):
            self.mass = mass

        @property
        def interval(self):
            return (0.0, 1.0)

        def __call__(self, x):
            return np.zeros_like(np.asarray(x, float))

    own = Own(mass=3.0).in_units("nm", "eV")
    assert references.legendre_galerkin(own, 1).energies[0] == pytest.approx(0.37603016)
    with pytest.raises(LookupError, match="must say the `dimensions` of its fields"):
        own.levels(1)


def test_what_holds_today_is_a_system_too():
    well = FiniteWell()
    assert well.in_units("hbar^2/2m=1") is well
    assert well.equation == "-psi'' + V psi = E psi, hbar^2/2m = 1"
    weighted = PiecewiseConstant([0, 1, 2], [0, 1], [1.0, 2.0])
    assert weighted.equation == "-psi'' + rho (V - E) psi = 0"
    assert (
        weighted.in_units("hbar=m=1").equation == "-1/2 psi'' + rho (V - E) psi = 0, hbar = m = 1"
    )
    assert "hbar^2/2m0 = 38.0998 meV nm^2" in Heterostructure([Layer(5.0, "GaAs")]).equation
