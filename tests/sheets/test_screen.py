"""What is printed: potentials, solutions, sweeps, designs and families, as text and as HTML."""

import html.parser
import inspect
import io
import re
from dataclasses import dataclass

import numpy as np
import processes
import pytest
from devices import double_well, single_well
from rich.console import Console

import qwpinn
from qwpinn import CustomPotential, Harmonic, PiecewiseConstant, Potential, Sampled
from qwpinn.families.design import Design
from qwpinn.inputs import limits
from qwpinn.sheets.digits import with_uncertainty
from qwpinn.sheets.screen import Grid, Line, Row, Sheet
from qwpinn.solving.settings import Settings

RITZ = qwpinn.Precise(units=60, epochs=0)
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


class Tags(html.parser.HTMLParser):
    """Counts the tags, and fails where one is closed that is not the last one open."""

    def __init__(self, text):
        super().__init__()
        self.open, self.count, self.sources = [], {}, []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag == "img":
            self.sources.append(dict(attributes)["src"])
        elif tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check_text(thing):
    """At most 80 columns of plain text, whatever the environment is."""
    text = str(thing)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text
    assert text.isascii()
    return text


def check_html(thing, images):
    """Tables, and a figure of which nothing stays open."""
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    tags = Tags(thing._repr_html_())
    assert tags.count["table"] >= 1
    assert tags.count.get("img", 0) == images
    assert all(source.startswith("data:image/png;base64,iVBOR") for source in tags.sources)
    assert plt.get_fignums() == before


@pytest.fixture(scope="module")
def doublet():
    return qwpinn.solve(qwpinn.DoubleWell(), 3, recipe=RITZ)


@pytest.fixture(scope="module")
def depths():
    return qwpinn.sweep(qwpinn.FiniteWell(), "depth", [10.0, 20.0], 5, recipe=RITZ)


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


def test_a_device_shows_layers_levels_and_transitions():
    found = qwpinn.solve(double_well(), 3, recipe=RITZ, rtol=1e-3)
    text = check_text(found)
    assert text.startswith(str(found.potential))
    row = next(line.split() for line in text.splitlines() if line.startswith("0 - 1"))
    assert float(row[3].split("(")[0]) == pytest.approx(found.transitions[0, 1], rel=1e-4)
    assert float(row[4]) == pytest.approx(found.wavelengths[0, 1], rel=1e-5)
    assert repr(found).startswith("Subbands(Heterostructure(layers=(")
    assert len(repr(found)) < 200


def test_a_sweep_shows_every_value(depths):
    text = check_text(depths)
    assert "Varied: depth, from 10 on." in text
    rows = [line.split() for line in text.splitlines() if line.startswith("   ")][-2:]
    np.testing.assert_allclose([[float(e) for e in row[1:5]] for row in rows],
                               depths.energies[:, :4], atol=6e-7)  # fmt: skip
    assert "and 1 more states; the CSV table has all of them." in text
    assert repr(depths).endswith("depth: 2 from 10 to 20, states=5, CONVERGED)")
    check_html(depths, images=1)


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


def test_markup_is_text():
    sheet = Sheet((Line("a [bold] <b>"), Grid(("x [m]", "y"), [Row(("[red]1", "<2>"))])))
    assert sheet.text().splitlines() == [
        "a [bold] <b>",
        " x [m]    y",
        "------------",
        "[red]1  <2>",
    ]
    assert Tags(sheet.html()).count == {
        "div": 1, "p": 1, "table": 1, "thead": 1, "tbody": 1, "tr": 2, "th": 2, "td": 2,
    }  # fmt: skip
    assert "&lt;2&gt;" in sheet.html()


def test_printing_a_potential_loads_neither_tensorflow_nor_matplotlib():
    code = (
        "import sys\n"
        "from qwpinn.potentials import FiniteWell\n"
        "print(FiniteWell())\n"
        "assert not {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)\n"
    )
    printed = processes.run(processes.program(code)).stdout
    assert printed == f"{qwpinn.FiniteWell()}\n"


def test_the_same_number_of_states_is_the_default_everywhere():
    roads = (
        qwpinn.solve, qwpinn.sweep, qwpinn.train_family, qwpinn.FamilyPINN.for_family,
        qwpinn.family_collocation, Settings,
    )  # fmt: skip
    found = {inspect.signature(road).parameters["states"].default for road in roads}
    assert found == {limits.USUAL_STATES} == {3}
    model = qwpinn.QuantumWellPINN.for_potential(qwpinn.FiniteWell(), units=20)
    held = qwpinn.QuantumWellPINN.for_potential(qwpinn.InfiniteWell(), units=20, energies=[9.0])
    assert (model.trial.states, held.trial.states) == (3, 1)
