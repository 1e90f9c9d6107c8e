"""What is asked of states by name."""

import numpy as np

from qwpinn.observables import Observables
from qwpinn.potentials import InfiniteWell
from qwpinn.references import Spectrum, exact
from qwpinn.solving.observed import Observed


class Box(Observed):
    """The exact states of a box of width 1."""

    @property
    def observables(self):
        return Observables(InfiniteWell(), exact(InfiniteWell(), 2).wavefunctions)


def test_each_question_has_its_own_answer():
    box = Box()
    np.testing.assert_allclose(box.expectation("x"), 0.5, rtol=1e-10)
    np.testing.assert_allclose(box.probability(0.0, 0.25), [0.25 - 0.5 / np.pi, 0.25], rtol=1e-9)
    np.testing.assert_allclose(abs(box.dipoles[0, 1]), 16.0 / (9.0 * np.pi**2), rtol=1e-9)
    assert box.node_counts.tolist() == [0, 1]


def test_signs_do_not_count_as_an_error():
    same = exact(InfiniteWell(), 2)
    turned = Spectrum(same.energies, lambda x: -same.wavefunctions(x))
    np.testing.assert_allclose(Box().error(turned), 0.0, atol=1e-12)
