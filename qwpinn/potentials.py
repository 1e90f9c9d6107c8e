"""Potentials: what stands for V and rho in -psi'' + rho (V - E) psi = 0, psi(a) = psi(b) = 0.

A potential is a frozen dataclass that knows its interval, the points where it is not smooth, and
its values. Lengths and energies are in any units in which the equation reads as above: with
rho = 1, an energy is one over a length squared, and the infinite well of width 1 has levels
n^2 pi^2.

Write your own as a subclass of `Potential`, or wrap a function in `CustomPotential`.
"""

import abc
import dataclasses
import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from qwpinn import _check

Array = NDArray[np.float64]
Interval = tuple[float, float]
Table = tuple[tuple[float, ...], ...]
Function = Callable[[Array], Array]
Phase = Callable[[float, float, float], float]


class Layers(NamedTuple):
    """A piecewise constant potential, layer by layer from left to right.

    Attributes:
        edges: The layers' ends, both walls included, shape (layers + 1,).
        values: V in each layer, shape (layers,).
        weights: rho in each layer, shape (layers,).
    """

    edges: Array
    values: Array
    weights: Array


class Potential(abc.ABC):
    """A potential V(x) and a weight rho(x) on an interval with walls at both ends.

    To write your own, subclass it as a frozen dataclass, and define

    - `interval`, the pair (a, b) of walls, and `__call__(x)`, V as float64 in the shape of x;
    - `breakpoints`, if V or rho jumps or has a kink inside (a, b): the points, increasing. Without
      them every method loses its order. A value asked for exactly at a jump is the one of the
      layer to the right;
    - `weight(x)`, if rho is not 1: positive, of the shape of x;
    - `levels(n)`, if the exact energies are known;
    - `layers`, if V and rho are constant between breakpoints.

    A subclass may give `interval`, `breakpoints` and `layers` as fields, properties, or cached
    properties. Fields that hold numbers or (nested) tuples of numbers are stored by `to_config`.

    Example:
        >>> @dataclass(frozen=True)
        ... class Harmonic(Potential):
        ...     half_width: float = 8.0
        ...     @property
        ...     def interval(self):
        ...         return (-self.half_width, self.half_width)
        ...     def __call__(self, x):
        ...         return np.square(np.asarray(x, dtype=float))
        >>> Harmonic()([0.0, 2.0])
        array([0., 4.])
    """

    @cached_property
    def interval(self) -> Interval:
        """The walls (a, b), where psi is zero."""
        raise TypeError(
            f"`{type(self).__name__}` must define `interval`. Received: a subclass of Potential "
            "without it. Add a field or a property that is the pair (a, b) of walls."
        )

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """The points strictly inside the interval where V or rho is not smooth, increasing."""
        return ()

    @cached_property
    def layers(self) -> Layers | None:
        """The constant layers, or None where V or rho varies between breakpoints."""
        return None

    @property
    def name(self) -> str:
        """The class's name in snake case, e.g. `"finite_well"`: a name for folders."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()

    @abc.abstractmethod
    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`, in the shape of `x`."""

    def weight(self, x: ArrayLike) -> Array:
        """The weight rho at the positions `x`, in the shape of `x`; 1 here."""
        return np.ones_like(np.asarray(x, dtype=np.float64))

    def levels(self, n: int) -> Array:
        """The `n` lowest exact energies, shape (n,).

        Raises:
            LookupError: If no closed form is known.
        """
        raise LookupError(
            f"`{type(self).__name__}` must have a closed form for exact levels. Received: "
            f"levels({n}) with none known. Use qwpinn.references.legendre_galerkin instead."
        )

    def to_config(self) -> dict[str, object]:
        """A dict of plain JSON values from which `potential_from_config` restores the potential.

        Raises:
            TypeError: If the potential is no dataclass.
        """
        if not dataclasses.is_dataclass(self):
            raise TypeError(
                f"`{type(self).__name__}` must be a dataclass to be stored. Received: a plain "
                "class. Decorate it with @dataclass(frozen=True), or store tabulate(potential)."
            )
        stored = {f.name: _as_json(getattr(self, f.name)) for f in dataclasses.fields(self)}
        return {"class": type(self).__name__, **stored}


class _Layered(Potential):
    """A potential whose values and breakpoints follow from its constant layers."""

    @cached_property
    def interval(self) -> Interval:
        """The walls (a, b), where psi is zero."""
        edges = self._layers.edges
        return float(edges[0]), float(edges[-1])

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """The edges where V or rho jumps."""
        edges, values, weights = self._layers
        jumps = (np.diff(values) != 0.0) | (np.diff(weights) != 0.0)
        return tuple(edges[1:-1][jumps].tolist())

    @cached_property
    def layers(self) -> Layers | None:
        """The constant layers."""
        return self._layers

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`; exactly at a jump, the value of the layer to the right."""
        return np.asarray(self._layers.values[_panel_of(x, self._layers.edges)])

    def weight(self, x: ArrayLike) -> Array:
        """The weight at the positions `x`; exactly at a jump, that of the layer to the right."""
        return np.asarray(self._layers.weights[_panel_of(x, self._layers.edges)])

    @property
    @abc.abstractmethod
    def _layers(self) -> Layers:
        """The constant layers."""


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

    width: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", _check.positive("width", self.width))

    @cached_property
    def _layers(self) -> Layers:
        return _layers_from((0.0, self.width), (0.0,))

    def levels(self, n: int) -> Array:
        """The `n` lowest energies j^2 pi^2 / width^2, shape (n,)."""
        quantum_numbers = np.arange(1, _check.integer("n", n) + 1)
        return np.asarray(np.square(quantum_numbers * np.pi / self.width))


@dataclass(frozen=True)
class FiniteWell(_Layered):
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

    depth: float = 20.0
    width: float = 2.0
    box: float = 6.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", _check.not_negative("depth", self.depth))
        _set_width_and_box(self, self.width, self.box)

    @cached_property
    def _layers(self) -> Layers:
        inner, outer = 0.5 * self.width, 0.5 * self.box
        return _layers_from((-outer, -inner, inner, outer), (self.depth, 0.0, self.depth))

    def levels(self, n: int) -> Array:
        """The `n` lowest energies from the transcendental equations, shape (n,)."""
        inner = _HalfLayer(value=0.0, length=0.5 * self.width)
        outer = _HalfLayer(value=self.depth, length=0.5 * (self.box - self.width))
        return _symmetric_levels(_check.integer("n", n), inner, outer)


@dataclass(frozen=True)
class FiniteBarrier(_Layered):
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

    height: float = 50.0
    width: float = 0.2
    box: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "height", _check.not_negative("height", self.height))
        _set_width_and_box(self, self.width, self.box)

    @cached_property
    def _layers(self) -> Layers:
        left, right = 0.5 * (self.box - self.width), 0.5 * (self.box + self.width)
        return _layers_from((0.0, left, right, self.box), (0.0, self.height, 0.0))

    def levels(self, n: int) -> Array:
        """The `n` lowest energies from the transcendental equations, shape (n,)."""
        inner = _HalfLayer(value=self.height, length=0.5 * self.width)
        outer = _HalfLayer(value=0.0, length=0.5 * (self.box - self.width))
        return _symmetric_levels(_check.integer("n", n), inner, outer)


@dataclass(frozen=True)
class PiecewiseConstant(_Layered):
    """Constant layers: V = values[i] and rho = weights[i] on [edges[i], edges[i + 1]).

    An edge between two equal layers is no breakpoint.

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

    edges: Sequence[float]
    values: Sequence[float]
    weights: Sequence[float] | None = None

    def __post_init__(self) -> None:
        edges = _check.increasing("edges", self.edges, 2)
        layers = edges.size - 1
        object.__setattr__(self, "edges", tuple(edges.tolist()))
        object.__setattr__(self, "values", _row("values", self.values, layers))
        if self.weights is not None:
            weights = _row("weights", self.weights, layers)
            object.__setattr__(self, "weights", weights)
            _check.positive("min(weights)", min(weights), kind="weight")

    @cached_property
    def _layers(self) -> Layers:
        return _layers_from(self.edges, self.values, self.weights)


@dataclass(frozen=True)
class Sampled(Potential):
    """A table of V, joined by straight lines; a sample where the slope changes is a breakpoint.

    Args:
        x: Positions from wall to wall, increasing, shape (n,), n >= 2.
        v: V at these positions, shape (n,).

    Raises:
        TypeError: If an argument does not hold real numbers.
        ValueError: If the sizes differ, `x` does not increase, or a number is not finite.

    Example:
        >>> Sampled(x=[0, 1, 2], v=[0, 1, 0])([0.5, 1.0])
        array([0.5, 1. ])
    """

    x: Sequence[float]
    v: Sequence[float]

    def __post_init__(self) -> None:
        x = _check.increasing("x", self.x, 2)
        object.__setattr__(self, "x", tuple(x.tolist()))
        object.__setattr__(self, "v", _row("v", self.v, x.size))

    @cached_property
    def interval(self) -> Interval:
        """The walls (a, b), where psi is zero."""
        return self.x[0], self.x[-1]

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """The samples where the slope changes."""
        slopes = np.diff(self.v) / np.diff(self.x)
        # A table of a straight line has slopes that differ by the round-off of its values.
        round_off = 4.0 * np.finfo(np.float64).eps * np.max(np.abs(self.v))
        floor = round_off * (1.0 / np.diff(self.x)[1:] + 1.0 / np.diff(self.x)[:-1])
        return tuple(np.asarray(self.x)[1:-1][np.abs(np.diff(slopes)) > floor].tolist())

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`, by linear interpolation."""
        return np.asarray(np.interp(np.asarray(x, dtype=np.float64), self.x, self.v))


@dataclass(frozen=True)
class CustomPotential(Potential):
    """V given as a function, rho = 1.

    Args:
        function: Takes a float64 array of any shape, returns V in the same shape.
        interval: The walls (a, b).
        breakpoints: Points inside (a, b) where V jumps or has a kink, increasing. Defaults to
            none. That none was forgotten is not checked. At a jump, `function` should return the
            value of the layer to the right.

    Raises:
        TypeError: If `function` is not callable.
        ValueError: If `interval` or `breakpoints` does not increase, or a breakpoint is not inside.

    Example:
        >>> CustomPotential(lambda x: x**2, interval=(-8, 8))([3.0])
        array([9.])
    """

    function: Callable[[Array], ArrayLike]
    interval: Interval = field()
    breakpoints: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise TypeError(
                "`function` must be callable. Received: function of type "
                f"{type(self.function).__name__}. Give a function, e.g. function=lambda x: x**2."
            )
        object.__setattr__(self, "interval", _check.interval("interval", self.interval))
        _set_breakpoints(self, self.breakpoints, self.interval)

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`.

        Raises:
            TypeError: If the function returns no real numbers.
            ValueError: If the function returns another shape, or numbers that are not finite.
        """
        positions = np.asarray(x, dtype=np.float64)
        values = _check.real_array("function(x)", self.function(positions))
        if values.shape != positions.shape:
            raise ValueError(
                f"`function(x)` must have the shape of x, {positions.shape}. "
                f"Received: shape={values.shape}. For a constant return np.full_like(x, constant)."
            )
        return values

    def to_config(self) -> dict[str, object]:
        """The config of `tabulate(self)`: a function itself cannot be stored."""
        return tabulate(self).to_config()


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

    Raises:
        TypeError: If an argument does not hold real numbers.
        ValueError: If the sizes do not fit, `edges` does not increase, or a breakpoint is no edge.

    Example:
        >>> line = PiecewisePolynomial(edges=[0, 2], coefficients=[[1.0, 1.0]])
        >>> line([0.0, 0.5, 2.0])
        array([0. , 0.5, 2. ])
    """

    edges: Sequence[float]
    coefficients: Sequence[Sequence[float]]
    weights: Sequence[Sequence[float]] | None = None
    breakpoints: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        edges = _check.increasing("edges", self.edges, 2)
        panels = edges.size - 1
        object.__setattr__(self, "edges", tuple(edges.tolist()))
        object.__setattr__(self, "coefficients", _table("coefficients", self.coefficients, panels))
        if self.weights is not None:
            object.__setattr__(self, "weights", _table("weights", self.weights, panels))
        _set_breakpoints(self, self.breakpoints, self.interval)
        strangers = sorted(set(self.breakpoints) - set(self.edges))
        if strangers:
            raise ValueError(
                "`breakpoints` must be among `edges`, or a panel would not be smooth. "
                f"Received: {strangers[0]}. Split the panel there."
            )

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
        return _layers_from(self.edges, values, weights)

    def __call__(self, x: ArrayLike) -> Array:
        """V at the positions `x`; exactly at an edge, the value of the panel to the right."""
        return _legendre_series(x, np.asarray(self.edges), np.asarray(self.coefficients))

    def weight(self, x: ArrayLike) -> Array:
        """The weight at the positions `x`; exactly at an edge, that of the panel to the right."""
        if self.weights is None:
            return super().weight(x)
        return _legendre_series(x, np.asarray(self.edges), np.asarray(self.weights))


def potential_from_config(config: Mapping[str, Any]) -> Potential:
    """Restores a potential from what `to_config` returned.

    Args:
        config: A mapping with the class's name under `"class"`, and its fields. A class of your
            own is found if it was defined (imported) before.

    Raises:
        ValueError: If the class is unknown, or the fields do not fit it.

    Example:
        >>> potential_from_config({"class": "InfiniteWell", "width": 2.0})
        InfiniteWell(width=2.0)
    """
    known = {cls.__name__: cls for cls in reversed(_subclasses(Potential))}
    name = config.get("class")
    if name not in known:
        raise ValueError(
            f"`config` must name one of the classes {', '.join(sorted(known))}. "
            f"Received: class={name!r}. Import your own class before you load its config."
        )
    arguments = {key: value for key, value in config.items() if key != "class"}
    _check_fields(known[name], arguments)
    restored: Potential = known[name](**arguments)
    return restored


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
        >>> table = tabulate(CustomPotential(lambda x: x**2, interval=(-1, 1)))
        >>> np.asarray(table.coefficients).shape
        (1, 3)
    """
    _check.positive("tolerance", tolerance, kind="number")
    edges = np.array([potential.interval[0], *potential.breakpoints, potential.interval[1]])
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
    )


def stretched_angle(theta: float, ratio: float) -> float:
    """arctan(ratio tan(theta)) on the branch of theta, which it equals at multiples of pi / 2."""
    s, c = math.sin(theta), math.cos(theta)
    return theta + math.atan2((ratio - 1.0) * s * c, c * c + ratio * s * s)


class _HalfLayer(NamedTuple):
    """One of the two layers of the right half of a symmetric potential."""

    value: float
    length: float


def _symmetric_levels(n: int, inner: _HalfLayer, outer: _HalfLayer) -> Array:
    """The n lowest energies of a symmetric potential of three layers, one of which has V = 0.

    On the half from the plane of symmetry (inner layer, even or odd) to the wall (outer layer),
    the phases theta, tan(theta) = k psi / |psi'| with k = sqrt(E), of the solutions from either
    side meet when theta_inner + theta_outer = (j + 1) pi, j = 0, 1, ...; the sign of the
    difference changes only there, whatever the scale k.
    """
    energies = np.empty(n)
    for index in range(n):
        node, odd = divmod(index, 2)
        inner_phase = _phase_from_wall if odd else _phase_from_plane

        def mismatch(energy: float, node: int = node, inner_phase: Phase = inner_phase) -> float:
            k = math.sqrt(energy)
            theta = inner_phase(energy - inner.value, inner.length, k)
            theta += _phase_from_wall(energy - outer.value, outer.length, k)
            return theta - (node + 1) * math.pi

        lower, upper = _level_bounds(index, inner, outer)
        energies[index] = brentq(mismatch, lower, upper, xtol=1e-300, rtol=1e-15)
    # The roots of a pair closer than round-off may come in either order.
    return np.sort(energies)


def _level_bounds(index: int, inner: _HalfLayer, outer: _HalfLayer) -> Interval:
    """Bounds by the min-max principle: the empty box, the box lifted, the free layer walled off."""
    empty = (0.5 * (index + 1) * math.pi / (inner.length + outer.length)) ** 2
    if inner.value <= outer.value:
        walled_off = (0.5 * (index + 1) * math.pi / inner.length) ** 2
    else:
        walled_off = ((index // 2 + 1) * math.pi / outer.length) ** 2
    lifted = max(inner.value, outer.value) + empty
    # Without a step both bounds are the level itself: leave room for round-off.
    return empty * (1.0 - 1e-9), min(lifted, walled_off) * (1.0 + 1e-9)


def _phase_from_wall(kinetic: float, length: float, k: float) -> float:
    """arctan(k psi / psi') at `length` from a wall, continued: psi = sin or sinh(q x) / q."""
    q = math.sqrt(abs(kinetic))
    if kinetic > 0.0:
        return stretched_angle(q * length, k / q)
    return math.atan(k * length if q == 0.0 else k * math.tanh(q * length) / q)


def _phase_from_plane(kinetic: float, length: float, k: float) -> float:
    """The same phase at `length` from a plane of even symmetry: psi = cos or cosh(q x)."""
    q = math.sqrt(abs(kinetic))
    if kinetic > 0.0:
        return 0.5 * math.pi + stretched_angle(q * length, q / k)
    return 0.5 * math.pi - math.atan(q * math.tanh(q * length) / k)


def _layers_from(
    edges: Sequence[float], values: Sequence[float], weights: Sequence[float] | None = None
) -> Layers:
    """Arrays from tuples; rho = 1 where no weights are given."""
    heights = np.array(values, dtype=np.float64)
    rho = np.ones_like(heights) if weights is None else np.array(weights, dtype=np.float64)
    return Layers(np.array(edges, dtype=np.float64), heights, rho)


def _panel_of(x: ArrayLike, edges: Array) -> NDArray[np.intp]:
    """The panel of each position; an edge belongs to its right, the right wall to the last."""
    inside = edges[1:-1]
    return np.asarray(np.searchsorted(inside, np.asarray(x, dtype=np.float64), side="right"))


def _legendre_series(x: ArrayLike, edges: Array, coefficients: Array) -> Array:
    """sum_j coefficients[panel, j] P_j(t) at the positions `x`, in their shape."""
    positions = np.asarray(x, dtype=np.float64)
    panel = _panel_of(positions, edges)
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


def _set_width_and_box(potential: Potential, width: float, box: float) -> None:
    """Stores two checked lengths in a frozen potential of which `width` must fit into `box`."""
    width, box = _check.positive("width", width), _check.positive("box", box)
    if width >= box:
        raise ValueError(
            f"`width` must be below `box`. Received: width={width}, box={box}. "
            f"Give a wider box, e.g. box={3.0 * width}."
        )
    object.__setattr__(potential, "width", width)
    object.__setattr__(potential, "box", box)


def _set_breakpoints(
    potential: Potential, breakpoints: Sequence[float], interval: Interval
) -> None:
    """Stores checked breakpoints in a frozen potential, as a tuple."""
    inside = _check.interior("breakpoints", breakpoints, interval)
    object.__setattr__(potential, "breakpoints", tuple(inside.tolist()))


def _row(name: str, values: Sequence[float], size: int) -> tuple[float, ...]:
    """A tuple of `size` finite floats."""
    row = _check.real_array(name, values)
    if row.shape != (size,):
        raise ValueError(
            f"`{name}` must be {size} numbers. Received: shape={row.shape}. "
            "Give one number a layer, one less than edges (or one a sample)."
        )
    return tuple(row.tolist())


def _table(name: str, values: Sequence[Sequence[float]], panels: int) -> Table:
    """A tuple of `panels` tuples of equally many finite floats."""
    if len({np.size(row) for row in values}) > 1:
        raise ValueError(
            f"`{name}` must have rows of one length. Received: rows of "
            f"{sorted({np.size(row) for row in values})} numbers. Fill up the short ones with 0."
        )
    table = _check.real_array(name, values)
    if table.ndim != 2 or table.shape[0] != panels or table.shape[1] == 0:
        raise ValueError(
            f"`{name}` must have shape ({panels}, degree + 1). Received: shape={table.shape}. "
            "Give one row of Legendre coefficients a panel, one less than edges."
        )
    return tuple(tuple(row) for row in table.tolist())


def _as_json(value: object) -> object:
    """Tuples as lists, all the way down: what JSON returns equals what was stored."""
    return [_as_json(item) for item in value] if isinstance(value, tuple) else value


def _check_fields(cls: type[Any], arguments: Mapping[str, object]) -> None:
    """Refuses a config with fields that the class does not have, or without those it needs."""
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init}
    if not set(arguments) <= set(fields):
        raise ValueError(
            f"`config` of {cls.__name__} must hold only the fields {', '.join(sorted(fields))}. "
            f"Received: {', '.join(sorted(set(arguments) - set(fields)))}. Remove the others."
        )
    unset = dataclasses.MISSING
    needed = {f.name for f in fields.values() if f.default is unset and f.default_factory is unset}
    if not needed <= set(arguments):
        raise ValueError(
            f"`config` of {cls.__name__} must hold all fields without a default. Received: none "
            f"for {', '.join(sorted(needed - set(arguments)))}. Use what `to_config` returned."
        )


def _subclasses(cls: type[Any]) -> list[type[Any]]:
    """All subclasses that are dataclasses, in the order of definition."""
    direct = cls.__subclasses__()
    below = [found for child in direct for found in _subclasses(child)]
    return [child for child in direct if dataclasses.is_dataclass(child)] + below
