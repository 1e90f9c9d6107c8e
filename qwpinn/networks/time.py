"""The Keras model of psi(x, t): i hbar psi_t = H psi in space and time, from psi at t = 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.mesh import Mesh
from qwpinn.equation.potential import Potential
from qwpinn.equation.scaling import Scaling
from qwpinn.inputs import check, limits
from qwpinn.networks import saved_model
from qwpinn.networks.answers import PLASTIC, Answers, asked_at
from qwpinn.networks.events import checked_events, checked_times, every_event
from qwpinn.networks.features import mlp
from qwpinn.networks.initial import Function as Initial
from qwpinn.networks.initial import InitialState
from qwpinn.networks.own_layers import checked_layers
from qwpinn.networks.ritz import usual_features
from qwpinn.networks.time_drive import drive_config, drive_from_config, stored_drive
from qwpinn.networks.time_equation import TimeEquation
from qwpinn.networks.time_features import TimeFeatures
from qwpinn.potentials.config import potential_config, potential_from_config
from qwpinn.status import Status
from qwpinn.storage.plain import Json
from qwpinn.training.guard import is_symbolic, untuned
from qwpinn.training.residuals import in_batches
from qwpinn.training.space_time import Drive, SpaceTime

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Units of either hidden layer; states for which kinks of the inputs are as sharp as they need be.
UNITS, STATES = 28, 5


@keras.saving.register_keras_serializable("qwpinn")
class TimePINN(TimeEquation):
    r"""psi(x, t) of a quantum well as one network of x and t, without a grid or a time step.

    .. math:: i \hbar \psi_t = H \psi, \quad
              H = -\frac{1}{\rho} \frac{d^2}{dx^2} + V(x) + f(t) W(x),
              \quad \psi(a, t) = \psi(b, t) = 0, \quad 0 \le t \le T

    hbar is 1, or that of ``potential.time_unit``: fs, of a potential in units and of a device. The
    initial state and the walls are hard, whatever the weights are:

    .. math:: \psi = e^{-i E t / \hbar} \left[ \psi_0(x) + \tanh(r t) (1 - \xi^2) N(\xi, t) \right],

    where E is the mean energy of psi_0, hbar r its spread (r at least 1/T) and N the network. It
    trains by ``compile`` and ``fit`` on `qwpinn.time_collocation`, with `LevenbergMarquardt` or any
    Keras optimizer, and drives down

    .. math:: L = T \int_0^T \int \rho |i \psi_t - H \psi / \hbar|^2 \, dx \, dt / \|\psi_0\|^2.

    Its root bounds the relative error of psi at all times in [0, T], to the accuracy of the points:
    `error_bound`. The expansion of psi_0 in the states of a solved well, `qwpinn.evolve`, has none
    of this to learn; the network shows what the equation in space and time costs without them.

    Args:
        potential: The well, of one dimension, of masses that do not depend on the energy. Where V
            jumps, points are split and the network has kinks.
        psi0: psi at time 0: a `qwpinn.Packet`, or a function of own positions with real or complex
            values, zero at the walls, and so smooth that 512 sine functions of the box give it to
            1e-8: psi'' continuous, and zero at the walls too; of a device in the coordinate of its
            `normal_form`, in which psi is smooth where (1/mass) psi' is. It keeps its norm.
        duration: T.
        drive: ``(W, f)``, as for `qwpinn.evolve`: W a function of own positions, which may jump
            where V does, or ``"x"``, or of a device ``"field"``; f a `qwpinn.Pulse`, a function of
            one time, or a `Potential` on [0, T] that knows where it jumps. Defaults to None.
        hidden: Any Keras layers, in float64, of which N is a linear combination. Defaults to None:
            two layers of 28 tanh units.
        features: A layer between (xi, 2 t/T - 1), in [-1, 1], and ``hidden``. Defaults to None:
            `KinkFeatures` of xi at the breakpoints, and t, in units in which psi_0 varies by one.
        causality: epsilon >= 0: the residuals of each 16th of [0, T] are weighed by
            exp(-epsilon times L of all earlier ones), so that late times wait for early ones.
            Defaults to 0: all weigh 1.
        scaling: Its units. Defaults to None: `Scaling.for_potential`. Scaled weights need theirs.
        seed: Of the network's weights.

    Call arguments: points ``(n, 2)``, columns x and t. Returns Re psi and Im psi, ``(n, 2)``.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a number is not allowed, the well is of the plane or its mass depends on the
            energy, or psi_0 is not as it must be.

    Example:
        >>> import numpy as np, qwpinn
        >>> box = qwpinn.InfiniteWell(width=1.0)
        >>> model = qwpinn.TimePINN(box, lambda x: 2**0.5 * np.sin(np.pi * x), duration=0.1)
        >>> np.abs(model.wavefunction([0.25, 0.5], t=0.0)).round(9)
        array([[1.        , 1.41421356]])

    Reference:
        M. Raissi, P. Perdikaris, G. E. Karniadakis, J. Comput. Phys. 378, 686 (2019),
        doi:10.1016/j.jcp.2018.10.045; causal weights: arXiv:2203.07404.
    """

    cures: ClassVar[Mapping[str, str]] = {
        "loss": "Weigh early times more by `causality`.",
        "loss_weights": "Weigh early times more by `causality`.",
    }

    status: Status = Status.UNTRAINED

    def __init__(
        self,
        potential: Potential,
        psi0: Initial | InitialState,
        duration: float,
        drive: tuple[object, object] | Drive | None = None,
        *,
        hidden: keras.Layer | None = None,
        features: keras.Layer | None = None,
        causality: float = 0.0,
        scaling: Scaling | None = None,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype="float64", **kwargs)
        self.motion = stored_drive(SpaceTime.of(potential, duration, drive))
        self.causality = check.not_negative("causality", causality, "number")
        seed = check.integer("seed", seed, 0, limits.SEED)
        mesh = Mesh(potential, STATES, scaling)
        self.scaling = mesh.scaling
        if not isinstance(psi0, InitialState):
            psi0 = InitialState.of(psi0, self.motion, self.scaling)
        self.initial = psi0
        own = hidden is not None or features is not None
        self.features = self._usual_features(mesh) if features is None else features
        self.hidden = mlp([UNITS, UNITS], seed, biases=1.0) if hidden is None else hidden
        if own:
            checked_layers(self.features, self.hidden, 2)
        self.output_layer = keras.layers.Dense(
            2,
            use_bias=False,
            kernel_initializer=keras.initializers.GlorotUniform(seed),
            dtype="float64",
            name="parts",
        )
        self.correction(tf.zeros((1, 2), tf.float64))
        self.built = True

    def _usual_features(self, mesh: Mesh) -> TimeFeatures:
        """Xi in units of the local wavelength, and time in those of the beats of psi_0."""
        initial = self.initial
        highest = self.scaling.energy(initial.energy) + initial.spread / self.scaling.energy_unit
        wavenumber = max(1.0, float(highest)) ** 0.5
        frequency = max(1.0, initial.spread * self.motion.over_hbar)
        space = usual_features(mesh)
        return TimeFeatures(space, wavenumber, frequency, name="time_features")

    @property
    def potential(self) -> Potential:
        """The well."""
        return self.motion.potential

    @property
    def duration(self) -> float:
        """T, in one over the unit of energy; in the potential's `time_unit`, if it has one."""
        return self.motion.duration

    def correction(self, points: tf.Tensor) -> tf.Tensor:
        xi, tau = points[:, :1], points[:, 1:]
        gate = tf.tanh(max(1.0, self.initial.spread * self.motion.over_hbar) * tau)
        walls = self.potential.boundary_conditions.factor(xi)
        seen = self.features(tf.concat([xi, 2.0 * tau - 1.0], axis=-1))
        return gate * walls * self.output_layer(self.hidden(seen))

    def call(self, points: tf.Tensor) -> tf.Tensor:
        x, t = points[:, :1], points[:, 1:]
        xi = self.scaling.position(self.potential.to_normal(x))
        scaled = tf.concat([xi, t / self.duration], axis=-1)
        chi = self.initial.parts(xi) + self.scaling.amplitude * self.correction(scaled)
        real, imaginary = tf.split(self.initial.norm * chi, 2, axis=-1)
        angle = self.initial.energy / self.potential.hbar * t
        cos, sin = tf.cos(angle), tf.sin(angle)
        return tf.concat([cos * real + sin * imaginary, cos * imaginary - sin * real], axis=-1)

    def __call__(self, points: ArrayLike | tf.Tensor, *args: Any, **kwargs: Any) -> tf.Tensor:
        """Re and Im of psi at points ``(n, 2)``; what is no tensor is taken as float64.

        Raises:
            TypeError: If ``points`` is of single precision.
            ValueError: If it has another shape, or leaves the walls or [0, T].
        """
        if not is_symbolic(points):
            checked = checked_events(points, self.potential.interval, self.duration)
            points = points if tf.is_tensor(points) else tf.constant(checked)
        return super().__call__(points, *args, **kwargs)

    def predict(self, points: ArrayLike, **kwargs: Any) -> Array:
        """Re and Im of psi at points ``(n, 2)``, float64.

        Args:
            points: Columns x and t.
            **kwargs: Those of `keras.Model.predict`.

        Raises:
            TypeError: As when the model is called.
            ValueError: As when the model is called.
        """
        rows = checked_events(points, self.potential.interval, self.duration)
        size = check.integer("batch_size", kwargs.pop("batch_size", None) or len(rows))
        data = untuned(tf.data.Dataset.from_tensor_slices(rows).batch(size))
        return np.asarray(super().predict(data, **kwargs))

    def wavefunction(self, x: ArrayLike, t: ArrayLike) -> Complex:
        """Psi at every position and time, complex128, shape ``(times, positions)``.

        Args:
            x: Own positions, ``(n,)``.
            t: Times in [0, T], ``(m,)`` or a number.

        Raises:
            TypeError: If they are no real numbers.
            ValueError: If one is outside.
        """
        x, t = check.points(x, self.potential.interval), checked_times(t, self.duration)
        at = every_event(x, t)
        width = max(len(self.initial.real), int(self.output_layer.kernel.shape[0]))
        (parts,) = in_batches(lambda rows: [self.call(rows)], at, width)
        return np.asarray(parts[:, 0] + 1j * parts[:, 1]).reshape(t.size, x.size)

    def error_bound(self, t: ArrayLike) -> Array:
        r"""A bound of the error of psi at times t, shape of t: an answer with its error bar.

        .. math:: \|\psi_N(t) - \psi(t)\| \le \|\psi_N(0) - \psi_0\|
                  + \int_0^t \| i \dot\psi_N - H \psi_N / \hbar \| \, ds

        H is self-adjoint, so that its evolution keeps norms, and each defect at s is carried to t
        as it is (Duhamel). The norm is that in which the well's states are normalised, (integral
        rho |psi|^2 dx)^(1/2) for a plain potential. It is true of any weights; assumed are walls
        at both ends, hidden layers with continuous slopes, and that the quadrature of the residual,
        on a finer rule than that of training, is exact. A box that cuts off what goes on beyond it
        is not in it.

        Args:
            t: Times in [0, T], at most 1000 of them.

        Raises:
            TypeError: If they are no real numbers.
            ValueError: If one is outside, or there are too many.
        """
        times = checked_times(np.ravel(t), self.duration)
        limits.at_most("t", times.size, 1000, "times")
        rule = self.motion.in_time(96, tuple(np.unique(times).tolist()))
        points = max(240, 2 * len(self.initial.real))
        relative = self.defects(rule.nodes, points) / self.duration
        below = rule.nodes[:, None] < times
        found = self.initial.missed + self.initial.norm * (rule.weights * relative) @ below
        return np.asarray(found / self.potential.amplitude).reshape(np.shape(t))

    def export(self, filepath: str | Path) -> None:
        """Write a SavedModel for inference, with the config and weights that `qwpinn.load` reads.

        Its endpoint ``serve(x, t)`` takes float64 positions and times in own units, of shape
        ``(n,)`` or ``(n, 1)`` each or one of a single number, and gives Re psi and Im psi,
        ``(n, 2)``; it needs no qwpinn, and `tf.saved_model.load` finds it. The folder is written
        beside its place and moved there when it is whole.

        Args:
            filepath: The folder. One that is there is replaced only if it is empty or a saved
                model.

        Raises:
            ValueError: If ``filepath`` is a file or a folder with something else in it.
            OSError: If it cannot be written.
        """
        saved_model.save(self, filepath)

    def endpoints(self) -> dict[str, tuple[Callable[..., tf.Tensor], list[tf.TensorSpec]]]:
        """The function of the exported model, with the shapes that it takes."""

        def serve(x: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
            x, t = tf.reshape(x, [-1, 1]), tf.reshape(t, [-1, 1])
            return self(tf.concat([x + 0.0 * t, t + 0.0 * x], axis=-1))

        anywhere = [tf.TensorSpec(None, tf.float64, name=name) for name in ("x", "t")]
        return {"serve": (serve, anywhere)}

    def questions(self) -> dict[str, Array]:
        """Where `saved_model` asks the model, to know it again."""
        x = asked_at(self.potential, self.scaling, STATES)
        return {"x": x, "t": self.duration * (np.arange(1.0, x.size + 1.0)[None] * PLASTIC % 1.0)}

    def answers(self, x: Array, t: Array) -> Answers:
        """What it says at positions and times ``(1, q)``, and the equation as it is stored."""
        stored = potential_from_config(potential_config(self.potential))
        psi = self(np.stack([x.ravel(), t.ravel()], axis=-1))
        return Answers.of([stored], x, self.initial.energy, psi, self.scaling.energy_origin)

    def get_config(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "potential": potential_config(self.potential),
            "psi0": self.initial.to_config(),
            "duration": self.duration,
            "drive": drive_config(self.motion.drive),
            "hidden": keras.saving.serialize_keras_object(self.hidden),
            "features": keras.saving.serialize_keras_object(self.features),
            "causality": self.causality,
            "scaling": self.scaling.to_config(),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Json], custom_objects: Mapping[str, object] | None = None
    ) -> TimePINN:
        config = dict(config)
        config["potential"] = potential_from_config(config["potential"])
        config["psi0"] = InitialState.from_config(config["psi0"])
        config["drive"] = drive_from_config(config["drive"])
        config["scaling"] = Scaling.from_config(config["scaling"])
        for layer in ("hidden", "features"):
            found = keras.saving.deserialize_keras_object(config[layer], custom_objects)
            config[layer] = found
        return cls(**config)
