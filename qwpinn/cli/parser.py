"""The command line: ``qwpinn reproduce | solve | sweep | train-family | design | ...``."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import qwpinn
from qwpinn.cli.options import Parser, parser
from qwpinn.inputs.names import meant
from qwpinn.storage.places import DiskFullError, full

WELCOME = """\
qwpinn {version}: quantum wells solved by physics-informed neural networks.

Three commands to try, a few seconds each:

  qwpinn solve finite_well                    three levels, each with its proven doubt
  qwpinn compare double_well --states 4       beside the classical solvers
  qwpinn sweep finite_well --parameter depth --values 5:50:10

All commands: qwpinn --help
"""


# Options whose value may begin with a minus and yet be no number.
NEGATIVE = ("--grid", "--values", "--packet", "--drive")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit code: 0; 1 if a state is not as it was asked for; 2 for bad input, said in one
        line; 130 if interrupted.
    """
    try:
        with _warnings_in_one_line():
            return _run(_joined(sys.argv[1:] if arguments is None else arguments))
    except (ValueError, TypeError, ArithmeticError, OSError, RecursionError) as error:
        return _refused(_named(error))
    except _exhausted():
        return _refused("the memory is full. Ask for fewer states or units, or a larger rtol.")
    except KeyboardInterrupt as interrupt:
        message = str(interrupt) or "interrupted; nothing half-written was left in place."
        sys.stderr.write(f"qwpinn: {message}\n")
        return 130


def _exhausted() -> tuple[type[BaseException], ...]:
    """What is raised where the memory is full, by TensorFlow too if it is loaded."""
    tensorflow = sys.modules.get("tensorflow")
    ours = () if tensorflow is None else (tensorflow.errors.ResourceExhaustedError,)
    return (MemoryError, *ours)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a command, whose names are known to be right."""
    options, unknown = parser().parse_known_args(arguments)
    if unknown:
        command: Parser = options.parser
        asked = meant(unknown[0].partition("=")[0], command.option_names())
        command.error(
            " ".join([f"unrecognized arguments: {' '.join(unknown)}.", asked]).strip(" .")
        )
    return options


def _run(arguments: Sequence[str]) -> int:
    if not arguments:
        sys.stdout.write(WELCOME.format(version=qwpinn.__version__))
        return 0
    options = _parsed(arguments)
    if sys.stdout is None:
        raise OSError("standard output must be open. Received: a closed one. Send it to /dev/null.")
    try:
        code: int = options.command(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # As of `qwpinn evaluate ... | head`: whoever read has enough, and wants no word of it.
        _close_output()
        return 1
    return code


def _named(error: Exception) -> str:
    """What an error says; of a full disk, which is not that of the results, that it is full."""
    if isinstance(error, RecursionError):
        return "a file must nest its tables and lists less deeply. Write them flat."
    if isinstance(error, ZeroDivisionError | OverflowError):
        return (
            f"the problem's numbers must be within reach of floating point. Received: {error}. "
            "Choose units in which they are nearer to 1."
        )
    reason = "" if isinstance(error, DiskFullError) else full(error)
    if not reason:
        return str(error) or type(error).__name__
    _close_output()
    return f"what is printed, or a temporary file, finds no room: {reason}. Make room."


def _close_output() -> None:
    """Write what is left of standard output nowhere, or Python would complain at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _joined(arguments: Sequence[str]) -> list[str]:
    """``--values -10:10:3`` as ``--values=-10:10:3``, which argparse takes for no option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in NEGATIVE:
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _refused(message: str) -> int:
    sys.stderr.write(f"qwpinn: error: {message.splitlines()[0]}\n")
    return 2


@contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    """Without those of arithmetic: what it leads to is judged by the enclosures."""

    def show(message: Warning | str, category: type[Warning], *_: object) -> None:
        if not issubclass(category, RuntimeWarning):
            sys.stderr.write(f"qwpinn: warning: {str(message).splitlines()[0]}\n")

    with warnings.catch_warnings():
        warnings.showwarning = show  # type: ignore[assignment]
        yield
