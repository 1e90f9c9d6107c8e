"""The scaled equation of one well or many: residuals as vectors; the only tapes over x."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.training.least_squares import Data, Logs, SquaresModel
from qwpinn.training.points import AXES, COLUMNS

Functions = Callable[[tf.Tensor], tf.Tensor]


# Numbers of a Jacobian that are held at once, 32 MB; the tapes hold several times as many.
HELD = 4_000_000


def select(values: tf.Tensor, state: tf.Tensor) -> tf.Tensor:
    """The column of ``values`` (n, K) that each row's one-hot ``state`` (n, K) names: (n, 1)."""
    return tf.reduce_sum(values * state, axis=-1, keepdims=True)


def second_derivative(
    functions: Functions, x: tf.Tensor, state: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Psi and psi'' of one state a row, by two nested tapes; in the plane its Laplacian.

    Every row has its own state, so one reverse pass gives all of them at any K.

    Args:
        functions: Maps (n, d) to (n, K).
        x: Positions (n, d).
        state: One-hot rows (n, K).

    Returns:
        psi and psi'', each (n, 1).
    """
    alone = x.shape[-1] == 1
    with tf.GradientTape(watch_accessed_variables=False, persistent=not alone) as outer:
        outer.watch(x)
        with tf.GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(x)
            psi = select(functions(x), state)
        slope = inner.gradient(psi, x)
        slopes = [slope] if alone else tf.split(slope, x.shape[-1], axis=-1)
    bends = [outer.gradient(one, x) for one in slopes]
    if alone:
        return psi, bends[0]
    return psi, tf.add_n([bend[:, i : i + 1] for i, bend in enumerate(bends)])


def at_points(data: Data) -> tf.Tensor:
    """The positions of rows as ``(n, d)``, from a column for each coordinate that they have."""
    axes = [tf.reshape(data[axis], [-1, 1]) for axis in AXES if axis in data]
    return axes[0] if len(axes) == 1 else tf.concat(axes, axis=-1)


def derivative(functions: Functions, axis: int = 0) -> Functions:
    """The derivative of functions that map (n, d) to (n, m), each row by itself: the same shapes.

    Two reverse sweeps: the pull-back of one vector u is linear in u, and its derivative by u is the
    slope of every function at once. A ForwardAccumulator does the same, and traces every operation
    for seconds when it is nested.

    Args:
        functions: The functions.
        axis: By which of the d coordinates.
    """

    def slopes(x: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as dual:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(x)
                values = functions(x)
            u = tf.ones_like(values)
            dual.watch(u)
            pulled_back = tape.gradient(values, x, output_gradients=u)
            if x.shape[-1] != 1:
                pulled_back = pulled_back[:, axis]
        return dual.gradient(pulled_back, u)

    return slopes


def laplacian(functions: Functions, dimensions: int) -> Functions:
    """The sum of the second derivatives by each of d coordinates, in the shapes of `derivative`."""
    axes = range(dimensions)
    each = [derivative(derivative(functions, axis), axis) for axis in axes]
    return each[0] if dimensions == 1 else lambda x: tf.add_n([one(x) for one in each])


def in_batches(
    functions: Callable[[tf.Tensor], Sequence[tf.Tensor]], x: NDArray[np.float64], width: int
) -> list[NDArray[np.float64]]:
    """Functions of rows that do not know of each other, in batches that keep memory bounded.

    Args:
        functions: Map (n, d) to several tensors of n rows.
        x: Shape (n, d).
        width: Of the widest layer: a batch has at most 2^19 of its numbers.
    """
    found: list[NDArray[np.float64]] = []
    size = max(64, 2**19 // width)
    for at in range(0, len(x), size):
        rows = slice(at, at + size)
        parts = functions(tf.constant(x[rows]))
        found = found or [np.empty((len(x), int(part.shape[1]))) for part in parts]
        for column, part in zip(found, parts, strict=True):
            column[rows] = part.numpy()
    return found


def schroedinger(
    functions: Functions, energies: tf.Tensor, at: Data, state: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Psi and the residual -psi'' + rho (V - E) psi of one state a row, each (n, 1)."""
    psi, curvature = second_derivative(functions, at_points(at), state)
    return psi, -curvature + at["weight"] * (at["potential"] - select(energies, state)) * psi


def per_state(data: Data, states: int) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Every point of every member once for each state, and the one-hot rows that say which.

    Args:
        data: Of points, of shape ``(members, n)``, and of members, ``(members, m)``.
        states: K.

    Returns:
        The same in ``members n K`` rows, and the states ``(members n K, K)``.
    """
    members, points = tf.unstack(tf.shape(data["x"]))
    rows = {
        # A tf.repeat makes thirty operations of each column, which take time to trace.
        key: tf.reshape(tf.tile(value[..., None], [1, 1, states]), [-1, 1])
        if key in COLUMNS or key in AXES
        else tf.repeat(value, points * states, axis=0)
        for key, value in data.items()
    }
    return rows, tf.tile(tf.eye(states, dtype=data["x"].dtype), [members * points, 1])


def gram(psi: tf.Tensor, data: Data) -> tf.Tensor:
    r"""Upper triangle of \int rho psi_i psi_j dx - delta_ij, shape ``(..., K (K + 1) / 2)``.

    Off-diagonal entries are multiplied by sqrt(2), so that the squared norm of the vector is the
    squared Frobenius norm of the whole matrix.

    Args:
        psi: Shape ``(n, K)``, or ``(members, n, K)``.
        data: Of the points, ``(n,)`` or ``(members, n)``.
    """
    states = psi.shape[-1]
    measure = (data["weight"] * data["quadrature"])[..., None]
    overlap = tf.matmul(psi, measure * psi, transpose_a=True) - tf.eye(states, dtype=psi.dtype)
    i, j, scale = triangle(states)
    flat = tf.reshape(overlap, [-1] * (psi.shape.rank - 2) + [states**2])
    upper = tf.gather(flat, i * states + j, axis=-1)
    return scale * upper


def triangle(states: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Rows and columns of the upper triangle, and the factors with which its norm is the whole's.

    Args:
        states: K, of a symmetric matrix ``(K, K)``.
    """
    i, j = np.triu_indices(states)
    return i, j, np.where(i == j, 1.0, 2.0**0.5)


def columns(derivatives: Sequence[tf.Tensor], variables: Sequence[tf.Tensor]) -> tf.Tensor:
    """Derivatives of any rows by each variable, side by side as a matrix ``(rows, P)``."""
    return tf.concat(
        [
            tf.reshape(derivative, [-1, variable.shape.num_elements()])
            for derivative, variable in zip(derivatives, variables, strict=True)
        ],
        axis=1,
    )


# What a subclass may put something else in the place of: then the loss is traced as it is.
DEFINE_THE_LOSS = frozenset(
    {"residuals", "jacobian", "equation", "psi_of", "members", "logs", "_weighted"}
)


class EquationModel(SquaresModel):
    r"""K states of every member of a batch, in the equation that has them as solutions.

    For each member, first sqrt(w / rho) (-psi_k'' + rho (V - E_k) psi_k) point by point: its
    squared norm is the sum of ||H psi_k - E_k psi_k||^2 with H = -(1/rho) d^2/dx^2 + V in the norm
    with weight rho. Then sqrt(lambda) times `gram`. Everything is in the units of a `Scaling`.

    A subclass defines `members`, which gives `COLUMNS` of shape ``(members, n)`` and what else it
    needs of a member, ``(members, m)``; and `states`, `equation` and `psi_of`.

    Attributes:
        normalisation: lambda > 0.
    """

    cures: ClassVar[Mapping[str, str]] = {
        "loss": "Weigh its parts by `normalisation`.",
        "loss_weights": "Weigh its parts by `normalisation`.",
        "metrics": "Add to it by a callback: EnergyErrors.",
    }

    normalisation: float

    @property
    @abc.abstractmethod
    def states(self) -> int:
        """K."""

    @abc.abstractmethod
    def equation(self, rows: Data, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Psi and `schroedinger`'s residual of one state a row, each ``(n, 1)``."""

    @abc.abstractmethod
    def psi_of(self, member: Data) -> tf.Tensor:
        """All states of a single member, whose data have one row, at its points: (n, K)."""

    def residual_and_overlaps(self, data: Data) -> tuple[tf.Tensor, tf.Tensor]:
        """The residual at every point, and `gram`; each ``(members, rows)``, of a weight of one."""
        rows, state = per_state(data, self.states)
        psi, residual = self._weighted(rows, state)
        shape = tf.shape(data["x"])
        overlaps = gram(tf.reshape(psi, [*tf.unstack(shape), self.states]), data)
        return tf.reshape(residual, [shape[0], shape[1] * self.states]), overlaps

    def residuals(self, data: Data) -> tf.Tensor:
        residual, overlaps = self.residual_and_overlaps(data)
        return tf.concat([residual, self.normalisation**0.5 * overlaps], axis=1)

    def jacobian(self, data: Data) -> tf.Tensor:
        each = self.derivatives(data, [v.value for v in self.trainable_variables])
        return tf.reshape(each, [-1, self.weights_to_train])

    def derivatives(
        self,
        data: Data,
        variables: Sequence[tf.Tensor],
        own: Sequence[str] = (),
        penalty: float | None = None,
    ) -> tf.Tensor:
        """Derivatives of the residuals by some variables and by some of the members' data.

        Args:
            data: The members.
            variables: V numbers in all.
            own: Names of data, W numbers a member.
            penalty: What `gram` is multiplied with. Defaults to None: the root of lambda.

        Returns:
            Shape ``(members, rows, V + W)``.
        """
        root = self.normalisation**0.5 if penalty is None else penalty
        each = [*variables, *(data[name][0] for name in own)]

        def of_row(sample: tuple[Data, tf.Tensor]) -> list[tf.Tensor]:
            row, state = tf.nest.map_structure(lambda value: value[None], sample)
            known = [row[name] for name in own]
            with tf.GradientTape() as tape:
                tape.watch(known)
                residual = self._weighted(row, state)[1]
            sources = [*variables, *known]
            return list(tape.gradient(residual, sources, unconnected_gradients="zero"))

        def of_member(sample: Data) -> list[tf.Tensor]:
            member = {key: value[None] for key, value in sample.items()}
            known = [member[name] for name in own]
            with tf.GradientTape() as tape:
                tape.watch(known)
                overlap = root * gram(self.psi_of(member), sample)
            sources = [*variables, *known]
            return list(tape.jacobian(overlap, sources, unconnected_gradients="zero"))

        rows = columns(tf.vectorized_map(of_row, per_state(data, self.states)), each)
        if data["x"].shape[0] == 1:
            alone = {key: value[0] for key, value in data.items()}
            return tf.concat([rows, columns(of_member(alone), each)], axis=0)[None]
        grams = columns(tf.vectorized_map(of_member, data), each)
        members, size = tf.shape(data["x"])[0], rows.shape[1]
        both = [tf.reshape(part, [members, -1, size]) for part in (rows, grams)]
        return tf.concat(both, axis=1)

    def piece(self, data: Data) -> int:
        return self.piece_for(data, self.weights_to_train)

    def piece_for(self, data: Data, width: int) -> int:
        """How many members have a Jacobian of so many columns that may be held."""
        rows = self.states * (data["x"].shape[1] + (self.states + 1) // 2)
        return int(max(1, HELD // (rows * width)))

    def has_loss_of(self, kind: type[EquationModel]) -> bool:
        """Whether nothing was put in the place of what defines the loss of a class."""
        own = all(getattr(type(self), name) is getattr(kind, name) for name in DEFINE_THE_LOSS)
        return own and DEFINE_THE_LOSS.isdisjoint(vars(self))

    def logs(self, data: Data, residual: tf.Tensor) -> Logs:
        """The loss; the root mean square over members of the residual's norm and of Gram - 1."""
        overlaps = self.states * (self.states + 1) // 2
        square, overlap = (
            tf.reduce_mean(tf.reduce_sum(part**2, axis=1))
            for part in (residual[:, :-overlaps], residual[:, -overlaps:])
        )
        return {
            "loss": square + overlap,
            "residual": tf.sqrt(square),
            "gram_error": tf.sqrt(overlap / self.normalisation),
        }

    def _weighted(self, rows: Data, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Psi, and sqrt(w / rho) times the residual, whose square is an integral's."""
        psi, residual = self.equation(rows, state)
        return psi, tf.sqrt(rows["quadrature"] / rows["weight"]) * residual
