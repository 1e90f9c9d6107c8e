"""Sums of squares: the loss |r|^2 of a batch, as an optimizer of second order is given it."""

from __future__ import annotations

import abc
import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from functools import cache
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

Array = NDArray[np.float64]
Item = TypeVar("Item")
Found = TypeVar("Found")


class Linearised(NamedTuple):
    """A loss |r|^2 to first order about some weights.

    Attributes:
        residual: r, shape ``(R,)``: the rows that this process holds.
        normal: J^T J, shape ``(P, P)``.
        gradient: J^T r, shape ``(P,)``.
        pull_back: Gives J^T y, for y of the shape of r.
    """

    residual: Array
    normal: Array
    gradient: Array
    pull_back: Callable[[Array], Array]

    @classmethod
    def of(cls, residual: Array, jacobian: Array) -> Linearised:
        """With a Jacobian ``(R, P)`` that is held.

        Example:
            >>> Linearised.of(np.array([1.0, 2.0]), np.array([[3.0], [4.0]])).gradient
            array([11.])
        """

        def pull_back(vector: Array) -> Array:
            return np.asarray(vector @ jacobian)

        return cls(residual, gramian(jacobian), pull_back(residual), pull_back)


class Squares(abc.ABC):
    """The loss |r|^2 of one batch as a function of all numbers that are trained, ``(P,)``."""

    @abc.abstractmethod
    def residuals(self, weights: Array) -> Array:
        """r, shape ``(R,)``: the rows that this process holds."""

    @abc.abstractmethod
    def linearised(self, weights: Array) -> Linearised:
        """Its first order, summed over all processes."""

    def gradient(self, weights: Array) -> Array:
        """J^T r, half the gradient of the loss, summed over all processes.

        A subclass that needs no J^T J for it has its own.
        """
        return self.linearised(weights).gradient

    @abc.abstractmethod
    def logs(self, residual: Array) -> dict[str, float]:
        """What `fit` reports of it, means over all processes."""

    def loss(self, residual: Array) -> float:
        """|r|^2, summed over all processes."""
        return float(residual @ residual)


def gramian(matrix: Array) -> Array:
    """A^T A by BLAS, which multiplies out one of its triangles."""
    return np.asarray(matrix.T @ matrix)


def parted(row: Array, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
    """Numbers in one row as arrays of these shapes, one after the other.

    Example:
        >>> parted(np.arange(5.0), [(2, 2), (1,)])
        [array([[0., 1.],
               [2., 3.]]), array([4.])]
    """
    parts = np.split(row, np.cumsum([math.prod(shape) for shape in shapes])[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


@contextmanager
def one_thread() -> Iterator[None]:
    """BLAS's threads wait for each other in small matrices, for seconds on a busy machine.

    The limit is one of the process: the first that enters sets it, the last that leaves ends it.
    """
    _ONE_THREAD.enter()
    try:
        yield
    finally:
        _ONE_THREAD.leave()


class _Limit:
    """How many are within `one_thread`, in whatever threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._within = 0
        self._limited = ExitStack()

    def enter(self) -> None:
        with self._lock:
            if not self._within:
                self._limited.enter_context(_pools()[0].limit(limits=1, user_api="blas"))
            self._within += 1

    def leave(self) -> None:
        with self._lock:
            self._within -= 1
            if not self._within:
                self._limited.close()


_ONE_THREAD = _Limit()


def side_by_side(function: Callable[[Item], Found], items: Iterable[Item]) -> Iterator[Found]:
    """A function of each item, in their order: of as many at once as BLAS had threads at first.

    For what is long in NumPy, within `one_thread`; the results do not depend on how many there are.

    Example:
        >>> list(side_by_side(abs, [-3, 2, -1]))
        [3, 2, 1]
    """
    count = _pools()[1]
    if count == 1:
        yield from map(function, items)
        return
    started: deque[Future[Found]] = deque()
    with ThreadPoolExecutor(count) as threads:
        for item in items:
            # NumPy's error state is one of a context.
            started.append(threads.submit(copy_context().run, function, item))
            if len(started) > count:
                yield started.popleft().result()
        while started:
            yield started.popleft().result()


@cache
def _pools() -> tuple[ThreadpoolController, int]:
    """What limits threads, and how many BLAS had before anything did."""
    pools = ThreadpoolController()
    return pools, max((pool.num_threads for pool in pools.lib_controllers), default=1)
