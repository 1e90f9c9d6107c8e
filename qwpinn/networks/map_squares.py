r"""The loss of a smooth map: residuals and their normal equations without any tracing.

Values and slopes along the inputs travel through the layers together: arrays ``(1 + m, n, ...)``,
first the value, then the slope along each of m directions, by the derivatives of tanh in closed
form. With z_i = W_i a_{i-1} the sums of layer i and a_i = tanh(z_i), an output N depends on the
weights of a layer by a product,

.. math:: \partial N / \partial W_i = a_{i-1} \otimes \lambda_i, \quad
          \lambda_i = \tanh'(z_i) \, (W_{i+1}^T \lambda_{i+1}),

whose slopes Leibniz's rule gives. The weights of the last layer enter linearly, and those of one
output know nothing of another: of J^T J these are blocks. Rotated among themselves, outputs that
are more than the units beneath them leave as many rows of J for hidden weights as there are units.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.training.residuals import HELD
from qwpinn.training.squares import Linearised, Squares, gramian, parted, side_by_side

Array = NDArray[np.float64]


class Passed(NamedTuple):
    """Some samples that went through the layers and back.

    Attributes:
        inputs: Of each layer, with the 1 that biases are weights of, ``(1 + m, n, inputs + 1)``.
        back: Lambda of each hidden layer, for r outputs, ``(1 + m, n, r, units)``.
        rotation: What these outputs are made of, orthonormal columns ``(K, r)``.
    """

    inputs: list[Array]
    back: list[Array]
    rotation: Array

    @property
    def jacobian(self) -> Array:
        """Derivatives of the r outputs by the hidden weights, ``(1 + m, n, r, P)``."""
        blocks = [
            _times(inputs[:, :, None, :, None], back[:, :, :, None, :])
            for inputs, back in zip(self.inputs, self.back, strict=False)
        ]
        return np.concatenate([block.reshape(*block.shape[:3], -1) for block in blocks], axis=-1)

    def pull_back(self, vector: Array) -> Array:
        """J^T y by all weights, for y ``(1 + m, n, K)``."""
        rotated, found = vector @ self.rotation, []
        for inputs, back in zip(self.inputs, self.back, strict=False):
            # What a slope says of a weight, it says by the values of both factors.
            summed = np.matmul(rotated[:, :, None, :], back[0])[:, :, 0]
            summed[0] += np.einsum("lnr,lnru->nu", rotated[1:], back[1:])
            found.append(np.tensordot(inputs, summed, axes=([0, 1], [0, 1])).ravel())
        found.append(np.tensordot(self.inputs[-1], vector, axes=([0, 1], [0, 1])).ravel())
        return np.concatenate(found)

    def products(self) -> tuple[Array, Array, Array]:
        """What `_assembled` makes J^T J of; they add up over samples."""
        jacobian, last = self.jacobian, self.inputs[-1].reshape(-1, self.inputs[-1].shape[-1])
        rows = jacobian.reshape(len(last), *jacobian.shape[2:])
        hidden = gramian(rows.reshape(-1, rows.shape[-1]))
        return hidden, rows.transpose(1, 2, 0) @ last, gramian(last)


class MapSquares(Squares):
    """|r|^2 of a network of tanh layers at samples of a function.

    Args:
        shapes: Of each layer's weights, its biases below its kernel: ``(inputs + 1, units)``.
        start: All weights, in the order of the shapes.
        trained: Which of them are trained.
        inputs: The samples, u and its slopes, ``(1 + m, n, inputs)``: each direction as long as its
            slopes weigh.
        wanted: The function's values and slopes there, ``(1 + m, n, K)``.
        report: What `fit` reports of r.
    """

    def __init__(
        self,
        shapes: Sequence[tuple[int, int]],
        start: Array,
        trained: NDArray[np.bool_],
        inputs: Array,
        wanted: Array,
        report: Callable[[Array], dict[str, float]],
    ) -> None:
        self.shapes, self.start, self.trained = list(shapes), start, trained
        self.inputs, self.wanted, self.report = inputs, wanted, report

    def residuals(self, weights: Array) -> Array:
        """Sample by sample, of each output its value and its slopes."""
        layers = self._layers(weights)
        found = _forward(self.inputs, layers)[0][-1] @ layers[-1] - self.wanted
        return found.transpose(1, 2, 0).ravel()

    def logs(self, residual: Array) -> dict[str, float]:
        return self.report(residual)

    def linearised(self, weights: Array) -> Linearised:
        layers, residual = self._layers(weights), self.residuals(weights)
        rotated = _rotated(layers)
        pull_back = partial(self._pulled_back, layers, rotated)
        parts = self._pieces(layers)
        each = side_by_side(lambda part: self._passed(layers, rotated, part).products(), parts)
        normal = _assembled(reduce(_added, each), rotated[0])
        if not self.trained.all():
            normal = normal[np.ix_(self.trained, self.trained)]
        return Linearised(residual, normal, pull_back(residual), pull_back)

    def gradient(self, weights: Array) -> Array:
        layers = self._layers(weights)
        return self._pulled_back(layers, _rotated(layers), self.residuals(weights))

    def _pulled_back(
        self, layers: list[Array], rotated: tuple[Array, Array], vector: Array
    ) -> Array:
        """J^T y, for y of the shape of r."""
        rows = vector.reshape(*self.wanted.shape[1:], -1).transpose(2, 0, 1)

        def pulled(part: slice) -> Array:
            return self._passed(layers, rotated, part).pull_back(rows[:, part])

        parts = list(side_by_side(pulled, self._pieces(layers)))
        return np.asarray(np.sum(parts, axis=0))[self.trained]

    def _pieces(self, layers: list[Array]) -> list[slice]:
        """Samples whose Jacobian may be held, one piece after the other."""
        directions, count, outputs = self.wanted.shape
        hidden = sum(layer.size for layer in layers[:-1])
        size = max(1, HELD // (directions * min(outputs, len(layers[-1]) - 1) * hidden))
        return [slice(at, at + size) for at in range(0, count, size)]

    def _passed(self, layers: list[Array], rotated: tuple[Array, Array], part: slice) -> Passed:
        """Some of the samples."""
        rotation, core = rotated
        inputs, slopes = _forward(self.inputs[:, part], layers)
        back = [core * slopes[-1][:, :, None]]
        for layer, slope in zip(layers[-2:0:-1], slopes[-2::-1], strict=True):
            back.insert(0, _times(back[0] @ layer[:-1].T, slope[:, :, None]))
        return Passed(inputs, back, rotation)

    def _layers(self, weights: Array) -> list[Array]:
        """Each layer's kernel above its biases."""
        whole = self.start.copy()
        whole[self.trained] = weights
        return parted(whole, self.shapes)


def _rotated(layers: list[Array]) -> tuple[Array, Array]:
    """The last kernel, transposed, as orthonormal columns ``(K, r)`` times its core."""
    rotation, core = np.linalg.qr(layers[-1][:-1].T)
    return rotation, core


def _added(one: Sequence[Array], other: Sequence[Array]) -> tuple[Array, ...]:
    """Sums in the place of the first."""
    for mine, more in zip(one, other, strict=True):
        mine += more
    return tuple(one)


def _assembled(products: Sequence[Array], rotation: Array) -> Array:
    """J^T J of the products of hidden rows, of these with the last inputs, and of the inputs."""
    hidden, crossed, last = products
    corner = np.tensordot(crossed, rotation, axes=(0, 1)).reshape(len(hidden), -1)
    linear = np.kron(last, np.eye(len(rotation)))
    return np.block([[hidden, corner], [corner.T, linear]])


def _forward(values: Array, layers: list[Array]) -> tuple[list[Array], list[Array]]:
    """The inputs of each layer, and tanh' of each hidden one."""
    inputs, slopes = [_with_one(values)], []
    for layer in layers[:-1]:
        z = inputs[-1] @ layer
        value = np.tanh(z[0])
        slope = 1.0 - value**2
        inputs.append(_with_one(np.concatenate([value[None], slope * z[1:]])))
        slopes.append(np.concatenate([slope[None], -2.0 * value * slope * z[1:]]))
    return inputs, slopes


def _with_one(values: Array) -> Array:
    """A column more, of 1 and no slope."""
    ones = np.zeros((*values.shape[:-1], 1))
    ones[0] = 1.0
    return np.concatenate([values, ones], axis=-1)


def _times(one: Array, other: Array) -> Array:
    """Products with their slopes."""
    product = one * other[:1]
    product[1:] += one[:1] * other[1:]
    return product
