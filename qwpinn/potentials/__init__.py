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
- `PiecewisePolynomial`: Legendre series on panels; `tabulate` turns any potential into one;
- of the plane, -psi_xx - psi_yy + rho (V - E) psi = 0 on a rectangle: `Plane`, a function and the
  regions where V jumps, `Disc` and `Rectangle`; `Box2D`, `Harmonic2D`, `HenonHeiles`,
  `CircularDot`, `RectangularDot`, `CoupledDots`, `Gaussians2D`; `Plane.sum(V1, V2)`, V1(x) + V2(y),
  is a `SeparablePlane`.

Write your own as a subclass of `Potential`, or wrap a function in `CustomPotential`. Potentials are
added, scaled and moved by the operators and methods of `Potential`.
"""

from qwpinn.devices.bands import AtEnergy
from qwpinn.devices.heterostructure import Heterostructure
from qwpinn.devices.layer import Layer
from qwpinn.equation.layers import Layers
from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.potential import Potential
from qwpinn.equation.regions import Disc, Rectangle
from qwpinn.potentials.combined import Moved, Scaled, Sum
from qwpinn.potentials.config import known_classes, potential_from_config
from qwpinn.potentials.custom import CustomPotential, Sampled
from qwpinn.potentials.dots import CircularDot, CoupledDots, RectangularDot
from qwpinn.potentials.manufactured import Manufactured
from qwpinn.potentials.measured import InUnits
from qwpinn.potentials.plane import Plane, UniformField
from qwpinn.potentials.plane_algebra import PlaneMoved, PlaneScaled, PlaneSum
from qwpinn.potentials.plane_measured import PlaneInUnits
from qwpinn.potentials.planes import Box2D, Gaussians2D, Harmonic2D, HenonHeiles
from qwpinn.potentials.polynomial import PiecewisePolynomial, tabulate
from qwpinn.potentials.segmented import Segmented
from qwpinn.potentials.separable import SeparablePlane
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
    "Box2D",
    "CircularDot",
    "CoupledDots",
    "CustomPotential",
    "Disc",
    "DoubleWell",
    "FiniteBarrier",
    "FiniteWell",
    "Gaussian",
    "Gaussians2D",
    "Harmonic",
    "Harmonic2D",
    "HenonHeiles",
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
    "Plane",
    "PlaneInUnits",
    "PlaneMoved",
    "PlanePotential",
    "PlaneScaled",
    "PlaneSum",
    "PoeschlTeller",
    "Potential",
    "Quartic",
    "Rectangle",
    "RectangularDot",
    "Sampled",
    "Scaled",
    "Segmented",
    "SeparablePlane",
    "Sum",
    "Triangular",
    "UniformField",
    "WoodsSaxon",
    "known_classes",
    "potential_from_config",
    "tabulate",
]
