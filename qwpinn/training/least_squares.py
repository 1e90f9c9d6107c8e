"""Models whose loss is a sum of squares: `compile`, `fit`, and their one training step."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.inputs import check
from qwpinn.startup import refuse_fork
from qwpinn.storage.plain import Json
from qwpinn.training.divergence import StopOnDivergence, checked
from qwpinn.training.guard import Array, Guard
from qwpinn.training.levenberg_marquardt import LevenbergMarquardt  # noqa: F401 - known to Keras
from qwpinn.training.optimizers import Linearised, optimizer_of, replicas, summed, taken

Data = Mapping[str, tf.Tensor]
Logs = dict[str, tf.Tensor]
Tensors = tuple[tf.Tensor, ...]

# What Keras's `compile` takes, in its order, without effect here: why, and what does.
WITHOUT_EFFECT = {
    "loss": ("the model brings its own", "Weigh its parts by `normalisation`."),
    "loss_weights": ("the loss is one sum of squares", "Weigh its parts by `normalisation`."),
    "metrics": ("`fit` logs what the model reports", "Add to it by a callback: EnergyErrors."),
    "weighted_metrics": ("`fit` logs what the model reports", "Add to it by a callback."),
    "auto_scale_loss": ("float64 needs no scaling", "Give `loss_scale_factor` to the optimizer."),
}


class SquaresModel(keras.Model, metaclass=abc.ABCMeta):
    r"""A model with a residual vector for every member of a batch; loss = mean of |r|^2.

    A batch is a dict of tensors of the same first dimension, the members; one well is one member.
    An optimizer that has a `squares_step`, as `qwpinn.LevenbergMarquardt`, is given J^T J and
    J^T r. J is held where it fits; else they are summed piece by piece, so that memory does not
    grow with the batch. Under a `tf.distribute` strategy each replica sums its own part of the
    batch, and the sums are added.

    A subclass defines `residuals` and `logs`; for steps of second order `jacobian`, and `piece` if
    more than one member at a time fits into memory.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        refuse_fork("model")
        super().__init__(*args, **kwargs)

    def compile(
        self,
        optimizer: object = "adam",
        *refused: object,
        jit_compile: bool = False,
        steps_per_execution: int = 1,
        run_eagerly: bool = False,
        **others: object,
    ) -> None:
        """Keras's `compile`; the loss is the model's own, and so is what `fit` logs.

        Args:
            optimizer: `qwpinn.LevenbergMarquardt` or any of Keras's. Its Muon fails in float64,
                but for ``Muon(rms_rate=None)``.
            jit_compile: XLA. Defaults to False: it makes Levenberg-Marquardt slower.
            steps_per_execution: Steps of one call of the compiled function.
            run_eagerly: Whether steps run as Python, to look into them.
            *refused: None, in the places that Keras has for a ``loss`` and more.
            **others: None.

        Raises:
            TypeError: If an argument is none of `keras.Model.compile`.
            ValueError: If a ``loss``, ``metrics`` or another argument is given that would have no
                effect.
        """
        others |= zip(WITHOUT_EFFECT, refused, strict=False)
        for name, value in others.items():
            if name not in WITHOUT_EFFECT:
                raise TypeError(
                    "`compile` must be given an optimizer, jit_compile, steps_per_execution and "
                    f"run_eagerly only. Received: {name}={value!r:.40}. Leave it out."
                )
            if value is not None:
                reason, cure = WITHOUT_EFFECT[name]
                raise ValueError(
                    f"`{name}` must be left out, for {reason}. Received: {name}={value!r:.40}. "
                    f"{cure}"
                )
        if jit_compile not in (True, False, "auto"):
            raise ValueError(
                f"`jit_compile` must be True or False. Received: {kinds.shown(jit_compile)}. "
                "Leave it out."
            )
        super().compile(
            optimizer=optimizer_of(optimizer),
            jit_compile=jit_compile,
            steps_per_execution=check.integer("steps_per_execution", steps_per_execution),
            run_eagerly=run_eagerly,
        )
        self.optimizer.build(self.trainable_variables)

    def guard(self) -> Guard[Mapping[str, Array]]:
        """What refuses data that are not this model's."""
        return Guard()

    @property
    def second_order(self) -> bool:
        """Whether the optimizer takes its steps by residuals and their Jacobian."""
        return hasattr(getattr(self, "optimizer", None), "squares_step")

    def rows_held(self, x: tf.data.Dataset) -> int:
        """Residuals of which the Jacobian is held as a whole; 0 where it is summed in pieces."""
        return 0

    def fit(self, x: tf.data.Dataset, **kwargs: Any) -> keras.callbacks.History:
        """Keras's `fit`, of a tf.data.Dataset.

        A loss that becomes NaN or infinite, or a million times the lowest, stops the training with
        a warning, and the weights of the lowest loss stay.

        Raises:
            ValueError: If Levenberg-Marquardt's matrices would not fit into memory.
        """
        seen = self.guard()
        data = seen.admitted(x)
        if self.second_order:
            self.optimizer.check_size(self.count_params(), self.rows_held(x))
        guard = StopOnDivergence(None if self.second_order else partial(self._loss_of, x))
        callbacks = kwargs.pop("callbacks", None) or []
        if isinstance(callbacks, keras.callbacks.CallbackList):
            callbacks.append(guard)
        else:
            callbacks = [guard, *checked(keras.tree.flatten(callbacks))]
        # Keras's default shuffles arrays, and warns where it cannot.
        kwargs.setdefault("shuffle", False)
        if "epochs" in kwargs:
            kwargs["epochs"] = check.integer("epochs", kwargs["epochs"], 0)
        if kwargs.get("validation_data") is not None:
            unseen = kwargs["validation_data"]
            kwargs["validation_data"] = seen.admitted(unseen, "validation_data")
        with seen.speaking():
            return super().fit(data, callbacks=callbacks, **kwargs)

    def _loss_of(self, x: tf.data.Dataset) -> float:
        """The loss of the present weights, of the first batch of data."""
        strategy, batch = self.distribute_strategy, next(iter(x))
        losses = strategy.run(lambda data: self.test_step(data)["loss"], args=(batch,))
        return float(np.ravel(strategy.experimental_local_results(losses)[0])[0])

    def descended(
        self, residuals: Callable[[], tf.Tensor], share: tf.Tensor | float = 1.0
    ) -> tf.Tensor:
        """A step of a Keras optimizer down the gradient of share |r|^2; returns r before it.

        Raises:
            TypeError: If the optimizer fails in float64.
        """
        variables = self.trainable_variables
        with tf.GradientTape() as tape:
            residual = residuals()
            loss = self.optimizer.scale_loss(share * tf.reduce_sum(residual**2))
        gradient = tape.gradient(loss, [v.value for v in variables], unconnected_gradients="zero")
        try:
            self.optimizer.apply_gradients(zip(gradient, variables, strict=True))
        except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
            raise TypeError(
                "`optimizer` must take steps in float64. Received: "
                f"{type(self.optimizer).__name__}, which fails: {str(error).splitlines()[0]:.120} "
                "Give qwpinn.LevenbergMarquardt or keras's Adam."
            ) from error
        return residual

    def evaluate(
        self, x: tf.data.Dataset, *args: Any, return_dict: bool = True, **kwargs: Any
    ) -> dict[str, float] | list[float]:
        """What `fit` logs, of these data and the present weights; nothing is trained.

        As in `fit`, of several batches those of the last one.

        Args:
            x: Data as `fit` takes them.
            *args: Those of `keras.Model.evaluate`.
            return_dict: Defaults to True: floats by their names in `fit`'s history. False gives
                the floats alone, the loss first.
            **kwargs: As ``args``.

        Raises:
            TypeError: As `fit`.
            ValueError: As `fit`.
        """
        seen = self.guard()
        # Those that `fit` validates on have been admitted by it.
        data = x if kwargs.get("_use_cached_eval_dataset") else seen.admitted(x)
        with seen.speaking():
            logs = super().evaluate(data, *args, return_dict=True, **kwargs)
        # Those of a `tf.distribute` strategy have the shape (1,).
        found = {key: float(np.ravel(value)[0]) for key, value in logs.items()}
        return found if return_dict else [found.pop("loss"), *found.values()]

    def get_compile_config(self) -> dict[str, Json] | None:
        if not getattr(self, "compiled", False):
            return None
        return {
            "optimizer": keras.saving.serialize_keras_object(self.optimizer),
            "jit_compile": self.jit_compile,
            "steps_per_execution": self.steps_per_execution,
            "run_eagerly": self.run_eagerly,
        }

    def compile_from_config(self, config: dict[str, Json]) -> None:
        self.compile(**keras.saving.deserialize_keras_object(config))

    @abc.abstractmethod
    def residuals(self, data: Data) -> tf.Tensor:
        """Residuals r of every member, shape ``(batch, rows)``."""

    def jacobian(self, data: Data) -> tf.Tensor:
        """Derivatives of all r by all trainable variables, shape ``(batch rows, P)``."""
        raise NotImplementedError(
            f"`{type(self).__name__}` must define `jacobian` for steps of second order. Received: "
            f"{type(self.optimizer).__name__}. Define it, or give keras's Adam."
        )

    def piece(self, data: Data) -> int:
        """How many members of a batch are differentiated at once."""
        return 1

    @abc.abstractmethod
    def logs(self, data: Data, residual: tf.Tensor) -> Logs:
        """What `fit` reports of a batch, means over its members: ``loss`` and something else.

        Keras would put its own tracker in the place of a loss that comes alone.
        """

    def _maybe_symbolic_build(self, *_: Any, **__: Any) -> None:
        """Nothing: the model is built, and Keras 3.15 fails here under `tf.distribute`."""

    @property
    def weights_to_train(self) -> int:
        """P, how many numbers are trained."""
        return sum(v.value.shape.num_elements() for v in self.trainable_variables)

    def members(self, data: Data) -> Data:
        """A batch of `fit` as the other methods take it."""
        return data

    def train_step(self, data: Data) -> Logs:
        data = self.members(data)
        if self.second_order:
            # A step asks several times for residuals: as a function, they are traced once.
            residuals = tf.function(lambda: self._all_residuals(data), autograph=False)
            linearised = self.linearised(data, residuals())
            stepped = self.optimizer.squares_step(residuals, linearised, self.trainable_variables)
            step = taken(stepped)
            return self._reported(data, step.residual, step.logs)
        residual = self.descended(lambda: self.residuals(data), 1.0 / self._size(data))
        return self._reported(data, residual)

    def test_step(self, data: Data) -> Logs:
        data = self.members(data)
        return self._reported(data, self.residuals(data))

    def linearised(self, data: Data, residual: tf.Tensor) -> Linearised:
        """The residuals of a batch, which are known, to first order in the trainable variables."""
        if self._in_one_piece(data):
            return Linearised.of(residual, self.jacobian(data)).of_all()

        def add(
            part: Data, r: tf.Tensor, normal: tf.Tensor, gradient: tf.Tensor
        ) -> tuple[tf.Tensor, tf.Tensor]:
            one = Linearised.of(r, self.jacobian(part))
            return normal + one.normal, gradient + one.gradient

        size = self.weights_to_train
        zeros = tf.zeros((size, size), self.compute_dtype), tf.zeros(size, self.compute_dtype)
        normal, gradient = self._over_pieces((data, residual), add, zeros)
        return Linearised(residual, normal, gradient, partial(self._pulled_back, data)).of_all()

    def _all_residuals(self, data: Data) -> tf.Tensor:
        """The residuals, computed piece by piece."""
        if self._in_one_piece(data):
            return self.residuals(data)
        pieces = tf.TensorArray(self.compute_dtype, 0, dynamic_size=True, infer_shape=False)

        def add(part: Data, number: tf.Tensor, found: tf.TensorArray) -> Tensors:
            return number + 1, found.write(number, self.residuals(part))

        _, pieces = self._over_pieces((data,), add, (tf.constant(0), pieces))
        return pieces.concat()

    def _pulled_back(self, data: Data, vector: tf.Tensor) -> tf.Tensor:
        """J^T y, for y of the shape of the residuals."""
        values = [v.value for v in self.trainable_variables]

        def add(part: Data, y: tf.Tensor, *gradient: tf.Tensor) -> Tensors:
            with tf.GradientTape() as tape:
                product = tf.reduce_sum(y * self.residuals(part))
            found = tape.gradient(product, values, unconnected_gradients="zero")
            return tuple(old + new for old, new in zip(gradient, found, strict=True))

        zeros = tuple(tf.zeros_like(value) for value in values)
        parts = self._over_pieces((data, vector), add, zeros)
        return tf.concat([tf.reshape(part, [-1]) for part in parts], axis=0)

    def _in_one_piece(self, data: Data) -> bool:
        """Whether a batch is known to be no more than is differentiated at once."""
        batch = next(iter(data.values())).shape[0]
        return batch == 1 or (batch is not None and batch <= self.piece(data))

    def _over_pieces(
        self, batch: tuple[Data, *Tensors], add: Callable[..., Tensors], start: Tensors
    ) -> Tensors:
        """Folds a function of (*pieces of the data and of what goes with it, *sums)."""
        size, members = self.piece(batch[0]), tf.shape(tf.nest.flatten(batch)[0])[0]

        def body(at: tf.Tensor, *sums: tf.Tensor) -> Tensors:
            parts = tf.nest.map_structure(lambda value: value[at : at + size], batch)
            return (at + size, *add(*parts, *sums))

        found = tf.while_loop(
            lambda at, *_: at < members, body, (tf.constant(0), *start), parallel_iterations=1
        )
        return tuple(found[1:])

    def _size(self, data: Data) -> tf.Tensor:
        """Members in the batches of all replicas."""
        return summed(tf.cast(tf.shape(next(iter(data.values())))[0], self.compute_dtype))

    def _reported(self, data: Data, residual: tf.Tensor, of_step: Logs | None = None) -> Logs:
        """Means over all replicas, and what they have in common.

        With several, of shape (1,), for Keras cannot gather scalars from them.
        """
        found, of_step = self.logs(data, residual), of_step or {}
        if replicas() == 1:
            return found | of_step
        share = tf.cast(tf.shape(residual)[0], self.compute_dtype) / self._size(data)
        means = {key: summed(share * value) for key, value in found.items()}
        return {key: tf.reshape(value, [1]) for key, value in (means | of_step).items()}
