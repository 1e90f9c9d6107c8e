"""Tables: any potential as Legendre series on panels, plain numbers that can be stored."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.layers import Layers, layers_from, panel_of
from qwpinn.equation.potential import Interval, Potential, set_breakpoints
from qwpinn.inputs import check, limits
from qwpinn.inputs.frozen import set_fields
from qwpinn.units.dimensional import ENERGY, LENGTH, Dimension

Array = NDArray[np.float64]
Table = tuple[tuple[float, ...], ...]
Function = Callable[[Array], Array]


@dataclass(frozen=True)
class PiecewisePolynomial(Potential):
    """V and rho as Legendre series on panels: V(x) = sum_j coefficients[i][j] P_j(t), -1 <= t <= 1.

    In panel i, t = (2 x - edges[i] - edges[i + 1]) / (edges[i + 1] - edges[i]).

    Args:
        edges: The panels' ends, walls included, increasing, shape (panels + 1,).
        coefficients: Of V, shape (panels, degree + 1).
        weights: Coefficients of rho, shape (panels, degree + 1). Defaults to None: rho = 1. That
            rho is positive between the edges is not checked.
        breakpoints: The edges where V or rho is really not smooth. Defaults to none.
        cut_ends: At which end V goes on; see `Potential.cut_ends`. Defaults to neither.

    Raises:
        TypeError: If an argument does not hold real numbers.
        ValueError: If the sizes do not fit, `edges` does not increase, or a breakpoint is no edge.

    Example:
        >>> line = PiecewisePolynomial(edges=[0, 2], coefficients=[[1.0, 1.0]])
        >>> line([0.0, 0.5, 2.0])
        array([0. , 0.5, 2. ])
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "edges": LENGTH,
        "coefficients": ENERGY,
        "breakpoints": LENGTH,
    }

    edges: Sequence[float]
    coefficients: Sequence[Sequence[float]]
    weights: Sequence[Sequence[float]] | None = None
    breakpoints: tuple[float, ...] = ()
    cut_ends: tuple[bool, bool] = (False, False)

    def __post_init__(self) -> None:
        limits.at_most("edges", np.size(self.edges), limits.COEFFICIENTS, "numbers")
        edges = check.increasing("edges", self.edges, 2)
        panels = edges.size - 1
        table = _table("coefficients", self.coefficients, panels)
        set_fields(self, edges=tuple(edges.tolist()), coefficients=table)
        if self.weights is not None:
            set_fields(self, weights=_table("weights", self.weights, panels))
        set_breakpoints(self, self.breakpoints, self.interval)
        strangers = sorted(set(self.breakpoints) - set(self.edges))
        if strangers:
            raise ValueError(
                "`breakpoints` must be among `edges`, or a panel would not be smooth. "
                f"Received: {strangers[0]}. Split the panel there."
            )
        cuts = tuple(self.cut_ends)
        if len(cuts) != 2 or not all(isinstance(cut, bool) for cut in cuts):
            raise ValueError(
                f"`cut_ends` must be two of True and False. Received: cut_ends={self.cut_ends!r}. "
                "Leave it out where both ends are walls."
            )
        set_fields(self, cut_ends=cuts)

    @cached_property
    def interval(self) -> Interval:
        """The walls (a, b), where psi is zero."""
        return self.edges[0], self.edges[-1]

    @cached_property
    def layers(self) -> Layers | None:
        """The panels as layers, if V and rho are of degree 0, else None."""
        tables = (self.coefficients, self.weights or ((1.0,),))
        if any(len(table[0]) > 1 for table in tables):
            return None
        values = tuple(row[0] for row in self.coefficients)
        weights = None if self.weights is None else tuple(row[0] for row in self.weights)
        return layers_from(self.edges, values, weights)

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`; exactly at an edge, the value of the panel to the right."""
        return _legendre_series(x, np.asarray(self.edges), np.asarray(self.coefficients))

    def weight(self, x: ArrayLike) -> Array:
        """The weight at the positions `x`; exactly at an edge, that of the panel to the right."""
        if self.weights is None:
            return super().weight(x)
        return _legendre_series(x, np.asarray(self.edges), np.asarray(self.weights))


def tabulate(potential: Potential, tolerance: float = 1e-13) -> PiecewisePolynomial:
    """Represents any potential, V and rho, by Legendre series on panels.

    The interval is split at the breakpoints, and a panel is halved until the last coefficients of
    V and of rho are below `tolerance` times the largest |V| and rho; where V and rho are constant,
    one panel of degree 0 a layer is enough. A panel is halved at most 12 times, then accepted as it
    is: where V has a singularity that is no breakpoint, the table is less accurate.

    Args:
        potential: Any potential.
        tolerance: The relative size of the coefficients to neglect. Defaults to 1e-13.

    Raises:
        ValueError: If `tolerance` is not positive.

    Example:
        >>> from qwpinn.potentials import CustomPotential
        >>> table = tabulate(CustomPotential(lambda x: x**2, interval=(-1, 1)))
        >>> np.asarray(table.coefficients).shape
        (1, 3)
    """
    check.positive("tolerance", tolerance, kind="number")
    if potential.normal_form is not potential:
        raise TypeError(
            "`potential` must be in the coordinate x of the equation. Received: "
            f"{type(potential).__name__}. Give its normal_form."
        )
    edges = potential.smooth_pieces
    functions: tuple[Function, ...] = (potential, potential.weight)
    largest = [_largest(function, edges) for function in functions]
    floors = [tolerance * scale for scale in largest]
    accepted = _smooth_panels(functions, edges, floors)
    coefficients, weights = (
        _trimmed(np.stack([_legendre_coefficients(function, *panel) for panel in accepted]), floor)
        for function, floor in zip(functions, floors, strict=True)
    )
    unit_weight = weights.shape[1] == 1 and bool(np.all(np.abs(weights - 1.0) <= tolerance))
    return PiecewisePolynomial(
        edges=[accepted[0][0], *(right for _, right in accepted)],
        coefficients=coefficients.tolist(),
        weights=None if unit_weight else weights.tolist(),
        breakpoints=tuple(potential.breakpoints),
        cut_ends=potential.cut_ends,
    )


def _table(name: str, values: Sequence[Sequence[float]], panels: int) -> Table:
    """A tuple of `panels` tuples of equally many finite floats."""
    if len({np.size(row) for row in values}) > 1:
        raise ValueError(
            f"`{name}` must have rows of one length. Received: rows of "
            f"{sorted({np.size(row) for row in values})} numbers. Fill up the short ones with 0."
        )
    table = check.real_array(name, values)
    limits.at_most(name, table.size, limits.COEFFICIENTS, "numbers", "Give fewer panels.")
    if table.ndim != 2 or table.shape[0] != panels or table.shape[1] == 0:
        raise ValueError(
            f"`{name}` must have shape ({panels}, degree + 1). Received: shape={table.shape}. "
            "Give one row of Legendre coefficients a panel, one less than edges."
        )
    return tuple(tuple(row) for row in table.tolist())


def _legendre_series(x: ArrayLike, edges: Array, coefficients: Array) -> Array:
    """sum_j coefficients[panel, j] P_j(t) at the positions `x`, in their shape."""
    positions = np.asarray(x, dtype=np.float64)
    panel = panel_of(positions, edges)
    left, right = edges[panel], edges[panel + 1]
    t = (2.0 * positions - left - right) / (right - left)
    basis = legendre.legvander(t, coefficients.shape[1] - 1)
    return np.asarray(np.sum(basis * coefficients[panel], axis=-1))


def _legendre_coefficients(
    function: Function, left: float, right: float, degree: int = 16
) -> Array:
    """Legendre coefficients of `function` on one panel, by interpolation at Gauss's nodes."""
    t = legendre.leggauss(degree + 1)[0]
    values = function(0.5 * (left + right) + 0.5 * (right - left) * t)
    return np.asarray(np.linalg.solve(legendre.legvander(t, degree), values))


def _largest(function: Function, edges: Array) -> float:
    """The largest |function| on 65 points of each panel, short of its ends."""
    t = (np.arange(65) + 0.5) / 65
    points = edges[:-1, None] + np.diff(edges)[:, None] * t
    return float(np.max(np.abs(function(points.reshape(-1)))))


def _smooth_panels(
    functions: Sequence[Function], edges: Array, floors: Sequence[float]
) -> list[tuple[float, float]]:
    """The panels that resolve all functions, from left to right; 12 halvings are the limit."""
    pending = [(left, right, 0) for left, right in itertools.pairwise(edges)][::-1]
    accepted: list[tuple[float, float]] = []
    while pending:
        left, right, depth = pending.pop()
        tails = (_legendre_coefficients(function, left, right)[-4:] for function in functions)
        smooth = all(
            np.max(np.abs(tail)) <= floor for tail, floor in zip(tails, floors, strict=True)
        )
        if smooth or depth == 12:
            accepted.append((float(left), float(right)))
        else:
            middle = 0.5 * (left + right)
            pending += [(middle, right, depth + 1), (left, middle, depth + 1)]
    return accepted


def _trimmed(coefficients: Array, floor: float) -> Array:
    """The table without its last columns, as far as they are negligible in every panel."""
    needed = np.flatnonzero(np.max(np.abs(coefficients), axis=0) > floor / coefficients.shape[1])
    return coefficients[:, : needed[-1] + 1 if needed.size else 1]
