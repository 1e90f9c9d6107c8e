"""Classical solvers to compare with; `qwpinn.solve` never uses them.

- `exact`: roots of the Pruefer angle and closed eigenfunctions, for constant layers;
- `finite_differences`: second order, extrapolated after Richardson;
- `legendre_galerkin`: piecewise Legendre polynomials, to about 12 digits for any potential;
- `feynman_kac`: the ground energy alone, from random walks, with its standard error;
- `count_below`, `pruefer_angle`: how many levels lie below an energy, by the oscillation theorem;
- `transmission`, `reflection`, `amplitude`, `group_delay`: of constant layers without their walls;
- `crank_nicolson`, `split_step`: a wave in time, driven or not, as a `Propagated`;
- `plane_differences`, `spectral_elements`: in the plane; of states, they bound none.

The first three take very different roads to the same `Spectrum`, so that their agreement means
something.
"""

from qwpinn.equation.counting import count_below, pruefer_angle
from qwpinn.references.amplitude import amplitude, group_delay
from qwpinn.references.constant_layers import exact
from qwpinn.references.differences import finite_differences
from qwpinn.references.elements import spectral_elements
from qwpinn.references.feynman_kac import Walked, feynman_kac
from qwpinn.references.galerkin import legendre_galerkin
from qwpinn.references.plane import PlaneSpectrum, plane_differences
from qwpinn.references.propagation import crank_nicolson, split_step
from qwpinn.references.scattering import reflection, transmission
from qwpinn.references.spectrum import Spectrum
from qwpinn.references.waves import Propagated

__all__ = [
    "PlaneSpectrum",
    "Propagated",
    "Spectrum",
    "Walked",
    "amplitude",
    "count_below",
    "crank_nicolson",
    "exact",
    "feynman_kac",
    "finite_differences",
    "group_delay",
    "legendre_galerkin",
    "plane_differences",
    "pruefer_angle",
    "reflection",
    "spectral_elements",
    "split_step",
    "transmission",
]
