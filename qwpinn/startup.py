"""Start-up: TensorFlow loads without a page of messages, and computes in no forked child.

While its libraries load, TensorFlow writes to stderr before any log level is read. `install`, which
``import qwpinn`` calls, sets the level and sees to it that whoever loads TensorFlow first, this
package, Keras or the user's script, has those lines held back.

A process that is forked once TensorFlow has computed has none of its threads, and would wait for
them for ever: `refuse_fork` says so instead.
"""

from __future__ import annotations

import contextlib
import gc
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import IO

# Of a process that computes beside others, before anything is loaded there: on one thread of a CPU.
ALONE = {
    **dict.fromkeys(
        (
            "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS",
            "VECLIB_MAXIMUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
        ),
        "1",
    ),
    "CUDA_VISIBLE_DEVICES": "-1",
    # glibc would give large arrays back and ask for them again, a tenth of a worker's time.
    **dict.fromkeys(("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"), str(2**28)),
}  # fmt: skip
LEVEL = "TF_CPP_MIN_LOG_LEVEL"
# Of that level: from here on, only errors are shown.
ERRORS = 2
# What TensorFlow and its libraries log while they load: with a time and a place in C++, and a few
# lines without. Whatever else is written to stderr meanwhile is somebody's own.
LOGGED = re.compile(
    rb"[IWE]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [\w.]+:\d+\] "
    rb"|[IWE]0000 00:00:\d+\.\d+ +\d+ [\w.]+:\d+\] "
    rb"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] "
    rb"|WARNING: All log messages before absl::InitializeLog\(\)"
    rb"|To enable the following instructions: "
    rb"|Skipping registering GPU devices\.\.\."
)


def install() -> None:
    """Called by ``import qwpinn``, once: sets the log level, and waits for TensorFlow.

    A level that is set already stands.
    """
    # Where a worker of a cluster has ended, TensorFlow logs pages, and raises all the same.
    os.environ.setdefault(LEVEL, str(ERRORS + 1 if os.environ.get("TF_CONFIG") else ERRORS))
    waiting = any(isinstance(finder, QuietFinder) for finder in sys.meta_path)
    # Two would ask each other for ever, as where a package is reloaded.
    if "tensorflow" not in sys.modules and not waiting:
        sys.meta_path.insert(0, QuietFinder())
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_Child.born)


class QuietFinder(MetaPathFinder):
    """Finds TensorFlow as the other finders do, and has it load quietly."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "tensorflow":
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        found = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            self._quieten(spec.loader)
        return spec

    def _quieten(self, loader: Loader) -> None:
        """Has one loader hold back what is logged while it executes a module."""
        execute = loader.exec_module

        def quietly(module: ModuleType) -> None:
            del loader.exec_module
            with quiet(), uncollected():
                execute(module)
                # Drivers speak when the devices are first listed; a failure shows again at the
                # first computation.
                with contextlib.suppress(RuntimeError, module.errors.OpError):
                    module.config.list_physical_devices()
            if self in sys.meta_path:
                sys.meta_path.remove(self)

        loader.exec_module = quietly  # type: ignore[method-assign]


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Load modules without the garbage collector, which a user may have turned off already.

    Of the million objects that TensorFlow leaves none is garbage, and looking at each again and
    again is a quarter of the time that it takes to load. They join the oldest ones unseen.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        # What the user has frozen stays frozen.
        if not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()
        gc.enable()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Hold back what TensorFlow's libraries write to stderr.

    It is shown after all if the block fails; what others wrote meanwhile is always shown. Where
    there is no stderr, or the user asked for more than errors, nothing is held.
    """
    terminal = _stderr()
    if terminal is None:
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        shown = b""
        try:
            yield
        except BaseException:
            shown = _content(held)
            raise
        else:
            shown = b"".join(
                line for line in _content(held).splitlines(True) if not LOGGED.match(line)
            )
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            _write(shown)


def _stderr() -> int | None:
    """A copy of the descriptor of stderr, or None where nothing is to be held."""
    level = os.environ.get(LEVEL, "")
    if sys.__stderr__ is None or (level.isdecimal() and int(level) < ERRORS):
        return None
    # Python's own buffer belongs before what is held; a closed one has nothing in it.
    with contextlib.suppress(AttributeError, OSError, ValueError):
        sys.stderr.flush()
    try:
        return os.dup(2)
    except OSError:
        return None


def _content(held: IO[bytes]) -> bytes:
    with contextlib.suppress(AttributeError, OSError, ValueError):
        sys.stderr.flush()
    held.seek(0)
    content: bytes = held.read()
    return content


def _write(text: bytes) -> None:
    """To stderr, as far as it takes it."""
    with contextlib.suppress(OSError):
        while text:
            text = text[os.write(2, text) :]


class _Child:
    """Whether this process was forked from one in which TensorFlow had computed."""

    stranded = False

    @classmethod
    def born(cls) -> None:
        """Called in every child, where exceptions would be swallowed."""
        # What only loaded TensorFlow has no threads yet, and its children compute well.
        module = sys.modules.get("tensorflow.python.eager.context")
        context = None if module is None else module.context_safe()
        cls.stranded = cls.stranded or bool(getattr(context, "_initialized", False))


def refuse_fork(name: str) -> None:
    """Refuses what would hang: to compute in a child of a process that has computed.

    Args:
        name: Of what was called, for the message.

    Raises:
        RuntimeError: In such a child.
    """
    if _Child.stranded:
        raise RuntimeError(
            f"`{name}` must not be called in a forked child of a process that has computed: the "
            "threads of TensorFlow are not in it. Received: a fork. Start children by "
            'multiprocessing.get_context("spawn"), or fork before the first computation.'
        )
