"""Enclosures: intervals that hold the exact levels, from approximate wavefunctions.

You need this folder to prove a level, or to bound how wrong a wavefunction is.

- `theorems`: Weinstein, Kato and Temple, Lehmann; `enclosure`: `enclose`, `Enclosure`;
- `integrals`: of trial functions, with a guard on quadrature; `angles`: to the exact states;
- `resolvent`: (H - sigma)^-1, for sharper bounds of psi;
- `sums`: of a plane V1(x) + V2(y), from those of its parts.
"""

from qwpinn.enclosures.enclosure import UNPROVEN, Enclosure, enclose
from qwpinn.enclosures.integrals import NodeValues
from qwpinn.enclosures.theorems import kato_temple, lehmann, weinstein

__all__ = [
    "UNPROVEN",
    "Enclosure",
    "NodeValues",
    "enclose",
    "kato_temple",
    "lehmann",
    "weinstein",
]
