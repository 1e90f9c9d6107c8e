"""The equation of one well, scaled, as a model that any loss trains."""

from __future__ import annotations

import keras
import tensorflow as tf

from qwpinn.networks.well_model import Network
from qwpinn.training.least_squares import Data, Logs
from qwpinn.training.open_model import OpenModel
from qwpinn.training.points import COLUMNS
from qwpinn.training.residuals import schroedinger


class WellEquation(Network, OpenModel):
    """K states of a well and a weight with their scaled energies.

    Attributes:
        scaled_energies: Of shape ``(K,)``.
        held_energies: In own units, where they are held; else None.
    """

    scaled_energies: keras.Variable
    held_energies: list[float] | None

    @property
    def states(self) -> int:
        """K."""
        return int(self.trial.states)

    def members(self, data: Data) -> Data:
        """Collocation data of the one well, scaled, as a batch of one member."""
        one = {name: tf.reshape(data[name], [1, -1]) for name in COLUMNS}
        return dict(self.scaling.equation(one))

    def equation(self, rows: Data, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # Those of psi, if the loss has them in the place of trained ones.
        energies = rows.get("energies", self.scaled_energies)
        return schroedinger(self.trial, tf.convert_to_tensor(energies), rows, state)

    def psi_of(self, member: Data) -> tf.Tensor:
        return self.trial(tf.reshape(member["x"], [-1, 1]))

    def own_units(self, data: Data) -> Data:
        scaling = self.scaling
        left, right = self.potential.normal_form.interval
        own = {
            "x": tf.clip_by_value(scaling.centre + scaling.half_width * data["x"], left, right),
            "potential": scaling.own_energy(data["potential"]),
            "weight": data["weight"] * scaling.weight_unit,
            "quadrature": data["quadrature"] * scaling.half_width,
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
