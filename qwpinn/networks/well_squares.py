r"""The loss of a well's network of tanh units: residuals and their Jacobian without any tracing.

Coefficients and energies enter the equation linearly; a weight W_iu changes the basis function B_u
by h_i D_u, with h_i = g f_i, whose curvature is

.. math:: (h_i D_u)'' = h_i'' D_u + 2 h_i' D_u' + h_i D_u''

with the jets of `qwpinn.networks.tanh_basis`. The rows are those of
`qwpinn.training.residuals.EquationModel`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from qwpinn.networks.tanh_basis import TanhBasis
from qwpinn.training.jets import Jet
from qwpinn.training.points import COLUMNS
from qwpinn.training.squares import Linearised, Squares

Array = NDArray[np.float64]


class Weights(NamedTuple):
    """What a network of one hidden layer consists of.

    Attributes:
        kernel: W, shape ``(inputs, U)``.
        bias: b, ``(U,)``.
        coefficients: ``(U, K)``.
        energies: Scaled, ``(K,)``.
    """

    kernel: Array
    bias: Array
    coefficients: Array
    energies: Array


class WellSquares(Squares):
    """|r|^2 of one well at collocation points.

    Args:
        basis: The basis functions.
        variables: W, b, the coefficients and the energies.
        trained: Those that are trained, in the order in which they stand in the row of weights.
        at: The scaled equation at the points, by the names of `COLUMNS`, each ``(n,)``.
        normalisation: lambda > 0.
        report: What `fit` reports of r as a batch of one member, ``(1, R)``.
    """

    def __init__(
        self,
        basis: TanhBasis,
        variables: Sequence[keras.Variable],
        trained: Sequence[keras.Variable],
        at: Mapping[str, Array],
        normalisation: float,
        report: Callable[[Array], Mapping[str, Array]],
    ) -> None:
        self.basis, self.at, self.report = basis, dict(at), report
        self.inputs, self.factor = basis.inputs(at["x"]), basis.factor(at["x"])
        self.trained = [
            next(i for i, own in enumerate(variables) if own is variable) for variable in trained
        ]
        self.start = [variable.numpy() for variable in variables]
        self.penalty = normalisation**0.5
        self.potential, self.weight = at["potential"][:, None], at["weight"][:, None]
        # Squares of the residuals times it add up to an integral.
        self.root = np.sqrt(at["quadrature"] / at["weight"])[:, None]
        self.measure = (at["quadrature"] * at["weight"])[:, None]
        self._last: tuple[Array, Jet, Jet] | None = None

    def is_at(self, at: Mapping[str, Array]) -> bool:
        """Whether these are its points."""
        return all(np.array_equal(self.at[name], at[name]) for name in COLUMNS)

    def residuals(self, weights: Array) -> Array:
        own = self._of(weights)
        phi, _ = self._jets(own)
        psi, curvature = phi.value @ own.coefficients, phi.curvature @ own.coefficients
        each = self.root * (self.weight * (self.potential - own.energies) * psi - curvature)
        overlap = psi.T @ (self.measure * psi) - np.eye(psi.shape[1])
        return np.concatenate([each.ravel(), self._upper(overlap)])

    def logs(self, residual: Array) -> dict[str, float]:
        return {key: float(value) for key, value in self.report(residual[None]).items()}

    def linearised(self, weights: Array) -> Linearised:
        own, residual = self._of(weights), self.residuals(weights)
        phi, derivative = self._jets(own)
        psi = phi.value @ own.coefficients
        # Zeros, for a state knows nothing of the coefficients and the energy of another one.
        jacobian = np.zeros((residual.size, weights.size))
        kernel, bias, coefficients, energies = self._blocks(jacobian)
        inputs = self.factor.times(self.inputs)
        hidden = [*np.split(kernel, len(own.kernel), axis=1), bias]
        for number, block in enumerate(hidden):
            if block.size:
                one = Jet(*(part[:, number : number + 1] for part in inputs))
                self._by_hidden(block, own, one.times(derivative), psi)
        if coefficients.size:
            self._by_coefficients(coefficients, own, phi, psi)
        if energies.size:
            self._by_energies(energies, psi)
        return Linearised.of(residual, jacobian)

    def _by_hidden(self, block: Array, own: Weights, changed: Jet, psi: Array) -> None:
        """Derivatives by the weights of one input, ``(R, U)``; what they change is h D."""
        points, states = psi.shape
        mass, energy = self._applied(changed)
        rows = block[: psi.size].reshape(points, states, -1)
        for k in range(states):
            np.multiply(own.coefficients[:, k], energy - own.energies[k] * mass, out=rows[:, k])
        moved = (self.measure * psi).T @ changed.value
        i, j = np.triu_indices(states)
        pairs = own.coefficients.T[j] * moved[i] + own.coefficients.T[i] * moved[j]
        block[psi.size :] = self.penalty * _scale(i, j)[:, None] * pairs

    def _by_coefficients(self, block: Array, own: Weights, phi: Jet, psi: Array) -> None:
        """Derivatives by the coefficients, ``(R, U K)``: of state k by its own."""
        (points, states), units = psi.shape, len(own.coefficients)
        mass, energy = self._applied(phi)
        rows = block[: psi.size].reshape(points, states, units, states)
        for k in range(states):
            rows[:, k, :, k] = energy - own.energies[k] * mass
        moved = (self.measure * psi).T @ phi.value
        overlaps = block[psi.size :].reshape(-1, units, states)
        i, j = np.triu_indices(states)
        row, scale = np.arange(i.size), self.penalty * _scale(i, j)[:, None]
        # Two steps: on the diagonal both are the same entries.
        overlaps[row, :, j] += scale * moved[i]
        overlaps[row, :, i] += scale * moved[j]

    def _by_energies(self, block: Array, psi: Array) -> None:
        """Derivatives by the energies, ``(R, K)``: of state k by its own."""
        index = np.arange(psi.shape[1])
        rows = block[: psi.size].reshape(*psi.shape, -1)
        rows[:, index, index] = -self.root * self.weight * psi

    def _applied(self, functions: Jet) -> tuple[Array, Array]:
        """Rho and -d^2/dx^2 + rho V of functions, ``(n, U)``, times the root of the weights."""
        mass = self.root * self.weight * functions.value
        return mass, self.potential * mass - self.root * functions.curvature

    def _blocks(self, jacobian: Array) -> list[Array]:
        """The columns of W, b, the coefficients and the energies; none of what is held."""
        blocks, at = [jacobian[:, :0]] * len(self.start), 0
        for index in self.trained:
            size = self.start[index].size
            blocks[index] = jacobian[:, at : at + size]
            at += size
        return blocks

    def _of(self, weights: Array) -> Weights:
        """The network with other weights."""
        parts, at = list(self.start), 0
        for index in self.trained:
            shape, size = parts[index].shape, parts[index].size
            parts[index] = weights[at : at + size].reshape(shape)
            at += size
        return Weights(*parts)

    def _jets(self, own: Weights) -> tuple[Jet, Jet]:
        """The basis and the derivative of tanh: where a step ended, the next one begins."""
        hidden = np.vstack([own.kernel, own.bias])
        if self._last is None or not np.array_equal(self._last[0], hidden):
            phi, derivative = self.basis.with_derivative(self.inputs, hidden)
            self._last = hidden, self.factor.times(phi), derivative
        return self._last[1:]

    def _upper(self, overlap: Array) -> Array:
        """Sqrt(lambda) times the rows of `qwpinn.training.residuals.gram`."""
        i, j = np.triu_indices(len(overlap))
        return np.asarray(self.penalty * _scale(i, j) * overlap[i, j])


def _scale(i: NDArray[np.intp], j: NDArray[np.intp]) -> Array:
    """Both triangles in one: their norm stays the whole matrix's."""
    return np.where(i == j, 1.0, 2.0**0.5)
