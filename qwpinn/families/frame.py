"""The frame: walls and breakpoints of a family's members as polynomials of its parameters.

They are sums and products of thicknesses and masses, so that polynomials of low degree give them to
rounding. In the frame that moves with them, every member has its walls and breakpoints in the same
places, and its wavefunctions are alike.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.equation.potential import Potential
from qwpinn.equation.scaling import Scaling
from qwpinn.equation.semiclassics import MOST_KINKS, kink_sharpness
from qwpinn.families.family import Family
from qwpinn.storage.plain import Json

Array = NDArray[np.float64]

HIGHEST_DEGREE = 8
# Of the length of the interval: how well polynomials must give the edges.
EXACT = 1e-11
# Members a parameter that the polynomials are fitted to.
MEMBERS = 48


@dataclasses.dataclass(frozen=True)
class Frame:
    """Edges of a family's members, and the units in which its equation is of order one.

    With t the parameters carried linearly to [-1, 1], each edge is sum_j c_j t^e_j.

    Attributes:
        terms: Factors of each monomial, shape ``(terms, degree)``: indices of parameters, and m for
            a factor 1.
        own: Coefficients of the edges in the potential's own coordinate, ``(terms, edges)``.
        normal: The same in that of its `normal_form`. Between two edges one is a linear function of
            the other.
        knots: Where every member has its edges in the moving frame, from -1 to 1, ``(edges,)``.
        sharpness: Of the kink features at the inner knots, ``(edges - 2,)``.
        energy_origin: V0, the lowest V of the family.
        weight_unit: rho0, the highest rho.
        amplitude: See `Potential.amplitude`.
    """

    terms: NDArray[np.intp]
    own: Array
    normal: Array
    knots: Array
    sharpness: Array
    energy_origin: float
    weight_unit: float
    amplitude: float

    @classmethod
    def of(cls, family: Family) -> Frame:
        """Fitted to the members of a family.

        Raises:
            ValueError: If there are too many breakpoints, the edges are no smooth functions of the
                parameters, or the coordinate of the equation is no linear one between two edges.
        """
        points = family.points(MEMBERS * len(family.names))
        members = [family.potential(p) for p in points]
        own = np.array([member.smooth_pieces for member in members])
        normal = np.array([member.normal_form.smooth_pieces for member in members])
        if normal.shape[1] - 2 > MOST_KINKS or own.shape != normal.shape:
            raise ValueError(
                f"`family` must have at most {MOST_KINKS} breakpoints. Received: "
                f"{normal.shape[1] - 2}. Leave out those where V has a mere kink."
            )
        _check_linear(members[0], own[0], normal[0])
        terms, fitted = _polynomials(family, points, np.hstack([own, normal]))
        own_fit, normal_fit = np.split(fitted, 2, axis=1)
        places = 2.0 * (normal - normal[:, :1]) / (normal[:, -1:] - normal[:, :1]) - 1.0
        scalings = [Scaling.for_potential(member.normal_form) for member in members]
        return cls(
            terms=terms,
            own=own_fit,
            normal=normal_fit,
            knots=np.mean(places, axis=0),
            sharpness=_sharpness(members, scalings),
            energy_origin=min(scaling.energy_origin for scaling in scalings),
            weight_unit=max(scaling.weight_unit for scaling in scalings),
            amplitude=members[0].amplitude,
        )

    def scaling(self, left: float | tf.Tensor, right: float | tf.Tensor) -> Scaling:
        """That of a member with these walls, or of as many members as there are walls."""
        return Scaling((left, right), self.energy_origin, self.weight_unit)

    def to_config(self) -> dict[str, Json]:
        """A dict of plain JSON values."""
        return {
            key: value.tolist() if isinstance(value, np.ndarray) else value
            for key, value in dataclasses.asdict(self).items()
        }

    @classmethod
    def from_config(cls, config: dict[str, Json]) -> Frame:
        """Restores what `to_config` returned."""
        kinds = {"terms": np.intp} | dict.fromkeys(
            ("own", "normal", "knots", "sharpness"), np.float64
        )
        return cls(
            **{**config, **{key: np.array(config[key], kind) for key, kind in kinds.items()}}
        )


def _polynomials(family: Family, points: Array, edges: Array) -> tuple[NDArray[np.intp], Array]:
    """The monomials of the lowest degree that gives all edges, and their coefficients."""
    count, degree = len(family.names), 0
    t = (2.0 * points - (family.lower + family.upper)) / (family.upper - family.lower)
    factors = np.hstack([t, np.ones((len(t), 1))])
    for degree in range(1, HIGHEST_DEGREE + 1):
        terms = np.array(
            list(itertools.combinations_with_replacement(range(count + 1), degree)), np.intp
        )
        if 2 * len(terms) > len(points):
            break
        rows = np.prod(factors[:, terms], axis=-1)
        fitted = np.linalg.lstsq(rows, edges, rcond=None)[0]
        if np.max(np.abs(rows @ fitted - edges)) <= EXACT * np.max(np.ptp(edges, axis=1)):
            rounding = np.abs(fitted) < 1e-14 * np.max(np.abs(edges))
            return terms, np.where(rounding, 0.0, fitted)
    raise ValueError(
        "`family` must move its walls and breakpoints smoothly. Received: edges that no polynomial "
        f"of degree {degree} in ({', '.join(family.names)}) gives. Narrow the ranges."
    )


def _check_linear(member: Potential, own: Array, normal: Array) -> None:
    """Refuses a coordinate that is not linear between two edges."""
    middles = (own[1:] + own[:-1]) / 2
    expected = (normal[1:] + normal[:-1]) / 2
    if not np.allclose(member.to_normal(middles), expected, atol=1e-9 * np.ptp(normal)):
        raise ValueError(
            "`family` must have a coordinate x that is linear in its own one between breakpoints. "
            f"Received: {type(member).__name__}. Give layers of constant mass."
        )


def _sharpness(members: list[Potential], scalings: list[Scaling]) -> Array:
    """The geometric mean over the members of each kink's q."""
    pairs = zip(members, scalings, strict=True)
    each = [kink_sharpness(member.normal_form, scaling)[1] for member, scaling in pairs]
    return np.asarray(np.exp(np.mean(np.log(each), axis=0)))


class Placed(NamedTuple):
    """Rows (x, p), placed in their member of the family.

    Attributes:
        xi: x carried to [-1, 1], shape ``(n, 1)``.
        knots: xi of the walls and breakpoints, ``(n, edges)``.
    """

    xi: tf.Tensor
    knots: tf.Tensor


@keras.saving.register_keras_serializable("qwpinn")
class MovingFrame(keras.layers.Layer):
    r"""Coordinates in which all members of a family have their walls and breakpoints in common.

    y(\xi) is a cubic between two edges, of slopes that are harmonic means of those beside an edge
    (Fritsch and Butland): increasing, C1, smooth in p, and with its second derivative jumping where
    that of psi does.

    Args:
        frame: Where the edges are.
        lower: Lowest parameters, shape ``(m,)``.
        upper: Highest parameters.

    Reference:
        F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5, 300 (1984), doi:10.1137/0905021
    """

    def __init__(
        self,
        frame: Frame,
        lower: Sequence[float],
        upper: Sequence[float],
        dtype: str = "float64",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.frame = frame
        self.lower, self.upper = [float(v) for v in lower], [float(v) for v in upper]

    def edges(self, p: tf.Tensor, own: bool = False) -> tf.Tensor:
        """Walls and breakpoints in the coordinate of `normal_form`, or the own one: (n, edges)."""
        low, high = np.array(self.lower), np.array(self.upper)
        t = (2.0 * p - (low + high)) / (high - low)
        factors = tf.concat([t, tf.ones_like(t[:, :1])], axis=1)
        monomials = tf.reduce_prod(tf.gather(factors, self.frame.terms, axis=1), axis=-1)
        return tf.matmul(monomials, self.frame.own if own else self.frame.normal)

    def to_normal(self, x: tf.Tensor, p: tf.Tensor) -> tf.Tensor:
        """The coordinate of `normal_form` for x ``(n, 1)``: linear between two edges."""
        if np.array_equal(self.frame.own, self.frame.normal):
            return x
        own, normal = self.edges(p, own=True), self.edges(p)
        lengths = own[:, 1:] - own[:, :-1]
        inside = tf.clip_by_value(x - own[:, :-1], tf.zeros_like(lengths), lengths)
        rise = (normal[:, 1:] - normal[:, :-1]) / lengths
        return normal[:, :1] + tf.reduce_sum(rise * inside, axis=1, keepdims=True)

    def call(self, x: tf.Tensor, p: tf.Tensor) -> Placed:
        """Places rows of x ``(n, 1)``, in the coordinate of `normal_form`, and p ``(n, m)``."""
        edges = self.edges(p)
        scaling = self.frame.scaling(edges[:, :1], edges[:, -1:])
        return Placed(scaling.position(x), scaling.position(edges))

    def common(self, at: Placed) -> tf.Tensor:
        """y(xi), shape ``(n, 1)``."""
        common = tf.constant(self.frame.knots, self.compute_dtype)
        lengths = at.knots[:, 1:] - at.knots[:, :-1]
        secants = (common[1:] - common[:-1]) / lengths
        left, right = lengths[:, :-1] + 2.0 * lengths[:, 1:], 2.0 * lengths[:, :-1] + lengths[:, 1:]
        inner = (left + right) / (left / secants[:, :-1] + right / secants[:, 1:])
        slopes = tf.concat([secants[:, :1], inner, secants[:, -1:]], axis=1)
        here = tf.reduce_sum(tf.cast(at.xi >= at.knots[:, 1:-1], tf.int32), axis=1, keepdims=True)

        def of(values: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
            return tf.gather(values, index, batch_dims=1)

        length = of(lengths, here)
        s = (at.xi - of(at.knots, here)) / length
        low, high = tf.gather(common, here), tf.gather(common, here + 1)
        start, end = length * of(slopes, here), length * of(slopes, here + 1)
        cubic = (start + end - 2.0 * (high - low)) * s + 3.0 * (high - low) - 2.0 * start - end
        return low + (start + cubic * s) * s

    def get_config(self) -> dict[str, Json]:
        ends = {"lower": self.lower, "upper": self.upper}
        return {**super().get_config(), "frame": self.frame.to_config(), **ends}

    @classmethod
    def from_config(cls, config: dict[str, Json]) -> MovingFrame:
        return cls(**{**config, "frame": Frame.from_config(config["frame"])})
