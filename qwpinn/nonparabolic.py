"""Non-parabolic bands: the mass depends on the energy, and so each level has its own equation.

Level k is level k of the linear problem whose mass is that of its energy, lambda_k(E) = E. As the
mass grows with E, lambda_k(E) decreases: there is one such energy, and it lies between any E and
lambda_k(E). So bounds of lambda_k(E) and E itself enclose it.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.optimize import root_scalar

from qwpinn import saving
from qwpinn.answers import Answers
from qwpinn.certificate import certify
from qwpinn.enclosures import UNPROVEN, Enclosure
from qwpinn.model import QuantumWellPINN
from qwpinn.nodes import PositionGuard, seen_positions
from qwpinn.potentials import Potential, potential_from_config
from qwpinn.recipes import Recipe, Task, Trained
from qwpinn.status import Status

Array = NDArray[np.float64]

# How often the mass of a trained network may be corrected; each round squares the error.
ROUNDS = 6


@keras.saving.register_keras_serializable("qwpinn")
class NonparabolicPINN(keras.Model):
    """K networks, of which number k holds level k with the mass that this level has.

    Each was trained by itself (`level_by_level`); together they have the energies, wavefunctions
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

    @property
    def scaling(self) -> Any:
        """That of the last network; the origin of energies is that of all."""
        return self.networks[-1].scaling

    @property
    def trial(self) -> Any:
        """That of the last network."""
        return self.networks[-1].trial

    @property
    def status(self) -> Status:
        """That of a network whose training did harm, else that of the last."""
        statuses = [network.status for network in self.networks]
        return next((status for status in statuses if status.failed), statuses[-1])

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.stack([net(x)[:, k] for k, net in enumerate(self.networks)], axis=1)

    def endpoints(self) -> dict[str, Any]:
        """The functions of the exported model, each with the shapes that it takes."""
        return saving.well_endpoints(self)

    def residual_endpoint(self) -> Any:
        """H psi - E psi as a function of x, ``(n, 1)``, as the exported model has it."""
        each = [network.residual_endpoint() for network in self.networks]
        return lambda x: tf.stack([residual(x)[:, k] for k, residual in enumerate(each)], axis=1)

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: the equation of each network is another.

        Raises:
            TypeError: Always.
        """
        raise _single("fit")

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        """Refused as `fit` is.

        Raises:
            TypeError: Always.
        """
        raise _single("evaluate")

    def predict(self, x: Any, **kwargs: Any) -> Array:
        """psi_k at positions x, float64, shape ``(n, K)``; see `QuantumWellPINN.predict`."""
        seen = PositionGuard(self.potential.interval)
        data = seen.batches(x, kwargs.pop("batch_size", None))
        with seen.speaking():
            return np.asarray(super().predict(data, **kwargs))

    def __call__(self, x: Any, *args: Any, **kwargs: Any) -> tf.Tensor:
        """Wavefunctions at positions x, as a tensor; see `QuantumWellPINN`."""
        return super().__call__(seen_positions(x, self.potential.interval), *args, **kwargs)

    def certified(self, individually: bool = True) -> Enclosure:
        """Encloses the K levels; see `qwpinn.certify`."""
        found = []
        for network in self.networks:
            seen: Any = network.potential
            found.append((seen.energy, Trained(network, certify(network, individually), {})))
        return _together(found, len(found))

    def export(self, filepath: str | Path) -> None:
        """Write a SavedModel and what `qwpinn.load` reads; see `QuantumWellPINN.export`."""
        saving.save(self, filepath)

    def questions(self) -> dict[str, Array]:
        """Where `saving` asks the model, to know it again."""
        return self.networks[-1].questions()

    def answers(self, x: Array) -> Answers:
        """What it says at the `questions`."""
        return saving.well_answers(self, x)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "potential": saving.potential_config(self.potential),
            "networks": [keras.saving.serialize_keras_object(net) for net in self.networks],
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> NonparabolicPINN:
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


def level_by_level(recipe: Recipe, task: Task) -> Trained:
    """Solve a structure of non-parabolic bands: a network a level, each with the mass of its own.

    A secant iteration on the Ritz values of untrained networks finds the energy; a network is then
    trained with the mass of this energy, and again where Newton's step leads from there, until its
    own energy agrees within a hundredth of the tolerance.

    Args:
        recipe: For each network.
        task: Of the structure.
    """
    found: list[tuple[float, Trained]] = []
    guesses = _parabolic_energies(task) if task.start is None else task.start.energies.numpy()
    for k in range(task.states):
        start = None if task.start is None else task.start.networks[k]
        energy, slope = _ritz_level(task, k, float(guesses[k]))
        found.append(_self_consistent(recipe, task, k, energy, slope, start))
        task.report(found[-1][1].model, _together(found, task.states))
    model = NonparabolicPINN(task.potential, [trained.model for _, trained in found])
    return Trained(model, _together(found, task.states), found[-1][1].history)


def _parabolic_energies(task: Task) -> Array:
    """The Ritz values with the mass of the band edges, where the search begins."""
    structure: Any = task.potential
    parabolic = dataclasses.replace(structure, nonparabolic=False)
    model = QuantumWellPINN.for_potential(parabolic, task.states, seed=task.seed)
    task.report(model, _together([], task.states))
    return np.asarray(model.energies.numpy())


def _ritz_level(task: Task, k: int, guess: float) -> tuple[float, float]:
    """The root of lambda_k(E) = E for the Ritz values of untrained networks, and dlambda_k/dE."""

    @cache
    def excess(energy: float) -> float:
        seen = task.potential.at(energy)
        model = QuantumWellPINN.for_potential(seen, k + 1, seed=task.seed)
        return float(model.energies[k]) - energy

    least = task.potential.least_energy
    first = max(guess, least + 1e-9 * abs(guess - least))
    step = excess(first) or 1e-3 * (first - least)
    slope = 1.0 + (excess(first + step) - excess(first)) / step
    xtol = 0.01 * task.rtol * (first - least)
    found = root_scalar(excess, x0=first, x1=first + step / (1.0 - slope), xtol=xtol)
    return float(found.root), slope


def _self_consistent(
    recipe: Recipe, task: Task, k: int, energy: float, slope: float, start: QuantumWellPINN | None
) -> tuple[float, Trained]:
    """The energy of the mass, and the network that was trained with it."""
    floor = task.potential.least_energy
    for _ in range(ROUNDS):
        trained = recipe.train(
            task._replace(
                potential=task.potential.at(energy),
                states=k + 1,
                start=start,
                report=lambda model, enclosure: None,
            )
        )
        level = float(trained.model.energies[k])
        if abs(level - energy) <= 0.01 * task.rtol * (level - floor):
            break
        energy, start = energy + (level - energy) / (1.0 - slope), trained.model
    return energy, trained


def _together(found: list[tuple[float, Trained]], states: int) -> Enclosure:
    """The intervals between the energy of the mass and the bounds of the level with this mass.

    Nothing is proven of the states to come.
    """
    proven = Enclosure(
        lower=np.full(states, -np.inf),
        upper=np.full(states, np.inf),
        quantum_numbers=np.full(states, UNPROVEN),
        residuals=np.full(states, np.inf),
    )
    for k, (energy, trained) in enumerate(found):
        enclosure = trained.enclosure
        proven.lower[k] = min(energy, enclosure.lower[k])
        proven.upper[k] = max(energy, enclosure.upper[k])
        proven.quantum_numbers[k] = k if enclosure.quantum_numbers[k] == k else UNPROVEN
        proven.residuals[k] = enclosure.residuals[k]
        proven.state_errors[k] = enclosure.state_errors[k] + _turned(trained, k, proven.widths[k])
    return proven


def _turned(trained: Trained, k: int, width: float) -> float:
    """How much psi_k turns, to first order, if the energy of its mass is off by a width."""
    enclosure, seen = trained.enclosure, trained.model.potential
    apart = float(enclosure.separation) - enclosure.upper[k]
    if k:
        apart = min(apart, enclosure.lower[k] - enclosure.upper[k - 1])
    change = width / (seen.energy - seen.structure.least_energy)
    kinetic = enclosure.upper[k] - seen.minimum
    return float(change * kinetic / apart) if apart > 0.0 else np.sqrt(2.0)
