"""Heartbeat: where there is no terminal to draw bars on, a plain line every ten seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import Progress, ProgressColumn, Task, TaskID

# Seconds between two lines.
EVERY = 10.0


def print_text(console: Console, text: str) -> None:
    """Print a sentence as it stands: brackets are no markup, numbers have no colours."""
    console.print(text, markup=False, highlight=False)


class Display(Progress):
    """Bars on a terminal; elsewhere, e.g. in a pipe, a line every ten seconds while work goes on.

    The lines come from a thread of their own, for a step of the work may take longer. The last
    state of the bars stays.

    Args:
        *columns: Of the bars.
        console: Where.
        line: A task in words, without the time.
        every: Seconds between two lines. Defaults to ten; with 0, there is one each time there is
            something new.
        wait: Waits so many seconds, and returns whether to stop instead. Defaults to None: until
            the display stops.
        now: The time in seconds.
    """

    def __init__(
        self,
        *columns: ProgressColumn,
        console: Console,
        line: Callable[[Task], str],
        every: float = EVERY,
        wait: Callable[[float], bool] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        drawn = console.is_terminal and not console.is_dumb_terminal
        lines = not (drawn or console.is_jupyter)
        super().__init__(*columns, console=console, get_time=now, disable=lines)
        self._line, self._every, self._new = line, every, False
        self._began = now()
        self._stopped = threading.Event()
        self._pause = self._stopped.wait if wait is None else wait
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the bars, or the lines."""
        super().start()
        if self.disable and self._every and not self._thread:
            self._thread = threading.Thread(target=self._beat, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop them."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        if not self.disable:
            super().stop()
        elif self._new:
            self._show()

    def add_task(self, *args: Any, **fields: Any) -> TaskID:
        """A new task."""
        self._new = True
        return super().add_task(*args, **fields)

    def update(self, task_id: TaskID, *args: Any, **fields: Any) -> None:
        """A task has come further."""
        super().update(task_id, *args, **fields)
        self._new = True
        if self.disable and not self._every:
            self._show()

    def _show(self) -> None:
        """The bars as they are, once."""
        self._new = False
        self.console.print(self.get_renderable())

    def _beat(self) -> None:
        while not self._pause(self._every):
            self.say()

    def say(self) -> None:
        """Print a line of what is being done, and for how long."""
        under_way = [task for task in self.tasks if not task.finished] or self.tasks
        for task in under_way[-1:]:
            spent = clock(self.get_time() - self._began)
            self.console.print(
                f"{spent} {self._line(task)}", markup=False, highlight=False, soft_wrap=True
            )


def clock(seconds: float) -> str:
    """A time as clocks show it.

    Example:
        >>> clock(75.0), clock(7300.0)
        ('0:01:15', '2:01:40')
    """
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


class Estimate:
    """How long a family's training takes yet, from what its parts took so far.

    The epochs are alike, and the last part, which learns the Ritz states of twice as many members,
    is `LAST` times as long as the first.

    Args:
        epochs: How many.
        resumed: Whether the first part is left out; then nothing is known of the last.
        now: The time in seconds.
    """

    LAST = 3.0

    def __init__(
        self, epochs: int, resumed: bool = False, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.epochs = epochs
        self.resumed = resumed
        self._now = now
        self._began = now()
        self._start: float | None = None
        self._ends: list[tuple[int, float]] = []

    def training(self) -> None:
        """The epochs begin."""
        self._start = self._now() - self._began

    def epoch(self, number: int) -> None:
        """Epoch ``number``, from 1, has ended."""
        self._ends.append((number, self._now()))

    def left(self) -> float | None:
        """Seconds; None where nothing is known to go by."""
        if not self._ends or self._start is None:
            return None
        (first, ended), (last, now) = self._ends[0], self._ends[-1]
        # The first epoch also traces the graph: it counts only while it is the only one.
        each = (now - ended) / (last - first) if last > first else ended - self._begun
        last_part = 0.0 if self.resumed else self.LAST * self._start
        due = now + each * (self.epochs - last) + last_part
        return None if self.resumed and last >= self.epochs else max(due - self._now(), 0.0)

    def __str__(self) -> str:
        """The estimate as it is now, as `remaining` says it."""
        return remaining(self.left())

    @property
    def _begun(self) -> float:
        """When the epochs began."""
        return self._began + (self._start or 0.0)


def remaining(seconds: float | None) -> str:
    """An estimate as a phrase, rounded; nothing without one.

    Example:
        >>> remaining(47.0), remaining(200.0), remaining(8000.0), remaining(None)
        (', about 50 s left', ', about 3 min left', ', about 2.2 h left', '')
    """
    if seconds is None:
        return ""
    if seconds < 95.0:
        return f", about {10 * max(1, round(seconds / 10.0))} s left"
    if seconds < 5400.0:
        return f", about {seconds / 60.0:.0f} min left"
    return f", about {seconds / 3600.0:.1f} h left"
