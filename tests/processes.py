"""Programs that tests start: each within a limit, and with its words where it fails."""

import json
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

# Seconds until a program counts as hung: nobody waits for them while all is well.
LIMIT = 900.0

# A command that sends itself a signal when so many epochs are done, backed up and reported: at a
# point of its training, wherever the clock is. Only the training that it shows has callbacks.
STOPPING = """
import json, os, signal, sys
# A shell has its background jobs, and so what they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
from qwpinn.__main__ import main
import keras
from qwpinn.training import least_squares
fit = least_squares.SquaresModel.fit
def stopped(self, x, callbacks=None, **options):
    def end(epoch, logs):
        if epoch + 1 == {epochs}:
            signal.raise_signal({number})
    if callbacks:
        callbacks = [*callbacks, keras.callbacks.LambdaCallback(on_epoch_end=end)]
    return fit(self, x, callbacks=callbacks, **options)
if json.loads(os.environ.get("TF_CONFIG") or '{{"task": {{"index": 0}}}}')["task"]["index"] == {of}:
    least_squares.SquaresModel.fit = stopped
sys.exit(main())
"""
# A command that gives its workers another program than its own, with the same arguments, and
# leaves the process of each as a file of its own.
LAUNCHING = """
import sys
from qwpinn.__main__ import main
from qwpinn.training import distributed as workers
run, started = workers.run_workers, workers._started
def launched(command, *rest):
    return run([command[0], "-c", {program!r}, *command[3:]], *rest)
def noted(command, addresses, index):
    process = started(command, addresses, index)
    open({folder!r} + "/" + str(index), "w").write(str(process.pid))
    return process
workers.run_workers, workers._started = launched, noted
sys.exit(main())
"""
# What commands say and end with, and what is loaded by then.
ANSWERING = """
import contextlib, io, json, sys
from qwpinn.cli import parser
for arguments in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        with contextlib.redirect_stderr(io.StringIO()) as err:
            try:
                code = parser.main(arguments)
            except SystemExit as end:
                code = end.code
    print(json.dumps([code, out.getvalue(), err.getvalue(), sorted(sys.modules)]))
"""


def program(code, *arguments):
    """The command line of a program of Python."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def stopping(epochs, number, of=0):
    """The program of ``qwpinn`` that sends itself a signal after so many epochs.

    Args:
        epochs: How many.
        number: Of the signal.
        of: Which worker of a cluster does.
    """
    return STOPPING.format(epochs=epochs, number=int(number), of=of)


def launching(program, folder):
    """The program of ``qwpinn`` whose workers run another; their processes' numbers in files."""
    return LAUNCHING.format(program=program, folder=str(folder))


def run(command, code=0, **options):
    """The finished program, with its output as text.

    Args:
        command: The program and its arguments.
        code: The exit code that it must have; -n for the end by signal n.
        **options: Those of `subprocess.run`.
    """
    found = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=LIMIT, **options
    )
    if found.returncode != code:
        raise AssertionError(
            f"{Path(command[0]).name} {' '.join(command[1:]):.200}\n"
            f"ended with {_named(found.returncode)}, not {_named(code)}.\n"
            f"It said: {found.stdout[-2000:]}\n{found.stderr[-4000:]}"
        )
    return found


def answers(commands, **options):
    """Of each command, in one process: the exit code, both outputs, and what is loaded by then.

    Args:
        commands: The arguments of ``qwpinn``, a list for each.
        **options: Those of `subprocess.run`.
    """
    found = run(program(ANSWERING, json.dumps(commands)), **options)
    return [json.loads(line) for line in found.stdout.splitlines()]


@contextmanager
def running(command):
    """The program while the block runs; its errors can be read. It is ended with the block."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        # Whoever reads what it says waits no longer than this.
        limit = threading.Timer(LIMIT, process.kill)
        limit.start()
        try:
            yield process
        finally:
            limit.cancel()
            process.kill()


def said(process, pattern):
    """The first match in the lines of errors of a program that is running."""
    lines = []
    for line in process.stderr:
        if found := pattern.search(line):
            return found
        lines.append(line)
    raise AssertionError(f"It ended, or hung, without {pattern.pattern}: {''.join(lines)[-4000:]}")


def _named(code):
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
