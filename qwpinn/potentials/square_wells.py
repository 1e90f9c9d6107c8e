"""Wells: potentials of constant layers, three of them with levels from textbook equations.

`InfiniteWell`, `FiniteWell` and `FiniteBarrier` have them; `KronigPenney` is a row of wells, and
`PiecewiseConstant` any layers.
"""

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.layers import (
    HalfLayer,
    Layers,
    finite_row,
    layers_from,
    outer_barriers,
    panel_of,
    symmetric_levels,
)
from qwpinn.equation.potential import Interval, Potential
from qwpinn.inputs import check, limits
from qwpinn.inputs.frozen import set_fields, set_positive
from qwpinn.units.dimensional import ENERGY, LENGTH, Dimension

Array = NDArray[np.float64]


class _Layered(Potential):
    """A potential whose values and breakpoints follow from its constant layers."""

    @property
    @abc.abstractmethod
    def layers(self) -> Layers:
        """The constant layers."""

    @cached_property
    def interval(self) -> Interval:
        """The walls (a, b), where psi is zero."""
        edges = self.layers.edges
        return float(edges[0]), float(edges[-1])

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """The edges where V or rho jumps."""
        return jumps(self.layers)

    @property
    def cut_ends(self) -> tuple[bool, bool]:
        """Outer barriers are cut; a lower layer at an end has its wall there."""
        return outer_barriers(self.layers.values)

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`; exactly at a jump, the value of the layer to the right."""
        return np.asarray(self.layers.values[panel_of(x, self.layers.edges)])

    def weight(self, x: ArrayLike) -> Array:
        """The weight at the positions `x`; exactly at a jump, that of the layer to the right."""
        return np.asarray(self.layers.weights[panel_of(x, self.layers.edges)])


@dataclass(frozen=True)
class InfiniteWell(_Layered):
    """A box with V = 0 on [0, width]: E_n = n^2 pi^2 / width^2, n = 1, 2, ...

    Args:
        width: The distance of the walls. Defaults to 1.0.

    Raises:
        ValueError: If `width` is not positive and finite.

    Example:
        >>> InfiniteWell(width=1.0).levels(1)
        array([9.8696044])

    Reference:
        D. J. Griffiths, Introduction to Quantum Mechanics, section 2.2,
        doi:10.1017/9781316995433
    """

    levels_held: ClassVar[bool] = True
    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "width": LENGTH,
    }

    width: float = 1.0

    def __post_init__(self) -> None:
        set_positive(self, width="length")

    @cached_property
    def layers(self) -> Layers:
        """The constant layers."""
        return layers_from((0.0, self.width), (0.0,))

    def levels(self, n: int) -> Array:
        """The `n` lowest energies j^2 pi^2 / width^2, shape (n,)."""
        quantum_numbers = np.arange(1, check.integer("n", n) + 1)
        return np.asarray(np.square(quantum_numbers * np.pi / self.width))


class _Stepped(_Layered):
    """Three layers, symmetric, a step of V between the middle one and the others."""

    # The field that has its height.
    _step: ClassVar[str]
    width: float
    box: float

    def __post_init__(self) -> None:
        step = check.not_negative(self._step, getattr(self, self._step))
        set_fields(self, **{self._step: step})
        set_positive(self, width="length", box="length")
        if self.width >= self.box:
            raise ValueError(
                f"`width` must be below `box`. Received: width={self.width}, box={self.box}. "
                f"Give a wider box, e.g. box={3.0 * self.width}."
            )

    def levels(self, n: int) -> Array:
        """The `n` lowest energies from the transcendental equations, shape (n,)."""
        outer, inner, _ = self.layers.values.tolist()
        middle = HalfLayer(inner, 0.5 * self.width)
        beside = HalfLayer(outer, 0.5 * (self.box - self.width))
        return symmetric_levels(check.integer("n", n), middle, beside)


@dataclass(frozen=True)
class FiniteWell(_Stepped):
    """A well with V = 0 for |x| < width / 2, V = depth outside, and walls at +- box / 2.

    With a = width / 2, w = (box - width) / 2, k = sqrt(E), kappa = sqrt(depth - E), the levels
    below the step satisfy

        k tan(k a) = kappa coth(kappa w)   (even),      -k cot(k a) = kappa coth(kappa w)   (odd)

    and those above it the same with kappa = i q. `levels` solves both as one equation of phases
    that increase with E, so that each root is bracketed.

    Args:
        depth: The step's height, an energy. Defaults to 20.0.
        width: The well's width. Defaults to 2.0.
        box: The distance of the walls, above `width`. Defaults to 6.0.

    Raises:
        ValueError: If `depth` is negative, a length is not positive, or `width` reaches `box`.

    Example:
        >>> FiniteWell(depth=20.0, width=2.0, box=6.0).levels(2)
        array([1.63948019, 6.44188145])

    Reference:
        D. J. Griffiths, Introduction to Quantum Mechanics, section 2.6,
        doi:10.1017/9781316995433
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "depth": ENERGY,
        "width": LENGTH,
        "box": LENGTH,
    }

    _step: ClassVar[str] = "depth"

    depth: float = 20.0
    width: float = 2.0
    box: float = 6.0

    @cached_property
    def layers(self) -> Layers:
        """The constant layers."""
        inner, outer = 0.5 * self.width, 0.5 * self.box
        return layers_from((-outer, -inner, inner, outer), (self.depth, 0.0, self.depth))

    @property
    def cut_ends(self) -> tuple[bool, bool]:
        """Both, however low the step is: the well is on the line."""
        return True, True


@dataclass(frozen=True)
class FiniteBarrier(_Stepped):
    """A barrier of V = height in the middle `width` of [0, box], V = 0 elsewhere.

    With b = width / 2, w = (box - width) / 2, k = sqrt(E), kappa = sqrt(height - E), the levels
    below the top satisfy

        -k cot(k w) = kappa tanh(kappa b)   (even),     -k cot(k w) = kappa coth(kappa b)   (odd)

    and those above it the same with kappa = i q. `levels` solves both as one equation of phases
    that increase with E, so that each root is bracketed, however close a pair lies.

    Args:
        height: The barrier's height, an energy. Defaults to 50.0.
        width: The barrier's width. Defaults to 0.2.
        box: The distance of the walls, above `width`. Defaults to 1.0.

    Raises:
        ValueError: If `height` is negative, a length is not positive, or `width` reaches `box`.

    Example:
        >>> FiniteBarrier(height=50.0, width=0.2, box=1.0).levels(2)
        array([25.05968629, 41.63353143])

    Reference:
        C. Cohen-Tannoudji, B. Diu, F. Laloe, Quantum Mechanics, volume 1, complement G_IV,
        ISBN 978-3-527-34553-3
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "height": ENERGY,
        "width": LENGTH,
        "box": LENGTH,
    }

    _step: ClassVar[str] = "height"

    height: float = 50.0
    width: float = 0.2
    box: float = 1.0

    @cached_property
    def layers(self) -> Layers:
        """The constant layers."""
        left, right = 0.5 * (self.box - self.width), 0.5 * (self.box + self.width)
        return layers_from((0.0, left, right, self.box), (0.0, self.height, 0.0))


@dataclass(frozen=True)
class KronigPenney(_Layered):
    """A finite superlattice, symmetric about 0: wells with V = 0 between barriers of V = height.

    There is a barrier on either side of every well; behind the outer two are the walls, so that the
    interval is wells * well_width + (wells + 1) * barrier_width long. The levels come in bands of
    as many levels as there are wells.

    Args:
        wells: How many wells, from 1 to 5000. Defaults to 5.
        well_width: Their width. Defaults to 1.0.
        barrier_width: The barriers' width. Defaults to 0.3.
        height: The barriers' height, an energy. Defaults to 40.0.

    Raises:
        TypeError: If `wells` is no integer.
        ValueError: If `wells` is out of range, a width is not positive, or `height` is negative.

    Example:
        >>> KronigPenney(wells=2, well_width=2.0, barrier_width=1.0).interval
        (-3.5, 3.5)

    Reference:
        R. de L. Kronig, W. G. Penney, Proc. R. Soc. A 130 (1931) 499, doi:10.1098/rspa.1931.0019
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "well_width": LENGTH,
        "barrier_width": LENGTH,
        "height": ENERGY,
    }

    wells: int = 5
    well_width: float = 1.0
    barrier_width: float = 0.3
    height: float = 40.0

    def __post_init__(self) -> None:
        wells = check.integer("wells", self.wells, maximum=limits.BREAKPOINTS // 2)
        set_fields(self, wells=wells)
        set_positive(self, well_width="length", barrier_width="length")
        set_fields(self, height=check.not_negative("height", self.height))

    @cached_property
    def layers(self) -> Layers:
        """The constant layers."""
        cell = [self.barrier_width, self.well_width]
        ends = np.cumsum([0.0, *cell * self.wells, self.barrier_width])
        # The distances from either wall, so that the edges are symmetric to the last digit.
        edges = 0.5 * (ends - ends[::-1])
        return layers_from(edges.tolist(), [self.height, 0.0] * self.wells + [self.height])


@dataclass(frozen=True)
class PiecewiseConstant(_Layered):
    """Constant layers: V = values[i] and rho = weights[i] on [edges[i], edges[i + 1]).

    An edge between two equal layers is no breakpoint. There are at most 10,001 layers.

    Args:
        edges: The layers' ends, walls included, increasing, shape (layers + 1,).
        values: V in each layer, shape (layers,).
        weights: rho in each layer, positive, shape (layers,). Defaults to 1 in every layer.

    Raises:
        TypeError: If an argument does not hold real numbers.
        ValueError: If the sizes do not fit, `edges` does not increase, or a weight is not
            positive.

    Example:
        >>> PiecewiseConstant(edges=[0, 1, 2, 4], values=[0, 5, 5]).breakpoints
        (1.0,)
    """

    dimensions: ClassVar[Mapping[str, Dimension]] = {
        "edges": LENGTH,
        "values": ENERGY,
    }

    edges: Sequence[float]
    values: Sequence[float]
    weights: Sequence[float] | None = None

    def __post_init__(self) -> None:
        limits.at_most("edges", np.size(self.edges), limits.BREAKPOINTS + 2, "numbers")
        edges = check.increasing("edges", self.edges, 2)
        layers = edges.size - 1
        values = finite_row("values", self.values, layers)
        set_fields(self, edges=tuple(edges.tolist()), values=values)
        if self.weights is not None:
            weights = finite_row("weights", self.weights, layers)
            set_fields(self, weights=weights)
            check.positive("min(weights)", min(weights), kind="weight")

    @cached_property
    def layers(self) -> Layers:
        """The constant layers."""
        return layers_from(self.edges, self.values, self.weights)


def jumps(layers: Layers) -> tuple[float, ...]:
    """The edges where V or rho jumps, increasing."""
    edges, values, weights = layers
    inside = (np.diff(values) != 0.0) | (np.diff(weights) != 0.0)
    return tuple(edges[1:-1][inside].tolist())


def wells() -> dict[str, Potential]:
    """The three wells of arXiv:2504.05367, by the names of their folders."""
    three = (
        InfiniteWell(width=1.0),
        FiniteWell(depth=20.0, width=2.0, box=6.0),
        FiniteBarrier(height=50.0, width=0.2, box=1.0),
    )
    return {well.name: well for well in three}
