"""What print shows: a few times, and what a reader should know of them."""

import dataclasses

import moved
import numpy as np
import pytest

import qwpinn
from qwpinn.dynamics import summary


def test_six_times_with_units_and_bounds():
    found = qwpinn.evolve(moved.solved("device"), [1.0, 1.0], np.linspace(0.0, 60.0, 301), tol=1e-3)
    lines = str(found).splitlines()
    heading = next(n for n, line in enumerate(lines) if "norm" in line)
    assert lines[heading - 1].split() == ["time", "energy", "<z>", "spread"]
    assert lines[heading].split() == ["(fs)", "norm", "(meV)", "(nm)", "(nm)", "error"]
    rows = [line.split() for line in lines[heading + 2 : heading + 8]]
    assert [row[0] for row in rows] == ["0", "12", "24", "36", "48", "60"]
    assert rows[5][5] == f"{found.errors[-1]:.1e}"
    assert float(rows[2][3]) == pytest.approx(found.expectation("x")[120], abs=1e-6)
    assert "12 states hold psi0 but for 0.0e+00 of its norm." in lines
    assert summary.failures(found) == ()
    assert "-0.000000" not in str(qwpinn.evolve(moved.solved("oscillator"), [1.0], [0.0, 9.0]))


def test_a_packet_that_reaches_an_end_where_v_goes_on_is_told_of():
    # Harmonic ends are cut; a packet thrown at one comes to it.
    well = qwpinn.Harmonic(omega=1.0, box=12.0)
    thrown = qwpinn.evolve(well, qwpinn.Packet(0.0, 5.5, 0.5**0.5), [0.0, 0.4, 0.7854], tol=0.5)
    (note,) = summary.notes(thrown)
    assert "beyond the right end, which psi reaches by t = 0.4" in note
    assert summary.notes(thrown.at([0.0, 0.1])) == ()


def test_what_is_above_the_tolerance_is_said_from_when_on():
    found = qwpinn.evolve(moved.solved("box"), [1.0], [0.0, 1e7])
    between = dataclasses.replace(found, tol=float(np.sqrt(np.prod(found.errors))))
    assert found.errors[0] < between.tol < found.errors[1]
    (sentence,) = summary.failures(between)
    assert f"more than the {between.tol:g} that was asked for from t = 1e+07 on" in sentence
