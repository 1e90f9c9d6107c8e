"""Problems with known levels: (id, potential, exact levels, source), lowest levels first.

Each level was computed by two methods that share nothing: a power series on panels, matched from
both walls, in 30-digit arithmetic (or a closed form), and one of `qwpinn.references`. They agree to
1e-14 of E - min V. `benchmarks/references_table.py` recomputes all by two of `qwpinn.references`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.potentials import (
    CustomPotential,
    DoubleWell,
    FiniteBarrier,
    FiniteWell,
    Gaussian,
    Harmonic,
    InfiniteWell,
    KronigPenney,
    Morse,
    PiecewiseConstant,
    PiecewisePolynomial,
    PoeschlTeller,
    Potential,
    Quartic,
    Sampled,
    Triangular,
    WoodsSaxon,
)

# The knots of a cubic table would cost Galerkin's method 1e-10: there they were its breakpoints.
GALERKIN = "power series in 30 digits; legendre_galerkin"
MATCHING = "power series in 30 digits; exact"


class Problem(NamedTuple):
    """One row of the table."""

    id: str
    potential: Potential
    levels: NDArray[np.float64]
    source: str


# GaAs in Al0.2Ga0.8As: hbar^2 / (2 m0) in meV A^2, the masses, and the step in meV.
KINETIC, WELL_MASS, BARRIER_MASS, OFFSET = 0.5e3 * 7.619964222, 0.067, 0.0836, 167.0985


def gaas_wells(widths: list[float]) -> PiecewiseConstant:
    """Barriers and wells in turn (meV, angstrom), in the coordinate x = integral mass dz."""
    masses = [WELL_MASS if i % 2 else BARRIER_MASS for i in range(len(widths))]
    edges = [0.0, *np.cumsum(np.multiply(widths, masses)).tolist()]
    values = [0.0 if i % 2 else OFFSET for i in range(len(widths))]
    return PiecewiseConstant(edges, values, [1.0 / (KINETIC * mass) for mass in masses])


def gaas_well(width: float, barrier: float = 400.0) -> PiecewiseConstant:
    """One well between two barriers."""
    return gaas_wells([barrier, width, barrier])


def gaas_well_in_field(width: float, barrier: float, field: float) -> PiecewisePolynomial:
    """The same with V - e F (z - centre), F in kV / cm."""
    well = gaas_well(width, barrier)
    z = np.array([-barrier - width / 2, -width / 2, width / 2, barrier + width / 2])
    v = -0.01 * field * z
    panels = [
        [value + (left + right) / 2, (right - left) / 2]
        for value, left, right in zip(well.values, v[:-1], v[1:], strict=True)
    ]
    weights = [[weight] for weight in well.weights or ()]
    return PiecewisePolynomial(well.edges, panels, weights, well.breakpoints)


def row(id: str, potential: Potential, source: str, *levels: float) -> Problem:
    """A problem whose levels need no brackets."""
    return Problem(id, potential, np.array(levels), source)


def table_of(function, left: float, right: float, samples: int, kind: str) -> Sampled:
    """Samples with three decimals, as one finds them in files."""
    x = np.linspace(left, right, samples)
    return Sampled(x.tolist(), np.round(function(x), 3).tolist(), kind)


WELLS = (
    row(
        "infinite_well",
        InfiniteWell(width=1.0),
        "n^2 pi^2",
        9.869604401089358,
        39.47841760435743,
        88.82643960980423,
        157.91367041742974,
        246.74011002723397,
    ),
    row(
        "finite_well",
        FiniteWell(depth=20.0, width=2.0, box=6.0),
        MATCHING,
        1.6394801885459707,
        6.4418814543604685,
        13.891781749825574,
        21.070587124076426,
        22.453833523682342,
    ),
    row(
        "finite_barrier",
        FiniteBarrier(height=50.0, width=0.2, box=1.0),
        MATCHING,
        25.059686290157973,
        41.633531429469555,
        106.0174389039070,
        165.0401164235023,
        258.0760007156557,
    ),
)

SMOOTH = (
    row(
        "harmonic",
        CustomPotential(lambda x: x**2, interval=(-8, 8)),
        "2 n + 1",
        *[1.0, 3.0, 5.0, 7.0, 9.0],
    ),
    row(
        "quartic",
        CustomPotential(lambda x: x**4, interval=(-5, 5)),
        GALERKIN,
        1.0603620904841828,
        3.799673029801394,
        7.455697937986739,
        11.644745511378161,
        16.261826018850225,
    ),
    row(
        "double_well_5",
        CustomPotential(lambda x: x**4 - 5.0 * x**2, interval=(-5, 5)),
        GALERKIN,
        -3.4101427612398294,
        -3.250675362289236,
        0.6389195637838381,
        2.5812162706174515,
        5.885293858777184,
    ),
    row(
        "double_well_10",  # the splitting is 2.98185e-5
        CustomPotential(lambda x: x**4 - 10.0 * x**2, interval=(-6, 6)),
        GALERKIN,
        *[-20.6335767029478, -20.63354688440491, -12.379543786013302, -12.37567372070561],
    ),
    row(
        "linear_field",
        CustomPotential(lambda x: 50.0 * x, interval=(-0.5, 0.5)),
        GALERKIN,
        7.250497025155535,
        40.17700316019523,
        89.30925330964757,
        158.2119795779028,
        246.9383953652037,
    ),
)

SEMICONDUCTOR = (  # meV
    row("gaas_60", gaas_well(60.0, 2000.0), MATCHING, 53.27619869130526, 166.52188361428597),
    row("gaas_100", gaas_well(100.0), MATCHING, 27.88466299347638, 106.5573701547629),
    row(
        "gaas_160",
        gaas_well(160.0, 500.0),
        MATCHING,
        *[13.820388920038148, 54.646805929833675, 118.97092591463262],
    ),
    row(
        "gaas_200",
        gaas_well(200.0, 600.0),
        MATCHING,
        *[9.629332286201759, 38.28213961287741, 84.89315276346395, 144.95976679771167],
    ),
    row(
        "gaas_double_60",
        gaas_wells([200.0, 60.0, 40.0, 60.0, 200.0]),
        MATCHING,
        *[49.13619453530657, 57.7150857347992],
    ),
    row("gaas_60_in_field", gaas_well_in_field(60.0, 200.0, 70.0), GALERKIN, 51.48685594360717),
)

# Of H = -1/2 d^2/dx^2 + V, so that V and the levels are twice those published.
PUBLISHED = (
    row(
        "eigenn_finite_well",
        FiniteWell(depth=80.0, width=1.0, box=12.0),
        MATCHING,
        *[6.55792059013306, 25.76751982871673, 55.56613192980949],
    ),
    row(
        "quantumnn_finite_well",
        FiniteWell(depth=40.0, width=3.4, box=12.0),
        MATCHING,
        *[0.7142880161652208, 2.852644142713357, 6.400471561867909, 11.329152860924236],
    ),
    row(
        "quantumnn_double_well",
        PiecewiseConstant([-6, -2, -0.125, 0.125, 2, 6], [40, 0, 40, 0, 40]),
        MATCHING,
        *[1.9065673539460575, 2.157515366268088, 7.584132976254264, 8.589113180503178],
    ),
)

LAYERED = (
    row(
        "deep_well",
        FiniteWell(depth=200.0, width=2.0, box=6.0),
        MATCHING,
        2.1517515934644136,
        8.600749126201656,
        19.327336001527605,
        34.295469913048606,
        53.446387338653466,
    ),
    row(
        "very_deep_well",
        FiniteWell(depth=1e4, width=2.0, box=6.0),
        MATCHING,
        2.418781619829105,
        9.675103296508963,
        21.768895406779794,
        38.7000416618195,
        60.4683787300588,
    ),
    row(
        "narrow_well_in_wide_box",
        FiniteWell(depth=50.0, width=1.0, box=40.0),
        MATCHING,
        *[5.942242741038227, 22.976754538104604, 46.497502356588924],
    ),
    row(
        "kronig_penney_5",
        KronigPenney(wells=5),
        MATCHING,
        4.885211467680973,
        5.182491428397596,
        5.605178803379557,
        6.04112214546565,
        6.359579439727884,
    ),
    row(
        "kronig_penney_9",
        KronigPenney(wells=9),
        MATCHING,
        4.815458591033432,
        4.9221840347850625,
        5.09268479868286,
        5.315253225923589,
        5.572433293809583,
    ),
    row(
        "thin_high_barriers",
        PiecewiseConstant([-1.0, -0.33, -0.32, 0.27, 0.28, 1.0], [0, 1e4, 0, 1e4, 0]),
        MATCHING,
        18.33481446915609,
        21.087853914967408,
        26.12169406051771,
        73.3807019321047,
        84.38985377023724,
    ),
    row(
        "near_pair",  # split by 2.8e-4
        PiecewiseConstant([-6, -1.5, -0.5, 0.5, 1.5, 6], [100, 0, 100, 0, 100]),
        MATCHING,
        6.827001666581465,
        6.827282287732434,
        26.949995796088952,
        26.952895232752283,
        58.885720352266155,
    ),
    row(
        "nearer_pair",  # split by 1.8e-8
        PiecewiseConstant([-6, -2, -1, 1, 2, 6], [100, 0, 100, 0, 100]),
        MATCHING,
        6.827141972858075,
        6.827141990890148,
        26.951445197012145,
        26.951445759957362,
        58.90458405482808,
    ),
    row(
        "staircase",
        PiecewiseConstant([0, 0.5, 1, 1.5, 2, 2.5, 3], [0, 10, 20, 30, 40, 50]),
        MATCHING,
        12.080006004802732,
        24.91572598956672,
        35.4563505012542,
        45.08292556583629,
        55.3276505493767,
    ),
    row(
        "seven_layers",
        PiecewiseConstant(
            [0.0, 0.13, 0.41, 0.52, 0.97, 1.08, 1.6, 2.0], [35, -60, 12, 80, -25, 140, -5]
        ),
        MATCHING,
        -18.937422397406312,
        36.506606325993594,
        66.7118655344199,
        78.32805942222076,
        131.1971891846144,
    ),
)

CURVED = (
    row(
        "harmonic_in_wide_box",
        CustomPotential(lambda x: x**2, interval=(-30, 30)),
        "2 n + 1",
        *[1.0, 3.0, 5.0, 7.0, 9.0],
    ),
    row("stiff_harmonic", Harmonic(omega=1e6), "1e6 (2 n + 1)", 1e6, 3e6, 5e6, 7e6, 9e6),
    row("morse", Morse(), "closed form; legendre_galerkin", 5.75, 15.75, 23.75),
    row("poeschl_teller_3", PoeschlTeller(), "closed form; legendre_galerkin", -9.0, -4.0, -1.0),
    row(
        "poeschl_teller_6",
        PoeschlTeller(strength=6.0),
        "closed form; legendre_galerkin",
        *[-36.0, -25.0, -16.0, -9.0, -4.0],
    ),
    row(
        "triangular",
        Triangular(),
        "Airy functions; legendre_galerkin",
        2.338107410459767,
        4.087949444131002,
        5.5205598281546395,
        6.786708114200341,
        7.944136805658772,
    ),
    row(
        "v_shape",
        CustomPotential(np.abs, interval=(-12, 12), breakpoints=(0.0,)),
        GALERKIN,
        1.018792971647471,
        2.338107410459767,
        3.248197582179837,
        4.087949444131002,
        4.820099211180369,
    ),
    row(
        "quartic_7",
        Quartic(coefficient=7.0),
        GALERKIN,
        2.028399707916911,
        7.268513023046328,
        14.262237074906635,
        22.275596804164095,
        31.107754080277974,
    ),
    row(
        "double_well_7",
        DoubleWell(quartic=1.0, quadratic=7.0),
        GALERKIN,
        -8.671105208704203,
        -8.662452224881445,
        -2.54370520944282,
        -2.1119993822183942,
        1.67394887427165,
    ),
    row(
        "asymmetric_double_well",
        CustomPotential(lambda x: x**4 - 6.0 * x**2 + 0.5 * x, interval=(-5, 5)),
        GALERKIN,
        -6.525425914919071,
        -4.945088584566191,
        -0.962175200976502,
        0.5573686901466973,
        3.654334383243396,
    ),
    row(
        "woods_saxon",
        WoodsSaxon(),
        GALERKIN,
        -19.027121654551188,
        -16.691724053116488,
        -13.608252091448064,
        -10.08545682125989,
        -6.416858636187378,
    ),
    row(
        "gaussian",
        Gaussian(),
        GALERKIN,
        -17.026230533752553,
        -11.485225114280398,
        -6.804029598485776,
        -3.107039388863874,
        -0.6336707577189112,
    ),
)

TABLES = (
    row(
        "cubic_table",
        table_of(
            lambda x: 20.0 * (1.0 - np.exp(-(x**2) / 2.0)) + np.sin(2.0 * x), -5, 5, 21, "cubic"
        ),
        GALERKIN,
        2.9160092764304286,
        8.51418322500056,
        13.214640353171298,
        16.852681755278784,
        19.304805727901726,
    ),
    row(
        "linear_table",
        table_of(lambda x: x**2 + 3.0 * np.cos(3.0 * x), -4, 4, 21, "linear"),
        GALERKIN,
        0.8352316793229454,
        1.8255617805928663,
        5.627333259164783,
        7.696491812032207,
        9.020935029721299,
    ),
)

# Those with a reference to round-off, for tests of the references themselves.
PROBLEMS = (*WELLS, *SMOOTH)
ALL = (*PROBLEMS, *SEMICONDUCTOR, *PUBLISHED, *LAYERED, *CURVED, *TABLES)
