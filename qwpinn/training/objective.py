"""The objective: a loss, the terms that were added to it, and the weight of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.inputs import check
from qwpinn.training.losses import Loss, SquaresLoss, Terms
from qwpinn.training.residuals import columns

if TYPE_CHECKING:
    from qwpinn.training.open_model import OpenModel

Data = Mapping[str, tf.Tensor]
# Of a model and the collocation data, in own units: a vector (m,).
Added = Callable[[Any, Data], tf.Tensor]


class Objective:
    """What a model is trained to make small: the sum of weight times term.

    Args:
        loss: Its own terms.
        added: Vectors by name, each a term more: the square of its norm.

    Attributes:
        weights: Of each term, by its name: variables, for callbacks that change them, once
            `OpenModel.let_weights_vary` has been called.
        weighted: Whether weights may differ from one.
    """

    def __init__(self, loss: Loss, added: Mapping[str, Added]) -> None:
        self.loss, self.added = loss, dict(added)
        self.names = (*loss.names, *added)
        self.weights = {name: tf.Variable(1.0, dtype=tf.float64, name=name) for name in self.names}
        self.weighted = False

    def weigh(self, given: object) -> None:
        """Set weights, as ``loss_weights`` of `compile` has them.

        Raises:
            TypeError: If they are no dict of numbers by name.
            ValueError: If a name is of no term, or a weight is negative.
        """
        if given is None:
            return
        if not isinstance(given, Mapping):
            raise TypeError(
                f"`loss_weights` must be a dict of weights by the names of the terms, "
                f"{_listed(self.names)}. Received: {kinds.shown(given)}. Give e.g. "
                f"{{'{self.names[0]}': 1.0}}."
            )
        for name, weight in given.items():
            if name not in self.weights:
                raise ValueError(
                    f"`loss_weights` must name terms of the loss, {_listed(self.names)}. "
                    f"Received: {name!r}. A term of one's own comes by `add_residual`, before "
                    "`compile`."
                )
            self.weights[name].assign(check.not_negative("loss_weights", weight, "weight"))
        self.weighted = True

    @property
    def plain(self) -> bool:
        """Whether it is the loss alone, every term of weight one."""
        return not self.weighted and not self.added

    def terms(self, model: OpenModel, data: Data) -> Terms:
        """Every term, without its weight; data as `OpenModel.members` has them."""
        found = self.loss.terms(model, data)
        vectors = self._added_vectors(model, data)
        return found | {name: tf.reduce_sum(vector**2) for name, vector in vectors.items()}

    def value(self, terms: Terms) -> tf.Tensor:
        """The sum of terms, weighed."""
        return tf.add_n([self.weights[name] * term for name, term in terms.items()])

    def report(self, terms: Terms) -> Terms:
        """What `fit` logs of the terms, without their weights, and the loss."""
        own = {name: terms[name] for name in self.loss.names}
        added = {name: terms[name] ** 0.5 for name in self.added}
        return {"loss": self.value(terms), **self.loss.report(own), **added}

    def residuals(self, model: OpenModel, data: Data) -> Terms:
        """The vectors whose squares are the terms, weighed, each ``(1, rows)``."""
        found = self.squares_loss().vectors(model, data)
        for name, vector in self._added_vectors(model, data).items():
            found[name] = vector[None]
        return {name: self.weights[name] ** 0.5 * vector for name, vector in found.items()}

    def jacobian(self, model: OpenModel, data: Data) -> tf.Tensor:
        """Derivatives of `residuals` by all that is trained, ``(rows, P)``."""
        loss = self.squares_loss()
        vectors = loss.vectors(model, data)
        sizes = [tf.size(vector) for vector in vectors.values()]
        roots = [self.weights[name] ** 0.5 for name in vectors]
        jacobian = loss.jacobian(model, data)
        jacobian *= tf.repeat(tf.stack(roots), tf.stack(sizes))[:, None]
        values = [v.value for v in model.trainable_variables]
        if self.added:
            with tf.GradientTape() as tape:
                vectors = self._added_vectors(model, data)
                rows = [self.weights[name] ** 0.5 * vector for name, vector in vectors.items()]
                stacked = tf.concat(rows, axis=0)
            found = tape.jacobian(stacked, values, unconnected_gradients="zero")
            jacobian = tf.concat([jacobian, columns(found, values)], axis=0)
        return jacobian

    def _added_vectors(self, model: OpenModel, data: Data) -> Terms:
        """Each as a vector of float64."""
        own = model.own_units(data) if self.added else {}
        return {name: _vector(name, function(model, own)) for name, function in self.added.items()}

    def squares_loss(self) -> SquaresLoss:
        """Its loss, where an optimizer asks for residuals.

        Raises:
            ValueError: If it is no sum of squares.
        """
        if isinstance(self.loss, SquaresLoss):
            return self.loss
        raise ValueError(
            "`loss` must be a sum of squares for an optimizer of second order, as "
            f"qwpinn.ResidualLoss is. Received: {type(self.loss).__name__}. Give e.g. keras's Adam."
        )


def _vector(name: str, found: object) -> tf.Tensor:
    """What a function of one's own returned, as a vector of float64.

    Raises:
        TypeError: If it is of another precision, or no numbers.
    """
    dtype = tf.as_dtype(getattr(found, "dtype", tf.float64))
    if dtype != tf.float64:
        raise TypeError(
            f"`{name}` must return float64, as the model computes. Received: {dtype.name}. Give "
            "constants as tf.constant(..., tf.float64)."
        )
    if found is None:
        raise TypeError(
            f"`{name}` must return a vector. Received: None. End its function with `return`."
        )
    return tf.reshape(tf.convert_to_tensor(found, tf.float64), [-1])


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)
