"""Where there is no terminal: a plain line every ten seconds, and how long it takes yet."""

import io

import pytest
from clocks import Clock
from rich.console import Console

from qwpinn.progress import bars
from qwpinn.progress.heartbeat import EVERY, Display, Estimate


def piped(waits, **options):
    """A display that goes to a pipe, its clock and what it wrote."""
    clock, file = Clock(waits), io.StringIO()
    shown = Display(
        console=Console(file=file, width=80), line=lambda task: f"{task.description} of it",
        wait=clock.wait, now=clock, **options,
    )  # fmt: skip
    return shown, clock, file


def test_a_line_every_ten_seconds():
    shown, clock, file = piped(waits=7)
    shown.add_task("most", total=2)
    with shown:
        pass
    *said, _ = [line for line in file.getvalue().splitlines() if line]
    assert said == [f"0:{seconds // 60:02d}:{seconds % 60:02d} most of it"
                    for seconds in range(10, 80, 10)]  # fmt: skip
    assert EVERY == 10.0
    assert clock.now == 80.0


def test_of_what_is_done_the_last_that_is_not_finished_is_said():
    shown, _, file = piped(waits=1)
    first, second = shown.add_task("first", total=1), shown.add_task("second", total=1)
    shown.update(first, completed=1)
    shown.update(second, completed=0)
    with shown:
        pass
    assert "0:00:10 second of it" in file.getvalue()


def test_on_a_terminal_there_are_bars_and_no_lines(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    clock, file = Clock(3), io.StringIO()
    terminal = Console(file=file, width=80, force_terminal=True)
    shown = Display(console=terminal, line=lambda task: "a line", wait=clock.wait, now=clock)
    shown.add_task("most", total=2)
    with shown:
        pass
    assert clock.now == 0.0
    assert "a line" not in file.getvalue()


def test_what_the_commands_say():
    pipe = Console(file=io.StringIO(), width=80)
    sweep = bars.sweep_display(pipe)
    sweep.add_task("depth", total=8, completed=3)
    sweep.say()
    wells = bars.sweep_display(pipe, noun="wells")
    wells.add_task("solved", total=5, completed=2)
    wells.say()
    epochs = bars.epochs_display(pipe)
    bar = bars.EpochBar(epochs, "finite_well", 15)
    epochs.say()
    bar.on_epoch_end(6, {"loss": 1.5e-3})
    epochs.say()
    enclosure = bars.enclosure_display(pipe)
    bars.EnclosureBar(enclosure, rtol=1e-6)
    enclosure.say()
    assert pipe.file.getvalue().splitlines() == [
        "0:00:00 depth: 3 of 8 values",
        "0:00:00 solved: 2 of 5 wells",
        "0:00:00 finite_well: 0 of 15 epochs",
        "0:00:00 finite_well: 7 of 15 epochs, loss 1.5e-03",
        "0:00:00 building the network",
    ]


@pytest.mark.parametrize(("resumed", "left"), [(False, 4 * 3.0 + 3 * 6.0), (True, 4 * 3.0)])
def test_of_the_last_part_nothing_is_known_without_the_first(resumed, left):
    clock = Clock(0)
    estimate = Estimate(8, resumed, now=clock)
    assert estimate.left() is None
    clock.now = 6.0
    estimate.training()
    for epoch, moment in ((3, 20.0), (4, 23.0)):
        clock.now = moment
        estimate.epoch(epoch)
    assert estimate.left() == left
    clock.now = 30.0
    estimate.epoch(8)
    assert (estimate.left() is None) is resumed
