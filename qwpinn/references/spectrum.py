"""The spectrum: the lowest levels and their wavefunctions, as every classical solver returns."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation import kinds
from qwpinn.equation.potential import Potential
from qwpinn.equation.self_consistency import self_consistent
from qwpinn.inputs import check

Array = NDArray[np.float64]
Wavefunctions = Callable[[ArrayLike], Array]


@dataclass(frozen=True)
class Spectrum:
    """The lowest levels of a potential.

    Attributes:
        energies: Increasing, shape (K,).
        wavefunctions: Takes positions of shape (n,) or (n, 1), returns psi of shape (n, K), with
            integral rho psi_i psi_j dx = delta_ij and the first lobe from the left positive. A lobe
            counts from 1e-3 of the largest on.
    """

    energies: Array
    wavefunctions: Wavefunctions

    @property
    def box_states(self) -> NDArray[np.bool_]:
        """Which of them figures call states of the box: none, for nothing is known of that."""
        return np.zeros(self.energies.shape, np.bool_)


Solver = Callable[..., Spectrum]


def for_any_form(solver: Solver) -> Solver:
    """Lets a solver of -psi'' + rho (V - E) psi = 0 take a potential of any form.

    It sees the `normal_form` only; wavefunctions come back in the potential's own coordinate. Where
    the mass depends on the energy, level k is the root of lambda_k(E) = E, with lambda_k(E) level k
    of the mass at energy E: it decreases, so that there is just one root.
    """

    @wraps(solver)
    def solve(potential: Potential, states: int, *args: object, **kwargs: object) -> Spectrum:
        if not kinds.potential(potential).energy_dependent:
            found = solver(potential.normal_form, states, *args, **kwargs)
            return _in_own_coordinate(potential, found)

        def level(k: int) -> Spectrum:
            """The k + 1 lowest levels of the mass at the energy of the last of them."""

            def seen_by(seen: Potential) -> tuple[float, Spectrum]:
                found = solver(seen.normal_form, k + 1, *args, **kwargs)
                return float(found.energies[k]), _in_own_coordinate(seen, found)

            return self_consistent(seen_by, potential, potential.least_energy)

        each = [level(k) for k in range(check.integer("states", states))]
        return Spectrum(
            np.array([spectrum.energies[k] for k, spectrum in enumerate(each)]),
            lambda x: np.stack([s.wavefunctions(x)[:, k] for k, s in enumerate(each)], axis=1),
        )

    return solve


def _in_own_coordinate(potential: Potential, found: Spectrum) -> Spectrum:
    """Wavefunctions of the potential's own positions."""
    if potential.normal_form is potential:
        return found
    return Spectrum(
        found.energies,
        lambda x: (
            potential.amplitude
            * found.wavefunctions(potential.to_normal(check.points(x, potential.interval)))
        ),
    )


def check_room(states: int, room: int, argument: str, what: str) -> None:
    """Refuses more states than the discretisation has unknowns."""
    if states > room:
        raise ValueError(
            f"`states` must not exceed the {room} {what}. Received: states={states}. "
            f"Give more `{argument}`, or ask for fewer states."
        )
