"""Products of two networks: psi, energies, residuals, what is saved and what is refused."""

import pickle

import numpy as np
import pytest
import tensorflow as tf

import qwpinn
from qwpinn.equation.plane_mesh import PlaneMesh
from qwpinn.networks.product import ProductPINN
from qwpinn.networks.well_model import WellModel
from qwpinn.potentials import CustomPotential, FiniteWell, Harmonic, InfiniteWell, Plane
from qwpinn.solving.recipes import Precise

START = Precise(epochs=0)
# Wider along y, so that exchanged axes show in every number.
BOX = Plane.sum(InfiniteWell(width=1.0), InfiniteWell(width=1.7))


@pytest.fixture(scope="module")
def solution():
    return qwpinn.solve(BOX, 4, recipe=START)


@pytest.fixture(scope="module")
def rough():
    """Networks of few units, whose residuals are large enough to be told by differences."""
    wells = BOX.summands
    networks = [qwpinn.QuantumWellPINN.for_potential(well, 2, units=8, seed=1) for well in wells]
    return ProductPINN(BOX, networks, 3)


def test_psi_is_that_of_the_rectangle(solution, rng):
    """2 / (a b)^(1/2) sin(m pi x / a) sin(n pi y / b), signs matched."""
    points = rng.uniform(0.0, 1.0, (60, 2)) * [1.0, 1.7]
    psi = solution.model(points).numpy()
    assert solution.model.pairs.tolist() == [[0, 0], [0, 1], [0, 2], [1, 0]]
    for k, (i, j) in enumerate(solution.model.pairs):
        x, y = points.T
        exact = np.sin((i + 1) * np.pi * x) * np.sin((j + 1) * np.pi * y / 1.7) * 2.0 / 1.7**0.5
        sign = np.sign(exact @ psi[:, k])
        np.testing.assert_allclose(psi[:, k], sign * exact, atol=2e-5)
    np.testing.assert_allclose(solution.model.predict(points, verbose=0), psi, atol=1e-14)


def heavy(centre):
    return CustomPotential(
        lambda x: 3.0 * (x - centre) ** 2, (-4.0, 4.0), weight=lambda x: 2.0 + 0.0 * x
    )


@pytest.mark.parametrize(
    "well",
    [
        BOX,
        Plane.sum(heavy(0.0), heavy(0.5)),
        Plane.sum(FiniteWell(), Harmonic(omega=2.0)).in_units("nm", "eV", mass=0.067),
    ],
    ids=["one", "rho", "units"],
)
def test_they_are_orthonormal_with_the_weight_of_the_equation(well):
    found = qwpinn.solve(well, 3, recipe=START)
    rule = PlaneMesh(well, 3).quadrature(8000, 10)
    psi = found.wavefunctions(rule.nodes)
    rho = well.rho / well.amplitude**2
    overlaps = rho * psi.T @ (rule.weights[:, None] * psi)
    np.testing.assert_allclose(overlaps, np.eye(3), atol=1e-8)


def test_the_residual_is_h_psi_minus_e_psi(rough, rng):
    points, step = rng.uniform(0.2, 0.8, (20, 2)) * [1.0, 1.7], 1e-4
    moves = [step * np.array(move) for move in ([1, 0], [-1, 0], [0, 1], [0, -1])]
    here = rough(points).numpy()
    laplacian = (sum(rough(points + move).numpy() for move in moves) - 4.0 * here) / step**2
    expected = -laplacian - rough.energies.numpy() * here
    found = rough.residual_endpoint()(tf.constant(points)).numpy()
    assert np.max(np.abs(found)) > 0.05
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_energies_are_the_lowest_sums_of_what_the_networks_have(rough):
    first, second = (network.energies.numpy() for network in rough.networks)
    sums = np.sort((first[:, None] + second).ravel())
    np.testing.assert_array_equal(rough.energies, sums[:3])
    above = ProductPINN(BOX, rough.networks, 2, lowest=1)
    np.testing.assert_array_equal(above.energies, sums[1:3])
    np.testing.assert_array_equal(above.pairs, rough.pairs[1:])
    assert rough.units == 16
    assert rough.floor == 0.0


def test_enclosures_of_rough_networks_hold_the_levels(rough):
    found, exact = qwpinn.certify(rough), BOX.levels(3)
    assert found.quantum_numbers.tolist() == [0, 1, 2]
    assert np.all((found.lower <= exact) & (exact <= found.upper))
    assert np.all((found.lower <= rough.energies) & (rough.energies <= found.upper))
    each = [network.certified() for network in rough.networks]
    residuals = np.array([part.residuals for part in each])
    expected = [np.hypot(residuals[0, i], residuals[1, j]) for i, j in rough.pairs]
    np.testing.assert_allclose(found.residuals, expected)
    np.testing.assert_allclose(found.kinetic, rough.energies, rtol=1e-3)


def test_models_are_saved_and_restored(solution, tmp_path, rng):
    solution.save(tmp_path / "box")
    model = qwpinn.load(tmp_path / "box")
    assert isinstance(model, qwpinn.ProductPINN)
    assert model.potential == BOX
    points = rng.uniform(0.0, 1.0, (30, 2))
    np.testing.assert_allclose(model(points), solution.model(points), atol=1e-12)
    again = qwpinn.certify(model)
    np.testing.assert_allclose(again.lower, solution.lower, rtol=1e-9)
    np.testing.assert_array_equal(again.quantum_numbers, solution.quantum_numbers)
    served = tf.saved_model.load(str(tmp_path / "box"))
    np.testing.assert_allclose(served.serve(points), solution.model(points), atol=1e-12)
    np.testing.assert_allclose(served.energies(), solution.energies, rtol=1e-15)
    own = solution.model.residual_endpoint()(tf.constant(points))
    np.testing.assert_allclose(served.residual(points), own, atol=1e-9)


def test_solutions_are_pickled_with_both_networks(solution, rng):
    again = pickle.loads(pickle.dumps(solution))
    points = rng.uniform(0.0, 1.0, (30, 2))
    np.testing.assert_array_equal(again.wavefunctions(points), solution.wavefunctions(points))
    np.testing.assert_array_equal(again.lower, solution.lower)
    assert again.model.networks[1].potential == BOX.second


def test_one_of_its_networks_is_trained_and_it_follows(rough):
    model = ProductPINN.of_parts(BOX, rough.parts())
    network = model.networks[1]
    network.compile(optimizer=qwpinn.LevenbergMarquardt())
    network.fit(qwpinn.collocation(network.potential, states=2), epochs=3, verbose=0)
    network.diagonalise()
    assert np.all(model.energies.numpy() < rough.energies.numpy())
    assert model.status is network.status
    for method in ("fit", "evaluate"):
        with pytest.raises(TypeError, match=f"`{method}` must be called on a single network"):
            getattr(model, method)(None)


def test_every_function_of_the_contract_is_there(rough):
    assert isinstance(rough, WellModel)
    assert rough.network(2) is rough.networks[0]
    assert rough.questions()["x"].shape == (1, 48, 2)


@pytest.mark.parametrize(
    ("networks", "options", "message"),
    [
        (slice(0, 1), {"states": 1}, "`networks` must be two, of V1 and of V2. Received: 1"),
        (slice(0, 2), {"states": 5}, "`states` must be at most 4"),
        (slice(0, 2), {"states": 4, "lowest": 1}, "`states` must be at most 3"),
        (slice(0, 2), {"states": 0}, "`states` must be"),
    ],
)
def test_too_few_products_are_refused(rough, networks, options, message):
    with pytest.raises(ValueError, match=message):
        ProductPINN(BOX, rough.networks[networks], **options)


def test_positions_outside_are_refused(rough):
    with pytest.raises(ValueError, match="`x` must lie in the box"):
        rough(np.array([[0.5, 1.8]]))
    with pytest.raises(ValueError, match=r"`x` must have shape \(n, 2\)"):
        rough(np.array([0.5, 0.8]))
