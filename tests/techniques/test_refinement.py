"""Refinement: what a stage adds, digits that one layer loses, and models that stay models."""

import keras
import numpy as np
import pytest

import qwpinn
from qwpinn.networks.ritz import samples
from qwpinn.quadrature import first_lobe_signs
from qwpinn.references import exact
from qwpinn.techniques.refinement import Stages, corrections, refine
from qwpinn.training.jets import Jet

WELL = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)


def errors(model):
    """The largest of E, relative, and of psi, in L2, over the model's states."""
    own = slice(model.lowest, model.lowest + model.states)
    found, at = exact(model.potential, own.stop), model.mesh.quadrature(3000, order=12)
    psi, wanted = model(at.nodes).numpy(), found.wavefunctions(at.nodes)[:, own]
    psi = psi * first_lobe_signs(psi) * first_lobe_signs(wanted)
    of_psi = np.sqrt(at.weights @ (psi - wanted) ** 2)
    return np.abs(model.energies.numpy() / found.energies[own] - 1.0).max(), of_psi.max()


def started(well=WELL, states=1, **arguments):
    return qwpinn.QuantumWellPINN.for_potential(well, states, **arguments)


def test_corrections_among_exact_eigenfunctions_find_them(rng):
    """In -psi'' = E psi with functions sin(n pi (xi + 1) / 2), from a mixture of the first two."""
    at = samples(started(qwpinn.InfiniteWell(2.0), units=12).mesh, 60)
    k = np.pi * np.arange(1, 5) / 2
    t = k * (at.x[:, None] + 1.0)
    waves = Jet(np.sin(t), k * np.cos(t), -(k**2) * np.sin(t))
    rough = np.eye(4)[:, :2] + 0.1 * rng.normal(size=(4, 2))
    known = Jet(*(part @ rough for part in waves))
    energies, mixture, correction = corrections(known, waves, at)
    np.testing.assert_allclose(energies, k[:2] ** 2, rtol=1e-13)
    found = np.abs(rough @ mixture + correction)
    np.testing.assert_allclose(found, np.eye(4)[:, :2], rtol=1e-12, atol=1e-12)


def test_two_stages_give_ground_states_to_rounding(well):
    rough = started(well)
    fine = refine(rough)
    of_energy, of_psi = errors(fine)
    assert of_energy < 1e-13
    assert of_psi < 5e-10
    assert errors(rough)[1] > 5.0 * of_psi


def test_each_stage_gains_digits_that_one_layer_does_not(well):
    """Multi-stage networks reach rounding; as many units solved at once lose half of the digits."""
    second = refine(started(well))
    third = refine(second)
    assert len(third.trial.hidden.hidden) == 3
    assert errors(second)[1] > 4.0 * errors(third)[1]
    same = started(well, units=third.trial.units)
    assert errors(same)[1] > 4.0 * errors(third)[1]


def test_a_rough_network_is_refined(well):
    rough = started(well, units=6)
    assert errors(rough)[0] > 1e-4
    of_energy, of_psi = errors(refine(rough))
    assert of_energy < 1e-13
    assert of_psi < 5e-9


def test_the_first_model_stays_and_the_second_trains_exports_and_certifies(
    tmp_path, without_graphs
):
    rough = started(units=12, states=2)
    before = rough.get_weights()
    fine = refine(rough)
    enclosed = qwpinn.certify(fine)
    energies = exact(WELL, 2).energies
    assert np.all((enclosed.lower <= energies) & (energies <= enclosed.upper))
    assert np.all(enclosed.upper - enclosed.lower < 1e-8)
    fine.export(tmp_path / "saved")
    again = qwpinn.load(tmp_path / "saved")
    assert isinstance(again.trial.hidden, Stages)
    np.testing.assert_array_equal(again(np.array([0.3])), fine(np.array([0.3])))
    fine.compile(keras.optimizers.SGD(1e-3))
    fine.fit(qwpinn.collocation(WELL, 60), epochs=1, verbose=0)
    for one, other in zip(before, rough.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_excited_state_stays_one():
    fine = refine(qwpinn.solve(WELL, level=1).model)
    assert fine.lowest == 1
    assert errors(fine)[0] < 1e-13


def test_what_cannot_be_refined_is_refused():
    with pytest.raises(TypeError, match=r"`model` must be a qwpinn.QuantumWellPINN"):
        refine(WELL)
    model = started(units=12)
    with pytest.raises(ValueError, match="`stages` must be an integer of at least 2"):
        refine(model, 1)
    model.trial.output_layer.kernel.assign(np.zeros((12, 1)))
    with pytest.raises(ValueError, match="`model` must have linearly independent states"):
        refine(model)
    layer = keras.layers.Identity(dtype="float64")
    with pytest.raises(ValueError, match="`hidden` must have one layer for each of `features`"):
        Stages([layer], [layer, layer])


@pytest.mark.parametrize(
    ("seed", "units", "spread", "states", "stages", "more"),
    [(18, 19, 0.012, 2, 3, 145), (200039, 20, 0.031, 4, 4, 156)],
)
def test_enclosures_hold_where_coefficients_cancel(seed, units, spread, states, stages, more):
    """Units that are nearly the same have coefficients of 10^8: psi has half of its digits."""
    keras.utils.set_random_seed(seed)
    random = [keras.initializers.RandomNormal(stddev=spread) for _ in range(2)]
    hidden = keras.layers.Dense(
        units, "tanh", dtype="float64", kernel_initializer=random[0], bias_initializer=random[1]
    )
    box, xi = qwpinn.InfiniteWell(), keras.layers.Identity(dtype="float64")
    model = qwpinn.QuantumWellPINN(box, states=states, hidden=hidden, features=xi)
    model.diagonalise()
    refined = qwpinn.refine(model, stages=stages, units=more)
    assert np.max(np.abs(refined.trial.output_layer.kernel)) > 1e6
    found = qwpinn.certify(refined)
    proven = found.quantum_numbers >= 0
    exact = box.levels(states + 2)[found.quantum_numbers[proven]]
    assert proven.any()
    assert np.all((found.lower[proven] <= exact) & (exact <= found.upper[proven]))
