r"""The loss of a well's network of tanh units: residuals and their Jacobian without any tracing.

Coefficients and energies enter the equation linearly; a weight W_iu changes the basis function B_u
by h_i D_u, with h_i = g f_i, whose curvature is

.. math:: (h_i D_u)'' = h_i'' D_u + 2 h_i' D_u' + h_i D_u''

with the jets of `qwpinn.networks.tanh_basis`. The rows are those of
`qwpinn.training.residuals.EquationModel`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from qwpinn.networks.tanh_basis import TanhBasis
from qwpinn.training.jets import Jet
from qwpinn.training.points import AXES
from qwpinn.training.residuals import triangle
from qwpinn.training.squares import Linearised, Squares, gramian, parted

Array = NDArray[np.float64]

# Numbers that each derivative of a piece may have: a step holds a dozen times as many.
HELD = 4_000_000


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
        at: The scaled equation at the points, by the names of its columns, each ``(n,)``.
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
        self.variables = list(variables)
        x = np.stack([at[axis] for axis in AXES if axis in at], axis=-1)
        self.inputs, self.factor = basis.inputs(x), basis.factor(x)
        self.trained = [
            next(i for i, own in enumerate(variables) if own is variable) for variable in trained
        ]
        self.start = [variable.numpy() for variable in variables]
        ends = np.cumsum([0, *(part.size for part in self.start)])
        # Which of the network's numbers stand in the row of weights, and where each stands there.
        self.columns = np.concatenate([np.arange(ends[i], ends[i + 1]) for i in self.trained])
        self.places = np.full(ends[-1], -1)
        self.places[self.columns] = np.arange(self.columns.size)
        self.penalty = normalisation**0.5
        self.potential, self.weight = at["potential"][:, None], at["weight"][:, None]
        # Squares of the residuals times it add up to an integral.
        self.root = np.sqrt(at["quadrature"] / at["weight"])[:, None]
        self.measure = (at["quadrature"] * at["weight"])[:, None]
        self._last: tuple[Array, Jet, Jet] | None = None

    def is_of(
        self,
        variables: Sequence[keras.Variable],
        trained: Sequence[keras.Variable],
        at: Mapping[str, Array],
        normalisation: float,
    ) -> bool:
        """Whether it is the loss of these, with what is held where it was."""
        known = (*self.variables, *(self.variables[i] for i in self.trained))
        given = (*variables, *trained)
        held = set(range(len(variables))).difference(self.trained)
        return (
            len(known) == len(given)
            and all(one is other for one, other in zip(known, given, strict=True))
            and self.penalty == normalisation**0.5
            and all(np.array_equal(self.at[name], at[name]) for name in at)
            and all(np.array_equal(self.start[i], variables[i].numpy()) for i in held)
        )

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
        inputs, psi = self.factor.times(self.inputs), phi.value @ own.coefficients
        measured, size = (self.measure * psi).T, own.kernel.size + own.bias.size
        normal = np.zeros((self.columns.size, self.columns.size))
        moved = np.zeros((len(measured), size))
        step = max(1, HELD // (size + own.coefficients.shape[0]))
        for rows in (slice(at, at + step) for at in range(0, len(psi), step)):
            changed = _outer(_at(inputs, rows), _at(derivative, rows))
            moved += measured[:, rows] @ changed.value
            each = self._of_states(own, changed, _at(phi, rows), psi[rows], rows)
            for state, block in enumerate(each):
                places = self.places[self._seen_by(state, own)]
                held = places < 0
                if held.any():
                    block, places = block[:, ~held], places[~held]
                normal[np.ix_(places, places)] += gramian(block)
        normal += gramian(self._overlaps(own, moved, measured @ phi.value)[:, self.columns])
        pull_back = partial(self._pulled_back, own)
        return Linearised(residual, normal, pull_back(residual), pull_back)

    def gradient(self, weights: Array) -> Array:
        return self._pulled_back(self._of(weights), self.residuals(weights))

    def _pulled_back(self, own: Weights, vector: Array) -> Array:
        """J^T y, for y of the shape of r: by what y says of psi and psi''."""
        phi, derivative = self._jets(own)
        psi = phi.value @ own.coefficients
        bent = self.root * vector[: psi.size].reshape(psi.shape)
        i, j, scale = triangle(psi.shape[1])
        overlaps = np.zeros((psi.shape[1], psi.shape[1]))
        overlaps[i, j] = self.penalty * scale * vector[psi.size :]
        valued = self.weight * (self.potential - own.energies) * bent
        valued += self.measure * (psi @ (overlaps + overlaps.T))
        value, curvature = valued @ own.coefficients.T, bent @ own.coefficients.T
        inputs = self.factor.times(self.inputs)
        hidden = inputs.value.T @ (value * derivative.value - curvature * derivative.curvature)
        hidden -= inputs.curvature.T @ (curvature * derivative.value)
        for along, slope in zip(_axes(inputs), _axes(derivative), strict=True):
            hidden -= 2.0 * along.T @ (curvature * slope)
        coefficients = phi.value.T @ valued - phi.curvature.T @ bent
        energies = -np.sum(self.weight * psi * bent, axis=0)
        found = np.concatenate([hidden.ravel(), coefficients.ravel(), energies])
        return np.asarray(found[self.columns])

    def _of_states(
        self, own: Weights, changed: Jet, phi: Jet, psi: Array, at: slice
    ) -> Iterator[Array]:
        """Derivatives of each state's residuals at some points by what it knows of.

        Each is of shape ``(n, H + U + 1)``.

        Those are W and b, H numbers, and its own coefficients and energy: Gram's matrix of all
        columns would be half zeros.
        """
        mass, energy = self._applied(changed, at)
        own_mass, own_energy = self._applied(phi, at)
        inputs = self.inputs.value.shape[1]
        hidden = mass.shape[1]
        for state, level in enumerate(own.energies):
            block = np.empty((len(psi), hidden + own_mass.shape[1] + 1))
            # In their places: what is made beside them and thrown away costs as much again.
            rows, coefficients = block[:, :hidden], block[:, hidden:-1]
            np.multiply(mass, -level, out=rows)
            rows += energy
            rows *= np.tile(own.coefficients[:, state], inputs)
            np.multiply(own_mass, -level, out=coefficients)
            coefficients += own_energy
            block[:, -1:] = -self.root[at] * self.weight[at] * psi[:, [state]]
            yield block

    def _seen_by(self, state: int, own: Weights) -> NDArray[np.intp]:
        """Which numbers of the network these are."""
        units, states = own.coefficients.shape
        hidden = own.kernel.size + own.bias.size
        coefficients = hidden + np.arange(units) * states + state
        energy = hidden + own.coefficients.size + state
        return np.concatenate([np.arange(hidden), coefficients, [energy]])

    def _overlaps(self, own: Weights, moved: Array, shared: Array) -> Array:
        """Derivatives of the overlaps' rows by all numbers of the network.

        Args:
            own: The network.
            moved: Overlaps of psi with what W and b change, ``(K, H)``.
            shared: Those with the basis, ``(K, U)``.
        """
        i, j, scale = triangle(len(moved))
        row, scale = np.arange(i.size), self.penalty * scale[:, None]
        outputs = np.tile(own.coefficients.T, self.inputs.value.shape[1])
        by_hidden = scale * (outputs[j] * moved[i] + outputs[i] * moved[j])
        by_coefficients = np.zeros((i.size, *own.coefficients.shape))
        # Two steps: on the diagonal both are the same entries.
        by_coefficients[row, :, j] += scale * shared[i]
        by_coefficients[row, :, i] += scale * shared[j]
        by_energies = np.zeros((i.size, own.energies.size))
        return np.hstack([by_hidden, by_coefficients.reshape(i.size, -1), by_energies])

    def _applied(self, functions: Jet, at: slice) -> tuple[Array, Array]:
        """Rho and -d^2/dx^2 + rho V of functions, ``(n, m)``, times the root of the weights."""
        root = self.root[at]
        mass = root * self.weight[at] * functions.value
        return mass, self.potential[at] * mass - root * functions.curvature

    def _of(self, weights: Array) -> Weights:
        """The network with other weights."""
        parts = list(self.start)
        given = parted(weights, [parts[index].shape for index in self.trained])
        for index, part in zip(self.trained, given, strict=True):
            parts[index] = part
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
        i, j, scale = triangle(len(overlap))
        return np.asarray(self.penalty * scale * overlap[i, j])


def _outer(inputs: Jet, derivative: Jet) -> Jet:
    """What the numbers of W and b change: all products of an input and a unit's D, ``(n, H)``."""
    each = inputs.each(lambda part: part[..., :, None])
    found = each.times(derivative.each(lambda part: part[..., None, :]))
    return found.each(lambda part: part.reshape(*part.shape[:-2], -1))


def _at(jet: Jet, rows: slice) -> Jet:
    """A jet at some of its points."""
    return jet.each(lambda part: part[..., rows, :])


def _axes(jet: Jet) -> list[Array]:
    """The slopes along each coordinate, ``(n, m)``."""
    return [jet.slope] if jet.slope.ndim == 2 else list(jet.slope)
