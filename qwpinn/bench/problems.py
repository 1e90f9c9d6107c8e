"""Problems: the wells of the bench, each with what is asked of it and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qwpinn import references
from qwpinn.equation.potential import Potential
from qwpinn.potentials.config import potential_config
from qwpinn.potentials.square_wells import KronigPenney, PiecewiseConstant, wells
from qwpinn.references.spectrum import Spectrum

Array = NDArray[np.float64]

# Positions that psi is compared at, even, the walls included.
POSITIONS = 2001
# Levels that a state is looked for among.
LEVELS = 12
# Of a state that is found: the square of its overlap with what it is.
SAME = 0.5

# Beside the three wells of the paper: two wells whose lowest levels differ by 4e-5 of themselves,
# and five whose lowest levels are a band.
WELLS: Mapping[str, Potential] = {
    **wells(),
    "doublet": PiecewiseConstant([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], [100, 0, 100, 0, 100]),
    "superlattice": KronigPenney(wells=5, well_width=1.0, barrier_width=0.3, height=40.0),
}


@dataclass(frozen=True)
class Problem:
    """The ground state of a well.

    Args:
        name: What the well is called.
        potential: The well.
    """

    name: str
    potential: Potential

    @cached_property
    def x(self) -> Array:
        """Where psi is compared."""
        return np.linspace(*self.potential.interval, POSITIONS)

    @cached_property
    def spectrum(self) -> Spectrum:
        """Levels from roots of the matching where V is constant in layers, else by Galerkin."""
        if self.potential.layers is not None:
            return references.exact(self.potential, LEVELS)
        return references.legendre_galerkin(self.potential, LEVELS)

    @cached_property
    def states(self) -> Array:
        """Psi of the lowest levels at `x`, ``(n, LEVELS)``, of norm 1 by the rule of `norm`."""
        found: Array = self.spectrum.wavefunctions(self.x)
        norms: Array = np.sqrt(self._weights @ found**2)
        states: Array = found / norms
        return states

    @cached_property
    def _weights(self) -> Array:
        """Of the trapezoidal rule with rho."""
        return np.asarray(self.potential.weight(self.x) * (self.x[1] - self.x[0]))

    def norm(self, psi: Array) -> float:
        """That of psi ``(n,)`` at `x`."""
        return float(np.sqrt(self._weights @ psi**2))

    def energy_error(self, energy: float) -> float:
        """|E - E_0| in units of E_0 - min V."""
        exact = float(self.spectrum.energies[0])
        return abs(energy - exact) / (exact - self.potential.minimum)

    def psi_error(self, psi: Array) -> float:
        """The norm of the difference between psi ``(n,)``, normalised, and that of the level."""
        psi = psi / max(self.norm(psi), np.finfo(np.float64).tiny)
        sign = np.sign(self._weights @ (psi * self.states[:, 0])) or 1.0
        return self.norm(sign * psi - self.states[:, 0])

    def state(self, psi: Array) -> int | None:
        """The level that psi ``(n,)`` is closest to; None where it is close to none."""
        overlaps = (self._weights * psi / max(self.norm(psi), 1e-300)) @ self.states
        found = int(np.argmax(overlaps**2))
        return found if overlaps[found] ** 2 > SAME else None

    def described(self) -> dict[str, object]:
        """The well for any program, in JSON values.

        ``well`` is what `qwpinn.potentials.config` makes a well of, ``interval`` [a, b], and
        ``edges`` and ``values`` are those of its layers of rho = 1, or None.
        """
        layers = self.potential.layers
        if layers is not None and np.any(layers.weights != 1.0):
            layers = None
        return {
            "well": potential_config(self.potential),
            "interval": list(self.potential.interval),
            "positions": POSITIONS,
            "edges": None if layers is None else layers.edges.tolist(),
            "values": None if layers is None else layers.values.tolist(),
        }
