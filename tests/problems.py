"""Problems with known levels: (id, potential, exact levels, source), lowest levels first.

The levels of the three wells are roots of their transcendental equations in 20-digit arithmetic;
the smooth ones were computed by two independent methods each and are right to the last digit shown.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.potentials import (
    CustomPotential,
    FiniteBarrier,
    FiniteWell,
    InfiniteWell,
    PiecewiseConstant,
    Potential,
)


class Problem(NamedTuple):
    """One row of the table."""

    id: str
    potential: Potential
    levels: NDArray[np.float64]
    source: str


def gaas_well(width: float, barrier: float = 400.0) -> PiecewiseConstant:
    """A GaAs well in Al0.2Ga0.8As (meV, angstrom), in the coordinate x = integral mass dz."""
    c, well_mass, barrier_mass, offset = 0.5e3 * 7.619964222, 0.067, 0.0836, 167.0985
    widths = np.array([barrier * barrier_mass, width * well_mass, barrier * barrier_mass])
    edges = [0.0, *np.cumsum(widths).tolist()]
    weights = [1.0 / (c * mass) for mass in (barrier_mass, well_mass, barrier_mass)]
    return PiecewiseConstant(edges, [offset, 0.0, offset], weights)


WELLS = (
    Problem(
        "infinite_well",
        InfiniteWell(width=1.0),
        np.array(
            [
                9.869604401089358,
                39.47841760435743,
                88.82643960980423,
                157.9136704174297,
                246.74011002723397,
            ]
        ),
        "n^2 pi^2",
    ),
    Problem(
        "finite_well",
        FiniteWell(depth=20.0, width=2.0, box=6.0),
        np.array(
            [
                1.639480188545970700872,
                6.441881454360468487027,
                13.8917817498255739345,
                21.07058712407642578726,
                22.45383352368234179344,
            ]
        ),
        "transcendental equation, 20 digits",
    ),
    Problem(
        "finite_barrier",
        FiniteBarrier(height=50.0, width=0.2, box=1.0),
        np.array(
            [
                25.05968629015797308001,
                41.63353142946955549086,
                106.0174389039070026943,
                165.0401164235023057862,
                258.0760007156556861544,
            ]
        ),
        "transcendental equation, 20 digits",
    ),
)

SMOOTH = (
    Problem(
        "harmonic",
        CustomPotential(lambda x: x**2, interval=(-8, 8)),
        np.array([1.0, 3.0, 5.0, 7.0, 9.0]),
        "2 n + 1",
    ),
    Problem(
        "quartic",
        CustomPotential(lambda x: x**4, interval=(-5, 5)),
        np.array([1.0603620904841829, 3.7996730298014, 7.4556979379867, 11.6447455113778]),
        "two methods",
    ),
    Problem(
        "double_well_5",
        CustomPotential(lambda x: x**4 - 5.0 * x**2, interval=(-5, 5)),
        np.array([-3.4101427612398, -3.2506753622892, 0.6389195637838, 2.5812162706172]),
        "two methods",
    ),
    Problem(
        "double_well_10",
        CustomPotential(lambda x: x**4 - 10.0 * x**2, interval=(-6, 6)),
        np.array([-20.6335767029478, -20.6335468844049]),
        "two methods; the splitting is 2.98185e-5",
    ),
    Problem(
        "linear_field",
        CustomPotential(lambda x: 50.0 * x, interval=(-0.5, 0.5)),
        np.array([7.2504970251555, 40.177003160195, 89.309253309648]),
        "two methods",
    ),
)

PROBLEMS = (*WELLS, *SMOOTH)
