"""Collocation points as data for `fit`: quadrature nodes with the potential's values there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation import kinds
from qwpinn.equation.geometry import AnyMesh, AnyWell, geometry_of, mesh_of, values
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check, limits
from qwpinn.quadrature import Quadrature
from qwpinn.startup import refuse_fork
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
from qwpinn.training.sampling import Given, Sampling

# What a training step needs of every point: x, V(x), rho(x) and the weight of an integral over x.
COLUMNS = ("x", "potential", "weight", "quadrature")
# Coordinates; a well of one dimension has the first.
AXES = ("x", "y")


# Psi of a reference, in own units and coordinate: (n,) to (n, K).
Reference = Callable[[Array], Array]


def collocation(
    potential: AnyWell,
    points: int | ArrayLike | None = None,
    states: int = 5,
    sampling: Sampling | None = None,
    reference: Reference | None = None,
) -> tf.data.Dataset:
    """One batch of collocation points with everything that a training step needs.

    By default they are Gauss's nodes on panels that are split at the breakpoints and dense where
    the states are, so that the squared norm of the residual on them is the integral of the squared
    residual, to the accuracy of the quadrature. Ask for several steps an epoch with
    ``.repeat(steps)``.

    Args:
        potential: The well, of one or two dimensions.
        points: About how many. Defaults in the plane to 1600 and those that boundaries ask for,
            else to 312 and 104 more a kink feature, which makes at least twice as many residuals as
            the default network has parameters; with fewer, training fits the nodes and not the
            equation. Or an array of positions ``(n,)`` of your own in the interval, each of the
            weight of what is nearest to it.
        states: How many of the lowest states the nodes are placed for. Defaults to 5, which serves
            fewer as well.
        sampling: `qwpinn.Uniform`, `Sobol`, `Random` or another `qwpinn.training.Sampling`, in the
            place of Gauss's nodes. Defaults to None.
        reference: Takes positions ``(n,)`` and gives psi ``(n, K)``, such as the method
            ``wavefunctions`` of what `qwpinn.references.exact` returns: for ``metrics`` of
            `compile`. Training does not see it.

    Returns:
        A dataset of one dict of float64 tensors of shape ``(n, 1)``: ``x``, in the plane ``y`` too,
        ``potential`` V(x),
        ``weight`` rho(x) and ``quadrature`` w, with sum(w f(x)) = integral of f, in the units and
        the coordinate of the potential's `normal_form`; and ``reference``, ``(n, K)``, if given.

    Raises:
        TypeError: If an argument is of the wrong type.
        ValueError: If a number is not allowed, or the potential is not finite.
    """
    kinds.well(potential)
    own = sampling is not None or (points is not None and np.ndim(points))
    if own and geometry_of(potential).dimension > 1:
        raise ValueError(
            "`sampling` must be left out in the plane, and points must be a number of them, for "
            f"quadrature nodes are cut where V jumps. Received: {kinds.shown(sampling or points)}. "
            "Give e.g. points=2000."
        )
    if points is not None and np.ndim(points):
        sampling = _given(potential, points, sampling)
    elif sampling is None:
        mesh = mesh_of(potential, check.integer("states", states, maximum=limits.STATES))
        nodes = _nodes(mesh, points)
        return _dataset(mesh.well, lambda: (nodes.nodes, nodes.weights), False, reference)
    elif points is not None:
        raise ValueError(
            "`points` must be left out beside `sampling`, which says how many. Received: "
            f"points={points!r:.40}. Give e.g. sampling=qwpinn.Uniform(400)."
        )
    cure = "Give e.g. qwpinn.Uniform(400)."
    kind: type[Sampling] = Sampling  # type: ignore[type-abstract]
    rule = kinds.one_of("sampling", sampling, kind, "a qwpinn.training.Sampling", cure)
    rng = np.random.default_rng(rule.seed)
    left, right = potential.normal_form.interval
    return _dataset(potential, lambda: rule.draw(left, right, rng), rule.changes, reference)


def collocation_on(mesh: AnyMesh, points: int | None = None) -> tf.data.Dataset:
    """`collocation` on a mesh that is there already."""
    nodes = _nodes(mesh, points)
    return _dataset(mesh.potential, lambda: (nodes.nodes, nodes.weights), False, None)


def _nodes(mesh: AnyMesh, points: object) -> Quadrature:
    """Gauss's nodes and weights on a mesh."""
    order = mesh.training_order
    points = mesh.usual_points if points is None else points
    found: Quadrature = mesh.quadrature(check.integer("points", points, order, limits.NODES), order)
    return found


def _given(potential: Potential, points: ArrayLike, sampling: Sampling | None) -> Sampling:
    """Points of one's own, in the coordinate of the normal form."""
    if sampling is not None:
        raise ValueError(
            "`sampling` must be left out beside points of your own. Received: "
            f"{kinds.shown(sampling)}. Give one of them."
        )
    x = check.points(points, potential.interval)
    limits.at_most("points", x.size, limits.NODES, "positions")
    return Given(tuple(potential.to_normal(x).tolist()))


def _dataset(
    well: AnyWell,
    draw: Callable[[], tuple[Array, Array]],
    changes: bool,
    reference: Reference | None,
) -> tf.data.Dataset:
    """A batch of what is drawn, once or at each reading."""
    form = well.normal_form

    def batch() -> dict[str, Array]:
        x, weights = draw()
        axes = x.reshape(len(x), -1).T
        columns = *axes, values(form, x), form.weight(x), weights
        names = *geometry_of(well).axes, *COLUMNS[1:]
        found = {name: column[:, None] for name, column in zip(names, columns, strict=True)}
        return found if reference is None else found | {"reference": _psi(reference, well, x)}

    first = batch()
    if not changes:
        return untuned(tf.data.Dataset.from_tensors(first))
    spec = {name: tf.TensorSpec(column.shape, tf.float64) for name, column in first.items()}
    drawn = tf.data.Dataset.from_generator(lambda: iter([batch()]), output_signature=spec)
    # Keras ends an epoch of data of unknown length with a warning.
    return untuned(drawn.apply(tf.data.experimental.assert_cardinality(1)))


def _psi(reference: Reference, well: AnyWell, x: Array) -> Array:
    """Psi of a reference at points of the normal form."""
    kinds.function("reference", reference, "positions, and gives psi (n, K)")
    own = x if well.normal_form is well else own_positions(well, x)
    psi = np.asarray(reference(own), np.float64)
    if psi.ndim != 2 or len(psi) != len(x) or not np.isfinite(psi).all():
        raise ValueError(
            "`reference` must give finite psi (n, K) at positions (n,). Received: shape "
            f"{psi.shape} for {len(x)} positions. Give e.g. spectrum.wavefunctions."
        )
    return psi


def own_positions(well: Potential, x: Array) -> Array:
    """Positions of the well's own coordinate, which is linear between its edges in the normal."""
    edges = np.asarray(well.smooth_pieces)
    return np.clip(np.interp(x, well.to_normal(edges), edges), *well.interval)


class CollocationGuard(ColumnGuard):
    """Refuses collocation data that are not of a model's own well.

    Args:
        potential: The well, in its normal form.
        unit: Of energies.
    """

    names = COLUMNS
    extras = ("reference",)
    contents = "collocation points"
    cure = "Give qwpinn.collocation(potential)."

    def __init__(self, potential: AnyWell, unit: float) -> None:
        super().__init__()
        self.potential = potential
        self.unit = unit
        geometry = geometry_of(potential)
        self.axes, self.walls = geometry.axes, geometry.walls(potential)
        self.names = (*self.axes, *COLUMNS[1:])  # type: ignore[misc,assignment]
        low, high = self.walls.T
        self.volume = float(np.prod(high - low))
        slack = 1e-12 * (high - low)
        self._ends = list(zip(self.axes, low - slack, high + slack, strict=True))

    def passes(self, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        inside = [(batch[axis] >= low) & (batch[axis] <= high) for axis, low, high in self._ends]
        covered = covers(tf.reshape(batch["quadrature"], [-1]), self.volume)
        return numbers_pass(batch) & tf.reduce_all(tf.stack(inside)) & covered

    def check(self, batch: Mapping[str, Array], name: str) -> None:
        for column, numbers in batch.items():
            wide = column in self.extras and numbers.ndim == 2
            if len(numbers) != len(batch["x"]) or (numbers.shape[1:] != (1,) and not wide):
                raise ValueError(
                    f"`{name}` must hold columns of shape (n, 1), all of one length. Received: "
                    f"shape={numbers.shape} for '{column}'. {self.cure}"
                )
        self.check_numbers(batch, name)
        flat = {column: numbers[:, 0] for column, numbers in batch.items()}
        cure = "Give qwpinn.collocation(model.potential)."
        for axis, (left, right) in zip(self.axes, self.walls, strict=True):
            low, high = next(ends[1:] for ends in self._ends if ends[0] == axis)
            outside = (flat[axis] < low) | (flat[axis] > high)
            if outside.any():
                raise ValueError(
                    f"`{name}` must lie in the interval [{left:g}, {right:g}] of the model's well. "
                    f"Received: {axis}={flat[axis][outside][0]:.9g}. {cure}"
                )
        at = np.stack([flat[axis] for axis in self.axes], axis=-1)
        x = at[:, 0] if len(self.axes) == 1 else at
        own = {"potential": values(self.potential, x), "weight": self.potential.weight(x)}
        check_agreement(name, x, flat, own, self.unit, ("the model's own well", cure))
        if not covers(flat["quadrature"], self.volume):
            total = float(np.sum(flat["quadrature"]))
            raise ValueError(not_covered(name, total, self.walls, "the model's well", cure))


def positions(x: ArrayLike, well: AnyWell) -> NDArray[np.float64]:
    """Positions as float64 rows ``(n, d)``, refused in single precision or outside.

    Raises:
        TypeError: If ``x`` is an array of single precision.
        ValueError: If ``x`` is empty, has another shape or leaves the walls.
    """
    dtype = getattr(x, "dtype", None)
    name = getattr(dtype, "name", str(dtype))
    if name.startswith(("float", "bfloat")) and name != "float64":
        raise TypeError(
            f"`x` must be float64, as the model is. Received: {name}. Give x.astype('float64')."
        )
    geometry = geometry_of(well)
    points = geometry.positions(well, np.asarray(x, None if np.size(x) else np.float64))
    if not points.size:
        raise ValueError(
            "`x` must hold at least one position. Received: none. Give positions of shape "
            f"{geometry.shape}."
        )
    return points


class PositionGuard(Guard[Array]):
    """Refuses positions for `predict` that are not between the walls.

    Args:
        well: Of which.
    """

    def __init__(self, well: AnyWell) -> None:
        super().__init__()
        self.well, self.dimension = well, geometry_of(well).dimension
        low, high = geometry_of(well).walls(well).T
        slack = 1e-12 * (high - low)
        self._ends = low - slack, high + slack

    def batches(self, x: ArrayLike | tf.data.Dataset, size: int | None) -> tf.data.Dataset:
        """Positions as a dataset of float64 columns.

        Args:
            x: As for `positions`, or a tf.data.Dataset of batches of them.
            size: Of a batch. Defaults to None: all in one.

        Raises:
            TypeError: If they are of single precision, or elements are no batches of positions.
            ValueError: As `positions`.
        """
        if isinstance(x, tf.data.Dataset):
            return self.admitted(x)
        column = positions(x, self.well)
        size = len(column) if size is None else check.integer("batch_size", size)
        return untuned(tf.data.Dataset.from_tensor_slices(column).batch(size))

    def admitted(self, data: tf.data.Dataset, name: str = "x") -> tf.data.Dataset:
        specs = tf.nest.flatten(data.element_spec)
        if len(specs) != 1 or isinstance(data.element_spec, Mapping) or specs[0].shape.rank == 0:
            raise TypeError(
                f"`{name}` must hold batches of positions, shape (n,) or (n, 1). Received: "
                f"elements of {len(specs)} tensors{'' if len(specs) > 1 else ' without an axis'}. "
                "Give tf.data.Dataset.from_tensor_slices(x).batch(1000)."
            )
        if specs[0].dtype != tf.float64:
            raise TypeError(
                f"`{name}` must be float64, as the model is. Received: {specs[0].dtype.name}. "
                "Give x.astype('float64')."
            )
        flat = data.map(lambda *parts: tf.nest.flatten(parts)[0])
        self.begin(flat, name)
        rows = [-1, self.dimension]
        return self.watched(flat, name).map(lambda x: tf.reshape(x, rows))

    def passes(self, batch: tf.Tensor) -> tf.Tensor:
        d = self.dimension
        whole = tf.equal(tf.size(batch), d * tf.shape(batch)[0])
        # Of another shape it is not looked at, but refused.
        rows = tf.reshape(tf.cond(whole, lambda: batch, lambda: self._nowhere), [-1, d])
        return whole & tf.reduce_all((rows >= self._ends[0]) & (rows <= self._ends[1]))

    @property
    def _nowhere(self) -> tf.Tensor:
        return tf.constant(2.0 * self._ends[1] - self._ends[0], tf.float64)

    def check(self, batch: Array, name: str) -> None:
        geometry_of(self.well).positions(self.well, batch)


def seen_positions(x: ArrayLike | tf.Tensor, well: AnyWell) -> tf.Tensor:
    """What a model is called on: checked where its numbers are known, arrays as float64 rows.

    A tensor stays itself, for a tape may watch it; one of a graph is yet without numbers.

    Raises:
        TypeError: If ``x`` is of single precision.
        ValueError: If ``x`` is empty, has another shape or leaves the walls.
    """
    if is_symbolic(x):
        return x
    refuse_fork("model")
    if not tf.is_tensor(x):
        return tf.constant(positions(x, well))
    positions(x, well)
    return tf.reshape(x, [-1, geometry_of(well).dimension])
