"""Callbacks that change the weights of the loss's terms while a network trains."""

from __future__ import annotations

import keras
import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.inputs import check
from qwpinn.training.open_model import OpenModel


class TermWeights(keras.callbacks.Callback):
    """Changes ``model.objective.weights`` every few epochs, from what one batch says.

    Subclasses say what happens in `on_train_begin` and `on_epoch_end`.

    Args:
        data: What `fit` is given; asked for its first batch.
        every: Epochs between two changes.

    Raises:
        TypeError: If ``data`` is no dataset, or ``every`` no integer.
        ValueError: If ``every`` is less than 1.
    """

    def __init__(self, data: tf.data.Dataset, every: int) -> None:
        super().__init__()
        cure = "Give that of qwpinn.collocation(potential)."
        self.data = kinds.one_of("data", data, tf.data.Dataset, "a tf.data.Dataset", cure)
        self.every = check.integer("every", every)

    def set_model(self, model: OpenModel) -> None:
        super().set_model(model)
        model.let_weights_vary()

    def due(self, epoch: int) -> bool:
        """Whether an epoch, counted from 0, is followed by a change."""
        return (epoch + 1) % self.every == 0

    def batch(self) -> dict[str, tf.Tensor]:
        """The first batch."""
        found: dict[str, tf.Tensor] = next(iter(self.data))
        return found
