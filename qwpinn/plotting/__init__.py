"""Figures: states at their levels, sweeps, transmission, training, families of wells.

You need this folder to draw what was found; each function returns a figure of its own, which is
none of ``pyplot``'s.

- `style`: colours, labels with units, the points that curves are drawn through;
- `diagram`: the diagram of levels; `wells`: states, fans, transmission; `plane`: maps;
- `moving`: a wave over position and time; `frames`, `films`: in motion, in files;
- `training`: convergence, shrinking enclosures, the residual; `families`: energy surfaces.
"""

from qwpinn.plotting.diagram import levels
from qwpinn.plotting.families import members, surfaces
from qwpinn.plotting.style import COLOURS, colour, energy_label, grid, position_label, psi_label
from qwpinn.plotting.training import convergence, enclosures, residual
from qwpinn.plotting.wells import columns, difference, fan, states, transmission
from qwpinn.sheets.screen import png, with_unit

__all__ = [
    "COLOURS",
    "colour",
    "columns",
    "convergence",
    "difference",
    "enclosures",
    "energy_label",
    "fan",
    "grid",
    "levels",
    "members",
    "png",
    "position_label",
    "psi_label",
    "residual",
    "states",
    "surfaces",
    "transmission",
    "with_unit",
]
