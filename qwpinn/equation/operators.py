"""Operators: potentials added, scaled and moved, ``V1 + V2``, ``2.0 * V``, `shifted` and so on."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar, cast

from qwpinn.inputs import check

P = TypeVar("P", bound="Algebra[Any]")
Makers = dict[str, Callable[..., Any]]


class Algebra(Generic[P]):
    """What a potential of any dimension has of operators: ``V1 + V2``, ``2.0 * V - 3.0``."""

    # NumPy's numbers leave `2.0 * V` to V.
    __array_ufunc__: ClassVar[None] = None

    # What makes V1 + V2 and the others of one dimension, by name. The classes are potentials
    # themselves, and so stand in folders above this one, which hand them over.
    _makers: ClassVar[Makers]

    @classmethod
    def made_by(cls, **makers: Callable[..., Algebra[Any]]) -> None:
        """Registers what makes potentials of others.

        Args:
            **makers: ``plus(first, second)``, ``scaled(V, factor, offset)``,
                ``moved(V, stretch, distance)``, ``segmented(V, points)``, ``dressed(V, units)``.
        """
        cls._makers.update(makers)

    def _made(self, maker: str, *arguments: object) -> P:
        return cast("P", self._makers[maker](self, *arguments))

    def _plus(self, other: P) -> P:
        """V + other."""
        return self._made("plus", other)

    def _scaled(self, factor: float, offset: float) -> P:
        """Factor V + offset."""
        return self._made("scaled", factor, offset)

    def __add__(self, other: P | float) -> P:
        """V + other: of two potentials between the same walls, or lifted by an energy."""
        if isinstance(other, Algebra):
            return self._plus(other)
        return self._scaled(1.0, other) if is_number(other) else NotImplemented

    def __radd__(self, other: float) -> P:
        return self.__add__(other)

    def __sub__(self, other: P | float) -> P:
        known = isinstance(other, Algebra) or is_number(other)
        return self.__add__(-other) if known else NotImplemented

    def __rsub__(self, other: float) -> P:
        lifted: P = (-self).__add__(other)
        return lifted

    def __neg__(self) -> P:
        return self._scaled(-1.0, 0.0)

    def __mul__(self, factor: float) -> P:
        """V times a number; its walls stay."""
        return self._scaled(factor, 0.0) if is_number(factor) else NotImplemented

    def __rmul__(self, factor: float) -> P:
        return self.__mul__(factor)

    def __truediv__(self, divisor: float) -> P:
        if not is_number(divisor):
            return NotImplemented
        if divisor == 0:
            raise ZeroDivisionError(
                f"`{type(self).__name__}` must be divided by a number that is not 0. "
                f"Received: {divisor}. Multiply by a large number instead."
            )
        return self.__mul__(1.0 / divisor)


class Operators(Algebra[P]):
    """What a potential of one dimension has of operators, and of methods that move it along x."""

    interval: Any

    def _moved(self, stretch: float, distance: float) -> P:
        """V((x - distance) / stretch)."""
        return self._made("moved", stretch, distance)

    def shifted(self, distance: float) -> P:
        """V(x - distance) on the interval moved by `distance`; the levels stay.

        Args:
            distance: To the right; a negative one moves to the left.

        Raises:
            TypeError: If `distance` is no real number.
            ValueError: If it is not finite, or so far that edges fall together by round-off.
        """
        return self._moved(1.0, distance)

    def stretched(self, factor: float) -> P:
        """V(x / factor) on factor * interval: wider about x = 0, as high as before.

        The levels move. A whole problem in another unit of length is `(V / f**2).stretched(f)`: all
        its levels are those of V over f**2.

        Args:
            factor: Above 0; below 1 it shrinks.

        Raises:
            TypeError: If `factor` is no real number.
            ValueError: If it is not positive and finite.
        """
        return self._moved(check.positive("factor", factor, kind="number"), 0.0)

    def mirrored(self) -> P:
        """V(a + b - x): left and right exchanged between the same walls; the levels stay."""
        return self._moved(-1.0, sum(self.interval))


def is_number(value: object) -> bool:
    """Whether the value is a real number and no boolean."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
