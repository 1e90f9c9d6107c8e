"""Annealing: weights of the loss's terms that follow the statistics of their gradients."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from qwpinn.inputs import check
from qwpinn.techniques.term_weights import TermWeights


class AnnealedWeights(TermWeights):
    r"""Weights of the terms beside the first that keep all gradients of one size.

    .. math:: \hat\lambda_i = \frac{\max_\theta |\nabla_\theta L_r|}
                                   {\mathrm{mean}_\theta |\nabla_\theta L_i|}, \quad
              \lambda_i \leftarrow (1 - \alpha) \lambda_i + \alpha \hat\lambda_i,

    with theta all numbers that are trained, L_r the term that weighs one, the residual, and L_i the
    others without their weights. It sets ``model.objective.weights``, for any loss with two terms
    or more, and logs ``weight_NAME`` of each. A term whose gradient is zero keeps its weight.

    From random weights and ``normalisation=1``, where psi = 0 is the cheaper answer in the finite
    well and the barrier, it keeps the norm of psi at 1. It does not converge itself: near the
    solution the overlaps are so well met that their gradient vanishes before the residual's, and
    their weight grows until ``largest`` holds it, to a stiff loss with small steps. Where psi = 0
    is no danger, as in the infinite well, training is slower with it than without.

    Args:
        data: What `qwpinn.collocation` gave for `fit`; gradients are those of its first batch.
        every: Epochs between two changes. Defaults to 10.
        rate: alpha, in (0, 1]. Defaults to 0.1, as the paper's programs have it.
        residual: The name of L_r. Defaults to "residual".
        largest: What lambda-hat is cut off at; the paper has no such bound. Defaults to 1e4.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a number is not allowed; in `fit`, if no term or no other has this name.

    Example:
        >>> import qwpinn
        >>> well = qwpinn.InfiniteWell()
        >>> model = qwpinn.QuantumWellPINN(well, states=1, normalisation=1.0)
        >>> model.compile("adam")
        >>> data = qwpinn.collocation(well)
        >>> annealed = qwpinn.techniques.AnnealedWeights(data, every=1, rate=1.0)
        >>> history = model.fit(data, epochs=2, callbacks=[annealed], verbose=0).history
        >>> history["weight_overlaps"][0] > 1.0
        True

    Reference:
        S. Wang, Y. Teng, P. Perdikaris, SIAM J. Sci. Comput. 43 (2021) A3055, arXiv:2001.04536.
    """

    def __init__(
        self,
        data: tf.data.Dataset,
        every: int = 10,
        rate: float = 0.1,
        residual: str = "residual",
        largest: float = 1e4,
    ) -> None:
        super().__init__(data, every)
        self.rate = check.positive("rate", rate, "rate")
        if self.rate > 1.0:
            raise ValueError(f"`rate` must be in (0, 1]. Received: rate={rate:g}. Give e.g. 0.1.")
        self.residual = residual
        self.largest = check.positive("largest", largest, "weight")

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        names = self.model.objective.names
        if self.residual not in names or len(names) < 2:
            raise ValueError(
                "`residual` must be one of two terms of the loss or more. Received: "
                f"{self.residual!r}, where the terms are {', '.join(names)}. Compile the model "
                "with e.g. qwpinn.ResidualLoss()."
            )
        self._gradients = tf.function(self._of_each_term, autograph=False)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        weights = self.model.objective.weights
        if self.due(epoch):
            for name, balanced in self.balanced().items():
                weights[name].assign((1.0 - self.rate) * weights[name] + self.rate * balanced)
        if logs is not None:
            logs.update({f"weight_{name}": float(weight) for name, weight in weights.items()})

    def balanced(self) -> dict[str, float]:
        """The weights lambda-hat of the present network, by the names of the terms."""
        found = self._gradients(self.batch())
        sizes = {name: np.abs(gradient) for name, gradient in found.items()}
        largest = sizes.pop(self.residual).max()
        return {
            name: float(min(largest / size.mean(), self.largest))
            for name, size in sizes.items()
            if size.any()
        }

    def _of_each_term(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Gradients of the terms by all that is trained, each ``(P,)``."""
        model = self.model
        values = [v.value for v in model.trainable_variables]
        with tf.GradientTape(persistent=True) as tape:
            terms = model.objective.terms(model, model.members(batch))
        found = {}
        for name, term in terms.items():
            parts = tape.gradient(term, values, unconnected_gradients="zero")
            found[name] = tf.concat([tf.reshape(part, [-1]) for part in parts], axis=0)
        return found
