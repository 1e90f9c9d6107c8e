"""Propagation: psi(x, t) from psi(x, 0), by an implicit scheme and by a split one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.potential import Potential, values
from qwpinn.inputs import check, limits
from qwpinn.quadrature import panels
from qwpinn.references.differences import gathered, one_sided
from qwpinn.references.waves import (
    Drive,
    Driving,
    Propagated,
    Start,
    linear,
    moments,
    recorded,
    start,
)

Array = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]


def crank_nicolson(
    potential: Potential,
    psi0: Start,
    times: ArrayLike,
    points: int = 2001,
    steps: int = 2000,
    drive: Drive | None = None,
) -> Propagated:
    r"""A wave between walls, by three-point differences and the implicit midpoint: order 2 in both.

    .. math:: i \hbar \, \partial_t \psi = H \psi + f(t) W(x) \psi, \quad
              H = -\frac{1}{\rho} \frac{d^2}{dx^2} + V

    is integrated over the cell of each node, as in `finite_differences`: i hbar M psi' = A psi,
    with M of the cells' rho and a symmetric, tridiagonal A. A step of dt is

    .. math:: \left( M + \frac{i \, dt}{2 \hbar} A \right) \psi(t + dt)
              = \left( M - \frac{i \, dt}{2 \hbar} A \right) \psi(t), \quad
              A \text{ at } t + dt / 2,

    which conserves the norm whatever dt. Nodes are even between breakpoints, which are nodes: V, W
    and rho may jump there, and each half of a cell has the value of its side. What has an energy E
    turns by E dt / hbar a step, and by a (E dt / hbar)^2 / 12 of that too slowly.

    Args:
        potential: Any, whose masses do not depend on the energy. Waves are turned back at its
            walls, at ends where it goes on beyond too.
        psi0: Psi at t = 0: takes positions of shape (n,), returns real or complex numbers of this
            shape. At the walls it is taken as 0.
        times: When psi is asked, increasing, from 0 on: hbar = 1 where units have no names, atomic
            times in bohr and hartree, else fs.
        points: Nodes, about, walls included, at most 20,000. Defaults to 2001.
        steps: From 0 to the last of `times`, at least. Defaults to 2000.
        drive: W(x), an energy, of arrays as `psi0`, and f(t), a number at one time. Defaults to
            None.

    Returns:
        Psi on the nodes; between them, cubic splines.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a number is not allowed, times do not increase, or a mass depends on E.

    Example:
        >>> from qwpinn.potentials import InfiniteWell
        >>> box = InfiniteWell(width=1.0)  # E_0 = pi^2, so that psi turns once in 2 / pi
        >>> found = crank_nicolson(box, lambda x: np.sin(np.pi * x), [0.0, 2.0 / np.pi])
        >>> np.abs(found([0.5])[:, 0] - 1.0).max() < 1e-4
        np.True_

    Reference:
        J. Crank, P. Nicolson, Proc. Camb. Phil. Soc. 43 (1947) 50, doi:10.1017/S0305004100023197
    """
    form, count = linear(potential).normal_form, check.integer("points", points, 5, limits.NODES)
    at, driving = moments(times, count), Driving.of(drive, potential)
    own = panels(potential, count - 1)
    nodes = np.array(potential.to_normal(own))
    # To the last digit, so that each cell is on one side of a breakpoint in both coordinates.
    nodes[np.searchsorted(own, potential.smooth_pieces)] = form.smooth_pieces
    widths = np.diff(nodes)
    rho = one_sided(form.weight, nodes)
    mass = gathered(widths, rho)
    heights = gathered(widths, rho * one_sided(lambda z: values(potential, z), own))
    scheme = _Implicit(
        mass,
        1.0 / widths[:-1] + 1.0 / widths[1:] + heights,
        -1.0 / widths[1:-1],
        gathered(widths, rho * one_sided(driving.shape, own)),
        driving,
        potential.hbar,
    )
    number = check.integer("steps", steps)
    psi = recorded(start(psi0, own[1:-1]), at, number, scheme.advance)
    weights = np.pad(mass, 1) / potential.amplitude**2

    def between(z: Array) -> ComplexArray:
        spline = scipy.interpolate.CubicSpline(nodes, psi, axis=1)
        return np.asarray(spline(potential.to_normal(z)))

    return Propagated(at, own, psi, weights, between)


@dataclass(frozen=True)
class _Implicit:
    """Steps of the implicit midpoint rule.

    Args:
        mass: M, shape (n,), as all that follow.
        diagonal: Of A without the drive.
        beside: A next to its diagonal, shape (n - 1,).
        pushed: What a drive of strength 1 adds to the diagonal.
        driving: Its strength.
        hbar: In the potential's units.
    """

    mass: Array
    diagonal: Array
    beside: Array
    pushed: Array
    driving: Driving
    hbar: float

    def advance(self, psi: ComplexArray, now: float, step: float, count: int) -> ComplexArray:
        """Psi after `count` steps."""
        turn = 0.5j * step / self.hbar
        bands = np.zeros((3, psi.size), np.complex128)
        bands[0, 1:] = bands[2, :-1] = turn * self.beside
        still = self.mass + turn * self.diagonal
        middles = now + step * (np.arange(count) + 0.5)
        for strength in self.driving.strengths(np.asarray(middles, np.float64)):
            bands[1] = still + turn * strength * self.pushed
            # (M + i A) psi(t + dt) = 2 M psi - (M + i A) psi.
            middle = scipy.linalg.solve_banded(
                (1, 1), bands, self.mass * psi, check_finite=False, overwrite_b=True
            )
            psi = 2.0 * middle - psi
        return psi


def split_step(
    potential: Potential,
    psi0: Start,
    times: ArrayLike,
    points: int = 1025,
    steps: int = 1000,
    drive: Drive | None = None,
) -> Propagated:
    r"""A wave between walls, by sines and a splitting of order 4, where rho is constant.

    .. math:: i \hbar \, \partial_t \psi = -\frac{1}{\rho} \psi'' + (V(x) + f(t) W(x)) \psi.

    Of one part alone psi is known: V turns it at each node, the other at each of its sines
    sin(n pi (x - a) / (b - a)), which vanish at the walls. A step is a product of seven of the
    first and six of the second (Blanes and Moan), symmetric, unitary, and of order 4 in dt; f is
    asked at the time to which the second part has come. In x the error falls faster than any power
    of the step where V and psi are smooth. Where V or W jumps at a breakpoint, its mean over the
    cell of the node leaves order 2 in dx, if dt is below 5 hbar rho (dx / pi)^2: what jumps stirs
    the fastest sines, which a longer step lets resonate. `crank_nicolson` asks for no such step.

    Args:
        potential: With a constant rho (one mass). Waves are turned back at its walls, at ends where
            it goes on beyond too.
        psi0: Psi at t = 0: takes positions of shape (n,), returns real or complex numbers of this
            shape. At the walls it is taken as 0.
        times: When psi is asked, increasing, from 0 on: hbar = 1 where units have no names, atomic
            times in bohr and hartree, else fs.
        points: Nodes, evenly, walls included, at most 20,000; fastest where one less is a power of
            two. Defaults to 1025.
        steps: From 0 to the last of `times`, at least. Defaults to 1000.
        drive: W(x), an energy, of arrays as `psi0`, and f(t), a number at one time, smooth.
            Defaults to None.

    Returns:
        Psi on the nodes; between them, the sum of its sines.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a number is not allowed, times do not increase, or rho varies.

    Example:
        >>> from qwpinn.potentials import InfiniteWell
        >>> box = InfiniteWell(width=1.0)  # E_0 = pi^2, so that psi turns once in 2 / pi
        >>> found = split_step(box, lambda x: np.sin(np.pi * x), [0.0, 2.0 / np.pi], points=65)
        >>> np.abs(found([0.5])[:, 0] - 1.0).max() < 1e-11
        np.True_

    Reference:
        M. D. Feit, J. A. Fleck, A. Steiger, J. Comput. Phys. 47 (1982) 412,
        doi:10.1016/0021-9991(82)90091-2; S. Blanes, P. C. Moan, J. Comput. Appl. Math. 142 (2002)
        313, doi:10.1016/S0377-0427(01)00492-7
    """
    form, count = linear(potential).normal_form, check.integer("points", points, 5, limits.NODES)
    at, driving = moments(times, count), Driving.of(drive, potential)
    own, nodes = np.linspace(*potential.interval, count), np.linspace(*form.interval, count)
    rho = _constant(form, nodes)
    length, modes = nodes[-1] - nodes[0], np.arange(1, count - 1)
    jumps = np.array(potential.breakpoints)
    scheme = _Split(
        np.square(np.pi * modes / length) / rho,
        _cell_means(lambda z: values(potential, z), own, jumps)[1:-1],
        _cell_means(driving.shape, own, jumps)[1:-1],
        driving,
        potential.hbar,
    )
    number = check.integer("steps", steps)
    psi = recorded(start(psi0, own[1:-1]), at, number, scheme.advance)
    weights = np.full(count, rho * (nodes[1] - nodes[0])) / potential.amplitude**2

    def between(z: Array) -> ComplexArray:
        height = np.sqrt(2.0 / (count - 1)) * _sines(psi[:, 1:-1])
        angles = np.pi * (z - own[0]) / (own[-1] - own[0])
        parts = np.array_split(angles, angles.size // 256 + 1)  # of matrices that memory holds
        return np.concatenate([height @ np.sin(np.outer(modes, part)) for part in parts], axis=1)

    return Propagated(at, own, psi, weights, between)


@dataclass(frozen=True)
class _Split:
    """Steps of a splitting of order 4, all arrays of shape (n,).

    Args:
        kinetic: The energies of the sines.
        heights: V.
        pushed: W.
        driving: Its strength.
        hbar: In the potential's units.
    """

    # Shares of V, and of the kinetic energy between them, of one step: the scheme "S6" of order 4.
    _V: ClassVar[tuple[float, ...]] = (0.0792036964311957, 0.353172906049774, -0.0420650803577195)
    _T: ClassVar[tuple[float, ...]] = (0.209515106613362, -0.143851773179818)

    kinetic: Array
    heights: Array
    pushed: Array
    driving: Driving
    hbar: float

    def advance(self, psi: ComplexArray, now: float, step: float, count: int) -> ComplexArray:
        """Psi after `count` steps."""
        half = [*self._T, 0.5 - sum(self._T)]
        v_shares = np.array([*self._V, 1.0 - 2.0 * sum(self._V), *self._V[::-1]])
        t_shares = np.array([*half, *half[::-1]])
        turn = -1j * step / self.hbar
        v_factors = np.exp(turn * np.outer(v_shares, self.heights))
        # Of the last V in a step no sines follow.
        t_factors = [*np.exp(turn * np.outer(t_shares, self.kinetic)), None]
        clock = np.append(0.0, np.cumsum(t_shares))
        strengths = self.driving.strengths(now + step * (np.arange(count)[:, None] + clock))
        for row in strengths:
            for share, strength, by_v, by_t in zip(
                v_shares, row, v_factors, t_factors, strict=True
            ):
                psi = psi * by_v
                if strength:
                    psi *= np.exp(turn * share * strength * self.pushed)
                if by_t is not None:
                    psi = _sines(by_t * _sines(psi))
        return psi


def _sines(psi: ComplexArray) -> ComplexArray:
    """The orthogonal sine transform along the last axis, which is its own inverse."""
    return np.asarray(scipy.fft.dst(psi, type=1, norm="ortho"))


def _constant(form: Potential, nodes: Array) -> float:
    """Rho, refused where it varies."""
    rho = np.unique(form.weight(nodes))
    if rho[-1] > (1.0 + 1e-12) * rho[0]:
        raise ValueError(
            "`potential` must have a constant rho, for sines turn at one rate. Received: "
            f"{form.name}, rho from {rho[0]:g} to {rho[-1]:g}. "
            "Use qwpinn.references.crank_nicolson."
        )
    return float(rho[0])


def _cell_means(function: Callable[[Array], Array], x: Array, jumps: Array) -> Array:
    """A function at even nodes; where it jumps, its mean over half a step to either side."""
    step = x[1] - x[0]
    node = np.rint((jumps - x[0]) / step).astype(np.intp)
    # A node on a jump, or beside it by rounding, is one of its right side.
    on = np.abs(x[node] - jumps) < 1e-9 * step
    at = np.array(x)
    at[node[on]] = np.nextafter(jumps[on], np.inf)
    found = np.array(function(at))
    left, right = (function(np.nextafter(jumps, way)) for way in (-np.inf, np.inf))
    # The share of the cell that lies left of the jump.
    share = (jumps - x[node]) / step + 0.5
    np.add.at(found, node, (right - left) * ((at[node] < jumps) - share))
    return found
