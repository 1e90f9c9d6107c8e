"""How long a family's training takes yet."""

import io

from clocks import Clock
from rich.console import Console

from qwpinn.progress import bars
from qwpinn.progress.families import FamilyBar
from qwpinn.progress.heartbeat import Estimate


def test_a_family_says_how_long_it_takes_yet():
    clock = Clock(0)
    pipe = Console(file=io.StringIO(), width=80)
    display = bars.epochs_display(pipe)
    bar = FamilyBar(display, 10, Estimate(10, now=clock))
    display.say()
    clock.now = 20.0
    bar.on_train_begin()
    display.say()
    for epoch, moment in enumerate([50.0, 55.0, 60.0]):
        clock.now = moment
        bar.on_epoch_end(epoch, {"loss": 0.1})
        display.say()
    for epoch in range(3, 10):
        clock.now += 5.0
        bar.on_epoch_end(epoch, {"loss": 0.1})
    bar.on_train_end()
    clock.now += 10.0
    display.say()
    # The first part took 20 s and the last takes three times that; the first epoch took 30 s, the
    # others 5 s each.
    assert [line.partition(" ")[2] for line in pipe.file.getvalue().splitlines()] == [
        "Ritz states: 0 of 10 epochs",
        "residual: 0 of 10 epochs",
        "residual: 1 of 10 epochs, loss 1.0e-01, about 6 min left",  # 9 * 30 + 60
        "residual: 2 of 10 epochs, loss 1.0e-01, about 2 min left",  # 8 * 5 + 60
        "residual: 3 of 10 epochs, loss 1.0e-01, about 2 min left",  # 7 * 5 + 60
        "Ritz states: 10 of 10 epochs, loss 1.0e-01, about 50 s left",  # 60 - 10
    ]
