"""Scattering: how much of a wave passes constant layers whose outer ones go on to infinity."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation import kinds
from qwpinn.equation.layers import Layers
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check

Array = NDArray[np.float64]


def transmission(potential: Potential, energies: ArrayLike) -> Array:
    """The probability T(E) that a wave from the left passes to the right, and from right to left.

    The walls are taken away: the first and the last layer continue to infinity, with the wave
    numbers k = sqrt(rho (E - V)) there. With M the real matrix that takes (psi, psi') across the
    layers between them,

        1 / T = 1 + [(k_left M22 - k_right M11)^2 + (M21 + k_left k_right M12)^2]
                    / (4 k_left k_right),

    a ratio of the conserved currents k |psi|^2: psi and psi' are continuous also where rho jumps.
    Below the bottom of either outer layer no wave travels there, and T = 0. A resonance narrower
    than the spacing of `energies` shows only if one of them hits it.

    Args:
        potential: A potential with `layers`: `PiecewiseConstant`, `FiniteBarrier`, `FiniteWell`,
            or your own.
        energies: E in the potential's units, any shape.

    Returns:
        T in [0, 1], in the shape of `energies`; 0 where it is below the smallest float, 1e-308.

    Raises:
        TypeError: If `energies` does not hold real numbers.
        ValueError: If V or rho is not constant between breakpoints, or an energy is not finite.

    Example:
        >>> from qwpinn.potentials import FiniteBarrier
        >>> transmission(FiniteBarrier(height=50.0, width=0.2, box=1.0), [-1.0, 25.0, 50.0])
        array([0.        , 0.41997434, 0.66666667])

    Reference:
        R. Tsu, L. Esaki, Appl. Phys. Lett. 22 (1973) 562, doi:10.1063/1.1654509
    """
    return np.asarray(np.exp(-_opacity(potential, energies)))


def reflection(potential: Potential, energies: ArrayLike) -> Array:
    """The probability R(E) = 1 - T(E) that a wave is turned back, to full precision near 0.

    Where no wave travels in one of the outer layers, R = 1.

    Args:
        potential: See `transmission`.
        energies: E in the potential's units, any shape.

    Returns:
        R in [0, 1], in the shape of `energies`.

    Raises:
        TypeError: If `energies` does not hold real numbers.
        ValueError: If V or rho is not constant between breakpoints, or an energy is not finite.

    Example:
        >>> from qwpinn.potentials import PiecewiseConstant
        >>> step = PiecewiseConstant(edges=[-1.0, 0.0, 1.0], values=[0.0, 3.0])
        >>> print(round(float(reflection(step, 4.0)), 12))  # ((2 - 1) / (2 + 1))^2
        0.111111111111

    Reference:
        D. J. Griffiths, Introduction to Quantum Mechanics, section 2.5,
        doi:10.1017/9781316995433
    """
    return np.asarray(-np.expm1(-_opacity(potential, energies)))


def _opacity(potential: Potential, energies: ArrayLike) -> Array:
    """-log T, in the shape of the energies; infinite where no wave travels in an outer layer.

    1 / T is 1 plus squares, so that no round-off takes T above 1; its logarithm holds what neither
    exp(kappa width) nor T itself could.
    """
    layers = constant_layers(potential)
    energy = check.real_array("energies", energies)
    opacity = np.full(energy.shape, np.inf)
    squares = layers.weights[:, None] * (energy.reshape(-1) - layers.values[:, None])
    travelling = (squares[0] > 0.0) & (squares[-1] > 0.0)
    squares = squares[:, travelling]
    left, right = np.sqrt(squares[0]), np.sqrt(squares[-1])
    (m11, m12), (m21, m22), log_size = _across(squares[1:-1], np.diff(layers.edges)[1:-1])
    mismatch = (left * m22 - right * m11) ** 2 + (m21 + left * right * m12) ** 2
    with np.errstate(divide="ignore"):  # without a mismatch, log 0 = -inf leads to T = 1
        log_ratio = np.log(mismatch) + 2.0 * log_size - np.log(4.0 * left * right)
    opacity[travelling.reshape(energy.shape)] = np.logaddexp(0.0, log_ratio)
    return opacity


def constant_layers(potential: Potential) -> Layers:
    """The layers of the normal form, refused where V or rho varies within one."""
    layers = kinds.potential(potential).normal_form.layers
    if layers is None:
        raise ValueError(
            "`potential` must be constant between its breakpoints. Received: "
            f"{type(potential).__name__}. Cut it into layers, e.g. "
            "PiecewiseConstant(edges, potential(middles), potential.weight(middles))."
        )
    return layers


def _across(squares: Array, widths: Array) -> tuple[Array, Array, Array]:
    """The matrix that takes (psi, psi') across layers, and the logarithm of its size.

    Scaled to size one after every layer, it cannot overflow in barriers however thick. What it
    loses of a thick barrier is only its determinant, which is 1 and enters T as a formula.

    Args:
        squares: rho (E - V) in each layer, shape (layers, n).
        widths: Of the layers, shape (layers,).

    Returns:
        Both rows of the scaled matrix, each of shape (2, n), and the logarithm, shape (n,).
    """
    count = squares.shape[1]
    matrix = np.tile(np.eye(2)[:, :, None], count)
    log_size = np.zeros(count)
    for square, width in zip(squares, widths, strict=True):
        layer, growth = across_layer(square, width)
        matrix = np.einsum("ijn,jkn->ikn", layer, matrix)
        # A product that cancels altogether stays 0: an energy at the very top of a resonance.
        size = np.maximum(np.max(np.abs(matrix), axis=(0, 1)), np.finfo(np.float64).tiny)
        matrix /= size
        log_size += growth + np.log(size)
    return matrix[0], matrix[1], log_size


def across_layer(square: Array, width: float) -> tuple[Array, Array]:
    """The matrix of one layer, without its growth exp(kappa width), and the growth's logarithm.

    Its cos and sin, or cosh and sinh, are even in k, and smooth through k = 0, where
    sin(k width) / k is the width itself.
    """
    phase = np.sqrt(np.abs(square)) * width
    forbidden = square < 0.0
    growth = np.where(forbidden, phase, 0.0)
    twice = np.where(forbidden, 2.0 * phase, 1.0)
    cosine = np.where(forbidden, 0.5 * (1.0 + np.exp(-2.0 * growth)), np.cos(phase))
    sine = width * np.where(forbidden, -np.expm1(-2.0 * growth) / twice, np.sinc(phase / np.pi))
    return np.array([[cosine, sine], [-square * sine, cosine]]), growth
