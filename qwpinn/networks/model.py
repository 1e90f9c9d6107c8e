"""The Keras model: K wavefunctions and a trainable weight with their energies."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from qwpinn.enclosures.enclosure import Enclosure
from qwpinn.equation import kinds
from qwpinn.equation.geometry import (
    AnyMesh,
    AnyScaling,
    AnyWell,
    geometry_of,
    mesh_of,
    scaling_of,
)
from qwpinn.inputs import check, limits
from qwpinn.networks.answers import asked_at
from qwpinn.networks.certificate import enclosed_states
from qwpinn.networks.features import mlp
from qwpinn.networks.own_layers import own_trial
from qwpinn.networks.ritz import RitzMemory, place_units, trial_for
from qwpinn.networks.trial import TrialFunctions
from qwpinn.networks.well_equation import WellEquation
from qwpinn.potentials.config import potential_config, potential_from_config
from qwpinn.quadrature import first_lobe_signs
from qwpinn.status import Status
from qwpinn.storage.plain import Json
from qwpinn.training.points import CollocationGuard

Array = NDArray[np.float64]


@keras.saving.register_keras_serializable("qwpinn")
class QuantumWellPINN(WellEquation):
    r"""K states of a quantum well as one network with a trainable weight of energies.

    .. math:: -\psi_k'' + \rho (V - E_k) \psi_k = 0, \quad \psi_k(a) = \psi_k(b) = 0, \quad
              \int \rho \psi_i \psi_j \, dx = \delta_{ij}

    It trains by ``compile`` and ``fit`` on `qwpinn.collocation`, with `LevenbergMarquardt` or any
    Keras optimizer, and drives down

    .. math:: L = \sum_k \int \rho (H \psi_k - E_k \psi_k)^2 \, dx + \lambda \| G - 1 \|_F^2,
              \quad H = -\frac{1}{\rho} \frac{d^2}{dx^2} + V,

    where G is the overlap matrix, the first term in scaled units. The arithmetic is done on
    [-1, 1] with energies of order one (`qwpinn.equation.scaling`); everything that goes in or
    comes out is in the potential's own units.

    Args:
        potential: The well, kept for `export`, plots and reports; training sees V only as data.
        trial: The wavefunctions in scaled coordinates. Defaults to None: of the layers below.
        normalisation: lambda > 0, of the loss that `compile` has by default. Defaults to None: 100,
            in the plane the square of the K-th energy in scaled units if that is more.
        energies: Ascending, shape ``(K,)``. Holds the energies at these values instead of
            training them, as arXiv:2504.05367 does for the infinite well. Defaults to None.
        scaling: Its units. Defaults to None: `Scaling.for_potential`. Scaled weights need theirs.
        states: K. Defaults to the number of energies that are given, or 3.
        hidden: Any Keras layers, in float64, of which psi are linear combinations, times 1 - xi^2:
            they vanish at the walls. Defaults to None: one layer of 48 + 4 K tanh units.
        features: A layer between xi in [-1, 1] and ``hidden``. Defaults to None: `KinkFeatures` at
            the breakpoints; ``keras.layers.Identity(dtype="float64")`` is xi alone.
        initial_energies: Ascending, ``(K,)``, where energies begin to be trained. Defaults to None:
            1, 4, 9, ... in scaled units.
        seed: Of the output coefficients, and of ``hidden`` if it is left out.
        lowest: Which level the first state is, the others those above. Defaults to 0.

    Weights begin random. Tanh layers whose biases begin at zero, Keras's default, are odd in xi: in
    an even well without kinks, steps of second order and `diagonalise` then find odd states alone.
    Give them e.g. ``bias_initializer="glorot_normal"``. `for_potential` places a layer of units
    where the states are, and begins with its Ritz states; `diagonalise` finds those in the features
    of any network.

    Call arguments: positions ``(n, 1)``. Returns psi ``(n, K)``, normalised to
    integral rho psi^2 dx = 1 as far as trained.

    Reference:
        arXiv:2504.05367.
    """

    status: Status = Status.UNTRAINED

    def __init__(
        self,
        potential: AnyWell,
        trial: TrialFunctions | None = None,
        normalisation: float | None = None,
        energies: ArrayLike | None = None,
        scaling: AnyScaling | None = None,
        *,
        states: int | None = None,
        hidden: keras.Layer | None = None,
        features: keras.Layer | None = None,
        initial_energies: ArrayLike | None = None,
        seed: int = 0,
        lowest: int = 0,
        **kwargs: Any,
    ) -> None:
        well = kinds.well(potential)
        if normalisation is None:
            given = getattr(trial, "states", states)
            count = _count(given, energies, initial_energies)
            normalisation = geometry_of(well).normalisation(well, lowest + count)
        normalisation = check.positive("normalisation", normalisation, "weight")
        super().__init__(normalisation, dtype="float64", **kwargs)
        self.potential, self._mesh = well, None
        self.lowest = check.integer("lowest", lowest, 0, limits.STATES)
        if trial is None:
            states = _count(states, energies, initial_energies)
            self._mesh = mesh_of(potential, lowest + states, scaling)
            scaling = self._mesh.scaling
            trial = own_trial(self._mesh, hidden, features, check.integer("seed", seed, 0), lowest)
        elif not (states is hidden is features is None):
            raise ValueError(
                "`trial` must be left out where `states`, `hidden` or `features` are given, which "
                f"make one. Received: {type(trial).__name__}. Give one or the other."
            )
        scaling = scaling_of(potential) if scaling is None else scaling
        self.scaling = _fitting(scaling, potential.normal_form)
        cure = "Or call QuantumWellPINN.for_potential(potential, states)."
        self.trial = kinds.one_of("trial", trial, TrialFunctions, "a qwpinn.TrialFunctions", cure)
        if not trial.built:
            trial.build((None, geometry_of(potential).dimension))
        self._begin(energies, initial_energies)
        self._ritz = RitzMemory()
        self.built = True

    def _begin(self, energies: ArrayLike | None, initial_energies: ArrayLike | None) -> None:
        """Make the weight of energies: held, or trained from where they begin."""
        self.held_energies = _energies("energies", energies, self.states)
        begun = _energies("initial_energies", initial_energies, self.states)
        if self.held_energies is not None and begun is not None:
            raise ValueError(
                "`initial_energies` must be left out where `energies` are held. Received: both. "
                "Give one of them."
            )
        own = self.held_energies if begun is None else begun
        # 1, 4, 9, ... in scaled units: of order one, and nothing has been computed for it.
        first = (self.lowest + np.arange(self.states) + 1.0) ** 2
        # Not by `add_weight`, which adds the model's number to the name; see `trial_for`.
        self.scaled_energies = keras.Variable(
            first if own is None else self.scaling.energy(np.array(own)),
            dtype="float64",
            trainable=self.held_energies is None,
            name="energies",
        )

    @classmethod
    def for_potential(
        cls,
        potential: AnyWell,
        states: int | None = None,
        units: int | None = None,
        seed: int = 0,
        energies: ArrayLike | None = None,
        normalisation: float | None = None,
    ) -> QuantumWellPINN:
        """One hidden layer, placed for this potential and started from its own Ritz states.

        Args:
            potential: The well.
            states: K, how many of the lowest states. Defaults to the number of energies, or 3.
            units: Of the hidden layer. Defaults to 48 + 4 K.
            seed: Of the random slopes and kink weights.
            energies: Ascending, shape ``(K,)``, to hold them fixed. Defaults to None: trained.
            normalisation: lambda > 0, the weight of the Gram residual. Defaults to None: see
                `QuantumWellPINN`.

        Raises:
            ValueError: If ``states`` or ``units`` is not a positive integer, or the network has
                too few units for the states.
        """
        states = _count(states, energies)
        seed = check.integer("seed", seed, 0, limits.SEED)
        units = 48 + 4 * states if units is None else units
        units = check.integer("units", units, maximum=limits.WIDEST)
        mesh = mesh_of(kinds.well(potential), states)
        return cls.placed(mesh, units, seed, energies, normalisation)

    @classmethod
    def placed(
        cls,
        mesh: AnyMesh,
        units: int,
        seed: int,
        energies: ArrayLike | None = None,
        normalisation: float | None = None,
        lowest: int = 0,
    ) -> QuantumWellPINN:
        """As `for_potential` makes it, on a mesh that is there already."""
        trial = trial_for(mesh, mlp([units], seed), seed, lowest=lowest)
        normalisation = mesh.normalisation if normalisation is None else normalisation
        model = cls(mesh.well, trial, normalisation, energies, mesh.scaling, lowest=lowest)
        model._mesh = mesh
        place_units(trial, mesh, seed)
        model.diagonalise()
        return model

    @property
    def mesh(self) -> AnyMesh:
        """Panels for the K states, made when first asked for: a restored model needs none."""
        if self._mesh is None:
            self._mesh = mesh_of(self.potential, self.lowest + self.trial.states, self.scaling)
        return self._mesh

    @property
    def energies(self) -> tf.Tensor:
        """The K energies in the potential's own unit, float64, shape ``(K,)``."""
        return self.scaling.own_energy(tf.convert_to_tensor(self.scaled_energies))

    def certified(self, individually: bool = True) -> Enclosure:
        """Encloses the K levels; see `qwpinn.certify`."""
        ritz = self._ritz.states(self.trial, self.mesh)[1]
        energies = self.energies.numpy()
        found = enclosed_states(self.trial, self.mesh, ritz, individually, energies)
        lower, upper = np.minimum(found.lower, energies), np.maximum(found.upper, energies)
        return dataclasses.replace(found, lower=lower, upper=upper)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        xi = self.scaling.position(self.potential.to_normal(x))
        return self.potential.amplitude * self.scaling.amplitude * self.trial(xi)

    def fit(self, x: tf.data.Dataset, **kwargs: Any) -> keras.callbacks.History:
        """Train on collocation data; Keras's `fit` with all its arguments.

        The residual hardly notices a small admixture of neighbouring states, above all in a nearly
        degenerate pair: call `diagonalise` after the last ``fit`` to remove it, as `solve` does. A
        loss that becomes NaN or infinite, or a million times the lowest, stops the training with a
        warning, and the weights of the lowest loss stay.

        Args:
            x: The dataset from `qwpinn.collocation`.
            **kwargs: Those of `keras.Model.fit`, e.g. ``epochs`` and ``callbacks``;
                ``validation_data`` is such a dataset too.

        Raises:
            TypeError: If ``x`` is no such dataset, or not of the model's dtype.
            ValueError: If a batch has another shape, leaves the interval or is not finite, if V or
                rho of the first is not the model's, or if it has more points than Levenberg-
                Marquardt's Jacobian fits into memory, or fewer than it needs.
        """
        return super().fit(x, **kwargs)

    def rows(self, x: tf.data.Dataset) -> tuple[int, int]:
        """Residuals of the first batch, and of how many the Jacobian is held at once."""
        nodes = x.element_spec["x"].shape[0] or len(next(iter(x))["x"])
        found = self.states * nodes + self.states * (self.states + 1) // 2
        return found, 0 if self.in_pieces else found

    def guard(self) -> CollocationGuard:
        """Refuses collocation data of another well."""
        return CollocationGuard(self.mesh.potential, self.scaling.energy_unit)

    def sort(self) -> None:
        """Order the states by energy, with their first lobe from the left positive."""
        energies = self.scaled_energies.numpy()
        order = np.argsort(energies, kind="stable")
        at = self.mesh.quadrature(2000, order=6).nodes
        xi = self.scaling.position(at).reshape(len(at), -1)
        psi = self.trial(tf.constant(xi, self.dtype)).numpy()[:, order]
        self.scaled_energies.assign(energies[order])
        coefficients = self.trial.output_layer.kernel
        coefficients.assign(coefficients.numpy()[:, order] * first_lobe_signs(psi))

    def diagonalise(self) -> None:
        """Set output coefficients and energies to the Ritz states in the network's own features.

        It begins the training of `for_potential`; at the end, the same small eigenproblem in the
        trained features makes the states orthonormal to rounding, and the energies Rayleigh
        quotients, whose error is quadratic in that of psi.
        """
        energies, coefficients = self._ritz.states(self.trial, self.mesh)
        own = slice(self.lowest, self.lowest + self.states)
        self.trial.output_layer.kernel.assign(coefficients[:, own])
        if self.held_energies is None:
            self.scaled_energies.assign(energies[own])

    def questions(self) -> dict[str, Array]:
        """Where `saved_model` asks the model, to know it again."""
        return {"x": asked_at(self.potential, self.scaling, self.trial.states)}

    def get_config(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "potential": potential_config(self.potential),
            "trial": keras.saving.serialize_keras_object(self.trial),
            "normalisation": self.normalisation,
            "energies": self.held_energies,
            "scaling": self.scaling.to_config(),
            **({"lowest": self.lowest} if self.lowest else {}),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Json], custom_objects: Mapping[str, object] | None = None
    ) -> QuantumWellPINN:
        config = dict(config)
        config["potential"] = potential_from_config(config["potential"])
        config["trial"] = keras.saving.deserialize_keras_object(config["trial"], custom_objects)
        if "scaling" in config:
            kind = geometry_of(config["potential"]).scaling
            config["scaling"] = kind.from_config(config["scaling"])
        return cls(**config)


def _fitting(scaling: object, form: AnyWell) -> AnyScaling:
    """A scaling, refused if its walls are not those of a well."""
    geometry = geometry_of(form)
    kind = geometry.scaling
    found = kinds.one_of("scaling", scaling, kind, f"a {kind.__name__}", "Leave it out.")
    own, theirs = geometry.walls(form), np.reshape(found.walls, (-1, 2))
    if np.max(np.abs(own - theirs)) > 1e-9 * np.max(np.diff(own)):
        shown = [
            " x ".join(f"[{left:g}, {right:g}]" for left, right in walls) for walls in (own, theirs)
        ]
        raise ValueError(
            f"`scaling` must be of the well's own walls, {shown[0]}, where psi is zero. Received: "
            f"{shown[1]}. Leave it out."
        )
    return found


def _count(states: int | None, *energies: ArrayLike | None) -> int:
    """K, as it is given, or as there are energies."""
    if states is None:
        given = [np.size(each) for each in energies if each is not None]
        states = given[0] if given else limits.USUAL_STATES
    return check.integer("states", states, maximum=limits.STATES)


def _energies(name: str, given: ArrayLike | None, states: int) -> list[float] | None:
    """Energies, refused if they are not K in ascending order."""
    if given is None:
        return None
    values = check.increasing(name, given, 1)
    if values.shape != (states,):
        raise ValueError(
            f"`{name}` must have shape ({states},), one for each state. "
            f"Received: shape {values.shape}. Leave it out to train them."
        )
    return [float(value) for value in values]
