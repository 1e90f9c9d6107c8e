"""`solve`: a recipe applied to a potential, and the `Solution` that comes of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from qwpinn import _check, plotting
from qwpinn.model import QuantumWellPINN
from qwpinn.networks import KinkFeatures, kink_sharpness, mlp
from qwpinn.nodes import collocation
from qwpinn.optimizers import LevenbergMarquardt
from qwpinn.potential import values
from qwpinn.potentials import InfiniteWell, Potential
from qwpinn.quadrature import Quadrature, gauss_legendre, panels
from qwpinn.references import Spectrum
from qwpinn.scaling import Scaling
from qwpinn.status import Status
from qwpinn.trial import TrialFunctions

Array = NDArray[np.float64]


class Recipe(Protocol):
    """What `solve` needs: a compiled model, its data, how long to train, and the last touch."""

    @property
    def epochs(self) -> int: ...

    def compiled(self, potential: Potential, states: int, seed: int) -> QuantumWellPINN: ...

    def data(self, model: QuantumWellPINN) -> tf.data.Dataset: ...

    def finish(self, model: QuantumWellPINN) -> None: ...


@dataclass(frozen=True)
class Precise:
    """Quadrature collocation, kink features, the Ritz start and Levenberg-Marquardt.

    Args:
        epochs: Steps of Levenberg-Marquardt.
        units: Of the hidden layer. Defaults to that of `QuantumWellPINN.for_potential`.
    """

    epochs: int = 15
    units: int | None = None

    def __post_init__(self) -> None:
        _check.integer("epochs", self.epochs, minimum=1)

    def compiled(self, potential: Potential, states: int, seed: int) -> QuantumWellPINN:
        """A model started from its own Ritz states."""
        model = QuantumWellPINN.for_potential(potential, states, self.units, seed)
        model.compile(optimizer=LevenbergMarquardt())
        return model

    def data(self, model: QuantumWellPINN) -> tf.data.Dataset:
        """At least twice as many residuals as parameters: with fewer, training fits the nodes."""
        points = 2.2 * model.count_params() / model.trial.states
        return collocation(model.potential, max(240, round(points)))

    def finish(self, model: QuantumWellPINN) -> None:
        """The Ritz states in the trained features."""
        model.diagonalise()


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
        kinks: Whether the network sees `KinkFeatures` at the breakpoints.
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
    optimizer: Any = None
    learning_rate: float = 5e-3

    def __post_init__(self) -> None:
        for name in ("epochs", "steps"):
            _check.integer(name, getattr(self, name), minimum=1)
        for units in self.hidden:
            _check.integer("hidden", units, minimum=1)
        _check.positive("normalisation", self.normalisation, "weight")
        _check.positive("learning_rate", self.learning_rate, "step")

    @classmethod
    def naive(cls) -> Paper:
        """Equal weights and no kink features, as a first attempt would have it; it fails."""
        return cls(kinks=False, normalisation=1.0)

    def compiled(self, potential: Potential, states: int, seed: int) -> QuantumWellPINN:
        """A model with random weights."""
        scaling = Scaling.for_potential(potential)
        kinks = kink_sharpness(potential, scaling) if self.kinks else ((), ())
        trial = TrialFunctions(states, KinkFeatures(*kinks), mlp(self.hidden, seed), seed)
        held = potential.levels(states) if isinstance(potential, InfiniteWell) else None
        model = QuantumWellPINN(potential, trial, self.normalisation, held)
        model.compile(optimizer=self._optimizer(), steps_per_execution=self.steps)
        return model

    def data(self, model: QuantumWellPINN) -> tf.data.Dataset:
        """The default collocation, once a step."""
        return collocation(model.potential).repeat(self.steps)

    def finish(self, model: QuantumWellPINN) -> None:
        """Only the order and the signs; the energies are the trained weights."""
        model.sort()

    def _optimizer(self) -> keras.optimizers.Optimizer:
        if self.optimizer is not None:
            # A copy, for an optimizer belongs to the variables of one model.
            given = keras.optimizers.get(self.optimizer)
            return keras.optimizers.deserialize(keras.optimizers.serialize(given))
        decay = keras.optimizers.schedules.CosineDecay(self.learning_rate, self.epochs * self.steps)
        return keras.optimizers.Adam(decay)


@dataclass(frozen=True)
class Solution:
    """The K lowest states of a well, as a network knows them.

    Attributes:
        potential: The well.
        model: The trained `QuantumWellPINN`; everything below is its output.
        status: How training ended.
        history: What ``fit`` logged, one list a quantity, one entry an epoch.
        seconds: Wall time of building, tracing and training.
    """

    potential: Potential
    model: QuantumWellPINN
    status: Status
    history: dict[str, list[float]] = field(repr=False)
    seconds: float

    @property
    def energies(self) -> Array:
        """Ascending, in the potential's unit of energy, float64, shape ``(K,)``."""
        return np.asarray(self.model.energies.numpy(), np.float64)

    def wavefunctions(self, x: ArrayLike) -> Array:
        """psi_k(x), normalised, first lobe positive, shape ``(len(x), K)``.

        Args:
            x: Positions inside the interval, shape ``(n,)`` or ``(n, 1)``.

        Raises:
            ValueError: If ``x`` has another shape or leaves the interval.
        """
        column = _check.points(x, self.potential.interval)[:, None]
        return np.asarray(self.model(tf.constant(column)).numpy())

    @property
    def residuals(self) -> Array:
        r"""||H psi_k - E_k psi_k|| / ||psi_k||, shape ``(K,)``, in the unit of energy.

        Evaluated on a quadrature of its own, finer than the one that training saw.
        """
        nodes = self._fine_quadrature()
        column = nodes.nodes[:, None]
        v, rho = values(self.potential, column), self.potential.weight(column)
        measure = rho * nodes.weights[:, None]
        residual = self.model.residual(*(tf.constant(part) for part in (column, v, rho))).numpy()
        psi = self.wavefunctions(nodes.nodes)
        squares = [np.sum(measure * part**2, axis=0) for part in (residual, psi)]
        return np.asarray(np.sqrt(squares[0] / squares[1]))

    def error(self, reference: Spectrum) -> Array:
        r"""(\int rho (psi_k - reference_k)^2 dx)^(1/2), signs matched, shape ``(K,)``."""
        nodes = self._fine_quadrature()
        measure = (self.potential.weight(nodes.nodes) * nodes.weights)[:, None]
        psi, exact = self.wavefunctions(nodes.nodes), reference.wavefunctions(nodes.nodes)
        sign = np.where(np.sum(measure * psi * exact, axis=0) < 0.0, -1.0, 1.0)
        return np.asarray(np.sqrt(np.sum(measure * (psi - sign * exact) ** 2, axis=0)))

    def _fine_quadrature(self) -> Quadrature:
        """Finer than the one that training saw, so that nothing is judged on its own nodes."""
        return gauss_legendre(panels(self.potential, 80), 15)

    def plot(self, reference: Spectrum | None = None) -> Figure:
        """V(x) with the wavefunctions at their energies, on the reference, the error below."""
        return plotting.states(self, reference)

    def save(self, path: str | Path) -> None:
        """Write the model's folder, which `qwpinn.load` and `tf.saved_model.load` read."""
        self.model.export(path)


def solve(
    potential: Potential,
    states: int = 1,
    *,
    seed: int = 0,
    recipe: Recipe | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Solution:
    """The lowest bound states of a potential, with a fixed budget of training.

    Args:
        potential: The well.
        states: K, how many.
        seed: Of every random number.
        recipe: `Precise` or `Paper`. Defaults to ``Precise()``.
        callbacks: Keras callbacks for ``fit``.

    Raises:
        ValueError: If ``states`` or ``seed`` is not an integer of the allowed range, or the
            potential is not finite.

    Example:
        >>> solution = solve(InfiniteWell(width=1.0), states=2)
        >>> (solution.energies / np.pi**2).round(9).tolist()
        [1.0, 4.0]
    """
    states = _check.integer("states", states, minimum=1)
    seed = _check.integer("seed", seed, minimum=0)
    recipe = Precise() if recipe is None else recipe
    start = time.perf_counter()
    model = recipe.compiled(potential, states, seed)
    history = model.fit(recipe.data(model), epochs=recipe.epochs, callbacks=callbacks, verbose=0)
    recipe.finish(model)
    seconds = time.perf_counter() - start
    return Solution(potential, model, model.status, history.history, seconds)
