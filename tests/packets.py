"""Wavefunctions of x and t in closed form: a driven oscillator's packet, two states of a box."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

import qwpinn

OSCILLATOR = qwpinn.CustomPotential(
    lambda x: x**2 / 2, interval=(-8.5, 8.5), weight=lambda x: np.full_like(x, 2.0)
)
BOX = qwpinn.InfiniteWell(width=1.0)


@dataclass(frozen=True)
class Packet:
    """The ground state of -1/2 d2/dx2 + x^2/2, displaced by 1, under the force f(t) = -c sin 2t.

    Its centre q has q'' = -q + f; the phase comes from d(qp)/dt = p^2 - q^2 + q f.
    """

    strength: float = 0.0
    well = OSCILLATOR
    duration = 1.5
    norm = 2.0**0.5
    initial = qwpinn.Packet(1.0, width=0.5**0.5)

    @property
    def drive(self):
        if not self.strength:
            return None
        return "x", qwpinn.Pulse(self.strength, 2.0, phase=-np.pi / 2.0)

    def __call__(self, x, t):
        """Psi of tensors of one shape, complex."""
        c, cos, sin = self.strength, tf.cos(t), tf.sin(t)
        q = cos - 2.0 * c / 3.0 * sin + c / 3.0 * tf.sin(2.0 * t)
        p = -sin - 2.0 * c / 3.0 * cos + 2.0 * c / 3.0 * tf.cos(2.0 * t)
        work = (2.0 / 3.0) * (1.0 - cos**3) - (2.0 / 3.0) * c * (2.0 / 3.0) * sin**3
        work += c / 3.0 * (t / 2.0 - tf.sin(4.0 * t) / 8.0)
        phase = p * x - t / 2.0 - (q * p + c * work) / 2.0
        return turned(np.pi**-0.25 * tf.exp(-((x - q) ** 2) / 2.0), phase)


@dataclass(frozen=True)
class Beats:
    """(phi_1 + phi_2) / 2^(1/2) of a box of width 1, with energies pi^2 and 4 pi^2."""

    well = BOX
    duration = 0.1
    norm = 1.0
    drive = None

    def initial(self, x):
        return np.sin(np.pi * x) + np.sin(2.0 * np.pi * x)

    def __call__(self, x, t):
        return turned(tf.sin(np.pi * x), -(np.pi**2) * t) + turned(
            tf.sin(2.0 * np.pi * x), -4.0 * np.pi**2 * t
        )


def turned(size, phase):
    return tf.complex(size * tf.cos(phase), size * tf.sin(phase))


def network(problem, kind=qwpinn.TimePINN, **arguments):
    return kind(problem.well, problem.initial, problem.duration, problem.drive, **arguments)


class Exact(qwpinn.TimePINN):
    """The closed form in the place of the network, times 1 + error sin(t)."""

    error = 0.0
    exact = None

    def correction(self, points):
        if self.exact is None:
            return super().correction(points)
        xi, tau = points[:, :1], points[:, 1:]
        x, t = self.scaling.centre + self.scaling.half_width * xi, self.duration * tau
        angle = self.initial.energy / self.potential.hbar * t
        psi = self.exact(x, t) * turned(1.0 + self.error * tf.sin(t), angle)
        psi = (psi - self.exact(x, 0.0 * t)) / (self.initial.norm * self.scaling.amplitude)
        return tf.concat([tf.math.real(psi), tf.math.imag(psi)], axis=-1)


def exact_network(problem, error=0.0):
    model = network(problem, Exact)
    model.exact, model.error = problem, error
    return model


def true_error(model, problem, t, points=301):
    """(integral rho |psi_N - psi|^2 dx)^(1/2) at times, by the trapezoidal rule."""
    x = np.linspace(*model.potential.interval, points)
    at = (
        tf.constant(np.tile(x, (len(t), 1))),
        tf.constant(np.repeat(t, points).reshape(-1, points)),
    )
    off = np.abs(model.wavefunction(x, t) - problem(*at).numpy()) ** 2
    return np.sqrt(np.sum(off * model.potential.weight(x), axis=1) * (x[1] - x[0]))
