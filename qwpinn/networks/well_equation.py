"""The equation of one well, scaled, as a model that any loss trains."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import keras
import numpy as np
import tensorflow as tf

from qwpinn.equation.geometry import geometry_of
from qwpinn.networks import saved_model
from qwpinn.networks.tanh_basis import TanhBasis
from qwpinn.networks.well_model import Network
from qwpinn.networks.well_squares import WellSquares
from qwpinn.training.least_squares import Data, Logs
from qwpinn.training.open_model import OpenModel
from qwpinn.training.points import COLUMNS
from qwpinn.training.residuals import at_points, per_state, schroedinger
from qwpinn.training.squares import Squares


class WellEquation(Network, OpenModel):
    """K states of a well and a weight with their scaled energies.

    Attributes:
        scaled_energies: Of shape ``(K,)``.
        held_energies: In own units, where they are held; else None.
    """

    scaled_energies: keras.Variable
    held_energies: list[float] | None
    _squares: WellSquares | None = None

    @property
    def states(self) -> int:
        """K."""
        return int(self.trial.states)

    def members(self, data: Data) -> Data:
        """Collocation data of the one well, scaled, as a batch of one member."""
        one = {name: tf.reshape(data[name], [1, -1]) for name in self.columns}
        return dict(self.scaling.equation(one))

    def equation(self, rows: Data, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # Those of psi, if the loss has them in the place of trained ones.
        energies = rows.get("energies", self.scaled_energies)
        return schroedinger(self.trial, tf.convert_to_tensor(energies), rows, state)

    @property
    def axes(self) -> tuple[str, ...]:
        return geometry_of(self.potential).axes

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of collocation data: coordinates, V, rho and weights."""
        return (*self.axes, *COLUMNS[1:])

    def psi_of(self, member: Data) -> tf.Tensor:
        return self.trial(at_points(member))

    def own_units(self, data: Data) -> Data:
        scaling = self.scaling
        form = self.potential.normal_form
        walls = zip(
            self.axes, geometry_of(form).walls(form), np.atleast_1d(scaling.centre), strict=True
        )
        own = {
            **{
                axis: tf.clip_by_value(middle + scaling.half_width * data[axis], *ends)
                for axis, ends, middle in walls
            },
            "potential": scaling.own_energy(data["potential"]),
            "weight": data["weight"] * scaling.weight_unit,
            "quadrature": data["quadrature"] * scaling.volume,
        }
        return {name: tf.reshape(column, [-1, 1]) for name, column in own.items()}

    def own_psi(self, data: Data) -> tf.Tensor:
        return self.potential.amplitude * self.scaling.amplitude * self.psi_of(data)

    def energy_logs(self) -> Logs:
        return {f"energy_{k}": energy for k, energy in enumerate(tf.unstack(self.energies))}

    def in_own_units(self, logs: Logs) -> Logs:
        found = dict(logs)
        if "residual" in found:
            found["residual"] *= self.scaling.energy_unit
        return found | self.energy_logs()

    def take_energies(self, scaled: tf.Tensor) -> None:
        self.scaled_energies.assign(scaled)

    def hold_energies(self, held: bool) -> None:
        if held and self.held_energies is not None:
            raise ValueError(
                "`loss` must be one that leaves energies where they are held, as "
                "qwpinn.ResidualLoss. Received: one that takes those of psi. Leave `energies` out "
                "of the model, or give them as `initial_energies`."
            )
        self.scaled_energies.trainable = not held and self.held_energies is None

    def mix(self, matrix: tf.Tensor) -> None:
        coefficients = self.trial.output_layer.kernel
        coefficients.assign(coefficients.value @ matrix)

    def residual(self, x: tf.Tensor, potential: tf.Tensor, weight: tf.Tensor) -> tf.Tensor:
        r"""H psi_k - E_k psi_k with H = -(1/rho) d^2/dx^2 + V, shape ``(n, K)``.

        Its norm (\int rho (H psi - E psi)^2 dx)^(1/2) bounds the distance from E to an
        eigenvalue (Weinstein), in the unit of energy.

        Args:
            x: Positions, shape ``(n, 1)``, in the plane ``(n, 2)``.
            potential: V at x, shape ``(n, 1)``.
            weight: rho of the potential's `normal_form` there, shape ``(n, 1)``.
        """
        x = self.potential.to_normal(x)
        unit = self.scaling.energy_unit * self.scaling.amplitude * self.potential.amplitude
        if (basis := self.basis) is None:
            at = {
                **dict(zip(self.axes, tf.split(x, len(self.axes), axis=-1), strict=True)),
                "potential": potential,
                "weight": weight,
                "quadrature": tf.ones_like(potential),
            }
            rows, state = per_state(self.members(at), self.states)
            scaled = self.equation(rows, state)[1]
            return tf.reshape(unit * scaled / rows["weight"], [-1, self.states])
        x = tf.reshape(x, [-1, len(self.axes)])
        potential, weight = (tf.reshape(column, [-1, 1]) for column in (potential, weight))
        phi, coefficients = basis.jet(self.scaling.position(x)), self.trial.output_layer.kernel
        above = self.scaling.energy(potential) - self.scaled_energies
        kinetic = (phi.curvature @ coefficients) / (weight / self.scaling.weight_unit)
        return unit * (above * (phi.value @ coefficients) - kinetic)

    def residual_endpoint(self) -> Callable[[tf.Tensor], tf.Tensor]:
        """`residual` as a function of x alone, ``(n, 1)``, as the exported model has it."""
        table = saved_model.tabulated(self.mesh.potential)

        def residual(x: tf.Tensor) -> tf.Tensor:
            return self.residual(x, *table(self.potential.to_normal(x)))

        return residual

    def squares(self, data: Data) -> Squares:
        basis, loss = self.basis, self.plain
        if basis is None or loss is None or not self.in_pieces:
            return super().squares(data)
        at = self.scaling.equation({name: data[name].numpy()[:, 0] for name in self.columns})
        hidden, output = basis.layer, self.trial.output_layer
        own = (hidden.kernel, hidden.bias, output.kernel, self.scaled_energies)
        asked = own, self.trainable_variables, at, loss.normalisation
        if self._squares is None or not self._squares.is_of(*asked):
            self._squares = WellSquares(basis, *asked, partial(self.logs, {}))
        return self._squares

    @property
    def in_pieces(self) -> bool:
        """Whether its `WellSquares` take the place of a traced Jacobian."""
        traced = self.run_eagerly or self.jit_compile
        alone = self.distribute_strategy.num_replicas_in_sync == 1
        return alone and not traced and self.basis is not None and self.plain is not None

    @property
    def basis(self) -> TanhBasis | None:
        """The basis functions, where their jets are known and the loss is this class's own."""
        own = self.has_loss_of(WellEquation)  # type: ignore[type-abstract]
        return self.trial.known if own else None
