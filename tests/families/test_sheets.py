"""What is printed of a family's model and of a design."""

import numpy as np
import pytest
from printed import RITZ, Tags, check_html, check_text

import qwpinn
from qwpinn.families.design import Design
from qwpinn.sheets.digits import with_uncertainty


def test_designs_and_families_say_what_they_are_of():
    family = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2))
    model = qwpinn.FamilyPINN.for_family(family, 1, units=30, modes=6, branch=(6,), surface=(8,))
    text = check_text(model)
    assert "1 states of Family(FiniteWell, depth=(15, 25), width=(1.8, 2.2))" in text
    assert family.centre.equation in text
    assert "How far the networks are off is unknown" in text
    check_html_of_family(model)
    p = np.array([[20.0, 2.0]])
    solved = qwpinn.solve(family.potential(p[0]), 1, recipe=RITZ)
    wanted = {"E0": float(solved.energies[0])}
    found = Design(family.names, wanted, p, np.array([[1.6394801]]), (solved,), family.centre)
    text = check_text(found)
    energy = with_uncertainty(solved.energies[0], solved.lower[0], solved.upper[0])
    assert ["0", "E0", "1.63948", "1.6394801", energy, "yes"] in map(str.split, text.splitlines())
    assert found.potential.equation in text
    assert repr(found) == "Design(E0=1.63948: 1 members, confirmed)"
    check_html(found, images=1)
    guessed = Design(family.names, wanted, p, found.achieved, (), family.centre)
    assert "Not confirmed by qwpinn.solve" in check_text(guessed)
    assert repr(guessed).endswith("not verified)")
    with pytest.raises(ValueError, match="`design` must be verified"):
        guessed.plot()
    assert "<img" not in guessed._repr_html_()


def check_html_of_family(model):
    """A figure, and sentences alone as long as nothing is measured."""
    tags = Tags(model._repr_html_())
    assert tags.count["img"] == 1
    assert tags.count["p"] >= 3
