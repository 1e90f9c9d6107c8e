"""The equation of a family: residuals at collocation points in x and p, and their derivatives."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from qwpinn.equation import kinds
from qwpinn.equation.scaling import Scaling
from qwpinn.families.family import Family, checked_family
from qwpinn.families.frame import Frame, Placed
from qwpinn.families.networks import DeepONet, EnergySurface
from qwpinn.families.squares import OF_STATES, FamilyPieces
from qwpinn.inputs import check
from qwpinn.training.least_squares import Data
from qwpinn.training.residuals import EquationModel, schroedinger, select
from qwpinn.training.traced import Pieces


class FamilyEquation(EquationModel):
    """A network of wavefunctions and one of energies, in the equation that joins them.

    Args:
        family: The potentials.
        operator: The wavefunctions.
        surface: The energies.
        normalisation: lambda > 0.
    """

    def __init__(
        self,
        family: Family,
        operator: DeepONet,
        surface: EnergySurface,
        normalisation: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype="float64", **kwargs)
        self.family = checked_family(family)
        cure = "Or call FamilyPINN.for_family(family, states)."
        self.operator: DeepONet = kinds.one_of("operator", operator, DeepONet, "a DeepONet", cure)
        self.surface: EnergySurface = kinds.one_of(
            "surface", surface, EnergySurface, "an EnergySurface", cure
        )
        self.normalisation = check.positive("normalisation", normalisation, "weight")
        self.built = True

    @property
    def states(self) -> int:
        """K."""
        return self.operator.states

    @property
    def frame(self) -> Frame:
        """Edges and units of the family."""
        return self.operator.moving.frame

    @property
    def floor(self) -> float:
        """V0, the energy from which the networks measure theirs."""
        return self.frame.energy_origin

    def compile(self, *args: Any, jit_compile: bool = False, **kwargs: Any) -> None:
        """That of `SquaresModel`, without XLA.

        Raises:
            ValueError: If ``jit_compile`` is asked for: TensorFlow has no third derivative of
                slices there.
        """
        if jit_compile is True:
            raise ValueError(
                "`jit_compile` must be False for families, for TensorFlow cannot differentiate "
                "their equation under XLA. Received: jit_compile=True. Leave it out."
            )
        super().compile(*args, **kwargs)

    @property
    def pieces(self) -> Pieces:
        """With the networks of p by themselves, where BLAS does it and the loss is this one."""
        pieces = FamilyPieces(self)
        own = self.has_loss_of(FamilyEquation) and pieces.in_order
        return pieces if own and pieces.in_blas else super().pieces

    def placed(self, x: tf.Tensor, p: tf.Tensor) -> tuple[Placed, tf.Tensor]:
        """Rows of x ``(n, 1)``, in the own coordinate, and p ``(n, m)``, and psi's unit there."""
        scaling, knots = self._scaled(p)
        at = Placed(scaling.position(self.operator.moving.to_normal(x, p)), knots)
        return at, self.frame.amplitude * scaling.amplitude

    def psi(self, x: tf.Tensor, p: tf.Tensor) -> tf.Tensor:
        """Psi ``(n, K)`` at rows of x ``(n, 1)``, in the own coordinate, and p ``(n, m)``."""
        at, amplitude = self.placed(x, p)
        return amplitude * self.operator(at, self.states_at(p)[0])

    def members(self, data: Data) -> Data:
        scaling, knots = self._scaled(data["p"])
        of_member = {"p": data["p"], "knots": knots, "unit": scaling.energy_unit}
        return {**scaling.equation(data), **of_member}

    def equation(self, rows: Data, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        mixture, log_energies = self._states_of(rows)
        own = tf.reduce_sum(mixture * state[:, None, :], axis=-1, keepdims=True)
        energy = tf.exp(select(log_energies, state)) / rows["unit"]

        def function(xi: tf.Tensor) -> tf.Tensor:
            return self.operator(Placed(xi, rows["knots"]), own)

        return schroedinger(function, energy, rows, tf.ones_like(energy))

    def psi_of(self, member: Data) -> tf.Tensor:
        xi = tf.reshape(member["x"], [-1, 1])
        knots = tf.repeat(member["knots"], tf.shape(xi)[0], axis=0)
        return self.operator(Placed(xi, knots), self._states_of(member)[0])

    def _scaled(self, p: tf.Tensor) -> tuple[Scaling, tf.Tensor]:
        """The scaling of members, and their edges in it, ``(n, edges)``."""
        edges = self.operator.moving.edges(p)
        scaling = self.frame.scaling(edges[:, :1], edges[:, -1:])
        return scaling, scaling.position(edges)

    def _states_of(self, data: Data) -> tuple[tf.Tensor, tf.Tensor]:
        """`states_at`, of members that may have it among their data."""
        if all(name in data for name in OF_STATES):
            return data[OF_STATES[0]], data[OF_STATES[1]]
        return self.states_at(data["p"])

    def states_at(self, p: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The mixture ``(n, M, K)`` and log(E - V0) ``(n, K)`` of members, `OF_STATES`."""
        u = self.surface.scaled(p)
        log_energies = self.surface.logarithms(u)
        return self.operator.mixture(u, log_energies), log_energies
