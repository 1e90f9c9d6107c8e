"""Layers of one's own: what any Keras layers must be to make wavefunctions of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import keras
import numpy as np
import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.equation.mesh import Mesh
from qwpinn.networks.features import mlp
from qwpinn.networks.ritz import trial_for, usual_features
from qwpinn.networks.trial import TrialFunctions
from qwpinn.training.residuals import derivative

Functions = Callable[[tf.Tensor], tf.Tensor]

# Where layers are tried, off any breakpoint of a usual well.
TRIED = np.sin(np.arange(1.0, 33.0))[:, None]


def own_trial(
    mesh: Mesh,
    hidden: keras.Layer | None,
    features: keras.Layer | None,
    seed: int,
    lowest: int = 0,
) -> TrialFunctions:
    """The trial functions over layers of one's own, or over the usual ones where they are None.

    Args:
        mesh: Of the well.
        hidden: One hidden layer of 48 + 4 K units if it is None.
        features: `qwpinn.networks.ritz.usual_features` if it is None.
        seed: Of what is made here.
        lowest: See `qwpinn.networks.ritz.trial_for`.

    Raises:
        TypeError: If one is no layer, or computes in another precision.
        ValueError: See `checked_layers`.
    """
    own = hidden is not None or features is not None
    hidden = mlp([48 + 4 * mesh.states], seed, biases=1.0) if hidden is None else hidden
    if own:
        seen = usual_features(mesh) if features is None else features
        checked_layers(seen, hidden, mesh.ends.dimensions)
    return trial_for(mesh, hidden, seed, features, lowest)


def checked_layers(features: keras.Layer, hidden: keras.Layer, dimensions: int = 1) -> None:
    """Refuse layers whose outputs, row by row, are no functions with a curvature in float64.

    Args:
        features: Takes scaled positions ``(n, d)``.
        hidden: Takes its outputs.
        dimensions: d.

    Raises:
        TypeError: If one is no layer, or computes in another precision.
        ValueError: If the outputs are no matrix of a row a position, or linear between kinks, or
            the layers ask of a training what has no effect here.
    """
    for name, layer in (("features", features), ("hidden", hidden)):
        kinds.one_of(name, layer, keras.Layer, "a Keras layer", "Give e.g. a keras.Sequential.")
    xi = tf.constant(np.hstack([np.roll(TRIED, axis, axis=0) for axis in range(dimensions)]))
    functions = _outputs(features, hidden)
    try:
        found = functions(xi)
    except (tf.errors.InvalidArgumentError, ValueError) as error:
        seen = tuple(features(xi).shape)
        raise ValueError(
            f"`hidden` must take what `features` give, {seen[1:]} numbers a position. Received: "
            f"'{hidden.name}', which does not ({str(error).splitlines()[0]:.120}). One that takes "
            "xi alone needs features=keras.layers.Identity(dtype='float64')."
        ) from error
    if found.shape.rank != 2 or found.shape[0] != len(TRIED):
        raise ValueError(
            "`hidden` must give a row of outputs for each position, (n, units). Received: shape "
            f"{tuple(found.shape)} for {len(TRIED)} positions. Leave out what flattens or pools."
        )
    _refuse_shared(features, hidden)
    _refuse_idle(features, hidden, xi)
    _refuse_single(functions, xi, {"features": features, "hidden": hidden})
    if not _curved(functions, xi) or _kinked(hidden, features(xi)):
        raise ValueError(
            "`hidden` must have second derivatives, for the equation has psi''. Received: outputs "
            f"without any, as of relu, from '{hidden.name}'. Give e.g. tanh or swish."
        )


def _refuse_shared(features: keras.Layer, hidden: keras.Layer) -> None:
    """Refuse a layer that stands in two places: described layer by layer it would be two."""
    seen: list[keras.Layer] = []

    def look(layer: keras.Layer) -> None:
        if layer.weights and any(layer is other for other in seen):
            raise ValueError(
                "`hidden` must hold each layer once, for a model that is saved has two of one that "
                f"is there twice. Received: '{layer.name}' twice. Give a layer for each place."
            )
        seen.append(layer)
        for inner in layer.layers if isinstance(layer, keras.Sequential) else ():
            look(inner)

    look(features)
    look(hidden)


def _refuse_idle(features: keras.Layer, hidden: keras.Layer, xi: tf.Tensor) -> None:
    """Refuse losses of layers, which are not added, and layers that are others while they train."""
    for name, layer in (("features", features), ("hidden", hidden)):
        if layer.losses:
            raise ValueError(
                f"`{name}` must be without regularizers, for the loss is that of `compile` alone. "
                f"Received: one in '{layer.name}'. Leave it out, or add a term by `add_residual`."
            )
    usual = hidden(features(xi))
    training = hidden(features(xi, training=True), training=True)
    if usual.shape != training.shape or np.any(np.abs(usual - training) > 1e-9):
        raise ValueError(
            "`hidden` must give the same functions while it is trained, for psi is one. Received: "
            f"others from '{hidden.name}', as of dropout or batch normalisation. Leave them out."
        )


def _outputs(features: keras.Layer, hidden: keras.Layer) -> Functions:
    return lambda xi: hidden(features(xi))


def _curved(functions: Functions, x: tf.Tensor) -> bool:
    """Whether functions of x have second derivatives anywhere."""
    try:
        found = derivative(derivative(functions))(x)
    except (TypeError, ValueError):
        # Of relu the tapes know no second derivative.
        found = None
    return found is not None and bool(np.any(found.numpy()))


def _kinked(hidden: keras.Layer, inputs: tf.Tensor) -> bool:
    """Whether a layer bends, but only at kinks, along a line through its inputs."""
    rng = np.random.default_rng(0)
    width = int(inputs.shape[1])
    start, along = (tf.constant(row) for row in rng.normal(size=(2, 1, width)))

    def line(t: tf.Tensor) -> tf.Tensor:
        return hidden(start + t * along)

    t = tf.constant(np.linspace(-8.0, 8.0, 65)[:, None])
    bend = np.diff(line(t).numpy(), 2, axis=0)
    return bool(np.any(np.abs(bend) > 1e-9)) and not _curved(line, t)


def _refuse_single(functions: Functions, x: tf.Tensor, layers: Mapping[str, keras.Layer]) -> None:
    """Refuse layers of which one computes in another precision, by what comes out of them.

    Keras's containers are float32 in name and cast nothing; only differences tell.
    """
    slopes = derivative(functions)(x)
    step = tf.one_hot(0, x.shape[1], 1e-6, dtype=x.dtype)
    found = (functions(x + step) - functions(x - step)) / 2e-6
    size = 1.0 + float(tf.reduce_max(tf.abs(slopes)))
    if float(tf.reduce_max(tf.abs(found - slopes))) <= 1e-4 * size:
        return
    inner = [(name, part) for name, layer in layers.items() for part in layer._flatten_layers()]
    single = [one for one in inner if one[1].compute_dtype != "float64"] or inner
    # The first that has weights of its own; else the innermost.
    name, part = min(single, key=lambda one: (bool(one[1]._layers), not one[1].weights))
    raise TypeError(
        f"`{name}` must compute in float64, for energies have 12 digits. Received: "
        f"{part.compute_dtype} in layer '{part.name}'. Give it dtype='float64', or call "
        'keras.config.set_floatx("float64") first.'
    )
