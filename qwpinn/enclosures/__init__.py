"""Enclosures: intervals that hold the exact levels, from approximate wavefunctions.

You need this folder to prove a level, or to bound how wrong a wavefunction is.

- `enclosure`: Weinstein, Kato and Temple, Lehmann; `enclose`;
- `integrals`: of trial functions, with a guard on quadrature; `angles`: to the exact states.
"""

from qwpinn.enclosures.enclosure import (
    UNPROVEN,
    Enclosure,
    enclose,
    kato_temple,
    lehmann,
    weinstein,
)
from qwpinn.enclosures.integrals import NodeValues

__all__ = [
    "UNPROVEN",
    "Enclosure",
    "NodeValues",
    "enclose",
    "kato_temple",
    "lehmann",
    "weinstein",
]
