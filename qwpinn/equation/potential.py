"""The potential: what every V and rho of -psi'' + rho (V - E) psi = 0 has, on its interval."""

import abc
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.description import Described
from qwpinn.equation.ends import DIRICHLET, Ends
from qwpinn.equation.layers import Layers, mirrored
from qwpinn.equation.minimum import minimum
from qwpinn.equation.operators import Makers, Operators
from qwpinn.equation.smoothness import Irregularity, irregularities, narrow
from qwpinn.inputs import check, formulas, limits
from qwpinn.inputs.frozen import set_fields
from qwpinn.units.dimensional import Dimensional
from qwpinn.units.systems import Units

Array = NDArray[np.float64]
Interval = tuple[float, float]


class Potential(Dimensional["Potential"], Operators["Potential"], Described):
    """A potential V(x) and a weight rho(x) on an interval with walls at both ends.

    To write your own, subclass it as a frozen dataclass, and define

    - `interval`, the pair (a, b) of walls, and `__call__(x)`, V as float64 in the shape of x;
    - `breakpoints`, if V or rho jumps or has a kink inside (a, b): the points, increasing. Without
      them every method loses its order. A value asked for exactly at a jump is the one of the
      layer to the right;
    - `weight(x)`, if rho is not 1: positive, of the shape of x;
    - `levels(n)`, if the exact energies are known;
    - `cut_ends`, if V goes on beyond an end, which is no real wall then but cuts it off;
    - `layers`, if V and rho are constant between breakpoints;
    - `dimensions`, powers of energy and length of its fields, for their units and exact levels
      where it is `in_units`: ``dimensions = {"depth": (1, 0), "width": (0, 1)}``.

    A potential whose own coordinate is not the x of the equation, such as `Heterostructure` with
    its z, has a `normal_form` that is; everybody else is their own normal form.

    A subclass may give `interval`, `breakpoints`, `cut_ends` and `layers` as fields, properties or
    cached ones. Fields that hold numbers or (nested) tuples of numbers are stored by `to_config`.

    Potentials on one interval with one weight are added and subtracted, numbers lift and scale
    them: ``V1 + V2``, ``V - 3.0``, ``-V``, ``2.0 * V``, ``V / 2``; `shifted`, `stretched` and
    `mirrored` move them along x.

    Example:
        >>> from dataclasses import dataclass
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

    _makers: ClassVar[Makers] = {}

    # Whether `qwpinn.Paper` holds the energies at `levels` instead of training them, as
    # arXiv:2504.05367 does of the infinite well.
    levels_held: ClassVar[bool] = False

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

    @property
    def smooth_pieces(self) -> Array:
        """Walls and breakpoints, between any two of which V and rho are smooth, ``(n + 1,)``."""
        return np.array([self.interval[0], *self.breakpoints, self.interval[1]], np.float64)

    @cached_property
    def layers(self) -> Layers | None:
        """The constant layers, or None where V or rho varies between breakpoints."""
        return None

    @cached_property
    def minimum(self) -> float:
        """Min V, from a grid and a minimisation about its deepest points; exact for layers."""
        if self.layers is not None:
            return float(np.min(self.layers.values))
        return minimum(lambda x: values(self, x), self.smooth_pieces)

    @cached_property
    def irregularities(self) -> tuple[tuple[Irregularity, ...], ...]:
        """Where V, and where rho, is found not to be smooth between the breakpoints."""
        if self.layers is not None:
            return (), ()
        return tuple(irregularities(f, self.smooth_pieces) for f in (self, self.weight))

    @cached_property
    def narrow(self) -> tuple[Array, Array]:
        """Ends of panels for narrow features of V and rho (`smoothness.narrow`), twice."""
        if self.layers is not None:
            return np.zeros(0), np.zeros(0)
        found = [narrow(f, self.smooth_pieces) for f in (self, self.weight)]
        first, second = (np.unique(np.concatenate(parts)) for parts in zip(*found, strict=True))
        return first, second

    def with_breakpoints(self, points: Sequence[float]) -> "Potential":
        """The same V and rho, known not to be smooth at these points too.

        Args:
            points: Inside the interval, increasing; those that are breakpoints already may be
                among them.

        Raises:
            TypeError: If they are no real numbers.
            ValueError: If they do not increase, or one is not inside the interval.
        """
        return self._made("segmented", tuple(points))

    @property
    def boundary_conditions(self) -> Ends:
        """What psi does at both ends."""
        return DIRICHLET

    @property
    def cut_ends(self) -> tuple[bool, bool]:
        """Whether V goes on beyond the left and the right end; else this is a real wall."""
        return False, False

    @property
    def normal_form(self) -> "Potential":
        """The same problem as -psi'' + rho (V - E) psi = 0 in the coordinate x = to_normal."""
        return self

    def to_normal(self, x: Array) -> Array:
        """The coordinate of `normal_form` at own positions; arrays and tensors alike."""
        return x

    def from_normal(self, x: Array) -> Array:
        """Own positions at those of `normal_form`."""
        return x

    @property
    def amplitude(self) -> float:
        """Psi as users see it over the psi of `normal_form`."""
        return 1.0

    @cached_property
    def even(self) -> bool:
        """Whether V and rho are even about the middle by construction; values prove nothing."""
        if self.layers is None:
            return False
        return mirrored(*self.layers)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that a reader of its levels should see, e.g. on how V was made."""
        return ()

    @property
    def coarser(self) -> "Potential | None":
        """The same with every second sample left out, where V is a table; None for a formula."""
        return None

    @property
    def couplings(self) -> Mapping[str, Callable[[Array], Array]]:
        """By name: what `qwpinn.evolve` may drive beside the position, an energy at positions."""
        return {}

    @property
    def energy_dependent(self) -> bool:
        """Whether a mass depends on the energy, so that there is a `normal_form` of `at` only."""
        return False

    @property
    def least_energy(self) -> float:
        """Below this, no `at` is defined."""
        return -math.inf

    def at(self, energy: float) -> "Potential":
        """The problem as a state of this energy sees it: itself, where no mass depends on it."""
        return self

    @property
    def parabolic_limit(self) -> "Potential":
        """The problem with the masses of the band edges: itself, where no mass depends on E."""
        return self

    def _in(self, units: Units) -> "Potential":
        return self._made("dressed", units)

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


def values(potential: Potential, x: Array) -> Array:
    """V(x), refused where it is not finite.

    Raises:
        ValueError: With the first position where V is infinite or NaN.
    """
    with np.errstate(all="ignore"):
        v = np.asarray(potential(x), np.float64)
    return formulas.finite("potential", "V", v, x, potential.interval)


def set_breakpoints(potential: Potential, breakpoints: Sequence[float], interval: Interval) -> None:
    """Stores checked breakpoints in a frozen potential, as a tuple."""
    limits.at_most("breakpoints", np.size(breakpoints), limits.BREAKPOINTS, "points")
    inside = check.interior("breakpoints", breakpoints, interval)
    set_fields(potential, breakpoints=tuple(inside.tolist()))
