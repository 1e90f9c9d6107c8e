"""The Keras model of a family: wavefunctions and energies as functions of x and the parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.families import design, teaching
from qwpinn.families.errors import FamilyErrors
from qwpinn.families.family import Family, checked_family
from qwpinn.families.frame import Frame, MovingFrame
from qwpinn.families.guards import MembersGuard, PairGuard, Walls
from qwpinn.families.measured import MeasuredFamily
from qwpinn.families.networks import DeepONet, EnergySurface
from qwpinn.families.points import paired
from qwpinn.inputs import check, limits
from qwpinn.networks import saved_model
from qwpinn.networks.answers import MEMBERS, Answers, member_positions
from qwpinn.networks.features import KinkFeatures, mlp
from qwpinn.networks.regression import SmoothMap, layer_units
from qwpinn.networks.trial import TrialFunctions
from qwpinn.plotting import families
from qwpinn.storage.plain import Json

if TYPE_CHECKING:
    from qwpinn.families.design import Design

Array = NDArray[np.float64]


@keras.saving.register_keras_serializable("qwpinn")
class FamilyPINN(MeasuredFamily):
    r"""K states of every member of a family, as one network of x and the parameters p.

    .. math:: -\partial_x^2 \psi_k + \rho (V(x; p) - E_k(p)) \psi_k = 0

    It trains by ``compile`` and ``fit`` on `qwpinn.family_collocation`, with `LevenbergMarquardt`
    or any Keras optimizer, and drives down the mean over members of the loss of `QuantumWellPINN`:
    the integral of the squared residual, and lambda times the squared deviation of the overlaps
    from orthonormality. `qwpinn.train_family` does all of it in one call.

    Args:
        family: The potentials.
        operator: The wavefunctions, in scaled coordinates.
        surface: The energies.
        normalisation: lambda > 0.
        errors: What `measure` found of such a network. Defaults to None: unknown.

    Call arguments: a pair of positions ``(n, 1)`` and parameters ``(n, m)``, row by row. Returns
    psi ``(n, K)``, normalised to integral rho psi^2 dx = 1 as far as trained, and E ``(n, K)``.

    Example:
        >>> import qwpinn
        >>> family = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=6.0)
        >>> model = qwpinn.FamilyPINN.for_family(family, states=1)
        >>> model.energies([[20.0, 2.0]], refine=True).round(6).tolist()
        [[1.63948]]
    """

    @classmethod
    def for_family(
        cls,
        family: Family,
        states: int = limits.USUAL_STATES,
        units: int = 64,
        modes: int = 24,
        branch: Sequence[int] = (16, 16),
        surface: Sequence[int] = (32, 32),
        seed: int = 0,
    ) -> FamilyPINN:
        """The trunk's units placed for the states of all members; branches and energies random.

        `start` sets those to Ritz states. `energies` with ``refine=True`` and `enclosures` need the
        trunk only.

        Args:
            family: The potentials.
            states: K, how many of the lowest states.
            units: Of the trunk's hidden layer.
            modes: M, what the trunk's units are combined to.
            branch: Units of the hidden layers of each branch.
            surface: Units of the hidden layers of the energies.
            seed: Of every random number.

        Raises:
            ValueError: If a number is not allowed, or the family's edges are not smooth.
        """
        states = check.integer("states", states, maximum=limits.FAMILY_STATES)
        seed = check.integer("seed", seed, 0, limits.SEED)
        units = check.integer("units", units, maximum=limits.UNITS)
        modes = min(check.integer("modes", modes, maximum=limits.UNITS), units)
        branch, surface = layer_units("branch", branch), layer_units("surface", surface)
        frame = Frame.of(checked_family(family))
        box = family.lower.tolist(), family.upper.tolist()
        kinks = KinkFeatures(frame.knots[1:-1], frame.sharpness)
        trunk = TrialFunctions(modes, kinks, mlp([units], seed), seed)
        count = len(family.names)
        branches = [SmoothMap(count + 1, modes, branch, seed + k) for k in range(states)]
        network = SmoothMap(count, states, surface, seed)
        operator = DeepONet(MovingFrame(frame, *box), trunk, branches)
        model = cls(family, operator, EnergySurface(network, *box, frame.energy_origin))
        teaching.place_trunk(model, seed)
        return model

    def start(self, members: int = 512, epochs: int = 30, seed: int = 0) -> None:
        """Set modes, branches and energies by the trunk's own Ritz states at sampled parameters.

        Args:
            members: How many potentials.
            epochs: Levenberg-Marquardt steps of each branch; four times as many of the energies.
            seed: Of the parameters.
        """
        teaching.start(self, self.family.points(members, seed), epochs)

    def distill(self, members: int = 1024, epochs: int = 60, seed: int = 0) -> None:
        """Teach branches and energies by the trunk's own Ritz states, energies by dE/dp too.

        No reference enters: the teacher is this network's Rayleigh quotient, whose error is
        quadratic in that of psi.

        Args:
            members: How many potentials.
            epochs: As for `start`.
            seed: Of the parameters.
        """
        teaching.distill(self, self.family.points(members, seed), epochs)

    def energies(self, p: ArrayLike, refine: bool = False, extrapolate: bool = False) -> Array:
        """E_k, in the family's unit of energy, ascending, shape ``(n, K)``; see `error`.

        Args:
            p: Parameters, shape ``(n, m)``, in the order of the family's ranges.
            refine: Rayleigh-Ritz in the trunk's units, milliseconds a potential: upper bounds, and
                far more accurate. Defaults to False: the energy network, millions a second.
            extrapolate: Allow parameters outside the trained box, with a warning.

        Raises:
            TypeError: If ``p`` does not hold real numbers.
            ValueError: If its shape differs, or a number is not finite or outside the box.
        """
        rows = self.family.checked(p, extrapolate)
        return self.refinement.energies(rows) if refine else self.surface.energies(rows)

    def gradients(self, p: ArrayLike, refine: bool = False, extrapolate: bool = False) -> Array:
        """dE_k / dp_i, shape ``(n, K, m)``.

        Args:
            p: See `energies`.
            refine: By Hellmann and Feynman's theorem from refined states. Defaults to False: from a
                tape through the energy network.
            extrapolate: See `energies`.
        """
        rows = self.family.checked(p, extrapolate)
        return self.refinement.states(rows).forces if refine else self.surface.slopes(rows)

    def wavefunctions(
        self, x: ArrayLike, p: ArrayLike, refine: bool = False, extrapolate: bool = False
    ) -> Array:
        """psi_k at positions x of the members p; the first lobe from the left is positive.

        The first axis of x broadcasts with the rows of p: ``x[i]``, one position or many, are in
        the member ``p[i]``; one row of p serves all x, and x of shape ``(1, points)`` serves all
        rows.

        Args:
            x: Positions in the potentials' own coordinate: one, or ``(n,)`` or ``(n, points)``.
            p: Parameters, shape ``(n, m)``.
            refine: From Rayleigh-Ritz in the trunk's units. Defaults to False: from the branches.
            extrapolate: See `energies`.

        Returns:
            Shape ``(n, K)`` or ``(n, points, K)``.

        Raises:
            TypeError: If ``x`` or ``p`` does not hold real numbers.
            ValueError: If the shapes do not fit, or a number is not finite or beyond its limits.
        """
        rows = self.family.checked(p, extrapolate)
        walls = self.operator.moving.edges(tf.constant(rows), own=True).numpy()[:, [0, -1]]
        positions, member = paired(x, walls)
        at, each = tf.constant(positions.reshape(-1, 1)), tf.constant(rows[member])
        psi = self.refinement.psi(at, rows, member) if refine else self.psi(at, each).numpy()
        return np.asarray(psi.reshape(*positions.shape, self.states))

    def enclosures(self, p: ArrayLike, extrapolate: bool = False) -> Enclosure:
        """Intervals that hold the exact levels of each member, with proven quantum numbers.

        From the refined states' own residuals; a tenth of a second a member.

        Args:
            p: See `energies`.
            extrapolate: See `energies`.

        Returns:
            An `Enclosure` whose arrays have shape ``(n, K)``.
        """
        return self.enclosed(self.family.checked(p, extrapolate))

    def design(
        self,
        targets: dict[str, float],
        bounds: dict[str, tuple[float, float]] | None = None,
        *,
        starts: int = 8,
        verify: bool = True,
        seed: int = 0,
    ) -> Design:
        """The members of which energies are as wanted; see `qwpinn.families.design.design`."""
        return design.design(self, targets, bounds, starts=starts, verify=verify, seed=seed)

    def call(self, inputs: Sequence[tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        return self.psi(*inputs), self.surface(inputs[1])

    def plot(self) -> Figure:
        """Every level over the first two parameters, with its error from the refined one."""
        return families.surfaces(self)

    def fit(
        self, x: tf.data.Dataset | tf.distribute.DistributedDataset, **kwargs: Any
    ) -> keras.callbacks.History:
        """Train on collocation data; Keras's `fit` with all its arguments.

        Args:
            x: The dataset from `qwpinn.family_collocation`, or one that a `tf.distribute` strategy
                distributes.
            **kwargs: Those of `keras.Model.fit`, e.g. ``epochs`` and ``callbacks``;
                ``validation_data`` is such a dataset too.

        Raises:
            TypeError: If ``x`` is no such dataset, or not float64.
            ValueError: If a batch has another shape, a parameter outside the box, a point beyond
                the walls or a number that is not finite, or if V or rho of a member of the first
                batch is not that of the model's family. What a strategy distributes is not read.
        """
        return super().fit(x, **kwargs)

    def guard(self) -> MembersGuard:
        """Refuses collocation data of another family."""
        return MembersGuard(self.family, self._walls(own=False))

    def predict(
        self, x: Sequence[ArrayLike] | tf.data.Dataset, **kwargs: Any
    ) -> tuple[Array, Array]:
        """Psi ``(n, K)`` at positions of members, and their E ``(n, K)``, row by row, float64.

        Args:
            x: The pair of positions, shape ``(n,)`` or ``(n, 1)``, and parameters ``(n, m)``; or a
                tf.data.Dataset of batches of such pairs.
            **kwargs: Those of `keras.Model.predict`.

        Raises:
            TypeError: If ``x`` is no pair, or of single precision.
            ValueError: If shapes do not fit, or a number is not finite, outside the box or beyond
                the walls.
        """
        seen = PairGuard(self.family, self._walls(own=True))
        data = seen.batches(x, kwargs.pop("batch_size", None))
        with seen.speaking():
            psi, energies = super().predict(data, **kwargs)
        return psi, energies

    def __call__(
        self, inputs: Sequence[ArrayLike | tf.Tensor], *args: Any, **kwargs: Any
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """As `predict`, in tensors; what is no tensor is taken as float64."""
        pair = PairGuard(self.family, self._walls(own=True)).seen(inputs)
        found: tuple[tf.Tensor, tf.Tensor] = super().__call__(pair, *args, **kwargs)
        return found

    def _walls(self, own: bool) -> Walls:
        """The ends of members ``(n, 2)`` as a function of p, in one of the coordinates."""
        last = len(self.frame.knots) - 1
        return lambda p: tf.gather(self.operator.moving.edges(p, own), [0, last], axis=1)

    def export(self, filepath: str | Path) -> None:
        """Write a SavedModel for inference, with the config and weights that `qwpinn.load` reads.

        Its endpoints take and give float64 and need no qwpinn: ``energies(p)`` gives ``(n, K)``,
        ``gradients(p)`` gives dE/dp ``(n, K, m)`` and ``wavefunctions(x, p)`` gives ``(n, K)`` for
        x of shape ``(n,)`` or ``(n, 1)``, row by row with p of shape ``(n, m)``. They do not check
        whether p is in the trained box. Each makes a `keras.layers.TFSMLayer(path, "energies",
        dtype="float64")`; that of the wavefunctions is called as ``layer(x, p=p)``.

        Args:
            filepath: The folder. One that is there must be empty or a saved model.

        Raises:
            TypeError: If the family's template is a function, which cannot be stored.
            ValueError: If ``filepath`` is a file or a folder with something else in it.
            OSError: If it cannot be written.
        """
        saved_model.save(self, filepath)

    def endpoints(self) -> dict[str, tuple[Callable[..., tf.Tensor], list[tf.TensorSpec]]]:
        """The functions of the exported model, each with the shapes that it takes."""
        p = tf.TensorSpec([None, len(self.family.names)], tf.float64, name="p")
        x = tf.TensorSpec(None, tf.float64, name="x")
        return {
            "energies": (self.surface.call, [p]),
            "gradients": (self.surface.gradients, [p]),
            "wavefunctions": (lambda x, p: self.psi(tf.reshape(x, [-1, 1]), p), [x, p]),
        }

    def questions(self) -> dict[str, Array]:
        """Where `saved_model` asks the model, to know it again."""
        p = self.family.points(MEMBERS)
        return {"p": p, "x": member_positions([self.family.potential(row) for row in p])}

    def answers(self, p: Array, x: Array) -> Answers:
        """What it says of members ``(n, m)`` at positions ``(n, q)``; as `questions` has them."""
        stored = Family.from_config(self.family.to_config())
        at, rows = tf.constant(x.reshape(-1, 1)), tf.constant(np.repeat(p, x.shape[1], axis=0))
        energies, psi = self.surface.call(tf.constant(p)), self.psi(at, rows)
        return Answers.of([stored.potential(row) for row in p], x, energies, psi, self.floor)

    def get_config(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "family": self.family.to_config(),
            "operator": keras.saving.serialize_keras_object(self.operator),
            "surface": keras.saving.serialize_keras_object(self.surface),
            "normalisation": self.normalisation,
            "errors": self.errors and self.errors.to_config(),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Json], custom_objects: Mapping[str, object] | None = None
    ) -> FamilyPINN:
        # Arrays among the fixed values were Keras's to store, in earlier versions.
        config = {**config, "family": keras.saving.deserialize_keras_object(config["family"])}
        config["family"] = Family.from_config(config["family"])
        if config.get("errors") is not None:
            config["errors"] = FamilyErrors.from_config(config["errors"])
        for layer in ("operator", "surface"):
            config[layer] = keras.saving.deserialize_keras_object(config[layer], custom_objects)
        surface = config["surface"]
        config["family"].check_box(surface.lower, surface.upper)
        return cls(**config)
