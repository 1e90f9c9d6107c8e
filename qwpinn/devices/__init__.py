"""Devices: layers of semiconductors in nm, meV and kV/cm, each with its mass.

You need this folder to change what a heterostructure is.

- `layer`: what is grown; `heterostructure`: layers in a field;
- `bands`: the equation of BenDaniel and Duke; `contacts`: what each layer is there for;
- `validity`: whether layers fit, and bind a state; `growth`: their sheet.
"""

from qwpinn.devices.bands import AtEnergy, Bands
from qwpinn.devices.heterostructure import Heterostructure
from qwpinn.devices.layer import Layer

__all__ = [
    "AtEnergy",
    "Bands",
    "Heterostructure",
    "Layer",
]
