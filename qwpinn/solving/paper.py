"""The recipe of arXiv:2504.05367: random weights and a Keras optimizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras

from qwpinn.equation.geometry import AnyWell, mesh_of
from qwpinn.inputs import check
from qwpinn.networks.certificate import certify
from qwpinn.networks.features import mlp
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.networks.ritz import plain_features, trial_for
from qwpinn.solving.recipes import Task, Trained, check_hidden, enough, refuse_level
from qwpinn.training.optimizers import optimizer_of
from qwpinn.training.points import collocation_on


@dataclass(frozen=True)
class Paper:
    """The recipe of arXiv:2504.05367: a tanh network from random weights, by a Keras optimizer.

    The energies start at 1, 4, 9, ... in scaled units and are trained, but for the infinite well,
    where they are held at n^2 pi^2 / width^2 as in the paper. The paper does not give its network
    and training in a form that could be read; the sizes here are our choice.

    Args:
        epochs: Of ``steps`` steps each.
        steps: Optimizer steps an epoch.
        hidden: Units of each hidden layer.
        kinks: Whether the network sees `KinkFeatures` at the breakpoints, in the plane
            `qwpinn.networks.region_features.RegionFeatures`.
        normalisation: Weight lambda of the Gram residual. It must exceed the square of the
            energies' distance from their start in scaled units, or psi = 0 is the cheaper answer.
        optimizer: Any Keras optimizer's name, config or instance. Defaults to Adam with a cosine
            decay from ``learning_rate`` to 0.
        learning_rate: Of the default optimizer.
    """

    epochs: int = 40
    steps: int = 250
    hidden: tuple[int, ...] = (32, 32)
    kinks: bool = True
    normalisation: float = 1e4
    optimizer: str | Mapping[str, object] | keras.optimizers.Optimizer | None = None
    learning_rate: float = 5e-3

    def __post_init__(self) -> None:
        for name in ("epochs", "steps"):
            check.integer(name, getattr(self, name), minimum=1)
        check_hidden(self.hidden)
        check.positive("normalisation", self.normalisation, "weight")
        check.positive("learning_rate", self.learning_rate, "step")

    @classmethod
    def naive(cls) -> Paper:
        """Equal weights and no kink features, as a first attempt would have it; it fails."""
        return cls(kinks=False, normalisation=1.0)

    def train(self, task: Task) -> Trained:
        """Random weights, ``fit``, then order and signs; the energies are the trained weights.

        Raises:
            ValueError: If a ``level`` is asked for: from random weights no other than the lowest.
        """
        refuse_level(task, "Paper")
        model = self.compiled(task.potential, task.states, task.seed)
        points = enough(model) if model.second_order else None
        data = collocation_on(model.mesh, points).repeat(self.steps)
        history = model.fit(
            data, epochs=self.epochs, callbacks=list(task.callbacks), verbose=0
        ).history
        model.sort()
        return Trained(model, certify(model), history)

    def compiled(self, potential: AnyWell, states: int, seed: int) -> QuantumWellPINN:
        """A model with random weights."""
        mesh = mesh_of(potential, states)
        features = None if self.kinks else plain_features(mesh)
        trial = trial_for(mesh, mlp(self.hidden, seed), seed, features)
        held = potential.levels(states) if potential.levels_held else None
        model = QuantumWellPINN(potential, trial, self.normalisation, held, mesh.scaling)
        model._mesh = mesh
        model.compile(optimizer=self._optimizer(), steps_per_execution=self.steps)
        return model

    def _optimizer(self) -> keras.optimizers.Optimizer:
        if self.optimizer is not None:
            # A copy, for an optimizer belongs to the variables of one model.
            given = optimizer_of(self.optimizer)
            return keras.optimizers.deserialize(keras.optimizers.serialize(given))
        decay = keras.optimizers.schedules.CosineDecay(self.learning_rate, self.epochs * self.steps)
        return keras.optimizers.Adam(decay)
