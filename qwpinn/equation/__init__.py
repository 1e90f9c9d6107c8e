"""The equation: -psi'' + rho (V - E) psi = 0, on a line or in the plane, before it is solved.

You need this folder to add a kind of potential, or to know how many levels there are.

- `potential`, `operators`, `record`, `description`, `kinds`: what every V and rho has; `layers`:
  constant; `plane`, `regions`, `values`, `plane_description`: what V of the plane has;
- `geometry`: what differs between both, for all who need not know which it is;
- `smoothness`, `survey`, `minimum`, `hidden`: where V is not what it seems;
- `couplings`: f(t) W(x), what may be added to V;
- `ends`: what psi does at the walls; `self_consistency`: a mass that depends on the energy;
- `counting`, `barriers`, `transfer`: how many levels lie below E; `cuts`: what ends of a box do;
- `scaling`, `semiclassics`, `mesh`, `placement`: units, turning points and panels for a network;
- of the plane `plane_search`, `plane_cuts`, `plane_counting`, `plane_scaling`, `plane_density`,
  `columns`, `plane_mesh`.
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
