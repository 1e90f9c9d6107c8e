"""Enclosures of a network's states from its own second derivatives."""

import numpy as np
import pytest

import qwpinn
from qwpinn.networks.certificate import psi_and_h_psi


def test_a_networks_enclosures_hold_the_levels_and_its_energies():
    box = qwpinn.InfiniteWell(width=2.0)
    model = qwpinn.QuantumWellPINN.for_potential(box, states=2, units=24)
    found = qwpinn.certify(model)
    assert found.quantum_numbers.tolist() == [0, 1]
    for energies in (box.levels(2), model.energies.numpy()):
        assert np.all((found.lower <= energies) & (energies <= found.upper))
    assert np.max(found.widths) < 1e-2


def test_h_psi_is_that_of_differences():
    well = qwpinn.CustomPotential(lambda x: 3.0 * x**2, (-2.0, 2.0), weight=lambda x: 2.0 + x / 4)
    model = qwpinn.QuantumWellPINN.for_potential(well, states=2, units=16)
    trial = model.trial
    coefficients = trial.output_layer.kernel.numpy()
    x, step = np.linspace(-1.5, 1.5, 7), 1e-3

    def at(x):
        basis, curvature = trial.derivatives(model.scaling.position(x), (0, 2))
        chi = basis @ coefficients, curvature @ coefficients
        return psi_and_h_psi(*chi, model.scaling, well, x)

    psi, h_psi = at(x)
    curvature = (at(x + step)[0] - 2.0 * psi + at(x - step)[0]) / step**2
    expected = -curvature / well.weight(x)[:, None] + well(x)[:, None] * psi
    np.testing.assert_allclose(h_psi, expected, atol=1e-5 * np.abs(expected).max())


def test_what_is_no_network_is_refused():
    with pytest.raises(TypeError, match="Of a solution give its `model`; a family has"):
        qwpinn.certify(qwpinn.InfiniteWell())


def test_states_in_another_order_are_numbered_as_what_they_are():
    well = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)
    model = qwpinn.QuantumWellPINN.for_potential(well, states=3)
    sorted_ = qwpinn.certify(model)
    order = [2, 0, 1]
    model.scaled_energies.assign(model.scaled_energies.numpy()[order])
    kernel = model.trial.output_layer.kernel
    kernel.assign(kernel.numpy()[:, order])
    found = qwpinn.certify(model)
    assert found.quantum_numbers.tolist() == order
    for name in ("lower", "upper", "residuals", "state_errors"):
        expected = getattr(sorted_, name)[order]
        np.testing.assert_allclose(getattr(found, name), expected, rtol=1e-9, atol=1e-12)
    # What is asked for stays: the state in the first place is not level 0.
    assert np.isinf(found.relative_widths(0.0)).all()
