"""Techniques on the bench: each says what it does in another way than the baseline.

The baseline is two layers of tanh units that see the kinks of V, with random weights, E trained
from 1 in scaled units, Gauss's nodes and Adam. A technique of your own is a subclass of `Technique`
in a package of yours; an entry point of the group ``qwpinn.techniques`` gives it a name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.bench.clock import Clock
from qwpinn.equation.potential import Potential
from qwpinn.networks.certificate import certify
from qwpinn.networks.features import mlp
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.solving.recipes import enough
from qwpinn.training.losses import Loss, ResidualLoss
from qwpinn.training.points import collocation
from qwpinn.training.sampling import Sampling

Array = NDArray[np.float64]

# Of the baseline: units of its layers, the first step of Adam, and lambda of the normalisation.
UNITS = (16, 16)
RATE = 1e-2
NORMALISATION = 1e4
# Steps of Adam in one call; epochs of which are for callbacks.
STEPS, EPOCHS = 50, 10**6


class Task(NamedTuple):
    """What is to be solved.

    Attributes:
        potential: The well, whose ground state is wanted.
        seed: Of all random numbers.
        budget: CPU seconds.
    """

    potential: Potential
    seed: int
    budget: float


class Technique:
    """A way to build and train the network; what returns None is done as the baseline does it.

    Of several that are joined the first that has a say has it. Keras's optimizers make 50 steps in
    one call, which is an epoch, second-order ones one step in 50 calls. `solve` may be another
    altogether: it calls `Clock.start`, then `Clock.look` after each of its steps until that says
    that the time is over, or `Clock.end`.
    """

    def features(self, task: Task) -> keras.Layer | None:
        """Between xi and the hidden layers."""
        return None

    def hidden(self, task: Task) -> keras.Layer | None:
        """The hidden layers."""
        return None

    def sampling(self, task: Task) -> Sampling | None:
        """The collocation points; one that is a Keras callback is given to `fit` too."""
        return None

    def loss(self, task: Task) -> Loss | None:
        """What is made small."""
        return None

    def optimizer(self, task: Task) -> keras.optimizers.Optimizer | None:
        """How it is made small; a learning rate falls with the time unless it has a schedule."""
        return None

    def prepare(self, model: QuantumWellPINN) -> None:
        """Change the model before `compile`: residuals of its own, a start."""

    def callbacks(
        self, model: QuantumWellPINN, data: tf.data.Dataset
    ) -> Sequence[keras.callbacks.Callback]:
        """For `fit`."""
        return ()

    def solve(self, task: Task, clock: Clock) -> None:
        """Train until the clock says that the time is over; one of another kind overrides this."""
        train((self,), task, clock)


def layers(units: Sequence[int], task: Task) -> keras.Sequential:
    """Layers of tanh units with random biases: without any they would begin odd, and some stay."""
    return mlp(units, task.seed, biases=1.0)


class Baseline(Technique):
    """What all others are compared with."""

    def hidden(self, task: Task) -> keras.Layer:
        return layers(UNITS, task)

    def loss(self, task: Task) -> Loss:
        return ResidualLoss(NORMALISATION)

    def optimizer(self, task: Task) -> keras.optimizers.Optimizer:
        return keras.optimizers.Adam(RATE)


def train(parts: Sequence[Technique], task: Task, clock: Clock) -> None:
    """Train a network with all that several techniques do; the first that has a say has it.

    Raises:
        ValueError: If one of several is a solver of its own.
    """
    for part in parts:
        if len(parts) > 1 and type(part).solve is not Technique.solve:
            raise ValueError(
                "`parts` must be parts of a training. Received: "
                f"{type(part).__name__}, which is a whole one. Give it alone."
            )
    clock.start()
    parts = (*parts, Baseline())
    model = QuantumWellPINN(
        task.potential,
        states=1,
        hidden=_said("hidden", parts, task),
        features=_said("features", parts, task),
        seed=task.seed,
    )
    for part in parts:
        part.prepare(model)
    optimizer = _said("optimizer", parts, task)
    steps = 1 if hasattr(optimizer, "squares_step") else STEPS
    model.compile(optimizer, _said("loss", parts, task), steps_per_execution=steps)
    sampling = _said("sampling", parts, task)
    points = enough(model) if sampling is None else None
    data = collocation(task.potential, points, states=1, sampling=sampling)
    watch = Watch(clock)
    callbacks = [c for part in parts for c in part.callbacks(model, data)]
    if isinstance(sampling, keras.callbacks.Callback):
        callbacks.append(sampling)
    schedule = keras.optimizers.schedules.LearningRateSchedule
    if not (model.second_order or isinstance(model.optimizer._learning_rate, schedule)):
        callbacks.append(Decay(clock))
    model.fit(data.repeat(STEPS), epochs=EPOCHS, callbacks=[*callbacks, watch], verbose=0)
    finish(model, watch, clock)


def _said(what: str, parts: Sequence[Technique], task: Task) -> Any:
    """What the first part says that has a say."""
    return next((found for p in parts if (found := getattr(p, what)(task)) is not None), None)


def finish(model: QuantumWellPINN, watch: Watch, clock: Clock) -> None:
    """The last look, and the error bar."""
    clock.end(watch.steps, lambda x: answer(model, x))
    try:
        clock.width = float(certify(model).widths[0])
    except (ValueError, ArithmeticError):
        # What jumps has no energy to be enclosed, nor has what is not smooth where V is said to be.
        return


def answer(model: QuantumWellPINN, x: Array) -> tuple[float, Array]:
    """E and psi of the ground state of a model."""
    return float(model.energies[0]), model(x).numpy()[:, 0]


class Watch(keras.callbacks.Callback):
    """Shows the clock what the model has found, and stops with it.

    Attributes:
        steps: Made so far.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock, self.steps = clock, 0

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self.steps += self.model.steps_per_execution
        if self.clock.look(self.steps, lambda x: answer(self.model, x)):
            self.model.stop_training = True


class Decay(keras.callbacks.Callback):
    """Lets the learning rate fall to 0 along a cosine while the budget is spent."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.first = float(self.model.optimizer.learning_rate)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        share = min(1.0, self.clock.passed / self.clock.budget)
        self.model.optimizer.learning_rate = self.first * 0.5 * (1.0 + math.cos(math.pi * share))
