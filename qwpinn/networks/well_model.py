"""The contract of a well's model: what every network of one well can be asked."""

from __future__ import annotations

import abc
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.equation.geometry import AnyMesh, AnyScaling, AnyWell, geometry_of
from qwpinn.networks import saved_model
from qwpinn.networks.answers import Answers
from qwpinn.networks.trial import TrialFunctions
from qwpinn.potentials.config import potential_config, potential_from_config
from qwpinn.status import Status
from qwpinn.storage.plain import Json
from qwpinn.training.points import PositionGuard, seen_positions

Array = NDArray[np.float64]
Residual = Callable[[tf.Tensor], tf.Tensor]


class Parts(NamedTuple):
    """What a network is made of: all that makes it again as it is.

    Keras's own pickle of a model is a file in memory with a description of the potential, which
    takes a good part of the time of a solve to read and leaves out the status.

    Attributes:
        config: Keras's, with the potential itself in place of its description.
        compiled: What it was compiled with; None if it was not.
        status: How its training ended.
        weights: All values, its own and then those of its optimizer.
    """

    config: dict[str, Json]
    compiled: dict[str, Json] | None
    status: Status
    weights: list[Array]


class Remade:
    """The attribute `model` of what was pickled, made of its `parts` when it is asked for.

    Keras takes longer for that than pickle for everything else. The attribute `parts` holds the
    kind of model and the parts of its networks.
    """

    def __init__(self) -> None:
        # Threads that ask at once are given the same one.
        self._lock = threading.RLock()

    def __get__(self, owner: object | None, _: type) -> WellModel:
        if owner is None:
            raise AttributeError("It is what was made that has a `model`, and not its class.")
        kept = vars(owner)
        with self._lock:
            if "model" not in kept:
                kind, each = kept["parts"]
                kept["model"] = kind.of_parts(kept["potential"], each)
                # Only now, for what interrupts must leave them.
                del kept["parts"]
            model: WellModel = kept["model"]
        return model


class WellModel(keras.Model, metaclass=abc.ABCMeta):
    """K wavefunctions of one well with their energies.

    A subclass gives `status`, `energies`, `network`, `certified`, `residual_endpoint`, `parts`,
    `of_parts` and Keras's `call`; everything else follows.

    Attributes:
        potential: The well.
    """

    potential: AnyWell

    @property
    @abc.abstractmethod
    def status(self) -> Status:
        """How its training ended."""

    @property
    @abc.abstractmethod
    def energies(self) -> tf.Tensor:
        """The K energies in the potential's own unit, float64, shape ``(K,)``."""

    @abc.abstractmethod
    def network(self, state: int) -> Network:
        """The network that holds a state."""

    @abc.abstractmethod
    def certified(self, individually: bool = True) -> Enclosure:
        """Encloses the K levels; see `qwpinn.certify`."""

    @abc.abstractmethod
    def residual_endpoint(self) -> Residual:
        """H psi - E psi as a function of x, ``(n, 1)``, as the exported model has it."""

    @abc.abstractmethod
    def parts(self) -> list[Parts]:
        """What it is made of, one for each network."""

    @classmethod
    @abc.abstractmethod
    def of_parts(cls, potential: AnyWell, parts: Sequence[Parts]) -> Self:
        """The model of a potential that is made of these."""

    @property
    def floor(self) -> float:
        """The energy from which the networks measure theirs: min V, about."""
        return float(self.network(-1).scaling.energy_origin)

    @property
    def units(self) -> int:
        """Of the last hidden layer."""
        return int(self.network(-1).trial.output_layer.kernel.shape[0])

    def __call__(self, x: ArrayLike | tf.Tensor, *args: Any, **kwargs: Any) -> tf.Tensor:
        """Wavefunctions at positions x, as a tensor; what is no tensor is taken as float64.

        Raises:
            TypeError: If ``x`` is of single precision.
            ValueError: If ``x`` has another shape than (n,) or (n, 1), or leaves the interval.
        """
        return super().__call__(seen_positions(x, self.potential), *args, **kwargs)

    def predict(self, x: ArrayLike | tf.data.Dataset, **kwargs: Any) -> Array:
        """psi_k at positions x, float64, shape ``(n, K)``.

        Args:
            x: Shape ``(n,)`` or ``(n, 1)``, inside the interval; or a tf.data.Dataset of batches.
            **kwargs: Those of `keras.Model.predict`.

        Raises:
            TypeError: If ``x`` is of single precision.
            ValueError: If ``x`` has another shape or leaves the interval.
        """
        seen = PositionGuard(self.potential)
        data = seen.batches(x, kwargs.pop("batch_size", None))
        with seen.speaking():
            return np.asarray(super().predict(data, **kwargs))

    def export(self, filepath: str | Path) -> None:
        """Write a SavedModel for inference, with the config and weights that `qwpinn.load` reads.

        Its endpoints take and give float64 in the potential's own units and need no qwpinn:
        ``serve(x)`` gives psi and ``residual(x)`` gives H psi - E psi, both ``(n, K)`` for x of
        shape ``(n,)`` or ``(n, 1)``; ``energies()`` gives ``(K,)``. `tf.saved_model.load` finds
        them, and ``keras.layers.TFSMLayer(path, call_endpoint="serve", dtype="float64")`` makes
        one that takes x a layer of a Keras model. The folder is written beside its place and moved
        there when it is whole.

        Args:
            filepath: The folder. One that is there is replaced only if it is empty or a saved
                model.

        Raises:
            ValueError: If ``filepath`` is a file or a folder with something else in it.
            OSError: If it cannot be written.
        """
        saved_model.save(self, filepath)

    def endpoints(self) -> dict[str, tuple[Callable[..., tf.Tensor], list[tf.TensorSpec]]]:
        """The functions of the exported model, each with the shapes that it takes."""
        d = geometry_of(self.potential).dimension
        anywhere = [tf.TensorSpec(None, tf.float64, name="x")]
        found: dict[str, tuple[Callable[..., tf.Tensor], list[tf.TensorSpec]]] = {
            "serve": (lambda x: self(tf.reshape(x, [-1, d])), anywhere),
            "energies": (lambda: self.energies, []),
        }
        # In the plane V has no table that a model could take along.
        if d == 1:
            residual = self.residual_endpoint()
            found["residual"] = (lambda x: residual(tf.reshape(x, [-1, 1])), anywhere)
        return found

    def questions(self) -> dict[str, Array]:
        """Where the model is asked when it is saved, to know it again."""
        return self.network(-1).questions()

    def answers(self, x: Array) -> Answers:
        """What it says at positions ``(1, q)``, and the equation as it is stored."""
        stored = potential_from_config(potential_config(self.potential))
        psi = self(tf.constant(x.reshape(-1, geometry_of(self.potential).dimension)))
        return Answers.of([stored], x, self.energies, psi, self.floor)


class Network(WellModel):
    """A model that is one network, and so the `network` of all its states.

    Attributes:
        trial: The wavefunctions in scaled coordinates.
        scaling: Its units.
        normalisation: lambda, the weight of the overlaps in its loss.
    """

    trial: TrialFunctions
    scaling: AnyScaling
    normalisation: float
    status: Status = Status.UNTRAINED

    @property
    @abc.abstractmethod
    def mesh(self) -> AnyMesh:
        """Panels for its states."""

    def network(self, state: int) -> Network:
        return self

    def parts(self) -> list[Parts]:
        config = {**self.get_config(), "potential": self.potential}
        weights = [np.asarray(variable) for variable in self._kept()]
        return [Parts(config, self.get_compile_config(), self.status, weights)]

    @classmethod
    def of_parts(cls, potential: AnyWell, parts: Sequence[Parts]) -> Self:
        ((config, compiled, status, weights),) = parts
        model: Self = cls.from_config({**config, "potential": potential})
        if compiled is not None:
            model.compile_from_config(compiled)
        own, optimizers = model.weights, model._kept()[len(model.weights) :]
        for variable, value in zip(own, weights[: len(own)], strict=True):
            variable.assign(value)
        kept = weights[len(own) :]
        if [variable.shape for variable in optimizers] == [value.shape for value in kept]:
            for variable, value in zip(optimizers, kept, strict=True):
                variable.assign(value)
        else:
            # As Keras says it of its own files.
            warnings.warn(
                "The optimizer's state was left out: it is of other weights than those that are "
                "trained now, as of a model that was frozen after `compile`.",
                stacklevel=2,
            )
        model.status = status
        return model

    def _kept(self) -> list[keras.Variable]:
        """Its variables, and those of its optimizer."""
        return [*self.weights, *(self.optimizer.variables if self.compiled else ())]
