"""The drive: f(t) W(x), what is added to H, with its pulse f."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation import couplings, kinds
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check
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

    @overload
    def __call__(self, t: float) -> float: ...

    @overload
    def __call__(self, t: ArrayLike) -> float | Array: ...

    def __call__(self, t: ArrayLike) -> float | Array:
        """F at a time, a float; at an array of times, an array of their shape.

        Raises:
            TypeError: If the times are no real numbers, or the envelope does not return one.
            ValueError: If one is not finite.
        """
        times = check.real_array("t", t)
        shape: float | Array = 1.0
        if self.envelope is not None:
            shape = couplings.at_times("envelope", self.envelope, times)
        found = self.amplitude * shape * np.cos(self.frequency * times + self.phase)
        return found if times.ndim else float(found)

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
        coupling, strength = couplings.coupled(drive, potential)
        return cls(
            lambda x: couplings.at_positions(coupling, x),
            lambda t: couplings.at_time("drive[1]", strength, t),
        )

    def looked(self, end: float) -> tuple[Array, Array]:
        """Even times from 0 to an end, and f there, each ``(LOOKED + 1,)``.

        Steps are held against these values too: what lies between two of them and between the
        nodes of a step is not seen.

        Args:
            end: Of the time that is asked for.

        Raises:
            TypeError: If f does not return real numbers.
            ValueError: If one is not finite.
        """
        t = np.linspace(0.0, end, LOOKED + 1)
        return t, couplings.at_times("drive[1]", self.strength, t)
