"""Layers of wavefunctions: what each has to do, whatever it is good for; several trainings."""

import keras
import numpy as np

import qwpinn

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)
INFINITE = qwpinn.InfiniteWell(width=1.0)
# A highly excited state, 8 waves between the walls, and its energy.
LEVEL = 15
ENERGY = ((LEVEL + 1) * np.pi) ** 2


def identity():
    return keras.layers.Identity(dtype="float64")


def lives(folder, **layers):
    """Layers are trained by Levenberg-Marquardt, all their weights, and are loaded as they were."""
    model = qwpinn.QuantumWellPINN(WELL, states=2, **layers)
    model.diagonalise()
    model.compile(qwpinn.LevenbergMarquardt())
    before = [weight.numpy() for weight in model.trainable_variables]
    data = qwpinn.collocation(WELL, 200)
    start = model.evaluate(data, verbose=0)["loss"]
    assert model.fit(data, epochs=1, verbose=0).history["loss"][-1] < start
    now = [weight.numpy() for weight in model.trainable_variables]
    assert all(np.any(one != other) for one, other in zip(before, now, strict=True))
    model.export(folder)
    x = np.linspace(*WELL.interval, 9)
    np.testing.assert_array_equal(qwpinn.load(folder)(x), model(x))
    for layer in layers.values():
        config = keras.saving.serialize_keras_object(layer)
        again = keras.saving.deserialize_keras_object(config)
        assert again.get_config() == layer.get_config()


def trainings(models, data, steps, rate):
    """Train models of one kind by Adam, and yield the first as each in turn, and its losses.

    Only the first is compiled, and begins with the weights of each: tracing costs more than steps.
    """
    starts = [model.get_weights() for model in models]
    model = models[0]
    model.compile(keras.optimizers.Adam(rate), steps_per_execution=50)
    moments = [variable.numpy() for variable in model.optimizer.variables]
    for start in starts:
        model.set_weights(start)
        for variable, value in zip(model.optimizer.variables, moments, strict=True):
            variable.assign(value)
        history = model.fit(data.repeat(steps), verbose=0).history
        yield model, history["loss"][-1]


def excited(hidden, features, seed):
    """A model of the highly excited state of the infinite well, whose energy is held."""
    return qwpinn.QuantumWellPINN(
        INFINITE,
        lowest=LEVEL,
        energies=[ENERGY],
        normalisation=1e4,
        hidden=hidden,
        features=features,
        seed=seed,
    )


def found(models, rate, steps=250):
    """The norm of psi, and its overlap with the excited state, after Adam; ``(models, 2)``."""
    x = (np.arange(400) + 0.5) / 400.0
    exact = 2.0**0.5 * np.sin((LEVEL + 1) * np.pi * x)
    rows = []
    for model, _ in trainings(models, qwpinn.collocation(INFINITE, 120), steps, rate):
        psi = model(x).numpy()[:, 0]
        norm = np.mean(psi**2) ** 0.5
        rows.append((norm, abs(np.mean(psi * exact)) / norm))
    return np.array(rows)
