"""Observables: what a measurement finds in the states of a well, from psi and psi' as functions.

All integrals are Gauss-Legendre sums on panels that are dense where the states are, and that end at
every breakpoint and at the ends of the region asked about; each state is divided by its own norm.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.layers import subdivided
from qwpinn.equation.mesh import own_panels
from qwpinn.equation.potential import Potential, values
from qwpinn.inputs import check, formulas
from qwpinn.quadrature import Quadrature, gauss_legendre, joined, panels

Array = NDArray[np.float64]
Wavefunctions = Callable[[ArrayLike], Array]
Function = Callable[[Array], ArrayLike]

ORDER = 15


@dataclass(frozen=True)
class Observables:
    """Expectation values, dipoles, nodes and probabilities of K states.

    Args:
        potential: The well, from which V, rho, the walls and the breakpoints come.
        wavefunctions: Takes positions of shape (n,), returns psi of shape (n, K): that of a
            `Spectrum` or of a `Solution`. The states should be orthogonal for `dipoles`.
        slopes: Takes the same, returns psi' of shape (n, K). Defaults to None; only "p^2" needs it.
        visible: The smallest lobe that counts as one, as in `count_nodes`. Defaults to 1e-6.
        companion: A second component of each state, e.g. that of the valence band, which takes and
            returns the same as `wavefunctions` and counts in every density. Defaults to None.

    Example:
        >>> from qwpinn.potentials import InfiniteWell
        >>> from qwpinn.references import exact
        >>> well = InfiniteWell(width=1.0)
        >>> box = Observables(well, exact(well, states=2).wavefunctions)
        >>> box.expectation("x^2").round(8)  # 1/3 - 1 / (2 n^2 pi^2)
        array([0.28267274, 0.32066819])
    """

    potential: Potential
    wavefunctions: Wavefunctions
    slopes: Wavefunctions | None = None
    visible: ArrayLike = 1e-6
    companion: Wavefunctions | None = None

    def expectation(self, f: str | Function) -> Array:
        r"""<f> = \int rho f psi_k^2 dx / \int rho psi_k^2 dx, shape ``(K,)``.

        "T" is the kinetic energy (hbar^2/2m) \int psi_k'^2 dx / \int rho psi_k^2 dx: the mean of
        -(hbar^2/2m) (1 / rho) d^2 / dx^2, so that E_k = <T> + <V> whatever rho. "p^2" is the same
        without hbar^2/2m, which is 1 unless a potential has units. For rho = 1 it is the square of
        the momentum in units of hbar; for a mass that varies it is p (1 / mass) p, and not the
        square of a momentum.

        Args:
            f: "x", "x^2", "p^2", "T", "V", or a function that takes positions of shape (n,) and
                returns real numbers of that shape, or one. It should be smooth between the
                breakpoints; for where the particle is, see `probability`.

        Raises:
            TypeError: If the function is not callable or returns no real numbers.
            ValueError: If the name is unknown, there are no slopes for "p^2", or the function
                returns another shape or numbers that are not finite.

        Reference:
            D. J. Griffiths, Introduction to Quantum Mechanics, section 3.4,
            doi:10.1017/9781316995433
        """
        if isinstance(f, str) and f in ("p^2", "T"):
            return np.diagonal(self.elements(f))
        f_values = self._function_values(f, self._rule.nodes)
        return np.asarray((self._measure * f_values) @ self._density / self.norms)

    @cached_property
    def dipoles(self) -> Array:
        r"""x_ij = \int rho psi_i x psi_j dx, symmetric, shape ``(K, K)``, a length.

        On the diagonal <x>; beside it the amplitudes of light absorbed or emitted, of which only
        the squares do not depend on the signs of psi.

        Reference:
            D. J. Griffiths, Introduction to Quantum Mechanics, section 11.2,
            doi:10.1017/9781316995433
        """
        return self.elements("x")

    def elements(self, f: str | Function) -> Array:
        r"""<psi_i| f |psi_j>, symmetric, ``(K, K)``; on the diagonal `expectation`.

        Args:
            f: As for `expectation`.

        Raises:
            TypeError: See `expectation`.
            ValueError: See `expectation`.
        """
        if isinstance(f, str) and f in ("p^2", "T"):
            factor = self.potential.kinetic if f == "T" else 1.0
            return factor * self._products(self._rule.weights, [self._slopes(self._rule.nodes)] * 2)
        values = self._measure * self._function_values(f, self._rule.nodes)
        return np.asarray(sum(self._products(values, [part, part]) for part in self._parts))

    def turned(self, slopes: Wavefunctions) -> Array:
        r"""(1/2) \int rho (psi_i psi_j' - psi_i' psi_j) dx, ``(K, K)``: times -i hbar, momentum.

        Args:
            slopes: Takes positions of shape (n,), returns psi' of shape (n, K).
        """
        found = self._products(self._measure, [self._psi, slopes(self._rule.nodes)])
        return 0.5 * (found - found.T)

    def within(self, left: float, right: float) -> Array:
        r"""\int_left^right rho psi_i psi_j dx, symmetric, ``(K, K)``.

        Args:
            left: As for `probability`.
            right: As for `probability`.

        Raises:
            TypeError: See `probability`.
            ValueError: See `probability`.
        """
        rule = self._between(left, right)
        measure = rule.weights * self.potential.weight(rule.nodes)
        parts = self._components(rule.nodes)
        return np.asarray(sum(self._products(measure, [part, part]) for part in parts))

    def _products(self, measure: Array, sides: Sequence[Array]) -> Array:
        """Integrals of products of two functions a state, ``(K, K)``, divided by the norms."""
        left, right = (side / np.sqrt(self.norms) for side in sides)
        found = left.T @ (measure[:, None] * right)
        return np.asarray(0.5 * (found + found.T) if sides[0] is sides[1] else found)

    @cached_property
    def node_counts(self) -> NDArray[np.intp]:
        """How often each psi_k changes its sign inside the well, as `count_nodes` has it."""
        return count_nodes(self._psi, self.visible)

    def probability(self, left: float, right: float) -> Array:
        r"""\int_left^right rho psi_k^2 dx / \int rho psi_k^2 dx, shape ``(K,)``.

        Args:
            left: The region's left end, not outside the interval.
            right: Its right end, above `left`.

        Raises:
            TypeError: If an end is no real number.
            ValueError: If the ends do not increase, or one is outside the interval.
        """
        return np.asarray(np.diagonal(self.within(left, right)))

    def _between(self, left: float, right: float) -> Quadrature:
        """The rule of a region, refused if that is none."""
        ends = np.array([check.finite("left", left), check.finite("right", right)])
        a, b = self.potential.interval
        start, stop = np.clip(ends, a, b)
        if start >= stop or np.max(np.abs(ends - [start, stop])) > 1e-12 * (b - a):
            raise ValueError(
                f"`left` and `right` must increase inside [{a}, {b}]. Received: left={left}, "
                f"right={right}. Give the ends of a region between the walls."
            )
        edges = self._edges
        inside = edges[(edges > start) & (edges < stop)]
        return gauss_legendre(np.array([start, *inside, stop]), ORDER)

    def distance(self, reference: Wavefunctions) -> Array:
        r"""(\int rho (psi_k - reference_k)^2 dx)^(1/2), signs matched, shape ``(K,)``.

        Args:
            reference: Takes and returns the same as `wavefunctions`.
        """
        measure, other = self._measure[:, None], reference(self._rule.nodes)
        sign = np.where(np.sum(measure * self._psi * other, axis=0) < 0.0, -1.0, 1.0)
        return np.asarray(np.sqrt(np.sum(measure * (self._psi - sign * other) ** 2, axis=0)))

    @cached_property
    def _edges(self) -> Array:
        """The ends of the panels."""
        wall = np.array([self.potential.interval[0]])
        return _graded_edges(self.potential, self.wavefunctions(wall).shape[1])

    @cached_property
    def _rule(self) -> Quadrature:
        return gauss_legendre(self._edges, ORDER)

    @cached_property
    def _measure(self) -> Array:
        """The measure rho dx at the nodes."""
        return np.asarray(self._rule.weights * self.potential.weight(self._rule.nodes))

    @cached_property
    def _parts(self) -> list[Array]:
        """All components at the nodes."""
        return self._components(self._rule.nodes)

    @property
    def _psi(self) -> Array:
        return self._parts[0]

    @cached_property
    def _density(self) -> Array:
        return np.asarray(sum(np.square(part) for part in self._parts))

    @cached_property
    def norms(self) -> Array:
        """The integral of rho psi_k^2, of all components, by which means are divided: ``(K,)``."""
        return np.asarray(self._measure @ self._density)

    def _components(self, x: Array) -> list[Array]:
        """Psi at x, and its companion if there is one, each ``(n, K)``."""
        given = [self.wavefunctions, *([self.companion] if self.companion else [])]
        return [component(x) for component in given]

    def _slopes(self, x: Array) -> Array:
        if self.slopes is None:
            raise ValueError(
                "`f` must not be 'p^2' or 'T' where psi' is unknown. Received: slopes=None. "
                "Give slopes, or take energies - expectation('V')."
            )
        return self.slopes(x)

    def _function_values(self, f: str | Function, x: Array) -> Array:
        """f(x), refused if it is not one finite real number a position."""
        if isinstance(f, str):
            named: dict[str, Function] = {
                "x": lambda x: x,
                "x^2": np.square,
                "V": lambda x: values(self.potential, x),
            }
            named[self.potential.symbol] = named["x"]
            if f not in named:
                raise ValueError(
                    "`f` must be 'x', 'x^2', 'p^2', 'T', 'V' or a function. "
                    f"Received: f={f!r}. For another power give e.g. f=lambda x: x**4."
                )
            f = named[f]
        if not callable(f):
            raise TypeError(
                f"`f` must be a name or callable. Received: f of type {type(f).__name__}. "
                "Give a function of x, e.g. f=lambda x: x**4."
            )
        return formulas.finite("f", "f", formulas.evaluated("f(x)", f, x), x)


def count_nodes(psi: Array, visible: ArrayLike = 1e-6) -> NDArray[np.intp]:
    """The sign changes of each column from one visible lobe to the next, shape (K,).

    A lobe is visible if it rises above `visible` times the largest |psi| of its state. The default
    lies half-way, by magnitude, between tunnelling tails of 1e-3, which belong to the state, and
    noise of 1e-9, which does not. So a node with nothing visible beyond is missed (state k always
    has k nodes), and rougher tails than 1e-6 are counted: then raise `visible`. From an energy, the
    number of levels below it is `qwpinn.references.count_below`, which needs no psi at all.

    Args:
        psi: Wavefunctions on increasing positions that resolve every lobe, shape (n, K).
        visible: The part of the largest |psi| from which on a lobe counts, one number or one a
            state. Defaults to 1e-6.

    Raises:
        TypeError: If an argument does not hold real numbers.
        ValueError: If `psi` has another shape, or `visible` is not between 0 and 1.

    Example:
        >>> x = np.linspace(0.0, 1.0, 101)[:, None]
        >>> count_nodes(np.sin(np.pi * x * [1, 2, 3]) + 1e-9 * np.cos(300.0 * x))
        array([0, 1, 2])

    Reference:
        R. Courant, D. Hilbert, Methods of Mathematical Physics, volume 1, section VI.6,
        ISBN 978-0-471-50447-4
    """
    columns = check.real_array("psi", psi)
    if columns.ndim != 2 or columns.shape[0] == 0:
        raise ValueError(
            f"`psi` must have shape (n, K), n >= 1. Received: shape={columns.shape}. "
            "Give one column a state, e.g. psi[:, None]."
        )
    parts = check.real_array("visible", visible)
    if not np.all((parts >= 0.0) & (parts < 1.0)):
        raise ValueError(
            f"`visible` must be a part of the largest |psi|. Received: visible={visible!r}. "
            "Give a number from 0 to below 1, e.g. visible=1e-6."
        )
    shown = np.abs(columns) > parts * np.max(np.abs(columns), axis=0)
    counts = [
        np.count_nonzero(np.diff(np.sign(column[seen])))
        for column, seen in zip(columns.T, shown.T, strict=True)
    ]
    return np.array(counts, dtype=np.intp)


def splitting(energies: ArrayLike, i: int = 0, j: int = 1) -> float:
    """E_j - E_i, e.g. of a pair of states that tunnel between two wells.

    A particle put into one of the two wells is in the other after the time pi / (E_1 - E_0), in
    units of hbar. The difference has the absolute error of the energies: a splitting below 1e-15 of
    them is round-off.

    Args:
        energies: Shape (K,).
        i: The state to count from, 0 for the lowest. Defaults to 0.
        j: The other state. Defaults to 1.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If there is no state of that number.

    Example:
        >>> print(round(splitting([25.06, 41.63, 106.02]), 9))
        16.57

    Reference:
        C. Cohen-Tannoudji, B. Diu, F. Laloe, Quantum Mechanics, volume 1, complement G_IV,
        ISBN 978-3-527-34553-3
    """
    levels = np.ravel(check.real_array("energies", energies))
    for name, state in (("i", i), ("j", j)):
        if check.integer(name, state, minimum=0) >= levels.size:
            raise ValueError(
                f"`{name}` must be below the number of states, {levels.size}. Received: "
                f"{name}={state}. Count from 0, or solve for more states."
            )
    return float(levels[j] - levels[i])


def _graded_edges(potential: Potential, states: int) -> Array:
    """About 80 even panels, at least four a stretch, finer ones towards its ends and at the states.

    Beside a high step psi dies within a small part of a panel, and <V> is all in that part: cut to
    a quarter eight times, the panels resolve tails of 1e-6 of the stretch. Some 120 panels more are
    graded for the K lowest states (`equation.mesh`), which may fill a small part of a wide box.
    """
    edges = subdivided(panels(potential, 20), 4)
    quarters = 0.25 ** np.arange(1, 9)
    for left, right in itertools.pairwise(potential.smooth_pieces):
        first, last = edges[edges > left][0] - left, right - edges[edges < right][-1]
        edges = np.union1d(edges, [*(left + first * quarters), *(right - last * quarters)])
    more = own_panels(potential, states, 120)
    return joined(edges, more)
