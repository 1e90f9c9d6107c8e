"""Initial states: psi at t = 0 as a sine series of the box, with its energy and its spread."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray
from scipy.fft import dst

from qwpinn.equation import kinds
from qwpinn.equation.scaling import Scaling
from qwpinn.inputs import check, formulas
from qwpinn.quadrature import Quadrature
from qwpinn.storage.plain import Json
from qwpinn.training.space_time import SpaceTime

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Function = Callable[[Array], ArrayLike]

# In units of the largest |psi|: what it may be at the walls, how well its series must give it, and
# how well that is tried for; more than a share of what is left at the walls is not worth it.
AT_WALLS, RESOLVED, TRIED, SHARE = 1e-6, 1e-8, 1e-11, 1e-2
# Sine functions of a series, at the least and at the most: each is evaluated at every point.
FEWEST, TERMS = 32, 512


@dataclass(frozen=True)
class InitialState:
    r"""psi at t = 0, a sum of the box's sine functions, which the walls have at zero.

    .. math:: \psi(x, 0) = \sum_{n=1}^N c_n \sin(n \pi (\xi + 1) / 2)

    Args:
        real: Re c, shape ``(N,)``, in own units.
        imaginary: Im c.
        norm: (integral rho |psi|^2 dx)^(1/2).
        missed: The same norm of what the series does not give of the function it was made of.
        energy: The mean of H at t = 0, in own units.
        spread: Its standard deviation.
    """

    real: tuple[float, ...]
    imaginary: tuple[float, ...]
    norm: float
    missed: float
    energy: float
    spread: float

    @classmethod
    def of(cls, function: Function, motion: SpaceTime, scaling: Scaling) -> InitialState:
        """That of a function of own positions.

        Raises:
            TypeError: If it is no function, or returns no numbers.
            ValueError: If it is zero, not finite, not zero at the walls, or not smooth enough.
        """
        kinds.function("psi0", function, "positions, as a qwpinn.Packet is")

        def psi(xi: Array) -> Complex:
            x = np.clip(scaling.centre + scaling.half_width * xi, *scaling.interval)
            return formulas.wave(function, motion.own(x), symbol="psi")

        size = _size(psi)
        coefficients = _series(psi, size)
        nodes = motion.in_space(max(480, 6 * coefficients.size))
        xi = scaling.position(nodes.nodes)
        measure = nodes.weights * motion.form.weight(nodes.nodes)
        series = _sines(xi, coefficients.size) @ coefficients
        missed = float(np.sqrt(measure @ np.abs(psi(xi) - series) ** 2))
        norm = float(np.sqrt(measure @ np.abs(series) ** 2))
        moments = _moments(coefficients, nodes, motion, scaling)
        real, imaginary = (tuple(p.tolist()) for p in (coefficients.real, coefficients.imag))
        return cls(real, imaginary, norm, missed, *moments)

    @cached_property
    def _table(self) -> Array:
        """The coefficients of a function of norm 1, ``(N, 2)``."""
        return np.stack([self.real, self.imaginary], axis=1) / self.norm

    def parts(self, xi: tf.Tensor) -> tf.Tensor:
        """Re and Im of psi over its norm at xi ``(n, 1)``: ``(n, 2)``."""
        return tf.sin(self._angles(xi)) @ tf.constant(self._table)

    def with_curvature(self, xi: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """`parts`, and their second derivatives by xi."""
        sines = tf.sin(self._angles(xi))
        squares = (self._numbers[:, None] * np.pi / 2.0) ** 2
        return sines @ tf.constant(self._table), sines @ tf.constant(-squares * self._table)

    @property
    def _numbers(self) -> Array:
        return np.arange(1.0, len(self.real) + 1.0)

    def _angles(self, xi: tf.Tensor) -> tf.Tensor:
        return (xi + 1.0) * tf.constant(self._numbers * np.pi / 2.0)

    def to_config(self) -> dict[str, Json]:
        """A dict of plain JSON values."""
        found = dataclasses.asdict(self)
        return {**found, "real": list(self.real), "imaginary": list(self.imaginary)}

    @classmethod
    def from_config(cls, config: Mapping[str, Json]) -> InitialState:
        """Restores what `to_config` returned."""
        rows = {name: tuple(config[name]) for name in ("real", "imaginary")}
        return cls(**{**config, **rows})


def _size(psi: Callable[[Array], Complex]) -> float:
    """The largest |psi|, of one that is zero at the walls and not everywhere."""
    size = float(np.max(np.abs(psi(np.linspace(-1.0, 1.0, 4 * TERMS + 1)))))
    at_walls = float(np.max(np.abs(psi(np.array([-1.0, 1.0])))))
    if size == 0.0:
        raise ValueError(
            "`psi0` must be a psi that is not zero everywhere. Received: zero. Give e.g. "
            "lambda x: np.exp(-x**2)."
        )
    if at_walls > AT_WALLS * size:
        raise ValueError(
            f"`psi0` must vanish at the walls, to {AT_WALLS:g} of its largest value. Received: "
            f"{at_walls / size:.2g} of it there. Give a wider interval, or another psi."
        )
    return size


def _series(psi: Callable[[Array], Complex], size: float) -> Complex:
    """Coefficients of the sine functions; the few last digits at the walls are left out."""
    ends = psi(np.array([-1.0, 1.0]))

    def vanishing(xi: Array) -> Complex:
        return np.asarray(psi(xi) - (ends[0] * (1.0 - xi) + ends[1] * (1.0 + xi)) / 2.0)

    asked = max(TRIED, SHARE * float(np.max(np.abs(ends))) / size)
    # Between the nodes of all series.
    tried = np.linspace(-1.0, 1.0, 4 * TERMS + 1)[1:-1] + 0.3 / TERMS
    tried = tried[np.abs(tried) < 1.0]
    exact, terms = vanishing(tried), FEWEST
    while True:
        nodes = np.arange(1, 2 * terms) / terms - 1.0
        found = dst(vanishing(nodes), type=1)[:terms] / (2 * terms)
        seen = np.flatnonzero(np.abs(found) > 1e-3 * asked * size)
        found = found[: seen[-1] + 1 if seen.size else 1]
        error = float(np.max(np.abs(_sines(tried, found.size) @ found - exact))) / size
        if error <= asked or terms == TERMS:
            break
        terms *= 2
    if error > RESOLVED:
        raise ValueError(
            f"`psi0` must be given by {TERMS} sine functions of the box to {RESOLVED:g} of its "
            f"largest value. Received: one that they miss by {error:.2g}. Give one that is "
            "smoother (psi'' too must vanish at walls), or a smaller box."
        )
    return np.asarray(found)


def _sines(xi: Array, terms: int) -> Array:
    """sin(n pi (xi + 1) / 2) for n from 1 on, ``(n, terms)``."""
    return np.asarray(np.sin(np.outer(xi + 1.0, np.arange(1.0, terms + 1.0) * np.pi / 2.0)))


def _moments(
    coefficients: Complex, nodes: Quadrature, motion: SpaceTime, scaling: Scaling
) -> tuple[float, float]:
    """The mean of H at t = 0 and its standard deviation."""
    x = nodes.nodes
    rho = motion.form.weight(x)
    squares = (np.arange(1.0, coefficients.size + 1.0) * np.pi / 2.0 / scaling.half_width) ** 2
    sines = _sines(scaling.position(x), coefficients.size)
    psi, bent = sines @ coefficients, sines @ (squares * coefficients)
    h_psi = bent / rho + motion.values(x, np.zeros_like(x)) * psi
    measure = nodes.weights * rho / (nodes.weights * rho @ np.abs(psi) ** 2)
    mean = float(measure @ np.real(np.conj(psi) * h_psi))
    variance = float(measure @ np.abs(h_psi - mean * psi) ** 2)
    return mean, check.finite("psi0", variance) ** 0.5
