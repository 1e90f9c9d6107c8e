"""Joined networks: pieces by their formula, and that both conditions of continuity are needed."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn.techniques import Continuity, Joined
from qwpinn.training.residuals import derivative

BARRIER = qwpinn.FiniteBarrier(height=50.0, width=0.2, box=1.0)
LEVELS = qwpinn.references.exact(BARRIER, 6).energies


def column(*x):
    return tf.constant(np.array(x, np.float64)[:, None])


def test_each_piece_has_its_own_units():
    layer = Joined([-0.5, 0.0], units=3, seed=1)
    found = layer(column(-1.0, -0.75, -0.5, -0.1, 0.0, 0.25, 1.0)).numpy().reshape(7, 3, 3)
    piece = [0, 0, 1, 1, 2, 2, 2]
    for row, own in zip(found, piece, strict=True):
        assert np.all(row[own] != 0.0) and not np.delete(row, own, axis=0).any()
    # The middle of the first piece is t = 0, of [0, 1] the point 1/4 is t = -1/2.
    np.testing.assert_allclose(found[1, 0], np.tanh(layer.bias[0]), rtol=1e-14)
    expected = np.tanh(layer.bias[2] - 0.5 * layer.kernel[2])
    np.testing.assert_allclose(found[5, 2], expected, rtol=1e-14)


def test_breakpoints_are_those_of_the_well():
    layer = Joined.for_potential(BARRIER, units=4)
    np.testing.assert_allclose(layer.breakpoints, [-0.2, 0.2], atol=1e-14)


def test_it_is_made_again():
    layer = Joined([-0.5, 0.0], units=3, seed=1)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    x = column(*np.linspace(-1.0, 1.0, 9))
    np.testing.assert_array_equal(again(x), layer(x))
    assert again.compute_output_shape((5, 1)) == (5, 9)


def made(seed=0, **arguments):
    return qwpinn.QuantumWellPINN(
        BARRIER,
        hidden=Joined.for_potential(BARRIER, 10, seed),
        features=keras.layers.Identity(dtype="float64"),
        states=1,
        seed=seed,
        **arguments,
    )


@pytest.mark.parametrize("order", [0, 1])
def test_jumps_are_those_of_psi(order):
    model, step = made(), 1e-7
    psi = derivative(model.trial) if order else model.trial
    expected = [psi(column(e + step)) - psi(column(e - step)) for e in (-0.2, 0.2)]
    found = Continuity(order)(model, {})
    np.testing.assert_allclose(found, np.ravel(expected), atol=1e-5)
    assert np.all(np.abs(found) > 1e-2)


def trained(seed, orders):
    """How far E is from any level after 60 steps from random weights, relative."""
    model = made(seed, initial_energies=[0.95 * LEVELS[0]])
    for order in orders:
        model.add_residual(f"jump_{order}", Continuity(order))
    weights = {f"jump_{order}": 100.0 for order in orders}
    model.compile(qwpinn.LevenbergMarquardt(), loss_weights=weights)
    model.fit(qwpinn.collocation(BARRIER, 300), epochs=60, verbose=0)
    return np.min(np.abs(model.energies.numpy() / LEVELS - 1.0))


@pytest.mark.slow
def test_what_joins_pieces_decides_what_comes_out():
    assert trained(0, (0, 1)) < 1e-5
    assert trained(0, (0,)) > 1e-2


def test_bounds_are_refused_for_what_jumps():
    """Of a basis that jumps they would lie below the level: no quadrature sees a jump."""
    for ask in (qwpinn.certify, qwpinn.QuantumWellPINN.diagonalise):
        with pytest.raises(ValueError, match=r"`hidden` must be continuous.* a jump at x=0\.4"):
            ask(made())


def test_bad_arguments():
    with pytest.raises(ValueError, match="`breakpoints` must"):
        Joined([-1.5])
    with pytest.raises(ValueError, match="`units` must be an integer of at least 1"):
        Joined([0.0], units=0)
    with pytest.raises(ValueError, match=r"`order` must be at most 1. Received: order=2"):
        Continuity(2)
