"""The evolution: psi at some times, as a sum of a well's states, and how wrong it can be."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.dynamics import animation, periods, storing, summary
from qwpinn.dynamics.doubts import Doubts
from qwpinn.dynamics.times import check_times
from qwpinn.inputs import check, limits
from qwpinn.observables import Function
from qwpinn.plotting import moving
from qwpinn.progress.bars import Verbose
from qwpinn.sheets.screen import Pictured, Sheet
from qwpinn.solving.solution import Solution

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from qwpinn.equation.potential import Potential

# What has a mean by its name.
MEANS = ("x", "x^2", "p", "p^2", "T", "V")

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


class Driven(NamedTuple):
    """What drove it.

    Attributes:
        coupling: W between the states, ``(K, K)``.
        strengths: f at the times, ``(T,)``.
    """

    coupling: Array
    strengths: Array


class Absorbed(NamedTuple):
    """What ends that absorb have taken, as shares of the norm squared of psi0.

    Attributes:
        taken: By the left and the right end, up to each time, ``(T, 2)``.
        returned: What they have sent back up to the last time, told from what arrives by its
            direction at each energy, ``(2,)``.
    """

    taken: Array
    returned: Array


@dataclass(frozen=True, repr=False, eq=False)
class Evolution(Pictured):
    r"""psi(x, t) = sum_k c_k(t) psi_k(x), from `qwpinn.evolve`.

    psi keeps the size that psi0 had. Probabilities, currents and correlations are those of a psi0
    of norm 1, expectation values of a psi of norm 1 at each time.

    Attributes:
        solution: The states psi_k with their energies.
        times: ``(T,)``, in units of hbar over energy, or those of ``potential.time_unit``.
        initial: c(0), of a psi0 of norm 1, ``(K,)``.
        coefficients: c at the times, ``(T, K)``.
        size: The norm of psi0, (integral rho |psi0|^2 dx)^(1/2).
        errors: Upper bounds of the error at the times (`error`), ``(T,)``.
        tol: The error that was asked for.
        doubts: What they were made of.
        driven: What drove it; None for a well at rest.
        absorbed: What its ends have absorbed; None for walls.
        seconds: Wall time of all of it.
    """

    solution: Solution
    times: Array
    initial: Complex
    coefficients: Complex
    size: float
    errors: Array
    tol: float
    doubts: Doubts
    driven: Driven | None = None
    absorbed: Absorbed | None = None
    seconds: float = 0.0

    def __repr__(self) -> str:
        well = f"{self.potential!r:.80}"
        return f"Evolution({well}, states={self.energies.size}, times={self.times.size})"

    @property
    def potential(self) -> Potential:
        """The well."""
        return self.solution.potential

    @property
    def energies(self) -> Array:
        """Of the states, ``(K,)``."""
        return self.solution.energies

    def __call__(self, x: ArrayLike) -> Complex:
        """Psi at positions and all times, complex, ``(T, n)``.

        Args:
            x: Between the walls, ``(n,)``.

        Raises:
            ValueError: If there are too many positions for so many times.
        """
        return self.size * self._summed(x, self.solution.wavefunctions)

    def density(self, x: ArrayLike) -> Array:
        """The probability density rho |psi|^2, over a psi0 of norm 1, ``(T, n)``."""
        psi = self._summed(x, self.solution.wavefunctions)
        return np.asarray(self.potential.weight(np.ravel(x)) * np.abs(psi) ** 2)

    def current(self, x: ArrayLike) -> Array:
        r"""The probability that passes x from left to right in a unit of time, ``(T, n)``.

        .. math:: j = \frac{2}{\hbar} \mathrm{Im}\left(\psi^* \frac{\hbar^2}{2m} \psi'\right)
        """
        psi = self._summed(x, self.solution.wavefunctions)
        flux = self._summed(x, self.solution.fluxes)
        return np.asarray(2.0 / self.potential.hbar * np.imag(psi.conj() * flux))

    def _summed(self, x: ArrayLike, functions: Callable[[ArrayLike], Array]) -> Complex:
        positions = check.points(np.ravel(x), self.potential.interval)
        cure = "Ask for fewer positions, or in parts."
        numbers = positions.size * self.times.size
        limits.at_most("x", numbers, limits.EVOLVED, "values in all", cure)
        return np.asarray(self.coefficients @ functions(positions).T)

    def error(self, t: ArrayLike | None = None) -> Array:
        """An upper bound of ||psi(t) - exact|| / ||psi0||, in the norm with weight rho.

        See `qwpinn.dynamics.doubts`. Infinite if an end absorbs: then nothing is claimed.

        Args:
            t: Times from 0 on. Of a driven well up to the last, and those between two times have
                the bound of the later one. Defaults to None: the `times`.

        Returns:
            In the shape of ``t``.

        Raises:
            ValueError: If a time is negative, or after the last of a driven well.
        """
        if t is None:
            return self.errors
        at = check.real_array("t", t)
        last = np.inf if self._free else self.times[-1]
        if at.size and (np.min(at) < 0.0 or np.max(at) > last):
            cure = "Count them from psi0 on" if self._free else "Ask qwpinn.evolve for later ones"
            raise ValueError(
                f"`t` must be from 0 to {last:g}. Received: {np.min(at):g} to {np.max(at):g}. "
                f"{cure}."
            )
        if self._free:
            found = self.doubts.at_rest(self.initial, np.ravel(at)).reshape(at.shape)
            return np.asarray(found)[()]
        return self.errors[np.searchsorted(self.times, at)]

    @property
    def _free(self) -> bool:
        """Whether the states do not mix: then c is known at any time."""
        return self.driven is None and self.absorbed is None

    def at(self, times: ArrayLike) -> Evolution:
        """The same psi0 at other times; of a well that is neither driven nor absorbs.

        Args:
            times: Increasing, from 0 on.

        Raises:
            ValueError: If the states mix in between, or the times do not increase.
        """
        if not self._free:
            raise ValueError(
                "`times` must be those that were asked for where the states mix on the way. "
                "Received: a well that is driven or absorbs. Call qwpinn.evolve anew."
            )
        t = check_times(times)
        moved, errors = self.doubts.moved(self.initial, t), self.doubts.at_rest(self.initial, t)
        return dataclasses.replace(self, times=t, coefficients=moved, errors=errors)

    @property
    def converged(self) -> bool:
        """Whether the error is within the tolerance up to the last time."""
        return bool(np.all(self.errors <= self.tol))

    @property
    def norm(self) -> Array:
        """||psi(t)|| / ||psi0||, ``(T,)``: 1 but for the tail, or what was absorbed."""
        return np.asarray(np.linalg.norm(self.coefficients, axis=1))

    @property
    def populations(self) -> Array:
        """|c_k|^2, the probability of each state, ``(T, K)``."""
        return np.asarray(np.abs(self.coefficients) ** 2)

    @property
    def energy(self) -> Array:
        """<H + f(t) W> at each time, ``(T,)``."""
        shares = self.populations / np.sum(self.populations, axis=1, keepdims=True)
        found = shares @ self.energies
        if self.driven is None:
            return np.asarray(found)
        return np.asarray(found + self.driven.strengths * self._mean(self.driven.coupling))

    def expectation(self, f: str | Function) -> Array:
        """<f> at each time, ``(T,)``.

        Args:
            f: ``"x"``, ``"x^2"``, ``"V"``, ``"T"``; ``"p"`` and ``"p^2"`` over hbar and its
                square; or a function of x, as for `Solution.expectation`.
        """
        if isinstance(f, str) and f not in (*MEANS, self.potential.symbol):
            raise ValueError(
                f"`f` must be {', '.join(map(repr, MEANS))} or a function. Received: f={f!r:.40}. "
                "For another power give e.g. f=lambda x: x**4."
            )
        if f == "p":
            turned = self.solution.observables.turned(self.solution.slopes)
            return self._mean(np.asarray(-1j * turned, np.complex128))
        return self._mean(self.solution.observables.elements(f))

    @property
    def spread(self) -> Array:
        """The standard deviation of the position at each time, ``(T,)``."""
        mean = self.expectation("x")
        away = self.expectation("x^2") - mean**2
        return np.asarray(np.sqrt(np.maximum(away, 0.0)))

    def probability(self, left: float, right: float) -> Array:
        """Of being between two positions at each time, ``(T,)``.

        Args:
            left: The region's left end, not outside the walls.
            right: Its right end.
        """
        inside = self.solution.observables.within(left, right)
        return self._quadratic(inside)

    def transmitted(self, beyond: float) -> Array:
        """The probability beyond a position, and what the right end has absorbed, ``(T,)``.

        Args:
            beyond: Where the barrier ends; a packet that comes from the left is meant.
        """
        found = self.probability(beyond, self.potential.interval[1])
        return found if self.absorbed is None else found + self.absorbed.taken[:, 1]

    def reflected(self, before: float) -> Array:
        """The probability before a position, and what the left end has absorbed, ``(T,)``."""
        found = self.probability(self.potential.interval[0], before)
        return found if self.absorbed is None else found + self.absorbed.taken[:, 0]

    @cached_property
    def autocorrelation(self) -> Complex:
        """<psi0, psi(t)> over the norm of psi0 squared, complex, ``(T,)``."""
        return np.asarray(self.coefficients @ self.initial.conj())

    def _quadratic(self, matrix: Array | Complex) -> Array:
        return np.asarray(
            np.real(np.sum((self.coefficients.conj() @ matrix) * self.coefficients, axis=1))
        )

    def _mean(self, matrix: Array | Complex) -> Array:
        return self._quadratic(matrix) / self.norm**2

    def sheet(self) -> Sheet:
        """A few of the times with norm, energy and mean position, and what is not as asked."""
        return summary.sheet(self)

    def plot(self) -> Figure:
        """|psi|^2 over position and time, a map; `animate` lets it move."""
        return moving.space_time(animation.thinned(self))

    def animate(self, path: str | Path, frames: int = 200, verbose: Verbose = 0) -> Path:
        """Write |psi|^2 in motion, with its phase as colour, V and a clock.

        Args:
            path: Ends in .gif, .mp4 (which needs ffmpeg) or .html (a page that needs nothing else).
            frames: How many, evenly in time; of a driven well those of the times that are next.
                Defaults to 200.
            verbose: Whether to show a bar, as in Keras. Defaults to 0: silence.

        Returns:
            The path.

        Raises:
            ValueError: If the path has another ending, there is no ffmpeg, or there are too many
                frames.
            OSError: If it cannot be written.
        """
        return animation.write(self, path, frames, verbose)

    def save(self, path: str | Path) -> None:
        """Write a folder that `qwpinn.load` makes an evolution of.

        Raises:
            ValueError: If there is something else.
            OSError: If it cannot be written.
        """
        storing.write(self, path)

    def beat_period(self, i: int = 0, j: int = 1) -> float:
        """2 pi hbar / abs(E_j - E_i): after it two states are in phase again."""
        return periods.beat(self.energies, i, j, self.potential.hbar)

    @property
    def classical_period(self) -> float:
        """2 pi hbar / E'(n), of the number n that psi0 has in the mean: one round trip."""
        return periods.classical(self.energies, self._mean_number, self.potential.hbar)

    @property
    def revival_period(self) -> float:
        """4 pi hbar / abs(E''(n)): a packet that has spread is one again; infinite if E'' is 0."""
        return periods.revival(self.energies, self._mean_number, self.potential.hbar)

    @property
    def _mean_number(self) -> float:
        shares = np.abs(self.initial) ** 2
        return float(np.arange(shares.size) @ shares / np.sum(shares))
