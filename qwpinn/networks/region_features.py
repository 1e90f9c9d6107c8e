r"""What a network of the plane sees beside x and y: functions with a kink where V jumps.

Where V jumps by D, the second derivative of psi along the normal jumps by D psi, while psi and its
slopes do not. The logarithmic potential u of a region, Laplace u = 1 inside and 0 outside, has
exactly this kink, and at a corner the r^2 ln r that psi has there; a smooth function of x, y and u
has its kinks at that boundary, and nowhere else.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from qwpinn.storage.plain import Json
from qwpinn.training.jets import PlaneJet


class Kink(abc.ABC):
    """Functions with a kink at one boundary, of tensors x and y ``(n, 1)``.

    Attributes:
        name: In configs.
        count: How many functions.
    """

    name: ClassVar[str]
    count: ClassVar[int] = 1

    @abc.abstractmethod
    def jets(self, x: tf.Tensor, y: tf.Tensor) -> list[tuple[tf.Tensor, ...]]:
        """Of each function its value, its derivatives by x and y, and its Laplacian."""


class DiscKink(Kink):
    """U of a disc, 1 in its middle: 1 - r^2/R^2 inside, -2 ln(r/R) outside.

    Args:
        x: Of the centre.
        y: Of the centre.
        radius: R.
    """

    name = "disc"

    def __init__(self, x: float, y: float, radius: float) -> None:
        self.x, self.y, self.radius = x, y, radius

    def jets(self, x: tf.Tensor, y: tf.Tensor) -> list[tuple[tf.Tensor, ...]]:
        right, up = (x - self.x) / self.radius, (y - self.y) / self.radius
        square = right * right + up * up
        inside = square < 1.0
        # Where it is not wanted, r may be zero.
        safe = tf.where(inside, tf.ones_like(square), square)
        value = tf.where(inside, 1.0 - square, -tf.math.log(safe))
        share = -2.0 / (self.radius * safe)
        bent = tf.where(inside, tf.fill(tf.shape(square), tf.constant(-4.0, x.dtype)), 0.0 * square)
        return [(value, share * right, share * up, bent / self.radius**2)]


class RectangleKink(Kink):
    r"""U of a rectangle and the potentials of x and y inside it, each of 1 or less in size.

    With F(X, Y) = X Y ln r - 3 X Y / 2 + (X^2 atan(Y/X) + Y^2 atan(X/Y)) / 2,

    .. math:: u = \frac{1}{2 \pi} \sum_{corners} \pm F, \quad
              M = X u - \frac{1}{2 \pi} \sum_{corners} \pm G ,

    and G_X = X (Y ln r - Y + X atan(Y/X)), G_Y = r^2 ln(r) / 2 - r^2 / 4: Laplace u = 1 and
    Laplace M = X inside, 0 outside. M carries the r^3 ln r of a corner.

    Args:
        x0: Left.
        x1: Right.
        y0: Lower.
        y1: Upper.
    """

    name = "rectangle"
    count = 3

    def __init__(self, x0: float, x1: float, y0: float, y1: float) -> None:
        self.box = x0, x1, y0, y1
        # So that numbers are of order one: half of the shorter side.
        self.unit = min(x1 - x0, y1 - y0) / 2
        self.middle = (x0 + x1) / 2, (y0 + y1) / 2
        corners = np.array([(x0, y0, 1.0), (x0, y1, -1.0), (x1, y0, -1.0), (x1, y1, 1.0)])
        self.corners, self.signs = corners[:, :2], corners[:, 2] / (2.0 * math.pi * self.size)

    @property
    def size(self) -> float:
        """About |u| in the middle, in squares of the unit."""
        x0, x1, y0, y1 = self.box
        a, b = (x1 - x0) / self.unit, (y1 - y0) / self.unit
        return a * b / (4.0 * (a + b))

    def jets(self, x: tf.Tensor, y: tf.Tensor) -> list[tuple[tf.Tensor, ...]]:
        unit, signs = self.unit, tf.constant(self.signs, x.dtype)

        def summed(part: tf.Tensor) -> tf.Tensor:
            return tf.reduce_sum(signs * part, axis=-1, keepdims=True)

        # A column a corner.
        across, up = ((at - self.corners[:, i]) / unit for i, at in enumerate((x, y)))
        log, angles = _logarithm(across, up), (_angle(up, across), _angle(across, up))
        value, by_x, by_y = map(summed, _potential(across, up, log, *angles))
        x0, x1, y0, y1 = self.box
        inside = tf.cast((x > x0) & (x < x1) & (y > y0) & (y < y1), x.dtype)
        inside /= self.size * unit**2
        own = [summed(part) for part in _moment(across, up, log, angles[0])]
        other = [summed(part) for part in _moment(up, across, log, angles[1])]
        place_x, place_y = ((at - mid) / unit for at, mid in zip((x, y), self.middle, strict=True))
        along = place_x * value - own[0], place_x * by_x + value - own[1], place_x * by_y - own[2]
        upward = (
            place_y * value - other[0],
            place_y * by_x - other[2],
            place_y * by_y + value - other[1],
        )
        found = []
        for (f, f_x, f_y), bent, half in (
            ((value, by_x, by_y), inside, unit),
            (along, place_x * inside, (x1 - x0) / 2),
            (upward, place_y * inside, (y1 - y0) / 2),
        ):
            # Of a long rectangle, X is far above 1 in units of the shorter side.
            share = unit / half
            found.append((share * f, share * f_x / unit, share * f_y / unit, share * bent))
        return found


KINKS: dict[str, type[Kink]] = {kind.name: kind for kind in (DiscKink, RectangleKink)}


def _potential(
    x: tf.Tensor, y: tf.Tensor, log: tf.Tensor, upward: tf.Tensor, across: tf.Tensor
) -> tuple[tf.Tensor, ...]:
    """F, F_X and F_Y at (X, Y) from corners."""
    f = x * y * (log - 1.5) + (x * x * upward + y * y * across) / 2.0
    return f, y * (log - 1.0) + x * upward, x * (log - 1.0) + y * across


def _moment(x: tf.Tensor, y: tf.Tensor, log: tf.Tensor, upward: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """G, G_X and G_Y."""
    square, cube = x * x, y * y * y
    g = square * y * (log / 2.0 - 7.0 / 12.0) + x * square * upward / 3.0
    g += cube * (log / 6.0 - 5.0 / 36.0)
    by_y = (square + y * y) * (log / 2.0 - 0.25)
    return g, x * (y * (log - 1.0) + x * upward), by_y


def _logarithm(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Ln r, and 0 where r is 0."""
    square = x * x + y * y
    return tf.math.log(tf.where(square > 0.0, square, tf.ones_like(square))) / 2.0


def _angle(y: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """atan(y / x), and 0 where x is 0."""
    safe = tf.where(x == 0.0, tf.ones_like(x), x)
    return tf.where(x == 0.0, tf.zeros_like(x), tf.atan(y / safe))


@keras.saving.register_keras_serializable("qwpinn")
class RegionFeatures(keras.layers.Layer):
    """The coordinates and, for every region, functions with a kink at its boundary.

    Args:
        kinks: Of each region its name in `KINKS` and the numbers of its class, scaled.

    Input shape: ``(n, 2)``. Output shape: ``(n, 2 + functions)``.
    """

    def __init__(
        self,
        kinks: Sequence[tuple[str, Sequence[float]]] = (),
        dtype: str = "float64",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.kinks = tuple((str(name), tuple(map(float, numbers))) for name, numbers in kinks)
        self._made = [KINKS[name](*numbers) for name, numbers in self.kinks]

    def call(self, xi: tf.Tensor) -> tf.Tensor:
        if not self._made:
            return xi
        return tf.concat([xi, *(jet[0] for jet in self._jets(xi))], axis=-1)

    def jet(self, xi: tf.Tensor) -> PlaneJet:
        """The features, their gradients ``(2, n, f)`` and Laplacians, in closed form."""
        n = tf.shape(xi)[0]
        unit = np.eye(2)
        slopes = [tf.tile(tf.constant(unit[None, i], xi.dtype), [n, 1]) for i in range(2)]
        jets = self._jets(xi)
        value = tf.concat([xi, *(jet[0] for jet in jets)], axis=-1)
        slope = [
            tf.concat([slopes[axis], *(jet[1 + axis] for jet in jets)], axis=-1)
            for axis in range(2)
        ]
        bend = tf.concat([tf.zeros_like(xi), *(jet[3] for jet in jets)], axis=-1)
        return PlaneJet(value, tf.stack(slope), bend)

    def _jets(self, xi: tf.Tensor) -> list[tuple[tf.Tensor, ...]]:
        x, y = xi[:, :1], xi[:, 1:]
        return [jet for kink in self._made for jet in kink.jets(x, y)]

    def get_config(self) -> dict[str, Json]:
        kinks = [[name, list(numbers)] for name, numbers in self.kinks]
        return {**super().get_config(), "kinks": kinks}
