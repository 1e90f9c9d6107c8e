r"""Refinement: networks that correct what is left of those before them, stage by stage.

.. math:: \psi = \psi_1 + \psi_2 + \ldots, \quad \psi_{s+1} = \sum_u c_u B_u

Each stage is a layer of new tanh units, placed as those of `QuantumWellPINN.for_potential`, twice
as many and twice as steep as in the stage before, for what is left varies faster. Of these only
the coefficients are computed: Newton steps for the residual of the stages before, tested with the
new functions v, and the energies as Rayleigh quotients of the sum,

.. math:: \int \psi_2' v' + \rho (V - E) \psi_2 v \, dx - \delta \int \rho \psi v \, dx
          = -\int (-\psi'' + \rho (V - E) \psi) \, v \, dx, \quad \int \rho \psi \psi_2 \, dx = 0

The residual is made of psi'' point by point, small as it is, and its coefficients are small with
it: they keep the digits that coefficients of all units at once lose to rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import scipy
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation import kinds
from qwpinn.equation.mesh import RANK_TOLERANCE
from qwpinn.inputs import check, limits
from qwpinn.networks.features import mlp
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.networks.ritz import Samples, place_layer, samples, trial_for
from qwpinn.networks.trial import TrialFunctions
from qwpinn.quadrature import first_lobe_signs
from qwpinn.storage.plain import Json
from qwpinn.training.jets import Jet
from qwpinn.training.squares import one_thread

Array = NDArray[np.float64]

# How much steeper the units of a stage are than those of the one before, and how many more.
FINER = 2
# Of the mean density of units, how many there are more everywhere: tails hold what is left, too.
EVERYWHERE = 0.1
# The last stage has 32 times as many units as the second.
MOST_STAGES = 7
# Newton steps of a stage, of which the last should change nothing.
STEPS = 8


def refine(
    model: QuantumWellPINN, stages: int = 2, units: int | None = None, seed: int = 1
) -> QuantumWellPINN:
    """A model of the same states with further networks that correct them.

    The states stay those that the model stands for: of a network that has not found its level,
    call `diagonalise` first. On the three wells of the paper two stages give ground states with 14
    digits of E and 9 of psi, three 10 of psi, four 11: what the units of a stage cannot represent
    limits psi, for those that are nearly dependent are dropped, and rounding the energy.

    Args:
        model: Trained, or started by `QuantumWellPINN.for_potential`. It stays as it is.
        stages: How many networks there are in the end, itself the first; at least 2.
        units: Of the second layer; each further one has twice as many, up to 2000. Defaults to
            128 + 24 K.
        seed: Of the new layers' slopes.

    Returns:
        A new model with trained energies, whose `hidden` is a `Stages`; it trains, exports and
        certifies like any other. It is not compiled.

    Raises:
        TypeError: If ``model`` is no `QuantumWellPINN`.
        ValueError: If its states are linearly dependent, or a number is out of range.

    Example:
        >>> import qwpinn
        >>> rough = qwpinn.QuantumWellPINN.for_potential(qwpinn.InfiniteWell(), states=1, units=12)
        >>> fine = refine(rough)
        >>> [f"{abs(m.energies.numpy()[0] / np.pi**2 - 1.0):.0e}"[-3:] for m in (rough, fine)]
        ['-06', '-15']

    Reference:
        Y. Wang and C.-Y. Lai, arXiv:2307.08934; delta refinement: arXiv:2509.05117.
    """
    cure = "A qwpinn.Solution has one as its `model`."
    kinds.one_of("model", model, QuantumWellPINN, "a qwpinn.QuantumWellPINN", cure)
    kinds.line(model.potential, "refine", "Give the network more units.")
    stages = check.integer("stages", stages, 2, MOST_STAGES)
    units = 128 + 24 * model.states if units is None else units
    units = check.integer("units", units, maximum=limits.WIDEST)
    seed = check.integer("seed", seed, 0, limits.SEED - stages)
    for _ in range(1, stages):
        model = _with_stage(model, units, seed)
    return model


@keras.saving.register_keras_serializable("qwpinn")
class Stages(keras.layers.Layer):
    """Networks side by side: all their last hidden units in a row.

    Args:
        features: Layers between the coordinate and the hidden ones, one for each stage.
        hidden: As many hidden layers.

    Input shape: ``(n, 1)``. Output shape: ``(n, units of all stages)``.
    """

    def __init__(
        self,
        features: Sequence[keras.Layer],
        hidden: Sequence[keras.Layer],
        dtype: str = "float64",
        **kwargs: Json,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        if len(features) != len(hidden):
            raise ValueError(
                "`hidden` must have one layer for each of `features`. Received: "
                f"{len(hidden)} for {len(features)}. Give sequences of equal length."
            )
        self.features, self.hidden = list(features), list(hidden)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        for features, hidden in zip(self.features, self.hidden, strict=True):
            seen = features(tf.zeros((1, 1), self.compute_dtype))
            if not hidden.built:
                hidden.build((None, *seen.shape[1:]))

    def call(self, xi: tf.Tensor) -> tf.Tensor:
        pairs = zip(self.features, self.hidden, strict=True)
        return tf.concat([hidden(features(xi)) for features, hidden in pairs], axis=-1)

    def get_config(self) -> dict[str, Json]:
        described = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "features": [described(layer) for layer in self.features],
            "hidden": [described(layer) for layer in self.hidden],
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Json], custom_objects: Mapping[str, object] | None = None
    ) -> Stages:
        config = dict(config)
        for name in ("features", "hidden"):
            config[name] = [
                keras.saving.deserialize_keras_object(layer, custom_objects)
                for layer in config[name]
            ]
        return cls(**config)


def corrections(known: Jet, new: Jet, at: Samples) -> tuple[Array, Array, Array]:
    r"""States psi_k G + B c that solve the weak form for every function B, near the psi_k.

    Each Newton step solves for what is orthogonal to all K states, and diagonalises H among them:
    close levels cost no digits.

    Args:
        known: The K states on a quadrature, each ``(n, K)``.
        new: The functions B there, each ``(n, units)``; nearly dependent ones are dropped.
        at: The quadrature.

    Returns:
        Scaled energies ``(K,)``, ascending, G ``(K, K)`` and c ``(units, K)``.

    Raises:
        ValueError: If the states are linearly dependent.
    """
    mass = (at.weight * at.quadrature)[:, None]
    singular, rotation = np.linalg.svd(np.linalg.qr(np.sqrt(mass) * new.value, mode="r"))[1:]
    kept = singular > RANK_TOLERANCE * singular[0]
    basis = rotation[kept].T / singular[kept]
    tested = _mixed(new, basis)
    hamiltonian, overlap = _forms(tested, at)
    states = known.value.shape[1]
    mixture, correction = np.eye(states), np.zeros((basis.shape[1], states))
    for step in range(STEPS + 1):
        psi = Jet(*(old @ mixture + b @ correction for old, b in zip(known, tested, strict=True)))
        energies, turned = _eigenstates(*_forms(psi, at))
        mixture, correction, psi = mixture @ turned, correction @ turned, _mixed(psi, turned)
        if step == STEPS:
            break
        force = at.weight[:, None] * (at.potential[:, None] - energies) * psi.value - psi.curvature
        wanted = -tested.value.T @ (at.quadrature[:, None] * force)
        border = tested.value.T @ (mass * psi.value)
        for k, energy in enumerate(energies):
            corner = np.zeros((states, states))
            system = np.block([[hamiltonian - energy * overlap, border], [border.T, corner]])
            right = np.append(wanted[:, k], np.zeros(states))
            correction[:, k] += np.linalg.solve(system, right)[:-states]
    return energies, mixture, basis @ correction


def _with_stage(model: QuantumWellPINN, units: int, seed: int) -> QuantumWellPINN:
    """The model with one stage more."""
    mesh, trial = model.mesh, _copied(model.trial)
    before = _stages_of(trial)
    number = len(before.hidden)
    units = min(units * FINER ** (number - 1), limits.WIDEST)
    added = trial_for(mesh, mlp([units], seed + number), seed, lowest=model.lowest)
    added.build((None, 1))
    edges = mesh.profile.edges
    density = mesh.density + EVERYWHERE * (mesh.density @ np.diff(edges)) / 2.0
    density *= float(FINER**number)
    place_layer(added.hidden.layers[0], edges, density, added.features, seed + number)
    at, coefficients = samples(mesh, trial.units + units), trial.output_layer.kernel.numpy()
    known = _mixed(Jet(*trial.derivatives(at.x, (0, 1, 2))), coefficients)
    new = Jet(*added.derivatives(at.x, (0, 1, 2)))
    with one_thread():
        energies, mixture, correction = corrections(known, new, at)
    signs = first_lobe_signs(known.value @ mixture + new.value @ correction)
    joined = trial_for(
        mesh,
        Stages([*before.features, added.features], [*before.hidden, added.hidden], name="stages"),
        seed,
        keras.layers.Identity(dtype="float64", name="position"),
        model.lowest,
    )
    found = QuantumWellPINN(
        model.potential, joined, model.normalisation, scaling=model.scaling, lowest=model.lowest
    )
    joined.output_layer.kernel.assign(np.vstack([coefficients @ mixture, correction]) * signs)
    found.scaled_energies.assign(energies)
    found.status = model.status
    return found


def _stages_of(trial: TrialFunctions) -> Stages:
    """The networks that trial functions consist of."""
    if isinstance(trial.hidden, Stages):
        return trial.hidden
    return Stages([trial.features], [trial.hidden], name="stages")


def _copied(trial: TrialFunctions) -> TrialFunctions:
    """The same trial functions in variables of their own."""
    copy: TrialFunctions = TrialFunctions.from_config(trial.get_config())
    copy.build((None, 1))
    copy.set_weights(trial.get_weights())
    return copy


def _mixed(functions: Jet, matrix: Array) -> Jet:
    """Linear combinations."""
    return Jet(*(part @ matrix for part in functions))


def _forms(functions: Jet, at: Samples) -> tuple[Array, Array]:
    """The energy form and the overlaps of functions, without second derivatives."""
    mass = (at.weight * at.quadrature)[:, None] * functions.value
    energy = functions.slope.T @ (at.quadrature[:, None] * functions.slope)
    energy += functions.value.T @ (at.potential[:, None] * mass)
    return energy, np.asarray(functions.value.T @ mass)


def _eigenstates(energy: Array, overlap: Array) -> tuple[Array, Array]:
    """Energies of the states' own span, and the states."""
    try:
        energies, states = scipy.linalg.eigh(energy, overlap)
    except np.linalg.LinAlgError as error:
        raise ValueError(
            "`model` must have linearly independent states to refine. Received: one whose psi are "
            "zero or alike. Call its `diagonalise` first."
        ) from error
    return energies, states
