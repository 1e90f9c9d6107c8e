"""Classical solvers on the bench, called as one calls them; `clock.py` runs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The clock starts when all is loaded.
import scipy.interpolate
import scipy.linalg
import scipy.optimize  # noqa: F401

from qwpinn import references
from qwpinn.bench.clock import Clock
from qwpinn.potentials.config import potential_from_config

# Nodes of the coarsest grid, which is halved twice: order 6 of E, 2 of psi.
POINTS, HALVINGS = 4001, 2


def solve(job: Mapping[str, Any], clock: Clock) -> None:
    """Solve once."""
    clock.start()
    well = potential_from_config(job["well"])
    if job["technique"] == "finite-differences":
        found = references.finite_differences(well, 1, POINTS, HALVINGS)
    else:
        found = references.legendre_galerkin(well, 1)
    clock.end(1, lambda x: (float(found.energies[0]), found.wavefunctions(x)[:, 0]))
