"""Amplitudes: the phase of a wave behind constant layers, and how long they delay a packet."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.layers import Layers
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check
from qwpinn.references.scattering import across_layer, constant_layers, transmission

Array = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

# (z cos z - sin z) / (2 z^3) in powers of -z^2, to the last digit up to |z| = 1.
SERIES = [-n / math.factorial(2 * n + 1) for n in range(1, 10)]


def amplitude(potential: Potential, energies: ArrayLike) -> ComplexArray:
    r"""The amplitude t(E) of the wave that passes to the right.

    The wave exp(i k_left x) comes from the left and leaves as t exp(i k_right x), both phases
    measured from x = 0, so that t = 1 without any barrier. The walls are taken away, as for
    `transmission`, which is

    .. math:: T = |t|^2 k_{right} / k_{left}, \quad k = \sqrt{\rho (E - V)}.

    In a `Heterostructure` phases are those of exp(i k z), with k = mass sqrt(rho (E - V)) in 1/nm,
    and the currents of T the speeds k / mass.

    Args:
        potential: A potential with `layers`: `PiecewiseConstant`, `FiniteBarrier`, `FiniteWell`,
            `Heterostructure` without a field, or your own.
        energies: E in the potential's units, any shape.

    Returns:
        t, complex, in the shape of `energies`; 0 where no wave travels in one of the outer layers.

    Raises:
        TypeError: If `energies` does not hold real numbers.
        ValueError: If V or rho is not constant between breakpoints, or an energy is not finite.

    Example:
        >>> from qwpinn.potentials import FiniteBarrier
        >>> barrier = FiniteBarrier(height=50.0, width=0.2, box=1.0)
        >>> amplitude(barrier, [-1.0, 25.0]).round(6)
        array([0.      +0.j      , 0.350145-0.545319j])

    Reference:
        E. Merzbacher, Quantum Mechanics, chapter 6, ISBN 978-0-471-88702-7
    """
    passed = transmission(potential, energies)
    layers = constant_layers(potential)

    def wave(squares: Array) -> ComplexArray:
        left, right = np.sqrt(squares[[0, -1]])
        starts, stretches = _own_ends(potential, layers)
        phase = stretches[0] * left * starts[0] - stretches[1] * right * starts[1]
        phase -= np.angle(_mismatch(layers, squares)[0])
        return np.asarray(np.sqrt(left / right) * np.exp(1j * phase))

    return np.asarray(np.sqrt(passed) * _where_waves_travel(layers, energies, wave, 0j))


def group_delay(potential: Potential, energies: ArrayLike) -> Array:
    r"""How long the middle of a packet takes from the first layer's end to the last one's start.

    With a and b these two edges, the phase that a wave gathers between them gives

    .. math:: \tau(E) = \hbar \frac{d}{dE} \left( \arg t + k_{right} b - k_{left} a \right):

    where the outer layers are equal, hbar d arg t / dE and what free flight takes over b - a at the
    speed v = dE / d(hbar k). Without a barrier it is (b - a) / v; with less than three layers it
    is 0. An opaque barrier lets it tend to a constant (Hartman), however thick.

    The derivative is that of the transfer matrices, by the product rule. The packet must be so long
    that T hardly varies within its spread of energies, or its middle moves for other reasons.

    Args:
        potential: See `amplitude`.
        energies: E in the potential's units, any shape.

    Returns:
        Times in the shape of `energies`: hbar = 1 where units have no names, atomic times in bohr
        and hartree, else fs; NaN where no wave travels in one of the outer layers.

    Raises:
        TypeError: If `energies` does not hold real numbers.
        ValueError: If V or rho is not constant between breakpoints, or an energy is not finite.

    Example:
        >>> from qwpinn.potentials import FiniteBarrier
        >>> barrier = FiniteBarrier(height=1.0, width=2.0, box=4.0).in_units("hbar=m=1")
        >>> group_delay(barrier, [0.5, 1.0, 2.0]).round(9)
        array([1.92805516, 1.9641855 , 1.5080152 ])

    Reference:
        E. P. Wigner, Phys. Rev. 98 (1955) 145, doi:10.1103/PhysRev.98.145; T. E. Hartman, J. Appl.
        Phys. 33 (1962) 3427, doi:10.1063/1.1702424
    """
    layers = constant_layers(potential)

    def delay(squares: Array) -> Array:
        mismatch, slope = _mismatch(layers, squares)
        return np.asarray(potential.hbar * np.imag(-slope / mismatch))

    return np.asarray(_where_waves_travel(layers, energies, delay, np.nan))


def _where_waves_travel(
    layers: Layers,
    energies: ArrayLike,
    function: Callable[[Array], NDArray[Any]],
    otherwise: complex,
) -> NDArray[Any]:
    """A function of rho (E - V) in each layer, where it is positive in both outer ones."""
    energy = check.real_array("energies", energies)
    squares = layers.weights[:, None] * (energy.reshape(-1) - layers.values[:, None])
    travelling = (squares[0] > 0.0) & (squares[-1] > 0.0)
    found = np.full(energy.shape, otherwise)
    found[travelling.reshape(energy.shape)] = function(squares[:, travelling])
    return found


def _own_ends(potential: Potential, layers: Layers) -> tuple[Array, Array]:
    """Where the outer layers end in the potential's own coordinate z, and dx / dz within them."""
    pieces = potential.smooth_pieces
    # x(z) is a line in each layer, or its rho would not be constant.
    own = np.interp(layers.edges, potential.to_normal(pieces), pieces)
    stretches = np.diff(layers.edges) / np.diff(own)
    # A single layer is both of them: both end at one place, no matter which.
    return own[[1, max(1, own.size - 2)]], stretches[[0, -1]]


def _mismatch(layers: Layers, squares: Array) -> tuple[ComplexArray, ComplexArray]:
    """D and dD / dE, where 2 k_left / D is the amplitude from edge to edge.

    With M the matrix that takes (psi, psi') from the first layer's end to the last one's start,

        D = k_left M22 + k_right M11 + i (M21 - k_left k_right M12).

    Both come divided by the size of M, which no phase depends on, so that they cannot overflow.
    """
    left, right = np.sqrt(squares[[0, -1]])
    left_slope, right_slope = 0.5 * layers.weights[0] / left, 0.5 * layers.weights[-1] / right
    matrix, slope = _across(layers, squares)
    (m11, m12), (m21, m22) = matrix
    (s11, s12), (s21, s22) = slope
    mismatch = left * m22 + right * m11 + 1j * (m21 - left * right * m12)
    derivative = left * s22 + right * s11 + 1j * (s21 - left * right * s12)
    derivative += left_slope * (m22 - 1j * right * m12) + right_slope * (m11 - 1j * left * m12)
    return mismatch, derivative


def _across(layers: Layers, squares: Array) -> tuple[Array, Array]:
    """M across the layers between the outer two, and dM / dE, divided by the size of M.

    Returns:
        Each of shape (2, 2, n).
    """
    matrix = np.tile(np.eye(2)[:, :, None], squares.shape[1])
    slope = np.zeros_like(matrix)
    inner = zip(squares, np.diff(layers.edges), layers.weights, strict=True)
    for square, width, weight in list(inner)[1:-1]:
        layer, growth = across_layer(square, width)
        change = weight * _layer_slope(square, width, layer, growth)
        slope = np.einsum("ijn,jkn->ikn", layer, slope)
        slope += np.einsum("ijn,jkn->ikn", change, matrix)
        matrix = np.einsum("ijn,jkn->ikn", layer, matrix)
        size = np.maximum(np.max(np.abs(matrix), axis=(0, 1)), np.finfo(np.float64).tiny)
        matrix, slope = matrix / size, slope / size
    return matrix, slope


def _layer_slope(square: Array, width: float, layer: Array, growth: Array) -> Array:
    """The derivative of one layer's matrix by q = k^2, without its growth as the matrix itself.

    Of cos(k w) it is -w/2 sin(k w) / k, and of sin(k w) / k it is (w cos(k w) - sin(k w) / k) / 2q,
    near q = 0 a series.
    """
    cosine, sine = layer[0]
    turn = square * width**2
    near = np.abs(turn) < 1.0
    series = width**3 * polynomial.polyval(np.where(near, -turn, 0.0), SERIES) * np.exp(-growth)
    sine_slope = np.where(
        near, series, (width * cosine - sine) / (2.0 * np.where(near, 1.0, square))
    )
    cosine_slope = -0.5 * width * sine
    return np.array([[cosine_slope, sine_slope], [-sine - square * sine_slope, cosine_slope]])
