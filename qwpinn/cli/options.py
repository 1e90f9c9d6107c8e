"""Options: what may be typed after each command.

Only the command that is typed adds its arguments, and imports what they are checked by: the fields
of the potentials take NumPy.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import NoReturn, TypeAlias

import qwpinn
from qwpinn.cli.typed import real, whole
from qwpinn.inputs.names import meant
from qwpinn.startup import uncollected

# The commands, as argparse has them.
Kinds: TypeAlias = "argparse._SubParsersAction[Parser]"


class Parser(argparse.ArgumentParser):
    """Complains in one line, without the usage.

    Attributes:
        fill: Adds its arguments once it is asked to parse any: another command needs none of them.
    """

    fill: Callable[[Parser], None] | None = None

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        fill, self.fill = self.fill, None
        if fill is not None:
            fill(self)
        return super().parse_known_args(args, namespace)

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


def parser() -> Parser:
    """The parser of all commands."""
    found = Parser(
        prog="qwpinn", description="Quantum wells solved by physics-informed neural networks."
    )
    found.add_argument("--version", action="version", version=f"qwpinn {qwpinn.__version__}")
    kinds = found.add_subparsers(required=True, metavar="command")
    for name, (module, fill, text) in COMMANDS.items():
        _command(kinds, name, module, text).fill = fill
    return found


def _reproduce(command: Parser) -> None:
    """Those of ``qwpinn reproduce``."""
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


def _solve(command: Parser) -> None:
    """Those of ``qwpinn solve``."""
    _compare(command)
    group = command.add_argument_group("what to leave behind")
    group.add_argument(
        "--output", metavar="DIR", help="a folder for the model, result.json, figures and a CSV"
    )
    _add_resume(group)
    _add_force(group)


def _compare(command: Parser) -> None:
    """Those of ``qwpinn compare``: a target alone."""
    from qwpinn.cli.targets import add_arguments

    add_arguments(command)


def _evolve(command: Parser) -> None:
    """Those of ``qwpinn evolve``."""
    from qwpinn.cli.targets import add_arguments

    add_arguments(command, trained=False)
    group = command.add_argument_group("what moves", "Numbers in the units of the target.")
    group.add_argument(
        "--packet", required=True, metavar="CENTRE,MOMENTUM,WIDTH",
        help="a Gaussian: mean position, mean momentum over hbar, standard deviation of the "
        "position; --packet=-1.5,0,0.4",
    )  # fmt: skip
    group.add_argument(
        "--until", required=True, type=real, metavar="T",
        help="in units of hbar over energy; with units, and of a device, in fs",
    )  # fmt: skip
    group.add_argument(
        "--frames", type=whole, default=200, metavar="N", help="times from 0 to T; default: 200"
    )
    group.add_argument(
        "--tol", type=real, default=1e-6, metavar="E", help="the error of psi; default: 1e-06"
    )
    group.add_argument(
        "--drive", metavar="AMPLITUDE,FREQUENCY",
        help="adds AMPLITUDE cos(FREQUENCY t) x to V; of a device, of its field, in kV/cm",
    )  # fmt: skip
    group.add_argument(
        "--absorbing", metavar="WIDTH",
        help="of both ends, which absorb in place of walls; or LEFT,RIGHT, 0 for a wall. No error "
        "is claimed then",
    )  # fmt: skip
    group = command.add_argument_group("what to leave behind")
    group.add_argument(
        "--output", metavar="PLACE",
        help="a film that ends in .gif, .html or .mp4 (which needs ffmpeg), a map over position "
        "and time that ends in .png, or a folder for qwpinn.load",
    )  # fmt: skip


def _evaluate(command: Parser) -> None:
    """Those of ``qwpinn evaluate``."""
    command.add_argument("model", help="a folder that reproduce or solve wrote")
    command.add_argument("--grid", required=True, metavar="FROM:TO:POINTS", help="--grid=-3:3:601")
    command.add_argument(
        "--grid-y", metavar="FROM:TO:POINTS", help="of a model of the plane: the same for y"
    )
    command.add_argument("--output", help="a CSV file; default, and for -: standard output")


def _add_resume(command: argparse._ActionsContainer) -> None:
    text = "go on where an interrupted run with this --output ended"
    command.add_argument("--resume", action="store_true", help=text)


def _add_force(command: argparse._ActionsContainer) -> None:
    text = "replace the earlier result of another problem in --output"
    command.add_argument("--force", action="store_true", help=text)


def _sweep(command: Parser) -> None:
    """Those of ``qwpinn sweep``."""
    _compare(command)
    group = command.add_argument_group("what to vary")
    group.add_argument(
        "--parameter", required=True, metavar="NAME",
        help="a field of the potential; of a heterostructure field, thickness, composition, or "
        "LAYER.thickness with the layer's name or number",
    )  # fmt: skip
    group.add_argument(
        "--values", required=True, metavar="FROM:TO:POINTS", help="--values=0:70:8, or 0,10,40,70"
    )
    text = (
        "processes that solve runs of 8 values each, which pays from some hundred values on, for "
        "each loads TensorFlow first; default: this one, in a row"
    )
    group.add_argument("--workers", type=whole, metavar="N", help=text)
    group = command.add_argument_group("what to leave behind")
    group.add_argument("--output", metavar="DIR", help="a folder for sweep.csv and sweep.png")
    _add_resume(group)
    _add_force(group)


def _train_family(command: Parser) -> None:
    """Those of ``qwpinn train-family``."""
    from qwpinn.solving.settings import FAMILY

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


def _design(command: Parser) -> None:
    """Those of ``qwpinn design``."""
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


def _bench(command: Parser) -> None:
    """Those of ``qwpinn bench``."""
    from qwpinn.bench.names import PEERS, TECHNIQUES
    from qwpinn.bench.problems import WELLS

    group = command.add_argument_group("what to run")
    group.add_argument(
        "--wells", nargs="+", metavar="NAME", help=f"default: {', '.join(WELLS)}; or others "
        "that qwpinn solve takes",
    )  # fmt: skip
    group.add_argument(
        "--techniques", nargs="+", metavar="NAME", help="several joined by + for one network; "
        f"default: {', '.join(TECHNIQUES)}",
    )  # fmt: skip
    group.add_argument(
        "--peers", action="store_true", help=f"run other solvers too: {', '.join(PEERS)}"
    )
    group.add_argument("--seeds", default="3", metavar="N", help="or FROM:TO; default: 3")
    group.add_argument(
        "--budget", default="15s", metavar="SECONDS", help="of CPU time, for each; default: 15s"
    )
    group.add_argument(
        "--workers", type=whole, metavar="N", help="runs at a time; default: one on each core"
    )
    group.add_argument(
        "--deepxde", metavar="PYTHON", help="one that has deepxde and torch; default: an "
        "environment is made in --output, by a download of gigabytes",
    )  # fmt: skip
    group = command.add_argument_group("what to leave behind")
    group.add_argument(
        "--output",
        required=True,
        metavar="DIR",
        help="a folder for results.csv, figures and traces",
    )
    text = "keep the runs in --output that are as asked for now, and run the others"
    group.add_argument("--resume", action="store_true", help=text)
    group.add_argument("--force", action="store_true", help="run all anew")


# The file of each command, what adds its arguments, and what it does.
COMMANDS: Mapping[str, tuple[str, Callable[[Parser], None], str]] = {
    "reproduce": ("commands", _reproduce, "train the three wells of the paper"),
    "solve": ("commands", _solve, "find the lowest states of a potential, with error bars"),
    "sweep": (
        "commands",
        _sweep,
        "vary one number of a potential, each solve starts from the last",
    ),
    "train-family": (
        "family_commands",
        _train_family,
        "train one network for all potentials of a family",
    ),
    "design": (
        "family_commands",
        _design,
        "find the members of a family whose levels are as wanted",
    ),
    "bench": ("bench_commands", _bench, "set techniques and other solvers beside each other"),
    "evolve": ("evolve_commands", _evolve, "let a packet move in a potential, and film it"),
    "evaluate": ("commands", _evaluate, "write a model's wavefunctions as CSV"),
    "compare": ("commands", _compare, "set a network beside the classical solvers"),
}


def _command(kinds: Kinds, name: str, module: str, text: str) -> Parser:
    """The parser of a command.

    Args:
        kinds: The commands.
        name: What it is called.
        module: With the function that runs it, and so TensorFlow, which are loaded once the jobs
            beside it (`qwpinn.cli.jobs` of ``commands``) have found nothing wrong with what is
            asked.
        text: What it does.
    """
    command = kinds.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False
    )
    function = name.replace("-", "_")

    def run(options: argparse.Namespace) -> int:
        from rich.console import Console

        jobs = import_module(f"qwpinn.cli.{module.replace('commands', 'jobs')}")
        console = Console()
        with getattr(jobs, function)(options, console) as job:
            sys.stdout.flush()
            code: int = getattr(_loaded(module), f"run_{function}")(options, job, console)
            return code

    command.set_defaults(command=run, parser=command)
    return command


def _loaded(module: str) -> ModuleType:
    """A module of this folder, with all that it needs."""
    name = f"qwpinn.cli.{module}"
    if name in sys.modules:
        return sys.modules[name]
    with uncollected():
        found = import_module(name)
    # It stays as long as the process, which need not look for garbage in it, least of all at its
    # end.
    gc.freeze()
    return found
