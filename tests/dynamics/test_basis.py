"""The basis: states on two rules, and bounds of how wrong they are that hold and are sharp."""

import moved
import numpy as np
import pytest

import qwpinn
from qwpinn.dynamics.basis import Basis, size
from qwpinn.references import exact, legendre_galerkin


@pytest.mark.parametrize("name", ["box", "step", "oscillator", "device"])
def test_states_are_as_wrong_as_they_are_away_from_their_iterates(name):
    well, states = moved.ALL[name]
    found = moved.basis(name)
    solver = exact if name in ("box", "step") else legendre_galerkin
    reference = solver(well, states)
    true = found.solution.observables.distance(reference.wavefunctions)
    apart = found.first.norm(found.first.psi - found.first.phi)
    bound = apart + found.angles
    # What is taken for exact is so to some 1e-10.
    assert np.all(true <= bound + 2e-10)
    assert np.median(bound / np.maximum(true, 1e-10)) < 3.0
    assert np.all(np.abs(found.energies - reference.energies) <= found.levels)
    # Davis and Kahan of psi itself would be a thousand times more.
    assert np.median(found.solution.state_errors / bound) > 100.0


def test_both_rules_know_the_states_and_the_functions_of_them():
    found = moved.basis("step")
    for rule in (found.first, found.second):
        np.testing.assert_allclose(rule.norm(rule.psi), 1.0, atol=1e-12)
        x2 = rule.elements(rule.positions**2)
        np.testing.assert_allclose(x2, found.solution.observables.elements("x^2"), atol=1e-10)
    np.testing.assert_allclose(found.overlaps, np.eye(16), atol=1e-12)
    np.testing.assert_allclose(found.within(found.iterates), np.eye(16), atol=1e-6)
    assert not np.isclose(found.first.nodes[:, None], found.second.nodes).any()


def test_sums_of_functions_have_their_norms_without_cancellation():
    found = moved.basis("box")
    c = np.array([1.0, -0.5j, *np.zeros(14)])
    factors = found.factors(lambda rule: 1e-9 * rule.positions[:, None] * rule.psi)
    x = np.linspace(0.0, 1.0, 20_001)
    psi = found.solution.wavefunctions(x) @ c
    assert size(factors, c) == pytest.approx(1e-9 * moved.norm(x, x * psi), rel=1e-6)


def test_what_is_in_no_state_is_what_is_left_of_a_function():
    found = moved.basis("box")
    third = exact(moved.BOX, 4).wavefunctions

    def psi(z):
        # Normalised with the weight 2 in the normal form, the sine has the norm 2^(1/2).
        above = np.sqrt(2.0) * np.sin(17.0 * np.pi * z)
        return 0.1 * above + third(z)[:, 3] / moved.BOX.amplitude + 0j

    c = found.projected(psi(found.first.positions))
    np.testing.assert_allclose(c, np.eye(16)[3], atol=1e-9)
    assert found.left_over(psi, c) == pytest.approx(0.1 * 2.0**0.5, rel=1e-9)


def test_a_spike_that_the_rules_step_over_is_found_on_the_grid():
    found = moved.basis("oscillator")
    # Near the wall, where no state is and rules have wide panels.
    at = np.linspace(-9.0, 9.0, 4097)[120]

    def psi(z):
        return np.exp(-(((z - at) / 1e-3) ** 2)) + 0j

    on_rules = [r.norm(psi(r.positions)) for r in (found.first, found.second)]
    assert max(on_rules) < 1e-6
    assert found.left_over(psi, np.zeros(24, complex)) > 1e-2


def test_a_basis_is_remembered_until_a_weight_changes():
    solution = qwpinn.solve(qwpinn.InfiniteWell(), 3, recipe=qwpinn.Precise(epochs=0))
    before = Basis.of(solution)
    assert Basis.of(solution) is before
    kernel = solution.model.trial.output_layer.kernel
    kernel.assign(kernel.numpy() * [1.0, 1.0, 1.0 + 1e-3])
    after = Basis.of(solution)
    assert after is not before
    apart = after.first.norm(after.first.psi - after.first.phi)
    assert apart[2] < 1e-6  # The iterate is as long, and its norm is in the angle's bound.
    assert after.angles[2] == pytest.approx(1e-3, rel=1e-3)
