"""What a potential says of itself: its equation, its numbers and its shape."""

import re
from dataclasses import dataclass

import numpy as np
import processes
import pytest
from devices import double_well, single_well
from printed import RITZ, check_html, check_text

import qwpinn
from qwpinn import CustomPotential, Harmonic, PiecewiseConstant, Potential, Sampled

X = np.linspace(0.0, 1.0, 400)


POTENTIALS = {
    "finite_well": qwpinn.FiniteWell(),
    "infinite_well": qwpinn.InfiniteWell(),
    "barrier": qwpinn.FiniteBarrier(),
    "kronig_penney": qwpinn.KronigPenney(wells=100),
    "layers": PiecewiseConstant(range(301), range(300), np.linspace(1.0, 2.0, 300)),
    "harmonic": Harmonic(),
    "morse": qwpinn.Morse(),
    "poeschl_teller": qwpinn.PoeschlTeller(),
    "triangular": qwpinn.Triangular(),
    "quartic": qwpinn.Quartic(),
    "double_well": qwpinn.DoubleWell(),
    "woods_saxon": qwpinn.WoodsSaxon(),
    "gaussian": qwpinn.Gaussian(),
    "table": Sampled(X, X**2),
    "function": CustomPotential(lambda x: 1.0 / (1.001 - x), (0.0, 1.0)),
    "sum": qwpinn.FiniteWell() + qwpinn.FiniteWell(depth=3.0),
    "scaled": 2.0 * Sampled(X, X**2) + 1.0,
    "moved": Harmonic().shifted(1.0).mirrored(),
    "segmented": Harmonic().with_breakpoints(np.linspace(-1.0, 1.0, 40)),
    "device": single_well(70.0),
    "double_device": double_well(),
    "normal_form": single_well().normal_form,
}


@pytest.mark.parametrize("name", POTENTIALS)
def test_potentials_say_their_equation_and_units(name, monkeypatch):
    potential = POTENTIALS[name]
    text = check_text(potential)
    assert text.startswith(re.split(r"[,(]", potential.title)[0])
    assert potential.equation in text.splitlines()
    assert "\n" not in potential.equation
    assert len(potential.equation) <= 80
    assert "\n" not in repr(potential)
    assert len(repr(potential)) < 200
    check_html(potential, images=1)
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert str(potential) == text


def test_the_table_of_a_well():
    assert str(qwpinn.FiniteWell()).splitlines() == [
        "FiniteWell(depth=20.0, width=2.0, box=6.0)",
        "-psi'' + V psi = E psi, hbar^2/2m = 1",
        "quantity              value",
        "-------------------------------",
        "walls, where psi = 0  -3 and 3",
        "V                     0 to 20",
        "layer         x   V",
        "--------------------",
        "    0  -3 to -1  20",
        "    1   -1 to 1   0",
        "    2    1 to 3  20",
    ]


def test_a_weight_is_part_of_the_equation():
    heavy = PiecewiseConstant([0.0, 1.0, 2.0], [0.0, 5.0], [1.0, 2.0])
    assert heavy.equation == "-psi'' + rho (V - E) psi = 0"
    assert str(heavy).splitlines()[-1].split() == ["1", "1", "to", "2", "5", "2"]
    assert str(PiecewiseConstant(range(31), range(30))).endswith("\nand 6 more layers")


def test_a_potential_answers_for_its_units():
    @dataclass(frozen=True)
    class Electron(Harmonic):
        symbol, length_unit, energy_unit = "z", "nm", "eV"

        @property
        def equation(self):
            return "-c psi'' + V psi = E psi, c = 0.0381 eV nm^2"

    well = Electron()
    assert "V (eV)                     0 to 72.25" in str(well)
    assert "walls, where psi = 0 (nm)  -8.5 and 8.5" in str(well)
    solution = qwpinn.solve(well, 1, recipe=RITZ)
    assert well.equation in str(solution)
    assert "(eV)" in str(solution)
    assert well.plot().axes[0].get_xlabel() == "z (nm)"


def test_a_repr_of_ones_own_stays():
    class Own(Potential):
        interval = (0.0, 1.0)

        def __repr__(self):
            return "mine"

        def __call__(self, x):
            return np.zeros_like(np.asarray(x, float))

    @dataclass(frozen=True)
    class Heir(Own):
        depth: float = 1.0

    assert (repr(Own()), repr(Heir())) == ("mine", "mine")
    assert repr(CustomPotential(np.square, (0, 1))).startswith("CustomPotential(function=")
    assert "function=<lambda>, interval=(0.0, 1.0)" in repr(POTENTIALS["function"])


def test_printing_a_potential_loads_neither_tensorflow_nor_matplotlib():
    code = (
        "import sys\n"
        "from qwpinn.potentials import FiniteWell\n"
        "print(FiniteWell())\n"
        "assert not {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)\n"
    )
    printed = processes.run(processes.program(code)).stdout
    assert printed == f"{qwpinn.FiniteWell()}\n"
