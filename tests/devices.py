"""Heterostructures with published levels, and a solver in z that shares nothing with ours."""

import numpy as np
from scipy import constants
from scipy.integrate import solve_ivp

from qwpinn import Heterostructure, Layer

# GaAs in Al0.2Ga0.8As after P. Harrison, Quantum Wells, Wires and Dots.
OFFSET, WELL_MASS, BARRIER_MASS = 167.0985, 0.067, 0.0836
# By width in nm, meV; infinite barriers far away, all levels below the barriers.
SINGLE = {
    6.0: (53.2761986911, 166.521882239),
    10.0: (27.8846629933, 106.557370154),
    16.0: (13.8203889199, 54.6468059295, 118.970925914),
    20.0: (9.62933228614, 38.2821396126, 84.8931527629, 144.959766797),
}
DOUBLE = (49.136195, 57.715086)
STARK = {0.0: 53.276199, 10.0: 53.240935, 40.0: 52.707184, 70.0: 51.486856}


def barrier(thickness: float = 20.0, **more) -> Layer:
    return Layer(thickness, offset=OFFSET, mass=BARRIER_MASS, **more)


def well(thickness: float = 6.0, **more) -> Layer:
    return Layer(thickness, offset=0.0, mass=WELL_MASS, **more)


def single_well(field: float = 0.0, width: float = 6.0, far: float = 20.0) -> Heterostructure:
    return Heterostructure([barrier(far), well(width), barrier(far)], field)


def double_well(field: float = 0.0) -> Heterostructure:
    layers = [barrier(), well(name="left"), barrier(4.0), well(name="right"), barrier()]
    return Heterostructure(layers, field)


def end_of_psi(device: Heterostructure, energy: float) -> float:
    """psi at the right wall, integrated in z layer by layer with psi and psi' / mu continuous.

    It changes its sign where `energy` passes a level.
    """
    c = constants.hbar**2 / (2 * constants.m_e) / constants.e * 1e21  # meV nm^2
    centre = device.edges[-1] / 2
    state = np.array([0.0, 1e-3])
    pieces = zip(
        device.edges[:-1], device.edges[1:], device.offsets, device.masses, device.gaps, strict=True
    )
    for left, right, offset, mass, gap in pieces:

        def slope(z, y, offset=offset, mass=mass, gap=gap):
            v = offset - 0.1 * device.field * (z - centre)
            mu = mass * (1.0 + (energy - v) / gap) if device.nonparabolic else mass
            return [mu * y[1], (v - energy) / c * y[0]]

        ends = solve_ivp(slope, (left, right), state, method="DOP853", rtol=1e-12, atol=1e-30)
        state = ends.y[:, -1]
    return float(state[0])


def straddles(device: Heterostructure, lower: float, upper: float) -> bool:
    """Whether an odd number of levels lies between both energies."""
    return end_of_psi(device, lower) * end_of_psi(device, upper) < 0.0


def random_device(rng, nonparabolic):
    """Three to nine layers, wells and barriers in turn, compositions and field at random."""
    layers, count = [], 2 * rng.integers(1, 5) + 1
    for i in range(count):
        if i % 2:
            x, thickness = rng.uniform(0.0, 0.1), rng.uniform(2.0, 12.0)
        else:
            x, thickness = rng.uniform(0.2, 0.45), rng.uniform(1.0, 6.0)
        outer = i in (0, count - 1)
        layers.append(Layer(15.0 if outer else thickness, material="AlGaAs", composition=float(x)))
    field = float(rng.choice([0.0, rng.uniform(-80.0, 80.0)]))
    return Heterostructure(layers, field, nonparabolic)
