"""Recipes: how a network is made and trained for a potential."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import keras
import numpy as np
import tensorflow as tf

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.equation import kinds
from qwpinn.equation.geometry import AnyMesh, AnyWell, mesh_of
from qwpinn.equation.mesh import Mesh
from qwpinn.inputs import check, limits
from qwpinn.networks.callbacks import StopAtTolerance
from qwpinn.networks.certificate import certify
from qwpinn.networks.features import mlp
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.networks.ritz import trial_for
from qwpinn.networks.well_model import WellModel
from qwpinn.solving.settings import check_sizes
from qwpinn.training.levenberg_marquardt import LevenbergMarquardt
from qwpinn.training.points import collocation_on

# Widening is cheap, and an energy proven to a hundredth of the tolerance needs no luck.
MARGIN = 0.01
# Steps of Levenberg-Marquardt after a start within the tolerance, and the most after another.
POLISH, MOST = 5, 60
# Of the tolerance: a start as narrow as that is as good as asked, and polishing does not pay.
SPARED = 1e-7
# The widest network that is made unasked: the Ritz start costs the cube of its units.
LARGEST = 2000
# In the unit of `cost`: a width that costs less is worth trying once the tolerance is met.
CHEAP = 3.0

Report = Callable[[QuantumWellPINN, Enclosure], None]
History = dict[str, list[float]]


class Task(NamedTuple):
    """What is to be solved.

    Attributes:
        potential: The well.
        states: K.
        rtol: Largest width of an enclosure, in units of E - min V.
        seed: Of every random number.
        callbacks: Keras callbacks for ``fit``.
        report: Called with the model and its enclosure whenever there is a new one.
        start: A network of a similar well, whose hidden layer is tried first.
        lowest: Which level the first of the K states is.
    """

    potential: AnyWell
    states: int
    rtol: float
    seed: int
    callbacks: Sequence[keras.callbacks.Callback] = ()
    report: Report = lambda model, enclosure: None
    start: WellModel | None = None
    lowest: int = 0

    @property
    def mesh(self) -> AnyMesh:
        """Panels for all states up to the last that is asked for."""
        return mesh_of(self.potential, self.lowest + self.states)


class Trained(NamedTuple):
    """What comes of it: the model, its enclosure, and what ``fit`` logged."""

    model: WellModel
    enclosure: Enclosure
    history: History


@runtime_checkable
class Recipe(Protocol):
    """What `solve` needs."""

    def train(self, task: Task) -> Trained: ...


@dataclass(frozen=True)
class Precise:
    """Quadrature collocation, kink features, the Ritz start and Levenberg-Marquardt.

    The hidden layer is widened, half as wide again each time, until the enclosures of the Ritz
    states in its untrained features are a hundred times narrower than asked; or, once they are as
    narrow as asked, until widening no longer pays or would cost more than all before. Then
    Levenberg-Marquardt trains all weights, and a last Ritz step rotates the states. If the result
    is not within the tolerance, it is the best of start, training and rotation.

    A network to start from, of a similar well, keeps its hidden layer. If its Ritz states in the
    new well are within the tolerance, they are the result; else it is forgotten.

    Args:
        units: Of the hidden layer, if it is not to be widened. Defaults to None: from 48 + 4 K
            to ``widest``; in the plane from 200, or 12 K, on.
        epochs: Steps of Levenberg-Marquardt, 0 for the Ritz start alone. Defaults to None: 5, or,
            if the start is not within the tolerance, as many as it takes, up to 60; none where the
            start is ten million times narrower than asked and no callback is there to see
            epochs, or where the Jacobian would not fit into memory.
        widest: The most units to be tried. Defaults to None: 600, in the plane 1600, or 10 K if
            that is more, up to 2000.
        trainable: Networks with more parameters than this stay at their Ritz start, if they were
            widened to that and ``epochs`` is None: a step costs their cube.
    """

    units: int | None = None
    epochs: int | None = None
    widest: int | None = None
    trainable: int = 1000

    def __post_init__(self) -> None:
        check_sizes(units=self.units, epochs=self.epochs, widest=self.widest)
        check.integer("trainable", self.trainable, 0, limits.POINTS)

    def train(self, task: Task) -> Trained:
        """Widen, train, rotate."""
        mesh = task.mesh
        mesh.refuse_wide(task.rtol)
        warm = self._warm(task, mesh)
        if warm is not None and _largest(warm) <= task.rtol:
            return warm
        start = self._started(task, mesh)
        unasked = self.units is None and self.epochs is None
        wide = unasked and start.model.count_params() > self.trainable
        reached = _largest(start) <= task.rtol
        epochs = (POLISH if reached else MOST) if self.epochs is None else self.epochs
        if wide or epochs == 0 or (self.epochs is None and spared(start, task)):
            return start
        model, weights = start.model, start.model.get_weights()
        data = self.data(model)
        if self.epochs is None and _jacobian_of(model, data) > limits.JACOBIAN:
            return start
        stop = [] if reached else [StopAtTolerance(task.rtol, self.epochs or 1, task.report)]
        # One iterator for all epochs: a new one takes as long as half a step.
        fit = {"epochs": epochs, "steps_per_epoch": 1, "callbacks": [*stop, *task.callbacks]}
        # Where a backup had all epochs, none is left to be logged.
        history = model.fit(data.repeat(), verbose=0, **fit).history or {"loss": []}
        trained = model.get_weights()
        model.diagonalise()
        rotated = Trained(model, certify(model), history)
        if _largest(rotated) <= task.rtol:
            return rotated
        # A rotation lowers energies, not residuals: far from the goal it may widen enclosures.
        tried = [(start._replace(history=history), weights), (rotated, model.get_weights())]
        model.set_weights(trained)
        tried.append((Trained(model, certify(model), history), trained))
        best, kept = min(tried, key=lambda one: _largest(one[0]))
        model.set_weights(kept)
        return best

    def _started(self, task: Task, mesh: AnyMesh) -> Trained:
        """The first model well within the tolerance, else the best."""
        first, *wider = self.widths(task.lowest + task.states, mesh)
        best, spent = self._tried(task, mesh, first), cost(first)
        for units in wider:
            if _largest(best) <= MARGIN * task.rtol:
                break
            if _largest(best) <= task.rtol and cost(units) > max(CHEAP, spent):
                break
            known = best.model.units, _largest(best)
            if units < wider[-1] and mesh.falls_short(*known, units, task.rtol):
                continue
            trial = self._tried(task, mesh, units)
            paid = _largest(trial) < 0.5 * _largest(best)
            # Of two that prove nothing, the wider one.
            best, spent = min(trial, best, key=_largest), spent + cost(units)
            if _largest(best) <= task.rtol and not paid:
                break
        if np.isinf(_largest(best)):
            return best._replace(enclosure=certify(best.model))
        return best

    def _warm(self, task: Task, mesh: AnyMesh) -> Trained | None:
        """The hidden layer of another well's network in this one, if it has as many inputs."""
        if task.start is None:
            return None
        network = task.start.network(-1)
        earlier = network.trial
        hidden = mlp([layer.units for layer in earlier.hidden.layers], task.seed)
        trial = trial_for(mesh, hidden, task.seed, lowest=task.lowest)
        # Layers have no weights, and so no shapes, before.
        trial.build((None, mesh.ends.dimensions))
        placed = earlier.hidden.get_weights()
        if [w.shape for w in hidden.get_weights()] != [w.shape for w in placed]:
            return None
        model = QuantumWellPINN(
            task.potential,
            trial,
            network.normalisation,
            scaling=mesh.scaling,
            lowest=task.lowest,
        )
        model._mesh = mesh
        hidden.set_weights(placed)
        model.diagonalise()
        return self._proven(task, model)

    def _tried(self, task: Task, mesh: AnyMesh, units: int) -> Trained:
        model = QuantumWellPINN.placed(mesh, units, task.seed, lowest=task.lowest)
        return self._proven(task, model)

    def _proven(self, task: Task, model: QuantumWellPINN) -> Trained:
        """An untrained model with its enclosures, ready to be trained."""
        model.compile(optimizer=LevenbergMarquardt())
        start = Trained(model, certify(model, individually=False), {})
        task.report(start.model, start.enclosure)
        return start

    def widths(self, states: int, mesh: AnyMesh | type[AnyMesh] = Mesh) -> list[int]:
        """48 + 4 K units, in the plane 200, then half as many again each time; or those given.

        Raises:
            ValueError: If so many states need wider networks than are made unasked.
        """
        if self.units is not None:
            return [self.units]
        units = mesh.fewest_units(states)
        widest = self.widest or min(max(mesh.widest, 10 * states), LARGEST)
        if units > LARGEST:
            raise ValueError(
                f"`states` must be at most {mesh.most_states(LARGEST)}, for networks of up to "
                f"{LARGEST} units. Received: states={states}. Give qwpinn.Precise `units`."
            )
        found = []
        while units < widest:
            found.append(units)
            units = mesh.widened(units)
        return [*found, widest]

    def data(self, model: QuantumWellPINN) -> tf.data.Dataset:
        """What `fit` takes: points for twice as many residuals as weights."""
        return collocation_on(model.mesh, enough(model))


def spared(start: Trained, task: Task) -> bool:
    """Whether a start needs no training: far within the tolerance, and nobody waits for epochs."""
    seen = any(not getattr(callback, "only_watches", False) for callback in task.callbacks)
    return not seen and _largest(start) <= SPARED * task.rtol


def enough(model: QuantumWellPINN) -> int:
    """Points for twice as many residuals as parameters: with fewer, training fits the nodes."""
    weights: int = model.count_params()
    return max(240, round(2.2 * weights / model.states))


def check_hidden(hidden: object) -> None:
    """Refuses what is not the units of each hidden layer of a recipe.

    Raises:
        TypeError: If it is no list of integers.
        ValueError: If there are too many layers, or units.
    """
    expected, cure = "the units of each hidden layer", "Give e.g. (32, 32)."
    layers = kinds.each("hidden", hidden, object, expected, cure)
    limits.at_most("hidden", len(layers), limits.HIDDEN, "layers")
    for units in layers:
        check.integer("hidden", units, maximum=limits.UNITS)


def refuse_level(task: Task, recipe: str) -> None:
    """Refuses a level above the lowest, of a recipe that begins with random weights.

    Raises:
        ValueError: If one is asked for.
    """
    if task.lowest:
        raise ValueError(
            f"`level` must be left out with the recipe {recipe}, which finds the lowest states. "
            f"Received: level={task.lowest}. Take Precise."
        )


def cost(units: int) -> float:
    """Of the Ritz start and the enclosure of a width, about, in units of a fifth of a second."""
    return 1.0 + (units / 400.0) ** 3


def _jacobian_of(model: QuantumWellPINN, data: tf.data.Dataset) -> int:
    """How many numbers the Jacobian on such data has, but for the overlaps."""
    nodes = data.element_spec["x"].shape[0]
    return int(nodes * model.trial.states * model.count_params())


def _largest(trained: Trained) -> float:
    """The widest enclosure in units of E - min V; infinite while a quantum number is unproven."""
    return trained.enclosure.relative_width(trained.model.potential.minimum)
