"""A bandit: which weights the conditions that join pieces get, by how the loss falls under each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.inputs import check, limits
from qwpinn.techniques.term_weights import TermWeights

# What each condition may weigh, by default.
WEIGHTS = (1.0, 1e2, 1e4)


class InterfaceBandit(TermWeights):
    r"""Chooses the weights of interface conditions, phase by phase, as arms of a bandit.

    After each phase of a few epochs, the arm a of the largest upper confidence bound is taken,

    .. math:: \bar R_a + c \sqrt{\frac{\ln n}{n_a}}, \quad R = \ln \frac{L_{before}}{L_{after}},

    with n_a phases of this arm among n, and each arm tried once. L is the loss in which every term
    has the largest weight that any arm gives it: of the weights of the moment, the smallest would
    look best. (The paper's bandits choose among conditions, over the trainings of many equations of
    a family, and are rewarded by errors against known solutions. Here there is one training and no
    solution; both conditions are exact and needed, and what matters is their weights.)

    Of the finite well, 6000 steps of Adam end 0.8 of E_0 off with weights of 1, and 2e-3 with the
    bandit; of the barrier, whose psi is small there, both are off by a hundredth or more.

    Args:
        data: What `fit` is given: one batch.
        arms: Weights by the names of terms, each of the same names. Defaults to None: of the terms
            ``"psi"`` and ``"slope"``, all pairs of 1, 100 and 10000.
        every: Epochs of a phase.
        exploration: c >= 0.

    Logs ``arm``, which was pulled.

    Raises:
        TypeError: If ``data`` is no dataset, or the arms are no dicts of numbers.
        ValueError: If a number is not allowed, or arms do not have the same names.

    Example:
        >>> import keras, qwpinn
        >>> from qwpinn.techniques import Continuity, Joined
        >>> well, xi = qwpinn.FiniteWell(), keras.layers.Identity(dtype="float64")
        >>> hidden = Joined.for_potential(well, units=6)
        >>> model = qwpinn.QuantumWellPINN(well, states=1, hidden=hidden, features=xi)
        >>> model.add_residual("psi", Continuity(0))
        >>> model.add_residual("slope", Continuity(1))
        >>> model.compile("adam")
        >>> data = qwpinn.collocation(well, 120)
        >>> bandit = InterfaceBandit(data)
        >>> history = model.fit(data.repeat(10), epochs=2, callbacks=[bandit], verbose=0)
        >>> history.history["arm"]
        [0.0, 1.0]

    Reference:
        S. Li, M. Penwarden, Y. Xu, C. Tillinghast, A. Narayan, R. M. Kirby, S. Zhe, Meta learning
        of interface conditions for multi-domain physics-informed neural networks, ICML 2023,
        arXiv:2210.12669; P. Auer, N. Cesa-Bianchi, P. Fischer, Machine Learning 47 (2002) 235.
    """

    def __init__(
        self,
        data: tf.data.Dataset,
        arms: Sequence[Mapping[str, float]] | None = None,
        every: int = 1,
        exploration: float = 0.1,
    ) -> None:
        super().__init__(data, every)
        self.exploration = check.not_negative("exploration", exploration, "weight")
        if arms is None:
            pairs = itertools.product(WEIGHTS, repeat=2)
            self.arms = [{"psi": psi, "slope": slope} for psi, slope in pairs]
        else:
            self.arms = _checked(arms)
        self.names = tuple(self.arms[0])

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        missing = [name for name in self.names if name not in self.model.objective.names]
        if missing:
            raise ValueError(
                f"`arms` must weigh terms of the loss, {', '.join(self.model.objective.names)}. "
                f"Received: {missing[0]!r}. Add it by `add_residual`, before `compile`."
            )
        self.counts, self.rewards = np.zeros((2, len(self.arms)))
        self._terms = tf.function(self._of_batch, autograph=False)
        self._loss = self.yardstick()
        self._pull(0)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if logs is not None:
            logs["arm"] = float(self.arm)
        if self.due(epoch):
            loss = self.yardstick()
            tiny = np.finfo(np.float64).tiny
            self.counts[self.arm] += 1.0
            self.rewards[self.arm] += math.log(max(self._loss, tiny)) - math.log(max(loss, tiny))
            self._loss = loss
            self._pull(self.best())

    def best(self) -> int:
        """The arm of the largest upper confidence bound; one that was not tried has none."""
        tried = np.maximum(self.counts, 1.0)
        spread = np.sqrt(math.log(max(self.counts.sum(), 1.0)) / tried)
        bounds = self.rewards / tried + self.exploration * spread
        return int(np.argmax(np.where(self.counts > 0.0, bounds, np.inf)))

    def yardstick(self) -> float:
        """The loss in which each term has the largest weight of all arms."""
        terms = self._terms(self.batch())
        largest = {name: max(arm[name] for arm in self.arms) for name in self.names}
        return float(sum(largest.get(name, 1.0) * float(term) for name, term in terms.items()))

    def _pull(self, arm: int) -> None:
        self.arm = arm
        for name, weight in self.arms[arm].items():
            self.model.objective.weights[name].assign(weight)

    def _of_batch(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        model = self.model
        found: dict[str, tf.Tensor] = model.objective.terms(model, model.members(batch))
        return found


def _checked(arms: object) -> list[dict[str, float]]:
    """Arms as dicts of weights of the same names."""
    cure = "Give e.g. [{'psi': 1.0}, {'psi': 100.0}]."
    found = kinds.each("arms", arms, dict, "weights by the names of terms, in dicts", cure)
    limits.at_most("arms", len(found), limits.MEMBERS)
    names = {tuple(sorted(map(str, arm))) for arm in found}
    if len(found) < 2 or len(names) > 1 or not found[0]:
        raise ValueError(
            f"`arms` must be two or more that weigh the same terms. Received: {arms!r:.60}. {cure}"
        )
    return [{n: check.not_negative("arms", w, "weight") for n, w in arm.items()} for arm in found]
