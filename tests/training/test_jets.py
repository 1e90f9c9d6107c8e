"""Jets: Leibniz's rule, and tanh by tapes."""

import numpy as np
import pytest
import tensorflow as tf

from qwpinn.training.jets import LENGTH, Jet, tanh, tanh_with_derivative


def test_a_product_has_the_derivatives_of_the_product():
    x = np.linspace(-2.0, 2.0, 9)
    sine, line = Jet(np.sin(x), np.cos(x), -np.sin(x)), Jet(x, np.ones(9), np.zeros(9))
    found = sine.times(line)
    np.testing.assert_allclose(found.value, x * np.sin(x), rtol=1e-15)
    np.testing.assert_allclose(found.slope, np.sin(x) + x * np.cos(x), rtol=1e-15)
    np.testing.assert_allclose(found.curvature, 2 * np.cos(x) - x * np.sin(x), rtol=1e-14)


def test_a_function_of_a_function_has_the_derivatives_of_the_chain_rule():
    x = np.linspace(-2.0, 2.0, 9)
    found = Jet(x**2, 2.0 * x, 2.0).through(np.sin(x**2), np.cos(x**2), -np.sin(x**2))
    np.testing.assert_allclose(found.value, np.sin(x**2), rtol=1e-15)
    np.testing.assert_allclose(found.slope, 2.0 * x * np.cos(x**2), rtol=1e-15)
    curvature = 2.0 * np.cos(x**2) - 4.0 * x**2 * np.sin(x**2)
    np.testing.assert_allclose(found.curvature, curvature, rtol=1e-14)


@pytest.mark.parametrize("shape", [(1,), (7, 3), (LENGTH,), (LENGTH + 1,), (3, LENGTH)])
def test_tanh_of_any_number_of_points_in_closed_form(rng, shape):
    z = Jet(*rng.normal(size=(3, *shape)))
    phi, derivative = tanh_with_derivative(z)
    y = np.tanh(z.value)
    s = 1.0 - y**2
    curvature = s * z.curvature - 2.0 * y * s * z.slope**2
    for found, expected in zip(phi, (y, s * z.slope, curvature), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
    # Of s along the same line.
    slope = -2.0 * y * s * z.slope
    bend = -2.0 * s * (s * z.slope**2 + y * (z.curvature - 2.0 * y * z.slope**2))
    for found, expected in zip(derivative, (s, slope, bend), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("count", [1, 3, 64, 65, 1000, LENGTH, LENGTH + 7])
def test_no_digit_depends_on_how_many_go_with_it(rng, count):
    z = np.concatenate([rng.normal(size=5), np.full(LENGTH + 7, 0.3)])
    alone = [tanh_with_derivative(Jet(*np.full((3, 1), number))) for number in z[:5]]
    many = tanh_with_derivative(Jet(*np.tile(z[:count], (3, 1))))
    for k, one in enumerate(alone[:count]):
        for found, expected in zip(many, one, strict=True):
            np.testing.assert_array_equal([part[k] for part in found], [p[0] for p in expected])


def test_tanh_of_tensors_is_that_of_arrays(rng):
    z = Jet(*rng.normal(size=(3, 7, 2)))
    for found, expected in zip(
        tanh(Jet(*map(tf.constant, z))), tanh_with_derivative(z)[0], strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-15)


def test_where_tanh_is_one_nothing_is_left_but_zeros():
    phi, derivative = tanh_with_derivative(Jet(*np.full((3, 2), [400.0, -400.0])))
    np.testing.assert_array_equal(phi.value, [1.0, -1.0])
    np.testing.assert_array_equal([*phi[1:], *derivative], np.zeros((5, 2)))
