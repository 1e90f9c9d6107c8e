"""The equation: -psi'' + rho (V - E) psi = 0 on an interval, and what is known before solving it.

You need this folder to add a kind of potential, or to know how many levels there are.

- `potential`, `operators`, `description`, `kinds`: what every V and rho has; `layers`: constant;
- `smoothness`, `survey`, `minimum`, `hidden`: where V is not what it seems;
- `ends`: what psi does at the walls; `self_consistency`: a mass that depends on the energy;
- `counting`, `barriers`, `transfer`: how many levels lie below E; `cuts`: what ends of a box do;
- `scaling`, `semiclassics`, `mesh`: units, turning points and panels for a network.
"""

from qwpinn.equation.counting import count_below, pruefer_angle
from qwpinn.equation.layers import Layers
from qwpinn.equation.mesh import Mesh
from qwpinn.equation.potential import Potential
from qwpinn.equation.scaling import Scaling

__all__ = [
    "Layers",
    "Mesh",
    "Potential",
    "Scaling",
    "count_below",
    "pruefer_angle",
]
