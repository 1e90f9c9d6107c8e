"""Workers: training on several processes or machines, each with a part of the members."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import keras
import tensorflow as tf

from qwpinn.training import rendezvous

# Seconds between two looks at the workers, and until one that was told to end is killed.
LOOK, PATIENCE = 0.5, 3.0
# Seconds that the first epoch, and at least any other, may take in a cluster.
FIRST, LEAST = 600.0, 60.0
# Seconds that all workers have to appear.
WAIT = 300.0
# Tells a worker that `run_workers` started it; its exit code when another worker is lost.
LAUNCHED, LEFT = "QWPINN_LAUNCHED", 75
GONE = (
    "another worker of the cluster was lost. Start all of them again: the same command with "
    "--resume goes on from the last checkpoint."
)
# What TensorFlow raises when another worker is lost.
LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.UnknownError,
)


def cluster(
    config: Mapping[str, str] = os.environ,
    wait: float = WAIT,
    say: Callable[[str], None] = lambda text: None,
) -> tf.distribute.Strategy | None:
    """The strategy of the cluster that TF_CONFIG describes, or None without one.

    Must be called before anything is computed.

    Args:
        config: The environment.
        wait: Seconds that the other workers have to appear.
        say: Takes a sentence for people on whom it waits for.

    Raises:
        ValueError: If TF_CONFIG describes no cluster of workers with this one among them, this
            one's address is taken, or another worker describes another cluster.
        TimeoutError: If a worker does not appear in time.
    """
    text = config.get("TF_CONFIG", "")
    if not text:
        return None
    found = rendezvous.described(text)
    rendezvous.meet(found, wait, say)
    # All were there just now: one that is lost before TensorFlow has it would be waited for.
    limit = threading.Timer(max(wait, LEAST), leave)
    limit.daemon = True
    limit.start()
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    except LOST:
        leave()
    finally:
        limit.cancel()


def is_chief(strategy: tf.distribute.Strategy | None) -> bool:
    """Whether this process writes the results: the first worker, or the only process."""
    if strategy is None:
        return True
    resolver = strategy.cluster_resolver
    return resolver is None or resolver.task_id in (None, 0)


def part_of(strategy: tf.distribute.Strategy | None) -> tuple[int, int]:
    """Which worker this is, and of how many."""
    resolver = None if strategy is None else strategy.cluster_resolver
    if resolver is None or resolver.task_id is None:
        return 0, 1
    return resolver.task_id, len(resolver.cluster_spec().as_dict()["worker"])


@contextmanager
def ending_with_others(strategy: tf.distribute.Strategy | None) -> Iterator[None]:
    """Ends this process, with one line and exit code 1, when another worker is lost."""
    try:
        yield
    except LOST:
        if strategy is None:
            raise
        leave()


def leave() -> NoReturn:
    """Ends this process at once: Python's own way out would wait for the other workers."""
    _show_cursor()
    if LAUNCHED in os.environ:
        # The process that started this one says what happened, in one line for all.
        os._exit(LEFT)
    sys.stderr.write(f"qwpinn: error: {GONE}\n")
    sys.stderr.flush()
    os._exit(1)


def _show_cursor() -> None:
    """A progress bar hides it, and a process that is killed leaves it so."""
    if sys.stdout.isatty():
        sys.stdout.write("\x1b[?25h")
    sys.stdout.flush()


class Watchdog(keras.callbacks.Callback):
    """Ends this process when no epoch has ended for too long: another worker hangs.

    A worker that dies shows as an error within seconds; this is the net below. It is a thread of
    its own, for an operation that waits for the others cannot be interrupted.

    Args:
        end: What ends the process.
    """

    def __init__(self, end: Callable[[], None] = leave) -> None:
        super().__init__()
        self.end = end
        self.longest = 0.0
        self._since: float | None = None

    @property
    def allowed(self) -> float:
        """Seconds without the end of an epoch; the first waits for slower workers too."""
        return max(LEAST, 20.0 * self.longest) if self.longest else FIRST

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self._since = time.monotonic()
        threading.Thread(target=self._watch, daemon=True).start()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        before, self._since = self._since or 0.0, time.monotonic()
        self.longest = max(self.longest, self._since - before)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self._since = None

    def _watch(self) -> None:
        while (since := self._since) is not None:
            if time.monotonic() - since > self.allowed:
                self.end()
                return
            time.sleep(LOOK)


def run_workers(command: Sequence[str], count: int, say: Callable[[str], None]) -> int:
    """Runs a command in so many processes that form a cluster on this machine.

    The first one's output goes where this process's does; of the others, only errors. When one of
    them ends with an error, or is killed, the others are ended too, and so they are when this
    process is interrupted.

    Args:
        command: The program with its arguments.
        count: How many, at least 1.
        say: Takes a sentence for people when a worker fails; the first says it itself.

    Returns:
        The exit code: 0, or that of the first worker that failed; 128 + n for one that was killed
        by signal n.
    """
    addresses = [f"127.0.0.1:{port}" for port in _free_ports(count)]
    processes: list[subprocess.Popen[str]] = []
    before = {one: signal.signal(one, _stop) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        for index in range(count):
            processes.append(_started(command, addresses, index))
        return _watched(processes, say)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        _end(processes)
        _show_cursor()


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _started(command: Sequence[str], addresses: Sequence[str], index: int) -> subprocess.Popen[str]:
    """A worker. Ctrl-C reaches only the process that started it, which then ends all."""
    task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
    # TensorFlow would log pages when another worker is lost.
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", LAUNCHED: "1"}
    return subprocess.Popen(
        list(command),
        env={**os.environ, **quiet, "TF_CONFIG": json.dumps(task)},
        stdout=None if index == 0 else subprocess.DEVNULL,
        stderr=None if index == 0 else subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _watched(processes: Sequence[subprocess.Popen[str]], say: Callable[[str], None]) -> int:
    """Waits until all have ended, or one has failed."""
    while True:
        codes = [process.poll() for process in processes]
        failed = [(i, code) for i, code in enumerate(codes) if code not in (None, 0)]
        if failed:
            # Whoever left because of another one is not the cause.
            index, code = min(failed, key=lambda one: one[1] == LEFT)
            if index > 0 or code < 0 or code == LEFT:
                say(_failure(index, code, processes[index]))
            return code if code > 0 else 128 - code
        if all(code == 0 for code in codes):
            return 0
        time.sleep(LOOK)


def _failure(index: int, code: int, process: subprocess.Popen[str]) -> str:
    if code == LEFT:
        return GONE
    if code < 0:
        return (
            f"worker {index} was killed by signal {-code} ({signal.Signals(-code).name}); the "
            "others were ended. The same command with --resume goes on from the last checkpoint."
        )
    text = process.stderr.read().strip().splitlines() if process.stderr else []
    reason = f": {text[-1]}" if text else ""
    return f"worker {index} ended with exit code {code}; the others were ended{reason}"


def _end(processes: Sequence[subprocess.Popen[str]]) -> None:
    """Ends those that run, first politely."""
    running = [process for process in processes if process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for process in processes:
        if process.stderr:
            process.stderr.close()


def _free_ports(count: int) -> list[int]:
    """Ports of this machine on which nobody listens now."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
