"""Families: all potentials that one description gives as its parameters range over a box."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, cast

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation import kinds
from qwpinn.equation.potential import Potential
from qwpinn.families.ranges import check_names, ends_of, is_pair
from qwpinn.inputs import check, limits
from qwpinn.potentials.config import known_classes, potential_from_config, value_from_json
from qwpinn.startup import refuse_fork
from qwpinn.storage.plain import Json, as_json

Array = NDArray[np.float64]

# Parameters this far outside, in units of the range, come from rounding.
SLACK = 1e-12


class Family:
    """A potential whose named parameters range over a box.

    Args:
        template: A class of potentials, or any function that returns one: the parameters and fixed
            values are its arguments. Or a potential: the parameters are what its `varied` takes,
            e.g. ``"field"`` or ``"well.thickness"`` of a `Heterostructure`.
        **parameters: A pair (lowest, highest) for each parameter; anything else is a fixed value.

    The order of the ranges is that of the columns of p everywhere. Members have as many walls and
    breakpoints as each other.

    Attributes:
        names: Of the parameters.
        lower: Their lowest values, shape ``(m,)``.
        upper: Their highest values.

    Raises:
        TypeError: If the template gives no potentials, or an argument is of the wrong type.
        ValueError: If a range is empty, there is none, a corner of the box is no valid potential,
            or the number of breakpoints differs within it.

    Example:
        >>> from qwpinn.potentials import FiniteWell
        >>> family = Family(FiniteWell, depth=(5, 50), width=(1.2, 2.8), box=6.0)
        >>> family.names, family.potential([20.0, 2.0])
        (('depth', 'width'), FiniteWell(depth=20.0, width=2.0, box=6.0))
    """

    def __init__(self, template: Callable[..., Potential] | Potential, /, **parameters: object):
        if not (callable(template) or kinds.is_potential(template)):
            raise TypeError(
                "`template` must be a class of potentials, a function that returns one, or a "
                f"potential. Received: {kinds.shown(template)}. Give e.g. qwpinn.FiniteWell."
            )
        ranges = {name: value for name, value in parameters.items() if is_pair(value)}
        if not ranges:
            raise ValueError(
                "`parameters` must hold at least one range, a pair of numbers. Received: "
                f"{', '.join(parameters) or 'none'}. Give e.g. depth=(5.0, 50.0)."
            )
        limits.at_most("parameters", len(ranges), limits.PARAMETERS, "ranges")
        fixed = {name: value for name, value in parameters.items() if name not in ranges}
        check_names(template, parameters)
        self._set(template, ranges, fixed)
        self._check_members()

    def _set(
        self,
        template: Callable[..., Potential] | Potential,
        ranges: Mapping[str, Iterable[object]],
        fixed: Mapping[str, object],
    ) -> None:
        """Stores the description, once it is known what is a range and what is held fixed."""
        self.template, self.fixed = template, dict(fixed)
        self.names = tuple(ranges)
        pairs = [ends_of(name, value) for name, value in ranges.items()]
        self.lower, self.upper = (np.array(ends) for ends in zip(*pairs, strict=True))
        # Lengths, depths and masses act by their ratios: a well's levels converge fast in log.
        self.logarithmic = self.lower > 0.0

    def __repr__(self) -> str:
        template = self.template
        named = getattr(template, "__name__", None) or f"{template!r:.90}"
        ranges = [
            f"{name}=({low:g}, {high:g})"
            for name, low, high in zip(self.names, self.lower, self.upper, strict=True)
        ]
        fixed = [f"{name}={value!r:.40}" for name, value in self.fixed.items()]
        return f"Family({', '.join([named, *ranges, *fixed])})"

    def potential(self, p: ArrayLike) -> Potential:
        """The member with parameters p, shape ``(m,)``."""
        values = dict(zip(self.names, np.asarray(p, np.float64).tolist(), strict=True))
        if kinds.is_potential(self.template):
            return _with(self.template, {**self.fixed, **values})
        return cast(Callable[..., Potential], self.template)(**self.fixed, **values)

    @cached_property
    def centre(self) -> Potential:
        """The member in the middle of the box."""
        return self.potential(self.unscaled(np.zeros((1, len(self.names))))[0])

    def scaled(self, p: ArrayLike) -> Array:
        """Parameters carried to [-1, 1], those that are always positive by their logarithm."""
        low, high, p = (self._levelled(v) for v in (self.lower, self.upper, p))
        return np.asarray((2.0 * p - low - high) / (high - low))

    def unscaled(self, u: ArrayLike) -> Array:
        """The inverse of `scaled`, kept within the box."""
        low, high, log = self._levelled(self.lower), self._levelled(self.upper), self.logarithmic
        p = (low + high) / 2 + (high - low) / 2 * np.asarray(u, np.float64)
        p = np.where(log, np.exp(np.where(log, p, 0.0)), p)
        return np.asarray(np.clip(p, self.lower, self.upper))

    def stretch(self, p: Array) -> Array:
        """dp/du of the `scaled` parameters at p, in the shape of p."""
        half = (self._levelled(self.upper) - self._levelled(self.lower)) / 2
        return np.asarray(np.where(self.logarithmic, p, 1.0) * half)

    def _levelled(self, p: ArrayLike) -> Array:
        """The logarithms of those parameters that enter by them, the others as they are."""
        p, log = np.asarray(p, np.float64), self.logarithmic
        return np.asarray(np.where(log, np.log(np.where(log, p, 1.0)), p))

    def points(self, count: int, seed: int = 0) -> Array:
        """Sobol points for training, shape ``(count, m)``, denser towards the faces of the box.

        They follow the arcsine law in the `scaled` parameters, as Chebyshev points do: a smooth fit
        errs most at the ends of a range.

        Args:
            count: How many.
            seed: Of the scrambling.
        """
        count = check.integer("count", count, maximum=limits.MEMBERS)
        sobol = scipy.stats.qmc.Sobol(
            len(self.names), seed=check.integer("seed", seed, 0, limits.SEED)
        )
        uniform = 2.0 * sobol.random_base2(int(np.ceil(np.log2(count))))[:count] - 1.0
        return self.unscaled(np.sin(np.pi / 2 * uniform))

    def checked(self, p: ArrayLike, extrapolate: bool = False) -> Array:
        """Parameters as a float64 array ``(n, m)`` within the box.

        Args:
            p: Numbers, shape ``(n, m)``, in the order of the ranges.
            extrapolate: Let parameters outside pass with a warning.

        Raises:
            TypeError: If ``p`` does not hold real numbers.
            ValueError: If the shape differs, or a number is not finite or outside its range.

        Warns:
            UserWarning: If parameters are outside and ``extrapolate`` is set.
        """
        # What asks a network about members passes here.
        refuse_fork("family")
        rows = np.asarray(p)
        if rows.ndim != 2 or rows.shape[1] != len(self.names) or not rows.size:
            raise ValueError(
                f"`p` must have shape (n, {len(self.names)}), a row ({', '.join(self.names)}) for "
                f"each potential. Received: shape={rows.shape}. Give e.g. "
                f"[{[round(float(v), 4) for v in self.unscaled(np.zeros(len(self.names)))]}]."
            )
        rows = check.real_array("p", rows)
        slack = SLACK * (self.upper - self.lower)
        # Column by column: NumPy reduces a long axis of narrow rows ten times slower.
        least = np.array([column.min() for column in rows.T])
        most = np.array([column.max() for column in rows.T])
        if np.all(least >= self.lower) and np.all(most <= self.upper):
            return rows
        if np.all(least >= self.lower - slack) and np.all(most <= self.upper + slack):
            return np.clip(rows, self.lower, self.upper)
        outside = (rows < self.lower - slack) | (rows > self.upper + slack)
        row, column = np.argwhere(outside)[0]
        found = (
            f"`p` must lie in the box that was trained. Received: {self.names[column]}="
            f"{rows[row, column]:g} in row {row}, outside "
            f"({self.lower[column]:g}, {self.upper[column]:g})."
        )
        if not extrapolate:
            raise ValueError(f"{found} Train a wider family, or give extrapolate=True.")
        warnings.warn(f"{found} Nothing is known of the error there.", stacklevel=3)
        return rows

    def to_config(self) -> dict[str, Json]:
        """A dict of plain JSON values from which `from_config` restores the family.

        Ranges ``[name, lowest, highest]`` and fixed values ``[name, value]`` are lists, for their
        order counts: it is that of the columns of p, and that in which `varied` is called.

        Raises:
            TypeError: If the template is a function, or a fixed value cannot be stored.
        """
        template: Any = self.template
        own = type(template) if kinds.is_potential(template) else template
        if known_classes().get(getattr(own, "__name__", "")) is not own:
            raise TypeError(
                "`template` must be a class of potentials, or a potential, to be stored. Received: "
                f"{template!r:.60}. Write it as a frozen dataclass of qwpinn.Potential."
            )
        rows = zip(self.names, self.lower.tolist(), self.upper.tolist(), strict=True)
        return {
            "template": own.__name__ if own is template else template.to_config(),
            "ranges": [list(row) for row in rows],
            "fixed": [[name, as_json(name, value)] for name, value in self.fixed.items()],
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Json]) -> Family:
        """Restores a family from what `to_config` returned.

        Mappings in the place of its lists, as earlier versions stored them, are taken in the order
        in which they stand. Members were checked when the family was made, and are not again.

        Raises:
            ValueError: If its class of potentials is unknown, or fixed values that overwrite each
                other stand in a mapping that may have been sorted.
        """
        template, ranges, fixed = (config[key] for key in ("template", "ranges", "fixed"))
        if isinstance(template, Mapping):
            template = potential_from_config(template)
        elif template in known_classes():
            template = known_classes()[template]
        else:
            raise ValueError(
                f"`template` must be one of {', '.join(sorted(known_classes()))}. Received: "
                f"{template}. Import your own class before you load its family."
            )
        values = {name: value_from_json(value) for name, value in dict(fixed).items()}
        if isinstance(fixed, Mapping):
            _check_any_order(template, values)
        if isinstance(ranges, Mapping):
            ranges = [[name, *pair] for name, pair in ranges.items()]
        family = cls.__new__(cls)
        family._set(template, {name: (low, high) for name, low, high in ranges}, values)
        return family

    def check_box(self, lower: list[float], upper: list[float]) -> None:
        """Refuses networks that were made for other ranges."""
        if (self.lower.tolist(), self.upper.tolist()) != (lower, upper):
            raise ValueError(
                f"`family` must have the ranges of its networks, from {lower} to {upper}. "
                f"Received: {self!r}. Correct them, or their order."
            )

    def _check_members(self) -> None:
        """Refuses boxes with a corner that is no potential, or of another structure."""
        count = len(self.names)
        corners = list(itertools.product((-1.0, 1.0), repeat=min(count, 8)))
        scaled = np.array([[*corner, *[1.0] * (count - len(corner))] for corner in corners])
        counts, amplitudes = [], []
        for p in [*self.unscaled(scaled), *self.points(16)]:
            try:
                member = self.potential(p)
            except (TypeError, ValueError, ArithmeticError) as error:
                place = ", ".join(f"{n}={v:g}" for n, v in zip(self.names, p, strict=True))
                raise type(error)(f"at {place}: {error}") from error
            counts.append(self._structure(member))
            amplitudes.append(member.amplitude)
        if len(set(amplitudes)) > 1:
            raise ValueError(
                "`parameters` must leave hbar^2/2m alone, which is one for all members. Received: "
                f"{' and '.join(self.names)}, with another mass or other units for each. Vary "
                "lengths and energies, or take qwpinn.sweep."
            )
        if len(set(counts)) > 1:
            raise ValueError(
                "`parameters` must leave the number of breakpoints alone. Received: between "
                f"{min(counts)} and {max(counts)} of them. Split the box into several families."
            )

    def _structure(self, member: object) -> int:
        """The number of breakpoints; refuses what is no potential of one equation."""
        if not kinds.is_potential(member):
            raise TypeError(
                "`template` must give a qwpinn.Potential. Received: "
                f"{type(member).__name__}. Give a class such as qwpinn.FiniteWell."
            )
        if member.energy_dependent:
            raise ValueError(
                "`template` must have masses that do not depend on the energy. Received: "
                "non-parabolic bands. Take nonparabolic=False, or qwpinn.sweep."
            )
        return len(member.normal_form.breakpoints)


def checked_family(value: object) -> Family:
    """Returns `value`, refusing what is no `Family`.

    Raises:
        TypeError: If it is something else, such as a class of potentials.
    """
    cure = "Give e.g. qwpinn.Family(qwpinn.FiniteWell, depth=(5, 50))."
    found: Family = kinds.one_of("family", value, Family, "a qwpinn.Family", cure)
    return found


def _with(potential: Potential, values: Mapping[str, object]) -> Potential:
    """The potential with some of its numbers changed, one after the other."""
    for name, value in values.items():
        # Each `varied` refuses what it does not take.
        potential = potential.varied(name, cast(float, value))
    return potential


def _check_any_order(template: object, fixed: Mapping[str, object]) -> None:
    """Refuses sorted values of which a later one overwrites an earlier one: they had an order."""
    names = list(fixed)
    if not kinds.is_potential(template) or names != sorted(names):
        return
    if _with(template, fixed) != _with(template, {name: fixed[name] for name in names[::-1]}):
        raise ValueError(
            "`fixed` must be a list [[name, value], ...] in the order in which values are set, for "
            f"one overwrites another. Received: a mapping of {', '.join(names)}. Write the list."
        )
