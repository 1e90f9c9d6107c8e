"""Collocation points as data for `fit`: quadrature nodes with the potential's values there."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn import _check, limits
from qwpinn.mesh import Mesh
from qwpinn.potential import Potential, values
from qwpinn.quadrature import Quadrature

ORDER = 12


def collocation_nodes(
    potential: Potential, points: int | None = None, states: int = 5
) -> Quadrature:
    """Composite Gauss-Legendre nodes, split at the breakpoints and dense where the states are.

    Args:
        potential: The well.
        points: About how many. Defaults to 312 and 104 more a kink feature, which
            makes at least twice as many residuals as the default network has parameters; with
            fewer, training fits the nodes and not the equation.
        states: How many of the lowest states the nodes are placed for.
    """
    mesh = Mesh(potential.normal_form, _check.integer("states", states, maximum=limits.STATES))
    if points is None:
        points = 312 + 104 * len(mesh.kinks[0])
    return mesh.quadrature(_check.integer("points", points, ORDER, limits.NODES), ORDER)


def collocation(
    potential: Potential, points: int | None = None, states: int = 5
) -> tf.data.Dataset:
    """One batch of quadrature nodes with everything that a training step needs.

    All of it is in the units and the coordinate of the potential's `normal_form`.

    The squared norm of the residual on it is the integral of the squared residual, to the
    accuracy of the quadrature. Ask for several steps an epoch with ``.repeat(steps)``.

    Args:
        potential: The well.
        points: See `collocation_nodes`.
        states: See there.

    Returns:
        A dataset of one dict of float64 tensors of shape ``(n, 1)``: ``x``, ``potential`` V(x),
        ``weight`` rho(x) and ``quadrature`` w, with sum(w f(x)) = integral of f.
    """
    nodes = collocation_nodes(potential, points, states)
    potential = potential.normal_form
    columns = {
        "x": nodes.nodes,
        "potential": values(potential, nodes.nodes),
        "weight": potential.weight(nodes.nodes),
        "quadrature": nodes.weights,
    }
    return tf.data.Dataset.from_tensors({key: column[:, None] for key, column in columns.items()})


def check_collocation(data: object, dtype: str) -> None:
    """Refuse what is no dataset of collocation points, or is of another dtype.

    Raises:
        TypeError: With what was given instead.
    """
    cure = "Give qwpinn.collocation(potential)."
    names = ("x", "potential", "weight", "quadrature")
    if not isinstance(data, tf.data.Dataset):
        raise TypeError(
            "`x` must be a tf.data.Dataset of collocation points, for Keras turns arrays into "
            f"float32. Received: {type(data).__name__}. {cure}"
        )
    spec = data.element_spec
    if not isinstance(spec, dict) or set(spec) != set(names):
        raise TypeError(f"`x` must hold dicts with {', '.join(names)}. Received: {spec}. {cure}")
    for name in names:
        if spec[name].dtype.name != dtype:
            raise TypeError(
                f"`x` must be {dtype}, as the model is. Received: {spec[name].dtype.name} for "
                f"'{name}'. {cure}"
            )


def positions(x: Any, interval: tuple[float, float]) -> NDArray[np.float64]:
    """Positions as a float64 column ``(n, 1)``, refused in single precision or outside.

    Raises:
        TypeError: If ``x`` is an array of single precision.
        ValueError: If ``x`` is empty, has another shape or leaves the interval.
    """
    dtype = getattr(x, "dtype", None)
    name = getattr(dtype, "name", str(dtype))
    if name.startswith(("float", "bfloat")) and name != "float64":
        raise TypeError(
            f"`x` must be float64, as the model is. Received: {name}. Give x.astype('float64')."
        )
    points = _check.points(np.asarray(x, None if np.size(x) else np.float64), interval)
    if not points.size:
        raise ValueError(
            "`x` must hold at least one position. Received: none. Give positions of shape (n,)."
        )
    return points[:, None]


def position_batches(x: Any, interval: tuple[float, float], size: int | None) -> tf.data.Dataset:
    """Positions as a dataset of float64 columns, for `predict`; a dataset as it is.

    Args:
        x: As for `positions`, or a tf.data.Dataset.
        interval: The walls.
        size: Of a batch. Defaults to None: all in one.
    """
    if isinstance(x, tf.data.Dataset):
        return x
    column = positions(x, interval)
    return tf.data.Dataset.from_tensor_slices(column).batch(size or len(column))
