"""The environment of DeepXDE: its own, for it needs PyTorch."""

from __future__ import annotations

import os
import subprocess
import venv
from collections.abc import Callable, Mapping
from pathlib import Path

PACKAGES = ("deepxde==1.15.0", "torch")
# What says that it can be used.
CHECK = "import os; os.environ['DDE_BACKEND'] = 'pytorch'; import deepxde, torch"


def python_of(given: str | None, folder: Path, say: Callable[[str], None]) -> str:
    """The Python that has DeepXDE: the given one, or one that is made.

    Args:
        given: A Python, or None.
        folder: Where an environment is made, unless it is there.
        say: Takes a sentence for people.

    Raises:
        ValueError: If the given one has no DeepXDE, or none can be made.
    """
    if given is not None:
        if failure := _failure(given):
            raise ValueError(
                f"`--deepxde` must be a Python that has deepxde and torch. Received: {given} "
                f"({failure}). Install {' and '.join(PACKAGES)} there, or leave it out."
            )
        return given
    python = folder / "bin" / "python"
    if not python.exists() or _failure(str(python)):
        say(f"Setting up DeepXDE with PyTorch in {folder}: a download of gigabytes, once.")
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", *PACKAGES]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        failure = _said(done) if done.returncode else _failure(str(python))
        if failure:
            raise ValueError(
                f"`--peers` must be able to install {' and '.join(PACKAGES)}. Received: "
                f"{failure}. Give a Python that has them by --deepxde, or "
                "name the other peers in --techniques."
            )
    return str(python)


def apart(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of a process, without those that would lead it to this Python's packages."""
    return {name: v for name, v in environment.items() if not name.startswith("PYTHON")}


def _failure(python: str) -> str:
    """Why this Python cannot load DeepXDE; empty if it can."""
    try:
        # As it will be run.
        command, env = [python, "-P", "-c", CHECK], apart(os.environ)
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    except OSError as error:
        return str(error.strerror or error)
    return _said(done) if done.returncode else ""


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of what a command said of its failure."""
    lines = done.stderr.strip().splitlines()
    return lines[-1][:200] if lines else f"it ended with {done.returncode}"
