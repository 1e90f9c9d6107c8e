"""Products: the states of a plane V1(x) + V2(y) are those of two networks of one dimension.

psi_k(x, y) = c psi_i(x) psi_j(y) with E_k = E_i + E_j, of the pairs (i, j) with the lowest sums.
Either factor is normalised with rho, and so would the product be with rho^2: c = rho^(1/2) mends
that. In units factors and product are normalised without rho, and c = 1.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.enclosures.sums import enclosed_sums
from qwpinn.equation.geometry import geometry_of
from qwpinn.inputs import check, limits
from qwpinn.networks.answers import asked_at
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.networks.well_model import Parts, Residual, WellModel
from qwpinn.potentials import SeparablePlane
from qwpinn.potentials.config import potential_config, potential_from_config
from qwpinn.status import Status
from qwpinn.storage.plain import Json

Array = NDArray[np.float64]


@keras.saving.register_keras_serializable("qwpinn")
class ProductPINN(WellModel):
    """K states of a plane V1(x) + V2(y) as products of those of two networks.

    The networks were trained by themselves (`qwpinn.solve`), the first for V1 and the second for
    V2. Training goes on with one of them:
    ``network.fit(qwpinn.collocation(network.potential))``.

    Args:
        potential: The plane, a `qwpinn.potentials.SeparablePlane`.
        networks: A `QuantumWellPINN` of V1 and one of V2, of their lowest states.
        states: K, at most as many as there are products from ``lowest`` on.
        lowest: Which of the sums in order the first state has. Defaults to 0.

    Call arguments: positions ``(n, 2)``. Returns psi ``(n, K)``, each of norm 1:
    integral rho psi^2 dx dy = 1.

    Raises:
        ValueError: If there are not two networks, or too few products.
    """

    def __init__(
        self,
        potential: SeparablePlane,
        networks: Sequence[QuantumWellPINN],
        states: int,
        lowest: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype="float64", **kwargs)
        self.potential = potential
        self.networks = list(networks)
        if len(self.networks) != 2:
            raise ValueError(
                "`networks` must be two, of V1 and of V2. Received: "
                f"{len(self.networks)}. Give both in a list."
            )
        self.states = check.integer("states", states, maximum=limits.STATES)
        self.lowest = check.integer("lowest", lowest, 0, limits.STATES)
        products = int(np.prod([network.energies.shape[0] for network in self.networks]))
        if self.lowest + self.states > products:
            raise ValueError(
                f"`states` must be at most {products - self.lowest}, as many as there are products "
                f"of states of both networks. Received: {self.states}. Give networks of more."
            )
        self.built = True

    @property
    def energies(self) -> tf.Tensor:
        """The K energies, ascending, shape ``(K,)``."""
        return tf.gather(self._sums(), self._order())

    @property
    def pairs(self) -> NDArray[np.intp]:
        """Which state of V1 and which of V2 each state is of, ``(K, 2)``."""
        return np.stack([part.numpy() for part in self._factors()], axis=1).astype(np.intp)

    def _sums(self) -> tf.Tensor:
        """All sums, those with the first state of V1 first."""
        first, second = (network.energies for network in self.networks)
        return tf.reshape(first[:, None] + second, [-1])

    def _order(self) -> tf.Tensor:
        """The places of the K energies among all sums."""
        order = tf.argsort(self._sums(), stable=True)
        return order[self.lowest : self.lowest + self.states]

    def _factors(self) -> tuple[tf.Tensor, tf.Tensor]:
        """The states of V1 and of V2 that each state is of, each ``(K,)``."""
        order, columns = self._order(), self.networks[1].energies.shape[0]
        return order // columns, order % columns

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self._products(x, self.networks)[0]

    def _products(self, x: tf.Tensor, *functions: Sequence[Callable[..., tf.Tensor]]) -> list[Any]:
        """The products f_i(x) g_j(y), normalised, of each pair of functions f and g, ``(n, K)``."""
        own = self.potential.amplitude * self.potential.rho**0.5
        norm = own / np.prod([network.potential.amplitude for network in self.networks])
        i, j = self._factors()
        return [
            norm * tf.gather(f(x[:, :1]), i, axis=1) * tf.gather(g(x[:, 1:]), j, axis=1)
            for f, g in functions
        ]

    def network(self, state: int) -> QuantumWellPINN:
        """That of V1: every state has a factor of it, and one of ``networks[1]``."""
        return self.networks[0]

    @property
    def floor(self) -> float:
        """The sum of both networks' own: min V, about."""
        return sum(network.floor for network in self.networks)

    @property
    def units(self) -> int:
        """Of the last hidden layers of both."""
        return sum(network.units for network in self.networks)

    @property
    def status(self) -> Status:
        """That of a network whose training did harm, else that of the last."""
        statuses = [network.status for network in self.networks]
        return next((status for status in statuses if status.failed), statuses[-1])

    def residual_endpoint(self) -> Residual:
        """H psi - E psi as a function of positions ``(n, 2)``, as the exported model has it."""
        f, g = self.networks
        left, right = (network.residual_endpoint() for network in self.networks)

        def residual(x: tf.Tensor) -> tf.Tensor:
            return tf.add_n(self._products(x, (left, g), (f, right)))

        return residual

    def endpoints(self) -> dict[str, tuple[Callable[..., tf.Tensor], list[tf.TensorSpec]]]:
        """Those of `WellModel`, and the residual: its parts have V in tables."""
        found, residual = super().endpoints(), self.residual_endpoint()
        return {
            **found,
            "residual": (lambda x: residual(tf.reshape(x, [-1, 2])), found["serve"][1]),
        }

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

    def certified(self, individually: bool = True) -> Enclosure:
        """Encloses the K levels; see `qwpinn.certify`."""
        first, second = (network.certified(individually) for network in self.networks)
        return self.together(first, second)

    def together(self, first: Enclosure, second: Enclosure) -> Enclosure:
        """The K levels from enclosures of both networks (`qwpinn.enclosures.sums`).

        Each interval is widened, if need be, to hold the model's energy.
        """
        found, energies = enclosed_sums(first, second, self.pairs, self.lowest), self.energies
        lower = np.minimum(found.lower, energies.numpy())
        upper = np.maximum(found.upper, energies.numpy())
        return dataclasses.replace(found, lower=lower, upper=upper)

    def questions(self) -> dict[str, Array]:
        return {"x": asked_at(self.potential, self.networks[0].scaling, self.states)}

    def parts(self) -> list[Parts]:
        own: dict[str, Json] = {"states": self.states, "lowest": self.lowest}
        each = [part for network in self.networks for part in network.parts()]
        return [*each, Parts(own, None, self.status, [])]

    @classmethod
    def of_parts(cls, potential: SeparablePlane, parts: Sequence[Parts]) -> ProductPINN:
        *each, own = parts
        wells = geometry_of(potential).summands(potential)
        networks = [
            QuantumWellPINN.of_parts(well, [part]) for well, part in zip(wells, each, strict=True)
        ]
        return cls(potential, networks, **own.config)

    def get_config(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "potential": potential_config(self.potential),
            "networks": [keras.saving.serialize_keras_object(net) for net in self.networks],
            "states": self.states,
            "lowest": self.lowest,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Json], custom_objects: Mapping[str, object] | None = None
    ) -> ProductPINN:
        config = dict(config)
        config["potential"] = potential_from_config(config["potential"])
        config["networks"] = [
            keras.saving.deserialize_keras_object(net, custom_objects) for net in config["networks"]
        ]
        return cls(**config)


def _single(method: str) -> TypeError:
    return TypeError(
        f"`{method}` must be called on a single network, of V1 or of V2. Received: a ProductPINN. "
        "Take one of its `networks`, or qwpinn.solve."
    )
