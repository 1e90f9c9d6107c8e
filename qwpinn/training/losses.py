r"""Losses: what `compile(loss=...)` takes for the states of a well, each a sum of named terms.

Of K states psi_k at collocation points, with integrals summed there and in units of a `Scaling`:

.. math:: S_{ij} = \int \rho \psi_i \psi_j, \quad
          A_{ij} = \int \psi_i' \psi_j' + \rho V \psi_i \psi_j, \quad
          r_k = -\psi_k''/\rho + (V - E_k) \psi_k

A loss of one's own is a subclass of `Loss`, or of `SquaresLoss` if it is a sum of squares; then
`qwpinn.LevenbergMarquardt` takes it too.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import keras
import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.inputs import check
from qwpinn.storage.plain import Json
from qwpinn.training.points import AXES
from qwpinn.training.residuals import at_points, columns, derivative

if TYPE_CHECKING:
    from qwpinn.training.residuals import EquationModel

Data = Mapping[str, tf.Tensor]
Terms = dict[str, tf.Tensor]


class Loss(abc.ABC):
    """A loss of the states of a well.

    A subclass defines `terms`, and `get_config` if it has arguments.

    Attributes:
        names: Of its terms, as ``loss_weights`` has them.
        trains_energies: Whether energies are weights that it trains. If not, they are the Rayleigh
            quotients of psi after each step.
    """

    names: ClassVar[tuple[str, ...]]
    trains_energies: ClassVar[bool] = False

    @abc.abstractmethod
    def terms(self, model: EquationModel, data: Data) -> Terms:
        """Its terms, numbers by `names`, of which it is the sum.

        Args:
            model: Whose psi are ``model.psi_of(data)``, shape ``(n, K)``.
            data: The scaled equation: ``x``, ``potential``, ``weight`` rho and ``quadrature``, each
                of shape ``(1, n)``.
        """

    def report(self, terms: Terms) -> Terms:
        """What `fit` logs of its terms."""
        return terms

    def energies(self, model: EquationModel, data: Data) -> tf.Tensor:
        """Those of psi, scaled, ``(K,)``, where they are not trained; arguments as of `terms`."""
        return quotients(model, data)

    def mixture(self, model: EquationModel, data: Data) -> tf.Tensor | None:
        """C of the states psi C with which `fit` ends, ``(K, K)``; here None: psi stay as they are.

        Arguments as of `terms`.
        """
        return None

    def get_config(self) -> dict[str, Json]:
        """Its arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Json]) -> Loss:
        """Restores what `get_config` gave."""
        return cls(**config)


class SquaresLoss(Loss):
    """A loss that is a sum of squares: each term the square of the norm of a vector.

    A subclass defines `vectors`, and `jacobian` if there is a faster way than tapes.
    """

    @abc.abstractmethod
    def vectors(self, model: EquationModel, data: Data) -> Terms:
        """The vectors by `names`, each of shape ``(1, rows)``; arguments as those of `terms`."""

    def terms(self, model: EquationModel, data: Data) -> Terms:
        vectors = self.vectors(model, data)
        return {name: tf.reduce_sum(vector**2) for name, vector in vectors.items()}

    def jacobian(self, model: EquationModel, data: Data) -> tf.Tensor:
        """Derivatives of all vectors, one below the other, by the variables: ``(rows, P)``."""
        values = [v.value for v in model.trainable_variables]
        with tf.GradientTape() as tape:
            rows = tf.concat([tf.reshape(v, [-1]) for v in self.vectors(model, data).values()], 0)
        return columns(tape.jacobian(rows, values, unconnected_gradients="zero"), values)


class _Penalised(SquaresLoss):
    """The residual of the equation, and the overlaps, weighed by ``normalisation``."""

    names = ("residual", "overlaps")

    def __init__(self, normalisation: float = 100.0) -> None:
        self.normalisation = check.positive("normalisation", normalisation, "weight")

    def vectors(self, model: EquationModel, data: Data) -> Terms:
        residual, overlaps = model.residual_and_overlaps(data)
        return {"residual": residual, "overlaps": self.normalisation**0.5 * overlaps}

    def report(self, terms: Terms) -> Terms:
        gram_error = tf.sqrt(terms["overlaps"] / self.normalisation)
        return {"residual": tf.sqrt(terms["residual"]), "gram_error": gram_error}

    def get_config(self) -> dict[str, Json]:
        return {"normalisation": self.normalisation}


@keras.saving.register_keras_serializable("qwpinn")
class ResidualLoss(_Penalised):
    r"""The residual of the equation, with energies that are trained: what `compile` has by default.

    .. math:: L = \sum_k \int \rho r_k^2 \, dx + \lambda \| S - 1 \|_F^2

    Args:
        normalisation: lambda > 0. It must exceed the square of the energies' distance from where
            they start, in scaled units, or psi = 0 is the cheaper answer.

    Reference:
        arXiv:2504.05367.

    Example:
        >>> ResidualLoss(normalisation=50.0).get_config()
        {'normalisation': 50.0}
    """

    trains_energies = True

    def jacobian(self, model: EquationModel, data: Data) -> tf.Tensor:
        values = [v.value for v in model.trainable_variables]
        return model.derivatives(data, values, penalty=self.normalisation**0.5)[0]


@keras.saving.register_keras_serializable("qwpinn")
class VarianceLoss(_Penalised):
    r"""The residual with the Rayleigh quotient of psi in the place of its energy: a variance.

    .. math:: L = \sum_k \int \rho r_k^2 \, dx + \lambda \| S - 1 \|_F^2,
              \quad E_k = A_{kk} / S_{kk}

    It is zero for every eigenfunction, and so finds the one that is nearest to the start.

    Args:
        normalisation: lambda > 0.

    Reference:
        Umrigar, Wilson, Wilkins, Physical Review Letters 60 (1988) 1719.
    """

    def vectors(self, model: EquationModel, data: Data) -> Terms:
        return super().vectors(model, {**data, "energies": quotients(model, data)[None]})

    def jacobian(self, model: EquationModel, data: Data) -> tf.Tensor:
        r"""J + (dr/dE) (dE/dw): psi at a held energy, and what the energy adds, of rank K."""
        values = [v.value for v in model.trainable_variables]
        with tf.GradientTape() as tape:
            energies = quotients(model, data)
        by_weights = columns(tape.jacobian(energies, values, unconnected_gradients="zero"), values)
        known = {**data, "energies": energies[None]}
        both = model.derivatives(known, values, ("energies",), self.normalisation**0.5)[0]
        held, by_energies = both[:, : by_weights.shape[1]], both[:, by_weights.shape[1] :]
        return held + by_energies @ by_weights


@keras.saving.register_keras_serializable("qwpinn")
class RayleighQuotient(Loss):
    r"""The sum of the K lowest energies in the span of psi: the deep Ritz method.

    .. math:: L = \mathrm{tr}(S^{-1} A)

    It is an upper bound of E_0 + ... + E_{K-1} as far as the quadrature is exact, it needs no
    second derivative, and no psi = 0 makes it small. It is no sum of squares, and does not see how
    psi are mixed among each other: `fit` ends with the states that diagonalise A.

    Reference:
        E, Yu, Communications in Mathematics and Statistics 6 (2018) 1.
    """

    names = ("energy",)

    def terms(self, model: EquationModel, data: Data) -> Terms:
        energy, overlap = forms(model, data)
        return {"energy": tf.linalg.trace(tf.linalg.solve(overlap, energy))}

    def report(self, terms: Terms) -> Terms:
        return {}

    def energies(self, model: EquationModel, data: Data) -> tf.Tensor:
        return eigenstates(*forms(model, data))[0]

    def mixture(self, model: EquationModel, data: Data) -> tf.Tensor:
        return eigenstates(*forms(model, data))[1]


def forms(model: EquationModel, data: Data) -> tuple[tf.Tensor, tf.Tensor]:
    """A and S of the model's psi, each of shape ``(K, K)``; arguments as of `Loss.terms`."""
    x = at_points(data)
    d = int(x.shape[-1])
    axes = AXES[:d]

    def functions(x: tf.Tensor) -> tf.Tensor:
        return model.psi_of({**data, **dict(zip(axes, tf.split(x, d, axis=-1), strict=True))})

    psi, slopes = functions(x), [derivative(functions, axis)(x) for axis in range(d)]
    quadrature = tf.reshape(data["quadrature"], [-1, 1])
    measure = quadrature * tf.reshape(data["weight"], [-1, 1])
    potential = measure * tf.reshape(data["potential"], [-1, 1])
    energy = tf.add_n([tf.matmul(slope, quadrature * slope, transpose_a=True) for slope in slopes])
    energy += tf.matmul(psi, potential * psi, transpose_a=True)
    return energy, tf.matmul(psi, measure * psi, transpose_a=True)


def overlap(model: EquationModel, data: Data) -> tf.Tensor:
    """S alone."""
    measure = tf.reshape(data["quadrature"] * data["weight"], [-1, 1])
    psi = model.psi_of(data)
    return tf.matmul(psi, measure * psi, transpose_a=True)


def eigenstates(energy: tf.Tensor, overlap: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """E and C, columns, of A C = S C E with C^T S C = 1, ascending."""
    root = tf.linalg.cholesky(overlap)
    half = tf.linalg.triangular_solve(root, energy)
    symmetric = tf.linalg.triangular_solve(root, tf.transpose(half))
    energies, vectors = tf.linalg.eigh((symmetric + tf.transpose(symmetric)) / 2)
    return energies, tf.linalg.triangular_solve(root, vectors, adjoint=True)


def quotients(model: EquationModel, data: Data) -> tf.Tensor:
    """The Rayleigh quotients A_kk / S_kk, shape ``(K,)``."""
    energy, overlap = forms(model, data)
    return tf.linalg.diag_part(energy) / tf.linalg.diag_part(overlap)


def loss_of(given: object) -> Loss:
    """The loss that is meant.

    Raises:
        TypeError: If it is none.
    """
    expected = "a qwpinn.ResidualLoss, VarianceLoss or RayleighQuotient, or a subclass of Loss"
    cure = "Keras's losses compare with data, of which there are none here."
    found: Loss = kinds.one_of("loss", given, Loss, expected, cure)  # type: ignore[type-abstract]
    return found
