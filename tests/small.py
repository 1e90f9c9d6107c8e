"""Families trained by small networks, where how large they are is not what is asserted."""

import os
import sys
from contextlib import contextmanager

import pytest

import qwpinn

# As `FamilyPINN.for_family` takes them; what is left out costs ten times as much.
SIZES = {"units": 48, "modes": 10, "branch": (8,), "surface": (16,)}
DEFAULTS = (3, *SIZES.values(), 0)


@contextmanager
def families():
    """`train_family` takes small networks while the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(qwpinn.FamilyPINN.for_family.__func__, "__defaults__", DEFAULTS)
        yield


def programs(folder):
    """What the environment of programs needs for the same: a file in ``folder`` sets it."""
    (folder / "sitecustomize.py").write_text(
        "from qwpinn.families.model import FamilyPINN\n"
        f"FamilyPINN.for_family.__func__.__defaults__ = {DEFAULTS}\n"
    )
    return {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
