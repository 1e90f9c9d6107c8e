"""What families are asked with: data of their own members, and positions within their walls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.potential import values
from qwpinn.families.family import SLACK, Family
from qwpinn.inputs import check
from qwpinn.training.guard import (
    Array,
    ColumnGuard,
    Guard,
    check_agreement,
    covers,
    is_symbolic,
    not_covered,
    numbers_pass,
    untuned,
)

# Of how many members of a batch V and rho are compared, and how many rows are predicted at once.
COMPARED, ROWS = 16, 65_536
# Of the distance between the walls: the frame gives them within this.
BEYOND = 1e-9

Walls = Callable[[tf.Tensor], tf.Tensor]
# What Keras takes for one input: positions and parameters.
Pair = tuple[tuple[Array, Array]]


class MembersGuard(ColumnGuard):
    """Refuses collocation data that are not of a model's own family.

    Args:
        family: The potentials.
        walls: The ends of their normal forms, ``(n, 2)`` for p ``(n, m)``.
    """

    names = ("p", "potential", "quadrature", "weight", "x")
    contents = "members on their nodes"
    cure = "Give qwpinn.family_collocation(family)."
    kinds = (tf.data.Dataset, tf.distribute.DistributedDataset)

    def __init__(self, family: Family, walls: Walls) -> None:
        super().__init__()
        self.family = family
        self.walls = walls

    def passes(self, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        p = batch["p"]
        ends = self.walls(p)
        whole = covers(batch["quadrature"], ends[:, 1] - ends[:, 0])
        inside = in_box(self.family, p) & within(batch["x"], ends)
        return numbers_pass(batch) & inside & whole

    def check(self, batch: Mapping[str, Array], name: str) -> None:
        names, p, x = self.family.names, batch["p"], batch["x"]
        if p.ndim != 2 or p.shape[1] != len(names):
            raise ValueError(
                f"`{name}` must have 'p' of shape (n, {len(names)}), a column each for "
                f"{', '.join(names)}. Received: shape={p.shape}. {self.cure}"
            )
        for column in self.names[1:]:
            if x.ndim != 2 or batch[column].shape != (len(p), x.shape[1]):
                raise ValueError(
                    f"`{name}` must have columns of shape (n, q), a row for each of the {len(p)} "
                    f"members. Received: shape={batch[column].shape} for '{column}'. {self.cure}"
                )
        self.check_numbers(batch, name)
        cure = "Give qwpinn.family_collocation(model.family)."
        outside = outside_box(self.family, p)
        if outside:
            raise ValueError(
                f"`{name}` must be of members of the model's family. Received: {outside}. {cure}"
            )
        for row in np.unique(np.linspace(0, len(p) - 1, COMPARED).astype(int)):
            self._check_member({column: batch[column][row] for column in self.names}, name, cure)
        ends = self.walls(tf.constant(p)).numpy()
        beyond = _beyond(x, ends)
        if beyond.any():
            row, at = np.argwhere(beyond)[0]
            raise ValueError(
                f"`{name}` must lie between the walls of its member, "
                f"[{ends[row, 0]:g}, {ends[row, 1]:g}]. Received: x={x[row, at]:g}. {cure}"
            )
        for row, (total, (left, right)) in enumerate(
            zip(batch["quadrature"].sum(axis=1).tolist(), ends.tolist(), strict=True)
        ):
            if not covers(batch["quadrature"][row], right - left):
                walls = np.array([[left, right]])
                raise ValueError(not_covered(name, total, walls, f"its member {row}", cure))

    def _check_member(self, row: Mapping[str, Array], name: str, cure: str) -> None:
        """Refuse a member whose V or rho is another."""
        form, x = self.family.potential(row["p"]).normal_form, row["x"]
        left, right = form.interval
        inside = np.clip(x, left, right)
        own = {"potential": values(form, inside), "weight": form.weight(inside)}
        unit = 4.0 / ((right - left) ** 2 * float(np.max(own["weight"])))
        place = ", ".join(f"{n}={v:g}" for n, v in zip(self.family.names, row["p"], strict=True))
        of = (f"the model's own family, at {place}", cure)
        check_agreement(name, x, row, own, unit, of)


class PairGuard(Guard[Pair]):
    """Refuses positions and parameters that no member of a family has.

    Args:
        family: The potentials.
        walls: Their ends, ``(n, 2)`` for p ``(n, m)``.
    """

    def __init__(self, family: Family, walls: Walls) -> None:
        super().__init__()
        self.family = family
        self.walls = walls

    def batches(
        self, x: Sequence[ArrayLike] | tf.data.Dataset, size: int | None
    ) -> tf.data.Dataset:
        """Pairs of positions and parameters as a dataset of what Keras takes for one input.

        Args:
            x: A pair of positions, shape ``(n,)`` or ``(n, 1)``, and parameters ``(n, m)``; or a
                tf.data.Dataset of batches of such pairs.
            size: Rows of a batch. Defaults to None: `ROWS`.

        Raises:
            TypeError: If it is no pair, or not float64.
            ValueError: If shapes do not fit, or a number is not finite or outside.
        """
        if isinstance(x, tf.data.Dataset):
            return self.admitted(x)
        pair = self.pair(x)
        size = ROWS if size is None else check.integer("batch_size", size)
        return untuned(tf.data.Dataset.from_tensor_slices((pair,)).batch(size))

    def pair(self, inputs: object) -> tuple[Array, Array]:
        """Positions ``(n, 1)`` and parameters, both float64, checked."""
        x, p = self._split(inputs)
        for name, given in (("x", x), ("p", p)):
            dtype = getattr(given, "dtype", None)
            kind = getattr(dtype, "name", str(dtype))
            if kind.startswith(("float", "bfloat")) and kind != "float64":
                raise TypeError(
                    f"`{name}` must be float64, as the model is. Received: {kind}. "
                    f"Give {name}.astype('float64')."
                )
        found = np.asarray(x), np.asarray(p)
        self.check((found,), "x")
        return np.asarray(found[0], np.float64).reshape(-1, 1), np.asarray(found[1], np.float64)

    def seen(self, inputs: object) -> tuple[tf.Tensor, tf.Tensor]:
        """What the model is called on: checked as far as its numbers are known.

        Tensors stay themselves, for a tape may watch them.
        """
        x, p = self._split(inputs)
        if not is_symbolic(x) and not is_symbolic(p):
            pair = self.pair((x, p))
            return tuple(
                tf.reshape(given, found.shape) if tf.is_tensor(given) else tf.constant(found)
                for given, found in zip((x, p), pair, strict=True)
            )
        shape = cast(tf.Tensor, p).shape
        if shape.rank is not None and shape[-1] not in (None, len(self.family.names)):
            raise ValueError(self._shape(shape))
        return x, p

    def admitted(self, data: tf.data.Dataset, name: str = "x") -> tf.data.Dataset:
        specs = tf.nest.flatten(data.element_spec)
        if len(specs) != 2 or isinstance(data.element_spec, Mapping):
            raise TypeError(
                f"`{name}` must hold pairs of positions and parameters. Received: elements of "
                f"{len(specs)} tensors. Give tf.data.Dataset.from_tensor_slices(((x, p),))."
            )
        wrong = [spec.dtype.name for spec in specs if spec.dtype != tf.float64]
        if wrong:
            raise TypeError(
                f"`{name}` must be float64, as the model is. Received: {wrong[0]}. "
                "Give x.astype('float64')."
            )
        pairs = data.map(lambda *parts: (tuple(tf.nest.flatten(parts)),))
        self.begin(pairs, name)
        return self.watched(pairs, name).map(
            lambda pair: ((tf.reshape(pair[0], [-1, 1]), pair[1]),)
        )

    def passes(self, batch: tuple[tuple[tf.Tensor, tf.Tensor]]) -> tf.Tensor:
        ((x, p),) = batch
        if p.shape[-1] != len(self.family.names):
            return tf.constant(False)
        count = tf.size(x)
        fits = tf.equal(count, tf.shape(p)[0]) & tf.equal(count, tf.shape(x)[0])
        # Rows that do not fit are left to `check`.
        column = tf.cond(fits, lambda: tf.reshape(x, [-1, 1]), lambda: tf.zeros_like(p[:, :1]))
        return fits & in_box(self.family, p) & within(column, self.walls(p))

    def check(self, batch: Pair, name: str) -> None:
        ((x, p),) = batch
        names = self.family.names
        if p.ndim != 2 or p.shape[1] != len(names) or not p.size:
            raise ValueError(self._shape(p.shape))
        if x.shape not in ((len(p),), (len(p), 1)):
            raise ValueError(
                f"`x` must have shape ({len(p)},) or ({len(p)}, 1), a position for each row of "
                f"`p`. Received: shape={x.shape}. For many positions in a member take "
                "`wavefunctions`."
            )
        flat, rows = check.real_array("x", x).reshape(-1, 1), check.real_array("p", p)
        outside = outside_box(self.family, rows)
        if outside:
            raise ValueError(
                f"`p` must lie in the box that was trained. Received: {outside}. Train a wider "
                "family; `energies` and `wavefunctions` take extrapolate=True."
            )
        ends = self.walls(tf.constant(rows)).numpy()
        beyond = _beyond(flat, ends)[:, 0]
        if beyond.any():
            at = int(np.argmax(beyond))
            raise ValueError(
                f"`x` must lie between the walls of its member, [{ends[at, 0]:g}, {ends[at, 1]:g}]."
                f" Received: {flat[at, 0]:g} in row {at}. Leave out the points beyond, where psi "
                "is zero."
            )

    def _split(self, inputs: object) -> Sequence[ArrayLike | tf.Tensor]:
        if not isinstance(inputs, Sequence) or len(inputs) != 2 or isinstance(inputs, str):
            raise TypeError(
                "`x` must be a pair [x, p] of positions and parameters. Received: "
                f"{type(inputs).__name__}. Give e.g. model.predict([x, p])."
            )
        return inputs

    def _shape(self, shape: Iterable[int | None]) -> str:
        names = self.family.names
        return (
            f"`p` must have shape (n, {len(names)}), a row ({', '.join(names)}) for each position. "
            f"Received: shape={tuple(shape)}. Give the parameters in this order."
        )


def in_box(family: Family, p: tf.Tensor) -> tf.Tensor:
    """Whether all parameters ``(n, m)`` are in the box of a family, in the graph; NaN is not."""
    slack = SLACK * (family.upper - family.lower)
    return tf.reduce_all((p >= family.lower - slack) & (p <= family.upper + slack))


def outside_box(family: Family, p: Array) -> str:
    """The first parameter outside the box, as a message says it; empty if there is none."""
    slack = SLACK * (family.upper - family.lower)
    outside = (p < family.lower - slack) | (p > family.upper + slack)
    if not outside.any():
        return ""
    row, column = np.argwhere(outside)[0]
    low, high = family.lower[column], family.upper[column]
    name = family.names[column]
    return f"{name}={p[row, column]:g} in row {row}, outside ({low:g}, {high:g})"


def within(x: tf.Tensor, ends: tf.Tensor) -> tf.Tensor:
    """Whether all x ``(n, q)`` are between walls ``(n, 2)``, in the graph; NaN is not."""
    left, right = ends[:, :1], ends[:, 1:]
    slack = BEYOND * (right - left)
    return tf.reduce_all((x >= left - slack) & (x <= right + slack))


def _beyond(x: Array, ends: Array) -> NDArray[np.bool_]:
    """Which x ``(n, q)`` are beyond walls ``(n, 2)``."""
    left, right = ends[:, :1], ends[:, 1:]
    slack = BEYOND * (right - left)
    return (x < left - slack) | (x > right + slack)
