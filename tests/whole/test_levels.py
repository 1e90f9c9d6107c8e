"""One level of a well, its number proven."""

import pickle

import numpy as np
import pytest

import qwpinn
from qwpinn import references

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)


@pytest.mark.parametrize(
    ("well", "level", "energy"),
    [
        (WELL, 0, references.exact(WELL, 1).energies[0]),
        (WELL, 3, references.exact(WELL, 4).energies[3]),
        (qwpinn.InfiniteWell(width=1.0), 17, (18 * np.pi) ** 2),
        (qwpinn.Harmonic(), 6, 13.0),
        (qwpinn.CustomPotential(lambda x: x**4 - 10.0 * x**2, (-6, 6)), 1, None),
    ],
    ids=["ground", "third", "high", "harmonic", "doublet"],
)
def test_a_level_is_that_of_its_number(well, level, energy):
    found = qwpinn.solve(well, level=level)
    assert found.converged
    assert found.quantum_numbers.tolist() == found.node_counts.tolist() == [level]
    together = qwpinn.solve(well, level + 1)
    expected = together.energies[level] if energy is None else energy
    assert (
        found.lower[0] - 1e-12 * abs(expected) <= expected <= found.upper[0] + 1e-12 * abs(expected)
    )
    np.testing.assert_allclose(found.energies, [expected], rtol=1e-8)
    x = np.linspace(*well.interval, 201)
    psi, other = found.wavefunctions(x)[:, 0], together.wavefunctions(x)[:, level]
    np.testing.assert_allclose(psi, other, atol=1e-5 * np.abs(other).max())
    assert f"\n{level:>5}" in str(found)


def test_a_level_is_kept_in_pickles_and_folders(tmp_path):
    found = qwpinn.solve(WELL, level=2, recipe=qwpinn.Precise(epochs=0))
    assert pickle.loads(pickle.dumps(found)).numbers.tolist() == [2]
    found.save(tmp_path / "level")
    model = qwpinn.load(tmp_path / "level")
    enclosure = qwpinn.certify(model)
    assert enclosure.quantum_numbers.tolist() == enclosure.numbers.tolist() == [2]
    np.testing.assert_array_equal(model.energies, found.energies)


def test_what_is_said_of_a_level_names_it():
    found = qwpinn.solve(WELL, level=2, rtol=1e-11, recipe=qwpinn.Precise(units=14, epochs=0))
    assert not found.converged
    assert found.failures[0].startswith("state 2 (E = ")
    assert "state 2:" in str(found)


NONPARABOLIC = qwpinn.Heterostructure([qwpinn.Layer(9.0, "GaAs")], nonparabolic=True)


@pytest.mark.parametrize(
    ("well", "arguments", "error", "message"),
    [
        (WELL, {"level": -1}, ValueError, "`level` must be an integer of at least 0"),
        (WELL, {"level": 1.5}, TypeError, "`level` must be an integer"),
        (WELL, {"level": 1, "recipe": qwpinn.Paper()}, ValueError, "`level` must be left out wi"),
        (NONPARABOLIC, {"level": 1}, ValueError, "`level` must be left out of non-parabolic"),
    ],
)
def test_bad_levels_are_refused(well, arguments, error, message):
    with pytest.raises(error, match=message):
        qwpinn.solve(well, **arguments)


def test_a_start_of_another_level_is_refused():
    start = qwpinn.solve(WELL, level=1, recipe=qwpinn.Precise(epochs=0))
    again = qwpinn.solve(WELL, level=1, start=start)
    np.testing.assert_allclose(again.energies, start.energies, rtol=1e-9)
    with pytest.raises(ValueError, match="`start` must have 1 states, the same"):
        qwpinn.solve(WELL, level=0, start=start)


def test_states_beside_a_level_are_refused():
    with pytest.raises(ValueError, match=r"`states` must be left out .*states=5, level=2"):
        qwpinn.solve(WELL, 5, level=2)
