"""Functions of users: what is wrong with them is said, and where."""

import math

import numpy as np
import pytest

import qwpinn
from qwpinn import CustomPotential, Precise, references

FAST = Precise(epochs=0)


def scalar_if(x):
    return 1.0 if x > 0 else 0.0


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (
            scalar_if,
            ValueError,
            r"must take an array.*single numbers \(The truth value.*np\.where\(",
        ),
        (lambda x: math.sin(x), TypeError, r"must take an array.*take np\.sin, .* for math\.sin"),
        (
            lambda x: None,
            TypeError,
            r"must return an array\. Received: None\. End it with `return`",
        ),
        (lambda x: x + 1j, TypeError, r"real numbers\. Received: dtype=complex128\. Give the real"),
        (
            lambda x: x[:-1],
            ValueError,
            r"must have the shape of x, \(1001,\)\. Received.*\(1000,\)",
        ),
        (
            lambda x: np.max(x),
            ValueError,
            r"Received: shape=\(\)\. For a constant return np\.full_",
        ),
        (lambda x: "5 eV", TypeError, r"must hold real numbers\. Received: dtype=<U4"),
        (lambda x: 1 / (x - 0.25), ValueError, r"Received: V\(0\.25\) = inf\. Model an infinite"),
        (lambda x: np.where(x > 0.5, np.nan, x), ValueError, r"Received: V\(0\.50\d+\) = nan\."),
        (lambda x: undefined, NameError, r"^name 'undefined' is not defined$"),  # noqa: F821
    ],
)
def test_what_is_wrong_with_a_function_is_said_in_one_line(function, error, message):
    # Warnings of NumPy beside it would be errors here.
    with pytest.raises(error, match=message) as info:
        qwpinn.solve(CustomPotential(function, (-1.0, 1.0) if error is TypeError else (0.0, 1.0)))
    assert "\n" not in str(info.value)


@pytest.mark.parametrize(
    ("function", "end", "cure"),
    [
        (lambda x: -1 / x, "0", "0.001, 1"),
        (lambda x: 1 / x**2, "0", "0.001, 1"),
        (lambda x: np.log(x), "0", "0.001, 1"),
        (lambda x: 1 / (1 - x), "1", "0, 0.999"),
        (lambda x: 1 / np.nextafter(1 - x, 2), "1", "0, 0.999"),
        (lambda x: np.sqrt(x), "0", "0.001, 1"),
        (lambda x: 50 * (1 - x) ** 1.5, "1", "0, 0.999"),
    ],
    ids=["coulomb", "centrifugal", "log", "right", "huge", "root", "power"],
)
def test_a_singular_end_is_called_so_with_the_cure(function, end, cure):
    message = (
        rf"is singular at the end x={end}\. Received: .*e\.g\. interval=\({cure}\), the nearer"
    )
    with pytest.raises(ValueError, match=message):
        qwpinn.solve(CustomPotential(function, (0.0, 1.0)), 1, recipe=FAST)


def test_the_cure_of_a_singular_end_works():
    well = CustomPotential(lambda x: -1 / x, (0.001, 1.0))
    solution = qwpinn.solve(well, 1, recipe=FAST)
    assert solution.converged
    exact = references.legendre_galerkin(well, 1).energies
    np.testing.assert_allclose(solution.energies, exact, rtol=1e-7)


def test_a_python_number_is_a_constant():
    box = qwpinn.solve(CustomPotential(lambda x: 3.0, (0.0, 1.0)), 1, recipe=FAST)
    np.testing.assert_allclose(box.energies, [3.0 + math.pi**2], rtol=1e-9)
    np.testing.assert_allclose(box.expectation(lambda x: 2), [2.0], rtol=1e-12)


def test_warnings_of_values_that_are_not_used_are_not_shown():
    half = CustomPotential(lambda x: np.where(x > 0.5, 1 / x, 2.0), (0.0, 1.0), (0.5,))
    assert qwpinn.solve(half, recipe=FAST).converged


def test_one_position_gives_one_row():
    solution = qwpinn.solve(qwpinn.FiniteWell(), states=2, recipe=FAST)
    np.testing.assert_array_equal(solution.wavefunctions(0.5), solution.wavefunctions([0.5])[0])
    np.testing.assert_array_equal(solution.slopes(0.5), solution.slopes([0.5])[0])
    assert solution.wavefunctions(np.float64(0.5)).shape == (2,)
    with pytest.raises(ValueError, match=r"`x` must lie in the closed interval.*Received: 4\.0"):
        solution.wavefunctions(4.0)


def test_one_position_is_in_all_members_of_a_family():
    family = qwpinn.Family(qwpinn.InfiniteWell, width=(1.0, 2.0))
    model = qwpinn.FamilyPINN.for_family(family, states=1, units=24)
    p = [[1.2], [1.8]]
    found = model.wavefunctions(0.5, p)
    assert found.shape == (2, 1)
    np.testing.assert_array_equal(found, model.wavefunctions([0.5, 0.5], p))
