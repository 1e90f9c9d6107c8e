"""The packet: a Gaussian that moves, the usual state at time 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.inputs import check
from qwpinn.inputs.frozen import set_fields
from qwpinn.sheets.screen import short_repr


@dataclass(frozen=True, repr=False)
class Packet:
    r"""A Gaussian packet, the state of least uncertainty.

    .. math:: \psi(x) = (2 \pi \sigma^2)^{-1/4}
              \exp\left(-\frac{(x - x_0)^2}{4 \sigma^2} + i k (x - x_0)\right)

    Its position has the mean x_0 and the standard deviation sigma, its momentum hbar k and
    hbar / (2 sigma); integral |psi|^2 dx = 1.

    Args:
        centre: x_0, in the well's unit of length.
        momentum: k, over hbar: an inverse length. Defaults to 0.
        width: sigma. Defaults to 1.

    Raises:
        TypeError: If an argument is no real number.
        ValueError: If one is not finite, or the width is not positive.

    Example:
        >>> at_rest = Packet(centre=0.0, width=0.5)
        >>> print(round(abs(at_rest(0.0))**2, 6))  # (2 pi)^(-1/2) / 0.5
        0.797885

    Reference:
        C. Cohen-Tannoudji, B. Diu, F. Laloe, Quantum Mechanics, volume 1, complement G_I,
        ISBN 978-3-527-34553-3
    """

    fields: ClassVar[tuple[str, ...]] = ("centre", "momentum", "width")

    centre: float
    momentum: float = 0.0
    width: float = 1.0

    def __post_init__(self) -> None:
        set_fields(
            self,
            centre=check.finite("centre", self.centre),
            momentum=check.finite("momentum", self.momentum),
            width=check.positive("width", self.width),
        )

    def __repr__(self) -> str:
        return short_repr(self)

    def __call__(self, x: ArrayLike) -> NDArray[np.complex128]:
        """Psi at positions, complex, in the shape of ``x``."""
        away = np.asarray(x, np.float64) - self.centre
        height = (2.0 * np.pi) ** -0.25 * self.width**-0.5
        phase = self.momentum * away
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray(height * np.exp(-((away / (2.0 * self.width)) ** 2) + 1j * phase))
