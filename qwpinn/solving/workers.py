"""Workers: chains of wells, solved here or by processes, with the same numbers whoever solves them.

A worker computes on one thread of a CPU: sums over several threads, and those of a GPU, are rounded
in an order that differs from machine to machine. It starts by itself (not as a fork), loads
TensorFlow once, and ends with its parent. `loky` keeps the processes, for it sends functions that
have no name, needs no guard around a script's main part, and notices a worker that dies.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import threading
import time
import warnings
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, as_completed
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import NamedTuple

import cloudpickle
import loky
from loky.process_executor import BrokenProcessPool

from qwpinn.equation import kinds
from qwpinn.equation.potential import Potential
from qwpinn.inputs import check, limits
from qwpinn.solving.recipes import Recipe
from qwpinn.solving.settings import Settings
from qwpinn.solving.solved import Solved
from qwpinn.solving.solver import check_recipe, solve
from qwpinn.startup import ALONE, refuse_fork

# Seconds that a worker waits for another call before it ends.
IDLE = 60.0
Warned = tuple[str, type[Warning]]


@dataclass(frozen=True)
class Asked:
    """What is asked of every well: the arguments of `qwpinn.solve`.

    Raises:
        TypeError: If one is of the wrong type.
        ValueError: If one is out of range.
    """

    states: int
    rtol: float
    seed: int
    recipe: Recipe | None

    def __post_init__(self) -> None:
        Settings(self.states, self.rtol, self.seed)
        if self.recipe is not None:
            check_recipe(self.recipe)


class Chain(NamedTuple):
    """Wells that are solved in this order, each from the last.

    Attributes:
        wells: They.
        names: What each is called where it fails.
        asked: What is asked of each.
        start: What the first is started from. Defaults to None: nothing.
    """

    wells: Sequence[Potential]
    names: Sequence[str]
    asked: Asked
    start: Solved | None = None

    def solved(self) -> Iterator[Solved]:
        """Their solutions."""
        last, asked = self.start, self.asked
        for well, name in zip(self.wells, self.names, strict=True):
            try:
                last = solve(
                    well, asked.states, rtol=asked.rtol, seed=asked.seed, recipe=asked.recipe,
                    start=last,
                )  # fmt: skip
            except Exception as error:
                error.add_note(f"This happened with {name}.")
                raise
            yield last


def spread(
    chains: Sequence[Chain], workers: int | None
) -> Generator[tuple[int, list[Solved]], None, None]:
    """The solutions of each chain, with its number, in the order in which they are found.

    They are the same to the last bit for every number of workers. Whatever ends the iteration early
    ends the workers; else they wait a minute for the next call.

    Args:
        chains: What is to be solved.
        workers: How many processes at the most. Defaults to None: one for each core that this
            process may use.

    Raises:
        TypeError: If a well cannot be sent to another process.
        ChildProcessError: If a worker has died.
    """
    refuse_fork("workers")
    if not chains:
        return
    most = loky.cpu_count() if workers is None else workers
    sent = [_sent(chain) for chain in chains]
    pool = loky.get_reusable_executor(
        min(most, len(chains), limits.WORKERS),
        timeout=IDLE,
        initializer=_begin,
        initargs=(os.getpid(),),
        env=ALONE,
    )
    try:
        with _held_signals():
            futures = {pool.submit(_worked, one): number for number, one in enumerate(sent)}
        for future in as_completed(futures):
            number = futures.pop(future)
            yield number, _received(future, chains[number])
    except BaseException:
        pool.shutdown(kill_workers=True)
        raise


def in_order(chains: Sequence[Chain], workers: int | None) -> Generator[Solved, None, None]:
    """The solutions of all chains in their order.

    Args:
        chains: What is to be solved.
        workers: As for `spread`. Defaults to None: they are solved by this process.
    """
    if workers is None:
        for chain in chains:
            yield from chain.solved()
        return
    early: dict[int, list[Solved]] = {}
    due = 0
    with closing(spread(chains, workers)) as solutions:
        for number, found in solutions:
            early[number] = found
            while due in early:
                yield from early.pop(due)
                due += 1


def checked(workers: object) -> int | None:
    """The number of workers, refused if it is none.

    Raises:
        TypeError: If it is no integer.
        ValueError: If it is out of range.
    """
    return None if workers is None else check.integer("workers", workers, 1, limits.WORKERS)


def _sent(chain: Chain) -> bytes:
    """A chain as a worker takes it."""
    try:
        return bytes(cloudpickle.dumps(chain))
    except Exception as error:
        raise TypeError(
            f"`{chain.names[0]}` must be a potential that another process can be sent. Received: "
            f"{kinds.shown(chain.wells[0])}, with what cannot be pickled ({error!s:.80}). Solve it "
            "by qwpinn.solve."
        ) from error


def _received(future: Future[bytes], chain: Chain) -> list[Solved]:
    """What a worker has made of a chain."""
    try:
        content = future.result()
    except BrokenProcessPool as error:
        raise ChildProcessError(
            "`workers` must live until all is solved. Received: one that was ended from outside, "
            "or for want of memory. Give fewer, or fewer states."
        ) from error
    found, warned = _Unpickler(io.BytesIO(content), chain.wells).load()
    for message, category in warned:
        warnings.warn(message, category, stacklevel=4)
    return list(found)


def _worked(sent: bytes) -> bytes:
    """The solutions of a chain, and the warnings on the way; called in a worker."""
    chain: Chain = pickle.loads(sent)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        found = list(chain.solved())
    warned = dict.fromkeys((str(warning.message), warning.category) for warning in caught)
    content = io.BytesIO()
    _Pickler(content, chain.wells).dump((found, list(warned)))
    return content.getvalue()


class _Pickler(cloudpickle.Pickler):
    """Pickles wells that the reader has as their numbers."""

    def __init__(self, file: io.BytesIO, wells: Sequence[Potential]) -> None:
        super().__init__(file)
        self._numbers = {id(well): number for number, well in enumerate(wells)}

    def persistent_id(self, thing: object) -> int | None:
        return self._numbers.get(id(thing))


class _Unpickler(pickle.Unpickler):
    """Reads what `_Pickler` wrote: its wells are those that were sent."""

    def __init__(self, file: io.BytesIO, wells: Sequence[Potential]) -> None:
        super().__init__(file)
        self._wells = wells

    def persistent_load(self, number: int) -> Potential:
        return self._wells[number]


def _begin(parent: int) -> None:
    """Called first in a worker: Ctrl-C is its parent's, and it ends when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


@contextmanager
def _held_signals() -> Iterator[None]:
    """Ctrl-C waits while the block runs, and never comes to processes that it starts."""
    came: list[int] = []
    # Python lets the main thread alone say who takes a signal, and hands all to it.
    main = threading.current_thread() is threading.main_thread()
    taken = signal.signal(signal.SIGINT, lambda number, _: came.append(number)) if main else None
    masked = hasattr(signal, "pthread_sigmask")
    if masked:
        # It lets Ctrl-C through again where it starts, with the first process at the latest.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if masked:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if main:
            signal.signal(signal.SIGINT, taken or signal.SIG_DFL)
    if came:
        signal.raise_signal(signal.SIGINT)
