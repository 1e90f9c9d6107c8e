"""Packets whose motion is known, and solutions that several tests move them in, each made once."""

from functools import cache

import numpy as np

import qwpinn
from qwpinn.dynamics.basis import Basis

# H = -1/2 d2/dx2 + x^2/2, hbar = 1.
OSCILLATOR = qwpinn.CustomPotential(
    lambda x: x**2 / 2, interval=(-9.0, 9.0), weight=lambda x: np.full_like(x, 2.0)
)
# H = -1/2 d2/dx2 on [0, 1].
BOX = qwpinn.InfiniteWell(width=1.0).in_units("hbar=m=1")
STEP = qwpinn.PiecewiseConstant([-3.0, 0.5, 3.0], [0.0, 8.0])
DEVICE = qwpinn.Heterostructure(
    [
        qwpinn.Layer(8.0, offset=200.0, mass=0.09),
        qwpinn.Layer(9.0, offset=0.0, mass=0.067),
        qwpinn.Layer(8.0, offset=200.0, mass=0.09),
    ]
)
GROUND = 0.5**0.5
ALL = {"oscillator": (OSCILLATOR, 24), "box": (BOX, 16), "step": (STEP, 16), "device": (DEVICE, 12)}


@cache
def solved(name):
    """The solution of one of `ALL`, of untrained networks."""
    well, states = ALL[name]
    return qwpinn.solve(well, states, rtol=1e-9, recipe=qwpinn.Precise(epochs=0))


def basis(name):
    return Basis.of(solved(name))


def coherent(x, t, centre=2.0):
    """The displaced ground state of the oscillator, ``(times, n)``."""
    t = np.reshape(t, (-1, 1))
    phase = t / 2.0 + centre * np.sin(t) * x - centre**2 * np.sin(2.0 * t) / 4.0
    return np.pi**-0.25 * np.exp(-((x - centre * np.cos(t)) ** 2) / 2.0 - 1j * phase)


def norm(x, psi, weight=1.0):
    """The root of the integral of weight |psi|^2, by the trapezium rule, of each row."""
    return np.sqrt(np.trapezoid(weight * np.abs(psi) ** 2, x, axis=-1))
