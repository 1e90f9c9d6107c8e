"""``qwpinn evolve``: what its options mean, what it leaves, and how it ends."""

import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import processes
import pytest
import waves
from PIL import Image

import qwpinn
from qwpinn.cli import evolve_commands, parser
from qwpinn.dynamics import animation
from qwpinn.plotting import moving
from qwpinn.sheets.screen import Line, Sheet

DEVICE = """
[potential]
kind = "heterostructure"
layers = [
  { thickness = 20, material = "Al0.2Ga0.8As" },
  { thickness = 6, material = "GaAs" },
  { thickness = 20, material = "Al0.2Ga0.8As" },
]
[solve]
states = 2
"""
PACKET = ["double_well", "--packet", "-1.5,0,0.4", "--until", "50"]


@dataclass(frozen=True)
class Found(waves.Wave):
    """What qwpinn.evolve would find."""

    def __rich__(self):
        return Sheet((Line("the sheet"),))

    def plot(self):
        return moving.space_time(self)

    def animate(self, path, frames, verbose):
        assert verbose == 1
        return animation.write(self, path, frames)

    def save(self, path):
        path.mkdir()
        (path / "evolution.npz").write_bytes(b"")


@pytest.fixture
def asked(monkeypatch):
    """What the command hands to `qwpinn.evolve`, which solves nothing."""
    seen = SimpleNamespace(converged=True)

    def evolve(well, psi0, times, states, tol, drive, *, absorbing, seed, verbose):
        vars(seen).update(
            well=well, psi0=psi0, times=times, states=states, tol=tol, drive=drive,
            absorbing=absorbing, seed=seed, verbose=verbose,
        )  # fmt: skip
        return Found(**vars(waves.wave(times, converged=seen.converged)))

    monkeypatch.setattr(evolve_commands, "evolve", evolve)
    return seen


def test_a_packet_a_time_and_nothing_else(asked, capsys):
    assert parser.main(["evolve", *PACKET]) == 0
    assert asked.well == qwpinn.DoubleWell()
    assert asked.psi0 == qwpinn.Packet(-1.5, 0.0, 0.4)
    np.testing.assert_array_equal(asked.times, np.linspace(0.0, 50.0, 200))
    given = (asked.states, asked.tol, asked.drive, asked.absorbing, asked.seed, asked.verbose)
    assert given == (None, 1e-6, None, None, 0, 1)
    assert capsys.readouterr().out == "the sheet\n"


def test_options_are_handed_on(asked):
    options = ["--frames", "7", "--tol", "1e-3", "--states", "30", "--seed", "5"]
    options += ["--drive", "-0.1,2.5", "--absorbing", "0,1.5", "--quadratic", "4"]
    assert parser.main(["evolve", *PACKET, *options]) == 0
    assert asked.well == qwpinn.DoubleWell(quadratic=4.0)
    assert asked.times.size == 7
    assert (asked.tol, asked.states, asked.seed) == (1e-3, 30, 5)
    assert asked.drive == ("x", qwpinn.Pulse(-0.1, 2.5))
    assert asked.absorbing == (0.0, 1.5)
    assert parser.main(["evolve", *PACKET, "--absorbing", "0.5"]) == 0
    assert asked.absorbing == (0.5, 0.5)
    options = ["--packet=0,0,1", "--until", "9", "--units", "nm,meV", "--mass", "0.067"]
    assert parser.main(["evolve", "harmonic", *options, "--tol", "0.1"]) == 0
    assert (asked.well.length_unit, asked.well.time_unit) == ("nm", "fs")


def test_a_device_is_driven_by_its_field(asked, tmp_path, capsys):
    path = str(tmp_path / "well.toml")
    Path(path).write_text(DEVICE)
    command = ["evolve", path, "--packet", "23,0,2", "--until", "100", "--tol", "1e-3"]
    assert parser.main([*command, "--drive", "5,0.01"]) == 0
    assert asked.drive == ("field", qwpinn.Pulse(5.0, 0.01))
    # The number of states is that of qwpinn solve, and not of a packet.
    assert asked.states is None
    assert f"{path} (heterostructure)" in capsys.readouterr().out.replace("\n", "")


def test_it_ends_with_1_if_the_error_is_too_large_and_one_is_claimed(asked):
    asked.converged = False
    assert parser.main(["evolve", *PACKET]) == 1
    assert parser.main(["evolve", *PACKET, "--absorbing", "1"]) == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("packet.gif", "Film of 3 frames"),
        ("packet.HTML", "Film of 3 frames"),
        ("packet.png", "Map over position and time"),
        ("packet", "Evolution"),
    ],
)
def test_the_ending_says_what_is_left(asked, tmp_path, monkeypatch, capsys, name, said):
    monkeypatch.chdir(tmp_path)
    assert parser.main(["evolve", *PACKET, "--frames", "3", "--output", name]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [f"{said}: {name}"]
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    if name == "packet.gif":
        with Image.open(name) as image:
            assert image.n_frames == 3


def test_help_has_no_options_of_the_training(capsys):
    with pytest.raises(SystemExit):
        parser.main(["evolve", "--help"])
    said = capsys.readouterr().out
    assert "--packet CENTRE,MOMENTUM,WIDTH" in said
    assert "--rtol" not in said
    assert "--epochs" not in said


@pytest.mark.programs
def test_the_program_films_a_packet(tmp_path):
    command = [sys.executable, "-m", "qwpinn", "evolve", "infinite_well", "--packet=0.5,0,0.05"]
    options = ["--until", "0.1", "--frames", "3", "--output", "packet.gif"]
    said = processes.run([*command, *options], cwd=tmp_path).stdout
    assert "Film of 3 frames: packet.gif" in said
    with Image.open(tmp_path / "packet.gif") as image:
        assert (image.n_frames, image.size) == (3, (640, 360))
