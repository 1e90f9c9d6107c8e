"""Non-parabolic bands: the mass depends on the energy, and so each level has its own equation.

Level k is level k of the linear problem whose mass is that of its energy, lambda_k(E) = E. As the
mass grows with E, lambda_k(E) decreases: there is one such energy, and it lies between any E and
lambda_k(E). So bounds of lambda_k(E) and E itself enclose it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, NoReturn, cast

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.enclosures.enclosure import UNPROVEN, Enclosure
from qwpinn.equation.potential import Potential
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.networks.well_model import Parts, Residual, WellModel
from qwpinn.potentials import AtEnergy
from qwpinn.potentials.config import potential_config, potential_from_config
from qwpinn.status import Status
from qwpinn.storage.plain import Json

Array = NDArray[np.float64]


@keras.saving.register_keras_serializable("qwpinn")
class NonparabolicPINN(WellModel):
    """K networks, of which number k holds level k with the mass that this level has.

    Each was trained by itself (`qwpinn.solve`); together they have the energies, wavefunctions
    and endpoints of one `QuantumWellPINN`. Training goes on with a single network:
    ``network.fit(qwpinn.collocation(network.potential))``.

    Args:
        potential: The structure.
        networks: Number k, a `QuantumWellPINN` of ``potential.at(E_k)`` with at least k + 1 states.

    Call arguments: positions ``(n, 1)``. Returns psi ``(n, K)``, each of norm 1.
    """

    def __init__(
        self, potential: Potential, networks: list[QuantumWellPINN], **kwargs: Any
    ) -> None:
        super().__init__(dtype="float64", **kwargs)
        self.potential = potential
        self.networks = list(networks)
        self.built = True

    @property
    def energies(self) -> tf.Tensor:
        """The K energies, shape ``(K,)``."""
        return tf.stack([network.energies[k] for k, network in enumerate(self.networks)])

    def network(self, state: int) -> QuantumWellPINN:
        """The network of a level."""
        return self.networks[state]

    def residual_endpoint(self) -> Residual:
        """H psi - E psi as a function of x, ``(n, 1)``, as the exported model has it."""
        each = [network.residual_endpoint() for network in self.networks]
        return lambda x: tf.stack([residual(x)[:, k] for k, residual in enumerate(each)], axis=1)

    @property
    def status(self) -> Status:
        """That of a network whose training did harm, else that of the last."""
        statuses = [network.status for network in self.networks]
        return next((status for status in statuses if status.failed), statuses[-1])

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.stack([net(x)[:, k] for k, net in enumerate(self.networks)], axis=1)

    def fit(self, *args: object, **kwargs: object) -> NoReturn:
        """Refused: the equation of each network is another.

        Raises:
            TypeError: Always.
        """
        raise _single("fit")

    def evaluate(self, *args: object, **kwargs: object) -> NoReturn:
        """Refused as `fit` is.

        Raises:
            TypeError: Always.
        """
        raise _single("evaluate")

    def parts(self) -> list[Parts]:
        return [part for network in self.networks for part in network.parts()]

    @classmethod
    def of_parts(cls, potential: Potential, parts: Sequence[Parts]) -> NonparabolicPINN:
        networks = [QuantumWellPINN.of_parts(part.config["potential"], [part]) for part in parts]
        return cls(potential, networks)

    def certified(self, individually: bool = True) -> Enclosure:
        """Encloses the K levels; see `qwpinn.certify`."""
        found = [Level.of(net, net.certified(individually)) for net in self.networks]
        return together(found, len(found))

    def get_config(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "potential": potential_config(self.potential),
            "networks": [keras.saving.serialize_keras_object(net) for net in self.networks],
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Json], custom_objects: Mapping[str, object] | None = None
    ) -> NonparabolicPINN:
        config = dict(config)
        config["potential"] = potential_from_config(config["potential"])
        config["networks"] = [
            keras.saving.deserialize_keras_object(net, custom_objects) for net in config["networks"]
        ]
        return cls(**config)


def _single(method: str) -> TypeError:
    return TypeError(
        f"`{method}` must be called on a single network, whose mass is that of its level. "
        "Received: a NonparabolicPINN. Take one of its `networks`, or qwpinn.solve."
    )


class Level(NamedTuple):
    """Level k of a structure whose mass is that of one energy.

    Attributes:
        seen: The structure at this energy, a `qwpinn.potentials.AtEnergy`.
        enclosure: Of its levels 0 to k at least.
    """

    seen: AtEnergy
    enclosure: Enclosure

    @classmethod
    def of(cls, network: WellModel, enclosure: Enclosure) -> Level:
        """Of a network that was made for the structure at one energy."""
        return cls(cast(AtEnergy, network.potential), enclosure)


def together(found: Sequence[Level], states: int) -> Enclosure:
    """The intervals between the energy of the mass and the bounds of the level with this mass.

    Args:
        found: Levels 0, 1, ... so far.
        states: How many there will be; nothing is proven of those to come.
    """
    proven = Enclosure(
        lower=np.full(states, -np.inf),
        upper=np.full(states, np.inf),
        quantum_numbers=np.full(states, UNPROVEN),
        residuals=np.full(states, np.inf),
    )
    for k, (seen, enclosure) in enumerate(found):
        proven.lower[k] = min(seen.energy, enclosure.lower[k])
        proven.upper[k] = max(seen.energy, enclosure.upper[k])
        proven.quantum_numbers[k] = k if enclosure.quantum_numbers[k] == k else UNPROVEN
        proven.residuals[k] = enclosure.residuals[k]
        proven.state_errors[k] = enclosure.state_errors[k] + _turned(found[k], k, proven.widths[k])
    return proven


def _turned(level: Level, k: int, width: float) -> float:
    """How much psi_k turns, to first order, if the energy of its mass is off by a width."""
    seen, enclosure = level
    apart = float(enclosure.separation) - enclosure.upper[k]
    if k:
        apart = min(apart, enclosure.lower[k] - enclosure.upper[k - 1])
    change = width / (seen.energy - seen.structure.least_energy)
    kinetic = enclosure.upper[k] - seen.minimum
    return float(change * kinetic / apart) if apart > 0.0 else np.sqrt(2.0)
