r"""Normal equations of a family: its networks of p enter member by member, by a few numbers.

The rows of a member know the weights of the branches and of the energies by its mixture b and its
log energies e alone, y = (b_0, ..., b_K-1, e) in all. With the Jacobian D of these rows by the
trunk's weights and by y, and Z_i that of one y_i by the weights of its own network (the identity,
for the trunk), J^T J has the blocks

.. math:: \sum_\mathrm{members} Z_i^T \, (D^T D)_{ij} \, Z_j,

a tenth of the products that all rows of J make.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.training.residuals import columns
from qwpinn.training.traced import Data, Pieces, Tensors

if TYPE_CHECKING:
    from qwpinn.families.residuals import FamilyEquation

Array = NDArray[np.float64]

# What members have of the networks of p, by the names that it has among their data.
OF_STATES = ("mixture", "log_energies")


class FamilyPieces(Pieces):
    """Sums over a batch of members.

    Args:
        model: Whose equation it is.
    """

    model: FamilyEquation

    def __init__(self, model: FamilyEquation) -> None:
        super().__init__(model)
        networks = [*model.operator.branches, model.surface.network]
        weights = [[v.value for v in network.trainable_variables] for network in networks]
        every = [v.value for v in model.trainable_variables]
        self.trunk = every[: len(every) - sum(map(len, weights))]
        self.kept = [i for i, own in enumerate(weights) if own]
        self.weights = [weights[i] for i in self.kept]

    @property
    def in_order(self) -> bool:
        """Whether the weights of the networks of p are the last of all."""
        found = [v for own in (self.trunk, *self.weights) for v in own]
        every = [v.value for v in self.model.trainable_variables]
        return all(one is other for one, other in zip(found, every, strict=True))

    def summed(self, data: Data, residual: tf.Tensor) -> Tensors:
        size, dtype = self.model.weights_to_train, self.model.compute_dtype
        start = tf.zeros((size, size), dtype), tf.zeros(size, dtype)
        width = sum(v.shape.num_elements() for v in self.trunk)
        width += self.model.states * (self.model.operator.trunk.states + 1)

        def add(part: Data, r: tf.Tensor, normal: tf.Tensor, gradient: tf.Tensor) -> Tensors:
            states = dict(zip(OF_STATES, self.model.states_at(part["p"]), strict=True))
            rows = self.model.derivatives({**part, **states}, self.trunk, OF_STATES)
            maps = tf.vectorized_map(self._of_networks, part["p"])
            found = tf.numpy_function(self._products, [rows, r, *maps], [dtype] * 2, stateful=False)
            return tuple(
                tf.ensure_shape(old + new, old.shape)
                for old, new in zip((normal, gradient), found, strict=True)
            )

        return self.folded((data, residual), add, start, self.model.piece_for(data, width))

    def _of_networks(self, p: tf.Tensor) -> Tensors:
        """Of a member: how b turns with e, ``(M, K, K)``, and Z of each network."""
        with tf.GradientTape(persistent=True) as tape:
            mixture, log_energies = self.model.states_at(p[None])
            by_mode = mixture[0]
            outputs = [*tf.unstack(by_mode, axis=-1), log_energies[0]]
        turned = tape.jacobian(by_mode, log_energies)[:, :, 0]
        each = [
            columns(tape.jacobian(outputs[i], own, unconnected_gradients="zero"), own)
            for i, own in zip(self.kept, self.weights, strict=True)
        ]
        return (turned, *each)

    def _products(self, rows: Array, residual: Array, turned: Array, *maps: Array) -> list[Array]:
        """J^T J and J^T r of some members."""
        modes, states = turned.shape[1:3]
        ends = np.cumsum([rows.shape[2] - (modes + 1) * states, modes * states])
        trunk, mixture, log_energies = np.split(rows, ends, axis=2)
        by_state = mixture.reshape(*rows.shape[:2], modes, states).transpose(3, 0, 1, 2)
        log_energies = log_energies + mixture @ turned.reshape(len(rows), -1, states)
        outputs = [*by_state, log_energies]
        return _joined([trunk, *(outputs[i] for i in self.kept)], residual, maps)


def _joined(rows: Sequence[Array], residual: Array, maps: Sequence[Array]) -> list[Array]:
    """J^T J and J^T r of D in parts ``(members, rows, y_i)`` and of Z, but for that of the first.

    Args:
        rows: D.
        residual: r, ``(members, rows)``.
        maps: Z_i, ``(members, y_i, P_i)``.
    """

    def mapped(i: int, factor: Array) -> Array:
        """Sums over members of Z_i^T times a factor ``(members, y_i, ...)``."""
        if i == 0:
            return np.asarray(factor.sum(axis=0))
        return np.tensordot(maps[i - 1], factor, axes=([0, 1], [0, 1]))

    pulled = [
        mapped(i, part.transpose(0, 2, 1) @ residual[:, :, None]) for i, part in enumerate(rows)
    ]
    blocks = [[np.empty(0)] * len(rows) for _ in rows]
    for i, part in enumerate(rows):
        for j, other in enumerate(rows[: i + 1]):
            gram = part.transpose(0, 2, 1) @ other
            blocks[i][j] = mapped(i, gram if j == 0 else gram @ maps[j - 1])
            blocks[j][i] = blocks[i][j].T
    return [np.block(blocks), np.concatenate(pulled)[:, 0]]
