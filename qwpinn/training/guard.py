"""Guards: what looks at every batch of a dataset before a model does, and refuses in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar, Generic, TypeVar

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.startup import refuse_fork

Array = NDArray[np.float64]
Batch = TypeVar("Batch")
# Of the largest |V| or of rho: how well data must give those of the model. Of the length of the
# interval: how well their quadrature must.
AGREEMENT, COVERED = 1e-9, 1e-6


class Guard(Generic[Batch]):
    """Admits every dataset; a subclass says what it refuses.

    The first batch is checked at once. Of the others a test in the graph, which costs little, asks
    whether to check: `passes`.
    """

    def __init__(self) -> None:
        refuse_fork("model")
        self._refusal: Exception | None = None
        self._first: Batch | None = None

    def admitted(self, data: tf.data.Dataset, name: str = "x") -> tf.data.Dataset:
        """The dataset, of which a batch that is refused will end what iterates it.

        Args:
            data: A dataset.
            name: What the caller calls it, for the message.

        Raises:
            TypeError: If it is no dataset, or its elements are of another kind or dtype.
            ValueError: If there is no first batch, or it is refused.
        """
        return data

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Where batches are read: a refusal arrives as it was said, not as TensorFlow's error."""
        self._refusal = None
        try:
            yield
        except tf.errors.OpError as error:
            if self._refusal is None:
                raise
            raise self._refusal from error

    def look(self, batch: tf.Tensor, name: str) -> None:
        """Refuse a batch of tensors that are known; one that a strategy has shared out is not."""
        if not tf.is_tensor(tf.nest.flatten(batch)[0]):
            return
        arrays = tf.nest.map_structure(lambda value: value.numpy(), batch)
        pairs = zip(tf.nest.flatten(arrays), tf.nest.flatten(self._first), strict=False)
        # Most datasets repeat their first batch.
        if not all(np.array_equal(one, first) for one, first in pairs) and not self.passes(batch):
            self.check(arrays, name)

    def check(self, batch: Batch, name: str) -> None:
        """Refuse a batch, with NumPy arrays for tensors, by a `ValueError`; here none."""

    def passes(self, batch: tf.Tensor) -> tf.Tensor:
        """Whether a batch, with tensors for arrays, need not be checked: one boolean tensor."""
        return tf.constant(True)

    def begin(self, data: tf.data.Dataset, name: str) -> None:
        """Check the first batch, where the others will be looked at one by one."""
        first = next(iter(data), None)
        if first is None:
            raise ValueError(f"`{name}` must hold at least one batch. Received: none. Give data.")
        self._first = tf.nest.map_structure(lambda value: value.numpy(), first)
        self.check(self._first, name)

    def watched(self, data: tf.data.Dataset, name: str) -> tf.data.Dataset:
        """The dataset, of which each batch is checked as it is read."""
        spec = data.element_spec

        def refused(*arrays: Array) -> np.bool_:
            try:
                self.check(tf.nest.pack_sequence_as(spec, arrays), name)
            except ValueError as error:
                self._refusal = error
                raise
            return np.True_

        @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
        def looked_at(*parts: tf.Tensor) -> tf.Tensor:
            batch = parts if isinstance(spec, tuple) else parts[0]
            flat = tf.nest.flatten(batch)
            seen = tf.cond(
                self.passes(batch),
                lambda: tf.constant(True),
                lambda: tf.numpy_function(refused, flat, tf.bool),
            )
            with tf.control_dependencies([seen]):
                return tf.nest.pack_sequence_as(batch, [tf.identity(part) for part in flat])

        return data.map(looked_at)


class ColumnGuard(Guard[Mapping[str, Array]]):
    """Of datasets of dicts of float64 columns.

    A subclass defines `check` and `passes`, and what its columns are called; of ``extras``
    any may be there.
    """

    names: ClassVar[tuple[str, ...]]
    extras: ClassVar[tuple[str, ...]] = ()
    contents: ClassVar[str]
    cure: ClassVar[str]
    kinds: ClassVar[tuple[type[tf.data.Dataset], ...]] = (tf.data.Dataset,)

    def admitted(self, data: tf.data.Dataset, name: str = "x") -> tf.data.Dataset:
        self.begin(data, name)
        # What a strategy has distributed cannot be read here.
        return self.watched(data, name) if isinstance(data, tf.data.Dataset) else data

    def begin(self, data: tf.data.Dataset, name: str) -> None:
        self._check_columns(data, name)
        if isinstance(data, tf.data.Dataset):
            super().begin(data, name)

    def _check_columns(self, data: tf.data.Dataset, name: str) -> None:
        if not isinstance(data, self.kinds):
            raise TypeError(
                f"`{name}` must be a tf.data.Dataset of {self.contents}, for Keras turns arrays "
                f"into float32. Received: {type(data).__name__}. {self.cure}"
            )
        spec = data.element_spec
        found = sorted(map(str, spec)) if isinstance(spec, Mapping) else [type(spec).__name__]
        if not isinstance(spec, Mapping) or set(spec) - set(self.extras) != {*self.names}:
            raise TypeError(
                f"`{name}` must hold dicts with {', '.join(self.names)}. Received: "
                f"{', '.join(found)}. {self.cure}"
            )
        for column, kind in spec.items():
            if getattr(kind, "dtype", tf.float64) != tf.float64:
                raise TypeError(
                    f"`{name}` must be float64, as the model is. Received: {kind.dtype.name} for "
                    f"'{column}'. {self.cure}"
                )

    def check_numbers(self, batch: Mapping[str, Array], name: str) -> None:
        """Refuse numbers that are not finite, weights of no measure, and an empty batch."""
        for column, numbers in batch.items():
            if not numbers.size:
                raise ValueError(
                    f"`{name}` must hold at least one point. Received: shape={numbers.shape} for "
                    f"'{column}'. {self.cure}"
                )
            good = np.isfinite(numbers)
            if column in ("weight", "quadrature"):
                good &= (numbers > 0.0) | ((numbers == 0.0) & (column == "quadrature"))
            if not good.all():
                positive = " and positive" if column in ("weight", "quadrature") else ""
                raise ValueError(
                    f"`{name}` must hold numbers that are finite{positive}. Received: "
                    f"{numbers[~good][0]} for '{column}'. {self.cure}"
                )


def is_symbolic(value: object) -> bool:
    """Whether it is a tensor of a graph, without numbers yet."""
    symbolic: bool = keras.backend.is_keras_tensor(value)
    return symbolic or (tf.is_tensor(value) and not hasattr(value, "numpy"))


def numbers_pass(batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
    """What `ColumnGuard.check_numbers` asks, in the graph."""
    # A product with 0 is 0 for finite numbers only.
    finite = [tf.reduce_sum(0.0 * column) == 0.0 for column in batch.values()]
    measure = tf.reduce_all(batch["quadrature"] >= 0.0) & tf.reduce_all(batch["weight"] > 0.0)
    return tf.reduce_all(tf.stack(finite)) & measure


def covers(quadrature: Array | tf.Tensor, length: float | Array | tf.Tensor) -> tf.Tensor:
    """Whether the weights of the last axis add up to a length, as those of any rule do."""
    total = tf.reduce_sum(quadrature, axis=-1)
    return tf.reduce_all(tf.abs(total - length) <= COVERED * length)


def not_covered(name: str, total: float, walls: Array, of: str, cure: str) -> str:
    """What is said of weights that do not; of each dimension ``walls`` has a row."""
    whole = " x ".join(f"[{left:g}, {right:g}]" for left, right in walls)
    return (
        f"`{name}` must have quadrature weights of the whole interval {whole} of "
        f"{of}, which add up to {np.prod(np.diff(walls)):g}. Received: {total:g}. {cure}"
    )


def check_agreement(
    name: str,
    x: Array,
    given: Mapping[str, Array],
    own: Mapping[str, Array],
    unit: float,
    of: tuple[str, str],
) -> None:
    """Refuse data with another V or rho than the model's.

    Args:
        name: Of the data.
        x: Positions.
        given: ``potential`` V and ``weight`` rho of the data there.
        own: Those of the model.
        unit: Of energies; what V may be off by is measured in it where V is 0.
        of: Of what the data must be, and the cure.

    Raises:
        ValueError: With the first position where they differ.
    """
    for column, symbol, least in (("potential", "V", unit), ("weight", "rho", 0.0)):
        allowed = AGREEMENT * max(least, float(np.max(np.abs(own[column]))))
        other = np.abs(given[column] - own[column]) > allowed
        if other.any():
            at = int(np.argmax(other))
            where = ", ".join(f"{position:.9g}" for position in np.atleast_1d(x[at]))
            raise ValueError(
                f"`{name}` must be of {of[0]}. Received: {symbol}({where}) = "
                f"{given[column][at]:.9g}, where the model's is {own[column][at]:.9g}. {of[1]}"
            )


def untuned(data: tf.data.Dataset) -> tf.data.Dataset:
    """Data that are in memory, read without tf.data's tuning.

    Its thread sleeps for up to 80 ms, and what reads the data waits for it at their end.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return data.with_options(options)
