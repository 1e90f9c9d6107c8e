"""Potentials: what stands for V and rho in -psi'' + rho (V - E) psi = 0, psi(a) = psi(b) = 0.

A potential is a frozen dataclass that knows its interval, the points where it is not smooth, and
its values. Lengths and energies are in any units in which the equation reads as above: with
rho = 1, an energy is one over a length squared, and the infinite well of width 1 has levels
n^2 pi^2. `Potential.in_units` makes them nm and eV, or others, for a particle of a mass.

- `InfiniteWell`, `FiniteWell`, `FiniteBarrier`, `KronigPenney`, `PiecewiseConstant`: constant
  layers;
- `Harmonic`, `Morse`, `PoeschlTeller`, `Triangular`: levels from textbooks;
- `Quartic`, `DoubleWell`, `WoodsSaxon`, `Gaussian`: a formula, and levels from a solver only;
- `Manufactured`: made for a wavefunction, whose level is known;
- `CustomPotential`, `Sampled`: a function, with a weight rho if it has one, or samples;
- `Heterostructure`: semiconductor layers in nm, meV and kV/cm, each with its mass;
- `PiecewisePolynomial`: Legendre series on panels; `tabulate` turns any potential into one.

Write your own as a subclass of `Potential`, or wrap a function in `CustomPotential`. Potentials are
added, scaled and moved by the operators and methods of `Potential`.
"""

from qwpinn.devices.bands import AtEnergy
from qwpinn.devices.heterostructure import Heterostructure
from qwpinn.devices.layer import Layer
from qwpinn.equation.layers import Layers
from qwpinn.equation.potential import Potential
from qwpinn.potentials.combined import Moved, Scaled, Sum
from qwpinn.potentials.config import known_classes, potential_from_config
from qwpinn.potentials.custom import CustomPotential, Sampled
from qwpinn.potentials.manufactured import Manufactured
from qwpinn.potentials.measured import InUnits
from qwpinn.potentials.polynomial import PiecewisePolynomial, tabulate
from qwpinn.potentials.segmented import Segmented
from qwpinn.potentials.smooth import DoubleWell, Gaussian, Quartic, WoodsSaxon
from qwpinn.potentials.solvable import Harmonic, Morse, PoeschlTeller
from qwpinn.potentials.square_wells import (
    FiniteBarrier,
    FiniteWell,
    InfiniteWell,
    KronigPenney,
    PiecewiseConstant,
)
from qwpinn.potentials.triangular import Triangular

__all__ = [
    "AtEnergy",
    "CustomPotential",
    "DoubleWell",
    "FiniteBarrier",
    "FiniteWell",
    "Gaussian",
    "Harmonic",
    "Heterostructure",
    "InUnits",
    "InfiniteWell",
    "KronigPenney",
    "Layer",
    "Layers",
    "Manufactured",
    "Morse",
    "Moved",
    "PiecewiseConstant",
    "PiecewisePolynomial",
    "PoeschlTeller",
    "Potential",
    "Quartic",
    "Sampled",
    "Scaled",
    "Segmented",
    "Sum",
    "Triangular",
    "WoodsSaxon",
    "known_classes",
    "potential_from_config",
    "tabulate",
]
