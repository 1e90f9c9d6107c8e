"""Ritz states of single members in the features that a network has for its family, enclosed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.enclosures.enclosure import Enclosure, enclose
from qwpinn.equation.mesh import Mesh
from qwpinn.equation.potential import Potential
from qwpinn.equation.scaling import Scaling
from qwpinn.families.points import Members, Relative, members, relative_nodes
from qwpinn.families.residuals import FamilyEquation
from qwpinn.networks.certificate import psi_and_h_psi
from qwpinn.networks.ritz import Samples, ritz_in_span
from qwpinn.quadrature import first_lobe_signs
from qwpinn.training.residuals import derivative, in_batches

Array = NDArray[np.float64]

# Members whose features are held in memory at once.
TOGETHER = 16
# Steps of finite differences by the parameters, in units of their range.
STEP = 1e-3


class Features(NamedTuple):
    """The features of one member on its nodes.

    Attributes:
        at: The scaled equation.
        phi: The features, shape ``(q, units)``.
        slopes: d phi / d xi.
        scaling: From its own units.
        member: Its parameters and nodes, without the axis of members.
    """

    at: Samples
    phi: Array
    slopes: Array
    scaling: Scaling
    member: Members


class Refined(NamedTuple):
    """Ritz states of n members.

    Attributes:
        energies: In the family's unit, shape ``(n, K)``.
        coefficients: Of the features, for scaled states of norm 1 with a positive first lobe,
            ``(n, units, K)``.
        forces: dE/dp by Hellmann and Feynman, ``(n, K, m)``.
    """

    energies: Array
    coefficients: Array
    forces: Array


class Compared(NamedTuple):
    """A network beside the Ritz states of n members.

    Attributes:
        energies: Refined, with the level above the K lowest, ``(n, K + 1)``.
        forces: dE/dp by Hellmann and Feynman, ``(n, K + 1, m)``.
        errors: Of the network's energies in units of E_k - V0, then of its wavefunctions in L2,
            ``(n, 2 K)``.
    """

    energies: Array
    forces: Array
    errors: Array


class Refinement:
    """Rayleigh-Ritz steps in the trunk of a family's network.

    The units of a trunk that was placed for the states of all members span those of each.

    Args:
        model: The network.
    """

    def __init__(self, model: FamilyEquation) -> None:
        self.model = model
        units = model.operator.trunk.output_layer.kernel.shape[0]
        self.nodes: Relative = relative_nodes(model.family, model.states, max(360, 5 * units))
        rows = [tf.TensorSpec([None, n], tf.float64) for n in (1, len(model.family.names))]
        self._traced = tf.function(self._evaluate, input_signature=rows, autograph=False)

    def ritz(self, one: Features, guards: int = 0) -> tuple[Array, Array]:
        """Energies in the family's unit, and coefficients, of K states and as many guards."""
        states = self.model.states
        scaled, coefficients = ritz_in_span(one.phi, [one.slopes], one.at, states, guards)
        signs = first_lobe_signs(one.phi @ coefficients)
        return one.scaling.own_energy(scaled), coefficients * signs

    def energies(self, p: Array) -> Array:
        """Of the members with parameters ``(n, m)``, shape ``(n, K)``."""
        return np.stack([self.ritz(one)[0] for one in self.features(p)])

    def states(self, p: Array) -> Refined:
        """Energies, coefficients and dE/dp of the members with parameters ``(n, m)``."""
        rows = []
        for one in self.features(p):
            energies, coefficients = self.ritz(one)
            rows.append((energies, coefficients, self._forces(one, energies, coefficients)))
        return Refined(*(np.stack(column) for column in zip(*rows, strict=True)))

    def compared(self, p: Array) -> Compared:
        """The model's energies and wavefunctions beside refined ones, members ``(n, m)``."""
        model, rows = self.model, []
        u = model.surface.scaled(tf.constant(p))
        mixtures = model.operator.mixture(u, model.surface.logarithms(u)).numpy()
        modes = model.operator.trunk.output_layer.kernel.numpy() @ mixtures
        for one, own, combined in zip(
            self.features(p), model.surface.energies(p), modes, strict=True
        ):
            energies, coefficients = self.ritz(one, guards=1)
            levels = energies[: model.states]
            differences = one.phi @ (combined - coefficients[:, : model.states])
            errors = [
                np.abs(own - levels) / (levels - model.floor),
                np.sqrt((one.at.weight * one.at.quadrature) @ differences**2),
            ]
            forces = self._forces(one, energies, coefficients)
            rows.append((energies, forces, np.concatenate(errors)))
        return Compared(*(np.stack(column) for column in zip(*rows, strict=True)))

    def psi(self, x: tf.Tensor, p: Array, member: NDArray[np.intp]) -> Array:
        """Refined wavefunctions at positions ``(n, 1)`` of the members ``p[member]``: (n, K)."""
        coefficients = np.stack([self.ritz(one)[1] for one in self.features(p)])
        at, amplitude = self.model.placed(x, tf.constant(p[member]))
        phi = self.model.operator.basis(at).numpy()
        return np.asarray(amplitude.numpy() * np.einsum("nu,nuk->nk", phi, coefficients[member]))

    def features(self, p: Array) -> Iterator[Features]:
        """Of each member with parameters ``(n, m)``."""
        moving = self.model.operator.moving
        for start in range(0, len(p), TOGETHER):
            found = members(self.model.family, p[start : start + TOGETHER], self.nodes)
            count = found.x.shape[1]
            rows = tf.repeat(tf.constant(found.p), count, axis=0)
            values = self._traced(tf.constant(found.x.reshape(-1, 1)), rows)
            phi, slopes = (v.numpy().reshape(len(found.p), count, -1) for v in values)
            edges = moving.edges(tf.constant(found.p)).numpy()
            for row in range(len(found.p)):
                scaling = self.model.frame.scaling(*map(float, edges[row, [0, -1]]))
                one = Members(*(column[row] for column in found))
                at = Samples(**scaling.equation(one._asdict()))
                yield Features(at, phi[row], slopes[row], scaling, one)

    def _evaluate(self, x: tf.Tensor, p: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """Phi and d phi / d xi at rows (x, p)."""
        operator = self.model.operator
        at = operator.moving(x, p)

        def basis(xi: tf.Tensor) -> tf.Tensor:
            return operator.basis(at._replace(xi=xi))

        return basis(at.xi), derivative(basis)(at.xi)

    def _forces(self, one: Features, energies: Array, coefficients: Array) -> Array:
        r"""dE/dp_i, shape ``(K, m)``.

        In coordinates that all members share, the length L of each layer, rho and V depend on p,
        and psi may be held fixed (Hellmann and Feynman):

        .. math:: \frac{dE}{dp} = \sum_q \omega_q \left[ -\frac{dL}{dp} \psi'^2
                  + \frac{d (L \rho V)}{dp} \psi^2 - E \frac{d (L \rho)}{dp} \psi^2 \right]
        """
        amplitude, half_width = one.scaling.amplitude, one.scaling.half_width
        psi = amplitude * one.phi @ coefficients
        slope = amplitude * one.slopes @ coefficients / half_width
        length, height, mass = self._changes(one.member.p)
        omega = self.nodes.weights
        kinetic = -(length * omega) @ slope**2
        potential = (height * omega) @ psi**2 - energies * ((mass * omega) @ psi**2)
        return np.asarray(kinetic + potential).T

    def _changes(self, p: Array) -> tuple[Array, ...]:
        """Derivatives of L, L rho V and L rho by each parameter at shared nodes, ``(m, q)``."""
        family, found = self.model.family, []
        for index, width in enumerate(family.upper - family.lower):
            step = STEP * width
            # Five points about p, moved so that none leaves the box.
            below, above = (p - family.lower)[index] / step, (family.upper - p)[index] / step
            first = -2 + max(0, 2 - int(below)) - max(0, 2 - int(above))
            offsets = np.arange(first, first + 5)
            rows = np.tile(p, (5, 1))
            rows[:, index] += offsets * step
            at = members(family, rows, self.nodes)
            mass = at.lengths * at.weight
            weights = _first_derivative(offsets) / step
            found.append([weights @ part for part in (at.lengths, mass * at.potential, mass)])
        return tuple(np.stack(part) for part in zip(*found, strict=True))


def _first_derivative(offsets: NDArray[np.int_]) -> Array:
    """Weights of values at integer offsets for the first derivative at 0."""
    powers = np.vander(offsets.astype(np.float64), increasing=True).T
    return np.asarray(np.linalg.solve(powers, np.eye(len(offsets))[1]))


class RefinedFamily(FamilyEquation):
    """The equation of a family with the Ritz states that its trunk has for each member."""

    @cached_property
    def refinement(self) -> Refinement:
        """Ritz states in the trunk."""
        return Refinement(self)

    def enclosed(self, p: Array) -> Enclosure:
        """Encloses the K lowest levels of members ``(n, m)``; every array is ``(n, K)``."""
        found = []
        for row, features in zip(p, self.refinement.features(p), strict=True):
            coefficients = self.refinement.ritz(features, Mesh.guards)[1]
            form = self.family.potential(row).normal_form
            functions = _psi_and_h_psi(self, row, form, coefficients)
            found.append(enclose(form, functions, self.states))
        return Enclosure.of_members(found)


def _psi_and_h_psi(
    model: FamilyEquation, p: Array, form: Potential, coefficients: Array
) -> Callable[[Array], tuple[Array, Array]]:
    """Psi and H psi of Ritz states of one member, as functions of x."""
    scaling, combined = model.frame.scaling(*form.interval), tf.constant(coefficients)

    def chi(xi: tf.Tensor) -> tf.Tensor:
        rows = tf.constant(np.tile(p, (len(xi), 1)))
        at = model.operator.moving(scaling.centre + scaling.half_width * xi, rows)
        return tf.matmul(model.operator.basis(at._replace(xi=xi)), combined)

    def functions(x: Array) -> tuple[Array, Array]:
        pair = (chi, derivative(derivative(chi)))
        xi = scaling.position(x)[:, None]
        psi, curvature = in_batches(lambda part: [f(part) for f in pair], xi, len(coefficients))
        return psi_and_h_psi(psi, curvature, scaling, form, x)

    return functions
