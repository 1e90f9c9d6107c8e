"""Commands that kill themselves at named events: where a process dies is no matter of luck."""

import processes

# A family that trains in seconds, and its epochs.
EPOCHS = 8
TINY = f"""
potential.kind = "finite_well"
[family]
depth = [15, 25]
width = [1.9, 2.1]
[train]
states = 1
members = 8
points = 24
teachers = 16
epochs = {EPOCHS}
"""

PROGRAM = """
import functools, os, pathlib, signal, sys
from qwpinn.__main__ import main
from qwpinn.startup import quiet
with quiet():
    from qwpinn.cli import backup, kept, parser
    from qwpinn.networks import saved_model
    from qwpinn.progress import bars
    from qwpinn.solving import reproduction
left = {count}

def happened():
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

def before(owner, name, when=lambda *given: True):
    real = getattr(owner, name)
    @functools.wraps(real)
    def wrapped(*given, **options):
        if when(*given):
            happened()
        return real(*given, **options)
    setattr(owner, name, wrapped)

def after(owner, name, when=lambda *given: True):
    real = getattr(owner, name)
    @functools.wraps(real)
    def wrapped(*given, **options):
        found = real(*given, **options)
        if when(*given):
            happened()
        return found
    setattr(owner, name, wrapped)

def half(name):
    real = pathlib.Path.write_bytes
    def wrapped(self, content):
        if name in self.name:
            real(self, content[: len(content) // 2])
            happened()
        return real(self, content)
    pathlib.Path.write_bytes = wrapped

{event}
sys.exit(main())
"""

EVENTS = {
    "after a checkpoint": "after(kept.Backup, 'on_epoch_end')",
    "in the middle of a checkpoint": "half('.epoch_')",
    "after a value": "after(kept.Values, 'keep')",
    "in the middle of a value": "half('.value_')",
    "after an epoch on screen": "after(bars.EpochBar, 'on_epoch_end')",
    "in the middle of the model": "after(saved_model, 'write_saved_model')",
    "in the middle of the weights": "half('qwpinn.weights')",
    "before the exchange of folders": "before(os, 'rename')",
    "between the two halves of the exchange": (
        "after(os, 'rename', lambda old, new: 'previous' in str(new))"
    ),
    "after the exchange": "after(os, 'rename', lambda old, new: 'draft' in str(old))",
    "with the result in place, before the backup goes": "before(backup, 'forget')",
    "before a figure": "before(reproduction, 'write_file')",
}


def killing(event, *arguments, count=1):
    """The command line of ``qwpinn`` that gets SIGKILL when an event happens.

    Args:
        event: One of `EVENTS`.
        *arguments: Of the command.
        count: Which time it happens.
    """
    code = PROGRAM.format(count=count, event=EVENTS[event])
    return processes.program(code, *arguments)


def epochs_in(folder):
    """How many epochs are done in a backup."""
    return max((int(path.name[6:12]) for path in folder.glob("epoch_*")), default=0)
