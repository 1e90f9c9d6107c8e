"""A weight rho that varies smoothly with x: levels known from a change of variables."""

import numpy as np
import pytest

import qwpinn
from qwpinn import references
from qwpinn.potentials import CustomPotential, potential_from_config
from qwpinn.solving.recipes import Precise

N = np.arange(1, 4)
# x^2 psi'' = -E psi (Euler): psi = x^(1/2) sin(s log x), E = 1/4 + s^2.
EULER = CustomPotential(np.zeros_like, (1.0, 4.0), weight=lambda x: 1.0 / x**2)
# Liouville: psi = (1 + x) sin(k y), y = x / (1 + x), from 0 to 1/2.
FOURTH = CustomPotential(np.zeros_like, (0.0, 1.0), weight=lambda x: (1.0 + x) ** -4.0)
EXACT = {
    "euler": (EULER, 0.25 + (N * np.pi / np.log(4.0)) ** 2),
    "fourth": (FOURTH, (2.0 * N * np.pi) ** 2),
    # In s = e^x, Bessel's equation of order 1/2: psi = s^(-1/2) sin(k (s - 1)).
    "bessel": (
        CustomPotential(
            lambda x: 0.25 * np.exp(-2.0 * x), (0.0, np.log(2.0)), weight=lambda x: np.exp(2.0 * x)
        ),
        (N * np.pi) ** 2,
    ),
}


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("units", [None, ("nm", "eV")])
def test_levels_with_a_smooth_weight(name, units):
    potential, levels = EXACT[name]
    if units is not None:
        potential = potential.in_units(*units)
    if units is not None and name == "bessel":
        # V is not scaled with hbar^2/2m: another problem.
        levels = references.legendre_galerkin(potential, 3).energies
    else:
        levels = potential.kinetic * levels
    galerkin = references.legendre_galerkin(potential, 3)
    np.testing.assert_allclose(galerkin.energies, levels, rtol=1e-11)
    differences = references.finite_differences(potential, 3).energies
    np.testing.assert_allclose(differences, levels, rtol=1e-8)
    for k, level in enumerate(levels):
        sides = [references.count_below(potential, (1 + e) * level) for e in (-1e-9, 1e-9)]
        assert sides == [k, k + 1]
    solution = qwpinn.solve(potential, states=3, recipe=Precise(epochs=0))
    assert solution.converged
    assert np.all((solution.lower <= levels) & (levels <= solution.upper))
    np.testing.assert_allclose(solution.energies, levels, rtol=1e-9)
    assert np.all(solution.error(galerkin) <= solution.state_errors)
    x = np.linspace(*potential.interval, 20001)
    density = potential.weight(x)[:, None] * solution.wavefunctions(x) ** 2
    np.testing.assert_allclose(np.trapezoid(density, x, axis=0), 1.0, rtol=1e-7)
    total = solution.expectation("T") + solution.expectation("V")
    np.testing.assert_allclose(total, solution.energies, rtol=1e-8)


def test_enclosures_hold_for_weights_at_random():
    generator = np.random.default_rng(0)
    for _ in range(6):
        height, size, rate = 20 * generator.normal(), generator.normal(), generator.uniform(0.5, 12)
        potential = CustomPotential(
            lambda x, height=height: height * np.sin(3.0 * x),
            (-1.0, 1.5),
            weight=lambda x, size=size, rate=rate: np.exp(1.5 * size * np.sin(rate * x)),
        )
        solution = qwpinn.solve(potential, states=3, recipe=Precise(epochs=0))
        exact = references.legendre_galerkin(potential, 3).energies
        rounding = 1e-12 * (exact - potential.minimum)
        assert np.all(solution.lower <= exact + rounding)
        assert np.all(exact - rounding <= solution.upper)
        assert np.all(solution.quantum_numbers == [0, 1, 2])


def test_a_kink_of_the_weight_is_found_and_placed():
    kinked = CustomPotential(np.zeros_like, (0, 2), weight=lambda x: 1.0 + np.abs(x - 0.7))
    with pytest.raises(ArithmeticError, match=r"CustomPotential with a kink at x=0.7"):
        references.count_below(kinked, 10.0)
    for potential in (kinked, kinked.in_units("nm", "eV")):
        solution = qwpinn.solve(potential, 1, recipe=Precise(epochs=0))
        assert solution.potential.breakpoints == pytest.approx((0.7,), abs=1e-8)
        declared = potential.with_breakpoints([0.7])
        exact = references.legendre_galerkin(declared, 1).energies
        np.testing.assert_allclose(solution.energies, exact, rtol=1e-9)


def test_a_weight_is_stored_with_its_table():
    restored = potential_from_config(EULER.to_config())
    x = np.linspace(1.0, 4.0, 31)
    np.testing.assert_allclose(restored.weight(x), 1.0 / x**2, rtol=1e-12)
    assert CustomPotential(np.square, (0, 1)).weight([0.5]) == 1.0
    assert CustomPotential(np.zeros_like, (1.0, 4.0), weight=EULER.weight.function) == EULER
    assert CustomPotential(np.zeros_like, (1.0, 4.0)) != EULER


def test_weights_scale_and_move_along():
    doubled = 2.0 * EULER
    np.testing.assert_array_equal(doubled.weight([2.0]), [0.25])
    np.testing.assert_array_equal(EULER.shifted(1.0).weight([3.0]), [0.25])
    half = EULER.in_length(2.0)
    assert half.interval == (0.5, 2.0)
    np.testing.assert_array_equal(half.weight([1.0]), [0.25])
    with pytest.raises(ValueError, match="must have the weight rho of `first`"):
        EULER + CustomPotential(np.zeros_like, (1.0, 4.0))


@pytest.mark.parametrize(
    ("weight", "error", "message"),
    [
        (lambda x: x - 0.5, ValueError, r"`weight\(x\)` must be positive. Received: -0.5 at x=0"),
        (np.zeros_like, ValueError, r"`weight\(x\)` must be positive. Received: 0 at x=0"),
        (
            lambda x: np.full_like(x, np.inf),
            ValueError,
            r"`weight` must be finite everywhere .* Received: weight\(0\) = inf",
        ),
        (lambda x: x[:1], ValueError, r"`weight\(x\)` must have the shape of x, \(3,\)"),
        (3.0, TypeError, "`weight` must be callable. Received: weight of type float"),
    ],
)
def test_a_bad_weight_is_refused(weight, error, message):
    with pytest.raises(error, match=message):
        CustomPotential(np.zeros_like, (0, 1), weight=weight).weight(np.array([0.0, 0.5, 1.0]))


def test_a_subclass_may_have_a_weight_of_its_own():
    class Heavy(CustomPotential):
        def weight(self, x):
            return np.full_like(np.asarray(x, np.float64), 4.0)

    heavy = Heavy(np.zeros_like, (0.0, 1.0))
    assert heavy.weight([0.5]).tolist() == [4.0]
    levels = qwpinn.solve(heavy, 2, recipe=Precise(epochs=0)).energies
    np.testing.assert_allclose(levels, [np.pi**2 / 4.0, np.pi**2], rtol=1e-9)


@pytest.mark.parametrize("power", [0.5, 1.5])
@pytest.mark.parametrize("breakpoints", [(), (0.123,)])
def test_a_cusp_is_told_from_a_kink(power, breakpoints):
    cusp = CustomPotential(lambda x: np.abs(x - 0.123) ** power, (-3.0, 3.0), breakpoints)
    with pytest.raises(ValueError, match=r"slope or curvature has no bound at x=0\.123, as of a"):
        qwpinn.solve(cusp, 1, recipe=Precise(epochs=0))
