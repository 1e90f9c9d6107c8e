"""Jumps and kinks that nobody declared: placed by `solve`, refused elsewhere."""

import numpy as np
import pytest

import qwpinn
from qwpinn import references
from qwpinn.equation.hidden import hidden
from qwpinn.potentials import CustomPotential


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
