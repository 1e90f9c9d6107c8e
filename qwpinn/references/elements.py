"""Spectral elements in the plane, with arcs for sides where V jumps at circles.

They give numbers without bounds, faster than a network of the same accuracy where a mesh fits the
boundaries.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import scipy
from numpy.polynomial import legendre
from numpy.typing import NDArray

from qwpinn.equation.geometry import PLANE
from qwpinn.equation.plane import PlanePotential
from qwpinn.equation.regions import Disc
from qwpinn.inputs import check, limits
from qwpinn.references.plane import PlaneSpectrum, lowest, seed_of

Array = NDArray[np.float64]
# Of coordinates of an element in [-1, 1]^2: points, and both columns of the Jacobian.
Map = Callable[[Array, Array], tuple[Array, Array, Array, Array, Array, Array]]

# Of the size of the box: positions of nodes that differ by less are the same.
SAME = 1e-10


def spectral_elements(
    potential: PlanePotential, states: int, degree: int = 14, width: float | None = None
) -> PlaneSpectrum:
    """Polynomials of a degree on elements that are cut where V jumps, with arcs for sides.

    Lines across the whole box cut it into rectangles of which each holds one disc at most; about
    that stand four elements with an arc, four to the rectangle's sides, and one is inside. Lines
    run along all sides of rectangular regions. The error falls with the degree like a power of
    e, but at corners.

    Args:
        potential: The well.
        states: K.
        degree: Of polynomials in each direction. Defaults to 14.
        width: The largest side of elements without an arc. Defaults to None: an eighth of the
            longer side of the box.

    Raises:
        LookupError: If no such lines are there, or regions are neither discs nor rectangles.
    """
    states = check.integer("states", states, maximum=limits.STATES)
    degree = check.integer("degree", degree, 2, 40)
    x0, x1, y0, y1 = potential.box
    widest = max(x1 - x0, y1 - y0) / 8 if width is None else check.positive("width", width)
    maps = _maps(potential, widest)
    t, _ = _lobatto(degree)
    nodes = [np.stack(_grid(each, t)[:2], axis=-1).reshape(-1, 2) for each in maps]
    number, points = _numbered(np.concatenate(nodes), max(x1 - x0, y1 - y0))
    number = number.reshape(len(maps), -1)
    stiff, mass = _assembled(potential, maps, number, len(points), degree)
    low, high = PLANE.walls(potential).T
    near = 1e-9 * (high - low)
    inner = np.flatnonzero(((points > low + near) & (points < high - near)).all(axis=1))
    stiff, mass = stiff[inner][:, inner].tocsc(), mass[inner][:, inner].tocsc()
    energies, psi = lowest(stiff, mass, states, seed_of(potential))
    psi /= np.sqrt(np.einsum("nk,nk->k", psi, mass @ psi))
    return PlaneSpectrum(energies, psi, points[inner])


class _Cell(NamedTuple):
    """A rectangle, and the disc in it."""

    box: tuple[float, float, float, float]
    discs: list[Disc]


def _maps(potential: PlanePotential, widest: float) -> list[Map]:
    """Maps of [-1, 1]^2 to all elements."""
    x0, x1, y0, y1 = potential.box
    discs = [region for region in potential.regions if isinstance(region, Disc)]
    lines = [region.lines for region in potential.regions if not isinstance(region, Disc)]
    if any(not x for x, _ in lines):
        raise LookupError(
            "`potential` must have discs and rectangles alone for spectral elements. Received: "
            f"{potential!r:.60}. Take plane_differences."
        )
    axes = []
    for axis, (low, high) in enumerate(((x0, x1), (y0, y1))):
        whole = potential.lines[axis]
        known = sorted({low, high, *whole, *(at for line in lines for at in line[axis])})
        axes.append(_cut(known, [disc.extent[2 * axis : 2 * axis + 2] for disc in discs], widest))
    found: list[Map] = []
    for a, b in zip(axes[0][:-1], axes[0][1:], strict=True):
        for c, d in zip(axes[1][:-1], axes[1][1:], strict=True):
            inside = [disc for disc in discs if a < disc.centre[0] < b and c < disc.centre[1] < d]
            if len(inside) > 1:
                raise LookupError(
                    "`potential` must have discs that lines across the box tell apart for spectral "
                    f"elements. Received: {len(inside)} in one rectangle. Take plane_differences."
                )
            box = (a, b, c, d)
            found += _about(box, inside[0]) if inside else [_straight(box)]
    return found


def _cut(known: list[float], kept: Sequence[tuple[float, ...]], widest: float) -> list[float]:
    """Lines with no interval between two of them wider than allowed, and none through a disc."""
    joined: list[list[float]] = []
    for low, high in sorted((float(a), float(b)) for a, b in kept):
        if joined and low < joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], high)
        else:
            joined.append([low, high])
    if any(low < at < high for at in known for low, high in joined):
        raise LookupError(
            "`potential` must have discs that no line along a rectangle's side crosses for "
            "spectral elements. Received: one that is. Take plane_differences."
        )
    # Lines halfway between discs, and at a margin of those at the walls.
    found = list(known)
    for (_, before), (after, _) in itertools.pairwise(joined):
        if not any(before <= at <= after for at in found):
            found.append((before + after) / 2)
    for low, high in joined:
        margin = 0.4 * (high - low)
        left = max(at for at in found if at <= low)
        right = min(at for at in found if at >= high)
        found += [low - margin] if low - left > 1.5 * margin else []
        found += [high + margin] if right - high > 1.5 * margin else []
    ends = sorted(set(found))
    lines = [ends[0]]
    for a, b in itertools.pairwise(ends):
        held = any(a <= low and high <= b for low, high in joined)
        count = 1 if held else int(np.ceil((b - a) / widest))
        lines += [a + (b - a) * (i + 1) / count for i in range(count)]
    return lines


def _straight(box: tuple[float, float, float, float]) -> Map:
    a, b, c, d = box

    def map_(s: Array, t: Array) -> tuple[Array, Array, Array, Array, Array, Array]:
        half, tall, zero = (b - a) / 2 + 0 * s, (d - c) / 2 + 0 * s, 0 * s
        return (a + b) / 2 + half * s, (c + d) / 2 + tall * t, half, zero, zero, tall

    return map_


def _about(box: tuple[float, float, float, float], disc: Disc) -> list[Map]:
    """Nine elements of a rectangle with a disc: a square inside, four to the arc, four beyond."""
    (x, y), r = disc.centre, disc.radius
    a, b, c, d = box
    side = 0.4 * r
    angles = np.pi * (np.array([5, 7, 1, 3]) / 4.0)
    square = np.array([x, y]) + side * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    outer = np.array([(a, c), (b, c), (b, d), (a, d)])
    found = [_straight((x - side, x + side, y - side, y + side))]
    for i in range(4):
        j = (i + 1) % 4
        first, last = angles[i], angles[i] + np.pi / 2
        found.append(_ruled(_segment(square[i], square[j]), _arc((x, y), r, first, last)))
        found.append(_ruled(_arc((x, y), r, first, last), _segment(outer[i], outer[j])))
    return found


# A curve over [-1, 1]: points ``(2, ...)`` and derivatives.
_Curve = Callable[[Array], tuple[Array, Array]]


def _segment(first: Array, last: Array) -> _Curve:
    return lambda s: (
        np.multiply.outer((first + last) / 2, 1 + 0 * s) + np.multiply.outer((last - first) / 2, s),
        np.multiply.outer((last - first) / 2, 1 + 0 * s),
    )


def _arc(centre: tuple[float, float], radius: float, first: float, last: float) -> _Curve:
    def curve(s: Array) -> tuple[Array, Array]:
        angle, rate = (first + last) / 2 + (last - first) / 2 * s, (last - first) / 2
        along = np.stack([np.cos(angle), np.sin(angle)])
        across = np.stack([-np.sin(angle), np.cos(angle)])
        middle = np.reshape(centre, (2,) + (1,) * s.ndim)
        return middle + radius * along, radius * rate * across

    return curve


def _ruled(inner: _Curve, outer: _Curve) -> Map:
    """Straight lines from one curve to another."""

    def map_(s: Array, t: Array) -> tuple[Array, Array, Array, Array, Array, Array]:
        (p, dp), (q, dq) = inner(s), outer(s)
        x = (1 - t) / 2 * p + (1 + t) / 2 * q
        by_s = (1 - t) / 2 * dp + (1 + t) / 2 * dq
        by_t = (q - p) / 2
        return x[0], x[1], by_s[0], by_t[0], by_s[1], by_t[1]

    return map_


def _lobatto(degree: int) -> tuple[Array, Array]:
    """Gauss-Lobatto nodes, and the matrix from values there to Legendre coefficients."""
    inner = legendre.Legendre.basis(degree).deriv().roots()
    nodes = np.concatenate([[-1.0], np.sort(inner), [1.0]])
    return nodes, np.linalg.inv(legendre.legvander(nodes, degree))


def _grid(each: Map, t: Array) -> tuple[Array, ...]:
    return each(*np.meshgrid(t, t, indexing="ij"))


def _numbered(points: Array, size: float) -> tuple[NDArray[np.intp], Array]:
    """One number for all nodes at one place, and the places.

    Of two elements a node has the same position but for rounding: along each axis positions are
    the same where no gap is between them.
    """
    places = []
    for column in points.T:
        order = np.argsort(column)
        gaps = np.diff(column[order], prepend=column[order[0]]) > SAME * size
        place = np.empty(column.size, np.intp)
        place[order] = np.cumsum(gaps)
        places.append(place)
    pairs = np.stack(places, axis=-1)
    _, first, number = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    return number.ravel(), points[first]


def _assembled(
    potential: PlanePotential,
    maps: list[Map],
    number: NDArray[np.intp],
    size: int,
    degree: int,
) -> tuple[scipy.sparse.csr_array, scipy.sparse.csr_array]:
    """H and the overlaps."""
    _, to_legendre = _lobatto(degree)
    at, weight = legendre.leggauss(degree + 4)
    values = legendre.legvander(at, degree) @ to_legendre
    slopes = (
        np.stack([legendre.Legendre.basis(k).deriv()(at) for k in range(degree + 1)], axis=-1)
        @ to_legendre
    )
    phi = np.einsum("pi,qj->pqij", values, values).reshape(at.size**2, -1)
    by_s = np.einsum("pi,qj->pqij", slopes, values).reshape(at.size**2, -1)
    by_t = np.einsum("pi,qj->pqij", values, slopes).reshape(at.size**2, -1)
    measure = np.outer(weight, weight).ravel()
    parts: tuple[list[Array], list[Array]] = ([], [])
    for each in maps:
        x, y, xs, xt, ys, yt = (part.ravel() for part in _grid(each, at))
        area = xs * yt - xt * ys
        by_x = (yt[:, None] * by_s - ys[:, None] * by_t) / area[:, None]
        by_y = (xs[:, None] * by_t - xt[:, None] * by_s) / area[:, None]
        w = measure * np.abs(area)
        bend = by_x.T @ (w[:, None] * by_x) + by_y.T @ (w[:, None] * by_y)
        v = potential(x, y)
        own = phi.T @ (w[:, None] * phi)
        parts[0].append(bend + potential.rho * (phi.T @ ((w * v)[:, None] * phi)))
        parts[1].append(potential.rho * own)
    rows = np.repeat(number, number.shape[1], axis=1).ravel()
    columns = np.tile(number, (1, number.shape[1])).ravel()
    stiff, mass = (
        scipy.sparse.coo_array((np.stack(each).ravel(), (rows, columns)), (size, size)).tocsr()
        for each in parts
    )
    return stiff, mass
