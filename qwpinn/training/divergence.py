"""Divergence: training stops when the loss is lost, and gives back the best weights it had."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import keras
import numpy as np

from qwpinn.equation import kinds
from qwpinn.status import Status

# A loss that rises so much above the lowest has left the solution; one that is lower than this, in
# scaled units, is rounding.
RISE, ROUNDING = 1e6, 1e-16


class StopOnDivergence(keras.callbacks.Callback):
    """Stop when the loss is NaN, infinite or a million times the lowest; restore the best weights.

    `QuantumWellPINN.fit` and `FamilyPINN.fit` always add one; it sets the model's ``status``.

    Args:
        loss: Gives the loss of the model's weights when training has ended. Defaults to None: it
            is that of the last batch, for the optimizer reports what its steps have led to.
    """

    def __init__(self, loss: Callable[[], float] | None = None) -> None:
        super().__init__()
        self._loss = loss

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.model.status = Status.TRAINED
        self._best = self._last = self.model.get_weights()
        self._lowest = np.inf

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        # The loss of a gradient step is that of the weights before it: only the loss of the next
        # step shows whether the weights that this one left are good.
        self._judge(float(np.ravel((logs or {}).get("loss", 0.0))[0]))
        self._last = self.model.get_weights()
        self.model.stop_training |= self.model.status.failed

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        if self._loss is not None and not self.model.status.failed:
            self._last = self.model.get_weights()
            self._judge(self._loss())
        if self.model.status.failed:
            # At the end, for an optimizer's moving average has been put in the weights' place.
            self.model.set_weights(self._best)
            warnings.warn(str(self.model.status), stacklevel=2)

    def _judge(self, loss: float) -> None:
        """Take the loss of the weights before the last step."""
        if not np.isfinite(loss):
            self.model.status = Status.NOT_FINITE
        elif loss > RISE * max(self._lowest, ROUNDING):
            self.model.status = Status.DIVERGED
        elif loss <= self._lowest:
            self._lowest, self._best = loss, self._last


def checked(callbacks: object) -> list[keras.callbacks.Callback]:
    """Callbacks as a list, refusing what is none.

    Raises:
        TypeError: If it is no list of Keras callbacks.
    """
    expected, cure = "a list of Keras callbacks", "Put objects, not classes, into brackets."
    return kinds.each("callbacks", callbacks, keras.callbacks.Callback, expected, cure)
