"""Units: nm, meV, kV/cm and others, and hbar^2/2m in them.

You need this folder to add a unit, or to give a potential's fields their dimensions.

- `quantities`: sizes and spellings; `systems`: `Units`, those of an equation;
- `dimensional`: what a potential knows of units.
"""
