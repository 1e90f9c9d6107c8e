"""What is printed of the states of a solution, and of an enclosure."""

import io
import re

import numpy as np
import pytest
from printed import RITZ, check_html, check_text
from rich.console import Console

import qwpinn
from qwpinn.sheets.digits import with_uncertainty


@pytest.fixture(scope="module")
def doublet():
    return qwpinn.solve(qwpinn.DoubleWell(), 3, recipe=RITZ)


def test_a_solution_shows_the_numbers_that_it_has(doublet):
    text = check_text(doublet)
    assert text.splitlines()[:2] == [doublet.potential.title, doublet.potential.equation]
    rows = [line.split() for line in text.splitlines() if re.match(r" +\d ", line)]
    for k, row in enumerate(rows):
        energy = with_uncertainty(doublet.energies[k], doublet.lower[k], doublet.upper[k])
        assert row[:2] == [str(k), energy]
        assert float(row[2]) == pytest.approx(doublet.enclosure.relative_widths(-6.25)[k], rel=0.05)
        assert row[3:5] == [str(k), str(k)]
        assert float(row[5]) == pytest.approx(doublet.residuals[k], rel=0.05)
        assert row[6:] == ["converged"]
    assert len(rows) == 3
    assert "the measure of rtol." in text
    assert repr(doublet) == f"Solution({doublet.potential!r}, states=3, CONVERGED)"
    check_html(doublet, images=1)


def test_the_console_shows_the_same(doublet):
    screen = Console(file=io.StringIO(), width=80)
    screen.print(doublet)
    shown = [line.rstrip().replace("\u2500", "-") for line in screen.file.getvalue().splitlines()]
    assert shown == str(doublet).splitlines()


def test_what_failed_is_said():
    recipe = qwpinn.Precise(units=8, epochs=0)
    failed = qwpinn.solve(qwpinn.FiniteWell(), 1, rtol=1e-11, recipe=recipe)
    text = check_text(failed)
    assert failed.status.name.lower().replace("_", " ") in text
    assert "state 0: " + str(failed.status)[:40] in text
    assert f"states=1, {failed.status.name})" in repr(failed)
    assert "font-weight:bold" in failed._repr_html_()


def test_an_enclosure_shows_its_bounds(doublet):
    enclosure = doublet.enclosure
    text = check_text(enclosure)
    rows = [line.split() for line in text.splitlines() if re.match(r" +\d ", line)]
    shown = [[float(x) for x in row[1:3]] for row in rows]
    np.testing.assert_allclose(shown, np.c_[enclosure.lower, enclosure.upper], rtol=1e-11)
    assert [row[4] for row in rows] == ["0", "1", "2"]
    check_html(enclosure, images=0)
    many = qwpinn.Enclosure(*(np.ones((30, 2)) * v for v in (1.0, 2.0)), np.full((30, 2), -1),
                            np.ones((30, 2)))  # fmt: skip
    text = check_text(many)
    assert text.splitlines()[4].split() == [
        "0",
        "1",
        "1",
        "2",
        "1.0e+00",
        "?",
        "1.0e+00",
        "1.4e+00",
    ]
    assert "and those of 10 more members" in text
