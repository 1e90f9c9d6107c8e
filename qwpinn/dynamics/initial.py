"""The initial state: psi at time 0, what it must be, and how high its energies go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.counting import count_below
from qwpinn.equation.potential import Potential, values
from qwpinn.inputs import formulas

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Points of the grid on which momenta are looked at.
GRID = 4096


@dataclass(frozen=True)
class Initial:
    """psi(x) at time 0 in a well, a function of own positions.

    Args:
        potential: The well.
        function: Takes positions ``(n,)``, returns real or complex numbers of that shape.
        tol: |psi| at the walls may be this share of its maximum.

    Raises:
        TypeError: If the function does not return numbers.
        ValueError: If they are of another shape, not finite, zero everywhere, or not zero at the
            walls.
    """

    potential: Potential
    function: Callable[[Array], ArrayLike]
    tol: float

    def __post_init__(self) -> None:
        x = np.linspace(*self.potential.interval, GRID + 1)
        size = np.abs(self(x))
        largest = float(np.max(size))
        if largest == 0.0:
            raise ValueError(
                "`psi0` must not be zero everywhere. Received: 0 on all of "
                f"{GRID + 1} points between the walls. Move its centre between them."
            )
        if max(size[0], size[-1]) > self.tol * largest:
            end = 0 if size[0] > size[-1] else -1
            raise ValueError(
                "`psi0` must vanish at the walls, where every state of the well does. Received: "
                f"|psi0| = {size[end] / largest:.1e} of its maximum at "
                f"{self.potential.symbol} = {x[end]:g} (allowed: {self.tol:g}). Move it away from "
                "the wall, make it narrower or the well's box wider, or ask for a larger tol."
            )

    def __call__(self, x: Array) -> Complex:
        """Psi at own positions ``(n,)``, complex."""
        return formulas.wave(self.function, x)

    def normal(self, positions: Array) -> Complex:
        """That of the normal form, at own positions: what its states are compared with."""
        return self(positions) / self.potential.amplitude

    def states(self) -> int:
        """About how many of the lowest states it takes to hold it to tol.

        At each position with momenta up to those that psi has there, by the product of how small
        psi is there and how small its momenta are: exact of a Gaussian. Levels below the highest
        such energy are counted.
        """
        well = self.potential
        z = np.linspace(*well.interval, GRID + 1)
        psi = self(z)
        share = np.abs(psi) / np.max(np.abs(psi))
        # Odd beyond the walls, as a sum of states would be.
        spectrum = np.abs(np.fft.fft(np.concatenate([psi, -psi[-2:0:-1]])))[: GRID + 1]
        beyond = np.maximum.accumulate(spectrum[::-1])[::-1] / np.max(spectrum)
        k = np.pi * np.arange(GRID + 1) / (z[-1] - z[0])
        seen = share > self.tol
        least = self.tol / np.maximum(share[seen], self.tol)
        highest = k[np.searchsorted(-beyond, -least).clip(0, GRID)]
        x = well.to_normal(z)
        stretch = np.gradient(z, x)[seen]
        v, rho = values(well, z)[seen], well.normal_form.weight(x)[seen]
        energy = float(np.max(v + (highest * stretch) ** 2 / rho))
        return count_below(well, energy) + 2
