"""Sums of squares of any model: its own residuals and their Jacobian, traced once for a shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.training.squares import Linearised, Squares, gramian, parted

if TYPE_CHECKING:
    from qwpinn.training.least_squares import SquaresModel

Array = NDArray[np.float64]
Data = Mapping[str, tf.Tensor]
Tensors = tuple[tf.Tensor, ...]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Functions:
    """What a model computes of a batch, by its present weights.

    Attributes:
        members: The batch as the other functions take it.
        residuals: r of all members, piece by piece.
        jacobian: Its derivatives, of a batch that is one piece.
        summed: J^T J and J^T r of a batch and its r, piece by piece.
        pulled_back: J^T y, of a batch and y of the shape of r, piece by piece.
        reported: What `fit` reports of a batch and its r.
    """

    members: Callable[[Data], Data]
    residuals: Callable[[Data], tf.Tensor]
    jacobian: Callable[[Data], tf.Tensor]
    summed: Callable[[Data, tf.Tensor], Tensors]
    pulled_back: Callable[[Data, tf.Tensor], tf.Tensor]
    reported: Callable[[Data, tf.Tensor], dict[str, tf.Tensor]]

    @classmethod
    def of(cls, model: SquaresModel) -> Functions:
        """As the model was compiled: as Python, as graphs, or by XLA; run by every replica."""

        def made(function: Callable[..., Found]) -> Callable[..., Found]:
            run = partial(model.distribute_strategy.run, function)
            if not model.run_eagerly:
                xla = model.jit_compile or None
                run = tf.function(run, autograph=False, reduce_retracing=True, jit_compile=xla)
            return lambda *args: run(args=args)

        pieces = model.pieces
        return cls(
            members=made(model.members),
            residuals=made(pieces.residuals),
            jacobian=made(model.jacobian),
            summed=made(pieces.summed),
            pulled_back=made(pieces.pulled_back),
            reported=made(model.reported),
        )


class Pieces:
    """Sums over a batch in pieces of as many members as are differentiated at once.

    Args:
        model: Whose residuals and Jacobian they are.
    """

    def __init__(self, model: SquaresModel) -> None:
        self.model = model

    @property
    def in_blas(self) -> bool:
        """Whether products are BLAS's, which on a CPU is several times faster than TensorFlow."""
        return not (self.model.jit_compile or tf.config.list_logical_devices("GPU"))

    def residuals(self, data: Data) -> tf.Tensor:
        """The residuals, computed piece by piece."""
        if self.single(data):
            return self.model.residuals(data)
        pieces = tf.TensorArray(self.model.compute_dtype, 0, dynamic_size=True, infer_shape=False)

        def add(part: Data, number: tf.Tensor, found: tf.TensorArray) -> Tensors:
            return number + 1, found.write(number, self.model.residuals(part))

        start = tf.constant(0), pieces
        _, pieces = self.folded((data,), add, start, self.model.piece(data))
        return pieces.concat()

    def summed(self, data: Data, residual: tf.Tensor) -> Tensors:
        """J^T J and J^T r."""

        def add(part: Data, r: tf.Tensor, normal: tf.Tensor, gradient: tf.Tensor) -> Tensors:
            jacobian = self.model.jacobian(part)
            pulled = tf.linalg.matvec(jacobian, tf.reshape(r, [-1]), transpose_a=True)
            return normal + self._gramian(jacobian), gradient + pulled

        size, dtype = self.model.weights_to_train, self.model.compute_dtype
        start = tf.zeros((size, size), dtype), tf.zeros(size, dtype)
        return self.folded((data, residual), add, start, self.model.piece(data))

    def pulled_back(self, data: Data, vector: tf.Tensor) -> tf.Tensor:
        """J^T y, for y of the shape of the residuals."""
        values = [v.value for v in self.model.trainable_variables]

        def add(part: Data, y: tf.Tensor, *gradient: tf.Tensor) -> Tensors:
            with tf.GradientTape() as tape:
                product = tf.reduce_sum(y * self.model.residuals(part))
            found = tape.gradient(product, values, unconnected_gradients="zero")
            return tuple(old + new for old, new in zip(gradient, found, strict=True))

        zeros = tuple(tf.zeros_like(value) for value in values)
        parts = self.folded((data, vector), add, zeros, self.model.piece(data))
        return tf.concat([tf.reshape(part, [-1]) for part in parts], axis=0)

    def single(self, data: Data) -> bool:
        """Whether a batch is known to be no more than is differentiated at once."""
        batch = next(iter(data.values())).shape[0]
        return batch == 1 or (batch is not None and batch <= self.model.piece(data))

    def _gramian(self, jacobian: tf.Tensor) -> tf.Tensor:
        """A^T A."""
        if not self.in_blas:
            return tf.matmul(jacobian, jacobian, transpose_a=True)
        product = tf.numpy_function(gramian, [jacobian], jacobian.dtype, stateful=False)
        return tf.ensure_shape(product, [jacobian.shape[1]] * 2)

    def folded(
        self, batch: tuple[Data, *Tensors], add: Callable[..., Tensors], start: Tensors, size: int
    ) -> Tensors:
        """Folds a function of (*pieces of the data and of what goes with it, *sums)."""
        members = tf.shape(tf.nest.flatten(batch)[0])[0]

        def body(at: tf.Tensor, *sums: tf.Tensor) -> Tensors:
            parts = tf.nest.map_structure(lambda value: value[at : at + size], batch)
            return (at + size, *add(*parts, *sums))

        found = tf.while_loop(
            lambda at, *_: at < members, body, (tf.constant(0), *start), parallel_iterations=1
        )
        return tuple(found[1:])


class Traced(Squares):
    """The loss of one batch of a model.

    Under a `tf.distribute` strategy each replica computes its own part of the batch; the sums are
    added over all of them, and every process takes the same step.

    Args:
        model: The model.
        data: The batch, as `fit` reads it.
    """

    def __init__(self, model: SquaresModel, data: Data) -> None:
        self.model, self.functions = model, model.traced
        self.strategy = model.distribute_strategy
        self.data = self.functions.members(data)
        self._rows: list[tuple[int, ...]] = []

    def residuals(self, weights: Array) -> Array:
        self.model.take_weights(weights)
        found = self._local(self.functions.residuals(self.data))
        self._rows = [part.shape for part in found]
        return np.concatenate([part.ravel() for part in found])

    def linearised(self, weights: Array) -> Linearised:
        residual = self.residuals(weights)
        (*others,) = self.strategy.experimental_local_results(self.data)
        if self.strategy.num_replicas_in_sync == 1 and Pieces(self.model).single(others[0]):
            return Linearised.of(residual, self.functions.jacobian(self.data).numpy())
        sums = self.functions.summed(self.data, self._parted(residual))
        normal, gradient = map(self._total, sums)

        return Linearised(residual, normal, gradient, partial(self._pulled_back, weights))

    def gradient(self, weights: Array) -> Array:
        return self._pulled_back(weights, self.residuals(weights))

    def _pulled_back(self, weights: Array, vector: Array) -> Array:
        """J^T y, for y of the shape of r."""
        self.model.take_weights(weights)
        return self._total(self.functions.pulled_back(self.data, self._parted(vector)))

    def loss(self, residual: Array) -> float:
        parts = [np.sum(part**2) for part in self._split(residual)]
        return float(self._total(self._placed([tf.constant(part) for part in parts])))

    def logs(self, residual: Array) -> dict[str, float]:
        found = self.functions.reported(self.data, self._parted(residual))
        # Of several replicas each has the mean over all.
        return {key: float(np.ravel(self._local(value)[0])[0]) for key, value in found.items()}

    def _local(self, values: object) -> list[Array]:
        """Of each replica in this process."""
        return [value.numpy() for value in self.strategy.experimental_local_results(values)]

    def _total(self, values: object) -> Array:
        return np.asarray(self.strategy.reduce(tf.distribute.ReduceOp.SUM, values, axis=None))

    def _split(self, rows: Array) -> list[Array]:
        """Rows as the replicas have them."""
        return parted(rows, self._rows)

    def _parted(self, rows: Array) -> tf.Tensor:
        """Rows given back to the replicas that they came from."""
        return self._placed([tf.constant(part) for part in self._split(rows)])

    def _placed(self, parts: list[tf.Tensor]) -> tf.Tensor:
        """A value for each replica in this process."""
        if len(parts) == 1 and self.strategy.num_replicas_in_sync == 1:
            return parts[0]
        numbers = iter(parts)
        return self.strategy.experimental_distribute_values_from_function(
            lambda context: next(numbers)
        )
