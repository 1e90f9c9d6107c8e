"""One network for a family: residuals and their derivatives, answers, design, saving."""

import keras
import numpy as np
import pytest
import small
import tensorflow as tf
from numpy.testing import assert_allclose

import qwpinn
from qwpinn import references

SMALL = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=6.0)
UNSEEN = np.array([[16.1, 1.83], [20.0, 2.0], [24.7, 2.17]])


def made(family=SMALL, states=2, seed=0, units=48):
    return qwpinn.FamilyPINN.for_family(
        family, states, units=units, modes=10, branch=(8,), surface=(12,), seed=seed
    )


@pytest.fixture(scope="module")
def model(family_model):
    """A network that has learnt its Ritz states; no test trains it."""
    return family_model


@pytest.fixture(scope="module")
def exact():
    return np.array([references.exact(SMALL.potential(p), 2).energies for p in UNSEEN])


@pytest.fixture
def data():
    """Three members, in own units."""
    return next(iter(qwpinn.family_collocation(SMALL, 3, 24, 2)))


@pytest.fixture
def rough():
    """A network whose every weight matters, a little away from its Ritz states."""
    model = made(units=6)
    rng = np.random.default_rng(1)
    for weight in model.trainable_variables:
        weight.assign(weight + 0.1 * rng.standard_normal(weight.shape))
    model.surface.network.begin(np.log(np.array([[1.5, 6.0], [1.8, 7.0]])))
    return model


def in_weights(model, data):
    """The residuals as a function of all trainable numbers, and where they are now."""
    variables = model.trainable_variables
    sizes = np.cumsum([v.shape.num_elements() if hasattr(v.shape, "num_elements") else
                       int(np.prod(v.shape)) for v in variables])[:-1]  # fmt: skip

    def residuals(flat):
        for variable, part in zip(variables, np.split(flat, sizes), strict=True):
            variable.assign(part.reshape(variable.shape))
        return model.residuals(data).numpy().reshape(-1)

    return residuals, np.concatenate([v.numpy().reshape(-1) for v in variables])


def check_jacobian(model, data, tolerance):
    jacobian = model.jacobian(data).numpy()
    residuals, at = in_weights(model, data)
    rng = np.random.default_rng(0)
    for _ in range(4):
        direction, h = rng.standard_normal(at.size), 1e-6
        change = (residuals(at + h * direction) - residuals(at - h * direction)) / (2 * h)
        residuals(at)
        assert_allclose(jacobian @ direction, change, atol=tolerance * np.abs(change).max())


def test_the_jacobian_of_the_equation_is_that_of_finite_differences(rough, data):
    check_jacobian(rough, rough.members(data), 1e-6)


def test_residuals_are_those_of_the_single_well(model):
    """Member by member, the loss is that of `QuantumWellPINN` with the same psi and E."""
    data = next(iter(qwpinn.family_collocation(SMALL, points=96, states=2, p=UNSEEN)))
    rows = model.residuals(model.members(data)).numpy()[:, : 96 * 2].reshape(3, 96, 2)
    for row, p in enumerate(UNSEEN):
        x = data["x"].numpy()[row][:, None]
        h, energies = 1e-3, model.energies(p[None])[0]
        psi = {d: model.wavefunctions(np.clip(x[:, 0] + d * h, -3, 3), p[None]) for d in (-1, 0, 1)}
        curvature = (psi[1] - 2 * psi[0] + psi[-1]) / h**2
        v = data["potential"].numpy()[row][:, None]
        residual = -curvature + (v - energies) * psi[0]
        # In scaled units: h^2 rho0 = 9, and psi is larger by sqrt(h rho0), w smaller by h = 3.
        own = rows[row] / np.sqrt(data["quadrature"].numpy()[row][:, None]) / 9.0
        smooth = (np.abs(np.abs(x[:, 0]) - p[1] / 2) > 2 * h) & (np.abs(x[:, 0]) < 3 - 2 * h)
        assert_allclose(own[smooth], residual[smooth], atol=2e-3 * np.abs(residual).max())


@pytest.mark.slow
def test_what_is_summed_in_pieces_is_that_of_the_whole(rough, data, monkeypatch):
    rough.compile(qwpinn.LevenbergMarquardt())
    squares, weights = rough.squares(data), rough.weights_taken()
    residual = squares.residuals(weights)
    whole = squares.linearised(weights)
    jacobian = rough.jacobian(rough.members(data)).numpy()
    assert jacobian.shape == (3 * (24 * 2 + 3), weights.size)
    normal = jacobian.T @ jacobian
    assert_allclose(whole.normal, normal, rtol=1e-12, atol=1e-13 * normal.max())
    for piece in (1, 2):
        monkeypatch.setattr(rough, "piece", lambda data, piece=piece: piece)
        rough.compile(qwpinn.LevenbergMarquardt())
        parts = rough.squares(data)
        assert_allclose(parts.residuals(weights), residual, rtol=1e-12, atol=1e-12)
        found = parts.linearised(weights)
        assert_allclose(found.normal, normal, rtol=1e-12, atol=1e-13 * normal.max())
        for y in (residual, np.cos(residual)):
            pulled = y @ jacobian
            assert_allclose(found.pull_back(y), pulled, atol=1e-12 * np.abs(pulled).max())
            assert_allclose(whole.pull_back(y), pulled, atol=1e-12 * np.abs(pulled).max())
        assert_allclose(found.gradient, residual @ jacobian, atol=1e-12 * np.abs(pulled).max())
        assert parts.loss(residual) == pytest.approx(residual @ residual, rel=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("acceleration", [0.0, 0.75])
def test_steps_in_pieces_are_those_with_the_whole_jacobian(acceleration, monkeypatch, data):
    def trained(piece):
        model = made(units=6)
        monkeypatch.setattr(model, "piece", lambda data: piece)
        model.compile(qwpinn.LevenbergMarquardt(damping=1e-2, acceleration=acceleration))
        batches = tf.data.Dataset.from_tensors(data).repeat(2)
        return model.fit(batches, verbose=0).history["loss"]

    assert_allclose(trained(2), trained(3), rtol=1e-8)


def test_training_by_levenberg_marquardt_lowers_the_residual(rough):
    rough.compile(optimizer=qwpinn.LevenbergMarquardt(damping=1e-2))
    history = rough.fit(qwpinn.family_collocation(SMALL, 6, 24, 2), epochs=8, verbose=0).history
    assert history["loss"][-1] < 0.3 * history["loss"][0]
    assert history["residual"][-1] ** 2 + 100 * history["gram_error"][-1] ** 2 == pytest.approx(
        history["loss"][-1]
    )


def test_any_keras_optimizer_trains_on_minibatches(rough):
    data = qwpinn.family_collocation(SMALL, 8, 24, 2, batch_size=4)
    rough.compile(optimizer=keras.optimizers.Adam(3e-3))
    before = rough.evaluate(data, verbose=0, return_dict=True)["loss"]
    rough.fit(data, epochs=30, verbose=0)
    assert rough.optimizer.iterations.numpy() == 60
    assert rough.evaluate(data, verbose=0, return_dict=True)["loss"] < 0.5 * before


def test_fit_takes_members_on_nodes_only(rough):
    rough.compile(optimizer="adam")
    with pytest.raises(TypeError, match=r"`x` must be a tf\.data\.Dataset of members.*ndarray\."):
        rough.fit(np.zeros((3, 2)))
    with pytest.raises(TypeError, match=r"`x` must hold dicts with p, potential.*family_colloc"):
        rough.fit(qwpinn.collocation(SMALL.centre))


def test_refined_energies_of_unseen_members(model, exact):
    refined = model.energies(UNSEEN, refine=True)
    assert_allclose(refined, exact, rtol=1e-8)
    assert np.all(refined >= exact * (1 - 1e-12))


def test_the_energy_network_of_unseen_members(model, exact):
    assert_allclose(model.energies(UNSEEN), exact, rtol=3e-4)
    assert_allclose(model((tf.zeros((3, 1), tf.float64), UNSEEN))[1], model.energies(UNSEEN))


def test_many_rows_are_answered_as_few_are(model):
    p = SMALL.points(20_000, seed=4)
    many = model.energies(p)
    for start in (0, 16_383, 19_000):
        few = model.energies(p[start : start + 1000])
        assert_allclose(many[start : start + 1000], few, rtol=1e-13)


def test_refined_forces_are_the_slopes_of_exact_levels(model):
    forces = model.gradients(UNSEEN, refine=True)
    for row, p in enumerate(UNSEEN):
        for i in range(2):
            step = 1e-3 * np.eye(2)[i]
            high, low = (
                references.exact(SMALL.potential(p + sign * step), 2).energies for sign in (1, -1)
            )
            assert_allclose(forces[row, :, i], (high - low) / 2e-3, rtol=3e-6)


def test_refined_forces_at_the_corners_stay_in_the_box(model):
    corners = np.array([[15.0, 1.8], [25.0, 2.2], [15.0, 2.2]])
    inside = corners + (np.array([[20.0, 2.0]]) - corners) * 1e-6
    assert_allclose(
        model.gradients(corners, refine=True), model.gradients(inside, refine=True), rtol=1e-5
    )


def test_the_tapes_gradient_is_that_of_finite_differences(model):
    gradients = model.gradients(UNSEEN)
    assert gradients.shape == (3, 2, 2)
    for i in range(2):
        step = 1e-5 * np.eye(2)[i]
        difference = (model.energies(UNSEEN + step) - model.energies(UNSEEN - step)) / 2e-5
        assert_allclose(gradients[:, :, i], difference, rtol=1e-6, atol=1e-8)
    assert_allclose(gradients, model.gradients(UNSEEN, refine=True), rtol=0.03, atol=1e-3)


def test_wavefunctions_are_those_of_the_reference(model):
    x = np.linspace(-3.0, 3.0, 601)
    for refine, tolerance in ((False, 5e-3), (True, 1e-5)):
        psi = model.wavefunctions(x[None], UNSEEN, refine=refine)
        assert psi.shape == (3, 601, 2)
        for row, p in enumerate(UNSEEN):
            reference = references.exact(SMALL.potential(p), 2).wavefunctions(x)
            assert_allclose(psi[row], reference, atol=tolerance)
        assert_allclose(psi[:, [0, -1]], 0.0, atol=1e-12)


def test_shapes_of_wavefunctions(model):
    p = UNSEEN
    assert model.wavefunctions([0.0, 0.5], p[:1]).shape == (2, 2)
    assert model.wavefunctions([0.0, 0.5, 1.0], p).shape == (3, 2)
    whole = model.wavefunctions([[0.0, 0.5]], p)
    assert_allclose(whole[1], model.wavefunctions([0.0, 0.5], p[1:2]), atol=1e-13)
    with pytest.raises(ValueError, match=r"between the walls of its member.*Received: 3\.5"):
        model.wavefunctions([3.5], p[:1])


def test_enclosures_hold_the_exact_levels(model, exact):
    found = model.enclosures(UNSEEN)
    assert found.lower.shape == (3, 2)
    assert np.all((found.lower <= exact) & (exact <= found.upper))
    assert np.all(found.widths <= 1e-7 * exact)
    assert found.quantum_numbers.tolist() == [[0, 1]] * 3


def test_outside_the_box_and_nan_are_refused_by_every_question(model):
    for ask in (model.energies, model.gradients, model.enclosures):
        with pytest.raises(ValueError, match=r"`p` must lie in the box.*width=3 in row 0"):
            ask([[20.0, 3.0]])
        with pytest.raises(ValueError, match=r"`p` must hold finite numbers"):
            ask([[np.nan, 2.0]])
    with pytest.warns(UserWarning, match="Nothing is known of the error there"):
        outside = model.energies([[27.0, 2.0]], extrapolate=True)
    assert outside[0, 0] == pytest.approx(1.7083, rel=0.05)


def test_distilling_makes_the_energies_better(family_model, exact):
    model = qwpinn.FamilyPINN.from_config(family_model.get_config())
    model.set_weights(family_model.get_weights())
    bias = model.surface.network.output_layer.bias
    bias.assign_add([1e-2, -1e-2])
    before = np.abs(model.energies(UNSEEN) / exact - 1).max()
    model.distill(64, epochs=30)
    assert np.abs(model.energies(UNSEEN) / exact - 1).max() < 0.1 * before


def test_the_start_follows_the_seed():
    def energies(seed):
        model = made(states=1, units=24, seed=seed)
        model.start(16, epochs=2, seed=seed)
        return model.energies(UNSEEN)

    first, again, other = (energies(seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-9


def test_an_untrained_network_follows_the_seed_too():
    first, again = (made(states=2, units=8).get_weights() for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_train_family_in_one_call(exact):
    said, seen = [], []
    watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs))
    settings = dict(epochs=2, members=8, points=36, teachers=64)
    with small.families():
        model = qwpinn.train_family(SMALL, 2, **settings, callbacks=[watch], say=said.append)
    assert [line.split(":")[0][:12] for line in said] == [
        "Ritz states ",
        "Training on ",
        "Ritz states ",
    ]
    assert set(seen[0]) == {"loss", "residual", "gram_error", "damping", "accepted"}
    assert_allclose(model.energies(UNSEEN), exact, rtol=1e-4)
    with pytest.raises(TypeError, match=r"`family` must be a qwpinn\.Family\. Received: FiniteW"):
        qwpinn.train_family(qwpinn.FiniteWell())


def test_a_device_in_its_own_units():
    barrier = qwpinn.Layer(15.0, "Al0.3Ga0.7As")
    device = qwpinn.Heterostructure([barrier, qwpinn.Layer(8.0, "GaAs", name="well"), barrier])
    family = qwpinn.Family(device, field=(0.0, 40.0), **{"well.thickness": (7.0, 9.0)})
    model = made(family)
    p = np.array([[25.0, 8.3]])
    start = qwpinn.Precise(epochs=0)
    subbands = qwpinn.solve(family.potential(p[0]), states=2, recipe=start)
    assert_allclose(model.energies(p, refine=True)[0], subbands.energies, rtol=1e-7)
    z = np.linspace(*family.potential(p[0]).interval, 301)
    psi = model.wavefunctions(z, p, refine=True)
    assert_allclose(psi, subbands.wavefunctions(z), atol=1e-4)
    found = model.enclosures(p)
    assert np.all((found.lower <= subbands.upper) & (subbands.lower <= found.upper))
    step = 0.05
    for i, h in enumerate((0.5, step)):
        ends = [model.energies(p + s * h * np.eye(2)[i], refine=True)[0] for s in (1, -1)]
        slope = (ends[0] - ends[1]) / (2 * h)
        assert_allclose(model.gradients(p, refine=True)[0, :, i], slope, rtol=2e-3)


def test_a_family_without_breakpoints_and_of_one_parameter():
    family = qwpinn.Family(qwpinn.InfiniteWell, width=(0.8, 1.5))
    model = made(family, states=2, units=32)
    p = np.array([[0.9], [1.4]])
    assert_allclose(
        model.energies(p, refine=True), np.pi**2 * np.array([1.0, 4.0]) / p**2, rtol=1e-8
    )
    assert_allclose(
        model.gradients(p, refine=True)[:, :, 0], -2 * np.pi**2 * np.array([1, 4]) / p**3, rtol=1e-8
    )


def test_a_saved_family_answers_the_same(model, tmp_path):
    model.export(tmp_path / "family")
    again = qwpinn.load(tmp_path / "family")
    x = [[-1.0, 0.2]]
    assert_allclose(again.energies(UNSEEN), model.energies(UNSEEN), rtol=1e-14)
    assert_allclose(again.energies(UNSEEN, refine=True), model.energies(UNSEEN, refine=True))
    assert_allclose(again.wavefunctions(x, UNSEEN), model.wavefunctions(x, UNSEEN), rtol=1e-13)
    assert again.family.names == ("depth", "width")


def test_the_saved_model_needs_no_qwpinn(model, tmp_path):
    model.export(tmp_path / "family")
    saved = tf.saved_model.load(tmp_path / "family")
    p, x = tf.constant(UNSEEN), tf.constant([-1.0, 0.2, 2.0], tf.float64)
    assert_allclose(saved.energies(p), model.energies(UNSEEN), rtol=1e-14)
    assert_allclose(saved.gradients(p), model.gradients(UNSEEN), rtol=1e-13)
    assert_allclose(
        saved.wavefunctions(x, p), model.wavefunctions(x.numpy(), UNSEEN), rtol=1e-13, atol=1e-15
    )


def test_each_endpoint_of_the_saved_model_makes_a_keras_layer(model, tmp_path):
    model.export(tmp_path / "family")

    def layer(endpoint):
        return keras.layers.TFSMLayer(tmp_path / "family", endpoint, dtype="float64")

    x = np.array([-1.0, 0.2, 2.0])
    assert_allclose(layer("energies")(UNSEEN), model.energies(UNSEEN), rtol=1e-12)
    assert_allclose(layer("gradients")(UNSEEN), model.gradients(UNSEEN), rtol=1e-12)
    psi = layer("wavefunctions")(x, p=UNSEEN)
    assert_allclose(psi, model.wavefunctions(x, UNSEEN), atol=1e-12)


def test_a_family_of_a_function_is_not_stored_half(tmp_path):
    family = qwpinn.Family(lambda d: qwpinn.FiniteWell(d), d=(15.0, 25.0))
    with pytest.raises(TypeError, match=r"`template` must be a class of potentials"):
        made(family, 1).export(tmp_path / "family")
    assert list(tmp_path.iterdir()) == []


def test_the_figure_shows_levels_and_errors(model):
    figure = model.plot()
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:2] == ["$E_0$", "$E_1$"]
    assert [axes.get_xlabel() for axes in figure.axes[2:4]] == ["depth", "depth"]
    assert "relative error" in figure.axes[4].get_ylabel()
