"""Models whose loss is a sum of squares: `compile`, `fit`, and their one training step."""

from __future__ import annotations

import abc
import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, TypeVar

import keras
import numpy as np
import tensorflow as tf

from qwpinn.inputs import check
from qwpinn.startup import refuse_fork
from qwpinn.storage.plain import Json
from qwpinn.training.arguments import NONE, checked_jit, refuse_without_effect
from qwpinn.training.divergence import StopOnDivergence, checked
from qwpinn.training.guard import Array, Guard
from qwpinn.training.levenberg_marquardt import LevenbergMarquardt  # noqa: F401 - known to Keras
from qwpinn.training.optimizers import optimizer_of, replicas, summed, taken
from qwpinn.training.squares import Squares, one_thread, parted
from qwpinn.training.traced import Functions, Pieces, Traced

Data = Mapping[str, tf.Tensor]
Logs = dict[str, tf.Tensor]
Found = TypeVar("Found")


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

    # Of arguments of `compile` that have no effect, by name: what the model has in their place.
    cures: ClassVar[Mapping[str, str]] = NONE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        refuse_fork("model")
        super().__init__(*args, **kwargs)
        self._traced: Functions | None = None
        self._seen: Guard[Mapping[str, Array]] = Guard()
        self._tested = "x"

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

        Arguments are as those of `qwpinn.training.open_model.OpenModel.compile`, but for ``loss``
        and what goes with it.

        Raises:
            TypeError: If an argument is none of `keras.Model.compile`.
            ValueError: If one is given that would have no effect.
        """
        refuse_without_effect(refused, others, self.cures)
        self._compile(optimizer, jit_compile, steps_per_execution, run_eagerly)

    def _compile(
        self,
        optimizer: object,
        jit_compile: bool,
        steps_per_execution: int,
        run_eagerly: bool,
        metrics: object = None,
    ) -> None:
        """Keras's `compile`, with what has an effect."""
        super().compile(
            optimizer=optimizer_of(optimizer),
            jit_compile=checked_jit(jit_compile),
            steps_per_execution=check.integer("steps_per_execution", steps_per_execution),
            run_eagerly=run_eagerly,
            metrics=metrics,
        )
        self.optimizer.build(self.trainable_variables)
        self._traced = None

    def guard(self) -> Guard[Mapping[str, Array]]:
        """What refuses data that are not this model's."""
        return Guard()

    @property
    def second_order(self) -> bool:
        """Whether the optimizer takes its steps by residuals and their Jacobian."""
        return hasattr(getattr(self, "optimizer", None), "squares_step")

    def rows(self, x: tf.data.Dataset) -> tuple[int, int]:
        """Residuals of the first batch, and of how many J is held at once; 0 if not counted."""
        return 0, 0

    def fit(self, x: tf.data.Dataset, **kwargs: Any) -> keras.callbacks.History:
        """Keras's `fit`, of a tf.data.Dataset.

        A loss that becomes NaN or infinite, or a million times the lowest, stops the training with
        a warning, and the weights of the lowest loss stay.

        Raises:
            ValueError: If nothing is to be trained, or Levenberg-Marquardt's matrices would not fit
                into memory.
        """
        if not self.trainable_variables:
            raise ValueError(
                "`model` must have weights to train. Received: one that holds all. Set `trainable` "
                "of a layer to True, and compile it."
            )
        seen, data = self._admitted(x, "x")
        if self.second_order:
            self.optimizer.check_size(self.weights_to_train, *self.rows(x))
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
            name = "validation_data"
            kwargs[name] = self._admitted(kwargs[name], name)[1]
        with seen.speaking():
            return super().fit(data, callbacks=callbacks, **kwargs)

    def _admitted(
        self, data: tf.data.Dataset, name: str
    ) -> tuple[Guard[Mapping[str, Array]], tf.data.Dataset]:
        """What looks at the batches of data, and these; steps run as Python look themselves."""
        seen = self.guard()
        if not self.second_order:
            return seen, seen.admitted(data, name)
        seen.begin(data, name)
        self._seen = seen
        return seen, data

    def _loss_of(self, x: tf.data.Dataset) -> float:
        """The loss of the present weights, of the first batch of data."""
        strategy, batch = self.distribute_strategy, next(iter(x))
        losses = strategy.run(lambda data: self.test_step(data)["loss"], args=(batch,))
        return float(np.ravel(strategy.experimental_local_results(losses)[0])[0])

    def descended(self, loss: Callable[[], tuple[tf.Tensor, Found]]) -> Found:
        """A step of a Keras optimizer down the gradient of a loss.

        The loss comes with whatever is asked for of the weights before the step, and returned.

        Raises:
            TypeError: If the optimizer fails in float64.
        """
        variables = self.trainable_variables
        with tf.GradientTape() as tape:
            value, found = loss()
            scaled = self.optimizer.scale_loss(value)
        gradient = tape.gradient(scaled, [v.value for v in variables], unconnected_gradients="zero")
        try:
            self.optimizer.apply_gradients(zip(gradient, variables, strict=True))
        except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
            raise TypeError(
                "`optimizer` must take steps in float64. Received: "
                f"{type(self.optimizer).__name__}, which fails: {str(error).splitlines()[0]:.120} "
                "Give qwpinn.LevenbergMarquardt or keras's Adam."
            ) from error
        return found

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
        # Those that `fit` validates on have been admitted by it.
        validating = bool(kwargs.get("_use_cached_eval_dataset"))
        self._tested = "validation_data" if validating else "x"
        seen, data = (Guard(), x) if validating else self._admitted(x, "x")
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

    @property
    def pieces(self) -> Pieces:
        """What sums over a batch."""
        return Pieces(self)

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
        """A step on a batch of `fit`: down the gradient, or of second order, `squares_step`."""
        if self.second_order:
            return self.squares_step(data)
        at = self.members(data)

        def loss() -> tuple[tf.Tensor, tf.Tensor]:
            residual = self.residuals(at)
            return tf.reduce_sum(residual**2) / self._size(at), residual

        return self.reported(at, self.descended(loss))

    def test_step(self, data: Data) -> Logs:
        if self.second_order:
            squares = self.squares(data)
            return squares.logs(squares.residuals(self.weights_taken()))
        data = self.members(data)
        return self.reported(data, self.residuals(data))

    def make_train_function(self, force: bool = False) -> None:
        """Keras's, which traces `train_step`; steps of second order run as Python."""
        if self.second_order:
            self.train_function = partial(self._over_batches, self.train_step, "x")
        else:
            super().make_train_function(force)

    def make_test_function(self, force: bool = False) -> None:
        if self.second_order:
            self.test_function = partial(self._over_batches, self.test_step, self._tested)
        else:
            super().make_test_function(force)

    def squares_step(self, data: Data) -> dict[str, float]:
        """A step of an optimizer that has one of this name, on a batch as `fit` reads it."""
        squares = self.squares(data)
        # A step that overflows is refused.
        with one_thread(), np.errstate(all="ignore"):
            step = taken(self.optimizer.squares_step(squares, self.weights_taken()))
        self.take_weights(step.weights)
        return squares.logs(step.residual) | step.logs

    def squares(self, data: Data) -> Squares:
        """The loss of a batch as a function of all weights, as `fit` reads it."""
        return Traced(self, data)

    @property
    def traced(self) -> Functions:
        """What is traced of the model for steps of second order, kept until it is compiled anew."""
        if self._traced is None:
            self._traced = Functions.of(self)
        return self._traced

    def weights_taken(self) -> Array:
        """All numbers to train in one row, ``(P,)``."""
        return np.concatenate([v.numpy().ravel() for v in self.trainable_variables])

    def take_weights(self, weights: Array) -> None:
        """Set the variables to what stands in one row."""
        variables = self.trainable_variables
        parts = parted(weights, [variable.shape for variable in variables])
        for variable, part in zip(variables, parts, strict=True):
            variable.assign(part)

    def _over_batches(
        self, function: Callable[[Data], dict[str, float]], name: str, batches: Iterator[Data]
    ) -> dict[str, float]:
        """What a function says of the last of as many batches as Keras has in an execution."""
        found: dict[str, float] = {}
        for data in itertools.islice(batches, self.steps_per_execution):
            self._seen.look(data, name)
            found = function(data)
        if not found:
            raise StopIteration
        return found

    def _size(self, data: Data) -> tf.Tensor:
        """Members in the batches of all replicas."""
        return summed(tf.cast(tf.shape(next(iter(data.values())))[0], self.compute_dtype))

    def reported(self, data: Data, residual: tf.Tensor) -> Logs:
        """The `logs`, as means over all replicas.

        With several, of shape (1,), for Keras cannot gather scalars from them.
        """
        found = self.logs(data, residual)
        if replicas() == 1:
            return found
        share = tf.cast(tf.shape(residual)[0], self.compute_dtype) / self._size(data)
        return {key: tf.reshape(summed(share * value), [1]) for key, value in found.items()}
