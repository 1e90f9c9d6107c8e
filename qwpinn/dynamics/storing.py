"""Stored evolutions: the model of the states, and the numbers, in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qwpinn.dynamics.evolution import Evolution
