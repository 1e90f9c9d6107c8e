"""The drive: f(t) W(x), what is added to H, with its pulse f."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.equation import kinds
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check, formulas
from qwpinn.inputs.frozen import set_fields
from qwpinn.sheets.screen import short_repr

Array = NDArray[np.float64]
InTime = Callable[[float], float]

# Of the time that is asked for: on so many points f is looked at before any step is taken.
LOOKED = 4096


@dataclass(frozen=True, repr=False)
class Pulse:
    r"""f(t) = A g(t) cos(omega t + phi): light, or an alternating voltage.

    Args:
        amplitude: A, in the units of f: that of energy over that of W; of the field of a device,
            kV/cm.
        frequency: omega, angular, an inverse time: a photon has the energy hbar omega. Defaults to
            0, a pulse that does not alternate.
        envelope: g, a function of one time that returns one number. Defaults to None: 1 for ever.
        phase: phi, in radians. Defaults to 0.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a number is not finite.

    Example:
        >>> pulse = Pulse(amplitude=5.0, frequency=10.0)
        >>> print(round(pulse(0.1), 6), round(pulse.period, 6))  # 5 cos 1, 2 pi / 10
        2.701512 0.628319

    Reference:
        D. J. Tannor, Introduction to Quantum Mechanics: A Time-Dependent Perspective, chapter 13,
        ISBN 978-1-891389-99-3
    """

    amplitude: float
    frequency: float = 0.0
    envelope: InTime | None = None
    phase: float = 0.0

    def __post_init__(self) -> None:
        for name in ("amplitude", "frequency", "phase"):
            set_fields(self, **{name: check.finite(name, getattr(self, name))})
        if self.envelope is not None:
            kinds.function("envelope", self.envelope, "a time")

    def __repr__(self) -> str:
        return short_repr(self)

    def __call__(self, t: float) -> float:
        """F at a time."""
        shape = 1.0 if self.envelope is None else _number("envelope", self.envelope, t)
        return float(self.amplitude * shape * np.cos(self.frequency * t + self.phase))

    @property
    def period(self) -> float:
        """2 pi / omega, infinite if nothing alternates."""
        return 2.0 * np.pi / abs(self.frequency) if self.frequency else np.inf


class Drive(NamedTuple):
    """f(t) W(x), looked at and found to be numbers.

    Attributes:
        coupling: W at own positions ``(n,)``.
        strength: f at a time.
    """

    coupling: Callable[[Array], Array]
    strength: InTime

    @classmethod
    def of(cls, drive: object, potential: Potential) -> Drive:
        """What ``drive=(W, f)`` means in a well.

        Args:
            drive: The pair. W is a function of positions, or the name of one: ``"x"``, and of a
                device ``"field"``, the energy in a field of 1 kV/cm. f is a function of one time.
            potential: The well.

        Raises:
            TypeError: If it is no such pair.
            ValueError: If W has no such name.
        """
        if not isinstance(drive, tuple | list) or len(drive) != 2:
            raise TypeError(
                "`drive` must be a pair (W, f) of functions, for H + f(t) W(x). Received: "
                f"{kinds.shown(drive)}. Give e.g. drive=('x', qwpinn.Pulse(0.1, frequency=2.0))."
            )
        given, strength = drive
        known = {"x": lambda x: x, potential.symbol: lambda x: x, **potential.couplings}
        if isinstance(given, str) and given not in known:
            raise ValueError(
                f"`drive` must begin with a function of {potential.symbol}, or with "
                f"{' or '.join(repr(name) for name in sorted(known))}. Received: {given!r:.40}. "
                "Give e.g. lambda x: x**2."
            )
        coupling = known[given] if isinstance(given, str) else given
        kinds.function("drive[0]", coupling, f"{potential.symbol}, W")
        kinds.function("drive[1]", strength, "a time, f")

        def values(x: Array) -> Array:
            found = formulas.evaluated("drive[0]", coupling, x)
            return formulas.finite("drive[0]", "W", found, x)

        return cls(values, lambda t: _number("drive[1]", strength, t))

    def longest_step(self, end: float) -> float:
        """A step over which f changes by a quarter of its size at most, as a first look finds it.

        A pulse that lasts for a thousandth of the time is not stepped over so. What lies between
        two neighbours of `LOOKED` points is not seen.

        Args:
            end: Of the time that is asked for.

        Raises:
            ValueError: If f is not finite somewhere.
        """
        t = np.linspace(0.0, end, LOOKED + 1)
        f = np.array([self.strength(at) for at in t.tolist()])
        changed = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(f)))])
        size = 0.25 * float(np.max(np.abs(f)))
        if not 0.0 < size < changed[-1]:
            return end
        ahead = np.searchsorted(changed, changed + size) - np.arange(t.size)
        return float(np.min(ahead[changed + size <= changed[-1]]) * end / LOOKED)


def _number(name: str, function: InTime, t: float) -> float:
    """A function of time at a time, refused if it is no finite real number."""
    value = function(t)
    if np.ndim(value) == 0 and isinstance(value, np.ndarray):
        value = value[()]
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"`{name}` must return one real number for one time. Received: {kinds.shown(value)} at "
            f"t={t:g}. Give a function such as lambda t: 0.1 * np.cos(2.0 * t)."
        )
    if not np.isfinite(value):
        raise ValueError(
            f"`{name}` must be finite at all times asked for. Received: {float(value)} at "
            f"t={t:g}. End before, or cut the pole off."
        )
    return float(value)
