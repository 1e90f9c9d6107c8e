"""The command line: ``qwpinn reproduce | solve | sweep | train-family | design | ...``."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import NoReturn, TypeAlias

from rich.console import Console

import qwpinn
from qwpinn.cli.targets import add_arguments, whole
from qwpinn.inputs.names import meant
from qwpinn.solving.settings import FAMILY
from qwpinn.storage.places import DiskFullError, full

# The commands, as argparse has them.
Kinds: TypeAlias = "argparse._SubParsersAction[_Parser]"

WELCOME = """\
qwpinn {version}: quantum wells solved by physics-informed neural networks.

Three commands to try, a few seconds each:

  qwpinn solve finite_well                    three levels, each with its proven doubt
  qwpinn compare double_well --states 4       beside the classical solvers
  qwpinn sweep finite_well --parameter depth --values 5:50:10

All commands: qwpinn --help
"""


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
    options, unknown = _parser().parse_known_args(arguments)
    if unknown:
        parser: _Parser = options.parser
        asked = meant(unknown[0].partition("=")[0], parser.option_names())
        parser.error(" ".join([f"unrecognized arguments: {' '.join(unknown)}.", asked]).strip(" ."))
    options.check(options)
    return options


def _run(arguments: Sequence[str]) -> int:
    if not arguments:
        sys.stdout.write(WELCOME.format(version=qwpinn.__version__))
        return 0
    options = _parsed(arguments)
    if sys.stdout is None:
        raise OSError("standard output must be open. Received: a closed one. Send it to /dev/null.")
    try:
        code: int = options.command(options, Console())
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
        if joined and joined[-1] in ("--grid", "--values"):
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


class _Parser(argparse.ArgumentParser):
    """Complains in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        end = "" if message.endswith("?") else "."
        raise ValueError(f"{message}{end} See {self.prog} --help.")

    def option_names(self) -> list[str]:
        """All options, as they are written."""
        return [name for action in self._actions for name in action.option_strings]

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Asks for the choice that may be meant."""
        known = list(action.choices or ())
        if known and value not in known:
            name = "/".join(action.option_strings) or action.metavar
            self.error(
                f"`{name}` must be one of {', '.join(known)}. Received: {value}. "
                f"{meant(str(value), known)}".rstrip(". ")
            )


def _parser() -> argparse.ArgumentParser:
    """The parser of all commands, for which the fields of all potentials are looked up."""
    parser = _Parser(
        prog="qwpinn", description="Quantum wells solved by physics-informed neural networks."
    )
    parser.add_argument("--version", action="version", version=f"qwpinn {qwpinn.__version__}")
    kinds = parser.add_subparsers(required=True, metavar="command")

    command = _command(
        kinds, "reproduce", "commands.run_reproduce", "train the three wells of the paper"
    )
    command.add_argument("--recipe", choices=("precise", "paper"), default="precise")
    command.add_argument(
        "--naive", action="store_true", help="with --recipe paper: equal weights, no kink features"
    )
    command.add_argument("--states", type=whole, help="default: 5, and 1 for the paper's recipe")
    command.add_argument("--seed", type=whole, default=0)
    command.add_argument(
        "--output", help="default: here, and runs/paper or runs/naive for the paper's recipe"
    )
    _add_force(command)

    command = _command(
        kinds,
        "solve",
        "commands.run_solve",
        "find the lowest states of a potential, with error bars",
    )
    add_arguments(command)
    group = command.add_argument_group("what to leave behind")
    group.add_argument(
        "--output", metavar="DIR", help="a folder for the model, result.json, figures and a CSV"
    )
    _add_resume(group)
    _add_force(group)

    _add_sweep(kinds)
    _add_train_family(kinds)
    _add_design(kinds)

    _add_evaluate(kinds)

    command = _command(
        kinds, "compare", "commands.run_compare", "set a network beside the classical solvers"
    )
    add_arguments(command)
    return parser


def _add_evaluate(kinds: Kinds) -> None:
    """The parser of ``qwpinn evaluate``."""
    command = _command(
        kinds, "evaluate", "commands.run_evaluate", "write a model's wavefunctions as CSV"
    )
    command.add_argument("model", help="a folder that reproduce or solve wrote")
    command.add_argument("--grid", required=True, metavar="FROM:TO:POINTS", help="--grid=-3:3:601")
    command.add_argument("--output", help="a CSV file; default, and for -: standard output")


def _add_resume(command: argparse._ActionsContainer) -> None:
    text = "go on where an interrupted run with this --output ended"
    command.add_argument("--resume", action="store_true", help=text)


def _add_force(command: argparse._ActionsContainer) -> None:
    text = "replace the earlier result of another problem in --output"
    command.add_argument("--force", action="store_true", help=text)


def _add_sweep(kinds: Kinds) -> None:
    """The parser of ``qwpinn sweep``."""
    command = _command(
        kinds,
        "sweep",
        "commands.run_sweep",
        "vary one number of a potential, each solve starts from the last",
    )
    add_arguments(command)
    group = command.add_argument_group("what to vary")
    group.add_argument(
        "--parameter", required=True, metavar="NAME",
        help="a field of the potential; of a heterostructure field, thickness, composition, or "
        "LAYER.thickness with the layer's name or number",
    )  # fmt: skip
    group.add_argument(
        "--values", required=True, metavar="FROM:TO:POINTS", help="--values=0:70:8, or 0,10,40,70"
    )
    text = "processes that solve runs of 8 values each; default: this one, in a row"
    group.add_argument("--workers", type=whole, metavar="N", help=text)
    group = command.add_argument_group("what to leave behind")
    group.add_argument("--output", metavar="DIR", help="a folder for sweep.csv and sweep.png")
    _add_resume(group)
    _add_force(group)


def _add_train_family(kinds: Kinds) -> None:
    """The parser of ``qwpinn train-family``."""
    command = _command(
        kinds,
        "train-family",
        "family_commands.run_train_family",
        "train one network for all potentials of a family",
    )
    command.add_argument(
        "file", metavar="FILE.toml",
        help="a [potential], and the ranges of its numbers in [family]; see examples/",
    )  # fmt: skip
    command.add_argument(
        "--output", required=True, metavar="DIR", help="a folder for the model and its figure"
    )
    _add_resume(command)
    _add_force(command)
    command.add_argument(
        "--workers", type=whole, metavar="N",
        help="processes of this machine that share the members; with TF_CONFIG set, the command "
        "joins that cluster instead",
    )  # fmt: skip
    command.add_argument(
        "--wait", type=float, metavar="SECONDS",
        help="for the other workers of TF_CONFIG to appear; default: 300",
    )  # fmt: skip
    group = command.add_argument_group("how to train it", "These win over the [train] of the file.")
    meanings = {
        "states": "how many of the lowest", "epochs": "of the training on the residual",
        "members": "whose residual it is", "points": "nodes in each",
        "teachers": "members whose Ritz states are learnt from", "seed": "of all random numbers",
    }  # fmt: skip
    for name, meaning in meanings.items():
        text = f"{meaning}; default: {FAMILY[name]}"
        group.add_argument(f"--{name}", type=whole, metavar="N", help=text)


def _add_design(kinds: Kinds) -> None:
    """The parser of ``qwpinn design``."""
    command = _command(
        kinds,
        "design",
        "family_commands.run_design",
        "find the members of a family whose levels are as wanted",
    )
    command.add_argument("model", metavar="MODEL", help="a folder that train-family wrote")
    command.add_argument(
        "--target", action="append", required=True, metavar="LEVEL=ENERGY",
        help="E0=1.6, or a difference E1-E0=4.8; may be given several times",
    )  # fmt: skip
    command.add_argument(
        "--bounds", action="append", default=[], metavar="NAME=FROM:TO",
        help="a narrower range of a parameter; may be given several times",
    )  # fmt: skip
    command.add_argument(
        "--starts",
        type=whole,
        default=8,
        metavar="N",
        help="solutions at the most; default: 8",
    )
    command.add_argument("--seed", type=whole, default=0, metavar="S")
    command.add_argument(
        "--no-verify", dest="verify", action="store_false", help="do not solve what was found"
    )


def _command(kinds: Kinds, name: str, run: str, text: str) -> _Parser:
    """The parser of a command.

    Args:
        kinds: The commands.
        name: What it is called.
        run: ``module.function`` that runs it: only then is TensorFlow loaded.
        text: What it does.
    """
    command = kinds.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False
    )
    module, _, function = run.rpartition(".")

    def loaded(options: argparse.Namespace, console: Console) -> int:
        code: int = getattr(import_module(f"qwpinn.cli.{module}"), function)(options, console)
        return code

    command.set_defaults(command=loaded, parser=command, check=lambda options: None)
    return command
