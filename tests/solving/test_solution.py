import copy as copying
import dataclasses
import pickle

import keras
import numpy as np
import pytest
from devices import double_well
from matplotlib.figure import Figure

import qwpinn
from qwpinn import plotting, references
from qwpinn.networks import ritz as start
from qwpinn.solving import Trained


def test_five_states_of_the_three_wells(solutions):
    for solution, exact in solutions.values():
        assert solution.status is qwpinn.Status.CONVERGED
        np.testing.assert_allclose(solution.energies, exact.energies, rtol=1e-9)
        assert np.max(solution.error(exact)) < 1e-6
        assert solution.energies.shape == (5,)


def test_wavefunctions_are_normalised_with_their_first_lobe_positive(solutions):
    for solution, exact in solutions.values():
        x = np.linspace(*solution.potential.interval, 301)
        psi = solution.wavefunctions(x)
        assert psi.shape == (301, 5)
        np.testing.assert_allclose(psi, exact.wavefunctions(x), atol=1e-5)


def test_states_have_their_number_of_nodes(solutions):
    for solution, _ in solutions.values():
        a, b = solution.potential.interval
        psi = solution.wavefunctions(np.linspace(a, b, 2001)[1:-1])
        assert [int(np.sum(np.diff(np.sign(column)) != 0)) for column in psi.T] == [0, 1, 2, 3, 4]


def test_enclosures_hold_the_exact_energies_and_the_networks(solutions):
    for solution, exact in solutions.values():
        assert np.all((solution.lower <= exact.energies) & (exact.energies <= solution.upper))
        assert np.all((solution.lower <= solution.energies) & (solution.energies <= solution.upper))
        assert np.max((solution.upper - solution.lower) / exact.energies) < 1e-6
        assert solution.quantum_numbers.tolist() == [0, 1, 2, 3, 4]
        assert set(solution.statuses) == {qwpinn.Status.CONVERGED}
        assert solution.converged


def test_residuals_bound_the_energy_error(solutions):
    """Weinstein: an eigenvalue lies within the residual norm of the energy."""
    for solution, exact in solutions.values():
        assert np.all(np.abs(solution.energies - exact.energies) <= solution.residuals)
        assert np.max(solution.residuals) < 1e-2


def test_observables_of_the_infinite_well(solutions):
    solution, _ = solutions["infinite_well"]
    n = np.arange(1, 6)
    np.testing.assert_allclose(solution.expectation("x"), 0.5, atol=1e-7)
    np.testing.assert_allclose(
        solution.expectation("x^2"), 1 / 3 - 1 / (2 * (n * np.pi) ** 2), atol=1e-7
    )
    np.testing.assert_allclose(solution.expectation("p^2"), (n * np.pi) ** 2, rtol=1e-7)
    np.testing.assert_allclose(solution.expectation("V"), 0.0)
    assert abs(solution.dipoles[0, 1]) == pytest.approx(16 / (9 * np.pi**2), rel=1e-6)
    np.testing.assert_allclose(solution.probability(0.0, 0.5), 0.5, atol=1e-7)
    assert solution.node_counts.tolist() == [0, 1, 2, 3, 4]
    assert solution.splitting() == pytest.approx(3 * np.pi**2, rel=1e-9)
    assert solution.splitting(1, 2) == pytest.approx(5 * np.pi**2, rel=1e-9)


def test_slopes_are_those_of_the_wavefunctions(solutions):
    for solution, _ in solutions.values():
        a, b = solution.potential.interval
        x, step = np.linspace(a, b, 42)[1:-1], 1e-5
        ahead, behind = (solution.wavefunctions(x + h) for h in (step, -step))
        np.testing.assert_allclose(solution.slopes(x), (ahead - behind) / (2 * step), atol=1e-5)


def test_a_doublet_has_both_states_of_the_right_parity():
    """Split by less than rounding: only the symmetry tells the even state from the odd one."""
    well = qwpinn.PiecewiseConstant([-6, -4, -2, 2, 4, 6], [100, 0, 100, 0, 100])
    solution = qwpinn.solve(well, 3, recipe=qwpinn.Precise(epochs=0))
    assert solution.converged
    assert solution.node_counts.tolist() == [0, 1, 2]
    x = np.linspace(2.1, 2.8, 9)
    right, left = solution.wavefunctions(x), solution.wavefunctions(-x)
    np.testing.assert_allclose(left / right, np.tile([1.0, -1.0, 1.0], (9, 1)), atol=1e-3)
    exact = references.exact(well, 3).energies
    assert np.all((solution.lower <= exact) & (exact <= solution.upper))


def test_a_tolerance_out_of_reach_is_said_for_each_state(finite_well):
    recipe = qwpinn.Precise(units=14, epochs=0)
    solution = qwpinn.solve(finite_well, 2, rtol=1e-9, recipe=recipe)
    assert solution.status is qwpinn.Status.TOO_WIDE
    assert solution.statuses == (qwpinn.Status.TOO_WIDE,) * 2
    assert not solution.converged
    assert np.max(solution.enclosure.widths) > 1e-4
    exact = references.exact(finite_well, 2).energies
    assert np.all((solution.lower <= exact) & (exact <= solution.upper))
    assert [failure[:7] for failure in solution.failures] == ["state 0", "state 1"]
    with pytest.raises(
        qwpinn.NotConverged, match=r"state 0 \(E = 1\.6.*wider than asked"
    ) as caught:
        qwpinn.solve(finite_well, 2, rtol=1e-9, recipe=recipe, raise_on_failure=True)
    np.testing.assert_array_equal(caught.value.solution.energies, solution.energies)


def test_training_reaches_a_tolerance_that_a_small_network_starts_far_from(finite_well):
    seen = []
    solution = qwpinn.solve(
        finite_well,
        2,
        rtol=1e-4,
        recipe=qwpinn.Precise(units=20),
        report=lambda model, enclosure: seen.append(np.max(enclosure.widths)),
    )
    assert solution.converged
    assert seen[0] > 1e-3 > np.max(solution.enclosure.widths)
    assert 1 < len(solution.history["loss"]) < 60
    assert len(seen) == 1 + len(solution.history["loss"])
    assert solution.history["enclosure"][-1] <= 1e-4 < solution.history["enclosure"][0]
    assert solution.history["energy_1_enclosure"][-1] == pytest.approx(seen[-1], rel=10.0)


def test_the_network_is_widened_until_its_enclosures_are_narrow():
    widths = []
    solution = qwpinn.solve(
        qwpinn.FiniteWell(depth=1e4, width=2.0, box=8.0),
        states=1,
        recipe=qwpinn.Precise(epochs=0),
        report=lambda model, enclosure: widths.append(model.trial.output_layer.kernel.shape[0]),
    )
    assert widths == [52, 78, 117, 175][: len(widths)]
    assert len(widths) > 1
    assert solution.converged
    assert solution.history == {}


def test_another_level_than_asked_is_said(finite_well):
    """A network with held energies that is trained to an excited state, as cold starts may be."""
    model = qwpinn.QuantumWellPINN.for_potential(finite_well, states=2)
    excited = qwpinn.QuantumWellPINN.for_potential(finite_well, states=1)
    for target, source in zip(excited.trial.hidden.layers, model.trial.hidden.layers, strict=True):
        units = target.kernel.shape[1]
        target.kernel.assign(source.kernel[:, :units])
        target.bias.assign(source.bias[:units])
    ritz = start.ritz_states(excited.trial, excited.mesh, guards=1)
    excited.trial.output_layer.kernel.assign(ritz[1][:, 1:])
    excited.scaled_energies.assign(ritz[0][1:])
    found = qwpinn.certify(excited)
    assert found.quantum_numbers.tolist() == [1]
    solution = qwpinn.Solution(finite_well, excited, found, 1e-6, {}, 0.0)
    assert solution.status is qwpinn.Status.OTHER_LEVEL
    assert "quantum_numbers" in solution.failures[0]


def test_error_measures_a_known_distance(solutions):
    solution, _ = solutions["infinite_well"]
    angle = 0.01

    def turned(x):
        psi = references.exact(solution.potential, 5).wavefunctions(x)
        rotation = np.eye(5)
        rotation[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        return -psi @ rotation

    reference = references.Spectrum(solution.energies, turned)
    expected = [2 * np.sin(angle / 2)] * 2 + [0.0] * 3
    np.testing.assert_allclose(solution.error(reference), expected, atol=1e-6)


def test_a_recipe_of_ones_own_is_asked_for_what_solve_needs(finite_well):
    class Mine:
        def __init__(self, found):
            self.found = found

        def train(self, task):
            model = qwpinn.QuantumWellPINN.for_potential(task.potential, task.states, 40)
            return self.found(model)

    def whole(model):
        return Trained(model, qwpinn.certify(model), {"loss": [1.0]})

    assert qwpinn.solve(finite_well, 1, rtol=1e-4, recipe=Mine(whole)).converged
    with pytest.raises(TypeError, match=r"`recipe\.train\(task\)` must be a qwpinn\.solving\.Tra"):
        qwpinn.solve(finite_well, 1, recipe=Mine(lambda model: (model, None, {})))


def test_paper_recipe_learns_the_ground_state_of_the_infinite_well():
    recipe = qwpinn.Paper(epochs=12, steps=100)
    solution = qwpinn.solve(qwpinn.InfiniteWell(), states=1, seed=0, recipe=recipe)
    exact = references.exact(solution.potential, 1)
    assert solution.energies[0] == pytest.approx(np.pi**2, rel=1e-15)
    assert solution.error(exact)[0] < 5e-2
    assert len(solution.history["loss"]) == 12


def test_paper_recipe_takes_any_keras_optimizer(finite_well):
    recipe = qwpinn.Paper(epochs=2, steps=3, hidden=(6,), optimizer=keras.optimizers.Nadam(1e-3))
    model = qwpinn.solve(finite_well, recipe=recipe).model
    assert isinstance(model.optimizer, keras.optimizers.Nadam)
    assert int(model.optimizer.iterations) == 6


def test_callbacks_reach_fit(finite_well):
    seen = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    qwpinn.solve(finite_well, recipe=qwpinn.Precise(epochs=3, units=8), callbacks=[callback])
    assert seen == [0, 1, 2]


def test_solution_saves_what_load_restores(solutions, tmp_path):
    solution, _ = solutions["finite_barrier"]
    solution.save(tmp_path / "barrier")
    copy = qwpinn.load(tmp_path / "barrier")
    x = np.linspace(0, 1, 11)
    np.testing.assert_array_equal(copy.predict(x, verbose=0), solution.wavefunctions(x))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"states": 0}, "`states` must be"),
        ({"seed": -1}, "`seed` must be"),
        ({"rtol": 0.0}, "`rtol` must be"),
        ({"rtol": float("nan")}, "`rtol` must be"),
        ({"recipe": qwpinn.Precise(units=3), "states": 5}, "`states` must be at most 3"),
    ],
)
def test_bad_arguments(finite_well, arguments, message):
    with pytest.raises(ValueError, match=message):
        qwpinn.solve(finite_well, **arguments)


@pytest.mark.parametrize(
    ("recipe", "arguments", "message"),
    [
        (qwpinn.Precise, {"epochs": -1}, "`epochs` must be"),
        (qwpinn.Paper, {"steps": 0}, "`steps` must be"),
        (qwpinn.Paper, {"hidden": (8, 0)}, "`hidden` must be"),
        (qwpinn.Paper, {"normalisation": -1.0}, "`normalisation` must be"),
        (qwpinn.Paper, {"learning_rate": float("nan")}, "`learning_rate` must be"),
    ],
)
def test_recipes_refuse_bad_numbers(recipe, arguments, message):
    with pytest.raises(ValueError, match=message):
        recipe(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"potential": "finite_well"}, r"`potential` must be a qwpinn.Potential. .*'finite_well'"),
        ({"potential": qwpinn.FiniteWell}, "`potential` must be a qwpinn.Potential"),
        ({"recipe": "paper"}, "`recipe` must be an object"),
        ({"recipe": qwpinn.Paper}, "`recipe` must be an object"),
        ({"callbacks": qwpinn.StopAtTolerance()}, "`callbacks` must be a list"),
    ],
)
def test_arguments_of_the_wrong_type(finite_well, arguments, message):
    with pytest.raises(TypeError, match=message):
        qwpinn.solve(**({"potential": finite_well} | arguments))


def test_more_states_than_the_widest_network_holds_are_refused(finite_well):
    with pytest.raises(ValueError, match=r"`states` must be at most 488.*Received: states=5000"):
        qwpinn.solve(finite_well, states=5000)


def test_wavefunctions_refuse_points_outside(solutions):
    solution, _ = solutions["infinite_well"]
    with pytest.raises(ValueError, match=r"1\.5"):
        solution.wavefunctions([0.5, 1.5])


def test_plot_draws_every_state_at_its_energy(solutions):
    solution, exact = solutions["finite_well"]
    figure = solution.plot(exact)
    assert isinstance(figure, Figure)
    upper, lower = figure.axes
    heights = {float(np.mean(line.get_ydata())) for line in upper.lines}
    for energy in solution.energies:
        assert min(abs(height - energy) for height in heights) < 1e-9
    assert lower.get_yscale() == "log"
    assert lower.get_xlabel() == "x"
    assert len(solution.plot().axes) == 1


def test_grid_steps_around_the_breakpoints(finite_well):
    x = plotting.grid(finite_well, 1201)
    assert not np.any(np.isin(x, finite_well.breakpoints))
    assert np.min(np.diff(x)) > 0.0
    assert [np.min(np.abs(x - jump)) for jump in (-1.0, 1.0)] == pytest.approx([6e-9, 6e-9])
    assert (x[0], x[-1]) == (-3.0, 3.0)


def test_convergence_figure_shows_the_errors(solutions):
    solution, exact = solutions["finite_well"]
    upper, lower = plotting.convergence(solution.history, exact.energies).axes
    np.testing.assert_array_equal(upper.lines[0].get_ydata(), solution.history["loss"])
    error = np.abs(np.array(solution.history["energy_4"]) / exact.energies[4] - 1.0)
    np.testing.assert_allclose(lower.lines[4].get_ydata(), np.maximum(error, 1e-17))
    assert len(plotting.convergence(solution.history).axes[1].lines) == 5


def test_png_is_a_png(solutions):
    solution, _ = solutions["infinite_well"]
    assert plotting.png(solution.plot(), dpi=40).startswith(b"\x89PNG")


@pytest.mark.parametrize("reference", [5, references.exact(qwpinn.FiniteWell(), 1)])
def test_a_reference_has_all_states(reference):
    found = qwpinn.solve(qwpinn.FiniteWell(), 2, recipe=qwpinn.Precise(units=30, epochs=0))
    with pytest.raises(ValueError, match=r"`reference` must be .* of 2 states. Received: [01] st"):
        found.plot(reference)


def test_what_was_asked_of_a_solution_is_no_part_of_its_pickle():
    solution = qwpinn.solve(double_well(), 2, recipe=qwpinn.Precise(epochs=0), rtol=1e-3)
    fresh, text = set(vars(pickle.loads(pickle.dumps(solution)))), str(solution)
    solution.expectation("x^2")
    copy = pickle.loads(pickle.dumps(solution))
    names = {f.name for f in dataclasses.fields(solution)}
    assert set(vars(copy)) == fresh == names - {"model"} | {"parts"}
    # Asked for, the model is made, once; a copy of a copy that was not asked is the same.
    assert copy.model is copy.model
    assert set(vars(copy)) == names
    again = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(solution))))
    np.testing.assert_array_equal(again.wavefunctions([0.1]), solution.wavefunctions([0.1]))
    assert str(copy) == text
    solution.model.status = qwpinn.Status.DIVERGED
    copy = pickle.loads(pickle.dumps(solution))
    assert (copy.model.status, copy.status) == (qwpinn.Status.DIVERGED, solution.status)
    # A shallow copy shares the model; solutions are told apart by who they are.
    shared = copying.copy(solution)
    assert shared.model is solution.model
    assert shared != solution
    assert len({solution, shared}) == 2
    # The potential itself, no table and no copy of its own.
    assert copy.model.potential is copy.potential
    error = pickle.loads(pickle.dumps(qwpinn.NotConverged(solution)))
    np.testing.assert_array_equal(error.solution.energies, solution.energies)
