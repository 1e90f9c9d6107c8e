"""The clock: hbar in the units of a potential, and with it what times are in."""

from scipy import constants

from qwpinn.equation.potential import Potential
from qwpinn.units.quantities import ENERGIES


def hbar(potential: Potential) -> float:
    """Hbar in the potential's unit of energy times that of time.

    It is 1 where units have no names, and in bohr and hartree, whose time is the atomic one, 0.0242
    fs; else times are in fs.

    Example:
        >>> from qwpinn.potentials import Harmonic
        >>> hbar(Harmonic()), hbar(Harmonic().in_units("hartree"))
        (1.0, 1.0)
        >>> round(hbar(Harmonic().in_units("nm", "eV")), 9)
        0.658211957
    """
    energy = potential.energy_unit
    if not energy or (potential.length_unit, energy) == ("bohr", "hartree"):
        return 1.0
    joules = ENERGIES[energy] * 1e-3 * constants.e
    return float(constants.hbar / joules * 1e15)
